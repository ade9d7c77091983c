"""The technician's end of `maintenance.sock`: one JSON object a line, answered in order."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

RECONNECT_S = 0.5
LONGEST_LINE = 4 << 20

Answer = Mapping[str, Any]


class MaintenanceLine:
    """A session with maintenance, which mends itself; who was let in is let in no longer after that.

    Every method returns at once and may be called from any thread. What is asked may hold a PIN: nothing of
    it is kept, told or asked again.
    """

    def __init__(
        self, path: Path, answered: Callable[[Answer], None], connected: Callable[[bool], None]
    ) -> None:
        """`answered` and `connected` are called on this line's thread."""
        self._path = path
        self._answered = answered
        self._connected = connected
        self._socket: socket.socket | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance-line", daemon=True)
        self._thread.start()

    def ask(self, request: Mapping[str, object]) -> None:
        """Send a request; without maintenance it is dropped, and `connected` has said so."""
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):
                line.sendall(json.dumps(request).encode() + b"\n")

    def close(self) -> None:
        """Hang up: the session ends with the connection."""
        self._closed.set()
        line = self._socket
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _run(self) -> None:
        was_there = True
        while not self._closed.is_set():
            line = _connect(self._path)
            if line is None:
                if was_there:
                    self._connected(False)  # noqa: FBT003  # a callback takes no names
                was_there = False
                self._closed.wait(RECONNECT_S)
                continue
            was_there = True
            with line:
                self._socket = line
                self._connected(True)  # noqa: FBT003
                self._listen(line)
                self._socket = None

    def _listen(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line.makefile("rb") as lines:
            while not self._closed.is_set() and (said := lines.readline(LONGEST_LINE)):
                try:
                    answer = json.loads(said)
                except ValueError:
                    return  # not maintenance, or broken off: hang up and come again
                if isinstance(answer, dict):
                    self._answered(answer)


def _connect(path: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        return None
    return line
