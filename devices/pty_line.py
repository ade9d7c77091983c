"""The end of a simulated device on a pseudo-terminal: there under a stable name while it is plugged in."""

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading
import tty
from pathlib import Path

_READ_BYTES = 4096
_TIOCGEXCL = 0x80045440


class PtyLine:
    """May be used from any thread. `name` is what an adapter opens."""

    def __init__(self, name: Path) -> None:
        self._name = name
        self._lock = threading.RLock()
        self._ours: int | None = None
        self._theirs: int | None = None

    @property
    def plugged(self) -> bool:
        """Whether it is there."""
        return self._ours is not None

    def plug(self) -> None:
        """It appears under its name."""
        with self._lock:
            if self._ours is not None:
                return
            self._ours, self._theirs = os.openpty()
            tty.setraw(self._theirs)  # before anybody opens it: no echo, no translation of CR and LF
            os.set_blocking(self._ours, False)
            self._name.parent.mkdir(parents=True, exist_ok=True)
            self._name.unlink(missing_ok=True)
            self._name.symlink_to(os.ttyname(self._theirs))

    def unplug(self) -> None:
        """It disappears; who reads from it gets an error."""
        with self._lock:
            if self._ours is None or self._theirs is None:
                return
            self._name.unlink(missing_ok=True)
            os.close(self._theirs)
            os.close(self._ours)
            self._ours = self._theirs = None

    def read(self) -> bytes:
        """What has come; never waits."""
        with self._lock:
            self._forgive()
            try:
                return os.read(self._ours, _READ_BYTES) if self._ours is not None else b""
            except OSError:
                return b""

    def send(self, data: bytes, timeout_s: float = 0.0) -> None:
        """What nobody begins to read within the time is lost, as on a real line."""
        with self._lock, contextlib.suppress(OSError):
            while data and self._ours is not None and select.select([], [self._ours], [], timeout_s)[1]:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self._ours, data[:_READ_BYTES]) :]

    def wait(self, timeout_s: float) -> None:
        """Until something comes, or time is up; at once if it is pulled meanwhile."""
        with self._lock:
            ours = self._ours
        with contextlib.suppress(OSError, ValueError):  # pulled out under our hands
            select.select([ours] if ours is not None else [], [], [], timeout_s)

    def _forgive(self) -> None:
        """A killed adapter leaves its claim on the line, for this end keeps the line alive: lift it."""
        if self._theirs is None:
            return
        claimed = struct.unpack("i", fcntl.ioctl(self._theirs, _TIOCGEXCL, b"\0\0\0\0"))[0]
        with contextlib.suppress(OSError):
            if claimed:
                fcntl.flock(self._theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.ioctl(self._theirs, termios.TIOCNXCL)
                fcntl.flock(self._theirs, fcntl.LOCK_UN)
