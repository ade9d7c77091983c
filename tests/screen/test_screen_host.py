"""The host against children that behave, hang, crash and fall silent; each child is a real process."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.screens.screen_host import Notice, Patience, ScreenHost

CHILD = """
import os, socket, sys, time
line = socket.socket(fileno=int(sys.argv[1]))
mode, book = sys.argv[2], sys.argv[3]

def note(word):
    with open(book, "a") as f:
        f.write(f"{word} {os.getpid()}\\n")

note("started")
if mode == "crash":
    sys.exit(3)
line.sendall(b"ready\\n")
heard = b""
line.settimeout(0.1)
shown = False
while True:
    try:
        received = line.recv(100)
        if not received:
            sys.exit(0)
        if received == b"show\\n":
            shown = True
            note("shown")
            line.sendall(b"shown\\n")
            if mode == "end":
                line.sendall(b"ended finished\\n")
    except TimeoutError:
        pass
    if mode != "silent" or not shown:
        line.sendall(b"beat\\n")
"""


class Theatre:
    """A host on a thread, its children's notes, and what it told."""

    def __init__(self, folder: Path, mode: str, patience: Patience) -> None:
        self.script = folder / "child.py"
        self.script.write_text(CHILD)
        self.book = folder / "book"
        self.book.touch()
        self.mode = mode
        self.told: list[tuple[Notice, str]] = []
        self.host = ScreenHost(self.command, lambda notice, rest: self.told.append((notice, rest)), patience)
        self.thread = threading.Thread(target=self.host.run)
        self.thread.start()

    def command(self, descriptor: int) -> list[str]:
        return [sys.executable, str(self.script), str(descriptor), self.mode, str(self.book)]

    def pids(self, word: str) -> list[int]:
        lines = [line.split() for line in self.book.read_text().splitlines()]
        return [int(pid) for said, pid in lines if said == word]

    def close(self) -> None:
        self.host.stop()
        self.thread.join()


def until(condition: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


QUICK = Patience(beat_s=0.6, leave_s=0.6, back_off_s=0.2, longest_back_off_s=0.4)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., Theatre]]:
    theatres = []

    def build(mode: str, patience: Patience = QUICK) -> Theatre:
        theatres.append(Theatre(tmp_path, mode, patience))
        return theatres[-1]

    yield build
    for theatre in theatres:
        theatre.close()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_one_is_shown_and_one_waits(stage: Callable[..., Theatre]) -> None:
    theatre = stage("sound")
    until(lambda: len(theatre.pids("started")) == 2 and len(theatre.pids("shown")) == 1)
    assert theatre.pids("shown") == theatre.pids("started")[:1]


def test_a_killed_screen_gives_way_to_the_one_that_waits(stage: Callable[..., Theatre]) -> None:
    theatre = stage("sound")
    until(lambda: len(theatre.pids("started")) == 2)
    first, second = theatre.pids("started")
    until(lambda: theatre.pids("shown") == [first])
    os.kill(first, signal.SIGKILL)
    until(lambda: theatre.pids("shown") == [first, second], within_s=2)
    until(lambda: len(theatre.pids("started")) == 3)
    assert (Notice.DIED, "SIGKILL") in theatre.told


def test_the_end_of_a_visit_ends_its_process(stage: Callable[..., Theatre]) -> None:
    theatre = stage("end")
    until(lambda: len(theatre.pids("shown")) >= 2)
    first = theatre.pids("shown")[0]
    until(lambda: not is_alive(first), within_s=3)  # it does not leave by itself
    assert (Notice.ENDED, "finished") in theatre.told
    assert not [rest for notice, rest in theatre.told if notice is Notice.DIED]


def test_a_screen_that_falls_silent_is_killed(stage: Callable[..., Theatre]) -> None:
    theatre = stage("silent")
    until(lambda: (Notice.HUNG, "shown") in theatre.told)
    first = theatre.pids("shown")[0]
    until(lambda: not is_alive(first))
    until(lambda: len(theatre.pids("shown")) >= 2)


def test_screens_that_cannot_start_are_tried_for_ever_but_in_no_rush(
    stage: Callable[..., Theatre],
) -> None:
    theatre = stage("crash")
    began = time.monotonic()
    until(lambda: len(theatre.pids("started")) >= 6)
    assert time.monotonic() - began > 0.2 + 3 * 0.4
    theatre.mode = "sound"
    until(lambda: len(theatre.pids("shown")) == 1)


def test_stopping_ends_every_child(stage: Callable[..., Theatre]) -> None:
    theatre = stage("sound")
    until(lambda: len(theatre.pids("started")) == 2)
    theatre.close()
    assert not [pid for pid in theatre.pids("started") if is_alive(pid)]
