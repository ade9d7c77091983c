"""What the centre can tell again without having kept it, by HMAC: checks, tickets, the names of limits."""

import base64
import datetime as dt
import hmac
from dataclasses import dataclass
from uuid import UUID

CHECK_LIFE = dt.timedelta(minutes=10)
TICKET_LIFE = dt.timedelta(days=1)
_DIGITS = 6
_MAC_CHARACTERS = 32
_LAST_END = 2**40


@dataclass(frozen=True, slots=True)
class Codes:
    """`key` is 32 bytes that the database does not hold."""

    key: bytes

    def digits(self, check_id: UUID) -> str:
        """The six digits of a check."""
        number = int.from_bytes(self._mac("check", check_id.bytes), "big")
        return f"{number % 10**_DIGITS:0{_DIGITS}d}"

    def bucket(self, kind: str, name: str) -> bytes:
        """What stands in the database for something that is limited, such as a reference or an address."""
        return self._mac(f"limit/{kind}", name.encode("utf-8", "surrogatepass"))

    def ticket(self, case_id: UUID, now: dt.datetime) -> str:
        """A word to hand over with more information: `END.MAC`, valid until END (Unix seconds)."""
        return self._ticket(case_id, int((now + TICKET_LIFE).timestamp()))

    def is_ticket(self, ticket: str, case_id: UUID, now: dt.datetime) -> bool:
        """Whether `ticket` was given for this case and still holds."""
        end = ticket.partition(".")[0]
        if not (end.isascii() and end.isdecimal() and len(end) < 16 and int(end) < _LAST_END):
            return False
        given, right = ticket.encode("utf-8", "replace"), self._ticket(case_id, int(end)).encode()
        return hmac.compare_digest(given, right) and now.timestamp() < int(end)

    def _ticket(self, case_id: UUID, end: int) -> str:
        mac = self._mac("ticket", case_id.bytes + end.to_bytes(8, "big"))
        return f"{end}.{base64.urlsafe_b64encode(mac).decode()[:_MAC_CHARACTERS]}"

    def _mac(self, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self.key, purpose.encode() + b"\0" + message, "sha256")
