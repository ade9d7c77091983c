"""A visitor screen whose packs load slowly: it goes on telling its host that it is well."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from config.settings import Display, Settings, Site
from flows.events import Event, Touch, Touched
from flows.loading.pack_loader import usable_packs
from flows.pack import PackBook
from kiosk.screens import screen as module
from kiosk.screens import screen_process, visit_parts
from kiosk.screens.line import Ear, ScreenWord
from kiosk.screens.screen import VisitorScreen
from kiosk.screens.screen_process import HostLine
from ui.engine import create_application

BEAT_S = 0.2
LOAD_S = 3.0
SILENCE_S = 1.5
"""A host as impatient as this, in proportion to its beats, still sees a screen that is well."""

HERE, THERE = Touched(Touch.START), Touched(Touch.BACK)


class Stage:
    """A visitor screen with a real line to a host, whose packs are read in slow steps."""

    def __init__(self, host: socket.socket, line: HostLine) -> None:
        self.handled: list[Event] = []
        self.books: list[PackBook] = []
        self.heard: list[float] = []
        self._host, self._ear = host, Ear()
        settings = Settings(display=Display(fullscreen=False), site=Site(services=["lost_property"]))
        self.screen = VisitorScreen(settings, line, lambda _view: None)

    def join(self, _settings: Settings, packs: PackBook, *_: Any, **_more: Any) -> SimpleNamespace:
        """The parts of a visit that only remember."""
        self.books.append(packs)
        return SimpleNamespace(
            coordinator=SimpleNamespace(dispatch=self.handled.append),
            clerk=SimpleNamespace(look_for_room=lambda: None),
            scanning=SimpleNamespace(arm=lambda: None, disarm=lambda: None),
        )

    def turn(self) -> None:
        """One turn of the event loop, and what the host heard of it."""
        QTest.qWait(10)
        try:
            received = self._host.recv(4096)
        except BlockingIOError:
            return
        beats = [said for said in self._ear.hear(received) if said.word == ScreenWord.BEAT]
        self.heard += [time.monotonic()] * len(beats)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            self.turn()


@pytest.fixture
def stage(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    assert qapp is not None
    create_application()
    honest = usable_packs

    def slow(*given: Any) -> tuple[PackBook, tuple[str, ...]]:
        for _ in range(15):
            time.sleep(LOAD_S / 15)
        return honest(*given)

    monkeypatch.setattr(visit_parts, "usable_packs", slow)
    monkeypatch.setattr(screen_process, "BEAT_S", BEAT_S)
    host, own = socket.socketpair()
    host.settimeout(0)
    line = HostLine(own.detach())
    made = Stage(host, line)
    monkeypatch.setattr(visit_parts, "VisitParts", made.join)
    yield made
    if made.screen._is_loading:
        made.until(lambda: bool(made.books))  # its thread ends before the screen does
    line._beat.stop()
    line._notifier.setEnabled(False)  # an orphaned screen ends its process
    made.screen.face.close()
    made.screen.deleteLater()
    line._line.close()
    host.close()


def check_beats(stage: Stage) -> None:
    """From the first frame to the joined visit the host is never left in silence."""
    stage.screen.face.present()
    stage.until(lambda: stage.screen.face.window.property("settled"))
    began = time.monotonic()
    stage.until(lambda: stage.screen._parts is not None)
    ended = time.monotonic()
    assert ended - began >= LOAD_S / 2, "the load was not slow"
    heard = [began, *(at for at in stage.heard if at > began), ended]
    silence = max(later - earlier for earlier, later in pairwise(heard))
    assert silence < SILENCE_S, f"{silence:.2f} s of silence"


def check_touches(stage: Stage) -> None:
    """What is touched while the packs load is taken afterwards, in order."""
    stage.screen.face.present()
    stage.until(lambda: stage.screen._is_loading)
    stage.screen._inbox.post(HERE)
    stage.turn()
    stage.screen._inbox.post(THERE)
    stage.until(lambda: stage.screen._parts is not None)
    touched = [event for event in stage.handled if isinstance(event, Touched)]
    assert touched == [HERE, THERE]


def test_a_screen_that_loads_slowly_keeps_beating(stage: Stage) -> None:
    check_beats(stage)
    assert list(stage.books[0].packs) == ["lost_property"]


def test_what_is_touched_while_it_loads_is_taken_afterwards(stage: Stage) -> None:
    check_touches(stage)


def test_it_is_loaded_once(stage: Stage) -> None:
    stage.screen.face.present()
    stage.until(lambda: stage.screen._is_loading)
    stage.screen.face.settled.emit()
    stage.until(lambda: bool(stage.books))
    stage.screen.face.settled.emit()
    QTest.qWait(50)
    assert len(stage.books) == 1


def _loads_on_the_gui_thread(patched: pytest.MonkeyPatch) -> None:
    def load(screen: VisitorScreen) -> None:
        if not screen._is_loading:
            screen._is_loading = True
            screen._load_book()

    patched.setattr(VisitorScreen, "_load", load)


def _takes_nothing_before(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(module.Inbox, "deliver_to", lambda inbox, handle: setattr(inbox, "_handle", handle))


@pytest.mark.parametrize(
    ("plant", "check"),
    [(_loads_on_the_gui_thread, check_beats), (_takes_nothing_before, check_touches)],
)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    check: Callable[[Stage], None],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check(request.getfixturevalue("stage"))


def test_a_load_that_fails_ends_the_process(tmp_path: Path) -> None:
    """As anything that nobody catches, on whichever thread."""
    script = tmp_path / "fails.py"
    script.write_text(
        "import threading\n"
        "from types import SimpleNamespace\n"
        "from kiosk import crash\n"
        "from kiosk.screens import visit_parts\n"
        "from kiosk.screens.screen import VisitorScreen\n"
        "crash.end_on_exceptions(lambda kind, at: print(kind, flush=True))\n"
        "def fails(*_): raise OSError('no packs')\n"
        "visit_parts.usable_packs = fails\n"
        "from config.settings import Settings\n"
        "screen = SimpleNamespace(_settings=Settings(), _bundle=0, _is_loading=False, _parts=None,\n"
        "    _book_loaded=SimpleNamespace(emit=print))\n"
        "screen._load_book = lambda: VisitorScreen._load_book(screen)\n"
        "VisitorScreen._load(screen)\n"
        "threading.Event().wait(20)\n"
    )
    done = subprocess.run((sys.executable, str(script)), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "OSError\n"), done.stderr
