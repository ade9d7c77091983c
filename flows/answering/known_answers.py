"""The answers in the light of a pack: which fields are asked now, and what holds.

A `KnownAnswers` looks at answers that do not change while it lives; a new one is made when they do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from config.settings import SiteKind
from flows.answering.answers import Answers, Member
from flows.conditions import at, holds
from flows.events import AnswerValue
from flows.fields.amounts import HONG_KONG_DOLLAR, sign
from flows.fields.plain import is_blank
from flows.languages import Language
from flows.pack import LANGUAGE_DEFAULT, Ask, FieldDef, Group, Option, Pack, Page, PageKind
from flows.view import FieldKind

MOST_HELPERS = 3
"""Helper questions that a visit shows at most."""


class Place(NamedTuple):
    """A page as the visitor meets it: for groups, the page of one member. A tuple, because every step makes
    and compares hundreds.
    """

    page: str
    slot: int | None = None


@dataclass(slots=True)
class KnownAnswers:
    """Facts for conditions, and everything derived from answers."""

    pack: Pack
    answers: Answers
    site_kind: SiteKind
    today: date
    language: Language
    services: frozenset[str] = frozenset()
    _values: dict[tuple[str, int | None], AnswerValue | None] = field(default_factory=dict)
    _members: dict[str, tuple[Member, ...]] = field(default_factory=dict)
    _places: tuple[Place, ...] | None = None

    def offers(self, service: str) -> bool:
        """Whether this site offers a service."""
        return service in self.services

    # --- values ---------------------------------------------------------------------------------------------

    def value(self, name: str, slot: int | None = None) -> AnswerValue | None:
        """The answer to `name` if its field is asked now (or known from another), else None.

        `name` is a field with the member that `[]` means in `slot`, or has its member in it already.
        """
        asked = (name, slot)
        if asked not in self._values:
            self._values[asked] = self._find(*(asked if "[]" in name else split(name)))
        return self._values[asked]

    def _find(self, base: str, slot: int | None) -> AnswerValue | None:
        if base.endswith("[].category"):
            return self._category(base.removesuffix("[].category"), slot)
        page = self.pack.page_of.get(base)
        if page is None or not holds(page.when, self, slot):
            return None
        if base in (page.photos, page.files):
            return self.answers.values.get(at(base, slot))
        return self.field_value(self.pack.fields[base], slot)

    def field_value(self, definition: FieldDef, slot: int | None) -> AnswerValue | None:
        """The answer of a field on a page that is shown."""
        if not holds(definition.when, self, slot):
            return None
        if self.is_known_already(definition, slot) and definition.same_as is not None:
            return self.value(definition.same_as.field, slot)
        name = at(definition.field, slot)
        if name in self.answers.values:
            return self.answers.values[name]
        return self._initial(definition, slot)

    def _initial(self, definition: FieldDef, slot: int | None) -> AnswerValue | None:
        chosen = [each.option for each in definition.preselect if holds(each.when, self, slot)]
        if chosen:
            return chosen
        return self.default(definition)

    def default(self, definition: FieldDef) -> str | None:
        """What holds before the visitor says otherwise."""
        if definition.default == LANGUAGE_DEFAULT:
            return self.language.value
        return definition.default or None

    def is_known_already(self, definition: FieldDef, slot: int | None) -> bool:
        """Whether the answer is taken from another field and not asked again."""
        return definition.same_as is not None and holds(definition.same_as.when, self, slot)

    def is_required(self, definition: FieldDef, slot: int | None) -> bool:
        """Whether an answer must be given. Of fields of which one is enough, the first is asked for."""
        when = definition.required_when
        return (
            definition.required
            or (when is not None and holds(when, self, slot))
            or (self.is_one_of_several(definition) and self._is_first_of_none(definition, slot))
        )

    def is_one_of_several(self, definition: FieldDef) -> bool:
        """Whether the field is one of those of its page of which at least one must be answered."""
        return definition.field in self.pack.page_of[definition.field].one_of

    def _is_first_of_none(self, definition: FieldDef, slot: int | None) -> bool:
        names = self.pack.page_of[definition.field].one_of
        answers = (self.value(name, slot) for name in names)
        none = all(is_blank(each) if isinstance(each, str) else not each for each in answers)
        return definition.field == names[0] and none

    def is_optional(self, page: Page, slot: int | None) -> bool:
        """Whether a page may be skipped in one touch: it asks something, and none of it must be answered."""
        asked = self.asked(page, slot)
        return page.kind in (PageKind.PHOTOS, PageKind.FILES) or (
            bool(asked) and not page.one_of and not any(self.is_required(each, slot) for each in asked)
        )

    def document(self, definition: FieldDef, slot: int | None) -> str:
        """The document type that a document number belongs to; empty when none is chosen."""
        chosen = self.value(definition.document, slot) if definition.document else None
        return chosen if isinstance(chosen, str) else definition.document_type

    def currency(self, definition: FieldDef, slot: int | None) -> str:
        """The code of the currency of an amount, which a field `….currency` beside `….amount` asks for; Hong
        Kong dollars without one, and empty where none is chosen.
        """
        stem, point, name = definition.field.rpartition(".")
        if definition.kind is not FieldKind.MONEY:
            return ""
        if name != "amount" or f"{stem}{point}currency" not in self.pack.fields:
            return HONG_KONG_DOLLAR
        chosen = self.value(f"{stem}{point}currency", slot)
        return chosen if isinstance(chosen, str) else ""

    def is_said_by_amount(self, definition: FieldDef, slot: int | None) -> bool:
        """Whether this is a currency whose sign stands before an answered amount."""
        stem, point, name = definition.field.rpartition(".")
        amount = self.pack.fields.get(f"{stem}{point}amount")
        if name != "currency" or amount is None or not self.value(amount.field, slot):
            return False
        return bool(sign(self.currency(amount, slot)))

    def options(self, definition: FieldDef, slot: int | None) -> tuple[Option, ...]:
        """The options offered now, without their words."""
        if definition.options_from:
            others = (each for each in self.members(definition.options_from) if each.slot != slot)
            return tuple(Option(value=member_id(each.slot)) for each in others)
        return tuple(
            option for option in definition.options if option.when is None or option.when.test(self, slot)
        )

    def option_values(self, definition: FieldDef, slot: int | None) -> tuple[str, ...]:
        """The values that an answer may have now; of a listed field the codes of its list."""
        if definition.options_list:
            return tuple(self.pack.lists[definition.options_list].by_code)
        return tuple(option.value for option in self.options(definition, slot))

    def has_scanned(self, page: str) -> bool:
        """Whether a document was read on a scan page that is shown."""
        return page in self.answers.scans and holds(self.pack.pages[page].when, self)

    # --- members --------------------------------------------------------------------------------------------

    def slots(self, group: str) -> tuple[int, ...]:
        """The members of a group, as conditions count them."""
        return tuple(each.slot for each in self.members(group))

    def members(self, group: str) -> tuple[Member, ...]:
        """One member for each chosen option, followed by a second one where it was asked for."""
        if group not in self._members:
            self._members[group] = ()  # what a member's own condition may ask while members are being counted
            self._members[group] = self._first_members(group)
            self._members[group] = self._all_members(group)
        return self._members[group]

    def _first_members(self, group: str) -> tuple[Member, ...]:
        definition = self.pack.definition.groups[group]
        if not definition.chosen_by:
            return self._listed_members(group, definition)
        chosen = self.value(definition.chosen_by)
        categories = chosen if isinstance(chosen, list) else []
        return tuple(self.answers.member(group, category, 1) for category in categories)

    def _listed_members(self, group: str, definition: Group) -> tuple[Member, ...]:
        """Members added one by one; none while their list is not asked for."""
        page = self.pack.list_pages.get(group)
        if page is None or not holds(page.when, self):
            return ()
        while len(self.answers.listed_members(group)) < definition.at_least:
            self.answers.add_member(group)
        return self.answers.listed_members(group)

    def _all_members(self, group: str) -> tuple[Member, ...]:
        definition = self.pack.definition.groups[group]
        members: list[Member] = []
        for each in self._members[group]:
            member: Member | None = each
            while member is not None and len(members) < definition.limit:
                members.append(member)
                again = (
                    self.answers.values.get(at(definition.again, member.slot)) if definition.again else None
                )
                wants = isinstance(again, list) and definition.again_option in again
                member = self.answers.member(group, member.category, member.ordinal + 1) if wants else None
        return tuple(members)

    def member(self, group: str, slot: int) -> Member | None:
        """The member in a slot, if it is chosen now."""
        return next((each for each in self.members(group) if each.slot == slot), None)

    def _category(self, group: str, slot: int | None) -> str | None:
        known = self.answers.members.get(group, [])
        return known[slot].category if slot is not None and slot < len(known) else None

    # --- pages ----------------------------------------------------------------------------------------------

    def places(self) -> tuple[Place, ...]:
        """Every page that is asked now, in order; nothing comes after a final page."""
        if self._places is None:
            self._places = self._find_places()
        return self._places

    def _find_places(self) -> tuple[Place, ...]:
        places: list[Place] = []
        for group, pages in self.pack.blocks:
            for slot in self.slots(group) if group else (None,):
                places += [Place(page.page, slot) for page in pages if self.is_shown(page, slot)]
        places = list(self._with_few_helpers(places))
        final = next((n for n, place in enumerate(places) if self.pack.pages[place.page].final), None)
        return tuple(places if final is None else places[: final + 1])

    def first_place(self, group: str, slot: int) -> Place | None:
        """The first page of a member."""
        pages = self.pack.pages
        own = (place for place in self.places() if place.slot == slot and pages[place.page].for_each == group)
        return next(own, None)

    def _with_few_helpers(self, places: list[Place]) -> Iterator[Place]:
        """Those helper questions that were shown, and as many more as a visit may have."""
        left = MOST_HELPERS - len(self.answers.helped)
        for place in places:
            fresh = self.pack.pages[place.page].helper and (place.page, place.slot) not in self.answers.helped
            if fresh and not self.was_asked_elsewhere(place):
                left -= 1
                if left < 0:
                    continue
            yield place

    def was_asked_elsewhere(self, place: Place) -> bool:
        """Whether another service asked all of this page before, in this visit."""
        elsewhere = self.answers.elsewhere
        if not elsewhere:
            return False
        page = self.pack.pages[place.page]
        match page.kind:
            case PageKind.QUESTION:
                names = [at(each.field, place.slot) for each in self.asked(page, place.slot)]
                return bool(names) and elsewhere.issuperset(names)
            case PageKind.SCAN:
                return not elsewhere.isdisjoint(page.fills.values())
            case PageKind.PHOTOS:
                return at(page.photos, place.slot) in elsewhere
            case PageKind.LIST:
                return page.list_of in elsewhere
        return False

    def is_shown(self, page: Page, slot: int | None) -> bool:
        """Whether a page is asked now. A question of which no field is left to ask is not."""
        when = page.when
        if (when is not None and not when.test(self, slot)) or self._is_looked_up(page):
            return False
        return page.kind is not PageKind.QUESTION or not page.fields or self._asks_anything(page, slot)

    def _is_looked_up(self, page: Page) -> bool:
        """Whether a page about an earlier report has nothing to ask or show: the report was found in another
        service already, or the visitor goes on without the centre's answer.
        """
        lookup = self.answers.lookup
        if lookup.status is None and not lookup.without:
            return False
        reads_receipt = page.kind is PageKind.SCAN and not page.document
        if lookup.status is not None and lookup.pack != self.pack.name:
            return page.ask is not None or page.shows_status or reads_receipt
        return lookup.without and (page.ask is Ask.STATUS or page.shows_status)

    def files(self) -> list[str]:
        """The files from the visitor's phone that the case names, of every page that is asked now."""
        named = [self.value(page.files) for page in self.pack.definition.pages if page.files]
        return [each for value in named if isinstance(value, list) for each in value]

    def asked(self, page: Page, slot: int | None) -> tuple[FieldDef, ...]:
        """The fields of a page that are asked now."""
        return tuple(each for each in page.fields if self._is_asked(each, slot))

    def _asks_anything(self, page: Page, slot: int | None) -> bool:
        return any(self._is_asked(each, slot) for each in page.fields)

    def _is_asked(self, definition: FieldDef, slot: int | None) -> bool:
        """Written out: every picture asks it of every field of the pack."""
        return (
            (definition.when is None or definition.when.test(self, slot))
            and (definition.same_as is None or not holds(definition.same_as.when, self, slot))
            and (not definition.options_from or bool(self.options(definition, slot)))
        )


def split(name: str) -> tuple[str, int | None]:
    """`items[2].colour` → (`items[].colour`, 2); a name without a slot as it is."""
    if "[" not in name:
        return name, None
    head, bracket, rest = name.partition("[")
    digits, closing, tail = rest.partition("]")
    if not (bracket and closing and digits.isdecimal() and digits.isascii() and len(digits) <= 4):
        return name, None
    return f"{head}[]{tail}", int(digits)


def member_id(slot: int) -> str:
    """The name of a member inside the case."""
    return f"i{slot + 1}"
