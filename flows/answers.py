"""What a visitor has answered so far: as given, bounded, and only in memory."""

from dataclasses import dataclass, field

from flows.case import InputMethod
from flows.events import AnswerValue


@dataclass(frozen=True, slots=True)
class Member:
    """One of several things, for instance a lost item. Its slot is its own for the whole visit."""

    slot: int
    category: str
    ordinal: int  # from 1, among members of its category


@dataclass(slots=True)
class Answers:
    """Every answer of the visit, also those that do not hold at the moment.

    `values` is keyed by field (`items[2].colour`), `photos` by photo id. `scans` names the scan pages that
    read a document, `scanned` the fields that came from it and were not changed since, `doubted` those of
    them whose check digits did not fit. `methods` are the ways in which answers came in. `version` counts
    changes, so that what was derived from answers is known to hold still.
    """

    values: dict[str, AnswerValue] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    scans: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    methods: set[InputMethod] = field(default_factory=set)
    version: int = 0

    def member(self, group: str, category: str, ordinal: int) -> Member:
        """The member of a category; it gets a slot of its own when it is new."""
        known = self.members.setdefault(group, [])
        for each in known:
            if (each.category, each.ordinal) == (category, ordinal):
                return each
        known.append(Member(len(known), category, ordinal))
        self.version += 1
        return known[-1]

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

    def wipe(self) -> None:
        """Forget everything."""
        for store in (
            self.values,
            self.photos,
            self.members,
            self.scans,
            self.scanned,
            self.doubted,
            self.methods,
        ):
            store.clear()
        self.version += 1
