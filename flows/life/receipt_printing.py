"""A receipt on its way to paper: waits for the official number, prints, is told how it went."""

from dataclasses import dataclass

from flows.ports import USABLE_STATES, DeviceState, PrintOutcome
from flows.view import PaperState

_STATES = {
    PrintOutcome.PRINTED: PaperState.PRINTED,
    PrintOutcome.NOT_PRINTED: PaperState.NOT_PRINTED,
    PrintOutcome.UNCONFIRMED: PaperState.UNCONFIRMED,
}


@dataclass(slots=True)
class ReceiptPrinting:
    """`waiting_since` and `printing_since` are monotonic seconds. One reprint at most."""

    state: PaperState = PaperState.PRINTING
    job_id: str = ""
    waiting_since: float | None = None
    printing_since: float | None = None
    reprinted: bool = False

    @property
    def is_active(self) -> bool:
        """Whether something is still coming: counts as activity."""
        return self.waiting_since is not None or self.printing_since is not None

    def wait(self, now: float) -> None:
        """Start to wait for the official number."""
        self.waiting_since = now

    def is_due(self, now: float, patience_s: float) -> bool:
        """Whether the receipt must no longer wait."""
        return self.waiting_since is not None and now - self.waiting_since >= patience_s

    def start(self, now: float, printer: DeviceState, new_job_id: str) -> str | None:
        """The id of the job to print now, or None without a usable printer."""
        self.waiting_since = None
        if printer not in USABLE_STATES:
            self.state = PaperState.NO_PRINTER
            return None
        if not self.job_id or self.state in (PaperState.PRINTED, PaperState.UNCONFIRMED):
            self.job_id = new_job_id
        self.state = PaperState.PRINTING
        self.printing_since = now
        return self.job_id

    def can_reprint(self, printer: DeviceState) -> bool:
        """Whether the visitor may ask for paper (again)."""
        used_up = self.reprinted and bool(self.job_id)
        return not self.is_active and not used_up and printer in USABLE_STATES

    def reprint(self, now: float, printer: DeviceState, new_job_id: str) -> str | None:
        """The visitor asks for paper; the first piece after a missing printer is not a reprint."""
        if not self.can_reprint(printer):
            return None
        self.reprinted = bool(self.job_id)
        return self.start(now, printer, new_job_id)

    def end(self, job_id: str, outcome: PrintOutcome) -> None:
        """A job ended; only the current one counts."""
        if self.printing_since is not None and job_id == self.job_id:
            self.state = _STATES[outcome]
            self.printing_since = None

    def give_up(self, now: float, deadline_s: float) -> None:
        """The printer never answered: paper is not claimed."""
        if self.printing_since is not None and now - self.printing_since >= deadline_s:
            self.state = PaperState.UNCONFIRMED
            self.printing_since = None
