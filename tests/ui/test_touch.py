"""What a visitor's touches, keys and typing lead to, and what they must not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from samples import SAMPLES, document, text

from config.settings import Orientation, Paths
from flows.events import (
    Answered,
    ChangeAsked,
    ComfortChanged,
    Event,
    LanguageChosen,
    PhotoDeleted,
    ServiceChosen,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.view import Field, FieldKind, Keyboard, QuestionBody, Screen, ViewState
from ui.engine import Face
from ui.robot import Robot, RobotError

Build = Callable[..., Face]
EN = Language.ENGLISH
HERE = Touched(Touch.MORE_TIME)
"""What tells the visit that somebody is here, when a touch changes nothing in it."""


class Visitor:
    """A face, a robot before it, and the events that came of it."""

    def __init__(
        self,
        build: Build,
        sample: str = "attract",
        orientation: Orientation = Orientation.PORTRAIT,
        **more: Any,
    ) -> None:
        self.events: list[Event] = []
        self.face = build(orientation, send=self.events.append, **more)
        self.robot = Robot(self.face.window)
        self.show(SAMPLES[sample](EN))

    def show(self, view: ViewState) -> None:
        self.face.show_view(view)
        self.robot.settle()


TOUCHES: list[tuple[str, str, Event]] = [
    ("attract", "button:start", Touched(Touch.START)),
    ("attract", "bar:emergency", Touched(Touch.EMERGENCY)),
    ("language", "language:zh-Hans", LanguageChosen(Language.SIMPLIFIED_CHINESE)),
    ("triage", "button:yes", Touched(Touch.YES)),
    ("triage", "button:no", Touched(Touch.NO)),
    ("triage", "button:deaf", Touched(Touch.DEAF)),
    ("triage", "button:information", Touched(Touch.INFORMATION)),
    ("deaf_help", "button:next", Touched(Touch.NEXT)),
    ("emergency", "button:emergency_close", Touched(Touch.EMERGENCY_CLOSE)),
    ("services", "service:lost_property", ServiceChosen("lost_property")),
    ("privacy", "button:next", Touched(Touch.NEXT)),
    ("choice", "tile:reporter.role:organisation", Answered("reporter.role", "organisation")),
    ("categories", "tile:items:keys", Answered("items", ["wallet", "hkid", "octopus", "keys"])),
    ("categories", "button:back", Touched(Touch.BACK)),
    ("date", "button:skip", Touched(Touch.SKIP)),
    ("time", "hour:19", Answered("event.start_time", "19:30")),
    ("time", "minute:45", Answered("event.start_time", "07:45")),
    ("document", "button:scan_instead", Touched(Touch.SCAN_INSTEAD)),
    ("categories", "tile:items:wallet", Answered("items", ["hkid", "octopus"])),
    ("scan", "button:type_instead", Touched(Touch.TYPE_INSTEAD)),
    ("photo", "button:take_photo", Touched(Touch.TAKE_PHOTO)),
    ("photo", "delete:p2", PhotoDeleted("p2")),
    ("review", "change:event.when", ChangeAsked("event.when")),
    ("declare", "button:submit", Touched(Touch.SUBMIT)),
    ("received", "button:finish", Touched(Touch.FINISH)),
    ("received_without_paper", "button:reprint", Touched(Touch.REPRINT)),
    ("time_warning", "button:more_time", Touched(Touch.MORE_TIME)),
    ("stop_confirm", "button:stop_confirm", Touched(Touch.STOP_CONFIRM)),
    ("stop_confirm", "button:stop_cancel", Touched(Touch.STOP_CANCEL)),
    ("stop_confirm", "bar:emergency", Touched(Touch.EMERGENCY)),
    ("review", "bar:quick_exit", Touched(Touch.QUICK_EXIT)),
    ("review", "bar:stop", Touched(Touch.STOP)),
]


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_touch_becomes_one_event(gallery: Build, orientation: Orientation) -> None:
    visitor = Visitor(gallery, "attract", orientation)
    became = []
    for sample, name, _ in TOUCHES:
        visitor.events.clear()
        visitor.show(SAMPLES[sample](EN))
        visitor.robot.tap(name)
        became.append((sample, name, *visitor.events))
    assert became == TOUCHES


def test_language_buttons_of_the_attract_screen_begin_and_choose(gallery: Build) -> None:
    visitor = Visitor(gallery)
    visitor.robot.tap("language:en")
    assert visitor.events == [Touched(Touch.START), LanguageChosen(EN)]


def test_the_bar_offers_every_language_on_every_screen(gallery: Build) -> None:
    visitor = Visitor(gallery, "review")
    visitor.robot.tap("bar:language")
    visitor.robot.tap("language:zh-Hant")
    assert visitor.events == [HERE, LanguageChosen(Language.TRADITIONAL_CHINESE)]
    assert visitor.robot.find("language:zh-Hant") is None


def test_sliding_off_a_button_does_nothing(gallery: Build) -> None:
    visitor = Visitor(gallery, "declare")
    visitor.robot.press_and_slide_off("button:submit")
    assert visitor.events == []


def _middle(item: QQuickItem) -> QPoint:
    return item.mapRectToScene(item.boundingRect()).center().toPoint()


def test_two_quick_taps_submit_once(gallery: Build) -> None:
    visitor = Visitor(gallery, "declare")
    point = _middle(visitor.robot.await_item("button:submit"))
    for _ in range(2):
        QTest.mouseClick(
            visitor.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point
        )
    assert visitor.events == [Touched(Touch.SUBMIT)]


def test_a_tap_on_a_screen_that_has_just_changed_is_not_taken(gallery: Build) -> None:
    visitor = Visitor(gallery, "review")
    visitor.face.show_view(SAMPLES["declare"](EN))
    visitor.robot.picture()
    point = _middle(visitor.robot.await_item("button:submit"))
    QTest.mouseClick(visitor.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert visitor.events == []


def test_leaving_is_never_delayed(gallery: Build) -> None:
    visitor = Visitor(gallery, "review")
    visitor.face.show_view(SAMPLES["declare"](EN))
    visitor.robot.picture()
    point = _middle(visitor.robot.await_item("bar:quick_exit"))
    QTest.mouseClick(visitor.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert visitor.events == [Touched(Touch.QUICK_EXIT)]


def test_what_lies_under_a_question_cannot_be_touched(gallery: Build) -> None:
    visitor = Visitor(gallery, "stop_confirm")
    assert visitor.robot.find("button:next") is None
    with pytest.raises(RobotError, match="tile:items:keys"):
        visitor.robot.tap("tile:items:keys", patience_s=0.2)


def test_typing_reaches_the_visit_letter_by_letter(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.robot.type_keys("abc")
    before = "Brown leather, golden buckle"
    field = "items[0].description"
    assert visitor.events == [Answered(field, before + typed) for typed in ("a", "ab", "abc")]


def _with_value(view: ViewState, value: str) -> ViewState:
    assert isinstance(view.body, QuestionBody)
    return replace(view, body=replace(view.body, fields=(replace(view.body.fields[0], value=value),)))


def _field(visitor: Visitor) -> QQuickItem:
    return visitor.robot.await_item("field:items[0].description")


def test_composing_a_character_tells_that_somebody_is_here(gallery: Build, rime_tables: Path) -> None:
    visitor = Visitor(gallery, "text", paths=Paths(rime=rime_tables))
    visitor.show(_with_value(text(Language.SIMPLIFIED_CHINESE), ""))
    visitor.robot.tap("key:n")
    assert visitor.events == [HERE]
    visitor.robot.tap("key:i")
    visitor.robot.tap("candidate:0")
    assert visitor.events[-1] == Answered("items[0].description", "你")


def test_an_answer_that_comes_back_late_does_not_undo_what_was_typed_since(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.show(_with_value(text(EN), ""))
    visitor.robot.type_keys("ab")
    visitor.face.show_view(_with_value(text(EN), "a"))
    assert _field(visitor).property("text") == "ab"
    visitor.face.show_view(_with_value(text(EN), "ab"))
    assert _field(visitor).property("text") == "ab"


def test_the_cursor_stays_where_it_is_when_the_answer_comes_back(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.show(_with_value(text(EN), "wallet"))
    _field(visitor).setProperty("cursorPosition", 0)
    visitor.robot.type_keys("x")
    visitor.face.show_view(_with_value(text(EN), "xwallet"))
    assert _field(visitor).property("cursorPosition") == 1


def test_a_text_that_the_visit_changed_is_shown(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.face.show_view(_with_value(text(EN), "from the scanner"))
    assert _field(visitor).property("text") == "from the scanner"


def test_two_tiles_touched_before_the_visit_answers_are_both_chosen(gallery: Build) -> None:
    visitor = Visitor(gallery, "categories")
    visitor.robot.tap("tile:items:keys")
    visitor.robot.tap("tile:items:cash")
    assert visitor.events[-1] == Answered("items", ["wallet", "hkid", "octopus", "keys", "cash"])


def test_an_answer_that_the_visit_does_not_take_is_not_shown_for_long(gallery: Build) -> None:
    visitor = Visitor(gallery, "categories")
    visitor.robot.tap("tile:items:keys")
    tile = visitor.robot.await_item("tile:items:keys")
    assert tile.property("selected")
    visitor.robot.wait_until(lambda: not tile.property("selected"), "the tile is no longer chosen")


def test_changing_the_language_keeps_what_is_typed_and_where(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.robot.type_keys("z")
    typed = "Brown leather, golden bucklez"
    visitor.show(_with_value(text(Language.TRADITIONAL_CHINESE), typed))
    assert _field(visitor).property("text") == typed
    assert _field(visitor).property("activeFocus")
    assert visitor.robot.find("key:done") is not None


def test_another_page_begins_at_its_top_with_its_own_field(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.show(document(EN))
    assert visitor.robot.find("field:items[0].description") is None
    assert visitor.robot.await_item("field:reporter.doc_no").property("activeFocus")
    assert visitor.face.window.property("scrollPlace") == 0


HOSTILE = {
    "markup": "<b>bold</b> <img src='file:///etc/passwd'> &amp;",
    "right to left override": "abc\u202e\u202d cba\u2066",
    "emoji": "👛🔑 family 👨‍👩‍👧",
    "control bytes": "a\x07b\x1b[31mc\x00d",
    "long": "長" * 10_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_was_typed_is_shown_plain(gallery: Build, value: str) -> None:
    visitor = Visitor(gallery, "text")
    visitor.show(_with_value(text(EN), value[:200]))
    review = SAMPLES["review"](EN)
    row = replace(review.body.rows[0], lines=(value,))  # type: ignore[union-attr]  # a review
    visitor.show(replace(review, body=replace(review.body, rows=(row,))))  # type: ignore[type-var]  # a review
    visitor.robot.picture()
    shown = [
        item
        for item in visitor.robot._shown_items()
        if str(item.property("text")).startswith(value.split("\x00")[0][:5])
    ]
    assert shown
    assert all(item.width() <= visitor.face.window.width() for item in shown)


def test_a_field_takes_no_more_than_it_may(gallery: Build) -> None:
    field = Field("card", FieldKind.LAST_FOUR, "Card", "123", keyboard=Keyboard.DIGITS, max_length=4)
    visitor = Visitor(gallery)
    visitor.show(ViewState(Screen.QUESTION, EN, title="Card", body=QuestionBody((field,)), can_next=True))
    visitor.robot.type_keys("45")
    assert visitor.events == [Answered("card", "1234")]


def test_done_puts_the_keyboard_away(gallery: Build) -> None:
    visitor = Visitor(gallery, "text")
    visitor.robot.tap("key:done")
    visitor.robot.wait_until(lambda: visitor.robot.find("key:done") is None, "the keyboard closes")
    visitor.robot.tap("field:items[0].description")
    assert visitor.robot.await_item("key:done")


@pytest.mark.parametrize(
    "sample", ["language", "triage", "services", "categories", "contact", "review", "received"]
)
def test_keys_alone_reach_every_control(gallery: Build, sample: str) -> None:
    visitor = Visitor(gallery, sample)
    window = visitor.face.window
    wanted = {name for name in visitor.robot.names() if name.partition(":")[0] in _REACHABLE} - {
        name for name in visitor.robot.names() if name.startswith("scroll:")
    }
    reached = set()
    for _ in range(2 * len(visitor.robot.names())):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        QGuiApplication.processEvents()
        focused = window.activeFocusItem()
        if focused is not None:
            reached.add(focused.objectName())
    assert not wanted - reached


_REACHABLE = {"button", "bar", "tile", "service", "language", "change", "field"}


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_ok_key_acts_like_a_touch(gallery: Build, key: Qt.Key) -> None:
    visitor = Visitor(gallery, "services")
    while True:
        QTest.keyClick(visitor.face.window, Qt.Key.Key_Tab)
        focused = visitor.face.window.activeFocusItem()
        if focused is not None and focused.objectName() == "service:lost_property":
            break
    QTest.keyClick(visitor.face.window, key)
    assert visitor.events == [ServiceChosen("lost_property")]


def test_text_size_and_contrast_work_and_are_forgotten(gallery: Build) -> None:
    visitor = Visitor(gallery, "review")
    visitor.robot.tap("bar:textsize")
    visitor.robot.tap("bar:contrast")
    assert (visitor.face.comfort.textPercent, visitor.face.comfort.highContrast) == (150, True)
    assert visitor.events == [
        ComfortChanged(150, high_contrast=False),
        ComfortChanged(150, high_contrast=True),
    ]
    visitor.robot.tap("bar:textsize")
    visitor.robot.tap("bar:textsize")
    assert visitor.face.comfort.textPercent == 100
    fresh = gallery()
    assert (fresh.comfort.textPercent, fresh.comfort.highContrast) == (100, False)


def test_the_last_tile_is_reached_by_the_scroll_buttons(gallery: Build) -> None:
    visitor = Visitor(gallery, "categories")
    visitor.robot.tap("bar:textsize")
    visitor.robot.tap("tile:items:other")
    assert visitor.events[0] == ComfortChanged(150, high_contrast=False)
    assert visitor.events[-1] == Answered("items", ["wallet", "hkid", "octopus", "other"])
    assert set(visitor.events[1:-1]) == {HERE}
    assert visitor.face.window.property("scrollPlace") > 0
