"""Numbers of bank cards inside a text: the kiosk must never keep one."""

import re
import unicodedata

from flows.fields import luhn

_CARD = re.compile(
    r"""
    3[47][0-9]{13}                      # American Express; a mobile phone's 15 digits begin otherwise
  | 3(?:0[0-5]|[689][0-9])[0-9]{11,16}  # Diners Club
  | 35[2-8][0-9]{13,16}                 # JCB
  | 4[0-9]{12}(?:[0-9]{3}){0,2}         # Visa
  | (?:5[1-5]|2[2-7])[0-9]{14}          # Mastercard
  | (?:50|5[6-9]|6[0-9]|81)[0-9]{14,17} # UnionPay, Discover, Maestro
    """,
    re.VERBOSE,
)
_MOST_DIGITS = 19
_RUN = re.compile(r"[0-9]+(?:[ .\-\u2010-\u2015]{1,2}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")


def is_in(text: str) -> bool:
    """Whether the number of a payment card stands in `text`: 13 to 19 digits as the networks give them, in
    groups or not, with a right check digit.
    """
    return any(_has_card(_GROUP.findall(run)) for run in _RUN.findall(unicodedata.normalize("NFKC", text)))


def _has_card(groups: list[str]) -> bool:
    """Only whole groups make a number: part of a longer one is something else."""
    return any(
        _CARD.fullmatch(digits) and luhn.fits(digits)
        for start in range(len(groups))
        for digits in _beginnings(groups[start:])
    )


def _beginnings(groups: list[str]) -> list[str]:
    """The first group, the first two together, and so on, as long as they may be a card."""
    joined = [""]
    for group in groups:
        if len(joined[-1]) + len(group) > _MOST_DIGITS:
            break
        joined.append(joined[-1] + group)
    return joined[1:]
