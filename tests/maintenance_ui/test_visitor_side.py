"""The visitor screen's part: who calls a technician's screen, and when nobody can."""

import time
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from config.settings import Display, Settings
from flows.events import Event, Scanned, Touch, Touched
from flows.languages import Language
from flows.view import Screen, ViewState
from kiosk.screens.line import ScreenWord
from kiosk.screens.screen import IDLE_SCREENS, VisitorScreen
from ui.engine import Face, create_application

PASS = Scanned(b"KTP1.abc.def")


class Line(QObject):
    """Remembers what the screen says to its host."""

    show_asked = Signal()
    renew_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said: list[ScreenWord] = []

    def say(self, word: ScreenWord, _rest: str = "") -> None:
        self.said.append(word)


class Shown:
    """A visitor screen on the display, with parts that only remember."""

    def __init__(self) -> None:
        create_application()
        self.line = Line()
        self.handled: list[Event] = []
        self.scanner: list[str] = []
        settings = Settings(display=Display(fullscreen=False))
        self.screen = VisitorScreen(settings, self.line, lambda _view: None)  # type: ignore[arg-type]
        self.screen._parts = SimpleNamespace(  # type: ignore[assignment]
            scanning=SimpleNamespace(
                arm=lambda: self.scanner.append("arm"), disarm=lambda: self.scanner.append("disarm")
            ),
            coordinator=SimpleNamespace(dispatch=self.handled.append),
        )
        self.screen.face.present()
        self.screen._shown()

    def show(self, screen: Screen) -> None:
        self.screen._show(ViewState(screen, Language.ENGLISH))

    @property
    def called(self) -> int:
        return self.line.said.count(ScreenWord.TECHNICIAN)


@pytest.fixture
def shown(qapp: QGuiApplication):
    assert qapp is not None
    made = Shown()
    yield made
    made.screen.face.close()


@pytest.mark.parametrize("screen", [Screen.ATTRACT, Screen.OUT_OF_SERVICE])
def test_a_pass_calls_while_no_visit_is_under_way(shown: Shown, screen: Screen) -> None:
    shown.show(screen)
    shown.screen._handle(PASS)
    assert shown.called == 1
    assert shown.handled == []
    shown.screen._handle(Touched(Touch.START))  # it has yielded: no visit can begin any more
    shown.screen._handle(PASS)
    assert (shown.called, shown.handled) == (1, [])


def test_nobody_can_call_during_a_visit(shown: Shown) -> None:
    during = sorted(set(Screen) - IDLE_SCREENS)
    for screen in during:
        shown.screen._seen = screen
        shown.screen._handle(PASS)
        shown.screen.face.technician_asked.emit()
    assert shown.called == 0
    assert shown.handled == [PASS] * len(during)  # on a page that scans it is a scan like any other


def test_whatever_else_is_scanned_before_a_visit_reaches_nobody(shown: Shown) -> None:
    for payload in (b"", b"528319476034", b"ktp1.abc", b" KTP1.abc"):
        shown.screen._handle(Scanned(payload))
    assert (shown.called, shown.handled) == (0, [])


def test_the_scanner_listens_for_a_pass_only_between_visits(shown: Shown) -> None:
    assert shown.scanner == ["arm"]
    shown.show(Screen.LANGUAGE)
    assert shown.scanner == ["arm", "disarm"]
    shown.show(Screen.OUT_OF_SERVICE)
    assert shown.scanner[-1] == "arm"


# --- the first touch ---


class Loading(VisitorScreen):
    """Loads the rest for half a second; a finger that came down meanwhile waits its turn."""

    def _load(self) -> None:
        if self._parts is None:
            self._parts = SimpleNamespace(scanning=SimpleNamespace(arm=lambda: None))  # type: ignore[assignment]
            time.sleep(0.5)
            QTest.mousePress(self.face.window, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))


def check_first_touch() -> None:
    """What is touched while the rest loads counts when it has loaded."""
    create_application()
    screen = Loading(Settings(display=Display(fullscreen=False)), Line(), lambda _view: None)  # type: ignore[arg-type]
    try:
        screen.face.present()
        deadline = time.monotonic() + 10
        while screen._parts is None:
            assert time.monotonic() < deadline
            QTest.qWait(5)
        assert screen.face._corners._down.keys() == {"left"}
    finally:
        screen.face.close()


def test_the_first_touch_of_a_fresh_screen_counts(qapp: QGuiApplication) -> None:
    assert qapp is not None
    check_first_touch()


def test_a_screen_that_loads_before_it_takes_touches_is_found(
    qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert qapp is not None
    honest = Face._note_first_frame

    def hasty(face: Face) -> None:
        honest(face)
        face.settled.emit()

    monkeypatch.setattr(Face, "_note_first_frame", hasty)
    with pytest.raises(AssertionError):
        check_first_touch()


@pytest.mark.parametrize("screen", [Screen.ATTRACT, Screen.OUT_OF_SERVICE])
def test_between_visits_it_gives_way_to_newer_packs(shown: Shown, screen: Screen) -> None:
    shown.show(screen)
    shown.line.renew_asked.emit()
    shown.line.renew_asked.emit()
    assert shown.line.said.count(ScreenWord.YIELDS) == 1
    shown.screen._handle(PASS)
    assert shown.handled == []
    assert shown.called == 0, "whoever touches it now is served by the next screen"


@pytest.mark.parametrize("screen", [each for each in Screen if each not in IDLE_SCREENS])
def test_a_visit_keeps_the_packs_it_began_with(shown: Shown, screen: Screen) -> None:
    shown.screen._seen = screen
    shown.line.renew_asked.emit()
    assert ScreenWord.YIELDS not in shown.line.said
