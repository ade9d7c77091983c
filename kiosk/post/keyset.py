"""The key set: whom a kiosk seals to and whose receipts it believes (docs/reference/keyset.md).

The centre's root keys sign it; they are offline, so whoever serves a key set cannot make one. Times are
seconds since 1970 (UTC), because no clock, however wrong, is out of their range.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.event_names import Event
from config.log import log
from kiosk.post import jws
from kiosk.post.keys import KEY_SET, PUBLIC, ROOTS, KeyProblem, read, write

TYP = "report-keyset"

SuiteName = Literal["MLKEM768-X25519/HKDF-SHA256/AES-256-GCM", "X25519/HKDF-SHA256/AES-256-GCM"]
"""The HPKE suites a kiosk can seal with (RFC 9180; the first is the post-quantum hybrid)."""

PublicKey = X25519PublicKey | MLKEM768X25519PublicKey

_MLKEM768_PUBLIC_BYTES = 1184
_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Role(StrEnum):
    """What a sealing key is for: reading reports every day, or opening them when the primary key is lost."""

    PRIMARY = "primary"
    ESCROW = "escrow"


class Recipient(StrEnum):
    """Who opens a case."""

    REPORTS = "reports"
    COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public key of the centre, good from `not_before` until before `not_after`."""

    kid: str
    suite: SuiteName
    public: PublicKey
    role: Role
    not_before: float
    not_after: float
    recipient: Recipient = Recipient.REPORTS

    def valid(self, now: float) -> bool:
        """Whether it may be sealed to at `now`."""
        return self.not_before <= now < self.not_after


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom to seal a case to: the primary key, then the escrow key if its recipient has one.

    `lapsed` says that one of them is not valid now, and that somebody must come.
    """

    keys: tuple[SealingKey, ...]
    lapsed: bool

    @property
    def primary(self) -> SealingKey:
        """The key for everyday reading."""
        return self.keys[0]


@dataclass(frozen=True, slots=True)
class KeySet:
    """What the centre publishes to its kiosks. `receipt` and `technician`: by key id."""

    version: int
    sealing: tuple[SealingKey, ...]
    receipt: jws.SigningKeys
    technician: jws.SigningKeys = field(default_factory=dict)
    """Who may sign technicians' passes; empty for a force without them."""
    issued_at: float = 0.0
    packs: jws.SigningKeys = field(default_factory=dict)
    """Who may sign pack bundles; empty for a force that publishes none."""

    def recipients(self, now: float) -> Recipients:
        """The keys to seal a report to at `now`; never none: losing a report is worse than an old key."""
        chosen = [_best(self._of(Recipient.REPORTS, role), now) for role in Role]
        keys = tuple(key for key in chosen if key is not None)
        return Recipients(keys, lapsed=not all(key.valid(now) for key in keys))

    def office(self, recipient: Recipient, now: float) -> Recipients | None:
        """The keys to seal to at `now` so that `recipient` opens it and nobody else.

        None for an office of its own without a valid primary key: what is for it is for no other's eyes.
        """
        if recipient is Recipient.REPORTS:
            return self.recipients(now)
        valid = {role: [key for key in self._of(recipient, role) if key.valid(now)] for role in Role}
        if not valid[Role.PRIMARY]:
            return None
        chosen = [_best(valid[role], now) for role in Role]
        lapsed = bool(self._of(recipient, Role.ESCROW)) and not valid[Role.ESCROW]
        return Recipients(tuple(key for key in chosen if key is not None), lapsed)

    def lapsed(self, now: float) -> bool:
        """Whether some recipient has keys of a role, and none of them is valid."""
        known = [self._of(recipient, role) for recipient in Recipient for role in Role]
        return any(keys and not any(key.valid(now) for key in keys) for keys in known)

    def _of(self, recipient: Recipient, role: Role) -> list[SealingKey]:
        return [key for key in self.sealing if (key.recipient, key.role) == (recipient, role)]


def _best(keys: list[SealingKey], now: float) -> SealingKey | None:
    """The valid key that began last; if none is valid, the one that ends last."""
    valid = [key for key in keys if key.valid(now)]
    if valid:
        return max(valid, key=lambda key: (key.not_before, key.not_after, key.kid))
    return max(keys, key=lambda key: (key.not_after, key.not_before, key.kid), default=None)


class NewestKeySet:
    """The key set on the disk, read again when the courier has put a newer one there. For one thread."""

    def __init__(self, keys: Path) -> None:
        """Raises `KeyProblem`."""
        self._keys = keys
        self._token = read(keys / KEY_SET)
        self._key_set = verified(keys, self._token)

    def get(self) -> KeySet:
        """The newest one. A file that can no longer be read does not take the last good key set away."""
        try:
            token = read(self._keys / KEY_SET)
            if token != self._token:
                self._key_set, self._token = verified(self._keys, token), token
        except KeyProblem:
            log(Event.KEY_SET_UNREADABLE)
        return self._key_set


class Refusal(StrEnum):
    """Why a key set was not installed; the one the kiosk has stays."""

    NO_ROOTS = "no_roots"
    NOT_SIGNED = "not_signed"
    MALFORMED = "malformed"
    NOT_NEWER = "not_newer"
    NOT_WRITTEN = "not_written"


@dataclass(frozen=True, slots=True)
class Installed:
    """A key set was verified and is on the disk."""

    version: int


def load_roots(keys: Path) -> jws.SigningKeys:
    """The root keys of `roots.json`, by key id. Raises `KeyProblem`."""
    path = keys / ROOTS
    try:
        return parse_roots(json.loads(read(path)))
    except ValueError as error:
        raise KeyProblem(path, f"not a list of root keys ({type(error).__name__})") from None


def parse_roots(roots: object) -> jws.SigningKeys:
    """The root keys of an object as in `roots.json`. Raises ValueError."""
    file = _Roots.model_validate(roots)
    return {key.kid: Ed25519PublicKey.from_public_bytes(key.raw()) for key in file.roots}


def load_key_set(keys: Path) -> KeySet:
    """Read `keyset.jws` and verify it under `roots.json`. Raises `KeyProblem`."""
    return verified(keys, read(keys / KEY_SET))


def verified(keys: Path, token: bytes) -> KeySet:
    """The key set in `token`, the content of `keyset.jws`. Raises `KeyProblem`."""
    roots = load_roots(keys)
    try:
        return parse(token.decode("ascii").strip(), roots)
    except jws.NotSignedError:
        raise KeyProblem(keys / KEY_SET, "not signed by a root key of this centre") from None
    except ValueError as error:
        raise KeyProblem(keys / KEY_SET, f"not a key set ({type(error).__name__})") from None


def parse(token: str, roots: jws.SigningKeys) -> KeySet:
    """The key set in `token`. Raises `jws.NotSignedError`, and ValueError for what is signed but unusable."""
    file = _KeySet.model_validate(jws.verify(token, roots, TYP))
    # A key for a suite, a role or a recipient of a later release is not ours to judge: a kiosk that was
    # rolled back goes on with those it knows.
    sealing = tuple(
        SealingKey(
            key.kid, key.suite, _PUBLIC_KEYS[key.suite](key.raw()), key.role, *key.validity(), key.recipient
        )
        for key in (*file.sealing, *file.sealing_apart)
        if isinstance(key, _SealingKey)
    )
    if not any(key.role is Role.PRIMARY and key.recipient is Recipient.REPORTS for key in sealing):
        raise ValueError("no primary key that this release can seal to")
    receipt = {key.kid: Ed25519PublicKey.from_public_bytes(key.raw()) for key in file.receipt_keys}
    technician = {key.kid: Ed25519PublicKey.from_public_bytes(key.raw()) for key in file.technician_keys}
    packs = {key.kid: Ed25519PublicKey.from_public_bytes(key.raw()) for key in file.pack_keys}
    return KeySet(file.version, sealing, receipt, technician, file.issued_at, packs)


def install_key_set(keys: Path, token: str) -> Installed | Refusal:
    """Put `token` in the place of `keyset.jws`, if it is signed, sound and newer. Never raises for it."""
    try:
        roots = load_roots(keys)
    except KeyProblem:
        return Refusal.NO_ROOTS
    try:
        fresh = parse(token, roots)
    except jws.NotSignedError:
        return Refusal.NOT_SIGNED
    except ValueError:
        return Refusal.MALFORMED
    if fresh.version <= installed_version(keys):
        return Refusal.NOT_NEWER
    try:
        write(keys / KEY_SET, token.encode("ascii"), PUBLIC)
    except OSError:
        return Refusal.NOT_WRITTEN
    return Installed(fresh.version)


def installed_version(keys: Path) -> int:
    """The version on the disk; 0 if it is unusable, so that a damaged file is mended by any signed one."""
    try:
        return load_key_set(keys).version
    except KeyProblem:
        return 0


# --- the file format ---


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Key(_Model):
    kid: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    public: str

    def raw(self) -> bytes:
        """The raw public key. Raises ValueError if `kid` does not name it."""
        raw = base64.b64decode(self.public, validate=True)
        if hashlib.sha256(raw).hexdigest()[:16] != self.kid:
            raise ValueError("a key id that does not belong to its key")
        return raw


def _seconds(text: object) -> float:
    if not isinstance(text, str) or not _UTC.fullmatch(text):
        raise ValueError("not a time as 2026-11-21T08:00:00Z")
    return datetime.fromisoformat(text).timestamp()


_Time = Annotated[float, BeforeValidator(_seconds)]


class _SealingKey(_Key):
    suite: SuiteName
    role: Role
    recipient: Recipient = Recipient.REPORTS
    not_before: _Time
    not_after: _Time

    def validity(self) -> tuple[float, float]:
        """From and until. Raises ValueError for an empty span."""
        if self.not_before >= self.not_after:
            raise ValueError("a key that is never valid")
        return self.not_before, self.not_after


class _LaterKey(_Model):
    suite: str
    role: str
    recipient: str = Recipient.REPORTS


def _of_reports(key: object) -> object:
    return _known(key, (Recipient.REPORTS,))


def _apart(key: object) -> object:
    return _known(key, tuple(each for each in Recipient if each is not Recipient.REPORTS))


def _known(key: object, recipients: tuple[Recipient, ...]) -> object:
    """A key that this release understands is checked in full; of another only the names are read."""
    named = key if isinstance(key, Mapping) else {}
    known = (
        named.get("suite") in get_args(SuiteName)
        and named.get("role") in tuple(Role)
        and named.get("recipient", Recipient.REPORTS) in recipients
    )
    return (_SealingKey if known else _LaterKey).model_validate(key)


_AnyKey = _SealingKey | _LaterKey


class _KeySet(_Model):
    version: Annotated[int, Field(ge=1, le=2**53, strict=True)]
    issued_at: _Time
    sealing: Annotated[list[Annotated[_AnyKey, BeforeValidator(_of_reports)]], Field(min_length=1)]
    # Releases that know no recipients do not read this list: they could take a key in it for one of reports.
    sealing_apart: list[Annotated[_AnyKey, BeforeValidator(_apart)]] = Field(default_factory=list)
    receipt_keys: Annotated[list[_Key], Field(min_length=1)]
    technician_keys: list[_Key] = Field(default_factory=list)
    pack_keys: list[_Key] = Field(default_factory=list)


class _Roots(_Model):
    roots: Annotated[list[_Key], Field(min_length=1)]


def _hybrid_public_key(raw: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM768_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(raw[_MLKEM768_PUBLIC_BYTES:]),
    )


_PUBLIC_KEYS: Mapping[SuiteName, Callable[[bytes], PublicKey]] = {
    "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM": _hybrid_public_key,
    "X25519/HKDF-SHA256/AES-256-GCM": X25519PublicKey.from_public_bytes,
}
