"""What the courier says of itself and of the way to the centre: counts, ages, short codes, nothing more."""

from dataclasses import dataclass
from typing import Literal

Health = Literal["works", "watch", "mend"]

CHECK_S = 20.0
"""A check of the way to the centre takes little more than this."""


@dataclass(frozen=True, slots=True)
class Report:
    """How sending goes, for the screen and for maintenance. None is for what cannot be told now.

    Ages and waits are in seconds. `sending` is the case under way, by its place in the chain; `problem` a
    short code of what went wrong last, "" for nothing yet; `breaker` is open, probe or barred.
    """

    reachable: bool = False
    queued: int | None = None
    quarantined: int | None = None
    oldest_age_s: int | None = None
    sending: dict[str, int] | None = None
    breaker: str | None = None
    next_try_s: int | None = None
    contact_age_s: int | None = None
    problem: str = ""
    problem_age_s: int | None = None
    certificate_days: int | None = None
    key_set_version: int | None = None
    key_set_expired: bool | None = None
    drain_per_minute: float | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way. `problem` is a word of docs/reference/maintenance.md, empty if all is well."""

    hop: str
    health: Health
    ms: int
    problem: str
    cause: str
    remedy: str
