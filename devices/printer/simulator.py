"""A receipt printer that speaks the wire, on TCP or on a pseudo-terminal, for development and tests.

`devices.printer.model` is the machine; here it gets a line, a speed and a clock. What leaves it becomes a
picture in a folder.

Faults, while it runs: `none` mends everything (puts in a new roll after `paper_out`, takes away a receipt
after `paper_left`), `paper_low`, `paper_out`, `cover_open`, `cutter`, `overheated`, `error`, `offline` (cable
pulled), `hang` (does nothing, says nothing), `slow`, `mute` (prints, says nothing), `garble` (answers noise),
`late` (each answer comes with the next one), `double` (each answer comes twice), all of these after
`after_rows` more rows, if given; `paper_left` (nobody takes the receipt out of the presenter), `power_cycle`
(off and on again).
"""

import contextlib
import os
import select
import socket
import threading
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from config.settings import Printer, PrinterConnection
from devices.printer.model import TRIGGERED_BY_ROWS, Fault, Piece, PrinterModel, Step
from devices.printer.profile import Profile, named, profile_of

__all__ = ["CUTTER_ROWS", "Fault", "Piece", "PrinterSimulator"]

DEFAULT_MODEL = "epson-tm-m30iii"
CUTTER_ROWS = named(DEFAULT_MODEL).cutter_rows
SLOW_ROWS_PER_S = 40.0
OFF_S = 0.5  # how long `power_cycle` lasts
_BIND_S = 2.0
_LOOK_S = 0.02
_READ_BYTES = 512


class _Client(Protocol):
    """Who talks to the printer."""

    def recv(self) -> bytes:
        """What comes; empty or OSError at the end."""

    def send(self, data: bytes) -> None:
        """Answer. Raises OSError."""

    def close(self) -> None:
        """Hang up."""


class _Line(Protocol):
    """What the printer hangs on."""

    def open(self) -> None:
        """Appear. Raises OSError."""

    def accept(self) -> _Client:
        """Wait for a client. Raises OSError when the line is closed."""

    def close(self) -> None:
        """Disappear."""


class PrinterSimulator:
    """One printer. `papers` receives `NNNN.png`, `NNNN-blank.png`, `NNNN-torn.png`."""

    def __init__(
        self,
        host: str,
        port: int,
        papers: Path | None = None,
        *,
        profile: Profile | None = None,
        width_dots: int = 0,
        buffer_bytes: int = 0,
        rows_per_s: float = 0.0,
        clears: bool | None = None,
        path: Path | None = None,
    ) -> None:
        """`rows_per_s` 0 prints as fast as the computer can; `path`: on a pseudo-terminal of that name.

        `width_dots`, `buffer_bytes` and `clears` override the profile.
        """
        overrides = {"width_dots": width_dots, "receive_buffer": buffer_bytes}
        changes: dict[str, Any] = {name: value for name, value in overrides.items() if value}
        if clears is not None:
            changes["clears"] = clears
        self.profile = (profile or named(DEFAULT_MODEL)).model_copy(update=changes)
        self.pieces: list[Piece] = []
        self._papers = papers
        self._rows_per_s = rows_per_s
        self._changed = threading.Condition()
        self.model = PrinterModel(self.profile, released=self._release)
        self._tcp = _Tcp(host, port)
        self._line: _Line = _Pty(path) if path is not None else self._tcp
        self._is_open = False
        self._client: _Client | None = None
        self._stopped = False
        self._threads: list[threading.Thread] = []

    @classmethod
    def of(cls, settings: Printer, papers: Path | None = None, rows_per_s: float = 0.0) -> "PrinterSimulator":
        """The printer of these settings, where its adapter looks for it. Raises ProfileError."""
        serial = settings.connection is PrinterConnection.SERIAL
        return cls(
            settings.host,
            settings.port,
            papers,
            profile=profile_of(settings),
            rows_per_s=rows_per_s,
            path=Path(settings.path) if serial else None,
        )

    # --- life ---

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._tcp.port

    @property
    def protocol_errors(self) -> list[str]:
        """Commands that no adapter of ours should send."""
        return self.model.protocol_errors

    def start(self) -> None:
        """Listen and print."""
        self._plug_in()
        for work in (self._serve, self._execute):
            thread = threading.Thread(target=work, name=f"printer-simulator-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._unplug()
        for thread in self._threads:
            thread.join(5)

    def wait_for_pieces(self, count: int, timeout_s: float = 5.0) -> list[Piece]:
        """The pieces of paper, as soon as there are that many (or time is up)."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.pieces) >= count, timeout_s)
            return list(self.pieces)

    def printed_rows(self) -> int:
        """Rows that have passed the head since the last cut."""
        with self._changed:
            return self.model.rows_since_cut

    def wait_until(self, rows: int, timeout_s: float = 5.0) -> bool:
        """Wait until that many rows have passed the head since the last cut."""
        with self._changed:
            return self._changed.wait_for(lambda: self.model.rows_since_cut >= rows, timeout_s)

    # --- control ---

    def command(self, words: Mapping[str, Any]) -> None:
        """`{"fault": …, "after_rows": n}`. Raises ValueError."""
        fault = Fault(words["fault"])
        rows = words.get("after_rows")
        if rows is not None and (not isinstance(rows, int) or rows < 0 or fault not in TRIGGERED_BY_ROWS):
            raise ValueError(f"after_rows does not fit {fault.value}")
        if rows:
            with self._changed:
                self.model.fault(fault, rows)
        else:
            self.set_fault(fault)

    def shown(self) -> dict[str, object]:
        """Its faults (`a+b`, or none), its paper, its cover, and the number of its latest paper."""
        with self._changed:
            faults = {fault.value for fault in self.model.faults}
            out, low = Fault.PAPER_OUT in faults, Fault.PAPER_LOW in faults
            return {
                "fault": "+".join(sorted(faults)) or "none",
                "paper": "out" if out else "low" if low else "enough",
                "left_mm": round(self.model.rows_left / self.profile.dots_per_mm),
                "cover": "open" if Fault.COVER_OPEN in faults else "shut",
                "in_mouth": self.model.mouth is not None,
                "latest_paper": self.pieces[-1].number if self.pieces else 0,
            }

    def set_fault(self, fault: Fault) -> None:
        """Break it now, or mend it."""
        if fault is Fault.POWER_CYCLE:
            self._power_cycle()
            return
        with self._changed:
            was_offline = Fault.OFFLINE in self.model.faults
            self.model.fault(fault)
            self._answer()
            self._changed.notify_all()
        if fault is Fault.OFFLINE:
            self._unplug()
        elif fault is Fault.NONE and was_offline:
            self._plug_in()

    def _power_cycle(self) -> None:
        self._unplug()
        with self._changed:
            self.model.lose_power()
            self._changed.notify_all()
        threading.Timer(OFF_S, self._plug_in).start()

    def _plug_in(self) -> None:
        with self._changed:
            if self._stopped or self._is_open:
                return
            self._line.open()
            self._is_open = True
            self._changed.notify_all()

    def _unplug(self) -> None:
        with self._changed:
            client, self._client = self._client, None
            self._is_open = False
        self._line.close()
        if client is not None:
            client.close()

    # --- the line ---

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._is_open)
                if self._stopped:
                    return
            with contextlib.suppress(OSError):
                self._talk(self._line.accept())

    def _talk(self, client: _Client) -> None:
        with self._changed:
            self._client = client
        with contextlib.suppress(OSError):
            while data := client.recv():
                self._receive(client, data)
        with self._changed:
            if self._client is client:
                self._client = None
        client.close()

    def _receive(self, client: _Client, data: bytes) -> None:
        while data:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._stopped or self._client is not client or self.model.room() > 0
                )
                if self._stopped or self._client is not client:
                    return
                data = data[self.model.receive(data) :]
                self._answer()
                self._changed.notify_all()

    def _answer(self) -> None:
        """Send what the machine said. Caller holds the lock."""
        said = bytes(self.model.replies)
        self.model.replies.clear()
        if said and self._client is not None:
            with contextlib.suppress(OSError):
                self._client.send(said)

    # --- time ---

    def _execute(self) -> None:
        while not self._stopped:
            with self._changed:
                step = self.model.step()
                self._answer()
                self._changed.notify_all()
                if step is Step.IDLE and not self._stopped:
                    self._changed.wait()
                went_offline = Fault.OFFLINE in self.model.faults and self._is_open
                rows_per_s = SLOW_ROWS_PER_S if Fault.SLOW in self.model.faults else self._rows_per_s
            if went_offline:
                self._unplug()
            if step is Step.ROW and rows_per_s:
                time.sleep(1 / rows_per_s)

    def _release(self, piece: Piece) -> None:
        """Caller holds the lock."""
        if self._papers is not None and piece.dots.size:
            self._papers.mkdir(parents=True, exist_ok=True)
            suffix = "-torn" if piece.torn else "-blank" if piece.blank else ""
            Image.fromarray(~piece.dots).save(self._papers / f"{piece.number:04d}{suffix}.png")
        self.pieces.append(piece)


class _Tcp:
    """A port with one client at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._listener: socket.socket | None = None

    @property
    def port(self) -> int:
        return self._address[1]

    def open(self) -> None:
        listener = self._bound()
        self._address = (self._address[0], int(listener.getsockname()[1]))
        listener.listen(4)
        self._listener = listener

    def accept(self) -> _Client:
        listener = self._listener
        if listener is None:
            raise ConnectionAbortedError
        return _Socket(listener.accept()[0])

    def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            listener.close()

    def _bound(self) -> socket.socket:
        until = time.monotonic() + _BIND_S
        while True:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(self._address)
            except OSError:  # the thread that accepted on the port may not have let go of it yet
                listener.close()
                if time.monotonic() > until:
                    raise
                time.sleep(_LOOK_S)
            else:
                return listener


class _Socket:
    """A client on TCP."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def recv(self) -> bytes:
        return self._line.recv(_READ_BYTES)

    def send(self, data: bytes) -> None:
        self._line.sendall(data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in recv
        self._line.close()


class _Pty:
    """A serial line with a stable name, which is there only while the printer is plugged in."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._ends: tuple[int, int] | None = None

    def open(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)  # before anybody opens it: no echo, no translation
        os.set_blocking(master, False)
        self._link.parent.mkdir(parents=True, exist_ok=True)
        self._link.unlink(missing_ok=True)
        self._ends = (master, slave)
        self._link.symlink_to(os.ttyname(slave))

    def accept(self) -> _Client:
        if self._ends is None:
            raise ConnectionAbortedError
        return _Master(os.dup(self._ends[0]))

    def close(self) -> None:
        ends, self._ends = self._ends, None
        if ends is not None:
            self._link.unlink(missing_ok=True)
            for end in ends:
                os.close(end)


class _Master:
    """Whoever has the other end of a pseudo-terminal."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def recv(self) -> bytes:
        while not self._closed.is_set():
            ready = select.select([self._end], [], [], _LOOK_S)[0]
            with self._lock:
                if ready and not self._closed.is_set():
                    return os.read(self._end, _READ_BYTES)
        return b""

    def send(self, data: bytes) -> None:
        with self._lock, contextlib.suppress(BlockingIOError):
            if not self._closed.is_set():
                os.write(self._end, data)  # what nobody reads is lost, as on a real line

    def close(self) -> None:
        with self._lock:
            if not self._closed.is_set():
                self._closed.set()
                os.close(self._end)
