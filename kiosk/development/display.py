"""A virtual display for a machine without a screen: Xvfb, and x11vnc to look at it over loopback only.

Qt's own "vnc" platform is not used: it listens on every network interface, without a password.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import Display, Orientation
from kiosk.development.processes import Program

X_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108  # fixed by X11
X_LOCKS = Path("/tmp")  # noqa: S108  # fixed by X11
PORTRAIT = (1080, 1920)
VIEWER_OPTIONS = ("-forever", "-shared", "-nopw", "-nodpms", "-quiet")


@dataclass(frozen=True, slots=True)
class VirtualDisplay:
    """A display to be started: its programs, the environment of its clients, and where to look at it."""

    programs: tuple[Program, ...]
    environment: Mapping[str, str]
    viewer: str


def needed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether nothing can show a window here. A chosen Qt platform (such as offscreen) is respected."""
    return not any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def virtual_display(display: Display, viewer_port: int, beside: int = 0) -> VirtualDisplay:
    """A display as large as the kiosk's window, and its viewer on `viewer_port` of loopback.

    `beside`: pixels of width for another window at its right.
    """
    number = _free_number()
    name = f":{number}"
    width, height = _pixels(display)
    width += beside
    server = Program(
        "display",
        ("Xvfb", name, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"),
        answers_at=(X_SOCKETS / f"X{number}",),
    )
    viewer = Program(
        "viewer",
        ("x11vnc", "-display", name, "-localhost", "-rfbport", str(viewer_port), *VIEWER_OPTIONS),
        answers_at=(viewer_port,),
        quiet=True,
        needs=(server.name,),
    )
    clients = {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb", "QT_QUICK_BACKEND": "software"}
    return VirtualDisplay((server, viewer), clients, f"127.0.0.1:{viewer_port}")


def _pixels(display: Display) -> tuple[int, int]:
    width, height = PORTRAIT if display.orientation is Orientation.PORTRAIT else PORTRAIT[::-1]
    return round(width * display.window_scale), round(height * display.window_scale)


def _free_number() -> int:
    taken = {path.name.removeprefix("X") for path in X_SOCKETS.glob("X*")}
    taken |= {path.name.removeprefix(".X").removesuffix("-lock") for path in X_LOCKS.glob(".X*-lock")}
    return next(number for number in range(20, 1000) if str(number) not in taken)
