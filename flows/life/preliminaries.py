"""What comes before a report: language, the emergency questions, and which service."""

from dataclasses import dataclass

from flows.events import Event, LanguageChosen, ServiceChosen
from flows.life.visit_context import VisitContext
from flows.messages import Triage

QUESTIONS = tuple(Triage)


@dataclass(slots=True)
class Preliminaries:
    """`question` counts the emergency questions from 0; `deaf` when the visitor cannot use a voice."""

    context: VisitContext
    question: int = 0
    deaf: bool = False

    def start(self, _event: Event) -> None:
        """A visitor woke the kiosk."""
        self.context.started_at = self.context.clock.now()

    def is_language_offered(self, event: Event) -> bool:
        """The language is one of this site's."""
        return isinstance(event, LanguageChosen) and event.language.value in self.context.site.languages

    def choose_language(self, event: Event) -> None:
        """Hold the visit in another language; no answer changes."""
        if isinstance(event, LanguageChosen) and self.is_language_offered(event):
            self.context.language = event.language

    def is_first_question(self, _event: Event) -> bool:
        """The first emergency question is shown."""
        return self.question == 0

    def is_last_question(self, _event: Event) -> bool:
        """The last emergency question is shown."""
        return self.question == len(QUESTIONS) - 1

    def go_to_next_question(self, _event: Event) -> None:
        """No emergency so far."""
        self.question = min(self.question + 1, len(QUESTIONS) - 1)

    def go_to_previous_question(self, _event: Event) -> None:
        """Look at the previous question again."""
        self.question = max(self.question - 1, 0)

    def call_for_help(self, _event: Event) -> None:
        """An emergency: the emergency screen covers everything."""
        self.context.help_called = True

    def note_deaf(self, _event: Event) -> None:
        """The visitor is deaf or cannot speak: shown how to call for help without a voice, and noted in the
        case.
        """
        self.deaf = True

    def is_service_offered(self, event: Event) -> bool:
        """This site offers the service."""
        return isinstance(event, ServiceChosen) and event.service in self.context.offered
