"""A receipt printer on TCP that speaks the wire, for development and tests.

It models what goes wrong in the field: a receive buffer that fills and survives the connection, real-time
commands that are found everywhere (also inside a picture, whose dots they then steal), paper that ends at any
row, a cutter that lies `CUTTER_ROWS` behind the head, a printer that goes on printing what it still holds
once somebody has mended it. What is cut off becomes a picture in a folder. Its parser is strict: a command no
adapter of ours should send is a protocol error.

Faults, while it runs: `none` mends everything (and puts in a new roll after `paper_out`), `paper_low`,
`paper_out`, `cover_open`, `cutter`, `overheated`, `error` (these three after `after_rows` more rows, if
given), `offline` (cable pulled), `hang` (does nothing, says nothing), `slow`, `mute` (prints, says nothing),
`garble` (answers noise), `power_cycle` (off and on again).
"""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

ROLL_ROWS = 640_000  # 80 m at 8 rows a millimetre
CUTTER_ROWS = 120  # the cutter lies 15 mm behind the head
SLOW_ROWS_PER_S = 40.0
OFF_S = 0.5  # how long `power_cycle` lasts
_BIND_S = 2.0
_LOOK_S = 0.02
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

Rows = npt.NDArray[np.uint8]


class Fault(StrEnum):
    """What can be done to it."""

    NONE = "none"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER = "cutter"
    OVERHEATED = "overheated"
    ERROR = "error"
    OFFLINE = "offline"
    HANG = "hang"
    SLOW = "slow"
    MUTE = "mute"
    GARBLE = "garble"
    POWER_CYCLE = "power_cycle"


_STOPPING = frozenset({Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OVERHEATED, Fault.ERROR, Fault.HANG})
_TRIGGERED_BY_ROWS = _STOPPING | {
    Fault.OFFLINE,
    Fault.MUTE,
    Fault.GARBLE,
    Fault.SLOW,
    Fault.CUTTER,
    Fault.PAPER_LOW,
}


@dataclass(frozen=True)
class Piece:
    """A piece of paper that left the printer.

    `dots` is (rows, columns), True where it is black. `torn`: taken out with an old roll, not cut off.
    """

    number: int
    dots: npt.NDArray[np.bool_]
    torn: bool

    @property
    def blank(self) -> bool:
        """Whether nothing is on it."""
        return not self.dots.any()


class _DroppedError(Exception):
    """The command being executed was dropped: buffers cleared or power lost."""


class PrinterSimulator:
    """One printer. `papers` receives `NNNN.png`, `NNNN-blank.png`, `NNNN-torn.png`."""

    def __init__(
        self,
        host: str,
        port: int,
        papers: Path | None = None,
        *,
        width_dots: int = 576,
        buffer_bytes: int = 4096,
        rows_per_s: float = 0.0,
        clears: bool = True,
    ) -> None:
        """`rows_per_s` 0 prints as fast as the computer can; `clears`: whether it knows DLE DC4 8."""
        self._address = (host, port)
        self._papers = papers
        self._row_bytes = (width_dots + 7) // 8
        self._buffer_bytes = buffer_bytes
        self._rows_per_s = rows_per_s
        self._clears = clears
        self._changed = threading.Condition()
        self._buffer = bytearray()
        self._tail = b""
        self._epoch = 0
        self._faults: set[Fault] = set()
        self._after: tuple[Fault, int] | None = None
        self._column: list[bytes] = [bytes(self._row_bytes)] * CUTTER_ROWS
        self._rows_left = ROLL_ROWS
        self._cutter_stuck = False
        self._client: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._stopped = False
        self._numbers = itertools.count(1)
        self._noise = itertools.cycle(b"\xff\x80\x9b\x03\x41")
        self.pieces: list[Piece] = []
        self.protocol_errors: list[str] = []
        self._threads: list[threading.Thread] = []

    # --- life ---

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._address[1]

    def start(self) -> None:
        """Listen and print."""
        self._listen()
        for work in (self._serve, self._execute):
            thread = threading.Thread(target=work, name=f"printer-simulator-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._hang_up(listener=True)
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
            return len(self._column) - CUTTER_ROWS

    def wait_until(self, rows: int, timeout_s: float = 5.0) -> bool:
        """Wait until that many rows have passed the head since the last cut."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._column) - CUTTER_ROWS >= rows, timeout_s)

    # --- control ---

    def command(self, words: Mapping[str, Any]) -> None:
        """`{"fault": …, "after_rows": n}`. Raises ValueError."""
        fault = Fault(words["fault"])
        rows = words.get("after_rows")
        if rows is not None and (not isinstance(rows, int) or rows < 0 or fault not in _TRIGGERED_BY_ROWS):
            raise ValueError(f"after_rows does not fit {fault.value}")
        if rows:
            with self._changed:
                self._after = (fault, rows)
        else:
            self.set_fault(fault)

    def set_fault(self, fault: Fault) -> None:
        """Break it now, or mend it."""
        if fault is Fault.NONE:
            self._mend()
        elif fault is Fault.POWER_CYCLE:
            self._power_cycle()
        else:
            with self._changed:
                self._faults.add(fault)
                self._changed.notify_all()
            if fault is Fault.OFFLINE:
                self._hang_up(listener=True)

    def _mend(self) -> None:
        with self._changed:
            self._after = None
            if Fault.PAPER_OUT in self._faults:
                self._release(len(self._column), torn=True)
                self._column = [bytes(self._row_bytes)] * CUTTER_ROWS
                self._rows_left = ROLL_ROWS
            offline = Fault.OFFLINE in self._faults
            self._faults.clear()
            self._cutter_stuck = False
            self._changed.notify_all()
        if offline:
            self._listen()

    def _power_cycle(self) -> None:
        self._hang_up(listener=True)
        self._drop_buffers()
        threading.Timer(OFF_S, self._listen).start()

    def _drop_buffers(self) -> None:
        with self._changed:
            self._buffer.clear()
            self._tail = b""
            self._epoch += 1
            self._changed.notify_all()

    # --- the network side ---

    def _listen(self) -> None:
        listener = self._bound()
        self._address = (self._address[0], int(listener.getsockname()[1]))
        listener.listen(4)
        with self._changed:
            if self._stopped:
                listener.close()
                return
            self._listener = listener
            self._changed.notify_all()

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

    def _hang_up(self, *, listener: bool) -> None:
        with self._changed:
            ends = [self._client, self._listener if listener else None]
            self._client = None
            if listener:
                self._listener = None
        for end in ends:
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept or recv
                end.close()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._listener is not None)
                if self._stopped:
                    return
                listener = self._listener
            if listener is None:
                continue
            try:
                client, _ = listener.accept()
            except OSError:
                with self._changed:
                    if self._listener is listener:
                        self._listener = None
                continue
            with client:
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        with self._changed:
            self._client = client
        with contextlib.suppress(OSError):
            while data := client.recv(512):
                self._receive(data)
        with self._changed:
            if self._client is client:
                self._client = None

    def _receive(self, data: bytes) -> None:
        while data:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._client is None or self._room() > 0)
                if self._stopped or self._client is None:
                    return
                # Never past the end of a real-time command: each is obeyed the moment it is there.
                length = min(self._room(), len(data), _until_real_time(self._tail + data, len(self._tail)))
                taken, data = data[:length], data[length:]
                self._buffer += taken
                self._tail = (self._tail + taken)[-len(_CLEAR) :]
                self._real_time()
                self._changed.notify_all()

    def _room(self) -> int:
        return self._buffer_bytes - len(self._buffer)

    def _real_time(self) -> None:
        """Obey a real-time command that has just come, wherever it stood. Caller holds the lock."""
        if Fault.HANG in self._faults:
            return
        if self._tail == _CLEAR:
            if self._clears:
                self._buffer.clear()
                self._epoch += 1
                self._say(b"\x37\x25\x00")
            elif self._buffer.endswith(_CLEAR):
                del self._buffer[-len(_CLEAR) :]  # a real-time command it does not know: ignored
            self._tail = b""
        elif _is_question(self._tail[-3:]):
            if self._buffer.endswith(self._tail[-3:]):
                del self._buffer[-3:]
            self._say(bytes([self._status(self._tail[-1])]))

    def _say(self, reply: bytes) -> None:
        """Caller holds the lock."""
        if self._client is None or self._faults & {Fault.MUTE, Fault.HANG}:
            return
        if Fault.GARBLE in self._faults:
            reply = bytes([next(self._noise)])
        with contextlib.suppress(OSError):
            self._client.sendall(reply)

    def _status(self, number: int) -> int:
        faults = self._faults
        stopped = (
            bool(faults & {Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OVERHEATED, Fault.ERROR})
            or self._cutter_stuck
        )
        broken = bool(faults & {Fault.OVERHEATED, Fault.ERROR}) or self._cutter_stuck
        bits = {
            1: 0x08 * stopped,
            2: 0x04 * (Fault.COVER_OPEN in faults) | 0x20 * (Fault.PAPER_OUT in faults) | 0x40 * broken,
            3: 0x08 * self._cutter_stuck
            | 0x20 * (Fault.ERROR in faults)
            | 0x40 * (Fault.OVERHEATED in faults),
            4: 0x0C * bool(faults & {Fault.PAPER_LOW, Fault.PAPER_OUT}) | 0x60 * (Fault.PAPER_OUT in faults),
        }
        return 0x12 | bits[number]

    # --- the mechanical side ---

    def _execute(self) -> None:
        while not self._stopped:
            with contextlib.suppress(_DroppedError):
                self._one_command(self._take(1)[0])

    def _one_command(self, first: int) -> None:
        if first == 0x00:
            return
        if first == 0x10:
            self._take(
                {0x04: 1, 0x05: 1, 0x14: 8}.get(self._take(1)[0], 0)
            )  # came while it hung: too late to obey
        elif first == 0x1B:
            self._escape(self._take(1))
        elif first == 0x1D:
            self._group(self._take(1))
        else:
            self._unexpected(f"byte {first:#04x}")

    def _escape(self, command: bytes) -> None:
        if command != b"@":
            self._unexpected(f"ESC {command!r}")

    def _group(self, command: bytes) -> None:
        if command == b"v":
            self._raster()
        elif command == b"V":
            self._cut()
        elif command == b"r":
            self._paper_sensor()
        elif command == b"(":
            self._process_id()
        else:
            self._unexpected(f"GS {command!r}")

    def _unexpected(self, what: str) -> None:
        with self._changed:
            self.protocol_errors.append(what)

    def _raster(self) -> None:
        mode = self._take(2)
        if mode != b"0\x00":
            self._unexpected(f"GS v {mode!r}")
        width, height = (int.from_bytes(self._take(2), "little") for _ in range(2))
        for _ in range(height):
            self._move(self._take(width))

    def _cut(self) -> None:
        function = self._take(1)
        if function in (b"A", b"B"):
            for _ in range(CUTTER_ROWS + self._take(1)[0]):
                self._move(b"")
        elif function not in (b"\x00", b"\x01", b"0", b"1"):
            self._unexpected(f"GS V {function!r}")
        with self._changed:
            self._cutter_stuck = Fault.CUTTER in self._faults
            self._wait(lambda: not self._cutter_stuck)
            self._release(len(self._column) - CUTTER_ROWS, torn=False)

    def _paper_sensor(self) -> None:
        if self._take(1) not in (b"\x01", b"1"):
            self._unexpected("GS r")
        with self._changed:
            self._wait(self._can_move)
            self._say(bytes([0x03 * (Fault.PAPER_LOW in self._faults)]))

    def _process_id(self) -> None:
        function = self._take(5)
        identity = self._take(4)
        if function != b"H\x06\x0000":
            self._unexpected(f"GS ( {function!r}")
        with self._changed:
            self._wait(self._can_move)
            self._say(b"\x37\x22" + identity + b"\x00")

    def _take(self, count: int) -> bytes:
        with self._changed:
            self._wait(lambda: len(self._buffer) >= count)
            taken = bytes(self._buffer[:count])
            del self._buffer[:count]
            self._changed.notify_all()
            return taken

    def _move(self, row: bytes) -> None:
        """One row passes the head."""
        with self._changed:
            self._wait(self._can_move)
            self._column.append(row[: self._row_bytes].ljust(self._row_bytes, b"\0"))
            self._rows_left -= 1
            due = self._count_down()
            rows_per_s = SLOW_ROWS_PER_S if Fault.SLOW in self._faults else self._rows_per_s
            self._changed.notify_all()
        if due is not None:
            self.set_fault(due)
        if rows_per_s:
            time.sleep(1 / rows_per_s)

    def _count_down(self) -> Fault | None:
        """The fault that begins with this row. Caller holds the lock."""
        if self._after is not None:
            fault, rows = self._after
            self._after = (fault, rows - 1) if rows > 1 else None
            if rows == 1:
                return fault
        return Fault.PAPER_OUT if self._rows_left <= 0 else None

    def _can_move(self) -> bool:
        return not self._faults & _STOPPING and not self._cutter_stuck

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Until `ready()`. Caller holds the lock.

        Raises _DroppedError when the buffers are dropped meanwhile.
        """
        epoch = self._epoch
        self._changed.wait_for(lambda: self._stopped or self._epoch != epoch or ready())
        if self._stopped or self._epoch != epoch:
            raise _DroppedError

    def _release(self, rows: int, *, torn: bool) -> None:
        """The first `rows` of the column leave the printer. Caller holds the lock."""
        packed = np.frombuffer(b"".join(self._column[:rows]), dtype=np.uint8).reshape(rows, self._row_bytes)
        self._column = self._column[rows:]
        piece = Piece(next(self._numbers), np.unpackbits(packed, axis=1).astype(bool), torn)
        self._save(piece)
        self.pieces.append(piece)
        self._changed.notify_all()

    def _save(self, piece: Piece) -> None:
        if self._papers is None or not piece.dots.size:
            return
        self._papers.mkdir(parents=True, exist_ok=True)
        suffix = "-torn" if piece.torn else "-blank" if piece.blank else ""
        Image.fromarray(~piece.dots).save(self._papers / f"{piece.number:04d}{suffix}.png")


def _is_question(sequence: bytes) -> bool:
    """DLE EOT 1 to 4."""
    return len(sequence) == 3 and sequence[:2] == b"\x10\x04" and 1 <= sequence[2] <= 4


def _until_real_time(data: bytes, start: int) -> int:
    """How many bytes after `start` may be taken at once.

    To the end of the first real-time command, at most all.
    """
    found = [
        at + length - start
        for pattern, length in ((b"\x10\x04", 3), (_CLEAR, len(_CLEAR)))
        if (at := data.find(pattern, max(0, start - length + 1))) >= 0 and at + length > start
    ]
    return min([*found, len(data) - start])
