"""The devices process: one supervised worker per device, one socket for every screen.

Every screen hears the state of every device. Scans go only to the screen that armed, previews and stills only
to the screen that opened the camera, and both end with its connection. A screen that does not read is
dropped; it costs the others nothing.
"""

import contextlib
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from config.event_names import Event
from config.log import log
from config.peers import may_talk
from config.settings import Settings
from devices import messages as m
from devices import places
from devices.camera.adapter import CameraService, Seen
from devices.camera.protocol import Code, PreviewFrame, Still
from devices.printer.adapter import PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.scanner.adapter import ScannerService
from devices.supervisor import StateLog, Supervised
from devices.wire import Decoder, Malformed
from flows.ports import Device, DeviceState

Notify = Callable[[str], None]
"""Takes a message for the service manager, such as `READY=1`."""

MAX_CLIENTS = 16
MAX_WAITING = 64  # messages for a screen that does not read
STUCK_S = 15.0  # a worker silent for this long is a reason to restart the process
_ALIVE_EVERY_S = 2.0
_READ_BYTES = 1 << 16


class _Client:
    """One screen."""

    def __init__(self, line: socket.socket, ended: Callable[["_Client"], None]) -> None:
        self._line = line
        self._ended = ended
        self._codec = m.report_codec()
        self._waiting: deque[m.Report] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def start(self, handle: Callable[["_Client", m.Request], None]) -> None:
        """Read requests and write reports, each on a thread."""
        for work, name in ((lambda: self._read(handle), "screen-reader"), (self._write, "screen-writer")):
            threading.Thread(target=work, name=name, daemon=True).start()

    def tell(self, report: m.Report) -> None:
        """Never blocks. A preview replaces one that still waits: late pictures are worth nothing."""
        with self._changed:
            if isinstance(report, m.Preview):
                self._waiting = deque(one for one in self._waiting if not isinstance(one, m.Preview))
            self._waiting.append(report)
            overrun = len(self._waiting) > MAX_WAITING
            self._changed.notify()
        if overrun:
            log(Event.DEVICES_PEER_DROPPED, reason="does_not_read")
            self.close()

    def close(self) -> None:
        """Hang up."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def _read(self, handle: Callable[["_Client", m.Request], None]) -> None:
        decoder = Decoder(m.request_codec())
        try:
            while data := self._line.recv(_READ_BYTES):
                for request in decoder.feed(data):
                    handle(self, request)
        except Malformed:
            log(Event.DEVICES_PEER_DROPPED, reason="malformed")
        except OSError:
            pass  # it went
        finally:
            self.close()
            self._ended(self)

    def _write(self) -> None:
        try:
            while (report := self._next()) is not None:
                self._line.sendall(self._codec.encode(report))
        except OSError:
            self.close()
        finally:
            self._line.close()

    def _next(self) -> m.Report | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return None if self._closed else self._waiting.popleft()


class Host:
    """The workers, the socket, and who listens to what."""

    def __init__(self, settings: Settings) -> None:
        devices = settings.devices
        self._socket_path = settings.paths.devices_socket
        self._states = StateLog()
        self._lock = threading.RLock()
        self._clients: set[_Client] = set()
        self._armed: _Client | None = None
        self._viewer: tuple[_Client, int] | None = None
        self._printer = PrinterService(devices.printer, places.printer_marker(settings), self._state_reported)
        self._scanner = ScannerService(
            places.scanner_path(settings), devices.scanner.baud, self._state_reported, self._scanned
        )
        self._camera = CameraService(
            devices.camera, places.camera_source(settings), self._state_reported, self._seen
        )
        for device in (Device.DOCUMENT_READER, Device.PANEL):
            self._states.change(device, DeviceState.NOT_INSTALLED)
        services = (self._printer, self._scanner, self._camera)
        self._workers = [Supervised(service, self._state_reported) for service in services]
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Listen, and take hold of the devices. Raises OSError if the socket cannot be made."""
        self._listener = _listen(self._socket_path)
        for worker in self._workers:
            worker.start()
        threading.Thread(target=self._accept, args=(self._listener,), name="listener", daemon=True).start()

    def stop(self) -> None:
        """Let go of everything."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._socket_path.unlink(missing_ok=True)
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.stop()
        with self._lock:
            clients = set(self._clients)
        for client in clients:
            client.close()

    def stuck(self) -> bool:
        """Whether a worker has not moved for too long."""
        return any(worker.stuck_for() > STUCK_S for worker in self._workers)

    # --- screens ---

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            reason = self._reason_to_refuse(line)
            if reason:
                log(Event.DEVICES_PEER_DROPPED, reason=reason)
                line.close()
            else:
                self._welcome(_Client(line, self._left))

    def _reason_to_refuse(self, line: socket.socket) -> str:
        if len(self._clients) >= MAX_CLIENTS:
            return "too_many"
        group = self._socket_path.parent.stat().st_gid
        return "" if may_talk(line, os.getuid(), group) else "not_allowed"

    def _welcome(self, client: _Client) -> None:
        with self._lock:
            self._clients.add(client)
            for device, state in self._states.all().items():
                client.tell(m.State(device, state))
        client.start(self._handle)

    def _left(self, client: _Client) -> None:
        with self._lock:
            self._clients.discard(client)
            self._disarm(client)
            self._close_camera(client)

    def _handle(self, client: _Client, request: m.Request) -> None:
        match request:
            case m.PrintImage():
                self._print(client, request)
            case m.Arm():
                self._arm(client)
            case m.Disarm():
                self._disarm(client)
            case m.OpenCamera():
                self._open_camera(client)
            case m.CloseCamera():
                self._close_camera(client)
            case m.Capture(photo_id=photo_id):
                self._capture(client, photo_id)

    # --- what they ask ---

    def _print(self, client: _Client, request: m.PrintImage) -> None:
        def ended(end: JobEnd) -> None:
            client.tell(m.JobEnded(request.job_id, end.outcome, end.state))

        job = Job(request.job_id, request.width, request.height, request.body, request.deadline_s)
        try:
            self._printer.submit(job, ended)
        except ValueError as error:
            raise Malformed("picture of another size") from error

    def _arm(self, client: _Client) -> None:
        with self._lock:
            self._armed = client
            self._scanner.arm()
            self._read_codes()

    def _disarm(self, client: _Client) -> None:
        with self._lock:
            if self._armed is client:
                self._armed = None
                self._scanner.disarm()
                self._read_codes()

    def _open_camera(self, client: _Client) -> None:
        with self._lock:
            if self._viewer is not None and self._viewer[0] is client:
                return
            self._camera.close()
            self._viewer = (client, self._camera.open())
            self._read_codes()

    def _close_camera(self, client: _Client) -> None:
        with self._lock:
            if self._viewer is not None and self._viewer[0] is client:
                self._viewer = None
                self._camera.close()
                self._read_codes()

    def _capture(self, client: _Client, photo_id: str) -> None:
        with self._lock:
            may = self._viewer is not None and self._viewer[0] is client
        if may:
            self._camera.capture(photo_id)
        else:
            client.tell(m.Photo(photo_id))

    def _read_codes(self) -> None:
        """The camera looks for codes while the screen that sees it also listens. Caller holds the lock."""
        viewer = self._viewer[0] if self._viewer is not None else None
        self._camera.read_codes(on=viewer is not None and viewer is self._armed)

    # --- what the devices say, on their threads ---

    def _state_reported(self, device: Device, state: DeviceState) -> None:
        with self._lock:
            if self._states.change(device, state):
                for client in self._clients:
                    client.tell(m.State(device, state))

    def _scanned(self, payload: bytes) -> None:
        with self._lock:
            if self._armed is not None:
                self._armed.tell(m.Scan(body=payload))

    def _seen(self, opening: int, seen: Seen) -> None:
        with self._lock:
            if self._viewer is None or self._viewer[1] != opening:
                return
            client = self._viewer[0]
            match seen:
                case PreviewFrame():
                    client.tell(m.Preview(seen.taken_monotonic, seen.body))
                case Still():
                    client.tell(m.Photo(seen.photo_id, seen.body))
                case Code() if client is self._armed:
                    client.tell(m.Scan(Device.CAMERA, body=seen.body))


def _listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o660)  # who of the folder's group may talk is checked once more at every connection
    listener.listen(MAX_CLIENTS)
    return listener


def run(settings: Settings, notify: Notify) -> None:
    """Be the devices process until SIGTERM or SIGINT. Raises OSError if its socket cannot be made."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    host = Host(settings)
    host.start()
    notify("READY=1")
    while not stop.wait(_ALIVE_EVERY_S):
        if not host.stuck():
            notify("WATCHDOG=1")
    notify("STOPPING=1")
    host.stop()
