"""One connection to a panel: greeting, all of it read once a second, outputs set until the panel shows them.

Nothing is assumed: inputs and outputs are what the panel's latest `STATE` says, and whatever is wanted and
not so is asked for again. Used on one thread.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import serial

from devices.panel.line import (
    INPUTS,
    OUTPUTS,
    VERSION,
    Greeting,
    KeyDown,
    LevelChanged,
    Levels,
    Lines,
    Refusal,
    Said,
    encode,
    parse,
)
from devices.supervisor import DeviceError
from flows.ports import DeviceState, PanelKey

MOST_KEYS_PER_S = 15
"""More is a stuck key or a fault, not a person."""

_READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds."""

    hello_s: float = 0.4  # between two greetings
    silence_s: float = 2.2  # without a word that was asked for, until the panel counts as lost
    read_s: float = 1.0  # between two looks at everything
    answer_s: float = 0.6  # until what was asked is asked again
    repeat_s: float = 1.5  # within this an event of the same number is the same event


class Ear(Protocol):
    """Who hears the inputs."""

    def key(self, key: PanelKey) -> None:
        """A key went down."""

    def level(self, name: str, level: bool | None) -> None:
        """An input is at this level; None: the panel has none. Said again with every look."""


MOST_TRIES = 3
"""So often an output is set before the panel counts as unable."""


class Link:
    """A panel on an open line."""

    def __init__(
        self,
        port: serial.Serial,
        wanted: Callable[[], Mapping[str, bool]],
        ear: Ear,
        delays: Delays,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wanted`: how the outputs should be, by name."""
        self._port = port
        self._wanted = wanted
        self._ear = ear
        self._delays = delays
        self._clock = clock
        self._lines = Lines()
        self._asked_at = -delays.answer_s
        self._look_at = clock()
        self._heard_at = clock()
        self._tries = 0
        self._recent: dict[int, float] = {}  # numbers of events, when they were first told
        self._keys: deque[float] = deque(maxlen=MOST_KEYS_PER_S)
        self.greeting: Greeting | None = None
        self.outputs: dict[str, bool | None] = {}
        """As the panel last said; empty until it did."""
        self.nonsense = 0
        """Whole lines that no panel says."""

    @property
    def dropped(self) -> int:
        """Lines that were none, or that no panel says."""
        return self._lines.dropped + self.nonsense

    @property
    def is_up(self) -> bool:
        """The panel is known and its outputs are as they should be."""
        return bool(self.outputs) and not self._missing()

    def fileno(self) -> int:
        """To wait on."""
        return int(self._port.fileno())

    def until_look_s(self) -> float:
        """Seconds until it is time to look at everything."""
        return max(0.0, self._look_at - self._clock())

    def turn(self) -> None:
        """Take what has come and ask what is due. Raises DeviceError when the panel is lost, or unable."""
        try:
            for body in self._lines.feed(self._port.read(_READ_BYTES)):
                self._take(parse(body))
            self._ask()
        except (OSError, TypeError) as error:  # pyserial trips over a closed descriptor with a TypeError
            raise DeviceError(DeviceState.DISCONNECTED) from error

    # --- what the panel says

    def _take(self, said: Said | None) -> None:
        match said:
            case Greeting():
                self._greeted(said)
            case Levels():
                self._levels(said)
            case Refusal():
                raise DeviceError(DeviceState.ERROR)
            case KeyDown() | LevelChanged():
                self._event(said)
            case None:
                self.nonsense += 1

    def _greeted(self, greeting: Greeting) -> None:
        if greeting.version != VERSION:
            raise DeviceError(DeviceState.MISCONFIGURED)
        self.greeting = greeting
        self.outputs = {}  # also a panel that has started anew in the meantime
        self._recent.clear()
        self._heard_at = self._look_at = self._clock()
        self._asked_at = self._heard_at - self._delays.answer_s

    def _levels(self, levels: Levels) -> None:
        if self.greeting is None:
            return
        if not any(level is not None for level in levels.outputs.values()):
            raise DeviceError(DeviceState.MISCONFIGURED)  # it cannot call anybody
        self._heard_at = self._clock()
        self.outputs = levels.outputs
        if not self._missing():
            self._tries = 0
        for name in INPUTS:
            self._ear.level(name, levels.inputs[name])

    def _event(self, event: KeyDown | LevelChanged) -> None:
        now = self._clock()
        if self.greeting is None:
            return
        self._say(f"GOT {event.number}")
        self._recent = {n: at for n, at in self._recent.items() if now - at < self._delays.repeat_s}
        if event.number in self._recent:
            return
        self._recent[event.number] = now
        if isinstance(event, LevelChanged):
            self._ear.level(event.name, event.level)
        elif len(self._keys) < MOST_KEYS_PER_S or now - self._keys[0] >= 1.0:
            self._keys.append(now)
            self._ear.key(event.key)

    # --- what the panel is asked

    def _ask(self) -> None:
        now = self._clock()
        if now - self._heard_at > self._delays.silence_s:
            raise DeviceError(DeviceState.DISCONNECTED)
        if self.greeting is None:
            if now - self._asked_at >= self._delays.hello_s:
                self._asked_at = now
                self._say(f"HELLO {VERSION}")
        elif self._missing() and now - self._asked_at >= self._delays.answer_s:
            self._set(now)
        elif now >= self._look_at:
            self._look_at = now + (self._delays.read_s if self.outputs else self._delays.answer_s)
            self._say("READ")

    def _set(self, now: float) -> None:
        if self._tries == MOST_TRIES:
            raise DeviceError(DeviceState.ERROR)
        self._tries += 1
        self._asked_at = now
        wanted = self._wanted()
        words = " ".join(f"{name}={wanted[name]:d}" for name in OUTPUTS if self.outputs[name] is not None)
        self._say("SET " + words)  # answered by what is so then

    def _missing(self) -> list[str]:
        """Outputs that the panel has and that are not as they should be."""
        wanted = self._wanted()
        return [
            name for name, level in self.outputs.items() if level is not None and level is not wanted[name]
        ]

    def _say(self, body: str) -> None:
        self._port.write(encode(body))
