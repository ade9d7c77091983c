"""The printer adapter alone: how soon a job begins and how fast dots flow, beside python-escpos' own way."""

import queue
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from escpos.printer import Dummy
from PIL import Image

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Samples
from benchmarks.workplace import Workplace
from config.settings import Printer
from devices.printer import raster
from devices.printer.adapter import PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.printer.profile import profile_of
from devices.printer.simulator import PrinterSimulator
from devices.supervisor import Supervised
from flows.ports import Device, DeviceState, PrintOutcome

REPETITIONS = 40
HEIGHT = 1200
HEAD_MM_PER_S = 350.0
_PATIENCE_S = 15.0


def measure(_workplace: Workplace) -> Iterator[Figure]:
    """Submit to first row, rows a second, and what a picture costs before it can be sent."""
    bits = _receipt_like(profile_of(Printer()).width_dots)
    with tempfile.TemporaryDirectory() as folder:
        starts, speeds, bytes_per_s = zip(*_prints(Path(folder), bits), strict=True)
    yield Figure("printer: submit to first row", "ms", Samples.of(starts, "jobs"), limit=Limit(Of.P95, 20.0))
    fast = Limit(Of.MEDIAN, HEAD_MM_PER_S, least=True)
    yield Figure("printer: paper that could be fed", "mm/s", Samples.of(speeds, "jobs"), limit=fast)
    yield Figure("printer: bytes sent", "kB/s", Samples.of(bytes_per_s, "jobs"))
    ours, theirs = zip(*_encodings(bits), strict=True)
    yield Figure("printer: picture to commands", "ms", Samples.of(ours, "pictures"))
    yield Figure("printer: the same by python-escpos", "ms", Samples.of(theirs, "pictures"))


def _receipt_like(width: int) -> bytes:
    random = np.random.default_rng(7)
    rows = np.zeros((HEIGHT, width // 8), np.uint8)
    for top in range(0, HEIGHT, 40):
        rows[top : top + 26] = random.integers(0, 256, (26, width // 8))
    return rows.tobytes()


def _prints(folder: Path, bits: bytes) -> Iterator[tuple[float, float, float]]:
    """Milliseconds to the first row, mm/s and kB/s; for each job."""
    settings = Printer()
    profile = profile_of(settings)
    simulator = PrinterSimulator(settings.host, 0, profile=profile)
    simulator.start()
    states: queue.SimpleQueue[DeviceState] = queue.SimpleQueue()

    def heard(_device: Device, state: DeviceState) -> None:
        states.put(state)

    service = PrinterService(settings.model_copy(update={"port": simulator.port}), folder / "marker", heard)
    worker = Supervised(service, heard)
    worker.start()
    sent_bytes = sum(map(len, raster.units(profile.width_dots, HEIGHT, bits)))
    try:
        while states.get(timeout=_PATIENCE_S) is not DeviceState.READY:
            pass
        for number in range(REPETITIONS):
            ended: queue.SimpleQueue[JobEnd] = queue.SimpleQueue()
            asked = time.perf_counter()
            service.submit(Job(str(number), profile.width_dots, HEIGHT, bits, _PATIENCE_S), ended.put)
            if not simulator.wait_until(1, _PATIENCE_S):
                raise NothingMeasuredError("the printer got nothing")
            first_row = time.perf_counter()
            if ended.get(timeout=_PATIENCE_S).outcome is not PrintOutcome.PRINTED:
                raise NothingMeasuredError("a job was not printed")
            took_s = time.perf_counter() - first_row
            yield (
                (first_row - asked) * 1000,
                HEIGHT / profile.dots_per_mm / took_s,
                sent_bytes / took_s / 1000,
            )
    finally:
        worker.stop()
        simulator.stop()


def _encodings(bits: bytes) -> Iterator[tuple[float, float]]:
    """Milliseconds from the same dots to commands: ours, and `image()` of python-escpos."""
    width = profile_of(Printer()).width_dots
    rows = np.unpackbits(np.frombuffer(bits, np.uint8).reshape(HEIGHT, -1), axis=1).astype(bool)
    picture = Image.fromarray(~rows)
    for _ in range(REPETITIONS):
        began = time.perf_counter()
        for _unit in raster.units(width, HEIGHT, bits):
            pass
        ours = time.perf_counter() - began
        began = time.perf_counter()
        Dummy(profile="TM-T20II").image(picture, impl="bitImageRaster")
        yield ours * 1000, (time.perf_counter() - began) * 1000
