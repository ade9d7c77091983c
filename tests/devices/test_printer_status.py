"""Bytes from a printer → replies and states: total functions that never take noise for "all is well"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.printer.status import (
    AutomaticStatus,
    BufferCleared,
    Noise,
    PaperSensor,
    ProcessDone,
    RawStatus,
    Replies,
    StatusByte,
    is_status_byte,
    state_of,
)
from flows.ports import USABLE_STATES, DeviceState

FINE = 0x12


def raw(
    printer: int | None = FINE, offline: int | None = FINE, error: int | None = FINE, paper: int | None = FINE
):
    return RawStatus(printer, offline, error, paper)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (raw(), DeviceState.READY),
        (raw(paper=0x1E), DeviceState.PAPER_LOW),
        (raw(printer=0x1A, offline=0x32, paper=0x7E), DeviceState.PAPER_OUT),
        (raw(paper=0x72), DeviceState.PAPER_OUT),
        (raw(printer=0x1A, offline=0x16), DeviceState.COVER_OPEN),
        (
            raw(printer=0x1A, offline=0x36, paper=0x7E),
            DeviceState.COVER_OPEN,
        ),  # an open cover hides the paper
        (raw(printer=0x1A, offline=0x56, error=0x1A), DeviceState.CUTTER_ERROR),  # error before cover
        (raw(printer=0x1A, offline=0x52, error=0x52), DeviceState.OVERHEATED),
        (raw(printer=0x1A, offline=0x52, error=0x32), DeviceState.ERROR),
        (raw(printer=0x1A, offline=0x52, error=0x16), DeviceState.ERROR),
        (raw(printer=0x1A, offline=0x52), DeviceState.ERROR),  # an error it does not name
        (raw(printer=0x1A), DeviceState.ERROR),  # offline without a reason
        (raw(printer=0x1A, offline=0x1A), DeviceState.BUSY),  # somebody holds the feed button
        (raw(paper=None), DeviceState.UNKNOWN),
        (raw(printer=None, offline=None, error=None, paper=None), DeviceState.UNKNOWN),
        (raw(printer=0x1A, offline=0x16, error=None, paper=None), DeviceState.COVER_OPEN),
        (raw(paper=0x00), DeviceState.UNKNOWN),  # the noise byte that python-escpos takes for an answer
        (raw(printer=0xFF), DeviceState.UNKNOWN),
    ],
)
def test_one_word_for_four_bytes(status: RawStatus, state: DeviceState):
    assert state_of(status) is state


ANY_BYTE = st.one_of(st.none(), st.integers(-1, 300))


@given(ANY_BYTE, ANY_BYTE, ANY_BYTE, ANY_BYTE)
def test_every_status_has_a_word_and_noise_is_never_usable(printer, offline, error, paper):
    values = (printer, offline, error, paper)
    state = state_of(RawStatus(*values))
    if state in USABLE_STATES:
        assert all(value is not None and is_status_byte(value) for value in values)


@given(st.binary(max_size=64), st.lists(st.integers(1, 5), max_size=64))
def test_replies_take_any_bytes_in_any_pieces(data: bytes, lengths: list[int]):
    at_once = list(Replies().feed(data))
    replies, in_pieces, rest = Replies(), [], data
    for length in [*lengths, len(data)]:
        in_pieces += list(replies.feed(rest[:length]))
        rest = rest[length:]
    in_pieces += list(replies.feed(rest))
    assert in_pieces == at_once


def test_replies_are_told_apart_in_one_stream():
    stream = b"\x12" + b"\x37\x22" + b"0042\x00" + b"\x37\x25\x00" + b"\x14\x00\x00\x0f" + b"\x03" + b"\x1e"
    assert list(Replies().feed(stream)) == [
        StatusByte(0x12),
        ProcessDone(42),
        BufferCleared(),
        AutomaticStatus(0x14, 0x00, 0x00, 0x0F),
        PaperSensor(0x03),
        StatusByte(0x1E),
    ]


@pytest.mark.parametrize(
    "noise", [b"\xff", b"\x80", b"\x37\x22abcd\x00", b"\x37\x22\x30\x30\x30\x31\x01", b"\x37\x41"]
)
def test_noise_confirms_nothing(noise: bytes):
    replies = list(Replies().feed(noise))
    assert replies
    assert Noise() in replies
    assert not any(isinstance(reply, ProcessDone | BufferCleared | StatusByte) for reply in replies)
