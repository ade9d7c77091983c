"""The files around the outbox, by name. All lie in its directory; none holds anything that can be read.

| file | what it is | from when to when |
|---|---|---|
| `outbox.db` | the outbox | for ever |
| `….db-wal`, `-shm` | SQLite's write-ahead log and its index | while somebody has it open, or after a crash |
| `….db.lock` | who uses it, and that there was one (`lease`) | for ever |
| `….db.damaged` | somebody has met damage | until it is salvaged |
| `….db.doubt` | a write or sync failed (`doubt`) | until the log is written again |
| `….db.new` | what salvage has saved so far | until it is whole |
| `….db.salvaged-TIME` | the same, whole: it becomes the outbox | until it is |
| `….db.broken-TIME` | a damaged outbox, aside | until a person deletes it |
"""

from pathlib import Path

LOG = "-wal"
SIDE_FILES = (LOG, "-shm", "-journal")
"""What SQLite has beside a database, and what must go with it."""
LOCK = ".lock"
DAMAGED = ".damaged"
DOUBT = ".doubt"
NEW = ".new"
SALVAGED = ".salvaged-"
BROKEN = ".broken-"

SHARED = 0o660
"""Mode of each of them: screen and courier are two users of one group."""


def beside(outbox: Path, suffix: str) -> Path:
    """One of the files above."""
    return outbox.with_name(outbox.name + suffix)


def damage_mark(outbox: Path) -> Path:
    """The file whose presence says that the outbox is known to be damaged."""
    return beside(outbox, DAMAGED)
