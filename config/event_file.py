"""A bounded copy of the log in a file, for machines without journald: maintenance reads it there.

Development only: `kiosk run` names the file in `KIOSK_EVENTS_FILE`. Processes append whole lines; a file that
is full becomes the older one of two.
"""

import contextlib
import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "KIOSK_EVENTS_FILE"
LARGEST = 1_000_000


class EventFile:
    """The file, opened for each line: another process may have put a new one in its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def of(environ: Mapping[str, str]) -> "EventFile | None":
        """The file that the environment names, if it names one."""
        name = environ.get(VARIABLE, "")
        return EventFile(Path(name)) if name else None

    def append(self, line: str) -> None:
        """Write one line. A log that cannot be written costs nothing else."""
        with contextlib.suppress(OSError), self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if file.tell() > LARGEST and self._path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                self._path.replace(older(self._path))
            file.write(line.encode("ascii", "replace") + b"\n")


def older(path: Path) -> Path:
    """Where the lines before those of `path` are."""
    return path.with_name(path.name + ".1")
