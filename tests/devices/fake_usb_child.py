"""The child that holds a USB printer, on a fake libusb: `fake_usb_child.py PORT[,PORT…] FD WANTED`."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from fake_libusb1 import FakeBackend  # noqa: E402

from devices.printer.usb_child import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], backend=FakeBackend(*map(int, sys.argv[1].split(",")))))
