"""The keyboard on the real screen: real touches, what reaches the field and the visit."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import inspection
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from config.settings import Display, Orientation, Paths, Settings
from flows.events import Answered, Event, Touch, Touched
from flows.languages import Language
from flows.view import Field, FieldKind, Keyboard, QuestionBody, Screen, ViewState
from ui.bridge.comfort import TEXT_PERCENTS
from ui.engine import Face, create_application
from ui.robot import Robot

pytestmark = pytest.mark.slow

HANT, HANS, EN = Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE, Language.ENGLISH


class Desk:
    """A question page with one field, a visitor at it, and what the visit was told."""

    def __init__(self, face: Face, events: list[Event]) -> None:
        self.face, self.events = face, events
        self.robot = Robot(face.window)

    def ask(
        self,
        keyboard: Keyboard = Keyboard.WRITING,
        language: Language = HANT,
        kind: FieldKind = FieldKind.TEXT,
        value: str = "",
        max_length: int = 0,
    ) -> None:
        field = Field("f", kind, "Label", value, keyboard=keyboard, max_length=max_length)
        self.view = ViewState(
            Screen.QUESTION,
            language,
            title="Title",
            body=QuestionBody((field,)),
            can_back=True,
            can_next=True,
        )
        self.face.show_view(self.view)
        self.robot.await_screen("question")
        self.robot.tap("field:f")
        self.field.setProperty("cursorPosition", self.field.property("length"))

    def leave(self) -> None:
        """Another page, so that the next one begins anew."""
        self.face.show_view(ViewState(Screen.SUBMITTING, HANT))
        self.robot.await_screen("submitting")

    def speak(self, language: Language) -> None:
        self.view = dataclasses.replace(self.view, language=language)
        self.face.show_view(self.view)

    def keys(self, *names: str) -> None:
        for name in names:
            self.robot.tap(f"key:{name}")

    def letters(self, text: str) -> None:
        self.keys(*text)

    @property
    def field(self) -> QQuickItem:
        return self.robot.await_item("field:f")

    @property
    def text(self) -> str:
        return str(self.field.property("text"))

    @property
    def answers(self) -> list[object]:
        return [event.value for event in self.events if isinstance(event, Answered)]

    def candidate(self, index: int) -> str:
        return str(self.robot.await_item(f"candidate:{index}").property("label"))


@pytest.fixture
def desk_of(qapp: QGuiApplication) -> Iterator[Callable[..., Desk]]:
    assert qapp is not None
    create_application()
    faces: list[Face] = []

    def build(tables: Path, orientation: Orientation = Orientation.PORTRAIT) -> Desk:
        settings = Settings(
            display=Display(orientation=orientation, fullscreen=False), paths=Paths(rime=tables)
        )
        events: list[Event] = []
        face = Face(settings, events.append)
        faces.append(face)
        face.present()
        return Desk(face, events)

    yield build
    for face in faces:
        face.close()


@pytest.fixture
def desk(desk_of: Callable[..., Desk], rime_tables: Path) -> Desk:
    return desk_of(rime_tables)


@pytest.fixture
def plain_desk(desk_of: Callable[..., Desk], tmp_path: Path) -> Desk:
    """Without Chinese input data."""
    return desk_of(tmp_path)


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.LONG_TEXT])
def test_cangjie_composes_in_the_field_and_commits_a_choice(desk: Desk, kind: FieldKind) -> None:
    desk.ask(kind=kind)
    desk.letters("rohf")
    assert (desk.text, desk.field.property("preeditText")) == ("", "口人竹火")
    assert desk.answers == []
    assert desk.candidate(0) == "喺"
    desk.robot.tap("candidate:0")
    assert (desk.text, desk.field.property("preeditText")) == ("喺", "")
    assert desk.answers == ["喺"]


def test_space_takes_the_first_candidate_and_is_a_space_otherwise(desk: Desk) -> None:
    desk.ask()
    desk.letters("rohf")
    desk.keys("space", "space")
    assert desk.text == "喺 "


def test_punctuation_settles_what_is_composed(desk: Desk) -> None:
    desk.ask()
    desk.letters("ab")
    desk.keys("，")
    assert desk.text == "明，"


def test_going_on_settles_what_is_composed(desk: Desk) -> None:
    desk.ask()
    desk.letters("ab")
    desk.robot.tap("button:next")
    assert desk.events[-2:] == [Answered("f", "明"), Touched(Touch.NEXT)]


def test_backspace_takes_back_keys_then_characters_then_nothing(desk: Desk) -> None:
    desk.ask(value="𨋢")
    desk.letters("ab")
    desk.keys("backspace")
    assert desk.field.property("preeditText") == "日"
    desk.keys("backspace")
    assert (desk.field.property("preeditText"), desk.text) == ("", "𨋢")
    desk.keys("backspace", "backspace")
    assert desk.text == ""


def test_text_goes_in_at_the_cursor_and_replaces_the_selection(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN, value="ABCD")
    desk.field.setProperty("cursorPosition", 2)
    desk.letters("x")
    assert (desk.text, desk.field.property("cursorPosition")) == ("ABxCD", 3)
    desk.field.select(1, 4)  # type: ignore[attr-defined]  # a method of QML
    desk.letters("y")
    assert desk.text == "AyD"
    desk.field.select(0, 2)  # type: ignore[attr-defined]  # a method of QML
    desk.keys("backspace")
    assert desk.text == "D"


def test_maximum_length_is_never_passed_nor_a_character_split(desk: Desk) -> None:
    desk.ask(value="ab", max_length=3)
    desk.letters("jjyt")
    index = next(index for index in range(20) if desk.candidate(index) == "𨋢")
    desk.robot.tap(f"candidate:{index}")
    assert desk.text == "ab"
    desk.keys("mode:latin", "c", "d")
    assert desk.text == "abc"


def test_touching_the_field_while_composing_leaves_no_debris(desk: Desk) -> None:
    desk.ask(value="ab")
    desk.letters("rohf")
    desk.robot.tap("field:f")
    desk.letters("rohf")
    desk.keys("space")
    assert desk.text.replace("喺", "") == "ab"


def test_shift_is_for_one_letter(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN)
    desk.keys("shift", "O", "k", "k")
    assert desk.text == "Okk"


def test_symbols_and_back(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN)
    desk.keys("symbols", "#", "7", "letters", "a")
    assert desk.text == "#7a"


@pytest.mark.parametrize(
    ("keyboard", "typed", "text"),
    [
        (Keyboard.CAPITALS, ("A", "1", "(", "3", ")"), "A1(3)"),
        (Keyboard.DIGITS, ("1", "0", "backspace", "9"), "19"),
        (Keyboard.AMOUNT, ("3", "5", ".", "0", "5", "backspace"), "35.0"),
        (Keyboard.PHONE, ("+", "8", "5"), "+85"),
        (Keyboard.EMAIL, ("m", "7", "_", "@", "a", ".com"), "m7_@a.com"),
        (Keyboard.EMAIL, ("m", "@gmail.com"), "m@gmail.com"),
    ],
)
def test_special_keyboards(desk: Desk, keyboard: Keyboard, typed: tuple[str, ...], text: str) -> None:
    desk.ask(keyboard, EN)
    desk.keys(*typed)
    assert desk.text == text
    assert desk.robot.find("key:mode:cangjie") is None


def test_methods_are_offered_by_language_and_the_choice_lasts(desk: Desk) -> None:
    desk.ask()
    assert desk.robot.await_item("key:mode:cangjie").property("chosen") is True
    desk.keys("mode:jyutping")
    desk.letters("hoenggong")
    desk.robot.tap("candidate:0")
    assert desk.text == "香港"
    desk.speak(HANS)
    assert desk.robot.await_item("key:mode:pinyin").property("chosen") is True
    desk.robot.tap("key:done")
    desk.speak(HANT)
    desk.robot.tap("field:f")
    assert desk.robot.await_item("key:mode:jyutping").property("chosen") is True


def test_english_keeps_chinese_behind_one_key(desk: Desk) -> None:
    desk.ask(language=EN)
    assert desk.robot.find("key:mode:cangjie") is None
    desk.keys("chinese", "mode:pinyin")
    desk.letters("xianggang")
    desk.robot.tap("candidate:0")
    desk.keys("mode:latin", "A".lower())
    assert desk.text == "香港a"


def test_pages_of_candidates(desk: Desk) -> None:
    desk.ask()
    desk.keys("mode:pinyin", "s", "h", "i")
    assert desk.robot.find("key:page_previous") is None
    first = desk.candidate(0)
    desk.robot.tap("key:page_next")
    assert desk.robot.find("candidate:0") is None
    later = next(name for name in desk.robot.names() if name.startswith("candidate:"))
    wanted = str(desk.robot.await_item(later).property("label"))
    desk.robot.tap(later)
    assert desk.text == wanted != first


def test_candidates_that_no_font_can_draw_are_not_offered(desk: Desk) -> None:
    desk.ask()
    desk.keys("mode:stroke", "h", "s", "p")
    for _ in range(6):
        assert inspection.missing_glyphs(inspection.Look(desk.face.window)) == []
        if desk.robot.find("key:page_next") is None:
            break
        desk.robot.tap("key:page_next")


def test_done_closes_the_keyboard(desk: Desk) -> None:
    desk.ask()
    desk.letters("ab")
    desk.keys("done")
    assert desk.text == "明"
    assert desk.robot.find("key:a") is None


def test_a_key_acts_once_however_long_it_is_held(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN)
    point = _middle(desk.robot.await_item("key:s"))
    QTest.mousePress(desk.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    QTest.qWait(900)
    assert desk.text == ""
    QTest.mouseRelease(desk.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert desk.text == "s"


def test_sliding_off_a_key_does_nothing(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN)
    desk.robot.press_and_slide_off("key:s")
    assert desk.text == ""


def test_a_bouncing_panel_types_one_letter(desk: Desk) -> None:
    desk.ask(Keyboard.LATIN, EN)
    key = desk.robot.await_item("key:s")
    for _ in range(3):
        QTest.mouseClick(
            desk.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, _middle(key)
        )
    assert desk.text == "s"
    desk.keys("s")
    assert desk.text == "ss"


def test_the_field_may_go_away_in_the_middle_of_a_word(desk: Desk) -> None:
    desk.ask()
    desk.letters("ab")
    desk.leave()
    desk.ask(language=HANT)
    assert (desk.text, desk.field.property("preeditText")) == ("", "")
    desk.letters("ab")
    assert desk.field.property("preeditText") == "日月"


@pytest.mark.parametrize("language", list(Language))
def test_without_chinese_data_english_still_works(plain_desk: Desk, language: Language) -> None:
    plain_desk.ask(language=language)
    plain_desk.letters("ok")
    assert plain_desk.text == "ok"
    assert plain_desk.robot.find("key:mode:cangjie") is None
    assert plain_desk.robot.find("key:chinese") is None


@pytest.mark.parametrize("percent", [TEXT_PERCENTS[0], TEXT_PERCENTS[-1]])
@pytest.mark.parametrize("orientation", list(Orientation))
def test_every_keyboard_is_whole(
    desk_of: Callable[..., Desk], rime_tables: Path, orientation: Orientation, percent: int
) -> None:
    desk = desk_of(rime_tables, orientation)
    while desk.face.comfort.textPercent != percent:
        desk.face.comfort.nextTextSize()
    faults = {}
    special = [(each, EN) for each in Keyboard if each not in (Keyboard.NONE, Keyboard.WRITING)]
    for keyboard, language in [*special, *((Keyboard.WRITING, language) for language in Language)]:
        desk.leave()
        desk.ask(keyboard, language)
        faults[f"{keyboard} {language}"] = _faults(desk)
    assert not {place: found[:4] for place, found in faults.items() if found}


@pytest.mark.parametrize("orientation", list(Orientation))
def test_every_layer_is_whole(
    desk_of: Callable[..., Desk], rime_tables: Path, orientation: Orientation
) -> None:
    desk = desk_of(rime_tables, orientation)
    desk.ask(language=EN)
    desk.keys("chinese")
    for method in ("cangjie", "quick", "jyutping", "stroke", "pinyin"):
        desk.keys(f"mode:{method}")
        assert not _faults(desk), method
        desk.keys("s", "h" if method == "stroke" else "s")
        assert not _faults(desk), f"{method} composing"
    desk.keys("symbols")
    assert not _faults(desk), "symbols"


def _faults(desk: Desk) -> list[str]:
    look = inspection.Look(desk.face.window)
    checks = (
        inspection.cut_texts,
        inspection.small_targets,
        inspection.crowded_targets,
        inspection.rich_texts,
        inspection.unnamed_controls,
        inspection.missing_glyphs,
    )
    return [f"{check.__name__}: {fault}" for check in checks for fault in check(look)]


def _middle(item: QQuickItem) -> QPoint:
    return item.mapToScene(item.boundingRect().center()).toPoint()
