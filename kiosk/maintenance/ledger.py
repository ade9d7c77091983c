"""What maintenance remembers: guesses, used passes, the time floor, self-tests, inspections, who entered.

One small SQLite file. Every change is on the disk before the call returns, because a guess that a power cut
forgets is a guess too many. Nothing here comes from a visitor.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FILE = "maintenance.db"
FREE_GUESSES = 5
GUESSES = 15
"""Wrong guesses of one credential, ever."""
FIRST_WAIT_S = 15.0
KIOSK_FREE_GUESSES = 20
"""In a row, of all codes together."""
KIOSK_LONGEST_WAIT_S = 900.0

_KEPT = 20
"""Judgements kept of each self-test and each item."""
_KEPT_ENTRIES = 1000
_BUSY_S = 5.0
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value REAL NOT NULL) STRICT;
CREATE TABLE guesses (
    credential TEXT PRIMARY KEY, wrong INTEGER NOT NULL, in_a_row INTEGER NOT NULL, until REAL NOT NULL
) STRICT;
CREATE TABLE used_passes (pass TEXT PRIMARY KEY, not_after REAL NOT NULL) STRICT;
CREATE TABLE judgements (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, at REAL NOT NULL,
    passed INTEGER NOT NULL, technician TEXT NOT NULL
) STRICT;
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, technician TEXT NOT NULL, means TEXT NOT NULL
) STRICT;
PRAGMA user_version = {_VERSION};
"""

_FLOOR, _MADE_AT, _LIST_VERSION = "floor", "made_at", "list_version"
_KIOSK_WRONG, _KIOSK_UNTIL = "kiosk_in_a_row", "kiosk_until"


class LedgerError(Exception):
    """The records cannot be read or written."""


class Kind(StrEnum):
    """What a technician judges."""

    TEST = "test"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a technician found, and when (seconds since 1970)."""

    passed: bool
    at: float
    technician: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The guess is on the disk and may be checked."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The guess was neither counted nor may it be checked; `wait_s` is None for good."""

    wait_s: float | None


class Ledger:
    """The open file. For any thread, one at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @staticmethod
    def open(folder: Path, now: float) -> "Ledger":
        """Open the records in `folder`, or make them at `now`. Raises `LedgerError`."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = not (folder / FILE).exists()
            connection = sqlite3.connect(
                folder / FILE, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA synchronous = EXTRA")
            _check(connection, now, new=new)
            if new:
                _sync(folder)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(str(error)) from error
        return Ledger(connection)

    @staticmethod
    def look(folder: Path) -> "Ledger | None":
        """The records as they are, only to be read; None if there are none. Raises `LedgerError`."""
        path = folder / FILE
        try:
            if not path.exists():
                return None
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None,
                check_same_thread=False,
            )  # fmt: skip
            connection.execute("SELECT count(*) FROM meta").fetchone()
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(str(error)) from error
        return Ledger(connection)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    # --- time ---

    def floor(self) -> float:
        """The latest time that is known to have passed."""
        return self._number(_FLOOR)

    def raise_floor(self, at: float) -> None:
        """It is at least `at` now."""
        with self._change() as db:
            _raise(db, _FLOOR, at)

    def made_at(self) -> float:
        """When these records began."""
        return self._number(_MADE_AT)

    def newest_list(self, version: int) -> int:
        """The highest version of the technicians' list that was ever seen, `version` among them."""
        with self._change() as db:
            _raise(db, _LIST_VERSION, float(version))
        return int(self._number(_LIST_VERSION))

    # --- guesses ---

    def count_guess(self, credential: str, now: float, *, braked: bool = True) -> Counted | Refused:
        """Count a guess as wrong before it is checked, unless none is allowed now.

        `braked`: it counts for the whole kiosk, and waits as the whole kiosk does.
        """
        with self._change() as db:
            wrong, in_a_row, until = _guesses(db, credential)
            if wrong >= GUESSES:
                return Refused(None)
            kiosk_until = _value(db, _KIOSK_UNTIL) if braked else 0.0
            if max(until, kiosk_until) > now:
                return Refused(max(until, kiosk_until) - now)
            in_a_row += 1
            db.execute(
                "INSERT OR REPLACE INTO guesses VALUES (?, ?, ?, ?)",
                (credential, wrong + 1, in_a_row, now + _pause(in_a_row, FREE_GUESSES)),
            )
            if braked:
                _brake(db, now)
            _raise(db, _FLOOR, now)
        return Counted()

    def refused(self, credential: str, now: float, *, braked: bool = True) -> Refused:
        """How long a credential that was just guessed wrong must wait."""
        with self._lock, _told():
            wrong, _, until = _guesses(self._connection, credential)
            kiosk_until = _value(self._connection, _KIOSK_UNTIL) if braked else 0.0
        return Refused(None if wrong >= GUESSES else max(0.0, max(until, kiosk_until) - now))

    def kiosk_wait_s(self, now: float) -> float:
        """How long nobody may guess at all."""
        return max(0.0, self._number(_KIOSK_UNTIL) - now)

    def let_in(
        self, credential: str, technician: str, means: str, at: float, spend: tuple[str, float] | None = None
    ) -> bool:
        """The guess was right: take it back, and spend the pass `spend` (id, end of its life).

        False if that pass was spent before.
        """
        with self._change() as db:
            if spend is not None:
                spent = db.execute("INSERT OR IGNORE INTO used_passes VALUES (?, ?)", spend)
                if spent.rowcount == 0:
                    return False
            db.execute(
                "UPDATE guesses SET wrong = wrong - 1, in_a_row = 0, until = 0 WHERE credential = ?",
                (credential,),
            )
            _set(db, _KIOSK_WRONG, 0)
            _set(db, _KIOSK_UNTIL, 0)
            _raise(db, _FLOOR, at)
            db.execute(
                "INSERT INTO entries (at, technician, means) VALUES (?, ?, ?)", (at, technician, means)
            )
            db.execute(
                "DELETE FROM entries WHERE number <= (SELECT max(number) FROM entries) - ?", (_KEPT_ENTRIES,)
            )
            # Passes that ended before the floor can never be good again, whatever the clock says.
            db.execute("DELETE FROM used_passes WHERE not_after < ?", (_value(db, _FLOOR),))
        return True

    def is_spent(self, pass_id: str) -> bool:
        """Whether a pass has let somebody in."""
        with self._lock, _told():
            found = self._connection.execute("SELECT 1 FROM used_passes WHERE pass = ?", (pass_id,))
            return found.fetchone() is not None

    # --- judgements ---

    def judge(self, kind: Kind, name: str, judgement: Judgement) -> None:
        """Record what a technician found."""
        with self._change() as db:
            db.execute(
                "INSERT INTO judgements (kind, name, at, passed, technician) VALUES (?, ?, ?, ?, ?)",
                (kind.value, name, judgement.at, int(judgement.passed), judgement.technician),
            )
            db.execute(
                "DELETE FROM judgements WHERE kind = ? AND name = ? AND number NOT IN (SELECT number"
                " FROM judgements WHERE kind = ? AND name = ? ORDER BY number DESC LIMIT ?)",
                (kind.value, name, kind.value, name, _KEPT),
            )
            _raise(db, _FLOOR, judgement.at)

    def judgements(self, kind: Kind, name: str) -> Sequence[Judgement]:
        """What was found, newest first."""
        with self._lock, _told():
            rows = self._connection.execute(
                "SELECT passed, at, technician FROM judgements WHERE kind = ? AND name = ?"
                " ORDER BY number DESC",
                (kind.value, name),
            )
            return [Judgement(bool(passed), at, technician) for passed, at, technician in rows]

    def last(self, kind: Kind, name: str) -> Judgement | None:
        """What was found last; None for never."""
        return next(iter(self.judgements(kind, name)), None)

    # --- inside ---

    def _number(self, name: str) -> float:
        with self._lock, _told():
            return _value(self._connection, name)

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction; on the disk when the block ends. Raises `LedgerError`."""
        with self._lock, _told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(str(error)) from error


def _check(connection: sqlite3.Connection, now: float, *, new: bool) -> None:
    if new:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        connection.execute("INSERT INTO meta VALUES (?, ?), (?, 0)", (_MADE_AT, now, _FLOOR))
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        raise sqlite3.DatabaseError(f"records of version {version}")
    if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("damaged")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pause(in_a_row: int, free: int) -> float:
    return FIRST_WAIT_S * 2.0 ** min(in_a_row - free, 32) if in_a_row >= free else 0.0


def _brake(db: sqlite3.Connection, now: float) -> None:
    of_all = int(_value(db, _KIOSK_WRONG)) + 1
    pause = min(_pause(of_all, KIOSK_FREE_GUESSES), KIOSK_LONGEST_WAIT_S)
    _set(db, _KIOSK_WRONG, of_all)
    _set(db, _KIOSK_UNTIL, now + pause)


def _guesses(db: sqlite3.Connection, credential: str) -> tuple[int, int, float]:
    row = db.execute("SELECT wrong, in_a_row, until FROM guesses WHERE credential = ?", (credential,))
    found: tuple[int, int, float] | None = row.fetchone()
    return found or (0, 0, 0.0)


def _value(db: sqlite3.Connection, name: str) -> float:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return 0.0 if row is None else float(row[0])


def _set(db: sqlite3.Connection, name: str, value: float) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, float(value)))


def _raise(db: sqlite3.Connection, name: str, value: float) -> None:
    if value > _value(db, name):
        _set(db, name, value)
