"""All simulated devices in one process, for development: they speak the wire and take faults while they run.

`<runtime>/simulators.sock` takes one JSON object a line. It answers each with `{"ok": true}` or
`{"ok": false, "error": …}`:

    {"device": "printer", "fault": "paper_out", "after_rows": 300}    see devices.printer.simulator
    {"device": "scanner", "scan": "…"}                                see devices.scanner.simulator
    {"device": "camera", "show": "/path/to/picture.png"}              see devices.camera.simulator
"""

import contextlib
import json
import signal
import socketserver
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from config.settings import Settings
from devices import places
from devices.camera.simulator import CameraSimulator
from devices.printer.simulator import PrinterSimulator
from devices.scanner.simulator import ScannerSimulator
from flows.ports import Device

PRINT_ROWS_PER_S = 1600.0  # 200 mm/s, a leisurely printer
_LONGEST_LINE = 1 << 16


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


def simulators(settings: Settings) -> dict[Device, Simulator]:
    """One for every device that the settings call simulated. Raises NotInProductionError."""
    if settings.production:
        raise NotInProductionError("simulated devices are refused in production: set profile to demo")
    devices = settings.devices
    chosen: dict[Device, Simulator] = {}
    if devices.printer.simulated:
        printer = devices.printer
        chosen[Device.PRINTER] = PrinterSimulator(
            printer.host,
            printer.port,
            places.papers(settings),
            width_dots=printer.width_dots,
            rows_per_s=PRINT_ROWS_PER_S,
        )
    if devices.scanner.simulated:
        chosen[Device.SCANNER] = ScannerSimulator(Path(places.scanner_path(settings)))
    if devices.camera.simulated:
        camera = devices.camera
        chosen[Device.CAMERA] = CameraSimulator(
            Path(places.camera_source(settings)), camera.width, camera.height
        )
    return chosen


class ControlServer(socketserver.ThreadingUnixStreamServer):
    """Takes commands for the simulators."""

    daemon_threads = True

    def __init__(self, path: Path, devices: Mapping[Device, Simulator]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Commands)
        path.chmod(0o600)
        self.devices = devices


class _Commands(socketserver.StreamRequestHandler):
    server: ControlServer

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(_LONGEST_LINE):
                self.wfile.write(json.dumps(self._obey(line)).encode() + b"\n")

    def _obey(self, line: bytes) -> dict[str, object]:
        try:
            words = json.loads(line)
            self.server.devices[Device(words["device"])].command(words)
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}
        return {"ok": True}


def run(settings: Settings) -> None:
    """Be the simulators until SIGTERM or SIGINT. Raises NotInProductionError."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    devices = simulators(settings)
    for device in devices.values():
        device.start()
    with ControlServer(places.simulators_socket(settings), devices) as control:
        threading.Thread(target=control.serve_forever, name="control", daemon=True).start()
        stop.wait()
        control.shutdown()
    places.simulators_socket(settings).unlink(missing_ok=True)
    for device in devices.values():
        device.stop()
