"""One way to read typed identifiers."""

import unicodedata

_CAPITALS = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212"


def compact(text: str) -> str:
    """`text` in narrow forms and ASCII capitals, without spaces, hyphens and invisible characters.

    Only ASCII is made capital: Python would turn "ß" into "SS" and so invent a letter.
    """
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(char for char in narrow if _counts(char)).translate(_CAPITALS)


def _counts(char: str) -> bool:
    return not char.isspace() and char not in _HYPHENS and not unicodedata.category(char).startswith("C")
