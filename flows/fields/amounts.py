"""Numbers as people type them: full width, with thousands commas, with a currency sign."""

import re
import unicodedata
from decimal import Decimal

CENTS = 2
COIN_PARTS = 8
"""Digits after the point: of money, and of coins that are kept by computers."""

HONG_KONG_DOLLAR = "HKD"
OTHER = "other"
"""The choice of a currency that is not among the others."""

_COINS = frozenset({"USDT", "BTC", "ETH"})
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_MONEY = re.compile(r"(?=\.?[0-9])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{0,12})(?:\.([0-9]{0,20}))?")
_CURRENCY = re.compile(r"^(?:HK\$|HKD|\$)|(?:元|HKD)$", re.IGNORECASE)


def parse_whole(text: str) -> int | None:
    """A whole number, or `None`."""
    narrow = _narrow(text)
    return int(narrow) if _WHOLE.fullmatch(narrow) else None


def parse_money(text: str) -> Decimal | None:
    """An amount with all digits typed after its point, or `None`; `1,2` is refused, not guessed at."""
    match = _MONEY.fullmatch(_CURRENCY.sub("", _narrow(text)))
    if match is None:
        return None
    return Decimal(f"{match[1].replace(',', '') or '0'}.{match[2] or '0'}")


def places(amount: Decimal) -> int:
    """How many digits after the point `amount` needs: none for `3.00`."""
    return len(f"{amount:f}".partition(".")[2].rstrip("0"))


def places_of(currency: str) -> int:
    """How many digits after the point a currency takes, by its code; any other may be a coin as well."""
    return COIN_PARTS if currency in _COINS or currency == OTHER else CENTS


def money_text(amount: Decimal) -> str:
    """`1200`, `1200.50`, and of coins `0.00012`."""
    return _with_cents(f"{amount:f}")


def sign(currency: str) -> str:
    """What stands before an amount: `HK$`, another code as banks write it, nothing where it has none."""
    return "HK$" if currency == HONG_KONG_DOLLAR else currency if currency.isupper() else ""


def with_sign(currency: str, amount: Decimal) -> str:
    """An amount for people with what its currency is: `HK$ 1,200.50`."""
    return f"{sign(currency)} {_with_cents(f'{amount:,f}')}".lstrip()


def _with_cents(text: str) -> str:
    whole, _, parts = text.partition(".")
    parts = parts.rstrip("0")
    return f"{whole}.{parts:0<{CENTS}}" if parts else whole


def _narrow(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text[:40]).split())
