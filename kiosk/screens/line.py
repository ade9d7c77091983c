"""The words between the screen host and a visitor screen: one a line, over an inherited socket pair.

They tell how far a screen is and how a visit ended; nothing of what a visitor said ever travels here.
"""

import contextlib
import socket
from dataclasses import dataclass
from enum import StrEnum

BEAT_S = 1.0
"""How often a visitor screen that is loaded says `BEAT`, from its GUI thread."""

_LONGEST_LINE = 256


class ScreenWord(StrEnum):
    """What a visitor screen says."""

    READY = "ready"  # loaded and painted, window not shown
    SHOWN = "shown"  # first frame is on the window
    BEAT = "beat"
    ENDED = "ended"  # followed by a space and the ending
    YIELDS = "yields"  # asked to RENEW, and no visit is under way: none begins here any more
    TECHNICIAN = "technician"  # somebody made the technician's sign; no visit is under way, none begins here
    RESTART = "restart"  # a technician wants the host itself to end; whoever keeps it starts it again


class HostWord(StrEnum):
    """What the host says."""

    SHOW = "show"
    RENEW = "renew"  # a screen with newer packs waits beneath: give way, unless a visit is under way


@dataclass(frozen=True, slots=True)
class Said:
    """One line: a word and what followed it."""

    word: str
    rest: str = ""


def say(line: socket.socket, word: StrEnum, rest: str = "") -> None:
    """Send one line. A deaf other end is noticed by its process or its silence, never here."""
    with contextlib.suppress(OSError):
        line.sendall(f"{word} {rest}".rstrip().encode() + b"\n")


class Ear:
    """Cuts received bytes into lines; a line that never ends is dropped."""

    def __init__(self) -> None:
        self._rest = b""

    def hear(self, received: bytes) -> list[Said]:
        """The lines that `received` completes."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
        said = [line.decode("ascii", "replace").partition(" ") for line in lines]
        return [Said(word, rest) for word, _, rest in said]
