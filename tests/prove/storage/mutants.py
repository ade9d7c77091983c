"""Planted bugs: each is a mistake that somebody could make in the outbox, and that a proof must notice."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import apsw

from kiosk.post import outbox_schema, salvage
from kiosk.post.doubt import Doubt
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.keys import sync_directory
from kiosk.post.office import Office
from kiosk.post.outbox import NoRoomError, Outbox, OutboxFault, OutboxProblem
from kiosk.post.outbox_files import damage_mark
from kiosk.post.room import PAGE


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug, what the proof must say of it, and in which scenario or flow."""

    plant: Callable[[], AbstractContextManager[None]]
    noticed_as: str
    where: str


@contextmanager
def pragmas(**changed: str) -> Iterator[None]:
    """Other settings of the database."""
    names = [pragma.partition(" = ") for pragma in outbox_schema.PRAGMAS]
    settings = tuple(f"{name} = {changed.get(name, value)}" for name, _, value in names)
    assert settings != outbox_schema.PRAGMAS
    with (
        mock.patch("kiosk.post.outbox.PRAGMAS", settings),
        mock.patch("kiosk.post.outbox_schema.PRAGMAS", settings),
    ):
        yield


@contextmanager
def rollback_journal() -> Iterator[None]:
    """No write-ahead log, and nothing is synced."""
    with pragmas(journal_mode="DELETE", synchronous="OFF"):
        yield


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """`keep` answers first and commits with whatever comes next."""

    def keep(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot:
        _commit(self)
        self._db.execute("BEGIN IMMEDIATE")
        return self._slot_of(case_id) or self._insert(case_id, build)

    with ExitStack() as stack:
        for name in ("receipted", "refused", "quarantine", "scrub", "close"):
            stack.enter_context(mock.patch.object(Outbox, name, _after_commit(getattr(Outbox, name))))
        stack.enter_context(mock.patch.object(Outbox, "keep", keep))
        yield


def _after_commit(method: Callable[..., Any]) -> Callable[..., Any]:
    def late(self: Outbox, *args: Any) -> Any:
        _commit(self)
        return method(self, *args)

    return late


def _commit(outbox: Outbox) -> None:
    if outbox._db.in_transaction:
        outbox._db.execute("COMMIT")


@contextmanager
def two_transactions() -> Iterator[None]:
    """The case is committed, and then its place in the chain."""
    insert = Outbox._insert

    def split(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot:
        before = self._db.execute("SELECT sequence, head FROM chain").fetchone()
        slot = insert(self, case_id, build)
        after = self._db.execute("SELECT sequence, head FROM chain").fetchone()
        self._db.execute("UPDATE chain SET sequence = ?, head = ?", before)
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("UPDATE chain SET sequence = ?, head = ?", after)
        return slot

    with mock.patch.object(Outbox, "_insert", split):
        yield


@contextmanager
def log_thrown_away() -> Iterator[None]:
    """Opening tidies up what a crash left, and with it the write-ahead log that nobody has copied back."""
    opened = Outbox.open

    def tidy(path: Path, *args: Any, **more: Any) -> Outbox | OutboxProblem:
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        return opened(path, *args, **more)

    with mock.patch.object(Outbox, "open", tidy):
        yield


@contextmanager
def erased_before_the_receipt() -> Iterator[None]:
    """The ciphertext goes in one transaction, and the number of the receipt comes in the next."""
    receipted = Outbox.receipted

    def split(self: Outbox, sequence: int, official_number: str) -> None:
        receipted(self, sequence, None)  # type: ignore[arg-type]  # that is the bug
        query = "UPDATE cases SET official_number = ? WHERE sequence = ?"
        self._db.execute(query, (official_number, sequence))

    with mock.patch.object(Outbox, "receipted", split):
        yield


@contextmanager
def log_only_cut_short() -> Iterator[None]:
    """Scrubbing cuts the log, but never makes that durable."""

    def cut_only(self: Outbox) -> bool:
        return self._empty_wal()

    with mock.patch.object(Outbox, "scrub", cut_only):
        yield


@contextmanager
def directory_not_synced() -> Iterator[None]:
    """The directory of the outbox is made, and its name is left to chance."""
    with mock.patch("kiosk.post.outbox.sync_directory", return_value=None):
        yield


@contextmanager
def renamed_without_sync() -> Iterator[None]:
    """A file of the keys is renamed into place before its bytes are on the disk."""

    def write(path: Path, data: bytes, mode: int) -> None:
        fresh = path.with_name(path.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
        fresh.replace(path)
        sync_directory(path.parent)

    with mock.patch("kiosk.post.keyset.write", write), mock.patch("kiosk.post.certificates.write", write):
        yield


@contextmanager
def error_swallowed() -> Iterator[None]:
    """`keep` takes any end for a good one."""
    keep = Outbox.keep

    def optimist(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot:
        answer = keep(self, case_id, build)
        return answer if isinstance(answer, Slot) else Slot(1, bytes(32))

    with mock.patch.object(Outbox, "keep", optimist):
        yield


@contextmanager
def connection_kept() -> Iterator[None]:
    """The office goes on with the connection that failed."""
    keep = Office.keep

    def stubborn(self: Office, *args: Any) -> Any:
        with mock.patch.object(Office, "close"):
            return keep(self, *args)

    with mock.patch.object(Office, "keep", stubborn):
        yield


@contextmanager
def exception_through() -> Iterator[None]:
    """Only a full disk was thought of."""

    @contextmanager
    def errors(_self: Outbox) -> Iterator[None]:
        try:
            yield
        except apsw.FullError as error:
            raise NoRoomError from error

    with mock.patch.object(Outbox, "_storage_errors", errors):
        yield


@contextmanager
def kept_under_another_name() -> Iterator[None]:
    """Who tries again gets a new idempotency key."""
    keep, tries = Outbox.keep, count()

    def again(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Any:
        return keep(self, UUID(int=case_id.int ^ next(tries)), build)

    with mock.patch.object(Outbox, "keep", again):
        yield


@contextmanager
def parts_later() -> Iterator[None]:
    """The parts of a case follow its envelope, each by itself."""
    keep = Outbox.keep

    def split(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Any:
        parts: list[Part] = []

        def without_parts(slot: Slot) -> Sealed:
            sealed = build(slot)
            parts.extend(sealed.parts)
            return Sealed(sealed.envelope)

        slot = keep(self, case_id, without_parts)
        if isinstance(slot, Slot):
            rows = [(slot.sequence, part.sha256, part.sealed) for part in parts]
            with suppress(apsw.Error):
                self._db.executemany("INSERT INTO parts VALUES (?, ?, ?)", rows)
        return slot

    with mock.patch.object(Outbox, "keep", split):
        yield


@contextmanager
def look_through() -> Iterator[None]:
    """That asking for the mark of damage can fail was not thought of."""

    def known_damaged(self: Outbox) -> bool:
        return damage_mark(self._path).exists()

    with mock.patch.object(Outbox, "known_damaged", property(known_damaged)):
        yield


@contextmanager
def called_damage() -> Iterator[None]:
    """An error of the disk is taken for damage of the file, and a technician is sent for."""
    prepare = Outbox._prepare

    def alarmed(self: Outbox, *args: Any, **more: Any) -> OutboxFault | None:
        return OutboxFault.DAMAGED if prepare(self, *args, **more) else None

    with mock.patch.object(Outbox, "_prepare", alarmed):
        yield


@contextmanager
def failed_sync_believed() -> Iterator[None]:
    """What the log shows is taken for what the disk has."""
    with mock.patch.object(Doubt, "settle"):
        yield


@contextmanager
def retry_doubles() -> Iterator[None]:
    """Nobody looks whether the case is there already: COMMIT was told as failed, so it is kept once more."""
    taken, insert = Outbox._slot_of, Outbox._insert

    def once_more(self: Outbox, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot:
        return insert(self, uuid4() if taken(self, case_id) else case_id, build)

    with (
        mock.patch.object(Outbox, "_slot_of", return_value=None),
        mock.patch.object(Outbox, "_insert", once_more),
    ):
        yield


@contextmanager
def whole_log_written() -> Iterator[None]:
    """The whole log is written again, with the cases in it that are durable."""

    def write(log: Path, _begins: int) -> None:
        data, descriptor = log.read_bytes(), os.open(log, os.O_RDWR)
        for place in range(0, len(data), PAGE):
            os.pwrite(descriptor, data[place : place + PAGE], place)
        os.fsync(descriptor)
        os.close(descriptor)

    with mock.patch("kiosk.post.doubt._write_again", write):
        yield


@contextmanager
def log_written_not_synced() -> Iterator[None]:
    """The log is written again, and nobody waits until the disk has it."""

    def write(log: Path, begins: int) -> None:
        descriptor = os.open(log, os.O_RDWR)
        os.pwrite(descriptor, log.read_bytes()[begins:], begins)
        os.close(descriptor)

    with mock.patch("kiosk.post.doubt._write_again", write):
        yield


@contextmanager
def courier_goes_on() -> Iterator[None]:
    """The courier takes a failed write for a trouble of that case, and goes on with the connection."""

    class NeverError(Exception):
        pass

    with mock.patch("kiosk.post.rounds.NotWrittenError", NeverError):
        yield


@contextmanager
def salvage_deletes() -> Iterator[None]:
    """The damaged file is deleted instead of being moved aside."""
    finish = salvage._finish

    def tidy(path: Path) -> Path | None:
        aside = finish(path)
        if aside is not None:
            aside.unlink()
        return aside

    with mock.patch("kiosk.post.salvage._finish", tidy):
        yield


@contextmanager
def written_in_place() -> Iterator[None]:
    """A file of the keys is written where it lies."""

    def write(path: Path, data: bytes, mode: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    with mock.patch("kiosk.post.keyset.write", write), mock.patch("kiosk.post.certificates.write", write):
        yield


@contextmanager
def renamed_without_directory() -> Iterator[None]:
    """A file of the keys is renamed, and the new name is left to chance."""
    with mock.patch("kiosk.post.keys.sync_directory"):
        yield


@contextmanager
def salvage_without_sync() -> Iterator[None]:
    """The new file takes the place of the damaged one before it is on the disk."""
    with mock.patch("kiosk.post.salvage._sync"), mock.patch("kiosk.post.salvage.sync_directory"):
        yield


POWER: Mapping[str, Mutant] = MappingProxyType(
    {
        "synchronous=NORMAL": Mutant(lambda: pragmas(synchronous="NORMAL"), "lost", "life"),
        "synchronous=OFF": Mutant(lambda: pragmas(synchronous="OFF"), "lost", "life"),
        "rollback journal, not synced": Mutant(rollback_journal, "lost", "life"),
        "acknowledged before COMMIT": Mutant(acknowledged_before_commit, "lost", "life"),
        "the case, then the chain": Mutant(two_transactions, "the chain does not end", "life"),
        "the log thrown away": Mutant(log_thrown_away, "lost", "life"),
        "erased before the receipt": Mutant(erased_before_the_receipt, "half-applied", "life"),
        "secure_delete=OFF": Mutant(lambda: pragmas(secure_delete="OFF"), "erased ciphertext", "life"),
        "the log only cut short": Mutant(log_only_cut_short, "erased ciphertext", "life"),
        "a key file renamed before it is synced": Mutant(renamed_without_sync, "unusable", "trust"),
        "a key file's directory not synced": Mutant(renamed_without_directory, "lost", "trust"),
        "salvage that syncs nothing": Mutant(salvage_without_sync, "lost", "salvage"),
        "the directory not synced": Mutant(directory_not_synced, "lost", "life"),
        "a failed sync believed": Mutant(failed_sync_believed, "lost", "doubt"),
        "a doubted log written, not synced": Mutant(log_written_not_synced, "lost", "doubt"),
        "a durable log written again": Mutant(whole_log_written, "lost", "doubt"),
    }
)
"""For the power cuts, by scenario."""

FAULTS: Mapping[str, Mutant] = MappingProxyType(
    {
        "an error swallowed": Mutant(error_swallowed, "answers", "submit"),
        "not synced": Mutant(lambda: pragmas(synchronous="OFF"), "lost", "submit"),
        "the failed connection kept": Mutant(connection_kept, "goes on with the connection", "submit"),
        "an exception comes through": Mutant(exception_through, "came through", "submit"),
        "another name at the second try": Mutant(kept_under_another_name, "lost", "submit"),
        "parts after the case": Mutant(parts_later, "half-applied", "submit"),
        "a look that cannot fail": Mutant(look_through, "came through", "submit"),
        "an I/O error called damage": Mutant(called_damage, "taken for", "open"),
        "a failed sync believed": Mutant(failed_sync_believed, "lost", "submit"),
        "the courier goes on": Mutant(courier_goes_on, "does not recover", "courier"),
        "salvage that deletes": Mutant(salvage_deletes, "lost", "salvage"),
        "keys written in place": Mutant(written_in_place, "unusable", "key set"),
        "a second try doubles": Mutant(retry_doubles, "doubled", "submit"),
        "a directory's error ignored": Mutant(directory_not_synced, "lost", "first"),
    }
)
"""For the I/O errors, by flow."""
