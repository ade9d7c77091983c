"""The database of a centre: transactions over it. What is in its rooms, the modules beside this one know."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from central.store import migrate
from central.store.engine import READING, open_engine


class Store:
    """An open database of the present schema. Usable from several threads, and by several processes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @staticmethod
    def open(url: str) -> "Store":
        """Open a database for serving. Raises `migrate.SchemaError` and `engine.UnknownDatabaseError`.

        SQLite is brought to the present schema first. A PostgreSQL has an owner, who says when.
        """
        engine = open_engine(url)
        try:
            if engine.dialect.name == "sqlite":
                migrate.migrate(engine)
            migrate.check(engine)
        except BaseException:
            engine.dispose()
            raise
        return Store(engine)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, and waits for nobody."""
        connection = self._engine.connect().execution_options(**{READING: True, "postgresql_readonly": True})
        with connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction: all of it, or nothing when the block raises."""
        with self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
