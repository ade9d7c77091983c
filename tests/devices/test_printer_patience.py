"""However slow a printer is, its thread shows a sign of life in time; only one that hangs does not."""

import random
from pathlib import Path

import pytest

from config.settings import Printer
from devices.printer import network
from devices.printer.adapter import PrinterService
from devices.printer.conversation import Conversation
from devices.printer.jobs import Job, JobEnd
from devices.printer.model import Fault, PrinterModel
from devices.printer.profile import named
from devices.supervisor import PATIENCE_S, DeviceError, Life
from flows.ports import DeviceState
from tests.prove.paper.line import SimulatedWire, Time, Wire

MODELS = ("epson-tm-m30iii", "custom-vkp80")
FAULTS = (Fault.NONE, Fault.PAPER_OUT, Fault.HANG, Fault.MUTE, Fault.LATE, Fault.GARBLE, Fault.OFFLINE)
ROWS = 240
SLACK_S = 1.0


class SlowestWire(SimulatedWire):
    """Everything takes as long as it may."""

    def open(self, timeout_s: float) -> None:
        self._time.now += timeout_s * 0.99
        super().open(timeout_s)

    def write(self, data: bytes, timeout_s: float) -> None:
        self._time.now += timeout_s * 0.99
        super().write(data, timeout_s * 0.01)

    def read(self, timeout_s: float) -> bytes:
        self._time.now += timeout_s * 0.99
        return super().read(0.0)


class Watched(Life):
    """Notes the longest silence, and hands in one job."""

    def __init__(self, service: PrinterService, time: Time, job: Job, longest_s: float) -> None:
        super().__init__()
        self._service, self._time, self._job = service, time, job
        self.ends: list[JobEnd] = []
        self.at = time.now
        self.longest_s = longest_s
        self._looks = 0

    @property
    def over(self) -> bool:
        self._looks += 1
        if self._looks == 2:
            self._service.submit(self._job, self.ends.append)
        return bool(self.ends)

    def beat(self) -> None:
        self.longest_s = max(self.longest_s, self._time.now - self.at)
        self.at = self._time.now


def longest_silence_s(name: str, fault: Fault, folder: Path) -> float:
    """Over four attempts to clean up and print, the last of them with a mended printer."""
    time, profile = Time(), named(name)
    model = PrinterModel(profile)
    wire = SlowestWire(model, time, Wire.SERIAL, random.Random(1))  # noqa: S311  # no secret
    service = PrinterService(
        Printer(model=name), folder / "marker", lambda *_: None, transport=wire, clock=time
    )
    (folder / "marker").touch()
    bits = bytes([0xC0]) * (profile.width_dots // 8 * ROWS)
    longest_s = 0.0
    model.fault(fault, 40)
    for attempt in range(4):
        if attempt == 3:
            model.fault(Fault.NONE)
        began = time.now
        life = Watched(service, time, Job(f"job-{attempt}", profile.width_dots, ROWS, bits, 60.0), longest_s)
        try:
            service.set_up()
            service.run(life)
        except DeviceError:
            pass
        life.at = max(life.at, began)
        life.beat()
        longest_s = life.longest_s
        service.tear_down()
    return longest_s


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_slowest_printer_that_works_does_not_look_like_one_that_hangs(name, fault, tmp_path):
    assert longest_silence_s(name, fault, tmp_path) < PATIENCE_S - SLACK_S


def test_a_wait_without_a_sign_of_life_is_noticed(monkeypatch, tmp_path):
    init = Conversation.__init__

    def without_beat(self: Conversation, *given: object) -> None:
        init(self, *given[:-1])

    monkeypatch.setattr(Conversation, "__init__", without_beat)
    silences = [longest_silence_s(MODELS[0], fault, tmp_path) for fault in FAULTS]
    assert max(silences) > PATIENCE_S


def test_a_name_in_place_of_an_address_is_refused_without_asking_anybody(monkeypatch):
    """Who asks for a name may wait longer than a thread may be silent."""
    monkeypatch.setattr(network.socket, "create_connection", lambda *_: pytest.fail("asked"))
    with pytest.raises(DeviceError) as refused:
        network.NetworkTransport("printer.example", 9100).open(2.0)
    assert refused.value.state is DeviceState.MISCONFIGURED
    assert refused.value.permanent
