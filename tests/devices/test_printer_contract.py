"""The printer adapter against the simulated printer, over TCP: it prints, and never claims too much."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from config.settings import PrintConfirmation
from devices.printer.raster import UNIT_ROWS
from devices.printer.simulator import CUTTER_ROWS, Fault
from flows.ports import DeviceState, PrintOutcome
from tests.devices.printer_rig import Rig, picture, rig_in

HEIGHT = 240
WIDTH = 576


@pytest.fixture(params=[PrintConfirmation.PROCESS_ID, PrintConfirmation.PAPER_SENSOR])
def any_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A printer, for each way of confirming."""
    with rig_in(tmp_path, confirmation=request.param) as rig:
        yield rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A printer that confirms by process id."""
    with rig_in(tmp_path) as rig:
        yield rig


@pytest.fixture
def old_rig(tmp_path: Path) -> Iterator[Rig]:
    """A printer that cannot drop its buffers."""
    with rig_in(tmp_path, confirmation=PrintConfirmation.PAPER_SENSOR, clears=False) as rig:
        yield rig


@pytest.fixture
def draw() -> Callable[[int, int], bytes]:
    return lambda height, seed: picture(WIDTH, height, seed)


@pytest.fixture
def rows_of() -> Callable[[np.ndarray], bytes]:
    return lambda dots: np.packbits(dots[CUTTER_ROWS:], axis=1).tobytes()


def whole(rig, bits: bytes, rows_of) -> list[int]:
    """Numbers of the cut pieces of paper that carry exactly this picture."""
    return [piece.number for piece in rig.simulator.pieces if not piece.torn and rows_of(piece.dots) == bits]


def assert_next_paper_is_clean(rig, draw, rows_of) -> None:
    """The next job comes out alone, on a paper of its own."""
    bits = draw(HEIGHT, 99)
    rig.wait_until_ready()
    assert rig.print("next", bits).outcome is PrintOutcome.PRINTED
    assert rows_of(rig.simulator.pieces[-1].dots) == bits
    assert not rig.marker.exists()


def test_a_receipt_is_printed_cut_and_confirmed(any_rig, draw, rows_of):
    bits = draw(HEIGHT, 1)
    end = any_rig.print("a", bits)
    assert (end.outcome, end.state) == (PrintOutcome.PRINTED, DeviceState.READY)
    assert whole(any_rig, bits, rows_of) == [1]
    assert any_rig.simulator.protocol_errors == []
    assert [path.name for path in any_rig.papers.iterdir()] == ["0001.png"]


def test_receipts_do_not_touch_each_other(rig, draw, rows_of):
    pictures = [draw(100 + seed, seed) for seed in range(4)]
    for number, bits in enumerate(pictures):
        assert rig.print(f"job-{number}", bits).outcome is PrintOutcome.PRINTED
    assert [rows_of(piece.dots) for piece in rig.simulator.pieces] == pictures


def test_the_same_id_is_one_piece_of_paper(rig, draw):
    bits = draw(HEIGHT, 1)
    together = [rig.submit("a", bits) for _ in range(3)]
    ends = [ended.wait(lambda _: True) for ended in together] + [rig.print("a", bits)]
    assert {end.outcome for end in ends} == {PrintOutcome.PRINTED}
    assert rig.print("b", bits).outcome is PrintOutcome.PRINTED
    assert len(rig.simulator.pieces) == 2


def test_a_failed_id_may_be_tried_again(rig, draw, rows_of):
    bits = draw(HEIGHT, 1)
    rig.simulator.set_fault(Fault.PAPER_OUT)
    rig.wait_for(DeviceState.PAPER_OUT)
    assert rig.print("a", bits).outcome is PrintOutcome.NOT_PRINTED
    rig.simulator.set_fault(Fault.NONE)
    rig.wait_until_ready()
    assert rig.print("a", bits).outcome is PrintOutcome.PRINTED
    assert len(whole(rig, bits, rows_of)) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault.PAPER_OUT, DeviceState.PAPER_OUT),
        (Fault.COVER_OPEN, DeviceState.COVER_OPEN),
        (Fault.OVERHEATED, DeviceState.OVERHEATED),
        (Fault.ERROR, DeviceState.ERROR),
        (Fault.OFFLINE, DeviceState.DISCONNECTED),
        (Fault.MUTE, DeviceState.UNKNOWN),
        (Fault.GARBLE, DeviceState.UNKNOWN),
        (Fault.HANG, DeviceState.UNKNOWN),
    ],
)
def test_a_printer_that_cannot_print_is_seen_and_refuses_at_once(rig, draw, rows_of, fault, state):
    rig.simulator.set_fault(fault)
    rig.wait_for(state)
    end = rig.print("a", draw(HEIGHT, 1), deadline_s=1.0)
    assert end.outcome is PrintOutcome.NOT_PRINTED
    assert not rig.marker.exists()  # nothing was begun
    assert rig.simulator.printed_rows() == 0
    rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(rig, draw, rows_of)


def test_low_paper_is_said_and_prints(rig, draw):
    rig.simulator.set_fault(Fault.PAPER_LOW)
    rig.wait_for(DeviceState.PAPER_LOW)
    end = rig.print("a", draw(HEIGHT, 1))
    assert (end.outcome, end.state) == (PrintOutcome.PRINTED, DeviceState.PAPER_LOW)


STOPPERS = [
    (Fault.PAPER_OUT, DeviceState.PAPER_OUT),
    (Fault.COVER_OPEN, DeviceState.COVER_OPEN),
    (Fault.OVERHEATED, DeviceState.OVERHEATED),
    (Fault.ERROR, DeviceState.ERROR),
]
ROWS = [1, 23, 24, 25, 120, HEIGHT - 1, HEIGHT + 1, HEIGHT + CUTTER_ROWS - 1]


@pytest.mark.parametrize(
    ("fault", "state", "rows"),
    [(*STOPPERS[0], rows) for rows in ROWS] + [(*stopper, 120) for stopper in STOPPERS[1:]],
)
def test_trouble_at_any_row_is_named_and_leaves_nothing_behind(any_rig, draw, rows_of, fault, state, rows):
    bits = draw(HEIGHT, 1)
    any_rig.simulator.command({"fault": fault, "after_rows": rows})
    end = any_rig.print("a", bits)
    assert end.outcome is not PrintOutcome.PRINTED
    assert end.state is state
    assert whole(any_rig, bits, rows_of) == []
    if rows < HEIGHT - 2 * UNIT_ROWS:  # once the last unit is sent nobody knows how much of it came out
        assert end.outcome is PrintOutcome.NOT_PRINTED
    any_rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(any_rig, draw, rows_of)
    assert any_rig.simulator.protocol_errors == []


def test_a_stuck_cutter_is_not_a_printed_receipt(rig, draw, rows_of):
    bits = draw(HEIGHT, 1)
    rig.simulator.set_fault(Fault.CUTTER)
    end = rig.print("a", bits)
    assert (end.outcome, end.state) == (PrintOutcome.UNCONFIRMED, DeviceState.CUTTER_ERROR)
    assert rig.simulator.pieces == []
    rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(rig, draw, rows_of)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.MUTE, Fault.GARBLE, Fault.OFFLINE])
@pytest.mark.parametrize("rows", [1, 120, HEIGHT + 10])
def test_a_silent_printer_is_never_said_to_have_printed(rig, draw, rows_of, fault, rows):
    rig.simulator.command({"fault": fault, "after_rows": rows})
    end = rig.print("a", draw(HEIGHT, 1), deadline_s=2.0)
    assert end.outcome in {PrintOutcome.NOT_PRINTED, PrintOutcome.UNCONFIRMED}
    assert end.state in {DeviceState.UNKNOWN, DeviceState.DISCONNECTED}
    rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(rig, draw, rows_of)


def test_an_unconfirmed_id_is_not_printed_again(rig, draw):
    bits = draw(HEIGHT, 1)
    rig.simulator.command({"fault": Fault.MUTE, "after_rows": HEIGHT + 10})
    assert rig.print("a", bits, deadline_s=2.0).outcome is PrintOutcome.UNCONFIRMED
    rig.simulator.set_fault(Fault.NONE)
    rig.wait_until_ready()
    pieces = len(rig.simulator.pieces)
    assert rig.print("a", bits).outcome is PrintOutcome.UNCONFIRMED
    assert len(rig.simulator.pieces) == pieces


def test_the_end_of_the_process_does_not_wait_for_a_job(rig, draw):
    rig.simulator.set_fault(Fault.SLOW)
    ended = rig.submit("a", draw(HEIGHT, 1), deadline_s=60.0)
    assert rig.simulator.wait_until(2)
    began = time.monotonic()
    rig.worker.stop(timeout_s=3.0)
    assert time.monotonic() - began < 2.5
    assert ended.wait(lambda _: True).outcome is PrintOutcome.NOT_PRINTED
    assert rig.marker.exists()  # the next process knows


def test_a_slow_printer_ends_with_its_deadline(rig, draw, rows_of):
    rig.simulator.set_fault(Fault.SLOW)
    end = rig.print("a", draw(HEIGHT, 1), deadline_s=1.0)
    assert end.outcome is PrintOutcome.NOT_PRINTED
    rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(rig, draw, rows_of)


@pytest.mark.parametrize("rows", [1, 120, HEIGHT + 10])
def test_power_off_and_on_in_the_middle(rig, draw, rows_of, rows):
    bits = draw(HEIGHT, 1)
    rig.simulator.set_fault(Fault.SLOW)
    ended = rig.submit("a", bits, deadline_s=20.0)
    if rows > 1:
        rig.simulator.command({"fault": Fault.HANG, "after_rows": rows})
        rig.simulator.model.faults.discard(Fault.SLOW)
    assert rig.simulator.wait_until(min(rows, HEIGHT))
    rig.simulator.set_fault(Fault.POWER_CYCLE)
    rig.simulator.set_fault(Fault.NONE)
    assert ended.wait(lambda _: True).outcome is not PrintOutcome.PRINTED
    assert whole(rig, bits, rows_of) == []
    assert_next_paper_is_clean(rig, draw, rows_of)


def test_a_crash_in_the_middle_is_cleaned_by_the_next_process(rig, draw, rows_of):
    rig.simulator.command({"fault": Fault.COVER_OPEN, "after_rows": 100})
    rig.submit("a", draw(HEIGHT, 1), deadline_s=20.0)
    assert rig.simulator.wait_until(100)
    rig.crash()
    assert rig.marker.exists()
    assert rig.marker.read_bytes() == b""
    rig.plug_in()
    rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(rig, draw, rows_of)


def test_a_picture_that_broke_off_inside_a_unit_does_not_swallow_the_next_receipt(rig, draw, rows_of):
    rig.worker.stop()
    with socket.create_connection(("127.0.0.1", rig.simulator.port)) as line:
        line.sendall(b"\x1b@\x1dv0\x00\x48\x00\x18\x00" + b"\xaa" * 100)  # 1728 dots bytes were promised
        assert rig.simulator.wait_until(1)
    rig.marker.touch()
    rig.plug_in()
    assert_next_paper_is_clean(rig, draw, rows_of)
    assert rig.simulator.protocol_errors == []


def test_a_printer_that_cannot_drop_its_buffers_is_cleaned_too(old_rig, draw, rows_of):
    old_rig.simulator.command({"fault": Fault.COVER_OPEN, "after_rows": 100})
    assert old_rig.print("a", draw(HEIGHT, 1)).outcome is PrintOutcome.NOT_PRINTED
    old_rig.simulator.set_fault(Fault.NONE)
    assert_next_paper_is_clean(old_rig, draw, rows_of)
    old_rig.worker.stop()
    with socket.create_connection(("127.0.0.1", old_rig.simulator.port)) as line:
        line.sendall(b"\x1b@\x1dv0\x00\x48\x00\x18\x00" + b"\xaa" * 100)
        assert old_rig.simulator.wait_until(1)
    old_rig.marker.touch()
    old_rig.plug_in()
    assert_next_paper_is_clean(old_rig, draw, rows_of)
    assert old_rig.simulator.protocol_errors == []


def test_commands_inside_a_picture_stay_dots(rig):
    rows = np.zeros((60, 72), dtype=np.uint8)
    clear = np.frombuffer(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", np.uint8)
    rows[5, 3:13] = clear
    rows[20, 0:3] = (0x10, 0x04, 0x01)
    rows[40, 71], rows[41, 0] = 0x10, 0x05  # across the edge of two rows
    end = rig.print("a", rows.tobytes())
    assert end.outcome is PrintOutcome.PRINTED
    dots = rig.simulator.pieces[0].dots[CUTTER_ROWS:]
    wanted = np.unpackbits(rows, axis=1).astype(bool)
    assert dots.shape == wanted.shape
    assert (dots & wanted).sum() == wanted.sum()
    assert (dots ^ wanted).sum() == 3  # one dot for each command that was broken


def test_the_simulator_would_obey_a_command_inside_a_picture(rig):
    """The trap that the test above relies on is really there."""
    rig.worker.stop()
    with socket.create_connection(("127.0.0.1", rig.simulator.port)) as line:
        line.sendall(b"\x1dv0\x00\x48\x00\x18\x00" + b"\xaa" * 100 + b"\x10\x04\x01")
        line.settimeout(2)
        assert line.recv(1) == b"\x12"


def test_a_picture_of_another_size_is_refused(rig, draw):
    with pytest.raises(ValueError, match="do not fit"):
        rig.print("a", draw(HEIGHT, 1)[:-1] + b"")


def test_no_room_for_the_marker_means_no_job(rig, draw, tmp_path: Path):
    rig.service._marker = tmp_path / "missing" / "marker"
    end = rig.print("a", draw(HEIGHT, 1))
    assert (end.outcome, end.state) == (PrintOutcome.NOT_PRINTED, DeviceState.ERROR)
    assert rig.simulator.printed_rows() == 0
