"""Invented travel documents as pictures, for development and tests: nobody's, with check digits that fit.

The letters are OCR-B from Debian's `fonts-ocr-b`, which no kiosk in service needs.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from flows.documents.mrz import check_digit

Picture = npt.NDArray[np.uint8]

DOTS_PER_MM = 10
_FONT = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")
_PITCH_MM = 2.54
_LINE_MM = 6.35
_EM_BY_PITCH = 56 / 40.484  # of this font
_SYLLABLES = ("BA", "CHO", "DEL", "FIN", "GRE", "HAU", "JO", "KWO", "LI", "MUN", "NER", "OQ", "PEX", "RIV",
              "SZE", "TAM", "UL", "VY", "WEN", "XIA", "YAU", "ZIG")  # fmt: skip
_ISSUERS = ("UTO", "UTO", "D<<", "CHN", "GBR", "FRA", "JPN")


class Kind(StrEnum):
    """A kind of document."""

    PASSPORT = "passport"
    CARD = "card"
    SMALL_PAGE = "small_page"  # TD2
    VISA = "visa"
    HOME_RETURN_PERMIT = "home_return_permit"
    EXIT_ENTRY_PERMIT = "exit_entry_permit"


@dataclass(frozen=True, slots=True)
class _Paper:
    width_mm: float
    height_mm: float
    paper: tuple[int, int, int]


_PAPERS = {
    Kind.PASSPORT: _Paper(125, 88, (236, 226, 214)),
    Kind.VISA: _Paper(120, 80, (206, 232, 226)),
    Kind.SMALL_PAGE: _Paper(105, 74, (222, 234, 240)),
    Kind.CARD: _Paper(85.6, 54, (238, 230, 206)),
    Kind.HOME_RETURN_PERMIT: _Paper(85.6, 54, (230, 214, 196)),
    Kind.EXIT_ENTRY_PERMIT: _Paper(85.6, 54, (208, 222, 236)),
}


class NoFontError(Exception):
    """Specimens cannot be drawn: the Debian package fonts-ocr-b is missing."""


def specimen(kind: Kind, seed: int) -> tuple[Picture, tuple[str, ...]]:
    """A document (rows, columns, 3), BGR, 10 dots a millimetre, and the lines of its zone.

    The same seed gives the same document. Raises NoFontError.
    """
    random = np.random.default_rng([seed, list(Kind).index(kind)])
    lines = zone_lines(kind, random)
    return drawn(kind, lines, random), lines


def drawn(kind: Kind, lines: tuple[str, ...], random: np.random.Generator) -> Picture:
    """A document with these lines, right or wrong. Raises NoFontError."""
    if not _FONT.exists():
        raise NoFontError("install the Debian package fonts-ocr-b")
    picture = _guilloche(_PAPERS[kind], random)
    _page(picture, random)
    return _printed(picture, lines)


def zone_lines(kind: Kind, random: np.random.Generator) -> tuple[str, ...]:
    """The zone of an invented person's document."""
    birth = _with_digit(_day(random, 30, 99) if random.random() < 0.7 else _day(random, 0, 10))
    expiry = _with_digit(_day(random, 27, 36))
    sex = random.choice(["F", "M", "F", "M", "<"])
    issuer = str(random.choice(_ISSUERS))
    number = _with_digit(_number(random))
    match kind:
        case Kind.PASSPORT:
            optional = _with_digit(_optional(random, 14)) if random.random() < 0.4 else "<" * 14 + "0"
            second = f"{number}{issuer}{birth}{sex}{expiry}{optional}"
            composite = check_digit(number + birth + expiry + optional)
            return f"P<{issuer}{_names(random):<<39}"[:44], second + composite
        case Kind.VISA:
            first = f"V<{issuer}{_names(random):<<39}"[:44]
            return first, f"{number}{issuer}{birth}{sex}{expiry}{_optional(random, 16)}"
        case Kind.SMALL_PAGE:
            optional = _optional(random, 7)
            composite = check_digit(number + birth + expiry + optional)
            return (f"I<{issuer}{_names(random):<<31}"[:36],
                    f"{number}{issuer}{birth}{sex}{expiry}{optional}{composite}")  # fmt: skip
        case Kind.EXIT_ENTRY_PERMIT:
            parts = (_with_digit("C" + _digits(random, 8)), expiry, birth)
            return (f"CS{'<'.join(parts)}<{check_digit(''.join(parts))}",)
        case Kind.HOME_RETURN_PERMIT:
            upper = _with_digit(str(random.choice(["H", "M"])) + _digits(random, 8))
            return _card_lines("CR", "CHN", upper, "<" * 15, (birth, str(sex), expiry), _names(random))
        case Kind.CARD:
            return _card_lines(
                "I<", issuer, number, _optional(random, 15), (birth, str(sex), expiry), _names(random)
            )


def _card_lines(
    code: str, issuer: str, number: str, optional: str, person: tuple[str, str, str], names: str
) -> tuple[str, ...]:
    birth, sex, expiry = person
    second = f"{birth}{sex}{expiry}{issuer}{'<' * 11}"
    composite = check_digit(number + optional + birth + expiry + "<" * 11)
    return f"{code}{issuer}{number}{optional}", second + composite, f"{names:<<30}"[:30]


def _with_digit(text: str) -> str:
    return text + check_digit(text)


def _digits(random: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in random.integers(0, 10, count))


def _number(random: np.random.Generator) -> str:
    letters = "".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), random.integers(0, 3)))
    count = int(random.integers(7, 10)) - len(letters)
    return f"{letters + _digits(random, count):<<9}"


def _optional(random: np.random.Generator, width: int) -> str:
    if random.random() < 0.5:
        return "<" * width
    text = "".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), random.integers(3, width + 1)))
    return f"{text:<<{width}}"


def _names(random: np.random.Generator) -> str:
    def name() -> str:
        return "".join(random.choice(_SYLLABLES, random.integers(1, 4)))

    given = "<".join(name() for _ in range(random.integers(1, 4)))
    return f"{name()}<<{given}"


def _day(random: np.random.Generator, first_year: int, last_year: int) -> str:
    year, month, day = (
        random.integers(first_year, last_year + 1),
        random.integers(1, 13),
        random.integers(1, 29),
    )
    return f"{year:02}{month:02}{day:02}"


# --- drawing ------------------------------------------------------------------------------------------------


def _guilloche(paper: _Paper, random: np.random.Generator) -> Picture:
    """Paper with fine coloured waves."""
    width, height = round(paper.width_mm * DOTS_PER_MM), round(paper.height_mm * DOTS_PER_MM)
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    waves = np.sin((rows + 12 * np.sin(columns / random.uniform(40, 90))) / random.uniform(3, 7))
    more = np.sin((columns + 9 * np.sin(rows / random.uniform(30, 70))) / random.uniform(5, 12))
    tint = (6 * waves + 5 * more)[:, :, None] * np.array([1.0, 0.6, 1.3], np.float32)
    return np.asarray(np.clip(np.array(paper.paper, np.float32) + tint, 0, 255), np.uint8)


def _page(picture: Picture, random: np.random.Generator) -> None:
    """A grey portrait and a few words: a visitor must see that this is a specimen."""
    height, width = picture.shape[:2]
    left, top, right, bottom = width // 20, height // 10, width // 4, height // 2
    cv2.rectangle(picture, (left, top), (right, bottom), (196, 190, 186), -1)
    middle = (left + right) // 2
    cv2.circle(picture, (middle, top + (bottom - top) * 2 // 5), (right - left) // 4, (130, 126, 124), -1)
    cv2.ellipse(picture, (middle, bottom), ((right - left) * 2 // 5, (bottom - top) // 3), 0, 180, 360,
                (130, 126, 124), -1)  # fmt: skip
    for row in range(5):
        place = (right + width // 25, top + (row + 1) * (bottom - top) // 6)
        words = "SPECIMEN" if row == 0 else "".join(random.choice(list("ABCDEFGHIKLMNOPRSTUVWY "), 14))
        cv2.putText(
            picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, height / 700, (90, 60, 60), 2, cv2.LINE_AA
        )


def _printed(picture: Picture, lines: tuple[str, ...]) -> Picture:
    """The zone at the foot of the page, in black."""
    font = ImageFont.truetype(str(_FONT), _PITCH_MM * DOTS_PER_MM * _EM_BY_PITCH)
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    height, width = picture.shape[:2]
    left = (width - len(lines[0]) * _PITCH_MM * DOTS_PER_MM) / 2
    for above, line in enumerate(reversed(lines)):
        pen.text(
            (left, height - (7.5 + above * _LINE_MM) * DOTS_PER_MM), line, (28, 24, 26), font, anchor="lm"
        )
    return np.asarray(image, dtype=np.uint8).copy()
