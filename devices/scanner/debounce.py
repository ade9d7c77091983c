"""Which codes are new: one held before the scanner is read hundreds of times a second.

Codes are remembered as keyed hashes, never as what they say.
"""

import hashlib
import secrets
from collections import deque

SAME_AGAIN_S = 1.0
"""A code not read for this long was taken away; the next time it is meant."""

MOST_PER_S = 10
"""Codes; more is a fault, not a person."""

_MOST_REMEMBERED = 32


class Debounce:
    """Remembers which codes are before the scanner."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._seen: dict[bytes, float] = {}
        self._passed: deque[float] = deque(maxlen=MOST_PER_S)

    def is_new(self, payload: bytes, now: float) -> bool:
        """Whether this code, read at monotonic second `now`, is to be handed on."""
        mark = hashlib.blake2b(payload, key=self._key, digest_size=16).digest()
        seen = self._seen
        before = seen.pop(mark, None)
        seen[mark] = now
        if len(seen) > _MOST_REMEMBERED:
            del seen[next(iter(seen))]
        same = before is not None and now - before <= SAME_AGAIN_S
        return not same and not self._is_flood(now)

    def forget(self) -> None:
        """All codes are new again; how many came remains. Any thread."""
        self._seen = {}

    def _is_flood(self, now: float) -> bool:
        flood = len(self._passed) == MOST_PER_S and now - self._passed[0] < 1.0
        if not flood:
            self._passed.append(now)
        return flood
