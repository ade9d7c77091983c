"""Planted bugs: each is a mistake that somebody could make in the outbox, and that a proof must notice."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock
from uuid import UUID

from kiosk.post import outbox_schema
from kiosk.post.envelope import Sealed, Slot
from kiosk.post.keys import sync_directory
from kiosk.post.outbox import Outbox, OutboxProblem


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug, and what the proof must say of it."""

    plant: Callable[[], AbstractContextManager[None]]
    noticed_as: str


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


POWER: Mapping[str, Mutant] = MappingProxyType(
    {
        "synchronous=NORMAL": Mutant(lambda: pragmas(synchronous="NORMAL"), "lost"),
        "synchronous=OFF": Mutant(lambda: pragmas(synchronous="OFF"), "lost"),
        "rollback journal, not synced": Mutant(rollback_journal, "lost"),
        "acknowledged before COMMIT": Mutant(acknowledged_before_commit, "lost"),
        "the case, then the chain": Mutant(two_transactions, "the chain does not end"),
        "the log thrown away": Mutant(log_thrown_away, "lost"),
        "erased before the receipt": Mutant(erased_before_the_receipt, "half-applied"),
        "secure_delete=OFF": Mutant(lambda: pragmas(secure_delete="OFF"), "erased ciphertext"),
        "the log only cut short": Mutant(log_only_cut_short, "erased ciphertext"),
        "the directory not synced": Mutant(directory_not_synced, "lost"),
    }
)
"""For the power cuts of the outbox."""

FAULTS: Mapping[str, Mutant] = MappingProxyType({})
"""For the I/O errors."""
