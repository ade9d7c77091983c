"""Who is connected to the devices process: screens and maintenance, with a thread for either direction."""

import contextlib
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from config.event_names import Event
from config.log import log
from config.peers import may_talk
from devices import messages as m
from devices.wire import Decoder, Malformed

MAX_CLIENTS = 16
MAX_WAITING = 64  # messages for a screen that does not read
_READ_BYTES = 1 << 16


class Client:
    """One screen, or maintenance."""

    def __init__(self, line: socket.socket, ended: Callable[["Client"], None]) -> None:
        self._line = line
        self._ended = ended
        self._codec = m.report_codec()
        self._waiting: deque[m.Report] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def start(self, handle: Callable[["Client", m.Request], None]) -> None:
        """Read requests and write reports, each on a thread."""
        for work, name in ((lambda: self._read(handle), "screen-reader"), (self._write, "screen-writer")):
            threading.Thread(target=work, name=name, daemon=True).start()

    def tell(self, report: m.Report) -> None:
        """Never blocks. A preview replaces one that still waits: late pictures are worth nothing."""
        with self._changed:
            if isinstance(report, m.Preview):
                self._waiting = deque(one for one in self._waiting if not isinstance(one, m.Preview))
            self._waiting.append(report)
            overrun = len(self._waiting) > MAX_WAITING
            self._changed.notify()
        if overrun:
            log(Event.DEVICES_PEER_DROPPED, reason="does_not_read")
            self.close()

    def close(self) -> None:
        """Hang up."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def _read(self, handle: Callable[["Client", m.Request], None]) -> None:
        decoder = Decoder(m.request_codec())
        try:
            while data := self._line.recv(_READ_BYTES):
                for request in decoder.feed(data):
                    handle(self, request)
        except Malformed:
            log(Event.DEVICES_PEER_DROPPED, reason="malformed")
        except OSError:
            pass  # it went
        finally:
            self.close()
            self._ended(self)

    def _write(self) -> None:
        try:
            while (report := self._next()) is not None:
                self._line.sendall(self._codec.encode(report))
        except OSError:
            self.close()
        finally:
            self._line.close()

    def _next(self) -> m.Report | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return None if self._closed else self._waiting.popleft()


class Door:
    """The socket at which they arrive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener: socket.socket | None = None

    def open(self, welcome: Callable[[socket.socket], None], present: Callable[[], int]) -> None:
        """Listen; `present` says how many are here. Raises OSError if the socket cannot be made."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o660)  # who of the folder's group may talk is checked at every connection
        listener.listen(MAX_CLIENTS)
        self._listener = listener
        accepting = (listener, welcome, present)
        threading.Thread(target=self._accept, args=accepting, name="listener", daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(
        self,
        listener: socket.socket,
        welcome: Callable[[socket.socket], None],
        present: Callable[[], int],
    ) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            reason = self._reason_to_refuse(line, present())
            if reason:
                log(Event.DEVICES_PEER_DROPPED, reason=reason)
                line.close()
            else:
                welcome(line)

    def _reason_to_refuse(self, line: socket.socket, present: int) -> str:
        if present >= MAX_CLIENTS:
            return "too_many"
        group = self._path.parent.stat().st_gid
        return "" if may_talk(line, os.getuid(), group) else "not_allowed"
