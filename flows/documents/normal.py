"""One way to read typed identifiers."""

import unicodedata

_CAPITALS = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}


def compact(text: str) -> str:
    """`text` with full-width forms made narrow, ASCII letters made capital, and spaces, hyphens and invisible marks gone.

    Only ASCII is made capital: Python would turn "ß" into "SS" and so invent a letter.
    """
    narrow = unicodedata.normalize("NFKC", text)
    kept = (char for char in narrow if not char.isspace() and char not in "-\u2010\u2011\u2012\u2013\u2014" and unicodedata.category(char)[0] != "C")
    return "".join(kept).translate(_CAPITALS)
