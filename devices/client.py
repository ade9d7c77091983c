"""The devices as a screen sees them: requests go out, events come in, and the connection mends itself.

While the devices process is away every device is `DISCONNECTED`. A request in flight when it goes ends with
the truth that is left: a print job may be on paper or not, a still was not taken. Arming and an open camera
are asked for again when it is back; jobs are not. Imports no device library.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from devices import messages as m
from devices.wire import Decoder, Malformed
from flows.events import (
    DeviceChanged,
    HeadphonesChanged,
    OfficerCallChanged,
    PhotoTaken,
    PresenceChanged,
    PrintEnded,
    Scanned,
)
from flows.ports import USABLE_STATES, Device, DeviceState, OfficerCall, PanelKey, PrintOutcome

RECONNECT_S = 0.25
GRACE_S = 5.0
"""The devices process keeps its own deadlines; this much later it counts as hung."""
STILL_S = 4.0
_SEND_S = 2.0
_READ_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Frame:
    """A preview picture (JPEG) taken at that second of the monotonic clock."""

    jpeg: bytes
    taken_monotonic: float


@dataclass(frozen=True, slots=True)
class KeyDown:
    """A key of the tactile keypad went down. Every screen hears it; the one that is shown acts."""

    key: PanelKey


@dataclass(frozen=True, slots=True)
class PanelTried:
    """Whether the command went out to a part of the panel; what it did a person must say."""

    part: m.PanelPart
    done: bool


DeviceEvent: TypeAlias = (
    DeviceChanged
    | Scanned
    | PhotoTaken
    | PrintEnded
    | OfficerCallChanged
    | HeadphonesChanged
    | PresenceChanged
    | KeyDown
    | PanelTried
    | Frame
)


class DevicesClient:
    """One screen's line to the devices process.

    Every method returns at once and may be called from any thread.
    """

    def __init__(self, path: Path, deliver: Callable[[DeviceEvent], None]) -> None:
        """Connects by itself. `deliver` is called on this client's thread, never before this returns."""
        self._path = path
        self._deliver = deliver
        self._codec = m.request_codec()
        self._lock = threading.Lock()
        self._requests: deque[m.Request] = deque()
        self._armed = False
        self._camera = False
        self._closed = False
        self._states: dict[Device, DeviceState] = {}
        self._jobs: dict[str, float] = {}
        self._stills: dict[str, float] = {}
        self._call = OfficerCall.NONE
        self._headphones = False
        self._near = True
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_write.settimeout(0)
        self._thread = threading.Thread(target=self._run, name="devices-client", daemon=True)
        self._thread.start()

    def print_image(self, job_id: str, width: int, height: int, bits: bytes, *, deadline_s: float) -> None:
        """Print a picture; answered by `PrintEnded`. The same id again is the same piece of paper.

        `bits`: `height` rows of `(width + 7) // 8` bytes, 1 is black, most significant bit left. Raises
        ValueError if that does not fit, or is larger than the wire allows.
        """
        if len(bits) != (width + 7) // 8 * height:
            raise ValueError("bits do not fit width and height")
        request = m.PrintImage(job_id, width, height, deadline_s, bits)
        self._codec.encode(request)  # refused here, where the caller can be told, rather than on our thread
        self._ask(request)

    def arm(self) -> None:
        """Deliver scans from now on."""
        self._armed = True
        self._ask(m.Arm())

    def disarm(self) -> None:
        """Deliver no more scans."""
        self._armed = False
        self._ask(m.Disarm())

    def open_camera(self) -> None:
        """Deliver `Frame`s from now on."""
        self._camera = True
        self._ask(m.OpenCamera())

    def close_camera(self) -> None:
        """Switch the camera off."""
        self._camera = False
        self._ask(m.CloseCamera())

    def capture(self, photo_id: str) -> None:
        """Take a still; answered by `PhotoTaken`."""
        self._ask(m.Capture(photo_id))

    def call_officer(self) -> None:
        """Call an officer; answered by `OfficerCallChanged`."""
        self._ask(m.CallOfficer())

    def officer_came(self) -> None:
        """The call is over; answered by `OfficerCallChanged`."""
        self._ask(m.OfficerCame())

    def try_panel(self, part: m.PanelPart) -> None:
        """Switch a part of the panel on for about a second; answered by `PanelTried`."""
        self._ask(m.TryPanel(part))

    def close(self) -> None:
        """Hang up; nothing is delivered after this returns."""
        with self._lock:
            self._closed = True
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._wake_read.close()
        self._wake_write.close()

    def _ask(self, request: m.Request) -> None:
        with self._lock:
            self._requests.append(request)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is awake already; closed: it has ended
            self._wake_write.send(b"\0")

    # --- the thread ---

    def _run(self) -> None:
        while not self._closed:
            line = _connect(self._path)
            if line is None:
                self._lost()
                self._refuse()
                self._sleep(RECONNECT_S)
                continue
            with line:
                self._talk(line)
        self._requests.clear()

    def _sleep(self, seconds: float) -> None:
        self._wake_read.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            self._wake_read.recv(64)

    def _talk(self, line: socket.socket) -> None:
        decoder = Decoder(m.report_codec())
        self._ask_again()
        with selectors.DefaultSelector() as ready:
            ready.register(line, selectors.EVENT_READ)
            ready.register(self._wake_read, selectors.EVENT_READ)
            try:
                while not self._closed:
                    self._send_all(line)
                    for key, _ in ready.select(self._until_due()):
                        if key.fileobj is line:
                            self._receive(line, decoder)
                        else:
                            self._wake_read.recv(64)
                    self._expire()
            except (OSError, Malformed):
                self._lost()

    def _ask_again(self) -> None:
        """What was switched on before the connection was lost."""
        with self._lock:
            queued = {type(request) for request in self._requests}
            if self._armed and m.Arm not in queued:
                self._requests.appendleft(m.Arm())
            if self._camera and m.OpenCamera not in queued:
                self._requests.appendleft(m.OpenCamera())

    def _send_all(self, line: socket.socket) -> None:
        while True:
            with self._lock:
                if not self._requests:
                    return
                request = self._requests.popleft()
            self._note(request)
            line.settimeout(_SEND_S)
            line.sendall(self._codec.encode(request))

    def _note(self, request: m.Request) -> None:
        """Remember who waits for an answer, before the request can get lost."""
        now = time.monotonic()
        if isinstance(request, m.PrintImage):
            self._jobs[request.job_id] = now + request.deadline_s + GRACE_S
        elif isinstance(request, m.Capture):
            self._stills[request.photo_id] = now + STILL_S

    def _receive(self, line: socket.socket, decoder: Decoder[m.Report]) -> None:
        data = line.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError
        for report in decoder.feed(data):
            if self._closed:
                return
            self._hear(report)

    def _hear(self, report: m.Report) -> None:
        match report:
            case m.State(device=device, state=state):
                self._changed(device, state)
            case m.Scan(body=payload) if self._armed:
                self._deliver(Scanned(payload, report.source, report.symbology))
            case m.Preview(taken_monotonic=taken, body=jpeg) if self._camera:
                self._deliver(Frame(jpeg, taken))
            case m.Photo() | m.JobEnded():
                self._answered(report)
            case _:
                self._hear_panel(report)

    def _hear_panel(self, report: m.Report) -> None:
        match report:
            case m.Call(state=call) if call is not self._call:
                self._call = call
                self._deliver(OfficerCallChanged(call))
            case m.Headphones(plugged=plugged) if plugged is not self._headphones:
                self._headphones = plugged
                self._deliver(HeadphonesChanged(plugged))
            case m.Presence(near=near):
                self._presence(near=near)
            case m.KeyPressed(key=key):
                self._deliver(KeyDown(key))
            case m.PanelTried(part=part, done=done):
                self._deliver(PanelTried(part, done))

    def _presence(self, *, near: bool) -> None:
        if near is not self._near:
            self._near = near
            self._deliver(PresenceChanged(near))

    def _answered(self, report: m.Photo | m.JobEnded) -> None:
        """The end of something that was asked for; what nobody waits for any more is dropped."""
        match report:
            case m.Photo(photo_id=photo_id) if self._stills.pop(photo_id, None) is not None:
                self._deliver(PhotoTaken(photo_id, report.body))
            case m.JobEnded(job_id=job_id) if self._jobs.pop(job_id, None) is not None:
                self._deliver(PrintEnded(job_id, report.outcome, report.state))

    def _changed(self, device: Device, state: DeviceState) -> None:
        if self._states.get(device) is not state:
            self._states[device] = state
            self._deliver(DeviceChanged(device, state))
            if device is Device.PANEL and state not in USABLE_STATES:
                self._presence(near=True)  # a sensor that is gone has not seen anybody leave

    # --- without the devices process ---

    def _lost(self) -> None:
        for device in Device:
            self._changed(device, DeviceState.DISCONNECTED)
        for job_id in tuple(self._jobs):
            del self._jobs[job_id]
            self._deliver(PrintEnded(job_id, PrintOutcome.UNCONFIRMED, DeviceState.DISCONNECTED))
        self._fail_stills(tuple(self._stills))

    def _refuse(self) -> None:
        """Answer what cannot even be asked; nothing of it reached a device."""
        with self._lock:
            requests = tuple(self._requests)
            self._requests.clear()
        for request in requests:
            if isinstance(request, m.PrintImage):
                self._deliver(PrintEnded(request.job_id, PrintOutcome.NOT_PRINTED, DeviceState.DISCONNECTED))
            elif isinstance(request, m.Capture):
                self._deliver(PhotoTaken(request.photo_id, b""))
            elif isinstance(request, m.TryPanel):
                self._deliver(PanelTried(request.part, done=False))

    def _fail_stills(self, photo_ids: tuple[str, ...]) -> None:
        for photo_id in photo_ids:
            del self._stills[photo_id]
            self._deliver(PhotoTaken(photo_id, b""))

    def _until_due(self) -> float | None:
        due = [*self._jobs.values(), *self._stills.values()]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _expire(self) -> None:
        now = time.monotonic()
        for job_id in [job_id for job_id, due in self._jobs.items() if now > due]:
            del self._jobs[job_id]
            self._deliver(PrintEnded(job_id, PrintOutcome.UNCONFIRMED, DeviceState.UNKNOWN))
        self._fail_stills(tuple(photo_id for photo_id, due in self._stills.items() if now > due))


def _connect(path: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(_SEND_S)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        return None
    return line
