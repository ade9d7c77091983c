"""Lines of a travel document → one payload. Pure.

A document reader sends the lines of a machine readable zone one after the other, each ended like a payload
of its own. Only their shape is looked at here (ICAO 9303: 2 lines of 44 or 36, 3 of 30; the fillers at the
end of a line may be missing); whether they are right is judged in `flows.documents`.
"""

import re

WAIT_S = 0.3
"""Longest pause between two lines of one zone."""

_FIRST = re.compile(rb"[PIACV][A-Z<][A-Z<]{3}[A-Z0-9<]{1,39}")
_LINE = re.compile(rb"[A-Z0-9<]{1,44}")
_LENGTHS_OF_TWO = frozenset({44, 36})
_MOST_LINES = 3
_WIDTHS = frozenset({44, 36, 30})


class ZoneJoiner:
    """Holds the first lines of a zone back until it is whole; everything else passes at once."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._last = 0.0

    def feed(self, payload: bytes, now: float) -> list[bytes]:
        """Payloads that are whole with this one, which came at monotonic second `now`."""
        whole = self.expire(now)
        if self._lines and not _LINE.fullmatch(payload):
            whole += self._flush()
        if not self._lines and not _FIRST.fullmatch(payload):
            return [*whole, payload]
        self._lines.append(payload)
        self._last = now
        return whole + (self._flush() if self._is_whole() else [])

    def expire(self, now: float) -> list[bytes]:
        """Call now and then while nothing comes: lets go of what stayed incomplete, as it is."""
        return self._flush() if self._lines and now - self._last > WAIT_S else []

    def reset(self) -> None:
        """Forget the zone that has begun."""
        self._lines.clear()

    def _is_whole(self) -> bool:
        two = len(self._lines) == 2 and len(self._lines[1]) in _LENGTHS_OF_TWO
        return two or len(self._lines) == _MOST_LINES

    def _flush(self) -> list[bytes]:
        joined = [b"\n".join(self._lines)] if self._lines else []
        self._lines.clear()
        return joined


def lines_of_block(block: bytes) -> bytes:
    """The lines of a zone out of the block in which a document reader sends them all; LF between them.

    Empty lines stand for lines that the document has not, `_` for places behind its end. Some readers put a
    byte of their own before the first line: it is known by its making that line longer than the next.
    """
    lines = [line.strip().rstrip(b"_") for line in re.split(rb"[\r\n]+", block)]
    lines = [line for line in lines if line]
    if len(lines) > 1 and len(lines[1]) in _WIDTHS and len(lines[0]) == len(lines[1]) + 1:
        lines[0] = lines[0][1:]
    return b"\n".join(lines)
