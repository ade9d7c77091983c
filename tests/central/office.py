"""A centre with its people at work, over a clock that tests set: shared by their test modules."""

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.types import ASGIApp

from central.centre import Centre
from central.gateway.service import Service
from central.inbox.officers import Officers
from central.keys.keyring import Keyring
from central.people import People
from central.store.inbox import Entry, Role, list_entries
from central.store.numbers import OfficialNumbers
from central.store.schema import MESSAGES
from central.store.store import Store

REFERENCE = "000752831973"
CODE = "ABCDEFGH23"
CANARIES = (
    "Chan Tai Man",
    "陳大文",
    "A1234563",
    "+85291234567",
    "tai.man@example.org",
    "red wallet with a dent",
)


def document(**changes: Any) -> dict[str, Any]:
    """A lost property report as a kiosk sends it; `None` takes a member away."""
    whole = {
        "format": "report-kiosk/case/1",
        "report_type": "LOST_PROPERTY",
        "site_code": "border",
        "ui_lang": "zh-Hant",
        "submitted_at": "2026-11-21T16:05:00+08:00",
        "reference": REFERENCE,
        "receipt_code": CODE,
        "reporter": {
            "name_en": CANARIES[0],
            "name_zh": CANARIES[1],
            "doc_no": CANARIES[2],
            "phone": CANARIES[3],
            "email": CANARIES[4],
            "contact_lang": "en",
        },
        "items": [{"category": "wallet", "description": CANARIES[5]}, {"category": "keys"}],
        "event": {"place_kind": "street"},
        "loss": {"suspected_theft": "no"},
        "consents": {},
        "attachments": [],
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: dt.datetime = dt.datetime(2026, 11, 21, 8, 5, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@dataclass
class Office:
    """The people's side of `centre`, and a gateway that takes cases for it."""

    centre: Centre
    store: Store
    keyring: Keyring
    sealing: Any
    clock: Clock = field(default_factory=Clock)
    people: People = field(init=False)
    service: Service = field(init=False)
    _sequence: int = 0

    def __post_init__(self) -> None:
        self.people = People.of(self.centre, self.store, self.keyring, self.clock)
        numbers = OfficialNumbers(self.store, "ADM")
        self.service = Service(self.store, self.keyring, numbers, self.clock, [self.people.on_received])

    def receive(self, content: dict[str, Any] | None = None, photos: tuple[bytes, ...] = ()) -> UUID:
        """A case comes in; its id."""
        self._sequence += 1
        body = json.dumps(document() if content is None else content).encode()
        message = self.sealing.seal(body, photos, sequence=self._sequence, case_id=uuid.uuid4())
        for name, part in zip(message.names, message.parts, strict=True):
            self.service.receive_part(7, message.case_id, name, part)
        self.service.receive_case(7, message.case_id, message.body)
        return UUID(str(message.case_id))

    def receive_at(self, sequence: int) -> None:
        """A case comes in that has another place in its kiosk's chain than the next."""
        self._sequence = sequence - 1
        self.receive()

    def sign_in(self, name: str, role: Role) -> "AtWork":
        """A new officer at the inbox."""
        token = Officers(self.store, self.clock).add(name, role)
        return AtWork(self.people.inbox, token)

    def history(self, case_id: UUID | None = None) -> list[Entry]:
        with self.store.reading() as db:
            return list_entries(db, case_id, 0, 1000)

    def messages(self) -> list[sa.Row[Any]]:
        with self.store.reading() as db:
            return list(db.execute(sa.select(MESSAGES).order_by(MESSAGES.c.id)))


@dataclass
class AtWork:
    """An officer with a token."""

    app: FastAPI
    token: str

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Any = None, version: str | None = None) -> httpx.Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self._call("POST", path, json=body, headers=headers)

    def version(self, case_id: UUID) -> str:
        return str(self.get(f"/v1/cases/{case_id}").json()["version"])

    def do(self, case_id: UUID, deed: str, body: Any = None) -> httpx.Response:
        """Read the case, then do `deed` on it."""
        return self.post(f"/v1/cases/{case_id}/{deed}", body, self.version(case_id))

    def _call(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return call(self.app, method, path, headers={**bearer, **(headers or {})}, **more)


def call(app: ASGIApp, method: str, path: str, **more: Any) -> httpx.Response:
    """One request to an application in memory."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://centre") as client:
            return await client.request(method, path, **more)

    return asyncio.run(ask())


@contextmanager
def broken_history(monkeypatch: Any) -> Iterator[None]:
    """Nothing can be added to the history."""

    def fail(*_: Any, **__: Any) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk"))

    with monkeypatch.context() as patched:
        patched.setattr("central.store.inbox.add_entry", fail)
        yield
