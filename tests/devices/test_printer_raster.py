"""The picture on the wire, judged by a reader that shares no code with the writer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from devices.printer import raster


def rasters(commands: bytes) -> list[tuple[int, int, bytes]]:
    """(bytes a row, rows, dots) of every GS v 0, strictly one after the other."""
    found, at = [], 0
    while at < len(commands):
        assert commands[at : at + 4] == b"\x1dv0\x00", commands[at : at + 4]
        row_bytes = commands[at + 4] + 256 * commands[at + 5]
        rows = commands[at + 6] + 256 * commands[at + 7]
        end = at + 8 + row_bytes * rows
        found.append((row_bytes, rows, commands[at + 8 : end]))
        at = end
    return found


def as_pbm(width: int, commands: bytes) -> bytes:
    """The payloads as one portable bitmap (P4), narrow ones filled up with white."""
    full = (width + 7) // 8
    data = b"".join(
        dots[row * row_bytes : (row + 1) * row_bytes].ljust(full, b"\0")
        for row_bytes, rows, dots in rasters(commands)
        for row in range(rows)
    )
    return b"P4\n%d %d\n" % (width, len(data) // full) + data


SIZES = st.tuples(st.integers(1, 200), st.integers(1, 24))


@given(arrays.arrays(np.uint8, SIZES, elements=st.sampled_from([0, 0, 0, 0x11, 0x80, 0xFF])))
def test_payload_is_the_picture_as_portable_bitmap(rows):
    height, row_bytes = rows.shape
    commands = b"".join(raster.units(row_bytes * 8, height, rows.tobytes()))
    assert as_pbm(row_bytes * 8, commands) == b"P4\n%d %d\n" % (row_bytes * 8, height) + rows.tobytes()


def test_another_program_sees_the_same_picture(tmp_path: Path, draw):
    bits = draw(300, 1)
    (tmp_path / "receipt.pbm").write_bytes(as_pbm(576, b"".join(raster.units(576, 300, bits))))
    with Image.open(tmp_path / "receipt.pbm") as image:
        seen = ~np.asarray(image)
    assert np.array_equal(
        seen, np.unpackbits(np.frombuffer(bits, np.uint8).reshape(300, 72), axis=1).astype(bool)
    )


def test_blank_rows_cost_a_byte_each():
    commands = b"".join(raster.units(576, 1000, bytes(72_000)))
    assert len(commands) < 1_500
    assert sum(rows for _, rows, _ in rasters(commands)) == 1000


def test_two_units_fit_the_smallest_buffer():
    units = list(raster.units(576, 100, b"\xff" * 7200))
    confirmation = len(raster.process_id(1))
    assert max(len(unit) + confirmation for unit in units) * 2 < 4096


@given(
    st.lists(
        st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x01, 0x08, 0x03, 0x06, 0x02]), min_size=144, max_size=144
    )
)
def test_no_real_time_command_survives_in_a_picture(values):
    commands = b"".join(raster.units(576, 2, bytes(values)))
    payload = b"".join(dots for _, _, dots in rasters(commands))
    for second in (b"\x04", b"\x05", b"\x14"):
        assert b"\x10" + second not in payload
    before, after = (np.unpackbits(np.frombuffer(data, np.uint8)) for data in (bytes(values), payload))
    assert (after >= before).all()  # dots are added, never taken


def test_bits_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="reshape"):
        raster.units(576, 3, bytes(100))
