"""Scanner framing: whatever way the bytes come, the same payloads come out, and nothing half."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.framing import MAX_PAYLOAD, SILENCE_S, Dropped, Framing

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
    assert len(framing._rest) <= MAX_PAYLOAD


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
        assert len(framing._rest) <= MAX_PAYLOAD
