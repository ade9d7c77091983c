"""The process that holds a USB printer: `python -m devices.printer.usb_child FD WANTED`.

`FD` is a socket, `WANTED` says in JSON what the printer is known by. Bytes from the socket go to the printer,
what the printer says goes to the socket, and either end that breaks ends the process.
"""

import contextlib
import errno
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import usb.core
import usb.util

OPENED = b"\x06"
"""The first byte it says: it holds the printer."""
AMBIGUOUS = b"\x15"
"""Several printers fit."""
MISSING = b"\x18"
"""None fits, or it cannot be taken."""

PRINTER_CLASS = 7
_WRITE_MS = 1000  # then what is left is tried again: a printer out of paper takes nothing for hours
_READ_MS = 200
_CHUNK = 4096


def main(arguments: list[str], backend: Any = None) -> int:
    """Be the bridge until an end breaks. `backend` is for tests: pyusb's `IBackend`."""
    wanted: Mapping[str, str] = json.loads(arguments[1])
    with socket.socket(fileno=int(arguments[0])) as line:
        found = [device for device in _printers(backend) if _fits(device, wanted)]
        if len(found) != 1:
            line.sendall(AMBIGUOUS if found else MISSING)
            return 1
        try:
            out_end, in_end = _take(found[0])
        except (usb.core.USBError, NotImplementedError, ValueError):
            line.sendall(MISSING)
            return 1
        line.sendall(OPENED)
        threading.Thread(target=_listen, args=(in_end, line), daemon=True).start()
        _speak(line, out_end)
    return 0


def _printers(backend: Any) -> Iterator[usb.core.Device]:
    """Every device with an interface of the printer class. None if there is no libusb."""
    with contextlib.suppress(usb.core.NoBackendError):
        yield from usb.core.find(find_all=True, custom_match=_is_printer, backend=backend)


def _is_printer(device: usb.core.Device) -> bool:
    with contextlib.suppress(usb.core.USBError):
        return any(_printer_interface(configuration) is not None for configuration in device)
    return False


def _printer_interface(configuration: Any) -> Any:
    return usb.util.find_descriptor(configuration, bInterfaceClass=PRINTER_CLASS)


def _fits(device: usb.core.Device, wanted: Mapping[str, str]) -> bool:
    known: Mapping[str, Callable[[], str]] = {
        "usb_id": lambda: f"{device.idVendor:04x}:{device.idProduct:04x}",
        "port": lambda: f"{device.bus}-{'.'.join(map(str, device.port_numbers or ()))}",
        "serial_number": lambda: _serial_number(device),
    }
    return all(wanted[name] in {"", value()} for name, value in known.items())


def _serial_number(device: usb.core.Device) -> str:
    with contextlib.suppress(usb.core.USBError, ValueError, NotImplementedError):
        number = str(device.serial_number or "")
        usb.util.dispose_resources(device)  # asking has opened it, and it may not be the one
        return number
    return ""


def _take(device: usb.core.Device) -> tuple[Any, Any]:
    """Take the printer from the kernel's `usblp` and return its two ends. Raises USBError, ValueError."""
    configuration = _configuration(device)
    interface = _printer_interface(configuration)
    number = interface.bInterfaceNumber
    if device.is_kernel_driver_active(number):
        device.detach_kernel_driver(number)
    usb.util.claim_interface(device, number)
    ends = {usb.util.endpoint_direction(end.bEndpointAddress): end for end in interface if _is_bulk(end)}
    if len(ends) != 2:
        raise ValueError("a printer without an end to listen at tells no state")
    return ends[usb.util.ENDPOINT_OUT], ends[usb.util.ENDPOINT_IN]


def _configuration(device: usb.core.Device) -> Any:
    """The one in use. Setting it anew would reset the printer's ends, so it is set only where none is."""
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()
        return device.get_active_configuration()


def _is_bulk(end: Any) -> bool:
    return bool(usb.util.endpoint_type(end.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK)


def _speak(line: socket.socket, out_end: Any) -> None:
    """From the socket to the printer, until either is gone."""
    with contextlib.suppress(OSError):  # USBError is an OSError
        while data := line.recv(_CHUNK):
            while data:
                data = data[_written(out_end, data) :]


def _written(out_end: Any, data: bytes) -> int:
    """Bytes the printer took; a transfer that ran out of time may have taken some."""
    try:
        return int(out_end.write(data, timeout=_WRITE_MS))
    except usb.core.USBError as error:
        if _is_timeout(error):
            return 0
        raise


def _listen(in_end: Any, line: socket.socket) -> None:
    """From the printer to the socket, until either is gone."""
    with contextlib.suppress(OSError):
        while True:
            try:
                said = bytes(in_end.read(_CHUNK, timeout=_READ_MS))
            except usb.core.USBError as error:
                if not _is_timeout(error):
                    break
            else:
                line.sendall(said)
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)  # ends the thread that speaks, and tells the parent


def _is_timeout(error: usb.core.USBError) -> bool:
    timed_out: bool = isinstance(error, usb.core.USBTimeoutError) or error.errno == errno.ETIMEDOUT
    return timed_out


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
