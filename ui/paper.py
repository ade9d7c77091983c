"""A receipt as a picture: `flows.receipt` blocks laid out by Qt and packed to the dots of a receipt printer.

The printer is only ever sent dots, so no text of anybody can act as a printer command, and every script that
the screen can show can be printed. Needs a QGuiApplication (any platform, `offscreen` too) for its fonts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from flows.languages import Language
from flows.receipt import Block, Bullets, ReceiptDocument, Text
from ui.paper_layout import Press, draw_pieces
from ui.paper_text import Piece

_INK_BELOW = 165  # grey levels darker than this become a dot; above half keeps thin strokes whole
_DIGIT_OF_GREY = b"1" * _INK_BELOW + b"0" * (256 - _INK_BELOW)


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


def render(document: ReceiptDocument, *, width_dots: int = 576, dots_per_mm: float = 8.0) -> PaperImage:
    """Lay `document` out for paper of `width_dots` dots; never longer than `MAX_HEIGHT_MM`."""
    if QGuiApplication.instance() is None:
        raise RuntimeError(
            "ui.paper needs a QGuiApplication for its fonts; QT_QPA_PLATFORM=offscreen is enough"
        )
    press = Press(width_dots, dots_per_mm, large_print=document.large_print)
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


def _paint(pieces: Iterable[Piece], width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(Qt.GlobalColor.black))
    draw_pieces(painter, pieces, 0.0)
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
