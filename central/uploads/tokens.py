"""The random word in the address of an upload: 130 bits that the centre can make again from its secret."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, as in enrolment codes
_LENGTH = 26
_BITS = 5


@dataclass(frozen=True, slots=True)
class Tokens:
    """`key` is 32 bytes that the database does not hold."""

    key: bytes

    def of(self, kiosk: int, upload_id: UUID) -> str:
        """The token of an upload: the same one again, so that a lost answer does no harm."""
        mac = hmac.digest(self.key, b"upload\0" + kiosk.to_bytes(4, "big") + upload_id.bytes, "sha256")
        number = int.from_bytes(mac, "big") >> (8 * len(mac) - _BITS * _LENGTH)
        digits = (number >> _BITS * place & 31 for place in reversed(range(_LENGTH)))
        return "".join(_DIGITS[digit] for digit in digits)


def digest(token: str) -> bytes:
    """What stands in the database. Capitals and small letters are the same."""
    return hashlib.sha256(token.upper().encode("utf-8", "surrogatepass")).digest()
