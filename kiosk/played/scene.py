"""What a played visitor sees and holds: the picture, a finger, the script, and the pages passed so far.

How a visitor acts on a screen is a generator over a `Scene`. It yields what it waits for, so that the event
loop of the screen runs on meanwhile.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flows.languages import Language
from flows.view import Field, Message, QuestionBody, SurveyBody, TriageBody, ViewState
from kiosk.played.finger import Finger
from kiosk.played.inventing import Way
from kiosk.played.keystroke_level import Effort
from kiosk.played.playbook import Part, Playbook
from kiosk.played.stage import StageDoor

PATIENCE_S = 15.0
MACHINE_PATIENCE_S = 45.0
"""For what the machine does: keep, print, hear from the centre."""


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


@dataclass(slots=True)
class Scene:
    """One visit as its player knows it. `view` is replaced with every new picture."""

    part: Part
    finger: Finger
    view: ViewState
    door: StageDoor
    steps: list[Step] = field(default_factory=list)
    is_content: bool = False
    """Has seen everything that was expected, and is about to leave."""

    _met: set[str] = field(default_factory=set)
    _seen_notices: tuple[Message, ...] = ()

    @property
    def book(self) -> Playbook:
        """The script."""
        return self.part.playbook

    @property
    def language(self) -> Language:
        """What the visitor reads and writes."""
        return self.book.language

    @property
    def says_all(self) -> bool:
        """Whether the visitor gives whatever may be given."""
        return self.book.fill is Way.LONGEST

    # --- looking --------------------------------------------------------------------------------------------

    def has_left(self, page: str) -> bool:
        """Whether something else is shown than `page`."""
        return self.page() != page

    def page(self) -> str:
        """A name for what is shown; another name is another page."""
        match self.view.body:
            case QuestionBody(fields=(first, *_)):
                return first.name
            case TriageBody(question_key=question):
                return f"triage {question}"
            case SurveyBody(question_key=question):
                return f"survey {question}"
            case _:
                return f"{self.view.screen.value} {self.view.title}".strip()

    def is_settled(self) -> bool:
        """Whether nothing moves on the screen any more."""
        return bool(self.finger.window.property("settled"))

    def is_there(self, name: str) -> bool:
        """Whether a thing of that name is on the screen."""
        return self.finger.find(name) is not None

    def fields(self) -> tuple[Field, ...]:
        """The fields that are asked now; none where no question is."""
        return self.view.body.fields if isinstance(self.view.body, QuestionBody) else ()

    def field(self, name: str) -> Field:
        """A field that is asked now."""
        return next(each for each in self.fields() if each.name == name)

    # --- passing pages --------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Begin the step of the page that is shown; the stage hears what is reached for the first time."""
        page, screen = self.page(), self.view.screen.value
        name = page if isinstance(self.view.body, QuestionBody | TriageBody) else screen
        step = Step(name, time.monotonic(), self.finger.touches, offers_officer=self.view.offers_officer)
        if self.is_there("call_line"):
            step.call = self.view.officer_call.value
        self.steps.append(step)
        for place in (screen, page):
            if place not in self._met:
                self._met.add(place)
                self.door.ask(reached=place)

    def leave(self) -> None:
        """Close the step; the picture of it is taken by `depart`, just before the touch that leaves it."""
        step = self.steps[-1]
        step.notices = [notice.key for notice in self._seen_notices]
        step.seconds = time.monotonic() - step.began
        step.effort = Effort(self.finger.touches - step.touches - step.keys, step.keys, step.thoughts)

    def depart(self, button: str) -> None:
        """Leave the page with this button."""
        self._seen_notices = self.view.notices
        self.take_picture()
        self.finger.tap(button)

    def go_on(self) -> None:
        """Leave the page ahead; where there is nothing to continue with, by skipping it."""
        self.depart("button:next" if self.view.can_next else "button:skip")

    def take_picture(self, suffix: str = "") -> None:
        """Keep what is shown, numbered and named by the step."""
        if self.part.out is None:
            return
        number, name = len(self.steps), re.sub(r"[^a-z0-9]+", "-", self.steps[-1].name.lower()).strip("-")
        self.finger.save_picture(self.part.out / f"{number:02d}-{name}{suffix}.png")
