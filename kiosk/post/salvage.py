"""Salvage: what a damaged outbox still proves to hold is brought into a new file; the old one is moved aside.

Nothing is repaired in place and nothing deleted. A case comes over when its envelope has the hash that the
file knows for it, because then it is, to the bit, what was committed. The new file is built beside the old
one and becomes `….salvaged-TIME` by one rename, which decides; killed anywhere, a second run starts anew
before that rename and finishes after it. Docs: docs/decisions/0106-salvage.md.
"""

import errno
import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from pathlib import Path

import apsw

from kiosk.post.envelope import GENESIS
from kiosk.post.keys import sync_directory
from kiosk.post.lease import Lease
from kiosk.post.outbox_files import BROKEN, NEW, SALVAGED, SHARED, SIDE_FILES, beside, damage_mark
from kiosk.post.outbox_schema import migrate, transaction
from kiosk.post.survey import Case, Survey, is_sound, survey
from kiosk.post.wreck import Reading, readings


class SalvageFault(StrEnum):
    """Why nothing was salvaged. The outbox is as it was."""

    IN_USE = "in_use"
    NO_ROOM = "no_room"
    NO_CHAIN = "no_chain"
    UNAVAILABLE = "unavailable"


_REMEDIES = {
    SalvageFault.IN_USE: "stop the kiosk (systemctl stop kiosk.target), then try again",
    SalvageFault.NO_ROOM: "make room on the file system of the outbox, at least as much as the outbox takes",
    SalvageFault.NO_CHAIN: (
        "the file no longer says how many cases there were: ask the centre for the kiosk's last sequence, "
        "and give a number well above it with --continue-at"
    ),
    SalvageFault.UNAVAILABLE: "check that the directory exists and that this user may write there",
}


@dataclass(frozen=True, slots=True)
class SalvageProblem:
    """Nothing was salvaged."""

    path: Path
    fault: SalvageFault

    @property
    def remedy(self) -> str:
        """What a technician can do."""
        return _REMEDIES[self.fault]


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of it. `aside` is where the damaged file is now; None if the outbox was sound.

    `incomplete` are sequences that came over without some part, into quarantine; `unproven` are sequences
    with an envelope that nothing in the file vouches for: they are in the file aside only.
    """

    aside: Path | None
    cases: int
    incomplete: tuple[int, ...]
    unproven: tuple[int, ...]
    next_sequence: int
    chain_kept: bool


def salvage(
    path: Path, kiosk: int, now: Callable[[], float] = time.time, continue_at: int | None = None
) -> Salvaged | SalvageProblem:
    """Bring what the outbox at `path` of this kiosk still holds into a new file. A sound one stays as it is.

    `continue_at` is the place of the next case, for a file that no longer says. Nobody else may use the
    outbox meanwhile; after this, it can be opened. Safe to kill at any moment, and then to run again.
    """
    try:
        lease = Lease.exclusive(path)
    except OSError:
        return SalvageProblem(path, SalvageFault.UNAVAILABLE)
    if lease is None:
        return SalvageProblem(path, SalvageFault.IN_USE)
    with closing(lease):
        try:
            return _salvage(path, kiosk, now, continue_at)
        except apsw.FullError:
            return SalvageProblem(path, SalvageFault.NO_ROOM)
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            return SalvageProblem(path, SalvageFault.NO_ROOM if full else SalvageFault.UNAVAILABLE)
        except apsw.Error:
            return SalvageProblem(path, SalvageFault.UNAVAILABLE)


def _salvage(
    path: Path, kiosk: int, now: Callable[[], float], continue_at: int | None
) -> Salvaged | SalvageProblem:
    _finish(path)
    with readings(path) as ways:
        whole = next((reading for reading in ways if reading.whole), None)
        if whole is not None and is_sound(whole):
            _unmark(path)
            return _untouched(whole)
        found = survey(ways, kiosk)
        chain = found.chain() if continue_at is None else (continue_at - 1, GENESIS)
        if chain is None:
            return SalvageProblem(path, SalvageFault.NO_CHAIN)
        # From here on nobody takes the file for an outbox, whatever it looks like on the way.
        damage_mark(path).touch(mode=SHARED)
        incomplete = _build(path, found, chain, int(now()))
    _decide(path, now())
    aside = _finish(path)
    kept = chain in found.chains
    return Salvaged(aside, len(found.cases), incomplete, tuple(sorted(found.unproven)), chain[0] + 1, kept)


def _untouched(reading: Reading) -> Salvaged:
    sequence, _ = reading.chain() or (0, GENESIS)
    waiting = [row for each in reading.sequences() if (row := reading.row(each)) and row.envelope is not None]
    return Salvaged(None, len(waiting), (), (), sequence + 1, chain_kept=True)


# --- the new file ---


def _build(path: Path, found: Survey, chain: tuple[int, bytes], now: int) -> tuple[int, ...]:
    """Write `….new`. Returns the sequences of which a part is missing."""
    new = beside(path, NEW)
    for suffix in ("", *SIDE_FILES):
        beside(new, suffix).unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, SHARED))
    with closing(apsw.Connection(str(new))) as db:
        # It counts only once it is synced and renamed; until then, nothing of it is worth a sync.
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        migrate(db, first_sequence=1, now=now)
        with transaction(db):
            db.execute("UPDATE chain SET sequence = ?, head = ?", chain)
            incomplete = [each for each in sorted(found.cases) if not _copy(db, found.cases[each])]
        db.execute("PRAGMA journal_mode = WAL").fetchall()
    for suffix in SIDE_FILES:
        beside(new, suffix).unlink(missing_ok=True)
    _belong_together(path, new)
    _sync(new)
    return tuple(incomplete)


def _copy(db: apsw.Connection, case: Case) -> bool:
    """Copy one case. False if a part of it is missing: it is then set apart, for a person to decide."""
    row, sequence = case.reading.row(case.row.sequence), case.row.sequence
    if row is None or row.envelope is None:
        raise OSError(errno.EIO, "a row that was read cannot be read again")
    parts = {name: case.reading.part(sequence, name) for name in case.named.parts}
    whole = None not in parts.values()
    db.execute(
        "INSERT INTO cases (sequence, case_id, previous, hash, kept_at, state, refusals, refused_at, "
        "envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sequence,
            case.named.case_id.bytes,
            case.named.previous,
            case.name,
            row.kept_at,
            "quarantined" if row.quarantined or not whole else "queued",
            row.refusals,
            row.refused_at,
            row.envelope,
        ),
    )
    for name, sealed in parts.items():
        if sealed is not None:
            db.execute(
                "INSERT INTO parts (case_sequence, sha256, sealed) VALUES (?, ?, ?)", (sequence, name, sealed)
            )
    return whole


# --- the change of files ---


def _decide(path: Path, now: float) -> None:
    """From this rename on the new file is the outbox, and `_finish` only carries that out."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    taken = {each.name for each in path.parent.iterdir()}
    number = next(n for n in count() if f"{path.name}{BROKEN}{stamp}-{n}" not in taken)
    beside(path, NEW).rename(beside(path, f"{SALVAGED}{stamp}-{number}"))
    sync_directory(path.parent)


def _finish(path: Path) -> Path | None:
    """Move the damaged file aside, with its WAL, and put the decided one in its place; returns the former."""
    begins = path.name + SALVAGED
    decided = next((each for each in sorted(path.parent.iterdir()) if each.name.startswith(begins)), None)
    if decided is None:
        return None
    aside = beside(path, BROKEN + decided.name.removeprefix(begins))
    for suffix in ("", *SIDE_FILES):
        there = beside(path, suffix)
        if there.exists():
            there.rename(beside(aside, suffix))
    sync_directory(path.parent)
    decided.rename(path)
    sync_directory(path.parent)
    _unmark(path)
    return aside


def _unmark(path: Path) -> None:
    damage_mark(path).unlink(missing_ok=True)
    sync_directory(path.parent)  # or a power cut brings the mark back


def _belong_together(path: Path, new: Path) -> None:
    """Screen and courier write the same file as two users: the new one has the owner and mode of the old."""
    if path.exists():
        old = path.stat()
        new.chmod(old.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(new, old.st_uid, old.st_gid)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
