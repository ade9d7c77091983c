"""A scanner or document reader with its adapter: simulated on a pseudo-terminal, or that of this machine."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import segno

from config.settings import DocumentReader, ReaderFraming, Scanner, ScannerProfile, Settings
from devices import places
from devices.scanner.adapter import Pace, ScannerService
from devices.scanner.simulator import ScannerSimulator
from devices.supervisor import BackOff, Supervised
from flows.ports import Device, DeviceState

QUICK = Pace(answer_s=0.4, check_every_s=0.3, restore_every_s=0.3)
CALM = Pace(answer_s=0.4)
ZONE = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"


class Rig:
    """What is common: the adapter under its supervisor, and what it says."""

    def __init__(
        self,
        device: Device,
        path: str,
        settings: Scanner | DocumentReader,
        heard: Callable[[], Any],
        pace: Pace,
        sys_root: Path,
    ) -> None:
        self.device = device
        self.path = path
        self.states, self.codes = heard(), heard()
        self.service = ScannerService(
            device, settings, path, self.states, self.codes, pace=pace, sys=sys_root
        )
        self.service.arm()
        self.worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self.worker.start()

    def wait_for(self, state: DeviceState, after: int = 0, timeout_s: float = 8.0) -> None:
        self.states.wait(lambda one: one[1] is state, after=after, timeout_s=timeout_s)

    def payloads(self) -> list[bytes]:
        return [body for _, _, body in self.codes.all]

    def next_payload(self, after: int = 0, timeout_s: float = 8.0) -> bytes:
        return self.codes.wait(lambda _: True, after=after, timeout_s=timeout_s)[2]

    def wait_payload(self, body: bytes, timeout_s: float = 8.0) -> None:
        self.codes.wait(lambda one: one[2] == body, timeout_s=timeout_s)

    def wait_dropped(self, number: int, timeout_s: float = 8.0) -> None:
        end = time.monotonic() + timeout_s
        while self.service.facts()["dropped"] != str(number):
            assert time.monotonic() < end, self.service.facts()
            time.sleep(0.01)

    def stop(self) -> None:
        self.worker.stop()


class SimulatedRig(Rig):
    """On the simulator."""

    patience_s = 8.0

    def __init__(
        self,
        folder: Path,
        heard: Callable[[], Any],
        device: Device = Device.SCANNER,
        *,
        profile: ScannerProfile = ScannerProfile.GENERIC,
        framing: ReaderFraming = ReaderFraming.LINES,
        pace: Pace = CALM,
        prefix: str = "",
        suffix: str = "",
    ) -> None:
        link = folder / device.value
        settings: Scanner | DocumentReader
        if device is Device.SCANNER:
            settings = Scanner(profile=profile, prefix=prefix, suffix=suffix)
            self.simulator = ScannerSimulator(link, profile, suffix=bytes.fromhex(suffix) or b"\r")
        else:
            settings = DocumentReader(framing=framing)
            self.simulator = ScannerSimulator(link, framing=framing)
        self.simulator.start()
        super().__init__(device, str(link), settings, heard, pace, folder / "sys")

    def show(self, payload: bytes) -> None:
        self.simulator.scan(payload)

    def unplug(self) -> None:
        self.simulator.unplug()

    def plug(self) -> None:
        self.simulator.plug()

    def stop(self) -> None:
        super().stop()
        self.simulator.stop()


class RealRig(Rig):
    """On the device of this machine; a person does what the terminal asks for."""

    patience_s = 60.0

    def __init__(self, settings: Settings, heard: Callable[[], Any], device: Device, folder: Path) -> None:
        if device is Device.SCANNER:
            path, own = places.scanner_path(settings), settings.devices.scanner
            super().__init__(device, path, own, heard, Pace(), folder / "sys")
        else:
            path, reader = places.document_reader_path(settings), settings.devices.document_reader
            super().__init__(device, path, reader, heard, Pace(), folder / "sys")

    def show(self, payload: bytes) -> None:
        if self.device is Device.DOCUMENT_READER:
            self._ask("put a specimen document into the reader")
            return
        segno.make(payload.decode(), error="m").terminal(out=sys.__stderr__, border=4)
        self._ask("scan the code above")

    def unplug(self) -> None:
        self._ask("unplug the device")

    def plug(self) -> None:
        self._ask("plug the device in again")

    def _ask(self, what: str) -> None:
        print(f"\n>>> {self.device}: {what}", file=sys.__stderr__, flush=True)
