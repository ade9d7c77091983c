"""How a short text falls into lines, decided before it is drawn: nothing alone on its last line.

Qt breaks greedily, so that a heading may end in a line of one character. Chinese may break between any two
characters; where it has punctuation, it should break there.
"""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QFont, QTextLayout, QTextOption

PUNCTUATION = "，。、：；？！）」』》…,.:;?!) \u2028"
_FIRST_OF_CHINESE = "\u2e80"  # all that is written without spaces lies from here on
_MOST_LINES = 4  # a longer text is a paragraph: it is read, not seen at a glance
_ROUNDING = 1.0  # pixels by which widths in QML and here may differ


class LinesBridge(QObject):
    """Asks Qt's own line breaking, with the font that will draw the text."""

    @Slot(str, QFont, float, result=float)
    def spare(self, text: str, font: QFont, width: float) -> float:
        """Pixels to leave free at the right of `width`, so that the lines of `text` end well."""
        lines = lines_of(text, font, width, _MOST_LINES)
        if not 1 < len(lines) <= _MOST_LINES:
            return 0.0
        best, least = width, _ugliness(lines, width)
        for narrow, found in _narrower(text, font, width, len(lines)):
            if _ugliness(found, narrow) < least:
                best, least = narrow, _ugliness(found, narrow)
        return width - best

    @Slot(str, QFont, float, float, result=int)
    def fitting(self, text: str, font: QFont, least: float, width: float) -> int:
        """The largest pixel size, the font's or down to `least` of it, that saves `text` a line."""
        whole = font.pixelSize()
        count = len(lines_of(text, font, width))
        smallest = int(whole * least)
        if count == 1 or len(lines_of(text, _sized(font, smallest), width)) == count:
            return whole
        sizes = range(whole - 1, smallest, -1)
        return next(
            (size for size in sizes if len(lines_of(text, _sized(font, size), width)) < count), smallest
        )


def lines_of(text: str, font: QFont, width: float, most: int | None = None) -> list[str]:
    """The lines into which Qt Quick breaks `text` at `width` pixels; none after the first beyond `most`."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setUseDesignMetrics(True)
    layout.setTextOption(option)
    layout.beginLayout()
    found: list[str] = []
    while (most is None or len(found) <= most) and (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width - _ROUNDING))
        found.append(text[line.textStart() : line.textStart() + line.textLength()])
    layout.endLayout()
    return found


def _narrower(text: str, font: QFont, width: float, count: int) -> Iterator[tuple[float, list[str]]]:
    """Narrower widths in steps of a character at which `text` has `count` lines still."""
    step = max(1, font.pixelSize())
    narrow = width - step
    while narrow > step and len(found := lines_of(text, font, narrow, count)) == count:
        yield narrow, found
        narrow -= step


def _sized(font: QFont, size: int) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(size)
    return sized


def _ugliness(lines: list[str], width: float) -> tuple[int, int, float]:
    """Lone last characters, then torn phrases; then even lines where all break well, else full ones."""
    lone = len(lines[-1].strip(PUNCTUATION)) < 2
    torn = sum(_tears(above, below) for above, below in pairwise(lines))
    return lone, torn, -width if torn else width


def _tears(above: str, below: str) -> bool:
    """Whether a line ends within a phrase. Between Chinese and a number, a space belongs to the phrase."""
    end, start = above.rstrip(" ")[-1:], below[:1]
    if end in PUNCTUATION:
        return False
    return not above.endswith(" ") or (end < _FIRST_OF_CHINESE) != (start < _FIRST_OF_CHINESE)
