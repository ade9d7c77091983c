"""What a visitor has answered so far: as given, bounded, and only in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from flows.asking.lookup import Lookup
from flows.case import InputMethod
from flows.events import AnswerValue
from flows.ports import UploadedFile

MOST_SLOTS = 500
"""Members that a visitor may add to a group in a visit, with those removed again."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of several things, for instance a lost item. Its slot is its own for the whole visit."""

    slot: int
    category: str  # empty for members that are added one by one
    ordinal: int  # from 1, among members of its category


@dataclass(slots=True)
class Answers:
    """Every answer given to a service, also those that do not hold at the moment.

    `values` is keyed by field (`items[2].colour`), `photos` by photo id. `removed` are the slots of members
    that the visitor took out of a list. `scans` names the scan pages that read a document, `scanned` the
    fields that came from it and were not changed since, `doubted` those of them whose check digits did not
    fit. `methods` are the ways in which answers came in. `helped` are the helper questions shown so far,
    `elsewhere` what another service asked earlier in the visit. `files` came from the visitor's phone by way
    of `upload`, by id; `dropped_files` were taken back. `version` counts changes, so that what was
    derived from answers is known to hold still.
    """

    values: dict[str, AnswerValue] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    removed: dict[str, set[int]] = field(default_factory=dict)
    scans: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    methods: set[InputMethod] = field(default_factory=set)
    helped: set[tuple[str, int | None]] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    lookup: Lookup = field(default_factory=Lookup)
    upload: UUID | None = None
    files: dict[str, UploadedFile] = field(default_factory=dict)
    dropped_files: set[str] = field(default_factory=set)
    version: int = 0

    # --- members --------------------------------------------------------------------------------------------

    def member(self, group: str, category: str, ordinal: int) -> Member:
        """The member of a category; it gets a slot of its own when it is new."""
        known = self.members.setdefault(group, [])
        for each in known:
            if each.ordinal == ordinal and each.category == category:
                return each
        known.append(Member(len(known), category, ordinal))
        self.version += 1
        return known[-1]

    def add_member(self, group: str) -> Member:
        """One more member, in a slot that was never another's."""
        known = self.members.setdefault(group, [])
        known.append(Member(len(known), "", 0))
        self.version += 1
        return known[-1]

    def listed_members(self, group: str) -> tuple[Member, ...]:
        """The members added one by one that are still there, counted from 1."""
        gone = self.removed.get(group, set())
        there = [each for each in self.members.get(group, []) if each.slot not in gone]
        return tuple(replace(each, ordinal=number) for number, each in enumerate(there, start=1))

    def is_full(self, group: str) -> bool:
        """Whether the group takes no further slot in this visit."""
        return len(self.members.get(group, [])) >= MOST_SLOTS

    def remove_member(self, group: str, slot: int, photo_fields: tuple[str, ...] = ()) -> None:
        """Forget a member: its answers and photos, and nobody else's."""
        self.removed.setdefault(group, set()).add(slot)
        for name in photo_fields:
            listed = self.values.get(name)
            for photo_id in listed if isinstance(listed, list) else ():
                self.photos.pop(photo_id, None)
        prefix = f"{group}[{slot}]."
        for name in [each for each in self.values if each.startswith(prefix)]:
            del self.values[name]
        for names in (self.scanned, self.doubted, self.elsewhere):
            names.difference_update({each for each in names if each.startswith(prefix)})
        self.version += 1

    # --- answers --------------------------------------------------------------------------------------------

    def keep(self, name: str, value: AnswerValue) -> None:
        """The visitor gave an answer."""
        self.put(name, value)
        self.scanned.discard(name)
        self.doubted.discard(name)

    def put(self, name: str, value: AnswerValue) -> None:
        """The kiosk gives an answer; where it came from stays as it was."""
        self.values[name] = value
        self.version += 1

    def keep_scanned(self, name: str, value: str) -> None:
        """A document gave an answer; what the visitor typed stays."""
        if name in self.scanned or not self.values.get(name):
            self.put(name, value)
            self.scanned.add(name)

    def note_scan(self, page: str, doubted: str = "") -> None:
        """A scan page read a document; the check digits of field `doubted` do not fit."""
        self.scans.add(page)
        self.methods.add(InputMethod.SCAN)
        if doubted in self.scanned:
            self.doubted.add(doubted)
        self.version += 1

    def note_helper(self, page: str, slot: int | None) -> None:
        """A helper question is shown."""
        self.helped.add((page, slot))
        self.version += 1

    def note_lookup(self, lookup: Lookup) -> None:
        """The centre was asked about an earlier report, or answered."""
        self.lookup = lookup
        self.version += 1

    def forget_files(self, names: Sequence[str]) -> None:
        """What came from the visitor's phone is there no more; `names` are the fields that list it."""
        self.upload = None
        self.files.clear()
        for name in names:
            self.values.pop(name, None)
        self.version += 1

    def wipe(self) -> None:
        """Forget everything."""
        self.lookup, self.upload = Lookup(), None
        for store in (
            self.values,
            self.photos,
            self.members,
            self.removed,
            self.scans,
            self.scanned,
            self.doubted,
            self.methods,
            self.helped,
            self.elsewhere,
            self.files,
            self.dropped_files,
        ):
            store.clear()
        self.version += 1
