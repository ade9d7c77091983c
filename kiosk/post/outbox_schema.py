"""The file of the outbox: its settings, its schema as forward-only steps, and its transactions.

`user_version` is the oldest schema whose code can use the file, so that a release can be rolled back; the
table `migrations` says which steps were applied (docs/decisions/0105-migrations-that-survive-a-rollback.md).
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import apsw

from kiosk.post.envelope import GENESIS
from kiosk.post.room import PAGE

# WAL with FULL survives a power cut; secure_delete with a truncated WAL leaves no erased bytes behind; the
# small checkpoint interval bounds the disk that a full outbox still needs in order to drain.
PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "wal_autocheckpoint = 64",
    "journal_size_limit = 1048576",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "temp_store = MEMORY",
)

_VERSIONS = slice(18, 20)  # bytes of page 1: https://sqlite.org/fileformat2.html#the_database_header
_DATABASE_SIZE = slice(28, 32)


class NewerError(Exception):
    """The file can only be used by a newer release."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, applied in one transaction and never changed after its release."""

    step: int
    sql: str
    readable_from: int
    """The oldest step whose code can use the file afterwards."""


MIGRATIONS = (
    Migration(
        1,
        """
CREATE TABLE chain (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    head     BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;
CREATE TABLE cases (
    sequence        INTEGER PRIMARY KEY,
    case_id         BLOB NOT NULL UNIQUE CHECK (length(case_id) = 16),
    previous        BLOB NOT NULL CHECK (length(previous) = 32),
    hash            BLOB NOT NULL CHECK (length(hash) = 32),
    kept_at         INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'quarantined', 'receipted')),
    refusals        INTEGER NOT NULL DEFAULT 0,
    refused_at      INTEGER,
    official_number TEXT,
    envelope        BLOB CHECK ((envelope IS NULL) = (state = 'receipted'))
) STRICT;
CREATE INDEX waiting ON cases (sequence) WHERE state <> 'receipted';
CREATE TABLE parts (
    case_sequence INTEGER NOT NULL REFERENCES cases (sequence),
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    sealed        BLOB NOT NULL,
    PRIMARY KEY (case_sequence, sha256)
) STRICT;
""",
        readable_from=1,
    ),
    # The states SENT and ERASED are times beside the old `state`, which the release before reads and writes.
    Migration(
        2,
        """
ALTER TABLE cases ADD COLUMN sent_at INTEGER;
ALTER TABLE cases ADD COLUMN erased_at INTEGER;
ALTER TABLE cases ADD COLUMN problem TEXT;
CREATE TABLE migrations (
    step       INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
) STRICT;
""",
        readable_from=1,
    ),
)
SCHEMA = MIGRATIONS[-1].step
_FIRST_RECORDED = 2
"""Step 1 alone is the file of the release that knew no table of migrations."""


def migrate(db: apsw.Connection, first_sequence: int, now: int) -> None:
    """Bring the file to the schema of this release. Killed anywhere it is between two steps.

    A file that is created here begins its chain at `first_sequence`. Raises `NewerError` and `apsw.Error`.
    """
    if user_version(db) > SCHEMA:
        raise NewerError
    for migration in MIGRATIONS:
        if applied(db) < migration.step:
            _apply(db, migration, first_sequence, now)


def _apply(db: apsw.Connection, migration: Migration, first_sequence: int, now: int) -> None:
    with transaction(db):
        if applied(db) >= migration.step:  # by another process, meanwhile
            return
        db.execute(migration.sql)
        if migration.step == 1:
            db.execute("INSERT INTO chain VALUES (1, ?, ?)", (first_sequence - 1, GENESIS))
        if migration.step == _FIRST_RECORDED:
            db.execute("INSERT INTO migrations VALUES (1, ?)", (now,))
        if migration.step >= _FIRST_RECORDED:
            db.execute("INSERT INTO migrations VALUES (?, ?)", (migration.step, now))
        readable_from = max(user_version(db), migration.readable_from)
        db.execute(f"PRAGMA user_version = {readable_from:d}")


def applied(db: apsw.Connection) -> int:
    """The last step that was applied; 0 for a new file. Beyond `SCHEMA` after a rollback."""
    if user_version(db) == 0:
        return 0
    recorded = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'"
    if _number(db, recorded) == 0:
        return 1
    return _number(db, "SELECT coalesce(max(step), 1) FROM migrations")


def user_version(db: apsw.Connection) -> int:
    """The oldest schema whose code can use the file; 0 for a new one."""
    return _number(db, "PRAGMA user_version")


def empty_page_one(pages: int) -> bytes:
    """Page 1 of an empty outbox, as if its file had `pages` pages: it says where the tables begin.

    They begin at the same pages in every outbox, because step 1 makes them in the same order in a new file.
    """
    with closing(apsw.Connection(":memory:")) as db:
        for migration in MIGRATIONS:
            db.execute(migration.sql)
        page = bytearray(db.serialize("main")[:PAGE])
    page[_VERSIONS] = b"\x02\x02"  # WAL
    page[_DATABASE_SIZE] = pages.to_bytes(4, "big")
    return bytes(page)


@contextmanager
def transaction(db: apsw.Connection) -> Iterator[None]:
    """All or nothing, and the only writer while it lasts."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back after some errors.
        if db.in_transaction:
            with suppress(apsw.Error):
                db.execute("ROLLBACK")
        raise


def _number(db: apsw.Connection, query: str) -> int:
    row = db.execute(query).fetchone()
    if row is None:
        raise apsw.SQLError(query)
    return int(row[0])
