"""A real PostgreSQL of one's own: in a temporary directory, on a unix socket, gone afterwards."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

_PROGRAMS = Path("/usr/lib/postgresql/15/bin")
_ADMINISTRATOR = "postgres"


@dataclass(frozen=True)
class Server:
    """A running server; anyone on this machine who can reach its socket may use it."""

    directory: Path
    _counter: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The URL of a database."""
        query = {"host": str(self.directory)}
        return sa.URL.create(
            "postgresql+psycopg", username=_ADMINISTRATOR, database=database, query=query
        ).render_as_string(hide_password=False)

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of `template`; gives its name."""
        name = f"d{next(self._counter)}"
        self._run(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """Start a PostgreSQL and stop it. Without `durable` it never waits for the disk."""
    # A socket's path is short, and root's server runs as another: hence not pytest's tmp_path.
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam(_ADMINISTRATOR)
            os.chown(directory, account.pw_uid, account.pw_gid)
        _call("initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C",
              f"--username={_ADMINISTRATOR}", "--pgdata", str(directory / "data"))  # fmt: skip
        settings = [f"unix_socket_directories={directory}", "listen_addresses=", "max_connections=200"]
        if not durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        control = ("pg_ctl", "--pgdata", str(directory / "data"), "--wait", "--silent")
        _call(*control, "--log", str(directory / "log"), "--options",
              " ".join(f"-c {setting}" for setting in settings), "start")  # fmt: skip
        try:
            yield Server(directory)
        finally:
            _call(*control, "--mode=immediate", "stop")
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(directory)


def _call(program: str, *arguments: str) -> None:
    command = [str(_PROGRAMS / program), *arguments]
    if os.geteuid() == 0:
        user = ["--reuid", _ADMINISTRATOR, "--regid", _ADMINISTRATOR, "--clear-groups"]
        command = ["setpriv", *user, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
