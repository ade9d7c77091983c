"""ID / QR scanner and reader of document zones, each on a serial line (USB-CDC or RS-232).

Only while somebody listens does a payload leave this module; what is scanned at any other time is thrown away
here. A scanner that may have been set otherwise, by a code somebody showed it, is asked and set again.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.event_names import Event
from config.log import log
from config.settings import DocumentReader, ReaderFraming, Scanner
from devices.scanner import wedge
from devices.scanner.codes import Code
from devices.scanner.debounce import Debounce
from devices.scanner.dialects import Answer
from devices.scanner.framing import SILENCE_S, BlockFraming, Dropped, Framing, LengthFraming
from devices.scanner.intake import Got, Intake
from devices.scanner.port import Port, PortError
from devices.scanner.profiles import PROFILES, READER, Profile
from devices.scanner.trouble import REMEDIES, STATES, Trouble
from devices.supervisor import DeviceError, Life, Report
from devices.waking import Waker
from flows.ports import Device, DeviceState

Deliver = Callable[[Device, str, bytes], None]
"""Takes who read it, the AIM identifier of the code (or nothing), and the payload; on the device's thread."""

ENDLESS_BYTES = 1 << 16
"""So much without anything whole in it is no code: the line is closed and opened anew."""

_FRAMERS: Mapping[ReaderFraming, Callable[[], Framing | BlockFraming | LengthFraming]] = {
    ReaderFraming.LINES: Framing,
    ReaderFraming.BLOCK: BlockFraming,
    ReaderFraming.LENGTH: LengthFraming,
}
_MOST_UNTERMINATED = 3  # one after the other: then its suffix is gone, not a cable pulled
_NAME_EVERY_S = 1.0  # most lines that go say so themselves
_LOG_EVERY_S = 10.0  # for each reason: a flood of codes makes no flood of lines
_SETTLE_S = 5.0
_QUIET_S = 3.0  # after so long nothing is under way that time could make whole, and looking may be rarer
_IDLE_S = 1.5
_MOST_ANSWER = 2048  # bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for an answer, between questions to an idle scanner, and between settings of a wrong one."""

    answer_s: float = 0.8
    check_every_s: float = 60.0
    restore_every_s: float = 10.0


def _intake_of(settings: Scanner | DocumentReader, profile: Profile) -> Intake:
    if isinstance(settings, DocumentReader):
        return Intake(_FRAMERS[settings.framing](), aim=profile.aim)
    suffix, prefix = bytes.fromhex(settings.suffix), bytes.fromhex(settings.prefix)
    return Intake(Framing(suffix), prefix=prefix, aim=profile.aim)


class ScannerService:
    """A supervised scanner or document reader."""

    def __init__(
        self,
        device: Device,
        settings: Scanner | DocumentReader,
        path: str,
        report: Report,
        deliver: Deliver,
        *,
        pace: Pace | None = None,
        sys: Path = wedge.SYS,
    ) -> None:
        """`path`: stable name of the serial line. `sys`: where the kernel tells of keyboards."""
        self.device = device
        self._path = path
        self._baud = settings.baud
        self._kind = settings.profile.value if isinstance(settings, Scanner) else settings.framing.value
        self._profile = PROFILES[settings.profile] if isinstance(settings, Scanner) else READER
        self._intake = _intake_of(settings, self._profile)
        self._report = report
        self._deliver = deliver
        self._pace = pace or Pace()
        self._sys = sys
        self._port: Port | None = None
        self._waker = Waker()
        self._life = Life()
        self._armed = threading.Event()
        self._just_armed = threading.Event()
        self._debounce = Debounce()
        self._trouble = Trouble.NONE
        self._firmware = ""
        self._counts: Counter[str] = Counter()
        self._unterminated = 0
        self._logged: dict[Dropped, float] = {}
        self._heard_at = self._asked_at = self._restored_at = self._name_at = float("-inf")

    def arm(self) -> None:
        """Deliver what is scanned from now on; what has begun before is not."""
        self._just_armed.set()
        self._armed.set()

    def disarm(self) -> None:
        """Throw away what is scanned from now on, and forget what was."""
        self._armed.clear()
        self._debounce.forget()

    def facts(self) -> dict[str, str]:
        """What a technician may know; never what was scanned. Any thread."""
        facts = {
            "path": self._path,
            "baud": str(self._baud),
            "kind": self._kind,
            "firmware": self._firmware,
            "terminator": self._intake.framer.terminator,
            "frames": str(self._counts["frames"]),
            "dropped": str(sum(self._counts[reason] for reason in Dropped)),
            "set_again": str(self._counts["set_again"]),
        }
        if self._trouble is not Trouble.NONE:
            facts |= {"trouble": self._trouble.value, "remedy": REMEDIES[self._trouble]}
        return facts

    def set_up(self) -> None:
        """Open the line for ourselves alone. Raises DeviceError."""
        if not self._path:
            raise DeviceError(DeviceState.NOT_INSTALLED, permanent=True)
        try:
            self._port = Port(self._path, self._baud, self._waker)
        except PortError as error:
            typing = error.trouble is Trouble.GONE and wedge.find(self.device, self._sys)
            raise self._lost(Trouble.KEYBOARD if typing else error.trouble) from error
        self._intake.reset()
        self._unterminated = 0

    def run(self, life: Life) -> None:
        """Read until the line breaks. Raises DeviceError."""
        self._life = life
        life.when_over(self._waker.wake)
        try:
            if self._trouble is Trouble.ENDLESS:
                self._wait_for_silence()
            self._introduce()
            while not life.over:
                life.beat()
                self._turn()
        except PortError as error:
            raise self._lost(error.trouble) from error

    def tear_down(self) -> None:
        """Close the line."""
        if self._port is not None:
            self._port.close()
            self._port = None

    # --- the line -------------------------------------------------------------------------------------------

    @property
    def _line(self) -> Port:
        if self._port is None:  # let go by another thread
            raise PortError(Trouble.GONE)
        return self._port

    def _lost(self, trouble: Trouble) -> DeviceError:
        self._trouble = trouble
        return DeviceError(STATES[trouble])

    def _is(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._report(self.device, STATES[trouble])

    def _turn(self) -> None:
        """One read and what it completes; apart from the loop, where a name would hold the last payload."""
        quiet = time.monotonic() - self._heard_at > _QUIET_S
        data = self._line.read(_IDLE_S) if quiet else self._line.read()
        now = time.monotonic()
        if self._just_armed.is_set():
            self._just_armed.clear()
            self._intake.abandon()
        # Also while nobody listens, or the end of a code scanned too early would pass for a whole one.
        got = self._intake.feed(data, now) if data else self._intake.expire(now)
        if data:
            self._heard_at = now
        for one in got:
            self._take(one, now)
        if self._intake.framer.overflow > ENDLESS_BYTES:
            self._count(Dropped.TOO_LONG, now)
            raise PortError(Trouble.ENDLESS)
        self._look_after(now)

    def _wait_for_silence(self) -> None:
        """After a stream without end: not ready before it has ended."""
        end, quiet_since = time.monotonic() + _SETTLE_S, time.monotonic()
        while not self._life.over and (now := time.monotonic()) - quiet_since <= SILENCE_S:
            self._life.beat()
            if now > end:
                raise PortError(Trouble.ENDLESS)
            if self._line.read():
                quiet_since = time.monotonic()

    # --- what comes -----------------------------------------------------------------------------------------

    def _take(self, one: Got, now: float) -> None:
        if isinstance(one, Dropped):
            self._count(one, now)
            self._suspect(one)
            return
        self._unterminated = 0
        if self._trouble is not Trouble.NONE:
            self._is(Trouble.NONE)  # it came as it must: somebody has set it again
        self._offer(one, now)
        self._counts["frames"] += 1

    def _offer(self, code: Code, now: float) -> None:
        if self._armed.is_set() and self._debounce.is_new(code.body, now):
            self._deliver(self.device, code.symbology, code.body)

    def _count(self, lost: Dropped, now: float) -> None:
        self._counts[lost] += 1
        if now - self._logged.get(lost, float("-inf")) >= _LOG_EVERY_S:
            self._logged[lost] = now
            log(Event.SCAN_DROPPED, reason=lost)

    def _suspect(self, lost: Dropped) -> None:
        """Does this look like a scanner that is set otherwise?"""
        self._unterminated = self._unterminated + 1 if lost is Dropped.UNTERMINATED else 0
        if lost in (Dropped.UNMARKED, Dropped.UNFRAMED) or self._unterminated >= _MOST_UNTERMINATED:
            self._unterminated = 0
            self._put_right()

    # --- how it is set --------------------------------------------------------------------------------------

    def _introduce(self) -> None:
        """Set and ask it for the first time on this connection."""
        if self._profile.forgets:
            self._set()
        answer = self._ask()
        self._asked_at = time.monotonic()
        if answer is not None and answer.right is False:
            self._put_right()
        else:
            self._is(Trouble.NONE)

    def _put_right(self) -> None:
        """Ask how it is set, and set it again if that is not as it must be."""
        answer = self._ask() if self._profile.must_answer else None
        if answer is not None and answer.right:
            self._is(Trouble.NONE)  # it was a code of somebody's making, not the scanner
            return
        self._is(Trouble.SET_OTHERWISE)
        now = time.monotonic()
        if not self._profile.settings or now - self._restored_at < self._pace.restore_every_s:
            return
        self._restored_at = now
        self._counts["set_again"] += 1
        log(Event.SCANNER_SET_AGAIN, device=self.device)
        self._set()
        answer = self._ask() if self._profile.must_answer else None
        if answer is None or answer.right:
            self._is(Trouble.NONE)

    def _look_after(self, now: float) -> None:
        """Between codes: is it still there, and still set as it must be?"""
        if now - self._name_at >= _NAME_EVERY_S:
            self._name_at = now
            self._line.check_name()
        wrong = self._trouble is Trouble.SET_OTHERWISE and self._profile.settings
        if wrong and now - self._restored_at >= self._pace.restore_every_s:
            self._put_right()
        elif self._may_ask(now):
            self._asked_at = now
            answer = self._ask()
            if answer is not None and answer.right is False:
                self._put_right()

    def _may_ask(self, now: float) -> bool:
        """Not while somebody listens: what is scanned during a question is lost."""
        idle = not self._armed.is_set() and not self._intake.pending and now - self._heard_at > SILENCE_S
        return bool(self._profile.question) and idle and now - self._asked_at >= self._pace.check_every_s

    def _set(self) -> None:
        self._line.write(self._profile.settings)
        self._hear(lambda _: None, self._pace.answer_s / 2)

    def _ask(self) -> Answer | None:
        """Its answer, asked for twice; None if it need not answer. Raises PortError."""
        if not self._profile.question:
            return None
        for _ in range(2):
            self._line.write(self._profile.question)
            answer = self._hear(self._profile.answer, self._pace.answer_s)
            if answer is not None:
                self._firmware = answer.firmware
                self._line.write(self._profile.thanks)
                return answer
        if self._profile.must_answer:
            raise PortError(Trouble.NO_ANSWER)
        return None

    def _hear(self, understand: Callable[[bytes], Answer | None], most_s: float) -> Answer | None:
        """All that comes is taken for an answer, and what was under way is lost."""
        self._intake.reset()
        came, end = b"", time.monotonic() + most_s
        while (answer := understand(came)) is None and time.monotonic() < end:
            self._life.beat()
            came = (came + self._line.read())[-_MOST_ANSWER:]
        return answer
