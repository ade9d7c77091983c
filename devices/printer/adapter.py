"""The receipt printer: pictures onto paper, and the truth about it.

- A job starts only when the printer says that it can print.
- A picture goes out in small units; each is confirmed by the printer before the next but one is sent, so that
  trouble is seen within a few millimetres of paper and a real-time question always gets through.
- "Printed" is said only when the printer has confirmed everything including the cut.
- What is left of a broken job is dropped from the printer's buffers and cut off before anything else is
  printed. A marker file remembers this across a crash of this process; it is empty.
"""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from config.log import log
from config.settings import PrintConfirmation, Printer
from devices.printer import raster
from devices.printer.jobs import Done, Job, JobEnd, RecentJobs
from devices.printer.status import (
    BufferCleared,
    PaperSensor,
    ProcessDone,
    RawStatus,
    Replies,
    Reply,
    StatusByte,
    state_of,
)
from devices.printer.transport import Transport
from devices.supervisor import DeviceError, Life, Report
from flows.ports import USABLE_STATES, Device, DeviceState, PrintOutcome


@dataclass(frozen=True, slots=True)
class Delays:
    """Every wait of this adapter, in seconds."""

    connect_s: float = 2.0
    reply_s: float = 1.0  # an answer to a real-time question; printers take milliseconds
    poll_s: float = 1.0  # between two looks at an idle printer
    slice_s: float = 0.2  # between two looks whether it is time to end
    glance_s: float = 0.2  # without progress until the printer is asked why
    silence_s: float = 6.0  # without progress or a sensible answer until a job is given up
    clean_s: float = 10.0  # to cut off what a broken job left


class _Confirmation(Protocol):
    """How far the printer has come with what was sent."""

    def request(self) -> bytes:
        """Command that makes the printer confirm all sent before it."""

    def hear(self, reply: Reply) -> None:
        """Take a reply."""

    @property
    def outstanding(self) -> int:
        """Requests that are not confirmed yet."""


class _ProcessIds:
    """Confirmation by GS ( H. The printer may skip ids, never change their order."""

    def __init__(self) -> None:
        self._sent: list[int] = []
        self._next = 0

    def request(self) -> bytes:
        self._next = (self._next + 1) % 10_000
        self._sent.append(self._next)
        return raster.process_id(self._next)

    def hear(self, reply: Reply) -> None:
        if isinstance(reply, ProcessDone) and reply.number in self._sent:
            del self._sent[: self._sent.index(reply.number) + 1]

    @property
    def outstanding(self) -> int:
        return len(self._sent)


class _PaperSensors:
    """Confirmation by GS r: counted, because its answers carry no number."""

    def __init__(self) -> None:
        self._outstanding = 0

    def request(self) -> bytes:
        self._outstanding += 1
        return raster.PAPER_SENSOR

    def hear(self, reply: Reply) -> None:
        if isinstance(reply, PaperSensor) and self._outstanding:
            self._outstanding -= 1

    @property
    def outstanding(self) -> int:
        return self._outstanding


@dataclass(frozen=True, slots=True)
class _Due:
    """A job and the monotonic second by which its end must be known."""

    job: Job
    deadline: float


@dataclass(slots=True)
class _Progress:
    """How far a job has come."""

    all_sent: bool = False
    picture_done: bool = False
    """The printer confirmed every row; only the cut is open."""


_WINDOW = 2  # units under way; see raster.UNIT_ROWS


class PrinterService:
    """The supervised printer."""

    device = Device.PRINTER

    def __init__(self, settings: Printer, marker: Path, report: Report, delays: Delays | None = None) -> None:
        """`marker`: the file that exists while a job is on the paper and not yet cut off."""
        self._settings = settings
        self._marker = marker
        self._report = report
        self._delays = delays or Delays()
        self._transport = Transport(settings.host, settings.port)
        self._replies = Replies()
        self._confirmation: _Confirmation = _ProcessIds()
        self._jobs: queue.SimpleQueue[_Due] = queue.SimpleQueue()
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
                if self._serving and job.width <= self._settings.width_dots:
                    self._jobs.put(_Due(job, time.monotonic() + job.deadline_s))
                else:
                    refused = self._recent.end(job.job_id, JobEnd(PrintOutcome.NOT_PRINTED, self._state))
            state = self._state
        for tell in refused:
            tell(JobEnd(PrintOutcome.NOT_PRINTED, state))

    # --- the supervised life ---

    def set_up(self) -> None:
        """Connect."""
        self._state = DeviceState.DISCONNECTED
        self._transport.open(self._delays.connect_s)
        self._replies = Replies()
        by_process_id = self._settings.confirmation is PrintConfirmation.PROCESS_ID
        self._confirmation = _ProcessIds() if by_process_id else _PaperSensors()

    def run(self, life: Life) -> None:
        """Watch the printer and print what comes."""
        self._life = life
        while not life.over:
            life.beat()
            self._look()
            with self._lock:
                self._serving = True
            due = self._wait_for_job()
            if due is not None:
                self._carry_out(due.job, due.deadline)

    def tear_down(self) -> None:
        """Let go; jobs that wait are not printed."""
        with self._lock:
            self._serving = False
        self._transport.close()
        while (due := self._next_job(0)) is not None:
            self._end(due.job, PrintOutcome.NOT_PRINTED, self._state)

    def _wait_for_job(self) -> _Due | None:
        """The next job, or None when it is time to look at the printer again (or to end)."""
        until = time.monotonic() + self._delays.poll_s
        while not self._life.over and (left_s := until - time.monotonic()) > 0:
            due = self._next_job(min(left_s, self._delays.slice_s))
            if due is not None:
                return due
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
        state = self._ask_state()
        if state in USABLE_STATES and self._marker.exists():
            self._clean()
            state = self._ask_state()
        self._tell(state)
        if state is DeviceState.UNKNOWN:
            raise DeviceError(
                state
            )  # a late answer could be taken for the next one: start with a fresh connection

    def _tell(self, state: DeviceState) -> None:
        self._state = state
        self._report(self.device, state)

    def _ask_state(self) -> DeviceState:
        """The state by DLE EOT 1 to 4; UNKNOWN if any answer is missing, doubled or garbled.

        Raises DeviceError.
        """
        answers: list[int | None] = []
        for number in (1, 2, 3, 4):
            answers.append(self._ask(number))
            if answers[-1] is None:
                break
        answers += [None] * (4 - len(answers))
        return state_of(RawStatus(*answers))

    def _ask(self, number: int) -> int | None:
        for reply in self._replies.feed(self._transport.drain()):
            self._confirmation.hear(reply)
        self._transport.write(raster.status_question(number), self._delays.reply_s)
        until = time.monotonic() + self._delays.reply_s
        heard: list[int] = []
        while not heard and time.monotonic() < until:
            heard = [
                reply.value for reply in self._hear(until - time.monotonic()) if isinstance(reply, StatusByte)
            ]
        return heard[0] if len(heard) == 1 else None

    def _hear(self, timeout_s: float) -> Iterator[Reply]:
        for reply in self._replies.feed(self._transport.read(timeout_s)):
            self._confirmation.hear(reply)
            yield reply

    # --- printing ---

    def _carry_out(self, job: Job, deadline: float) -> None:
        """Print one job and tell how it ended, whatever happens.

        Raises DeviceError if the printer must be reconnected.
        """
        progress = _Progress()
        lost: DeviceError | None = None
        try:
            self._begin_paper()
            self._print(job, deadline, progress)
        except DeviceError as trouble:
            lost = trouble
            self._state = trouble.state
        if lost is None:
            self._marker.unlink(missing_ok=True)
            self._tell(self._state_after_job())
            self._end(job, PrintOutcome.PRINTED, self._state)
            return
        self._report(self.device, lost.state)
        self._end(job, _outcome(progress, lost.state), lost.state)
        if self._marker.exists():
            self._abort()

    def _state_after_job(self) -> DeviceState:
        try:
            return self._ask_state()
        except DeviceError as trouble:
            return trouble.state

    def _begin_paper(self) -> None:
        """Make sure that the printer can print now. Raises DeviceError."""
        self._look()
        if self._state not in USABLE_STATES:
            raise DeviceError(self._state)
        try:
            self._marker.touch()
        except OSError as error:  # no room for a marker: then do not start what could not be cleaned up
            raise DeviceError(DeviceState.ERROR) from error
        self._report(self.device, DeviceState.BUSY)

    def _print(self, job: Job, deadline: float, progress: _Progress) -> None:
        self._transport.write(raster.INITIALISE, self._delays.reply_s)
        for unit in raster.units(job.width, job.height, job.bits):
            self._until_outstanding(_WINDOW - 1, deadline)
            self._send(unit, deadline)
        self._send(raster.CUT, deadline)
        progress.all_sent = True
        self._until_outstanding(1, deadline)
        progress.picture_done = True
        self._until_outstanding(0, deadline)

    def _send(self, command: bytes, deadline: float) -> None:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise DeviceError(DeviceState.UNKNOWN)
        self._transport.write(command + self._confirmation.request(), left_s)

    def _until_outstanding(self, most: int, deadline: float) -> None:
        """Wait until at most that many units are unconfirmed.

        Raises DeviceError, with UNKNOWN if the printer is silent.
        """
        answers = True
        silent_since = time.monotonic()
        while (before := self._confirmation.outstanding) > most:
            self._life.beat()
            now = time.monotonic()
            if self._life.over or now >= deadline or now - silent_since > self._delays.silence_s:
                raise DeviceError(DeviceState.UNKNOWN)
            for _ in self._hear(min(self._delays.glance_s, deadline - now)):
                pass
            if self._confirmation.outstanding < before:
                silent_since = time.monotonic()
            elif answers:
                answers = self._ask_why()
                silent_since = time.monotonic() if answers else silent_since

    def _ask_why(self) -> bool:
        """Ask a printer that does not go on. False if it gives no sensible answer.

        Raises DeviceError if it says why.
        """
        state = self._ask_state()
        if state is DeviceState.UNKNOWN:
            return False  # asking again could mix up answers; from here on only confirmations count
        if state not in USABLE_STATES:
            raise DeviceError(state)
        return True

    # --- after a broken job ---

    def _abort(self) -> None:
        """Drop what the printer still holds, before somebody mends it and it goes on printing.

        Then reconnect.
        """
        self._clear_buffers()
        raise DeviceError(self._state)

    def _clear_buffers(self) -> bool:
        """Whether the printer said that both buffers are empty."""
        self._transport.write(raster.CLEAR, self._delays.reply_s)
        until = time.monotonic() + self._delays.reply_s
        while time.monotonic() < until:
            if any(isinstance(reply, BufferCleared) for reply in self._hear(until - time.monotonic())):
                return True
        return False

    def _clean(self) -> None:
        """Bring a printer that can print again to a clean start.

        Nothing buffered, no old rows on the paper.
        """
        self._clear_buffers()
        padding = bytes(
            raster.longest_unit(self._settings.width_dots)
        )  # a printer still inside a picture takes it for dots
        self._transport.write(padding + raster.INITIALISE, self._delays.clean_s)
        self._transport.write(raster.CUT + self._confirmation.request(), self._delays.clean_s)
        self._until_outstanding(0, time.monotonic() + self._delays.clean_s)
        self._marker.unlink(missing_ok=True)
        log(Event.PRINTER_CLEANED)


def _outcome(progress: _Progress, state: DeviceState) -> PrintOutcome:
    """How a job ended that did not end well."""
    stopped = state not in {DeviceState.UNKNOWN, DeviceState.DISCONNECTED}
    if not progress.all_sent or (stopped and not progress.picture_done):
        return PrintOutcome.NOT_PRINTED
    return PrintOutcome.UNCONFIRMED
