"""What every scanner and document reader owes the kiosk: on the simulator always, and on the real device with

.venv/bin/python -m pytest tests/devices/test_scanner_contract.py --hardware scanner --protocol build/protocol
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from pydantic import TypeAdapter

from config.settings import ReaderFraming, ScannerProfile
from devices.messages import FactName, FactValue
from flows.ports import Device, DeviceState
from tests.devices.hardware import Record, is_chosen, settings_of_this_machine
from tests.devices.scanner_rig import ZONE, RealRig, SimulatedRig
from tests.prove.scanner.campaign import held

CODE = b"REPORT-KIOSK-TEST-1"
SIMULATED = [
    *[(Device.SCANNER, profile) for profile in ScannerProfile],
    *[(Device.DOCUMENT_READER, framing) for framing in ReaderFraming],
]
READERS = (Device.SCANNER, Device.DOCUMENT_READER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    real = [(device, "hardware") for device in READERS if is_chosen(metafunc.config, device)]
    metafunc.parametrize("rig", [*SIMULATED, *real], indirect=True, ids=lambda kind: f"{kind[0]}-{kind[1]}")


@pytest.fixture
def rig(
    request: pytest.FixtureRequest, tmp_path: Path, heard: Callable[[], Any]
) -> Iterator[SimulatedRig | RealRig]:
    device, kind = request.param
    one: SimulatedRig | RealRig
    if kind == "hardware":
        one = RealRig(settings_of_this_machine(), heard, device, tmp_path)
    elif device is Device.SCANNER:
        one = SimulatedRig(tmp_path, heard, profile=kind)
    else:
        one = SimulatedRig(tmp_path, heard, device, framing=kind)
    yield one
    one.stop()


def shown(rig: SimulatedRig | RealRig) -> bytes:
    return CODE if rig.device is Device.SCANNER else ZONE


def test_ready_alone_on_its_line_and_says_what_it_is(rig, protocol: Record):
    rig.wait_for(DeviceState.READY)
    facts = rig.service.facts()
    protocol("ready", states=[state for _, state in rig.states.all], facts=facts)
    assert TypeAdapter(dict[FactName, FactValue]).validate_python(facts) == facts
    assert facts["path"] == rig.path
    with pytest.raises(serial.SerialException):
        serial.Serial(rig.path, exclusive=True)


def test_what_is_shown_arrives_once_and_whole(rig, protocol: Record, eventually):
    rig.wait_for(DeviceState.READY)
    rig.show(shown(rig))
    device, symbology, body = rig.codes.wait(lambda _: True, timeout_s=rig.patience_s)
    protocol("shown", symbology=symbology, bytes=len(body))
    assert device is rig.device
    eventually(lambda: rig.service.facts()["frames"] == "1")
    if isinstance(rig, SimulatedRig) or device is Device.SCANNER:
        assert body == shown(rig)
    marked = rig.service.facts()["kind"] not in {"generic", *ReaderFraming}
    assert symbology or not marked
    assert rig.codes.count() == 1


def test_what_is_shown_while_nobody_listens_is_gone(rig, protocol: Record, eventually):
    rig.wait_for(DeviceState.READY)
    rig.service.disarm()
    rig.show(shown(rig))
    eventually(lambda: rig.service.facts()["frames"] != "0", rig.patience_s)
    rig.service.arm()
    time.sleep(0.3)  # nothing may come: there is nothing to wait for
    protocol("not listened", delivered=rig.codes.count())
    assert rig.codes.all == []
    assert held(rig.service._intake) < 8  # how codes end, and nothing of them
    assert shown(rig) not in repr([vars(rig.service), vars(rig.service._debounce)]).encode()


def test_gone_when_unplugged_and_back_within_three_seconds(rig, protocol: Record):
    rig.wait_for(DeviceState.READY)
    before = rig.states.count()
    rig.unplug()
    rig.wait_for(DeviceState.DISCONNECTED, before, rig.patience_s)
    before = rig.states.count()
    rig.plug()
    since = time.monotonic()
    rig.wait_for(DeviceState.READY, before, rig.patience_s)
    took_s = time.monotonic() - since
    protocol("back", took_s=round(took_s, 2))
    if isinstance(rig, SimulatedRig):  # nobody measures how fast a person plugs
        assert took_s <= 3.0
    rig.show(shown(rig))
    rig.next_payload(timeout_s=rig.patience_s)
