"""A second opinion on what is on paper: a strict reader of ESC/POS that shares no code with the simulator.

Written from the command references. It is told which bytes a printer took, when paper moved, and when
something happened to the printer; it must be able to explain every row and every cut by the bytes alone.
"""

import numpy as np
import numpy.typing as npt

Sheet = tuple[bool, npt.NDArray[np.bool_]]
"""Torn out with a roll (else cut off), and its dots."""

CLEAR_BUFFERS = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
ARGUMENTS = {
    b"\x1b@": 0, b"\x1bd": 1, b"\x1dv": 6, b"\x1dV": 2, b"\x1dr": 1, b"\x1da": 1, b"\x1dI": 1, b"\x1d(": 9,
    b"\x1de": None,
}  # fmt: skip


class DisagreementError(AssertionError):
    """The printer did what its bytes do not say."""


class Reader:
    """One printer, seen from its cable."""

    def __init__(
        self, row_bytes: int, head_to_cutter: int, *, clears: bool, questions: frozenset[int]
    ) -> None:
        self.sheets: list[Sheet] = []
        self.unknown = 0
        """Commands no adapter of ours should send."""
        self._row_bytes = row_bytes
        self._gap = head_to_cutter
        self._clears = clears
        self._questions = questions
        self._strip = [bytes(row_bytes)] * head_to_cutter
        self._heard = b""
        self._emptied = False
        self._forget()

    def _forget(self) -> None:
        self._bytes = bytearray()
        self._picture = (0, 0)  # bytes a row, rows to come
        self._feed = 0
        self._cut_due = False

    def event(self, kind: str, data: bytes) -> None:
        """What happened, as the simulator's `trace` says it."""
        happenings = {"row": self._row, "cut": self._cut, "roll": self._roll, "clear": self._was_emptied}
        if kind in {"in", "unheard"}:
            self._take(data, obeyed=kind == "in")
        elif kind == "power":
            self._forget()
            self._heard = b""
        else:
            happenings[kind]()

    def _take(self, data: bytes, *, obeyed: bool) -> None:
        for value in data:
            self._bytes.append(value)
            self._heard = (self._heard + bytes((value,)))[-10:]
            if obeyed:
                self._obey()

    def _obey(self) -> None:
        if self._heard == CLEAR_BUFFERS:
            if self._clears:
                self._forget()
                self._emptied = True
            elif self._bytes.endswith(CLEAR_BUFFERS):
                del self._bytes[-10:]
            self._heard = b""
        elif self._is_question() and self._bytes.endswith(self._heard[-3:]):
            del self._bytes[-3:]

    def _is_question(self) -> bool:
        return self._heard[-3:-1] == b"\x10\x04" and self._heard[-1] in self._questions

    def _was_emptied(self) -> None:
        if not self._emptied:
            raise DisagreementError("buffers were dropped without DLE DC4 8")
        self._emptied = False

    def _row(self) -> None:
        while not self._feed and not self._picture[1]:
            if self._cut_due:
                raise DisagreementError("paper moved between the feed and the cut")
            self._command()
        if self._feed:
            self._feed -= 1
            self._strip.append(bytes(self._row_bytes))
            return
        width, rows = self._picture
        if len(self._bytes) < width:
            raise DisagreementError("a row moved whose dots had not come")
        self._strip.append(bytes(self._bytes[:width])[: self._row_bytes].ljust(self._row_bytes, b"\0"))
        del self._bytes[:width]
        self._picture = (width, rows - 1)

    def _cut(self) -> None:
        while not self._cut_due:
            if self._feed or self._picture[1]:
                raise DisagreementError("cut before the last row")
            self._command()
        if self._feed:
            raise DisagreementError("cut before the last row had reached the cutter")
        self._cut_due = False
        self._off(len(self._strip) - self._gap, torn=False)

    def _roll(self) -> None:
        self._off(len(self._strip), torn=True)
        self._strip = [bytes(self._row_bytes)] * self._gap

    def _off(self, rows: int, *, torn: bool) -> None:
        sheet = np.frombuffer(b"".join(self._strip[:rows]), np.uint8).reshape(rows, self._row_bytes)
        self._strip = self._strip[rows:]
        self.sheets.append((torn, np.unpackbits(sheet, axis=1).astype(bool)))

    def _command(self) -> None:
        """Take the next command, which must be whole."""
        while self._bytes[:1] == b"\0":
            del self._bytes[0]
        name = bytes(self._bytes[:2])
        if not name:
            raise DisagreementError("paper moved, and nothing had come that says so")
        if name[0] == 0x10:  # a real-time command nobody obeyed
            del self._bytes[: {4: 3, 5: 3, 0x14: 10}.get(name[-1], 2)]
        elif name not in ARGUMENTS:  # bytes were lost before it; a printer skips what it does not know
            self.unknown += 1
            del self._bytes[: 2 if name[0] in b"\x1b\x1d" else 1]
        else:
            self._obey_in_turn(name)

    def _obey_in_turn(self, name: bytes) -> None:
        length = ARGUMENTS[name]
        if length is None:
            length = 2 if self._bytes[2] == 3 else 1
        arguments = bytes(self._bytes[2 : 2 + length])
        if len(arguments) < length:
            raise DisagreementError(f"{name!r} was obeyed before it was whole")
        del self._bytes[: 2 + length]
        if name == b"\x1dv":
            self.unknown += arguments[:2] != b"0\0"
            self._picture = (arguments[2] | arguments[3] << 8, arguments[4] | arguments[5] << 8)
        elif name == b"\x1dV":
            self._feed, self._cut_due = self._gap + arguments[1], True
        elif name == b"\x1bd":
            self._feed, self._cut_due = self._gap, True
