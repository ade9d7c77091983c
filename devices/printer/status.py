"""What a receipt printer says: bytes from the wire → replies, status bytes → one `DeviceState`. Pure.

ESC/POS replies carry no sender or number, but their fixed bits tell them apart:

    0xx1xx10              one byte   answer to DLE EOT n
    0xx1xx00 + 3 bytes    four bytes automatic status (never asked for here: drained)
    00, 03, 0C, 0F        one byte   answer to GS r 1 (paper sensor; the sensor bits come in pairs)
    37 22 d1 d2 d3 d4 00  process id response to GS ( H: all that was sent before it is done
    37 25 00              clear response to DLE DC4 8: both buffers are empty

Everything else is noise; noise is never read as "all is well".
Source: Epson ESC/POS command reference (DLE EOT, DLE DC4 fn 8, GS r, GS a, GS ( H fn 48).
"""

from collections.abc import Iterator
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
    """Four bytes that somebody else switched on; ignored."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that no printer of ours sends."""


Reply: TypeAlias = StatusByte | PaperSensor | ProcessDone | BufferCleared | AutomaticStatus | Noise

_HEADER = 0x37
_PROCESS_ID = 0x22
_CLEARED = 0x25
_SENSOR_BYTES = frozenset({0x00, 0x03, 0x0C, 0x0F})


class Replies:
    """Cuts the stream of a printer into replies.

    Takes any bytes, never raises, holds at most six bytes back.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Replies completed by `data`."""
        self._rest += data
        while self._rest:
            length, reply = _next(self._rest)
            if reply is None:
                return
            self._rest = self._rest[length:]
            yield reply


def _next(data: bytes) -> tuple[int, Reply | None]:
    first = data[0]
    if first == _HEADER:
        return _block(data)
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
    return (4, AutomaticStatus()) if len(data) >= 4 else (0, None)


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


@dataclass(frozen=True, slots=True)
class RawStatus:
    """The answers to DLE EOT 1, 2, 3 and 4; `None` where the printer did not answer or answered noise."""

    printer: int | None
    offline: int | None
    error: int | None
    paper: int | None

    @property
    def complete(self) -> bool:
        """Whether all four were answered."""
        return None not in (self.printer, self.offline, self.error, self.paper)


def is_status_byte(value: int) -> bool:
    """Whether a byte has the form 0xx1xx10 of an answer to DLE EOT."""
    return 0 <= value <= 0xFF and value & 0b1001_0011 == 0b0001_0010


def state_of(raw: RawStatus) -> DeviceState:
    """The one word for four status bytes: error before cover before paper. Total: never raises.

    Trouble that was reported is believed even if other answers are missing; "ready" needs all four.
    """
    trouble = _trouble(*(_checked(value) for value in (raw.printer, raw.offline, raw.error, raw.paper)))
    if trouble is not None:
        return trouble
    if not raw.complete or not all(is_status_byte(value or 0) for value in _values(raw)):
        return DeviceState.UNKNOWN
    if _checked(raw.printer) & OFFLINE:
        return DeviceState.BUSY if _checked(raw.offline) & _FEEDING else DeviceState.ERROR
    return DeviceState.PAPER_LOW if _checked(raw.paper) & _NEAR_END else DeviceState.READY


def _values(raw: RawStatus) -> tuple[int | None, ...]:
    return raw.printer, raw.offline, raw.error, raw.paper


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
