"""The screen's side of the post: seal a case and commit it. It holds no key that opens."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from config.event_names import Event
from config.log import log
from config.settings import Settings
from kiosk.post.doubt import Doubt
from kiosk.post.envelope import Sealed, Sealer, Slot
from kiosk.post.identity import load_first_sequence
from kiosk.post.keyset import NewestKeySet, Recipient, Recipients, SealingKey
from kiosk.post.outbox import NotKeptReason, Outbox, OutboxProblem, Status, StorageError

_Answer = TypeVar("_Answer")

_MB = 1_000_000


class Office:
    """Keeps cases, for one thread at a time. Opens the outbox when needed, and again after it failed."""

    def __init__(
        self,
        kiosk: int,
        key_set: NewestKeySet,
        path: Path,
        quota_bytes: int,
        now: Callable[[], float] = time.time,
        first_sequence: int = 1,
    ) -> None:
        """`now` is the wall clock in seconds; it may jump. A new outbox begins at `first_sequence`."""
        self._kiosk = kiosk
        self._key_set = key_set
        self._path = path
        self._quota = quota_bytes
        self._now = now
        self._first_sequence = first_sequence
        self._outbox: Outbox | None = None
        self._doubt = Doubt(path)

    @staticmethod
    def open(settings: Settings, now: Callable[[], float] = time.time) -> "Office":
        """The office of a kiosk. Raises `KeyProblem`; a broken outbox is told by `problem` and `keep`."""
        key_set = NewestKeySet(settings.paths.keys)
        quota_bytes = settings.post.quota_mb * _MB
        first = load_first_sequence(settings.paths.keys)
        return Office(settings.kiosk_number, key_set, settings.paths.outbox, quota_bytes, now, first)

    def problem(self) -> OutboxProblem | None:
        """What keeps the outbox from being used, if anything."""
        outbox = self._opened()
        return outbox if isinstance(outbox, OutboxProblem) else None

    def has_room(self, size: int) -> bool:
        """Whether a report with `size` bytes of document and attachments would fit now."""
        outbox = self._opened()
        return isinstance(outbox, Outbox) and outbox.has_room(size)

    def keep(
        self,
        case_id: UUID,
        document_for: Callable[[Slot], bytes],
        attachments: Sequence[bytes] = (),
        recipient: Recipient = Recipient.REPORTS,
    ) -> Slot | NotKeptReason:
        """Seal and commit one case; when this returns a `Slot`, the case cannot be lost.

        `document_for` completes the case document for its place in the chain, inside the transaction; what it
        raises passes through and nothing is kept. The n-th attachment is the n-th of the envelope. It is
        sealed so that `recipient` opens it and nobody else. The same `case_id` again returns the first slot.
        Raises `envelope.TooLargeError`.
        """
        outbox = self._opened()
        if isinstance(outbox, OutboxProblem):
            return NotKeptReason.STORAGE_FAILED
        office = self._key_set.get().office(recipient, self._now())
        if office is None or office.lapsed:
            log(Event.SEALING_KEY_LAPSED)
        if office is None:
            return NotKeptReason.NO_KEY
        sealer = Sealer(self._kiosk, office.keys)

        def build(slot: Slot) -> Sealed:
            return sealer.seal(case_id, slot, document_for(slot), attachments)

        result = outbox.keep(case_id, build)
        if result is NotKeptReason.STORAGE_FAILED:
            self.close()  # after a failed write, its view of the file cannot be trusted any more
        return result

    def recipients(self) -> Recipients:
        """Whom a report is sealed to now. Raises the alarm if there is no valid key."""
        recipients = self._key_set.get().recipients(self._now())
        if recipients.lapsed:
            log(Event.SEALING_KEY_LAPSED)
        return recipients

    def offices(self) -> frozenset[Recipient]:
        """Those to whom a case can be sealed now."""
        key_set, now = self._key_set.get(), self._now()
        return frozenset(each for each in Recipient if key_set.office(each, now) is not None)

    def question_key(self) -> SealingKey:
        """Whom a question about an earlier report is sealed to now."""
        return self._key_set.get().recipients(self._now()).primary

    def official_number(self, case_id: UUID) -> str | None:
        """The number the centre gave to this case, if it has answered."""
        return self._read(lambda outbox: outbox.official_number(case_id))

    def status(self) -> Status | None:
        """What is in the outbox; None if it cannot be read."""
        return self._read(Outbox.status)

    def close(self) -> None:
        """Close the outbox."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def _read(self, question: Callable[[Outbox], _Answer | None]) -> _Answer | None:
        outbox = self._opened()
        if isinstance(outbox, OutboxProblem):
            return None
        try:
            return question(outbox)
        except StorageError:
            self.close()
            return None

    def _opened(self) -> Outbox | OutboxProblem:
        if self._outbox is not None and self._outbox.known_damaged:
            self.close()
        if self._outbox is None:
            opened = Outbox.open(self._path, self._quota, self._now, self._first_sequence, self._doubt)
            if isinstance(opened, OutboxProblem):
                return opened
            self._outbox = opened
        return self._outbox
