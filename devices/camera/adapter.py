"""The camera: switched on only while a screen says so, and always in a child process that may be killed.

A new child is started for every opening, so no frame of one visitor can be left for the next. A child that
says nothing for `Delays.stall_s` is killed; the supervisor starts another one.
"""

import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from config.event_names import Event
from config.log import log
from config.settings import Camera
from devices.camera.protocol import (
    Code,
    Failed,
    Failure,
    Order,
    PreviewFrame,
    ReadCodes,
    Still,
    TakeStill,
    Told,
    order_codec,
    told_codec,
)
from devices.supervisor import DeviceError, Life, Report
from devices.wire import Decoder, Malformed
from flows.ports import Device, DeviceState

Seen: TypeAlias = PreviewFrame | Still | Code
"""What an open camera delivers."""

_BLIND = {Failure.FROZEN: DeviceState.ERROR, Failure.BLACK: DeviceState.COVERED}
"""The device is there and delivers frames that show nothing."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Every wait of this adapter, in seconds."""

    presence_s: float = 0.5  # between two looks whether a closed camera is there
    first_frame_s: float = 4.0  # from the start of the child
    stall_s: float = 2.5  # between two shown frames; longer than the child needs to name a fault
    still_s: float = 3.0  # until a still counts as failed
    slice_s: float = 0.1


class CameraService:
    """The supervised camera."""

    device = Device.CAMERA

    def __init__(
        self,
        settings: Camera,
        source: str,
        report: Report,
        deliver: Callable[[int, Seen], None],
        delays: Delays | None = None,
    ) -> None:
        """`deliver` takes the number of the opening and what was seen during it; called on any thread."""
        self._settings = settings
        self._source = source
        self._report = report
        self._deliver = deliver
        self._delays = delays or Delays()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._numbers = itertools.count(1)
        self._opening = 0
        """Number of the opening that is wanted now; 0 while the camera is to be off."""
        self._reading = False
        self._stills: dict[str, float] = {}
        self._child: _Child | None = None

    # --- called from any thread ---

    def open(self) -> int:
        """Switch on; returns the number of this opening."""
        with self._lock:
            self._opening = opening = next(self._numbers)
        self._changed.set()
        return opening

    def close(self) -> None:
        """Switch off; nothing of this opening is delivered from here on."""
        with self._lock:
            self._opening = 0
            self._stills.clear()
            if self._child is not None:
                self._child.kill()
        self._changed.set()

    def read_codes(self, *, on: bool) -> None:
        """Look for codes whenever it is open, or stop."""
        with self._lock:
            self._reading = on
            if self._child is not None:
                self._child.order(ReadCodes(on))

    def capture(self, photo_id: str) -> None:
        """Take a still; answered by a `Still`, empty if it fails."""
        with self._lock:
            opening = self._opening
            self._stills[photo_id] = time.monotonic() + self._delays.still_s
            taken = self._child is not None and self._child.order(TakeStill(photo_id))
        if not taken:
            self._fail_stills(opening, photo_id)

    # --- the supervised life ---

    def set_up(self) -> None:
        """Nothing: the camera is taken only when it is wanted. Raises DeviceError if none is configured."""
        if not self._source:
            raise DeviceError(DeviceState.DISCONNECTED, permanent=True)

    def run(self, life: Life) -> None:
        """Say whether it is there; stream while it is wanted."""
        while not life.over:
            life.beat()
            if not self._present():
                raise DeviceError(DeviceState.DISCONNECTED)
            if self._opening:
                self._stream(self._opening, life)
            else:
                self._report(self.device, DeviceState.READY)
                self._changed.wait(self._delays.presence_s)
                self._changed.clear()

    def tear_down(self) -> None:
        """The child goes, and what was asked of it is answered."""
        with self._lock:
            child, self._child = self._child, None
            opening, waiting = self._opening, tuple(self._stills)
        if child is not None:
            child.end()
        self._fail_stills(opening, *waiting)

    # --- streaming ---

    def _present(self) -> bool:
        return Path(self._source).exists()

    def _stream(self, opening: int, life: Life) -> None:
        child = _Child(self._source, self._settings.width, self._settings.height)
        with self._lock:
            self._child = child
            child.order(ReadCodes(self._reading))
        try:
            self._follow(child, opening, life)
        finally:
            self.tear_down()

    def _follow(self, child: "_Child", opening: int, life: Life) -> None:
        due = time.monotonic() + self._delays.first_frame_s
        while self._opening == opening and not life.over:
            life.beat()
            for told in child.listen(self._delays.slice_s):
                if isinstance(told, PreviewFrame):
                    self._report(self.device, DeviceState.READY)
                    due = time.monotonic() + self._delays.stall_s
                self._hear(told, opening)
            self._expire_stills(opening)
            if (child.gone or time.monotonic() > due) and self._opening == opening:
                log(Event.CAMERA_FAILED, reason="gone" if child.gone else "stalled")
                raise DeviceError(self._state_when_lost())

    def _hear(self, told: Told, opening: int) -> None:
        if isinstance(told, Failed):
            log(Event.CAMERA_FAILED, reason=told.failure)
            raise DeviceError(_BLIND.get(told.failure) or self._state_when_lost())
        with self._lock:
            wanted = self._opening == opening
            if isinstance(told, Still):
                wanted = self._stills.pop(told.photo_id, None) is not None and wanted
        if wanted:
            self._deliver(opening, told)

    def _state_when_lost(self) -> DeviceState:
        return DeviceState.ERROR if self._present() else DeviceState.DISCONNECTED

    # --- stills ---

    def _expire_stills(self, opening: int) -> None:
        now = time.monotonic()
        with self._lock:
            late = [photo_id for photo_id, due in self._stills.items() if now > due]
        self._fail_stills(opening, *late)

    def _fail_stills(self, opening: int, *photo_ids: str) -> None:
        with self._lock:
            failed = [photo_id for photo_id in photo_ids if self._stills.pop(photo_id, None) is not None]
        for photo_id in failed:
            self._deliver(opening, Still(photo_id))


class _Child:
    """The process that holds the camera."""

    def __init__(self, source: str, width: int, height: int) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                (
                    *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
                    *(sys.executable, "-P", "-m", "devices.camera.child"),
                    *(str(theirs.fileno()), source, str(width), str(height)),
                ),
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._orders = order_codec()
        self._decoder = Decoder(told_codec())
        self._sending = threading.Lock()
        self.gone = False

    def order(self, order: Order) -> bool:
        """Tell it what to do; False if it is gone."""
        try:
            with self._sending:
                self._line.sendall(self._orders.encode(order))
        except OSError:
            return False
        return True

    def listen(self, timeout_s: float) -> Iterator[Told]:
        """What it says within the time; sets `gone` at its end."""
        self._line.settimeout(timeout_s)
        try:
            data = self._line.recv(1 << 18)
            if not data:
                self.gone = True
            yield from self._decoder.feed(data)
        except TimeoutError:
            return
        except (OSError, Malformed):  # a child gone mad is a child gone
            self.gone = True

    def kill(self) -> None:
        """End it at once; it has nothing to save."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and clear up."""
        self.kill()
        self._process.wait()
        self._line.close()
