"""One picture → the machine readable zone in it. Runs only in child processes.

Lines that may be of a zone are tried, best first: a short look tells whether there are OCR-B characters,
which way up they are and how wide; a long look reads; the other lines are sought above and below.
"""

import time
from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np
import numpy.typing as npt

from devices.camera import mrz_grammar
from devices.camera.mrz_grammar import Zone
from devices.camera.mrz_strip import (
    FULL_WIDTH,
    HEIGHT,
    PITCH,
    PROBE_WIDTH,
    STRIDE,
    Grid,
    Recogniser,
    Span,
    Window,
    cells_of,
    cut,
    grid_of,
    span_of,
)
from devices.camera.zone_lines import Line, find_lines

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

LONGEST_SIDE = 1600
"""Larger pictures are made smaller first; letters of a whole page are large enough then."""
_LETTER_BY_PITCH = 0.98
"""Height of the bar that a line leaves, by the distance of its letters."""
_LINES = {44: 2, 36: 2, 30: 3}
"""Most lines of a zone, by characters a line."""
_TRIED = 12
_SPARE = 3
"""Characters by which a line not seen whole may be put elsewhere."""
_LEAST_SPAN, _WHOLE = 0.7, 0.97
_PART_OF_LINE = 12
_LETTERS, _SOMETHING = 6.0, 1.5
"""Letters seen in a short look: of a zone, and worth another look further along the line."""
_READ_IN_VAIN = 2
"""Lines of a zone from which it was not read; a third one is of the same zone."""
_SPACING = (1.7, 3.3)
"""Distance of two lines by that of two letters; ICAO says 2.5."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture held: a zone that fits, or at least something that is one."""

    zone: Zone | None = None
    is_zone: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A line that was read, and which part of what was seen it is."""

    window: Window
    scores: Floats
    grid: Grid
    span: Span

    def as_wide_as(self, width: int) -> "_Row":
        """The same, taken for a line of so many characters."""
        return replace(self, span=span_of(self.scores, self.grid, width))

    def x(self, number: int) -> float:
        """Place in the picture of a character."""
        return self.window.x(self.grid.place(number))

    def ends(self) -> tuple[float, float]:
        """Middles of its first and last character."""
        return self.x(self.span.start), self.x(self.span.start + self.span.width - 1)

    def y(self) -> float:
        """Its middle."""
        return self.window.line.middle(sum(self.ends()) / 2)

    def pitch(self) -> float:
        """Distance of its characters, in pixels of the picture."""
        return self.grid.pitch() * STRIDE * self.window.scale


class ZoneReader:
    """Reads pictures."""

    def __init__(self) -> None:
        self._recogniser = Recogniser()
        self._turned = False
        """Whether the last zone stood on its side: then that is looked at first."""
        self._start = 0
        """Which line is tried first: the last one that was a zone, or the next after those tried in vain."""

    def read(self, frame: Picture, today: date, budget_s: float) -> Seen:
        """Look at a picture, grey or BGR. When the budget is spent no new attempt is begun."""
        until = time.monotonic() + budget_s
        grey = _grey(frame)
        best = Seen()
        for turned in (self._turned, not self._turned):
            upright = np.ascontiguousarray(np.rot90(grey)) if turned else grey
            seen = self._upright_or_not(upright, today, until)
            if seen.is_zone:
                self._turned = turned
                return seen
            if time.monotonic() > until:
                self._turned = turned if self._start else not turned  # go on there next time
                break
        return best

    # --- one way up, or upside down ---

    def _upright_or_not(self, grey: Picture, today: date, until: float) -> Seen:
        lines = find_lines(grey, _TRIED)
        pyramid = _pyramid(grey)
        best, failed = Seen(), 0
        start = self._start if self._start < len(lines) else 0
        self._start = 0
        for number, line in enumerate(lines[start:] + lines[:start]):
            if number and time.monotonic() > until:  # a slow machine tries one line a frame, never none
                self._start = start + number if start + number < len(lines) else 0
                break
            found = self._probe(pyramid, line)
            if found is None:
                continue
            pitch, over = found
            if over:
                turned = [np.ascontiguousarray(level[::-1, ::-1]) for level in pyramid]
                others = [_turned(one, grey) for one in lines]
                seen = self._from(turned, _turned(line, grey), others, pitch, today)
            else:
                seen = self._from(pyramid, line, lines, pitch, today)
            if seen.zone is not None:
                self._start = (start + number) % len(lines)
                return seen
            failed += seen.is_zone
            best = seen if seen.is_zone else best
            if failed == _READ_IN_VAIN:
                break
        return best

    def _probe(self, pyramid: list[Picture], line: Line) -> tuple[float, bool] | None:
        """Width of a character in pixels, and whether it is upside down; None if this is no zone's line."""
        scale = line.height / _LETTER_BY_PITCH / PITCH
        middle = line.left + line.length / 2
        for part in (0.0, -0.25, 0.25):
            centre = middle + part * line.length
            window = Window(line, centre - PROBE_WIDTH / 2 * scale, scale)
            strip = cut(pyramid, window, PROBE_WIDTH)
            looks = (strip, np.ascontiguousarray(strip[::-1, ::-1]))
            scored = [_ocr_b(self._recogniser.look(look)) for look in looks]
            which = max((0, 1), key=lambda one: scored[one][0])
            score, grid = scored[which]
            if grid is not None and score >= _LETTERS:
                return grid.pitch() * STRIDE * scale, which == 1
            if score < _SOMETHING or line.length < PROBE_WIDTH * scale * 1.5:
                break
        return None

    # --- from one line to the zone ---

    def _from(self, pyramid: list[Picture], line: Line, lines: list[Line], pitch: float, today: date) -> Seen:
        read = self._row(pyramid, line, pitch)
        if read is None:
            return Seen()
        first = max((read.as_wide_as(width) for width in _LINES), key=lambda row: row.span.score)
        if first.span.score < _LEAST_SPAN:
            return Seen(is_zone=_ocr_b(read.scores)[0] >= _PART_OF_LINE)
        first = self._centred(pyramid, first)
        rows = [first]
        for way in (1, -1):
            while len(rows) < _LINES[first.span.width]:
                outer = max(rows, key=lambda row: way * row.y())
                row = self._next(pyramid, outer, lines, way)
                if row is None:
                    break
                rows.append(row)
        rows.sort(key=_Row.y)
        return Seen(mrz_grammar.read_cells(_aligned(rows), today), is_zone=True)

    def _centred(self, pyramid: list[Picture], row: _Row) -> _Row:
        """The same line, read once more if an end of it was cut off."""
        columns = len(row.scores)
        ends = (row.grid.place(row.span.start), row.grid.place(row.span.start + row.span.width - 1))
        if ends[0] > 2 and ends[1] < columns - 3:
            return row
        left, right = row.ends()
        again = self._row(pyramid, replace(row.window.line, left=left, right=right), row.pitch())
        return again.as_wide_as(row.span.width) if again is not None else row

    def _row(self, pyramid: list[Picture], line: Line, pitch: float) -> _Row | None:
        """Read a line with letters so far apart, in pixels; once more if it was not quite so."""
        for _ in range(2):
            norm = float(np.hypot(1, line.slope(line.left + line.length / 2)))
            scale = pitch / PITCH
            window = Window(line, line.left + line.length / 2 - FULL_WIDTH / 2 * scale / norm, scale)
            scores = self._recogniser.look(cut(pyramid, window, FULL_WIDTH))
            grid = grid_of(scores)
            if grid is None:
                return None
            row = _Row(window, scores, grid, Span(grid.first, grid.count, 0.0))
            found = row.pitch()
            centre = (row.x(grid.first) + row.x(grid.last)) / 2
            off = abs(centre - line.left - line.length / 2) * norm / scale
            if 0.93 < found / pitch < 1.07 and off < FULL_WIDTH / 2 - 23 * PITCH:
                return row
            half = (row.x(grid.last) - row.x(grid.first)) / 2
            pitch, line = found, replace(line, left=centre - half, right=centre + half)
        return row

    def _next(self, pyramid: list[Picture], row: _Row, lines: list[Line], way: int) -> _Row | None:
        """The line above or below, found or supposed."""
        line, pitch = row.window.line, row.pitch()
        left, right = row.ends()
        x = (left + right) / 2
        norm = float(np.hypot(1, line.slope(x)))
        found = [
            replace(other, left=left, right=right)
            for other in lines
            if _SPACING[0] < way * (other.middle(x) - line.middle(x)) / pitch / norm < _SPACING[1]
            and other.length > 0.4 * (right - left)
            and other.left < x < other.right
        ]
        supposed = replace(line, left=left, right=right).moved(way * 2.5 * pitch * norm)
        for guess in (*found[:1], supposed):
            read = self._row(pyramid, _snapped(pyramid, guess, pitch), pitch)
            if read is None or read.grid.regular < 0.6:
                continue
            wide = read.as_wide_as(row.span.width)
            if wide.span.score >= _LEAST_SPAN:
                return wide
        return None


def _ocr_b(scores: Floats) -> tuple[float, Grid | None]:
    """How many characters are surely seen on a grid."""
    grid = grid_of(scores)
    if grid is None or grid.regular < 0.7:
        return 0.0, None
    cells = cells_of(scores, grid, grid.first, grid.count)
    sure = np.exp(cells.max(axis=1))
    return float((sure > 0.6).sum() * grid.regular - 0.7 * (sure < 0.4).sum()), grid


def _aligned(rows: list[_Row]) -> list[Floats]:
    """Cells of each line; lines begin below one another: the one seen best shows where the others begin."""
    surest = max(rows, key=lambda row: row.span.score)
    cells = []
    for row in rows:
        start = row.span.start
        line = surest.window.line
        down = row.y() - surest.y()
        left = surest.ends()[0] - line.slope(surest.ends()[0]) * down
        if row.span.score < _WHOLE:
            near = range(start - _SPARE, start + _SPARE + 1)
            start = min(near, key=lambda number: abs(row.x(number) - left))
        cells.append(cells_of(row.scores, row.grid, start, row.span.width))
    return cells


def _snapped(pyramid: list[Picture], line: Line, pitch: float) -> Line:
    """The line moved and tilted to where the letters are, within half a letter."""
    scale = pitch / PITCH
    width = int(min(1200, max(64, line.length / scale)))
    strip = cut(pyramid, Window(line, line.left, scale), width)
    wide = np.abs(np.diff(strip.astype(np.float32), axis=1))
    rows = np.arange(HEIGHT) - (HEIGHT - 1) / 2
    places, centres, weights = [], [], []
    for part in np.array_split(np.arange(wide.shape[1]), 6):
        energy = wide[:, part].mean(axis=1)
        energy = np.maximum(0, energy - np.percentile(energy, 25))
        if energy.sum() > 0:
            places.append(part.mean() / width - 0.5)
            centres.append(float((rows * energy).sum() / energy.sum()))
            weights.append(float(energy.sum()))
    if len(places) < 4:
        return line
    tilt, down = np.polyfit(places, centres, 1, w=weights)
    c2, c1, c0 = line.curve
    middle = line.left + line.length / 2
    change = tilt * scale / max(1.0, line.length)
    return replace(line, curve=(c2, c1 + change, c0 + down * scale - change * middle))


def _turned(line: Line, grey: Picture) -> Line:
    """The same line in the picture turned by 180°."""
    height, width = grey.shape
    c2, c1, c0 = line.curve
    last = width - 1
    curve = (-c2, 2 * c2 * last + c1, height - 1 - (c2 * last + c1) * last - c0)
    return replace(line, left=last - line.right, right=last - line.left, curve=curve)


def _grey(frame: Picture) -> Picture:
    grey = frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    factor = LONGEST_SIDE / max(grey.shape)
    if factor < 1:
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)


def _pyramid(grey: Picture) -> list[Picture]:
    levels = [grey]
    for _ in range(2):
        last = levels[-1]
        if min(last.shape) < 64:
            break
        levels.append(
            np.asarray(cv2.resize(last, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        )
    return levels
