"""P6: what stands between "submit" and "received": check, seal and commit a report without photo."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import apsw

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Peer, Samples
from benchmarks.workplace import Workplace
from config.settings import Settings
from flows.case import Case
from flows.loading.pack_loader import load_packs
from flows.ports import Kept
from kiosk.post.envelope import Sealed, Slot
from kiosk.post.outbox import Outbox, OutboxProblem
from kiosk.screens.keeper import Keeper
from kiosk.screens.visit_parts import CaseChecker

REPETITIONS = 200
_QUOTA = 1_000_000_000
_ADDED_ON_KEEPING = ("reference", "receipt_code")


def measure(workplace: Workplace) -> Iterator[Figure]:
    """The whole accept and its commit alone, both beside a bare commit of the same bytes."""
    settings = _settings(workplace)
    keeper = Keeper.open(settings, CaseChecker(load_packs(settings.site.services)).is_faulty)
    answers = {key: value for key, value in workplace.document.items() if key not in _ADDED_ON_KEEPING}

    def accept() -> None:
        case_id = uuid4()
        kept = keeper.keep(Case(case_id, {**answers, "case_id": str(case_id)}))
        if not isinstance(kept, Kept):
            raise NothingMeasuredError(f"the report was not kept: {kept}")

    accept()
    envelope = _first_envelope(settings.paths.outbox)
    outbox = _opened(workplace.folder / "commits" / "outbox.db")
    bare = _bare_database(workplace.folder / "bare.db")

    def commit() -> None:
        if not isinstance(outbox.keep(uuid4(), lambda _slot: Sealed(envelope)), Slot):
            raise NothingMeasuredError("the envelope was not committed")

    def commit_bare() -> None:
        with bare:
            bare.execute("INSERT INTO envelopes (bytes) VALUES (?)", (envelope,))

    tasks = (accept, commit, commit_bare)
    taken = [[_ms(task) for task in tasks] for _ in range(REPETITIONS)]
    accepts, commits, bares = (Samples.of(column, "commits") for column in zip(*taken, strict=True))
    peer = Peer(f"bare SQLite commit of the same {len(envelope)} bytes", bares)
    yield Figure("durable accept: check, seal, commit", "ms", accepts, peer, Limit(Of.P95, 5.0))
    yield Figure("commit alone", "ms", commits, peer, Limit(Of.RATIO, 1.5))


def _ms(task: Callable[[], None]) -> float:
    began = time.perf_counter()
    task()
    return (time.perf_counter() - began) * 1000


def _settings(workplace: Workplace) -> Settings:
    """The keys of a kiosk that was enrolled, and an outbox that no courier empties meanwhile."""
    enrolled = workplace.kiosk.settings
    paths = enrolled.paths.model_copy(update={"state": workplace.folder / "accepts"})
    return enrolled.model_copy(update={"paths": paths})


def _opened(path: Path) -> Outbox:
    outbox = Outbox.open(path, _QUOTA)
    if isinstance(outbox, OutboxProblem):
        raise NothingMeasuredError(f"{path}: {outbox.fault}")
    return outbox


def _first_envelope(path: Path) -> bytes:
    outbox = _opened(path)
    try:
        return outbox.envelope(1)
    finally:
        outbox.close()


def _bare_database(path: Path) -> apsw.Connection:
    database = apsw.Connection(str(path))
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE envelopes (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
    return database
