"""From the first release to the present schema: nothing is lost, and the schema is what the code says."""

import datetime as dt
import hashlib
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from central.centre import Centre, CentreError
from central.store import cases, kiosks, parts
from central.store.engine import open_engine, sqlite_url
from central.store.schema import HISTORY, METADATA
from central.store.store import Store
from tests import postgres

# What `sqlite3 centre.db .schema` printed of a centre of the first release.
FIRST_RELEASE = """
CREATE TABLE cases (
    case_id VARCHAR(36) NOT NULL, kiosk INTEGER NOT NULL, sequence BIGINT NOT NULL,
    previous VARCHAR(64) NOT NULL, sha256 VARCHAR(64) NOT NULL, reference VARCHAR(32),
    official_number VARCHAR(32) NOT NULL, received_at VARCHAR(32) NOT NULL,
    envelope BLOB NOT NULL, receipt TEXT NOT NULL,
    PRIMARY KEY (case_id), UNIQUE (official_number)
);
CREATE INDEX ix_cases_reference ON cases (reference);
CREATE INDEX chain ON cases (kiosk, sequence);
CREATE TABLE parts (
    kiosk INTEGER NOT NULL, case_id VARCHAR(36) NOT NULL, sha256 VARCHAR(64) NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (kiosk, case_id, sha256)
);
CREATE TABLE official_numbers (year INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (year));
CREATE TABLE heartbeats (
    kiosk INTEGER NOT NULL, at VARCHAR(32) NOT NULL, queued INTEGER NOT NULL, oldest_age_s INTEGER NOT NULL,
    last_sequence BIGINT NOT NULL, PRIMARY KEY (kiosk)
);
"""
CASES = 450


def digest(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def first_release(path: Path) -> None:
    """A centre's database as the first release left it, in WAL mode, with cases."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(FIRST_RELEASE)
    rows = [
        (str(UUID(int=n)), 7, n, digest(n - 1).hex(), digest(n).hex(), f"{n:012d}", f"ADM RN 26{n:06d}",
         "2026-11-20T08:00:00+00:00", b"envelope %d" % n, f"receipt {n}")
        for n in range(1, CASES + 1)
    ]  # fmt: skip
    db.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    db.execute("INSERT INTO parts VALUES (7, ?, ?, ?)", (str(UUID(int=1)), digest(0).hex(), b"sealed"))
    db.execute("INSERT INTO official_numbers VALUES (2026, ?)", (CASES,))
    db.execute("INSERT INTO heartbeats VALUES (7, '2026-11-20T08:00:30+00:00', 3, 60, 452)")
    db.commit()
    db.close()


def test_a_database_of_the_first_release_is_brought_up_with_all_it_holds(tmp_path: Path) -> None:
    first_release(tmp_path / "centre.db")
    store = Store.open(sqlite_url(tmp_path / "centre.db"))
    with store.reading() as db:
        assert [case.sequence for case in cases.listed(db)] == list(range(1, CASES + 1))
        case = cases.find(db, UUID(int=5))
        assert case is not None
        assert (case.previous, case.sha256, case.reference) == (digest(4), digest(5), "000000000005")
        assert (case.envelope, case.receipt, case.state) == (b"envelope 5", "receipt 5", "received")
        assert case.received_at.isoformat() == "2026-11-20T08:00:00+00:00"
        assert parts.find(db, 7, UUID(int=1), digest(0)) == b"sealed"
        kiosk = kiosks.find(db, 7)
        assert kiosk is not None
        assert (kiosk.queued, kiosk.last_sequence) == (3, 452)
        assert {"old_cases", "old_parts", "heartbeats"}.isdisjoint(sa.inspect(db).get_table_names())
    store.close()
    Store.open(sqlite_url(tmp_path / "centre.db")).close()


def test_a_migration_that_breaks_off_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "centre.db"
    first_release(path)
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise RuntimeError("power cut")

        patched.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            Store.open(sqlite_url(path))
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM cases WHERE length(case_id) = 36").fetchone() == (CASES,)
    db.close()
    Store.open(sqlite_url(path)).close()


def test_the_schema_is_what_the_migrations_make(store: Store) -> None:
    with store.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_no_time_is_spent_on_compressing_ciphertext(
    postgresql: postgres.Server, postgresql_template: str
) -> None:
    storage = sa.text(
        "SELECT attrelid::regclass::text, attname FROM pg_attribute"
        " WHERE attstorage = 'e' AND attrelid::regclass::text IN ('cases', 'parts')"
    )
    engine = open_engine(postgresql.url(postgresql_template))
    with engine.connect() as db:
        found = sorted(tuple(row) for row in db.execute(storage))
    engine.dispose()
    assert found == [("cases", "envelope"), ("parts", "sealed")]


def test_a_column_that_has_no_migration_is_noticed(store: Store) -> None:
    grown = sa.MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(grown)
    grown.tables["cases"].append_column(sa.Column("new", sa.Integer))
    with store.reading() as db:
        found = compare_metadata(MigrationContext.configure(db), grown)
    assert [change[0] for change in found] == ["add_column"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history SET actor = 'nobody'",
        "DELETE FROM history",
        "INSERT OR REPLACE INTO history SELECT * FROM history",
        "TRUNCATE history",
    ],
)
def test_history_is_only_ever_added_to(store: Store, change: str) -> None:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    entry = {"at": at, "actor": "centre", "role": "centre", "action": "test", "facts": {}}
    with store.writing() as db:
        db.execute(sa.insert(HISTORY), [entry, entry])
    with pytest.raises(sa.exc.DBAPIError) as refused, store.writing() as db:
        db.execute(sa.text(change))
    elsewhere = "TRUNCATE" if store.dialect == "sqlite" else "OR"
    assert ("syntax error" if elsewhere in change else "append-only") in str(refused.value)
    with store.reading() as db:
        assert [row.actor for row in db.execute(sa.select(HISTORY))] == ["centre", "centre"]


def test_a_postgresql_is_migrated_only_when_its_owner_says_so(
    directory: Path, postgresql: postgres.Server
) -> None:
    centre = Centre(directory, postgresql.url(postgresql.create()))
    with pytest.raises(CentreError, match="report-centre migrate"):
        centre.store()
    centre.migrate()
    centre.migrate()
    centre.store().close()


def test_a_later_schema_is_left_alone(store: Store, centre: Centre) -> None:
    with store.writing() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CentreError, match="later release"):
        centre.store()


@pytest.mark.parametrize("url", ["mysql://CANARY@x/y", "CANARY", "postgresql+psycopg2://CANARY@x/y"])
def test_another_database_is_refused_without_quoting_its_password(directory: Path, url: str) -> None:
    with pytest.raises(CentreError, match=r"sqlite:///FILE") as refused:
        Centre(directory, url).store()
    assert "CANARY" not in str(refused.value)
