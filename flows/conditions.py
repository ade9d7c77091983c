"""When something is asked: conditions as data, never code.

`{field: event.place_kind, is: mtr}`, `in: [...]`, `has: ...` (several choices), `answered: true`,
`within_weeks: 6` (a date or `when` field that lies behind), `within_days: 27` and `at_least_days_ahead: 28`
(a date that lies ahead), `{chosen: event.regions, more_than: 1}` (several choices), `{site: mtr}`,
`{offers: crime_report}` (this site's services), `{scanned: page}`, `{more_than: 1, of: items}`,
`{member: items, where: ...}` (some member),
and `any`, `all`, `not` over others.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from math import prod
from typing import Protocol, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.settings import SiteKind
from flows.events import AnswerValue

_FORMS = ("is", "in", "has", "answered", "within_weeks", "within_days", "at_least_days_ahead")
_OTHERS = ("site", "offers", "scanned", "more_than", "chosen", "member", "any", "all", "not")
_MOST_COMBINATIONS = 20_000


class Condition(BaseModel):
    """One condition. Exactly one form is filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    field: str | None = None
    is_: str | None = Field(None, alias="is")
    in_: tuple[str, ...] | None = Field(None, alias="in")
    has: str | None = None
    answered: bool | None = None
    within_weeks: int | None = None
    within_days: int | None = None
    at_least_days_ahead: int | None = None
    site: SiteKind | None = None
    offers: str | None = None
    scanned: str | None = None
    more_than: int | None = None
    of: str | None = None
    chosen: str | None = None
    member: str | None = None
    where: "Condition | None" = None
    any_: tuple["Condition", ...] | None = Field(None, alias="any")
    all_: tuple["Condition", ...] | None = Field(None, alias="all")
    not_: "Condition | None" = Field(None, alias="not")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if _filled(self.of, self.chosen) != _filled(self.more_than):
            raise ValueError("write more_than together with of and a group, or with chosen and a field")
        days = (self.within_weeks, self.within_days, self.at_least_days_ahead)
        tests = _filled(self.is_, self.in_, self.has, self.answered, *days)
        groups = _filled(
            self.site, self.offers, self.scanned, self.more_than, self.member, self.any_, self.all_, self.not_
        )
        if self.field is not None and (tests != 1 or groups):
            raise ValueError(f"a condition on a field needs exactly one of {', '.join(_FORMS)}")
        if self.field is None and (tests or groups != 1):
            raise ValueError(f"a condition needs a field with one test, or one of {', '.join(_OTHERS)}")
        if any(each is not None and each < 0 for each in days):
            raise ValueError("within_weeks looks back, within_days and at_least_days_ahead ahead: from 0")
        if (self.member is None) != (self.where is None):
            raise ValueError("write member together with where")
        return self

    @cached_property
    def test(self) -> "Test":
        """The condition as code: every answer asks hundreds of them."""
        return _test(self)

    def parts(self) -> tuple["Condition", ...]:
        """The conditions directly inside this one."""
        inner = (*(self.any_ or ()), *(self.all_ or ()))
        return (*inner, *(part for part in (self.not_, self.where) if part is not None))

    def leaves(self) -> Iterator["Condition"]:
        """Every condition without others inside it."""
        if not self.parts():
            yield self
        for part in self.parts():
            yield from part.leaves()

    def values(self) -> tuple[str, ...]:
        """The options that a test on a field names."""
        if self.in_ is not None:
            return self.in_
        return tuple(value for value in (self.is_, self.has) if value is not None)


def _filled(*forms: object) -> int:
    return sum(form is not None for form in forms)


class Facts(Protocol):
    """What a condition may ask."""

    @property
    def site_kind(self) -> SiteKind:
        """Where the kiosk stands."""

    @property
    def today(self) -> date:
        """The date at the kiosk."""

    def offers(self, service: str) -> bool:
        """Whether this site offers a service."""

    def value(self, name: str, slot: int | None = None) -> AnswerValue | None:
        """The answer that holds now, or None; `slot` is the member that `[]` in the name means."""

    def has_scanned(self, page: str) -> bool:
        """Whether a document was read on a scan page that is shown."""

    def slots(self, group: str) -> tuple[int, ...]:
        """The members of a group."""


Test: TypeAlias = Callable[[Facts, int | None], bool]
"""A condition as code; the number is the member that `[]` in a field's name means."""


def holds(condition: Condition | None, facts: Facts, slot: int | None = None) -> bool:
    """Whether `condition` holds; `slot` is the member that `[]` in a field's name means."""
    return condition is None or condition.test(facts, slot)


def _test(condition: Condition) -> Test:
    if condition.field is not None:
        return _field_test(condition, condition.field)
    if condition.any_ is not None or condition.all_ is not None:
        return _joined_test(condition)
    if condition.not_ is not None:
        denied = condition.not_.test
        return lambda facts, slot: not denied(facts, slot)
    if condition.member is not None and condition.where is not None:
        group, where = condition.member, condition.where.test
        return lambda facts, _slot: any(where(facts, member) for member in facts.slots(group))
    return _site_test(condition)


def _site_test(condition: Condition) -> Test:
    if condition.scanned is not None:
        page = condition.scanned
        return lambda facts, _slot: facts.has_scanned(page)
    if condition.site is not None:
        site = condition.site
        return lambda facts, _slot: facts.site_kind is site
    if condition.offers is not None:
        service = condition.offers
        return lambda facts, _slot: facts.offers(service)
    count = condition.more_than or 0
    if condition.chosen is not None:
        name = condition.chosen
        return lambda facts, slot: _has_more(facts.value(name, slot), count)
    group = condition.of or ""
    return lambda facts, _slot: len(facts.slots(group)) > count


def _joined_test(condition: Condition) -> Test:
    """Every part is asked, also where the first ones decide: members get their slots in the same order."""
    parts = tuple(part.test for part in condition.parts())
    decide = any if condition.any_ is not None else all
    return lambda facts, slot: decide([part(facts, slot) for part in parts])


def _joined(condition: Condition, parts: tuple[bool, ...]) -> bool:
    if condition.any_ is not None:
        return any(parts)
    if condition.not_ is not None:
        return not parts[0]
    return all(parts)


def at(name: str, slot: int | None) -> str:
    """The name of a field for one member: `items[].colour` at 2 is `items[2].colour`."""
    return name if slot is None else name.replace("[]", f"[{slot}]")


def _field_test(condition: Condition, name: str) -> Test:
    value_holds = _value_test(condition)
    if "[]" not in name:
        return lambda facts, _slot: value_holds(facts.value(name), facts)
    return lambda facts, slot: value_holds(facts.value(name, slot), facts)


def _value_test(condition: Condition) -> Callable[[AnswerValue | None, Facts], bool]:
    if condition.answered is not None:
        wanted = condition.answered
        return lambda value, _facts: bool(value) is wanted
    if condition.within_weeks is not None:
        span = timedelta(weeks=condition.within_weeks)
        return lambda value, facts: _is_since(latest_date(value), facts.today - span)
    if condition.within_days is not None:
        ahead = timedelta(days=condition.within_days)
        return lambda value, facts: _is_until(latest_date(value), facts.today + ahead)
    if condition.at_least_days_ahead is not None:
        ahead = timedelta(days=condition.at_least_days_ahead)
        return lambda value, facts: _is_since(latest_date(value), facts.today + ahead)
    if condition.has is not None:
        option = condition.has
        return lambda value, _facts: isinstance(value, list) and option in value
    options = frozenset(condition.values())
    return lambda value, _facts: isinstance(value, str) and value in options


def _is_since(day: date | None, first: date) -> bool:
    return day is not None and day >= first


def _is_until(day: date | None, last: date) -> bool:
    return day is not None and day <= last


def _has_more(value: AnswerValue | None, count: int) -> bool:
    return isinstance(value, list) and len(value) > count


def latest_date(value: AnswerValue | None) -> date | None:
    """The day of a date or `when` answer; of two days the later; None when it is not known."""
    texts = [value] if isinstance(value, str) else []
    if isinstance(value, dict) and value.get("certainty") != "unknown":
        names = ("date", "until_date") if value.get("certainty") == "between" else ("date",)
        texts = [value.get(name, "") for name in names]
    days = [day for day in map(_day, texts) if day is not None]
    return max(days, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def can_hold(condition: Condition, options: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether some answers make `condition` true. `options` are the values of single-choice fields.

    Tests on other fields are taken as free; with very many combinations the answer is yes.
    """
    leaves = list(condition.leaves())
    choices = sorted({leaf.field for leaf in leaves if leaf.field is not None and _is_choice(leaf, options)})
    free = list(dict.fromkeys(leaf for leaf in leaves if not _is_choice(leaf, options)))
    domains: list[tuple[object, ...]] = [options[name] for name in choices]
    domains += [(False, True)] * len(free)
    if prod(len(domain) for domain in domains) > _MOST_COMBINATIONS:
        return True
    return any(
        _true_with(
            condition,
            dict(zip(choices, row, strict=False)),
            dict(zip(free, row[len(choices) :], strict=True)),
        )
        for row in product(*domains)
    )


def _is_choice(leaf: Condition, options: Mapping[str, tuple[str, ...]]) -> bool:
    return leaf.field in options and (leaf.is_ is not None or leaf.in_ is not None)


def _true_with(condition: Condition, chosen: Mapping[str, object], free: Mapping[Condition, object]) -> bool:
    if condition in free:
        return bool(free[condition])
    if condition.parts():
        return _joined(condition, tuple(_true_with(part, chosen, free) for part in condition.parts()))
    return chosen[condition.field or ""] in condition.values()
