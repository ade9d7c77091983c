"""The centre at work: everything joined, and where it listens."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from central.centre import Centre, CentreError, now
from central.enrolment.api import router as renewal_router
from central.enrolment.problems import REVOKED
from central.enrolment.service import EnrolmentOffice
from central.first_steps import first_steps
from central.gateway.api import create_app
from central.gateway.identity import Caller
from central.gateway.service import Service
from central.ops.app import create_ops_app
from central.ops.health import Health
from central.ops.metrics import Metrics, Standing
from central.ops.observed import Observed
from central.packs.api import number_for
from central.packs.api import router as packs_router
from central.packs.offers import Shelf
from central.people import PUBLIC_URL, People
from central.problems import ProblemError
from central.proof.prover import Prover, Watch
from central.public.door import router as door_router
from central.sealed.envelope import MAX_PART
from central.sending.worker import Worker
from central.server import KioskProtocol, Listener, PublicProtocol, bind, serve, tls, url_of
from central.store.numbers import OfficialNumbers
from central.uploads.desk import Uploads
from central.uploads.page import MOST_BODY
from central.workers import keep_running

GATEWAY_PORT, INBOX_PORT, PUBLIC_PORT, OPS_PORT = 8443, 8444, 8445, 8446
LOOPBACK = "127.0.0.1"
_MOST_JSON = 64 << 10
_LOOK_S = 60.0
_FOR = {
    "gateway": "kiosks, with their certificates",
    "inbox": "officers, with their tokens",
    "public": "receipts, phones and enrolment",
    "ops": "health and metrics",
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to listen; operations only on loopback. A port that is None: the usual one, or a free one."""

    host: str = LOOPBACK
    gateway: int = GATEWAY_PORT
    inbox: int | None = None
    public: int | None = None
    ops: int | None = None


@dataclass(frozen=True, slots=True)
class Rooms:
    """The applications of a centre, and what works beside them."""

    gateway: FastAPI
    inbox: FastAPI
    public: FastAPI
    ops: Starlette
    metrics: Metrics
    worker: Worker
    watch: Watch
    uploads: Uploads


@dataclass(frozen=True, slots=True)
class _Lines:
    """Sockets that listen."""

    gateway: socket.socket
    inbox: socket.socket
    public: socket.socket
    ops: socket.socket


@contextlib.contextmanager
def joined(centre: Centre, *, on_duty: bool = True, public_url: str = PUBLIC_URL) -> Iterator[Rooms]:
    """Open a centre and join its rooms; `public_url` is where the public listens. Raises `CentreError`.

    Of several processes one is `on_duty`: only its metrics tell what stands in the database.
    """
    keyring, store = centre.published_keyring(), centre.store()
    with contextlib.closing(store):
        people, office = People.of(centre, store, keyring, public_url=public_url), centre.enrolment(store)
        numbers = OfficialNumbers(store, centre.division)
        service = Service(store, keyring, numbers, now, [people.on_received])
        metrics, watch = Metrics(), Watch(Prover(store, now))
        if on_duty:
            metrics.registry.register(Standing(store, watch, centre.directory, now))
        packs = Shelf.of(centre.directory)
        routers = [renewal_router(office), *people.gateway_routers(), packs_router(packs)]
        yield Rooms(
            gateway=create_app(service, _admission(office), routers, partial(number_for, packs)),
            inbox=people.inbox,
            public=people.public_app([door_router(office)]),
            ops=create_ops_app(metrics, Health(store, keyring, centre.directory, now)),
            metrics=metrics,
            worker=people.worker,
            watch=watch,
            uploads=people.uploads,
        )
        service.close()


def run(centre: Centre, addresses: Addresses, tell: Callable[[str], None], workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT. Raises `CentreError` and `CannotListenError`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    centre.checked()
    with contextlib.ExitStack() as held:
        lines = _bound(addresses, workers, held)
        if workers == 1:
            _work(centre, lines[0], tell)
            return
        _check_for_several(centre)
        keep_running([partial(_work, centre, line, tell, on_duty=line is lines[0]) for line in lines])


def _check_for_several(centre: Centre) -> None:
    """What is wrong is said at once, and not by each worker again and again. Raises `CentreError`."""
    with contextlib.closing(centre.store()) as store:
        if store.dialect != "postgresql":
            raise CentreError("several workers need PostgreSQL: SQLite has one writer")
    with joined(centre, on_duty=False):
        return


def _work(centre: Centre, lines: _Lines, tell: Callable[[str], None], *, on_duty: bool = True) -> None:
    """One process of the centre. Beside the listeners, the one on duty proves chains and sends messages."""
    with joined(centre, on_duty=on_duty, public_url=url_of(lines.public)) as rooms:
        listeners = _listeners(centre, lines, rooms)
        told = listeners if on_duty else listeners[-1:]  # the others are the same
        first = first_steps(centre, {each.name: each.url for each in listeners}) if on_duty else []
        works = (
            partial(_watching, rooms.watch),
            partial(_sending, rooms.worker),
            partial(_sweeping, rooms.uploads),
        )
        beside = works if on_duty else ()
        serve(listeners, lambda: _tell(told, first, tell), beside)


def _bound(where: Addresses, workers: int, held: contextlib.ExitStack) -> list[_Lines]:
    """The lines of each worker: they share all but that for operators, who want to ask each of them."""

    def hold(line: socket.socket) -> socket.socket:
        return held.enter_context(contextlib.closing(line))

    gateway = hold(bind(where.host, where.gateway))
    inbox = hold(_usual(where.host, where.inbox, INBOX_PORT))
    public = hold(_usual(where.host, where.public, PUBLIC_PORT))
    return [_Lines(gateway, inbox, public, hold(_for_operators(where, number))) for number in range(workers)]


def _for_operators(where: Addresses, worker: int) -> socket.socket:
    asked = where.ops + worker if where.ops else where.ops  # 0 is a free one for each
    return _usual(LOOPBACK, asked, OPS_PORT + worker)


def _listeners(centre: Centre, lines: _Lines, rooms: Rooms) -> list[Listener]:
    for_kiosks = tls(centre.directory, for_kiosks=True)
    for_people = tls(centre.directory, for_kiosks=False)
    for_phones = tls(centre.directory, for_kiosks=False, for_old_phones=True)

    def observed(app: ASGIApp, name: str, most: int) -> Observed:
        return Observed(app, name, rooms.metrics, most)

    gateway = observed(rooms.gateway, "gateway", MAX_PART + 1)
    inbox = observed(rooms.inbox, "inbox", _MOST_JSON)
    public = observed(rooms.public, "public", MOST_BODY)
    return [
        Listener("gateway", gateway, lines.gateway, KioskProtocol, for_kiosks),
        Listener("inbox", inbox, lines.inbox, tls=for_people),
        Listener("public", public, lines.public, PublicProtocol, for_phones),
        Listener("ops", rooms.ops, lines.ops),
    ]


def _usual(host: str, asked: int | None, usual: int) -> socket.socket:
    return bind(host, usual, or_any=True) if asked is None else bind(host, asked)


def _tell(listeners: Sequence[Listener], first: Sequence[str], tell: Callable[[str], None]) -> None:
    for listener in listeners:
        tell(f"{listener.name:8} {_FOR[listener.name]:42} {listener.url}")
    for line in first:
        tell(line)


def _admission(office: EnrolmentOffice) -> Callable[[Caller], None]:
    def admit(caller: Caller) -> None:
        if office.is_revoked(caller.kiosk, caller.serial):
            raise ProblemError(REVOKED)

    return admit


async def _watching(watch: Watch) -> None:
    """Prove the chains each minute."""
    while True:
        try:
            await asyncio.to_thread(watch.look)
        except Exception as error:  # noqa: BLE001 - cases are received whatever becomes of the proof
            _LOG.error("the chains could not be proven: %s", type(error).__name__)
        await asyncio.sleep(_LOOK_S)


async def _sweeping(uploads: Uploads) -> None:
    """Erase files that no case has named in their time."""
    while True:
        try:
            await asyncio.to_thread(uploads.sweep)
        except Exception as error:  # noqa: BLE001 - cases are received whatever becomes of old files
            _LOG.error("old files were not erased: %s", type(error).__name__)
        await asyncio.sleep(_LOOK_S)


async def _sending(worker: Worker) -> None:
    """Send messages to visitors."""
    stop = Event()
    try:
        while True:
            try:
                await asyncio.to_thread(worker.run, stop)
            except Exception as error:  # noqa: BLE001 - cases are received whatever becomes of the messages
                _LOG.error("messages are not sent: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_S)
    finally:
        stop.set()
