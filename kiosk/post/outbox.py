"""The outbox: a durable queue of sealed cases in one SQLite file. Screen writes, courier sends.

A case is in it from the commit that precedes "received" until the centre's signed receipt is verified; then
its ciphertext is overwritten. Nothing is dropped by age or count. The file holds ciphertext, ids and numbers.
Around it: `life` is what can happen to a case, `outbox_schema` the inside of the file, `outbox_files` what
lies beside it, `lease` who may use it, `doubt` what follows a failed write, `salvage` the rescue of a damaged
file.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw

from kiosk.post.doubt import Doubt
from kiosk.post.envelope import Sealed, Slot, envelope_hash
from kiosk.post.keys import sync_directory
from kiosk.post.lease import Lease
from kiosk.post.life import WAITING, CaseState, Step, sources
from kiosk.post.outbox_files import LOG, SHARED, beside, damage_mark
from kiosk.post.outbox_schema import PRAGMAS, NewerError, migrate, transaction
from kiosk.post.room import disk_for, free_on_disk, room_for

REMEMBERED = 200
"""Receipted cases of which the official number is still known; without ciphertext."""

_NOT_READ = frozenset({apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ})

_STATE = (
    "CASE WHEN state = 'queued' AND sent_at IS NOT NULL THEN 'sent' "
    "WHEN state = 'receipted' AND erased_at IS NOT NULL THEN 'erased' ELSE state END"
)
"""The `CaseState` of a row. The column `state` keeps the words that the release before knows."""


class NotKeptReason(StrEnum):
    """Why a case was not committed."""

    NO_ROOM = "no_room"
    STORAGE_FAILED = "storage_failed"
    NO_KEY = "no_key"
    """Nobody may open it: its recipient has no valid key."""


class OutboxFault(StrEnum):
    """Why an outbox cannot be opened."""

    DAMAGED = "damaged"
    NEWER = "newer"
    UNAVAILABLE = "unavailable"


_REMEDIES = {
    OutboxFault.DAMAGED: (
        "delete nothing, it may hold undelivered reports; the technician runs `kiosk outbox salvage`"
    ),
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


class NoRoomError(StorageError):
    """The quota or the file system is full. Nothing was changed; it passes when there is room."""


class NotWrittenError(StorageError):
    """The disk failed a write or sync: nobody knows whether it is done. Close the outbox and open it anew."""


class DamagedError(StorageError):
    """The file does not say what was written into it. It must be salvaged before anybody opens it again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that the centre has not acknowledged."""

    sequence: int
    case_id: UUID
    refusals: int
    state: CaseState

    @property
    def quarantined(self) -> bool:
        """Whether it was set apart."""
        return self.state is CaseState.QUARANTINED


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A case that was set apart. Times in wall clock seconds; `problem` is the centre's type, if known."""

    sequence: int
    case_id: UUID
    kept_at: int
    first_refused_at: int | None
    refusals: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What is in the outbox. Ages in seconds by the wall clock, never below 0; sizes in bytes.

    `queued` counts those of `sent`, which left without an answer; `unerased` are receipted, but not scrubbed.
    """

    queued: int
    quarantined: int
    oldest_age_s: int
    last_sequence: int
    used: int
    quota: int
    sent: int = 0
    unerased: int = 0


class Outbox:
    """One connection to the outbox. One thread at a time; every process has its own."""

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        quota_bytes: int,
        now: Callable[[], float],
        lease: Lease | None,
        doubt: Doubt,
    ) -> None:
        """Use `Outbox.open` or `Outbox.over`."""
        self._db = connection
        self._path = path
        self._quota = quota_bytes
        self._now = now
        self._lease = lease
        self._doubt = doubt

    @staticmethod
    def open(
        path: Path,
        quota_bytes: int,
        now: Callable[[], float] = time.time,
        first_sequence: int = 1,
        doubt: Doubt | None = None,
    ) -> "Outbox | OutboxProblem":
        """Open or create the outbox at `path`, which may grow to `quota_bytes`. `now` is the wall clock.

        `first_sequence` is the place of the first case in a file that is created now (enrolment.md). Whoever
        opens it again after it failed gives the same `doubt` as before.
        """
        try:
            _make_directory(path.parent)
            lease = Lease.shared(path)
        except OSError:
            return OutboxProblem(path, OutboxFault.UNAVAILABLE)
        if lease is None:  # it is being salvaged
            return OutboxProblem(path, OutboxFault.DAMAGED)
        connection = _connected(path, lease)
        if isinstance(connection, OutboxFault):
            lease.close()
            return OutboxProblem(path, connection)
        outbox = Outbox.over(connection, path, quota_bytes, now, first_sequence, lease, doubt)
        if isinstance(outbox, Outbox):
            with suppress(OSError):
                lease.note_made()
        return outbox

    @staticmethod
    def over(
        connection: apsw.Connection,
        path: Path,
        quota_bytes: int,
        now: Callable[[], float] = time.time,
        first_sequence: int = 1,
        lease: Lease | None = None,
        doubt: Doubt | None = None,
    ) -> "Outbox | OutboxProblem":
        """The same over a connection, which it closes, to any kind of file; `path` names what lies beside it.

        Without a `lease` nobody is kept from salvaging the file meanwhile.
        """
        outbox = Outbox(connection, path, quota_bytes, now, lease, doubt or Doubt(path))
        fault = outbox._prepare(first_sequence)
        if fault is not None:
            outbox.close()
            return OutboxProblem(path, fault)
        return outbox

    def close(self) -> None:
        """Close the connection. Safe at any moment, as is not closing it."""
        with suppress(apsw.Error):
            self._db.close()
        if self._lease is not None:
            self._lease.close()

    @property
    def known_damaged(self) -> bool:
        """Whether any process met damage in it: then it must be closed, so that it can be salvaged."""
        try:
            return damage_mark(self._path).exists()
        except OSError:  # nobody can say now
            return False

    # --- the screen's side -------------------------------------------------------------------------

    def keep(self, case_id: UUID, build: Callable[[Slot], Sealed]) -> Slot | NotKeptReason:
        """Commit one case: hand its place in the chain to `build`, store what that returns, all or nothing.

        The same `case_id` again gives the first slot and does not call `build`. What `build` raises passes
        through and leaves no trace; the place in the chain then goes to the next case.
        """
        try:
            with self._storage_errors(), transaction(self._db):
                return self._slot_of(case_id) or self._insert(case_id, build)
        except NoRoomError:
            return NotKeptReason.NO_ROOM
        except StorageError:
            return NotKeptReason.STORAGE_FAILED

    def has_room(self, size: int) -> bool:
        """Whether a report with `size` bytes of ciphertext would fit now, in the quota and on the disk.

        Only the screen adds cases, one at a time: what was admitted still fits when it is committed.
        """
        try:
            free_pages = self._one("PRAGMA max_page_count") - self._one("PRAGMA page_count")
            free = (free_pages + self._one("PRAGMA freelist_count")) * self._one("PRAGMA page_size")
            return free >= room_for(size) and free_on_disk(self._path) >= disk_for(size)
        except (apsw.Error, OSError):
            return False

    # --- the courier's side; raises StorageError ---------------------------------------------------

    def next_waiting(self, after: int = 0) -> Waiting | None:
        """The waiting case with the lowest sequence above `after`."""
        return self._waiting("sequence > ? ORDER BY sequence LIMIT 1", after)

    def find_waiting(self, case_id: UUID) -> Waiting | None:
        """The case `case_id`, if it still waits."""
        return self._waiting("case_id = ?", case_id.bytes)

    def envelope(self, sequence: int) -> bytes:
        """The sealed envelope of a waiting case, checked against the hash it was committed with."""
        query = "SELECT envelope, hash FROM cases WHERE sequence = ? AND envelope IS NOT NULL"
        envelope, name = self._ask(query, sequence)
        if envelope_hash(envelope) != name:
            self._note_damage()
            raise DamagedError("an envelope does not have its hash")
        return bytes(envelope)

    def part_names(self, sequence: int) -> list[str]:
        """The SHA-256 names of the parts of a waiting case."""
        query = "SELECT sha256 FROM parts WHERE case_sequence = ? ORDER BY sha256"
        with self._storage_errors():
            return [str(name) for (name,) in self._db.execute(query, (sequence,))]

    def part(self, sequence: int, sha256: str) -> bytes:
        """One sealed part."""
        query = "SELECT sealed FROM parts WHERE case_sequence = ? AND sha256 = ?"
        return bytes(self._ask(query, sequence, sha256)[0])

    def sent(self, sequence: int) -> None:
        """An attempt to send it ended without an answer: the centre may have it, wholly or in part."""
        with self._storage_errors(), transaction(self._db):
            now = int(self._now())
            self._step(sequence, Step.SEND, "UPDATE cases SET sent_at = coalesce(sent_at, ?)", now)

    def receipted(self, sequence: int, official_number: str) -> None:
        """The receipt was verified: remember its number, overwrite the ciphertext. A second is ignored."""
        with self._storage_errors(), transaction(self._db):
            if self._state(sequence) not in WAITING:
                return
            self._db.execute("DELETE FROM parts WHERE case_sequence = ?", (sequence,))
            self._step(
                sequence,
                Step.RECEIPT,
                "UPDATE cases SET state = 'receipted', envelope = NULL, official_number = ?",
                official_number,
            )
            # By count and not by age: a clock that jumps must not make the outbox forget what it has kept.
            # Counted from this case down: above it thousands may wait, and each would be looked at.
            self._db.execute(
                "DELETE FROM cases WHERE state = 'receipted' AND sequence <= "
                "(SELECT sequence FROM cases WHERE state = 'receipted' AND sequence <= ? "
                "ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
                (sequence, REMEMBERED),
            )

    def scrub(self) -> bool:
        """Empty the WAL: erased ciphertext is then in no file. False while another connection reads."""
        try:
            unerased = self._unerased()
            if not self._empty_wal():
                return False
            if unerased:
                self._note_erased(unerased)
                self._empty_wal()
        except StorageError:
            return False
        return True

    def refused(self, sequence: int, problem: str | None = None) -> tuple[int, int]:
        """Count a refusal and keep its problem type. Returns how many and the seconds since the first."""
        now = int(self._now())
        with self._storage_errors(), transaction(self._db):
            refusals, first = self._step(
                sequence,
                Step.REFUSE,
                "UPDATE cases SET refusals = refusals + 1, refused_at = coalesce(refused_at, ?), problem = ?",
                now,
                problem,
            )
        return refusals, max(0, now - (now if first is None else first))

    def quarantine(self, sequence: int) -> None:
        """Set a case apart that the centre keeps refusing. It stays, sealed."""
        with self._storage_errors(), transaction(self._db):
            self._step(sequence, Step.SET_APART, "UPDATE cases SET state = 'quarantined'")

    # --- the technician's side; raises StorageError ------------------------------------------------

    def quarantined(self) -> list[Quarantined]:
        """The cases that were set apart, in the order of their sequence."""
        query = (
            "SELECT sequence, case_id, kept_at, refused_at, refusals, problem "
            "FROM cases WHERE state = 'quarantined' ORDER BY sequence"
        )
        with self._storage_errors():
            return [
                Quarantined(sequence, UUID(bytes=case_id), *rest)
                for sequence, case_id, *rest in self._db.execute(query)
            ]

    def release(self, case_id: UUID) -> bool:
        """Queue a case again as if it had never been refused. False if it is not in quarantine."""
        with self._storage_errors(), transaction(self._db):
            row = self._db.execute(
                "SELECT sequence FROM cases WHERE case_id = ? AND state = 'quarantined'", (case_id.bytes,)
            ).fetchone()
            if row is None:
                return False
            self._step(
                int(row[0]),
                Step.RELEASE,
                "UPDATE cases SET state = 'queued', sent_at = NULL, refusals = 0, refused_at = NULL, "
                "problem = NULL",
            )
        return True

    # --- both sides --------------------------------------------------------------------------------

    def official_number(self, case_id: UUID) -> str | None:
        """The number the centre gave to a recent case; None while it waits or when it is unknown."""
        query = "SELECT official_number FROM cases WHERE case_id = ?"
        with self._storage_errors():
            row = self._db.execute(query, (case_id.bytes,)).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def status(self) -> Status:
        """Counts, ages and sizes."""
        query = (
            "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'quarantined'), "
            "count(*) FILTER (WHERE state = 'queued' AND sent_at IS NOT NULL), "
            "min(kept_at), (SELECT sequence FROM chain) FROM cases WHERE state <> 'receipted'"
        )
        queued, quarantined, sent, oldest, sequence = self._ask(query)
        unerased = len(self._unerased())
        with self._storage_errors():
            pages = self._one("PRAGMA page_count") - self._one("PRAGMA freelist_count")
            used = pages * self._one("PRAGMA page_size")
        age = 0 if oldest is None else max(0, int(self._now()) - int(oldest))
        return Status(
            int(queued), int(quarantined), age, int(sequence), used, self._quota, int(sent), unerased
        )

    def state(self, case_id: UUID) -> CaseState | None:
        """Where a case is in its life; None if the outbox does not know it."""
        query = f"SELECT {_STATE} FROM cases WHERE case_id = ?"  # noqa: S608 - a constant
        with self._storage_errors():
            row = self._db.execute(query, (case_id.bytes,)).fetchone()
        return None if row is None else CaseState(row[0])

    # --- inside ------------------------------------------------------------------------------------

    def _prepare(self, first_sequence: int) -> OutboxFault | None:
        """The second half of opening: settings, doubt, schema, quota."""
        try:
            for pragma in PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}").fetchall()
            self._doubt.settle(self._db)
            # Before the quota holds: a full outbox must be able to become one of this release.
            migrate(self._db, first_sequence, int(self._now()))
            pages = self._quota // self._one("PRAGMA page_size")
            self._db.execute(f"PRAGMA max_page_count = {pages:d}").fetchall()
            self._row("SELECT sequence, head FROM chain")
            sync_directory(self._path.parent)  # SQLite tried, but ignores an error
        except NewerError:
            return OutboxFault.NEWER
        except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError, StorageError):
            return OutboxFault.DAMAGED
        except apsw.IOError as error:
            self._io_error(error)
            return OutboxFault.UNAVAILABLE
        except (apsw.Error, OSError):
            return OutboxFault.UNAVAILABLE
        return None

    def _state(self, sequence: int) -> CaseState:
        query = f"SELECT {_STATE} FROM cases WHERE sequence = ?"  # noqa: S608 - a constant
        return CaseState(self._row(query, sequence)[0])

    def _step(
        self, sequence: int, step: Step, update: str, *values: int | str | None
    ) -> tuple[int, int | None]:
        """Take one step of the life of a case, if it is where this can happen. Returns its refusals."""
        allowed = ", ".join(f"'{state}'" for state in sorted(sources(step)))
        row = self._db.execute(
            f"{update} WHERE sequence = ? AND {_STATE} IN ({allowed}) RETURNING refusals, refused_at",
            (*values, sequence),
        ).fetchone()
        if row is None:
            raise StorageError(f"no case to {step}")
        return int(row[0]), row[1]

    def _unerased(self) -> list[int]:
        query = "SELECT sequence FROM cases WHERE state = 'receipted' AND erased_at IS NULL"
        with self._storage_errors():
            return [int(sequence) for (sequence,) in self._db.execute(query)]

    def _empty_wal(self) -> bool:
        with self._storage_errors():
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        log = beside(self._path, LOG)
        try:
            return not log.exists() or log.stat().st_size == 0
        except OSError as error:
            raise StorageError(type(error).__name__) from error

    def _note_erased(self, sequences: Sequence[int]) -> None:
        now = int(self._now())
        with self._storage_errors(), transaction(self._db):
            for sequence in sequences:
                self._step(sequence, Step.ERASE, "UPDATE cases SET erased_at = ?", now)

    def _note_damage(self) -> None:
        # It outlives this process: the screen may meet damage that the courier would not, and the reverse.
        with suppress(OSError):
            damage_mark(self._path).touch(mode=SHARED)

    def _io_error(self, error: apsw.IOError) -> StorageError:
        # A row that cannot be read says nothing about those that were written.
        if getattr(error, "extendedresult", None) in _NOT_READ:  # the stubs do not know it
            return StorageError(type(error).__name__)
        self._doubt.note(self._db)
        return NotWrittenError(type(error).__name__)

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
        query = (
            f"SELECT sequence, case_id, {_STATE}, refusals FROM cases WHERE state <> 'receipted' AND {where}"  # noqa: S608 - constants
        )
        with self._storage_errors():
            row = self._db.execute(query, (value,)).fetchone()
        if row is None:
            return None
        sequence, name, state, refusals = row
        return Waiting(int(sequence), UUID(bytes=name), int(refusals), CaseState(state))

    def _ask(self, query: str, *values: int | str) -> tuple[Any, ...]:
        with self._storage_errors():
            return self._row(query, *values)

    def _row(self, query: str, *values: int | str) -> tuple[Any, ...]:
        row = self._db.execute(query, values).fetchone()
        if row is None:
            raise StorageError("no such row")
        return tuple(row)

    def _one(self, query: str) -> int:
        return int(self._row(query)[0])

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError) as error:
            self._note_damage()
            raise DamagedError(type(error).__name__) from error
        except apsw.FullError as error:
            raise NoRoomError(type(error).__name__) from error
        except apsw.IOError as error:
            raise self._io_error(error) from error
        except apsw.Error as error:
            raise StorageError(type(error).__name__) from error


def _make_directory(directory: Path) -> None:
    """Make it so that no power cut takes it away again, with what was kept in it. Raises OSError."""
    made = [each for each in directory.parents if not each.exists()]
    directory.mkdir(mode=0o770, parents=True, exist_ok=True)
    for each in (directory, *made):  # also one that is there: who made it may not have come this far
        sync_directory(each.parent)


def _connected(path: Path, lease: Lease) -> apsw.Connection | OutboxFault:
    """The first half of opening: a connection to the file, which is made if there was never one."""
    try:
        if damage_mark(path).exists() or (lease.made and _is_empty(path)):
            return OutboxFault.DAMAGED
        # SQLite gives its -wal and -shm the mode of this file.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, SHARED))
        return apsw.Connection(str(path))
    except (OSError, apsw.Error):
        return OutboxFault.UNAVAILABLE


def _is_empty(path: Path) -> bool:
    """Whether an outbox that was made has vanished or lost everything: no chain may begin in its place."""
    return not path.exists() or path.stat().st_size == 0
