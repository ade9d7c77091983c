"""Maintenance from a command line: one question on its socket, and a newer list of technicians."""

import grp
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.maintenance.credentials import LIST, read_list
from kiosk.post.jws import NotSignedError
from kiosk.post.keys import KeyProblem, read, write
from kiosk.post.keyset import load_key_set

PATIENCE_S = 60.0
READERS = "kiosk-maintenance"
"""The group that reads the list (systemd/sysusers.conf)."""
LISTED = 0o640
"""Whoever reads the list can guess six digits elsewhere, without any lock-out."""


class NotTakenError(Exception):
    """The list was not put in its place; says why."""


def ask(path: Path, request: Mapping[str, Any], entry: Mapping[str, str]) -> dict[str, Any]:
    """The answer to `request`, or the refusal of `entry`. Raises OSError or ValueError."""
    with socket.socket(socket.AF_UNIX) as line, line.makefile("rwb") as words:
        line.settimeout(PATIENCE_S)
        line.connect(str(path))
        if entry:
            entered = _answer(words, {"ask": "enter", **entry})
            if entered.get("event") != "entered":
                return entered
        return _answer(words, request)


def _answer(words: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    words.write(json.dumps(request).encode() + b"\n")
    words.flush()
    answer: dict[str, Any] = json.loads(words.readline() or b"null") or {"event": "left"}
    return answer


def install_technicians(keys: Path, token: bytes) -> int:
    """Put a newer list of technicians into the keys folder, for maintenance alone; its version.

    Raises `NotTakenError`, and OSError if it cannot be written.
    """
    try:
        trusted = load_key_set(keys).technician
        fresh = read_list(token.decode("ascii").strip(), trusted)
    except KeyProblem as problem:
        raise NotTakenError(str(problem)) from None
    except NotSignedError:
        raise NotTakenError("not signed by a key that the key set of this kiosk names") from None
    except ValueError:
        raise NotTakenError("not a list of technicians") from None
    try:
        known = read_list(read(keys / LIST).decode("ascii").strip(), trusted).version
    except (KeyProblem, ValueError):
        known = 0
    if fresh.version <= known:
        raise NotTakenError(f"version {fresh.version} is not newer than {known}, which is in place")
    write(keys / LIST, token.strip(), LISTED)
    os.chown(keys / LIST, -1, _readers())
    return fresh.version


def _readers() -> int:
    try:
        return grp.getgrnam(READERS).gr_gid
    except KeyError:  # in development one user is everybody
        return os.getgid()
