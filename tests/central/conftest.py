"""A centre on disk, its API in memory, and envelopes as a kiosk would seal them."""

import asyncio
import base64
import hashlib
import json
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from fastapi import FastAPI

from central.centre import Centre
from central.gateway.api import KIOSK_STATE, create_app
from central.gateway.service import Service
from central.keys.keyring import CLASSIC, Keyring


@dataclass(frozen=True)
class Message:
    """A sealed case with its parts."""

    case_id: UUID
    body: bytes
    parts: list[bytes]

    @property
    def names(self) -> list[str]:
        return [hashlib.sha256(part).hexdigest() for part in self.parts]


class Sealing:
    """Seals as docs/reference/envelope.md says, written here a third time so that the page is proven."""

    def __init__(self, keyring: Keyring) -> None:
        key = next(key for key in json.loads(keyring.key_set())["keys"] if key["suite"] == CLASSIC)
        self._kid = key["kid"]
        self._public = X25519PublicKey.from_public_bytes(base64.b64decode(key["public"]))
        self._suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

    def seal(
        self,
        document: bytes = b'{"reference":"100000000001","text":"bag"}',
        photos: tuple[bytes, ...] = (),
        *,
        kiosk: int = 7,
        sequence: int = 1,
        case_id: UUID | None = None,
        damage: bytes = b"",
    ) -> Message:
        """`damage` is added to every sealed photo before the envelope is sealed over it."""
        case_id = case_id or uuid.uuid4()
        kid, place = self._kid.encode(), struct.pack(">I", kiosk) + case_id.bytes
        parts = [
            self._encrypt(photo, b"report-kiosk/part/1\x00" + place + struct.pack(">I", n) + kid) + damage
            for n, photo in enumerate(photos)
        ]
        listed = b"".join(hashlib.sha256(part).digest() + struct.pack(">Q", len(part)) for part in parts)
        info = b"report-kiosk/case/1\x00" + place + struct.pack(">Q", sequence) + bytes(32)
        info += hashlib.sha256(listed).digest() + kid
        padded = document + b"\x80" + bytes(-(len(document) + 1) % 4096)
        body = {
            "v": 1,
            "kid": self._kid,
            "kiosk": kiosk,
            "case": str(case_id),
            "sequence": sequence,
            "previous": "0" * 64,
            "parts": [{"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for part in parts],
            "sealed": base64.b64encode(self._encrypt(padded, info)).decode(),
        }
        return Message(case_id, json.dumps(body).encode(), parts)

    def _encrypt(self, plaintext: bytes, info: bytes) -> bytes:
        return self._suite.encrypt(plaintext, self._public, info)


class Api:
    """Calls the API as kiosk 7, or as another."""

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


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    Centre(tmp_path / "centre").init("ADM", ("localhost", "127.0.0.1"))
    return tmp_path / "centre"


@pytest.fixture
def service(directory: Path) -> Iterator[Service]:
    service = Centre(directory).service()
    yield service
    service.close()


@pytest.fixture
def api(service: Service) -> Api:
    return Api(create_app(service))


@pytest.fixture
def sealing(directory: Path) -> Sealing:
    return Sealing(Keyring.load(directory))
