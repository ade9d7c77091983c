"""Keys of the tactile keypad as real key events of a window: the focus walks, OK acts, back goes back."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtQuick import QQuickWindow

from flows.ports import PanelKey

QT_KEYS = {
    PanelKey.UP: Qt.Key.Key_Backtab,
    PanelKey.LEFT: Qt.Key.Key_Backtab,
    PanelKey.DOWN: Qt.Key.Key_Tab,
    PanelKey.RIGHT: Qt.Key.Key_Tab,
    PanelKey.OK: Qt.Key.Key_Return,
    PanelKey.BACK: Qt.Key.Key_Back,
}
"""All arrows walk one ring, so that two keys reach everything; help and volume are no keys of a window."""


def press(window: QQuickWindow, key: PanelKey) -> None:
    """Press and let go of a key. One that is no key of a window does nothing."""
    qt_key = QT_KEYS.get(key)
    if qt_key is None:
        return
    shift = Qt.KeyboardModifier.ShiftModifier
    held = shift if qt_key is Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(window, QKeyEvent(kind, qt_key.value, held))
