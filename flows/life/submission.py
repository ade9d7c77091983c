"""From the declaration to the receipt: one case, kept once, on paper if paper there is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.case import AccessibilityMode, Case
from flows.cases.case_builder import Envelope, build_case
from flows.cases.receipt_builder import ReceiptFacts, build_receipt
from flows.events import (
    CaseKept,
    CaseNotKept,
    CentreAnswered,
    Ending,
    Event,
    KeepCase,
    PrintEnded,
    PrintReceipt,
)
from flows.life.pages import Pages
from flows.life.preliminaries import Preliminaries
from flows.life.receipt_printing import ReceiptPrinting
from flows.life.visit_context import VisitContext
from flows.messages import Problem
from flows.picture.wording import Wording
from flows.ports import Device, DeviceState, Kept, NotKept
from flows.view import Message

_NOT_KEPT = {
    NotKept.NO_ROOM: Problem.CASE_NO_ROOM,
    NotKept.STORAGE_FAILED: Problem.CASE_STORAGE_FAILED,
    NotKept.INVALID: Problem.CASE_INVALID,
    NotKept.NO_KEY: Problem.CASE_NO_ROOM,  # it cannot be kept here: the way to the desk
}


SUBMISSION_LIMIT_S = 600.0
"""A disk that has not answered by then will not; the visit ends, and the commit stays whole or nothing."""


@dataclass(slots=True)
class Submission:
    """`kept` once the case is committed. The case id stays the same over every attempt, so nothing can be
    doubled.
    """

    context: VisitContext
    preliminaries: Preliminaries
    pages: Pages
    case_id: UUID | None = None
    checked: Case | None = None  # only between the check and the command of the same touch
    submitted_at: datetime | None = None
    waiting_since: float = 0.0
    kept: Kept | None = None
    official_number: str = ""
    problem: Message | None = None
    printing: ReceiptPrinting = field(default_factory=ReceiptPrinting)

    def forget(self) -> None:
        """Forget what opens the case: the receipt in the visitor's hand alone has it."""
        self.kept = self.checked = None
        self.official_number = ""

    def case(self) -> Case:
        """The case as it stands now."""
        context = self.context
        if self.case_id is None:
            self.case_id = context.new_id()
        now = context.clock.now()
        envelope = Envelope(
            case_id=self.case_id,
            kiosk=context.kiosk,
            site_code=context.site.code,
            language=context.language,
            started_at=context.started_at or now,
            submitted_at=now,
            accessibility_modes=self._accessibility_modes(),
        )
        return build_case(self.pages.checker(), envelope)

    def _accessibility_modes(self) -> frozenset[AccessibilityMode]:
        modes = {
            AccessibilityMode.NO_VOICE: self.preliminaries.deaf,
            AccessibilityMode.LARGE_TEXT: self.context.large_text,
            AccessibilityMode.HIGH_CONTRAST: self.context.high_contrast,
        }
        return frozenset(mode for mode, used in modes.items() if used)

    def is_valid(self, _event: Event) -> bool:
        """The case fits the schema of its pack."""
        self.checked = self.case()
        document: dict[str, Any] = dict(self.checked.document)
        return self.pages.known().pack.case_validator.is_valid(document)

    def show_invalid(self, _event: Event) -> None:
        """The case does not fit: a mistake of ours, said calmly."""
        self.checked = None
        self.problem = Message(Problem.CASE_INVALID)

    def submit(self, _event: Event) -> None:
        """Ask for the case to be kept."""
        self.problem = None
        self.submitted_at = self.context.clock.now()
        self.waiting_since = self.context.clock.monotonic()
        case, self.checked = self.checked or self.case(), None
        self.context.send(KeepCase(case))

    def is_stuck(self, now: float) -> bool:
        """Nobody will say any more whether the case is committed."""
        return now - self.waiting_since >= SUBMISSION_LIMIT_S

    def is_own_case(self, event: Event) -> bool:
        """The answer is about this case."""
        return isinstance(event, CaseKept) and event.kept.case_id == self.case_id

    def show_not_kept(self, event: Event) -> None:
        """Back to the declaration, with every answer."""
        if isinstance(event, CaseNotKept):
            self.problem = Message(_NOT_KEPT[event.reason])

    def receive(self, event: Event) -> None:
        """The case is committed. The receipt waits a moment for the official number."""
        if isinstance(event, CaseKept):
            self.kept = event.kept
            self.printing.wait(self.context.clock.monotonic())
            if self.official_number or self.context.timing.centre_wait_s == 0:
                self._print(self.printing.start)

    def note_official_number(self, event: Event) -> None:
        """The centre knows the case."""
        if isinstance(event, CentreAnswered) and event.case_id == self.case_id and not self.official_number:
            self.official_number = event.official_number
            if self.printing.waiting_since is not None:
                self._print(self.printing.start)

    def tick(self, _event: Event) -> None:
        """Print without the official number when it takes too long, and never wait for a mute printer for
        ever.
        """
        now = self.context.clock.monotonic()
        if self.printing.is_due(now, self.context.timing.centre_wait_s):
            self._print(self.printing.start)
        self.printing.give_up(now, self.context.timing.print_deadline_s)

    def note_print(self, event: Event) -> None:
        """How a print job ended, and what the printer is like now."""
        if isinstance(event, PrintEnded):
            self.context.devices[Device.PRINTER] = event.state
            self.printing.end(event.job_id, event.outcome)

    def reprint(self, _event: Event) -> None:
        """The visitor asks for paper."""
        self._print(self.printing.reprint)

    def _print(self, attempt: Callable[[float, DeviceState, str], str | None]) -> None:
        job_id = attempt(
            self.context.clock.monotonic(), self.context.devices[Device.PRINTER], str(self.context.new_id())
        )
        if job_id is not None and self.kept is not None and self.submitted_at is not None:
            wording = Wording(self.pages.known(), self.context.site, self.context.language)
            facts = ReceiptFacts(
                self.kept, self.official_number, self.submitted_at, large_print=self.context.large_text
            )
            self.context.send(PrintReceipt(job_id, build_receipt(wording, facts)))

    def finish(self, _event: Event) -> None:
        """The visitor leaves with a report."""
        self.context.ending = Ending.FINISHED
