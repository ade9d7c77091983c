"""The services of the devices that this kiosk has, each on its worker, and made anew when one hangs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

from config.settings import PrinterConnection, Settings
from devices import places
from devices.camera.adapter import CameraService, Seen
from devices.panel.adapter import PanelService
from devices.panel.heard import PanelEvent
from devices.printer.adapter import PrinterService
from devices.scanner.adapter import ScannerService
from devices.supervisor import BackOff, Report, Supervised
from flows.ports import Device

P = ParamSpec("P")

READERS = (Device.SCANNER, Device.DOCUMENT_READER)
PLUGGED_LONGEST_S = 5.0
"""Longest pause before the next attempt, where plugging in is noticed without one."""


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what services say; called on their threads."""

    state: Report
    scanned: Callable[[Device, str, bytes], None]
    seen: Callable[[int, Seen], None]
    panel: Callable[[PanelEvent], None]
    succeeded: Callable[[Device], None]
    """That device has another service, which knows nothing of what the one before was asked."""


class Services:
    """One service for each device that is installed; the fields always hold the present one."""

    def __init__(self, settings: Settings, ears: Ears) -> None:
        self._settings = settings
        self._ears = ears
        self._count = dict.fromkeys(Device, 0)
        self.printer: PrinterService | None = None
        self.readers: dict[Device, ScannerService] = {}
        self.camera: CameraService | None = None
        self.panel: PanelService | None = None
        self.workers: dict[Device, Supervised] = {}
        self._install()

    def plugged_at(self) -> dict[Device, Path | None]:
        """Under which name each is found while it is plugged in; None: under no name known before."""
        printer = self._settings.devices.printer
        names: dict[Device, Path | None] = {
            Device.SCANNER: Path(places.scanner_path(self._settings)),
            Device.DOCUMENT_READER: Path(places.document_reader_path(self._settings)),
            Device.CAMERA: Path(places.camera_source(self._settings)),
            Device.PANEL: Path(places.panel_path(self._settings)),
        }
        if printer.connection is not PrinterConnection.NETWORK:
            names[Device.PRINTER] = Path(printer.path) if printer.path else None
        return {device: name for device, name in names.items() if device in self.workers}

    def _install(self) -> None:
        settings = self._settings
        if places.printer_installed(settings):
            # No successor: two services for one sheet of paper could both believe that it is theirs.
            self.workers[Device.PRINTER] = Supervised(self._new_printer(), self._ears.state)
        if places.scanner_path(settings):
            self._keep(lambda: self._new_reader(Device.SCANNER))
        if places.document_reader_path(settings):
            self._keep(lambda: self._new_reader(Device.DOCUMENT_READER))
        if places.camera_source(settings):
            self._keep(self._new_camera)
        if places.panel_installed(settings):
            self._keep(self._new_panel)

    def _keep(self, make: Callable[[], ScannerService | CameraService | PanelService]) -> None:
        def succeed() -> ScannerService | CameraService | PanelService:
            service = make()
            self._ears.succeeded(service.device)
            return service

        back_off = BackOff(longest_s=PLUGGED_LONGEST_S)
        worker = Supervised(make(), self._ears.state, back_off, succeed=succeed)
        self.workers[worker.device] = worker

    def _new_printer(self) -> PrinterService:
        marker = places.printer_marker(self._settings)
        self.printer = PrinterService(self._settings.devices.printer, marker, self._ears.state)
        return self.printer

    def _new_reader(self, device: Device) -> ScannerService:
        self._count[device] += 1
        hear, devices = self._while_latest, self._settings.devices
        report, deliver = hear(device, self._ears.state), hear(device, self._ears.scanned)
        if device is Device.SCANNER:
            path = places.scanner_path(self._settings)
            reader = ScannerService(device, devices.scanner, path, report, deliver)
        else:
            path = places.document_reader_path(self._settings)
            reader = ScannerService(device, devices.document_reader, path, report, deliver)
        self.readers[device] = reader
        return reader

    def _new_camera(self) -> CameraService:
        device = Device.CAMERA
        self._count[device] += 1
        report, deliver = self._while_latest(device, self._ears.state), self._ears.seen
        source = places.camera_source(self._settings)
        self.camera = CameraService(
            self._settings.devices.camera, source, report, self._while_latest(device, deliver)
        )
        return self.camera

    def _new_panel(self) -> PanelService:
        device = Device.PANEL
        self._count[device] += 1
        report, deliver = self._while_latest(device, self._ears.state), self._ears.panel
        path, marker = places.panel_path(self._settings), places.call_marker(self._settings)
        self.panel = PanelService(
            self._settings.devices.panel, path, marker, report, self._while_latest(device, deliver)
        )
        return self.panel

    def _while_latest(self, device: Device, take: Callable[P, None]) -> Callable[P, None]:
        """`take`, deaf from the moment on when the device gets another service."""
        mine = self._count[device]

        def hear(*words: P.args, **more: P.kwargs) -> None:
            if self._count[device] == mine:
                take(*words, **more)

        return hear
