"""Text size and contrast: set by the visitor, as it was before for every new one."""

from collections.abc import Callable

from PySide6.QtCore import Property, QObject, Signal, Slot

from flows.events import ComfortChanged, Event

TEXT_PERCENTS = (100, 150, 200)


class ComfortBridge(QObject):
    """What a visitor set for their eyes. It ends with the process, so nobody inherits it. The visit is told,
    because the receipt follows.
    """

    changed = Signal()

    def __init__(self, send: Callable[[Event], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._percent = TEXT_PERCENTS[0]
        self._contrast = False

    @Property(int, notify=changed)
    def textPercent(self) -> int:
        """Size of text: 100, 150 or 200."""
        return self._percent

    @Property(bool, notify=changed)
    def highContrast(self) -> bool:
        """Whether the high-contrast theme is on."""
        return self._contrast

    @Slot()
    def nextTextSize(self) -> None:
        """The next larger size; the smallest after the largest."""
        self._percent = TEXT_PERCENTS[(TEXT_PERCENTS.index(self._percent) + 1) % len(TEXT_PERCENTS)]
        self._tell()

    @Slot()
    def toggleContrast(self) -> None:
        """The other theme."""
        self._contrast = not self._contrast
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self._send(ComfortChanged(self._percent, self._contrast))
