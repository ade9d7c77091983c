"""Where a picture may hold lines of a machine readable zone: long, straight, dark on light, of one height.

Many lines of print look like that; whether one is a line of a zone says the recogniser.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

LONG_SIDES = (960, 480)
"""Sizes at which is looked: letters of 6 to 14 pixels are found at each, larger ones so at the second."""
_STEEPEST = 0.34
_HEIGHTS = (3.5, 20.0)
_LEAST_PIECE = 1.6
"""Length by height of a piece, and of a line."""
_LEAST_LINE = 11.0


@dataclass(frozen=True, slots=True)
class Line:
    """A bar that may hold letters, in pixels of the picture: middle y = curve(x) from `left` to `right`.

    `curve` is c2, c1, c0 of a parabola; `height` is that of a capital letter; `solid` is how
    much of the bar was dark.
    """

    left: float
    right: float
    curve: tuple[float, float, float]
    height: float
    solid: float = 0.0

    def middle(self, x: float) -> float:
        """Its y at x."""
        c2, c1, c0 = self.curve
        return (c2 * x + c1) * x + c0

    def slope(self, x: float) -> float:
        """dy/dx at x."""
        return 2 * self.curve[0] * x + self.curve[1]

    @property
    def length(self) -> float:
        """From end to end, along x."""
        return self.right - self.left

    def dark(self) -> float:
        """Length of it that was dark."""
        return self.length * self.solid

    def moved(self, down: float) -> "Line":
        """The same, further down."""
        c2, c1, c0 = self.curve
        return replace(self, curve=(c2, c1, c0 + down))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A connected dark bar: its pixels, ends, centre, direction and thickness."""

    x: Floats
    y: Floats
    left: float
    right: float
    slope: float
    height: float

    def y_at(self, x: float) -> float:
        return float(self.y.mean() + self.slope * (x - self.x.mean()))


def find_lines(grey: Picture, most: int = 12) -> list[Line]:
    """Lines of a grey picture, the most promising first."""
    found: list[Line] = []
    for long_side in LONG_SIDES:
        factor = min(1.0, long_side / max(grey.shape))
        size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
        small = grey if factor == 1.0 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        for line in _joined(_pieces(np.asarray(small, np.uint8))):
            larger = _enlarged(line, 1 / factor)
            same = [other for other in found if _same(larger, other)]
            if all(larger.dark() > other.dark() for other in same):
                found = [other for other in found if other not in same] + [larger]
    return sorted(found, key=lambda line: _promise(line, found), reverse=True)[:most]


def _pieces(grey: Picture) -> list[_Piece]:
    dark = cv2.morphologyEx(cv2.GaussianBlur(grey, (3, 3), 0), cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    around = cv2.blur(dark, (61, 61))
    mask = np.where(dark > np.maximum(9, around.astype(np.float32) * 1.15 + 5), 255, 0).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, 11), np.uint8)), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 7), np.uint8)), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    pieces = []
    wide = [
        number
        for number in range(1, count)
        if stats[number, cv2.CC_STAT_WIDTH] >= 14 and stats[number, cv2.CC_STAT_AREA] >= 50
    ]
    for number in sorted(wide, key=lambda one: -int(stats[one, cv2.CC_STAT_WIDTH]))[:80]:
        left, top, width, height = (int(value) for value in stats[number, :4])
        y, x = np.nonzero(labels[top : top + height, left : left + width] == number)
        piece = _measured(
            x.astype(np.float64) + left, y.astype(np.float64) + top, float(left), float(left + width)
        )
        if piece is not None:
            pieces.append(piece)
    return pieces


def _measured(x: Floats, y: Floats, left: float, right: float) -> _Piece | None:
    """The piece, if it is a bar that is flat and thin enough."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float((dx * dy).mean() / max(float((dx * dx).mean()), 1e-6))
    thickness = float(np.sqrt(12) * np.std(dy - slope * dx) / np.sqrt(1 + slope * slope))
    if abs(slope) > _STEEPEST or not _HEIGHTS[0] <= thickness <= _HEIGHTS[1]:
        return None
    if right - left < _LEAST_PIECE * thickness or len(x) < 0.45 * (right - left) * thickness:
        return None
    return _Piece(x, y, left, right, slope, thickness)


def _joined(pieces: list[_Piece]) -> list[Line]:
    """Pieces that lie in one line, whatever broke it: glare, a finger, a fold."""
    left = sorted(pieces, key=lambda piece: piece.left - piece.right)
    lines = []
    while left:
        group = [left.pop(0)]
        grown = True
        while grown:
            fitting = [piece for piece in left if _continues(group, piece)]
            grown = bool(fitting)
            group += fitting
            left = [piece for piece in left if not any(piece is one for one in fitting)]
        line = _line(group)
        if line.length >= _LEAST_LINE * line.height:
            lines.append(line)
    return lines


def _continues(group: list[_Piece], piece: _Piece) -> bool:
    nearest = min(group, key=lambda one: max(one.left - piece.right, piece.left - one.right))
    longest = group[0]
    gap = max(nearest.left - piece.right, piece.left - nearest.right)
    if not -3 <= gap <= 7 * longest.height or not 0.55 < piece.height / longest.height < 1.8:
        return False
    middle = (piece.left + piece.right) / 2
    guide = longest if longest.right - longest.left > 6 * longest.height else nearest
    return abs(guide.y_at(middle) - piece.y_at(middle)) < 0.5 * longest.height + 0.05 * abs(
        middle - min(max(middle, guide.left), guide.right)
    )


def _line(group: list[_Piece]) -> Line:
    x, y = np.concatenate([piece.x for piece in group]), np.concatenate([piece.y for piece in group])
    left, right = min(piece.left for piece in group), max(piece.right for piece in group)
    middle, half = (left + right) / 2, max(1.0, (right - left) / 2)
    degree = 2 if right - left > 14 * group[0].height else 1
    fitted = np.polyfit((x - middle) / half, y, degree)
    b2, b1, b0 = (0.0, *fitted) if degree == 1 else fitted
    c2, c1 = b2 / half**2, b1 / half
    rest = y - np.polyval(fitted, (x - middle) / half)
    height = float(np.sqrt(12) * rest.std() / np.sqrt(1 + c1 * c1))
    curve = (float(c2), float(c1 - 2 * c2 * middle), float(b0 - c1 * middle + c2 * middle**2))
    solid = len(x) / max(1.0, (right - left) * height)
    return Line(float(left), float(right), curve, height, solid)


def _enlarged(line: Line, factor: float) -> Line:
    c2, c1, c0 = line.curve
    shift = (factor - 1) / 2  # pixels are areas: their middles move too
    curve = (c2 / factor, c1, c0 * factor + shift - c1 * shift)
    return Line(line.left * factor, line.right * factor, curve, line.height * factor, line.solid)


def _same(one: Line, other: Line) -> bool:
    shared = min(one.right, other.right) - max(one.left, other.left)
    if shared < 0.7 * min(one.length, other.length):
        return False
    x = (max(one.left, other.left) + min(one.right, other.right)) / 2
    return abs(one.middle(x) - other.middle(x)) < 0.5 * max(one.height, other.height)


def _promise(line: Line, lines: list[Line]) -> float:
    """Long lines with a neighbour of the same length at the distance of the lines of a zone come first."""
    long = min(line.length / line.height, 48.0)
    x = (line.left + line.right) / 2
    neighbours = sum(
        1
        for other in lines
        if 1.5 < abs(other.middle(x) - line.middle(x)) / line.height < 6.5
        and abs(other.left - line.left) < 0.12 * line.length
        and abs(other.right - line.right) < 0.25 * line.length
        and 0.6 < other.height / line.height < 1.6
    )
    return long + (6.0 * min(neighbours, 2) if long > 20 else 0.0)
