"""Tells the service manager "ready", "alive", "stopping" (sd_notify(3)); silent where no manager listens."""

import contextlib
import os
import socket


def notify(message: str) -> None:
    """Send one datagram to `$NOTIFY_SOCKET`. Never blocks or raises: a deaf manager must not stop a visit."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(0)
        manager.sendto(message.encode(), name)


def ready() -> None:
    """Start-up is complete; the watchdog counts from here."""
    notify("READY=1")


def alive() -> None:
    """Feed the watchdog: from the loop whose hang should be noticed, never from a thread of its own."""
    notify("WATCHDOG=1")


def stopping() -> None:
    """An orderly end has begun."""
    notify("STOPPING=1")


def watchdog_interval_s() -> float | None:
    """Seconds between two calls of `alive`, half of `$WATCHDOG_USEC`; None where nobody watches."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or watched != str(os.getpid()):
        return None
    return int(microseconds) / 2_000_000
