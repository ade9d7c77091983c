"""The keystroke-level model (Card, Moran and Newell, 1980): how long a visitor needs, from what was touched.

A played visit is faster than any person; the model turns its touches into seconds that can be compared.
"""

from dataclasses import dataclass

KEY_S = 0.50
"""K: a key of the on-screen keyboard; the model's value for unfamiliar codes, not a typist's 0.28 s."""

POINT_S = 1.10
"""P: reach for a target on the screen."""

PRESS_S = 0.10
"""B: press it."""

THINK_S = 1.35
"""M: take in a screen, or decide on the next field of it."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a stretch of a visit asks of a person. `taps` are touches that are not keys."""

    taps: int = 0
    keys: int = 0
    thoughts: int = 0

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(self.taps + other.taps, self.keys + other.keys, self.thoughts + other.thoughts)

    @property
    def seconds(self) -> float:
        """The model's time, without what the machine needs."""
        return self.taps * (POINT_S + PRESS_S) + self.keys * KEY_S + self.thoughts * THINK_S
