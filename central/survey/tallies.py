"""What visitors answered to the survey: taken as numbers, and shown so that nobody can be found."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from central.problems import INVALID, ProblemError
from central.recipients import Recipient
from central.store import tallies
from central.store.store import Store
from central.store.tallies import Tally

FEWEST = 5
"""Answers of one kiosk, day, service and question below which they are not counted in."""

MOST_DAYS_BACK = 40
MOST_COUNT = 100_000
MOST_TALLIES = 500
WORD = r"^[a-z][a-z0-9_]{0,39}$"
_Word = Annotated[str, Field(pattern=WORD)]


class SurveySettings(BaseModel):
    """The section `survey` of `centre.json`: words that are known; empty lists know all."""

    model_config = ConfigDict(extra="forbid")

    services: frozenset[_Word] = frozenset()
    questions: dict[_Word, frozenset[_Word]] = {}
    complaints: frozenset[_Word] = frozenset({"police_complaint"})
    """Services of which only the office that takes complaints sees the answers."""

    def knows(self, tally: Tally) -> bool:
        """Whether its words are known here."""
        service = not self.services or tally.service in self.services
        question = not self.questions or tally.option in self.questions.get(tally.question, ())
        return service and question


@dataclass(frozen=True, slots=True)
class Answers:
    """To one question after one service: how often each option was chosen."""

    service: str
    question: str
    options: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """By service and question. `left_out`: groups of too few answers (kiosk, day, service, question)."""

    answers: Sequence[Answers]
    left_out: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """The rules of docs/reference/tallies.md."""

    store: Store
    settings: SurveySettings
    clock: Callable[[], dt.datetime]

    def take(self, kiosk: int, day: dt.date, counted: Sequence[Tally]) -> None:
        """A day of a kiosk. Raises `ProblemError`."""
        today = self.clock().date()
        if not today - dt.timedelta(days=MOST_DAYS_BACK) <= day <= today + dt.timedelta(days=1):
            raise ProblemError(INVALID, "a day too long ago, or yet to come")
        if len({(each.service, each.question, each.option) for each in counted}) != len(counted):
            raise ProblemError(INVALID, "an option counted twice")
        with self.store.writing() as db:
            tallies.replace(db, kiosk, day, [each for each in counted if self.settings.knows(each)])

    def summary(self, db: sa.Connection, first: dt.date, last: dt.date, room: Recipient) -> Summary:
        """The answers of some days that `room` may see, without groups of too few."""
        groups: defaultdict[tuple[int, dt.date, str, str], Counter[str]] = defaultdict(Counter)
        for kiosk, day, tally in tallies.between(db, first, last):
            if (tally.service in self.settings.complaints) is (room is Recipient.COMPLAINTS):
                groups[kiosk, day, tally.service, tally.question][tally.option] += tally.count
        enough = {group: options for group, options in groups.items() if options.total() >= FEWEST}
        summed: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (_, _, service, question), options in enough.items():
            summed[service, question] += options
        answers = [
            Answers(*names, dict(sorted(options.items()))) for names, options in sorted(summed.items())
        ]
        return Summary(answers, len(groups) - len(enough))
