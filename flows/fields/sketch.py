"""Drawn lines as text: `x,y x,y;x,y` are two lines, each number from 0 to 1000 of the width or height."""

import re

MOST_CHARACTERS = 20_000
MOST_LINES = 200

_LINES = re.compile(r"[0-9]{1,4},[0-9]{1,4}(?:[ ;][0-9]{1,4},[0-9]{1,4})*")
_NUMBER = re.compile(r"[0-9]+")
_LARGEST = 1000


def is_sketch(text: str) -> bool:
    """Whether `text` is lines and nothing else, of a size that can be drawn again."""
    if len(text) > MOST_CHARACTERS or text.count(";") >= MOST_LINES or not _LINES.fullmatch(text):
        return False
    return all(int(number) <= _LARGEST for number in _NUMBER.findall(text))
