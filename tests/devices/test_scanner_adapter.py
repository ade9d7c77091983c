"""The scanner adapter against hostile input, over a pseudo-terminal."""

import fcntl
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial

from config.settings import ReaderFraming, Scanner, ScannerProfile
from devices.scanner import adapter
from devices.scanner.adapter import ScannerService
from devices.scanner.simulator import FIRMWARE, ScannerSimulator
from devices.supervisor import BackOff, Supervised
from flows.ports import Device, DeviceState
from tests.devices.scanner_rig import QUICK, ZONE, SimulatedRig

TIOCGEXCL = 0x80045440
Make = Callable[..., SimulatedRig]
SET_BY_KIOSK = [ScannerProfile.HONEYWELL, ScannerProfile.ZEBRA_SSI]


@pytest.fixture
def make(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[Make]:
    rigs: list[SimulatedRig] = []

    def one(*words: Any, **settings: Any) -> SimulatedRig:
        rigs.append(SimulatedRig(tmp_path, heard, *words, **settings))
        return rigs[-1]

    yield one
    for rig in rigs:
        rig.stop()


@pytest.fixture
def scanner(make: Make) -> SimulatedRig:
    rig = make()
    rig.wait_for(DeviceState.READY)
    return rig


# --- what comes ---------------------------------------------------------------------------------------------


def test_a_code_arrives_as_it_was_read(scanner):
    scanner.simulator.scan("身份證 A123456(3)".encode())
    assert scanner.next_payload() == "身份證 A123456(3)".encode()


def test_its_kind_is_told_apart(scanner):
    scanner.simulator.command({"aim": True})
    scanner.simulator.command({"scan": "HELLO", "symbology": "d2"})
    assert scanner.codes.wait(lambda _: True) == (Device.SCANNER, "d2", b"HELLO")


def test_the_lines_of_a_passport_are_one_scan(scanner):
    scanner.simulator.scan(ZONE + b"\n")
    scanner.simulator.scan(b"NEXT")
    scanner.wait_payload(b"NEXT")
    assert scanner.payloads() == [ZONE, b"NEXT"]


def test_half_a_passport_is_let_go_as_it_is(scanner):
    scanner.simulator.scan(b"P<UTOERIKSSON<<ANNA<MARIA")
    assert scanner.next_payload() == b"P<UTOERIKSSON<<ANNA<MARIA"


def test_every_byte_value_survives_the_line(scanner):
    payload = bytes(range(256)).translate(None, b"\r\n")
    scanner.simulator.scan(payload)
    assert scanner.next_payload() == payload


def test_split_and_merged_codes_are_the_same_codes(scanner):
    scanner.simulator.command({"split": "SLOW"})
    scanner.simulator.command({"merge": ["ONE", "TWO", "THREE"]})
    scanner.wait_payload(b"THREE")
    assert scanner.payloads() == [b"SLOW", b"ONE", b"TWO", b"THREE"]


def test_what_is_not_ended_is_not_used(scanner, eventually):
    scanner.simulator.command({"unterminated": "A123456"})
    eventually(lambda: scanner.service.facts()["dropped"] == "1")
    scanner.simulator.scan(b"(3)")
    assert scanner.next_payload() == b"(3)"
    assert scanner.codes.count() == 1


def test_prefix_and_suffix_as_set(make):
    rig = make(prefix="02", suffix="0304")
    rig.wait_for(DeviceState.READY)
    rig.simulator.send(b"\x02A\r\n\x03B\x03\x04NOISE\x03\x04\x02C\x03\x04")
    rig.wait_payload(b"C")
    assert rig.payloads() == [b"A\r\n\x03B", b"C"]
    assert rig.service.facts()["terminator"] == "0304"


def test_hostile_input_costs_nothing_but_itself(scanner):
    scanner.simulator.command({"fault": "garbage"})
    scanner.simulator.send(b"A" * 5000 + b"\r")
    scanner.simulator.scan(b"FINE")
    scanner.wait_payload(b"FINE")
    assert all(len(one) <= 4096 for one in scanner.payloads())


def test_a_stream_without_end_closes_the_line_until_it_is_silent(scanner, monkeypatch):
    monkeypatch.setattr(adapter, "ENDLESS_BYTES", 20_000)
    before = scanner.states.count()
    scanner.simulator.command({"fault": "endless"})
    scanner.wait_for(DeviceState.ERROR, before)
    assert scanner.service.facts()["trouble"] == "endless"
    scanner.wait_for(DeviceState.READY, before)
    assert [state for _, state in scanner.states.all[before:]].count(DeviceState.READY) == 1
    scanner.simulator.scan(b"FINE")
    assert scanner.next_payload() == b"FINE"


# --- again and again ----------------------------------------------------------------------------------------


def test_a_flood_of_codes_is_thinned(scanner, eventually):
    for number in range(200):
        scanner.simulator.scan(b"%d" % number)
    eventually(lambda: scanner.service.facts()["frames"] == "200")
    assert 10 <= scanner.codes.count() < 40
    assert scanner.states.all[-1][1] is DeviceState.READY


def test_a_code_held_before_it_for_a_second_is_one_scan(scanner):
    for _ in range(500):
        scanner.simulator.scan(b"AGAIN")
    scanner.simulator.scan(b"OTHER")
    scanner.wait_payload(b"OTHER")
    assert scanner.payloads() == [b"AGAIN", b"OTHER"]


def test_a_code_shown_again_on_purpose_counts(scanner, monkeypatch):
    now = time.monotonic
    scanner.simulator.scan(b"AGAIN")
    scanner.next_payload()
    monkeypatch.setattr(adapter.time, "monotonic", lambda: now() + 2.0)
    scanner.simulator.scan(b"AGAIN")
    assert scanner.next_payload(after=1) == b"AGAIN"


# --- who listens --------------------------------------------------------------------------------------------


def test_what_has_begun_before_somebody_listens_is_gone(scanner, eventually):
    scanner.service.disarm()
    scanner.simulator.scan(b"EARLY")
    scanner.simulator.send(b"HALF EAR")
    eventually(lambda: scanner.service._intake.pending)
    scanner.service.arm()
    scanner.simulator.send(b"LY\r")
    scanner.simulator.scan(b"NOW")
    scanner.wait_payload(b"NOW")
    assert scanner.payloads() == [b"NOW"]


def test_the_first_line_of_another_visitors_passport_is_gone(scanner, eventually):
    first, second = ZONE.split(b"\n")
    scanner.simulator.scan(first)
    eventually(lambda: scanner.service.facts()["terminator"] == "CR")
    scanner.service.disarm()
    scanner.service.arm()
    scanner.simulator.scan(second)
    scanner.wait_payload(second)
    assert scanner.payloads() == [second]


# --- its line -----------------------------------------------------------------------------------------------


def test_back_under_another_number_within_three_seconds(tmp_path, heard):
    """The stable name leads to another line; the old one is still there, as a kernel may keep it."""
    old, new = ScannerSimulator(tmp_path / "ttyACM0"), ScannerSimulator(tmp_path / "ttyACM1")
    old.start()
    new.start()
    name = tmp_path / "by-id"
    name.symlink_to("ttyACM0")
    states, codes = heard(), heard()
    service = ScannerService(Device.SCANNER, Scanner(), str(name), states, codes)
    service.arm()
    worker = Supervised(service, states)
    worker.start()
    states.wait(lambda one: one[1] is DeviceState.READY)
    since = time.monotonic()
    name.unlink()
    states.wait(lambda one: one[1] is DeviceState.DISCONNECTED)
    name.symlink_to("ttyACM1")
    states.wait(lambda one: one[1] is DeviceState.READY, after=2)
    assert time.monotonic() - since <= 3.0
    new.scan(b"BACK")
    assert codes.wait(lambda _: True)[2] == b"BACK"
    worker.stop()
    old.stop()
    new.stop()


def test_half_a_code_before_the_cable_was_pulled_is_not_used(scanner, eventually):
    scanner.simulator.send(b"A1234")
    eventually(lambda: scanner.service._intake.pending)
    scanner.simulator.unplug()
    scanner.wait_for(DeviceState.DISCONNECTED)
    before = scanner.states.count()
    scanner.simulator.plug()
    scanner.wait_for(DeviceState.READY, after=before)
    scanner.simulator.send(b"56\r")
    assert scanner.next_payload() == b"56"


def claimed(path: str) -> int:
    line = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        return struct.unpack("i", fcntl.ioctl(line, TIOCGEXCL, b"\0\0\0\0"))[0]
    finally:
        os.close(line)


def test_the_line_is_claimed_while_it_is_open_and_not_after(scanner):
    assert claimed(scanner.path) == 1
    scanner.worker.stop()
    assert claimed(scanner.path) == 0


def test_the_simulator_lifts_the_claim_of_a_killed_adapter(tmp_path, eventually):
    simulator = ScannerSimulator(tmp_path / "scanner")
    simulator.start()
    line = os.open(tmp_path / "scanner", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(line, 0x540C)  # TIOCEXCL
    os.close(line)
    eventually(lambda: claimed(str(tmp_path / "scanner")) == 0)
    simulator.stop()


def test_a_line_that_another_program_holds(tmp_path, heard, eventually):
    simulator = ScannerSimulator(tmp_path / "scanner")
    simulator.start()
    other = serial.Serial(str(tmp_path / "scanner"), exclusive=True)
    states = heard()
    service = ScannerService(Device.SCANNER, Scanner(), str(tmp_path / "scanner"), states, heard())
    worker = Supervised(service, states, BackOff(0.05, 0.1))
    worker.start()
    states.wait(lambda one: one[1] is DeviceState.ERROR)
    assert service.facts()["trouble"] == "in_use"
    other.close()
    states.wait(lambda one: one[1] is DeviceState.READY)
    eventually(lambda: "trouble" not in service.facts())
    worker.stop()
    simulator.stop()


def test_a_kiosk_without_scanner_says_so(heard):
    states = heard()
    service = ScannerService(Device.SCANNER, Scanner(), "", states, heard())
    worker = Supervised(service, states, BackOff(0.01, 0.01))
    worker.start()
    assert states.wait(lambda one: one[1] is DeviceState.NOT_INSTALLED)
    worker.stop()


# --- how it is set ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", SET_BY_KIOSK)
def test_it_is_set_on_every_connection_and_tells_its_firmware(make, profile):
    rig = make(profile=profile)
    rig.wait_for(DeviceState.READY)
    assert rig.service.facts()["firmware"] == FIRMWARE
    rig.simulator.scan(b"MARKED")
    assert rig.codes.wait(lambda _: True)[1:] == ("Q1", b"MARKED")


@pytest.mark.parametrize("profile", SET_BY_KIOSK)
def test_set_otherwise_it_is_noticed_at_its_next_code_and_set_again(make, profile):
    rig = make(profile=profile)
    rig.wait_for(DeviceState.READY)
    before = rig.states.count()
    rig.simulator.command({"fault": "misconfigure"})
    rig.simulator.scan(b"UNMARKED", suffix=b"\r")
    rig.wait_for(DeviceState.MISCONFIGURED, before)
    rig.wait_for(DeviceState.READY, before + 1)
    rig.simulator.scan(b"MARKED")
    rig.wait_payload(b"MARKED")
    assert rig.payloads() == [b"MARKED"]
    assert rig.service.facts()["set_again"] == "1"


def test_set_otherwise_it_is_noticed_without_a_code_too(make):
    rig = make(profile=ScannerProfile.HONEYWELL, pace=QUICK)
    rig.wait_for(DeviceState.READY)
    rig.service.disarm()  # nobody is interrupted
    before = rig.states.count()
    rig.simulator.command({"fault": "misconfigure"})
    rig.wait_for(DeviceState.MISCONFIGURED, before)
    rig.wait_for(DeviceState.READY, before + 1)


def test_one_that_stays_as_it_is_stays_misconfigured(make, monkeypatch):
    rig = make(profile=ScannerProfile.HONEYWELL, pace=QUICK)
    rig.wait_for(DeviceState.READY)
    monkeypatch.setattr(rig.simulator, "_menu", lambda part: part[:6] + b"\x06")  # obeys nothing
    before = rig.states.count()
    rig.simulator.scan(b"UNMARKED", symbology="")
    rig.wait_for(DeviceState.MISCONFIGURED, before)
    assert rig.service.facts()["remedy"]
    monkeypatch.undo()
    rig.wait_for(DeviceState.READY, before)  # without a restart


def test_a_scanner_without_commands_is_ready_when_a_code_comes_as_it_must(make):
    rig = make(profile=ScannerProfile.GENERIC_AIM)
    rig.wait_for(DeviceState.READY)
    rig.simulator.command({"aim": False})
    rig.simulator.scan(b"UNMARKED")
    rig.wait_for(DeviceState.MISCONFIGURED)
    rig.simulator.command({"aim": True})
    rig.simulator.scan(b"MARKED")
    rig.wait_payload(b"MARKED")
    assert rig.states.all[-1][1] is DeviceState.READY
    assert rig.payloads() == [b"MARKED"]


def test_a_lost_suffix_is_noticed(make):
    rig = make()
    rig.wait_for(DeviceState.READY)
    rig.simulator.command({"fault": "misconfigure"})
    for number in range(3):
        rig.simulator.scan(b"%d" % number)
        rig.wait_dropped(number + 1)
    rig.wait_for(DeviceState.MISCONFIGURED)
    rig.simulator.command({"fault": "none"})
    rig.simulator.scan(b"FINE")
    rig.wait_payload(b"FINE")


@pytest.mark.parametrize("profile", SET_BY_KIOSK)
def test_one_that_answers_nothing_is_an_error_and_comes_back(make, profile):
    rig = make(profile=profile, pace=QUICK)
    rig.wait_for(DeviceState.READY)
    rig.service.disarm()
    before = rig.states.count()
    rig.simulator.command({"fault": "hang"})
    rig.wait_for(DeviceState.ERROR, before)
    assert rig.service.facts()["trouble"] == "no_answer"
    rig.simulator.command({"fault": "none"})
    rig.wait_for(DeviceState.READY, before + 1)


def test_a_scanner_is_not_asked_while_somebody_listens(make):
    rig = make(profile=ScannerProfile.HONEYWELL, pace=QUICK)
    rig.wait_for(DeviceState.READY)
    rig.simulator.command({"fault": "hang"})
    rig.simulator.scan(b"STILL", symbology="Q1")
    rig.wait_payload(b"STILL")
    assert rig.states.all[-1][1] is DeviceState.READY


def test_a_code_of_several_lines_is_one_code_and_nothing_is_wrong(make):
    rig = make(profile=ScannerProfile.HONEYWELL)
    rig.wait_for(DeviceState.READY)
    rig.simulator.scan(b"BEGIN:VCARD\r\nFN:A\r\nEND:VCARD")
    rig.wait_payload(b"BEGIN:VCARD\nFN:A\nEND:VCARD")
    assert rig.states.all[-1][1] is DeviceState.READY


# --- readers of documents -----------------------------------------------------------------------------------


@pytest.mark.parametrize("framing", ReaderFraming)
def test_half_a_document_is_not_used(make, framing, eventually):
    rig = make(Device.DOCUMENT_READER, framing=framing)
    rig.wait_for(DeviceState.READY)
    first, second = ZONE.split(b"\n")
    rig.simulator.command({"unterminated": (first + b"\n" + second).decode()})
    eventually(lambda: rig.service.facts()["dropped"] == "1")
    rig.simulator.scan(ZONE)
    rig.wait_payload(ZONE)
    assert second not in rig.payloads()
