"""The end of a visit: what is on its way to the disk arrives before the host may kill the screen."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from flows.events import Ending
from kiosk.screens import screen_process
from kiosk.screens.courier_ports import Counting
from kiosk.screens.line import Ear, ScreenWord
from kiosk.screens.screen import VisitorScreen
from kiosk.screens.screen_process import COUNTING_S, HostLine

DAY = date(2026, 11, 21)


class Disk:
    """Numbers on a disk that writes when it is told to."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.written: list[tuple[date, str, object]] = []

    def count(self, day: date, service: str, answers: object) -> None:
        self.ready.wait(10)
        self.written.append((day, service, answers))


class Ended:
    """A screen whose visit ends, and its host."""

    def __init__(self, host: socket.socket, line: HostLine) -> None:
        self.disk, self.line = Disk(), line
        self._host, self._ear = host, Ear()
        disk: Any = self.disk
        self.counting = Counting(disk, lambda: DAY)
        self.forgot: list[bool] = []
        self.screen: Any = SimpleNamespace(
            _parts=SimpleNamespace(visit=SimpleNamespace(fault=None), counting=self.counting),
            face=SimpleNamespace(forget=lambda: self.forgot.append(True)),
            _line=line,
        )
        self.screen._is_counting = lambda: VisitorScreen._is_counting(self.screen)

    def end(self) -> None:
        VisitorScreen._end(self.screen, Ending.FINISHED)

    def is_told(self, within_s: float) -> bool:
        """Whether the host hears that the visit has ended."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            QTest.qWait(5)
            try:
                said = self._ear.hear(self._host.recv(4096))
            except BlockingIOError:
                continue
            if any(each.word == ScreenWord.ENDED for each in said):
                return True
        return False


@pytest.fixture
def ended(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ended]:
    assert qapp is not None
    monkeypatch.setattr(screen_process, "FAREWELL_S", 10**5)  # it would end these tests
    host, own = socket.socketpair()
    host.settimeout(0)
    line = HostLine(own.detach())
    made = Ended(host, line)
    yield made
    made.disk.ready.set()
    line._beat.stop()
    line._notifier.setEnabled(False)
    line._line.close()
    host.close()


def check_counted_first(ended: Ended) -> None:
    ended.counting.count("lost_property", [("easy", "good")])
    ended.end()
    assert ended.forgot, "the screen is wiped at once"
    assert not ended.is_told(0.3), "the host may kill this screen from now on"
    ended.disk.ready.set()
    assert ended.is_told(5)
    assert ended.disk.written == [(DAY, "lost_property", (("easy", "good"),))]


def test_the_surveys_numbers_are_written_before_the_host_may_kill(ended: Ended) -> None:
    check_counted_first(ended)


def test_without_a_survey_the_host_hears_at_once(ended: Ended) -> None:
    ended.end()
    assert ended.is_told(0.2)


def test_a_disk_that_hangs_keeps_nobody_waiting(ended: Ended) -> None:
    ended.counting.count("lost_property", [("easy", "good")])
    began = time.monotonic()
    ended.end()
    assert ended.is_told(COUNTING_S + 5)
    assert time.monotonic() - began < COUNTING_S + 4


PLANTED: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "the host is told at once": lambda patch: patch.setattr(Counting, "is_busy", False),
    "nobody asks": lambda patch: patch.setattr(VisitorScreen, "_is_counting", lambda _self: False),
    "no patience": lambda patch: patch.setattr(screen_process, "COUNTING_S", 0.0),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found(ended: Ended, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    PLANTED[bug](monkeypatch)
    with pytest.raises(AssertionError):
        check_counted_first(ended)
