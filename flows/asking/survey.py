"""Three questions after a service: anonymous, skippable in one touch, counted and nothing more."""

from dataclasses import dataclass, field

from flows.events import Command, CountSurvey, Ending, Event, Rated
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.pack import PackKind
from flows.view import SurveyBody

RATINGS = ("very_good", "good", "fair", "bad", "very_bad")
REASONS = ("clear", "quick", "helpful", "hard_to_read", "too_long", "device_trouble", "other_language")


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """Its words are those of the catalogue. `follows` a rating: asked only of who has given one."""

    question: str
    options: tuple[str, ...]
    several: bool = False
    follows: bool = False


QUESTIONS = (
    SurveyQuestion("satisfied", RATINGS),
    SurveyQuestion("easy", RATINGS),
    SurveyQuestion("reasons", REASONS, several=True, follows=True),
)
"""Free text is never asked for: it could say who wrote it."""


@dataclass(slots=True)
class Survey:
    """`number` counts from 0. The answers are counted once, when the visit ends."""

    context: VisitContext
    pages: Pages
    number: int = 0
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def question(self) -> SurveyQuestion:
        """The question that is shown."""
        return QUESTIONS[self.number]

    def body(self) -> SurveyBody:
        """What the screen shows."""
        asked = self.question
        chosen = self.chosen.get(asked.question, ())
        return SurveyBody(
            asked.question, asked.options, chosen, asked.several, self.number + 1, len(QUESTIONS)
        )

    @property
    def can_next(self) -> bool:
        """Whether there is something to go on from; a question that is not answered is skipped."""
        return bool(self.chosen.get(self.question.question)) or self.question.several

    # --- named in the table ---------------------------------------------------------------------------------

    def is_wanted(self, _event: Event) -> bool:
        """This site asks."""
        return self.context.site.survey and self.pages.pack is not None

    def is_wanted_after_enquiry(self, event: Event) -> bool:
        """This site asks, and the centre has answered what the visitor came for."""
        pack = self.pages.pack
        asked = pack is not None and pack.definition.kind is PackKind.ENQUIRY
        answered = self.pages.answers.lookup.status is not None
        return asked and answered and self.is_wanted(event) and self.pages.ends_here(event)

    def begin(self, _event: Event) -> None:
        """The visitor is done: what comes now is a courtesy."""
        self.context.ending = Ending.FINISHED

    def rate(self, event: Event) -> None:
        """An option was touched: the only one, or one more; the same again takes it back."""
        asked = self.question
        if not isinstance(event, Rated) or event.option not in asked.options:
            return
        before = self.chosen.get(asked.question, ())
        if event.option in before:
            after = tuple(each for each in before if each != event.option)
        else:
            after = (*before, event.option) if asked.several else (event.option,)
        self.chosen[asked.question] = tuple(each for each in asked.options if each in after)

    def _next(self) -> int:
        rated = any(self.chosen.values())
        further = range(self.number + 1, len(QUESTIONS))
        return next((n for n in further if rated or not QUESTIONS[n].follows), len(QUESTIONS))

    def is_last(self, _event: Event) -> bool:
        """Nothing more is asked."""
        return self._next() == len(QUESTIONS)

    def go_on(self, _event: Event) -> None:
        """To the next question."""
        self.number = self._next()

    def is_first(self, _event: Event) -> bool:
        """There is no question before."""
        return self.number == 0

    def go_back(self, _event: Event) -> None:
        """Look at the question before again."""
        self.number = max(0, self.number - 1)

    def finish(self, _event: Event) -> None:
        """The visitor leaves."""
        self.context.ending = Ending.FINISHED

    # --- at the end of the visit ----------------------------------------------------------------------------

    def end(self) -> list[Command]:
        """Count what was answered, without saying whose it is."""
        answers = tuple((question, option) for question, chosen in self.chosen.items() for option in chosen)
        self.chosen.clear()
        pack = self.pages.pack
        return [CountSurvey(pack.name, answers)] if answers and pack is not None else []
