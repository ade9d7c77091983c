"""A visitor with nothing but the keypad: whole pages, every way out; no key for a screen out of sight."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from samples import SAMPLES

from config.settings import Orientation, Settings
from flows.events import (
    Answered,
    Event,
    LanguageChosen,
    ServiceChosen,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.ports import OfficerCall, PanelKey
from flows.view import ViewState
from ui import keypad
from ui.engine import Face
from ui.robot import Robot

Build = Callable[..., Face]
EN = Language.ENGLISH
HERE = Touched(Touch.MORE_TIME)
MOST_PRESSES = 60


class Hand:
    """Somebody who cannot use the screen: knows only the keypad, and what has the focus."""

    def __init__(
        self, build: Build, sample: str, orientation: Orientation = Orientation.PORTRAIT, **more: Any
    ) -> None:
        self.events: list[Event] = []
        self.face = build(orientation, send=self.events.append, **more)
        self.robot = Robot(self.face.window)
        self.show(SAMPLES[sample](EN))

    def show(self, view: ViewState) -> None:
        self.face.show_view(view)
        self.robot.settle()
        self.events.clear()

    def press(self, *keys: PanelKey) -> None:
        for key in keys:
            self.face.press(key)
            QGuiApplication.processEvents()

    @property
    def focused(self) -> str:
        item = self.face.window.activeFocusItem()
        return item.objectName() if item is not None else ""

    def walk_to(self, name: str, way: PanelKey = PanelKey.DOWN) -> None:
        for _ in range(MOST_PRESSES):
            self.press(way)
            if self.focused == name:
                self.events.clear()
                return
        raise AssertionError(f"the keypad does not reach {name}")

    def did(self) -> list[Event]:
        """What came of it besides that somebody is here."""
        return [event for event in self.events if event != HERE]


PAGES: list[tuple[str, list[str], list[Event]]] = [
    ("attract", ["language:en"], [Touched(Touch.START), LanguageChosen(EN)]),
    ("language", ["language:zh-Hans"], [LanguageChosen(Language.SIMPLIFIED_CHINESE)]),
    ("triage", ["button:no"], [Touched(Touch.NO)]),
    ("triage", ["button:yes"], [Touched(Touch.YES)]),
    ("services", ["service:lost_property"], [ServiceChosen("lost_property")]),
    ("privacy", ["button:next"], [Touched(Touch.NEXT)]),
    (
        "choice",
        ["tile:reporter.role:organisation", "button:next"],
        [Answered("reporter.role", "organisation"), Touched(Touch.NEXT)],
    ),
    (
        "categories",
        ["tile:items:keys", "button:next"],
        [Answered("items", ["wallet", "hkid", "octopus", "keys"]), Touched(Touch.NEXT)],
    ),
    ("emergency", ["button:call_officer"], [Touched(Touch.CALL_OFFICER)]),
    ("emergency_calling", ["button:officer_came"], [Touched(Touch.OFFICER_CAME)]),
    ("emergency", ["bar:quick_exit"], [Touched(Touch.QUICK_EXIT)]),
    ("declare", ["button:submit"], [Touched(Touch.SUBMIT)]),
    ("stop_confirm", ["button:stop_confirm"], [Touched(Touch.STOP_CONFIRM)]),
]


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_page_is_finished_by_keypad_alone(gallery: Build, orientation: Orientation) -> None:
    hand = Hand(gallery, "attract", orientation)
    for sample, stops, wanted in PAGES if orientation is Orientation.PORTRAIT else PAGES[2:6]:
        hand.show(SAMPLES[sample](EN))
        done: list[Event] = []
        for stop in stops:
            hand.walk_to(stop)
            hand.press(PanelKey.OK)
            done += hand.did()
        assert (sample, done) == (sample, wanted)


def test_the_ring_of_the_focus_shows_where_the_keys_act(gallery: Build) -> None:
    hand = Hand(gallery, "triage")
    hand.walk_to("button:yes")
    item = hand.face.window.activeFocusItem()
    assert item is not None
    assert item.property("visualFocus")


def test_up_goes_back_the_way_that_down_came(gallery: Build) -> None:
    hand = Hand(gallery, "choice")
    names = []
    for _ in range(4):
        hand.press(PanelKey.DOWN)
        names.append(hand.focused)
    for name in reversed(names[:-1]):
        hand.press(PanelKey.UP)
        assert hand.focused == name
    hand.press(PanelKey.RIGHT, PanelKey.LEFT)
    assert hand.focused == names[0]


@pytest.mark.parametrize("key", list(PanelKey))
def test_every_key_is_a_sign_of_life(gallery: Build, key: PanelKey) -> None:
    hand = Hand(gallery, "choice")
    hand.press(key)
    assert hand.events[0] == HERE


BACK: list[tuple[str, list[Event]]] = [
    ("categories", [Touched(Touch.BACK)]),
    ("emergency", [Touched(Touch.EMERGENCY_CLOSE)]),
    ("stop_confirm", [Touched(Touch.STOP_CANCEL)]),
    ("time_warning", []),  # the key itself said that somebody is here
    ("received", []),
    ("attract", []),
]


def test_back_leads_out_of_what_lies_on_top(gallery: Build) -> None:
    hand = Hand(gallery, "attract")
    for sample, wanted in BACK:
        for walked in (0, 1, 5):
            hand.show(SAMPLES[sample](EN))
            hand.press(*[PanelKey.DOWN] * walked, PanelKey.BACK)
            assert (sample, walked, hand.did()) == (sample, walked, wanted)


def test_back_closes_the_choice_of_languages(gallery: Build) -> None:
    hand = Hand(gallery, "review")
    hand.walk_to("bar:language")
    hand.press(PanelKey.OK)
    assert hand.robot.find("button:language_close") is not None
    hand.press(PanelKey.BACK)
    assert hand.robot.find("button:language_close") is None
    assert hand.did() == []


def test_help_opens_the_emergency_screen(gallery: Build) -> None:
    hand = Hand(gallery, "categories")
    hand.press(PanelKey.HELP)
    assert hand.did() == [Touched(Touch.EMERGENCY)]


def test_what_was_typed_is_left_by_keypad(gallery: Build) -> None:
    hand = Hand(gallery, "text")
    hand.walk_to("button:next")
    hand.press(PanelKey.OK)
    assert hand.did() == [Touched(Touch.NEXT)]


def test_the_keys_of_the_keyboard_can_be_walked(gallery: Build) -> None:
    hand = Hand(gallery, "text")
    hand.walk_to("key:a")
    hand.press(PanelKey.OK)
    assert hand.did()[0] == Answered("items[0].description", "Brown leather, golden bucklea")


def test_keys_do_not_reach_what_lies_under_a_question(gallery: Build) -> None:
    hand = Hand(gallery, "time_warning")
    for _ in range(MOST_PRESSES):
        hand.press(PanelKey.DOWN)
        assert not hand.focused.startswith("tile:")


# --- only the screen that is shown --------------------------------------------------------------------------


class Line(QObject):
    """The visitor screen's line to its host, with nobody at the other end."""

    show_asked = Signal()
    renew_asked = Signal()

    def say(self, _word: object, _rest: str = "") -> None:
        """Nobody listens."""


@pytest.fixture
def screen(gallery: Build, monkeypatch: pytest.MonkeyPatch, qapp: QGuiApplication) -> Any:
    """A visitor screen whose visit is not loaded."""
    assert gallery
    assert qapp
    from kiosk.screens import screen as module

    monkeypatch.setattr(module.VisitorScreen, "_load", lambda _self: None)
    monkeypatch.setattr(module, "every", lambda *_: None)
    line = Line()
    one = module.VisitorScreen(
        Settings(production=False, display={"fullscreen": False}), line, lambda _view: None
    )
    one.heard = []
    one._inbox.deliver_to(one.heard.append)
    yield one
    one.face.close()


def press_from_another_thread(screen: Any, key: PanelKey) -> list[Event]:
    screen._key_pressed.emit(key)
    for _ in range(3):
        QGuiApplication.processEvents()
    return screen.heard


def test_a_screen_that_waits_beneath_takes_no_key(screen: Any) -> None:
    assert press_from_another_thread(screen, PanelKey.HELP) == []


def test_the_screen_on_the_display_takes_the_key(screen: Any) -> None:
    screen.face.present()
    assert press_from_another_thread(screen, PanelKey.HELP) == [HERE, Touched(Touch.EMERGENCY)]


def test_a_screen_that_has_made_way_takes_no_key(screen: Any) -> None:
    screen.face.present()
    screen._yields = True
    assert press_from_another_thread(screen, PanelKey.HELP) == []


# --- planted bugs -------------------------------------------------------------------------------------------


def test_planted_arrows_that_do_not_walk_are_found(gallery: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(keypad.QT_KEYS, PanelKey.DOWN, keypad.Qt.Key.Key_Down)
    with pytest.raises(AssertionError):
        test_a_page_is_finished_by_keypad_alone(gallery, Orientation.PORTRAIT)


def test_planted_a_key_that_is_no_sign_of_life_is_found(
    gallery: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Face, "press", lambda self, key: keypad.press(self.window, key))
    with pytest.raises((AssertionError, IndexError)):
        test_every_key_is_a_sign_of_life(gallery, PanelKey.OK)


def test_planted_a_hidden_screen_that_listens_is_found(screen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(screen), "_press", lambda self, key: self.face.press(key))
    screen._key_pressed.disconnect()
    screen._key_pressed.connect(screen._press)
    with pytest.raises(AssertionError):
        test_a_screen_that_waits_beneath_takes_no_key(screen)


# --- the line of a call -------------------------------------------------------------------------------------


def texts(face: Face) -> str:
    return "\n".join(str(item.property("text")) for item in Robot(face.window)._shown_items())


SHOWN_ON = [name for name in SAMPLES if not name.startswith("emergency")]


def test_every_screen_says_that_an_officer_was_called(gallery: Build) -> None:
    face = gallery()
    for name in SHOWN_ON:
        view = replace(SAMPLES[name](EN), officer_call=OfficerCall.CALLING, calls_reach=True)
        face.show_view(view)
        assert "An officer has been called. Please wait here." in texts(face), name
        face.show_view(replace(view, officer_call=OfficerCall.ANSWERED))
        assert "An officer has answered and is on the way." in texts(face), name
        face.show_view(replace(view, calls_reach=False))
        assert "An officer has been called" not in texts(face), name  # it would not be true
        assert "Please go to Wan Chai Police Station" in texts(face), name
        assert "2527\u00a07177" in texts(face) or "2527 7177" in texts(face), name
        face.show_view(replace(view, officer_call=OfficerCall.NONE))
        assert "fficer has" not in texts(face), name
