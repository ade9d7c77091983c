"""Pictures → codes. Runs only in child processes: decoders are native code fed by strangers.

Every frame gets a fast pass of zxing-cpp, and a frame without a code one slow pass more; the slow passes
take turns, so that none of them delays the next frame by more than itself. Passes that may misread (zbar, and
linear codes on a levelled picture) count only when they say the same twice. zbar reads linear codes only: its
QR reader re-encodes bytes and may abort the process. A wrong read is worse than none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar

from devices.camera.codes import MAX_PAYLOAD, Decoded

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns) or BGR (rows, columns, 3)."""

_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,PDF417,Aztec,DataMatrix,Code128")
_LINEAR = zxingcpp.barcode_formats_from_str("Code128")
_LEVELLING_PIXELS = 63
"""Wider than a label's bars, narrower than a frame: light and paper around it are taken out."""
_MOST_ENLARGED = 1920 * 1080
"""Larger pictures have pixels enough, and doubling them would cost too much."""


@dataclass(slots=True)
class Pass:
    """One way to look at a grey picture. `twice`: counts only if it said the same the time before."""

    look: Callable[[Picture], list[Decoded]]
    twice: bool = False
    said_before: set[tuple[str, bytes]] = field(default_factory=set)

    def codes(self, grey: Picture) -> list[Decoded]:
        """What it is sure of."""
        said = self.look(grey)
        before, self.said_before = self.said_before, {(code.format, code.payload) for code in said}
        return [code for code in said if not self.twice or (code.format, code.payload) in before]


class LiveReader:
    """Reads a stream of frames: a fast pass on each, and one slow pass in turn where it found nothing."""

    def __init__(self, slow: list[Pass] | None = None) -> None:
        self._slow = slow if slow is not None else slow_passes()
        self._frames = 0

    @property
    def frames_to_be_sure(self) -> int:
        """So many frames of the same picture are all it can make of it."""
        return max(1, 2 * len(self._slow))

    def feed(self, frame: Picture) -> list[Decoded]:
        """Codes that are certain with this frame."""
        grey = _grey(frame)
        found = _fast(grey)
        if found or not self._slow:
            return found
        turn = self._slow[self._frames % len(self._slow)]
        self._frames += 1
        return turn.codes(grey)


def decode_image(picture: Picture) -> list[Decoded]:
    """What a running camera makes of this picture when it is held before it."""
    reader = LiveReader()
    for _ in range(reader.frames_to_be_sure):
        found = reader.feed(picture)
        if found:
            return found
    return []


def slow_passes() -> list[Pass]:
    """In the order in which they read most of what the fast pass missed."""
    return [
        Pass(_thorough),
        Pass(_zbar, twice=True),
        Pass(_levelled, twice=True),
        Pass(_global),
        Pass(_doubled),
    ]


def _grey(picture: Picture) -> Picture:
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _fast(grey: Picture) -> list[Decoded]:
    return _zxing(grey, _FORMATS)


def _thorough(grey: Picture) -> list[Decoded]:
    return _zxing(grey, _FORMATS, thorough=True)


def _global(grey: Picture) -> list[Decoded]:
    """One threshold for the whole picture: reads modules that local thresholds lose in a dark surrounding."""
    return _zxing(grey, _FORMATS, binarizer=zxingcpp.Binarizer.GlobalHistogram)


def _levelled(grey: Picture) -> list[Decoded]:
    """Linear codes with the light taken out: zxing has one threshold a row, which brightness spoils."""
    around = cv2.blur(grey, (_LEVELLING_PIXELS, _LEVELLING_PIXELS))
    level = (grey.astype(np.int16) - around) * 2 + 128
    return _zxing(np.clip(level, 0, 255).astype(np.uint8), _LINEAR)


def _doubled(grey: Picture) -> list[Decoded]:
    if grey.size > _MOST_ENLARGED:
        return []
    large = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return _zxing(np.asarray(large, dtype=np.uint8), _FORMATS, scale=2)


def _zxing(
    grey: Picture,
    formats: zxingcpp.BarcodeFormats,
    *,
    thorough: bool = False,
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage,
    scale: int = 1,
) -> list[Decoded]:
    codes = zxingcpp.read_barcodes(
        grey,
        formats,
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=thorough,
        binarizer=binarizer,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [
        Decoded(
            code.format.name,
            bytes(code.bytes),
            _corners(code.position, scale),
            code.symbology_identifier.removeprefix("]"),
        )
        for code in codes
        if code.valid and 0 < len(code.bytes) <= MAX_PAYLOAD
    ]


def _corners(position: zxingcpp.Position, scale: int) -> tuple[tuple[int, int], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((corner.x // scale, corner.y // scale) for corner in corners)


def _zbar(grey: Picture) -> list[Decoded]:
    """Without symbology: zbar does not say which kind of Code 128 it was."""
    symbols = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.CODE128])
    return [
        Decoded("Code128", bytes(symbol.data), tuple((point.x, point.y) for point in symbol.polygon))
        for symbol in symbols
        if 0 < len(symbol.data) <= MAX_PAYLOAD
    ]
