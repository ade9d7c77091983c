"""A centre made for these tests from docs/reference alone: roots, key sets, authority, opening."""

import base64
import datetime as dt
import hashlib
import json
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.x509.oid import NameOID

from config.event_names import Event
from kiosk.post.enrolment_code import Code

HYBRID = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM"
SUITES = {
    HYBRID: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    CLASSIC: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
NOW = float(int(time.time()))
DAY = 86_400.0
SECRET = "4T0RZQ9XKM2P"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _kid(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def _time(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Unopened(Exception):  # noqa: N818 - what a test expects
    """The envelope does not open."""


@dataclass
class Pair:
    """A sealing key of the centre, with its private half."""

    suite: str
    role: str = "primary"
    not_before: float = NOW - DAY
    not_after: float = NOW + 365 * DAY
    private: Any = field(init=False)
    public: bytes = field(init=False)

    def __post_init__(self) -> None:
        scalar = X25519PrivateKey.generate()
        if self.suite == CLASSIC:
            self.private, self.public = scalar, scalar.public_key().public_bytes_raw()
            return
        lattice = MLKEM768PrivateKey.generate()
        self.private = MLKEM768X25519PrivateKey(lattice, scalar)
        self.public = lattice.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()

    @property
    def kid(self) -> str:
        return _kid(self.public)

    def published(self) -> dict[str, Any]:
        return {
            "kid": self.kid,
            "suite": self.suite,
            "public": _text(self.public),
            "role": self.role,
            "not_before": _time(self.not_before),
            "not_after": _time(self.not_after),
        }


@dataclass
class PaperCentre:
    """A centre that exists only as keys."""

    root: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    receipt: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    pairs: list[Pair] = field(default_factory=lambda: [Pair(HYBRID), Pair(CLASSIC, "escrow")])
    ca_life: tuple[float, float] = (NOW - DAY, NOW + 3650 * DAY)
    ca_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        self.ca = self._certificate("Paper CA", self.ca_key.public_key(), *self.ca_life, authority=True)

    # --- key sets ---

    def roots(self) -> dict[str, Any]:
        public = self.root.public_key().public_bytes_raw()
        return {"roots": [{"kid": _kid(public), "public": _text(public)}]}

    def payload(self, version: int = 1, pairs: Sequence[Pair] | None = None) -> dict[str, Any]:
        public = self.receipt.public_key().public_bytes_raw()
        return {
            "version": version,
            "issued_at": _time(NOW),
            "sealing": [pair.published() for pair in (self.pairs if pairs is None else pairs)],
            "receipt_keys": [{"kid": _kid(public), "public": _text(public)}],
        }

    def sign(self, payload: object, **header: Any) -> str:
        public = self.root.public_key().public_bytes_raw()
        named = {"alg": "EdDSA", "typ": "report-keyset", "kid": _kid(public), **header}
        signed = f"{_url(json.dumps(named).encode())}.{_url(json.dumps(payload).encode())}"
        return f"{signed}.{_url(self.root.sign(signed.encode()))}"

    def key_set(self, version: int = 1, pairs: Sequence[Pair] | None = None) -> str:
        return self.sign(self.payload(version, pairs))

    # --- certificates ---

    def _certificate(
        self,
        name: str,
        key: Any,
        not_before: float,
        not_after: float,
        *,
        authority: bool = False,
        host: str = "",
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Paper CA")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(dt.datetime.fromtimestamp(not_before, dt.UTC))
            .not_valid_after(dt.datetime.fromtimestamp(not_after, dt.UTC))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.ca_key, hashes.SHA256())

    @property
    def ca_pem(self) -> str:
        return self.ca.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def fingerprint(self) -> bytes:
        return self.ca.fingerprint(hashes.SHA256())

    def certify(
        self, csr: str, kiosk: int = 7, not_before: float = NOW - 3600, not_after: float = NOW + 90 * DAY
    ) -> str:
        request = x509.load_pem_x509_csr(csr.encode())
        certificate = self._certificate(f"kiosk-{kiosk:04d}", request.public_key(), not_before, not_after)
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, name: str) -> bytes:
        """Certificate and key of a server called `name`, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self._certificate(name, key.public_key(), NOW - DAY, NOW + DAY, host=name)
        return certificate.public_bytes(serialization.Encoding.PEM) + pem

    def enrol(self, keys: Path, kiosk: int = 7) -> None:
        """Write the files that an enrolment leaves."""
        keys.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self._certificate(
            f"kiosk-{kiosk:04d}", key.public_key(), NOW - 3600, NOW + 90 * DAY
        ).public_bytes(serialization.Encoding.PEM)
        (keys / "roots.json").write_text(json.dumps(self.roots()))
        (keys / "keyset.jws").write_text(self.key_set())
        (keys / "centre-ca.pem").write_text(self.ca_pem)
        (keys / "reference.key").write_bytes(bytes(range(32)))
        (keys / "enrolment.json").write_text(json.dumps({"kiosk": kiosk, "first_sequence": 1}))
        (keys / "identity.pem").write_bytes(certificate + pem)

    # --- opening ---

    def open(self, envelope: bytes, parts: Sequence[bytes] = (), by: int = 0) -> tuple[bytes, list[bytes]]:
        """The document and the attachments, opened by recipient number `by`. Raises `Unopened`."""
        try:
            return self._open(json.loads(envelope), parts, by)
        except Exception as error:
            raise Unopened from error

    def _open(self, body: Any, parts: Sequence[bytes], by: int) -> tuple[bytes, list[bytes]]:
        assert body["v"] == 2
        place = struct.pack(">I", body["kiosk"]) + UUID(body["case"]).bytes
        sequence = struct.pack(">Q", body["sequence"])
        wrapped = body["keys"][by]
        pair = next(pair for pair in self.pairs if pair.kid == wrapped["kid"])
        info = b"report-kiosk/key/2\0" + place + sequence + pair.kid.encode()
        message = base64.b64decode(wrapped["wrapped"])
        cipher = AESGCM(SUITES[pair.suite].decrypt(message, pair.private, info))
        listed = b"".join(
            struct.pack(">I", part["attachment"])
            + bytes.fromhex(part["sha256"])
            + struct.pack(">Q", part["size"])
            for part in body["parts"]
        )
        named = b"".join(bytes([len(key["kid"])]) + key["kid"].encode() for key in body["keys"])
        context = b"report-kiosk/case/2\0" + place + sequence + bytes.fromhex(body["previous"])
        context += hashlib.sha256(listed).digest() + hashlib.sha256(named).digest()
        padded = cipher.decrypt(bytes(12), base64.b64decode(body["sealed"]), context)
        document, _, zeros = padded.rpartition(b"\x80")
        assert not zeros.strip(b"\0")
        return document, self._attachments(cipher, body, place, parts)

    def _attachments(self, cipher: AESGCM, body: Any, place: bytes, parts: Sequence[bytes]) -> list[bytes]:
        opened: dict[int, bytes] = {}
        for number, (named, sealed) in enumerate(zip(body["parts"], parts, strict=bool(parts))):
            assert hashlib.sha256(sealed).hexdigest() == named["sha256"]
            context = b"report-kiosk/part/2\0" + place + struct.pack(">II", number, named["attachment"])
            piece = cipher.decrypt((number + 1).to_bytes(12, "big"), sealed, context)
            opened[named["attachment"]] = opened.get(named["attachment"], b"") + piece
        return [opened[n] for n in sorted(opened)]


@pytest.fixture(scope="session")
def paper_centre() -> PaperCentre:
    """One centre for all tests that do not change it."""
    return PaperCentre()


@pytest.fixture
def new_centre() -> type[PaperCentre]:
    """Makes centres."""
    return PaperCentre


@pytest.fixture
def new_pair() -> type[Pair]:
    """Makes sealing keys."""
    return Pair


@pytest.fixture
def unopened() -> type[Exception]:
    """What is raised when an envelope does not open."""
    return Unopened


@pytest.fixture
def now() -> float:
    """When all keys and certificates of a new centre are valid."""
    return NOW


@pytest.fixture
def suites() -> dict[str, Suite]:
    """HPKE suites by their names in a key set."""
    return SUITES


@pytest.fixture
def classic() -> str:
    """The suite of answers."""
    return CLASSIC


# --- a door on loopback ---


@dataclass
class Door:
    """The door of a paper centre on loopback, over TLS; a test changes what it says."""

    centre: PaperCentre
    port: int = 0
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Method and path, with the JSON that was sent."""
    says: dict[str, Callable[[dict[str, Any]], tuple[int, str, bytes]]] = field(default_factory=dict)
    """What is said to a method and path, if not what a centre says."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def code(self, kiosk: int = 7, secret: str = SECRET) -> Code:
        return Code(kiosk, secret, self.centre.fingerprint[:10])

    def given(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What a centre gives for a right code."""
        return {
            "certificate": self.centre.certify(sent["csr"], sent["kiosk"]),
            "roots": self.centre.roots()["roots"],
            "key_set": self.centre.key_set(),
            "first_sequence": 1,
        }

    def answer(self, asked: str, sent: dict[str, Any]) -> tuple[int, str, bytes]:
        self.asked.append((asked, sent))
        if asked in self.says:
            return self.says[asked](sent)
        if asked == "GET /v1/authority":
            return 200, "application/json", json.dumps({"certificate": self.centre.ca_pem}).encode()
        return 201, "application/json", json.dumps(self.given(sent)).encode()


def _handler(door: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            sent = json.loads(self.rfile.read(size) or b"{}")
            status, media_type, body = door.answer(f"{self.command} {self.path}", sent)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_arguments: object) -> None:
            return

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """A kiosk that hangs up is no error of the test."""


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Opens doors: of a centre, with the server certificate of another one if that is asked for."""
    servers: list[_Server] = []

    def make(centre: PaperCentre, certified_by: PaperCentre | None = None, name: str = "localhost") -> Door:
        door = Door(centre)
        server = _Server(("127.0.0.1", 0), _handler(door))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (tmp_path / "door.pem").write_bytes((certified_by or centre).server(name))
        context.load_cert_chain(tmp_path / "door.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        door.port = server.server_address[1]
        return door

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that the post has logged."""
    events: list[str] = []

    def log(event: Event, **_fields: object) -> None:
        events.append(event.value)

    monkeypatch.setattr("kiosk.post.keyset.log", log)
    monkeypatch.setattr("kiosk.post.office.log", log)
    return events
