"""The wires a printer may hang on: what each finds, how each fails, and that none can hold us for ever."""

import os
import time
from pathlib import Path

import pytest

from config.settings import FlowControl, PrinterConnection
from devices.printer.network import NetworkTransport
from devices.printer.serial_port import SerialTransport
from devices.printer.simulator import Fault, PrinterSimulator
from devices.printer.transport import Transport
from devices.printer.usb_port import UsbTransport
from devices.supervisor import DeviceError
from flows.ports import DeviceState, PrintOutcome
from tests.devices.fake_libusb1 import HANG_VARIABLE
from tests.devices.printer_rig import FAKE_USB_CHILD, WIRES, Rig, fake_usb, rig_in

BACK_S = 10.0
"""A hung call may cost so long until the printer is back."""


@pytest.mark.parametrize("wire", WIRES)
def test_a_receipt_comes_out_of_every_wire(tmp_path: Path, wire: PrinterConnection):
    with rig_in(tmp_path, wire=wire) as rig:
        bits = rig.draw(240, 1)
        assert rig.print("a", bits).outcome is PrintOutcome.PRINTED
        assert [rig.rows_of(piece.dots) for piece in rig.simulator.pieces] == [bits]
        assert rig.simulator.protocol_errors == []
        assert wire.value in rig.service.facts()["connection"]


@pytest.mark.parametrize("wire", WIRES)
def test_a_wire_that_is_pulled_and_put_back(tmp_path: Path, wire: PrinterConnection):
    with rig_in(tmp_path, wire=wire) as rig:
        rig.simulator.set_fault(Fault.OFFLINE)
        rig.wait_for(DeviceState.DISCONNECTED)
        rig.simulator.set_fault(Fault.NONE)
        rig.wait_until_ready()
        bits = rig.draw(240, 2)
        assert rig.print("a", bits).outcome is PrintOutcome.PRINTED
        assert rig.rows_of(rig.simulator.pieces[-1].dots) == bits


def nothing_there(tmp_path: Path) -> list[Transport]:
    return [
        NetworkTransport("127.0.0.1", 1),
        SerialTransport(str(tmp_path / "none"), 115200, FlowControl.RTS_CTS),
        SerialTransport("", 115200, FlowControl.RTS_CTS),
        SerialTransport("/dev/null", 115200, FlowControl.RTS_CTS),
        UsbTransport("ffff:ffff", "", "", (*FAKE_USB_CHILD, "1")),
        UsbTransport("", "", "", ("false",)),
    ]


@pytest.mark.parametrize("number", range(6))
def test_every_failure_is_a_device_error(tmp_path: Path, number: int):
    transport = nothing_there(tmp_path)[number]
    with pytest.raises(DeviceError) as caught:
        transport.open(0.5)
    assert caught.value.state is DeviceState.DISCONNECTED
    with pytest.raises(DeviceError):
        transport.write(b"x", 0.1)
    with pytest.raises(DeviceError):
        transport.read(0.1)
    transport.close()
    transport.close()


# --- USB ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_printers():
    simulators = [PrinterSimulator("127.0.0.1", 0) for _ in range(2)]
    for simulator in simulators:
        simulator.start()
    yield simulators
    for simulator in simulators:
        simulator.stop()


@pytest.mark.parametrize(
    ("wanted", "answer"), [({"port": "1-2.2"}, 1), ({"serial_number": "S0"}, 0), ({"port": "1-2.1"}, 0)]
)
def test_a_usb_printer_is_found_by_what_stays_the_same(two_printers, wanted, answer):
    usb = fake_usb(*(simulator.port for simulator in two_printers), **wanted)
    two_printers[answer].set_fault(Fault.PAPER_LOW)
    usb.open(2.0)
    usb.write(b"\x10\x04\x04", 1.0)
    assert usb.read(2.0) == b"\x1e"
    usb.close()


def test_two_printers_that_fit_are_a_wrong_setting(two_printers):
    usb = fake_usb(*(simulator.port for simulator in two_printers))
    with pytest.raises(DeviceError) as caught:
        usb.open(2.0)
    assert caught.value.state is DeviceState.MISCONFIGURED
    usb.close()


@pytest.mark.parametrize("call", ["open", "write", "read"])
def test_a_hung_call_into_libusb_ends_in_a_killed_child_and_a_printer_that_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
):
    switch = tmp_path / "hangs"
    monkeypatch.setenv(HANG_VARIABLE, f"{call}:{switch}")
    with rig_in(tmp_path, wire=PrinterConnection.USB) as rig:
        switch.touch()
        if call == "open":
            rig.simulator.set_fault(Fault.OFFLINE)
            rig.wait_for(DeviceState.DISCONNECTED)
            rig.simulator.set_fault(Fault.NONE)
        rig.states.wait(lambda heard: heard[1] is not DeviceState.READY, after=rig.states.count())
        child = rig.service._transport._process
        switch.unlink()
        began = time.monotonic()
        rig.wait_until_ready()
        assert time.monotonic() - began < BACK_S
        assert child is None or child.returncode is not None  # killed and collected
        assert rig.print("a", rig.draw(100, 3)).outcome is PrintOutcome.PRINTED


def test_the_child_dies_with_its_parent_line(tmp_path: Path):
    with rig_in(tmp_path, wire=PrinterConnection.USB) as rig:
        process = rig.service._transport._process
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


# --- serial -------------------------------------------------------------------------------------------------


def test_a_serial_line_is_ours_alone(tmp_path: Path):
    rig = Rig(tmp_path, wire=PrinterConnection.SERIAL)
    rig.wait_for(DeviceState.READY)
    second = SerialTransport(rig.settings.path, 115200, FlowControl.NONE)
    with pytest.raises(DeviceError):
        second.open(0.5)
    rig.stop()


def test_a_serial_printer_that_takes_nothing_does_not_hold_us(tmp_path: Path):
    simulator = PrinterSimulator("", 0, path=tmp_path / "line", buffer_bytes=1024)
    simulator.start()
    simulator.set_fault(Fault.HANG)
    line = SerialTransport(str(tmp_path / "line"), 115200, FlowControl.NONE)
    line.open(0.5)
    began = time.monotonic()
    with pytest.raises(DeviceError):
        line.write(b"\x1dv0\x00\x48\x00\xff\xff" + bytes(100_000), 0.3)
    line.close()
    assert time.monotonic() - began < 2.0
    simulator.stop()
