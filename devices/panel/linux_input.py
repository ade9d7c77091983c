"""Keypads and headphone jacks that Linux offers as input devices (`/dev/input/…`).

Reads `struct input_event` itself: python-evdev is built from source against kernel headers on every machine,
for what are forty lines here. A keypad is grabbed, so that it types into nothing else.
"""

import array
import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from flows.ports import PanelKey

EVENT: Final = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value, as this machine's kernel writes them."""

EV_SYN, EV_KEY, EV_SW = 0, 1, 5
SYN_DROPPED = 3
SW_HEADPHONE_INSERT = 2
KEYS: Final = {
    103: PanelKey.UP, 108: PanelKey.DOWN, 105: PanelKey.LEFT, 106: PanelKey.RIGHT,
    28: PanelKey.OK, 96: PanelKey.OK, 353: PanelKey.OK, 352: PanelKey.OK,  # Enter, of the keypad, Select, OK
    1: PanelKey.BACK, 158: PanelKey.BACK, 14: PanelKey.BACK,  # Escape, Back, Backspace
    138: PanelKey.HELP, 59: PanelKey.HELP,  # Help, F1
    115: PanelKey.LOUDER, 114: PanelKey.SOFTER,
}  # fmt: skip
"""Codes of linux/input-event-codes.h; every other key is nothing to a kiosk."""

_EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)
_EVIOCGSW_1 = 0x8001451B  # _IOR('E', 0x1b, 1): the first eight switches
_READ_EVENTS = 64
AGAIN_S = 1.0

Found: TypeAlias = PanelKey | bool
"""A key that went down, or whether headphones are in their jack."""


class Kernel:
    """The three calls on an input device. Tests put pipes in its place, where there is no uinput."""

    def open(self, path: str) -> int:
        """A descriptor that does not block. Raises OSError."""
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def grab(self, descriptor: int) -> None:
        """Take the device for ourselves alone. Raises OSError if somebody else has it."""
        fcntl.ioctl(descriptor, _EVIOCGRAB, 1)

    def switches(self, descriptor: int) -> int:
        """The switches as they stand, a bit for each. Raises OSError."""
        bits = array.array("B", [0])
        fcntl.ioctl(descriptor, _EVIOCGSW_1, bits)
        return bits[0]


class InputDevice:
    """One input device by its stable path; opens itself again when it comes back. Used on one thread."""

    def __init__(
        self,
        path: str,
        *,
        jack: bool,
        kernel: Kernel | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`jack`: report the headphone switch; else keys. An empty path is no device."""
        self._path = path
        self._jack = jack
        self._kernel = kernel or Kernel()
        self._clock = clock
        self._descriptor: int | None = None
        self._rest = b""
        self._overrun = False
        self._next_try = 0.0

    @property
    def descriptor(self) -> int | None:
        """To wait on; None while there is no device."""
        return self._descriptor

    @property
    def state(self) -> str:
        """In a word, for maintenance."""
        if not self._path:
            return "not_installed"
        return "disconnected" if self._descriptor is None else "ready"

    def read(self) -> list[Found]:
        """What has come since, and how a switch stands when its device has come. Never blocks or raises."""
        if self._descriptor is None:
            return self._open()
        try:
            data = os.read(self._descriptor, EVENT.size * _READ_EVENTS)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:  # it was pulled out
            self.close()
            return []
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        return [found for event in EVENT.iter_unpack(data[:whole]) for found in self._take(*event[2:])]

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._rest, self._overrun = None, b"", False

    def _open(self) -> list[Found]:
        if not self._path or self._clock() < self._next_try:
            return []
        self._next_try = self._clock() + AGAIN_S
        try:
            self._descriptor = self._kernel.open(self._path)
            if not self._jack:
                self._kernel.grab(self._descriptor)
        except OSError:
            self.close()
            return []
        return self._look()

    def _look(self) -> list[Found]:
        """The switch as it stands: read, never assumed."""
        if not self._jack or self._descriptor is None:
            return []
        with contextlib.suppress(OSError):
            return [bool(self._kernel.switches(self._descriptor) >> SW_HEADPHONE_INSERT & 1)]
        return []

    def _take(self, kind: int, code: int, value: int) -> list[Found]:
        if kind == EV_SYN:
            return self._synchronise(code)
        if self._overrun:
            return []
        if kind == EV_KEY and not self._jack and value == 1 and code in KEYS:  # 2 is the kernel's own repeat
            return [KEYS[code]]
        if kind == EV_SW and self._jack and code == SW_HEADPHONE_INSERT:
            return [value == 1]
        return []

    def _synchronise(self, code: int) -> list[Found]:
        """After an overrun the rest of a packet is not used, and the switch is read anew."""
        overrun, self._overrun = self._overrun, code == SYN_DROPPED
        return self._look() if overrun and not self._overrun else []
