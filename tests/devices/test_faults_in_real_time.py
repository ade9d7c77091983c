"""Every simulated device is broken while a screen holds a connection: it hears so in time, all else goes on,
and the device is back by itself. Over real sockets, lines and processes, by the clock on the wall.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devices import hotplug, places, simulate_client, supervisor
from devices.client import DevicesClient, Frame, KeyDown
from devices.host import Host
from devices.scanner.adapter import ScannerService
from devices.states import StateLog
from devices.supervisor import Supervised
from flows.events import DeviceChanged, PrintEnded, Scanned
from flows.ports import USABLE_STATES, Device, DeviceState, PanelKey, PrintOutcome
from tests.devices.conftest import Heard, Kiosk, picture

BACK_S = 10.0
WORKS_S = 5.0
GONE = frozenset({DeviceState.DISCONNECTED})
LOST = frozenset({DeviceState.DISCONNECTED, DeviceState.UNKNOWN, DeviceState.ERROR, DeviceState.COVERED})


@dataclass(frozen=True)
class Fault:
    """One way to break a device. `told`: what screens must hear within `within_s`; none: it must go on."""

    device: Device
    words: dict[str, Any]
    told: frozenset[DeviceState] = frozenset()
    within_s: float = 3.0

    def __str__(self) -> str:
        return f"{self.device.value}: {self.words}"


FAULTS = {
    Device.PRINTER: [
        Fault(Device.PRINTER, {"fault": "offline"}, LOST, 4.0),
        Fault(Device.PRINTER, {"fault": "hang"}, LOST, 6.0),
        Fault(Device.PRINTER, {"fault": "garble"}, LOST, 6.0),
        Fault(Device.PRINTER, {"fault": "slow"}),
    ],
    Device.SCANNER: [
        Fault(Device.SCANNER, {"fault": "unplug"}, GONE, 2.0),
        Fault(Device.SCANNER, {"fault": "hang"}),
        Fault(Device.SCANNER, {"fault": "garble"}),
        Fault(Device.SCANNER, {"split": "SLOW"}),
    ],
    Device.DOCUMENT_READER: [
        Fault(Device.DOCUMENT_READER, {"fault": "unplug"}, GONE, 2.0),
        Fault(Device.DOCUMENT_READER, {"fault": "hang"}),
        Fault(Device.DOCUMENT_READER, {"fault": "garble"}),
        Fault(Device.DOCUMENT_READER, {"split": "SLOW"}),
    ],
    Device.CAMERA: [
        Fault(Device.CAMERA, {"fault": "unplug"}, LOST, 4.0),
        Fault(Device.CAMERA, {"fault": "stall"}, LOST, 5.0),
        Fault(Device.CAMERA, {"fault": "freeze"}, LOST, 5.0),
    ],
    Device.PANEL: [
        Fault(Device.PANEL, {"fault": "unplug"}, GONE, 3.0),
        Fault(Device.PANEL, {"fault": "hang"}, LOST, 6.0),
        Fault(Device.PANEL, {"fault": "garble"}, LOST, 6.0),
        Fault(Device.PANEL, {"fault": "slow"}),
    ],
}


class Visitor:
    """A screen that uses everything, and what it finds out."""

    def __init__(self, kiosk: Kiosk, *, back_s: float = BACK_S, works_s: float = WORKS_S) -> None:
        self._kiosk = kiosk
        self._back_s = back_s
        self._works_s = works_s
        self._numbers = iter(range(1000))
        self.screen: DevicesClient
        self.events: Heard[Any]
        self.screen, self.events = kiosk.screen()
        self.screen.arm()
        for device in Device:
            self.events.wait(lambda event, d=device: event == DeviceChanged(d, DeviceState.READY))

    def suffer(self, fault: Fault) -> None:
        """Live through one fault. Fails if anything is not as promised."""
        if fault.device is Device.CAMERA:
            self.screen.open_camera()
            self.events.wait(lambda event: isinstance(event, Frame))
        heard = self.events.count()
        self.do(fault.device, **fault.words)
        if fault.told:
            self.events.wait(
                lambda event: (
                    isinstance(event, DeviceChanged)
                    and event.device is fault.device
                    and event.state in fault.told
                ),
                after=heard,
                timeout_s=fault.within_s,
            )
        for device in Device:
            if device is not fault.device and device is not Device.CAMERA:
                self.use(device)
        mended = self.events.count()
        self.do(fault.device, fault="none")
        self._await_return(fault, mended)
        self.use(fault.device)
        self._check_others(fault, heard)
        self.screen.close_camera()

    def do(self, device: Device, **words: Any) -> None:
        """Move a lever."""
        simulate_client.command(places.simulators_socket(self._kiosk.settings), device, **words)

    def use(self, device: Device) -> None:
        """Use a device as a visitor does. Fails if it does not do its work."""
        heard, wait = self.events.count(), self.events.wait
        match device:
            case Device.PRINTER:
                job = f"job-{next(self._numbers)}"
                self.screen.print_image(job, 576, 40, picture(40, 1), deadline_s=self._works_s)
                end = wait(lambda event: isinstance(event, PrintEnded), after=heard, timeout_s=self._works_s)
                assert end.outcome is PrintOutcome.PRINTED, end
            case Device.SCANNER | Device.DOCUMENT_READER:
                text = f"CODE-{next(self._numbers)}"  # never the same, or it would count as held before it
                self.do(device, scan=text)
                wait(
                    lambda event: isinstance(event, Scanned) and text.encode() in event.payload,
                    after=heard,
                    timeout_s=self._works_s,
                )
            case Device.PANEL:
                self.do(device, key="ok")
                wait(lambda event: event == KeyDown(PanelKey.OK), after=heard, timeout_s=self._works_s)
            case Device.CAMERA:
                wait(lambda event: isinstance(event, Frame), after=heard, timeout_s=self._works_s)

    def _await_return(self, fault: Fault, mended: int) -> None:
        if fault.told:
            self.events.wait(
                lambda event: (
                    isinstance(event, DeviceChanged)
                    and event.device is fault.device
                    and event.state is DeviceState.READY
                ),
                after=mended,
                timeout_s=self._back_s,
            )

    def _check_others(self, fault: Fault, heard: int) -> None:
        """Nothing was said of any other device but what using it brings."""
        for event in self.events.all[heard:]:
            if isinstance(event, DeviceChanged) and event.state not in USABLE_STATES:
                assert event.device is fault.device, f"{fault} reached {event.device}: {event.state}"
                assert fault.told, f"{fault} made it {event.state}"


@pytest.fixture
def kiosks() -> Iterator[Callable[[], Kiosk]]:
    made: list[tuple[Kiosk, str]] = []

    def make() -> Kiosk:
        folder = tempfile.mkdtemp(prefix="kiosk-")
        made.append((Kiosk(Path(folder)), folder))
        return made[-1][0]

    yield make
    for kiosk, folder in made:
        kiosk.stop()
        shutil.rmtree(folder)


def test_every_device_may_fail_and_only_that_device_is_gone(kiosks):
    """Each device in a kiosk of its own, all at once: they mostly wait."""
    visitors = {device: Visitor(kiosks()) for device in FAULTS}

    def live_through(device: Device) -> None:
        for fault in FAULTS[device]:
            visitors[device].suffer(fault)

    with ThreadPoolExecutor(len(FAULTS)) as pool:
        for lived in [pool.submit(live_through, device) for device in FAULTS]:
            lived.result()


@pytest.fixture
def hanging_scanner(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The scanner's next life blocks in the kernel, as a broken driver does; what is written ends that."""
    read, write = os.pipe()
    real = ScannerService.run
    lives = iter([True])

    def run(self: ScannerService, life: supervisor.Life) -> None:
        if self.device is Device.SCANNER and next(lives, False):
            self._report(self.device, DeviceState.READY)
            os.read(read, 1)
        real(self, life)

    monkeypatch.setattr(ScannerService, "run", run)
    monkeypatch.setattr(supervisor, "PATIENCE_S", 0.6)
    before = set(threading.enumerate())
    yield write
    os.write(write, b"x")
    for thread in set(threading.enumerate()) - before:
        if thread.name == "scanner":
            thread.join(5)
    os.close(write)
    os.close(read)


@pytest.mark.usefixtures("hanging_scanner")
def test_a_driver_that_never_returns_costs_ten_seconds_of_that_device_and_nothing_else(kiosk):
    visitor = Visitor(kiosk)
    begun = visitor.events.count()
    for device in (Device.PRINTER, Device.DOCUMENT_READER, Device.PANEL):
        visitor.use(device)
    visitor.events.wait(lambda event: event == DeviceChanged(Device.SCANNER, DeviceState.ERROR))
    heard = visitor.events.count() - 1
    visitor.events.wait(lambda event: event == DeviceChanged(Device.SCANNER, DeviceState.READY), after=heard)
    visitor.use(Device.SCANNER)  # armed as the one before was
    others = [
        event
        for event in visitor.events.all[begun:]
        if isinstance(event, DeviceChanged)
        and event.device is not Device.SCANNER
        and event.state not in USABLE_STATES
    ]
    assert others == []
    assert not kiosk.host.over.is_set()


def test_the_promise_of_ten_seconds_adds_up():
    assert supervisor.PATIENCE_S + 0.5 + 1.0 < BACK_S


# --- planted: each of these must be noticed -----------------------------------------------------------------

UNPLUG = FAULTS[Device.SCANNER][0]


def never_told(patch: pytest.MonkeyPatch) -> None:
    real = StateLog.change
    patch.setattr(StateLog, "change", lambda *told: real(*told) and told[2] is DeviceState.READY)


def all_are_lost_with_one(patch: pytest.MonkeyPatch) -> None:
    real = Host._state_reported

    def report(self: Host, device: Device, state: DeviceState) -> None:
        real(self, device, state)
        if device is Device.SCANNER and state is DeviceState.DISCONNECTED:
            real(self, Device.PANEL, state)
            real(self, Device.PANEL, DeviceState.READY)

    patch.setattr(Host, "_state_reported", report)


def never_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervisor.BackOff, "after", lambda *_: 3600.0)
    patch.setattr(hotplug.HotPlug, "_look", lambda _: None)


def scans_go_nowhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Host, "_scanned", lambda *_: None)


def keys_are_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DevicesClient, "_hear_panel", lambda *_: None)


def forgets_who_listens(patch: pytest.MonkeyPatch) -> None:
    real = ScannerService.tear_down

    def tear_down(self: ScannerService) -> None:
        real(self)
        self.disarm()

    patch.setattr(ScannerService, "tear_down", tear_down)


@pytest.mark.parametrize(
    "plant",
    [
        never_told,
        all_are_lost_with_one,
        never_tried_again,
        scans_go_nowhere,
        keys_are_lost,
        forgets_who_listens,
    ],
)
def test_a_planted_bug_is_noticed(plant, monkeypatch, kiosks):
    plant(monkeypatch)
    visitor = Visitor(kiosks(), back_s=1.5, works_s=1.0)
    with pytest.raises(AssertionError):
        visitor.suffer(UNPLUG)


@pytest.mark.usefixtures("hanging_scanner")
def test_a_hanging_driver_that_nobody_notices_is_noticed_here(kiosk, monkeypatch):
    monkeypatch.setattr(Supervised, "look", lambda _: None)
    visitor = Visitor(kiosk)
    with pytest.raises(AssertionError):
        visitor.events.wait(
            lambda event: event == DeviceChanged(Device.SCANNER, DeviceState.ERROR), timeout_s=1.5
        )
