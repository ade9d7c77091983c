"""The ID / QR scanner on a serial line (USB-CDC mode; a keyboard-wedge scanner would type into the screen).

Only while somebody listens does a payload leave this module; what is scanned at any other time is thrown away
here.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

import serial

from config.event_names import Event
from config.log import log
from devices.scanner.framing import Dropped, Framing
from devices.scanner.zone import ZoneJoiner
from devices.supervisor import DeviceError, Life, Report
from flows.ports import Device, DeviceState

_READ_S = 0.1
_READ_BYTES = 4096
_SAME_AGAIN_S = 1.0  # a code held before the scanner is read many times a second
_MOST_PER_S = 10  # payloads; more is a fault, not a person


class ScannerService:
    """The supervised scanner."""

    device = Device.SCANNER

    def __init__(self, path: str, baud: int, report: Report, deliver: Callable[[bytes], None]) -> None:
        """`path`: stable name of the serial line. `deliver` takes payloads on this device's thread."""
        self._path = path
        self._baud = baud
        self._report = report
        self._deliver = deliver
        self._port: serial.Serial | None = None
        self._framing = Framing()
        self._zone = ZoneJoiner()
        self._armed = threading.Event()
        self._before: tuple[bytes, float] = (b"", 0.0)
        self._delivered: deque[float] = deque(maxlen=_MOST_PER_S)

    def arm(self) -> None:
        """Deliver what is scanned from now on."""
        self._armed.set()

    def disarm(self) -> None:
        """Throw away what is scanned from now on, and forget what was."""
        self._armed.clear()
        self._before = (b"", 0.0)

    def set_up(self) -> None:
        """Open the line for ourselves alone. Raises DeviceError."""
        if not self._path:
            raise DeviceError(DeviceState.DISCONNECTED, permanent=True)
        try:
            self._port = serial.Serial(
                self._path, self._baud, timeout=_READ_S, write_timeout=1.0, exclusive=True
            )
            self._port.reset_input_buffer()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise DeviceError(DeviceState.DISCONNECTED) from error
        self._framing.reset()
        self._zone = ZoneJoiner()

    def run(self, life: Life) -> None:
        """Read until the line breaks."""
        self._report(self.device, DeviceState.READY)
        while not life.over:
            life.beat()
            self._turn()

    def tear_down(self) -> None:
        """Close the line."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def _turn(self) -> None:
        """One read and what it completes; apart from the loop, where a name would hold the last payload."""
        data = self._read()
        now = time.monotonic()
        # Also while nobody listens, or the end of a code scanned too early would pass for a whole one.
        found = self._framing.feed(data, now) if data else self._framing.expire(now)
        for one in found:
            self._take(one, now)
        for payload in self._zone.expire(now):
            self._offer(payload, now)

    def _read(self) -> bytes:
        if self._port is None:
            raise DeviceError(DeviceState.DISCONNECTED)
        try:
            data: bytes = self._port.read(1)
            return data + self._port.read(min(self._port.in_waiting, _READ_BYTES)) if data else data
        except (
            OSError,
            TypeError,
        ) as error:  # pyserial trips over its own closed descriptor with a TypeError
            raise DeviceError(DeviceState.DISCONNECTED) from error

    def _take(self, found: bytes | Dropped, now: float) -> None:
        if isinstance(found, Dropped):
            log(Event.SCAN_DROPPED, reason=found)
            return
        for payload in self._zone.feed(found, now):
            self._offer(payload, now)

    def _offer(self, payload: bytes, now: float) -> None:
        """Deliver it, unless nobody listens, it is the same code again, or too much comes."""
        if not self._armed.is_set():
            return
        before, at = self._before
        self._before = (payload, now)
        if payload == before and now - at <= _SAME_AGAIN_S:
            return
        if not self._is_flood(now):
            self._deliver(payload)

    def _is_flood(self, now: float) -> bool:
        """Whether this payload is one too many within a second."""
        flood = len(self._delivered) == _MOST_PER_S and now - self._delivered[0] < 1.0
        if not flood:
            self._delivered.append(now)
        return flood
