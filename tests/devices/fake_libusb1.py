"""A libusb whose only devices are receipt printers that stand on TCP: what a test plugs in.

It stands in for pyusb's backend, below everything of ours and of pyusb; its name ends as the real one's.
"""

# ruff: noqa: ARG002  # the arguments are pyusb's
import array
import os
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

OUT, IN = 0x02, 0x81  # not the addresses that are commonly guessed
PACKET = 64
HANG_VARIABLE = "FAKE_USB_HANG"
"""`open`, `write` or `read`: that call never returns. A path: it hangs while the file is there."""


class FakeBackend(usb.backend.IBackend):
    """One printer for each port; the kernel's `usblp` holds it at first."""

    def __init__(self, *ports: int) -> None:
        self._printers = [SimpleNamespace(port=port, number=number) for number, port in enumerate(ports)]
        self._kernel_driver = True
        self._lines: dict[int, socket.socket] = {}

    def enumerate_devices(self) -> Iterator[Any]:
        return iter(self._printers)

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0202, bcdDevice=0x100,
            iManufacturer=0, iProduct=0, iSerialNumber=3, bNumConfigurations=1, address=dev.number + 5, bus=1,
            port_number=dev.number + 1, port_numbers=(2, dev.number + 1), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt or config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2,
            bInterfaceClass=7, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        if ep > 1:
            raise IndexError
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2,
            wMaxPacketSize=PACKET, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        _hang_if_told("open")
        try:
            self._lines[dev.number] = socket.create_connection(("127.0.0.1", dev.port), 1)
        except OSError as error:
            raise usb.core.USBError("no such device", errno=19) from error
        return dev

    def close_device(self, dev_handle: Any) -> None:
        self._lines.pop(dev_handle.number).close()

    def ctrl_transfer(self, dev_handle: Any, *request: Any) -> int:
        """GET_DESCRIPTOR: the languages, or the serial number `S0`, `S1` of the printer."""
        value, data = request[2], request[4]
        text = b"\x09\x04" if value & 0xFF == 0 else f"S{dev_handle.number}".encode("utf-16-le")
        said = bytes((len(text) + 2, 3)) + text
        data[: len(said)] = array.array("B", said)
        return len(said)

    def get_configuration(self, dev_handle: Any) -> int:
        return 1

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return self._kernel_driver

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self._kernel_driver = False

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        if self._kernel_driver:
            raise usb.core.USBError("resource busy", errno=16)

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        pass

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        _hang_if_told("write")
        assert (ep, timeout > 0) == (OUT, True), "without a time-out libusb waits for ever"
        line = self._lines[dev_handle.number]
        line.settimeout(timeout / 1000)
        part = bytes(data[:PACKET]) if len(data) % 3 == 0 else bytes(data)
        try:
            return line.send(part)
        except TimeoutError as error:
            raise usb.core.USBTimeoutError("timeout", errno=110) from error
        except OSError as error:
            raise usb.core.USBError("no such device", errno=19) from error

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        _hang_if_told("read")
        assert (ep, timeout > 0) == (IN, True), "without a time-out libusb waits for ever"
        assert len(buff) >= PACKET, "less than a packet is an overflow"
        line = self._lines[dev_handle.number]
        line.settimeout(timeout / 1000)
        try:
            said = line.recv(PACKET)
        except TimeoutError as error:
            raise usb.core.USBTimeoutError("timeout", errno=110) from error
        if not said:
            raise usb.core.USBError("no such device", errno=19)
        buff[: len(said)] = array.array("B", said)
        return len(said)


def _hang_if_told(call: str) -> None:
    what, _, path = os.environ.get(HANG_VARIABLE, "").partition(":")
    while what == call and (not path or os.path.exists(path)):  # noqa: PTH110  # as cheap as can be
        time.sleep(0.05)
