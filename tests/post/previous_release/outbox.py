"""The outbox of the release before migrations, frozen at commit 94e9112: proof that it can use today's file.

Test code: a kiosk that is rolled back runs exactly this on a file that the newer release has written. Below
this header nothing was changed and nothing may be.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw

from kiosk.post.envelope import GENESIS, Sealed, Slot, envelope_hash

SCHEMA_VERSION = 1
REMEMBERED = 200
"""Receipted cases of which the official number is still known; without ciphertext."""

_SCHEMA = """
CREATE TABLE chain (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    head     BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;
CREATE TABLE cases (
    sequence        INTEGER PRIMARY KEY,
    case_id         BLOB NOT NULL UNIQUE CHECK (length(case_id) = 16),
    previous        BLOB NOT NULL CHECK (length(previous) = 32),
    hash            BLOB NOT NULL CHECK (length(hash) = 32),
    kept_at         INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'quarantined', 'receipted')),
    refusals        INTEGER NOT NULL DEFAULT 0,
    refused_at      INTEGER,
    official_number TEXT,
    envelope        BLOB CHECK ((envelope IS NULL) = (state = 'receipted'))
) STRICT;
CREATE INDEX waiting ON cases (sequence) WHERE state <> 'receipted';
CREATE TABLE parts (
    case_sequence INTEGER NOT NULL REFERENCES cases (sequence),
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    sealed        BLOB NOT NULL,
    PRIMARY KEY (case_sequence, sha256)
) STRICT;
"""

# WAL with FULL survives a power cut; secure_delete with a truncated WAL leaves no erased bytes behind; the
# small checkpoint interval bounds the disk that a full outbox still needs in order to drain.
_PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "wal_autocheckpoint = 64",
    "journal_size_limit = 1048576",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "temp_store = MEMORY",
)
_PAGE_PAYLOAD = 4096 / 4092  # an overflow page gives four bytes to the link
_ROOM_MARGIN = 256 * 1024


class NotKeptReason(StrEnum):
    """Why a case was not committed."""

    NO_ROOM = "no_room"
    STORAGE_FAILED = "storage_failed"


class OutboxFault(StrEnum):
    """Why an outbox cannot be opened."""

    DAMAGED = "damaged"
    NEWER = "newer"
    UNAVAILABLE = "unavailable"


_REMEDIES = {
    OutboxFault.DAMAGED: "leave the file as it is and call the technician: it may hold undelivered reports",
    OutboxFault.NEWER: "this outbox was written by a newer release: install that release again",
    OutboxFault.UNAVAILABLE: "check that the directory exists, has space and is writable for this process",
}


@dataclass(frozen=True, slots=True)
class OutboxProblem:
    """The outbox cannot be used. The file is left as it is."""

    path: Path
    fault: OutboxFault

    @property
    def remedy(self) -> str:
        """What a technician can do."""
        return _REMEDIES[self.fault]


class StorageError(Exception):
    """The courier's side could not read or write; the case stays. Carries SQLite's word, never data."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that the centre has not acknowledged."""

    sequence: int
    case_id: UUID
    quarantined: bool
    refusals: int


@dataclass(frozen=True, slots=True)
class Status:
    """What is in the outbox. Ages in seconds by the wall clock, never below 0; sizes in bytes."""

    queued: int
    quarantined: int
    oldest_age_s: int
    last_sequence: int
    used: int
    quota: int


class Outbox:
    """One connection to the outbox. One thread at a time; every process has its own."""

    def __init__(
        self, connection: apsw.Connection, path: Path, quota_bytes: int, now: Callable[[], float]
    ) -> None:
        self._db = connection
        self._path = path
        self._quota = quota_bytes
        self._now = now

    @staticmethod
    def open(path: Path, quota_bytes: int, now: Callable[[], float] = time.time) -> "Outbox | OutboxProblem":
        """Open or create the outbox at `path`, which may grow to `quota_bytes`. `now` is the wall clock."""
        try:
            path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
            # Screen and courier are two users of one group; SQLite gives its -wal and -shm this mode.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o660))
            connection = apsw.Connection(str(path))
        except (OSError, apsw.Error):
            return OutboxProblem(path, OutboxFault.UNAVAILABLE)
        outbox = Outbox(connection, path, quota_bytes, now)
        fault = outbox._prepare()
        if fault is not None:
            outbox.close()
            return OutboxProblem(path, fault)
        return outbox

    def close(self) -> None:
        """Close the connection. Safe at any moment, as is not closing it."""
        with suppress(apsw.Error):
            self._db.close()

    # --- the screen's side -------------------------------------------------------------------------

    def keep(self, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot | NotKeptReason:
        """Commit one case: hand its place in the chain to `build`, store what that returns, all or nothing.

        The same `case_id` again gives the first slot and does not call `build`. What `build` raises passes
        through and leaves no trace; the place in the chain then goes to the next case.
        """
        try:
            with self._transaction():
                return self._slot_of(case_id) or self._insert(case_id, build)
        except apsw.FullError:
            return NotKeptReason.NO_ROOM
        except (apsw.Error, StorageError):
            return NotKeptReason.STORAGE_FAILED

    def has_room(self, size: int) -> bool:
        """Whether a report with `size` bytes of ciphertext would fit now, in the quota and on the disk."""
        need = int(size * _PAGE_PAYLOAD) + _ROOM_MARGIN
        try:
            free_pages = self._one("PRAGMA max_page_count") - self._one("PRAGMA page_count")
            free = (free_pages + self._one("PRAGMA freelist_count")) * self._one("PRAGMA page_size")
            disk = os.statvfs(self._path.parent)
        except (apsw.Error, OSError):
            return False
        # What is committed is written twice, to the WAL and then to its place, before the WAL is used again.
        return bool(free >= need) and disk.f_bavail * disk.f_frsize >= 2 * need

    # --- the courier's side; raises StorageError ---------------------------------------------------

    def next_waiting(self, after: int = 0) -> Waiting | None:
        """The waiting case with the lowest sequence above `after`."""
        return self._waiting("sequence > ? ORDER BY sequence LIMIT 1", after)

    def find_waiting(self, case_id: UUID) -> Waiting | None:
        """The case `case_id`, if it still waits."""
        return self._waiting("case_id = ?", case_id.bytes)

    def envelope(self, sequence: int) -> bytes:
        """The sealed envelope of a waiting case."""
        return bytes(self._ask("SELECT envelope FROM cases WHERE sequence = ?", sequence)[0])

    def part_names(self, sequence: int) -> list[str]:
        """The SHA-256 names of the parts of a waiting case."""
        query = "SELECT sha256 FROM parts WHERE case_sequence = ? ORDER BY sha256"
        with _storage_errors():
            return [str(name) for (name,) in self._db.execute(query, (sequence,))]

    def part(self, sequence: int, sha256: str) -> bytes:
        """One sealed part."""
        query = "SELECT sealed FROM parts WHERE case_sequence = ? AND sha256 = ?"
        return bytes(self._ask(query, sequence, sha256)[0])

    def receipted(self, sequence: int, official_number: str) -> None:
        """The receipt was verified: remember its number, overwrite the ciphertext."""
        with _storage_errors(), self._transaction():
            self._db.execute("DELETE FROM parts WHERE case_sequence = ?", (sequence,))
            self._db.execute(
                "UPDATE cases SET state = 'receipted', envelope = NULL, official_number = ? "
                "WHERE sequence = ?",
                (official_number, sequence),
            )
            # By count and not by age: a clock that jumps must not make the outbox forget what it has kept.
            self._db.execute(
                "DELETE FROM cases WHERE state = 'receipted' AND sequence <= "
                "(SELECT sequence FROM cases WHERE state = 'receipted' "
                "ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
                (REMEMBERED,),
            )

    def scrub(self) -> bool:
        """Empty the WAL: erased ciphertext is then in no file. False while another connection reads."""
        try:
            with _storage_errors():
                self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except StorageError:
            return False
        wal = self._path.with_name(self._path.name + "-wal")
        return not wal.exists() or wal.stat().st_size == 0

    def refused(self, sequence: int) -> tuple[int, int]:
        """Count a refusal. Returns how many there were and the seconds since the first one."""
        now = int(self._now())
        with _storage_errors(), self._transaction():
            refusals, first = self._row(
                "UPDATE cases SET refusals = refusals + 1, refused_at = coalesce(refused_at, ?) "
                "WHERE sequence = ? RETURNING refusals, refused_at",
                now,
                sequence,
            )
        return int(refusals), now - int(first)

    def quarantine(self, sequence: int) -> None:
        """Set a case apart that the centre keeps refusing. It stays, sealed."""
        with _storage_errors(), self._transaction():
            self._db.execute("UPDATE cases SET state = 'quarantined' WHERE sequence = ?", (sequence,))

    # --- both sides --------------------------------------------------------------------------------

    def official_number(self, case_id: UUID) -> str | None:
        """The number the centre gave to a recent case; None while it waits or when it is unknown."""
        query = "SELECT official_number FROM cases WHERE case_id = ?"
        with _storage_errors():
            row = self._db.execute(query, (case_id.bytes,)).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def status(self) -> Status:
        """Counts, ages and sizes."""
        query = (
            "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'quarantined'), "
            "min(kept_at), (SELECT sequence FROM chain) FROM cases WHERE state <> 'receipted'"
        )
        queued, quarantined, oldest, sequence = self._ask(query)
        with _storage_errors():
            pages = self._one("PRAGMA page_count") - self._one("PRAGMA freelist_count")
            used = pages * self._one("PRAGMA page_size")
        age = 0 if oldest is None else max(0, int(self._now()) - int(oldest))
        return Status(int(queued), int(quarantined), age, int(sequence), used, self._quota)

    # --- inside ------------------------------------------------------------------------------------

    def _prepare(self) -> OutboxFault | None:
        try:
            for pragma in _PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}").fetchall()
            pages = self._quota // self._one("PRAGMA page_size")
            self._db.execute(f"PRAGMA max_page_count = {pages:d}").fetchall()
            return self._migrate()
        except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError):
            return OutboxFault.DAMAGED
        except apsw.Error:
            return OutboxFault.UNAVAILABLE

    def _migrate(self) -> OutboxFault | None:
        with self._transaction():
            version = self._one("PRAGMA user_version")
            if version > SCHEMA_VERSION:
                return OutboxFault.NEWER
            if version == 0:
                self._db.execute(_SCHEMA)
                self._db.execute("INSERT INTO chain VALUES (1, 0, ?)", (GENESIS,))
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        chain = self._db.execute("SELECT sequence FROM chain").fetchone()
        return OutboxFault.DAMAGED if chain is None else None

    def _slot_of(self, case_id: UUID) -> Slot | None:
        query = "SELECT sequence, previous FROM cases WHERE case_id = ?"
        row = self._db.execute(query, (case_id.bytes,)).fetchone()
        return None if row is None else Slot(int(row[0]), bytes(row[1]))

    def _insert(self, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot:
        sequence, head = self._row("SELECT sequence, head FROM chain")
        slot = Slot(int(sequence) + 1, bytes(head))
        sealed = build(slot)
        name = envelope_hash(sealed.envelope)
        self._db.execute(
            "INSERT INTO cases (sequence, case_id, previous, hash, kept_at, state, envelope) "
            "VALUES (?, ?, ?, ?, ?, 'queued', ?)",
            (slot.sequence, case_id.bytes, slot.previous, name, int(self._now()), sealed.envelope),
        )
        self._db.executemany(
            "INSERT INTO parts (case_sequence, sha256, sealed) VALUES (?, ?, ?)",
            [(slot.sequence, part.sha256, part.sealed) for part in sealed.parts],
        )
        self._db.execute("UPDATE chain SET sequence = ?, head = ?", (slot.sequence, name))
        return slot

    def _waiting(self, where: str, value: int | bytes) -> Waiting | None:
        query = f"SELECT sequence, case_id, state, refusals FROM cases WHERE state <> 'receipted' AND {where}"  # noqa: S608 - `where` is one of two constants
        with _storage_errors():
            row = self._db.execute(query, (value,)).fetchone()
        if row is None:
            return None
        sequence, name, state, refusals = row
        return Waiting(int(sequence), UUID(bytes=name), state == "quarantined", int(refusals))

    def _ask(self, query: str, *values: int | str) -> tuple[Any, ...]:
        with _storage_errors():
            return self._row(query, *values)

    def _row(self, query: str, *values: int | str) -> tuple[Any, ...]:
        row = self._db.execute(query, values).fetchone()
        if row is None:
            raise StorageError("no such row")
        return tuple(row)

    def _one(self, query: str) -> int:
        return int(self._row(query)[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back after some errors.
            if self._db.in_transaction:
                with suppress(apsw.Error):
                    self._db.execute("ROLLBACK")
            raise


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise StorageError(type(error).__name__) from error
