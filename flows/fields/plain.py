"""Visitors' text made safe to store and to show, without changing a word of it."""

import re
import unicodedata

_LINE_ENDS = re.compile(r"\r\n|[\r\u0085\u2028\u2029]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_JOINERS = "\u200c\u200d"  # Urdu and Nepali spelling, emoji of several parts
_MOST_MARKS = 4  # more marks on one letter paint over the lines around it


def storable(text: str) -> str:
    """`text` as typed, except that half characters, which no encoding can hold, become U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def plain(text: str) -> str:
    """`text` for screen and paper: no control, no bidi override, no invisible character, no tower of marks.

    Line ends become newlines and tabs spaces. All scripts, HKSCS, private-use characters and emoji stay.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for char in _LINE_ENDS.sub("\n", storable(text)).replace("\t", " "):
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS and _is_shown(char, category):
            shown.append(char)
    return "".join(shown)


def is_blank(text: str) -> bool:
    """Whether nothing of `text` would be seen."""
    if text.isprintable() and text.strip():
        return False
    return not plain(text).strip()


def unbroken(number: str) -> str:
    """A telephone number that stays on one line."""
    return number.replace(" ", "\u00a0")


def bounded(text: str, max_length: int) -> str:
    """At most `max_length` code points, so four times as many bytes; never cut inside a character."""
    if len(text) <= max_length:
        return text
    end = max_length
    while end > 0 and _continues(text[end - 1], text[end]):
        end -= 1
    return text[: end or max_length]


def _is_shown(char: str, category: str) -> bool:
    if char == "\n" or char in _JOINERS:
        return True
    return category not in ("Cc", "Cf", "Cs") and not _is_noncharacter(ord(char))


def _is_noncharacter(code_point: int) -> bool:
    return code_point & 0xFFFE == 0xFFFE or 0xFDD0 <= code_point <= 0xFDEF


def _continues(last: str, following: str) -> bool:
    """Whether `following` is drawn as part of the character that ends with `last`."""
    return last == "\u200d" or following == "\u200d" or unicodedata.category(following) in ("Mn", "Me", "Mc")
