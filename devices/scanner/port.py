"""A serial line for ourselves alone."""

import contextlib
import errno
import fcntl
import os
import select
import termios
from pathlib import Path

import serial

from devices.scanner.trouble import Trouble

_READ_S = 0.1
_WRITE_S = 1.0
_READ_BYTES = 4096


class PortError(Exception):
    """The line cannot be used; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Port:
    """An open line. Everything raises PortError; after the first one only `close` is of use."""

    def __init__(self, path: str, baud: int) -> None:
        self._path = path
        try:
            self._line = serial.Serial(path, baud, timeout=_READ_S, write_timeout=_WRITE_S, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise PortError(_why(error)) from error
        try:
            # pyserial's lock binds only those who ask for it; this one binds everybody but root.
            fcntl.ioctl(self._line.fileno(), termios.TIOCEXCL)
            self._line.reset_input_buffer()
        except (OSError, termios.error) as error:
            self.close()
            raise PortError(Trouble.GONE) from error

    def read(self, wait_s: float = _READ_S) -> bytes:
        """What has come, at most 4 kB; empty if nothing came within `wait_s`."""
        try:
            if not select.select([self._line.fileno()], [], [], wait_s)[0]:
                return b""
            data: bytes = self._line.read(1)
            return data + self._line.read(min(self._line.in_waiting, _READ_BYTES - 1)) if data else data
        except (OSError, TypeError, termios.error) as error:  # TypeError: its descriptor was closed meanwhile
            raise PortError(Trouble.GONE) from error

    def write(self, data: bytes) -> None:
        """Send; who takes nothing within a second hangs."""
        try:
            self._line.write(data)
        except serial.SerialTimeoutException as error:
            raise PortError(Trouble.NO_ANSWER) from error
        except (OSError, TypeError) as error:
            raise PortError(Trouble.GONE) from error

    def check_name(self) -> None:
        """The stable name must still lead to this very line: devices come back under other numbers."""
        try:
            same = Path(self._path).stat().st_rdev == os.fstat(self._line.fileno()).st_rdev
        except (OSError, TypeError) as error:
            raise PortError(Trouble.GONE) from error
        if not same:
            raise PortError(Trouble.GONE)

    def close(self) -> None:
        """Let go of the line."""
        with contextlib.suppress(OSError, TypeError, termios.error):
            fcntl.ioctl(self._line.fileno(), termios.TIOCNXCL)
        with contextlib.suppress(OSError):
            self._line.close()


def _why(error: OSError | ValueError) -> Trouble:
    if isinstance(error, ValueError):
        return Trouble.BAD_SPEED
    if error.errno in (errno.EBUSY, errno.EAGAIN):
        return Trouble.IN_USE
    if error.errno in (errno.EACCES, errno.EPERM):
        return Trouble.NOT_ALLOWED
    return Trouble.GONE
