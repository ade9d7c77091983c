"""`kiosk screen`: shows one visitor screen after the other.

The host knows nothing of a visit. It keeps one screen shown and the next one loaded beneath it, so that the
end of a visit, its crash and its kill all look alike: the next clean screen is there at once. A technician's
screen comes in place of a visitor screen that asked for it, and ends as a visit does.
"""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from config.log import configure, log
from config.settings import Settings
from kiosk import notify
from kiosk.bundles.desk import PackDesk
from kiosk.crash import end_on_exceptions
from kiosk.hardening import no_core_dumps
from kiosk.post.pack_ledger import SHIPPED
from kiosk.screens.line import Ear, HostWord, Said, ScreenWord, say

_TURN_S = 0.5
_LONGEST_READ = 4096
OUT_OF_ORDER = "out_of_order"
"""How a visit ends whose own code, or whose packs, went wrong: `flows.events.Ending`."""


class Notice(StrEnum):
    """What the host tells its log, with a word beside it."""

    SHOWN = "shown"
    ENDED = "ended"  # the ending
    TECHNICIAN = "technician"
    DIED = "died"  # exit code or name of the signal
    HUNG = "hung"  # the stage


Tell = Callable[[Notice, str], None]
Command = Callable[[int], Sequence[str]]
"""Command line of a screen that finds its line at the given descriptor."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the host waits."""

    start_s: float = 30.0  # from start to `ready`
    technician_start_s: float = 10.0  # the same, while the visitor screen that asked takes no touch
    beat_s: float = 10.0  # silence of a loaded screen
    leave_s: float = 2.0  # from `ended` to the end of the process
    steady_s: float = 10.0  # shown for so long, a screen was sound
    back_off_s: float = 0.5  # before the third start in a row that fails, doubled for each further one
    longest_back_off_s: float = 5.0


class Packs(Protocol):
    """Chooses the packs of the next visitor screen (`kiosk.bundles.desk.PackDesk`). Numbers name bundles."""

    @property
    def current(self) -> int:
        """What the next screen asks with."""

    def verified(self) -> int:
        """The same, checked once more."""

    def options(self, number: int) -> list[str]:
        """For the command line of a screen with that bundle."""

    def turn(self) -> None:
        """Look for newer ones; returns at once."""

    def failed(self, number: int) -> None:
        """A screen with that bundle failed."""

    def settled(self, number: int) -> None:
        """A visit with that bundle ended as visits do."""

    def close(self) -> None:
        """End what is under way."""


class ShippedPacks:
    """The packs of the software, always."""

    current = SHIPPED

    def verified(self) -> int:
        """See `Packs`."""
        return SHIPPED

    def options(self, _number: int) -> list[str]:
        """See `Packs`."""
        return []

    def turn(self) -> None:
        """See `Packs`."""

    def failed(self, number: int) -> None:
        """See `Packs`."""

    def settled(self, number: int) -> None:
        """See `Packs`."""

    def close(self) -> None:
        """See `Packs`."""


class Stage(Enum):
    """How far a screen is."""

    STARTING = auto()
    READY = auto()
    SHOWN = auto()
    YIELDING = auto()  # still seen, takes no touch, and ends when the next one covers it
    LEAVING = auto()


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    line: socket.socket
    since: float  # when the present stage began
    heard: float
    technician: bool = False
    packs: int = SHIPPED
    stage: Stage = Stage.STARTING
    seen: bool = False  # its first frame is on the window
    ear: Ear = field(default_factory=Ear)

    def enter(self, stage: Stage, now: float) -> None:
        self.stage, self.since = stage, now


class ScreenHost:
    """Runs visitor screens until it is told to stop."""

    def __init__(
        self,
        command: Command,
        tell: Tell,
        patience: Patience | None = None,
        technician: Command | None = None,
        packs: Packs | None = None,
    ) -> None:
        """`technician` starts a technician's screen; without it nobody can ask for one.

        `packs` adds to the command of a visitor screen what it asks with.
        """
        self._command = command
        self._technician = technician
        self._tell = tell
        self._packs = packs or ShippedPacks()
        self._patience = patience or Patience()
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()
        self._failures = 0
        self._next_start = 0.0
        self._stopping = False

    def run(self) -> None:
        """Show screens until `stop`; all children have ended when this returns."""
        beat = min(_TURN_S, notify.watchdog_interval_s() or _TURN_S)
        try:
            while not self._stopping:
                self._turn(time.monotonic())
                self._listen(beat)
                notify.alive()
        finally:
            notify.stopping()
            for child in list(self._children):
                self._end(child)
            self._packs.close()

    def stop(self) -> None:
        """End soon; may be called from a signal handler."""
        self._stopping = True

    def _turn(self, now: float) -> None:
        for child in list(self._children):
            self._judge(child, now)
        self._packs.turn()
        self._renew(now)
        self._show_next(now)
        if now >= self._next_start and not self._coming(technician=False):
            self._start(self._command, now)

    def _in(self, *stages: Stage) -> list[_Child]:
        return [child for child in self._children if child.stage in stages]

    def _coming(self, *, technician: bool) -> list[_Child]:
        return [child for child in self._in(Stage.STARTING, Stage.READY) if child.technician is technician]

    def _renew(self, now: float) -> None:
        """Between visits other packs take over: what waits beneath ends, what is shown is asked to yield."""
        current = self._packs.current
        for child in self._coming(technician=False):
            if child.packs != current:
                child.enter(Stage.LEAVING, now)
                child.process.kill()
        if self._in(Stage.READY):
            for child in self._in(Stage.SHOWN):
                if not child.technician and child.packs != current:
                    say(child.line, HostWord.RENEW)

    def _start(self, command: Command, now: float, *, technician: bool = False) -> None:
        packs = SHIPPED if technician else self._packs.verified()
        ours, theirs = socket.socketpair()
        with theirs:
            words = [*command(theirs.fileno()), *self._packs.options(packs)]
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))
        ours.settimeout(0)
        child = _Child(process, ours, since=now, heard=now, technician=technician, packs=packs)
        self._children.append(child)
        self._selector.register(ours, selectors.EVENT_READ, child)

    def _show_next(self, now: float) -> None:
        # A technician's screen that is on its way comes first; if it never arrives, the next visitor's does.
        coming = self._coming(technician=True) or self._in(Stage.READY)
        if coming and coming[0].stage is Stage.READY and not self._in(Stage.SHOWN):
            coming[0].enter(Stage.SHOWN, now)
            say(coming[0].line, HostWord.SHOW)

    def _listen(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            child: _Child = key.data
            received = b""
            with contextlib.suppress(OSError):
                received = child.line.recv(_LONGEST_READ)
            if not received:  # it closed its line: it has ended, or cannot be led any more
                self._selector.unregister(child.line)
                child.process.kill()
                child.process.wait()
                continue
            child.heard = time.monotonic()
            for said in child.ear.hear(received):
                self._take(child, said, child.heard)

    def _take(self, child: _Child, said: Said, now: float) -> None:
        if said.word == ScreenWord.READY and child.stage is Stage.STARTING:
            child.enter(Stage.READY, now)
        elif said.word == ScreenWord.SHOWN and child.stage is Stage.SHOWN and not child.seen:
            child.seen = True
            notify.ready()
            self._tell(Notice.SHOWN, "")
            for earlier in self._in(Stage.YIELDING, Stage.LEAVING):
                earlier.enter(Stage.LEAVING, now)
                earlier.process.kill()
        elif said.word == ScreenWord.ENDED and child.stage is Stage.SHOWN:
            self._tell(Notice.ENDED, said.rest)
            self._note_ending(child, said.rest)
            child.enter(Stage.LEAVING, now)
        elif said.word == ScreenWord.YIELDS and child.stage is Stage.SHOWN and self._in(Stage.READY):
            child.enter(Stage.YIELDING, now)
        elif said.word == ScreenWord.TECHNICIAN and child.stage is Stage.SHOWN:
            self._call_technician(child, now)
        elif said.word == ScreenWord.RESTART and child.technician and child.stage is Stage.SHOWN:
            self.stop()

    def _note_ending(self, child: _Child, ending: str) -> None:
        if child.technician:
            return
        if ending == OUT_OF_ORDER:
            self._packs.failed(child.packs)
        else:
            self._packs.settled(child.packs)

    def _call_technician(self, child: _Child, now: float) -> None:
        if self._technician is None or child.technician:
            return
        self._tell(Notice.TECHNICIAN, "")
        child.enter(Stage.YIELDING, now)
        self._start(self._technician, now, technician=True)

    def _judge(self, child: _Child, now: float) -> None:
        if child.process.poll() is not None:
            self._bury(child, now)
        elif self._is_overdue(child, now):
            if child.stage is not Stage.LEAVING:
                self._tell(Notice.HUNG, child.stage.name.lower())
            child.process.kill()

    def _is_overdue(self, child: _Child, now: float) -> bool:
        match child.stage:
            case Stage.STARTING:
                patience = self._patience
                longest = patience.technician_start_s if child.technician else patience.start_s
                return now - child.since > longest
            case Stage.LEAVING:
                return now - child.since > self._patience.leave_s
            case _:
                return now - child.heard > self._patience.beat_s

    def _bury(self, child: _Child, now: float) -> None:
        self._end(child)
        was_sound = child.stage is Stage.SHOWN and now - child.since >= self._patience.steady_s
        if child.stage is Stage.LEAVING or was_sound:
            self._failures = 0
        if child.stage is Stage.LEAVING:
            return
        self._tell(Notice.DIED, _ending(child.process.returncode))
        if child.technician:  # says nothing of visitor screens: they start without a pause
            return
        self._packs.failed(child.packs)
        self._failures += 1
        if self._failures > 1:
            pause_s = self._patience.back_off_s * 2 ** min(self._failures - 2, 16)
            self._next_start = now + min(pause_s, self._patience.longest_back_off_s)

    def _end(self, child: _Child) -> None:
        self._children.remove(child)
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.line)
        child.line.close()
        child.process.kill()
        child.process.wait()


def _ending(code: int) -> str:
    return f"exit_{code}" if code >= 0 else signal.Signals(-code).name


def run(settings: Settings, play: Path | None = None) -> int:
    """Be the screen host until SIGTERM or SIGINT. `play` is handed to every visitor screen."""
    configure("screen", strict=not settings.production)
    end_on_exceptions(lambda kind, place: log(Event.PROCESS_FAILED, exception=kind, place=place))
    no_core_dumps()
    playing = ["--play", str(play)] if play else []

    def visitor(descriptor: int) -> list[str]:
        return [*_screen("--visitor", descriptor), *playing]

    host = ScreenHost(
        visitor,
        _tell,
        technician=lambda descriptor: _screen("--technician", descriptor),
        packs=PackDesk(settings),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: host.stop())
    log(Event.PROCESS_STARTED, version=version("report-kiosk"))
    host.run()
    log(Event.PROCESS_STOPPED)
    return os.EX_OK


def _screen(kind: str, descriptor: int) -> list[str]:
    # -P: never import from the working directory.
    return [sys.executable, "-P", "-m", "kiosk.cli", "screen", kind, "--line", str(descriptor)]


def _tell(notice: Notice, word: str) -> None:
    match notice:
        case Notice.SHOWN:
            log(Event.SCREEN_SHOWN)
        case Notice.DIED:
            log(Event.SCREEN_CHILD_DIED, exit=word)
        case Notice.HUNG:
            log(Event.SCREEN_CHILD_HUNG, stage=word)
        case Notice.TECHNICIAN:
            log(Event.TECHNICIAN_CALLED)
        case Notice.ENDED:
            pass  # the visitor screen has said so itself
