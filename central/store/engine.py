"""A database by its URL: `sqlite:///FILE` or `postgresql+psycopg://`; how each is opened."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

# In both, `hide_parameters`: what is stored belongs in no log, not even when a statement fails.

READING = "reading"
"""Execution option of a connection that only reads: no lock in SQLite, no transaction in PostgreSQL."""

_WAIT_S = 30
_CONNECTIONS = 20


class UnknownDatabaseError(Exception):
    """Not the URL of a database the centre can use; `args[0]` names the two it can, and quotes nothing."""


def sqlite_url(file: Path) -> str:
    """The URL of a database in one file."""
    return sa.URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def open_engine(url: str) -> sa.Engine:
    """An engine that commits durably. Raises `UnknownDatabaseError`."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = sa.URL.create("")
    if parsed.drivername == "sqlite" and parsed.database not in {None, ":memory:"}:
        return _sqlite(url)
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(url)
    raise UnknownDatabaseError("the database must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"timeout": _WAIT_S},
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later could not wait for another writer: it locks at once.
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgresql(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"connect_timeout": _WAIT_S, "application_name": "report-centre"},
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=_WAIT_S,
        hide_parameters=True,
    )
    sa.event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # A receipt lets a kiosk erase its copy: a commit must reach the disk, whatever the server's default.
    # Anything stronger (a remote replica) stays as its administrator set it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        cursor.execute("SET lock_timeout = '30s'")
    connection.commit()
