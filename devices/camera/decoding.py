"""Pictures → codes. Runs only in child processes: decoders are native code fed by strangers.

zxing-cpp reads; zbar is a second opinion for linear codes only (its QR reader may abort the process and
re-encodes bytes) and counts only when it says the same twice. A wrong read is worse than none.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar

from devices.camera.codes import MAX_PAYLOAD, Decoded

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns) or BGR (rows, columns, 3)."""

_FAST_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,PDF417,Aztec,Code128")
_ALL_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,PDF417,Aztec,DataMatrix,Code128,Code39")


def decode_image(picture: Picture) -> list[Decoded]:
    """All codes in one picture, taking the time it needs.

    zbar must agree with itself on a doubled picture.
    """
    found = _zxing(picture, _ALL_FORMATS, thorough=True)
    if found:
        return found
    grey = picture if picture.ndim == 2 else picture[:, :, 1]
    doubled = np.repeat(np.repeat(grey, 2, axis=0), 2, axis=1)
    again = {(code.format, code.payload) for code in _zbar(doubled)}
    return [code for code in _zbar(grey) if (code.format, code.payload) in again]


class LiveReader:
    """Reads a stream of frames: a fast pass on each, the second opinion on every `every` frame."""

    def __init__(
        self, every: int = 4, second_opinion: Callable[[Picture], list[Decoded]] | None = None
    ) -> None:
        self._every = every
        self._second_opinion = second_opinion or _zbar
        self._frames = 0
        self._said_before: set[tuple[str, bytes]] = set()

    def feed(self, frame: Picture) -> list[Decoded]:
        """Codes that are certain with this frame."""
        found = _zxing(frame, _FAST_FORMATS, thorough=False)
        self._frames += 1
        if found or self._frames % self._every:
            return found
        said = self._second_opinion(frame)
        agreed = [code for code in said if (code.format, code.payload) in self._said_before]
        self._said_before = {(code.format, code.payload) for code in said}
        return agreed


def _zxing(picture: Picture, formats: zxingcpp.BarcodeFormats, *, thorough: bool) -> list[Decoded]:
    codes = zxingcpp.read_barcodes(
        picture, formats, try_rotate=thorough, try_downscale=thorough, try_invert=thorough
    )
    return [
        Decoded(code.format.name, bytes(code.bytes), _corners(code.position))
        for code in codes
        if code.valid and 0 < len(code.bytes) <= MAX_PAYLOAD
    ]


def _corners(position: zxingcpp.Position) -> tuple[tuple[int, int], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((corner.x, corner.y) for corner in corners)


def _zbar(picture: Picture) -> list[Decoded]:
    grey = picture if picture.ndim == 2 else np.ascontiguousarray(picture[:, :, 1])
    symbols = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.CODE128])
    return [
        Decoded("Code128", bytes(symbol.data), tuple((point.x, point.y) for point in symbol.polygon))
        for symbol in symbols
        if 0 < len(symbol.data) <= MAX_PAYLOAD
    ]
