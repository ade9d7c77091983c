"""A real screen with a pretended person before it: `driven.py KIND LINE FOLDER PIN`, as a host starts it.

The first visitor screen gets the technician's sign; the technician enters, looks, prints a test page, says
that it passed, and leaves. Holding is shorter than in service: 0.3 s.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtTest import QTest

from kiosk.machine import load_settings
from kiosk.screens import screen, technician
from ui import paper
from ui.bridge import corners
from ui.robot import Robot

KIND, LINE, FOLDER, PIN = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
HOLD_S = 0.3
PATIENCE_S = 20.0


def note(words: str) -> None:
    with (FOLDER / "book").open("a") as book:
        book.write(f"{words} {os.getpid()}\n")


def in_a_moment(act: Callable[[], None]) -> None:
    QTimer.singleShot(600, act)


class Visitor(screen.VisitorScreen):
    def _shown(self) -> None:
        super()._shown()
        note("visitor")
        if not (FOLDER / "sign").exists():
            (FOLDER / "sign").touch()
            in_a_moment(self._give_sign)

    def _give_sign(self) -> None:
        window = self.face.window
        finger = QTest.createTouchDevice()
        for x in (20, window.width() - 20):
            QTest.touchEvent(window, finger).press(0, QPoint(x, 20), window).commit()
            QTest.qWait(round(HOLD_S * 1000) + 100)
            QTest.touchEvent(window, finger).release(0, QPoint(x, 20), window).commit()
            QTest.qWait(100)
        note("asked" if self._yields else "missed")


class Technician(technician.TechnicianScreen):
    def _shown(self) -> None:
        super()._shown()
        note("technician")
        in_a_moment(self._work)

    def _print(self, image: paper.PaperImage) -> None:
        (FOLDER / "sent.png").write_bytes(paper.to_png(image))
        super()._print(image)

    def _work(self) -> None:
        robot = Robot(self.face.window, PATIENCE_S)
        for digit in f"0042{PIN}":
            robot.tap(f"pad:{digit}")
        robot.tap("button:enter")
        robot.await_screen("overview")
        note("entered")
        bridge = self.face.bridge
        robot.wait_until(lambda: bool(bridge.value("findings")), "findings")
        robot.save_picture(FOLDER / "overview.png")
        robot.tap("device:printer")
        robot.tap("button:print_test")
        robot.wait_until(lambda: bridge.value("printing") not in ("", "printing"), "the end of the job")
        note(bridge.value("printing"))
        robot.tap("passed:printer")
        robot.wait_until(self._is_recorded, "the record")
        note("recorded")
        robot.tap("bar:leave")

    def _is_recorded(self) -> bool:
        tests = {each["test"]: each["last"] for each in self.face.bridge.value("tests")}
        return tests.get("printer", {}).get("passed") is True


def main() -> int:
    corners.HOLD_S = HOLD_S
    if KIND == "visitor":
        screen.VisitorScreen = Visitor  # type: ignore[misc]
        return screen.run_visitor(load_settings(), LINE, None)
    technician.TechnicianScreen = Technician  # type: ignore[misc]
    return technician.run_technician(load_settings(), LINE)


if __name__ == "__main__":
    sys.exit(main())
