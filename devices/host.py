"""The devices process: one supervised worker per device, one socket for every screen and for maintenance.

Every screen hears the state of every device. Scans go only to the screen that armed, previews and stills only
to the screen that opened the camera, and both end with its connection. A screen that does not read is
dropped; it costs the others nothing.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable

from config.event_names import Event
from config.log import log
from config.settings import Settings
from devices import messages as m
from devices import places
from devices.camera.adapter import Seen
from devices.camera.protocol import Code, PreviewFrame, Still
from devices.clients import Client, Door
from devices.hotplug import HotPlug
from devices.panel.heard import CallChanged, HeadphonesMoved, KeyPressed, PanelEvent, PresenceMoved
from devices.printer.jobs import Job, JobEnd
from devices.services import Ears, Services
from devices.states import StateLog
from devices.telling import facts_that_fit
from devices.wire import Malformed
from flows.ports import Device, DeviceState, OfficerCall, PrintOutcome

Notify = Callable[[str], None]
"""Takes a message for the service manager, such as `READY=1`."""

_ALIVE_EVERY_S = 1.5
_LOOK_S = 0.5
_LOOKED_WITHIN_S = 5.0
_STOPPED_S = 2.0
"""Between two looks: then the whole process stood still, and no worker is to blame."""


class Host:
    """The workers, the socket, and who listens to what."""

    def __init__(self, settings: Settings) -> None:
        self._door = Door(settings.paths.devices_socket)
        self._states = StateLog(places.device_history(settings))
        self._lock = threading.RLock()
        self._clients: set[Client] = set()
        self._armed: Client | None = None
        self._viewer: tuple[Client, int] | None = None
        self._call = OfficerCall.NONE
        self._headphones = False
        ears = Ears(self._state_reported, self._scanned, self._seen, self._panel_said, self._succeeded)
        self._services = Services(settings, ears)
        self._workers = self._services.workers
        if self._services.panel is not None:
            self._call = self._services.panel.call  # one from before may last
        for device in Device:
            if device not in self._workers:
                self._states.change(device, DeviceState.NOT_INSTALLED)
        self._hot_plug = HotPlug(self._services.plugged_at(), lambda device: self._workers[device].try_now())
        self._looked_at = time.monotonic()
        self.over = threading.Event()
        """The process must end."""
        self.exit_code = os.EX_OK

    def start(self) -> None:
        """Listen, and take hold of the devices. Raises OSError if the socket cannot be made."""
        self._door.open(self._welcome, lambda: len(self._clients))
        for worker in self._workers.values():
            worker.start()
        self._hot_plug.start()
        threading.Thread(target=self._keep_looking, name="looking", daemon=True).start()

    def stop(self) -> None:
        """Let go of everything."""
        self.over.set()
        self._door.close()
        self._hot_plug.stop()
        for worker in self._workers.values():
            worker.end()
        for worker in self._workers.values():
            worker.stop()
        self._states.save()
        with self._lock:
            clients = set(self._clients)
        for client in clients:
            client.close()

    def healthy(self) -> bool:
        """Whether somebody looks after the workers."""
        return time.monotonic() - self._looked_at < _LOOKED_WITHIN_S

    # --- the devices ---

    def _keep_looking(self) -> None:
        while not self.over.wait(_LOOK_S):
            before, self._looked_at = self._looked_at, time.monotonic()
            if self._looked_at - before < _STOPPED_S:
                self._look()
            else:
                self._excuse()
            self._states.save()

    def _excuse(self) -> None:
        for worker in self._workers.values():
            worker.excuse()

    def _look(self) -> None:
        for worker in self._workers.values():
            worker.look()
            if worker.beyond_help:
                log(Event.DEVICE_WORKER_HUNG, device=worker.device, replaced=False)
                self._state_reported(worker.device, DeviceState.ERROR)
                self._end(os.EX_TEMPFAIL)

    def _end(self, exit_code: int) -> None:
        self.exit_code = exit_code
        self.over.set()

    # --- who is connected ---

    def _welcome(self, line: socket.socket) -> None:
        client = Client(line, self._left)
        with self._lock:
            self._clients.add(client)
            for device, state in self._states.all().items():
                client.tell(m.State(device, state))
            client.tell(m.Call(self._call))
            client.tell(m.Headphones(self._headphones))
        client.start(self._handle)

    def _left(self, client: Client) -> None:
        with self._lock:
            self._clients.discard(client)
            self._disarm(client)
            self._close_camera(client)

    def _tell_all(self, report: m.Report) -> None:
        """Caller holds the lock."""
        for client in self._clients:
            client.tell(report)

    def _handle(self, client: Client, request: m.Request) -> None:  # noqa: C901  # one line for each request
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
            case m.CallOfficer():
                self._call_officer()
            case m.OfficerCame():
                self._officer_came()
            case _:
                self._handle_of_maintenance(client, request)

    def _handle_of_maintenance(self, client: Client, request: m.Request) -> None:
        match request:
            case m.Inspect():
                self._inspect(client)
            case m.RestartDevice(device=device):
                self._restart(device)
            case m.TryPanel(part=part):
                # It takes a second or two, and the client may have more to ask.
                threading.Thread(target=self._try_panel, args=(client, part), daemon=True).start()
            case m.EndProcess():
                self._end(os.EX_OK)

    # --- what screens ask ---

    def _print(self, client: Client, request: m.PrintImage) -> None:
        def ended(end: JobEnd) -> None:
            client.tell(m.JobEnded(request.job_id, end.outcome, end.state))

        job = Job(request.job_id, request.width, request.height, request.body, request.deadline_s)
        if self._services.printer is None:
            ended(JobEnd(PrintOutcome.NOT_PRINTED, DeviceState.NOT_INSTALLED))
            return
        try:
            self._services.printer.submit(job, ended)
        except ValueError as error:
            raise Malformed("picture of another size") from error

    def _arm(self, client: Client) -> None:
        with self._lock:
            self._armed = client
            for reader in self._services.readers.values():
                reader.arm()
            self._read_codes()

    def _disarm(self, client: Client) -> None:
        with self._lock:
            if self._armed is client:
                self._armed = None
                for reader in self._services.readers.values():
                    reader.disarm()
                self._read_codes()

    def _open_camera(self, client: Client) -> None:
        with self._lock:
            camera = self._services.camera
            if camera is None or (self._viewer is not None and self._viewer[0] is client):
                return
            camera.close()
            self._viewer = (client, camera.open())
            self._read_codes()

    def _close_camera(self, client: Client) -> None:
        with self._lock:
            camera = self._services.camera
            if camera is not None and self._viewer is not None and self._viewer[0] is client:
                self._viewer = None
                camera.close()
                self._read_codes()

    def _capture(self, client: Client, photo_id: str) -> None:
        with self._lock:
            may = self._viewer is not None and self._viewer[0] is client
        if may and self._services.camera is not None:
            self._services.camera.capture(photo_id)
        else:
            client.tell(m.Photo(photo_id))

    def _read_codes(self) -> None:
        """The camera looks for codes while the screen that sees it also listens. Caller holds the lock."""
        viewer = self._viewer[0] if self._viewer is not None else None
        if self._services.camera is not None:
            self._services.camera.read_codes(on=viewer is not None and viewer is self._armed)

    def _call_officer(self) -> None:
        if self._services.panel is not None:
            self._services.panel.call_officer()

    def _officer_came(self) -> None:
        if self._services.panel is not None:
            self._services.panel.officer_came()

    # --- what maintenance asks ---

    def _inspect(self, client: Client) -> None:
        states = self._states.all()
        for device in Device:
            worker = self._workers.get(device)
            facts = facts_that_fit(worker.facts()) if worker else {}
            client.tell(m.Inspected(device, states[device], facts, self._states.history(device)))

    def _restart(self, device: Device) -> None:
        log(Event.DEVICE_RESTARTED, device=device)
        if device in self._workers:
            self._workers[device].restart()

    def _try_panel(self, client: Client, part: m.PanelPart) -> None:
        panel = self._services.panel
        client.tell(m.PanelTried(part, done=panel is not None and panel.try_part(part)))

    # --- what the devices say, on their threads ---

    def _state_reported(self, device: Device, state: DeviceState) -> None:
        with self._lock:
            if self._states.change(device, state):
                self._tell_all(m.State(device, state))

    def _scanned(self, source: Device, symbology: str, payload: bytes) -> None:
        with self._lock:
            if self._armed is not None:
                self._armed.tell(m.Scan(source, symbology, payload))

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
                    client.tell(m.Scan(Device.CAMERA, seen.symbology, seen.body))

    def _panel_said(self, said: PanelEvent) -> None:
        with self._lock:
            match said:
                case CallChanged(call):
                    self._call = call
                    self._tell_all(m.Call(call))
                case HeadphonesMoved(plugged):
                    self._headphones = plugged
                    self._tell_all(m.Headphones(plugged))
                case PresenceMoved(near):
                    self._tell_all(m.Presence(near))
                case KeyPressed(key):
                    self._tell_all(m.KeyPressed(key))

    def _succeeded(self, device: Device) -> None:
        """A new service is asked for what the one before it was asked."""
        with self._lock:
            reader, camera = self._services.readers.get(device), self._services.camera
            if reader is not None and self._armed is not None:
                reader.arm()
            if device is Device.CAMERA and camera is not None and self._viewer is not None:
                self._viewer = (self._viewer[0], camera.open())
                self._read_codes()


def run(settings: Settings, notify: Notify) -> int:
    """Be the devices process until SIGTERM or SIGINT, or until it must start anew; returns its exit code.

    Raises OSError if its socket cannot be made.
    """
    host = Host(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: host.over.set())
    host.start()
    notify("READY=1")
    while not host.over.wait(_ALIVE_EVERY_S):
        if host.healthy():
            notify("WATCHDOG=1")
    notify("STOPPING=1")
    host.stop()
    return host.exit_code
