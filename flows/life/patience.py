"""How long a visit waits for its visitor. Monotonic seconds only."""

from dataclasses import dataclass
from enum import StrEnum

from config.settings import Timing

LIMIT_NOTICE_S = 300.0
"""The visitor is told this long before the absolute limit of a visit."""


class Verdict(StrEnum):
    """What the time asks for."""

    GO_ON = "go_on"
    WARN = "warn"
    GIVE_UP = "give_up"


@dataclass(slots=True)
class Patience:
    """Counts from the last activity and from the start of the visit; `since` is None while nobody is here.

    `away_since` is when the sensor saw the visitor go; a touch since then proves that sensor wrong.
    """

    timing: Timing
    since: float | None = None
    started: float | None = None
    warned: float | None = None
    away_since: float | None = None

    def start(self, now: float) -> None:
        """A visitor came."""
        self.since = self.started = now
        self.away_since = None

    def stop(self) -> None:
        """Nobody is here any more."""
        self.since = self.started = self.warned = self.away_since = None

    def active(self, now: float) -> None:
        """Something happened that means that a visitor is here or is being served."""
        if self.since is not None:
            self.since = now
            self.warned = self.away_since = None

    def note_presence(self, now: float, *, near: bool) -> None:
        """What the sensor sees: it may bring a warning forward, and that is all it may."""
        self.away_since = None if near else now

    def judge(self, now: float) -> Verdict:
        """What to do on a screen with a warning."""
        if self.since is None:
            return Verdict.GO_ON
        if self.warned is not None:
            return Verdict.GIVE_UP if now - self.warned >= self.timing.warning_s else Verdict.WARN
        if now - self.since >= self.timing.idle_s or self._has_left(now):
            self.warned = now
            return Verdict.WARN
        return Verdict.GO_ON

    def _has_left(self, now: float) -> bool:
        left_s = self.timing.left_s
        return left_s > 0 and self.away_since is not None and now - self.away_since >= left_s

    def idle_for(self, now: float) -> float:
        """Seconds without activity."""
        return 0.0 if self.since is None else now - self.since

    def seconds_left(self, now: float) -> int:
        """The count-down of a warning, rounded up."""
        if self.warned is None:
            return 0
        return max(0, -int(-(self.timing.warning_s - (now - self.warned)) // 1))

    def limit_left(self, now: float) -> float:
        """Seconds until the absolute limit of the visit."""
        return float("inf") if self.started is None else self.timing.visit_limit_s - (now - self.started)
