"""Scanner framing: whatever way the bytes come, the same payloads come out, and nothing half."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.framing import (
    MAX_PAYLOAD,
    SILENCE_S,
    BlockFraming,
    Dropped,
    Framing,
    LengthFraming,
)

ALL_BYTES = bytes(range(256)).translate(None, b"\r\n")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_every_terminator(end: bytes):
    assert Framing().feed(b"A1" + end + b"B2" + end, 0.0) == [b"A1", b"B2"]


def test_split_at_every_offset():
    data = b"HELLO\r\nWORLD\r\n"
    for offset in range(len(data) + 1):
        framing = Framing()
        found = framing.feed(data[:offset], 0.0) + framing.feed(data[offset:], 0.1)
        assert found == [b"HELLO", b"WORLD"], offset


def test_slow_bytes_are_one_payload():
    framing = Framing()
    found = [
        one for number, byte in enumerate(b"SLOW\r") for one in framing.feed(bytes([byte]), number * 0.2)
    ]
    assert found == [b"SLOW"]


def test_every_byte_value_passes_unchanged():
    assert Framing().feed(ALL_BYTES + b"\r", 0.0) == [ALL_BYTES]


def test_what_was_broken_off_is_dropped_whole():
    framing = Framing()
    assert framing.feed(b"A123", 0.0) == []
    assert framing.expire(SILENCE_S) == []
    assert framing.expire(SILENCE_S + 0.1) == [Dropped.UNTERMINATED]
    assert framing.expire(SILENCE_S + 9.0) == []
    assert framing.feed(b"456\r", 10.0) == [b"456"]


def test_a_late_rest_is_not_joined_to_an_old_beginning():
    framing = Framing()
    framing.feed(b"A123", 0.0)
    assert framing.feed(b"B\r", SILENCE_S + 0.1) == [Dropped.UNTERMINATED, b"B"]


def test_terminators_alone_are_nothing():
    assert Framing().feed(b"\r\n\n\r\r\n", 0.0) == []


@pytest.mark.parametrize("chunk", [1000, 4096, 100_000])
def test_too_long_is_dropped_and_bounded(chunk: int):
    framing = Framing()
    data = b"A" * 100_000 + b"\rFINE\r"
    found = [one for at in range(0, len(data), chunk) for one in framing.feed(data[at : at + chunk], 0.0)]
    assert found == [Dropped.TOO_LONG, b"FINE"]
    assert len(framing._piece._kept) <= MAX_PAYLOAD


def test_the_longest_payload_passes_and_one_more_does_not():
    assert Framing().feed(b"A" * MAX_PAYLOAD + b"\r", 0.0) == [b"A" * MAX_PAYLOAD]
    assert Framing().feed(b"A" * (MAX_PAYLOAD + 1) + b"\r", 0.0) == [Dropped.TOO_LONG]


@given(st.lists(st.tuples(st.binary(max_size=200), st.floats(0, 1)), max_size=30))
def test_anything_at_any_pace_stays_bounded_and_clean(chunks):
    framing, now = Framing(), 0.0
    for data, pause in chunks:
        now += pause
        for one in framing.feed(data, now):
            assert isinstance(one, Dropped) or (0 < len(one) <= MAX_PAYLOAD and not set(one) & set(b"\r\n"))
        assert len(framing._piece._kept) <= MAX_PAYLOAD


# --- other suffixes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [b"\x03", b"\r\n", b"##END##", b"aab"])
def test_any_suffix_split_at_every_offset(suffix: bytes):
    data = b"ONE" + suffix + b"T\nW\rO" + suffix
    for offset in range(len(data) + 1):
        framing = Framing(suffix)
        assert framing.feed(data[:offset], 0.0) + framing.feed(data[offset:], 0.1) == [b"ONE", b"T\nW\rO"], (
            offset
        )
        assert not framing.pending


def test_what_only_looks_like_a_suffix_is_payload():
    framing = Framing(b"aab")
    assert [one for byte in b"aaaab" for one in framing.feed(bytes([byte]), 0.0)] == [b"aa"]


def test_a_payload_that_ends_like_half_a_suffix_is_dropped_whole_when_broken_off():
    framing = Framing(b"\r\n")
    assert framing.feed(b"\r", 0.0) == []
    assert framing.expire(SILENCE_S + 0.1) == [Dropped.UNTERMINATED]
    assert framing.feed(b"\nA\r\n", 2.0) == [b"\nA"]


@pytest.mark.parametrize(
    ("chunks", "word"),
    [([b"A\r"], "CR"), ([b"A\n"], "LF"), ([b"A\r\n"], "CRLF"), ([b"A\r", b"\n"], "CRLF"), ([b"A"], "")],
)
def test_how_it_ended_is_known(chunks: list[bytes], word: str):
    framing = Framing()
    for chunk in chunks:
        framing.feed(chunk, 0.0)
    assert framing.terminator == word


# --- what nobody wants --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("framing", "early", "late"),
    [
        (Framing(), b"EAR", b"LY\r"),
        (Framing(b"##"), b"EAR#", b"LY##"),
        (BlockFraming(), b"\x02EAR", b"LY\x03"),
        (LengthFraming(), b"I\x00\x05EAR", b""),
    ],
)
def test_what_was_abandoned_is_neither_payload_nor_loss(framing, early: bytes, late: bytes):
    framing.feed(early, 0.0)
    framing.abandon()
    assert framing.feed(late, 0.1) == []
    assert framing.expire(9.0) == []


def test_abandoned_without_an_end():
    framing = Framing()
    framing.feed(b"EAR", 0.0)
    framing.abandon()
    assert framing.expire(SILENCE_S + 0.1) == []
    assert framing.feed(b"NOW\r", 1.0) == [b"NOW"]


def test_what_is_thrown_away_is_counted_until_something_is_whole():
    framing = Framing()
    framing.feed(b"A" * 10_000, 0.0)
    assert framing.overflow == 10_000
    framing.feed(b"\r", 0.0)
    assert framing.overflow == 0


# --- blocks -------------------------------------------------------------------------------------------------


def test_blocks_between_stx_and_etx_whatever_stands_outside():
    data = b"\x01\x20OU\x02ONE\rTWO\r\x03\x07\x02THREE\x03\x02"  # the last one looks like a check byte
    for offset in range(len(data) + 1):
        framing = BlockFraming()
        found = framing.feed(data[:offset], 0.0) + framing.feed(data[offset:], 0.1)
        assert found == [b"ONE\rTWO\r", b"THREE"], offset


def test_a_check_byte_that_looks_like_stx_costs_nothing():
    framing = BlockFraming()
    assert framing.feed(b"\x02ONE\x03\x02", 0.0) == [b"ONE"]
    assert framing.feed(b"\x02TWO\x03", 0.1) == [b"TWO"]


def test_a_block_without_end_is_dropped():
    framing = BlockFraming()
    assert framing.feed(b"\x02ONE", 0.0) == []
    assert framing.feed(b"\x02TWO\x03", 0.1) == [Dropped.UNTERMINATED, b"TWO"]
    framing.feed(b"\x02ONE", 1.0)
    assert framing.expire(2.0) == [Dropped.UNTERMINATED]
    assert framing.feed(b"\x02" + b"A" * 5000 + b"\x03", 3.0) == [Dropped.TOO_LONG]


def test_blocks_behind_a_length():
    data = b"I\x00\x03ONEI\x00\x00\xff\x00I\x00\x05T\r\nWO"
    for offset in range(len(data) + 1):
        framing = LengthFraming()
        found = framing.feed(data[:offset], 0.0) + framing.feed(data[offset:], 0.1)
        assert found == [b"ONE", b"T\r\nWO"], offset


def test_a_length_that_never_comes_is_dropped_and_one_too_long_is_none():
    framing = LengthFraming()
    assert framing.feed(b"I\x00\x05AB", 0.0) == []
    assert framing.expire(1.0) == [Dropped.UNTERMINATED]
    assert framing.feed(b"I\xff\xff" + b"\x00" * 50, 2.0) == []
    assert framing.overflow > 0


@pytest.mark.parametrize("kind", [BlockFraming, LengthFraming])
@given(chunks=st.lists(st.tuples(st.binary(max_size=200), st.floats(0, 1)), max_size=30))
def test_blocks_of_anything_stay_bounded(kind, chunks):
    framing, now = kind(), 0.0
    for data, pause in chunks:
        now += pause
        for one in framing.feed(data, now):
            assert isinstance(one, Dropped) or 0 < len(one) <= MAX_PAYLOAD
