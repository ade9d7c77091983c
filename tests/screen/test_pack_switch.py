"""Packs change between visits and never within one: the real host, its children real processes; about 6 s.

The real visitor screen's part in it: tests/maintenance_ui/test_visitor_side.py.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.screens.screen_host import Notice, Packs, Patience, ScreenHost

CHILD = """
import os, socket, sys
line = socket.socket(fileno=int(sys.argv[1]))
book, packs = sys.argv[2], sys.argv[-1] if "--packs" in sys.argv else "0"

def note(word):
    with open(book, "a") as f:
        f.write(f"{word} {packs}\\n")

if packs == "666":
    sys.exit(3)
note("started")
line.sendall(b"ready\\n")
line.settimeout(0.05)
visit = shown = False
while True:
    if shown and not visit and os.path.exists(book + ".visit"):
        visit = True
    try:
        received = line.recv(100)
        if not received:
            sys.exit(0)
        for word in received.split():
            if word == b"show":
                shown = True
                note("shown")
                line.sendall(b"shown\\n")
            if word == b"renew" and not visit:
                line.sendall(b"yields\\n")
    except TimeoutError:
        pass
    if visit and not os.path.exists(book + ".visit"):
        note("ended")
        line.sendall(b"ended finished\\n")
        visit = False
    line.sendall(b"beat\\n")
"""


class Chosen:
    """Packs that a test chooses."""

    def __init__(self) -> None:
        self.current = 0
        self.failures: list[int] = []
        self.visits: list[int] = []

    def verified(self) -> int:
        return self.current

    def options(self, number: int) -> list[str]:
        return ["--packs", str(number)] if number else []

    def turn(self) -> None:
        pass

    def failed(self, number: int) -> None:
        self.failures.append(number)
        if len(self.failures) == 3:
            self.current = 0

    def settled(self, number: int) -> None:
        self.visits.append(number)

    def close(self) -> None:
        pass


class Theatre:
    """The host on a thread, and what its children noted."""

    def __init__(self, folder: Path, packs: Packs) -> None:
        self.script, self.book = folder / "child.py", folder / "book"
        self.script.write_text(CHILD)
        self.book.touch()
        self.told: list[tuple[Notice, str]] = []
        patience = Patience(back_off_s=0.1, longest_back_off_s=0.2)
        self.host = ScreenHost(
            lambda line: [sys.executable, str(self.script), str(line), str(self.book)],
            lambda notice, rest: self.told.append((notice, rest)),
            patience,
            packs=packs,
        )
        self.thread = threading.Thread(target=self.host.run)
        self.thread.start()

    @property
    def visit(self) -> Path:
        return Path(f"{self.book}.visit")

    def noted(self, word: str) -> list[str]:
        lines = (line.split() for line in self.book.read_text().splitlines())
        return [packs for said, packs in lines if said == word]


def until(condition: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


@pytest.fixture
def theatre(tmp_path: Path, chosen: Chosen) -> Iterator[Theatre]:
    one = Theatre(tmp_path, chosen)
    until(lambda: len(one.noted("started")) == 2 and one.noted("shown") == ["0"])
    yield one
    one.host.stop()
    one.thread.join()


def test_a_screen_on_attract_is_replaced_at_once(theatre: Theatre, chosen: Chosen) -> None:
    chosen.current = 5
    until(lambda: theatre.noted("shown") == ["0", "5"])
    until(lambda: theatre.noted("started") == ["0", "0", "5", "5"])
    assert not [notice for notice, _ in theatre.told if notice in (Notice.DIED, Notice.HUNG)]
    assert chosen.failures == []


def test_a_visit_goes_on_with_the_packs_it_began_with(theatre: Theatre, chosen: Chosen) -> None:
    theatre.visit.touch()
    time.sleep(0.2)  # the child looks every 0.05 s
    chosen.current = 5
    until(lambda: theatre.noted("started").count("5") == 1)
    time.sleep(1.5)  # three turns of the host, each of which asks the screen to renew
    assert theatre.noted("shown") == ["0"]
    theatre.visit.unlink()
    until(lambda: theatre.noted("shown") == ["0", "5"])
    assert theatre.noted("ended") == ["0"]
    assert chosen.visits == [0]


def test_packs_that_never_start_are_counted_and_never_shown(theatre: Theatre, chosen: Chosen) -> None:
    chosen.current = 666
    until(lambda: chosen.failures == [666, 666, 666])
    until(lambda: len(theatre.noted("started")) == 3)
    assert theatre.noted("shown") == ["0"], "the screen that was there stayed until a next one was ready"


def _asks_nobody(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(ScreenHost, "_renew", lambda _self, _now: None)


def _counts_nothing(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Chosen, "failed", lambda _self, _number: None)


@pytest.mark.parametrize(
    ("plant", "test"),
    [
        (_asks_nobody, test_a_screen_on_attract_is_replaced_at_once),
        (_counts_nothing, test_packs_that_never_start_are_counted_and_never_shown),
    ],
)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    test: Callable[[Theatre, Chosen], None],
    theatre: Theatre,
    chosen: Chosen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    monkeypatch.setitem(globals(), "until", lambda condition: _soon(condition))
    with pytest.raises(AssertionError):
        test(theatre, chosen)


def _soon(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 1.5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_child_is_left(theatre: Theatre) -> None:
    children = [child.process.pid for child in theatre.host._children]
    theatre.host.stop()
    theatre.thread.join()
    assert children
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
