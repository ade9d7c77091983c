"""P9: the centre on PostgreSQL, beside pgbench inserting the same bytes, in databases of several sizes."""

import contextlib
import multiprocessing
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import sqlalchemy as sa

from benchmarks.drain import Report, fill, settings_of
from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace
from central.centre import Centre, now
from central.proof.prover import Prover
from tests import postgres

CLIENTS = 4
_PROCESSES = min(CLIENTS, os.cpu_count() or 1)
"""As a centre with `serve --workers` would run: one for each core."""

_STRETCHES = 8
_STRETCH = 3_000
"""Cases of one sample, ours and bare."""

_KIOSK = 1
_KIOSKS = 3_000
_INSERT = "INSERT INTO bare (bytes) VALUES ('\\x{}');\n"
_SCRIPTS = 100
"""pgbench takes at most 128."""

_RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")

# As many rows as a force has after years, in chains that are whole. Their envelopes are short: they weigh on
# the indexes, not the disk.
_PREFILL = """
INSERT INTO cases (case_id, kiosk, sequence, previous, sha256, reference, report_type, language,
                   official_number, received_at, updated_at, state, envelope, receipt)
SELECT gen_random_uuid(), 1000 + (n - 1) % :kiosks, (n - 1) / :kiosks + 1,
       CASE WHEN n <= :kiosks THEN decode(repeat('00', 32), 'hex')
            ELSE sha256((n - :kiosks)::text::bytea) END,
       sha256(n::text::bytea), lpad(n::text, 12, '0'), 'LOST_PROPERTY', 'zh-Hant', 'OLD RN ' || n,
       now() - (:rows - n) * interval '1 second', now() - (:rows - n) * interval '1 second', 'accepted',
       '\\x00', ''
FROM generate_series(1, :rows) AS n
"""
_BARE = (
    "CREATE TABLE bare (id uuid NOT NULL DEFAULT gen_random_uuid(), bytes bytea NOT NULL);"
    # As the centre has it: no attempt to compress ciphertext.
    "ALTER TABLE bare ALTER COLUMN bytes SET STORAGE EXTERNAL"
)
_BARE_PREFILL = "INSERT INTO bare (bytes) SELECT '\\x00' FROM generate_series(1, :rows)"
_BARE_KEY = "ALTER TABLE bare ADD PRIMARY KEY (id)"

# What is kept up for each row is made again at the end: thousands of times as quick. Foreign keys last.
_CONSTRAINTS = """
SELECT conrelid::regclass::text AS place, conname AS name, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND 'cases'::regclass IN (conrelid, confrelid)
ORDER BY contype = 'f'
"""
_INDEXES = """
SELECT indexname AS name, indexdef AS definition FROM pg_indexes
WHERE tablename = 'cases' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Cases a second with several clients, ours and bare in turns, and the gap proof, for each size."""
    folder = workplace.folder / "centre-on-postgresql"
    with postgres.server(durable=True) as server:
        reports = _reports(folder, server.url(server.create()))
        for rows in workplace.rows:
            place = _Place(folder, server, server.create(), reports)
            place.prefill(rows)
            yield place.taken(rows)
            yield from place.proven(rows)
            place.drop()


def _reports(folder: Path, url: str) -> list[Report]:
    """Reports sealed for a new centre in `folder`, enough for the warming and every stretch."""
    centre = Centre(folder / "centre", url)
    centre.init("ADM", ("localhost",))
    centre.migrate()
    centre.enrol(_KIOSK, folder / f"keys{_KIOSK}", 90)
    return fill(settings_of(folder, "https://localhost:1", _KIOSK), (_STRETCHES + 1) * _STRETCH)


class _Place:
    """The centre over a database of its own, a table beside it, and reports to bring to both."""

    def __init__(
        self, folder: Path, server: postgres.Server, database: str, reports: Sequence[Report]
    ) -> None:
        self._folder = folder
        self._server = server
        self._database = database
        self._engine = sa.create_engine(server.url(database))
        self._centre = Centre(folder / "centre", server.url(database))
        self._centre.migrate()
        self._reports = reports

    def prefill(self, rows: int) -> None:
        """As many cases and bare rows as asked for."""
        with self._engine.begin() as db:
            db.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
            with _without_indexes(db):
                db.execute(sa.text(_PREFILL), {"rows": rows, "kiosks": _KIOSKS})
            db.execute(sa.text(_BARE))
            db.execute(sa.text(_BARE_PREFILL), {"rows": rows})
            db.execute(sa.text(_BARE_KEY))
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("VACUUM ANALYZE"))
            db.execute(sa.text("CHECKPOINT"))

    def taken(self, rows: int) -> Figure:
        """Rates of ours and of the bare inserts."""
        with _Workers(self._centre, self._reports) as workers:
            workers.rate()  # warm
            rates = [(workers.rate(), self._inserted()) for _ in range(_STRETCHES)]
        ours, bare = (Samples.of(each, "centre and pgbench") for each in zip(*rates, strict=True))
        size = len(self._reports[0].body)
        peer = Peer(f"pgbench, bare inserts of the same {size} bytes, {CLIENTS} clients", bare)
        what = f"centre on PostgreSQL holding {rows:,} cases: cases taken"
        return Figure(what, "a second", ours, peer, Limit(Of.RATIO, 0.5, least=True))

    def proven(self, rows: int) -> Iterator[Figure]:
        """Seconds to prove all chains for the first time, and at each look afterwards."""
        with contextlib.closing(self._centre.store()) as store:
            prover = Prover(store, now)
            first, *later = [_seconds_to_prove(prover) for _ in range(4)]
        what = f"gap proof of {_KIOSKS:,} chains, {rows:,} cases"
        yield Figure(f"{what}: the first", "s", Samples((first,)))
        yield Figure(f"{what}: each later", "s", Samples.of(later, "proof"))

    def drop(self) -> None:
        """Give the disk back."""
        self._engine.dispose()
        self._server.drop(self._database)

    def _inserted(self) -> float:
        """Bare inserts a second."""
        client = (PGBENCH, "--host", str(self._server.directory), "--username", "postgres", "--no-vacuum")
        load = ("--client", str(CLIENTS), "--jobs", "2", "--transactions", str(_STRETCH // CLIENTS))
        scripts = [f"--file={script}" for script in self._scripts()]
        command = [*client, *load, *scripts, self._database]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = _RATE.search(said)
        if found is None:
            raise NothingMeasuredError("pgbench did not say its rate")
        return float(found[1])

    def _scripts(self) -> Iterator[Path]:
        # Real envelopes: bytes that repeat would shrink in the database.
        for number, report in enumerate(self._reports[:_SCRIPTS]):
            script = self._folder / f"insert{number}.sql"
            if not script.exists():
                script.write_text(_INSERT.format(report.body.hex()))
            yield script


PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"


@contextlib.contextmanager
def _without_indexes(db: sa.Connection) -> Iterator[None]:
    constraints, indexes = db.execute(sa.text(_CONSTRAINTS)).all(), db.execute(sa.text(_INDEXES)).all()
    for each in reversed(constraints):
        db.exec_driver_sql(f"ALTER TABLE {each.place} DROP CONSTRAINT {each.name}")
    for each in indexes:
        db.exec_driver_sql(f"DROP INDEX {each.name}")
    yield
    for each in constraints:
        db.exec_driver_sql(f"ALTER TABLE {each.place} ADD CONSTRAINT {each.name} {each.definition}")
    for each in indexes:
        db.exec_driver_sql(each.definition)


def _seconds_to_prove(prover: Prover) -> float:
    began = time.monotonic()
    if any(not verdict.whole for verdict in prover.prove_all()):
        raise NothingMeasuredError("a chain is not whole")
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection


class _Workers:
    """The receiving part of the centre in several processes, and the reports that they will be given."""

    def __init__(self, centre: Centre, reports: Sequence[Report]) -> None:
        context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        for number in range(_PROCESSES):
            here, there = context.Pipe()
            given = (there, centre, reports[number::_PROCESSES])
            process = context.Process(target=_work, args=given, daemon=True)
            process.start()
            there.close()
            self._workers.append(_Worker(process, here))

    def __enter__(self) -> "_Workers":
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join()

    def rate(self) -> float:
        """Cases a second of one stretch: each opened, stored for good and its receipt signed."""
        began = time.monotonic()
        for worker in self._workers:
            worker.pipe.send(_STRETCH // _PROCESSES)
        self._wait()
        return _STRETCH / (time.monotonic() - began)

    def _wait(self) -> None:
        for worker in self._workers:
            try:
                worker.pipe.recv()
            except EOFError:
                raise NothingMeasuredError("the centre did not take a case") from None


def _work(pipe: Connection, centre: Centre, reports: Sequence[Report]) -> None:
    """One process of the centre: at each number take so many cases, then say so."""
    waiting = iter(reports)
    clients = ThreadPoolExecutor(CLIENTS // _PROCESSES)
    with contextlib.closing(centre.service()) as service, clients:

        def take(report: Report) -> bool:
            return service.receive_case(_KIOSK, report.case_id, report.body).created

        pipe.send(0)
        with contextlib.suppress(EOFError):
            while True:
                stretch = [next(waiting) for _ in range(pipe.recv())]
                if not all(clients.map(take, stretch)):
                    raise NothingMeasuredError("a case was here already")
                pipe.send(len(stretch))
