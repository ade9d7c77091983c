"""Starts what is compared: a visitor screen as its host starts it, and the minimal window."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import NothingMeasuredError
from config.settings import Settings
from kiosk.development.parts import environment_of
from kiosk.screens.line import Ear, HostWord, ScreenWord, say
from ui.engine import window_size

PATIENCE_S = 30.0


class Started:
    """A process at the other end of a line."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket, began: float) -> None:
        self.process_id = process.pid
        self.line = line
        self._began = began
        self._ear = Ear()

    def elapsed_ms(self) -> float:
        """Milliseconds since the start."""
        return (time.perf_counter() - self._began) * 1000

    def await_word(self, word: ScreenWord) -> float:
        """Milliseconds from the start until it said `word`. Raises `NothingMeasuredError`."""
        self.line.settimeout(PATIENCE_S)
        while True:
            try:
                received = self.line.recv(4096)
            except TimeoutError:
                received = b""
            if not received:
                raise NothingMeasuredError(f"a started screen never said {word}")
            if any(said.word == word for said in self._ear.hear(received)):
                return self.elapsed_ms()


@contextmanager
def visitor_screen(settings: Settings) -> Iterator[Started]:
    """A visitor screen of a kiosk with these settings."""
    options = ("-m", "kiosk.cli", "screen", "--visitor", "--line")
    with _started(lambda line: (*options, line), environment_of(settings)) as started:
        yield started


@contextmanager
def minimal_window(settings: Settings) -> Iterator[Started]:
    """A minimal QML window of the size of the kiosk's."""
    script = str(Path(__file__).with_name("minimal_window.py"))
    size = tuple(map(str, window_size(settings)))
    with _started(lambda line: (script, line, *size), {}) as started:
        yield started


def show(screen: Started) -> float:
    """Tell a visitor screen to show itself as its host does; see `Started.await_word`."""
    say(screen.line, HostWord.SHOW)
    return screen.await_word(ScreenWord.SHOWN)


@contextmanager
def _started(options: Callable[[str], Sequence[str]], environment: Mapping[str, str]) -> Iterator[Started]:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            began = time.perf_counter()
            process = subprocess.Popen(
                (sys.executable, "-P", *options(str(theirs.fileno()))),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        try:
            yield Started(process, ours, began)
        finally:
            process.kill()
            process.wait()
