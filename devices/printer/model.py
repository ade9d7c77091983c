"""A receipt printer as a machine, to simulate one: bytes in, paper and answers out. No thread, no clock.

It models what goes wrong in the field: a receive buffer that fills and outlives the connection, real-time
commands that are found everywhere (also inside a picture, whose dots they then steal), paper that ends at any
row, a cutter that lies behind the head, a printer that goes on printing what it still holds once somebody has
mended it, answers that come late, twice, garbled or never. Its parser is strict: a command no adapter of ours
should send is a protocol error.
"""

import itertools
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum

import numpy as np
import numpy.typing as npt

from config.settings import PrintConfirmation
from devices.printer.profile import Cutter, Profile

ROLL_ROWS = 640_000  # 80 m at 8 rows a millimetre
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_EVERYTHING = 20
_LATE_ANSWERS = 1


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
    LATE = "late"
    DOUBLE = "double"
    PAPER_LEFT = "paper_left"
    POWER_CYCLE = "power_cycle"


STOPPING = frozenset({Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.OVERHEATED, Fault.ERROR, Fault.HANG})
TRIGGERED_BY_ROWS = frozenset(Fault) - {Fault.NONE, Fault.PAPER_LEFT, Fault.POWER_CYCLE}


class Step(Enum):
    """What one step of the machine did."""

    ROW = "row"
    """One row passed the head."""
    IDLE = "idle"
    """Nothing: it waits for bytes, or for somebody who mends it."""


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


class PrinterModel:
    """One printer. Not thread-safe: its owner holds a lock."""

    def __init__(
        self,
        profile: Profile,
        *,
        released: Callable[[Piece], None] = lambda _piece: None,
        trace: Callable[[str, bytes], None] | None = None,
    ) -> None:
        """`released` hears of every piece; `trace` of all that happens to bytes and paper, for oracles."""
        self._profile = profile
        self._released = released
        self._trace = trace or (lambda _kind, _data: None)
        self._row_bytes = (profile.width_dots + 7) // 8
        self._numbers = itertools.count(1)
        self._noise = itertools.cycle(b"\xff\x80\x9b\x03\x41")
        self._worker = self._work()
        self._buffer = bytearray()
        self._tail = b""
        self._after: tuple[Fault, int] | None = None
        self._column = self._blank_column()
        self._rows_left = ROLL_ROWS
        self._cutter_stuck = False
        self._automatic = 0
        self._told: bytes = b""
        self._late: list[bytes] = []
        self.faults: set[Fault] = set()
        self.mouth: Piece | None = None
        """What a presenter holds out."""
        self.replies = bytearray()
        """What it said; its owner takes it away."""
        self.protocol_errors: list[str] = []

    # --- bytes in ---

    def room(self) -> int:
        """Bytes the receive buffer still takes."""
        return self._profile.receive_buffer - len(self._buffer)

    def receive(self, data: bytes) -> int:
        """Take what fits, and obey real-time commands the moment they are there. How much was taken."""
        taken = 0
        while taken < len(data) and self.room() > 0:
            rest = data[taken:]
            length = min(self.room(), len(rest), _until_real_time(self._tail + rest, len(self._tail)))
            chunk = rest[:length]
            self._trace("unheard" if Fault.HANG in self.faults else "in", chunk)
            self._buffer += chunk
            self._tail = (self._tail + chunk)[-len(_CLEAR) :]
            self._real_time()
            taken += length
        return taken

    def _real_time(self) -> None:
        if Fault.HANG in self.faults:
            return
        if self._tail == _CLEAR:
            if self._profile.clears:
                self._drop("clear")
                self._say(b"\x37\x25\x00")
            elif self._buffer.endswith(_CLEAR):
                del self._buffer[-len(_CLEAR) :]  # a real-time command it does not know: ignored
            self._tail = b""
        elif self._is_question():
            number = self._tail[-1]
            if self._buffer.endswith(self._tail[-3:]):
                del self._buffer[-3:]
            self._say(self._full() if number == _EVERYTHING else bytes([self._status(number)]))

    def _is_question(self) -> bool:
        asked = self._tail[-3:]
        if len(asked) != 3 or asked[:2] != b"\x10\x04":
            return False
        return asked[2] in self._profile.status.questions or (
            asked[2] == _EVERYTHING and self._profile.status.full
        )

    def _drop(self, why: str) -> None:
        self._trace(why, b"")
        self._buffer.clear()
        self._tail = b""
        self._worker = self._work()

    # --- what happens to it ---

    def fault(self, fault: Fault, after_rows: int = 0) -> None:
        """Break it, now or after so many rows; `NONE` mends everything."""
        if fault is Fault.NONE:
            self._mend()
        elif after_rows:
            self._after = (fault, after_rows)
        else:
            self.faults.add(fault)
            self._tell_change()

    def _mend(self) -> None:
        self._after = None
        if Fault.PAPER_OUT in self.faults:
            self._trace("roll", b"")
            self._release(len(self._column), torn=True)
            self._column = self._blank_column()
            self._rows_left = ROLL_ROWS
        self.faults.clear()
        self._cutter_stuck = False
        self.mouth = None
        self._late.clear()
        self._tell_change()

    def lose_power(self) -> None:
        """Off: what it held is gone, the paper stays where it is."""
        self._drop("power")
        self._automatic = 0
        self.replies.clear()

    @property
    def rows_left(self) -> int:
        """Rows that are still on the roll."""
        return 0 if Fault.PAPER_OUT in self.faults else self._rows_left

    @property
    def rows_since_cut(self) -> int:
        """Rows that have passed the head since the last cut."""
        return len(self._column) - self._profile.cutter_rows

    # --- the mechanical side ---

    def step(self) -> Step:
        """Execute until a row has moved, or nothing is left to do."""
        return next(self._worker)

    def _work(self) -> Iterator[Step]:
        while True:
            first = (yield from self._take(1))[0]
            if first == 0x10:
                # It came while it hung: too late to obey.
                yield from self._take({0x04: 1, 0x05: 1, 0x14: 8}.get((yield from self._take(1))[0], 0))
            elif first == 0x1B:
                yield from self._escape((yield from self._take(1)))
            elif first == 0x1D:
                yield from self._group((yield from self._take(1)))
            elif first != 0x00:
                self._unexpected(f"byte {first:#04x}")

    def _escape(self, command: bytes) -> Iterator[Step]:
        if command == b"@":
            self._automatic = 0
        elif command == b"d" and self._profile.cutter is Cutter.NONE:
            yield from self._take(1)
            for _ in range(self._profile.cutter_rows):
                yield from self._move(b"")
            yield from self._cut_off()  # by hand, at the bar
        else:
            self._unexpected(f"ESC {command!r}")

    def _group(self, command: bytes) -> Iterator[Step]:
        commands = {
            b"v": self._raster,
            b"V": self._cut,
            b"r": self._paper_sensor,
            b"a": self._switch_automatic,
            b"I": self._identify,
            b"e": self._present,
            b"(": self._process_id,
        }
        if command in commands:
            yield from commands[command]()
        else:
            self._unexpected(f"GS {command!r}")

    def _unexpected(self, what: str) -> None:
        self.protocol_errors.append(what)

    def _raster(self) -> Iterator[Step]:
        head = yield from self._take(6)
        if head[:2] != b"0\x00":
            self._unexpected(f"GS v {head[:2]!r}")
        width, height = (int.from_bytes(head[at : at + 2], "little") for at in (2, 4))
        for _ in range(height):
            yield from self._move((yield from self._take(width)))

    def _cut(self) -> Iterator[Step]:
        function = yield from self._take(1)
        if self._profile.cutter is Cutter.NONE or function not in (b"A", b"B"):
            self._unexpected(f"GS V {function!r}")
        for _ in range(self._profile.cutter_rows + (yield from self._take(1))[0]):
            yield from self._move(b"")
        self._cutter_stuck = Fault.CUTTER in self.faults
        if self._cutter_stuck:
            self._tell_change()
        while self._cutter_stuck:
            yield Step.IDLE
        yield from self._cut_off()

    def _cut_off(self) -> Iterator[Step]:
        self._trace("cut", b"")
        self._release(len(self._column) - self._profile.cutter_rows, torn=False)
        yield Step.ROW

    def _paper_sensor(self) -> Iterator[Step]:
        if (yield from self._take(1)) not in (b"\x01", b"1"):
            self._unexpected("GS r")
        yield from self._until_it_moves()
        self._say(bytes([0x03 * (Fault.PAPER_LOW in self.faults)]))

    def _process_id(self) -> Iterator[Step]:
        function = yield from self._take(5)
        identity = yield from self._take(4)
        if function != b"H\x06\x0000" or self._profile.confirmation is not PrintConfirmation.PROCESS_ID:
            self._unexpected(f"GS ( {function!r}")
        yield from self._until_it_moves()
        self._say(b"\x37\x22" + identity + b"\x00")

    def _switch_automatic(self) -> Iterator[Step]:
        self._automatic = (yield from self._take(1))[0]
        if not self._profile.status.automatic:
            self._unexpected("GS a")
        self._told = b""
        self._tell_change()

    def _identify(self) -> Iterator[Step]:
        number = (yield from self._take(1))[0]
        said = {65: "SIM-1.00", 67: self._profile.title}.get(number)
        if said is None or not self._profile.identity:
            self._unexpected(f"GS I {number}")
            return
        yield from self._until_it_moves()
        self._say(b"\x5f" + said.encode("ascii", "replace") + b"\x00")

    def _present(self) -> Iterator[Step]:
        function = (yield from self._take(1))[0]
        if function == 3:
            yield from self._take(1)
        elif function == 2:
            self.mouth = None
        if self._profile.presenter is None or function not in (2, 3):
            self._unexpected(f"GS e {function}")

    def _take(self, count: int) -> Generator[Step, None, bytes]:
        while len(self._buffer) < count:
            yield Step.IDLE
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _move(self, row: bytes) -> Iterator[Step]:
        """One row passes the head."""
        yield from self._until_it_moves()
        self._trace("row", b"")
        self._column.append(row[: self._row_bytes].ljust(self._row_bytes, b"\0"))
        self._rows_left -= 1
        due = self._count_down()
        if due is not None:
            self.fault(due)
        yield Step.ROW

    def _until_it_moves(self) -> Iterator[Step]:
        while self.faults & STOPPING or self._cutter_stuck:
            yield Step.IDLE

    def _count_down(self) -> Fault | None:
        """The fault that begins with this row."""
        if self._after is not None:
            fault, rows = self._after
            self._after = (fault, rows - 1) if rows > 1 else None
            if rows == 1:
                return fault
        return Fault.PAPER_OUT if self._rows_left <= 0 else None

    def _blank_column(self) -> list[bytes]:
        """Paper between cutter and head."""
        return [bytes(self._row_bytes)] * self._profile.cutter_rows

    def _release(self, rows: int, *, torn: bool) -> None:
        """The first `rows` of the column leave the printer."""
        packed = np.frombuffer(b"".join(self._column[:rows]), dtype=np.uint8).reshape(rows, self._row_bytes)
        self._column = self._column[rows:]
        piece = Piece(next(self._numbers), np.unpackbits(packed, axis=1).astype(bool), torn)
        if self._profile.presenter and Fault.PAPER_LEFT in self.faults:
            self.mouth = piece
        self._released(piece)

    # --- answers out ---

    def _say(self, reply: bytes) -> None:
        if self.faults & {Fault.MUTE, Fault.HANG}:
            return
        if Fault.GARBLE in self.faults:
            reply = bytes([next(self._noise)])
        if Fault.LATE in self.faults:
            self._late.append(reply)
            reply = self._late.pop(0) if len(self._late) > _LATE_ANSWERS else b""
        self.replies += reply * (2 if Fault.DOUBLE in self.faults else 1)

    def _tell_change(self) -> None:
        """Say by itself what changed, if it was told to."""
        if self._automatic and (block := self._block()) != self._told:
            self._told = block
            self._say(block)

    def _block(self) -> bytes:
        stopped, broken = self._stopped(), self._broken()
        first = 0x10 | 0x08 * stopped | 0x20 * (Fault.COVER_OPEN in self.faults)
        second = self._errors() if broken else 0
        third = 0x03 * self._is_low() | 0x0C * (Fault.PAPER_OUT in self.faults)
        return bytes((first, second, third, 0x0F))

    def _full(self) -> bytes:
        faults = self.faults
        paper = (Fault.PAPER_OUT in faults) | 0x04 * self._is_low() | 0x20 * (self.mouth is not None)
        recoverable = (Fault.OVERHEATED in faults) | 0x40 * (Fault.ERROR in faults)
        return bytes(
            (0x10, 0x0F, paper, 0x02 * (Fault.COVER_OPEN in faults), recoverable, self._cutter_stuck)
        )

    def _status(self, number: int) -> int:
        faults = self.faults
        bits = {
            1: 0x08 * self._stopped(),
            2: 0x04 * (Fault.COVER_OPEN in faults)
            | 0x20 * (Fault.PAPER_OUT in faults)
            | 0x40 * self._broken(),
            3: self._errors(),
            4: 0x0C * self._is_low() | 0x60 * (Fault.PAPER_OUT in faults),
        }
        return 0x12 | bits[number]

    def _errors(self) -> int:
        return (
            0x08 * self._cutter_stuck
            | 0x20 * (Fault.ERROR in self.faults)
            | 0x40 * (Fault.OVERHEATED in self.faults)
        )

    def _is_low(self) -> bool:
        return bool(self.faults & {Fault.PAPER_LOW, Fault.PAPER_OUT})

    def _broken(self) -> bool:
        return bool(self.faults & {Fault.OVERHEATED, Fault.ERROR}) or self._cutter_stuck

    def _stopped(self) -> bool:
        return self._broken() or bool(self.faults & {Fault.PAPER_OUT, Fault.COVER_OPEN})


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
