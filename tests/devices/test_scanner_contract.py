"""The scanner adapter against the simulated scanner, over a pseudo-terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from devices.scanner.adapter import ScannerService
from devices.scanner.simulator import ScannerSimulator
from devices.supervisor import BackOff, Supervised
from flows.ports import DeviceState


class ScannerRig:
    def __init__(self, folder: Path, heard) -> None:
        self.path = folder / "scanner"
        self.simulator = ScannerSimulator(self.path)
        self.simulator.start()
        self.states, self.payloads = heard(), heard()
        self.service = ScannerService(str(self.path), 115200, self.states, self.payloads)
        self.service.arm()
        self._worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self._worker.start()
        self.wait_for(DeviceState.READY)

    def wait_for(self, state: DeviceState, after: int = 0) -> None:
        self.states.wait(lambda one: one[1] is state, after=after)

    def next_payload(self, after: int = 0) -> bytes:
        return self.payloads.wait(lambda _: True, after=after)

    def stop(self) -> None:
        self._worker.stop()
        self.simulator.stop()


@pytest.fixture
def scanner(tmp_path: Path, heard) -> Iterator[ScannerRig]:
    rig = ScannerRig(tmp_path, heard)
    yield rig
    rig.stop()


def test_a_code_arrives_as_it_was_read(scanner):
    scanner.simulator.scan("身份證 A123456(3)".encode())
    assert scanner.next_payload() == "身份證 A123456(3)".encode()


def test_the_lines_of_a_passport_are_one_scan(scanner):
    scanner.simulator.scan(
        b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"
    )
    scanner.simulator.scan(b"NEXT")
    scanner.payloads.wait(lambda one: one == b"NEXT")
    assert len(scanner.payloads.all) == 2
    assert scanner.payloads.all[0].count(b"\n") == 1


def test_half_a_passport_is_let_go_as_it_is(scanner):
    scanner.simulator.scan(b"P<UTOERIKSSON<<ANNA<MARIA")
    assert scanner.next_payload() == b"P<UTOERIKSSON<<ANNA<MARIA"


def test_every_byte_value_survives_the_line(scanner):
    payload = bytes(range(256)).translate(None, b"\r\n")
    scanner.simulator.scan(payload)
    assert scanner.next_payload() == payload


def test_hostile_input_costs_nothing_but_itself(scanner):
    scanner.simulator.command({"fault": "garble"})
    scanner.simulator.command({"fault": "endless"})
    scanner.simulator.send(b"\r")
    scanner.simulator.scan(b"FINE")
    assert scanner.payloads.wait(lambda one: one == b"FINE")
    assert all(len(one) <= 4096 for one in scanner.payloads.all)


def test_a_flood_of_codes_is_thinned(scanner, eventually):
    for number in range(200):
        scanner.simulator.scan(b"%d" % number)
    scanner.payloads.wait(lambda one: one == b"9")
    eventually(lambda: scanner.service._before[0] == b"199")
    assert len(scanner.payloads.all) < 40
    assert scanner.states.all[-1][1] is DeviceState.READY


def test_the_same_code_held_before_it_is_one_scan(scanner):
    for _ in range(20):
        scanner.simulator.scan(b"AGAIN")
    scanner.simulator.scan(b"OTHER")
    scanner.payloads.wait(lambda one: one == b"OTHER")
    assert scanner.payloads.all == [b"AGAIN", b"OTHER"]


def test_what_is_scanned_while_nobody_listens_is_gone(scanner, eventually):
    scanner.service.disarm()
    scanner.simulator.scan(b"EARLY")
    scanner.simulator.send(b"HALF EAR")
    eventually(lambda: scanner.service._framing._rest == b"HALF EAR")
    scanner.service.arm()
    scanner.simulator.send(b"LY\r")
    scanner.simulator.scan(b"NOW")
    scanner.payloads.wait(lambda one: one == b"NOW")
    assert b"EARLY" not in scanner.payloads.all
    assert b"LY" not in scanner.payloads.all  # never the end of something else


def test_unplugged_and_back(scanner):
    for _ in range(3):
        before = scanner.states.count()
        scanner.simulator.unplug()
        scanner.wait_for(DeviceState.DISCONNECTED, after=before)
        before = scanner.states.count()
        scanner.simulator.plug()
        scanner.wait_for(DeviceState.READY, after=before)
    scanner.simulator.scan(b"BACK")
    assert scanner.next_payload() == b"BACK"


def test_half_a_code_before_the_cable_was_pulled_is_not_used(scanner, eventually):
    scanner.simulator.send(b"A1234")
    eventually(lambda: scanner.service._framing._rest == b"A1234")
    scanner.simulator.unplug()
    scanner.wait_for(DeviceState.DISCONNECTED)
    before = scanner.states.count()
    scanner.simulator.plug()
    scanner.wait_for(DeviceState.READY, after=before)
    scanner.simulator.send(b"56\r")
    assert scanner.next_payload() == b"56"


def test_nobody_else_gets_the_line(scanner):
    with pytest.raises(serial.SerialException):
        serial.Serial(str(scanner.path), exclusive=True)


def test_a_kiosk_without_scanner_says_so(heard):
    states = heard()
    worker = Supervised(ScannerService("", 115200, states, heard()), states, BackOff(0.01, 0.01))
    worker.start()
    assert states.wait(lambda one: one[1] is DeviceState.DISCONNECTED)
    worker._thread.join(2)
    assert not worker._thread.is_alive()  # it does not try for ever what cannot work
    assert worker.stuck_for() == 0.0
