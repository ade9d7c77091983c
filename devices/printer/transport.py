"""Bytes to and from a receipt printer, whatever wire it hangs on.

Opening and time-outs are our own on every wire. python-escpos carries the bytes of a network printer and is
used nowhere else: its `open` leaks the socket of a failed attempt and waits a minute; its serial `close`
waits for a printer that may never read on; its USB `write` forgets what a timed-out transfer left
(docs/decisions/0151). Every way in which a wire can fail becomes `DeviceError` in `translated`.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from escpos.exceptions import Error as EscposError

from devices.supervisor import DeviceError
from flows.ports import DeviceState

_DRAIN_BYTES = 4096
_READ_BYTES = 64


class Transport(Protocol):
    """A wire to a printer."""

    @property
    def name(self) -> str:
        """What it is, for a technician: printable ASCII."""

    def open(self, timeout_s: float) -> None:
        """Connect. Raises DeviceError."""

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it. Raises DeviceError; then nobody knows how much arrived."""

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, at most 64 bytes; empty if it said nothing in time.

        Raises DeviceError when it is gone.
        """

    def close(self) -> None:
        """Let go; never raises, never waits for the printer."""


def drain(transport: Transport) -> bytes:
    """What lies unread, up to a bound: a printer that babbles without end must not hold us."""
    drained = b""
    while len(drained) < _DRAIN_BYTES and (data := transport.read(0)):
        drained += data
    return drained


@contextmanager
def translated() -> Iterator[None]:
    """The one place where trouble of a wire becomes `DeviceError`."""
    try:
        yield
    except (EscposError, OSError, ValueError, AssertionError, AttributeError) as error:
        # escpos uses assertions for control flow, and None or False for a device that is not open;
        # SerialException is an OSError, its time-out too.
        raise DeviceError(DeviceState.DISCONNECTED) from error


def heard_on(line: socket.socket, timeout_s: float) -> bytes:
    """What comes on a socket in time, or lies there (0). Raises OSError, also when its other end is gone."""
    line.settimeout(max(timeout_s, 0.0))
    try:
        data = line.recv(_READ_BYTES)
    except (TimeoutError, BlockingIOError):
        return b""
    if not data:
        raise ConnectionResetError
    return data
