"""What is killed: a process that does what a screen, a courier, an update or a technician does to an outbox.

It dies of SIGKILL at a storage call that was drawn beforehand: before it, after half of what it writes, or
after it. So a seed kills at the same places again. The parent kills others from outside, at any instant.
"""

import hashlib
import json
import os
import queue
import random
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import apsw

from config.event_names import Event
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.outbox import Outbox, Status
from kiosk.post.outcomes import Alive, NoReply, Reply
from kiosk.post.rounds import Hearers, Rounds
from kiosk.post.salvage import salvage

KIOSK = 7
QUOTA = 64_000_000
NOW = 1_800_000_000.0
_MOST_ROUNDS = 50
_FILE_CALLS = frozenset({"os.rename", "os.remove", "os.chmod", "os.truncate"})

Activity = Callable[["Line", Path], None]


@dataclass(frozen=True, slots=True)
class Doom:
    """Die at storage call number `call`, counted from 1: before it, half way through it or after it."""

    call: int
    place: str

    def __str__(self) -> str:
        return f"{self.place} storage call {self.call}"


class NotOpenError(Exception):
    """The outbox cannot be opened."""


PLACES = ("before", "half way through", "after")


class Line:
    """The victim's end of the line to its parent, who keeps the books and plays the centre."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(self, *words: object) -> None:
        """Say something; it counts from when it was said."""
        self._connection.send(words)

    def ask(self, *words: object) -> object:
        """Ask the centre."""
        self._connection.send(("centre", *words))
        return self._connection.recv()


def become(connection: Connection, activity: Activity, path: Path, doom: Doom | None) -> NoReturn:
    """Be the victim; ends the process."""
    line = Line(connection)
    try:
        with _doomed(doom):
            activity(line, path)
        line.tell("finished")
    except BaseException:  # noqa: BLE001 - told to the parent, whose books it belongs in
        line.tell("failed", traceback.format_exc(limit=-4))
    finally:
        os._exit(0)


# --- what it does ---------------------------------------------------------------------------------------


def submit(case_ids: Sequence[UUID]) -> Activity:
    """A screen that keeps cases, and says "received" after each."""

    def work(line: Line, path: Path) -> None:
        outbox = opened(path)
        for case_id in case_ids:
            line.tell("tries", case_id)
            slot = outbox.keep(case_id, lambda slot, case_id=case_id: sealed(case_id, slot))
            if not isinstance(slot, Slot):
                line.tell("failed", f"not kept: {slot}")
                return
            line.tell("kept", case_id, slot.sequence)

    return work


def upload(line: Line, path: Path) -> None:
    """A courier that carries all there is and erases it."""
    carry(path, _Centre(line), lambda case_id, _number: line.tell("receipted", case_id))


def carry(path: Path, centre: "Post", receipted: Callable[[UUID, str], None]) -> None:
    """Make rounds until nothing waits."""
    outbox = opened(path)
    clock = [0.0]
    hearers = Hearers(receipted, lambda _now: None, _say_nothing, lambda: None)
    rounds = Rounds(outbox, centre, queue.SimpleQueue(), hearers, lambda: clock[0], lambda low, _high: low)
    for _ in range(_MOST_ROUNDS):
        clock[0] += rounds.round()
        if not outbox.status().queued:
            break
    outbox.close()


def update(_line: Line, path: Path) -> None:
    """The first start after an update."""
    opened(path).close()


def rescue(_line: Line, path: Path) -> None:
    """A technician, or the courier by itself, salvages."""
    salvage(path, KIOSK, lambda: NOW)


def opened(path: Path) -> Outbox:
    """The outbox, as everybody opens it."""
    outbox = Outbox.open(path, QUOTA, lambda: NOW)
    if not isinstance(outbox, Outbox):
        raise NotOpenError(f"it does not open: {outbox.fault}")
    return outbox


def sealed(case_id: UUID, slot: Slot, kiosk: int = KIOSK) -> Sealed:
    """A case with up to three parts, all of which follow from `case_id`; big ones do not fit one page."""
    chance = random.Random(case_id.int)  # noqa: S311 - to replay
    pieces = [chance.randbytes(chance.choice([50, 3_000, 20_000])) for _ in range(chance.randrange(4))]
    parts = tuple(Part(hashlib.sha256(piece).hexdigest(), piece) for piece in pieces)
    body = {
        "v": 2,
        "kiosk": kiosk,
        "case": str(case_id),
        "sequence": slot.sequence,
        "previous": slot.previous.hex(),
        "parts": [{"attachment": 0, "sha256": part.sha256, "size": len(part.sealed)} for part in parts],
        "sealed": chance.randbytes(chance.choice([1_000, 3_000])).hex(),
    }
    return Sealed(json.dumps(body).encode(), parts)


class Post:
    """The centre as rounds see it; `ask` carries the question to wherever it is kept."""

    def ask(self, *words: object) -> object:
        """Ask the centre."""
        raise NotImplementedError

    def put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        """Send an envelope."""
        return self.ask("put_case", case_id, envelope)  # type: ignore[return-value]  # what the centre's method gives

    def put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> Reply | NoReply | None:
        """Send a part."""
        return self.ask("put_part", case_id, sha256, sealed)  # type: ignore[return-value]  # as above

    def parts_present(self, case_id: UUID) -> Reply | NoReply | frozenset[str]:
        """Ask which parts are there."""
        return self.ask("parts_present", case_id)  # type: ignore[return-value]  # as above

    def heartbeat(self, status: Status) -> Reply | NoReply | Alive:
        """The small probe."""
        return self.ask("heartbeat", status)  # type: ignore[return-value]  # as above


class _Centre(Post):
    def __init__(self, line: Line) -> None:
        self._line = line

    def ask(self, *words: object) -> object:
        return self._line.ask(*words)


def _say_nothing(event: Event, **fields: object) -> None:
    pass


# --- how it dies ----------------------------------------------------------------------------------------


class _Countdown:
    def __init__(self, doom: Doom | None) -> None:
        self._doom = doom
        self._calls = 0

    def around(self, call: Callable[[], object], half: Callable[[], object] | None = None) -> None:
        """Make `call`, unless this is the one to die at."""
        self._calls += 1
        doom = self._doom
        if doom is None or doom.call != self._calls:
            call()
            return
        if doom.place == "half way through" and half is not None:
            half()
        if doom.place == "after":
            call()
        os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, _arguments: tuple[object, ...]) -> None:
        """An audit hook: Python is about to change a file by name."""
        if event in _FILE_CALLS:
            self.around(lambda: None)


class _DoomedSystem(apsw.VFS):
    def __init__(self, countdown: _Countdown) -> None:
        self._countdown = countdown
        self._system = apsw.vfs_names()[0]
        super().__init__("doomed", self._system, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - APSW's
        return _DoomedFile(self._system, name, flags, self._countdown)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - APSW's
        delete = super().xDelete
        self._countdown.around(lambda: delete(filename, syncdir))


class _DoomedFile(apsw.VFSFile):
    def __init__(
        self, system: str, name: str | apsw.URIFilename | None, flags: list[int], countdown: _Countdown
    ) -> None:
        self._countdown = countdown
        super().__init__(system, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - APSW's
        write = super().xWrite
        self._countdown.around(
            lambda: write(data, offset), lambda: write(bytes(data)[: len(data) // 2], offset)
        )

    def xSync(self, flags: int) -> None:  # noqa: N802 - APSW's
        sync = super().xSync
        self._countdown.around(lambda: sync(flags))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - APSW's
        truncate = super().xTruncate
        self._countdown.around(lambda: truncate(newsize))


@contextmanager
def _doomed(doom: Doom | None) -> Iterator[None]:
    """Die at the storage call that was drawn. Never quite undone: the process ends after it."""
    countdown = _Countdown(doom)
    system = _DoomedSystem(countdown)  # it is the default as long as it lives
    sys.addaudithook(countdown.hear)
    yield
    system.unregister()
