"""Pictures → codes. Runs only in child processes: decoders are native code fed by strangers.

Every frame gets a fast pass of zxing-cpp. A frame without a code is looked at once more where codes may be,
turned level, and gets one slow pass over the whole of it; the slow passes take turns, so that none of them
delays the next frame by more than itself. What may be misread counts only when two looks say the same:
PDF417, linear codes that the fast pass did not see, and all that is read from a picture with its light taken
out. zbar confirms and no more: it drops FNC1 and FNC4, so that its text is not always what was printed. A
wrong read is worse than none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp
from pyzbar import pyzbar

from devices.camera.code_regions import View, pixels, regions, upright
from devices.camera.codes import MAX_PAYLOAD, Decoded

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns) or BGR (rows, columns, 3)."""

_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,PDF417,Aztec,DataMatrix,Code128")
_MATRIX = zxingcpp.barcode_formats_from_str("QRCode,Aztec,DataMatrix")
_BARS = zxingcpp.barcode_formats_from_str("PDF417,Code128")
_LINEAR = zxingcpp.barcode_formats_from_str("Code128")
_LINEAR_NAME = "Code128"
"""Has one check character: what slow passes make of it is doubted."""
_STACKED_NAME = "PDF417"
"""Where its row indicators are misread, check words are taken for data: even the fast pass is doubted."""
_LEVELLING_PIXELS = 63
"""Wider than a label's bars, narrower than a frame: light and paper around it are taken out."""
_THRESHOLD_PIXELS = 31
_THRESHOLD_LEVELS = 7
"""Darker than its surroundings by so much is black."""
_MOST_SLOW_PIXELS = 1280 * 720
"""Slow passes see larger pictures reduced to this: the time of a pass has a bound."""
_REGION_PIXELS = 1_000_000
"""So many pixels of views are looked at in one frame."""
_SCALES = {True: (1.0, 1.6), False: (1.0, 2.0)}
"""Of views of regions; by whether the edges point one way."""
_MOST_CODES = 40
"""Of one look: comparing more with all that was heard would take longer than a frame."""
_NOISE = 3
"""Grey levels up and down: two frames of one scene are never the same."""

_Key: TypeAlias = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Look:
    """What one way of looking said."""

    way: str
    codes: list[Decoded]
    doubts: frozenset[str] | None = frozenset({_LINEAR_NAME, _STACKED_NAME})
    """Formats that another look must confirm; None: all of them."""
    confirms: bool = False
    """Its word counts only beside another's."""

    def believed(self, code: Decoded) -> bool:
        """Whether its word is enough."""
        return self.doubts is not None and code.format not in self.doubts


SlowPass: TypeAlias = Callable[[Picture], Look]


@dataclass(slots=True)
class Ballot:
    """What was heard, kept for some frames: what one look may misread waits until another says the same."""

    frames_kept: int
    _frame: int = 0
    _heard: list[tuple[int, Look]] = field(default_factory=list)
    _waiting: set[_Key] = field(default_factory=set)

    def next_frame(self) -> None:
        """What is too old to confirm anything is forgotten."""
        self._frame += 1
        self._heard = [(frame, look) for frame, look in self._heard if self._frame - frame < self.frames_kept]
        self._waiting &= {_key(said) for _, look in self._heard for said in look.codes}

    @property
    def undecided(self) -> bool:
        """Whether something was heard that one more look may confirm."""
        return bool(self._waiting)

    def count(self, look: Look) -> list[Decoded]:
        """The codes that are certain with this look."""
        if look.codes:
            self._heard.append((self._frame, look))
        certain = [sure for sure in map(self._certain, look.codes) if sure]
        self._waiting |= {_key(code) for code in look.codes}
        self._waiting -= {_key(code) for code in certain}
        return certain

    def _certain(self, code: Decoded) -> Decoded | None:
        """As the best witness gave it, if one is enough or two agree and nobody read something else there."""
        same = self._witnesses(code)
        given = [said for _, look, said in same if not look.confirms]
        if any(look.believed(said) for _, look, said in same):
            return given[0]
        agreed = len({(frame, look.way) for frame, look, _ in same}) > 1
        return given[0] if given and agreed and not self._contradicted(code) else None

    def _witnesses(self, code: Decoded) -> list[tuple[int, Look, Decoded]]:
        return [
            (frame, look, said)
            for frame, look in self._heard
            for said in look.codes
            if _key(said) == _key(code)
        ]

    def _contradicted(self, code: Decoded) -> bool:
        return any(
            said.format == code.format and said.payload != code.payload and _overlap(said, code)
            for _, look in self._heard
            for said in look.codes
        )


class LiveReader:
    """Reads a stream of frames."""

    def __init__(self, slow: list[SlowPass] | None = None) -> None:
        self._slow = slow if slow is not None else slow_passes()
        self._frames = 0
        self._ballot = Ballot(2 * self.frames_of_a_round)

    @property
    def frames_of_a_round(self) -> int:
        """So many frames of the same scene have been looked at in all ways."""
        return max(1, len(self._slow))

    @property
    def undecided(self) -> bool:
        """Whether something was read that one more frame may confirm."""
        return self._ballot.undecided

    def feed(self, frame: Picture) -> list[Decoded]:
        """Codes that are certain with this frame."""
        grey = _grey(frame)
        self._ballot.next_frame()
        for look in self._looks(grey):
            certain = self._ballot.count(look)
            if certain:
                return certain
        return []

    def _looks(self, grey: Picture) -> Iterator[Look]:
        yield Look("fast", _zxing(grey, _FORMATS), frozenset({_STACKED_NAME}))
        yield from region_looks(grey)
        if self._slow:
            turn = self._slow[self._frames % len(self._slow)]
            self._frames += 1
            yield turn(grey)


def decode_image(picture: Picture) -> list[Decoded]:
    """What a running camera makes of this picture when it is held before it."""
    reader = LiveReader()
    grey = _grey(picture)
    found: dict[_Key, Decoded] = {}
    for number in range(2 * reader.frames_of_a_round):
        if not reader.undecided and (found or number >= reader.frames_of_a_round):
            break
        for code in reader.feed(_as_a_later_frame(grey, number) if number else grey):
            found.setdefault(_key(code), code)
    return list(found.values())


def slow_passes() -> list[SlowPass]:
    """In the order in which they read most of what was missed."""
    return [_thorough, _doubled, _thresholded]


def region_looks(grey: Picture) -> Iterator[Look]:
    """All looks at the places of a frame where codes may be, within a bound of pixels."""
    left = _REGION_PIXELS
    for region in regions(grey):
        for scale in _SCALES[region.one_way]:
            left -= pixels(region, scale)
            if left < 0:
                return
            view = upright(grey, region, scale)
            yield from _bars(view, scale) if region.one_way else _modules(view, scale)


def _bars(view: View, scale: float) -> Iterator[Look]:
    yield Look(f"level ×{scale}", _placed(_zxing(view.picture, _BARS), view))
    dark = _darker(view.picture)
    yield Look(f"threshold ×{scale}", _placed(_zxing(dark, _BARS), view), doubts=None)
    yield Look(f"light out ×{scale}", _placed(_zxing(_levelled(view.picture), _LINEAR), view), doubts=None)
    if scale == 1.0:
        yield Look("zbar", _placed(_zbar(view.picture), view), doubts=None, confirms=True)


def _modules(view: View, scale: float) -> Iterator[Look]:
    yield Look(f"crop ×{scale}", _placed(_zxing(view.picture, _MATRIX, invert=True), view))


def _thorough(grey: Picture) -> Look:
    view = _scaled(grey, 1)
    codes = _zxing(view.picture, _FORMATS, rotate=True, downscale=True, invert=True)
    return Look("thorough", _placed(codes, view))


def _doubled(grey: Picture) -> Look:
    view = _scaled(grey, 2)
    return Look("doubled", _placed(_zxing(view.picture, _FORMATS), view))


def _thresholded(grey: Picture) -> Look:
    """Doubled, and black is what is darker than its surroundings: small modules in uneven light."""
    view = _scaled(grey, 2)
    return Look("threshold", _placed(_zxing(_darker(view.picture), _FORMATS), view), doubts=None)


def _grey(picture: Picture) -> Picture:
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _as_a_later_frame(grey: Picture, number: int) -> Picture:
    """The same scene with the noise of another moment."""
    noise = np.random.default_rng(number).integers(0, 2 * _NOISE + 1, grey.shape, dtype=np.uint8)
    return np.asarray(cv2.subtract(cv2.add(grey, noise), np.full_like(grey, _NOISE)), np.uint8)


def _scaled(grey: Picture, times: int) -> View:
    """The whole frame, reduced to what slow passes take if it is larger, then enlarged."""
    scale = times * min(1.0, (_MOST_SLOW_PIXELS / grey.size) ** 0.5)
    matrix = np.array([[1 / scale, 0.0, 0.0], [0.0, 1 / scale, 0.0]])
    if scale == 1.0:
        return View(grey, matrix)
    size = max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return View(np.asarray(cv2.resize(grey, size, interpolation=kind), np.uint8), matrix)


def _levelled(grey: Picture) -> Picture:
    """The light taken out: zxing has one threshold a row for linear codes, which brightness spoils."""
    around = cv2.blur(grey, (_LEVELLING_PIXELS, _LEVELLING_PIXELS))
    level = (grey.astype(np.int16) - around) * 2 + 128
    return np.asarray(np.clip(level, 0, 255), np.uint8)


def _darker(grey: Picture) -> Picture:
    kind, around = cv2.ADAPTIVE_THRESH_MEAN_C, _THRESHOLD_PIXELS
    black = cv2.adaptiveThreshold(grey, 255, kind, cv2.THRESH_BINARY, around, _THRESHOLD_LEVELS)
    return np.asarray(black, np.uint8)


def _zxing(
    grey: Picture,
    formats: zxingcpp.BarcodeFormats,
    *,
    rotate: bool = False,
    downscale: bool = False,
    invert: bool = False,
) -> list[Decoded]:
    codes = zxingcpp.read_barcodes(
        grey,
        formats,
        try_rotate=rotate,
        try_downscale=downscale,
        try_invert=invert,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [
        Decoded(
            code.format.name,
            bytes(code.bytes),
            _corners(code.position),
            code.symbology_identifier.removeprefix("]"),
            code.text,
        )
        for code in codes[:_MOST_CODES]
        if code.valid and 0 < len(code.bytes) <= MAX_PAYLOAD
    ]


def _corners(position: zxingcpp.Position) -> tuple[tuple[int, int], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((corner.x, corner.y) for corner in corners)


def _zbar(grey: Picture) -> list[Decoded]:
    """ASCII only: what is beyond it has gone through zbar's own guess at a charset."""
    symbols = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.CODE128])
    return [
        Decoded(_LINEAR_NAME, bytes(symbol.data), tuple((point.x, point.y) for point in symbol.polygon))
        for symbol in symbols[:_MOST_CODES]
        if 0 < len(symbol.data) <= MAX_PAYLOAD and symbol.data.isascii()
    ]


def _placed(codes: Iterable[Decoded], view: View) -> list[Decoded]:
    """With corners in the frame."""
    return [code.with_corners(tuple(view.in_frame(x, y) for x, y in code.corners)) for code in codes]


def _key(code: Decoded) -> _Key:
    return code.format, code.payload


def _overlap(one: Decoded, other: Decoded) -> bool:
    """Whether the upright boxes around them meet."""
    if not one.corners or not other.corners:
        return False
    a, b = np.array(one.corners), np.array(other.corners)
    return bool((a.min(axis=0) <= b.max(axis=0)).all() and (b.min(axis=0) <= a.max(axis=0)).all())
