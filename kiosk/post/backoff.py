"""When to try again: full-jitter back-off, a breaker for the centre, a timetable for single cases. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

BASE_S = 5.0
CAP_S = 900.0

_ROUNDING = 1e-6  # who waits exactly as long as told must not be told to wait again

Clock = Callable[[], float]
"""Monotonic seconds."""

Uniform = Callable[[float, float], float]
"""A random number between two, as `random.uniform`."""


def full_jitter(attempt: int, uniform: Uniform) -> float:
    """Seconds to wait after failure number `attempt` (from 1): anything up to a ceiling that doubles.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return uniform(0.0, min(CAP_S, BASE_S * 2.0 ** min(attempt - 1, 16)))


class Passage(StrEnum):
    """What the breaker lets through now."""

    OPEN = "open"
    PROBE = "probe"
    """One small call that is no case; if it succeeds, one case may try."""
    BARRED = "barred"


class Breaker:
    """Stands before the centre. Failures count until a case succeeds: answered probes are not enough."""

    def __init__(self, clock: Clock, uniform: Uniform) -> None:
        self._clock = clock
        self._uniform = uniform
        self._failures = 0
        self._until: float | None = None
        self._told = False

    def passage(self) -> Passage:
        """Whether cases, a probe, or nothing may pass."""
        if self._until is None:
            return Passage.OPEN
        return Passage.PROBE if self._clock() >= self._until else Passage.BARRED

    def wait_s(self) -> float:
        """Seconds until something may pass."""
        return 0.0 if self._until is None else max(0.0, self._until - self._clock())

    def failed(self, wait_s: float | None = None) -> None:
        """A call failed; bar the way for `wait_s`, or for a time that grows with the failures."""
        self._failures += 1
        self._told = wait_s is not None
        self.hold(full_jitter(self._failures, self._uniform) if wait_s is None else wait_s)

    def hold(self, wait_s: float) -> None:
        """Bar the way for `wait_s`."""
        self._until = self._clock() + wait_s

    def hurry(self) -> None:
        """A visitor waits: probe now, unless the centre itself said when to come back."""
        if self._until is not None and not self._told:
            self._until = self._clock()

    def probed(self) -> None:
        """The probe succeeded."""
        self._until = None

    def succeeded(self) -> None:
        """A case got through."""
        self._failures = 0
        self._until = None


class Pace:
    """How fast a backlog drains: a token bucket. After an outage of a region all kiosks come at once."""

    def __init__(self, per_minute: float, burst: int, clock: Clock) -> None:
        """At most `burst` at once and `per_minute` in the long run."""
        self._per_s = per_minute / 60.0
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more may go now; if so, it is counted."""
        self._refill()
        if self._tokens < 1.0 - _ROUNDING:
            return False
        self._tokens -= 1.0
        return True

    def wait_s(self) -> float:
        """Seconds until one more may go."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) / self._per_s)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(float(self._burst), self._tokens + max(0.0, now - self._at) * self._per_s)
        self._at = now


@dataclass(slots=True)
class _Pause:
    until: float
    attempts: int


class Timetable:
    """When each case may be tried again. Cases it does not know may be tried at once."""

    def __init__(self, clock: Clock, uniform: Uniform) -> None:
        self._clock = clock
        self._uniform = uniform
        self._pauses: dict[int, _Pause] = {}

    def due(self, sequence: int) -> bool:
        """Whether the case may be tried now."""
        pause = self._pauses.get(sequence)
        return pause is None or self._clock() >= pause.until

    def attempts(self, sequence: int) -> int:
        """How often the case was postponed."""
        pause = self._pauses.get(sequence)
        return 0 if pause is None else pause.attempts

    def postpone(self, sequence: int, wait_s: float | None = None) -> None:
        """Pause one case for `wait_s`, or for a time that grows with its attempts."""
        attempts = self.attempts(sequence) + 1
        wait = full_jitter(attempts, self._uniform) if wait_s is None else wait_s
        self._pauses[sequence] = _Pause(self._clock() + wait, attempts)

    def due_now(self) -> list[int]:
        """Cases whose pause is over, lowest sequence first."""
        now = self._clock()
        return sorted(sequence for sequence, pause in self._pauses.items() if now >= pause.until)

    def forget(self, sequence: int) -> None:
        """The case is done."""
        self._pauses.pop(sequence, None)

    def wait_s(self) -> float | None:
        """Seconds until the next paused case is due; None if none is paused."""
        if not self._pauses:
            return None
        return max(0.0, min(pause.until for pause in self._pauses.values()) - self._clock())
