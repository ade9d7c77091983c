"""journald's native protocol: events with their fields, found by `journalctl KIOSK_EVENT=device_lost`.

Source: systemd, "Native Journal Protocol". A datagram of `NAME=value` lines; a value with a line break would
need a length, but what the catalogue lets through has none.
"""

import socket
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid5

SOCKET = Path("/run/systemd/journal/socket")

_NAMESPACE = UUID("4e0f7a2e-5b1c-5d53-9a57-3d7c1f6b0c11")


def message_id(event: str) -> str:
    """What journald knows an event by: 32 hexadecimal digits, the same in every release."""
    return uuid5(_NAMESPACE, event).hex


def datagram(message: str, priority: int, process: str, event: str, fields: Mapping[str, object]) -> bytes:
    """One entry. `message` is a line without breaks; fields become `KIOSK_<NAME>`."""
    entry = {
        "MESSAGE": message,
        "MESSAGE_ID": message_id(event),
        "PRIORITY": priority,
        "SYSLOG_IDENTIFIER": f"kiosk-{process}",
        "KIOSK_EVENT": event,
        "KIOSK_PROCESS": process,
        **{f"KIOSK_{name.upper()}": value for name, value in fields.items()},
    }
    return "".join(f"{name}={_one_line(value)}\n" for name, value in entry.items()).encode("ascii", "replace")


def _one_line(value: object) -> str:
    return " ".join(str(value).splitlines()) if not isinstance(value, bool) else str(value).lower()


class Journal:
    """The line to journald."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = str(path)
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.settimeout(0)  # a journal that is full must not hold a kiosk up

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def write(self, entry: bytes) -> bool:
        """False if journald does not take it."""
        try:
            self._line.sendto(entry, self._path)
        except OSError:
            return False
        return True
