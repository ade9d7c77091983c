"""What a damaged outbox proves: which cases it holds to the bit, and where its chain ends."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kiosk.post.envelope import GENESIS, envelope_hash
from kiosk.post.wreck import Named, Reading, Row, named

MARGIN = 1000
"""Places that a chain leaves out where its end is unknown: no reference is given out twice."""


@dataclass(frozen=True, slots=True)
class Case:
    """A waiting case with the hash it was committed with. `row` is without its envelope: many may wait."""

    reading: Reading
    row: Row
    name: bytes
    named: Named


@dataclass(slots=True)
class Survey:
    """Everything that was found. By sequence, what any reading says of hashes and of those before."""

    cases: dict[int, Case] = field(default_factory=dict)
    unproven: dict[int, Case] = field(default_factory=dict)
    hashes: defaultdict[int, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    previous: defaultdict[int, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    chains: list[tuple[int, bytes]] = field(default_factory=list)
    failures: int = 0

    def chain(self) -> tuple[int, bytes] | None:
        """Where the chain goes on: the last sequence and its hash.

        Kept if some row confirms it. Otherwise a new chain begins well beyond all that is certain; None if
        nothing is.
        """
        certain = set(self.cases) | self._linked()
        top = max(certain, default=0)
        kept = [(sequence, head) for sequence, head in self.chains if head in self.hashes[sequence]]
        best = max(kept, default=(0, GENESIS))
        if best[0] >= max(top, 1):
            return best
        if not certain:
            return self._untouched()
        likely = {sequence for sequence, _ in self.chains if top <= sequence <= top + MARGIN}
        return max(likely | {top}) + MARGIN, GENESIS

    def _linked(self) -> set[int]:
        """Rows that name each other: damage does not do that."""
        pairs = [each for each in self.hashes if self.hashes[each] & self.previous.get(each + 1, set())]
        return {sequence for each in pairs for sequence in (each, each + 1)}

    def _untouched(self) -> tuple[int, bytes] | None:
        """The chain of an outbox in which there has never been a case."""
        if self.hashes or self.failures or not self.chains:
            return None
        return self.chains[0] if self.chains[0][1] == GENESIS else None


def survey(ways: Sequence[Reading], kiosk: int) -> Survey:
    """Read everything, in every way, that an outbox of `kiosk` holds. What one reading proves, stands."""
    found = Survey()
    known: set[int] = set()
    for reading in ways:
        chain = reading.chain()
        if chain is not None and chain not in found.chains:
            found.chains.append(chain)
        known |= reading.sequences()
        for sequence in sorted(known - set(found.cases)):
            row = reading.row(sequence)
            if row is not None:
                _note(found, reading, row, kiosk)
        found.failures += reading.failures
    _prove_by_neighbours(found)
    return found


def is_sound(reading: Reading) -> bool:
    """Whether nothing at all is wrong with the outbox, as this reading has it."""
    chain = reading.chain()
    if chain is None or not reading.is_sound():
        return False
    last, head = chain
    for sequence in reading.sequences():
        row = reading.row(sequence)
        if row is None or sequence > last or (sequence == last and row.hash != head):
            return False
        if row.envelope is not None and not _is_whole(reading, row.hash, row.envelope, sequence):
            return False
    return reading.failures == 0


def _is_whole(reading: Reading, name: bytes, envelope: bytes, sequence: int) -> bool:
    said = named(envelope)
    return (
        said is not None
        and envelope_hash(envelope) == name
        and all(reading.part(sequence, part) is not None for part in said.parts)
    )


def _note(found: Survey, reading: Reading, row: Row, kiosk: int) -> None:
    found.hashes[row.sequence].add(row.hash)
    found.previous[row.sequence].add(row.previous)
    said = None if row.envelope is None else named(row.envelope)
    if row.envelope is None or said is None or said.kiosk != kiosk or said.sequence != row.sequence:
        return
    name = envelope_hash(row.envelope)
    case = Case(reading, replace(row, envelope=None), name, said)
    if name == row.hash:
        found.cases[row.sequence] = case
    else:
        found.unproven[row.sequence] = case


def _prove_by_neighbours(found: Survey) -> None:
    """An envelope whose own hash was damaged is still known by the one after it, or by the chain's end."""
    for sequence, case in list(found.unproven.items()):
        vouchers = found.previous.get(sequence + 1, set()) | {
            head for last, head in found.chains if last == sequence
        }
        if sequence not in found.cases and case.name in vouchers:
            found.cases[sequence] = case
            found.hashes[sequence].add(case.name)
        if sequence in found.cases:
            del found.unproven[sequence]
