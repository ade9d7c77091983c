"""What an outbox must hold: a plain account of it, kept beside the real one and compared with it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kiosk.post.envelope import GENESIS, Part, Sealed, Slot, envelope_hash
from kiosk.post.outbox import Outbox

KIOSK = 7
QUEUED, QUARANTINED, RECEIPTED = "queued", "quarantined", "receipted"


@dataclass(frozen=True, slots=True)
class Draft:
    """A case to be kept. Its bytes say its name in every sector, so that a trace of them is recognised."""

    name: str
    size: int = 3000
    parts: tuple[int, ...] = ()

    @property
    def case_id(self) -> UUID:
        """Its id."""
        return UUID(bytes=hashlib.sha256(self.name.encode()).digest()[:16], version=4)

    @property
    def canary(self) -> bytes:
        """What every 128 bytes of its ciphertext contain."""
        return hashlib.sha256(b"canary " + self.name.encode()).hexdigest().encode()

    def seal(self, slot: Slot) -> Sealed:
        """Its envelope and parts at a place in the chain: of the right form, and nothing secret in them."""
        parts = [self._filled(b"%d " % index, size) for index, size in enumerate(self.parts)]
        named = tuple(Part(hashlib.sha256(part).hexdigest(), part) for part in parts)
        body = {
            "v": 2,
            "kiosk": KIOSK,
            "case": str(self.case_id),
            "sequence": slot.sequence,
            "previous": slot.previous.hex(),
            "keys": [{"kid": self.canary.decode()[:16], "wrapped": self.canary.decode()}],
            "parts": [
                {"attachment": index, "sha256": part.sha256, "size": len(part.sealed)}
                for index, part in enumerate(named)
            ],
            "sealed": self._filled(b"", self.size).decode(),
        }
        return Sealed(json.dumps(body, separators=(",", ":")).encode(), named)

    def _filled(self, head: bytes, size: int) -> bytes:
        return (head + self.canary * (size // len(self.canary) + 1))[:size]


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of an outbox."""

    sequence: int
    state: str = QUEUED
    refusals: int = 0
    official_number: str | None = None
    envelope: bytes = b""
    parts: frozenset[tuple[str, bytes]] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """The cases of an outbox by id, and the end of its chain."""

    entries: Mapping[UUID, Entry] = field(default_factory=lambda: MappingProxyType({}))
    sequence: int = 0
    head: bytes = GENESIS

    def kept(self, draft: Draft) -> "Book":
        """After `draft` was kept."""
        if draft.case_id in self.entries:
            return self
        slot = Slot(self.sequence + 1, self.head)
        sealed = draft.seal(slot)
        parts = frozenset((part.sha256, part.sealed) for part in sealed.parts)
        entry = Entry(slot.sequence, envelope=sealed.envelope, parts=parts)
        entries = {**self.entries, draft.case_id: entry}
        return Book(entries, slot.sequence, envelope_hash(sealed.envelope))

    def receipted(self, draft: Draft, official_number: str) -> "Book":
        """After the receipt of `draft`: no ciphertext any more."""
        sequence = self.entries[draft.case_id].sequence
        return self._with(draft, Entry(sequence, RECEIPTED, official_number=official_number))

    def refused(self, draft: Draft) -> "Book":
        """After one more refusal of `draft`."""
        entry = self.entries[draft.case_id]
        return self._with(draft, replace(entry, refusals=entry.refusals + 1))

    def quarantined(self, draft: Draft) -> "Book":
        """After `draft` was set apart."""
        return self._with(draft, replace(self.entries[draft.case_id], state=QUARANTINED))

    def _with(self, draft: Draft, entry: Entry) -> "Book":
        return replace(self, entries={**self.entries, draft.case_id: entry})


def read(outbox: Outbox, known: Iterable[UUID]) -> Book:
    """The account of a real outbox, by its own words. Receipted cases are looked up among those `known`."""
    entries: dict[UUID, Entry] = {}
    waiting = outbox.next_waiting()
    while waiting is not None:
        state = QUARANTINED if waiting.quarantined else QUEUED
        names = outbox.part_names(waiting.sequence)
        entries[waiting.case_id] = Entry(
            waiting.sequence,
            state,
            waiting.refusals,
            envelope=outbox.envelope(waiting.sequence),
            parts=frozenset((name, outbox.part(waiting.sequence, name)) for name in names),
        )
        waiting = outbox.next_waiting(after=waiting.sequence)
    sequence, head = _rows(outbox, "SELECT sequence, head FROM chain")[0]
    receipted = _rows(outbox, "SELECT case_id, sequence FROM cases WHERE state = 'receipted'")
    numbers = {case_id: outbox.official_number(case_id) for case_id in known}
    for name, place in receipted:
        case_id = UUID(bytes=name)
        entries[case_id] = Entry(place, RECEIPTED, official_number=numbers.get(case_id))
    return Book(entries, int(sequence), bytes(head))


def doubled(account: Book) -> int:
    """How many reports are in it more than once, under whatever name."""
    bodies = (json.loads(entry.envelope) for entry in account.entries.values() if entry.envelope)
    return sum(times > 1 for times in Counter(body["sealed"] for body in bodies).values())


def faults(outbox: Outbox) -> list[str]:
    """What is wrong with an outbox in itself: its file, its chain, its hashes."""
    found = [str(word) for (word,) in _rows(outbox, "PRAGMA quick_check") if word != "ok"]
    return found or _breaks(outbox) + _wrong_names(outbox)


def _breaks(outbox: Outbox) -> list[str]:
    found, expected = [], Slot(1, GENESIS)
    rows = _rows(outbox, "SELECT sequence, previous, hash FROM cases ORDER BY sequence")
    sequence, head = _rows(outbox, "SELECT sequence, head FROM chain")[0]
    for place, previous, name in rows:
        if Slot(place, previous) != expected:
            found.append(f"the chain breaks at {place}")
        expected = Slot(place + 1, name)
    if expected != Slot(sequence + 1, head):
        found.append("the chain does not end where it says")
    return found


def _wrong_names(outbox: Outbox) -> list[str]:
    found = []
    query = "SELECT sequence, hash, envelope FROM cases WHERE envelope IS NOT NULL"
    for sequence, name, envelope in _rows(outbox, query):
        if envelope_hash(envelope) != name:
            found.append(f"envelope {sequence} is not what its hash says")
    for name, sealed in _rows(outbox, "SELECT sha256, sealed FROM parts"):
        if hashlib.sha256(sealed).hexdigest() != name:
            found.append(f"part {name[:8]} is not what its hash says")
    orphans = "SELECT count(*) FROM parts WHERE case_sequence NOT IN (SELECT sequence FROM cases)"
    if _rows(outbox, orphans) != [(0,)]:
        found.append("parts without a case")
    return found


def _rows(outbox: Outbox, query: str) -> list[tuple[Any, ...]]:
    return list(outbox._db.execute(query))
