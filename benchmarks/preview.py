"""The live picture: how often and how soon what is before the camera is shown, also while it is being read.

The simulated camera, the devices process with its child, the socket and the photo screen. Beside it: what
the same picture costs as JPEG and as raw dots, through a socket and into Qt.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace
from config.settings import Settings
from devices import places, simulate_client
from devices.client import DeviceEvent, DevicesClient, Frame
from flows.languages import Language
from flows.ports import Device, DeviceState
from flows.view import PhotoBody, Progress, Screen, ViewState
from kiosk.development.parts import Part
from kiosk.development.supervise import World
from ui.engine import Face, create_application

SIZES = ((1280, 720), (1920, 1080))
LEAST_FPS = 15.0
LATEST_MS = 250.0
WINDOW_S = 1.0
WINDOWS = 6
_PATIENCE_S = 15.0
_SETTLED_FRAMES = 6
_TIMES = 60


@dataclass
class Seen:
    """What came onto the screen: when, and how many milliseconds after it was taken."""

    shown_at: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)

    def per_s(self) -> list[float]:
        """Frames a second, for each window of time."""
        first = self.shown_at[0]
        counts = [0] * WINDOWS
        for at in self.shown_at:
            window = int((at - first) / WINDOW_S)
            if window < WINDOWS:
                counts[window] += 1
        return [count / WINDOW_S for count in counts]


class Watcher(QObject):
    """A photo screen that takes the newest frame, as the visitor's does, and notes when it is drawn."""

    _waits = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.face = Face(settings, lambda _event: None)
        self.face.show_view(_photo_screen())
        self.face.present()
        self.face.window.frameSwapped.connect(self._drawn)
        self._waits.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._lock = threading.Lock()
        self._newest: Frame | None = None
        self._put: float | None = None
        self.last_jpeg = b""
        self.seen = Seen()

    def take(self, event: DeviceEvent) -> None:
        """On the client's thread."""
        if isinstance(event, Frame):
            with self._lock:
                waiting, self._newest = self._newest, event
            if waiting is None:
                self._waits.emit()

    def _show(self) -> None:
        with self._lock:
            frame, self._newest = self._newest, None
        if frame is not None:
            self.last_jpeg = frame.jpeg
            self.face.set_preview(frame.jpeg)
            self._put = frame.taken_monotonic

    def _drawn(self) -> None:
        if self._put is not None:
            now = time.monotonic()
            self.seen.shown_at.append(now)
            self.seen.late_ms.append((now - self._put) * 1000)
            self._put = None

    def watch(self) -> Seen:
        """What is seen from now on. Raises `NothingMeasuredError`."""
        self.seen = Seen()
        deadline = time.monotonic() + _PATIENCE_S
        while len(self.seen.shown_at) < _SETTLED_FRAMES:
            _live(0.05)
            if time.monotonic() > deadline:
                raise NothingMeasuredError("the camera showed nothing")
        self.seen = Seen()
        _live(WINDOWS * WINDOW_S + 0.5)
        if not self.seen.shown_at:
            raise NothingMeasuredError("the camera stopped")
        return self.seen


def measure(workplace: Workplace) -> Iterator[Figure]:
    """For each size: shown alone, then while codes and zones are looked for in vain, which takes longest."""
    create_application()
    jpeg = b""
    for width, height in SIZES:
        devices = workplace.settings.devices
        camera = devices.camera.model_copy(update={"simulated": True, "width": width, "height": height})
        update = {"devices": devices.model_copy(update={"camera": camera})}
        with World(workplace.settings.model_copy(update=update), (Part.SIMULATORS, Part.DEVICES)) as world:
            alone, read, jpeg = _watched(world.settings)
        yield from _figures(f"{width}×{height}", alone, read)
    yield _through_a_socket(jpeg)


def _watched(settings: Settings) -> tuple[Seen, Seen, bytes]:
    watcher = Watcher(settings)
    client = DevicesClient(settings.paths.devices_socket, watcher.take)
    try:
        client.open_camera()
        alone = watcher.watch()
        client.arm()
        simulate_client.command(places.simulators_socket(settings), Device.CAMERA, show="specimen:visa")
        read = watcher.watch()
    finally:
        client.close()
        watcher.face.close()
    return alone, read, watcher.last_jpeg


def _figures(size: str, alone: Seen, read: Seen) -> Iterator[Figure]:
    for what, seen in ((size, alone), (f"{size}, codes and zones are read", read)):
        per_s, late = Samples.of(seen.per_s(), what), Samples.of(seen.late_ms, what)
        yield Figure(
            f"preview {what}: shown", "frames/s", per_s, limit=Limit(Of.MEDIAN, LEAST_FPS, least=True)
        )
        yield Figure(f"preview {what}: taken to drawn", "ms", late, limit=Limit(Of.P95, LATEST_MS))


def _through_a_socket(jpeg: bytes) -> Figure:
    image = QImage.fromData(jpeg).convertToFormat(QImage.Format.Format_BGR888)
    width, height, raw = image.width(), image.height(), bytes(image.constBits())

    def from_raw(data: bytes) -> QImage:
        return QImage(data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()

    ours, theirs = [], []
    for _ in range(_TIMES):
        ours.append(_moved_ms(jpeg, QImage.fromData))
        theirs.append(_moved_ms(raw, from_raw))
    peer = Peer("raw dots", Samples.of(theirs, "raw pictures"))
    return Figure("preview: JPEG through a socket into Qt", "ms", Samples.of(ours, "pictures"), peer)


def _moved_ms(data: bytes, make: Callable[[bytes], QImage]) -> float:
    one, other = socket.socketpair()
    with one, other:
        sending = threading.Thread(target=one.sendall, args=(data,))
        began = time.perf_counter()
        sending.start()
        got = bytearray()
        while len(got) < len(data):
            got += other.recv(1 << 18)
        if make(bytes(got)).isNull():
            raise NothingMeasuredError("no picture")
        took = time.perf_counter() - began
        sending.join()
    return took * 1000


def _live(seconds: float) -> None:
    """Let Qt work; other threads run meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def _photo_screen() -> ViewState:
    body = PhotoBody((), 3, DeviceState.READY)
    progress = Progress("Lost property", 3, 7)
    return ViewState(Screen.PHOTO, Language.ENGLISH, body=body, can_back=True, progress=progress)
