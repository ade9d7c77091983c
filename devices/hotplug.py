"""Notices that a device was plugged in, so that nobody waits for the next attempt to open it.

The kernel and udev say over netlink that something was plugged in; then, and otherwise once in a while, the
stable names of our devices are looked at. What exactly was said does not matter, so nothing of it is read.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from flows.ports import Device

_NETLINK_KOBJECT_UEVENT = 15
_FROM_UDEV = 2  # sent when the rules have run: the stable name is there
LOOK_S = 1.0
LOOK_WITH_EVENTS_S = 15.0
"""With events a look is only for the event that was lost."""
_SETTLE_S = 0.05  # one device makes many events
_DEV = Path("/dev")

Identity = tuple[int, int, int]
"""Which name leads to which node: a device that went and came again has another."""


def events() -> socket.socket | None:
    """Becomes readable whenever udev has handled a device; None where that cannot be had."""
    try:
        line = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_KOBJECT_UEVENT)
        line.bind((0, _FROM_UDEV))
    except OSError:
        return None
    line.settimeout(0)
    return line


class HotPlug:
    """Watches the names of devices on a thread of its own."""

    def __init__(
        self,
        names: Mapping[Device, Path | None],
        appeared: Callable[[Device], None],
        listen: Callable[[], socket.socket | None] = events,
    ) -> None:
        """`names`: where each device stands when it is there; one without a name appears with every event.

        `appeared` is called on this one's thread.
        """
        self._names = {device: name for device, name in names.items() if name is not None}
        self._nameless = [device for device, name in names.items() if name is None]
        self._appeared = appeared
        self._listen = listen
        self._seen = {device: _identity(name) for device, name in self._names.items()}
        self._stop: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        if self._names or self._nameless:
            self._stop, ours = socket.socketpair()
            self._thread = threading.Thread(target=self._watch, args=(ours,), name="hot-plug", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        if self._stop is not None and self._thread is not None:
            self._stop.close()
            self._thread.join()

    def look_every_s(self, *, events: bool) -> float:
        """How often to look, with `events` or without."""
        by_udev = events and all(name.is_relative_to(_DEV) for name in self._names.values())
        return LOOK_WITH_EVENTS_S if by_udev and _udev_runs() else LOOK_S

    def _watch(self, stop: socket.socket) -> None:
        with contextlib.ExitStack() as open_lines:
            heard = [open_lines.enter_context(stop)]
            if (events := self._listen()) is not None:
                heard.append(open_lines.enter_context(events))
            look_s = self.look_every_s(events=events is not None)
            while stop not in (ready := select.select(heard, [], [], look_s)[0]):
                if events is not None and events in ready:
                    time.sleep(_SETTLE_S)
                    _drain(events)
                    for device in self._nameless:
                        self._appeared(device)
                self._look()

    def _look(self) -> None:
        for device, name in self._names.items():
            before, now = self._seen[device], _identity(name)
            self._seen[device] = now
            if now is not None and now != before:
                self._appeared(device)


def _identity(name: Path) -> Identity | None:
    try:
        found = name.stat()
        return name.lstat().st_ino, found.st_ino, found.st_rdev
    except OSError:
        return None


def _udev_runs() -> bool:
    return Path("/run/udev/control").exists()


def _drain(line: socket.socket) -> None:
    try:
        while line.recv(1 << 16):
            pass
    except OSError:  # empty; or events were lost, and a look follows in any case
        return
