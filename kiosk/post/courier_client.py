"""The courier as the screen sees it: values come, nothing blocks, and a courier that is away is only away."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

RECONNECT_S = 0.5
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class CourierStatus:
    """How sending goes. Counts and seconds are None while the courier does not answer."""

    reachable: bool
    queued: int | None = None
    oldest_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class Receipted:
    """The centre acknowledged a case that was watched."""

    case_id: UUID
    official_number: str


Said = CourierStatus | Receipted


class CourierClient:
    """Keeps a connection to the courier and delivers what it says, from a thread of its own.

    `deliver` must be quick and may be called until `close` returns. What was asked for while the courier was
    away is asked again when it is back.
    """

    def __init__(self, path: Path, deliver: Callable[[Said], None]) -> None:
        self._path = path
        self._deliver = deliver
        self._watched: set[UUID] = set()
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier-client", daemon=True)
        self._thread.start()

    def poke(self) -> None:
        """Ask the courier to look at the outbox now."""
        self._ask({"ask": "poke"})

    def watch(self, case_id: UUID) -> None:
        """Ask to be told, by `Receipted`, when the centre has the case; it is also sent before all others."""
        with self._lock:
            self._watched.add(case_id)
        self._ask(_watch(case_id))

    def ask_status(self) -> None:
        """Ask for a `CourierStatus`."""
        self._ask({"ask": "status"})

    def close(self) -> None:
        """End; nothing is delivered after this returns."""
        self._closed.set()
        with self._lock:
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _ask(self, question: dict[str, Any]) -> None:
        """Say it if there is a connection; what matters is said again by `_greet`."""
        with self._lock:
            if self._socket is not None:
                with suppress(OSError):
                    _send(self._socket, question)

    def _run(self) -> None:
        away = False
        while not self._closed.is_set():
            connected = self._converse()
            if self._closed.is_set():
                return
            if connected or not away:
                self._deliver(CourierStatus(reachable=False))
            away = True
            self._closed.wait(RECONNECT_S)

    def _converse(self) -> bool:
        """Listen until the connection ends. Returns whether there was one."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.connect(str(self._path))
                self._greet(connection)
                for line in _lines(connection):
                    self._hear(line)
            except OSError:
                return self._socket is not None
            finally:
                with self._lock:
                    self._socket = None
        return True

    def _greet(self, connection: socket.socket) -> None:
        with self._lock:
            self._socket = connection
            for question in ({"ask": "poke"}, {"ask": "status"}, *map(_watch, self._watched)):
                _send(connection, question)

    def _hear(self, line: bytes) -> None:
        said = _said(line)
        if isinstance(said, Receipted):
            with self._lock:
                self._watched.discard(said.case_id)
        if said is not None and not self._closed.is_set():
            self._deliver(said)


def _watch(case_id: UUID) -> dict[str, Any]:
    return {"ask": "watch", "case": str(case_id)}


def _send(connection: socket.socket, question: dict[str, Any]) -> None:
    # Never waits: the caller may be the thread that draws the screen.
    connection.sendall(json.dumps(question).encode() + b"\n", socket.MSG_DONTWAIT)


def _lines(connection: socket.socket) -> Iterator[bytes]:
    rest = b""
    while (received := connection.recv(_LONGEST_LINE)) and len(rest) <= _LONGEST_LINE:
        *lines, rest = (rest + received).split(b"\n")
        yield from lines


def _said(line: bytes) -> Said | None:
    """What one line says; None for what is not understood."""
    try:
        message = json.loads(line)
        if message["event"] == "receipted":
            return Receipted(UUID(str(message["case"])), str(message["official_number"]))
        if message["event"] == "status":
            return CourierStatus(bool(message["reachable"]), message["queued"], message["oldest_age_s"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return None
