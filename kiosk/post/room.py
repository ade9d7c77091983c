"""How much room a report needs in the outbox and on its file system."""

import os
from pathlib import Path

from kiosk.post.envelope import MAX_ATTACHMENTS, PIECE

PAGE = 4096

_PAGE_PAYLOAD = 4096 / 4092  # an overflow page gives four bytes to the link
_PAGES_PER_PART = 2  # each row begins on a leaf page and may end in one that it does not fill
_MARGIN = 256 * 1024


def room_for(size: int) -> int:
    """Bytes of the outbox file that a report with `size` bytes of ciphertext takes at most."""
    parts = size // PIECE + MAX_ATTACHMENTS
    return int(size * _PAGE_PAYLOAD) + parts * _PAGES_PER_PART * PAGE + _MARGIN


def disk_for(size: int) -> int:
    """Bytes that must be free on the file system: what is committed is written to the WAL, then to its place.

    The same again is what erasing needs later, because erased pages are overwritten through the WAL.
    """
    return 2 * room_for(size)


def free_on_disk(path: Path) -> int:
    """Bytes that a process without privileges may still write beside `path`. Raises `OSError`."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


def shares_file_system(outbox: Path, with_: Path = Path("/")) -> bool:
    """Whether the outbox lies on the file system of `with_`: then anything that fills it stops the post."""
    place = next(path for path in outbox.absolute().parents if path.exists())
    return place.stat().st_dev == with_.stat().st_dev
