"""Serial lines for ourselves alone."""

import contextlib
import fcntl
import termios
from typing import TypeAlias

import serial

Line: TypeAlias = serial.Serial

WRITE_S = 1.0
"""Who takes nothing for so long hangs."""


def opened(path: str, baud: int) -> Line:
    """The line, empty; reading never waits. Raises OSError, ValueError for a speed that cannot be."""
    line = serial.Serial(path, baud, timeout=0, write_timeout=WRITE_S, exclusive=True)
    try:
        # pyserial's lock binds only those who ask for it; this one binds everybody but root.
        fcntl.ioctl(line.fileno(), termios.TIOCEXCL)
        line.reset_input_buffer()
    except (OSError, termios.error) as error:
        closed(line)
        raise FileNotFoundError(path) from error
    return line


def closed(line: Line) -> None:
    """Let go of it; never raises."""
    with contextlib.suppress(OSError, TypeError, termios.error):
        fcntl.ioctl(line.fileno(), termios.TIOCNXCL)
    with contextlib.suppress(OSError):
        line.close()
