"""A receipt as a picture: `flows.receipt` blocks laid out by Qt and packed to the dots of a receipt printer.

The printer is only ever sent dots, so no text of anybody can act as a printer command, and every script that
the screen can show can be printed. Needs a QGuiApplication (any platform, `offscreen` too) for its fonts.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import segno
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QTextLayout,
    QTextOption,
)

from flows.languages import Language
from flows.receipt import Block, Bullets, Code, Gap, ReceiptDocument, Reference, Rule, Size, Text

MAX_HEIGHT_MM = 420.0
"""No receipt is longer: a fault or a hostile text must not empty the paper roll."""
MAX_LINES = 14
"""Lines that one paragraph may take before it ends in an ellipsis."""
MAX_CHARACTERS = 1000
"""Characters of one paragraph that are looked at at all; MAX_LINES never holds more."""

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
_ELLIPSIS = "…"
_NEW_LINE = "\u2028"

_STEPS_MM = (2.75, 3.15, 4.0, 5.0, 6.2)
_STEP_OF = {Size.SMALL: 0, Size.BODY: 1, Size.LARGE: 2, Size.TITLE: 3}
_HEADINGS = frozenset({Size.LARGE, Size.TITLE})
_HEADING_SHRINK = 0.7  # a heading rather becomes this much smaller than it takes a second line
_MARGIN_MM = 3.0
_TOP_MM = 2.0
_BOTTOM_MM = 4.0
_RULE_MM = 0.36
_RULE_SPACE_MM = 2.4
_LINE_HEIGHT = 1.36  # of the font size; Chinese lines need air, Latin ones do not suffer
_CODE_SHARE = 0.36  # of the width between the margins
_MIN_MODULE_DOTS = 4
_QUIET_MODULES = 4
_CAPTION_MIN_MM = 24.0  # a narrower caption goes beneath the code
_INK_BELOW = 165  # grey levels darker than this become a dot; above half keeps thin strokes whole
_DIGIT_OF_GREY = b"1" * _INK_BELOW + b"0" * (256 - _INK_BELOW)

Modules = Sequence[Sequence[int]]
"""Rows of a square code; 1 is dark."""


@dataclass(frozen=True, slots=True)
class PaperImage:
    """Dots of a receipt: 1 bit a dot, 1 is black, most significant bit left, rows padded to whole bytes."""

    width: int
    height: int
    bits: bytes

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8


@dataclass(frozen=True, slots=True)
class _Piece:
    """A strip across the paper that is never split. `draw` gets the y of its upper edge."""

    height: float
    draw: Callable[[QPainter, float], None]


@dataclass(frozen=True, slots=True)
class _Column:
    """Where text runs, in dots."""

    left: float
    width: float


def render(document: ReceiptDocument, *, width_dots: int = 576, dots_per_mm: float = 8.0) -> PaperImage:
    """Lay `document` out for paper of `width_dots` dots; never longer than `MAX_HEIGHT_MM`."""
    if QGuiApplication.instance() is None:
        raise RuntimeError(
            "ui.paper needs a QGuiApplication for its fonts; QT_QPA_PLATFORM=offscreen is enough"
        )
    press = _Press(width_dots, dots_per_mm, large_print=document.large_print)
    pieces = press.fit(list(press.pieces(document.blocks)), _last_language(document.blocks))
    height = round(sum(piece.height for piece in pieces))
    return _pack(_paint(pieces, width_dots, height))


def to_png(image: PaperImage) -> bytes:
    """`image` as a 1-bit PNG, black on white."""
    picture = QImage(image.bits, image.width, image.height, image.row_bytes, QImage.Format.Format_Mono)
    picture.setColorTable([0xFFFFFFFF, 0xFF000000])
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes, Qt wants str
    return bytes(data.data())


class _Press:
    """Turns blocks into pieces for one width of paper."""

    def __init__(self, width_dots: int, dots_per_mm: float, *, large_print: bool) -> None:
        self._dots_per_mm = dots_per_mm
        self._larger = 1 if large_print else 0
        margin = _MARGIN_MM * dots_per_mm
        self._page = _Column(margin, width_dots - 2 * margin)

    def pieces(self, blocks: Iterable[Block]) -> Iterator[_Piece]:
        """The strips of the receipt from top to bottom."""
        yield self._gap(_TOP_MM)
        for block in blocks:
            yield from self._block(block)
        yield self._gap(_BOTTOM_MM)

    def fit(self, pieces: list[_Piece], language: Language) -> list[_Piece]:
        """`pieces` as far as the longest receipt reaches; says so on the paper where it cuts."""
        limit = MAX_HEIGHT_MM * self._dots_per_mm
        if sum(piece.height for piece in pieces) <= limit:
            return pieces
        end = [*self._text(Text(_SHORTENED[language], language), self._page), self._gap(_BOTTOM_MM)]
        room = limit - sum(piece.height for piece in end)
        kept: list[_Piece] = []
        for piece in pieces:
            room -= piece.height
            if room < 0:
                break
            kept.append(piece)
        return kept + end

    def _block(self, block: Block) -> Iterable[_Piece]:
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

    def _text(self, block: Text, column: _Column) -> Iterator[_Piece]:
        font = self._font(block.language, block.size, bold=block.bold)
        text = _plain(block.text.replace("\n", _NEW_LINE))
        if block.size in _HEADINGS:
            _fit_on_a_line(text, font, column)
        return _lines(text, font, column, centred=block.centred)

    def _bullets(self, block: Bullets) -> Iterator[_Piece]:
        font = self._font(block.language, Size.BODY, bold=False)
        indent = font.pixelSize() * 1.05
        column = _Column(self._page.left + indent, self._page.width - indent)
        radius = font.pixelSize() * 0.17
        yield _blank(font.pixelSize() * 0.2)
        for line in block.lines:
            text = list(_lines(_plain(line.replace("\n", " ")), font, column, centred=False))
            yield _with_dot(text[0], QPointF(self._page.left + radius, text[0].height / 2), radius)
            yield from text[1:]
            yield _blank(font.pixelSize() * 0.2)

    def _reference(self, block: Reference) -> _Piece:
        text = " ".join(block.digits[start : start + 4] for start in range(0, len(block.digits), 4))
        font = self._font(Language.ENGLISH, Size.TITLE, bold=True)
        font.setPixelSize(100)
        font.setPixelSize(int(100 * self._page.width / QFontMetricsF(font).horizontalAdvance(text)))
        ascent = QFontMetricsF(font).capHeight()
        space = font.pixelSize() * 0.2

        def draw(painter: QPainter, y: float) -> None:
            painter.setFont(font)
            painter.drawText(QPointF(self._page.left, y + space + ascent), text)

        return _Piece(ascent + 2 * space, draw)

    def _code(self, block: Code) -> Iterator[_Piece]:
        code = _qr(block.payload)
        modules = len(code)
        # Its quiet zone lies in the white of the margin, so that the code stands flush with the text.
        share = min(self._page.width * _CODE_SHARE / modules, self._page.left / _QUIET_MODULES)
        module = max(_MIN_MODULE_DOTS, int(share))
        side = module * modules
        quiet = module * _QUIET_MODULES
        left = max(self._page.left, quiet)
        column = _Column(left + side + quiet, self._page.left + self._page.width - left - side - quiet)
        beside = column.width >= _CAPTION_MIN_MM * self._dots_per_mm
        caption = [
            line for text in block.caption for line in self._text(text, column if beside else self._page)
        ]
        caption_height = sum(line.height for line in caption)
        height = max(side, caption_height) if beside else side

        def draw(painter: QPainter, y: float) -> None:
            _draw_modules(painter, code, left, round(y + (height - side) / 2), module)
            if beside:
                _draw_pieces(painter, caption, y + (height - caption_height) / 2)

        yield _blank(quiet)
        yield _Piece(height, draw)
        yield _blank(quiet)
        if not beside:
            yield from caption

    def _rule(self) -> _Piece:
        space = _RULE_SPACE_MM * self._dots_per_mm
        thickness = max(2, round(_RULE_MM * self._dots_per_mm))

        def draw(painter: QPainter, y: float) -> None:
            line = QRectF(self._page.left, round(y + space), self._page.width, thickness)
            painter.fillRect(line, Qt.GlobalColor.black)

        return _Piece(2 * space + thickness, draw)

    def _gap(self, height_mm: float) -> _Piece:
        return _blank(max(0.0, height_mm) * self._dots_per_mm)


def _plain(text: str) -> str:
    """`text` without anything that is not ink: control, format (bidi overrides) and unassigned characters."""
    return "".join(character for character in text if not _is_unprintable(character))


def _is_unprintable(character: str) -> bool:
    # Joiners shape words of some scripts; every other format character only hides or reorders text.
    return unicodedata.category(character).startswith("C") and character not in "\u200c\u200d"


def _lines(text: str, font: QFont, column: _Column, *, centred: bool) -> Iterator[_Piece]:
    """One piece a line, wrapped into `column`; an empty text is one empty line."""
    layout = _wrap(text[:MAX_CHARACTERS], font, column, centred=centred)
    if layout.lineCount() > MAX_LINES or len(text) > MAX_CHARACTERS:
        layout = _wrap(_shortened(layout, column), font, column, centred=centred)
    height = round(font.pixelSize() * _LINE_HEIGHT)
    baseline = round(height * 0.5 + QFontMetricsF(font).capHeight() * 0.5)
    for index in range(min(layout.lineCount(), MAX_LINES)):
        yield _Piece(height, partial(_draw_line, layout, index, column, height, baseline))


def _fit_on_a_line(text: str, font: QFont, column: _Column) -> None:
    """Make `font` smaller if that saves the heading a second line."""
    wanted = font.pixelSize()
    for size in range(wanted, int(wanted * _HEADING_SHRINK), -1):
        font.setPixelSize(size)
        if QFontMetricsF(font).horizontalAdvance(text) <= column.width:
            return
    font.setPixelSize(wanted)


def _wrap(text: str, font: QFont, column: _Column, *, centred: bool) -> QTextLayout:
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


def _shortened(layout: QTextLayout, column: _Column) -> str:
    """The text of `layout`, cut to end in an ellipsis on its last line allowed."""
    last = layout.lineAt(min(layout.lineCount(), MAX_LINES) - 1)
    metrics = QFontMetricsF(layout.font())
    start = last.textStart()
    tail = layout.text()[start : start + last.textLength()].rstrip()
    while tail and metrics.horizontalAdvance(tail + _ELLIPSIS) > column.width:
        tail = tail[:-1]
    return layout.text()[:start] + tail + _ELLIPSIS


def _draw_line(
    layout: QTextLayout, index: int, column: _Column, height: int, baseline: int, painter: QPainter, y: float
) -> None:
    line = layout.lineAt(index)
    painter.save()
    # A tower of combining marks may not reach into other lines.
    painter.setClipRect(QRectF(column.left, y - height * 0.1, column.width, height * 1.2))
    line.draw(painter, QPointF(column.left, round(y) + baseline - line.ascent() - line.y()))
    painter.restore()


def _with_dot(piece: _Piece, centre: QPointF, radius: float) -> _Piece:
    def draw(painter: QPainter, y: float) -> None:
        painter.save()
        painter.setBrush(Qt.GlobalColor.black)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(centre + QPointF(0, y), radius, radius)
        painter.restore()
        piece.draw(painter, y)

    return _Piece(piece.height, draw)


def _blank(height: float) -> _Piece:
    return _Piece(height, lambda _painter, _y: None)


def _qr(payload: str) -> Modules:
    """The modules of a QR code of `payload`, without quiet zone."""
    code: Modules = segno.make_qr(payload, error="m").matrix
    return code


def _draw_modules(painter: QPainter, code: Modules, left: float, top: float, module: int) -> None:
    dark = ((row, column) for row, line in enumerate(code) for column, is_dark in enumerate(line) if is_dark)
    for row, column in dark:
        x, y = round(left) + column * module, round(top) + row * module
        painter.fillRect(x, y, module, module, Qt.GlobalColor.black)


def _draw_pieces(painter: QPainter, pieces: Iterable[_Piece], y: float) -> None:
    for piece in pieces:
        piece.draw(painter, y)
        y += piece.height


def _paint(pieces: Iterable[_Piece], width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(Qt.GlobalColor.black))
    _draw_pieces(painter, pieces, 0.0)
    painter.end()
    return image


def _pack(image: QImage) -> PaperImage:
    """Grey to dots."""
    # numpy would be quicker by 7 ms, but costs every visitor screen 11 MB and 0.2 s until it is ready.
    width, row_bytes = image.width(), (image.width() + 7) // 8
    digits = bytes(image.constBits()).translate(_DIGIT_OF_GREY)
    starts = range(0, len(digits), image.bytesPerLine())
    rows = (digits[start : start + width].ljust(row_bytes * 8, b"0") for start in starts)
    bits = b"".join(int(row, base=2).to_bytes(row_bytes, "big") for row in rows)
    return PaperImage(width, image.height(), bits)


def _last_language(blocks: Iterable[Block]) -> Language:
    """The language that the receipt speaks at its end."""
    languages = [block.language for block in blocks if isinstance(block, Text | Bullets)]
    return languages[-1] if languages else Language.ENGLISH
