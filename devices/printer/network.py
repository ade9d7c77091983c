"""Receipt printers on the network."""

import ipaddress
import socket

from escpos.printer import Network

from devices.printer.transport import heard_on, translated
from devices.supervisor import DeviceError
from flows.ports import DeviceState


class NetworkTransport:
    """One TCP connection to port 9100."""

    def __init__(self, host: str, port: int) -> None:
        self._printer = Network(host, port)
        self._line: socket.socket | None = None  # escpos opens by itself, for a minute, whenever it is asked

    @property
    def name(self) -> str:
        """Address and port."""
        return f"network {self._printer.host}:{self._printer.port}"

    def open(self, timeout_s: float) -> None:
        """Connect. Raises DeviceError; a name is refused, because asking for its address may take minutes."""
        try:
            ipaddress.ip_address(self._printer.host)
        except ValueError as error:
            raise DeviceError(DeviceState.MISCONFIGURED, permanent=True) from error
        with translated():
            self._line = socket.create_connection((self._printer.host, self._printer.port), timeout_s)
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._printer.device = self._line

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it. Raises DeviceError; then nobody knows how much arrived."""
        with translated():
            self._opened().settimeout(max(timeout_s, 0.001))
            self._printer._raw(data)  # noqa: SLF001  # the name escpos gives its transport

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, empty if nothing in time. Raises DeviceError when it is gone."""
        with translated():
            return heard_on(self._opened(), timeout_s)

    def close(self) -> None:
        """Let go; never raises."""
        self._printer.close()
        self._line = None

    def _opened(self) -> socket.socket:
        if self._line is None:
            raise ConnectionResetError
        return self._line
