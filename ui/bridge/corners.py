"""The technician's sign on the attract and out-of-service screens: two corners held, one after the other."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

HOLD_S = 3.0
LONGEST_HOLD_S = 8.0
"""A bag that leans on the glass holds for longer."""

BETWEEN_S = 5.0
_ORDER = ("left", "right")


class CornersBridge(QObject):
    """Takes note of touches on the two upper corners: left for 3 s, then right for 3 s within 5 s.

    Whatever else happens in between ends the sign: a short touch, the other order, two fingers at once. A
    short touch of a corner is a touch of the screen like any other.

    Signals:
        signGiven: both were held.
    """

    signGiven = Signal()

    def __init__(self, clock: Callable[[], float], parent: QObject | None = None) -> None:
        """`clock` tells seconds that never go back."""
        super().__init__(parent)
        self._clock = clock
        self._down: dict[str, float] = {}
        self._held_left_at: float | None = None

    @Slot(str)
    def press(self, corner: str) -> None:
        """A finger comes down on `corner`, "left" or "right"."""
        now = self._clock()
        in_time = self._held_left_at is not None and now - self._held_left_at <= BETWEEN_S
        if self._down or (corner == _ORDER[1] and not in_time):
            self._held_left_at = None
        self._down[corner] = now

    @Slot(str, result=bool)
    def release(self, corner: str) -> bool:
        """It is lifted; whether this was a short touch, which means what it means anywhere."""
        began = self._down.pop(corner, None)
        held_s = self._clock() - began if began is not None else 0.0
        was_left, self._held_left_at = self._held_left_at, None
        if held_s < HOLD_S:
            return True
        if self._down or held_s > LONGEST_HOLD_S:
            return False
        if corner == _ORDER[0]:
            self._held_left_at = self._clock()
        elif was_left is not None:
            self.signGiven.emit()
        return False

    @Slot()
    def forget(self) -> None:
        """The touch slid away or was taken over; or another part of the screen was touched."""
        self._down.clear()
        self._held_left_at = None
