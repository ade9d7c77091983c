"""The newest frame, for threads that are slower than the camera: what came in between is gone."""

import threading
from typing import Generic, TypeVar

F = TypeVar("F")


class Newest(Generic[F]):
    """One place for one frame and the second it was taken."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: F | None = None
        self._taken = 0.0
        self._number = 0

    def put(self, frame: F | None, taken: float) -> None:
        """Another frame, or none that could be of use to anybody."""
        with self._changed:
            self._frame, self._taken = frame, taken
            self._number += 1
            self._changed.notify_all()

    def peek(self) -> tuple[F | None, float]:
        """The frame, if there is one, and when it was taken."""
        with self._changed:
            return self._frame, self._taken

    def next(self, after: int) -> tuple[F, float, int]:
        """Waits for a frame newer than number `after`; returns it, its time and its number."""
        with self._changed:
            while self._frame is None or self._number <= after:
                self._changed.wait()
            return self._frame, self._taken, self._number
