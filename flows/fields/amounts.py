"""Numbers as people type them: full width, with thousands commas, with a currency sign."""

import re
import unicodedata
from decimal import Decimal

_WHOLE = re.compile(r"-?[0-9]{1,12}")
_MONEY = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,2}))?")
_CURRENCY = re.compile(r"^(?:HK\$|HKD|\$)|(?:元|HKD)$", re.IGNORECASE)


def parse_whole(text: str) -> int | None:
    """A whole number, or `None`."""
    narrow = _narrow(text)
    return int(narrow) if _WHOLE.fullmatch(narrow) else None


def parse_money(text: str) -> Decimal | None:
    """An amount in dollars with at most two decimals, or `None`; `1,2` is refused rather than guessed at."""
    match = _MONEY.fullmatch(_CURRENCY.sub("", _narrow(text)))
    if match is None:
        return None
    return Decimal(f"{match[1].replace(',', '')}.{match[2] or '0'}")


def money_text(amount: Decimal) -> str:
    """`1200` or `1200.50`."""
    return f"{amount:.2f}".removesuffix(".00")


def _narrow(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:40]).split())
