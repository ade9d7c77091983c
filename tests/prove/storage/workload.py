"""What the power is cut in: the life of an outbox, with what it had promised at every moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from kiosk.post.doubt import Doubt
from kiosk.post.envelope import Slot, envelope_hash
from kiosk.post.outbox import NotKeptReason, Outbox, OutboxProblem, StorageError
from kiosk.post.outbox_schema import MIGRATIONS, PRAGMAS
from tests.prove.storage.book import QUARANTINED, QUEUED, Book, Draft, read
from tests.prove.storage.disk import Image
from tests.prove.storage.recorder import Recorder, picture, scratch
from tests.prove.storage.tap import Nobody, tapped

OUTBOX = Path("state/outbox/outbox.db")
QUOTA = 16_000_000
NOW = 1_000.0

SMALL = Draft("small")
PHOTOS = Draft("photos", parts=(30_000, 30_000, 9_000))
PHOTOS_TOO = Draft("photos too", parts=(60_000,))
REFUSED = Draft("refused", parts=(5_000,))
LATE = Draft("late", parts=(700,))
LAST = Draft("last", parts=(40_000, 100))
AGAIN = Draft("again", parts=(2_000,))
NEXT = Draft("next", parts=(2_000,))
DRAFTS = {each.name: each for each in (SMALL, PHOTOS, PHOTOS_TOO, REFUSED, LATE, LAST, AGAIN, NEXT)}
KNOWN = tuple(each.case_id for each in DRAFTS.values())


@dataclass(frozen=True, slots=True)
class Promise:
    """What must be true after a power cut: the outbox is one of `allowed`, no file has a trace of `erased`.

    `redo` is the case that was being kept: keeping it again must lead to the last of `allowed`.
    """

    allowed: tuple[Book, ...]
    erased: frozenset[bytes] = frozenset()
    redo: Draft | None = None


NEW = Promise((Book(),))
"""Of a kiosk that was never used."""


class BrokenError(Exception):
    """What the workload begins with is wrong already."""


class Ledger:
    """Does things to an outbox and tells the recorder what is promised before, meanwhile and after."""

    def __init__(self, outbox: Outbox, recorder: Recorder[Promise]) -> None:
        self._outbox = outbox
        self._recorder = recorder

    def keep(self, draft: Draft) -> None:
        """Keep a case; it must be told as kept."""
        before = self._recorder.promised.allowed[0]
        with self._step(before.kept(draft), before, redo=draft):
            answer = self._outbox.keep(draft.case_id, draft.seal)
            assert isinstance(answer, Slot), answer

    def fail(self, draft: Draft) -> None:
        """Try to keep a case; it must be told as not kept, and may be there all the same."""
        after = self._book.kept(draft)
        self._tell(replace(self._recorder.promised, allowed=(self._book, after), redo=draft))
        assert self._outbox.keep(draft.case_id, draft.seal) is NotKeptReason.STORAGE_FAILED

    def receipted(self, draft: Draft, official_number: str) -> None:
        """The receipt of a case was verified."""
        with self._step(self._book.receipted(draft, official_number)):
            self._outbox.receipted(self._sequence(draft), official_number)

    def refused(self, draft: Draft) -> None:
        """The centre refused a case."""
        with self._step(self._book.refused(draft)):
            self._outbox.refused(self._sequence(draft))

    def quarantine(self, draft: Draft) -> None:
        """A case is set apart."""
        with self._step(self._book.quarantined(draft)):
            self._outbox.quarantine(self._sequence(draft))

    def scrub(self, *erased: Draft) -> None:
        """From here on no trace of `erased` may be on the disk."""
        with self._step(self._book):
            assert self._outbox.scrub()
        canaries = self._recorder.promised.erased | {draft.canary for draft in erased}
        self._tell(replace(self._recorder.promised, erased=canaries))

    def close(self) -> None:
        """Close the connection, which empties and removes the write-ahead log."""
        self._outbox.close()

    @property
    def _book(self) -> Book:
        return self._recorder.promised.allowed[-1]

    def _sequence(self, draft: Draft) -> int:
        return self._book.entries[draft.case_id].sequence

    @contextmanager
    def _step(self, after: Book, before: Book | None = None, redo: Draft | None = None) -> Iterator[None]:
        allowed = (before or self._book, after)
        self._tell(replace(self._recorder.promised, allowed=allowed, redo=redo))
        yield
        self._tell(replace(self._recorder.promised, allowed=(after,), redo=None))

    def _tell(self, promise: Promise) -> None:
        self._recorder.promise(promise)


def opened(root: Path, doubted: Doubt | None = None) -> Outbox:
    """The outbox beneath `root`, which must open."""
    outbox = Outbox.open(root / OUTBOX, QUOTA, lambda: NOW, doubt=doubted)
    if isinstance(outbox, OutboxProblem):
        raise BrokenError
    return outbox


def life(root: Path, recorder: Recorder[Promise]) -> None:
    """A new outbox; cases small and large; refusals, quarantine, receipts, erasure; closed, opened again."""
    ledger = Ledger(opened(root), recorder)
    ledger.keep(SMALL)
    ledger.keep(PHOTOS)
    ledger.keep(REFUSED)
    ledger.refused(REFUSED)
    ledger.receipted(SMALL, "RN 26000001")
    ledger.scrub(SMALL)
    ledger.keep(PHOTOS_TOO)
    ledger.quarantine(REFUSED)
    ledger.receipted(PHOTOS, "RN 26000002")
    ledger.keep(LATE)
    ledger.scrub(PHOTOS)
    ledger.close()
    again = Ledger(opened(root), recorder)
    again.receipted(PHOTOS_TOO, "RN 26000003")
    again.keep(LAST)
    again.scrub(PHOTOS_TOO)
    again.close()


def doubt(root: Path, recorder: Recorder[Promise]) -> None:
    """A sync fails, and another when the log is written again; then the disk works. All in one process."""
    doubted = Doubt(root / OUTBOX)
    ledger = Ledger(opened(root, doubted), recorder)
    ledger.keep(SMALL)
    ledger.keep(PHOTOS)
    with recorder.failing_syncs():
        ledger.fail(LATE)
        ledger.close()
        if isinstance(early := Outbox.open(root / OUTBOX, QUOTA, lambda: NOW, doubt=doubted), Outbox):
            early.close()  # only with a planted bug
    again = Ledger(opened(root, doubted), recorder)
    again.keep(LATE)
    again.keep(LAST)
    again.receipted(PHOTOS, "RN 26000002")
    again.scrub(PHOTOS)
    again.close()


def migrate(root: Path, recorder: Recorder[Promise]) -> None:
    """The file of the release before becomes one of this release, and work goes on."""
    ledger = Ledger(opened(root), recorder)
    ledger.keep(LATE)
    ledger.receipted(PHOTOS, "RN 26000002")
    ledger.scrub(PHOTOS)
    ledger.close()


def recover(root: Path, recorder: Recorder[Promise]) -> None:
    """Start again after a power cut, and keep what was being kept. The next power cut falls in here."""
    outbox = opened(root)
    before = recorder.promised
    try:
        found = read(outbox, KNOWN)
    except StorageError as error:
        raise BrokenError from error
    if found not in before.allowed:
        raise BrokenError
    recorder.promise(replace(before, allowed=(found,), redo=None))
    ledger = Ledger(outbox, recorder)
    ledger.keep(before.redo or AGAIN)
    ledger.scrub()
    ledger.close()


def previous_release() -> tuple[Image, Promise]:
    """What the release before left when its power was cut: schema 1, and a log that was not copied back."""
    draft = {REFUSED: QUARANTINED, PHOTOS: QUEUED}
    book = Book()
    with scratch() as root, tapped(Nobody()):
        (root / OUTBOX).parent.mkdir(parents=True)
        connection = apsw.Connection(str(root / OUTBOX))
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute(MIGRATIONS[0].sql)
        connection.execute("PRAGMA user_version = 1")
        for each, state in draft.items():
            slot = Slot(book.sequence + 1, book.head)
            book = book.kept(each)
            _insert(connection, each, slot, state)
        connection.execute("INSERT INTO chain VALUES (1, ?, ?)", (book.sequence, book.head))
        image = picture(root)
        connection.close()
    return image, Promise((book.quarantined(REFUSED),))


def _insert(connection: apsw.Connection, draft: Draft, slot: Slot, state: str) -> None:
    sealed = draft.seal(slot)
    name = envelope_hash(sealed.envelope)
    connection.execute(
        "INSERT INTO cases (sequence, case_id, previous, hash, kept_at, state, envelope) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (slot.sequence, draft.case_id.bytes, slot.previous, name, int(NOW), state, sealed.envelope),
    )
    for part in sealed.parts:
        connection.execute("INSERT INTO parts VALUES (?, ?, ?)", (slot.sequence, part.sha256, part.sealed))
