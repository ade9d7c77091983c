"""A visitor who follows a script: sees the picture, touches the screen, types on its keys.

The player knows what a visitor knows: the `ViewState` that is shown and the things on the screen by name. It
lives in the process of the visitor screen, between two turns of its event loop, and never in production.
"""

import math
import os
import re
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from flows.languages import Language
from flows.loading.pack_loader import PACKS, load_pack
from flows.view import (
    Body,
    DeclareBody,
    Field,
    FieldKind,
    FilesBody,
    Keyboard,
    ListBody,
    Message,
    NoticeBody,
    PaperState,
    PhotoBody,
    QuestionBody,
    ReceivedBody,
    ScanBody,
    Screen,
    SurveyBody,
    TriageBody,
    ViewState,
    WaitingBody,
)
from kiosk.played.finger import Finger
from kiosk.played.inventing import MOST_MEMBERS, Inventor, Way
from kiosk.played.keystroke_level import Effort
from kiosk.played.membership import Membership
from kiosk.played.playbook import Part, Playbook, in_language, text_of, typed
from kiosk.played.stage import StageDoor, StageError
from ui.robot import RobotError

if TYPE_CHECKING:
    from kiosk.screens.screen import VisitorScreen

TURN_S = 0.01
KEY_PAUSE_S = 0.03
"""Faster presses of the same key are taken for a bouncing panel."""

PATIENCE_S = 15.0
MACHINE_PATIENCE_S = 45.0
"""For what the machine does: keep, print, hear from the centre."""

_KEYPADS = (Keyboard.DIGITS, Keyboard.AMOUNT, Keyboard.PHONE)
_PAGES_OF_CANDIDATES = 12
_MOST_LISTS = 20
_PHOTO_TRIES = 3
_SCAN_TRIES = 4
_SCAN_PATIENCE_S = 5.0
"""A visitor whose document does nothing puts it to the reader again after so long."""

_FINAL_PAPER = frozenset(
    {PaperState.PRINTED, PaperState.NOT_PRINTED, PaperState.UNCONFIRMED, PaperState.NO_PRINTER}
)


class PlayError(Exception):
    """The visit cannot be finished; the message says where and why, in words of the screen."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What the player waits for before it goes on."""

    condition: Callable[[], bool]
    what: str
    patience_s: float = PATIENCE_S
    must: bool = True


Acting = Iterator[Wait]


@dataclass(slots=True)
class Step:
    """A page that was passed."""

    name: str
    began: float
    touches: int  # before it
    seconds: float = 0.0
    keys: int = 0
    thoughts: int = 1
    notices: list[str] = field(default_factory=list)
    call: str = ""
    """What the line on the page says of an officer's call; empty without a line."""
    offers_officer: bool = False

    effort: Effort = field(default_factory=Effort)

    def as_json(self) -> dict[str, Any]:
        """For `times.json`."""
        return {
            "page": self.name,
            "seconds": round(self.seconds, 3),
            "taps": self.effort.taps,
            "keys": self.effort.keys,
            "thoughts": self.effort.thoughts,
            "keystroke_level_s": round(self.effort.seconds, 2),
            "notices": self.notices,
            "call": self.call,
            "offers_officer": self.offers_officer,
        }


class Understudy(QObject):
    """Waits in a visitor screen; once that is shown, it plays the next part that nobody has claimed."""

    def __init__(self, parts: Path) -> None:
        """`parts` is the folder of parts."""
        super().__init__()
        self._parts = parts
        self._is_shown = False
        self._view: ViewState | None = None
        self._player: Player | None = None

    def enter(self, screen: "VisitorScreen") -> None:
        """Wait in this screen."""
        self._screen = screen
        screen.face.first_frame.connect(self._come_on)

    def see(self, view: ViewState) -> None:
        """The picture has changed."""
        self._view = view
        if self._player is not None:
            self._player.see(view)
        else:
            self._play_when_ready()

    def _come_on(self) -> None:
        self._is_shown = True
        self._play_when_ready()

    def _play_when_ready(self) -> None:
        if not self._is_shown or self._view is None:
            return
        self._is_shown = False  # one part for each screen
        part = Part.claim(self._parts)
        if part is not None:
            self._player = Player(part, Finger(self._screen.face.window), self._view)
            self._player.begin()


class Player(QObject):
    """Plays one part."""

    def __init__(self, part: Part, robot: Finger, view: ViewState) -> None:
        super().__init__()
        self._part = part
        self._robot = robot
        self._view = view
        self._book = self._part.playbook
        self._door = StageDoor(self._part.stage)
        self._steps: list[Step] = []
        self._met: set[str] = set()
        self._scans = list(self._book.scans)
        self._changes = list(self._book.changes)
        self._officer = list(self._book.officer)
        self._answers = dict(self._book.answers)
        self._says_all = self._book.fill is Way.LONGEST
        self._inventor = _inventor(self._book)
        self._membership = Membership(_members(self._book), self._book.removals, self._answers)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        self._busy = False
        self._seen_notices: tuple[Message, ...] = ()
        self._is_content = False
        """Has seen everything that was expected, and is about to leave."""

    def see(self, view: ViewState) -> None:
        """The picture has changed. With the wiped one the process is about to end: all is told now."""
        self._view = view
        if view.screen is Screen.WIPED and self._timer.isActive():
            self._leave()
            self._finish("" if self._is_content else f"{self._steps[-1].name}: the visit ended by itself")

    # --- going on ---

    def begin(self) -> None:
        """Start to play."""
        self._acting = self._visit()
        self._await(next(self._acting))
        self._timer.start(round(TURN_S * 1000))

    def _await(self, wait: Wait) -> None:
        self._waiting, self._deadline = wait, time.monotonic() + wait.patience_s

    def _turn(self) -> None:
        if self._busy:  # the robot lets the event loop run while it touches
            return
        self._busy = True
        try:
            self._go_on()
        except (PlayError, RobotError, StageError) as error:
            self._finish(f"{self._page()}: {error}")
        finally:
            self._busy = False

    def _go_on(self) -> None:
        is_over = not self._waiting.must and time.monotonic() > self._deadline
        if is_over or self._waiting.condition():
            self._await(next(self._acting))
        elif time.monotonic() > self._deadline:
            raise PlayError(f"waited in vain until {self._waiting.what}")

    def _finish(self, failure: str) -> None:
        self._timer.stop()
        if failure and self._part.out is not None:
            self._robot.save_picture(self._part.out / "failed.png")
        self._door.ask(finished=True, failure=failure, steps=[step.as_json() for step in self._steps])

    # --- the visit ---

    def _visit(self) -> Acting:
        yield Wait(self._may_begin, "it may begin", math.inf)
        while True:
            yield Wait(self._is_settled, "the screen has settled")
            page = self._page()
            self._arrive(page)
            yield from self._act()
            self._leave()
            yield Wait(lambda left=page: self._page() != left, "the page changes", MACHINE_PATIENCE_S)  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    def _may_begin(self) -> bool:
        return bool(self._door.ask(enter=True, process=os.getpid())["enter"])

    def _page(self) -> str:
        """A name for what is shown; another name is another page."""
        match self._view.body:
            case QuestionBody(fields=(first, *_)):
                return first.name
            case TriageBody(question_key=question):
                return f"triage {question}"
            case SurveyBody(question_key=question):
                return f"survey {question}"
            case _:
                return f"{self._view.screen.value} {self._view.title}".strip()

    def _is_settled(self) -> bool:
        return bool(self._robot.window.property("settled"))

    def _arrive(self, page: str) -> None:
        name = page if isinstance(self._view.body, QuestionBody | TriageBody) else self._view.screen.value
        self._steps.append(Step(name, time.monotonic(), self._robot.touches))
        self._steps[-1].offers_officer = self._view.offers_officer
        if self._robot.find("call_line") is not None:
            self._steps[-1].call = self._view.officer_call.value
        for place in (self._view.screen.value, page):
            if place not in self._met:
                self._met.add(place)
                self._door.ask(reached=place)

    def _leave(self) -> None:
        """Close the step; the picture of it is taken by `_depart`, just before the touch that leaves it."""
        step = self._steps[-1]
        step.notices = [notice.key for notice in self._seen_notices]
        step.seconds = time.monotonic() - step.began
        step.effort = Effort(self._robot.touches - step.touches - step.keys, step.keys, step.thoughts)

    def _depart(self, button: str) -> None:
        self._seen_notices = self._view.notices
        self._take_picture()
        self._robot.tap(button)

    def _take_picture(self, suffix: str = "") -> None:
        if self._part.out is None:
            return
        number, name = len(self._steps), re.sub(r"[^a-z0-9]+", "-", self._steps[-1].name.lower()).strip("-")
        self._robot.save_picture(self._part.out / f"{number:02d}-{name}{suffix}.png")

    def _act(self) -> Acting:
        yield from self._see_to_officer()
        if button := self._way_on():
            self._depart(button)
            return
        match self._view.body:
            case QuestionBody():
                yield from self._answer_page()
            case ScanBody():
                yield from self._scan()
            case PhotoBody():
                yield from self._photograph()
            case DeclareBody() as body:
                yield from self._declare(body)
            case ReceivedBody():
                yield from self._receive()
            case body:
                yield from self._act_beside_the_answers(body)

    def _act_beside_the_answers(self, body: Body) -> Acting:
        """What a service may have besides answers: lists, words to read, the centre, the survey."""
        match body:
            case ListBody():
                yield from self._list()
            case NoticeBody():
                self._read(body)
            case FilesBody():
                yield from self._send_files()
            case WaitingBody():
                yield from self._wait_for_centre()
            case SurveyBody():
                yield from self._rate(body)
            case _:
                self._take_picture()

    def _see_to_officer(self) -> Acting:
        """Call an officer, or say that one has come, where the script says so."""
        if not self._officer or self._officer[0].at not in {self._page(), self._view.screen.value}:
            return
        page, button = self._page(), f"button:{self._officer.pop(0).touch}"
        self._robot.tap("bar:emergency")
        yield Wait(lambda: self._robot.find(button) is not None, f"{button} is there")
        self._robot.tap(button)
        yield Wait(lambda: self._robot.find(button) is None, "that is understood")
        self._take_picture("-officer")
        self._robot.tap("button:emergency_close")
        yield Wait(lambda: self._page() == page and self._is_settled(), "the page is back")

    def _way_on(self) -> str:
        """The button that leads on where a page asks nothing of the script but one touch."""
        match self._view.screen:
            case Screen.ATTRACT:
                return "button:start"
            case Screen.LANGUAGE:
                return f"language:{self._book.language.value}"
            case Screen.TRIAGE:
                return "button:no"
            case Screen.SERVICES:
                return f"service:{self._book.service}"
            case Screen.PRIVACY:
                return "button:next"
            case Screen.REVIEW:
                return self._change_or_next()
            case _:
                return ""

    def _change_or_next(self) -> str:
        if not self._changes:
            return "button:next"
        change = self._changes.pop(0)
        self._answers |= change.answers
        return f"change:{change.row}"

    # --- questions ---

    def _answer_page(self) -> Acting:
        answered: set[str] = set()
        while (field_ := self._next_field(answered)) is not None:
            answered.add(field_.name)
            answer = self._what_to_say(field_)
            if answer is not None:
                self._steps[-1].thoughts += len(answered) > 1
                yield from self._answer(field_, (yield from self._recalled(answer)))
        yield from self._leave_question()

    def _what_to_say(self, field_: Field) -> Any:
        """The answer of the script, or an invented one; None where the visitor says nothing."""
        if field_.name in self._answers:
            return in_language(self._answers[field_.name], self._language)
        return self._inventor.answer(field_, self._answers) if self._inventor else None

    def _recalled(self, answer: Any) -> Generator[Wait, None, Any]:
        """The answer; where it is `{earlier = …}`, what paper or a message says."""
        if not (isinstance(answer, dict) and set(answer) == {"earlier"}):
            return answer
        said: list[str] = []
        yield Wait(partial(self._recall, answer["earlier"], said), f"{answer['earlier']} is known")
        return said[-1]

    def _recall(self, what: str, said: list[str]) -> bool:
        said.append(str(self._door.ask(earlier=what)["said"]))
        return said[-1] != ""

    def _leave_question(self) -> Acting:
        page, before = self._page(), self._warning()
        self._depart("button:next" if self._view.can_next else "button:skip")
        yield Wait(lambda: self._page() != page or self._is_answered_back(before), "the page changes")
        if self._page() == page and not self._problem():
            self._depart("button:next")  # a warning has been seen and is left as it is
            yield Wait(lambda: self._page() != page or self._problem() != "", "the page changes")
        if self._page() == page:
            raise PlayError(f"the page does not take the answers: {self._problem()}")

    def _is_answered_back(self, warning: str) -> bool:
        return self._problem() != "" or self._warning() != warning

    def _warning(self) -> str:
        body = self._view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        return ", ".join(f"{each.name}: {each.warning.key}" for each in fields if each.warning)

    def _next_field(self, answered: set[str]) -> Field | None:
        body = self._view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        return next((each for each in fields if each.name not in answered), None)

    def _problem(self) -> str:
        body = self._view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        return ", ".join(f"{each.name}: {each.problem.key}" for each in fields if each.problem)

    def _field(self, name: str) -> Field:
        body = self._view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        return next(each for each in fields if each.name == name)

    def _answer(self, field_: Field, answer: Any) -> Acting:
        match field_.kind:
            case FieldKind.CHOICE | FieldKind.YES_NO:
                if field_.value != answer:
                    self._robot.tap(f"tile:{field_.name}:{answer}")
                yield Wait(lambda: self._field(field_.name).value == answer, f"{answer} is chosen")
            case FieldKind.MULTI_CHOICE:
                yield from self._choose_several(field_, list(answer))
            case FieldKind.WHEN | FieldKind.DATE | FieldKind.TIME:
                self._tell(field_, answer)
            case FieldKind.LISTED:
                yield from self._choose_listed(field_, str(answer))
            case FieldKind.SKETCH:
                yield from self._draw(field_, str(answer))
            case _:
                yield from self._type(field_, str(answer))

    def _choose_several(self, field_: Field, wanted: list[str]) -> Acting:
        chosen = field_.value if isinstance(field_.value, list) else []
        for value in [option.value for option in field_.options]:
            if (value in wanted) != (value in chosen):
                self._robot.tap(f"tile:{field_.name}:{value}")
        yield Wait(lambda: set(_as_list(self._field(field_.name).value)) == set(wanted), "all are chosen")

    def _choose_listed(self, field_: Field, code: str) -> Acting:
        """By the heading under which the entry stands, as somebody who knows the list."""
        if field_.value == code:
            return
        places = (
            place
            for place, heading in enumerate(field_.headings)
            if code in {option.value for option in heading.options}
        )
        place = next(places, None)
        if place is None:
            raise PlayError(f"{field_.name} has no entry {code}")
        if len(field_.headings) > 1:
            self._robot.tap(f"heading:{field_.name}:{place}")
        tile = f"tile:{field_.name}:{code}"
        yield Wait(lambda: self._robot.find(tile) is not None, f"{code} is there")
        self._robot.tap(tile)
        yield Wait(lambda: self._field(field_.name).value == code, f"{code} is chosen")

    def _draw(self, field_: Field, lines: str) -> Acting:
        drawn = [[_point(point) for point in line.split(" ")] for line in lines.split(";")]
        self._robot.draw(f"sketch:{field_.name}", drawn)
        yield Wait(
            lambda: str(self._field(field_.name).value).count(";") >= len(drawn) - 1, "the lines are drawn"
        )

    def _tell(self, field_: Field, answer: Any) -> None:
        """A day, a time, or both."""
        with self._robot.at(field_.name):
            if field_.kind is FieldKind.WHEN:
                self._tell_when(answer)
            elif field_.kind is FieldKind.DATE:
                self._choose_day(self._day(answer), self._shown_month(field_))
            else:
                self._choose_time(str(answer))

    def _tell_when(self, when: dict[str, Any]) -> None:
        self._robot.tap(f"when:certainty:{when['certainty']}")
        if when["certainty"] == "unknown":
            return
        self._tell_moment(when["days_ago"], when.get("time", ""))
        if when["certainty"] == "between":
            self._robot.tap("when:part:until")
            self._tell_moment(when["until_days_ago"], when.get("until_time", ""))

    def _tell_moment(self, days_ago: int, clock: str) -> None:
        if days_ago < 2:
            self._robot.tap("day:yesterday" if days_ago else "day:today")
        else:
            self._robot.tap("day:earlier")
            self._choose_day(self._part.today - timedelta(days=days_ago), self._part.today)
        if clock:
            self._choose_time(clock)

    def _choose_time(self, clock: str) -> None:
        hour, minute = clock.split(":")
        self._robot.tap(f"hour:{hour}")
        if minute != "00":
            self._robot.tap(f"minute:{minute}")

    def _day(self, answer: Any) -> date:
        """A day as a script says it: `{ days_ago = 3 }`, `{ days_ahead = 60 }`, or the date itself."""
        if isinstance(answer, dict):
            return self._part.today + timedelta(days=answer.get("days_ahead", 0) - answer.get("days_ago", 0))
        return date.fromisoformat(str(answer))

    def _shown_month(self, field_: Field) -> date:
        """A day of the month at which the calendar of a field is open."""
        if field_.value:
            return date.fromisoformat(str(field_.value))
        return max(self._part.today, date.fromisoformat(field_.earliest or date.min.isoformat()))

    def _choose_day(self, wanted: date, shown: date) -> None:
        if self._robot.find("years:previous") is not None:
            self._choose_year(wanted.year)
            self._robot.tap(f"month:{wanted:%Y-%m}")
            shown = wanted
        months = (wanted.year - shown.year) * 12 + wanted.month - shown.month
        for _ in range(abs(months)):
            self._robot.tap("month:next" if months > 0 else "month:previous")
        self._robot.tap(f"day:{wanted.isoformat()}")

    def _choose_year(self, year: int) -> None:
        """The years are shown by pages; the name of each that is in sight ends with it."""
        while self._robot.find(f"year:{year}") is None:
            first = min(int(item.objectName().partition(":")[2]) for item in self._robot.shown("year:"))
            self._robot.tap("years:previous" if year < first else "years:next")
        self._robot.tap(f"year:{year}")

    # --- typing ---

    def _type(self, field_: Field, words: str) -> Acting:
        wanted = text_of(words)
        if field_.value == wanted:
            return
        item = self._robot.await_item(f"field:{field_.name}")
        if not item.hasActiveFocus():
            self._robot.tap(f"field:{field_.name}")
            self._robot.await_picture()  # with the keys of this field
            yield Wait(lambda: self._has_keys_for(field_) and self._is_settled(), "the keys are there")
        for _ in str(field_.value):
            yield from self._press("backspace")
        for keys, result in typed(words):
            yield from self._type_unit(keys, result, writing=field_.keyboard is Keyboard.WRITING)
        yield Wait(
            lambda: self._field(field_.name).value == wanted,
            f"{field_.name} holds what was typed",
        )

    def _has_keys_for(self, field_: Field) -> bool:
        """Those of the field before may be shown for a moment longer; a keypad leads to no symbols."""
        if field_.keyboard in _KEYPADS and self._robot.find("key:symbols") is not None:
            return False
        return bool(self._robot.shown("key:"))

    def _type_unit(self, keys: str, result: str, *, writing: bool) -> Acting:
        if keys == result:
            if writing:
                yield from self._use("latin")
            yield from self._press_character(result)
            return
        yield from self._use(self._book.input_method[self._book.language])
        for key in keys:
            yield from self._press(key)
        for _ in range(_PAGES_OF_CANDIDATES):
            candidate = self._candidate(result)
            if candidate:
                yield from self._press_item(candidate)
                return
            yield from self._press("page_next")
        raise PlayError(f"{keys} offers no {result}")

    def _candidate(self, text: str) -> str:
        candidates = (item for item in self._robot.shown("candidate:") if item.property("label") == text)
        return next((item.objectName() for item in candidates), "")

    def _use(self, method: str) -> Acting:
        name = f"mode:{method}"
        if self._robot.find("key:chinese") is not None and method != "latin":
            yield from self._press("chinese")
        key = self._robot.find(f"key:{name}")
        if key is not None and not key.property("chosen"):
            yield from self._press(name)
            yield Wait(lambda: self._is_chosen(f"key:{name}"), f"{method} is in use")

    def _is_chosen(self, name: str) -> bool:
        key = self._robot.find(name)
        return key is not None and bool(key.property("chosen"))

    def _press_character(self, character: str) -> Acting:
        name = "space" if character == " " else character
        if self._robot.find(f"key:{name}") is not None:
            yield from self._press(name)
            return
        detour, back = ("shift", "") if character.isalpha() else ("symbols", "letters")
        yield from self._press(detour)
        yield from self._press(name)
        if back:
            yield from self._press(back)

    def _press(self, name: str) -> Acting:
        yield from self._press_item(f"key:{name}")

    def _press_item(self, item: str) -> Acting:
        yield Wait(lambda: self._robot.find(item) is not None, f"{item} is there")
        self._robot.tap(item)
        self._steps[-1].keys += 1
        rested = time.monotonic() + KEY_PAUSE_S
        yield Wait(lambda: time.monotonic() > rested, "the finger is lifted")

    # --- other screens ---

    def _scan(self) -> Acting:
        page = self._page()
        if not self._scans:
            self._depart("button:type_instead")
            return
        self._take_picture()
        payload = self._scans.pop(0)
        for _ in range(_SCAN_TRIES):
            self._door.ask(scan=payload)
            yield Wait(lambda: self._is_read(page), "the document is read", _SCAN_PATIENCE_S, must=False)
            if self._is_read(page):
                break
        if self._page() == page:
            raise PlayError(f"the document is not taken: {self._scan_problem() or 'nothing was read'}")

    def _is_read(self, page: str) -> bool:
        return self._page() != page or self._scan_problem() != ""

    def _scan_problem(self) -> str:
        body = self._view.body
        return body.problem.key if isinstance(body, ScanBody) and body.problem else ""

    def _photograph(self) -> Acting:
        for number in range(1, max(self._book.photos, int(self._says_all)) + 1):
            for _ in range(_PHOTO_TRIES):
                yield from self._press_shutter(number)
                if self._photos() >= number:
                    break
            else:
                raise PlayError(f"photo {number} cannot be taken")
        self._depart("button:next" if self._view.can_next else "button:skip")

    def _press_shutter(self, number: int) -> Acting:
        yield Wait(lambda: self._robot.find("button:take_photo") is not None, "a photo can be taken")
        self._robot.tap("button:take_photo")
        yield Wait(self._is_capturing, "the photo is being taken", 1.0, must=False)
        yield Wait(lambda: not self._is_capturing(), f"photo {number} is taken")

    def _is_capturing(self) -> bool:
        return isinstance(self._view.body, PhotoBody) and self._view.body.capturing

    def _photos(self) -> int:
        return len(self._view.body.photo_ids) if isinstance(self._view.body, PhotoBody) else 0

    # --- lists, notices, the centre, the survey ---

    def _list(self) -> Acting:
        page = self._page()
        if self._membership.is_to_add(page, self._rows()):
            self._depart("button:add")
            return
        while target := self._membership.next_removal(page, self._rows()):
            self._robot.tap(f"remove:{target}")
            self._robot.tap(f"remove_yes:{target}")
            yield Wait(partial(self._has_no_row, target), f"{target} is removed")
        self._depart("button:next")

    def _rows(self) -> list[str]:
        return [row.target for row in self._view.body.rows] if isinstance(self._view.body, ListBody) else []

    def _has_no_row(self, target: str) -> bool:
        return target not in self._rows()

    def _read(self, body: NoticeBody) -> None:
        if body.final and self._book.expected.report:
            raise PlayError(f"the visit ends on a notice: {self._view.title}")
        self._is_content = self._is_content or body.final
        self._depart("button:finish" if body.final else "button:next")

    def _send_files(self) -> Acting:
        count = max(self._book.files, int(self._says_all))
        if count:
            yield Wait(lambda: self._code() != "", "the way from the phone is open", MACHINE_PATIENCE_S)
            self._door.ask(send=self._code(), files=count)
            yield Wait(lambda: self._arrived() >= count, f"{count} files have come", MACHINE_PATIENCE_S)
        self._depart("button:next" if self._view.can_next else "button:skip")

    def _code(self) -> str:
        return self._view.body.code if isinstance(self._view.body, FilesBody) else ""

    def _arrived(self) -> int:
        return len(self._view.body.files) if isinstance(self._view.body, FilesBody) else 0

    def _wait_for_centre(self) -> Acting:
        page = self._page()
        self._take_picture()
        yield Wait(
            lambda: self._page() != page or self._enquiry_problem() != "",
            "the centre answers",
            MACHINE_PATIENCE_S,
        )
        if self._page() != page:
            return
        if not self._view.can_skip:
            raise PlayError(f"the centre gives no answer: {self._enquiry_problem()}")
        self._depart("button:skip")

    def _enquiry_problem(self) -> str:
        body = self._view.body
        return body.problem.key if isinstance(body, WaitingBody) and body.problem else ""

    def _rate(self, body: SurveyBody) -> Acting:
        invented = list(body.options[:1]) if self._says_all else []
        for option in self._book.survey.get(body.question_key, invented):
            self._robot.tap(f"rate:{option}")
            yield Wait(partial(self._is_rated, option), f"{option} is chosen")
        self._depart("button:next" if self._rated() else "button:skip")

    def _is_rated(self, option: str) -> bool:
        return option in self._rated()

    def _rated(self) -> tuple[str, ...]:
        return self._view.body.chosen if isinstance(self._view.body, SurveyBody) else ()

    def _declare(self, body: DeclareBody) -> Acting:
        self._depart("button:submit")
        yield Wait(lambda: self._view.body != body, "the report is taken")
        if isinstance(self._view.body, DeclareBody):
            raise PlayError(f"the report is not taken: {self._view.body.problem}")

    def _receive(self) -> Acting:
        expected = self._book.expected
        yield Wait(lambda: self._received().paper in _FINAL_PAPER, "the paper is out", MACHINE_PATIENCE_S)
        if expected.paper is not None and self._received().paper is not expected.paper:
            raise PlayError(f"paper is {self._received().paper}, expected {expected.paper}")
        if expected.official_number:
            yield Wait(
                lambda: self._received().official_number != "", "the centre answers", MACHINE_PATIENCE_S
            )
        self._door.ask(received=self._received().reference, official_number=self._received().official_number)
        if self._book.reprint:
            self._robot.tap("button:reprint")
            yield Wait(lambda: not self._received().can_reprint, "the receipt is printed again")
        every = [slip.slip for slip in self._received().slips] if self._says_all else []
        for slip in self._book.slips or every:
            self._robot.tap(f"slip:{slip}")
            yield Wait(partial(self._is_out, slip), f"{slip} is out", MACHINE_PATIENCE_S)
        self._is_content = True
        self._depart("button:finish")

    def _is_out(self, name: str) -> bool:
        return any(slip.slip == name and slip.paper in _FINAL_PAPER for slip in self._received().slips)

    def _received(self) -> ReceivedBody:
        if not isinstance(self._view.body, ReceivedBody):
            raise PlayError("the received screen has gone")
        return self._view.body

    @property
    def _language(self) -> Language:
        return self._book.language


def _inventor(book: Playbook) -> Inventor | None:
    return Inventor(load_pack(PACKS / book.service), book.fill, book.language) if book.fill else None


def _members(book: Playbook) -> list[int]:
    """How many members each list is to have; on the longest way as many of every one."""
    return [MOST_MEMBERS] * _MOST_LISTS if book.fill is Way.LONGEST else book.members


def _point(text: str) -> tuple[int, int]:
    x, y = text.split(",")
    return int(x), int(y)


def _as_list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
