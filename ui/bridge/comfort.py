"""Text size and contrast: state of the face alone, as it was before for every new visitor."""

from PySide6.QtCore import Property, QObject, Signal, Slot

TEXT_PERCENTS = (100, 150, 200)


class ComfortBridge(QObject):
    """What a visitor set for their eyes. It ends with the process, so nobody inherits it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._percent = TEXT_PERCENTS[0]
        self._contrast = False

    @Property(int, notify=changed)
    def textPercent(self) -> int:  # noqa: N802 - a name of QML
        """Size of text: 100, 150 or 200."""
        return self._percent

    @Property(bool, notify=changed)
    def highContrast(self) -> bool:  # noqa: N802 - a name of QML
        """Whether the high-contrast theme is on."""
        return self._contrast

    @Slot()
    def nextTextSize(self) -> None:  # noqa: N802 - a name of QML
        """The next larger size; the smallest after the largest."""
        self._percent = TEXT_PERCENTS[(TEXT_PERCENTS.index(self._percent) + 1) % len(TEXT_PERCENTS)]
        self.changed.emit()

    @Slot()
    def toggleContrast(self) -> None:  # noqa: N802 - a name of QML
        """The other theme."""
        self._contrast = not self._contrast
        self.changed.emit()
