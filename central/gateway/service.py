"""What the centre does with what a kiosk sends. Knows no HTTP."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from central import problems
from central.gateway import receipts
from central.keys.keyring import Keyring
from central.problems import ProblemError
from central.sealed.version1 import Envelope, Received, UnreadableError, open_document, open_part, parse
from central.store.store import Heartbeat, Store, StoredCase


@dataclass(frozen=True, slots=True)
class Answer:
    """A signed receipt; `created` is false when the case was here already."""

    receipt: str
    created: bool


class Service:
    """The rules of the contract. Every refusal is a `ProblemError`."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def receive_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """Take a case. The same body again gives the same receipt; another body is refused."""
        received = self._parse(kiosk, case_id, body)
        known = self._store.case(case_id)
        if known is not None:
            return self._again(known, received)
        reference = self._opened(received.envelope)
        stored = self._store.add_case(received, reference, self._receipt_for(received))
        # Another request may have been faster with the same case: what is stored decides.
        return self._again(stored, received, created=stored.envelope == body)

    def receive_part(self, kiosk: int, case_id: UUID, sha256: str, sealed: bytes) -> None:
        """Take a sealed attachment."""
        if hashlib.sha256(sealed).hexdigest() != sha256:
            raise ProblemError(problems.PART_DIFFERS)
        self._store.add_part(kiosk, case_id, sha256, sealed)

    def part_names(self, kiosk: int, case_id: UUID) -> list[str]:
        """Which parts of a case are here."""
        return sorted(self._store.part_names(kiosk, case_id))

    def beat(self, kiosk: int, heartbeat: Heartbeat) -> None:
        """Note that a kiosk lives."""
        self._store.beat(kiosk, heartbeat)

    def find(self, name: str) -> StoredCase | None:
        """A case by its id, or by its reference with or without spaces."""
        try:
            return self._store.case(UUID(name))
        except ValueError:
            return self._store.by_reference("".join(name.split()))

    def cases(self) -> list[StoredCase]:
        """All cases, oldest first."""
        return self._store.cases()

    def document(self, case: StoredCase) -> Any:
        """The opened case document."""
        return json.loads(open_document(parse(case.envelope).envelope, self._keyring))

    def attachments(self, case: StoredCase) -> list[bytes]:
        """The opened attachments, in the order of the document."""
        envelope = parse(case.envelope).envelope
        return [self._attachment(envelope, index) for index in range(len(envelope.parts))]

    def _parse(self, kiosk: int, case_id: UUID, body: bytes) -> Received:
        try:
            received = parse(body)
        except UnreadableError as error:
            raise ProblemError(problems.NOT_AN_ENVELOPE, str(error)) from None
        if received.envelope.case != case_id:
            raise ProblemError(problems.NOT_AN_ENVELOPE, "the envelope names another case than the path")
        if received.envelope.kiosk != kiosk:
            raise ProblemError(problems.WRONG_KIOSK)
        return received

    def _again(self, known: StoredCase, received: Received, *, created: bool = False) -> Answer:
        if known.sha256 != received.sha256:
            raise ProblemError(problems.CASE_DIFFERS)
        return Answer(known.receipt, created)

    def _opened(self, envelope: Envelope) -> str | None:
        """Prove that everything opens while the kiosk still has its copy; give the reference inside."""
        here = self._store.part_names(envelope.kiosk, envelope.case)
        missing = [part.sha256 for part in envelope.parts if part.sha256 not in here]
        if missing:
            raise ProblemError(problems.PARTS_MISSING, more={"missing": missing})
        try:
            document = json.loads(open_document(envelope, self._keyring))
            for index in range(len(envelope.parts)):
                self._attachment(envelope, index)
        except UnreadableError as error:
            raise ProblemError(problems.DOES_NOT_OPEN, str(error)) from None
        except (ValueError, RecursionError):
            raise ProblemError(problems.DOES_NOT_OPEN, "the document is not JSON") from None
        reference = document.get("reference") if isinstance(document, dict) else None
        return reference if isinstance(reference, str) else None

    def _attachment(self, envelope: Envelope, index: int) -> bytes:
        sealed = self._store.part(envelope.kiosk, envelope.case, envelope.parts[index].sha256)
        if sealed is None:
            raise UnreadableError("a part is missing")
        return open_part(envelope, index, sealed, self._keyring)

    def _receipt_for(self, received: Received) -> "_ReceiptFor":
        return _ReceiptFor(received, self._keyring)


@dataclass(frozen=True, slots=True)
class _ReceiptFor:
    received: Received
    keyring: Keyring

    def __call__(self, official_number: str, received_at: str) -> str:
        envelope = self.received.envelope
        claims = {
            "case": str(envelope.case),
            "envelope": self.received.sha256,
            "kiosk": envelope.kiosk,
            "sequence": envelope.sequence,
            "official_number": official_number,
            "received_at": received_at,
        }
        return receipts.sign(self.keyring, claims)
