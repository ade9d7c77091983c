"""What one service of a visit knows is told to another: answers under the names that both have."""

from collections.abc import Mapping

from flows.answering.answer_checks import Checker, accept
from flows.answering.answers import Answers, Member
from flows.answering.known_answers import Place
from flows.answering.walk import Walk
from flows.conditions import at, holds
from flows.events import AnswerValue
from flows.pack import FieldDef, Pack, Page, PageKind
from flows.view import FieldKind

_ALIKE = (
    frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT}),
    frozenset({FieldKind.CHOICE, FieldKind.YES_NO}),
)
"""Kinds whose answers can stand for each other."""


_VISITOR = "reporter."
"""Fields about the visitor: who that is stays the same, whatever the page around says."""


def carry(source: Checker, walk: Walk, pack: Pack, answers: Answers, names: Mapping[str, str] | None) -> None:
    """Tell `pack` with its `answers` what was asked in `source` so far: pages that were seen, and what those
    before told it. `names` are fields that are called otherwise there; None where no notice leads from one to
    the other: then nobody has said that both are about the same, and only what reads the same goes along.
    """
    _Carrier(source, walk, pack, answers, names).carry()


def note_asked(checker: Checker, walk: Walk, answers: Answers) -> None:
    """The visitor comes again to a service: what was asked there is not asked once more."""
    known = checker.known
    for place in walk.seen:
        page = known.pack.pages[place.page]
        answers.elsewhere.update(at(each.field, place.slot) for each in known.asked(page, place.slot))
        answers.elsewhere.update(at(name, place.slot) for name in (page.photos, page.list_of) if name)
    answers.version += 1


def file_fields(pack: Pack) -> list[str]:
    """The fields in which a service lists files from the visitor's phone."""
    return [page.files for page in pack.definition.pages if page.files]


class _Carrier:
    def __init__(
        self, source: Checker, walk: Walk, pack: Pack, answers: Answers, names: Mapping[str, str] | None
    ) -> None:
        self._checker = source
        self._source = source.known
        self._walk = walk
        self._words = source.known.pack.texts[source.known.language]
        self._pack = pack
        self._answers = answers
        self._is_declared = names is not None
        self._names = names or {}

    def carry(self) -> None:
        """Carry everything that fits."""
        places = [place for place in self._source.places() if self._was_asked(place)]
        asked = {self._group_of(place) for place in places} | set(self._answers.members)
        for group in self._source.pack.definition.groups:
            if group in asked:
                self._members(group)
        for place in places:
            page = self._source.pack.pages[place.page]
            for definition in page.fields:
                if holds(definition.when, self._source, place.slot):
                    self._field(definition, place)
            self._whole_page(page, place)
        self._rest()
        self._answers.version += 1

    def _was_asked(self, place: Place) -> bool:
        return place in self._walk.seen or self._source.was_asked_elsewhere(place)

    def _group_of(self, place: Place) -> str:
        page = self._source.pack.pages[place.page]
        return page.for_each or page.list_of

    def _there(self, name: str) -> str:
        """The name of a field in the other service."""
        return self._names.get(name, name)

    # --- answers --------------------------------------------------------------------------------------------

    def _field(self, definition: FieldDef, place: Place) -> None:
        target = self._pack.fields.get(self._there(definition.field))
        if target is None or not self._has_slot(target.field, place) or not self._is_same(definition, target):
            return
        name = at(target.field, place.slot)
        value = self._source.field_value(definition, place.slot)
        if value is None or value in ("", []):
            self._nothing(definition, target, name, given=value is not None)
            return
        fitting = self._fitting(definition, target, value)
        if fitting is None:
            return
        self._answers.values[name] = fitting
        if fitting == value:
            self._answers.elsewhere.add(name)
        self._origin(at(definition.field, place.slot), name)

    def _is_same(self, definition: FieldDef, target: FieldDef) -> bool:
        """Whether both ask the same question."""
        if self._is_declared:
            return True
        here, there = self._words, self._pack.texts[self._source.language]
        if here.fields[definition.field].label != there.fields[target.field].label:
            return False
        page = self._source.pack.page_of[definition.field]
        return definition.field.startswith(_VISITOR) or self._reads_alike(
            page, self._pack.page_of[target.field]
        )

    def _reads_alike(self, page: Page, other: Page | None) -> bool:
        """Whether the visitor reads the same over both pages."""
        if self._is_declared or other is None:
            return other is not None
        there = self._pack.texts[self._source.language]
        return self._words.pages[page.page].title == there.pages[other.page].title

    def _nothing(self, definition: FieldDef, target: FieldDef, name: str, *, given: bool) -> None:
        """It was asked, and left empty or emptied again."""
        if not _are_alike(definition, target):
            return
        if given and name in self._answers.values:
            self._answers.values[name] = [] if target.kind is FieldKind.MULTI_CHOICE else ""
        self._answers.elsewhere.add(name)

    def _fitting(self, definition: FieldDef, target: FieldDef, value: AnswerValue) -> AnswerValue | None:
        """The answer as the other field takes it; None when it cannot."""
        if not _are_alike(definition, target) or definition.options_from != target.options_from:
            return None
        if target.options_from:
            return value
        if isinstance(value, str) and 0 < target.max_length < len(value):
            return None
        return accept(target, value, self._options(target)) or None

    def _options(self, target: FieldDef) -> tuple[str, ...]:
        if target.options_list:
            return tuple(self._pack.lists[target.options_list].by_code)
        return target.option_values

    def _origin(self, name: str, there: str) -> None:
        for here, other in (
            (self._source.answers.scanned, self._answers.scanned),
            (self._source.answers.doubted, self._answers.doubted),
        ):
            other.add(there) if name in here else other.discard(there)

    def _has_slot(self, name: str, place: Place) -> bool:
        """Whether the other service knows the member that a field of it belongs to."""
        group = name.partition("[]")[0] if "[]" in name else ""
        known = self._answers.members.get(group, [])
        if not group or place.slot is None:
            return not group and place.slot is None
        same = self._source.pack.pages[place.page].for_each == group and self._is_same_group(group)
        return same and place.slot < len(known)

    # --- whole pages ----------------------------------------------------------------------------------------

    def _whole_page(self, page: Page, place: Place) -> None:
        match page.kind:
            case PageKind.PHOTOS:
                self._photos(page, place)
            case PageKind.LIST if self._reads_alike(page, self._pack.list_pages.get(page.list_of)):
                self._answers.elsewhere.add(page.list_of)
            case PageKind.SCAN if page.page in self._source.answers.scans:
                if self._reads_alike(page, self._pack.pages.get(page.page)):
                    self._answers.scans.add(page.page)

    def _photos(self, page: Page, place: Place) -> None:
        there = self._there(page.photos)
        target = self._pack.page_of.get(there)
        if target is None or target.photos != there or not self._has_slot(there, place):
            return
        if not self._reads_alike(page, target):
            return
        listed = self._source.answers.values.get(at(page.photos, place.slot))
        photos = listed if isinstance(listed, list) else []
        name = at(there, place.slot)
        before = self._answers.values.get(name)
        for gone in before if isinstance(before, list) else ():
            self._answers.photos.pop(gone, None)
        kept = photos[: target.limit]
        self._answers.photos |= {each: self._source.answers.photos[each] for each in kept}
        self._answers.values[name] = list(kept)
        self._answers.elsewhere.add(name)

    def _rest(self) -> None:
        """What belongs to the visit and not to a field."""
        self._answers.methods |= self._source.answers.methods
        self._answers.helped |= self._source.answers.helped
        self._answers.upload = self._source.answers.upload
        self._answers.files = dict(self._source.answers.files)
        self._answers.dropped_files |= self._source.answers.dropped_files
        self._answers.lookup = self._source.answers.lookup
        self._files()

    def _files(self) -> None:
        """List every file of the visit once, and none that is gone: under the same name, or on the first page
        for files.
        """
        names = file_fields(self._pack)
        listed_there = {each: name for name in names for each in self._listed(self._answers, name)}
        listed_here = {
            each: name
            for name in file_fields(self._source.pack)
            for each in self._listed(self._source.answers, name)
        }
        for name in names:
            self._answers.values[name] = [
                each
                for each in self._answers.files
                if name == (listed_there.get(each) or self._name_there(listed_here.get(each, ""), names))
            ]

    @staticmethod
    def _listed(answers: Answers, name: str) -> list[str]:
        value = answers.values.get(name)
        return value if isinstance(value, list) else []

    @staticmethod
    def _name_there(name: str, names: list[str]) -> str:
        return name if name in names else names[0]

    # --- members --------------------------------------------------------------------------------------------

    def _members(self, group: str) -> None:
        here = self._source.pack.definition.groups[group]
        there = self._pack.definition.groups.get(group)
        if there is None or not self._is_same_group(group):
            return
        added_here, added_there = not here.chosen_by, not there.chosen_by
        if added_here == added_there:
            self._same_members(group)
        elif added_there and group not in self._answers.members:
            self._chosen_as_added(group)

    def _is_same_group(self, group: str) -> bool:
        """Whether its members are the same things in both services; of those chosen from tiles each is known
        by its tile.
        """
        if self._is_declared:
            return True
        here = self._source.pack.definition.groups[group]
        there = self._pack.definition.groups.get(group)
        if there is None or bool(here.chosen_by) != bool(there.chosen_by):
            return False
        pages = self._source.pack.list_pages
        return bool(here.chosen_by) or self._reads_alike(pages[group], self._pack.list_pages.get(group))

    def _same_members(self, group: str) -> None:
        self._source.slots(group)  # they are known from here on
        members = self._source.answers.members.get(group, [])
        if len(members) < len(self._answers.members.get(group, [])):
            return
        self._answers.members[group] = list(members)
        for slot in self._source.answers.removed.get(group, set()) - self._answers.removed.get(group, set()):
            photos = [
                at(page.photos, slot)
                for page in self._pack.definition.pages
                if page.photos and page.for_each == group
            ]
            self._answers.remove_member(group, slot, tuple(photos))

    def _chosen_as_added(self, group: str) -> None:
        """What was chosen from tiles stands in a list there; its kind goes along where a name says to which
        field.
        """
        held = set(self._source.slots(group))
        count = len(self._source.answers.members.get(group, []))
        self._answers.members[group] = [Member(slot, "", 0) for slot in range(count)]
        self._answers.removed[group] = {slot for slot in range(count) if slot not in held}
        name = self._names.get(f"{group}[].category", "")
        target = self._pack.fields.get(name)
        for slot in held if target is not None else ():
            member = self._source.member(group, slot)
            if target is not None and member is not None and member.category in target.option_values:
                self._answers.values[at(name, slot)] = member.category
                self._answers.elsewhere.add(at(name, slot))


def _are_alike(one: FieldDef, other: FieldDef) -> bool:
    if one.kind is other.kind:
        return True
    return any(one.kind in kinds and other.kind in kinds for kinds in _ALIKE)
