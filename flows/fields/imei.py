"""Serial numbers of mobile phones (3GPP TS 23.003): 15 digits, the last one a Luhn check digit."""

import re

from flows.documents.normal import compact
from flows.messages import Caution

_DIGITS = re.compile(r"[0-9]{14,16}")


def normalise(text: str) -> str:
    """Digits without spaces, hyphens and slashes."""
    return compact(text).replace("/", "")


def doubt(number: str) -> Caution | None:
    """What does not fit. 14 digits lack the check digit, 16 have a software version in its place."""
    if not _DIGITS.fullmatch(number):
        return Caution.IMEI_LENGTH
    if len(number) == 15 and not luhn_fits(number):
        return Caution.IMEI_CHECK_DIGIT
    return None


def luhn_fits(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
