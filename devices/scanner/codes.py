"""What a scanner says of a code: AIM identifiers (ISO/IEC 15424), and codes of several lines. Pure.

An identifier stands before the payload: `]`, a letter for the kind of code, and a modifier (`]Q1` is a QR
code). It is how a kiosk knows where one code ends and the next begins, for a code may hold line ends itself.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from devices.scanner.framing import MAX_PAYLOAD, Dropped

JOIN_S = 0.1
"""Longest pause between two lines of one code; a scanner sends a code in one go."""

_AIM = re.compile(rb"\]([A-Za-z][0-9A-Za-z])")


class Aim(StrEnum):
    """Whether AIM identifiers are expected."""

    OFF = "off"
    """Never: what looks like one is part of the code."""
    DETECT = "detect"
    """Taken off where one is seen."""
    REQUIRED = "required"
    """A payload without one was not sent by a scanner that is set as it must be."""


@dataclass(frozen=True, slots=True)
class Code:
    """A payload and what kind of code it was in (`Q1`), empty where nobody said."""

    symbology: str
    body: bytes


def split(payload: bytes) -> Code:
    """Take the AIM identifier off."""
    match = _AIM.match(payload)
    return Code(match[1].decode(), payload[match.end() :]) if match else Code("", payload)


class CodeJoiner:
    """Puts the lines of a code together again; a code without identifier is one line and passes at once."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._symbology = ""
        self._lines: list[bytes] = []
        self._last = 0.0

    def feed(self, line: bytes, now: float) -> list[Code | Dropped]:
        """Codes (and losses) that are known whole with this line, which came at monotonic second `now`.

        Call `expire` first, unless the line had begun before.
        """
        code = Code("", line) if self._aim is Aim.OFF else split(line)
        whole = self._flush() if code.symbology else []
        if not code.symbology and not self._symbology:
            return [Dropped.UNMARKED if self._aim is Aim.REQUIRED else code]
        self._symbology = code.symbology or self._symbology
        self._lines.append(code.body)
        self._last = now
        if sum(map(len, self._lines)) + len(self._lines) > MAX_PAYLOAD + 1:
            self.reset()
            whole.append(Dropped.TOO_LONG)
        return whole

    def expire(self, now: float) -> list[Code | Dropped]:
        """Call now and then while nothing comes: lets go of the code when no more lines can follow."""
        return self._flush() if self._symbology and now - self._last > JOIN_S else []

    def reset(self) -> None:
        """Forget the code that has begun."""
        self._symbology = ""
        self._lines.clear()

    def _flush(self) -> list[Code | Dropped]:
        body, symbology = b"\n".join(self._lines), self._symbology
        self.reset()
        return [Code(symbology, body)] if symbology and body else []
