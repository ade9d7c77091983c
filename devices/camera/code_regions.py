"""Where in a frame a code may be, and upright views of these places.

Bars and modules are edges close together. The structure tensor (squares of the gradient, summed over a
neighbourhood) tells how many edges there are and whether they all point one way: those of linear codes and
PDF417 do, and which way tells how to turn them level.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""Grey (rows, columns)."""

_CELL = 8
"""Pixels of a frame to the side of a cell, the unit in which places are found."""
_MOST_COLUMNS = 1920
"""Places in wider pictures are looked for in larger cells, so that they cost no more."""
_NEIGHBOURHOOD = 5
_LEAST_EDGES = 400.0
_EDGES_OF_STRONGEST = 0.12
_ONE_WAY = 0.35
"""0: edges in all directions; 1: all in one."""
_LEAST_CELLS = 6
_QUIET_PIXELS = 16
_QUIET_PART = 0.06

Grid = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A place in a frame: `one_way` says that its edges point one way, at `angle` radians from level."""

    angle: float
    points: npt.NDArray[np.float64]
    """Middles of its cells (n, 2) as x, y in pixels of the frame."""
    cell: int
    one_way: bool


@dataclass(frozen=True, slots=True)
class View:
    """A part of a frame, and the affine map (2, 3) from its pixels to those of the frame."""

    picture: Picture
    matrix: npt.NDArray[np.float64]

    def in_frame(self, x: float, y: float) -> tuple[int, int]:
        """The same point in the frame."""
        where = self.matrix @ (x, y, 1.0)
        return round(float(where[0])), round(float(where[1]))


def regions(grey: Picture) -> Iterator[Region]:
    """At most four whose edges point one way, then three of any kind; those with most edges first."""
    cell = _CELL * max(1, math.ceil(grey.shape[1] / _MOST_COLUMNS))
    if min(grey.shape) < 2 * cell:
        return
    across, down, both = _structure(grey, cell)
    edges = across + down
    least = max(_LEAST_EDGES, _EDGES_OF_STRONGEST * float(np.percentile(edges, 99.5)))
    one_way = np.hypot(across - down, 2 * both) > _ONE_WAY * edges
    for place in _places((edges > least) & one_way, edges, 4):
        twice = math.atan2(2 * float(both[place].sum()), float((across - down)[place].sum()))
        yield Region(twice / 2, _middles(place, cell), cell, one_way=True)
    for place in _places(edges > least, edges, 3):
        yield Region(0.0, _middles(place, cell), cell, one_way=False)


def upright(grey: Picture, region: Region, scale: float) -> View:
    """The region turned level with quiet paper around it, `scale` times as large."""
    cos, sin = math.cos(region.angle), math.sin(region.angle)
    turned = region.points @ np.array([[cos, -sin], [sin, cos]])
    low, high = turned.min(axis=0) - region.cell, turned.max(axis=0) + region.cell
    quiet = np.array([_QUIET_PIXELS + _QUIET_PART * (high - low)[0], _QUIET_PIXELS])
    low, high = low - quiet, high + quiet
    left, top = low
    matrix = np.array(
        [
            [cos / scale, -sin / scale, cos * left - sin * top],
            [sin / scale, cos / scale, sin * left + cos * top],
        ]
    )
    width, height = np.ceil((high - low) * scale).astype(int)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(
        grey, matrix, (int(width), int(height)), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return View(np.asarray(picture, np.uint8), matrix)


def pixels(region: Region, scale: float) -> int:
    """About how many pixels its view will have."""
    width, height = np.ptp(region.points, axis=0) + 2 * (_QUIET_PIXELS + region.cell)
    return int(width * height * scale * scale)


def _structure(grey: Picture, cell: int) -> tuple[Grid, Grid, Grid]:
    """Sums over neighbourhoods of gxx, gyy and gxy, a value a cell. Half of the resolution will do."""
    half = cv2.resize(grey, (grey.shape[1] // 2, grey.shape[0] // 2), interpolation=cv2.INTER_AREA)
    x, y = cv2.Sobel(half, cv2.CV_32F, 1, 0), cv2.Sobel(half, cv2.CV_32F, 0, 1)
    size = grey.shape[1] // cell, grey.shape[0] // cell

    def summed(values: Any) -> Grid:
        cells = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.blur(cells, (_NEIGHBOURHOOD, _NEIGHBOURHOOD)), np.float32)

    return summed(x * x), summed(y * y), summed(x * y)


def _places(cells: npt.NDArray[np.bool_], edges: Grid, most: int) -> list[npt.NDArray[np.bool_]]:
    """Connected cells, those with most edges first."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8))
    sums = np.bincount(labels.ravel(), edges.ravel(), count)
    large = [n for n in range(1, count) if facts[n, cv2.CC_STAT_AREA] >= _LEAST_CELLS]
    return [labels == n for n in sorted(large, key=lambda n: -sums[n])[:most]]


def _middles(place: npt.NDArray[np.bool_], cell: int) -> npt.NDArray[np.float64]:
    return np.asarray((np.argwhere(place)[:, ::-1] + 0.5) * cell, np.float64)
