"""What the tests of devices share: short paths, a list one can wait on, devices with their simulators."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pytest

from config.settings import (
    Camera,
    Devices,
    DocumentReader,
    Panel,
    Paths,
    PrintConfirmation,
    Printer,
    Scanner,
    Settings,
)
from devices import places
from devices.client import DevicesClient
from devices.host import Host
from devices.printer.adapter import Delays, PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.printer.simulator import PrinterSimulator
from devices.simulate import ControlServer, simulators
from devices.supervisor import BackOff, Supervised
from flows.ports import Device, DeviceState

T = TypeVar("T")

WIDTH = 576
QUICK = Delays(connect_s=0.5, reply_s=0.5, poll_s=0.05, glance_s=0.05, silence_s=0.6, clean_s=3.0)


class Heard(Generic[T]):
    """A list filled by other threads, on which a test can wait."""

    def __init__(self) -> None:
        self.all: list[T] = []
        self._changed = threading.Condition()

    def __call__(self, *heard: Any) -> None:
        with self._changed:
            self.all.append(heard[0] if len(heard) == 1 else heard)  # type: ignore[arg-type]  # one or a tuple
            self._changed.notify_all()

    def count(self) -> int:
        with self._changed:
            return len(self.all)

    def wait(self, wanted: Callable[[T], bool], *, after: int = 0, timeout_s: float = 8.0) -> T:
        """The first wanted one after that many; fails when time is up."""

        def find() -> list[T]:
            return [one for one in self.all[after:] if wanted(one)][:1]

        with self._changed:
            self._changed.wait_for(find, timeout_s)
            found = find()
        assert found, (
            f"not heard within {timeout_s} s; heard {[repr(one)[:90] for one in self.all[after:][-20:]]}"
        )
        return found[0]


def until(true: Callable[[], object], timeout_s: float = 5.0) -> None:
    """Wait for something that nobody announces."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, f"not so within {timeout_s} s"
        time.sleep(0.005)


@pytest.fixture
def eventually() -> Callable[..., None]:
    return until


class PrinterRig:
    """An adapter on a simulated printer, over TCP."""

    def __init__(self, folder: Path, confirmation: PrintConfirmation, *, clears: bool = True) -> None:
        self.marker = folder / "marker"
        self.papers = folder / "papers"
        self.simulator = PrinterSimulator("127.0.0.1", 0, self.papers, clears=clears)
        self.simulator.start()
        self._settings = Printer(port=self.simulator.port, confirmation=confirmation)
        self.states: Heard[tuple[Device, DeviceState]] = Heard()
        self.plug_in()

    def plug_in(self) -> None:
        """Start an adapter, as the devices process does."""
        self.service = PrinterService(self._settings, self.marker, self.states, QUICK)
        self._worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self._worker.start()

    def crash(self) -> None:
        """End the adapter in the middle of whatever it does, as `kill -9` would: it may not say goodbye."""
        self.service._abort = lambda: None  # type: ignore[method-assign]  # a killed process drops no buffers
        # Shut down, not closed: closing is the adapter's own, and two threads at it get in each other's way.
        self.service._transport._printer.device.shutdown(socket.SHUT_RDWR)
        self._worker.stop()

    def stop(self) -> None:
        self._worker.stop()
        self.simulator.stop()

    def submit(self, job_id: str, bits: bytes, deadline_s: float = 5.0) -> Heard[JobEnd]:
        ended: Heard[JobEnd] = Heard()
        height = len(bits) // (WIDTH // 8)
        self.service.submit(Job(job_id, WIDTH, height, bits, deadline_s), ended)
        return ended

    def print(self, job_id: str, bits: bytes, deadline_s: float = 5.0) -> JobEnd:
        """Print and wait for the end, which must come in time."""
        return self.submit(job_id, bits, deadline_s).wait(lambda _: True, timeout_s=deadline_s + 1.0)

    def wait_for(self, state: DeviceState, *, after: int = 0) -> None:
        self.states.wait(lambda heard: heard[1] is state, after=after)

    def wait_until_ready(self) -> None:
        """Ready, judged by a look that began after this call."""
        heard = self.states.count()
        self.wait_for(DeviceState.READY, after=heard)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder with a short name: Unix socket paths end at 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def heard() -> Callable[[], Heard[Any]]:
    return Heard


@pytest.fixture(params=list(PrintConfirmation))
def any_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrinterRig]:
    """A printer, for each way of confirming."""
    rig = PrinterRig(tmp_path, request.param)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[PrinterRig]:
    """A printer that confirms by process id."""
    rig = PrinterRig(tmp_path, PrintConfirmation.PROCESS_ID)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()


@pytest.fixture
def old_rig(tmp_path: Path) -> Iterator[PrinterRig]:
    """A printer that cannot drop its buffers."""
    rig = PrinterRig(tmp_path, PrintConfirmation.PAPER_SENSOR, clears=False)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()


def picture(height: int, seed: int) -> bytes:
    """A receipt-like picture: dots, lines and gaps, never twice the same."""
    random = np.random.default_rng(seed)
    rows = np.zeros((height, WIDTH // 8), dtype=np.uint8)
    for top in range(0, height, 40):
        block = rows[top : top + 26]
        block[:] = random.integers(0, 256, block.shape) | 0xC0  # no byte is DLE: nothing has to be defused
    return rows.tobytes()


@pytest.fixture
def draw() -> Callable[[int, int], bytes]:
    return picture


def printed(dots: npt.NDArray[np.bool_]) -> bytes:
    """The rows of a piece of paper below the blank top that lay between head and cutter."""
    packed: bytes = np.packbits(dots[120:], axis=1).tobytes()
    return packed


@pytest.fixture
def rows_of() -> Callable[[npt.NDArray[np.bool_]], bytes]:
    return printed


class Kiosk:
    """Simulators, the host and screens, in this process."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            production=False,
            paths=Paths(state=folder, runtime=folder, keys=folder),
            devices=Devices(
                printer=Printer(port=_free_port(), simulated=True),
                scanner=Scanner(simulated=True),
                document_reader=DocumentReader(simulated=True),
                panel=Panel(simulated=True),
                camera=Camera(simulated=True, width=640, height=360),
            ),
        )
        self.simulators = simulators(self.settings)
        for simulator in self.simulators.values():
            simulator.start()
        self.control = ControlServer(places.simulators_socket(self.settings), self.simulators)
        threading.Thread(target=self.control.serve_forever, args=(0.05,), daemon=True).start()
        self._screens: list[DevicesClient] = []
        self.start_host()

    def start_host(self) -> None:
        self.host = Host(self.settings)
        self.host.start()

    def screen(self) -> tuple[DevicesClient, Heard[Any]]:
        """A screen, and all it hears."""
        events: Heard[Any] = Heard()
        client = DevicesClient(self.settings.paths.devices_socket, events)
        self._screens.append(client)
        return client, events

    def stop(self) -> None:
        for screen in self._screens:
            screen.close()
        self.host.stop()
        self.control.shutdown()
        self.control.server_close()
        for simulator in self.simulators.values():
            simulator.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def kiosk(short_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(short_path)
    yield kiosk
    kiosk.stop()
