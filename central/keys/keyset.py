"""The key set: what the centre publishes to its kiosks. Specified in docs/reference/keyset.md."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from central.keys import jws
from central.keys.suites import SuiteName, kid_of, public_key
from central.recipients import Recipient

TYP = "report-keyset"


class KeySetError(Exception):
    """A key set cannot be taken; `args[0]` says why."""


class Role(StrEnum):
    """Whom a kiosk seals to: the centre at work, and the key in the safe for the day that one is lost."""

    PRIMARY = "primary"
    ESCROW = "escrow"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class PublicKey(_Frozen):
    """An Ed25519 key, raw, Base64: a root, a receipt key, or one that signs technicians' passes or packs."""

    kid: KeyId
    public: str

    @staticmethod
    def of(key: Ed25519PublicKey) -> "PublicKey":
        """Name a key."""
        raw = key.public_bytes_raw()
        return PublicKey(kid=kid_of(raw), public=base64.b64encode(raw).decode())

    @model_validator(mode="after")
    def _is_a_key(self) -> "PublicKey":
        _check_name(self.kid, self.public)
        self.key()
        return self

    def key(self) -> Ed25519PublicKey:
        """The key itself."""
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public, validate=True))


class SealingKey(_Frozen):
    """A key to seal to; valid while `not_before` ≤ now < `not_after`."""

    kid: KeyId
    suite: SuiteName
    public: str
    role: Role
    recipient: Recipient = Recipient.REPORTS
    not_before: AwareDatetime
    not_after: AwareDatetime

    @model_validator(mode="after")
    def _is_a_key(self) -> "SealingKey":
        _check_name(self.kid, self.public)
        public_key(self.suite, base64.b64decode(self.public, validate=True))
        if self.not_before >= self.not_after:
            raise ValueError("a key that is never valid")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the usual recipient: so the bytes of a key are those of earlier releases."""
        written: dict[str, Any] = write(self)
        if self.recipient is Recipient.REPORTS:
            del written["recipient"]
        return written


class Roots(_Frozen):
    """`roots.json`: who may sign key sets."""

    roots: Annotated[tuple[PublicKey, ...], Field(min_length=1)]

    def keys(self) -> dict[str, Ed25519PublicKey]:
        """By kid."""
        return {root.kid: root.key() for root in self.roots}


class KeySet(_Frozen):
    """The payload of `keyset.jws`."""

    version: Annotated[int, Field(ge=1)]
    issued_at: AwareDatetime
    sealing: tuple[SealingKey, ...]
    """Of reports alone."""
    sealing_apart: tuple[SealingKey, ...] = ()
    """Of the other recipients: kiosks of releases that know none do not read this list."""
    receipt_keys: Annotated[tuple[PublicKey, ...], Field(min_length=1)]
    technician_keys: tuple[PublicKey, ...] = ()
    """Who may sign technicians' passes. A list that may be empty is then left out of the payload."""
    pack_keys: tuple[PublicKey, ...] = ()
    """Who may sign pack bundles."""

    @model_validator(mode="after")
    def _has_a_primary(self) -> "KeySet":
        for recipient in {Recipient.REPORTS, *(key.recipient for key in self.sealing_apart)}:
            if not self.of_role(Role.PRIMARY, recipient):
                raise ValueError(f"a key set without a primary key of {recipient}")
        return self

    @model_validator(mode="after")
    def _keeps_recipients_apart(self) -> "KeySet":
        if any(key.recipient is not Recipient.REPORTS for key in self.sealing):
            raise ValueError("a key of another recipient among those of reports")
        if any(key.recipient is Recipient.REPORTS for key in self.sealing_apart):
            raise ValueError("a key of reports among those of other recipients")
        return self

    @property
    def sealed_to(self) -> tuple[SealingKey, ...]:
        """The sealing keys of every recipient."""
        return (*self.sealing, *self.sealing_apart)

    def of_role(self, role: Role, recipient: Recipient = Recipient.REPORTS) -> tuple[SealingKey, ...]:
        """Its sealing keys of one role and recipient."""
        return tuple(key for key in self.sealed_to if key.role is role and key.recipient is recipient)

    def newest(
        self, role: Role, now: dt.datetime, recipient: Recipient = Recipient.REPORTS
    ) -> SealingKey | None:
        """What is sealed to at `now`: the valid key begun last, or else the one that ends last."""
        known = self.of_role(role, recipient)
        valid = [key for key in known if key.not_before <= now < key.not_after]
        if valid:
            return max(valid, key=lambda key: (key.not_before, key.not_after, key.kid))
        return max(known, key=lambda key: (key.not_after, key.not_before, key.kid), default=None)

    def payload(self) -> bytes:
        """The bytes that are signed."""
        optional = {
            "sealing_apart": self.sealing_apart,
            "technician_keys": self.technician_keys,
            "pack_keys": self.pack_keys,
        }
        return self.model_dump_json(exclude={name for name, keys in optional.items() if not keys}).encode()

    def fingerprint(self) -> str:
        """What two people compare aloud: 80 bits of the SHA-256 of the payload, in groups."""
        digits = hashlib.sha256(self.payload()).hexdigest()[:20]
        return "-".join(digits[start : start + 4] for start in range(0, 20, 4))


def read_roots(text: bytes) -> Roots:
    """Parse `roots.json`. Raises `KeySetError`."""
    try:
        return Roots.model_validate_json(text)
    except ValidationError as error:
        raise KeySetError(f"not a list of root keys ({_places(error)})") from None


def read_draft(text: bytes) -> KeySet:
    """Parse an unsigned key set. Raises `KeySetError`."""
    try:
        return KeySet.model_validate_json(text)
    except ValidationError as error:
        raise KeySetError(f"not a key set ({_places(error)})") from None


def read_escrow(text: bytes) -> SealingKey:
    """Parse the public half of an escrow key. Raises `KeySetError`."""
    try:
        key = SealingKey.model_validate_json(text)
    except ValidationError as error:
        raise KeySetError(f"not the public half of an escrow key ({_places(error)})") from None
    if key.role is not Role.ESCROW:
        raise KeySetError("this key is no escrow key")
    return key


def read_signer(text: bytes) -> PublicKey:
    """Parse the public half of a key that signs packs. Raises `KeySetError`."""
    try:
        return PublicKey.model_validate_json(text)
    except ValidationError:
        raise KeySetError("not the public half of a key that signs packs") from None


def verify(token: str, roots: Mapping[str, Ed25519PublicKey]) -> KeySet:
    """The key set, if one of `roots` signed it. Raises `KeySetError`."""
    try:
        return read_draft(jws.verify(token, TYP, roots))
    except jws.JwsError as error:
        raise KeySetError(f"the key set is not to be trusted: {error}") from None


def _check_name(kid: str, public: str) -> None:
    if kid != kid_of(base64.b64decode(public, validate=True)):
        raise ValueError("the kid is not that of the key")


def _places(error: ValidationError) -> str:
    return ", ".join(sorted({".".join(map(str, each["loc"])) or "all of it" for each in error.errors()})[:5])
