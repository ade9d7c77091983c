"""A million bytes that no printer ever meant, in a few seconds: nothing raises, nothing is ready."""

import random

import pytest

from devices.printer.confirmation import Pace
from devices.printer.conversation import Conversation, Delays
from devices.printer.profile import Profile, named, names
from devices.printer.status import FullStatus, Noise, Replies, identity_in, state_of_automatic, state_of_full
from flows.ports import USABLE_STATES, DeviceState
from tests.prove import scale

PIECE = 4096


def noise(dice: random.Random) -> bytes:
    """Even noise, or noise of the bytes printers do say."""
    if dice.random() < 0.5:
        return dice.randbytes(PIECE)
    return bytes(dice.choices(b"\x12\x16\x1a\x10\x14\x0f\x00\x03\x0c\x37\x22\x25\x30\x5f\xff\x92", k=PIECE))


@pytest.mark.parametrize("full", [False, True])
def test_noise_never_raises_and_holds_little_back(full: bool):
    dice = random.Random(scale.seed())  # noqa: S311
    replies = Replies(full=full)
    heard: set[type] = set()
    for _ in range(scale.size(500_000, 5_000_000) // PIECE):
        for reply in replies.feed(noise(dice)):
            heard.add(type(reply))
            if isinstance(reply, FullStatus):
                state_of_full(reply)
        assert len(replies._rest) <= 6
    assert Noise in heard
    assert (FullStatus in heard) == full


class Babbler:
    """A wire whose other end answers every question with something else."""

    name = "babbler"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._asked = False

    def open(self, timeout_s: float) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def write(self, data: bytes, timeout_s: float) -> None:  # noqa: ARG002
        self._asked = True

    def read(self, timeout_s: float) -> bytes:  # noqa: ARG002
        if not self._asked:
            return b""
        self._asked = False
        # Never the one form that is an answer: 0xx1xx10.
        said = (byte for byte in self._dice.randbytes(self._dice.randrange(0, 6)))
        return bytes(byte for byte in said if byte & 0b1001_0011 != 0b0001_0010)


@pytest.mark.parametrize("name", names())
def test_no_dialect_takes_noise_for_a_printer_that_can_print(name: str):
    dice = random.Random(f"{scale.seed()} {name}")  # noqa: S311
    profile: Profile = named(name)
    clock = iter(range(10**9))
    talk = Conversation(Babbler(dice), profile, Pace(1.0, lambda: 0.0), Delays(), lambda: float(next(clock)))
    for _ in range(scale.size(1_000, 10_000)):
        assert talk.state() not in USABLE_STATES


def test_automatic_status_alone_never_makes_ready():
    """Blocks cut from noise may name trouble; "ready" also takes every answer that was asked for."""
    dice = random.Random(scale.seed())  # noqa: S311
    replies = Replies()
    states = {
        state_of_automatic(reply)
        for _ in range(40)
        for reply in replies.feed(noise(dice))
        if type(reply).__name__ == "AutomaticStatus"
    }
    assert states >= {DeviceState.COVER_OPEN, DeviceState.ERROR}


def test_a_name_is_printable_and_bounded():
    dice = random.Random(scale.seed())  # noqa: S311
    for _ in range(100):
        text = identity_in(noise(dice))
        assert text is None or (text.isascii() and text.isprintable() and len(text) <= 80)
