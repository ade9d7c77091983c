"""The central report API as the courier calls it: `central/openapi.json`, and nothing else is believed."""

import email.utils
import json
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from kiosk.post.envelope import envelope_hash
from kiosk.post.identity import check_identity, client_tls
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import KeySet, load_key_set
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply
from kiosk.post.pack_bundle import MAX_BUNDLE
from kiosk.post.receipts import verify
from kiosk.post.tallies import Count
from kiosk.post.uploads import UploadOrder, Way, address_in, way_in
from kiosk.post.wire import JSON, MAX_REPLY, PROBLEM, Response, Wire

_BYTES = "application/octet-stream"
PACKS_DEADLINE_S = 300.0
"""For a whole pack bundle, which nobody waits for."""

_FREE_BYTES = 64 * 1024
_SLOWEST_BYTES_S = 16 * 1024
"""Each byte beyond the first 64 KiB adds to the deadline. A line slower than 128 kbit/s carries no photos."""
MAX_BODY = 1536 * 1024
"""Larger than any envelope or part of the contract; bounds how long a call may last."""


def deadline_for(size: int, deadline_s: float) -> float:
    """Seconds that a call with a body of `size` bytes may take in all."""
    return deadline_s + max(0, min(size, MAX_BODY) - _FREE_BYTES) / _SLOWEST_BYTES_S


_MOST = 2**31 - 1
"""The largest count of the contract; a clock that jumped makes anything old."""


class Central:
    """A client of the central report API, for one thread. Keeps one connection while all goes well.

    After a call without reply everything is made anew, keys included, and so it is when a file of the keys
    was replaced: a renewed certificate or key set needs no restart.
    """

    def __init__(
        self,
        url: str,
        keys: Path,
        kiosk: int,
        deadline_s: float,
        release: str = "0",
        wall: Callable[[], float] = time.time,
        told: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """`deadline_s` is the total for one small call of kiosk number `kiosk`, which runs `release`.

        `wall` gives seconds since 1970 and may be wrong. `told` is what a heartbeat says besides.
        """
        self._url = url
        self._keys = keys
        self._kiosk = kiosk
        self._deadline_s = deadline_s
        self._release = release
        self._wall = wall
        self._told = told
        self._line: _Line | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.wire.close()
            self._line = None

    def put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        """Send an envelope. A receipt in the reply was verified for exactly these bytes."""
        answer = self._call("PUT", f"/v1/cases/{case_id}", envelope, JSON)
        if isinstance(answer, NoReply) or answer.status >= 400:
            return self._error(answer)
        token = _json(answer).get("receipt")
        sha256 = envelope_hash(envelope).hex()
        receipt = None if self._line is None else verify(token, self._line.key_set.receipt, case_id, sha256)
        if receipt is None:
            self.close()  # a portal's connection leads nowhere
        return Reply(answer.status, receipt)

    def put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> NoReply | Reply | None:
        """Send a sealed part. None means that the centre has it."""
        answer = self._call("PUT", f"/v1/cases/{case_id}/parts/{sha256}", sealed, _BYTES)
        return None if isinstance(answer, Response) and answer.status == 204 else self._error(answer)

    def parts_present(self, case_id: UUID) -> NoReply | Reply | frozenset[str]:
        """Ask which parts of a case the centre has."""
        answer = self._call("GET", f"/v1/cases/{case_id}/parts")
        if isinstance(answer, NoReply) or answer.status != 200:
            return self._error(answer)
        present = _json(answer).get("present")
        if not isinstance(present, list):
            return NoReply(Failure.NOT_THE_CENTRE)
        return frozenset(name for name in present if isinstance(name, str))

    def heartbeat(self, status: Status) -> NoReply | Reply | Alive:
        """The small probe: says how the kiosk is, hears that the centre is there."""
        line = self._opened()
        if isinstance(line, NoReply):
            return line
        body = {
            "queued": status.queued + status.quarantined,
            "quarantined": status.quarantined,
            "oldest_age_s": min(status.oldest_age_s, _MOST),
            "last_sequence": status.last_sequence,
            "release": self._release,
            "key_set_version": line.key_set.version,
            **self._told(),
        }
        answer = self._call("POST", "/v1/heartbeat", json.dumps(body).encode(), JSON)
        if isinstance(answer, NoReply) or answer.status != 200:
            return self._error(answer)
        return _alive(_json(answer))

    def key_set(self) -> NoReply | Reply | str:
        """Fetch the centre's key set, signed and not verified."""
        return self._text("GET", "/v1/keyset", {}, "key_set")

    def packs(self, known: str) -> NoReply | Reply | bytes | None:
        """Fetch the pack bundle that is offered, not verified. None: nothing but `known`, an ETag."""
        headers = {"If-None-Match": known} if known else {}
        answer = self._call("GET", "/v1/packs", headers=headers, deadline_s=PACKS_DEADLINE_S, most=MAX_BUNDLE)
        if isinstance(answer, NoReply) or answer.status not in {200, 204, 304}:
            return self._error(answer)
        if answer.status != 200:
            return None
        return answer.body if answer.media_type == _BYTES else NoReply(Failure.NOT_THE_CENTRE)

    def renew_certificate(self, csr: str) -> NoReply | Reply | str:
        """Ask for the next client certificate, PEM, and not verified. `csr` is PKCS #10, PEM."""
        return self._text("POST", "/v1/certificates", {"csr": csr}, "certificate")

    def enquire(self, enquiry_id: UUID, kid: str, sealed: str, deadline_s: float) -> NoReply | Reply | str:
        """Carry a sealed question; the answer is sealed as well, and Base64 as the question is."""
        question = {"id": str(enquiry_id), "kid": kid, "sealed": sealed}
        return self._text("POST", "/v1/enquiries", question, "sealed", deadline_s)

    def put_tallies(self, day: date, counts: Sequence[Count]) -> NoReply | Reply | None:
        """Replace the survey's numbers of a day. None means that the centre has them."""
        body = {"day": day.isoformat(), "counts": [asdict(each) for each in counts]}
        return self._nothing("POST", "/v1/tallies", json.dumps(body).encode())

    def open_upload(self, order: UploadOrder) -> NoReply | Reply | str:
        """Open a way for a visitor's phone; its address, which nobody keeps."""
        body = {
            "id": str(order.upload_id),
            "recipient": order.recipient,
            "limit": order.limit,
            "language": order.language,
        }
        answer = self._call("POST", "/v1/uploads", json.dumps(body).encode(), JSON)
        if isinstance(answer, NoReply) or answer.status not in (200, 201):
            return self._error(answer)
        try:
            return address_in(_json(answer))
        except (ValueError, KeyError, TypeError):
            return NoReply(Failure.NOT_THE_CENTRE)

    def poll_upload(self, order: UploadOrder, address: str, since: int, wait_s: int) -> NoReply | Reply | Way:
        """How a way stands, as soon as its version is another than `since`, or after `wait_s`."""
        path = f"/v1/uploads/{order.upload_id}?since={since}&wait={wait_s}"
        answer = self._call("GET", path, deadline_s=self._deadline_s + wait_s)
        if isinstance(answer, NoReply) or answer.status != 200:
            return self._error(answer)
        try:
            return way_in(order, address, _json(answer))
        except (ValueError, KeyError, TypeError):
            return NoReply(Failure.NOT_THE_CENTRE)

    def drop_file(self, upload_id: UUID, file_id: UUID) -> NoReply | Reply | None:
        """Forget a file that came from a phone. None is success."""
        return self._nothing("DELETE", f"/v1/uploads/{upload_id}/files/{file_id}")

    def close_upload(self, upload_id: UUID, *, keep: bool) -> NoReply | Reply | None:
        """Let nothing more arrive; without `keep` forget what did. None is success."""
        body = json.dumps({"keep": keep}).encode()
        answer = self._call("POST", f"/v1/uploads/{upload_id}/close", body, JSON)
        return None if isinstance(answer, Response) and answer.status == 200 else self._error(answer)

    def _nothing(self, method: str, path: str, body: bytes = b"") -> NoReply | Reply | None:
        """A call whose answer is empty."""
        answer = self._call(method, path, body, JSON if body else "")
        return None if isinstance(answer, Response) and answer.status == 204 else self._error(answer)

    def _text(
        self, method: str, path: str, body: dict[str, str], member: str, deadline_s: float | None = None
    ) -> NoReply | Reply | str:
        """A call whose answer is one text."""
        data = json.dumps(body).encode() if body else b""
        answer = self._call(method, path, data, JSON if body else "", deadline_s)
        if isinstance(answer, NoReply) or answer.status != 200:
            return self._error(answer)
        text = _json(answer).get(member)
        return text if isinstance(text, str) else NoReply(Failure.NOT_THE_CENTRE)

    def _call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        media_type: str = "",
        deadline_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MAX_REPLY,
    ) -> Response | NoReply:
        line = self._opened()
        if isinstance(line, NoReply):
            return line
        named = {**(headers or {}), **({"Content-Type": media_type} if media_type else {})}
        whole_s = deadline_for(len(body), self._deadline_s if deadline_s is None else deadline_s)
        answer = line.wire.call(method, path, body, named, whole_s, most)
        if isinstance(answer, NoReply):
            self.close()
        return answer

    def _error(self, answer: Response | NoReply) -> Reply | NoReply:
        """A reply that is an error, or that is not what the contract says."""
        if isinstance(answer, NoReply):
            return answer
        if answer.status < 400:
            return NoReply(Failure.NOT_THE_CENTRE)
        explained = answer.media_type == PROBLEM
        problem = _json(answer).get("type") if explained else None
        return Reply(
            answer.status,
            explained=explained,
            problem=problem if isinstance(problem, str) else "",
            retry_after_s=_seconds(answer, self._wall),
            described_by=_code(answer.described_by),
        )

    def _opened(self) -> "_Line | NoReply":
        try:
            stamp = self._keys.stat().st_mtime_ns  # its files are replaced by renaming
            if self._line is not None and self._line.stamp != stamp:
                self.close()
            if self._line is None:
                check_identity(self._keys, self._kiosk)
                wire = Wire(self._url, client_tls(self._keys))
                self._line = _Line(wire, load_key_set(self._keys), stamp)
        except (KeyProblem, OSError):
            self.close()
            return NoReply(Failure.NO_KEYS)
        return self._line


@dataclass(frozen=True, slots=True)
class _Line:
    wire: Wire
    key_set: KeySet
    stamp: int
    """When the key directory was last changed, in nanoseconds."""


def _json(answer: Response) -> dict[str, Any]:
    """The body as a JSON object; empty if it is none, or says that it is none."""
    if answer.media_type not in {JSON, PROBLEM}:
        return {}
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _alive(body: dict[str, Any]) -> Alive | NoReply:
    version = body.get("key_set_version")
    if body.get("alive") is not True or not isinstance(version, int):
        return NoReply(Failure.NOT_THE_CENTRE)
    packs = body.get("packs_number")
    return Alive(version, _moment(body.get("time")), packs if isinstance(packs, int) else 0)


def _moment(text: object) -> float | None:
    """A time of the contract in seconds since 1970; None if it is none."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _code(target: str) -> str:
    """The last word of a link's target, if it looks like the name of a page; a log takes nothing longer."""
    word = target.rstrip("/").rpartition("/")[2]
    return word if re.fullmatch(r"[a-z][a-z-]{0,39}", word) else ""


def _seconds(answer: Response, wall: Callable[[], float]) -> float | None:
    """`Retry-After` in seconds, whether it came as seconds or as a date; None if it makes no sense.

    A date is compared with the clock it came from: the kiosk's may be wrong by years.
    """
    value = answer.retry_after.strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 20 else math.inf
    until = _http_date(value)
    if until is None:
        return None
    now = _http_date(answer.date)
    return until - (wall() if now is None else now)


def _http_date(value: str) -> float | None:
    """A date of HTTP in seconds since 1970; None if it is none."""
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return None if moment.tzinfo is None else moment.timestamp()
