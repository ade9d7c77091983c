"""The panel: calls an officer by lamp, buzzer and relay; keypad, headphone jack and proximity sensor.

It takes its line again by itself, because a keypad and a jack of Linux go on without it, and because a call
that was begun while the line was away must reach the desk as soon as it is back.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import Panel
from devices import serial_line
from devices.messages import PanelPart
from devices.panel.calls import CalledBy, OfficerCalls
from devices.panel.heard import CallChanged, HeadphonesMoved, KeyPressed, PanelEvent, PresenceMoved
from devices.panel.line import OUTPUTS
from devices.panel.link import Delays, Link
from devices.panel.linux_input import InputDevice, Kernel
from devices.panel.sound import play, tone
from devices.supervisor import DeviceError, Life, Report
from devices.waking import Waker
from flows.ports import Device, DeviceState, OfficerCall, PanelKey

Deliver = Callable[[PanelEvent], None]

AGAIN_S = 0.5
"""Pause before the line is tried again."""

TRIED_S = 1.0
"""So long a part that a technician tries is switched on."""

_TRY_LIMIT_S = 3.0
_WAIT_S = 0.2
_REST_S = 1.0
"""While all is as it should be: what is due then is only the next look at everything."""
_SWITCHED = {PanelPart.LAMP: "LAMP", PanelPart.BUZZER: "BUZZER"}


@dataclass(slots=True)
class _Trial:
    """An output that a technician tries; `until` is set when the panel shows it, `done` also if it cannot."""

    output: str
    done: threading.Event = field(default_factory=threading.Event)
    until: float | None = None


class PanelService:
    """The supervised panel.

    `call_officer`, `officer_came`, `try_part` and `facts` may be called from any thread.
    """

    device = Device.PANEL

    def __init__(
        self,
        settings: Panel,
        path: str,
        marker: Path,
        report: Report,
        deliver: Deliver,
        *,
        delays: Delays | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        """`path`: stable name of the serial line, empty if there is none. `marker`: file of a lasting call.

        `deliver` is called on this device's thread, and for calls also on the caller's.
        """
        self._settings = settings
        self._path = path
        self._report = report
        self._deliver = deliver
        self._delays = delays or Delays()
        self._calls = OfficerCalls(marker, lambda state: deliver(CallChanged(state)))
        self._keypad = InputDevice(settings.keypad, jack=False, kernel=kernel)
        self._jack = InputDevice(settings.jack, jack=True, kernel=kernel)
        self._port: serial_line.Line | None = None
        self._link: Link | None = None
        self._next_try = 0.0
        self._levels: dict[str, bool | None] = {}
        self._dropped = 0
        self._trying = threading.Lock()
        self._trial: _Trial | None = None
        self._waker = Waker()
        self._headphones: bool | None = None

    # --- what the house asks --------------------------------------------------------------------------------

    @property
    def call(self) -> OfficerCall:
        """How the call of an officer stands."""
        return self._calls.state

    def call_officer(self) -> None:
        """Call, and go on until somebody answers. Where no panel is installed there is nobody to call."""
        if self._path:
            self._calls.begin(CalledBy.SCREEN)
            self._waker.wake()

    def officer_came(self) -> None:
        """The call is over."""
        self._calls.end()
        self._waker.wake()

    def try_part(self, part: PanelPart) -> bool:
        """Switch a part on for a second. True if the panel shows it on, or the sound device took the tone.

        Returns within 4 s; False also while another part is being tried.
        """
        if not self._trying.acquire(blocking=False):
            return False
        try:
            return self._sound(part) if part not in _SWITCHED else self._switch(_SWITCHED[part])
        finally:
            self._trying.release()

    def facts(self) -> dict[str, str]:
        """What is known of the panel, by short names."""
        link = self._link
        greeting = link.greeting if link else None
        outputs = dict(link.outputs) if link else {}
        levels = {**self._levels, "HP": self._headphones, **outputs}
        return {
            "line": self._path,
            "protocol": str(greeting.version) if greeting else "",
            "model": greeting.model if greeting else "",
            "firmware": greeting.firmware if greeting else "",
            "call": self.call.value,
            **{_FACTS[name]: _word(levels.get(name)) for name in _FACTS},
            "keypad": self._keypad.state,
            "jack": self._jack.state,
            "speaker": self._settings.speaker or "not_installed",
            "lines_dropped": str(self._dropped + (link.dropped if link else 0)),
        }

    # --- as the supervisor sees it --------------------------------------------------------------------------

    def set_up(self) -> None:
        """Raises DeviceError if this kiosk has nothing of a panel."""
        if not (self._path or self._settings.keypad or self._settings.jack):
            raise DeviceError(DeviceState.NOT_INSTALLED, permanent=True)
        self._next_try = 0.0
        self._deliver(CallChanged(self.call))  # also for who heard another service before this one

    def run(self, life: Life) -> None:
        """Serve until `life.over`; a line that breaks is taken again."""
        if not self._path:
            self._report(self.device, DeviceState.NOT_INSTALLED)  # keypad and jack do not fetch anybody
        life.when_over(self._waker.wake)
        while not life.over:
            life.beat()
            self._turn()

    def tear_down(self) -> None:
        """Let go of everything."""
        self._let_go()
        self._keypad.close()
        self._jack.close()

    # --- one turn -------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        self._waker.wait(self._wait_s(), *self._waited_for())
        self._calls.tick()
        self._end_trial()
        for found in (*self._keypad.read(), *self._jack.read()):
            self._found(found)
        try:
            self._serve_line()
        except DeviceError as trouble:
            self._let_go()
            self._next_try = time.monotonic() + AGAIN_S
            self._report(self.device, trouble.state)

    def _wait_s(self) -> float:
        at_rest = self._link is not None and self._link.is_up and self._trial is None
        return min(_REST_S, self._link.until_look_s()) if at_rest and self._link else _WAIT_S

    def _waited_for(self) -> list[int]:
        line = self._link.fileno() if self._link else None
        return [each for each in (line, self._keypad.descriptor, self._jack.descriptor) if each is not None]

    def _serve_line(self) -> None:
        if not self._path:
            return
        if self._link is None:
            if time.monotonic() >= self._next_try:
                self._link = self._open()
            return
        self._link.turn()
        if self._link.is_up:
            self._report(self.device, DeviceState.READY)
            self._confirm_trial(self._link)

    def _open(self) -> Link:
        try:
            self._port = serial_line.opened(self._path, self._settings.baud)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise DeviceError(DeviceState.DISCONNECTED) from error
        return Link(self._port, self._wanted, self, self._delays)

    def _let_go(self) -> None:
        if self._link is not None:
            self._dropped += self._link.dropped
        self._link = None
        for name in ("HP", "NEAR"):  # read anew and told anew when the line is back
            self._levels.pop(name, None)
        if self._port is not None:
            serial_line.closed(self._port)
            self._port = None
        if self._trial is not None:
            self._trial.done.set()

    # --- what it hears (`link.Ear`) -------------------------------------------------------------------------

    def key(self, key: PanelKey) -> None:
        """A key went down."""
        self._deliver(KeyPressed(key))

    def level(self, name: str, level: bool | None) -> None:
        """An input is at this level; acts when it was not before."""
        before = self._levels.get(name)
        self._levels[name] = level
        if level is None or level is before:
            return
        match name:
            case "CALL" if level:
                self._calls.begin(CalledBy.PANEL)
            case "ACK" if level:
                self._calls.acknowledge()
            case "HP" if not self._settings.jack:
                self._plugged(level)
            case "NEAR":
                self._deliver(PresenceMoved(level))

    def _found(self, found: PanelKey | bool) -> None:
        if isinstance(found, PanelKey):
            self.key(found)
        else:
            self._plugged(found)

    def _plugged(self, plugged: bool) -> None:
        if plugged is not self._headphones:
            self._headphones = plugged
            self._deliver(HeadphonesMoved(plugged))

    # --- outputs --------------------------------------------------------------------------------------------

    def _wanted(self) -> dict[str, bool]:
        calling = self._calls.state is OfficerCall.CALLING
        trial = self._trial
        return {name: calling or (trial is not None and trial.output == name) for name in OUTPUTS}

    def _switch(self, output: str) -> bool:
        link = self._link
        if link is None or link.outputs.get(output) is None:
            return False
        trial = self._trial = _Trial(output)
        self._waker.wake()
        trial.done.wait(_TRY_LIMIT_S)
        if trial.until is None:
            self._trial = None
        return trial.until is not None

    def _confirm_trial(self, link: Link) -> None:
        trial = self._trial
        if trial is not None and trial.until is None and link.outputs.get(trial.output):
            trial.until = time.monotonic() + TRIED_S
            trial.done.set()

    def _end_trial(self) -> None:
        trial = self._trial
        if trial is not None and trial.until is not None and time.monotonic() >= trial.until:
            self._trial = None

    def _sound(self, part: PanelPart) -> bool:
        if part is PanelPart.SPEAKER:
            return play(self._settings.speaker, tone(left=True, right=True))
        left = part is PanelPart.HEADPHONES_LEFT
        return play(self._settings.headphones, tone(left=left, right=not left))


_FACTS = {
    "CALL": "call_button",
    "ACK": "desk_answer",
    "HP": "headphones",
    "NEAR": "near",
    "LAMP": "lamp",
    "BUZZER": "buzzer",
    "RELAY": "relay",
}


def _word(level: bool | None) -> str:
    return "none" if level is None else "on" if level else "off"
