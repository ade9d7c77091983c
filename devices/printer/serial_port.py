"""Receipt printers on a serial line."""

import serial

from config.settings import FlowControl
from devices.printer.transport import translated

_READ_BYTES = 64


class SerialTransport:
    """A serial line, for ourselves alone."""

    def __init__(self, path: str, baud: int, flow: FlowControl) -> None:
        self._path = path
        self._baud = baud
        self._flow = flow
        self._port: serial.Serial | None = None

    @property
    def name(self) -> str:
        """Its path and speed."""
        return f"serial {self._path} {self._baud} {self._flow}"

    def open(self, timeout_s: float) -> None:
        """Take hold of the line. Raises DeviceError."""
        with translated():
            self._port = serial.Serial(
                self._path or None,
                self._baud,
                timeout=timeout_s,
                write_timeout=timeout_s,
                rtscts=self._flow is FlowControl.RTS_CTS,
                xonxoff=self._flow is FlowControl.XON_XOFF,
                exclusive=True,
            )
            if not self._port.is_open:
                raise FileNotFoundError
            self._port.reset_input_buffer()

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it. Raises DeviceError; then nobody knows how much arrived."""
        with translated():
            port = self._opened()
            port.write_timeout = max(timeout_s, 0.001)
            if port.write(data) != len(data):
                raise ConnectionResetError

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, empty if nothing in time. Raises DeviceError when it is gone."""
        with translated():
            port = self._opened()
            port.timeout = max(timeout_s, 0.0)
            first = port.read(1)
            return first + port.read(min(port.in_waiting, _READ_BYTES - 1)) if first else b""

    def close(self) -> None:
        """Let go. What a stopped printer does not take is dropped, else the kernel waits half a minute."""
        if self._port is None:
            return
        try:
            self._port.reset_output_buffer()
            self._port.close()
        except OSError:
            pass  # the line went before us
        self._port = None

    def _opened(self) -> serial.Serial:
        if self._port is None:
            raise ConnectionResetError
        return self._port
