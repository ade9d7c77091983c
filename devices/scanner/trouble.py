"""What can be wrong with a scanner: the state a screen shows, and what a technician does."""

from collections.abc import Mapping
from enum import StrEnum

from flows.ports import DeviceState


class Trouble(StrEnum):
    """Why a scanner cannot be used now."""

    NONE = "none"
    GONE = "gone"
    IN_USE = "in_use"
    NOT_ALLOWED = "not_allowed"
    BAD_SPEED = "bad_speed"
    KEYBOARD = "keyboard"
    NO_ANSWER = "no_answer"
    SET_OTHERWISE = "set_otherwise"
    ENDLESS = "endless"


STATES: Mapping[Trouble, DeviceState] = {
    Trouble.NONE: DeviceState.READY,
    Trouble.GONE: DeviceState.DISCONNECTED,
    Trouble.IN_USE: DeviceState.ERROR,
    Trouble.NOT_ALLOWED: DeviceState.ERROR,
    Trouble.BAD_SPEED: DeviceState.ERROR,
    Trouble.KEYBOARD: DeviceState.MISCONFIGURED,
    Trouble.NO_ANSWER: DeviceState.ERROR,
    Trouble.SET_OTHERWISE: DeviceState.MISCONFIGURED,
    Trouble.ENDLESS: DeviceState.ERROR,
}

REMEDIES: Mapping[Trouble, str] = {
    Trouble.GONE: "It is not plugged in, or its path is another: compare the setting with /dev/serial/by-id.",
    Trouble.IN_USE: "Another program holds its line: fuser -v on its path says which.",
    Trouble.NOT_ALLOWED: "It may not be opened: install systemd/udev.rules, then plug it in anew.",
    Trouble.BAD_SPEED: "The line cannot go at the speed of the setting baud.",
    Trouble.KEYBOARD: "It is in keyboard mode: scan the barcode 'USB serial' of its manual.",
    Trouble.NO_ANSWER: "It does not answer: check the settings profile and baud, then plug it in anew.",
    Trouble.SET_OTHERWISE: "It is set otherwise: scan the set-up barcodes of docs/devices/scanners.",
    Trouble.ENDLESS: "It sends without end: check the setting baud, then plug it in anew.",
}
"""Printable ASCII, at most 120 characters: facts of `Inspected`."""
