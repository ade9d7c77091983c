"""Finds a scanner that plugged itself in as a keyboard: it would type whatever it is shown into the screen.

Reads /sys only. udev keeps such a keyboard away from the screen (systemd/udev.rules); here it is named, so
that a technician knows what to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.ports import Device

SYS = Path("/sys")

SCANNER_VENDORS = {
    "05e0": "Symbol / Zebra",
    "05f9": "Datalogic",
    "065a": "Opticon",
    "0c2e": "Honeywell / Metrologic",
    "11fa": "Code",
    "1eab": "Newland",
}
"""USB vendors that make scanners and no other keyboards; also in systemd/udev.rules."""

_WORDS = {
    Device.SCANNER: ("scanner", "barcode", "bar code", "imager"),
    Device.DOCUMENT_READER: ("passport", "document reader", "mrz", "ocr"),
}
_BUS_USB = "0003"
_KEY_1, _KEY_0, _KEY_ENTER = 2, 11, 28
_WORD_BITS = 64


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A USB keyboard by vendor and product number, four hexadecimal digits each."""

    vendor: str
    product: str


def find(device: Device, sys: Path = SYS) -> Keyboard | None:
    """The keyboard that this device has become; None if there is none such."""
    for node in sorted((sys / "class" / "input").glob("input*")):
        if not _types_digits(node) or _read(node / "id" / "bustype") != _BUS_USB:
            continue
        keyboard = Keyboard(_read(node / "id" / "vendor"), _read(node / "id" / "product"))
        name = _read(node / "name").lower()
        by_vendor = device is Device.SCANNER and keyboard.vendor in SCANNER_VENDORS
        if by_vendor or any(word in name for word in _WORDS.get(device, ())):
            return keyboard
    return None


def _types_digits(node: Path) -> bool:
    """Whether it has the keys 0 to 9 and Enter, as every scanner that types has."""
    keys = set(_bits(_read(node / "capabilities" / "key")))
    return {*range(_KEY_1, _KEY_0 + 1), _KEY_ENTER} <= keys


def _bits(text: str) -> Iterator[int]:
    """Numbers of the bits set in the kernel's hexadecimal words, the highest word first."""
    try:
        words = [int(word, 16) for word in text.split()]
    except ValueError:
        return
    for place, word in enumerate(reversed(words)):
        yield from (place * _WORD_BITS + bit for bit in range(_WORD_BITS) if word >> bit & 1)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # it went, or has no such file
        return ""
