"""Serial numbers of mobile phones (3GPP TS 23.003): 15 digits, the last one a Luhn check digit."""

import re

from flows.documents.normal import compact
from flows.fields import luhn
from flows.messages import Caution

_DIGITS = re.compile(r"[0-9]{14,16}")


def normalise(text: str) -> str:
    """Digits without spaces, hyphens and slashes."""
    return compact(text).replace("/", "")


def doubt(number: str) -> Caution | None:
    """What does not fit. 14 digits lack the check digit, 16 have a software version in its place."""
    if not _DIGITS.fullmatch(number):
        return Caution.IMEI_LENGTH
    if len(number) == 15 and not luhn.fits(number):
        return Caution.IMEI_CHECK_DIGIT
    return None
