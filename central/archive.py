"""The cases a centre holds, opened with its private keys: for officers and the command line."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from central.keys.keyring import Keyring
from central.recipients import Recipient
from central.sealed.envelope import Received, open_attachments, open_document, parse
from central.sealed.facts import parse as parse_document
from central.store import cases, parts
from central.store.cases import Case, CaseRow
from central.store.store import Store


class NoSuchCaseError(Exception):
    """There is no case of this id or reference."""


class Archive:
    """Finds and opens cases. Opening raises `sealed.base.UnreadableError`."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def cases(self, recipient: Recipient = Recipient.REPORTS) -> Iterator[CaseRow]:
        """All cases of a recipient, oldest first."""
        with self._store.reading() as db:
            yield from cases.listed(db, recipient)

    def find(self, name: str) -> Case | None:
        """A case by its id, or by its reference with or without spaces."""
        with self._store.reading() as db:
            try:
                return cases.find(db, UUID(name))
            except ValueError:
                return cases.by_reference(db, "".join(name.split()))

    def document(self, case_id: UUID) -> Any:
        """The opened case document. Raises `NoSuchCaseError`."""
        return parse_document(open_document(self._received(case_id), self._keyring))

    def attachments(self, case_id: UUID) -> Sequence[bytes]:
        """The opened attachments, in the order of the document. Raises `NoSuchCaseError`."""
        received = self._received(case_id)
        kiosk, case = received.envelope.kiosk, received.envelope.case
        with self._store.reading() as db:
            return list(
                open_attachments(received, lambda name: parts.find(db, kiosk, case, name), self._keyring)
            )

    def _received(self, case_id: UUID) -> Received:
        with self._store.reading() as db:
            case = cases.find(db, case_id)
        if case is None:
            raise NoSuchCaseError
        return parse(case.envelope)
