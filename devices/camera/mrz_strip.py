"""One line of a zone: a straight strip cut out of the picture, and what the recogniser sees in it.

The recogniser is our own (benchmarks/mrz/train.py): every fourth column of a strip of 32 rows gets a
probability for each of 37 characters and for "no middle of a character". The characters of a zone stand at
equal distances, so a grid laid over the columns counts them, fillers too.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from devices.camera.zone_lines import Line

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
BLANK = len(ALPHABET)
MODEL = Path(__file__).parent / "mrz_model.onnx"
HEIGHT, STRIDE = 32, 4
FULL_WIDTH, PROBE_WIDTH = 864, 288
PITCH = 17.0
"""Width of a character in a strip, in pixels: what the recogniser likes best."""
_PITCHES = (2.4, 7.0)  # of a grid, in columns
_SEEN = 0.5
_BESIDE, _STRAY = 4, 0.3
"""Places looked at on each side of a line, and what something there costs."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Middles of the characters in columns of the recogniser: `place(i)` for i from `first` to `last`."""

    curve: tuple[float, float, float]
    first: int
    last: int
    regular: float
    """Part of the seen characters that stand on it."""

    @property
    def count(self) -> int:
        """Characters seen."""
        return self.last - self.first + 1

    def place(self, number: int) -> float:
        """Column of a character."""
        c2, c1, c0 = self.curve
        return (c2 * number + c1) * number + c0

    def pitch(self) -> float:
        """Mean distance, in columns."""
        return (self.place(self.last) - self.place(self.first)) / max(1, self.count - 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the picture a strip is: `scale` picture pixels a strip pixel, from `left` on."""

    line: Line
    left: float
    scale: float

    def x(self, column: float) -> float:
        """Place in the picture of a column of the recogniser."""
        middle = self.line.left + self.line.length / 2
        slope = self.line.slope(middle)
        return self.left + (column * STRIDE + (STRIDE - 1) / 2) * self.scale / float(np.hypot(1, slope))


class Recogniser:
    """The net, for strips of two widths."""

    def __init__(self) -> None:
        model = np.fromfile(MODEL, np.uint8)
        self._nets = {width: cv2.dnn.readNetFromONNX(model) for width in (FULL_WIDTH, PROBE_WIDTH)}

    def look(self, strip: Picture) -> Floats:
        """Logarithms of the probabilities (columns, 38) of a strip of one of the two widths."""
        pixels = strip.astype(np.float32)
        pixels = (pixels - pixels.mean()) / max(8.0, float(pixels.std()))
        net = self._nets[strip.shape[1]]
        net.setInput(pixels[None, None])
        return np.asarray(net.forward()[0, :, 0].T, np.float64)


def cut(pyramid: list[Picture], window: Window, width: int) -> Picture:
    """The strip (HEIGHT, width). `pyramid` is the grey picture, then halved, and halved again."""
    level = min(len(pyramid) - 1, max(0, round(float(np.log2(max(window.scale, 1e-3))) - 0.2)))
    line, factor = window.line, 0.5**level
    slope = line.slope(line.left + line.length / 2)
    norm = float(np.hypot(1, slope))
    x = window.left + np.arange(width) * window.scale / norm
    y = (line.curve[0] * x + line.curve[1]) * x + line.curve[2]
    across = (np.arange(HEIGHT) - (HEIGHT - 1) / 2)[:, None] * window.scale / norm
    map_x = (x[None, :] - across * slope + 0.5) * factor - 0.5
    map_y = (y[None, :] + across + 0.5) * factor - 0.5
    strip = cv2.remap(pyramid[level], map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(strip, np.uint8)


def grid_of(log_probabilities: Floats) -> Grid | None:
    """The grid on which the characters stand; None if too few are seen or they stand anyhow."""
    places, weights = _peaks(log_probabilities)
    if len(places) < 6:
        return None
    gaps = np.diff(places)
    fair = gaps[(gaps > _PITCHES[0]) & (gaps < _PITCHES[1])]
    if len(fair) < 5:
        return None
    pitch = float(np.median(fair))
    numbers = _numbers(places, pitch)
    curve = _fitted(numbers, places, weights, pitch)
    on = np.abs(np.polyval(curve, numbers) - places) < 0.25 * pitch
    if on.sum() < 6:
        return None
    curve = _fitted(numbers[on], places[on], weights[on], pitch)
    kept = numbers[on]
    c2, c1, c0 = (float(value) for value in curve)
    return Grid((c2, c1, c0), int(kept.min()), int(kept.max()), float(on.mean()))


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a grid that is a line of `width` characters, and how well it is: 1 is seen whole, alone."""

    start: int
    width: int
    score: float


def span_of(log_probabilities: Floats, grid: Grid, width: int) -> Span:
    """The best place for a line of that many characters: seen within, and nothing beside it.

    Strays beside a line (the edge of a page, a printed page below) often stand on its grid.
    """
    numbers = np.arange(grid.first - width, grid.last + width + 1)
    columns = np.rint([grid.place(int(number)) for number in numbers]).astype(int)
    within = (columns >= 0) & (columns < len(log_probabilities))
    seen = np.zeros(len(numbers))
    seen[within] = 1 - np.exp(log_probabilities[columns[within], BLANK])
    summed = np.concatenate([[0.0], np.cumsum(np.pad(seen, _BESIDE))])
    starts = np.arange(len(numbers) - width + 1)
    inside = (summed[starts + _BESIDE + width] - summed[starts + _BESIDE]) / width
    before = summed[starts + _BESIDE] - summed[starts]
    after = summed[starts + 2 * _BESIDE + width] - summed[starts + _BESIDE + width]
    scores = inside - _STRAY * (before + after) / _BESIDE
    best = int(scores.argmax())
    return Span(int(numbers[best]), width, float(scores[best]))


def cells_of(log_probabilities: Floats, grid: Grid, first: int, count: int) -> Floats:
    """Logarithms of the probabilities (count, 37) of the characters from number `first` on."""
    columns = np.arange(len(log_probabilities))
    cells = np.empty((count, BLANK))
    reach = max(0.8, 0.2 * grid.pitch())
    for number in range(count):
        near = np.abs(columns - grid.place(first + number)) <= reach
        if not near.any():
            cells[number] = -9.0
            continue
        cells[number] = log_probabilities[near, :BLANK].max(axis=0)
    return cells


def _peaks(log_probabilities: Floats) -> tuple[Floats, Floats]:
    """Middles of the runs of columns that hold a character, in columns, and how sure they are."""
    seen = 1 - np.exp(log_probabilities[:, BLANK])
    best = log_probabilities[:, :BLANK].argmax(axis=1)
    places, weights = [], []
    start = 0
    for column in range(len(seen) + 1):
        ended = (
            column == len(seen)
            or seen[column] < _SEEN
            or (column > start and best[column] != best[column - 1])
        )
        if not ended:
            continue
        if column > start:
            mass = seen[start:column]
            places.append(float((np.arange(start, column) * mass).sum() / mass.sum()))
            weights.append(float(mass.max()))
        start = column if column < len(seen) and seen[column] >= _SEEN else column + 1
    return np.array(places), np.array(weights)


def _numbers(places: Floats, pitch: float) -> Floats:
    """Number of each peak, counted from its neighbours: gaps are whole pitches, more or less."""
    numbers = [0.0]
    for before, after in pairwise(places):
        numbers.append(numbers[-1] + round((after - before) / pitch))
    return np.array(numbers)


def _fitted(numbers: Floats, places: Floats, weights: Floats, pitch: float) -> Floats:
    """Parabola through the peaks, robust against strays."""
    degree = 2 if len(numbers) >= 16 else 1
    trust = weights.copy()
    curve = np.array([0.0, pitch, places[0]])
    for _ in range(4):
        fitted = np.polyfit(numbers, places, degree, w=trust)
        curve = np.concatenate([np.zeros(3 - len(fitted)), fitted])
        off = np.abs(np.polyval(curve, numbers) - places) / pitch
        trust = weights / (1 + (off / 0.12) ** 2)
    return curve
