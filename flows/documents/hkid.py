"""Hong Kong identity card numbers: one or two letters, six digits and a check digit in brackets.

The check digit is a weighted sum modulo 11 over eight characters, a one-letter number being led by a space.
One that fits does not prove that the number was issued.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from flows.documents.normal import compact
from flows.privacy import VEIL

_NUMBER = re.compile(r"([A-Z]{1,2})([0-9]{6})(?:\(([0-9A])\)|([0-9A]))?")
_START = re.compile(r"[A-Z]{1,2}[0-9]{0,2}")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


class HkidProblem(StrEnum):
    """Why a text is not an HKID number."""

    FORMAT = "format"
    CHECK_DIGIT_MISSING = "check_digit_missing"
    CHECK_DIGIT = "check_digit"


@dataclass(frozen=True, slots=True)
class Hkid:
    """A number whose check digit fits. `str()` gives the form on the card, `A123456(3)`."""

    letters: str
    digits: str
    check: str

    def __str__(self) -> str:
        return f"{self.letters}{self.digits}({self.check})"


def check_digit(letters: str, digits: str) -> str:
    """The character in brackets, `0`-`9` or `A`, for one or two letters and six digits."""
    values = [36 if char == " " else int(char, 36) for char in letters.rjust(2) + digits]
    remainder = (11 - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True)) % 11) % 11
    return "A" if remainder == 10 else str(remainder)


def parse(text: str) -> Hkid | HkidProblem:
    """Read what a visitor typed: any case, full width, spaces, with or without brackets."""
    match = _NUMBER.fullmatch(compact(text))
    if match is None:
        return HkidProblem.FORMAT
    letters, digits, bracketed, bare = match.groups()
    check = bracketed or bare
    if check is None:
        return HkidProblem.CHECK_DIGIT_MISSING
    if check != check_digit(letters, digits):
        return HkidProblem.CHECK_DIGIT
    return Hkid(letters, digits, check)


def mask(number: str) -> str:
    """The number for a screen that others may see: `A12****(*)`, `AB12****(*)`."""
    start = _START.match(number)
    return f"{start[0] if start else ''}{4 * VEIL}({VEIL})"
