"""The panel's lines, bytes ↔ words: `docs/devices/panel.md`. Pure: no port, no clock, never raises on input.

A line is `$` body `*` eight hexadecimal digits, ended by LF (CR before it is forgiven). The digits are the
CRC-32 of the body: a call fetches an officer, and noise must not. What does not fit is dropped whole and
counted.
"""

import re
import zlib
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from flows.ports import PanelKey

VERSION: Final = 1
MAX_LINE: Final = 96
"""Bytes of the longest line, its end not counted."""

INPUTS: Final = ("CALL", "ACK", "HP", "NEAR")
OUTPUTS: Final = ("LAMP", "BUZZER", "RELAY")
_LINE = re.compile(rb"\$([A-Z0-9=._ -]{1,%d})\*([0-9A-F]{8})\r?" % (MAX_LINE - 11))
_NUMBER = r"(?P<number>0|[1-9][0-9]{0,2})"
_LEVELS = " ".join(rf"{name}=(?P<{name}>[01-])" for name in (*INPUTS, *OUTPUTS))
_PANEL = re.compile(
    r"PANEL (?P<version>[1-9][0-9]?) (?P<model>[A-Z0-9._-]{1,16}) (?P<firmware>[A-Z0-9._-]{1,16})"
)
_STATE = re.compile(rf"STATE {_LEVELS}")
_REFUSED = re.compile("REFUSED")
_KEY = re.compile(rf"KEY {_NUMBER} (?P<key>{'|'.join(key.value.upper() for key in PanelKey)})")
_LEVEL = re.compile(rf"LEVEL {_NUMBER} (?P<name>{'|'.join(INPUTS)})=(?P<level>[01])")


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who the panel is; `version` is the version of the protocol that it speaks."""

    version: int
    model: str
    firmware: str


@dataclass(frozen=True, slots=True)
class Levels:
    """Everything the panel has, read anew; None is a part that this panel has not."""

    inputs: dict[str, bool | None]
    outputs: dict[str, bool | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The panel did not do what was asked."""


@dataclass(frozen=True, slots=True)
class KeyDown:
    """A key went down; `number` is the panel's own, the same when it says it again."""

    number: int
    key: PanelKey


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """An input went to another level."""

    number: int
    name: str
    level: bool


Said: TypeAlias = Greeting | Levels | Refusal | KeyDown | LevelChanged


def encode(body: str) -> bytes:
    """The line of a body."""
    raw = body.encode("ascii")
    return b"$%s*%08X\n" % (raw, zlib.crc32(raw))


def decode(line: bytes) -> str | None:
    """The body of a line without its LF; None if it is no line."""
    found = _LINE.fullmatch(line)
    if found is None or zlib.crc32(found[1]) != int(found[2], 16):
        return None
    return found[1].decode("ascii")


def parse(body: str) -> Said | None:
    """What a panel says with a body; None if no panel says it."""
    for pattern, make in _MAKERS:
        found = pattern.fullmatch(body)
        if found is not None:
            return make(found)
    return None


def _levels(found: re.Match[str]) -> Levels:
    values = {name: None if found[name] == "-" else found[name] == "1" for name in (*INPUTS, *OUTPUTS)}
    return Levels({name: values[name] for name in INPUTS}, {name: values[name] for name in OUTPUTS})


_MAKERS = (
    (_STATE, _levels),
    (_REFUSED, lambda _: Refusal()),
    (_KEY, lambda found: KeyDown(int(found["number"]), PanelKey(found["key"].lower()))),
    (_LEVEL, lambda found: LevelChanged(int(found["number"]), found["name"], found["level"] == "1")),
    (_PANEL, lambda found: Greeting(int(found["version"]), found["model"], found["firmware"])),
)


@dataclass(slots=True)
class Lines:
    """Cuts a stream of bytes into lines; holds at most `MAX_LINE` bytes. `dropped` counts what was none."""

    dropped: int = 0
    _rest: bytearray = field(default_factory=bytearray)
    _overlong: bool = False

    def feed(self, data: bytes) -> list[str]:
        """The bodies of the lines that `data` completes."""
        *ended, rest = data.split(b"\n")
        bodies = [body for part in ended if (body := self._close(part)) is not None]
        self._append(rest)
        return bodies

    def reset(self) -> None:
        """Forget what has begun."""
        self._rest.clear()
        self._overlong = False

    def _append(self, part: bytes) -> None:
        if len(self._rest) + len(part) > MAX_LINE:
            self._overlong = True
            self._rest.clear()
        elif not self._overlong:
            self._rest += part

    def _close(self, part: bytes) -> str | None:
        self._append(part)
        body = None if self._overlong else decode(bytes(self._rest))
        self.dropped += body is None
        self.reset()
        return body
