"""A stream of frames → the zone of the document held before the camera, once it is certain.

One frame is never enough: names have no check digit, and one wrong number in a hundred may fit by chance. Two
frames must agree on every character, all check digits must fit in each, and what has no check digit must have
been seen clearly. A wrong read is worse than none.
"""

from collections import deque
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from devices.camera.mrz_grammar import Zone
from devices.camera.mrz_reader import ZoneReader

Picture = npt.NDArray[np.uint8]

BUDGET_S = 0.08
"""After so long no new attempt is begun on a frame; one takes up to 50 ms."""
REMEMBERED_S = 2.5
SAME_S = 2.0
"""The same zone is not told again while it stays before the camera."""
AGREEING = 2
SURE_CHECKED = 0.35
SURE_FREE = 0.75
"""Least probability of every character with and without a check digit."""


@dataclass(frozen=True, slots=True)
class _Vote:
    zone: Zone
    at: float


class LiveZone:
    """Watches one opening of the camera. Not for several threads."""

    def __init__(self, reader: ZoneReader | None = None, today: date | None = None) -> None:
        """`today` places two-digit years; without it the machine's day is taken."""
        self._reader = reader or ZoneReader()
        self._today = today or datetime.now().astimezone().date()
        self._votes: deque[_Vote] = deque()
        self._told: tuple[str, float] = ("", float("-inf"))
        self.saw_zone = False
        """Whether any frame held something that looks like a zone, readable or not."""

    def feed(self, frame: Picture, now: float, budget_s: float = BUDGET_S) -> str | None:
        """The lines, with line feeds between them, if they are certain with this frame of second `now`.

        `frame` is grey or BGR. Takes up to about 150 ms.
        """
        seen = self._reader.read(frame, self._today, budget_s)
        self.saw_zone |= seen.is_zone
        while self._votes and now - self._votes[0].at > REMEMBERED_S:
            self._votes.popleft()
        if seen.zone is None or not _is_clear(seen.zone):
            return None
        self._votes.append(_Vote(seen.zone, now))
        return self._tell("\n".join(seen.zone.lines), now) if self._is_certain(seen.zone) else None

    def _is_certain(self, zone: Zone) -> bool:
        """Two agree, at least one without mending, and more agree than not."""
        same = [vote.zone for vote in self._votes if vote.zone.lines == zone.lines]
        others = len(self._votes) - len(same)
        return len(same) - others >= AGREEING and not all(one.mended for one in same)

    def _tell(self, text: str, now: float) -> str | None:
        before, at = self._told
        self._told = (text, now)
        return None if text == before and now - at < SAME_S else text


def _is_clear(zone: Zone) -> bool:
    return zone.free >= SURE_FREE and (zone.mended or zone.checked >= SURE_CHECKED)
