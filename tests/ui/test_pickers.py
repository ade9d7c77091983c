"""Picking a day and a time on the real screen."""

import dataclasses
from collections.abc import Callable

import inspection
import pytest
from PySide6.QtCore import QDate

from config.settings import Orientation
from flows.events import Answered, Event
from flows.languages import Language
from flows.view import Field, FieldKind, QuestionBody, Screen, ViewState
from ui.bridge.comfort import TEXT_PERCENTS
from ui.engine import Face
from ui.robot import Robot

Build = Callable[..., Face]
EN, HANT = Language.ENGLISH, Language.TRADITIONAL_CHINESE
TODAY = QDate.currentDate()


def iso(day: QDate) -> str:
    return day.toString("yyyy-MM-dd")


class Diary:
    """A page that asks for a day or a moment, a visitor at it, and a visit that takes every answer."""

    def __init__(self, face: Face, events: list[Event]) -> None:
        self.face, self.events = face, events
        self.robot = Robot(face.window)

    def ask(
        self,
        kind: FieldKind = FieldKind.WHEN,
        value: object = "",
        *,
        language: Language = EN,
        earliest: str = "",
        latest: str = iso(TODAY),
        name: str = "when",
    ) -> None:
        field = Field(name, kind, "When?", value, earliest=earliest, latest=latest)  # type: ignore[arg-type]  # any answer
        self.view = ViewState(
            Screen.QUESTION, language, title="When?", body=QuestionBody((field,)), can_next=True
        )
        self.face.show_view(self.view)
        self.robot.await_screen("question")

    def take(self) -> None:
        """The visit shows the last answer, as the real one does."""
        self.show(self.answer)

    def show(self, answer: object) -> None:
        """The visit shows `answer`."""
        assert isinstance(self.view.body, QuestionBody)
        field = dataclasses.replace(self.view.body.fields[0], value=answer)  # type: ignore[arg-type]  # any answer
        self.view = dataclasses.replace(self.view, body=QuestionBody((field,)))
        self.face.show_view(self.view)

    def tap(self, *names: str) -> None:
        for name in names:
            self.robot.tap(name)

    @property
    def answer(self) -> object:
        answers = [event.value for event in self.events if isinstance(event, Answered)]
        return answers[-1] if answers else None


@pytest.fixture
def diary(gallery: Build) -> Diary:
    events: list[Event] = []
    return Diary(gallery(send=events.append), events)


def test_today_with_a_time(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:exact", "day:today", "hour:18", "minute:35")
    assert diary.answer == {"certainty": "exact", "date": iso(TODAY), "time": "18:35"}
    diary.tap("minute:later", "minute:later")
    assert diary.answer == {"certainty": "exact", "date": iso(TODAY), "time": "18:37"}


def test_yesterday_without_a_time(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:exact", "day:yesterday", "hour:09", "time:none")
    assert diary.answer == {"certainty": "exact", "date": iso(TODAY.addDays(-1)), "time": ""}


def test_an_earlier_month(diary: Diary) -> None:
    diary.ask(earliest=iso(TODAY.addYears(-1)))
    day = iso(TODAY.addMonths(-2))
    diary.tap("when:certainty:exact", "day:earlier", "month:previous", "month:previous", f"day:{day}")
    assert diary.answer == {"certainty": "exact", "date": day}
    assert diary.robot.find("hour:12") is not None


def test_between_two_moments(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:between", "day:yesterday", "hour:22")
    diary.tap("when:part:until", "day:today", "hour:07", "minute:30")
    assert diary.answer == {
        "certainty": "between",
        "date": iso(TODAY.addDays(-1)),
        "time": "22:00",
        "until_date": iso(TODAY),
        "until_time": "07:30",
    }


def test_not_sure_asks_nothing_more(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:unknown")
    assert diary.answer == {"certainty": "unknown"}
    assert diary.robot.find("day:today") is None
    assert diary.robot.find("hour:12") is None


def test_an_answer_is_shown_again_and_a_change_keeps_the_rest(diary: Diary) -> None:
    diary.ask(value={"certainty": "exact", "date": iso(TODAY.addDays(-1)), "time": "18:36"})
    assert diary.robot.await_item("day:yesterday").property("selected") is True
    assert diary.robot.await_item("hour:18").property("selected") is True
    diary.tap("hour:19")
    assert diary.answer == {"certainty": "exact", "date": iso(TODAY.addDays(-1)), "time": "19:36"}


@pytest.mark.parametrize("shown", [False, True], ids=["refused", "taken"])
def test_steps_add_up_whether_the_visit_takes_them_or_not(diary: Diary, *, shown: bool) -> None:
    diary.ask()
    for name in ("when:certainty:exact", "day:today", "hour:08"):
        diary.tap(name)
        if shown:
            diary.take()
    assert diary.answer == {"certainty": "exact", "date": iso(TODAY), "time": "08:00"}


def test_an_older_answer_that_comes_back_late_changes_nothing(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:exact", "day:today", "hour:08")
    late = diary.answer
    diary.tap("hour:09")
    newest = diary.answer
    diary.show(late)
    assert diary.robot.await_item("hour:09").property("selected") is True
    diary.show(newest)
    diary.show({"certainty": "exact", "date": iso(TODAY), "time": "10:00"})
    assert diary.robot.await_item("hour:10").property("selected") is True


def test_changing_the_language_keeps_the_answer(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:exact", "day:today", "hour:18")
    diary.take()
    diary.face.show_view(dataclasses.replace(diary.view, language=HANT))
    assert diary.robot.await_item("hour:18").property("selected") is True
    assert diary.robot.text("day:today") == "今日"


def test_days_that_are_not_taken_cannot_be_touched(diary: Diary) -> None:
    diary.ask(FieldKind.DATE, "2026-03-10", earliest="2026-03-05", latest="2026-03-20")
    assert diary.robot.find("day:2026-03-05") is not None
    assert diary.robot.find("day:2026-03-20") is not None
    for name in ("day:2026-03-04", "day:2026-03-21", "month:previous", "month:next"):
        assert diary.robot.find(name) is None


def test_days_ahead_open_at_this_month_or_at_the_first_that_is_taken(diary: Diary) -> None:
    limit = iso(TODAY.addDays(366))
    diary.ask(FieldKind.DATE, earliest=iso(TODAY), latest=limit)
    assert diary.robot.find("month:next") is not None  # a month, not the years
    assert diary.robot.find(f"day:{iso(TODAY)}") is not None
    later = TODAY.addDays(70)
    diary.ask(FieldKind.DATE, name="other", earliest=iso(later), latest=limit)
    assert diary.robot.find(f"day:{iso(later)}") is not None


def test_tomorrow_cannot_be_touched_when_something_happened(diary: Diary) -> None:
    diary.ask()
    diary.tap("when:certainty:exact", "day:earlier")
    diary.robot.await_item(f"day:{iso(TODAY)}")
    assert diary.robot.find(f"day:{iso(TODAY.addDays(1))}") is None
    assert diary.robot.find("month:next") is None


def test_a_birthday_long_ago_takes_few_touches(diary: Diary) -> None:
    diary.ask(FieldKind.DATE, earliest="1900-01-01")
    while diary.robot.find("year:1951") is None:
        diary.tap("years:previous")
    diary.tap("year:1951", "month:1951-02", "day:1951-02-28")
    assert diary.answer == "1951-02-28"
    assert diary.robot.find("day:1951-02-29") is None
    assert len([name for name in diary.robot.names() if name.startswith("day:1951")]) == 28


def test_what_happened_lately_is_asked_by_a_month_and_not_by_decades(diary: Diary) -> None:
    diary.ask(FieldKind.DATE, earliest=iso(TODAY.addYears(-5)))
    assert diary.robot.find(f"day:{iso(TODAY)}") is not None
    diary.ask(FieldKind.DATE, name="long", earliest=iso(TODAY.addYears(-10)))
    assert diary.robot.find(f"year:{TODAY.year()}") is not None
    diary.ask(FieldKind.WHEN, name="moment", earliest="1900-01-01")
    diary.tap("when:certainty:exact", "day:earlier", "date:heading")
    assert diary.robot.await_item(f"year:{TODAY.year()}") is not None


@pytest.mark.parametrize(
    ("month", "days"), [("2024-02", 29), ("2026-02", 28), ("2026-11", 30), ("2026-12", 31)]
)
def test_months_have_their_days_beneath_the_right_weekday(diary: Diary, month: str, days: int) -> None:
    diary.ask(FieldKind.DATE, f"{month}-10", earliest=f"{month}-01", latest=f"{month}-28")
    last = QDate.fromString(f"{month}-01", "yyyy-MM-dd").daysInMonth()
    assert last == days
    first = diary.robot.await_item(f"day:{month}-01")
    column = round(first.x() / (first.width() + 11))
    assert column == QDate.fromString(f"{month}-01", "yyyy-MM-dd").dayOfWeek() % 7


@pytest.mark.parametrize("percent", [TEXT_PERCENTS[0], TEXT_PERCENTS[-1]])
@pytest.mark.parametrize("orientation", list(Orientation))
def test_every_picker_is_whole(gallery: Build, orientation: Orientation, percent: int) -> None:
    diary = Diary(gallery(orientation), [])
    while diary.face.comfort.textPercent != percent:
        diary.face.comfort.nextTextSize()
    between = {
        "certainty": "between",
        "date": iso(TODAY.addDays(-1)),
        "time": "22:00",
        "until_date": iso(TODAY),
        "until_time": "07:30",
    }
    faults = {}
    for name, language, kind, value in (
        ("sureness", EN, FieldKind.WHEN, ""),
        *((f"between {language}", language, FieldKind.WHEN, between) for language in Language),
        ("day", EN, FieldKind.DATE, "1951-02-28"),
        ("year", EN, FieldKind.DATE, ""),
    ):
        diary.face.show_view(ViewState(Screen.SUBMITTING, language))
        diary.robot.await_screen("submitting")
        diary.ask(kind, value, language=language, earliest="1900-01-01")
        faults[name] = _faults(diary.face)
    assert not {place: found[:4] for place, found in faults.items() if found}


def _faults(face: Face) -> list[str]:
    look = inspection.Look(face.window)
    checks = (
        inspection.cut_texts,
        inspection.broken_words,
        inspection.small_targets,
        inspection.crowded_targets,
        inspection.unnamed_controls,
        inspection.missing_glyphs,
    )
    return [f"{check.__name__}: {fault}" for check in checks for fault in check(look)]
