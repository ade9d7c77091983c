"""A serial line for ourselves alone."""

import errno
import os
import termios
from pathlib import Path

import serial

from devices import serial_line
from devices.scanner.trouble import Trouble
from devices.waking import Waker

_READ_S = 0.1
_READ_BYTES = 4096


class PortError(Exception):
    """The line cannot be used; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Port:
    """An open line. Everything raises PortError; after the first one only `close` is of use."""

    def __init__(self, path: str, baud: int, waker: Waker) -> None:
        """`waker` ends every `read`."""
        self._path = path
        self._waker = waker
        try:
            self._line = serial_line.opened(path, baud)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise PortError(_why(error)) from error

    def read(self, wait_s: float = _READ_S) -> bytes:
        """What has come, at most 4 kB; empty if nothing came within `wait_s`."""
        try:
            if not self._waker.wait(wait_s, self._line.fileno()):
                return b""
            data: bytes = self._line.read(_READ_BYTES)
        except (OSError, ValueError, TypeError, termios.error) as error:  # it was closed meanwhile
            raise PortError(Trouble.GONE) from error
        if not data:  # the line can be read, and has nothing: it is no more
            raise PortError(Trouble.GONE)
        return data

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
        serial_line.closed(self._line)


def _why(error: OSError | ValueError) -> Trouble:
    if isinstance(error, ValueError):
        return Trouble.BAD_SPEED
    if error.errno in (errno.EBUSY, errno.EAGAIN):
        return Trouble.IN_USE
    if error.errno in (errno.EACCES, errno.EPERM):
        return Trouble.NOT_ALLOWED
    return Trouble.GONE
