"""Keeps one device going on a thread of its own: set up, run, tear down, wait, again.

A device that is lost is no error but a state. It is logged once when it is lost and once when it is back, and
the pause between two attempts grows to a cap, so that a part left unplugged for a week costs nothing and is
back in seconds.
"""

import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from config.log import log
from flows.ports import USABLE_STATES, Device, DeviceState

_HERE = Path(__file__).resolve().parent

Report = Callable[[Device, DeviceState], None]
"""Takes every state a device reports, also when it did not change. Called on the device's thread."""


class DeviceError(Exception):
    """A device cannot be used now; `state` says why in a word for a screen.

    `permanent`: no use to try again before a restart (not configured, for instance).
    """

    def __init__(self, state: DeviceState, *, permanent: bool = False) -> None:
        super().__init__(state.value)
        self.state = state
        self.permanent = permanent


class Life:
    """Tells a service how long to go on, and lets the service show that it is not stuck."""

    def __init__(self) -> None:
        self._over = threading.Event()
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

    def end(self) -> None:
        """Make the service return."""
        self._over.set()

    def silent_for(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._beat_at


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
        """Let go of everything; also after a failed `set_up`."""


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


class Supervised:
    """A service on its thread."""

    def __init__(self, service: Service, report: Report, back_off: BackOff | None = None) -> None:
        self._service = service
        self._report = report
        self._back_off = back_off or BackOff()
        self._life = Life()
        self._finished = False
        self._thread = threading.Thread(target=self._keep, name=service.device.value, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Make it end; does not wait."""
        self._life.end()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End, and wait for the end."""
        self.end()
        self._thread.join(timeout_s)

    def stuck_for(self) -> float:
        """Seconds without a sign of life; 0 once the service has ended for good."""
        return 0.0 if self._finished else self._life.silent_for()

    def _keep(self) -> None:
        while not self._life.over:
            began = time.monotonic()
            again = self._attempt()
            if not again:
                break
            self._life.wait(self._back_off.after(time.monotonic() - began))
        self._finished = True

    def _attempt(self) -> bool:
        """One life of the service. False if it must not be tried again."""
        try:
            self._service.set_up()
            self._service.run(self._life)
        except DeviceError as trouble:
            self._report(self._service.device, trouble.state)
            return not trouble.permanent
        except Exception as error:  # noqa: BLE001  # a bug in one adapter must not cost the other devices
            log(
                Event.DEVICE_WORKER_FAILED,
                device=self._service.device,
                exception=type(error).__name__,
                place=_place_of(error),
            )
            self._report(self._service.device, DeviceState.ERROR)
        finally:
            self._service.tear_down()
        return True


class StateLog:
    """Remembers the state of every device and logs once when one is lost and once when it is back."""

    def __init__(self) -> None:
        self._states = dict.fromkeys(Device, DeviceState.UNKNOWN)
        self._lock = threading.Lock()

    def all(self) -> dict[Device, DeviceState]:
        """The states now."""
        with self._lock:
            return dict(self._states)

    def change(self, device: Device, state: DeviceState) -> bool:
        """Take a state; True if it is new."""
        with self._lock:
            before, self._states[device] = self._states[device], state
        if before is state:
            return False
        if (before in USABLE_STATES) != (state in USABLE_STATES):
            event = Event.DEVICE_BACK if state in USABLE_STATES else Event.DEVICE_LOST
            log(event, device=device, state=state)
        return True


def _place_of(error: Exception) -> str:
    """The innermost place in this package; messages are not told, they may quote what was scanned."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)]
    return f"{Path(own[-1].filename).relative_to(_HERE.parent)}:{own[-1].lineno}" if own else ""
