"""Keeps one device going on a thread of its own: set up, run, tear down, wait, again.

A device that is lost is no error but a state. It is logged once when it is lost and once when it is back, and
the pause between two attempts grows to a cap. Trouble that trying again cannot mend (`DeviceError.permanent`)
waits until somebody restarts the device, or until one is plugged in.

A thread that hangs in a native call cannot be ended. It is disowned: from then on nothing it says is heard,
and a service made anew serves on a thread of its own. Where two of a kind would be worse than none, there is
no successor, and the whole process must start again (`Supervised.beyond_help`).
"""

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from config.event_names import Event
from config.log import log
from flows.ports import Device, DeviceState

_HERE = Path(__file__).resolve().parent

PATIENCE_S = 5.0
"""A service without a sign of life for so long hangs."""
MOST_DISOWNED = 4
"""Hanging threads of one device; with more of them the process starts again, which frees them all."""

Report = Callable[[Device, DeviceState], None]
"""Takes every state a device reports, also when it did not change. Called on the device's thread."""


class DeviceError(Exception):
    """A device cannot be used now; `state` says why in a word for a screen.

    `permanent`: no use to try again before somebody does something (not configured, for instance).
    """

    def __init__(self, state: DeviceState, *, permanent: bool = False) -> None:
        super().__init__(state.value)
        self.state = state
        self.permanent = permanent


class Life:
    """Tells a service how long to go on, and lets the service show that it is not stuck."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._wake: Callable[[], None] = _nobody_waits
        self._beat_at = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the service must return."""
        return self._over.is_set()

    def beat(self) -> None:
        """Say "not stuck". Every loop of a service that may last long calls it."""
        self._beat_at = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when life is over; then True."""
        self.beat()
        return self._over.wait(seconds)

    def when_over(self, wake: Callable[[], None]) -> None:
        """Who waits for something else than time is woken by this; called on any thread, also at once."""
        self._wake = wake
        if self.over:
            wake()

    def end(self) -> None:
        """Make the service return."""
        self._over.set()
        self._wake()

    def silent_for(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._beat_at


def _nobody_waits() -> None:
    pass


class Service(Protocol):
    """A device adapter as the supervisor sees it."""

    @property
    def device(self) -> Device:
        """Which one it is."""

    def set_up(self) -> None:
        """Take hold of the device. Raises DeviceError."""

    def run(self, life: Life) -> None:
        """Serve until `life.over`. Raises DeviceError when the device is lost."""

    def tear_down(self) -> None:
        """Let go of everything; also after a failed `set_up`, and on another thread if `run` hangs."""


@runtime_checkable
class Factual(Protocol):
    """A service that can say something of its device."""

    def facts(self) -> Mapping[str, str]:
        """What the device says of itself, by short names; returns at once, callable from any thread."""


class BackOff:
    """Pause before the next attempt: doubles up to a cap; a run of `good_run_s` forgives all failures."""

    def __init__(self, first_s: float = 0.25, longest_s: float = 2.0, good_run_s: float = 10.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._good_run_s = good_run_s
        self._failures = 0

    def after(self, ran_s: float) -> float:
        """Seconds to wait after an attempt that lasted `ran_s`."""
        self._failures = 1 if ran_s >= self._good_run_s else self._failures + 1
        return float(min(self._longest_s, self._first_s * 2 ** min(self._failures - 1, 16)))

    def reset(self) -> None:
        """Forget all failures."""
        self._failures = 0


class _Worker:
    """One service on one thread."""

    def __init__(self, service: Service, report: Report, back_off: BackOff) -> None:
        self.service = service
        self._report = report
        self._back_off = back_off
        self._life = Life()
        self._lock = threading.Lock()
        self._over = False
        self._disowned = False
        self._resting = False
        self._wake = threading.Event()
        self.thread = threading.Thread(target=self._keep, name=service.device.value, daemon=True)

    def end(self) -> None:
        """Make it end; does not wait."""
        with self._lock:
            self._over = True
            self._life.end()
        self._wake.set()

    def disown(self) -> None:
        """It hangs: end it, hear it no more, and let go of its device for it."""
        self._disowned = True
        self.end()
        # On a thread of its own, because letting go may hang as well.
        threading.Thread(target=self._let_go, name="letting-go", daemon=True).start()

    def restart(self) -> None:
        """Begin a new attempt now."""
        with self._lock:
            self._back_off.reset()
            self._life.end()
        self._wake.set()

    def try_now(self) -> None:
        """If it waits for its next attempt, it waits no longer."""
        self._back_off.reset()
        self._wake.set()

    def excuse(self) -> None:
        """Nobody could show a sign of life until now."""
        self._life.beat()

    def silent_for(self) -> float:
        """Seconds without a sign of life; 0 while it waits, or once it has ended."""
        return self._life.silent_for() if self.thread.is_alive() and not self._resting else 0.0

    @property
    def resting(self) -> bool:
        """Whether it waits for its next attempt."""
        return self._resting

    def _keep(self) -> None:
        while not self._over:
            began = time.monotonic()
            with self._lock:
                self._wake.clear()
                self._life = life = Life()
            if self._over:
                return
            again = self._attempt(life)
            restarted = life.over
            if not restarted:
                pause = self._back_off.after(time.monotonic() - began) if again else None
                self._resting = True
                self._wake.wait(pause)
                self._life.beat()  # first, or whoever looks just now sees one that was silent all the while
                self._resting = False

    def _attempt(self, life: Life) -> bool:
        """One life of the service. False if trying again is of no use."""
        try:
            self.service.set_up()
            self.service.run(life)
        except DeviceError as trouble:
            self._tell(trouble.state)
            return not trouble.permanent
        except Exception as error:  # noqa: BLE001  # a bug in one adapter must not cost the other devices
            self._own_up(error)
        finally:
            if not self._disowned:
                self._let_go()
        return True

    def _let_go(self) -> None:
        try:
            self.service.tear_down()
        except Exception as error:  # noqa: BLE001  # as above
            self._own_up(error)

    def _own_up(self, error: Exception) -> None:
        if self._disowned:
            return
        exception, place = type(error).__name__, _place_of(error)
        log(Event.DEVICE_WORKER_FAILED, device=self.service.device, exception=exception, place=place)
        self._tell(DeviceState.ERROR)

    def _tell(self, state: DeviceState) -> None:
        if not self._disowned:
            self._report(self.service.device, state)


class Supervised:
    """A device that is kept going, by one service after the other if need be."""

    def __init__(
        self,
        service: Service,
        report: Report,
        back_off: BackOff | None = None,
        *,
        succeed: Callable[[], Service] | None = None,
    ) -> None:
        """`succeed` makes the service that takes over from one that hangs; called on the caller's thread of
        `look`. Without it a hanging service is beyond help.
        """
        self._report = report
        self._back_off = back_off or BackOff()
        self._succeed = succeed
        self._worker = _Worker(service, report, self._back_off)
        self._disowned = 0
        self._ending = False

    @property
    def device(self) -> Device:
        """Which one."""
        return self._worker.service.device

    @property
    def beyond_help(self) -> bool:
        """Whether it hangs, and only a new process can free the device."""
        return self._hangs() and not self._may_succeed()

    @property
    def disowned(self) -> int:
        """How many services hung."""
        return self._disowned

    def start(self) -> None:
        """Begin."""
        self._worker.thread.start()

    def end(self) -> None:
        """Make it end; does not wait."""
        self._ending = True
        self._worker.end()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End, and wait for the end; not for one that hangs."""
        self.end()
        self._worker.thread.join(0 if self._hangs() else timeout_s)

    def restart(self) -> None:
        """Let go of the device and take hold of it anew, at once."""
        self._worker.restart()

    def try_now(self) -> None:
        """The device may be there now: do not wait for the next attempt."""
        self._worker.try_now()

    def stuck_for(self) -> float:
        """Seconds without a sign of life; 0 while it waits for its next attempt."""
        return self._worker.silent_for()

    def excuse(self) -> None:
        """The whole process stood still: its silence counts from now."""
        self._worker.excuse()

    def look(self) -> None:
        """Give the device to a new service if the present one hangs. Called about twice a second."""
        if self._ending or not self._hangs():
            return
        hanging = self._worker
        if not self._may_succeed() or self._succeed is None:
            return
        log(Event.DEVICE_WORKER_HUNG, device=self.device, replaced=True)
        self._report(self.device, DeviceState.ERROR)
        self._disowned += 1
        hanging.disown()
        self._worker = _Worker(self._succeed(), self._report, self._back_off)
        self._worker.thread.start()

    def facts(self) -> dict[str, str]:
        """What the device says of itself, and what the supervisor knows of it."""
        serving = "waiting" if self._worker.resting else "hanging" if self._hangs() else "serving"
        own = {"worker": serving, "hung": str(self._disowned)}
        service = self._worker.service
        # One that says nothing may hold a lock that `facts` needs.
        if isinstance(service, Factual) and self.stuck_for() < 1.0:
            return {**service.facts(), **own}
        return own

    def _hangs(self) -> bool:
        return self.stuck_for() > PATIENCE_S

    def _may_succeed(self) -> bool:
        return self._succeed is not None and self._disowned < MOST_DISOWNED


def _place_of(error: Exception) -> str:
    """The innermost place in this package; messages are not told, they may quote what was scanned."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)]
    return f"{Path(own[-1].filename).relative_to(_HERE.parent)}:{own[-1].lineno}" if own else ""
