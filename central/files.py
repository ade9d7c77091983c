"""Writing what must not be read by others: files 0600, new directories 0700, never half a file."""

import os
from pathlib import Path


def private_directory(path: Path) -> None:
    """Make `path`, closed to everyone else; one that exists keeps the mode its owner gave it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Write `data` to `path` with mode 0600, in one step: there is never half a file."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # or a power cut brings the earlier file back
    finally:
        os.close(folder)
