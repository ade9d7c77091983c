"""An exception ends the process and tells the place, never what was typed."""

import subprocess
import sys

import pytest

CHILD = """
import sys, threading
from kiosk import crash
crash.end_on_exceptions(lambda kind, place: print(kind, place, flush=True))

def fail():
    {fail}

if "{where}" == "thread":
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
elif "{where}" == "slot":
    from PySide6.QtCore import QCoreApplication, QTimer
    application = QCoreApplication([])
    QTimer.singleShot(0, fail)
    QTimer.singleShot(5000, application.quit)
    application.exec()
else:
    fail()
print("went on")
"""

OURS = "from kiosk.screens.clock import SystemClock; SystemClock('Canary/Lau')"


@pytest.mark.parametrize("where", ["main", "thread", "slot"])
@pytest.mark.parametrize(
    ("fail", "told"),
    [
        ("raise ValueError('canary Lau')", "ValueError"),
        (OURS, "ZoneInfoNotFoundError kiosk/screens/clock.py:"),
    ],
)
def test_the_process_ends_and_tells_only_the_place(where: str, fail: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CHILD.format(where=where, fail=fail)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    assert done.stdout.startswith(told)
    assert "went on" not in done.stdout
    assert "anary" not in done.stdout + done.stderr
