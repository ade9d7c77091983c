"""One connection to a printer: what is asked, what it answers, and what that means.

A connection is thrown away as soon as an answer is missing, doubled or late: the next answer could be taken
for another one, and "ready" would be a guess.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from devices.printer import raster
from devices.printer.confirmation import Confirmation
from devices.printer.profile import Profile
from devices.printer.status import (
    QUESTIONS,
    AutomaticStatus,
    BufferCleared,
    FullStatus,
    Noise,
    RawStatus,
    Replies,
    Reply,
    StatusByte,
    identity_in,
    state_of,
    state_of_automatic,
    state_of_full,
    worst,
)
from devices.printer.transport import Transport, drain
from flows.ports import DeviceState

T = TypeVar("T", StatusByte, FullStatus)

PIECE_BYTES = 1024
"""Sent in one go, so that no wait is long: a second on the slowest line."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Every wait of this adapter, in seconds."""

    connect_s: float = 2.0
    reply_s: float = 1.0  # an answer to a real-time question; printers take milliseconds
    poll_s: float = 1.0  # between two looks at an idle printer
    slice_s: float = 0.5  # between two looks at what an idle printer says unasked
    glance_s: float = 0.2  # without progress until the printer is asked why
    silence_s: float = 6.0  # without progress or a sensible answer until a job is given up
    clean_s: float = 10.0  # to cut off what a broken job left
    piece_s: float = 3.0  # to take `PIECE_BYTES`, however long all of it may take


class Conversation:
    """Talks to a printer that is connected."""

    def __init__(
        self,
        transport: Transport,
        profile: Profile,
        confirmation: Confirmation,
        delays: Delays,
        clock: Callable[[], float] = time.monotonic,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """What lies unread belongs to nobody. `beat` is called before every wait. Raises DeviceError."""
        self.confirmation = confirmation
        self.noticed = False
        """Something changed since the last question, said by the printer unasked."""
        self.noisy = False
        """Something came that no printer says, so that an answer may be missing."""
        self._transport = transport
        self._profile = profile
        self._delays = delays
        self._clock = clock
        self._beat = beat
        self._replies = Replies(full=profile.status.full)
        self._automatic: DeviceState | None = None
        self.glance()
        self.confirmation.forgive()
        self.noisy = self.noticed = False

    # --- sending and hearing ---

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send. Raises DeviceError."""
        until = self._clock() + timeout_s
        for start in range(0, len(data), PIECE_BYTES):
            self._beat()
            left_s = min(until - self._clock(), self._delays.piece_s)
            self._transport.write(data[start : start + PIECE_BYTES], left_s)

    def hear(self, timeout_s: float) -> list[Reply]:
        """What the printer says in time. Raises DeviceError when it is gone."""
        self._beat()
        return list(self._taken(self._transport.read(timeout_s)))

    def _unread(self) -> Iterator[Reply]:
        yield from self._taken(drain(self._transport))

    def _taken(self, data: bytes) -> Iterator[Reply]:
        for reply in self._replies.feed(data):
            self.confirmation.hear(reply)
            self.noisy = self.noisy or isinstance(reply, Noise)
            if isinstance(reply, AutomaticStatus) and self._profile.status.automatic:
                self._automatic = state_of_automatic(reply)
                self.noticed = True
            yield reply

    # --- state ---

    def glance(self) -> None:
        """Take what an idle printer says unasked; `noticed` tells whether it is worth a look.

        Raises DeviceError.
        """
        for _ in self._unread():
            pass

    def state(self) -> DeviceState:
        """The state now; UNKNOWN if any answer is missing, doubled, late or garbled. Raises DeviceError."""
        if self._strays():
            return DeviceState.UNKNOWN
        self.noticed = False
        self._automatic = None
        states = [self._asked()]
        if self._profile.status.full and states[0] is not DeviceState.UNKNOWN:
            states.append(self._asked_fully())
        if self._automatic is not None:
            states.append(self._automatic)
        return worst(states)

    def _asked(self) -> DeviceState:
        questions = self._profile.status.questions
        answers: dict[int, int | None] = {}
        for number in questions:
            answers[number] = self._answer(number)
            if answers[number] is None:
                break
        return state_of(RawStatus(*(answers.get(number) for number in QUESTIONS)), questions)

    def _answer(self, number: int) -> int | None:
        heard = self._answers(raster.status_question(number), StatusByte)
        return heard[0].value if len(heard) == 1 else None

    def _asked_fully(self) -> DeviceState:
        heard = self._answers(raster.FULL_STATUS, FullStatus)
        return state_of_full(heard[0]) if len(heard) == 1 else DeviceState.UNKNOWN

    def _answers(self, question: bytes, kind: type[T]) -> list[T]:
        """What is answered at once; nothing if an answer to an earlier question lies there."""
        if self._strays():
            return []
        self.write(question, self._delays.reply_s)
        until = self._clock() + self._delays.reply_s
        heard: list[T] = []
        while not heard and (left_s := until - self._clock()) > 0:
            heard = [reply for reply in self.hear(left_s) if isinstance(reply, kind)]
        return heard

    def _strays(self) -> bool:
        """Whether an answer lies there to which nobody waits any more."""
        return any(isinstance(reply, StatusByte | FullStatus) for reply in list(self._unread()))

    # --- commands ---

    def clear(self) -> bool:
        """Drop both buffers. Whether the printer said that they are empty. Raises DeviceError."""
        self.write(raster.CLEAR, self._delays.reply_s)
        until = self._clock() + self._delays.reply_s
        while self._profile.clears and (left_s := until - self._clock()) > 0:
            if any(isinstance(reply, BufferCleared) for reply in self.hear(left_s)):
                return True
        return False

    def identity(self, number: int) -> str | None:
        """Model (67) or firmware (65); None if it does not say. Raises DeviceError.

        After None this connection is no good: the answer may still come and look like others.
        """
        self.write(raster.identity_question(number), self._delays.reply_s)
        until = self._clock() + self._delays.reply_s
        said = b""
        while (left_s := until - self._clock()) > 0:
            self._beat()
            said += self._transport.read(left_s)
            if (text := identity_in(said)) is not None:
                return text
        return None
