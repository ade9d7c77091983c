"""A pretended visitor: real touches on the real window, in the middle of a control given by `objectName`.

It can do no more than a person: what is hidden, disabled or out of sight cannot be touched; what lies below
is brought into sight by the scroll buttons first. Used by tests and by the scripted visits.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QEventLoop, QPoint, QPointF, QRectF
from PySide6.QtGui import QImage, QPointingDevice
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest

_STEP_MS = 5
_SCROLLS = 40


class RobotError(AssertionError):
    """The visitor could not do what the script asks; the message says what could be touched instead."""


class Robot:
    """Touches `window`."""

    def __init__(self, window: QQuickWindow, patience_s: float = 5.0) -> None:
        self.window = window
        self._patience_s = patience_s
        self._finger: QPointingDevice = QTest.createTouchDevice()
        self._frames = 0
        window.frameSwapped.connect(self._note_frame)
        self.touches = 0  # how often the screen was touched, the scroll buttons included

    # --- looking

    def find(self, name: str) -> QQuickItem | None:
        """The item called `name` that is shown and enabled; it may lie below what is in sight."""
        return next(
            (item for item in self._shown_items() if item.objectName() == name and item.isEnabled()), None
        )

    def shown(self, prefix: str) -> list[QQuickItem]:
        """The items that are shown and enabled and whose names begin with `prefix`."""
        return [
            item for item in self._shown_items() if item.objectName().startswith(prefix) and item.isEnabled()
        ]

    def names(self) -> list[str]:
        """What could be touched now."""
        return sorted(
            {item.objectName() for item in self._shown_items() if item.objectName() and item.isEnabled()}
        )

    def text(self, name: str) -> str:
        """The words of the item called `name`."""
        return str(self.await_item(name).property("text"))

    def picture(self) -> QImage:
        """The window as it is now."""
        return self.window.grabWindow()

    def save_picture(self, path: Path) -> None:
        """Write the window as it is now. Raises `OSError` if that fails."""
        if not self.picture().save(str(path)):
            raise OSError(f"could not write {path.name}")

    # --- waiting

    def wait_until(self, condition: Callable[[], bool], what: str, patience_s: float | None = None) -> None:
        """Run the event loop until `condition`. Raises `RobotError` naming `what` did not happen in time."""
        deadline = time.monotonic() + (self._patience_s if patience_s is None else patience_s)
        while not condition():
            if time.monotonic() > deadline:
                raise RobotError(
                    f"did not happen in time: {what}; on the screen are {', '.join(self.names())}"
                )
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, _STEP_MS)
            time.sleep(_STEP_MS / 1000)

    def await_item(self, name: str, patience_s: float | None = None) -> QQuickItem:
        """Wait until `name` is shown and enabled."""
        self.wait_until(lambda: self.find(name) is not None, f"{name} can be touched", patience_s)
        return cast("QQuickItem", self.find(name))

    def await_screen(self, screen: str, patience_s: float | None = None) -> None:
        """Wait until the screen `screen` (a value of `flows.view.Screen`) is there and takes touches."""
        self.wait_until(lambda: self.screen() == screen, f"screen {screen}", patience_s)
        self.settle()

    def screen(self) -> str:
        """The screen that is shown."""
        return str(self.window.property("screenName"))

    def settle(self) -> None:
        """Wait until a screen that has just changed takes touches and nothing moves."""
        self.wait_until(lambda: bool(self.window.property("settled")), "the screen has settled")

    # --- touching

    def tap(self, name: str, patience_s: float | None = None) -> None:
        """Touch and lift. Raises `RobotError` if `name` cannot be touched."""
        item = self.await_item(name, patience_s)
        self.settle()
        self.wait_until(lambda: item.property("waiting") is not True, f"{name} takes another touch")
        self.await_picture()
        self._touch(self._bring_into_sight(name))

    def press_and_slide_off(self, name: str) -> None:
        """Touch, slide away, lift: nothing may happen."""
        self.settle()
        point = self._bring_into_sight(name)
        away = QPoint(point.x(), point.y() + self.window.height() // 3)
        away.setY(away.y() if away.y() < self.window.height() else point.y() - self.window.height() // 3)
        QTest.touchEvent(self.window, self._finger).press(0, point, self.window).commit()
        QTest.touchEvent(self.window, self._finger).move(0, away, self.window).commit()
        QTest.touchEvent(self.window, self._finger).release(0, away, self.window).commit()
        QCoreApplication.processEvents()

    def type_keys(self, text: str) -> None:
        """Touch the key of each character on the keyboard that is open."""
        for character in text:
            self.tap(f"key:{character}")

    def draw(self, name: str, lines: list[list[tuple[int, int]]]) -> None:
        """Draw lines upon `name`; 0 to 1000 are its width and height."""
        for line in lines:
            self.settle()
            self.await_picture()
            self._bring_into_sight(name)
            item = self.await_item(name)
            points = [
                item.mapToScene(QPointF(x * item.width() / 1000, y * item.height() / 1000)).toPoint()
                for x, y in line
            ]
            self.touches += 1
            QTest.touchEvent(self.window, self._finger).press(0, points[0], self.window).commit()
            for point in points[1:]:
                self.await_picture()  # moves between two pictures count as one
                QTest.touchEvent(self.window, self._finger).move(0, point, self.window).commit()
            QTest.touchEvent(self.window, self._finger).release(0, points[-1], self.window).commit()
            QCoreApplication.processEvents()

    def await_picture(self) -> None:
        """Wait until what has just appeared is drawn: only then does it lie where a visitor sees it."""
        wanted = self._frames + 2  # the first may have been begun before

        def is_drawn() -> bool:
            self.window.update()
            return self._frames >= wanted

        self.wait_until(is_drawn, "the picture is drawn")

    def _note_frame(self) -> None:
        self._frames += 1

    def _touch(self, point: QPoint) -> None:
        self.touches += 1
        QTest.touchEvent(self.window, self._finger).press(0, point, self.window).commit()
        QTest.touchEvent(self.window, self._finger).release(0, point, self.window).commit()
        QCoreApplication.processEvents()

    def _bring_into_sight(self, name: str) -> QPoint:
        for _ in range(_SCROLLS):
            item = self.await_item(name)
            sight = _sight(item, self.window)
            middle = item.mapRectToScene(item.boundingRect()).center()
            if sight.contains(middle):
                return middle.toPoint()
            self._scroll("scroll:up" if middle.y() < sight.top() else "scroll:down", name)
        raise RobotError(f"{name} does not come into sight")

    def _scroll(self, button: str, wanted: str) -> None:
        item = self.find(button)
        if item is None:
            raise RobotError(f"{wanted} is out of sight and {button} cannot be touched")
        before = self.window.property("scrollPlace")
        self._touch(item.mapRectToScene(item.boundingRect()).center().toPoint())
        self.wait_until(lambda: self.window.property("scrollPlace") != before, f"{button} moves the page")
        self.settle()

    def _shown_items(self) -> Iterator[QQuickItem]:
        waiting = [self.window.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.isVisible():
                yield item
                waiting.extend(item.childItems())


def _sight(item: QQuickItem, window: QQuickWindow) -> QRectF:
    """The part of `window` in which `item` can be seen, in coordinates of the window."""
    # `item.window()` is no way to it: with the item's wrapper PySide would then drop the window's.
    sight = QRectF(QPointF(0, 0), QPointF(window.width(), window.height()))
    above = item.parentItem()
    while above is not None:
        if above.clip():
            sight = sight.intersected(above.mapRectToScene(above.boundingRect()))
        above = above.parentItem()
    return sight
