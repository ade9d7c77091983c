"""A private key in a file, locked with a passphrase: scrypt (RFC 7914) and AES-256-GCM.

PKCS #8 as `cryptography` writes it derives the key with 2048 rounds of PBKDF2, which a graphics card undoes;
these files protect everything there is. The public half stays readable, and is bound to the private one.
"""

import base64
import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.files import write_private
from central.keys.keyset import KeySetError, PublicKey, Role, SealingKey
from central.keys.material import ESCROW_DAYS, sealing_key
from central.keys.suites import HYBRID, OpeningKey, generate, opening_key, public_of
from central.recipients import Recipient

MIN_PASSPHRASE = 12
COST = 2**17
"""scrypt's N: 128 MiB and a good third of a second for each guess."""

_MAX_COST = 2**20
_BLOCK = 8
_SALT_BYTES = 16
_NONCE_BYTES = 12


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Lock(_Frozen):
    scrypt_n: Annotated[int, Field(ge=2, le=_MAX_COST)]
    salt: str
    nonce: str
    sealed: str


class RootFile(_Frozen):
    """A root key on its stick."""

    kind: Literal["root"] = "root"
    root: PublicKey
    lock: _Lock


class EscrowFile(_Frozen):
    """An escrow key in its safe."""

    kind: Literal["escrow"] = "escrow"
    escrow: SealingKey
    lock: _Lock


class TechnicianFile(_Frozen):
    """The key that signs technicians' passes, at the centre."""

    kind: Literal["technician"] = "technician"
    technician: PublicKey
    lock: _Lock


class PacksFile(_Frozen):
    """The key that signs pack bundles, offline."""

    kind: Literal["packs"] = "packs"
    packs: PublicKey
    lock: _Lock


def write_packs(path: Path, key: Ed25519PrivateKey, passphrase: str, cost: int = COST) -> PublicKey:
    """Lock a key that signs pack bundles into a file; its public half, for the next draft."""
    about = PublicKey.of(key.public_key())
    lock = _locked(key.private_bytes_raw(), passphrase, about, cost)
    write_private(path, PacksFile(packs=about, lock=lock).model_dump_json(indent=1).encode())
    return about


def open_packs(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Unlock a key that signs pack bundles. Raises `KeySetError`."""
    try:
        file = PacksFile.model_validate_json(path.read_bytes())
    except ValidationError:
        raise KeySetError(f"{path} is not a key that signs packs") from None
    key = Ed25519PrivateKey.from_private_bytes(_unlocked(file.lock, passphrase, file.packs))
    if PublicKey.of(key.public_key()) != file.packs:
        raise KeySetError(f"{path} is damaged")
    return key


def write_technician(path: Path, key: Ed25519PrivateKey, passphrase: str, cost: int = COST) -> PublicKey:
    """Lock a key that signs passes into a file; its public half, for the next draft."""
    about = PublicKey.of(key.public_key())
    lock = _locked(key.private_bytes_raw(), passphrase, about, cost)
    write_private(path, TechnicianFile(technician=about, lock=lock).model_dump_json(indent=1).encode())
    return about


def read_technician(path: Path) -> PublicKey:
    """The public half of a key that signs passes. Raises `KeySetError`."""
    return _technician_file(path).technician


def open_technician(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Unlock a key that signs passes. Raises `KeySetError`."""
    file = _technician_file(path)
    key = Ed25519PrivateKey.from_private_bytes(_unlocked(file.lock, passphrase, file.technician))
    if PublicKey.of(key.public_key()) != file.technician:
        raise KeySetError(f"{path} is damaged")
    return key


def _technician_file(path: Path) -> TechnicianFile:
    try:
        return TechnicianFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise KeySetError(
            f"there is no {path.name} yet; make it: report-centre technician authority"
        ) from None
    except ValidationError:
        raise KeySetError(f"{path} is not a key that signs passes") from None


def write_root(path: Path, key: Ed25519PrivateKey, passphrase: str) -> None:
    """Lock a root key into a file."""
    about = PublicKey.of(key.public_key())
    lock = _locked(key.private_bytes_raw(), passphrase, about, COST)
    write_private(path, RootFile(root=about, lock=lock).model_dump_json(indent=1).encode())


def open_root(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Unlock a root key. Raises `KeySetError`."""
    try:
        file = RootFile.model_validate_json(path.read_bytes())
    except ValidationError:
        raise KeySetError(f"{path} is not a root key") from None
    key = Ed25519PrivateKey.from_private_bytes(_unlocked(file.lock, passphrase, file.root))
    if PublicKey.of(key.public_key()) != file.root:
        raise KeySetError(f"{path} is damaged")
    return key


def make_escrow(
    path: Path,
    passphrase: str,
    now: dt.datetime,
    days: int = ESCROW_DAYS,
    cost: int = COST,
    recipient: Recipient = Recipient.REPORTS,
) -> SealingKey:
    """A new escrow key of `recipient`, locked in the file `path`; the public half, for the next draft."""
    pair = generate(HYBRID)
    key = sealing_key(HYBRID, pair.public, Role.ESCROW, now, days, recipient)
    lock = _locked(pair.private, passphrase, key, cost)
    write_private(path, EscrowFile(escrow=key, lock=lock).model_dump_json(indent=1).encode())
    return key


def open_escrow(path: Path, passphrase: str) -> tuple[SealingKey, bytes]:
    """Unlock an escrow key: its public description and the raw private key. Raises `KeySetError`."""
    try:
        file = EscrowFile.model_validate_json(path.read_bytes())
    except ValidationError:
        raise KeySetError(f"{path} is not an escrow key") from None
    private = _unlocked(file.lock, passphrase, file.escrow)
    if base64.b64encode(public_of(file.escrow.suite, private)).decode() != file.escrow.public:
        raise KeySetError(f"{path} is damaged")
    return file.escrow, private


def as_opening(key: SealingKey, private: bytes) -> dict[str, OpeningKey]:
    """An unlocked key, by its kid, ready to open envelopes."""
    return {key.kid: opening_key(key.suite, private)}


def _locked(private: bytes, passphrase: str, about: BaseModel, cost: int) -> _Lock:
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derived(passphrase, salt, cost)).encrypt(nonce, private, _bound(about))
    return _Lock(scrypt_n=cost, salt=_text(salt), nonce=_text(nonce), sealed=_text(sealed))


def _unlocked(lock: _Lock, passphrase: str, about: BaseModel) -> bytes:
    try:
        key = AESGCM(_derived(passphrase, _raw(lock.salt), lock.scrypt_n))
        return key.decrypt(_raw(lock.nonce), _raw(lock.sealed), _bound(about))
    except (InvalidTag, ValueError):
        raise KeySetError("the passphrase is wrong, or the file is damaged") from None


def _derived(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=1).derive(passphrase.encode())


def _bound(about: BaseModel) -> bytes:
    return about.model_dump_json().encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
