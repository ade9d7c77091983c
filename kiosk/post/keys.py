"""Trust material of a kiosk: whom it seals to, whom it believes, and who it is.

Everything lies in one directory, written by the centre's enrolment:

* `keyset.json`: the centre's sealing keys and receipt keys, public parts only;
* `reference.key`: 32 random bytes that scatter the reference numbers of this kiosk;
* `centre-ca.pem`, `client.pem`, `client.key`: mutual TLS; only the courier reads these.

No file here can open an envelope.
"""

import base64
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ConfigDict, Field, ValidationError

KEY_SET = "keyset.json"
REFERENCE_KEY = "reference.key"
CENTRE_CA = "centre-ca.pem"
CLIENT_CERTIFICATE = "client.pem"
CLIENT_KEY = "client.key"

REFERENCE_KEY_BYTES = 32
ENROL = "enrol this kiosk again: report-centre enrol KIOSK_NUMBER --out KEYS_DIR"

SuiteName = Literal["MLKEM768-X25519/HKDF-SHA256/AES-256-GCM", "X25519/HKDF-SHA256/AES-256-GCM"]
"""The HPKE suites a kiosk can seal with (RFC 9180; the first is the post-quantum hybrid)."""


class KeyProblem(Exception):  # noqa: N818 - a finding that is shown, with its remedy
    """Trust material is missing or unusable. Says which file and what to do, never its content."""

    def __init__(self, path: Path, problem: str, remedy: str = ENROL) -> None:
        super().__init__(f"{path}: {problem}; {remedy}")
        self.path = path
        self.problem = problem
        self.remedy = remedy


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


KeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _SealingKey(_Strict):
    kid: KeyId
    suite: SuiteName
    public: str


class _ReceiptKey(_Strict):
    kid: KeyId
    public: str


class _KeySetFile(_Strict):
    version: Annotated[int, Field(ge=1)]
    keys: Annotated[list[_SealingKey], Field(min_length=1)]
    receipt_keys: Annotated[list[_ReceiptKey], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key of the centre; `public` is the raw key in the encoding of its suite."""

    kid: str
    suite: SuiteName
    public: bytes


@dataclass(frozen=True, slots=True)
class KeySet:
    """What the centre publishes to its kiosks. `sealing`: best first; `receipt`: by key id."""

    version: int
    sealing: tuple[SealingKey, ...]
    receipt: Mapping[str, Ed25519PublicKey]


def load_key_set(keys: Path) -> KeySet:
    """Read `keyset.json` of the directory `keys`. Raises `KeyProblem`."""
    path = keys / KEY_SET
    try:
        file = _KeySetFile.model_validate(json.loads(_read(path)))
        return KeySet(
            version=file.version,
            sealing=tuple(SealingKey(k.kid, k.suite, _raw(k.public)) for k in file.keys),
            receipt={k.kid: Ed25519PublicKey.from_public_bytes(_raw(k.public)) for k in file.receipt_keys},
        )
    except (ValidationError, ValueError) as error:
        raise KeyProblem(path, f"not a key set ({type(error).__name__})") from None


def load_reference_key(keys: Path) -> bytes:
    """Read the 32 bytes that scatter this kiosk's reference numbers. Raises `KeyProblem`."""
    path = keys / REFERENCE_KEY
    key = _read(path)
    if len(key) != REFERENCE_KEY_BYTES:
        raise KeyProblem(path, f"must hold {REFERENCE_KEY_BYTES} bytes, holds {len(key)}")
    return key


def client_tls(keys: Path) -> ssl.SSLContext:
    """Mutual TLS towards the centre: its own CA is the only one trusted. Raises `KeyProblem`."""
    for name in (CENTRE_CA, CLIENT_CERTIFICATE, CLIENT_KEY):
        _read(keys / name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(keys / CENTRE_CA)
    except (ssl.SSLError, OSError):
        raise KeyProblem(keys / CENTRE_CA, "not a certificate") from None
    try:
        context.load_cert_chain(keys / CLIENT_CERTIFICATE, keys / CLIENT_KEY)
    except (ssl.SSLError, OSError):
        raise KeyProblem(keys / CLIENT_CERTIFICATE, "does not fit client.key") from None
    return context


def certified_kiosk(keys: Path) -> int:
    """The kiosk number the client certificate was issued to. Raises `KeyProblem`."""
    path = keys / CLIENT_CERTIFICATE
    try:
        certificate = x509.load_pem_x509_certificate(_read(path))
        name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        return int(str(name).removeprefix("kiosk-"))
    except (ValueError, IndexError):
        raise KeyProblem(path, "not a kiosk's certificate") from None


def check_identity(keys: Path, kiosk: int) -> None:
    """Raise `KeyProblem` if the client certificate belongs to another kiosk than number `kiosk`."""
    certified = certified_kiosk(keys)
    if certified != kiosk:
        raise KeyProblem(
            keys / CLIENT_CERTIFICATE,
            f"issued to kiosk {certified:04d}, but this is kiosk {kiosk:04d}",
            "set kiosk_number to the enrolled one, or " + ENROL,
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyProblem(path, "missing") from None
    except OSError as error:
        raise KeyProblem(path, f"unreadable ({error.strerror})", "let this process read it") from None


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
