"""`kiosk screen --technician`: a technician's screen in place of a visitor screen, shown by the screen host.

It joins the technician's face with maintenance, which decides everything, and with the devices. It has no
packs, no way to the outbox and none to the courier: nothing of a case can be seen here.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, Signal

from config.settings import Settings
from devices.client import DeviceEvent, DevicesClient, Frame, KeyDown, PanelTried
from devices.messages import PanelPart
from devices.printer.profile import profile_of
from flows.events import DeviceChanged, HeadphonesChanged, OfficerCallChanged, PrintEnded, Scanned
from kiosk.screens.line import ScreenWord
from kiosk.screens.maintenance_line import MaintenanceLine
from kiosk.screens.screen_process import HostLine, begin_process, every
from ui import technician_paper
from ui.bridge.maintenance import Request
from ui.paper import PaperImage
from ui.technician import TechnicianFace

LOOK_AT_CLOCK_S = 0.25
LEFT = "maintenance"
"""How the host is told that this screen has ended."""


class Paper(TypedDict):
    """What the paper can hold: dots across, dots a millimetre."""

    width_dots: int
    dots_per_mm: float


class TechnicianScreen(QObject):
    """The screen with its two lines; it ends with the process."""

    _from_maintenance = Signal(object)
    _reached = Signal(bool)
    _from_devices = Signal(object)

    def __init__(self, settings: Settings, line: HostLine, end: Callable[[], None]) -> None:
        """`end` is called once the technician leaves, or nobody has touched anything for long."""
        super().__init__()
        self._settings = settings
        self._line = line
        self._end = end
        self._left = False
        self._jobs = count(1)
        self.face = TechnicianFace(settings, self)
        self._from_maintenance.connect(self.face.bridge.take, Qt.ConnectionType.QueuedConnection)
        self._reached.connect(self._take_reach, Qt.ConnectionType.QueuedConnection)
        self._from_devices.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._maintenance = MaintenanceLine(
            settings.paths.maintenance_socket, self._from_maintenance.emit, self._reached.emit
        )
        self._devices = DevicesClient(settings.paths.devices_socket, self._from_devices.emit)
        self.face.first_frame.connect(self._shown)
        line.show_asked.connect(self.face.present)
        line.say(ScreenWord.READY)

    def _shown(self) -> None:
        self._line.say(ScreenWord.SHOWN)
        self.face.bridge.note_activity()
        self.face.bridge.open("login")  # arms the scanner, which the visitor screen had until now
        self._clock = every(LOOK_AT_CLOCK_S, self.face.bridge.look_at_clock, self)

    def _take_reach(self, there: bool) -> None:  # a slot
        if there:
            self.face.bridge.find_maintenance()
        else:
            self.face.bridge.lose_maintenance()

    def _take(self, event: DeviceEvent) -> None:
        bridge = self.face.bridge
        match event:
            case DeviceChanged(device=device, state=state):
                bridge.take_state(device, state)
            case Scanned(payload=payload, source=source, symbology=symbology):
                bridge.take_scan(payload, source, symbology)
            case Frame(jpeg=jpeg, taken_monotonic=taken):
                self.face.take_frame(jpeg, taken)
            case PrintEnded(outcome=outcome):
                bridge.take_print(outcome)
            case _:
                self._take_panel(event)

    def _take_panel(self, event: DeviceEvent) -> None:
        match event:
            case KeyDown(key=key) if self.face.window.isVisible():
                self.face.take_key(key)
            case OfficerCallChanged(state=state):
                self.face.bridge.take_call(state)
            case HeadphonesChanged(plugged=plugged):
                self.face.bridge.take_headphones(plugged=plugged)
            case PanelTried(part=part, done=done):
                self.face.bridge.take_tried(part, done=done)

    # --- errands of the bridge

    def ask(self, request: Request) -> None:
        """Ask maintenance."""
        self._maintenance.ask(request)

    def try_panel(self, part: str) -> None:
        """Switch a part of the panel on for a moment."""
        self._devices.try_panel(PanelPart(part))

    def print_test_page(self, kiosk: str) -> None:
        """Print the test page."""
        at = datetime.now(ZoneInfo(self._settings.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
        self._print(technician_paper.trial_page(kiosk, at, **self._paper()))

    def print_report(self, report: Mapping[str, Any]) -> None:
        """Print how ready the kiosk is."""
        self._print(technician_paper.report_page(report, self.face.words, **self._paper()))

    def listen(self, *, wanted: bool) -> None:
        """Deliver what is scanned, or no longer."""
        if wanted:
            self._devices.arm()
        else:
            self._devices.disarm()

    def look(self, *, wanted: bool) -> None:
        """Deliver the camera's pictures, or no longer."""
        if wanted:
            self._devices.open_camera()
        else:
            self._devices.close_camera()

    def restart_screen(self) -> None:
        """Have the screen host end, and this screen with it; whoever keeps the host starts it again."""
        self._line.say(ScreenWord.RESTART)

    def leave(self) -> None:
        """End the session and this screen."""
        if not self._left:
            self._left = True
            self._maintenance.close()
            self._end()

    def _paper(self) -> Paper:
        model = profile_of(self._settings.devices.printer)
        return {"width_dots": model.width_dots, "dots_per_mm": model.dots_per_mm}

    def _print(self, image: PaperImage) -> None:
        job = f"maintenance-{os.getpid()}-{next(self._jobs)}"
        deadline_s = self._settings.timing.print_deadline_s
        self._devices.print_image(job, image.width, image.height, image.bits, deadline_s=deadline_s)


def run_technician(settings: Settings, descriptor: int) -> int:
    """Be a technician's screen; returns only if Qt ends."""
    application = begin_process("technician", settings)
    line = HostLine(descriptor)
    _screen = TechnicianScreen(settings, line, lambda: line.farewell(LEFT))
    return application.exec()
