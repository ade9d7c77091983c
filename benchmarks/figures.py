"""What a measure yields: samples beside a peer or a limit, and how they are written down."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class NothingMeasuredError(Exception):
    """A measure could not be taken; the message says what was missing."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Repetitions of one measure, at least one."""

    values: tuple[float, ...]

    @staticmethod
    def of(values: Iterable[float], what: str) -> "Samples":
        """Raises `NothingMeasuredError` for no values, and for values that are no measure."""
        taken = tuple(values)
        if not taken or not all(math.isfinite(value) and value >= 0 for value in taken):
            raise NothingMeasuredError(what)
        return Samples(taken)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """Nearest rank: at least 95 % are not above it."""
        return sorted(self.values)[math.ceil(0.95 * len(self.values)) - 1]

    @property
    def p99(self) -> float:
        """Nearest rank: at least 99 % are not above it."""
        return sorted(self.values)[math.ceil(0.99 * len(self.values)) - 1]

    @property
    def worst(self) -> float:
        """The largest."""
        return max(self.values)


class Of(StrEnum):
    """What a limit is about."""

    RATIO = "ratio"
    MEDIAN = "median"
    P95 = "p95"
    P99 = "p99"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure to reach; `least`: more is better."""

    of: Of
    bound: float
    least: bool = False

    def __str__(self) -> str:
        return f"{self.of} {'≥' if self.least else '≤'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Peer:
    """What a measure is compared with, taken in the same run."""

    name: str
    samples: Samples


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, in `unit`."""

    what: str
    unit: str
    ours: Samples
    peer: Peer | None = None
    limit: Limit | None = None

    @property
    def ratio(self) -> float | None:
        """Our median by the peer's."""
        return self.ours.median / self.peer.samples.median if self.peer else None

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None without one."""
        if self.limit is None:
            return None
        reached = self.ratio if self.limit.of is Of.RATIO else getattr(self.ours, self.limit.of)
        if reached is None:
            raise ValueError(f"{self.what}: a ratio needs a peer")
        return bool(reached >= self.limit.bound if self.limit.least else reached <= self.limit.bound)

    def as_json(self) -> dict[str, Any]:
        """Everything, with every repetition."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ratio": self.ratio,
            "median": self.ours.median,
            "p95": self.ours.p95,
            "worst": self.ours.worst,
            "values": self.ours.values,
            "peer": self.peer and {"name": self.peer.name, "values": self.peer.samples.values},
            "limit": self.limit and str(self.limit),
            "met": self.met,
        }


def table(figures: Sequence[Figure]) -> str:
    """The rows as Markdown, ratios first."""
    lines = [
        "| measure | ratio | figure to reach | met | median (least – p95 – most) | beside, in the same run |",
        "|---|---:|---|---|---:|---|",
        *map(_row, figures),
    ]
    return "\n".join(lines)


def _row(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"**{figure.ratio:.2f}**"
    limit = str(figure.limit or "")
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    beside = f"{figure.peer.name}: {_spread(figure.peer.samples, figure.unit)}" if figure.peer else ""
    return f"| {figure.what} | {ratio} | {limit} | {met} | {_spread(figure.ours, figure.unit)} | {beside} |"


def _spread(samples: Samples, unit: str) -> str:
    median = f"{_short(samples.median)} {unit}"
    if len(samples.values) == 1:
        return median
    return f"{median} ({_short(min(samples.values))} – {_short(samples.p95)} – {_short(samples.worst)})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
