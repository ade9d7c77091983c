"""What can befall a call to the centre, and when: drawn once from the seed, looked up by virtual time."""

import bisect
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOUR_S = 3600.0
DAY_S = 86_400.0


class Sky(StrEnum):
    """The state of a region, or of the centre, for a while."""

    FAIR = "fair"
    NO_NETWORK = "no_network"
    PORTAL = "portal"
    """Somebody else answers with a friendly page."""
    BROKEN = "broken"
    """The centre answers 500."""
    BUSY = "busy"
    """The centre answers 429 or 503 with Retry-After."""
    BAD_RELEASE = "bad_release"
    """The centre refuses every case with an explained 422."""


class Mishap(StrEnum):
    """What happens to a single call under a fair sky."""

    NONE = "none"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    """The centre has it, the kiosk does not know."""
    LATE = "late"
    """The kiosk gives up; the request arrives minutes later, after others."""
    DOUBLED = "doubled"
    DOUBLED_LATE = "doubled_late"
    BARE_OK = "bare_ok"
    """A proxy answers 200 for the centre."""
    STRANGE_RECEIPT = "strange_receipt"
    """A receipt that is rightly signed, for the right case, but for other bytes."""
    STALE_RECEIPT = "stale_receipt"
    """The receipt of an earlier case."""
    CONFLICT = "conflict"
    NOT_FOUND_PAGE = "not_found_page"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"
    REFUSED_ONCE = "refused_once"


_COMMON: Mapping[Mishap, float] = {
    Mishap.LOST_BEFORE: 0.010,
    Mishap.LOST_AFTER: 0.010,
    Mishap.LATE: 0.005,
    Mishap.DOUBLED: 0.010,
    Mishap.DOUBLED_LATE: 0.005,
    Mishap.BARE_OK: 0.002,
    Mishap.STRANGE_RECEIPT: 0.001,
    Mishap.STALE_RECEIPT: 0.001,
    Mishap.CONFLICT: 0.004,
    Mishap.NOT_FOUND_PAGE: 0.002,
    Mishap.UNAVAILABLE: 0.004,
    Mishap.TOO_MANY: 0.002,
    Mishap.REFUSED_ONCE: 0.002,
}
_BUGGIFIED = 0.10
"""How likely a rare path is on a kiosk on which it is made likely (FoundationDB's BUGGIFY)."""
_BUGGIFY_SHARE = 0.08

_SPELLS_PER_DAY: Mapping[Sky, float] = {
    Sky.NO_NETWORK: 0.8,
    Sky.PORTAL: 0.2,
    Sky.BROKEN: 0.8,
    Sky.BUSY: 0.8,
    Sky.BAD_RELEASE: 0.15,
}
_LONGEST_S: Mapping[Sky, float] = {
    Sky.NO_NETWORK: 8 * HOUR_S,
    Sky.PORTAL: 3 * HOUR_S,
    Sky.BROKEN: 1 * HOUR_S,
    Sky.BUSY: 1 * HOUR_S,
    Sky.BAD_RELEASE: 2 * HOUR_S,
}


@dataclass(frozen=True, slots=True)
class Spell:
    """A sky from `start` until `end`."""

    start: float
    end: float
    sky: Sky


@dataclass(slots=True)
class Weather:
    """The skies over one region until `ends_s`; fair ever after."""

    spells: list[Spell]
    ends_s: float
    _starts: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.spells.sort(key=lambda spell: spell.start)
        self._starts = [spell.start for spell in self.spells]

    @staticmethod
    def drawn(chance: random.Random, until_s: float) -> "Weather":
        """Spells of every kind, independent of each other, some of them very long or very short."""
        spells = []
        for sky, rate in _SPELLS_PER_DAY.items():
            at = chance.expovariate(rate / DAY_S)
            while at < until_s:
                length = _LONGEST_S[sky] * chance.random() ** 3
                spells.append(Spell(at, min(at + length, until_s), sky))
                at += length + chance.expovariate(rate / DAY_S)
        return Weather(spells, until_s)

    def at(self, now: float) -> Sky:
        """The sky now."""
        # A few spells overlap; the one that began last decides, or one of the two before it that still lasts.
        last = bisect.bisect_right(self._starts, now)
        for spell in reversed(self.spells[max(0, last - 3) : last]):
            if now < spell.end:
                return spell.sky
        return Sky.FAIR


class Luck:
    """The mishaps of one kiosk's calls."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        likely = {mishap: _BUGGIFIED for mishap in _COMMON if chance.random() < _BUGGIFY_SHARE}
        self._mishaps = tuple(_COMMON)
        weights = {**_COMMON, **likely}
        self._bounds: list[float] = []
        for mishap in self._mishaps:
            self._bounds.append((self._bounds[-1] if self._bounds else 0.0) + weights[mishap])

    def draw(self) -> Mishap:
        """The mishap of the next call."""
        place = bisect.bisect_right(self._bounds, self._chance.random())
        return self._mishaps[place] if place < len(self._mishaps) else Mishap.NONE
