"""Members of a group that are added one by one: their list, adding, changing and removing."""

from dataclasses import dataclass

from flows.answering.answer_checks import Checker, is_empty
from flows.answering.known_answers import KnownAnswers, Place, member_id, split
from flows.conditions import at
from flows.events import ChangeAsked, Event, MemberRemoved
from flows.life.pages import Pages
from flows.pack import PageKind
from flows.picture.totals import total
from flows.picture.wording import Wording
from flows.privacy import Place as Shown
from flows.privacy import may_appear
from flows.view import ListBody, ListRow

_MOST_LINES = 4
"""Lines that a row of the list shows of its member."""


@dataclass(slots=True)
class Listing:
    """The list page that is shown, and what its buttons do."""

    pages: Pages

    # --- named in the table ---------------------------------------------------------------------------------

    def can_add(self, _event: Event) -> bool:
        """There is room for one more."""
        group, known = self._group(), self.pages.known()
        limit = known.pack.definition.groups[group].limit
        return len(known.slots(group)) < limit and not self.pages.answers.is_full(group)

    def add(self, _event: Event) -> None:
        """One more member, from its first page on."""
        slot = self.pages.answers.add_member(self._group()).slot
        self._go_to(slot)

    def kind_to_change(self, event: Event) -> PageKind | None:
        """The kind of the first page of the member that is to be changed."""
        slot = self._slot_of(event)
        return None if slot is None else self.pages.kind_of(self._first_page(slot))

    def change(self, event: Event) -> None:
        """To the pages of a member; after them the list comes again."""
        slot = self._slot_of(event)
        if slot is not None:
            self._go_to(slot)

    def can_remove(self, event: Event) -> bool:
        """The member is there, and may go."""
        return self._slot_of(event) is not None and self._may_shrink()

    def remove(self, event: Event) -> None:
        """Forget a member with its answers and photos."""
        slot = self._slot_of(event)
        if slot is not None:
            self.drop(self._group(), slot)

    def leaves_nothing(self, _event: Event) -> bool:
        """The visitor goes back from a new member of which nothing was said: it is there no more then."""
        origin, here = self.pages.walk.from_list, self.pages.walk.here
        if origin is None or here is None or here.slot is None or self.pages.kind_behind(_event) is None:
            return False
        group = self.pages.known().pack.pages[origin.page].list_of
        first = self.pages.known().first_place(group, here.slot)
        prefix = f"{group}[{here.slot}]."
        said = any(v for name, v in self.pages.answers.values.items() if name.startswith(prefix))
        return here == first and not said and self._may_shrink(group)

    def go_back_without(self, event: Event) -> None:
        """Back to the list, without the member."""
        origin, here = self.pages.walk.from_list, self.pages.walk.here
        if origin is not None and here is not None and here.slot is not None:
            self.pages.go_back(event)
            self.drop(self.pages.known().pack.pages[origin.page].list_of, here.slot)

    # --- helpers of the table -------------------------------------------------------------------------------

    def _group(self) -> str:
        return self.pages.page().list_of

    def _may_shrink(self, group: str = "") -> bool:
        group = group or self._group()
        known = self.pages.known()
        return len(known.slots(group)) > known.pack.definition.groups[group].at_least

    def _slot_of(self, event: Event) -> int | None:
        target = event.target if isinstance(event, ChangeAsked | MemberRemoved) else ""
        base, slot = split(target)
        known = self.pages.known()
        return slot if base == f"{self._group()}[]" and slot in known.slots(self._group()) else None

    def _first_page(self, slot: int) -> Place | None:
        return self.pages.known().first_place(self._group(), slot)

    def _go_to(self, slot: int) -> None:
        origin, returning = self.pages.place(), self.pages.walk.returning
        first = self._first_page(slot)
        if first is not None:
            self.pages.walk.leave()
            self.pages.arrive(first)
            self.pages.walk.returning = returning
            self.pages.walk.from_list = origin

    def drop(self, group: str, slot: int) -> None:
        """Forget a member, and that others were said to be inside it."""
        pack, answers, walk = self.pages.known().pack, self.pages.answers, self.pages.walk
        pages = [page for page in pack.definition.pages if page.for_each == group]
        answers.remove_member(group, slot, tuple(at(page.photos, slot) for page in pages if page.photos))
        walk.seen -= {Place(page.page, slot) for page in pages}
        referring = [each.field for each in pack.fields.values() if each.options_from == group]
        for name, value in list(answers.values.items()):
            if split(name)[0] in referring and isinstance(value, list) and member_id(slot) in value:
                answers.put(name, [each for each in value if each != member_id(slot)])

    # --- the picture ----------------------------------------------------------------------------------------

    def body(self, wording: Wording) -> ListBody:
        """The members so far."""
        page, checker = self.pages.page(), self.pages.checker()
        group, words = page.list_of, wording.texts
        name = words.groups[group].name
        can_remove = self._may_shrink()
        return ListBody(
            rows=tuple(
                _row(group, slot, checker, wording, can_remove=can_remove)
                for slot in checker.known.slots(group)
            ),
            can_add=self.can_add(ChangeAsked("")),
            add=words.words.add.format(item=name),
            total=total(page, checker, wording),
        )


def _row(group: str, slot: int, checker: Checker, wording: Wording, *, can_remove: bool) -> ListRow:
    known = checker.known
    places = [place for place in known.places() if _asks_of(known, place, group, slot)]
    lines = [line for place in places for line in _lines(place, checker, wording)]
    return ListRow(
        label=wording.member(group, slot),
        lines=tuple(lines[:_MOST_LINES]),
        target=f"{group}[{slot}]",
        can_remove=can_remove,
        unfinished=any(checker.has_problem(place) for place in places),
    )


def _asks_of(known: KnownAnswers, place: Place, group: str, slot: int) -> bool:
    return place.slot == slot and known.pack.pages[place.page].for_each == group


def _lines(place: Place, checker: Checker, wording: Wording) -> list[str]:
    """What tells one member from another; what may not be shown in full tells nothing."""
    lines = []
    for definition in checker.known.asked(checker.known.pack.pages[place.page], place.slot):
        value = checker.check(definition, place.slot).value
        if definition.in_review and not is_empty(value) and may_appear(definition.privacy, Shown.REVIEW):
            lines.append(wording.show(definition, value, place.slot))
    return lines
