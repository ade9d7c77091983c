"""Receipt picture → printer commands. Pure.

The printer gets pictures only, so no visitor byte is ever a command.

The picture travels as `GS v 0` units of at most `UNIT_ROWS` rows. Blank rows are sent one byte wide: they
feed the paper just as exactly as whole rows, independent of any motion unit a printer may be set to.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from devices.printer.profile import Cutter

UNIT_ROWS = 24
"""Most rows between two confirmations: trouble is seen within a few millimetres of paper."""

_COMMANDS_BYTES = 64  # headers of a unit and its confirmation

_MIN_BLANK_ROWS = 8  # a shorter gap is not worth a command of its own
_DLE, _EOT, _ENQ, _DC4 = 0x10, 0x04, 0x05, 0x14

INITIALISE = b"\x1b@"
CUTS = {Cutter.FULL: b"\x1dVA\x00", Cutter.PARTIAL: b"\x1dVB\x00", Cutter.NONE: b"\x1bd\x05"}
"""GS V 65/66 0: feed to the cutter, then cut. A plain cut would leave our last rows for the next paper.
ESC d 5, where there is only a tear bar: feed five lines, so that a person can tear below the last row."""

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: drop both buffers, now."""


def status_question(number: int) -> bytes:
    """DLE EOT `number` (1-4): answered at once, whatever the printer does."""
    return bytes((_DLE, _EOT, number))


def process_id(number: int) -> bytes:
    """GS ( H: answered when all that was sent before is done. `number` is 0-9999."""
    return b"\x1d(H\x06\x00\x30\x30" + b"%04d" % number


AUTOMATIC_STATUS = b"\x1da\x0e"
"""GS a 14: tell by yourself when online, error or paper change. Ends with `INITIALISE`."""

FULL_STATUS = bytes((_DLE, _EOT, 20))
"""DLE EOT 20: everything at once, of printers with a presenter."""


def identity_question(number: int) -> bytes:
    """GS I `number`: 65 firmware, 67 model. Answered when all that was sent before is processed."""
    return bytes((0x1D, 0x49, number))


PAPER_SENSOR = b"\x1dr\x01"
"""GS r 1: answered when all that was sent before is processed."""


def unit_rows(width: int, buffer_bytes: int) -> int:
    """Rows of a unit: two units fit the receive buffer, so that no status question is stuck behind them."""
    fitting = (buffer_bytes // 2 - _COMMANDS_BYTES) // ((width + 7) // 8)
    return max(1, min(UNIT_ROWS, fitting))


def units(width: int, height: int, bits: bytes, rows_each: int = UNIT_ROWS) -> Iterator[bytes]:
    """Commands for a picture, cut into units of at most `rows_each` rows, each made when it is its turn.

    `bits` is `height` rows of `(width + 7) // 8` bytes, 1 is black, most significant bit left. Raises
    ValueError if its length does not fit.
    """
    row_bytes = (width + 7) // 8
    rows = np.frombuffer(bits, dtype=np.uint8).reshape(height, row_bytes)
    return (b"".join(_runs(rows[top : top + rows_each])) for top in range(0, height, rows_each))


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
