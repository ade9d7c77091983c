"""Bundles whose check took too long: nothing is known of them yet, and they are looked at again.

A machine can be busy for an hour, and a check gives way to all else. Only a bundle that fails is set aside.
"""

from collections.abc import Callable

from kiosk.post.pack_ledger import Refused

LOOK_S = 120.0
"""Checking takes seconds. Each try is given twice as long as the one before."""
LONGEST_LOOK_S = 1920.0
RETRY_S = 120.0
LONGEST_RETRY_S = 3600.0


class SlowChecks:
    """What waits for another try, by digest; the empty one for a look that got to no bundle at all.

    Only in memory: a host that starts anew tries at once.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._refused: dict[str, Refused] = {}
        self.left_out: frozenset[str] = frozenset()
        """What the look that runs does not look at."""

    @property
    def is_due(self) -> bool:
        """Whether something has waited long enough."""
        now = self._clock()
        return any(due <= now for due in self._due.values())

    @property
    def refused(self) -> tuple[Refused, ...]:
        """The bundles that wait, as the ledger says it."""
        return tuple(self._refused.values())

    def begin(self) -> float:
        """A look begins, without those that still wait. Returns how long it may take, in seconds."""
        now = self._clock()
        self.left_out = frozenset(digest for digest, due in self._due.items() if due > now)
        tries: int = max((self._tries[each] for each in self._due if each not in self.left_out), default=0)
        return min(LOOK_S * float(2**tries), LONGEST_LOOK_S)

    def note(self, refused: Refused) -> None:
        """The look took too long over this bundle."""
        digest = refused.digest
        tries = self._tries.get(digest, 0)
        self._due[digest] = self._clock() + min(RETRY_S * float(2**tries), LONGEST_RETRY_S)
        self._tries[digest] = min(tries + 1, 16)
        if digest:
            self._refused[digest] = refused

    def settle(self) -> None:
        """The look has ended by itself: whatever it looked at waits no more."""
        for digest in self._due.keys() - self.left_out:
            del self._due[digest], self._tries[digest]
            self._refused.pop(digest, None)
