"""P7: a receipt is laid out, asked for, and begins to leave the printer.

The printer is simulated and prints as fast as it is fed, so that what is timed is ours alone. The first row
that passed its head is a little more than its first byte.
"""

import queue
import time
from collections.abc import Iterator

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Samples
from benchmarks.workplace import Workplace
from devices.client import DeviceEvent, DevicesClient
from devices.printer.profile import profile_of
from devices.printer.simulator import PrinterSimulator
from flows.cases.case_reader import receipt_of
from flows.events import DeviceChanged, PrintEnded
from flows.loading.pack_loader import PACKS, load_pack
from flows.ports import Device, DeviceState, PrintOutcome
from flows.receipt import ReceiptDocument
from kiosk.development.parts import Part
from kiosk.development.supervise import World
from ui import paper
from ui.engine import create_application

REPETITIONS = 20
HEAD_MM_PER_S = 350.0
_PATIENCE_S = 15.0


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Rendering, the way through the devices process, and how fast dots flow."""
    receipt = _receipt(workplace)
    application = create_application()
    with World(workplace.settings, (Part.DEVICES,)) as world:
        simulator = PrinterSimulator.of(world.settings.devices.printer)
        simulator.start()
        try:
            rounds = list(_print(world, simulator, receipt))
        finally:
            simulator.stop()
    application.quit()
    renders, starts, speeds = (Samples.of(column, "receipts") for column in zip(*rounds, strict=True))
    whole = Samples.of([render + start for render, start, _ in rounds], "receipts")
    yield Figure("receipt: lay out", "ms", renders)
    yield Figure("receipt: request to first row at the printer", "ms", starts, limit=Limit(Of.P95, 20.0))
    yield Figure("receipt: laid out and begun", "ms", whole, limit=Limit(Of.P95, 150.0))
    fast = Limit(Of.MEDIAN, HEAD_MM_PER_S, least=True)
    yield Figure("receipt: paper that could be fed", "mm/s", speeds, limit=fast)


def _receipt(workplace: Workplace) -> ReceiptDocument:
    document, outcome = workplace.document, workplace.visit
    pack = load_pack(PACKS / document["pack"]["name"])
    return receipt_of(pack, workplace.settings.site, document, outcome.official_number)


def _print(
    world: World, simulator: PrinterSimulator, receipt: ReceiptDocument
) -> Iterator[tuple[float, float, float]]:
    """Milliseconds to lay out, milliseconds to the first row, millimetres a second; for each receipt."""
    printer = profile_of(world.settings.devices.printer)
    said: queue.SimpleQueue[DeviceEvent] = queue.SimpleQueue()
    client = DevicesClient(world.settings.paths.devices_socket, said.put)
    try:
        _await(said, DeviceChanged(Device.PRINTER, DeviceState.READY))
        for number in range(REPETITIONS):
            began = time.perf_counter()
            image = paper.render(receipt, width_dots=printer.width_dots, dots_per_mm=printer.dots_per_mm)
            asked = time.perf_counter()
            client.print_image(str(number), image.width, image.height, image.bits, deadline_s=_PATIENCE_S)
            if not simulator.wait_until(1, _PATIENCE_S):
                raise NothingMeasuredError("the printer got nothing")
            first_row = time.perf_counter()
            _await(said, PrintEnded(str(number), PrintOutcome.PRINTED, DeviceState.READY))
            length_mm = image.height / printer.dots_per_mm
            yield (
                (asked - began) * 1000,
                (first_row - asked) * 1000,
                length_mm / (time.perf_counter() - first_row),
            )
    finally:
        client.close()


def _await(said: queue.SimpleQueue[DeviceEvent], wanted: DeviceEvent) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    try:
        while said.get(timeout=max(0.0, deadline - time.monotonic())) != wanted:
            pass
    except queue.Empty:
        raise NothingMeasuredError(f"the devices process never said {wanted}") from None
