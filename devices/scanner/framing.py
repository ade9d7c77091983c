"""Bytes from a serial line → payloads. Pure: no port, no clock of its own, never raises.

A payload has at most `MAX_PAYLOAD` bytes. What is not ended within `SILENCE_S` was broken off (a pulled
cable, a scanner without suffix) and is dropped whole: half an identity is worse than none.
"""

import re
from enum import StrEnum
from typing import Protocol

MAX_PAYLOAD = 4096
SILENCE_S = 0.5
"""Longest pause inside a payload; scanners send theirs in one go."""


class Dropped(StrEnum):
    """Why bytes were thrown away."""

    TOO_LONG = "too_long"
    UNTERMINATED = "unterminated"
    UNFRAMED = "unframed"
    """Without the prefix that the scanner is set to send."""
    UNMARKED = "unmarked"
    """Without the AIM identifier that the scanner is set to send."""


Found = bytes | Dropped


class Framer(Protocol):
    """Cuts a byte stream into payloads."""

    @property
    def overflow(self) -> int:
        """Bytes thrown away since anything was whole."""

    @property
    def terminator(self) -> str:
        """How the last payload ended, in a word for a technician; empty before the first."""

    @property
    def pending(self) -> bool:
        """Whether a payload has begun."""

    def feed(self, data: bytes, now: float) -> list[Found]:
        """Payloads (and losses) completed by `data`, which came at monotonic second `now`."""

    def expire(self, now: float) -> list[Found]:
        """Call now and then while nothing comes: drops what was broken off."""

    def abandon(self) -> None:
        """What has begun will be no payload; what begins after it will."""

    def reset(self) -> None:
        """Forget everything."""


class _Piece:
    """The payload that has begun: bounded, and either whole or nothing."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._overlong = False
        self._unwanted = False
        self.overflow = 0

    @property
    def begun(self) -> bool:
        return bool(self._kept) or self._overlong or self._unwanted

    def append(self, part: bytes) -> None:
        if self._overlong or self._unwanted or len(self._kept) + len(part) > MAX_PAYLOAD:
            self._overlong = self._overlong or not self._unwanted
            self.overflow += len(self._kept) + len(part)
            self._kept.clear()
        else:
            self._kept += part

    def end(self) -> list[Found]:
        """What it was."""
        overlong, unwanted, payload = self._overlong, self._unwanted, bytes(self._kept)
        self.forget()
        if overlong:
            return [Dropped.TOO_LONG]
        return [payload] if payload and not unwanted else []

    def break_off(self) -> list[Found]:
        """It will never be whole."""
        lost = Dropped.TOO_LONG if self._overlong else Dropped.UNTERMINATED
        unwanted = self._unwanted
        self.forget()
        return [] if unwanted else [lost]

    def abandon(self) -> None:
        self._unwanted = self.begun
        self._overlong = False
        self._kept.clear()

    def forget(self) -> None:
        self._kept.clear()
        self._overlong = self._unwanted = False
        self.overflow = 0


class Framing:
    """Payloads that end with `suffix`, or, without one, with CR, LF or CRLF and so contain neither."""

    def __init__(self, suffix: bytes = b"") -> None:
        self._suffix = suffix
        self._mark = suffix or b"\n"
        self._piece = _Piece()
        self._tail = b""  # may be the beginning of the suffix
        self._ends = b""
        self._last = 0.0

    @property
    def overflow(self) -> int:
        """Bytes thrown away since anything was whole."""
        return self._piece.overflow

    @property
    def pending(self) -> bool:
        """Whether a payload has begun."""
        return self._piece.begun or bool(self._tail)

    @property
    def terminator(self) -> str:
        """How the last payload ended."""
        if self._suffix:
            return self._ends.hex()
        return {b"\r": "CR", b"\n": "LF", b"\r\n": "CRLF"}.get(self._ends, "")

    def feed(self, data: bytes, now: float) -> list[Found]:
        """Payloads (and losses) completed by `data`, which came at monotonic second `now`."""
        found = self.expire(now)
        self._last = now
        text = data if self._suffix else data.replace(b"\r", b"\n")
        *ended, rest = (self._tail + text).split(self._mark)
        for part in ended:
            self._piece.append(part)
            found += self._piece.end()
        if ended or not self.pending:
            self._note_end(data)
        keep = min(len(self._mark) - 1, len(rest))
        self._piece.append(rest[: len(rest) - keep])
        self._tail = rest[len(rest) - keep :]
        return found

    def expire(self, now: float) -> list[Found]:
        """Call now and then while nothing comes: drops what was broken off."""
        if not self.pending or now - self._last <= SILENCE_S:
            return []
        self._tail = b""
        return self._piece.break_off()

    def abandon(self) -> None:
        """What has begun will be no payload; what begins after it will."""
        self._piece.append(self._tail)
        self._tail = b""
        self._piece.abandon()

    def reset(self) -> None:
        """Forget everything."""
        self._piece.forget()
        self._tail = b""

    def _note_end(self, data: bytes) -> None:
        if self._suffix:
            self._ends = self._suffix
            return
        last = max(data.rfind(b"\r"), data.rfind(b"\n"))
        if last < 0:
            return
        before = data[last - 1 : last] if last else self._ends[-1:]
        end = data[last : last + 1]
        self._ends = b"\r\n" if (before, end) == (b"\r", b"\n") else end


_STX_ETX = re.compile(rb"\x02|\x03|[^\x02\x03]+")


class BlockFraming:
    """Payloads between STX and ETX; whatever stands outside (headers, check bytes) is not looked at."""

    def __init__(self) -> None:
        self._piece = _Piece()
        self._open = False
        self._outside = 0
        self._last = 0.0

    @property
    def overflow(self) -> int:
        """Bytes thrown away since anything was whole."""
        return self._piece.overflow + self._outside

    @property
    def pending(self) -> bool:
        """Whether a block has begun."""
        return self._open

    @property
    def terminator(self) -> str:
        """How payloads end."""
        return "ETX"

    def feed(self, data: bytes, now: float) -> list[Found]:
        """Payloads (and losses) completed by `data`, which came at monotonic second `now`."""
        found = self.expire(now)
        self._last = now
        for token in _STX_ETX.findall(data):
            found += self._take(token)
        return found

    def expire(self, now: float) -> list[Found]:
        """Call now and then while nothing comes: drops what was broken off."""
        if not self._open or now - self._last <= SILENCE_S:
            return []
        return self._close(self._piece.break_off())

    def abandon(self) -> None:
        """What has begun will be no payload: with STX something new begins anyway."""
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._close([])
        self._piece.forget()

    def _take(self, token: bytes) -> list[Found]:
        if token == b"\x02":
            # A check byte may look like STX: a block counts from the last one.
            lost = self._close(self._piece.break_off()) if self._piece.begun else []
            self._open = True
            return lost
        if not self._open:
            self._outside += len(token)
            return []
        if token == b"\x03":
            return self._close(self._piece.end())
        self._piece.append(token)
        return []

    def _close(self, found: list[Found]) -> list[Found]:
        self._open = False
        self._outside = 0
        return found


_HEADER = 3
_MOST_BLOCK = 1024


class LengthFraming:
    """Payloads behind a header: a capital letter for their kind, two bytes of length, high byte first."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._overflow = 0
        self._last = 0.0

    @property
    def overflow(self) -> int:
        """Bytes thrown away since anything was whole."""
        return self._overflow

    @property
    def pending(self) -> bool:
        """Whether a block has begun."""
        return bool(self._kept)

    @property
    def terminator(self) -> str:
        """How payloads end."""
        return "length"

    def feed(self, data: bytes, now: float) -> list[Found]:
        """Payloads (and losses) completed by `data`, which came at monotonic second `now`."""
        found = self.expire(now)
        self._last = now
        self._kept += data
        while len(self._kept) >= _HEADER:
            length = self._length()
            if length < 0:
                del self._kept[0]
                self._overflow += 1
                continue
            if len(self._kept) < _HEADER + length:
                break
            found += [bytes(self._kept[_HEADER : _HEADER + length])] if length else []
            del self._kept[: _HEADER + length]
            self._overflow = 0
        return found

    def expire(self, now: float) -> list[Found]:
        """Call now and then while nothing comes: drops what was broken off."""
        if not self._kept or now - self._last <= SILENCE_S:
            return []
        self._kept.clear()
        return [Dropped.UNTERMINATED]

    def abandon(self) -> None:
        """What has begun will be no payload. Where it would end is not known any more: silence ends it."""
        self._kept.clear()

    def reset(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._overflow = 0

    def _length(self) -> int:
        """Length of the block that begins here; -1 if none can."""
        kind, high, low = self._kept[:_HEADER]
        length = high * 256 + low
        return length if ord("A") <= kind <= ord("Z") and length <= _MOST_BLOCK else -1
