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

from kiosk.post.enquirer import Unanswered
from kiosk.post.enquiry import SealedQuestion
from kiosk.post.uploads import UploadOrder, Way, way_said

RECONNECT_S = 0.5
_LONGEST_LINE = 8192


@dataclass(frozen=True, slots=True)
class CourierStatus:
    """How sending goes. Counts and seconds are None while the courier does not answer."""

    reachable: bool
    queued: int | None = None
    oldest_age_s: int | None = None
    quarantined: int | None = None
    parts_sent: int | None = None
    """Parts of the case under way that the centre has; None while nothing is being sent."""
    parts_total: int | None = None


@dataclass(frozen=True, slots=True)
class Receipted:
    """The centre acknowledged a case that was watched."""

    case_id: UUID
    official_number: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The centre's sealed answer to an enquiry, Base64; `kiosk.post.enquiry` opens it."""

    enquiry_id: UUID
    sealed: str


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """An enquiry ended without an answer. The visitor may ask again."""

    enquiry_id: UUID
    reason: Unanswered


Said = CourierStatus | Receipted | Answered | NotAnswered | Way


class CourierClient:
    """Keeps a connection to the courier and delivers what it says, from a thread of its own.

    `deliver` must be quick and may be called until `close` returns. What was asked for while the courier was
    away is asked again when it is back.
    """

    def __init__(self, path: Path, deliver: Callable[[Said], None]) -> None:
        self._path = path
        self._deliver = deliver
        self._watched: set[UUID] = set()
        self._asked: set[UUID] = set()
        self._ways: dict[UUID, UploadOrder] = {}
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

    def enquire(self, question: SealedQuestion) -> None:
        """Carry a question to the centre now: exactly one `Answered` or `NotAnswered` follows."""
        with self._lock:
            self._asked.add(question.enquiry_id)
            said = self._try_to_say(_enquiry(question))
        if not said:
            self._give_up({question.enquiry_id})

    def open_upload(self, order: UploadOrder) -> None:
        """Open a way for files from a phone: a `Way` follows, and another whenever it changes."""
        with self._lock:
            self._ways[order.upload_id] = order
            said = self._try_to_say(_opening(order))
        if not said:
            self._tell_cut_off({order.upload_id})

    def drop_file(self, upload_id: UUID, file_id: UUID) -> None:
        """Forget a file that arrived."""
        self._ask({"ask": "drop_file", "id": str(upload_id), "file": str(file_id)})

    def close_upload(self, upload_id: UUID, *, keep: bool) -> None:
        """Let nothing more arrive; without `keep` what arrived is forgotten. No `Way` follows."""
        with self._lock:
            self._ways.pop(upload_id, None)
        self._ask({"ask": "close_upload", "id": str(upload_id), "keep": keep})

    def _tell_cut_off(self, upload_ids: set[UUID]) -> None:
        for upload_id in upload_ids:
            if not self._closed.is_set():
                self._deliver(Way(upload_id, is_open=False, is_reachable=False))

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
            self._try_to_say(question)

    def _try_to_say(self, question: dict[str, Any]) -> bool:
        """With the lock held."""
        if self._socket is None:
            return False
        try:
            _send(self._socket, question)
        except OSError:
            return False
        return True

    def _give_up(self, enquiries: set[UUID]) -> None:
        """Say once for each question that still waits that nobody answers it."""
        with self._lock:
            given_up = enquiries & self._asked
            self._asked -= given_up
        for enquiry_id in given_up:
            if not self._closed.is_set():
                self._deliver(NotAnswered(enquiry_id, Unanswered.UNREACHABLE))

    def _run(self) -> None:
        away = False
        while not self._closed.is_set():
            connected = self._converse()
            self._give_up(set(self._asked))
            if connected:
                self._tell_cut_off(set(self._ways))
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
            again = (*map(_watch, self._watched), *map(_opening, self._ways.values()))
            for question in ({"ask": "poke"}, {"ask": "status"}, *again):
                _send(connection, question)

    def _hear(self, line: bytes) -> None:
        said = _said(line)
        if isinstance(said, Receipted):
            with self._lock:
                self._watched.discard(said.case_id)
        if isinstance(said, Answered | NotAnswered):
            with self._lock:
                if said.enquiry_id not in self._asked:
                    return
                self._asked.discard(said.enquiry_id)
        if isinstance(said, Way) and said.upload_id not in self._ways:
            return
        if said is not None and not self._closed.is_set():
            self._deliver(said)


def _watch(case_id: UUID) -> dict[str, Any]:
    return {"ask": "watch", "case": str(case_id)}


def _enquiry(question: SealedQuestion) -> dict[str, Any]:
    return {
        "ask": "enquire",
        "id": str(question.enquiry_id),
        "kid": question.kid,
        "sealed": question.sealed,
    }


def _opening(order: UploadOrder) -> dict[str, Any]:
    return {
        "ask": "open_upload",
        "id": str(order.upload_id),
        "recipient": order.recipient,
        "limit": order.limit,
        "language": order.language,
    }


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
        if message["event"] == "answered":
            return Answered(UUID(str(message["id"])), str(message["sealed"]))
        if message["event"] == "unanswered":
            return NotAnswered(UUID(str(message["id"])), Unanswered(message["reason"]))
        if message["event"] == "upload":
            return way_said(message)
        if message["event"] == "status":
            return _status(message)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None


def _status(message: dict[str, Any]) -> CourierStatus:
    sending = message.get("sending") or {}
    return CourierStatus(
        reachable=bool(message["reachable"]),
        queued=message["queued"],
        oldest_age_s=message["oldest_age_s"],
        quarantined=message.get("quarantined"),
        parts_sent=sending.get("parts_sent"),
        parts_total=sending.get("parts_total"),
    )
