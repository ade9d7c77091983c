"""Passport numbers: every country has its own form, so only what no passport can hold is doubted."""

import re

from flows.privacy import VEIL

_NUMBER = re.compile(r"[A-Z0-9]{5,15}")


def is_usual(number: str) -> bool:
    """Whether a normalised number looks like one of a passport."""
    return bool(_NUMBER.fullmatch(number))


def mask(number: str) -> str:
    """First two and last two characters; nothing of a number too short to hide."""
    if len(number) < 7:
        return VEIL * len(number)
    return f"{number[:2]}{VEIL * (len(number) - 4)}{number[-2:]}"
