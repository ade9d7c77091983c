"""What the centre does with what a kiosk sends. Knows no HTTP."""

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import OperationalError

from central import problems
from central.gateway import receipts
from central.gateway.intake import Intake, OnReceived
from central.keys.keyring import Keyring
from central.keys.keyset import KeySetError
from central.problems import ProblemError
from central.sealed.base import UnreadableError
from central.sealed.envelope import MAX_PARTS, Received, open_attachments, open_document, parse
from central.sealed.facts import Facts, facts
from central.sealed.facts import parse as parse_document
from central.store import cases, kiosks, parts
from central.store.cases import Case
from central.store.kiosks import Heartbeat
from central.store.numbers import OfficialNumbers
from central.store.store import Store

_OTHER_CASE = "the envelope names another case than the path"


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed receipt; `created` is false when the case was here already."""

    receipt: str
    created: bool


class Service:
    """The rules of the contract. Every refusal is a `ProblemError`."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        numbers: OfficialNumbers,
        clock: Callable[[], dt.datetime],
        on_received: Sequence[OnReceived] = (),
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._numbers = numbers
        self._clock = clock
        self._intake = Intake(store, on_received)

    def close(self) -> None:
        """Let go of the database."""
        with suppress(OperationalError):
            self._numbers.give_back()
        self._store.close()

    def receive_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """Take a case. The same body again gives the same receipt; another body is refused."""
        received = _parsed(kiosk, case_id, body)
        try:
            document = self._opened(received)
        except ProblemError:
            # A receipt once given is given again, whatever has become of the key since.
            if (known := self._known(case_id)) is not None:
                return _again(received, *known)
            raise
        case = self._case(received, facts(document, self._keyring))
        if self._intake.add(case, document):
            return Answer(case.receipt, created=True)
        known = self._known(case_id)
        assert known is not None  # noqa: S101 - nobody deletes a case
        return _again(received, *known)

    def receive_part(self, kiosk: int, case_id: UUID, sha256: str, sealed: bytes) -> None:
        """Take a sealed part of an attachment."""
        digest = hashlib.sha256(sealed).digest()
        if digest.hex() != sha256:
            raise ProblemError(problems.PART_DIFFERS)
        with self._store.writing() as db:
            here = parts.names(db, kiosk, case_id)
            if digest in here:
                return
            if len(here) >= MAX_PARTS:
                raise ProblemError(problems.TOO_MANY_PARTS)
            parts.add(db, kiosk, case_id, digest, sealed)

    def part_names(self, kiosk: int, case_id: UUID) -> list[str]:
        """Which parts of a case are here."""
        with self._store.reading() as db:
            return sorted(name.hex() for name in parts.names(db, kiosk, case_id))

    def beat(self, kiosk: int, heartbeat: Heartbeat) -> dt.datetime:
        """Note that a kiosk lives; gives the time."""
        now = self._clock()
        with self._store.writing() as db:
            kiosks.beat(db, kiosk, now, heartbeat)
        return now

    def key_set(self) -> str:
        """The newest key set, signed."""
        try:
            return self._keyring.key_set_token()
        except KeySetError:
            raise ProblemError(problems.NO_KEY_SET) from None

    def key_set_version(self) -> int:
        """Version of the newest key set; 0 before the first."""
        try:
            return self._keyring.key_set_version
        except KeySetError:
            return 0

    def _opened(self, received: Received) -> Any:
        """Prove that everything opens while the kiosk still has its copy; give the document."""
        try:
            document = parse_document(open_document(received, self._keyring))
            if received.parts:
                self._open_attachments(received)
        except UnreadableError as error:
            raise ProblemError(problems.DOES_NOT_OPEN, str(error)) from None
        except ValueError:
            raise ProblemError(problems.DOES_NOT_OPEN, "the document is not JSON") from None
        return document

    def _open_attachments(self, received: Received) -> None:
        kiosk, case = received.envelope.kiosk, received.envelope.case
        with self._store.reading() as db:
            here = parts.names(db, kiosk, case)
            missing = [name.hex() for name in received.parts if name not in here]
            if missing:
                raise ProblemError(problems.PARTS_MISSING, more={"missing": missing})
            for _ in open_attachments(
                received, lambda name: parts.find(db, kiosk, case, name), self._keyring
            ):
                pass

    def _known(self, case_id: UUID) -> tuple[bytes, str] | None:
        with self._store.reading() as db:
            return cases.receipt(db, case_id)

    def _case(self, received: Received, known: Facts) -> Case:
        envelope, now = received.envelope, self._clock()
        number = self._numbers.take(now.year)
        claims = {
            "case": str(envelope.case),
            "envelope": received.sha256.hex(),
            "kiosk": envelope.kiosk,
            "sequence": envelope.sequence,
            "official_number": number,
            "received_at": now.isoformat(timespec="seconds"),
        }
        return Case(
            case_id=envelope.case,
            kiosk=envelope.kiosk,
            sequence=envelope.sequence,
            previous=bytes.fromhex(envelope.previous),
            sha256=received.sha256,
            reference=known.reference,
            receipt_code=known.receipt_code,
            report_type=known.report_type,
            language=known.language,
            official_number=number,
            received_at=now,
            updated_at=now,
            recipient=self._keyring.recipient_of(received.kids),
            envelope=received.body,
            receipt=receipts.sign(self._keyring, claims),
        )


def _parsed(kiosk: int, case_id: UUID, body: bytes) -> Received:
    try:
        received = parse(body)
    except UnreadableError as error:
        raise ProblemError(problems.NOT_AN_ENVELOPE, str(error)) from None
    if received.envelope.case != case_id:
        raise ProblemError(problems.NOT_AN_ENVELOPE, _OTHER_CASE)
    if received.envelope.kiosk != kiosk:
        raise ProblemError(problems.WRONG_KIOSK)
    return received


def _again(received: Received, sha256: bytes, receipt: str) -> Answer:
    if sha256 != received.sha256:
        raise ProblemError(problems.CASE_DIFFERS)
    return Answer(receipt, created=False)
