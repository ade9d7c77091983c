"""Mainland resident identity numbers (GB 11643-1999): 17 digits and an ISO 7064 MOD 11-2 check character."""

import re
from datetime import date
from enum import StrEnum

from flows.privacy import VEIL

_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class MainlandProblem(StrEnum):
    """What is unusual about a number."""

    FORMAT = "format"
    CHECK_DIGIT = "check_digit"


def check_digit(first: str) -> str:
    """The last character for the first 17 digits."""
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first, strict=True)) % 11]


def doubt(number: str) -> MainlandProblem | None:
    """What does not fit in a normalised number: its form, its date of birth, or its check character."""
    if not _NUMBER.fullmatch(number) or not _is_date(number[6:14]):
        return MainlandProblem.FORMAT
    if number[17] != check_digit(number[:17]):
        return MainlandProblem.CHECK_DIGIT
    return None


def mask(number: str) -> str:
    """First three and last two characters; the date of birth within stays hidden."""
    if len(number) < 10:
        return VEIL * len(number)
    return f"{number[:3]}{VEIL * (len(number) - 5)}{number[-2:]}"


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
