"""Bytes to and from a network receipt printer. python-escpos carries them; this is its only user.

Opening and time-outs are our own: escpos' `open` leaks the socket of a failed attempt, and its default
time-out is a minute. Every way in which it can fail becomes `DeviceError` in one place.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from escpos.exceptions import Error as EscposError
from escpos.printer import Network

from devices.supervisor import DeviceError
from flows.ports import DeviceState

_DRAIN_BYTES = 4096


class Transport:
    """One TCP connection to port 9100."""

    def __init__(self, host: str, port: int) -> None:
        self._printer = Network(host, port)

    def open(self, timeout_s: float) -> None:
        """Connect. Raises DeviceError."""
        with _translated():
            device = socket.create_connection((self._printer.host, self._printer.port), timeout_s)
            device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._printer.device = device

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it. Raises DeviceError; then nobody knows how much arrived."""
        with _translated():
            self._printer.device.settimeout(timeout_s)
            self._printer._raw(data)  # noqa: SLF001  # the name escpos gives its transport

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, at most 16 bytes; empty if it said nothing in time.

        Raises DeviceError when it is gone.
        """
        with _translated():
            self._printer.device.settimeout(max(timeout_s, 0.001))  # 0 would mean "never wait", not "hardly"
            try:
                data = bytes(self._printer._read())  # noqa: SLF001  # see above
            except TimeoutError:
                return b""
        if not data:
            raise DeviceError(DeviceState.DISCONNECTED)
        return data

    def drain(self) -> bytes:
        """What lies unread, up to a bound: a printer that babbles without end must not hold us."""
        drained = b""
        while len(drained) < _DRAIN_BYTES and (data := self.read(0)):
            drained += data
        return drained

    def close(self) -> None:
        """Let go; never raises."""
        self._printer.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (EscposError, OSError, ValueError, AssertionError, AttributeError) as error:
        # escpos uses assertions for control flow, and None or False for a device that is not open.
        raise DeviceError(DeviceState.DISCONNECTED) from error
