"""The line between a played visit and its stage manager: one JSON object a line, each answered by one.

The player sits in the visitor screen and asks for what a person or a technician would do to the machine: hold
a document to the reader, pull a plug, stop the centre. `kiosk visit` does it. Development only.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

Request = dict[str, object]
Serve = Callable[[Request], Request]
"""Does what is asked and returns the answer; what it raises is answered as {"error": …}."""


class Stage:
    """Serves players at `path`, each on a thread of its own, one request after the other."""

    def __init__(self, path: Path, serve: Serve, left: Callable[[], None]) -> None:
        """`left` is called whenever a player has gone."""
        self._path = path
        self._serve = serve
        self._left = left
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._listener.bind(str(self._path))
        self._listener.listen()
        threading.Thread(target=self._accept, name="stage", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                player, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(player,), name="player", daemon=True).start()

    def _attend(self, player: socket.socket) -> None:
        # A player may be killed with its screen at any moment.
        with contextlib.suppress(OSError), player, player.makefile("rwb") as lines:
            for line in lines:
                lines.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")
                lines.flush()
        self._left()

    def _answer(self, request: Request) -> Request:
        try:
            return self._serve(request)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}


class StageError(Exception):
    """The stage manager could not do what was asked."""


class StageDoor:
    """The player's end."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` if nobody serves there."""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._lines = self._socket.makefile("rwb")

    def ask(self, **request: object) -> Request:
        """Ask and wait for the answer. Raises `StageError`."""
        self._lines.write(json.dumps(request).encode() + b"\n")
        self._lines.flush()
        answer: Request = json.loads(self._lines.readline() or b'{"error": "the stage is gone"}')
        if "error" in answer:
            raise StageError(answer["error"])
        return answer

    def close(self) -> None:
        """Leave."""
        self._lines.close()
        self._socket.close()
