"""The sum of a money field over the members of a list."""

from decimal import Decimal

from flows.answering.answer_checks import Checker
from flows.fields.amounts import OTHER, with_sign
from flows.pack import Page
from flows.picture.wording import Wording
from flows.privacy import Place as Shown
from flows.privacy import may_appear


def total(page: Page, checker: Checker, wording: Wording) -> str:
    """The sum of a money field over all members, for each currency where the group has a choice of them.

    Right, or nothing: empty without an amount, and where an amount or its currency is not known for sure; of
    two amounts in "another" currency it need not be the same.
    """
    definition = checker.known.pack.fields.get(page.total)
    if definition is None or not may_appear(definition.privacy, Shown.REVIEW):
        return ""
    sums: dict[str, Decimal] = {}
    for slot in checker.known.slots(page.list_of):
        if not checker.known.value(page.total, slot):
            continue
        checked, currency = checker.check(definition, slot), checker.known.currency(definition, slot)
        if checked.problem is not None or currency in ("", OTHER):
            return ""
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(checked.value))
    amounts = [with_sign(name, amount) for name, amount in sums.items()]
    words = wording.texts.words
    return words.total.format(amount=words.separator.join(amounts)) if amounts else ""
