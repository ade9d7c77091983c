"""Is anything missing? What sequence numbers and hashes of a kiosk's envelopes prove. Pure.

Each envelope carries its place in the kiosk's chain and the hash of the one before it, both sealed in. So one
taken away, added, exchanged, altered or moved shows in what is left. Only the end of a chain needs the
heartbeat, which tells the kiosk's last sequence number and how many cases it still holds.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

ZEROS = bytes(32)
PATIENCE = dt.timedelta(days=1)
"""How long something may be on its way before somebody should ask."""

ON_ITS_WAY = dt.timedelta(minutes=5)
"""A heartbeat that was under way while a case came in may be older than the case by this."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain needs of an envelope."""

    sequence: int
    previous: bytes
    sha256: bytes
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The last heartbeat: up to which number the kiosk has sealed, and how many of these it still holds."""

    at: dt.datetime
    last_sequence: int
    held: int
    oldest_age: dt.timedelta


@dataclass(frozen=True, slots=True)
class Range:
    """Sequence numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Proven:
    """The chain was followed up to `sequence`, whose envelope has `sha256`: `cases` of them, all whole."""

    sequence: int = 0
    sha256: bytes = ZEROS
    cases: int = 0


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known of a kiosk beside its envelopes. `starts`: where it was allowed to begin a chain anew."""

    kiosk: int
    starts: frozenset[int] = frozenset()
    explained: tuple[Range, ...] = ()
    told: Told | None = None
    proven: Proven = Proven()


class GapState(StrEnum):
    """What an absent envelope means."""

    AWAITED = "awaited"
    """On its way, as far as the kiosk says."""
    OVERDUE = "overdue"
    """Nobody says that it is lost, but it should be here by now."""
    MISSING = "missing"
    """The kiosk sealed it and does not hold it any more."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Absent envelopes; `since` is when the centre could know."""

    range: Range
    since: dt.datetime
    state: GapState


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `present`: stretches without an open gap; `broken`: links that do not fit the last."""

    kiosk: int
    present: tuple[Range, ...]
    gaps: tuple[Gap, ...]
    forks: tuple[int, ...]
    broken: tuple[int, ...]
    rewound: bool
    """The kiosk counts from further back than it has been: its disk is an older copy."""
    proven: Proven

    @property
    def whole(self) -> bool:
        """Nothing is wrong; something may still be on its way."""
        late = any(gap.state is not GapState.AWAITED for gap in self.gaps)
        return not (late or self.forks or self.broken or self.rewound)

    def absent(self, state: GapState) -> int:
        """How many envelopes are absent in this way."""
        return sum(len(gap.range) for gap in self.gaps if gap.state is state)


@dataclass(slots=True)
class _Walk:
    """Follows a chain, one sequence number after the other."""

    chain: Chain
    last: int
    hashes: frozenset[bytes]
    proven: Proven
    whole: bool = True
    arrived: dt.datetime | None = None
    absent: list[tuple[Range, dt.datetime]] = field(default_factory=list)
    forks: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)

    def step(self, sequence: int, links: Sequence[Link]) -> None:
        if sequence > self.last + 1:
            self.miss(Range(self.last + 1, sequence - 1), min(link.received_at for link in links))
            self.hashes = frozenset()
        if len(links) > 1:
            self.forks.append(sequence)
        if not all(self._fits(link) for link in links):
            self.broken.append(sequence)
        self.last, self.hashes = sequence, frozenset(link.sha256 for link in links)
        self.arrived = max(link.received_at for link in links)
        self.whole = self.whole and not self.forks and not self.broken
        if self.whole:
            self.proven = Proven(sequence, links[0].sha256, self.proven.cases + 1)

    def miss(self, absent: Range, since: dt.datetime) -> None:
        for piece in _without(absent, self.chain.explained):
            self.absent.append((piece, since))
            self.whole = False

    def _fits(self, link: Link) -> bool:
        if link.previous == ZEROS:
            return link.sequence == 1 or link.sequence in self.chain.starts
        if link.sequence == 1:
            return False
        return not self.hashes or link.previous in self.hashes


def judge(chain: Chain, links: Iterable[Link], now: dt.datetime) -> Verdict:
    """Judge the links behind `chain.proven`, which come in the order of their sequence numbers."""
    proven = chain.proven
    hashes = frozenset({proven.sha256} if proven.sequence else ())
    walk = _Walk(chain, proven.sequence, hashes, proven)
    for sequence, same in itertools.groupby(links, key=lambda link: link.sequence):
        walk.step(sequence, list(same))
    told = chain.told
    if told is not None and told.last_sequence > walk.last:
        walk.miss(Range(walk.last + 1, told.last_sequence), told.at - told.oldest_age)
    return Verdict(
        kiosk=chain.kiosk,
        present=tuple(_without(Range(1, walk.last), [gap for gap, _ in walk.absent])),
        gaps=tuple(_gaps(walk.absent, told, now)),
        forks=tuple(walk.forks),
        broken=tuple(walk.broken),
        rewound=_is_rewound(walk, told),
        proven=walk.proven,
    )


def _gaps(absent: Sequence[tuple[Range, dt.datetime]], told: Told | None, now: dt.datetime) -> Iterator[Gap]:
    spoken_of = 0 if told is None else sum(_up_to(told.last_sequence, gap) for gap, _ in absent)
    lost = told is not None and spoken_of > told.held
    for gap, since in absent:
        if lost and told is not None and gap.first <= told.last_sequence:
            state = GapState.MISSING
        else:
            state = GapState.OVERDUE if now - since > PATIENCE else GapState.AWAITED
        yield Gap(gap, since, state)


def _up_to(last: int, gap: Range) -> int:
    return max(0, min(gap.last, last) - gap.first + 1)


def _is_rewound(walk: _Walk, told: Told | None) -> bool:
    if told is None or walk.arrived is None or told.last_sequence >= walk.last:
        return False
    return told.at - walk.arrived > ON_ITS_WAY


def _without(whole: Range, taken: Iterable[Range]) -> Iterator[Range]:
    """What of `whole` is in none of `taken`."""
    first = whole.first
    for each in sorted(taken, key=lambda each: each.first):
        if each.last < first or each.first > whole.last:
            continue
        if each.first > first:
            yield Range(first, each.first - 1)
        first = max(first, each.last + 1)
    if first <= whole.last:
        yield Range(first, whole.last)
