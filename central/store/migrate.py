"""From any earlier schema to the present one, forward only (Alembic)."""

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

_FIRST_RELEASE = "0001"
_TABLE_OF_FIRST_RELEASE = "heartbeats"


class SchemaError(Exception):
    """The database is not of the schema this release works with; `args[0]` says what to do."""


def migrate(engine: sa.Engine) -> None:
    """Bring a database, also an empty one, to the present schema: in one transaction, or not at all.

    Raises `SchemaError` for the database of a later release.
    """
    with engine.begin() as connection:
        config = _config(connection)
        if _revision(connection) is None and sa.inspect(connection).has_table(_TABLE_OF_FIRST_RELEASE):
            # The first release knew no versions.
            command.stamp(config, _FIRST_RELEASE)
        _refuse_later(connection)
        command.upgrade(config, "head")


def check(engine: sa.Engine) -> None:
    """Raises `SchemaError` unless the database is of the present schema."""
    with engine.connect() as connection:
        _refuse_later(connection)
        if _revision(connection) != _script(connection).get_current_head():
            raise SchemaError("the database is of an earlier release; bring it up: report-centre migrate")


def _refuse_later(connection: sa.Connection) -> None:
    known = {revision.revision for revision in _script(connection).walk_revisions()}
    if _revision(connection) not in {None, *known}:
        raise SchemaError("the database is of a later release than this one; use that release")


def _script(connection: sa.Connection) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(connection))


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "central.store:migrations")
    config.attributes["connection"] = connection
    return config
