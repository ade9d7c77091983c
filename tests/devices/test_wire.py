"""The wire: what is not a message closes the connection, and nothing else ever happens."""

import contextlib
import json
import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.peers import may_talk
from devices import messages as m
from devices.states import KEPT_CHANGES
from devices.telling import MOST_FACTS, facts_that_fit
from devices.wire import MAX_BODY, MAX_HEADER, Decoder, Malformed
from flows.ports import Device, DeviceState, OfficerCall, PanelKey, PrintOutcome

REQUESTS = [
    m.PrintImage("job-1", 8, 2, 20.0, b"\x01\x02"),
    m.Arm(),
    m.Disarm(),
    m.OpenCamera(),
    m.CloseCamera(),
    m.Capture("photo-1"),
    m.CallOfficer(),
    m.OfficerCame(),
    m.Inspect(),
    m.RestartDevice(Device.DOCUMENT_READER),
    m.TryPanel(m.PanelPart.LAMP),
    m.EndProcess(),
]
REPORTS = [
    m.State(Device.PRINTER, DeviceState.PAPER_OUT),
    m.Scan(Device.DOCUMENT_READER, "Q1", b"\x00\xff\r\n"),
    m.Preview(12.5, b"jpeg"),
    m.Photo("photo-1", b"jpeg"),
    m.Photo("photo-1"),
    m.JobEnded("job-1", PrintOutcome.UNCONFIRMED, DeviceState.DISCONNECTED),
    m.Call(OfficerCall.CALLING),
    m.KeyPressed(PanelKey.LOUDER),
    m.Headphones(plugged=True),
    m.Presence(near=False),
    m.Inspected(Device.PANEL, DeviceState.READY, {"model": "K-1"}, [m.Change(DeviceState.READY, 12.5)]),
    m.PanelTried(m.PanelPart.HEADPHONES_LEFT, done=True),
]


def frame(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">II", len(header), len(body)) + header + body


@pytest.mark.parametrize(("codec", "sent"), [(m.request_codec(), REQUESTS), (m.report_codec(), REPORTS)])
def test_every_message_arrives_as_it_was_sent_in_any_pieces(codec, sent):
    data = b"".join(codec.encode(message) for message in sent)
    for length in (1, 7, len(data)):
        decoder = Decoder(codec)
        pieces = (data[at : at + length] for at in range(0, len(data), length))
        assert [message for piece in pieces for message in decoder.feed(piece)] == sent


@pytest.mark.parametrize(
    "header",
    [
        {},
        [],
        None,
        {"type": "unknown"},
        {"type": "arm", "more": 1},
        {"type": "capture"},
        {"type": "capture", "photo_id": 7},
        {"type": "capture", "photo_id": ""},
        {"type": "capture", "photo_id": "../x"},
        {"type": "capture", "photo_id": "x" * 65},
        {"type": "print_image", "job_id": "a", "width": "8", "height": 1, "deadline_s": 1},
        {"type": "print_image", "job_id": "a", "width": 8.5, "height": 1, "deadline_s": 1},
        {"type": "print_image", "job_id": "a", "width": True, "height": 1, "deadline_s": 1},
        {"type": "print_image", "job_id": "a", "width": 100_000, "height": 1, "deadline_s": 1},
        {"type": "print_image", "job_id": "a", "width": 8, "height": 1, "deadline_s": -1},
        {"type": "print_image", "job_id": "a", "width": 8, "height": 1, "deadline_s": 1, "body": "x"},
        {"type": "state", "device": "printer", "state": "ready"},  # a report is no request
        {"type": "restart_device", "device": "toaster"},
        {"type": "try_panel", "part": "siren"},
    ],
)
def test_what_is_no_request_is_malformed(header):
    with pytest.raises(Malformed):
        list(Decoder(m.request_codec()).feed(frame(json.dumps(header).encode())))


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">II", MAX_HEADER + 1, 0),
        struct.pack(">II", 0, MAX_BODY + 1),
        struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF),
        frame(b""),
        frame(b"\xff\xfe"),
        frame(b"[" * 4000),
        frame(b'{"type":"arm"}', b"a body it does not have"),
        frame(b'{"type":"print_image","job_id":"a","width":8,"height":1,"deadline_s":NaN}', b"x"),
    ],
)
def test_hostile_frames_are_malformed(data: bytes):
    with pytest.raises(Malformed):
        list(Decoder(m.request_codec()).feed(data))


@given(st.binary(max_size=300))
def test_any_bytes_are_messages_or_malformed(data: bytes):
    decoder = Decoder(m.request_codec())
    with contextlib.suppress(Malformed):
        assert all(isinstance(message, m.Request) for message in decoder.feed(data))
    assert len(decoder._rest) <= 300


@given(st.integers(0, 200), st.integers(0, 255))
def test_one_wrong_byte_never_escapes(position: int, value: int):
    data = bytearray(b"".join(m.request_codec().encode(message) for message in REQUESTS))
    data[position % len(data)] = value
    with contextlib.suppress(Malformed):
        list(Decoder(m.request_codec()).feed(bytes(data)))


def test_a_message_larger_than_a_frame_is_not_sent():
    with pytest.raises(ValueError, match="larger"):
        m.request_codec().encode(m.PrintImage("a", 8, 8, 1.0, bytes(MAX_BODY + 1)))


def test_all_that_can_be_said_of_a_device_fits_a_frame():
    facts = {f"{'n' * 36}_{number}": "v" * 120 for number in range(100, 100 + MOST_FACTS)}
    changes = [m.Change(DeviceState.PAPER_WAITING, 1_790_000_000.123)] * KEPT_CHANGES
    told = m.Inspected(Device.DOCUMENT_READER, DeviceState.NOT_INSTALLED, facts_that_fit(facts), changes)
    frames = Decoder(m.report_codec()).feed(m.report_codec().encode(told))
    assert list(frames) == [told]
    assert len(told.facts) == MOST_FACTS


def test_a_fact_is_cut_to_what_may_be_told():
    said = {"model": "TM\x00-T88\n\u6771" + "x" * 200, "Bad Name": "x", "": "x", "serial": "1"}
    assert facts_that_fit(said) == {"model": ("TM?-T88??" + "x" * 200)[:120], "serial": "1"}


def test_only_our_user_or_our_group_may_talk():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stranger = 4_000_000
        assert may_talk(ours, os.getuid(), stranger)
        assert may_talk(ours, stranger, os.getgid())
        assert not may_talk(ours, stranger, stranger)
        for group in os.getgroups():
            assert may_talk(ours, stranger, group)
