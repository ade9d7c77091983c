"""Health and metrics: what operators see, and that nothing of a case is in it."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from central.centre import Centre, now
from central.keys import keyring_file
from central.keys.keyring import Keyring
from central.ops.health import ROOM, Health
from central.ops.metrics import Metrics
from central.ops.observed import Observed
from central.serving import Rooms, joined
from central.store import kiosks
from central.store.kiosks import Heartbeat
from central.store.schema import CERTIFICATES
from central.store.store import Store

ON_SQLITE = pytest.mark.parametrize("database", [None], ids=["sqlite"])


@pytest.fixture
def rooms(centre: Centre) -> Iterator[Rooms]:
    with joined(centre) as rooms:
        yield rooms


def call(app: Any, method: str, path: str, **more: Any) -> httpx.Response:
    async def answered() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://centre") as client:
            return await client.request(method, path, **more)

    return asyncio.run(answered())


def figures(rooms: Rooms) -> dict[str, float]:
    """Each sample with its labels, as Prometheus reads it."""
    text = call(rooms.ops, "GET", "/metrics").text
    samples = (sample for family in prometheus(text) for sample in family.samples)
    return {
        sample.name.removeprefix("report_centre_") + "".join(f"|{value}" for value in sample.labels.values()):
        sample.value for sample in samples
    }  # fmt: skip


def test_figures_of_an_empty_centre(rooms: Rooms) -> None:
    found = figures(rooms)
    assert found["database_up"] == 1
    assert found["kiosks|heard"] == found["messages_waiting"] == found["kiosk_cases_queued"] == 0
    assert found["database_size_bytes"] > 10_000
    assert found["server_certificate_expiry_timestamp_seconds"] > now().timestamp() + 86_400 * 300
    assert "chain_forks" not in found  # nobody has looked yet


def test_figures_of_kiosks_and_chains(rooms: Rooms, store: Store) -> None:
    moment = now()
    with store.writing() as db:
        kiosks.beat(db, 1, moment, Heartbeat(0, 0, 0))
        kiosks.beat(db, 2, moment, Heartbeat(3, 100, 4, quarantined=1))
        kiosks.beat(db, 3, moment - dt.timedelta(hours=1), Heartbeat(2, 60, 2))
        ends = [(1, moment + dt.timedelta(days=10)), (2, moment + dt.timedelta(days=60)), (3, moment)]
        for number, (kiosk, not_after) in enumerate(ends):
            values = {"kiosk": kiosk, "issued_at": moment, "not_after": not_after}
            db.execute(sa.insert(CERTIFICATES).values(serial=str(number), **values))
    rooms.watch.look()
    found = figures(rooms)
    assert (found["kiosks|heard"], found["kiosks|silent"]) == (3, 1)
    assert (found["kiosk_cases_queued"], found["kiosk_cases_quarantined"]) == (5, 1)
    assert 3660 <= found["kiosk_oldest_queued_age_seconds"] < 3720
    assert found["kiosk_certificates_ending"] == 2
    assert (found["chain_cases_absent|missing"], found["chain_cases_absent|awaited"]) == (4, 2)
    assert found["chains_not_whole"] == 1


@ON_SQLITE
def test_openmetrics_for_whoever_accepts_it(rooms: Rooms) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    reply = call(rooms.ops, "GET", "/metrics", headers=accept)
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    assert "report_centre_database_up" in {family.name for family in openmetrics(reply.text)}
    assert call(rooms.ops, "GET", "/metrics").headers["content-type"].startswith("text/plain")


@ON_SQLITE
def test_a_database_that_is_away_is_a_figure_and_not_ready(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(rooms.ops, "GET", "/health/ready").status_code in {200, 503}

    def away(*_: object) -> None:
        raise sa.exc.OperationalError("CANARY", {}, Exception("CANARY"))

    monkeypatch.setattr(Store, "reading", away)
    monkeypatch.setattr(Store, "writing", away)
    found = figures(rooms)
    assert found["database_up"] == 0
    assert "kiosks|heard" not in found
    reply = call(rooms.ops, "GET", "/health/ready")
    assert (reply.status_code, reply.headers["content-type"]) == (503, "application/health+json")
    assert reply.json()["checks"]["database"] == "fail"
    assert call(rooms.ops, "GET", "/health/live").status_code == 200


@ON_SQLITE
def test_a_kiosk_is_told_to_come_again_while_the_database_is_away(
    api: Any, sealing: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        raise sa.exc.OperationalError("CANARY", {}, Exception("CANARY"))

    with monkeypatch.context() as patched:
        patched.setattr(Store, "reading", away)
        patched.setattr(Store, "writing", away)
        reply = api.put(message := sealing.seal())
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert reply.headers["content-type"] == "application/problem+json"
    assert "CANARY" not in reply.text + caplog.text
    assert api.put(message).status_code == 201


@ON_SQLITE
def test_ready_means_that_it_can_store_open_and_has_room(
    store: Store, keyring: Keyring, directory: Path
) -> None:
    def health(free: int = ROOM, at: dt.datetime | None = None) -> dict[str, bool]:
        return Health(store, keyring, directory, lambda: at or now(), lambda _: free).checks()

    assert health() == {"database": True, "keys": True, "disk": True}
    assert health(free=ROOM - 1)["disk"] is False
    assert health(at=now() - dt.timedelta(days=1))["keys"] is False
    assert health(at=now() + dt.timedelta(days=9999))["keys"] is True
    material = keyring_file.read(directory)
    keyring_file.write(directory, material.model_copy(update={"sealing": ()}))
    assert health()["keys"] is False


async def _broken(scope: Any, receive: Any, _send: Any) -> None:
    scope["route"] = type("Route", (), {"path": "/v1/things/{thing}"})
    await receive()
    raise ValueError("CANARY")


def test_an_error_is_told_by_its_place_and_counted_by_its_route(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    scope = {"type": "http", "method": "CANARY", "path": "/v1/things/CANARY"}

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(_message: Any) -> None:
        return

    asyncio.run(Observed(_broken, "gateway", metrics, 10)(scope, receive, send))
    assert "ValueError at " in caplog.text
    assert "CANARY" not in caplog.text
    labels = {"listener": "gateway", "method": "other", "route": "/v1/things/{thing}", "status": "500"}
    assert metrics.registry.get_sample_value("report_centre_request_seconds_count", labels) == 1


def test_a_body_without_end_is_cut_off_for_every_application() -> None:
    taken = 0
    scope = {"type": "http", "method": "POST", "path": "/"}

    async def endless() -> Any:
        nonlocal taken
        taken += 1000
        return {"type": "http.request", "body": bytes(1000), "more_body": True}

    async def reads_all(_scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] == "http.request":
            pass

    async def send(_message: Any) -> None:
        return

    asyncio.run(Observed(reads_all, "inbox", Metrics(), 5000)(scope, endless, send))
    assert taken == 6000


@ON_SQLITE
def test_cases_are_counted_once_each(rooms: Rooms, sealing: Any) -> None:
    observed = Observed(rooms.gateway, "gateway", rooms.metrics, 1 << 24)
    message = sealing.seal()

    async def as_kiosk(scope: Any, receive: Any, send: Any) -> None:
        await observed({**scope, "state": {"kiosk": 7}}, receive, send)

    for _ in range(2):
        call(as_kiosk, "PUT", f"/v1/cases/{message.case_id}", content=message.body)
    call(as_kiosk, "PUT", "/v1/cases/CANARY", content=b"")
    found = figures(rooms)
    assert found["cases_received_total"] == 1
    assert found["request_seconds_count|gateway|PUT|/v1/cases/{case_id}|200"] == 1
    assert "CANARY" not in call(rooms.ops, "GET", "/metrics").text
