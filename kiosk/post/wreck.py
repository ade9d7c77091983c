"""What can still be read from a damaged outbox, row by row, without changing a byte of it.

A damaged page makes every scan across it fail, but not a query for a row on another page: each row, and each
part, gets a query of its own. The file is read four ways, because each kind of damage spoils some of them:
with its WAL and without, and both again with page 1 of an undamaged outbox laid over a page 1 that is gone.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard
from urllib.parse import quote
from uuid import UUID

import apsw

from kiosk.post.envelope import HASH_BYTES
from kiosk.post.outbox_schema import empty_page_one
from kiosk.post.room import PAGE

_MOST_FAILURES = 20_000
"""Keys tried one by one across a damaged stretch: more than the pages below one interior page can hold."""

_MOST_REFUSALS = 100
"""I/O errors after which a disk is not asked for more keys: it may take seconds for each."""

_LONGEST_ROW = 4 << 20
"""Bytes. A damaged length must not make SQLite allocate what no row of ours can have."""

_WITHOUT_WAL = "immutable=1"
_WITH_WAL = "mode=ro"
_REFUSALS = (apsw.IOError, apsw.CantOpenError)
_FAILURES = (apsw.Error, UnicodeError, MemoryError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `cases` as it was read. Of a case that the centre has acknowledged there is no envelope."""

    sequence: int
    previous: bytes
    hash: bytes
    kept_at: int
    quarantined: bool
    refusals: int
    refused_at: int | None
    envelope: bytes | None


@dataclass(frozen=True, slots=True)
class Named:
    """What an envelope says in clear."""

    kiosk: int
    case_id: UUID
    sequence: int
    previous: bytes
    parts: tuple[str, ...]


def named(envelope: bytes) -> Named | None:
    """What `envelope` says of itself; None if it is no envelope."""
    try:
        body = json.loads(envelope)
        return Named(
            int(body["kiosk"]),
            UUID(body["case"]),
            int(body["sequence"]),
            bytes.fromhex(body["previous"]),
            tuple(str(part["sha256"]) for part in body["parts"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class Reading:
    """One way to read the file. Nothing raises: what cannot be read is None, and counted in `failures`."""

    def __init__(self, db: apsw.Connection, *, whole: bool) -> None:
        self._db = db
        self.whole = whole
        """Whether this is the file as the outbox itself reads it."""
        self._parts_by_name: dict[tuple[int, str], int] | None = None
        self._hopeless = False
        self._refusals = 0
        self.failures = 0

    def is_sound(self) -> bool:
        """Whether SQLite itself finds nothing wrong with the file."""
        return self._one("PRAGMA integrity_check(1)") == ("ok",)

    def chain(self) -> tuple[int, bytes] | None:
        """Sequence and hash of the last envelope, as the file says."""
        sequence, head = self._one("SELECT sequence, head FROM chain") or (None, None)
        return (sequence, head) if isinstance(sequence, int) and _is_hash(head) else None

    def sequences(self) -> set[int]:
        """Every sequence found by walking the table from both ends, and the index of what waits."""
        chain = self.chain()
        highest = 0 if chain is None else chain[0]
        rows = self._keys("cases", "sequence", "1", highest)
        return rows | self._keys("cases INDEXED BY waiting", "sequence", "state <> 'receipted'", highest)

    def row(self, sequence: int) -> Row | None:
        """One row of `cases`."""
        row = self._one(
            "SELECT previous, hash, kept_at, state = 'quarantined', refusals, refused_at, envelope "
            "FROM cases WHERE sequence = ?",
            sequence,
        )
        return None if row is None else _checked(sequence, row)

    def part(self, sequence: int, sha256: str) -> bytes | None:
        """One part, if its bytes still have the hash it is named by."""
        query = "SELECT sealed FROM parts WHERE case_sequence = ? AND sha256 = ?"
        part = _proven(self._one(query, sequence, sha256), sha256)
        if part is not None:
            return part
        # The index that finds it may be what is damaged.
        if self._parts_by_name is None:
            self._parts_by_name = dict(self._part_names())
        rowid = self._parts_by_name.get((sequence, sha256))
        if rowid is None:
            return None
        return _proven(self._one("SELECT sealed FROM parts WHERE rowid = ?", rowid), sha256)

    def _part_names(self) -> Iterator[tuple[tuple[int, str], int]]:
        for rowid in self._keys("parts NOT INDEXED", "rowid", "1", 0):
            row = self._one("SELECT case_sequence, sha256 FROM parts WHERE rowid = ?", rowid)
            if row is not None and isinstance(row[0], int) and isinstance(row[1], str):
                yield (row[0], row[1]), rowid

    def _keys(self, source: str, key: str, condition: str, highest: int) -> set[int]:
        """All keys that can be reached from below and, where this meets damage, also from above."""
        query = f"SELECT {key} FROM {source} WHERE {condition}"  # noqa: S608 - constants of this class
        before = self.failures
        found = set(self._walk(f"{query} AND {key} > ? ORDER BY {key} LIMIT 1", 0, 1))
        if self.failures > before:
            last = self._one(f"{query} ORDER BY {key} DESC LIMIT 1")
            known = last[0] if last is not None and isinstance(last[0], int) else 0
            top = max(found | {known, highest}) + 1
            found.update(self._walk(f"{query} AND {key} < ? ORDER BY {key} DESC LIMIT 1", top, -1))
        return found

    def _walk(self, query: str, start: int, step: int) -> Iterator[int]:
        """Follow `query` from one key to the next; where it fails, try from the key after, one by one."""
        at, failures = start, 0
        while failures < _MOST_FAILURES and not self._hopeless:
            before = self.failures
            row = self._one(query, at)
            if row is None and self.failures == before:
                return
            if row is not None and isinstance(row[0], int) and (row[0] - at) * step > 0:
                at = row[0]
                failures = 0
                yield at
            else:
                at += step
                failures += 1

    def _one(self, query: str, *values: int | str) -> tuple[object, ...] | None:
        try:
            row = self._fetched(query, values)
        except _FAILURES as error:
            self.failures += 1
            self._hopeless |= isinstance(error, apsw.NotADBError | apsw.SQLError)  # no header, no tables
            return None
        return None if row is None else tuple(row)

    def _fetched(self, query: str, values: tuple[int | str, ...]) -> Sequence[object] | None:
        try:
            return self._db.execute(query, values).fetchone()
        except _REFUSALS:  # once is no damage: the disk may give at the second try what it refused
            self._refusals += 1
            self._hopeless |= self._refusals > _MOST_REFUSALS
            return self._db.execute(query, values).fetchone()


@contextmanager
def readings(path: Path) -> Iterator[list[Reading]]:
    """The ways in which the outbox at `path` can be opened. None of them changes it or its WAL."""
    overlay = _PageOne(f"page one of {path}", empty_page_one(_pages(path)))
    opened: list[tuple[apsw.Connection, bool]] = []
    try:
        for vfs in (None, overlay.name):
            for how in (_WITHOUT_WAL, _WITH_WAL):
                with suppress(*_FAILURES):
                    opened.append((_opened(path, how, vfs), how == _WITH_WAL and vfs is None))
        yield [Reading(db, whole=whole) for db, whole in opened]
    finally:
        for db, _ in opened:
            with suppress(apsw.Error):
                db.close()
        overlay.unregister()


def _opened(path: Path, how: str, vfs: str | None) -> apsw.Connection:
    try:
        return _connect(path, how, vfs)
    except _REFUSALS:
        return _connect(path, how, vfs)


def _connect(path: Path, how: str, vfs: str | None) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    db = apsw.Connection(f"file:{quote(str(path.absolute()))}?{how}", flags=flags, vfs=vfs)
    db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    # Lets SQLite open a file that is shorter than its header says, and go on where a definition is garbled.
    db.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
    db.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    db.limit(apsw.SQLITE_LIMIT_LENGTH, _LONGEST_ROW)
    return db


class _PageOne(apsw.VFS):
    """The system's own file system, with another page 1 in each database."""

    def __init__(self, name: str, page_one: bytes) -> None:
        self.name = name
        self._page_one = page_one
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - APSW's
        if flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return _OverlaidFile(name, flags, self._page_one)
        return super().xOpen(name, flags)


class _OverlaidFile(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], page_one: bytes) -> None:
        self._page_one = page_one
        super().__init__("", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - APSW's
        if offset < PAGE:
            return self._page_one[offset : offset + amount]
        return super().xRead(amount, offset)


def _pages(path: Path) -> int:
    return path.stat().st_size // PAGE if path.exists() else 0


def _checked(sequence: int, row: Sequence[object]) -> Row | None:
    """The row, if what proves it has the types of the schema; SQLite does not look when it reads."""
    previous, name, kept_at, quarantined, refusals, refused_at, envelope = row
    if not (_is_hash(previous) and _is_hash(name) and isinstance(envelope, bytes | None)):
        return None
    return Row(
        sequence,
        previous,
        name,
        kept_at if isinstance(kept_at, int) else 0,
        quarantined == 1,
        refusals if isinstance(refusals, int) else 0,
        refused_at if isinstance(refused_at, int) else None,
        envelope,
    )


def _is_hash(value: object) -> TypeGuard[bytes]:
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def _proven(row: tuple[object, ...] | None, sha256: str) -> bytes | None:
    part = None if row is None else row[0]
    if isinstance(part, bytes) and hashlib.sha256(part).hexdigest() == sha256:
        return part
    return None
