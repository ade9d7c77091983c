"""The camera: switched on only while a screen says so, and always in a child process that may be killed.

A new child is started for every opening, so no frame of one visitor can be left for the next. A child that
says nothing for `Delays.stall_s`, or shows the same frame again and again, is killed, and another one is
started at once. One that is covered or blinded stays: it keeps looking and shows again by itself.
"""

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from config.event_names import Event
from config.log import log
from config.settings import Camera
from devices.camera.protocol import (
    COVERED,
    Blind,
    Code,
    Failed,
    Failure,
    Opened,
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

_FPS_OVER_S = 2.0
_FPS_FRAMES = 128
_TRY_LATER = frozenset({"gone", Failure.CANNOT_OPEN.value, Failure.ENDED.value})
"""Trouble that another child at once would only meet again."""

Seen: TypeAlias = PreviewFrame | Still | Code
"""What an open camera delivers."""

_LIMITS = ("prlimit", "--as=1610612736", "--core=0", "--fsize=0", "--nofile=64")
"""Of the kernel, for a child that decodes what strangers hold before it. Its CPU time has no limit."""
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""All that the child knows of ours."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Every wait of this adapter, in seconds."""

    presence_s: float = 0.5  # between two looks whether a closed camera is there
    first_frame_s: float = 4.0  # from the start of the child
    stall_s: float = 2.5  # between two shown frames; longer than the child needs to name a fault
    still_s: float = 3.0  # until a still counts as failed
    again_s: float = 0.25  # between two children
    blind_s: float = 20.0  # blinded or noisy: then another child is tried
    slice_s: float = 0.1


@dataclass(frozen=True, slots=True)
class _Known:
    """What can be told of the camera; replaced as a whole, so that any thread may look."""

    opened: int = 0
    size: str = ""
    taken: deque[float] | None = None
    """When the latest frames were taken."""
    last_failure: str = ""


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
        self._known = _Known()
        self._failed = False
        """Something failed since a frame was shown, and was logged."""

    # --- called from any thread ---

    def open(self) -> int:
        """Switch on; returns the number of this opening."""
        with self._lock:
            self._opening = opening = next(self._numbers)
            self._known = replace(self._known, opened=opening)
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

    def facts(self) -> dict[str, str]:
        """What is known of the camera; no picture and nothing of one. Never blocks."""
        known, now = self._known, time.monotonic()
        asked = f"{self._settings.width}x{self._settings.height}"
        taken = tuple(known.taken or ())
        frames = sum(now - at <= _FPS_OVER_S for at in taken)
        on = self._opening != 0
        return {
            "path": self._source,
            "asked": asked,
            "size": known.size,
            "open": "yes" if on else "no",
            "opened": str(known.opened),
            "fps": f"{frames / _FPS_OVER_S:.0f}" if on else "",
            "frame_age_ms": f"{(now - taken[-1]) * 1000:.0f}" if on and taken else "",
            "last_failure": known.last_failure,
        }

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
        """One child. Raises DeviceError if it could not be used."""
        child = _Child(self._source, self._settings)
        with self._lock:
            self._child = child
            self._known = replace(self._known, taken=deque(maxlen=_FPS_FRAMES))
            child.order(ReadCodes(self._reading))
        try:
            trouble = self._follow(child, opening, life)
        finally:
            self.tear_down()
        if trouble is None or self._opening != opening:
            return
        self._failure(trouble)
        if not self._present():
            raise DeviceError(DeviceState.DISCONNECTED)
        if trouble in _TRY_LATER:
            raise DeviceError(DeviceState.ERROR)
        self._report(self.device, DeviceState.ERROR)
        life.wait(self._delays.again_s)

    def _follow(self, child: "_Child", opening: int, life: Life) -> str | None:
        """Hear a child; returns why it must go, None if it is not wanted any more."""
        watch = _Watch(self._delays, self._present)
        while self._opening == opening and not life.over:
            life.beat()
            for told in child.listen(self._delays.slice_s):
                if isinstance(told, Failed):
                    return told.failure.value
                watch.note(told)
                self._hear(told, opening)
            self._expire_stills(opening)
            trouble = "gone" if child.gone else watch.trouble()
            if trouble is not None:
                return trouble
        return None

    def _hear(self, told: Told, opening: int) -> None:
        with self._lock:
            if self._opening != opening:
                return
            if isinstance(told, Still) and self._stills.pop(told.photo_id, None) is None:
                return
        match told:
            case Opened(width=width, height=height):
                self._known = replace(self._known, size=f"{width}x{height}")
            case Blind(failure=failure):
                self._failure(failure.value)
                self._report(self.device, DeviceState.COVERED if failure in COVERED else DeviceState.ERROR)
            case PreviewFrame(taken_monotonic=taken):
                self._failed = False
                if self._known.taken is not None:
                    self._known.taken.append(taken)
                self._report(self.device, DeviceState.READY)
                self._deliver(opening, told)
            case Still() | Code():
                self._deliver(opening, told)

    def _failure(self, reason: str) -> None:
        """Logged once, not every time it is tried in vain."""
        if not self._failed or self._known.last_failure != reason:
            log(Event.CAMERA_FAILED, reason=reason)
        self._failed = True
        self._known = replace(self._known, last_failure=reason)

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


class _Watch:
    """How long a child may go on without showing anything."""

    def __init__(self, delays: Delays, present: Callable[[], bool]) -> None:
        self._delays = delays
        self._present = present
        now = time.monotonic()
        self._due = now + delays.first_frame_s
        self._blinded_since: float | None = None
        self._look_at = now + delays.presence_s

    def note(self, told: Told) -> None:
        """It said something."""
        now = time.monotonic()
        if isinstance(told, PreviewFrame | Blind):
            self._due = now + self._delays.stall_s
            blinded = isinstance(told, Blind) and told.failure not in COVERED
            self._blinded_since = (self._blinded_since or now) if blinded else None

    def trouble(self) -> str | None:
        """Why it must go."""
        now = time.monotonic()
        if now > self._due:
            return "stalled"
        if self._blinded_since is not None and now - self._blinded_since > self._delays.blind_s:
            return "blind"
        if now > self._look_at:
            self._look_at = now + self._delays.presence_s
            return None if self._present() else "gone"  # OpenCV may deliver the last frame for ever
        return None


class _Child:
    """The process that holds the camera."""

    def __init__(self, source: str, settings: Camera) -> None:
        self._line, theirs = socket.socketpair()
        background = "plain" if settings.plain_background else "any"
        with theirs:
            self._process = subprocess.Popen(
                (
                    *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
                    *(*_LIMITS, "--"),
                    *(sys.executable, "-B", "-P", "-m", "devices.camera.child"),
                    *(str(theirs.fileno()), source, str(settings.width), str(settings.height), background),
                ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what decoders have to say of a stranger's frames
                env=_ENVIRONMENT,
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
