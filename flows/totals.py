"""The sum of a money field over the members of a list."""

from decimal import Decimal

from flows.answer_checks import Checker
from flows.conditions import at
from flows.pack import Page
from flows.privacy import Place as Shown
from flows.privacy import may_appear
from flows.wording import Wording

_HONG_KONG_DOLLAR = "HKD"
_OTHER = "other"
"""The choice of a currency that is not among the others: two of them need not be the same."""


def total(page: Page, checker: Checker, wording: Wording) -> str:
    """The sum of a money field over all members, for each currency where the group has a choice of them.

    Right, or nothing: empty without an amount, and where an amount or its currency is not known for sure.
    """
    definition = checker.known.pack.fields.get(page.total)
    if definition is None or not may_appear(definition.privacy, Shown.REVIEW):
        return ""
    sums: dict[str, Decimal] = {}
    for slot in checker.known.slots(page.list_of):
        if not checker.known.value(at(page.total, slot)):
            continue
        checked, currency = checker.check(definition, slot), _currency(page.list_of, slot, checker)
        if checked.problem is not None or currency in ("", _OTHER):
            return ""
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(checked.value))
    amounts = [f"{_sign(name, page.list_of, wording)} {amount:,.2f}" for name, amount in sums.items()]
    words = wording.texts.words
    return words.total.format(amount=words.separator.join(amounts)) if amounts else ""


def _currency(group: str, slot: int, checker: Checker) -> str:
    """Hong Kong dollars where the group asks for no currency; empty where it does and none is chosen."""
    definition = checker.known.pack.fields.get(f"{group}[].currency")
    if definition is None:
        return _HONG_KONG_DOLLAR
    chosen = checker.known.value(at(definition.field, slot))
    return chosen if isinstance(chosen, str) and checker.check(definition, slot).problem is None else ""


def _sign(currency: str, group: str, wording: Wording) -> str:
    """The code of a currency as banks write it, or the label of the choice."""
    if currency == _HONG_KONG_DOLLAR:
        return "HK$"
    definition = wording.known.pack.fields.get(f"{group}[].currency")
    return currency if definition is None or currency.isupper() else wording.label(definition, currency)
