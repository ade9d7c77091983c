"""Everything between the bytes of a line and whole codes, without port or clock: frames, prefixes, AIM
identifiers, codes of several lines, zones of several lines.
"""

from devices.scanner.codes import Aim, Code, CodeJoiner
from devices.scanner.framing import BlockFraming, Dropped, Framer, LengthFraming
from devices.scanner.zone import ZoneJoiner, lines_of_block

Got = Code | Dropped


class Intake:
    """Codes out of bytes. Never raises; holds at most a few kilobytes."""

    def __init__(self, framer: Framer, *, prefix: bytes = b"", aim: Aim = Aim.OFF) -> None:
        self.framer = framer
        self._prefix = prefix
        self._codes = CodeJoiner(aim)
        self._zone = ZoneJoiner()
        self._blocks = isinstance(framer, BlockFraming | LengthFraming)

    @property
    def pending(self) -> bool:
        """Whether something has begun that is not whole yet."""
        return self.framer.pending

    def feed(self, data: bytes, now: float) -> list[Got]:
        """Codes (and losses) known whole with `data`, which came at monotonic second `now`."""
        got = [] if self.framer.pending else self._zones(self._codes.expire(now), now)
        for frame in self.framer.feed(data, now):
            got += self._frame(frame, now)
        return got + self._let_go(now)

    def expire(self, now: float) -> list[Got]:
        """Call now and then while nothing comes."""
        got: list[Got] = []
        for frame in self.framer.expire(now):
            got += self._frame(frame, now)
        if not self.framer.pending:  # or the next line of a code would be on its way
            got += self._zones(self._codes.expire(now), now)
        return got + self._let_go(now)

    def abandon(self) -> None:
        """What has begun is for nobody; what begins after it is."""
        self.framer.abandon()
        self._codes.reset()
        self._zone.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.framer.reset()
        self._codes.reset()
        self._zone.reset()

    def _frame(self, frame: bytes | Dropped, now: float) -> list[Got]:
        if not isinstance(frame, Dropped) and not frame.startswith(self._prefix):
            frame = Dropped.UNFRAMED
        if isinstance(frame, Dropped):
            self._codes.reset()  # what was open is not whole either
            self._zone.reset()
            return [frame]
        payload = frame[len(self._prefix) :]
        if self._blocks:
            payload = lines_of_block(payload)
            return [Code("", payload)] if payload else []
        return self._zones(self._codes.feed(payload, now), now) if payload else []

    def _zones(self, codes: list[Got], now: float) -> list[Got]:
        got: list[Got] = []
        for code in codes:
            got += [code] if isinstance(code, Dropped) else self._in_zone(code, now)
        return got

    def _in_zone(self, code: Code, now: float) -> list[Got]:
        whole = self._zone.feed(code.body, now)
        return [code if body is code.body else Code("", body) for body in whole]

    def _let_go(self, now: float) -> list[Got]:
        return [Code("", body) for body in self._zone.expire(now)]
