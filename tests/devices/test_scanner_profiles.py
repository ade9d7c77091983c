"""Scanners as data: every setting has a profile, answers are understood whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import ScannerProfile
from devices.scanner import dialects
from devices.scanner.dialects import Answer
from devices.scanner.profiles import PROFILES
from devices.scanner.trouble import REMEDIES, STATES, Trouble
from flows.ports import USABLE_STATES

MENU = b"PREBK2995C81\x06;SUFBK2990D\x06;REVINF: CB000064BAA\r\nREV 1.9\r\n\x06."
REVISION = bytes.fromhex("11a40000") + b"NBRPUAAM00D01" + bytes.fromhex("fbb4")


def ssi(opcode: int, data: bytes) -> bytes:
    return dialects.ssi_packet(opcode, data, source=0)


def test_every_profile_and_every_trouble_is_there():
    assert set(PROFILES) == set(ScannerProfile)
    assert set(STATES) == set(Trouble)
    assert {trouble for trouble in Trouble if STATES[trouble] not in USABLE_STATES} == set(REMEDIES)
    assert all(len(remedy) <= 120 and remedy.isascii() for remedy in REMEDIES.values())


def test_what_must_answer_can_be_asked():
    for profile in PROFILES.values():
        assert bool(profile.question) or not profile.must_answer
        assert bool(profile.settings) or not profile.forgets


def test_honeywell():
    assert dialects.menu_answer(MENU) == Answer("CB000064BAA REV 1.9", right=True)
    assert dialects.menu_answer(b"noise" + MENU.lower().replace(b"\x06", b"\x06") + b"more").right
    assert not dialects.menu_answer(MENU.replace(b"990D", b"990A")).right
    assert not dialects.menu_answer(MENU.replace(b"995C81", b"")).right
    assert dialects.menu_answer(MENU.replace(b"\x06", b"\x05")) is None  # ENQ: not understood
    assert [dialects.menu_answer(MENU[:end]) for end in range(len(MENU))] == [None] * len(MENU)


def test_honeywell_is_set_without_wearing_its_flash():
    assert dialects.menu_settings().endswith(b"!")


def test_zebra_packets_are_those_of_the_manual():
    assert dialects.ssi_packet(0xE4) == bytes.fromhex("04e40400ff14")
    assert dialects.ssi_packet(0xD0) == bytes.fromhex("04d00400ff28")


def test_zebra():
    revision = ssi(0xA4, b"NBRPUAAM 00 D01")
    right, wrong = ssi(0xC6, bytes.fromhex("ff2d01eb01ee00")), ssi(0xC6, bytes.fromhex("ff2d00eb01ee00"))
    assert dialects.ssi_answer(b"\x00noise" + revision + right) == Answer("NBRPUAAM 00 D01", right=True)
    assert dialects.ssi_answer(right + revision).right
    assert not dialects.ssi_answer(revision + wrong).right
    assert dialects.ssi_answer(revision) is None
    broken = bytearray(revision + right)
    broken[6] ^= 1
    assert dialects.ssi_answer(bytes(broken)) is None
    whole = revision + right
    assert [dialects.ssi_answer(whole[:end]) for end in range(len(whole))] == [None] * len(whole)


def test_datalogic():
    assert dialects.identity_answer(b"\x01\x02MGryphon\rR 1.2\x03\x04") == Answer(
        "MGryphon R 1.2", right=None
    )
    assert dialects.identity_answer(b"\x02A123456(3)\x03") is None  # what a code could say


@pytest.mark.parametrize(
    "answer",
    [dialects.menu_answer, dialects.ssi_answer, dialects.identity_answer],
    ids=lambda it: it.__name__,
)
@given(
    came=st.one_of(
        st.binary(max_size=600),
        st.lists(st.sampled_from([MENU, REVISION, b"\x06", b"\x01\x02\x03"])).map(b"".join),
    )
)
def test_any_answer_is_understood_or_not(answer, came):
    found = answer(came)
    assert found is None or (
        found.firmware.isprintable() and found.firmware.isascii() and len(found.firmware) <= 80
    )
