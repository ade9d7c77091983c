"""How a short text falls into lines, decided before it is drawn: nothing alone on its last line.

Qt breaks greedily, so that a heading may end in a line of one character. Chinese may break between any two
characters; where it has punctuation, it should break there.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QFont, QTextLayout, QTextOption

_STEPS = 24
_MOST_LINES = 4  # a longer text is a paragraph: it is read, not seen at a glance
PUNCTUATION = "，。、：；？！）」』》…,.:;?!) \u2028"
_ROUNDING = 1.0  # pixels by which widths in QML and here may differ


class LinesBridge(QObject):
    """Asks Qt's own line breaking, with the font that will draw the text."""

    @Slot(str, QFont, float, result=float)
    def spare(self, text: str, font: QFont, width: float) -> float:
        """Pixels to leave free at the right of `width`, so that the lines of `text` end well."""
        lines = lines_of(text, font, width)
        if not 1 < len(lines) <= _MOST_LINES:
            return 0.0
        widths = [width * (1 - step / (2 * _STEPS)) for step in range(_STEPS)]
        choices = {narrow: lines_of(text, font, narrow) for narrow in widths}
        same = {narrow: found for narrow, found in choices.items() if len(found) == len(lines)}
        best = min(same, key=lambda narrow: _ugliness(same[narrow], narrow))
        return width - best

    @Slot(str, QFont, float, float, result=int)
    def fitting(self, text: str, font: QFont, least: float, width: float) -> int:
        """The largest pixel size, the font's or down to `least` of it, that saves `text` a line."""
        return _fitting(font, least, lambda sized: len(lines_of(text, sized, width)))


def _fitting(font: QFont, least: float, count: Callable[[QFont], int]) -> int:
    whole = font.pixelSize()
    sizes = range(whole, int(whole * least) - 1, -1)
    lines = count(font)
    return next((size for size in sizes if count(_sized(font, size)) < lines), whole) if lines > 1 else whole


def _sized(font: QFont, size: int) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(size)
    return sized


def lines_of(text: str, font: QFont, width: float) -> list[str]:
    """The lines into which Qt Quick breaks `text` at `width` pixels."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setUseDesignMetrics(True)
    layout.setTextOption(option)
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width - _ROUNDING))
        found.append(text[line.textStart() : line.textStart() + line.textLength()])
    layout.endLayout()
    return found


def _ugliness(lines: list[str], width: float) -> tuple[int, int, float]:
    """Lone last characters, then torn phrases; then even lines where all break well, else full ones."""
    lone = len(lines[-1].strip(PUNCTUATION)) < 2
    torn = sum(not line.endswith(tuple(PUNCTUATION)) for line in lines[:-1])
    return lone, torn, -width if torn else width
