"""Bytes from a serial scanner → payloads. Pure: no port, no clock of its own, never raises.

A payload ends with CR, LF or CRLF and has at most `MAX_PAYLOAD` bytes, of any value but these two. What is
not ended within `SILENCE_S` was broken off (a pulled cable, a scanner without suffix) and is dropped whole:
half an identity is worse than none.
"""

from enum import StrEnum

MAX_PAYLOAD = 4096
SILENCE_S = 0.5
"""Longest pause inside a payload; scanners send theirs in one go."""


class Dropped(StrEnum):
    """Why bytes were thrown away."""

    TOO_LONG = "too_long"
    UNTERMINATED = "unterminated"


class Framing:
    """Cuts a byte stream into payloads."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._overlong = False
        self._last = 0.0

    def feed(self, data: bytes, now: float) -> list[bytes | Dropped]:
        """Payloads (and losses) completed by `data`, which came at monotonic second `now`."""
        found: list[bytes | Dropped] = list(self.expire(now))
        self._last = now
        *ended, rest = data.replace(b"\r", b"\n").split(b"\n")
        for part in ended:
            found += self._close(part)
        self._append(rest)
        return found

    def expire(self, now: float) -> list[Dropped]:
        """Call now and then while nothing comes: drops what was broken off."""
        if not self._rest and not self._overlong:
            return []
        if now - self._last <= SILENCE_S:
            return []
        overlong = self._overlong
        self.reset()
        return [Dropped.TOO_LONG if overlong else Dropped.UNTERMINATED]

    def reset(self) -> None:
        """Forget everything."""
        self._rest.clear()
        self._overlong = False

    def _append(self, part: bytes) -> None:
        if len(self._rest) + len(part) > MAX_PAYLOAD:
            self._overlong = True
            self._rest.clear()
        elif not self._overlong:
            self._rest += part

    def _close(self, part: bytes) -> list[bytes | Dropped]:
        self._append(part)
        overlong, payload = self._overlong, bytes(self._rest)
        self.reset()
        if overlong:
            return [Dropped.TOO_LONG]
        return [payload] if payload else []
