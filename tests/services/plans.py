"""What there is to be met in a pack, and which answers lead there."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, product

from config.settings import SiteKind
from flows.conditions import Condition
from flows.pack import FieldDef, Pack, Page, PageKind
from flows.view import FieldKind

CHOICES = frozenset({FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.MULTI_CHOICE})


class Sort(StrEnum):
    """Sorts of goals."""

    PAGE = "page"  # the page is met
    SKIPPED = "skipped"  # an optional page is left without an answer
    OPTION = "option"  # the option is chosen
    STOP = "stop"  # the final notice is met, and nothing after it
    HAND_OVER = "hand_over"  # the visit goes on in the other service
    ADVICE = "advice"  # the next step is shown
    SLIP = "slip"  # the slip can be printed


@dataclass(frozen=True, slots=True)
class Goal:
    """Something a visitor of `pack` may meet."""

    sort: Sort
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.sort.value} {self.name} {self.detail}".strip()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a visitor means to answer.

    A field → the answers that will do, or `None` to leave it out. `&field` → options of a choice of several
    that must be among the answers, `-field` → options that must not. `+group` → how many to add; `!scan` →
    scan pages at which a document is put down. `site` → kinds of site that will do; `!offers` and `-offers` →
    services that the site must and must not have.
    """

    wishes: dict[str, tuple[str, ...] | None]

    def joined(self, other: "Plan") -> "Plan | None":
        """Both at once, or None where they contradict each other."""
        wishes = dict(self.wishes)
        for name, values in other.wishes.items():
            if name not in wishes:
                wishes[name] = values
                continue
            both = _both(name, wishes[name], values)
            if both == ():
                return None
            wishes[name] = both
        clash = any(
            set(wishes[f"-{name[1:]}"] or ()) & set(values or ())
            for name, values in wishes.items()
            if name[0] in "&!" and f"-{name[1:]}" in wishes
        )
        return None if clash else Plan(wishes)

    def site_kind(self) -> SiteKind:
        """A kind of site that will do."""
        return SiteKind((self.wishes.get(_SITE) or (SiteKind.REPORT_ROOM.value,))[0])

    def services(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `names` that the site offers."""
        return tuple(name for name in names if name not in (self.wishes.get("-offers") or ()))

    def options(self, field: str, offered: tuple[str, ...], *, several: bool) -> tuple[str, ...] | None:
        """What to choose of the options offered; None where the plan says nothing."""
        if several:
            wanted = tuple(value for value in self.wishes.get(f"&{field}") or () if value in offered)
            avoided = self.wishes.get(f"-{field}")
            if wanted or avoided is None:
                return wanted or None
            return tuple(value for value in offered if value not in avoided)[-1:] or None
        return tuple(value for value in self.wishes.get(field) or () if value in offered)[:1] or None

    def leaves_out(self, field: str) -> bool:
        """Whether the field is to stay empty."""
        return field in self.wishes and self.wishes[field] is None

    def answers(self, field: str) -> bool:
        """Whether the field is to be answered."""
        return bool(self.wishes.get(field) or self.wishes.get(f"&{field}"))


def _both(name: str, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Two wishes as one; empty where they contradict each other."""
    if one is None or other is None:
        return one if one is other else ()
    if name[0] == "+":
        return (str(max(int(one[0]), int(other[0]))),)
    if name[0] in "&-!":
        return tuple(dict.fromkeys((*one, *other)))
    return (
        one if other == (ANY,) else other if one == (ANY,) else tuple(each for each in one if each in other)
    )


ANY = "*"
"""Some answer, whichever."""

RECENT, OLD = "recent", "old"
"""Dates: the last and the first that a field takes: these days or last year, a year ahead or today."""

NO_PLAN = Plan({})

_SITE = "site"


def goals(pack: Pack) -> Iterator[Goal]:
    """Everything of a pack that some visitor must be able to meet."""
    for page in pack.definition.pages:
        yield Goal(Sort.PAGE, page.page)
        if page.kind is PageKind.NOTICE and page.final:
            yield Goal(Sort.STOP, page.page)
        if page.hand_over is not None:
            yield Goal(Sort.HAND_OVER, page.page)
        if _may_be_skipped(page):
            yield Goal(Sort.SKIPPED, page.page)
        for field in page.fields:
            if field.kind in CHOICES:
                yield from (Goal(Sort.OPTION, field.field, value) for value in field.option_values)
    yield from (Goal(Sort.ADVICE, step.step) for step in pack.definition.next_steps)
    yield from (Goal(Sort.SLIP, slip.slip) for slip in pack.definition.slips)


def to_the_end(pack: Pack) -> Iterator[Plan]:
    """Plans that keep clear of every stop and of every way into another service."""
    return _clear_of(pack, [page for page in pack.definition.pages if page.final or page.hand_over])


def _clear_of(pack: Pack, barriers: list[Page]) -> Iterator[Plan]:
    yield from _combined([list(falsifying(page.when, pack)) for page in barriers if page.when is not None])


def _may_be_skipped(page: Page) -> bool:
    if page.kind is not PageKind.QUESTION or not page.fields or page.one_of:
        return False
    return not any(each.required or each.required_when for each in page.fields)


def plans(pack: Pack, goal: Goal) -> Iterator[Plan]:
    """Ways to answer that may lead to a goal: first those that keep clear of what ends or leaves the service
    before it, then any.
    """
    barriers = [
        page for page in pack.definition.pages if (page.final or page.hand_over) and page.page != goal.name
    ]
    clear = list(islice(_clear_of(pack, barriers), 40))
    ways = list(islice(_plans(pack, goal), 40))
    for way in ways:
        plan = next((joined for each in clear if (joined := way.joined(each)) is not None), None)
        if plan is not None:
            yield from _with_ways(pack, plan)
    for way in ways:
        yield from _with_ways(pack, way)


def _plans(pack: Pack, goal: Goal) -> Iterator[Plan]:
    if goal.sort is Sort.OPTION:
        field = pack.fields[goal.name]
        option = next(each for each in field.options if each.value == goal.detail)
        for way in satisfying(option.when, pack):
            for shown in showing(pack, field):
                both = way.joined(shown)
                plan = both.joined(_chosen(goal.name, (goal.detail,), pack)) if both else None
                if plan is not None:
                    yield plan
    elif goal.sort in (Sort.ADVICE, Sort.SLIP):
        steps = {each.step: each.when for each in pack.definition.next_steps}
        slips = {each.slip: each.when for each in pack.definition.slips}
        yield from satisfying(steps[goal.name] if goal.sort is Sort.ADVICE else slips[goal.name], pack)
    else:
        page = pack.pages[goal.name]
        leave = {each.field: None for each in page.fields} if goal.sort is Sort.SKIPPED else {}
        for way in page_ways(pack, page):
            plan = way.joined(Plan(dict(leave)))
            if plan is not None:
                yield plan


def _with_ways(pack: Pack, plan: Plan) -> Iterator[Plan]:
    """The plan, with what shows the very fields it wants answered."""
    found = plan
    for _ in range(6):
        before = found
        for name in list(found.wishes):
            field = pack.fields.get(name.lstrip("&"))
            if field is None or found.wishes[name] is None:
                continue
            joined = next((j for way in showing(pack, field) if (j := found.joined(way)) is not None), None)
            found = joined or found
        if found == before:
            break
    yield found


def showing(pack: Pack, field: FieldDef) -> Iterator[Plan]:
    """Plans under which a field is asked."""
    for page, own in product(page_ways(pack, pack.page_of[field.field]), satisfying(field.when, pack)):
        both = page.joined(own)
        if both is not None:
            yield both


def page_ways(pack: Pack, page: Page) -> Iterator[Plan]:
    """Plans under which a page is shown."""
    for way in satisfying(page.when, pack):
        if page.for_each and pack.definition.groups[page.for_each].at_least == 0:
            added = way.joined(Plan({f"+{page.for_each}": ("1",)}))
            if added is not None:
                yield added
        else:
            yield way


def satisfying(condition: Condition | None, pack: Pack) -> Iterator[Plan]:
    """Plans that make a condition true as far as answers decide it."""
    if condition is None:
        yield NO_PLAN
    elif condition.field is not None:
        yield from _of_field(condition, condition.field, pack)
    elif condition.parts():
        yield from _of_parts(condition, pack)
    elif condition.scanned is not None:
        scanned = Plan({"!scan": (condition.scanned,)})
        yield from filter(
            None, (scanned.joined(way) for way in page_ways(pack, pack.pages[condition.scanned]))
        )
    elif condition.chosen is not None:
        count = (condition.more_than or 0) + 1
        yield _chosen(condition.chosen, _values(condition.chosen, pack)[:count], pack)
    elif condition.more_than is not None:
        yield _several(condition.of or "", condition.more_than + 1, pack)
    elif condition.site is not None:
        yield Plan({_SITE: (condition.site.value,)})
    else:
        yield Plan({"!offers": (condition.offers or "",)})


def _of_parts(condition: Condition, pack: Pack) -> Iterator[Plan]:
    if condition.all_ is not None:
        yield from _combined([list(satisfying(part, pack)) for part in condition.all_])
    elif condition.not_ is not None:
        yield from falsifying(condition.not_, pack)
    elif condition.where is not None:
        for plan in satisfying(condition.where, pack):
            yield plan.joined(Plan({f"+{condition.member}": ("1",)})) or plan
    for part in condition.any_ or ():
        yield from satisfying(part, pack)


def _several(name: str, count: int, pack: Pack) -> Plan:
    group = pack.definition.groups[name]
    if group.chosen_by:
        return Plan({f"&{group.chosen_by}": pack.fields[group.chosen_by].option_values[:count]})
    return Plan({f"+{name}": (str(count),)})


def falsifying(condition: Condition, pack: Pack) -> Iterator[Plan]:
    """Plans that make a condition false as far as answers decide it."""
    if condition.field is not None:
        yield from _not_of_field(condition, condition.field, pack)
    elif condition.any_ is not None:
        yield from _combined([list(falsifying(part, pack)) for part in condition.any_])
    elif condition.all_ is not None:
        for part in condition.all_:
            yield from falsifying(part, pack)
    elif condition.not_ is not None:
        yield from satisfying(condition.not_, pack)
    elif condition.site is not None:
        yield Plan({_SITE: tuple(kind.value for kind in SiteKind if kind is not condition.site)})
    elif condition.offers is not None:
        yield Plan({"-offers": (condition.offers,)})
    else:
        yield NO_PLAN


def _combined(ways: list[list[Plan]], most: int = 400) -> Iterator[Plan]:
    for number, row in enumerate(product(*ways)):
        if number >= most:
            return
        joined: Plan | None = NO_PLAN
        for each in row:
            joined = joined.joined(each) if joined is not None else None
        if joined is not None:
            yield joined


def _of_field(condition: Condition, name: str, pack: Pack) -> Iterator[Plan]:
    if condition.answered is not None:
        yield from _answered(name, wanted=condition.answered, pack=pack)
    elif condition.within_weeks is not None or condition.at_least_days_ahead is not None:
        yield Plan({name: (RECENT,)})
    elif condition.within_days is not None:
        yield Plan({name: (OLD,)})
    else:
        yield from (_chosen(name, (value,), pack) for value in condition.values())


def _not_of_field(condition: Condition, name: str, pack: Pack) -> Iterator[Plan]:
    if condition.answered is not None:
        yield from _answered(name, wanted=not condition.answered, pack=pack)
    elif condition.within_weeks is not None or condition.at_least_days_ahead is not None:
        yield Plan({name: (OLD,)})
    elif condition.within_days is not None:
        yield Plan({name: (RECENT,)})
    elif _is_several(name, pack):
        yield Plan({f"-{_asked(name, pack)}": condition.values()})
    else:
        yield Plan({name: tuple(each for each in _values(name, pack) if each not in condition.values())})
        yield Plan({name: None})


def _answered(name: str, *, wanted: bool, pack: Pack) -> Iterator[Plan]:
    if not wanted:
        yield Plan({name: None})
    elif _is_several(name, pack):
        yield from (_chosen(name, (value,), pack) for value in _values(name, pack))
    else:
        yield Plan({name: _values(name, pack) or (ANY,)})


def _values(name: str, pack: Pack) -> tuple[str, ...]:
    asked = _asked(name, pack)
    return pack.fields[asked].option_values if asked in pack.fields else ()


def _asked(name: str, pack: Pack) -> str:
    """The field that answers a condition's name: the category of a member is what its group was chosen by."""
    group = (
        pack.definition.groups.get(name.removesuffix("[].category")) if name.endswith("[].category") else None
    )
    return group.chosen_by if group else name


def _is_several(name: str, pack: Pack) -> bool:
    field = pack.fields.get(_asked(name, pack))
    return field is not None and field.kind is FieldKind.MULTI_CHOICE


def _chosen(name: str, values: tuple[str, ...], pack: Pack) -> Plan:
    return Plan({f"&{_asked(name, pack)}" if _is_several(name, pack) else name: values})
