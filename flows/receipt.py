"""The receipt as a document: typed blocks that `ui.paper` lays out and prints as one picture.

Blocks hold plain text only; nothing in them is ever markup or a printer command. A receipt carries the
reference and item categories, never a name or a document number.
"""

from dataclasses import dataclass
from enum import StrEnum

from flows.languages import Language


class Size(StrEnum):
    """Text sizes on paper."""

    SMALL = "small"
    BODY = "body"
    LARGE = "large"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph in one language."""

    text: str
    language: Language
    size: Size = Size.BODY
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference number, as large as the paper allows. `digits` is twelve digits without spaces."""

    digits: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; each line is one point."""

    lines: tuple[str, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `payload` with a caption beside it."""

    payload: str
    caption: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty paper, in millimetres."""

    height_mm: float


Block = Text | Reference | Bullets | Code | Rule | Gap


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A receipt from top to bottom. `large_print` prints every size one step larger."""

    blocks: tuple[Block, ...]
    large_print: bool = False
