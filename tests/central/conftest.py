"""A centre on disk over each of its databases, its API in memory, and envelopes as a kiosk seals them."""

import asyncio
import base64
import hashlib
import json
import os
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from fastapi import FastAPI

from central.archive import Archive
from central.centre import Centre
from central.gateway.api import create_app
from central.gateway.identity import KIOSK_STATE
from central.gateway.service import Service
from central.keys.keyring import Keyring
from central.recipients import Recipient
from central.store import migrate
from central.store.engine import open_engine
from central.store.store import Store
from tests import postgres

ZEROS = "0" * 64
PIECE = 262_144


@dataclass(frozen=True)
class Message:
    """A sealed case with its parts."""

    case_id: UUID
    body: bytes
    parts: list[bytes]

    @property
    def names(self) -> list[str]:
        return [hashlib.sha256(part).hexdigest() for part in self.parts]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


class Sealing:
    """Seals as docs/reference/envelope.md says, written here a third time so that the page is proven."""

    def __init__(self, keyring: Keyring, recipient: Recipient = Recipient.REPORTS) -> None:
        self._recipients = [
            (key.kid, _SUITES[key.suite], _public(key.suite, base64.b64decode(key.public)))
            for key in sorted(keyring.key_set.sealed_to, key=lambda key: key.role, reverse=True)
            if key.recipient is recipient
        ]

    def seal(
        self,
        document: bytes = b'{"reference":"100000000001","text":"bag"}',
        photos: tuple[bytes, ...] = (),
        *,
        kiosk: int = 7,
        sequence: int = 1,
        previous: str = ZEROS,
        case_id: UUID | None = None,
        damage: bytes = b"",
    ) -> Message:
        """`damage` is added to every sealed part before the envelope is sealed over it."""
        case_id = case_id or uuid.uuid4()
        content = AESGCM(key := os.urandom(32))
        place = struct.pack(">I", kiosk) + case_id.bytes
        pieces = [(n, piece) for n, photo in enumerate(photos) for piece in _cut(photo)]
        parts = [
            content.encrypt(
                struct.pack(">IQ", 0, n + 1),
                piece,
                b"report-kiosk/part/2\0" + place + struct.pack(">II", n, attachment),
            )
            + damage
            for n, (attachment, piece) in enumerate(pieces)
        ]
        listed = [
            {"attachment": attachment, "sha256": hashlib.sha256(part).hexdigest(), "size": len(part)}
            for (attachment, _), part in zip(pieces, parts, strict=True)
        ]
        keys = [self._wrapped(key, recipient, place, sequence) for recipient in self._recipients]
        bound = b"report-kiosk/case/2\0" + place + struct.pack(">Q", sequence) + bytes.fromhex(previous)
        bound += hashlib.sha256(b"".join(map(_part_line, listed))).digest()
        bound += hashlib.sha256(b"".join(_recipient_line(kid) for kid, _, _ in self._recipients)).digest()
        padded = document + b"\x80" + bytes(-(len(document) + 1) % 4096)
        body = {
            "v": 2,
            "kiosk": kiosk,
            "case": str(case_id),
            "sequence": sequence,
            "previous": previous,
            "keys": keys,
            "parts": listed,
            "sealed": base64.b64encode(content.encrypt(bytes(12), padded, bound)).decode(),
        }
        return Message(case_id, json.dumps(body).encode(), parts)

    def seal_version_1(
        self, document: bytes, photos: tuple[bytes, ...] = (), *, kiosk: int = 7, sequence: int = 1
    ) -> Message:
        """As docs/reference/envelope-1.md says."""
        case_id, (name, suite, public) = uuid.uuid4(), self._recipients[0]
        kid, place = name.encode(), struct.pack(">I", kiosk) + case_id.bytes
        parts = [
            suite.encrypt(photo, public, b"report-kiosk/part/1\0" + place + struct.pack(">I", n) + kid)
            for n, photo in enumerate(photos)
        ]
        listed = b"".join(hashlib.sha256(part).digest() + struct.pack(">Q", len(part)) for part in parts)
        info = b"report-kiosk/case/1\0" + place + struct.pack(">Q", sequence) + bytes(32)
        info += hashlib.sha256(listed).digest() + kid
        padded = document + b"\x80" + bytes(-(len(document) + 1) % 4096)
        body = {
            "v": 1,
            "kid": name,
            "kiosk": kiosk,
            "case": str(case_id),
            "sequence": sequence,
            "previous": ZEROS,
            "parts": [{"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for part in parts],
            "sealed": base64.b64encode(suite.encrypt(padded, public, info)).decode(),
        }
        return Message(case_id, json.dumps(body).encode(), parts)

    def _wrapped(self, key: bytes, recipient: Any, place: bytes, sequence: int) -> dict[str, str]:
        kid, suite, public = recipient
        info = b"report-kiosk/key/2\0" + place + struct.pack(">Q", sequence) + kid.encode()
        return {"kid": kid, "wrapped": base64.b64encode(suite.encrypt(key, public, info)).decode()}


_SUITES = {
    "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}


def _public(suite: str, raw: bytes) -> Any:
    if suite.startswith("X25519"):
        return X25519PublicKey.from_public_bytes(raw)
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(raw[:1184]), X25519PublicKey.from_public_bytes(raw[1184:])
    )


def _cut(photo: bytes) -> list[bytes]:
    return [photo[start : start + PIECE] for start in range(0, max(len(photo), 1), PIECE)]


def _part_line(part: dict[str, Any]) -> bytes:
    return (
        struct.pack(">I", part["attachment"])
        + bytes.fromhex(part["sha256"])
        + struct.pack(">Q", part["size"])
    )


def _recipient_line(kid: str) -> bytes:
    return bytes([len(kid)]) + kid.encode()


class Api:
    """Calls an API in memory, the gateway's as kiosk 7 or as another."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def call(
        self, method: str, path: str, content: Any = b"", kiosk: int | None = 7, **headers: str
    ) -> httpx.Response:
        async def as_kiosk(scope: Any, receive: Any, send: Any) -> None:
            state = {} if kiosk is None else {KIOSK_STATE: kiosk}
            await self._app({**scope, "state": state}, receive, send)

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(as_kiosk, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="https://centre") as client:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, content=content, headers=named)

        return asyncio.run(call())

    def put(self, message: Message, **more: Any) -> httpx.Response:
        return self.call("PUT", f"/v1/cases/{message.case_id}", message.body, **more)

    def put_parts(self, message: Message) -> None:
        for name, part in zip(message.names, message.parts, strict=True):
            assert self.call("PUT", f"/v1/cases/{message.case_id}/parts/{name}", part).status_code == 204


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A PostgreSQL for this run, or for this worker of it."""
    with postgres.server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql: postgres.Server) -> str:
    """A database of the present schema, to be copied."""
    name = postgresql.create()
    engine = open_engine(postgresql.url(name))
    migrate.migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of a new database, once of each kind; None is the file in the centre's directory."""
    if request.param == "sqlite":
        yield None
        return
    server = request.getfixturevalue("postgresql")
    name = server.create(request.getfixturevalue("postgresql_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of a centre; its settings name no database."""
    Centre(tmp_path / "centre").init("ADM", ("localhost", "127.0.0.1"))
    return tmp_path / "centre"


@pytest.fixture
def centre(directory: Path, database: str | None) -> Centre:
    """A centre over each database."""
    return Centre(directory, database)


@pytest.fixture
def keyring(directory: Path) -> Keyring:
    return Keyring.load(directory)


@pytest.fixture
def store(centre: Centre) -> Iterator[Store]:
    """The database of the centre, open."""
    store = centre.store()
    yield store
    store.close()


@pytest.fixture
def service(centre: Centre) -> Iterator[Service]:
    service = centre.service()
    yield service
    service.close()


@pytest.fixture
def archive(store: Store, keyring: Keyring) -> Archive:
    """The cases that `service` takes, opened."""
    return Archive(store, keyring)


@pytest.fixture
def api(service: Service) -> Api:
    return Api(create_app(service))


@pytest.fixture
def sealing(keyring: Keyring) -> Sealing:
    return Sealing(keyring)
