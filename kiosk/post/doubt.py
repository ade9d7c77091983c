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
from kiosk.post.room import PAGE

_CHUNK = 1 << 20
_LOG_HEADER, _FRAME_HEADER = 32, 24  # https://sqlite.org/fileformat2.html#walformat


class Doubt:
    """From where on the log is doubted: told to others by a file, remembered here should that fail too.

    One for all who open the same outbox in one process, in any thread.
    """

    def __init__(self, outbox: Path) -> None:
        self._mark = beside(outbox, DOUBT)
        self._log = beside(outbox, LOG)
        self._begins: int | None = None

    def note(self, db: apsw.Connection) -> None:
        """A write or sync through `db` failed. The mark need not outlive what the kernel remembers."""
        begins = _committed(db)
        with suppress(OSError):
            noted = self._noted()
            begins = begins if noted is None else min(begins, noted)
        self._begins = begins
        with suppress(OSError):
            self._mark.touch(mode=SHARED)
            self._mark.write_bytes(str(begins).encode())

    def settle(self, db: apsw.Connection) -> None:
        """If there is doubt, make durable what the log shows. Raises `apsw.Error` and OSError; it then stays.

        What was committed before is durable and not touched: a disk may garble what it writes when the power
        goes, and a case that is kept must not be put at risk.
        """
        begins = self._noted()
        if begins is None:
            return
        self._begins = None  # first: another thread may have new doubts meanwhile
        try:
            with transaction(db):  # nobody else adds to the log, or cuts it
                _write_again(self._log, begins)
            self._mark.unlink(missing_ok=True)
        except (apsw.Error, OSError):
            self._begins = begins
            raise

    def _noted(self) -> int | None:
        """The place in the log where the doubt begins, by memory or mark; None without doubt."""
        if self._begins is not None or not self._mark.exists():
            return self._begins
        place = self._mark.read_bytes()
        return int(place) if place.isdigit() else 0  # it could not be written, or not be kept


def _committed(db: apsw.Connection) -> int:
    """Bytes of the log that are committed, and so were synced; 0 if that cannot be told."""
    try:
        frames, _ = db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
    except apsw.Error:
        return 0
    return _LOG_HEADER + frames * (_FRAME_HEADER + PAGE) if frames > 0 else 0


def _write_again(log: Path, begins: int) -> None:
    descriptor = os.open(log, os.O_RDWR)
    try:
        for offset in range(begins, os.fstat(descriptor).st_size, _CHUNK):
            data = os.pread(descriptor, _CHUNK, offset)
            if os.pwrite(descriptor, data, offset) != len(data):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
