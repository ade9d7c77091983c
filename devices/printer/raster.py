"""Receipt picture → printer commands. Pure.

The printer gets pictures only, so no visitor byte is ever a command.

The picture travels as `GS v 0` units of at most `UNIT_ROWS` rows. Blank rows are sent one byte wide: they
feed the paper just as exactly as whole rows, independent of any motion unit a printer may be set to.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

UNIT_ROWS = 24
"""Rows between two confirmations. Two units fit the smallest receive buffer in the field (4 kB), so that
real-time status questions never get stuck behind a full one."""

_MIN_BLANK_ROWS = 8  # a shorter gap is not worth a command of its own
_DLE, _EOT, _ENQ, _DC4 = 0x10, 0x04, 0x05, 0x14

INITIALISE = b"\x1b@"
CUT = b"\x1dVB\x00"
"""GS V 66 0: feed to the cutter, then cut. A plain cut would leave our last rows for the next paper."""

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: drop both buffers, now."""


def status_question(number: int) -> bytes:
    """DLE EOT `number` (1-4): answered at once, whatever the printer does."""
    return bytes((_DLE, _EOT, number))


def process_id(number: int) -> bytes:
    """GS ( H: answered when all that was sent before is done. `number` is 0-9999."""
    return b"\x1d(H\x06\x00\x30\x30" + b"%04d" % number


PAPER_SENSOR = b"\x1dr\x01"
"""GS r 1: answered when all that was sent before is processed."""


def units(width: int, height: int, bits: bytes) -> list[bytes]:
    """Commands for a picture, cut into units of at most `UNIT_ROWS` rows.

    `bits` is `height` rows of `(width + 7) // 8` bytes, 1 is black, most significant bit left. Raises
    ValueError if its length does not fit.
    """
    row_bytes = (width + 7) // 8
    rows = np.frombuffer(bits, dtype=np.uint8).reshape(height, row_bytes)
    return [b"".join(_runs(rows[top : top + UNIT_ROWS])) for top in range(0, height, UNIT_ROWS)]


def longest_unit(width: int) -> int:
    """Bytes a printer may still wait for when a unit broke off."""
    return UNIT_ROWS * ((width + 7) // 8)


def _runs(rows: npt.NDArray[np.uint8]) -> Iterator[bytes]:
    inked: list[bool] = rows.any(axis=1).tolist()  # type: ignore[assignment]  # numpy types a row of flags as one flag
    edges = [row for row in range(1, len(inked)) if inked[row] != inked[row - 1]]
    starts = [0, *edges]
    ends = [*edges, len(rows)]
    pending = 0
    for start, end in zip(starts, ends, strict=True):
        if not inked[start] and end - start >= _MIN_BLANK_ROWS:
            if pending < start:
                yield _raster(rows[pending:start])
            yield _raster(np.zeros((end - start, 1), dtype=np.uint8))
            pending = end
    if pending < len(rows):
        yield _raster(rows[pending:])


def _raster(rows: npt.NDArray[np.uint8]) -> bytes:
    height, row_bytes = rows.shape
    header: bytes = b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + height.to_bytes(2, "little")
    return header + _defused(rows.reshape(-1))


def _defused(data: npt.NDArray[np.uint8]) -> bytes:
    """The same dots without real-time commands.

    A printer looks for DLE EOT, DLE ENQ and DLE DC4 in everything it receives, also inside a picture, and
    what is in the picture comes from a visitor. One more dot, beside a dot that is there, breaks the pattern.
    """
    second = np.isin(data[1:], (_EOT, _ENQ, _DC4)) & (data[:-1] == _DLE)
    if not second.any():
        return data.tobytes()
    defused = data.copy()
    defused[1:][second] |= 0x08
    return defused.tobytes()
