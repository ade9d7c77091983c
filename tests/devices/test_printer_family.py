"""The contract of the printer family: on the simulator over every wire, and with `--hardware printer` truly.

    .venv/bin/python -m pytest tests/devices/test_printer_family.py --hardware printer --protocol out

On a real printer a person watches: the protocol says what must be seen. What no program can do (paper out,
cover, cutter, power) a person does by hand, guided by the acceptance script of the technician's guide.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from config.settings import PrintConfirmation, PrinterConnection
from devices.printer.adapter import PrinterService
from devices.printer.jobs import Job, JobEnd
from devices.printer.profile import Profile, names, profile_of
from devices.supervisor import Supervised
from flows.ports import USABLE_STATES, Device, DeviceState, PrintOutcome
from tests.devices.conftest import Heard
from tests.devices.hardware import Record, is_chosen, settings_of_this_machine
from tests.devices.printer_rig import rig_in

HARDWARE = "hardware"
PATIENCE_S = 30.0


class Contract:
    """A printer under test, simulated or not."""

    def __init__(self, service: PrinterService, profile: Profile, states: Heard) -> None:
        self.service = service
        self.profile = profile
        self.states = states

    def print(self, job_id: str, height: int) -> JobEnd:
        """Frames and diagonals: easy to judge by eye."""
        width = self.profile.width_dots
        rows = np.zeros((height, width), bool)
        rows[:4] = rows[-4:] = rows[:, :4] = rows[:, -4:] = True
        diagonal = np.arange(height)
        rows[diagonal, diagonal * width // height] = True
        bits = np.packbits(rows, axis=1).tobytes()
        ended: Heard[JobEnd] = Heard()
        self.service.submit(Job(job_id, width, height, bits, PATIENCE_S), ended)
        return ended.wait(lambda _: True, timeout_s=PATIENCE_S + 5)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "where" in metafunc.fixturenames:
        real = [HARDWARE] if is_chosen(metafunc.config, Device.PRINTER) else []
        metafunc.parametrize("where", [*(f"{PrinterConnection(wire)}" for wire in PrinterConnection), *real])


@contextmanager
def real_printer(folder: Path) -> Iterator[Contract]:
    settings = settings_of_this_machine().devices.printer
    states: Heard[tuple[Device, DeviceState]] = Heard()
    service = PrinterService(settings, folder / "marker", states)
    worker = Supervised(service, states)
    worker.start()
    try:
        states.wait(lambda heard: heard[1] in USABLE_STATES, timeout_s=PATIENCE_S)
        yield Contract(service, profile_of(settings), states)
    finally:
        worker.stop()


@pytest.fixture
def printer(where: str, tmp_path: Path, protocol: Record) -> Iterator[Contract]:
    protocol("printer", where=where)
    if where == HARDWARE:
        with real_printer(tmp_path) as contract:
            protocol("facts", heard=contract.service.facts())
            yield contract
            return
    with rig_in(tmp_path, wire=PrinterConnection(where)) as rig:
        yield Contract(rig.service, rig.profile, rig.states)


def best(profile: Profile) -> PrintOutcome:
    """The best this printer can say of a job."""
    return (
        PrintOutcome.UNCONFIRMED if profile.confirmation is PrintConfirmation.NONE else PrintOutcome.PRINTED
    )


def test_a_picture_comes_out_and_is_confirmed(printer: Contract, protocol: Record):
    end = printer.print("contract-1", 400)
    protocol("print", sent="a frame with a diagonal, 400 rows", heard=end, verdict="look at the paper")
    assert end.outcome is best(printer.profile)
    assert end.state in USABLE_STATES


def test_two_jobs_are_two_papers_and_one_id_is_one(printer: Contract, protocol: Record):
    for job_id, height in (("contract-2", 200), ("contract-3", 300), ("contract-3", 300)):
        end = printer.print(job_id, height)
        protocol("print", sent=f"{job_id}, {height} rows", heard=end, verdict="two papers in all")
        assert end.outcome is best(printer.profile)


def test_it_says_what_it_is(printer: Contract, protocol: Record):
    facts = printer.service.facts()
    protocol("facts", heard=facts)
    assert {"model", "connection", "width_dots", "confirmation"} <= set(facts)
    for name, value in facts.items():
        assert name.isidentifier()
        assert value.isascii()
        assert len(value) <= 120


@pytest.mark.parametrize("model", names())
def test_every_model_prints_on_its_simulator(model: str, tmp_path: Path):
    """The check of a new profile: docs/devices/add-a-printer.md."""
    with rig_in(tmp_path, model=model) as rig:
        bits = rig.draw(120, 1)
        assert rig.print("a", bits, deadline_s=15.0).outcome is best(rig.profile)
        assert rig.rows_of(rig.simulator.wait_for_pieces(1)[0].dots) == bits
        assert rig.simulator.protocol_errors == []
        says_itself = "says_model" in rig.service.facts()
        assert says_itself == rig.profile.identity
