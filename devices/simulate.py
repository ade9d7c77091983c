"""All simulated devices in one process, for development: they speak the wire and take faults while they run.

`<runtime>/simulators.sock` takes one JSON object a line. It answers each with `{"ok": true}` or
`{"ok": false, "error": …}`:

    {"device": "printer", "fault": "paper_out", "after_rows": 300}    see devices.printer.simulator
    {"device": "scanner", "scan": "…"}                                see devices.scanner.simulator
    {"device": "document_reader", "scan": "…"}                        the same simulator
    {"device": "camera", "show": "/path/to/picture.png"}              see devices.camera.simulator
    {"device": "panel", "press": "call"}                              see devices.panel.simulator
    {"network": "cut"}                                                see devices.relay
    {"ask": "state"}    answered by {"ok": true, "state": {"printer": {…}, …, "network": "mend"}}
"""

import contextlib
import json
import signal
import socketserver
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from config.settings import Settings
from devices import places
from devices.camera.simulator import CameraSimulator
from devices.panel.simulator import PanelSimulator
from devices.printer.simulator import PrinterSimulator
from devices.relay import Network, Relay, Route
from devices.scanner.simulator import ScannerSimulator
from flows.ports import Device

PRINT_ROWS_PER_S = 1600.0  # 200 mm/s, a leisurely printer
_LONGEST_LINE = 1 << 16
_STANDING = frozenset({"fault", "show", "headphones", "presence"})
"""Commands whose effect lasts; the others are over as soon as they are done."""


class NotInProductionError(Exception):
    """Simulated devices were asked for where real people report."""


class Simulator(Protocol):
    """A simulated device."""

    def start(self) -> None:
        """Appear."""

    def stop(self) -> None:
        """Disappear."""

    def command(self, words: Mapping[str, Any]) -> None:
        """Obey. Raises ValueError or KeyError."""


@runtime_checkable
class Shown(Protocol):
    """A simulator that can tell what a person would see of it."""

    def shown(self) -> Mapping[str, object]:
        """Such as the paper that is left; JSON."""


def simulators(settings: Settings) -> dict[Device, Simulator]:
    """One for every device that the settings call simulated. Raises NotInProductionError."""
    if settings.production:
        raise NotInProductionError("simulated devices are refused in production: set profile to demo")
    devices = settings.devices
    chosen: dict[Device, Simulator] = {}
    if devices.printer.simulated:
        printer = devices.printer
        chosen[Device.PRINTER] = PrinterSimulator.of(printer, places.papers(settings), PRINT_ROWS_PER_S)
    if devices.scanner.simulated:
        chosen[Device.SCANNER] = ScannerSimulator(
            Path(places.scanner_path(settings)), devices.scanner.profile
        )
    if devices.document_reader.simulated:
        chosen[Device.DOCUMENT_READER] = ScannerSimulator(
            Path(places.document_reader_path(settings)), framing=devices.document_reader.framing
        )
    if devices.camera.simulated:
        camera = devices.camera
        chosen[Device.CAMERA] = CameraSimulator(
            Path(places.camera_source(settings)), camera.width, camera.height
        )
    if devices.panel.simulated:
        chosen[Device.PANEL] = PanelSimulator(Path(places.panel_path(settings)))
    return chosen


class Levers:
    """Everything that can be done to the simulated world, and how it stands."""

    def __init__(self, devices: Mapping[Device, Simulator], relay: Relay | None = None) -> None:
        self._devices = devices
        self._relay = relay
        self._standing: dict[Device, dict[str, object]] = {device: {} for device in devices}

    def obey(self, words: Mapping[str, Any]) -> dict[str, object]:
        """Do it; returns what is to be answered. Raises ValueError, KeyError, TypeError."""
        match words:
            case {"ask": "state"}:
                return {"state": self.state()}
            case {"network": str(state)}:
                if self._relay is None:
                    raise ValueError("no network is simulated here")
                self._relay.set(Network(state))
            case _:
                self._move(Device(words["device"]), words)
        return {}

    def state(self) -> dict[str, object]:
        """What can be shown of every device, and of the network."""
        state: dict[str, object] = {device: self._state_of(device) for device in self._devices}
        if self._relay is not None:
            state["network"] = self._relay.state
        return state

    def _move(self, device: Device, words: Mapping[str, Any]) -> None:
        self._devices[device].command(words)
        self._standing[device].update({key: value for key, value in words.items() if key in _STANDING})

    def _state_of(self, device: Device) -> dict[str, object]:
        simulator, standing = self._devices[device], self._standing[device]
        return {"fault": "none", **standing, **(simulator.shown() if isinstance(simulator, Shown) else {})}


class ControlServer(socketserver.ThreadingUnixStreamServer):
    """Takes commands for the simulators."""

    daemon_threads = True

    def __init__(self, path: Path, devices: Mapping[Device, Simulator], relay: Relay | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Commands)
        path.chmod(0o600)
        self.levers = Levers(devices, relay)


class _Commands(socketserver.StreamRequestHandler):
    server: ControlServer

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(_LONGEST_LINE):
                self.wfile.write(json.dumps(self._obey(line)).encode() + b"\n")

    def _obey(self, line: bytes) -> dict[str, object]:
        try:
            return {"ok": True, **self.server.levers.obey(json.loads(line))}
        except (ValueError, KeyError, TypeError, OSError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}


def run(settings: Settings, routes: Sequence[Route] = ()) -> None:
    """Be the simulators until SIGTERM or SIGINT; `routes` lead through a network that can be cut.

    Raises NotInProductionError, and OSError if a port or the socket cannot be had.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    devices = simulators(settings)
    relay = Relay(routes) if routes else None
    if relay is not None:
        relay.start()
    for device in devices.values():
        device.start()
    with ControlServer(places.simulators_socket(settings), devices, relay) as control:
        threading.Thread(target=control.serve_forever, name="control", daemon=True).start()
        stop.wait()
        control.shutdown()
    places.simulators_socket(settings).unlink(missing_ok=True)
    for device in devices.values():
        device.stop()
    if relay is not None:
        relay.stop()
