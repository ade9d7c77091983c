"""The sum of a money field over the members of a list."""

from decimal import Decimal

from flows.answer_checks import Checker
from flows.conditions import at
from flows.pack import Page
from flows.privacy import Place as Shown
from flows.privacy import may_appear
from flows.wording import Wording

_HONG_KONG_DOLLAR = "HKD"


def total(page: Page, checker: Checker, wording: Wording) -> str:
    """The sum of a money field over all members, by currency where they have one; empty without any."""
    definition = checker.known.pack.fields.get(page.total)
    if definition is None or not may_appear(definition.privacy, Shown.REVIEW):
        return ""
    sums: dict[str, Decimal] = {}
    for slot in checker.known.slots(page.list_of):
        if checker.known.value(at(page.total, slot)) is None:
            continue
        checked = checker.check(definition, slot)
        if checked.problem is None and isinstance(checked.value, str) and checked.value:
            currency = checker.known.value(f"{page.list_of}[{slot}].currency")
            name = currency if isinstance(currency, str) and currency else _HONG_KONG_DOLLAR
            sums[name] = sums.get(name, Decimal(0)) + Decimal(checked.value)
    amounts = [f"{_currency(name, page, wording)} {amount:,.2f}" for name, amount in sums.items()]
    words = wording.texts.words
    return words.total.format(amount=words.separator.join(amounts)) if amounts else ""


def _currency(name: str, page: Page, wording: Wording) -> str:
    if name == _HONG_KONG_DOLLAR:
        return "HK$"
    definition = wording.known.pack.fields.get(f"{page.list_of}[].currency")
    known_code = len(name) == len(_HONG_KONG_DOLLAR) and name.isupper()
    return name if definition is None or known_code else wording.label(definition, name)
