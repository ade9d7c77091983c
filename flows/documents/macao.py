"""Macao resident identity card numbers: seven digits and one in brackets.

How the last digit is made is not published, so only the form is looked at (docs/assumptions.md).
"""

import re

from flows.documents.normal import compact
from flows.privacy import VEIL

_NUMBER = re.compile(r"([0-9]{7})\(?([0-9])\)?")


def normalise(text: str) -> str:
    """The form on the card, `1234567(8)`; a text of another form only loses its spaces."""
    number = compact(text).replace("/", "")
    match = _NUMBER.fullmatch(number)
    return f"{match[1]}({match[2]})" if match else number


def is_usual(number: str) -> bool:
    """Whether a normalised number has the form of the card."""
    return bool(_NUMBER.fullmatch(number))


def mask(number: str) -> str:
    """First two digits: `12*****(*)`."""
    return f"{number[:2]}{5 * VEIL}({VEIL})"
