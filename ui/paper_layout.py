"""The layout of a receipt: its blocks as pieces, from top to bottom of the paper."""

from collections.abc import Iterable, Iterator, Sequence

import segno
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from flows.languages import Language
from flows.receipt import Block, Bullets, Code, Gap, Reference, Rule, Size, Text
from ui.paper_text import Column, Piece, fit_on_a_line, lines_of, plain

MAX_HEIGHT_MM = 420.0
"""No receipt is longer: a fault or a hostile text must not empty the paper roll."""

_FAMILIES = {
    Language.TRADITIONAL_CHINESE: ("Noto Sans", "Noto Sans CJK HK"),
    Language.SIMPLIFIED_CHINESE: ("Noto Sans", "Noto Sans CJK SC"),
    Language.ENGLISH: ("Noto Sans", "Noto Sans CJK HK"),
}
_SHORTENED = {
    Language.TRADITIONAL_CHINESE: "……內容太長，餘下部分沒有列印。",
    Language.SIMPLIFIED_CHINESE: "……内容太长，其余部分没有打印。",
    Language.ENGLISH: "… Too long: the rest is not printed.",
}
_NEW_LINE = "\u2028"

_STEPS_MM = (2.75, 3.15, 4.0, 5.0, 6.2)
_STEP_OF = {Size.SMALL: 0, Size.BODY: 1, Size.LARGE: 2, Size.TITLE: 3}
_HEADINGS = frozenset({Size.LARGE, Size.TITLE})
_MARGIN_MM = 3.0
_TOP_MM = 2.0
_BOTTOM_MM = 4.0
_RULE_MM = 0.36
_RULE_SPACE_MM = 2.4
_CODE_SHARE = 0.36  # of the width between the margins
_MIN_MODULE_DOTS = 4
_QUIET_MODULES = 4
_CAPTION_MIN_MM = 24.0  # a narrower caption goes beneath the code

Modules = Sequence[Sequence[int]]
"""Rows of a square code; 1 is dark."""


class Press:
    """Turns blocks into pieces for one width of paper."""

    def __init__(self, width_dots: int, dots_per_mm: float, *, large_print: bool) -> None:
        self._dots_per_mm = dots_per_mm
        self._larger = 1 if large_print else 0
        margin = _MARGIN_MM * dots_per_mm
        self._page = Column(margin, width_dots - 2 * margin)

    def pieces(self, blocks: Iterable[Block]) -> Iterator[Piece]:
        """The strips of the receipt from top to bottom."""
        yield self._gap(_TOP_MM)
        for block in blocks:
            yield from self._block(block)
        yield self._gap(_BOTTOM_MM)

    def fit(self, pieces: list[Piece], language: Language) -> list[Piece]:
        """`pieces` as far as the longest receipt reaches; says so on the paper where it cuts."""
        limit = MAX_HEIGHT_MM * self._dots_per_mm
        if sum(piece.height for piece in pieces) <= limit:
            return pieces
        end = [*self._text(Text(_SHORTENED[language], language), self._page), self._gap(_BOTTOM_MM)]
        room = limit - sum(piece.height for piece in end)
        kept: list[Piece] = []
        for piece in pieces:
            room -= piece.height
            if room < 0:
                break
            kept.append(piece)
        return kept + end

    def _block(self, block: Block) -> Iterable[Piece]:
        match block:
            case Text():
                return self._text(block, self._page)
            case Bullets():
                return self._bullets(block)
            case Reference():
                return (self._reference(block),)
            case Code():
                return self._code(block)
            case Rule():
                return (self._rule(),)
            case Gap():
                return (self._gap(block.height_mm),)

    def _font(self, language: Language, size: Size, *, bold: bool) -> QFont:
        font = QFont(list(_FAMILIES[language]))
        font.setPixelSize(round(_STEPS_MM[_STEP_OF[size] + self._larger] * self._dots_per_mm))
        font.setBold(bold)
        font.setHintingPreference(QFont.HintingPreference.PreferFullHinting)
        return font

    def _text(self, block: Text, column: Column) -> Iterator[Piece]:
        font = self._font(block.language, block.size, bold=block.bold)
        text = plain(block.text.replace("\n", _NEW_LINE))
        if block.size in _HEADINGS:
            fit_on_a_line(text, font, column)
        return lines_of(text, font, column, centred=block.centred)

    def _bullets(self, block: Bullets) -> Iterator[Piece]:
        font = self._font(block.language, Size.BODY, bold=False)
        indent = font.pixelSize() * 1.05
        column = Column(self._page.left + indent, self._page.width - indent)
        radius = font.pixelSize() * 0.17
        yield _blank(font.pixelSize() * 0.2)
        for line in block.lines:
            text = list(lines_of(plain(line.replace("\n", " ")), font, column, centred=False))
            yield _with_dot(text[0], QPointF(self._page.left + radius, text[0].height / 2), radius)
            yield from text[1:]
            yield _blank(font.pixelSize() * 0.2)

    def _reference(self, block: Reference) -> Piece:
        text = " ".join(block.digits[start : start + 4] for start in range(0, len(block.digits), 4))
        font = self._font(Language.ENGLISH, Size.TITLE, bold=True)
        font.setPixelSize(100)
        font.setPixelSize(int(100 * self._page.width / QFontMetricsF(font).horizontalAdvance(text)))
        ascent = QFontMetricsF(font).capHeight()
        space = font.pixelSize() * 0.2

        def draw(painter: QPainter, y: float) -> None:
            painter.setFont(font)
            painter.drawText(QPointF(self._page.left, y + space + ascent), text)

        return Piece(ascent + 2 * space, draw)

    def _code(self, block: Code) -> Iterator[Piece]:
        code = _qr(block.payload)
        modules = len(code)
        # Its quiet zone lies in the white of the margin, so that the code stands flush with the text.
        share = min(self._page.width * _CODE_SHARE / modules, self._page.left / _QUIET_MODULES)
        module = max(_MIN_MODULE_DOTS, int(share))
        side = module * modules
        quiet = module * _QUIET_MODULES
        left = max(self._page.left, quiet)
        column = Column(left + side + quiet, self._page.left + self._page.width - left - side - quiet)
        beside = column.width >= _CAPTION_MIN_MM * self._dots_per_mm
        caption = [
            line for text in block.caption for line in self._text(text, column if beside else self._page)
        ]
        caption_height = sum(line.height for line in caption)
        height = max(side, caption_height) if beside else side

        def draw(painter: QPainter, y: float) -> None:
            _draw_modules(painter, code, left, round(y + (height - side) / 2), module)
            if beside:
                draw_pieces(painter, caption, y + (height - caption_height) / 2)

        yield _blank(quiet)
        yield Piece(height, draw)
        yield _blank(quiet)
        if not beside:
            yield from caption

    def _rule(self) -> Piece:
        space = _RULE_SPACE_MM * self._dots_per_mm
        thickness = max(2, round(_RULE_MM * self._dots_per_mm))

        def draw(painter: QPainter, y: float) -> None:
            line = QRectF(self._page.left, round(y + space), self._page.width, thickness)
            painter.fillRect(line, Qt.GlobalColor.black)

        return Piece(2 * space + thickness, draw)

    def _gap(self, height_mm: float) -> Piece:
        return _blank(max(0.0, height_mm) * self._dots_per_mm)


def _with_dot(piece: Piece, centre: QPointF, radius: float) -> Piece:
    def draw(painter: QPainter, y: float) -> None:
        painter.save()
        painter.setBrush(Qt.GlobalColor.black)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(centre + QPointF(0, y), radius, radius)
        painter.restore()
        piece.draw(painter, y)

    return Piece(piece.height, draw)


def _blank(height: float) -> Piece:
    return Piece(height, lambda _painter, _y: None)


def _qr(payload: str) -> Modules:
    """The modules of a QR code of `payload`, without quiet zone."""
    code: Modules = segno.make_qr(payload, error="m").matrix
    return code


def _draw_modules(painter: QPainter, code: Modules, left: float, top: float, module: int) -> None:
    dark = ((row, column) for row, line in enumerate(code) for column, is_dark in enumerate(line) if is_dark)
    for row, column in dark:
        x, y = round(left) + column * module, round(top) + row * module
        painter.fillRect(x, y, module, module, Qt.GlobalColor.black)


def draw_pieces(painter: QPainter, pieces: Iterable[Piece], y: float) -> None:
    """Draw `pieces` one below the other, the first at `y`."""
    for piece in pieces:
        piece.draw(painter, y)
        y += piece.height
