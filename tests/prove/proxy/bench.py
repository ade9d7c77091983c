"""One kiosk with a real outbox and the real client, a real centre, and the proxy between them."""

import contextlib
import json
import queue
import socket
import threading
import time
import tracemalloc
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
import uvicorn

from central.centre import Centre
from central.server import KioskProtocol, Listener, bind, tls
from central.serving import joined
from central.store.schema import CASES
from config.event_names import Event
from config.settings import Paths, Settings
from kiosk.post import rounds
from kiosk.post.central import Central
from kiosk.post.envelope import Slot
from kiosk.post.office import Office
from kiosk.post.outbox import Outbox, Status
from kiosk.post.outcomes import Action, Alive, NoReply, Reply, Verdict
from kiosk.post.rounds import Hearers
from tests.prove.proxy.proxy import Proxy, Script, honest

KIOSK = 7
PATIENT_S = 10.0
GRACE_S = 1.0
MEMORY_LIMIT = 4_000_000
"""Bytes that one round may take at its worst; the largest reply that is read has 64 KiB."""
LONGEST_PAUSE_S = 3600.0
DATE_TOLERANCE_S = 5.0
_LONGER_THAN_ANY_PAUSE_S = 4000.0


class Gateway:
    """The centre's gateway on loopback."""

    def __init__(self, directory: Path) -> None:
        self.centre = Centre(directory)
        self.centre.init("ADM", ("localhost", "127.0.0.1"))
        self._rooms = joined(self.centre)
        app = self._rooms.__enter__().gateway
        listener = Listener(
            "gateway",
            app,
            bind("127.0.0.1", 0),
            KioskProtocol,
            tls(directory, for_kiosks=True),
        )
        self.port = int(listener.socket.getsockname()[1])
        self._server = uvicorn.Server(listener.configuration())
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener.socket]})
        self._thread.start()

    def revoke(self, kiosk: int) -> None:
        """Refuse all certificates that the kiosk has so far."""
        with contextlib.closing(self.centre.store()) as store:
            assert self.centre.enrolment(store).revoke(kiosk)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._rooms.__exit__(None, None, None)


@dataclass(frozen=True)
class Row:
    """One behaviour of a server, and what must come of it."""

    name: str
    script: Script | None
    """None: nobody listens."""
    verdicts: frozenset[Verdict]
    wait_s: float | None = None
    """How long the reply says to wait, as the courier must understand it."""
    deadline_s: float = PATIENT_S
    arrives: bool | None = False
    """Whether the centre has the case afterwards, although the kiosk was not told; None: either."""
    client: str = "keys"
    """Whose trust material the kiosk has."""


@dataclass(frozen=True)
class Observed:
    """What came of one row."""

    action: Action
    took_s: float
    connections: int
    requests: int
    memory: int
    pause_s: float
    erased: bool
    arrived: bool
    left: int
    cases: int
    number_is_true: bool


class Line:
    """The client as rounds know it; which one it is can be changed. Notes what came of envelopes."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.actions: list[Action] = []
        self.took_s = 0.0

    def put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        began = time.monotonic()
        reply = self.central.put_case(case_id, envelope)
        self.took_s = time.monotonic() - began
        self.actions.append(rounds.decide(reply))
        return reply

    def put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> Reply | NoReply | None:
        return self.central.put_part(case_id, sha256, sealed)

    def parts_present(self, case_id: UUID) -> Reply | NoReply | frozenset[str]:
        return self.central.parts_present(case_id)

    def heartbeat(self, status: Status) -> Reply | NoReply | Alive:
        return self.central.heartbeat(status)


class Bench:
    """Runs rows against one kiosk and one centre."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.gateway = Gateway(directory / "centre")
        self.gateway.centre.enrol(KIOSK, directory / "revoked keys", 90)
        self.gateway.revoke(KIOSK)
        self.keys = directory / "keys"
        self.gateway.centre.enrol(KIOSK, self.keys, 90)
        self.proxy = Proxy(directory / "centre", self.gateway.port, self.keys)
        settings = Settings(kiosk_number=KIOSK, paths=Paths(state=directory / "state", keys=self.keys))
        self.office = Office.open(settings)
        outbox = Outbox.open(settings.paths.outbox, 64_000_000)
        assert isinstance(outbox, Outbox)
        self.outbox = outbox
        self.archive = self.gateway.centre.archive()
        self.store = self.gateway.centre.store()
        self.honest = Central(f"https://localhost:{self.gateway.port}", self.keys, KIOSK, PATIENT_S)
        self.cases = 0

    def close(self) -> None:
        self.honest.close()
        self.proxy.close()
        self.office.close()
        self.outbox.close()
        self.store.close()
        self.gateway.close()

    def run(self, row: Row) -> Observed:
        """Send one case to the server of `row`, then what is left of it to the honest centre."""
        numbers: dict[UUID, str] = {}
        clock = _Clock()
        line = Line(self.honest)
        hearers = Hearers(numbers.__setitem__, lambda _now: None, _log, lambda: None)
        wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        courier = rounds.Rounds(self.outbox, line, wanted, hearers, clock, lambda _low, high: high)
        courier.round()  # the heartbeat of the beginning, so that the next call is the case's
        case_id = self._keep()
        line.central = self._client(row)
        memory, pause_s = _peak(courier.round)
        line.central.close()
        erased = self.outbox.find_waiting(case_id) is None
        arrived = self.archive.find(str(case_id)) is not None
        took_s, action = line.took_s, line.actions[0]
        seen = self.proxy.connections, self.proxy.requests
        self.proxy.use(honest)
        line.central = self.honest
        clock.now += _LONGER_THAN_ANY_PAUSE_S
        courier.round()
        case = self.archive.find(str(case_id))
        return Observed(
            action=action,
            took_s=took_s,
            connections=seen[0],
            requests=seen[1],
            memory=memory,
            pause_s=pause_s,
            erased=erased,
            arrived=arrived,
            left=self.outbox.status().queued + self.outbox.status().quarantined,
            cases=self._count() - self.cases,
            number_is_true=case is not None and numbers.get(case_id) == case.official_number,
        )

    def faults(self, row: Row, seen: Observed) -> list[str]:
        """What of `seen` breaks a promise."""
        promises = {
            f"judged {seen.action.verdict}": seen.action.verdict in row.verdicts,
            f"waits {seen.action.wait_s}": seen.action.wait_s == row.wait_s
            or _close(seen.action.wait_s, row.wait_s),
            f"took {seen.took_s:.1f} s": seen.took_s <= row.deadline_s + GRACE_S,
            f"took {seen.memory} bytes": seen.memory <= MEMORY_LIMIT,
            f"pauses {seen.pause_s} s": seen.pause_s <= LONGEST_PAUSE_S,
            f"{seen.requests} requests, {seen.connections} connections": max(seen.requests, seen.connections)
            <= 1,
            "called sent what the centre does not have": seen.arrived or not seen.erased,
            "erased without a receipt": not seen.erased or seen.action.verdict is Verdict.ACKNOWLEDGED,
            f"the centre has it: {seen.arrived}": row.arrives in {None, seen.arrived},
            f"{seen.left} left": seen.left == 0,
            f"{seen.cases} cases at the centre": seen.cases == 1,
            "another number than the centre's": seen.number_is_true,
        }
        return [fault for fault, kept in promises.items() if not kept]

    def check(self, row: Row) -> list[str]:
        """Run one row; return what broke."""
        self._recover()
        self.cases = self._count()
        return self.faults(row, self.run(row))

    def _count(self) -> int:
        """Cases at the centre."""
        with self.store.reading() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(CASES)).scalar_one())

    def _recover(self) -> None:
        """Let go of what a planted bug left in the outbox."""
        while (case := self.outbox.next_waiting()) is not None:
            self.outbox.receipted(case.sequence, "ADM RN 0")

    def _keep(self) -> UUID:
        case_id = uuid.uuid4()

        def document_for(slot: Slot) -> bytes:
            return json.dumps({"reference": f"{KIOSK:04d}{slot.sequence:08d}"}).encode()

        assert isinstance(self.office.keep(case_id, document_for), Slot)
        return case_id

    def _client(self, row: Row) -> Central:
        url = self.proxy.url
        if row.script is None:
            with socket.create_server(("127.0.0.1", 0)) as gone:
                url = f"https://localhost:{gone.getsockname()[1]}"
        self.proxy.use(row.script or honest)
        return Central(url, self.directory / row.client, KIOSK, row.deadline_s)


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _log(_event: Event, **_fields: object) -> None:
    return


def _peak(work: Callable[[], float]) -> tuple[int, float]:
    """The most memory that `work` took, and what it returned."""
    tracemalloc.start()
    try:
        result = work()
        return tracemalloc.get_traced_memory()[1], result
    finally:
        tracemalloc.stop()


def _close(one: float | None, other: float | None) -> bool:
    """Whether two waits are the same but for the time a call takes."""
    return one is not None and other is not None and abs(one - other) <= DATE_TOLERANCE_S
