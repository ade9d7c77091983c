"""The courier's part in files from a visitor's phone: it opens the way, says what arrived, and closes it.

The wire is docs/reference/uploads.md. Nothing of a file passes here but its kind, size and hash. Each way has
a thread and a line of its own, because the centre holds the question until something arrives.
"""

import queue
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from config.event_names import Event
from kiosk.post.outcomes import NoReply, Reply, Verdict, decide
from kiosk.post.rounds import Log

WAIT_S = 5
"""How long the centre may hold a question. What is to be done meanwhile waits as long."""
RETRY_S = 5.0
MOST_WAYS = 4
"""A kiosk has one visitor; a visit that was killed may still have its own."""
MOST_FILES = 30
_CLOSING_TRIES = 3
_RECIPIENTS = ("reports", "complaints")
_LANGUAGES = ("zh-Hant", "zh-Hans", "en")
_KINDS = ("picture", "video", "sound", "document")
_ADDRESS = re.compile(r"(?i:https)://[A-Za-z0-9.:/?=_-]{1,290}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """What a way is opened for."""

    upload_id: UUID
    recipient: str
    limit: int
    language: str


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file at the centre. `size` in bytes, `sha256` in hex."""

    file_id: UUID
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Way:
    """How a way stands. `version` rises with every change at the centre."""

    upload_id: UUID
    is_open: bool
    is_reachable: bool
    address: str = field(default="", repr=False)
    files: tuple[ArrivedFile, ...] = ()
    version: int = field(default=0, compare=False)


def parse_order(asked: Mapping[str, Any]) -> UploadOrder:
    """The order in the members `id`, `recipient`, `limit` and `language`.

    Raises ValueError, KeyError or TypeError.
    """
    order = UploadOrder(UUID(str(asked["id"])), asked["recipient"], asked["limit"], asked["language"])
    number = isinstance(order.limit, int) and not isinstance(order.limit, bool)
    if not number or not 1 <= order.limit <= MOST_FILES:
        raise ValueError("not a number of files")
    if order.recipient not in _RECIPIENTS or order.language not in _LANGUAGES:
        raise ValueError("not a recipient or a language")
    return order


def address_in(body: Mapping[str, Any]) -> str:
    """The address in the centre's answer. Raises ValueError, KeyError or TypeError."""
    address = body["address"]
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not an address")
    return str(address)


def way_in(order: UploadOrder, address: str, body: Mapping[str, Any]) -> Way:
    """How the way stands, in the centre's answer. Raises ValueError, KeyError or TypeError."""
    if body["state"] not in ("open", "closed"):
        raise ValueError("not a state")
    files = tuple(_file(each) for each in body["files"][:MOST_FILES])
    way = Way(order.upload_id, body["state"] == "open", is_reachable=True, address=address, files=files)
    return replace(way, version=_whole_number(body["version"]))


def way_said(message: Mapping[str, Any]) -> Way:
    """How a way stands, as the courier says it. Raises ValueError, KeyError or TypeError."""
    return Way(
        UUID(str(message["id"])),
        message["open"] is True,
        message["reachable"] is True,
        str(message["address"]),
        tuple(_file(each) for each in message["files"]),
    )


def _file(body: Mapping[str, Any]) -> ArrivedFile:
    kind, size, sha256 = body["kind"], _whole_number(body["size"]), body["sha256"]
    if kind not in _KINDS or not _SHA256.fullmatch(sha256):
        raise ValueError("not a file")
    return ArrivedFile(UUID(str(body["file_id"])), kind, size, sha256)


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError("not a whole number")
    return value


class PhoneDoor(Protocol):
    """The centre, as far as uploads need it; `kiosk.post.central.Central` is one."""

    def open_upload(self, order: UploadOrder) -> NoReply | Reply | str:
        """Open a way; a str is its address."""

    def poll_upload(self, order: UploadOrder, address: str, since: int, wait_s: int) -> NoReply | Reply | Way:
        """Ask what arrived since version `since`; the centre holds the question for up to `wait_s`."""

    def drop_file(self, upload_id: UUID, file_id: UUID) -> NoReply | Reply | None:
        """Forget a file. None is success."""

    def close_upload(self, upload_id: UUID, *, keep: bool) -> NoReply | Reply | None:
        """Take nothing more. None is success."""

    def close(self) -> None:
        """Let go of the connection."""


Told = Callable[[Way], None]


@dataclass(frozen=True, slots=True)
class _Drop:
    file_id: UUID


@dataclass(frozen=True, slots=True)
class _Close:
    keep: bool


class Uploads:
    """The ways that are open now. From any thread; nothing blocks and nothing raises."""

    def __init__(self, door: Callable[[], PhoneDoor], log: Log, retry_s: float = RETRY_S) -> None:
        self._door = door
        self._log = log
        self._retry_s = retry_s
        self._lock = threading.Lock()
        self._ways: dict[UUID, _Keeper] = {}
        self._stopped = threading.Event()

    def open(self, order: UploadOrder, told: Told) -> None:
        """Open a way, or say again how the one of this id stands; `told` is called from another thread."""
        with self._lock:
            if self._stopped.is_set():
                return
            known = self._ways.get(order.upload_id)
            if known is not None:
                known.tell_also(told)
                return
            if len(self._ways) < MOST_WAYS:
                keeper = _Keeper(order, told, self._door(), self._log, self._retry_s, self._ended)
                self._ways[order.upload_id] = keeper
                keeper.start()
                return
        told(Way(order.upload_id, is_open=False, is_reachable=False))

    def drop(self, upload_id: UUID, file_id: UUID) -> None:
        """Forget a file of a way."""
        self._order(upload_id, _Drop(file_id))

    def close(self, upload_id: UUID, *, keep: bool) -> None:
        """Let nothing more arrive; without `keep` what arrived is forgotten."""
        self._order(upload_id, _Close(keep))

    def stop(self) -> None:
        """End without closing a way: a courier that starts again goes on with it."""
        self._stopped.set()
        with self._lock:
            for keeper in self._ways.values():
                keeper.order(None)

    def _order(self, upload_id: UUID, order: _Drop | _Close) -> None:
        with self._lock:
            keeper = self._ways.get(upload_id)
        if keeper is not None:
            keeper.order(order)

    def _ended(self, upload_id: UUID) -> None:
        with self._lock:
            self._ways.pop(upload_id, None)


class _Keeper:
    """One way, in a thread of its own."""

    def __init__(
        self,
        order: UploadOrder,
        told: Told,
        door: PhoneDoor,
        log: Log,
        retry_s: float,
        ended: Callable[[UUID], None],
    ) -> None:
        self._order = order
        self._told = [told]
        self._door = door
        self._log = log
        self._retry_s = retry_s
        self._ended = ended
        self._wait = threading.Event()
        self._orders: queue.SimpleQueue[_Drop | _Close | None] = queue.SimpleQueue()
        self._way: Way | None = None
        self._address = ""
        self._version = 0
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def order(self, order: _Drop | _Close | None) -> None:
        """None ends the thread and leaves the way as it is."""
        self._orders.put(order)

    def tell_also(self, told: Told) -> None:
        """Who asked for the way asks again, over another connection."""
        self._told = [told]
        if self._way is not None:
            told(self._way)

    def _run(self) -> None:
        pause_s = 0.0
        try:
            while True:
                try:
                    order = self._orders.get(timeout=pause_s) if pause_s else self._orders.get_nowait()
                except queue.Empty:
                    pause_s = 0.0 if self._look() else self._retry_s
                    continue
                if isinstance(order, _Drop):
                    self._door.drop_file(self._order.upload_id, order.file_id)
                    continue
                if order is not None:
                    self._close(order)
                return
        finally:
            self._ended(self._order.upload_id)
            self._door.close()

    def _look(self) -> bool:
        """Open the way, or see what arrived. Returns whether to look again at once."""
        if not self._address:
            opened = self._door.open_upload(self._order)
            if not isinstance(opened, str):
                self._tell_unreachable(opened)
                return False
            self._address = opened
            self._log(Event.UPLOAD_OPENED)
        found = self._door.poll_upload(self._order, self._address, self._version, WAIT_S if self._way else 0)
        if not isinstance(found, Way):
            self._tell_unreachable(found)
            return False
        self._version = found.version
        self._tell(found)
        return found.is_open

    def _tell_unreachable(self, answer: NoReply | Reply) -> None:
        before = self._way
        if isinstance(answer, Reply) and decide(answer).verdict is Verdict.REFUSED:
            self._tell(Way(self._order.upload_id, is_open=False, is_reachable=False))
        elif before is not None:
            self._tell(replace(before, is_reachable=False))
        else:
            self._tell(Way(self._order.upload_id, is_open=False, is_reachable=False))

    def _tell(self, way: Way) -> None:
        if way != self._way:
            self._way = way
            for told in self._told:
                told(way)

    def _close(self, order: _Close) -> None:
        """A way that cannot be closed now ends by itself after half an hour."""
        for _ in range(_CLOSING_TRIES if self._address else 0):
            answer = self._door.close_upload(self._order.upload_id, keep=order.keep)
            if answer is None or decide(answer).verdict is Verdict.REFUSED:
                break
            self._wait.wait(self._retry_s)
        self._log(Event.UPLOAD_CLOSED, kept=order.keep)
