"""Sends commands to the simulators (see `devices.simulate`). For levers, visit scripts and tests."""

import json
import socket
from pathlib import Path
from typing import Any

_TIMEOUT_S = 5.0


class RefusedError(Exception):
    """The simulators did not understand a command."""


def ask(path: Path, words: dict[str, object]) -> dict[str, Any]:
    """Send one object to `<runtime>/simulators.sock`; returns the answer. Raises RefusedError, OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_TIMEOUT_S)
        line.connect(str(path))
        line.sendall(json.dumps(words).encode() + b"\n")
        with line.makefile("rb") as answers:
            answer: dict[str, Any] = json.loads(answers.readline() or b'{"ok": false, "error": "no answer"}')
    if not answer["ok"]:
        raise RefusedError(answer["error"])
    return answer


def command(path: Path, device: str, **words: object) -> None:
    """Do something to a device, and return when it is done. Raises RefusedError, OSError.

    For instance `command(path, "printer", fault="paper_out", after_rows=300)`.
    """
    ask(path, {"device": device, **words})


def network(path: Path, state: str) -> None:
    """`cut`, `slow`, `portal` or `mend` the network to the centre. Raises RefusedError, OSError."""
    ask(path, {"network": state})


def state(path: Path) -> dict[str, Any]:
    """What can be shown of every simulated device and the network. Raises RefusedError, OSError."""
    shown: dict[str, Any] = ask(path, {"ask": "state"})["state"]
    return shown
