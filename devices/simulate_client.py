"""Sends commands to the simulators (see `devices.simulate`). For visit scripts and tests."""

import json
import socket
from pathlib import Path

_TIMEOUT_S = 5.0


class RefusedError(Exception):
    """The simulators did not understand a command."""


def command(path: Path, device: str, **words: object) -> None:
    """Send one command to `<runtime>/simulators.sock` and wait until it is done. Raises RefusedError,
    OSError.

    For instance `command(path, "printer", fault="paper_out", after_rows=300)`.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_TIMEOUT_S)
        line.connect(str(path))
        line.sendall(json.dumps({"device": device, **words}).encode() + b"\n")
        with line.makefile("rb") as answers:
            answer = json.loads(answers.readline() or b'{"ok": false, "error": "no answer"}')
    if not answer["ok"]:
        raise RefusedError(answer["error"])
