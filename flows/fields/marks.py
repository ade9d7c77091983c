"""Registration marks, accounts and codes as people type them. What looks strange is kept as it is."""

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\-\u2010-\u2015]+")
_HONG_KONG = re.compile(r"(?:[A-HJ-NPR-Z]{2})?[1-9][0-9]{0,3}|AM[1-9][0-9]{0,3}|T[1-9][0-9]{0,3}[A-Z]")
_PERSONALISED = re.compile(r"[A-HJ-NPR-Z0-9]{1,8}")
"""Up to eight letters and digits; I, O and Q are not given out."""

_MAINLAND = re.compile(r"粤Z?[A-Z]?[A-Z0-9]{4,6}[港澳]?|[\u4e00-\u9fff][A-Z][A-Z0-9]{4,6}[港澳挂学警]?")
_MACAO = re.compile(r"[A-Z]{1,2}[0-9]{4}")
_ACCOUNT = re.compile(r"[0-9]{6,34}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def narrow(text: str) -> str:
    """Full-width characters as ordinary ones, capitals, without spaces and hyphens."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()


def plate(text: str) -> str:
    """A registration mark as one word: `AB 1234`, `粤Z AB12港`; one space within may stay."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def is_usual_plate(mark: str) -> bool:
    """Whether a mark looks like one of Hong Kong (also personalised), the Mainland or Macao."""
    joined = narrow(mark)
    return any(form.fullmatch(joined) for form in (_HONG_KONG, _PERSONALISED, _MAINLAND, _MACAO))


def account(text: str) -> str:
    """A bank account with its hyphens, spaces set to one."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_usual_account(number: str) -> bool:
    """Whether it may be the number of an account: 6 to 34 digits, or an IBAN."""
    joined = narrow(number)
    return bool(_ACCOUNT.fullmatch(joined) or _IBAN.fullmatch(joined))
