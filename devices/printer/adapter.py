"""The receipt printer: pictures onto paper, and the truth about it.

- A job starts only when the printer says that it can print.
- A picture goes out in small units; each is confirmed by the printer before the next but one is sent, so that
  trouble is seen within a few millimetres of paper and a real-time question always gets through.
- "Printed" is said only when the printer has confirmed everything including the cut.
- What is left of a broken job is dropped from the printer's buffers and cut off before anything else is
  printed. A marker file remembers this across a crash of this process; it is empty.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.event_names import Event
from config.log import log
from config.settings import Printer
from devices.printer import raster
from devices.printer.confirmation import confirmation_of, process_ids
from devices.printer.connection import transport_to
from devices.printer.conversation import Conversation, Delays
from devices.printer.jobs import Done, Job, JobEnd, RecentJobs
from devices.printer.profile import Profile, ProfileError, profile_of
from devices.printer.transport import Transport
from devices.supervisor import DeviceError, Life, Report
from flows.ports import USABLE_STATES, Device, DeviceState, PrintOutcome

__all__ = ["Delays", "PrinterService"]

_WINDOW = 2  # units under way; see raster.unit_rows
_MODEL, _FIRMWARE = 67, 65  # of GS I
_FACT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class _Due:
    """A job and the monotonic second by which its end must be known."""

    job: Job
    deadline: float


@dataclass(slots=True)
class _Progress:
    """How far a job has come. Requests are counted: one behind every unit, one behind the cut."""

    last_inked: int
    """Number of the last unit with a dot: what comes after it nobody would miss."""
    sent: int = 0
    confirmed: int = 0
    all_sent: bool = False

    @property
    def picture_sent(self) -> bool:
        """The printer has, or may have, every dot."""
        return self.sent > self.last_inked

    @property
    def done(self) -> bool:
        """The printer confirmed everything including the cut."""
        return self.all_sent and self.confirmed == self.sent


class PrinterService:
    """The supervised printer."""

    device = Device.PRINTER

    def __init__(
        self,
        settings: Printer,
        marker: Path,
        report: Report,
        delays: Delays | None = None,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`marker`: the file that exists while a job is on the paper and not yet cut off.

        `transport` instead of the one the settings name; `clock`: monotonic seconds.
        """
        self._settings = settings
        self._marker = marker
        self._report = report
        self._delays = delays or Delays()
        self._clock = clock
        self._transport = transport or transport_to(settings)
        self._ids = process_ids(clock)
        self._profile: Profile | None = None
        self._talk: Conversation | None = None
        self._identity: dict[str, str] | None = None
        self._asked_identity = False
        self._proven = False
        self._jobs: queue.SimpleQueue[_Due | None] = queue.SimpleQueue()  # None: wake up
        self._recent = RecentJobs()
        self._lock = threading.Lock()
        self._serving = False
        self._state = DeviceState.DISCONNECTED
        self._life = Life()

    # --- called from any thread ---

    def submit(self, job: Job, done: Done) -> None:
        """Print. `done` is called exactly once, on any thread.

        At once if there is no printer or the id is known.
        """
        if len(job.bits) != (job.width + 7) // 8 * job.height:
            raise ValueError("bits do not fit width and height")
        refused: list[Done] = []
        with self._lock:
            if self._recent.begin(job.job_id, done):
                if self._serving and self._profile and job.width <= self._profile.width_dots:
                    self._jobs.put(_Due(job, self._clock() + job.deadline_s))
                else:
                    refused = self._recent.end(job.job_id, JobEnd(PrintOutcome.NOT_PRINTED, self._state))
            state = self._state
        for tell in refused:
            tell(JobEnd(PrintOutcome.NOT_PRINTED, state))

    def facts(self) -> dict[str, str]:
        """What is known of the printer, by short names; printable ASCII. Never blocks."""
        facts = {"connection": self._transport.name, "profile": self._settings.model}
        profile = self._profile
        if profile is not None:
            facts |= {
                "model": profile.title,
                "width_dots": str(profile.width_dots),
                "cutter": profile.cutter.value,
                "confirmation": profile.confirmation.value,
                "automatic_status": "yes" if profile.status.automatic else "no",
            }
        facts |= self._identity or {}
        return {name: _printable(value) for name, value in facts.items()}

    # --- the supervised life ---

    def set_up(self) -> None:
        """Connect."""
        self._state = DeviceState.DISCONNECTED
        self._profile = self._profile or self._profile_in_use()
        self._proven = False
        self._transport.open(self._delays.connect_s)
        confirmation = confirmation_of(self._profile, self._ids, self._clock)
        self._talk = Conversation(
            self._transport, self._profile, confirmation, self._delays, self._clock, lambda: self._life.beat()
        )

    def run(self, life: Life) -> None:
        """Watch the printer and print what comes."""
        self._life = life
        life.when_over(lambda: self._jobs.put(None))
        with self._lock:
            self._serving = True
        while not life.over:
            life.beat()
            self._look()
            due = self._wait_for_job()
            if due is not None:
                self._carry_out(due.job, due.deadline)

    def tear_down(self) -> None:
        """Let go; jobs that wait are not printed."""
        with self._lock:
            self._serving = False
        self._transport.close()
        self._talk = None
        while not self._jobs.empty():
            due = self._next_job(0)
            if due is not None:
                self._end(due.job, PrintOutcome.NOT_PRINTED, self._state)

    def _profile_in_use(self) -> Profile:
        try:
            return profile_of(self._settings)
        except ProfileError as error:
            raise DeviceError(DeviceState.MISCONFIGURED, permanent=True) from error

    @property
    def _talking(self) -> Conversation:
        if self._talk is None:
            raise DeviceError(DeviceState.DISCONNECTED)
        return self._talk

    @property
    def _model(self) -> Profile:
        if self._profile is None:
            raise DeviceError(DeviceState.MISCONFIGURED, permanent=True)
        return self._profile

    def _wait_for_job(self) -> _Due | None:
        """The next job, or None when it is time to look at the printer again (or to end)."""
        until = self._clock() + self._delays.poll_s
        while not self._life.over and (left_s := until - self._clock()) > 0:
            due = self._next_job(min(left_s, self._delays.slice_s))
            if due is not None:
                return due
            self._talking.glance()
            if self._talking.noticed:
                return None
        return None

    def _next_job(self, timeout_s: float) -> _Due | None:
        try:
            return self._jobs.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _end(self, job: Job, outcome: PrintOutcome, state: DeviceState) -> None:
        end = JobEnd(outcome, state)
        log(Event.PRINT_ENDED, outcome=outcome, state=state)
        with self._lock:
            waiting = self._recent.end(job.job_id, end)
        for tell in waiting:
            tell(end)

    # --- state ---

    def _look(self) -> None:
        """Ask for the state, clean up if there is something to clean, and report.

        Raises DeviceError when it is silent.
        """
        state = self._talking.state()
        if state in USABLE_STATES and self._marker.exists():
            self._clean()
            state = self._talking.state()
        if state in USABLE_STATES:
            self._prove_fresh()
            self._ask_identity()
        self._tell(state)
        if state is DeviceState.UNKNOWN:
            raise DeviceError(
                state
            )  # a late answer could be taken for the next one: start with a fresh connection

    def _tell(self, state: DeviceState) -> None:
        self._state = state
        self._report(self.device, state)

    def _prove_fresh(self) -> None:
        """Once on every connection: an answer with a number shows that answers are not one behind.

        Raises DeviceError if it does not come.
        """
        confirmation = self._talking.confirmation
        if self._proven or confirmation.counted or not confirmation.trusted:
            return
        self._talking.write(confirmation.request(0), self._delays.reply_s)
        until = self._clock() + self._delays.reply_s
        while confirmation.outstanding and (left_s := until - self._clock()) > 0:
            self._talking.hear(left_s)
        if confirmation.outstanding:
            raise DeviceError(DeviceState.UNKNOWN)
        self._proven = True

    def _ask_identity(self) -> None:
        """Once in a life, when nothing else is going on. Raises DeviceError if the printer does not say."""
        if self._asked_identity or not self._model.identity:
            return
        self._asked_identity = True
        said = {}
        for name, number in (("says_model", _MODEL), ("firmware", _FIRMWARE)):
            text = self._talking.identity(number)
            if text is None:
                raise DeviceError(DeviceState.UNKNOWN)
            said[name] = text
        self._identity = said

    # --- printing ---

    def _carry_out(self, job: Job, deadline: float) -> None:
        """Print one job and tell how it ended, whatever happens.

        Raises DeviceError if the printer must be reconnected.
        """
        progress = _Progress(last_inked=self._last_inked_unit(job))
        try:
            self._begin_paper()
            self._print(job, deadline, progress)
            outcome, state = self._judged(progress)
        except DeviceError as trouble:
            self._break_off(job, progress, trouble.state)
            return
        self._marker.unlink(missing_ok=True)
        self._tell(state)
        self._end(job, outcome, state)
        if state is DeviceState.UNKNOWN:
            raise DeviceError(state)

    def _last_inked_unit(self, job: Job) -> int:
        inked = len(job.bits.rstrip(b"\0"))
        row = max(0, inked - 1) // ((job.width + 7) // 8)
        return row // self._rows_each

    @property
    def _rows_each(self) -> int:
        return raster.unit_rows(self._model.width_dots, self._model.receive_buffer)

    def _begin_paper(self) -> None:
        """Make sure that the printer can print now. Raises DeviceError."""
        self._look()
        if self._state not in USABLE_STATES:
            raise DeviceError(self._state)
        try:
            self._marker.touch()
        except OSError as error:  # no room for a marker: then do not start what could not be cleaned up
            raise DeviceError(DeviceState.ERROR) from error
        presenter = self._model.presenter
        if presenter and self._state is DeviceState.PAPER_WAITING:
            self._talking.write(presenter.retract_command, self._delays.reply_s)
        self._report(self.device, DeviceState.BUSY)

    def _print(self, job: Job, deadline: float, progress: _Progress) -> None:
        self._talking.write(self._beginning, self._delays.reply_s)
        for unit in raster.units(job.width, job.height, job.bits, self._rows_each):
            self._until_outstanding(_WINDOW - 1, deadline, progress)
            self._send(unit, self._rows_each, deadline, progress)
        if self._talking.confirmation.counted:
            self._until_outstanding(0, deadline, progress)
            self._listen_for_surplus()
        progress.all_sent = True
        self._send(self._ending, self._model.cutter_rows, deadline, progress)
        self._until_outstanding(0, deadline, progress)
        if self._talking.confirmation.counted:
            self._listen_for_surplus()

    @property
    def _beginning(self) -> bytes:
        automatic = self._model.status.automatic and not self._talking.confirmation.counted
        return raster.INITIALISE + (raster.AUTOMATIC_STATUS if automatic else b"")

    @property
    def _ending(self) -> bytes:
        presenter = self._model.presenter
        return raster.CUTS[self._model.cutter] + (presenter.present_command if presenter else b"")

    def _send(self, command: bytes, rows: int, deadline: float, progress: _Progress) -> None:
        left_s = min(deadline - self._clock(), self._delays.silence_s)
        if left_s <= 0:
            raise DeviceError(DeviceState.UNKNOWN)
        progress.sent += 1
        self._talking.write(command + self._talking.confirmation.request(rows), left_s)

    def _until_outstanding(self, most: int, deadline: float, progress: _Progress | None = None) -> None:
        """Wait until at most that many requests are unconfirmed.

        Raises DeviceError, with UNKNOWN if the printer is silent.
        """
        confirmation = self._talking.confirmation
        answers = True
        silent_since = self._clock()
        while (before := confirmation.outstanding) > most:
            self._life.beat()
            now = self._clock()
            if self._life.over or now >= deadline or now - silent_since > self._delays.silence_s:
                raise DeviceError(DeviceState.UNKNOWN)
            self._talking.hear(min(self._delays.glance_s, deadline - now))
            if confirmation.doubtful:
                raise DeviceError(DeviceState.UNKNOWN)
            if confirmation.outstanding < before:
                silent_since = self._clock()
            elif answers or self._talking.noticed:
                answers = self._ask_why()
                silent_since = self._clock() if answers else silent_since
        _count(confirmation.outstanding, progress, trusted=confirmation.trusted)

    def _ask_why(self) -> bool:
        """Ask a printer that does not go on. False if it gives no sensible answer.

        Raises DeviceError if it says why.
        """
        state = self._talking.state()
        if state is DeviceState.UNKNOWN:
            return False  # asking again could mix up answers; from here on only confirmations count
        if state not in USABLE_STATES:
            raise DeviceError(state)
        return True

    def _listen_for_surplus(self) -> None:
        """Before the cut: was any answer doubled, so that a row is still missing? Raises DeviceError."""
        until = self._clock() + self._delays.glance_s
        while (left_s := until - self._clock()) > 0:
            self._talking.hear(left_s)
        if self._talking.confirmation.doubtful:
            raise DeviceError(DeviceState.UNKNOWN)

    def _judged(self, progress: _Progress) -> tuple[PrintOutcome, DeviceState]:
        """How a job ended whose last request is confirmed, and the state after it."""
        try:
            state = self._talking.state()
        except DeviceError as trouble:
            state = trouble.state
        confirmation = self._talking.confirmation
        believed = not confirmation.counted or (
            state in USABLE_STATES and not confirmation.doubtful and not self._talking.noisy
        )
        if progress.done and confirmation.trusted and believed:
            return PrintOutcome.PRINTED, state
        if state not in USABLE_STATES:
            raise DeviceError(state)  # nothing says that the paper is off
        return PrintOutcome.UNCONFIRMED, state

    # --- after a broken job ---

    def _break_off(self, job: Job, progress: _Progress, state: DeviceState) -> None:
        """Drop what the printer still holds, before somebody mends it and it goes on printing; reconnect.

        Raises DeviceError.
        """
        self._state = state
        self._report(self.device, state)
        if not self._marker.exists():
            self._end(job, PrintOutcome.NOT_PRINTED, state)
            return
        with contextlib.suppress(DeviceError):
            self._clear_buffers()
        confirmation = self._talking.confirmation
        if not confirmation.doubtful:
            _count(confirmation.outstanding, progress, trusted=confirmation.trusted)
        self._end(job, _outcome(progress, counted=confirmation.counted), state)
        raise DeviceError(state)

    def _clear_buffers(self) -> bool:
        return self._talking.clear()

    def _clean(self) -> None:
        """Bring a printer that can print again to a clean start.

        Nothing buffered, no old rows on the paper. Raises DeviceError.
        """
        profile, talk = self._model, self._talking
        self._clear_buffers()
        padding = bytes(
            raster.longest_unit(profile.width_dots)
        )  # a printer still inside a picture takes it for dots
        talk.write(padding + raster.INITIALISE, self._delays.clean_s)
        ending = raster.CUTS[profile.cutter]
        if profile.presenter:
            ending += profile.presenter.retract_command
        rows = 2 * self._rows_each + profile.cutter_rows
        talk.write(ending + talk.confirmation.request(rows), self._delays.clean_s)
        deadline = self._clock() + self._delays.clean_s
        self._until_outstanding(0, deadline)
        if talk.confirmation.counted:
            self._hear_out(deadline)
        self._marker.unlink(missing_ok=True)
        log(Event.PRINTER_CLEANED)

    def _hear_out(self, deadline: float) -> None:
        """Answers to requests of the broken job may still come, and carry no number. Raises DeviceError.

        The first answer may be one of them. Once a second request is answered, only its own can follow.
        """
        talk = self._talking
        for _ in range(2):
            with contextlib.suppress(DeviceError):
                self._listen_for_surplus()
            talk.confirmation.forgive()
            talk.write(talk.confirmation.request(0), self._delays.reply_s)
            self._until_outstanding(0, deadline)
        with contextlib.suppress(DeviceError):
            self._listen_for_surplus()
        talk.confirmation.forgive()


def _count(outstanding: int, progress: _Progress | None, *, trusted: bool) -> None:
    if progress is not None and trusted:
        progress.confirmed = progress.sent - outstanding


def _outcome(progress: _Progress, *, counted: bool) -> PrintOutcome:
    """How a job ended that did not end well.

    NOT_PRINTED invites another try, so it is said only if the last dot was never sent: a confirmation that
    did not come may be one that got lost.
    """
    if progress.done and not counted:
        return PrintOutcome.PRINTED
    if not progress.picture_sent:
        return PrintOutcome.NOT_PRINTED
    return PrintOutcome.UNCONFIRMED


def _printable(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)[:_FACT_LENGTH]
