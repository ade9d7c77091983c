"""What a receipt printer says: bytes from the wire → replies, status bytes → one `DeviceState`. Pure.

ESC/POS replies carry no sender or number, but their fixed bits tell them apart:

    0xx1xx10              one byte   answer to DLE EOT n
    0xx1xx00 + 3 bytes    four bytes automatic status (GS a), whenever something changes
    10 0F + 4 bytes       six bytes  answer to DLE EOT 20 of printers with a presenter
    00, 03, 0C, 0F        one byte   answer to GS r 1 (paper sensor; the sensor bits come in pairs)
    37 22 d1 d2 d3 d4 00  process id response to GS ( H: all that was sent before it is done
    37 25 00              clear response to DLE DC4 8: both buffers are empty

Everything else is noise; noise is never read as "all is well".
Sources: Epson ESC/POS command reference (DLE EOT, DLE DC4 fn 8, GS r, GS a, GS ( H fn 48, "transmission
status identification"); Custom KPM and VKP80 command references (DLE EOT 20).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flows.ports import DeviceState


@dataclass(frozen=True, slots=True)
class StatusByte:
    """Answer to DLE EOT n."""

    value: int


@dataclass(frozen=True, slots=True)
class PaperSensor:
    """Answer to GS r 1: the printer has processed what was sent before the question."""

    value: int


@dataclass(frozen=True, slots=True)
class ProcessDone:
    """The printer has finished everything that was sent before process id `number` (0-9999)."""

    number: int


@dataclass(frozen=True, slots=True)
class BufferCleared:
    """Receive and print buffer are empty."""


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """The four bytes of GS a: printer, errors, paper, and one without meaning here."""

    printer: int
    error: int
    paper: int
    reserved: int


@dataclass(frozen=True, slots=True)
class FullStatus:
    """Answer to DLE EOT 20: paper, user, errors that can be mended, errors that cannot."""

    paper: int
    user: int
    recoverable: int
    unrecoverable: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that no printer of ours sends."""


Reply: TypeAlias = (
    StatusByte | PaperSensor | ProcessDone | BufferCleared | AutomaticStatus | FullStatus | Noise
)

_HEADER = 0x37
_PROCESS_ID = 0x22
_CLEARED = 0x25
_FULL = b"\x10\x0f"
_SENSOR_BYTES = frozenset({0x00, 0x03, 0x0C, 0x0F})


class Replies:
    """Cuts the stream of a printer into replies.

    Takes any bytes, never raises, holds at most six bytes back. `full`: the printer answers DLE EOT 20, so
    10 0F begins six bytes and not four.
    """

    def __init__(self, *, full: bool = False) -> None:
        self._full = full
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Replies completed by `data`."""
        self._rest += data
        while self._rest:
            length, reply = _next(self._rest, full=self._full)
            if reply is None:
                return
            self._rest = self._rest[length:]
            yield reply


def _next(data: bytes, *, full: bool) -> tuple[int, Reply | None]:
    first = data[0]
    if first == _HEADER:
        return _block(data)
    if full and first == _FULL[0] and data[: len(_FULL)] == _FULL[: len(data)]:
        return (6, FullStatus(*data[2:6])) if len(data) >= 6 else (0, None)
    if first & 0b1001_0011 == 0b0001_0010:
        return 1, StatusByte(first)
    if first & 0b1001_0011 == 0b0001_0000:
        return _automatic(data)
    if first in _SENSOR_BYTES:
        return 1, PaperSensor(first)
    return 1, Noise()


def _automatic(data: bytes) -> tuple[int, Reply | None]:
    if any(byte & 0b1001_0000 for byte in data[1:4]):
        return 1, Noise()
    if len(data) >= 3 and data[2] & 0b0000_1111 not in _SENSOR_BYTES:
        return 1, Noise()
    return (4, AutomaticStatus(*data[:4])) if len(data) >= 4 else (0, None)


def _block(data: bytes) -> tuple[int, Reply | None]:
    if len(data) < 2:
        return 0, None
    if data[1] == _CLEARED:
        return _complete(data, 3, BufferCleared())
    if data[1] == _PROCESS_ID:
        digits = data[2:6]
        if not all(0x30 <= byte <= 0x39 for byte in digits):
            return 1, Noise()
        return _complete(data, 7, ProcessDone(int(digits or b"0")))
    return 1, Noise()


def _complete(data: bytes, length: int, reply: Reply) -> tuple[int, Reply | None]:
    if len(data) < length:
        return 0, None
    return (length, reply) if data[length - 1] == 0 else (1, Noise())


# --- status bytes → state -----------------------------------------------------------------------------------

OFFLINE = 0b0000_1000  # of byte 1
_COVER_OPEN = 0b0000_0100  # of byte 2
_FEEDING = 0b0000_1000
_STOPPED_FOR_PAPER = 0b0010_0000
_ERROR_OCCURRED = 0b0100_0000
_RECOVERABLE = 0b0000_0100  # of byte 3
_CUTTER = 0b0000_1000
_UNRECOVERABLE = 0b0010_0000
_RECOVERS_BY_ITSELF = 0b0100_0000
_NEAR_END = 0b0000_1100  # of byte 4
_PAPER_END = 0b0110_0000


QUESTIONS = (1, 2, 3, 4)
"""The DLE EOT questions every printer of the field's standard answers."""


@dataclass(frozen=True, slots=True)
class RawStatus:
    """The answers to DLE EOT 1, 2, 3 and 4; `None` where the printer did not answer or answered noise."""

    printer: int | None
    offline: int | None
    error: int | None
    paper: int | None

    def answers(self, asked: Sequence[int]) -> tuple[int | None, ...]:
        """What was answered to those questions."""
        by_number = (self.printer, self.offline, self.error, self.paper)
        return tuple(by_number[number - 1] for number in asked)


def is_status_byte(value: int) -> bool:
    """Whether a byte has the form 0xx1xx10 of an answer to DLE EOT."""
    return 0 <= value <= 0xFF and value & 0b1001_0011 == 0b0001_0010


def state_of(raw: RawStatus, asked: Sequence[int] = QUESTIONS) -> DeviceState:
    """The one word for the answers to `asked`: error before cover before paper. Total: never raises.

    Trouble that was reported is believed even if other answers are missing; "ready" needs all of them.
    """
    trouble = _trouble(*(_checked(value) for value in raw.answers(QUESTIONS)))
    if trouble is not None:
        return trouble
    if not all(value is not None and is_status_byte(value) for value in raw.answers(asked)):
        return DeviceState.UNKNOWN
    if _checked(raw.printer) & OFFLINE:
        return DeviceState.BUSY if _checked(raw.offline) & _FEEDING else DeviceState.ERROR
    return DeviceState.PAPER_LOW if _checked(raw.paper) & _NEAR_END else DeviceState.READY


def state_of_automatic(status: AutomaticStatus) -> DeviceState:
    """The one word for a block of automatic status."""
    reported = (
        (status.error & 0x20, DeviceState.ERROR),
        (status.error & 0x08, DeviceState.CUTTER_ERROR),
        (status.error & 0x40, DeviceState.OVERHEATED),
        (status.error & 0x04, DeviceState.ERROR),
        (status.printer & 0x20, DeviceState.COVER_OPEN),
        (status.paper & 0x0C, DeviceState.PAPER_OUT),
        (status.printer & 0x40, DeviceState.BUSY),
        (status.printer & 0x08, DeviceState.ERROR),
        (status.paper & 0x03, DeviceState.PAPER_LOW),
    )
    return next((state for bit, state in reported if bit), DeviceState.READY)


def state_of_full(status: FullStatus) -> DeviceState:
    """The one word for a full status."""
    reported = (
        (status.unrecoverable & 0x0C, DeviceState.ERROR),
        (status.unrecoverable & 0x01, DeviceState.CUTTER_ERROR),
        (status.recoverable & 0x01, DeviceState.OVERHEATED),
        (status.recoverable & 0x48, DeviceState.ERROR),  # voltage, jam
        (status.user & 0x03 or status.unrecoverable & 0x02, DeviceState.COVER_OPEN),
        (status.paper & 0x01, DeviceState.PAPER_OUT),
        (status.paper & 0x20, DeviceState.PAPER_WAITING),
        (status.paper & 0x44, DeviceState.PAPER_LOW),
    )
    return next((state for bit, state in reported if bit), DeviceState.READY)


_WORST_FIRST = (
    DeviceState.ERROR,
    DeviceState.CUTTER_ERROR,
    DeviceState.OVERHEATED,
    DeviceState.COVER_OPEN,
    DeviceState.PAPER_OUT,
    DeviceState.UNKNOWN,
    DeviceState.BUSY,
    DeviceState.PAPER_WAITING,  # soon over; low paper lasts and is said again
    DeviceState.PAPER_LOW,
    DeviceState.READY,
)


def worst(states: Iterable[DeviceState]) -> DeviceState:
    """One word for what several answers say: trouble before unknown before all that can print."""
    return min(states, key=_WORST_FIRST.index)


def _checked(value: int | None) -> int:
    return value if value is not None and is_status_byte(value) else 0


def _trouble(printer: int, offline: int, error: int, paper: int) -> DeviceState | None:
    reported = (
        (error & _UNRECOVERABLE, DeviceState.ERROR),
        (error & _CUTTER, DeviceState.CUTTER_ERROR),
        (error & _RECOVERS_BY_ITSELF, DeviceState.OVERHEATED),
        (error & _RECOVERABLE, DeviceState.ERROR),
        (offline & _COVER_OPEN, DeviceState.COVER_OPEN),
        (paper & _PAPER_END, DeviceState.PAPER_OUT),
        (offline & _STOPPED_FOR_PAPER, DeviceState.PAPER_OUT),
        (offline & _ERROR_OCCURRED and printer & OFFLINE, DeviceState.ERROR),
    )
    return next((state for bit, state in reported if bit), None)


# --- who it says it is --------------------------------------------------------------------------------------

_IDENTITY = re.compile(rb"\x5f([\x20-\x7e]{1,80})\x00")


def identity_in(data: bytes) -> str | None:
    """The text of a printer information block (GS I 65 to 69) in `data`, once it is complete."""
    found = _IDENTITY.search(data)
    return found[1].decode("ascii") if found else None
