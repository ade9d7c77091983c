"""The call of an officer: begun by a visitor, ended by an officer, and by nothing else.

It outlives visits, screens and this process (a marker file); it never gives up by itself.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from config.event_names import Event
from config.log import log
from flows.ports import OfficerCall

ANSWERED_S = 120.0
"""So long the screens say that an officer is on the way."""


class CalledBy(StrEnum):
    """Where a call came from."""

    SCREEN = "screen"
    PANEL = "panel"


class AnsweredBy(StrEnum):
    """Who said that an officer knows of it."""

    DESK = "desk"
    SCREEN = "screen"


class OfficerCalls:
    """How the call stands. May be used from any thread; `tell` is called on the caller's."""

    def __init__(
        self,
        marker: Path,
        tell: Callable[[OfficerCall], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`marker`: file that exists while a call is not answered. A call found there goes on."""
        self._marker = marker
        self._tell = tell
        self._clock = clock
        self._lock = threading.RLock()
        self._since = clock()
        self._state = OfficerCall.NONE
        if marker.exists():
            self._state = OfficerCall.CALLING
            log(Event.OFFICER_CALL_RESUMED)

    @property
    def state(self) -> OfficerCall:
        """How it stands."""
        return self._state

    def begin(self, by: CalledBy) -> None:
        """Somebody calls; a call that lasts already is not begun again."""
        with self._lock:
            if self._state is OfficerCall.CALLING:
                return
            with contextlib.suppress(OSError):  # a full or read-only disk costs the marker, not the call
                self._marker.touch()
            log(Event.OFFICER_CALLED, by=by)
            self._become(OfficerCall.CALLING)

    def acknowledge(self) -> None:
        """The desk has seen it: somebody is on the way."""
        with self._lock:
            if self._state is OfficerCall.CALLING:
                self._answered(AnsweredBy.DESK)
                self._become(OfficerCall.ANSWERED)

    def end(self) -> None:
        """Somebody stands before the kiosk."""
        with self._lock:
            if self._state is OfficerCall.CALLING:
                self._answered(AnsweredBy.SCREEN)
            if self._state is not OfficerCall.NONE:
                self._become(OfficerCall.NONE)

    def tick(self) -> None:
        """Time goes on: an answered call fades."""
        with self._lock:
            if self._state is OfficerCall.ANSWERED and self._clock() - self._since >= ANSWERED_S:
                self._become(OfficerCall.NONE)

    def _answered(self, by: AnsweredBy) -> None:
        with contextlib.suppress(OSError):
            self._marker.unlink(missing_ok=True)
        log(Event.OFFICER_CALL_ANSWERED, by=by, seconds=round(self._clock() - self._since, 1))

    def _become(self, state: OfficerCall) -> None:
        self._state, self._since = state, self._clock()
        self._tell(state)
