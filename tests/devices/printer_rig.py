"""A printer adapter on a simulated printer: what the tests of the printer family share."""

import dataclasses
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from config.settings import FlowControl, PrintConfirmation, Printer, PrinterConnection
from devices.printer.adapter import Delays, PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.printer.profile import named
from devices.printer.simulator import PrinterSimulator
from devices.printer.usb_port import UsbTransport
from devices.supervisor import BackOff, Supervised
from flows.ports import Device, DeviceState
from tests.devices.conftest import Heard

QUICK = Delays(connect_s=0.5, reply_s=0.5, poll_s=0.05, glance_s=0.05, silence_s=0.6, clean_s=3.0)
MODEL = "epson-tm-m30iii"
WIRES = tuple(PrinterConnection)
FAKE_USB_CHILD = (sys.executable, "-P", str(Path(__file__).parent / "fake_usb_child.py"))


class Rig:
    """One printer and its adapter, on a wire of choice."""

    def __init__(
        self,
        folder: Path,
        *,
        model: str = MODEL,
        wire: PrinterConnection = PrinterConnection.NETWORK,
        confirmation: PrintConfirmation = PrintConfirmation.AS_MODEL,
        clears: bool | None = None,
        rows_per_s: float = 0.0,
        delays: Delays = QUICK,
    ) -> None:
        self.marker = folder / "marker"
        self.papers = folder / "papers"
        self.profile = named(model)
        path = folder / "printer-line"
        self.simulator = PrinterSimulator(
            "127.0.0.1",
            0,
            self.papers,
            profile=self.profile,
            clears=clears,
            rows_per_s=rows_per_s,
            path=path if wire is PrinterConnection.SERIAL else None,
        )
        self.simulator.start()
        self.settings = Printer(
            model=model,
            connection=wire,
            port=max(self.simulator.port, 1),
            path=str(path),
            flow=FlowControl.NONE,
            confirmation=confirmation,
        )
        self._delays = delays
        self.states: Heard[tuple[Device, DeviceState]] = Heard()
        self.plug_in()

    @property
    def width(self) -> int:
        return self.profile.width_dots

    def plug_in(self) -> None:
        """Start an adapter, as the devices process does."""
        usb = self.settings.connection is PrinterConnection.USB
        self.service = PrinterService(
            self.settings,
            self.marker,
            self.states,
            self._delays,
            transport=fake_usb(self.simulator.port) if usb else None,
        )
        self.worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self.worker.start()

    def crash(self) -> None:
        """End the adapter in the middle of whatever it does, as `kill -9` would: it may not say goodbye."""
        self.service._clear_buffers = lambda: False  # type: ignore[method-assign]
        # Shut down, not closed: closing is the adapter's own, and two threads at it get in each other's way.
        self.service._transport._printer.device.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        self.worker.stop()

    def stop(self) -> None:
        self.worker.stop()
        self.simulator.stop()

    def submit(self, job_id: str, bits: bytes, deadline_s: float = 5.0) -> Heard[JobEnd]:
        ended: Heard[JobEnd] = Heard()
        height = len(bits) // ((self.width + 7) // 8)
        self.service.submit(Job(job_id, self.width, height, bits, deadline_s), ended)
        return ended

    def print(self, job_id: str, bits: bytes, deadline_s: float = 5.0) -> JobEnd:
        """Print and wait for the end, which must come in time."""
        return self.submit(job_id, bits, deadline_s).wait(lambda _: True, timeout_s=deadline_s + 2.0)

    def wait_for(self, state: DeviceState, *, after: int = 0) -> None:
        self.states.wait(lambda heard: heard[1] is state, after=after)

    def wait_until_ready(self) -> None:
        """Ready, judged by a look that began after this call."""
        self.wait_for(DeviceState.READY, after=self.states.count())

    def draw(self, height: int, seed: int) -> bytes:
        return picture(self.width, height, seed)

    def rows_of(self, piece: "np.typing.NDArray[np.bool_]") -> bytes:
        """The rows of a piece of paper below the blank top that lay between head and cutter."""
        packed: bytes = np.packbits(piece[self.profile.cutter_rows :], axis=1).tobytes()
        return packed


@contextmanager
def rig_in(folder: Path, **choices: object) -> Iterator[Rig]:
    """A rig whose printer is ready."""
    rig = Rig(folder, **choices)  # type: ignore[arg-type]  # passed through
    try:
        rig.wait_for(DeviceState.READY)
        yield rig
    finally:
        rig.stop()


def fake_usb(*tcp_ports: int, serial_number: str = "", port: str = "") -> UsbTransport:
    """A USB wire whose libusb is a fake: its devices are the simulated printers on those TCP ports."""
    command = (*FAKE_USB_CHILD, ",".join(map(str, tcp_ports)))
    return UsbTransport("04b8:0202", serial_number, port, command)


def picture(width: int, height: int, seed: int) -> bytes:
    """A receipt-like picture: dots, lines and gaps, never twice the same."""
    random = np.random.default_rng(seed)
    rows = np.zeros((height, width // 8), dtype=np.uint8)
    for top in range(0, height, 40):
        block = rows[top : top + 26]
        block[:] = random.integers(0, 256, block.shape) | 0xC0  # no byte is DLE: nothing has to be defused
    return rows.tobytes()


def slower(delays: Delays, **changes: float) -> Delays:
    """The same delays but for some."""
    return dataclasses.replace(delays, **changes)
