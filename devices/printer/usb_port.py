"""A USB printer: a child process holds it, a socket carries its bytes.

A call into libusb can hang for good, and only the end of its process ends it. So the child is killed
whenever the line is closed, and a new one takes hold of the printer; what was not sent yet dies with it.
"""

import contextlib
import json
import socket
import subprocess
import sys

from devices.printer.transport import heard_on, translated
from devices.printer.usb_child import AMBIGUOUS, OPENED
from devices.supervisor import DeviceError
from flows.ports import DeviceState

CHILD = (sys.executable, "-P", "-m", "devices.printer.usb_child")
_START_S = 2.0  # a process starts, and libusb looks at every device
_GONE_S = 1.0


class UsbTransport:
    """A printer on USB, found by what stays the same: vendor, product, serial number, socket."""

    def __init__(self, usb_id: str, serial_number: str, port: str, command: tuple[str, ...] = CHILD) -> None:
        """Empty texts fit any. `command` starts the child."""
        self._wanted = {"usb_id": usb_id, "serial_number": serial_number, "port": port}
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def name(self) -> str:
        """What it is found by."""
        return " ".join(["usb", *(text for text in self._wanted.values() if text)])

    def open(self, timeout_s: float) -> None:
        """Start a child and wait until it holds the printer. Raises DeviceError."""
        with translated():
            self._line, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    (
                        *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
                        *self._command,
                        *(str(theirs.fileno()), json.dumps(self._wanted)),
                    ),
                    stdin=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                )
            said = heard_on(self._line, timeout_s + _START_S)
        if said != OPENED:
            self.close()
            fits_several = said[:1] == AMBIGUOUS
            raise DeviceError(DeviceState.MISCONFIGURED if fits_several else DeviceState.DISCONNECTED)

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all of it. Raises DeviceError; then nobody knows how much arrived."""
        with translated():
            line = self._opened()
            line.settimeout(max(timeout_s, 0.001))
            line.sendall(data)

    def read(self, timeout_s: float) -> bytes:
        """What the printer says, empty if nothing in time. Raises DeviceError when it is gone."""
        with translated():
            return heard_on(self._opened(), timeout_s)

    def close(self) -> None:
        """Kill the child; never raises. One that hangs in the kernel is left to its death."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GONE_S)
        self._line = self._process = None

    def _opened(self) -> socket.socket:
        if self._line is None:
            raise ConnectionResetError
        return self._line
