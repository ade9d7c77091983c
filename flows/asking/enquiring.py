"""Asking the centre about an earlier report: the visitor waits, and an answer or a calm problem follows.

`hear` is called before the table decides on what happens while the visitor waits: where the visit goes next
depends on it.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from flows.asking.lookup import LOOKUP_CHECK, LOOKUP_RECEIPT_CODE, LOOKUP_REFERENCE, Lookup
from flows.events import AskCentre, EnquiryAnswered, Event, Touch, Touched
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.messages import Problem
from flows.pack import Ask
from flows.picture.wording import in_language
from flows.ports import Enquiry, EnquiryAnswer, Question
from flows.view import Message

_REPORT = (LOOKUP_REFERENCE, LOOKUP_RECEIPT_CODE)
ASKED_WITH = {Ask.CHECK: _REPORT, Ask.STATUS: (*_REPORT, LOOKUP_CHECK)}

WAITING_LIMIT_S = 20.0
"""The courier gives up earlier; this is for a courier that says nothing."""

ANOTHER_CHECK_S = 60.0
"""Going back and on again within this time asks for no other check: the first is still on its way."""

_PROBLEMS = {
    Enquiry.NO_MATCH: Problem.ENQUIRY_NO_MATCH,
    Enquiry.TOO_OFTEN: Problem.ENQUIRY_TOO_OFTEN,
}
_HARMLESS = {Ask.CHECK: Enquiry.CHECK_SENT, Ask.STATUS: Enquiry.STATUS}
"""How a question should end. Anything else is a problem; of an answer to another question, too."""


@dataclass(slots=True)
class Enquiring:
    """One question at a time; `asked` while its answer is awaited."""

    context: VisitContext
    pages: Pages
    asked: UUID | None = None
    since: float = 0.0
    problem: Message | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer may still come."""
        return self.asked is not None

    @property
    def may_go_without(self) -> bool:
        """Whether the service goes on without an answer: more information is never turned away."""
        pack = self.pages.pack
        return self.problem is not None and pack is not None and pack.definition.supplement

    def _asked_with(self) -> tuple[str, ...]:
        """What the page asks the centre with, as the case would hold it."""
        known, checker = self.pages.known(), self.pages.checker()
        ask = self.pages.page().ask
        names = ASKED_WITH[ask] if ask is not None else ()
        fields = known.pack.fields
        return tuple(str(checker.check(fields[name], None).value) if name in fields else "" for name in names)

    def hear(self, event: Event) -> None:
        """Keep the answer, or that the visitor goes on without one."""
        if isinstance(event, EnquiryAnswered) and event.enquiry_id == self.asked:
            self.asked = None
            self._note(event.answer)
        elif event == Touched(Touch.SKIP) and self.may_go_without:
            self._keep(replace(self._lookup, without=True, status=None, status_for=()))

    def _note(self, answer: EnquiryAnswer) -> None:
        ask = self.pages.page().ask
        if ask is None or answer.outcome is not _HARMLESS[ask]:
            self.problem = self._problem(answer)
        elif ask is Ask.CHECK:
            now = self.context.clock.monotonic()
            self._keep(replace(self._lookup, check_for=self._asked_with(), check_at=now, without=False))
        else:
            self._keep(replace(self._lookup, status_for=self._asked_with(), status=answer, without=False))

    @property
    def _lookup(self) -> Lookup:
        return self.pages.answers.lookup

    def _keep(self, lookup: Lookup) -> None:
        self.pages.answers.note_lookup(replace(lookup, pack=self.pages.known().pack.name))

    def _problem(self, answer: EnquiryAnswer) -> Message:
        minutes = str(max(1, -(-answer.wait_s // 60)))
        desk = in_language(self.context.site.desk, self.context.language)
        key = _PROBLEMS.get(answer.outcome, Problem.ENQUIRY_UNREACHABLE)
        return Message(key, {"minutes": minutes, "desk": desk})

    # --- named in the table ---------------------------------------------------------------------------------

    def must_ask(self, _event: Event) -> bool:
        """The page asks the centre, and has not asked it the same before."""
        lookup = self.pages.answers.lookup
        match self.pages.page().ask:
            case Ask.CHECK:
                lately = self.context.clock.monotonic() - lookup.check_at < ANOTHER_CHECK_S
                return not lately or self._asked_with() != lookup.check_for
            case Ask.STATUS:
                return self._asked_with() != lookup.status_for
        return False

    def ask(self, _event: Event) -> None:
        """Ask."""
        reference, code, *check = self._asked_with()
        self.problem = None
        self.asked = self.context.new_id()
        self.since = self.context.clock.monotonic()
        self.context.send(AskCentre(self.asked, Question(reference, code, *check)))

    def has_problem(self, _event: Event) -> bool:
        """No answer came that leads on."""
        return self.is_waiting or self.problem is not None

    def can_retry(self, _event: Event) -> bool:
        """The question may be asked again."""
        return not self.is_waiting and self.problem is not None

    def cancel(self, _event: Event) -> None:
        """Back to the page; an answer that still comes is not heard."""
        self.asked = self.problem = None

    def needs_answer(self, _event: Event) -> bool:
        """The service needs the answer, or it may still come."""
        return not self.may_go_without

    def go_on(self, event: Event) -> None:
        """To the next page."""
        self.cancel(event)
        self.pages.go_ahead(event)

    def tick(self, _event: Event) -> None:
        """Nobody answers."""
        if self.is_waiting and self.context.clock.monotonic() - self.since >= WAITING_LIMIT_S:
            self.asked = None
            self.problem = self._problem(EnquiryAnswer(Enquiry.UNREACHABLE))
