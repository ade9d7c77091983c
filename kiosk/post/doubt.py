"""Doubt: after a write or sync failed, the log of the outbox may show what the disk never got.

After a sync that failed, the kernel goes on showing those bytes and takes them for clean: the next sync says
yes to them. A case that was told as not kept would show up when the log is next opened, be told as kept, and
be lost with the power, and with it all that was committed behind it. So who doubts closes the outbox, and
who opens it next writes the log again (docs/decisions/0112-a-failed-sync-leaves-a-mark.md).
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

import apsw

from kiosk.post.outbox_files import DOUBT, LOG, SHARED, beside
from kiosk.post.outbox_schema import transaction

_CHUNK = 1 << 20


class Doubt:
    """Whether the log is doubted: told to other processes by a file, remembered here should that fail too.

    One for all who open the same outbox in one process, in any thread.
    """

    def __init__(self, outbox: Path) -> None:
        self._mark = beside(outbox, DOUBT)
        self._log = beside(outbox, LOG)
        self._remembered = False

    def note(self) -> None:
        """A write or sync has failed. Neither memory nor mark must outlive what the kernel remembers."""
        self._remembered = True
        with suppress(OSError):
            self._mark.touch(mode=SHARED)

    def settle(self, db: apsw.Connection) -> None:
        """If there is doubt, make durable what the log shows. Raises `apsw.Error` and OSError; it then stays.

        Not without doubt: on a disk that garbles the sector it writes when the power goes, writing a log
        again that is durable could cost a case that is kept.
        """
        if not self._remembered and not self._mark.exists():
            return
        self._remembered = False  # first: another thread may have new doubts meanwhile
        try:
            with transaction(db):  # nobody else adds to the log, or cuts it
                _write_again(self._log)
            self._mark.unlink(missing_ok=True)
        except (apsw.Error, OSError):
            self._remembered = True
            raise


def _write_again(log: Path) -> None:
    descriptor = os.open(log, os.O_RDWR)
    try:
        for offset in range(0, os.fstat(descriptor).st_size, _CHUNK):
            data = os.pread(descriptor, _CHUNK, offset)
            if os.pwrite(descriptor, data, offset) != len(data):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
