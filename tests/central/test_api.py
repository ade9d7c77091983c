"""The contract: idempotent, honest, and every error a problem."""

import asyncio
import base64
import datetime as dt
import hashlib
import json
import re
import threading
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from central.archive import Archive
from central.centre import now
from central.gateway.api import create_app
from central.gateway.identity import KIOSK_STATE
from central.gateway.service import Service
from central.keys.keyring import Keyring
from central.sealed.envelope import MAX_ENVELOPE, MAX_PART
from central.store import kiosks
from central.store.cases import Case
from central.store.kiosks import Heartbeat
from central.store.numbers import OfficialNumbers
from central.store.schema import KIOSKS
from central.store.store import Store

SIDES = 50
ON_SQLITE = pytest.mark.parametrize("database", [None], ids=["sqlite"])
"""For what is refused before any database is asked."""


def problem(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["status"] == reply.status_code
    assert body["title"]
    return body["status"], body["type"]


def claims(reply: httpx.Response) -> dict[str, Any]:
    part = reply.json()["receipt"].split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def test_a_case_is_received_once(api: Any, sealing: Any, archive: Archive) -> None:
    message = sealing.seal()
    first, second = api.put(message), api.put(message)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    receipt = claims(first)
    assert receipt["case"] == str(message.case_id)
    assert receipt["envelope"] == hashlib.sha256(message.body).hexdigest()
    assert re.fullmatch(r"ADM RN \d{2}000001", receipt["official_number"])
    [case] = list(archive.cases())
    assert (case.reference, case.kiosk, case.sequence) == ("100000000001", 7, 1)
    assert archive.document(case.case_id)["text"] == "bag"
    found = archive.find("1000 0000 0001")
    assert found is not None
    assert found == archive.find(str(message.case_id))
    assert (found.case_id, found.envelope) == (message.case_id, message.body)
    assert archive.find("1000 0000 0002") is None


def test_the_same_case_with_another_body_is_refused_and_changes_nothing(
    api: Any, sealing: Any, archive: Archive
) -> None:
    message = sealing.seal()
    first = api.put(message)
    again = sealing.seal(case_id=message.case_id)
    assert problem(api.put(again)) == (422, "/problems/case-differs")
    assert api.put(message).json() == first.json()
    case = archive.find(str(message.case_id))
    assert case is not None
    assert case.envelope == message.body


def test_official_numbers_are_given_once_each_and_in_order(api: Any, sealing: Any, archive: Archive) -> None:
    for sequence in range(1, 6):
        assert api.put(sealing.seal(sequence=sequence)).status_code == 201
    numbers = [case.official_number[-6:] for case in list(archive.cases())]
    assert numbers == ["000001", "000002", "000003", "000004", "000005"]


def test_the_same_case_from_many_sides_at_once_is_one(
    sealing: Any, service: Service, archive: Archive
) -> None:
    message = sealing.seal()
    receipts: list[str] = []
    gate = threading.Barrier(SIDES)

    def put() -> None:
        gate.wait()
        receipts.append(service.receive_case(7, message.case_id, message.body).receipt)

    threads = [threading.Thread(target=put) for _ in range(SIDES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == SIDES
    assert len(set(receipts)) == 1
    assert len(list(archive.cases())) == 1


def test_photos_come_first_and_are_asked_for(api: Any, sealing: Any, archive: Archive) -> None:
    message = sealing.seal(photos=(b"one", b"two"))
    parts = f"/v1/cases/{message.case_id}/parts"
    assert api.call("GET", parts).json() == {"present": []}
    reply = api.put(message)
    assert problem(reply) == (409, "/problems/parts-missing")
    assert reply.json()["missing"] == message.names
    api.put_parts(message)
    api.put_parts(message)
    assert api.call("GET", parts).json() == {"present": sorted(message.names)}
    assert api.call("GET", parts, kiosk=8).json() == {"present": []}
    assert api.put(message).status_code == 201
    assert archive.attachments(message.case_id) == [b"one", b"two"]


@ON_SQLITE
def test_a_part_must_be_what_its_name_says(api: Any) -> None:
    path = f"/v1/cases/{uuid.uuid4()}/parts/" + hashlib.sha256(b"one").hexdigest()
    assert problem(api.call("PUT", path, b"two")) == (422, "/problems/part-differs")


def test_only_its_own_kiosk_can_put_a_case(api: Any, sealing: Any, archive: Archive) -> None:
    assert problem(api.put(sealing.seal(), kiosk=8)) == (403, "/problems/wrong-kiosk")
    assert problem(api.put(sealing.seal(), kiosk=None)) == (401, "about:blank")
    assert list(archive.cases()) == []


@ON_SQLITE
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sequence", 2),
        ("previous", "1" * 64),
        ("sealed", "AAAA"),
        ("sealed", ""),
        ("keys", [{"kid": "unknown", "wrapped": "AAAA"}]),
    ],
)
def test_a_tampered_envelope_does_not_open_and_is_not_taken(
    api: Any, sealing: Any, archive: Archive, field: str, value: object
) -> None:
    message = sealing.seal()
    body = json.dumps({**json.loads(message.body), field: value})
    reply = api.call("PUT", f"/v1/cases/{message.case_id}", body.encode())
    assert problem(reply) == (422, "/problems/does-not-open")
    assert list(archive.cases()) == []


@ON_SQLITE
@pytest.mark.parametrize("document", [b"not json", b"[" * 100_000, b"\xff", b""])
def test_what_opens_to_nonsense_is_not_taken(
    api: Any, sealing: Any, archive: Archive, document: bytes
) -> None:
    assert problem(api.put(sealing.seal(document))) == (422, "/problems/does-not-open")
    assert list(archive.cases()) == []


@ON_SQLITE
def test_a_damaged_photo_is_noticed_while_the_kiosk_still_has_it(
    api: Any, sealing: Any, archive: Archive
) -> None:
    message = sealing.seal(photos=(b"one", b"two"), damage=b"x")
    api.put_parts(message)
    assert problem(api.put(message)) == (422, "/problems/does-not-open")
    assert list(archive.cases()) == []


@ON_SQLITE
def test_a_photo_of_another_case_is_noticed(api: Any, sealing: Any) -> None:
    case_id = uuid.uuid4()
    message = sealing.seal(photos=(b"one", b"two"), case_id=case_id)
    other = sealing.seal(photos=(b"one",), kiosk=8, case_id=case_id)
    body = json.loads(message.body)
    body["parts"][0] = json.loads(other.body)["parts"][0]
    api.put_parts(message)
    path = f"/v1/cases/{case_id}/parts/{other.names[0]}"
    assert api.call("PUT", path, other.parts[0]).status_code == 204
    reply = api.call("PUT", f"/v1/cases/{case_id}", json.dumps(body).encode())
    assert problem(reply) == (422, "/problems/does-not-open")


@ON_SQLITE
@pytest.mark.parametrize(
    "change",
    [
        {"v": 1},
        {"v": 3},
        {"v": "2"},
        {"v": None},
        {"kiosk": -1},
        {"kiosk": "7"},
        {"kiosk": 10_000},
        {"case": "x"},
        {"case": str(uuid.uuid4())},
        {"sequence": 0},
        {"sequence": 1.5},
        {"previous": "0" * 63},
        {"previous": "G" * 64},
        {"parts": [{"attachment": 0, "sha256": "0" * 64}]},
        {"parts": [{"attachment": 0, "sha256": "0" * 64, "size": 16}] * 301},
        {"parts": [{"attachment": 0, "sha256": "0" * 64, "size": 15}]},
        {"parts": [{"attachment": 1, "sha256": "0" * 64, "size": 16}]},
        {"parts": [{"attachment": n, "sha256": "0" * 64, "size": 16} for n in (0, 2)]},
        {"parts": [{"attachment": n, "sha256": "0" * 64, "size": 16} for n in (0, 1, 0)]},
        {"parts": [{"attachment": n, "sha256": "0" * 64, "size": 16} for n in range(31)]},
        {"keys": []},
        {"keys": [{"kid": "a", "wrapped": "AAAA"}] * 3},
        {"keys": [{"kid": "ä", "wrapped": "AAAA"}]},
        {"keys": [{"kid": "a", "wrapped": "?"}]},
        {"extra": 1},
        {"sealed": None},
        {"sealed": "?"},
    ],
)
def test_what_is_no_envelope_is_refused_without_an_echo(
    api: Any, sealing: Any, change: dict[str, object]
) -> None:
    message = sealing.seal()
    body = json.dumps({**json.loads(message.body), "canary": "CANARY", **change})
    for each in (body, json.dumps({**json.loads(message.body), **change})):
        reply = api.call("PUT", f"/v1/cases/{message.case_id}", each.encode())
        assert problem(reply) == (422, "/problems/not-an-envelope")
        assert "CANARY" not in reply.text


@ON_SQLITE
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b"[" * 100_000, b'"x"', b"null"])
def test_any_other_bytes_are_refused(api: Any, body: bytes) -> None:
    reply = api.call("PUT", f"/v1/cases/{uuid.uuid4()}", body)
    assert problem(reply) == (422, "/problems/not-an-envelope")


@ON_SQLITE
def test_sizes_are_capped_before_reading(api: Any) -> None:
    case, part = f"/v1/cases/{uuid.uuid4()}", "0" * 64
    for path, limit in ((case, MAX_ENVELOPE), (f"{case}/parts/{part}", MAX_PART)):
        assert problem(api.call("PUT", path, content_length=str(limit + 1))) == (413, "/problems/too-large")
        assert problem(api.call("PUT", path, content_length="many")) == (413, "/problems/too-large")


@ON_SQLITE
def test_a_body_without_end_is_cut_off(api: Any) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65536
            assert taken < 2 * MAX_ENVELOPE
            yield bytes(65536)
            await asyncio.sleep(0)

    assert problem(api.call("PUT", f"/v1/cases/{uuid.uuid4()}", endless())) == (413, "/problems/too-large")


HEARTBEAT = {"queued": 3, "oldest_age_s": 60, "last_sequence": 9}


def test_heartbeats(api: Any, store: Store) -> None:
    newer = {**HEARTBEAT, "queued": 2, "quarantined": 1, "release": "1.2.0+7", "key_set_version": 1}
    for body in (HEARTBEAT, newer):
        reply = api.call("POST", "/v1/heartbeat", json.dumps(body).encode(), content_type="application/json")
        assert reply.status_code == 200
        alive = reply.json()
        assert (alive["alive"], alive["key_set_version"]) == (True, 1)
        assert abs(dt.datetime.fromisoformat(alive["time"]) - dt.datetime.now(dt.UTC)) < dt.timedelta(
            minutes=1
        )

    with store.reading() as db:
        kiosk = kiosks.find(db, 7)
    assert kiosk is not None
    assert (kiosk.queued, kiosk.quarantined, kiosk.last_sequence) == (2, 1, 9)
    assert (kiosk.release, kiosk.key_set_version) == ("1.2.0+7", 1)


@ON_SQLITE
def test_the_key_set_is_the_published_one(api: Any, keyring: Keyring) -> None:
    reply = api.call("GET", "/v1/keyset")
    assert (reply.status_code, reply.json()) == (200, {"key_set": keyring.key_set_token()})


def test_what_a_case_brings_with_it_is_stored_with_it_or_it_comes_alone(
    sealing: Any, store: Store, keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def brings(db: sa.Connection, case: Case, document: Any) -> None:
        seen.append(document["text"])
        kiosks.beat(db, 99, case.received_at, Heartbeat(0, 0, 0))
        if document["text"] == "odd CANARY":
            raise KeyError("CANARY")

    service = Service(store, keyring, OfficialNumbers(store, "ADM"), now, [brings])
    message, odd = sealing.seal(), sealing.seal(b'{"text":"odd CANARY"}', sequence=2)
    for _ in range(2):
        service.receive_case(7, message.case_id, message.body)
    with store.writing() as db:
        assert kiosks.find(db, 99) is not None
        db.execute(sa.delete(KIOSKS))
    assert service.receive_case(7, odd.case_id, odd.body).created
    assert not service.receive_case(7, odd.case_id, odd.body).created
    assert seen == ["bag", "odd CANARY"]
    with store.reading() as db:
        assert kiosks.find(db, 99) is None
    assert "CANARY" not in caplog.text
    assert str(odd.case_id) in caplog.text


SOME_CASE = "5f1c9f0e-6d0b-4c43-9b52-3f6f2b0c8a11"


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/", b"", 404),
        ("GET", "/docs", b"", 404),
        ("GET", "/v1/cases", b"", 404),
        ("DELETE", f"/v1/cases/{SOME_CASE}", b"", 405),
        ("GET", f"/v1/cases/{SOME_CASE}", b"", 405),
        ("PUT", "/v1/cases/..%2f..%2fetc", b"{}", 404),
        ("PUT", "/v1/cases/not-a-uuid", b"{}", 422),
        ("PUT", f"/v1/cases/{SOME_CASE}/parts/xyz", b"x", 422),
        ("POST", "/v1/heartbeat", b"{", 422),
        ("POST", "/v1/heartbeat", b'{"queued": -1, "oldest_age_s": 0, "last_sequence": 0}', 422),
        ("POST", "/v1/heartbeat", json.dumps({**HEARTBEAT, "canary": "CANARY"}).encode(), 422),
    ],
)
def test_every_other_error_is_a_problem_too(
    api: Any, method: str, path: str, content: bytes, status: int
) -> None:
    reply = api.call(method, path, content, content_type="application/json")
    assert problem(reply) == (status, "about:blank")
    assert "CANARY" not in reply.text


@ON_SQLITE
def test_a_bug_is_a_problem_that_tells_nothing(
    api: Any, sealing: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("CANARY")

    monkeypatch.setattr(service, "receive_case", fail)
    reply = api.put(sealing.seal())
    assert problem(reply) == (500, "about:blank")
    assert "CANARY" not in reply.text


def test_a_case_without_a_reference_is_still_a_case(api: Any, sealing: Any, archive: Archive) -> None:
    for document in (b"[]", b"{}", b'{"reference": 5}'):
        assert api.put(sealing.seal(document)).status_code == 201
    assert [case.reference for case in list(archive.cases())] == [None, None, None]


@ON_SQLITE
def test_a_kiosk_that_goes_away_in_the_middle_is_no_error_of_the_centre(service: Service) -> None:
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/v1/cases/{uuid.uuid4()}",
        "headers": [],
        "query_string": b"",
        "state": {KIOSK_STATE: 7},
    }
    incoming = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(create_app(service)(scope, receive, send))  # what it raised would be logged as an error
    assert sent[0]["status"] == 400
