"""Who may use the file of the outbox: everybody at once, or salvage alone.

The lock file beside the outbox is locked shared by every open outbox and exclusively by salvage, so that
nobody writes into a file that is being moved aside. It also remembers that an outbox was made, so that one
that vanished is never taken for a new kiosk. The kernel ends a lock with its process: `kill -9` leaves none.
"""

import fcntl
import os
import weakref
from pathlib import Path

from kiosk.post.outbox_files import LOCK, SHARED, beside

_MADE = b"made\n"


class Lease:
    """A lock on the outbox at a path, held until it is closed. Raises `OSError` if its file is unusable."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)

    @staticmethod
    def shared(outbox: Path) -> "Lease | None":
        """For one that uses the outbox; None while it is being salvaged."""
        return _locked(outbox, fcntl.LOCK_SH)

    @staticmethod
    def exclusive(outbox: Path) -> "Lease | None":
        """For salvage; None while anybody uses the outbox."""
        return _locked(outbox, fcntl.LOCK_EX)

    @property
    def made(self) -> bool:
        """Whether an outbox was made here before."""
        return os.fstat(self._descriptor).st_size > 0

    def note_made(self) -> None:
        """Remember that an outbox was made here."""
        os.pwrite(self._descriptor, _MADE, 0)

    def close(self) -> None:
        """Give the lock back."""
        self._close()


def _locked(outbox: Path, kind: int) -> Lease | None:
    descriptor = os.open(beside(outbox, LOCK), os.O_CREAT | os.O_RDWR, SHARED)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return Lease(descriptor)
