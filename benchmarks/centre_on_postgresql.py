"""P9: the centre on PostgreSQL, beside pgbench inserting the same bytes, in databases of several sizes."""

import contextlib
import itertools
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.drain import Report, fill, settings_of
from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace
from central.centre import Centre
from central.gateway.service import Service
from tests import postgres

CLIENTS = 4
_STRETCHES = 6
_STRETCH_S = 3.0
_KIOSK = 1
_SPARE = 15_000
"""Reports at hand for each size; a stretch takes what it can."""

_RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")

# As many rows as a force has after years. Their envelopes are short: they weigh on the indexes, not the disk.
_PREFILL = """
INSERT INTO cases (case_id, kiosk, sequence, previous, sha256, reference, report_type, language,
                   official_number, received_at, updated_at, state, envelope, receipt)
SELECT gen_random_uuid(), 1000 + n % 3000, n / 3000 + 1,
       sha256(n::text::bytea), sha256((n + 3000)::text::bytea),
       lpad(n::text, 12, '0'), 'LOST_PROPERTY', 'zh-Hant', 'OLD RN ' || n,
       now() - n * interval '1 second', now() - n * interval '1 second', 'accepted', '\\x00', ''
FROM generate_series(1, :rows) AS n
"""
_BARE = (
    "CREATE TABLE bare (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bytes bytea NOT NULL)",
    "INSERT INTO bare (bytes) SELECT '\\x00' FROM generate_series(1, :rows)",
)


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Cases a second with several clients, ours and bare in turns, for each size of the database."""
    for rows in workplace.rows:
        folder = workplace.folder / f"centre-{rows}"
        with postgres.server(durable=True) as server:
            place = _Place(folder, server, server.create())
            ours, bare = place.measured(rows)
        peer = Peer(f"pgbench, bare inserts of the same {place.report_bytes} bytes, {CLIENTS} clients", bare)
        what = f"centre on PostgreSQL holding {rows:,} cases: cases taken"
        yield Figure(what, "a second", ours, peer, Limit(Of.RATIO, 0.5, least=True))


_BARE_INSERT = "INSERT INTO bare (bytes) VALUES (decode(repeat('a7', :size), 'hex'));\n"
PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"


class _Place:
    """A centre on a PostgreSQL, a table beside it, and reports to bring to both."""

    def __init__(self, folder: Path, server: postgres.Server, database: str) -> None:
        self._server = server
        self._database = database
        url = server.url(database)
        self._engine = sa.create_engine(url)
        self._centre = Centre(folder / "centre", url)
        self._centre.init("ADM", ("localhost",))
        self._centre.migrate()
        self._folder = folder
        self.report_bytes = 0

    def measured(self, rows: int) -> tuple[Samples, Samples]:
        """Rates of ours and of the bare inserts."""
        self._prefill(rows)
        self._centre.enrol(_KIOSK, self._folder / f"keys{_KIOSK}", 90)
        reports = fill(settings_of(self._folder, "https://localhost:1", _KIOSK), _SPARE)
        self.report_bytes = len(reports[0].body)
        waiting = iter(reports)
        with contextlib.closing(self._centre.service()) as service:
            _taken(service, waiting, 1.0)  # warm
            rates = [(_taken(service, waiting, _STRETCH_S), self._inserted()) for _ in range(_STRETCHES)]
        self._engine.dispose()
        ours, bare = zip(*rates, strict=True)
        return Samples.of(ours, "centre"), Samples.of(bare, "pgbench")

    def _prefill(self, rows: int) -> None:
        with self._engine.begin() as db:
            db.execute(sa.text(_PREFILL), {"rows": rows})
            db.execute(sa.text(_BARE[0]))
            db.execute(sa.text(_BARE[1]), {"rows": rows})
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("VACUUM ANALYZE"))
            db.execute(sa.text("CHECKPOINT"))

    def _inserted(self) -> float:
        """Bare inserts a second."""
        script = self._folder / "insert.sql"
        script.write_text(_BARE_INSERT)
        client = (PGBENCH, "--host", str(self._server.directory), "--username", "postgres", "--no-vacuum")
        load = ("--client", str(CLIENTS), "--jobs", "2", "--time", f"{_STRETCH_S:.0f}")
        task = ("--file", str(script), "--define", f"size={self.report_bytes}", self._database)
        said = subprocess.run([*client, *load, *task], check=True, capture_output=True, text=True).stdout
        found = _RATE.search(said)
        if found is None:
            raise NothingMeasuredError("pgbench did not say its rate")
        return float(found[1])


@dataclass(slots=True)
class _Failures:
    first: BaseException | None = None


def _taken(service: Service, waiting: Iterator[Report], seconds: float) -> float:
    """Cases a second that the centre opens, stores and signs receipts for, asked by several threads."""
    lock, failures, counts = threading.Lock(), _Failures(), itertools.count()
    end = time.monotonic() + seconds

    def client() -> None:
        try:
            while time.monotonic() < end:
                with lock:
                    report = next(waiting)
                service.receive_case(_KIOSK, report.case_id, report.body)
                next(counts)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.first = error

    began = time.monotonic()
    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    if failures.first is not None:
        raise NothingMeasuredError(f"the centre did not take a case: {failures.first!r}")
    return next(counts) / (time.monotonic() - began)
