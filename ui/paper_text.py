"""Text on paper: cleaned of what is not ink, wrapped into a column, a piece for each line."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

MAX_LINES = 14
"""Lines that one paragraph may take before it ends in an ellipsis."""
MAX_CHARACTERS = 1000
"""Characters of one paragraph that are looked at at all; MAX_LINES never holds more."""

_ELLIPSIS = "…"
_HEADING_SHRINK = 0.7  # a heading rather becomes this much smaller than it takes a second line
_LINE_HEIGHT = 1.36  # of the font size; Chinese lines need air, Latin ones do not suffer


@dataclass(frozen=True, slots=True)
class Piece:
    """A strip across the paper that is never split. `draw` gets the y of its upper edge."""

    height: float
    draw: Callable[[QPainter, float], None]


@dataclass(frozen=True, slots=True)
class Column:
    """Where text runs, in dots."""

    left: float
    width: float


def plain(text: str) -> str:
    """`text` without anything that is not ink: control, format (bidi overrides) and unassigned characters."""
    return "".join(character for character in text if not _is_unprintable(character))


def _is_unprintable(character: str) -> bool:
    # Joiners shape words of some scripts; every other format character only hides or reorders text.
    return unicodedata.category(character).startswith("C") and character not in "\u200c\u200d"


def lines_of(text: str, font: QFont, column: Column, *, centred: bool) -> Iterator[Piece]:
    """One piece a line, wrapped into `column`; an empty text is one empty line."""
    layout = _wrap(text[:MAX_CHARACTERS], font, column, centred=centred)
    if layout.lineCount() > MAX_LINES or len(text) > MAX_CHARACTERS:
        layout = _wrap(_shortened(layout, column), font, column, centred=centred)
    height = round(font.pixelSize() * _LINE_HEIGHT)
    baseline = round(height * 0.5 + QFontMetricsF(font).capHeight() * 0.5)
    for index in range(min(layout.lineCount(), MAX_LINES)):
        yield Piece(height, partial(_draw_line, layout, index, column, height, baseline))


def fit_on_a_line(text: str, font: QFont, column: Column) -> None:
    """Make `font` smaller if that saves the heading a second line."""
    wanted = font.pixelSize()
    for size in range(wanted, int(wanted * _HEADING_SHRINK), -1):
        font.setPixelSize(size)
        if QFontMetricsF(font).horizontalAdvance(text) <= column.width:
            return
    font.setPixelSize(wanted)


def _wrap(text: str, font: QFont, column: Column, *, centred: bool) -> QTextLayout:
    """`text` in lines; no more than one line above MAX_LINES is looked for."""
    layout = QTextLayout(text, font)
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    while layout.lineCount() <= MAX_LINES and (line := layout.createLine()).isValid():
        line.setLineWidth(column.width)
    layout.endLayout()
    return layout


def _shortened(layout: QTextLayout, column: Column) -> str:
    """The text of `layout`, cut to end in an ellipsis on its last line allowed."""
    last = layout.lineAt(min(layout.lineCount(), MAX_LINES) - 1)
    metrics = QFontMetricsF(layout.font())
    start = last.textStart()
    tail = layout.text()[start : start + last.textLength()].rstrip()
    while tail and metrics.horizontalAdvance(tail + _ELLIPSIS) > column.width:
        tail = tail[:-1]
    return layout.text()[:start] + tail + _ELLIPSIS


def _draw_line(
    layout: QTextLayout, index: int, column: Column, height: int, baseline: int, painter: QPainter, y: float
) -> None:
    line = layout.lineAt(index)
    painter.save()
    # A tower of combining marks may not reach into other lines.
    painter.setClipRect(QRectF(column.left, y - height * 0.1, column.width, height * 1.2))
    line.draw(painter, QPointF(column.left, round(y) + baseline - line.ascent() - line.y()))
    painter.restore()
