"""A visitor's phone and the kiosk that waits for it, over a centre in memory."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from central.gateway.api import create_app
from central.uploads.desk import Uploads
from tests.central.conftest import Api
from tests.central.office import Office, call

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
GIF = b"GIF89a" + bytes(50)
WEBP = b"RIFF\x40\x00\x00\x00WEBPVP8 " + bytes(50)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(50)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(50)
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + bytes(50)
MOBILE = b"\x00\x00\x00\x14ftyp3gp5\x00\x00\x02\x003gp5" + bytes(50)
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00isomM4A " + bytes(50)
MP3_TAGGED = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(50)
MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 3
WAV = b"RIFF\x40\x00\x00\x00WAVEfmt " + bytes(50)
OGG = b"OggS\x00\x02" + bytes(50)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(100)
TEXT = "[22/11/2026, 09:14:02] Mei: 你好 👋 ok?\n".encode() * 20
WIDE = "你好，這是對話記錄\r\n".encode("utf-16")

TAKEN = {
    "image/jpeg": JPEG,
    "image/png": PNG,
    "image/gif": GIF,
    "image/webp": WEBP,
    "image/heic": HEIC,
    "video/mp4": MP4,
    "video/quicktime": MOV,
    "video/3gpp": MOBILE,
    "audio/mp4": M4A,
    "audio/mpeg": MP3,
    "audio/wav": WAV,
    "audio/ogg": OGG,
    "application/pdf": PDF,
    "text/plain": TEXT,
}


@dataclass
class Way:
    """One upload, from both ends."""

    office: Office
    upload_id: UUID = field(default_factory=uuid.uuid4)
    kiosk: int = 7
    token: str = ""

    def __post_init__(self) -> None:
        people = self.office.people
        self.gateway = Api(create_app(self.office.service, routers=people.gateway_routers()))
        self.public = people.public_app()

    @property
    def uploads(self) -> Uploads:
        return self.office.people.uploads

    def open(self, **changes: Any) -> httpx.Response:
        body = {"id": str(self.upload_id), "limit": 30, "recipient": "reports", **changes}
        given = self.ask("POST", "/v1/uploads", body)
        if given.status_code in {200, 201}:
            self.token = given.json()["address"].rpartition("/")[2]
        return given

    def status(self, **query: Any) -> httpx.Response:
        more = "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask("GET", f"/v1/uploads/{self.upload_id}?{more}")

    def files(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.status().json()["files"]
        return listed

    def drop(self, file_id: str) -> httpx.Response:
        return self.ask("DELETE", f"/v1/uploads/{self.upload_id}/files/{file_id}")

    def close(self, *, keep: bool) -> httpx.Response:
        return self.ask("POST", f"/v1/uploads/{self.upload_id}/close", {"keep": keep})

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return self.gateway.call(method, path, content, self.kiosk)

    def page(self, token: str | None = None, **more: Any) -> httpx.Response:
        return call(self.public, "GET", f"/U/{self.token if token is None else token}", **more)

    def send(self, data: Any, token: str | None = None, **more: Any) -> httpx.Response:
        """One file, as the script sends it."""
        return call(
            self.public, "POST", f"/U/{self.token if token is None else token}/files", content=data, **more
        )

    def send_form(self, *files: bytes, name: str = "IMG_1.JPG", **more: Any) -> httpx.Response:
        """Files, as a form without script sends them."""
        parts = [("files", (name, data, "image/jpeg")) for data in files]
        return call(self.public, "POST", f"/U/{self.token}", files=parts, **more)

    def named(self, **changes: Any) -> dict[str, Any]:
        """What a case says of this upload."""
        return {"upload_id": str(self.upload_id), "files": self.files(), **changes}
