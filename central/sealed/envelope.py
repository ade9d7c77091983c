"""The envelope as the centre reads it: parsed strictly, then opened. Specified in docs/reference/envelope.md.

Written from that page and not from the kiosk's code, so that the two check each other. Envelopes of version 1
are passed on to `version1`.
"""

import base64
import binascii
import hashlib
import itertools
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from central.keys.suites import OpeningKeys
from central.sealed import version1
from central.sealed.base import Base64, Kid, KioskNumber, Sequence53, Sha256, UnreadableError, unpadded

MAX_ENVELOPE = 2 << 20
MAX_ATTACHMENTS = 30
MAX_PARTS = 300
PIECE = 262_144
_TAG = 16
MAX_PART = max(PIECE + _TAG, version1.MAX_PART)
"""What the API takes: a part may still be one of version 1."""

_CONTENT_KEY = 32
_DOCUMENT_NONCE = bytes(12)


class RecipientKey(BaseModel):
    """The content key for one recipient."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kid: Kid
    wrapped: Annotated[Base64, Field(max_length=2048, description="HPKE message of the content key.")]


class PartName(BaseModel):
    """A sealed piece of an attachment: SHA-256 and size of its ciphertext."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attachment: Annotated[int, Field(ge=0, lt=MAX_ATTACHMENTS, description="Which one it is of, from 0.")]
    sha256: Sha256
    size: Annotated[int, Field(ge=_TAG, le=PIECE + _TAG)]


class Envelope(BaseModel):
    """A sealed case, as a kiosk puts it. What is in clear here is also bound into `sealed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[2]
    kiosk: KioskNumber
    case: UUID
    sequence: Sequence53
    previous: Annotated[
        Sha256, Field(description="Hash of the kiosk's envelope before this one; zeros for the first.")
    ]
    keys: Annotated[list[RecipientKey], Field(min_length=1, max_length=2)]
    parts: Annotated[
        list[PartName], Field(max_length=MAX_PARTS, description="`attachment` has no gaps and never falls.")
    ]
    sealed: Annotated[
        Base64, Field(max_length=MAX_ENVELOPE, description="AES-256-GCM of the padded document.")
    ]

    @model_validator(mode="after")
    def _attachments_in_order(self) -> Self:
        numbers = [0, *(part.attachment for part in self.parts)]
        if self.parts and self.parts[0].attachment != 0:
            raise ValueError("attachments begin at 0")
        if any(later - earlier not in (0, 1) for earlier, later in itertools.pairwise(numbers)):
            raise ValueError("attachments are in order, without gaps")
        return self


AnyEnvelope: TypeAdapter[Envelope | version1.EnvelopeVersion1] = TypeAdapter(
    Annotated[Envelope | version1.EnvelopeVersion1, Field(discriminator="v")]
)
_MEMBERS = {
    name
    for model in (Envelope, RecipientKey, PartName, version1.EnvelopeVersion1)
    for name in model.model_fields
}


@dataclass(frozen=True, slots=True)
class Received:
    """A parsed envelope, the exact bytes it came as, and their hash: its name in chain and receipt."""

    body: bytes
    sha256: bytes
    envelope: Envelope | version1.EnvelopeVersion1

    @property
    def parts(self) -> list[bytes]:
        """SHA-256 of its sealed parts, in order."""
        return [bytes.fromhex(part.sha256) for part in self.envelope.parts]

    @property
    def kids(self) -> list[str]:
        """The keys it is sealed to."""
        if isinstance(self.envelope, version1.EnvelopeVersion1):
            return [self.envelope.kid]
        return [key.kid for key in self.envelope.keys]


LoadPart = Callable[[bytes], bytes | None]
"""Gives the sealed part of a SHA-256, if it is here."""


def parse(body: bytes) -> Received:
    """Parse strictly. Raises `UnreadableError`."""
    try:
        envelope = AnyEnvelope.validate_json(body)
    except ValidationError as error:
        places = sorted({_place_of(problem["loc"]) for problem in error.errors()})
        raise UnreadableError("not an envelope: " + ", ".join(places[:5])) from None
    return Received(body, hashlib.sha256(body).digest(), envelope)


def _place_of(location: tuple[int | str, ...]) -> str:
    # The first is the version; a member the contract does not know is not quoted.
    known = [str(step) for step in location[1:] if isinstance(step, int) or step in _MEMBERS]
    return ".".join(known) or "body"


def open_document(received: Received, keyring: OpeningKeys) -> bytes:
    """The case document. Raises `UnreadableError`."""
    envelope = received.envelope
    if isinstance(envelope, version1.EnvelopeVersion1):
        return version1.open_document(envelope, keyring)
    key = _content_key(envelope, keyring)
    return unpadded(_decrypt(key, _DOCUMENT_NONCE, _raw(envelope.sealed), _case_data(envelope)))


def open_attachments(received: Received, load: LoadPart, keyring: OpeningKeys) -> Iterator[bytes]:
    """The attachments in their order, one at a time in memory. Raises `UnreadableError`."""
    envelope = received.envelope
    if isinstance(envelope, version1.EnvelopeVersion1):
        for index, part in enumerate(envelope.parts):
            yield version1.open_part(envelope, index, _loaded(load, part.sha256), keyring)
        return
    key = _content_key(envelope, keyring)
    numbered = enumerate(envelope.parts)
    for _, pieces in itertools.groupby(numbered, key=lambda each: each[1].attachment):
        yield b"".join(_piece(envelope, key, number, part, load) for number, part in pieces)


def _content_key(envelope: Envelope, keyring: OpeningKeys) -> bytes:
    held = [key for key in envelope.keys if key.kid in keyring.opening]
    if not held:
        raise UnreadableError("sealed to no key that this centre holds")
    for recipient in held:
        info = b"report-kiosk/key/2\x00" + _place(envelope) + struct.pack(">Q", envelope.sequence)
        try:
            opened = keyring.opening[recipient.kid].open(
                _raw(recipient.wrapped), info + recipient.kid.encode()
            )
        except InvalidTag:
            continue
        if len(opened) == _CONTENT_KEY:
            return opened
    raise UnreadableError("the content key does not open: wrapped for another place, or altered")


def _case_data(envelope: Envelope) -> bytes:
    parts = b"".join(
        struct.pack(">I", part.attachment) + bytes.fromhex(part.sha256) + struct.pack(">Q", part.size)
        for part in envelope.parts
    )
    recipients = b"".join(bytes([len(key.kid)]) + key.kid.encode() for key in envelope.keys)
    return (
        b"report-kiosk/case/2\x00"
        + _place(envelope)
        + struct.pack(">Q", envelope.sequence)
        + bytes.fromhex(envelope.previous)
        + hashlib.sha256(parts).digest()
        + hashlib.sha256(recipients).digest()
    )


def _piece(envelope: Envelope, key: bytes, number: int, part: PartName, load: LoadPart) -> bytes:
    sealed = _loaded(load, part.sha256)
    if len(sealed) != part.size:
        raise UnreadableError("a part has another size than the envelope says")
    data = b"report-kiosk/part/2\x00" + _place(envelope) + struct.pack(">II", number, part.attachment)
    return _decrypt(key, (number + 1).to_bytes(12, "big"), sealed, data)


def _place(envelope: Envelope) -> bytes:
    return struct.pack(">I", envelope.kiosk) + envelope.case.bytes


def _loaded(load: LoadPart, name: str) -> bytes:
    sealed = load(bytes.fromhex(name))
    if sealed is None:
        raise UnreadableError("a part is missing")
    return sealed


def _decrypt(key: bytes, nonce: bytes, sealed: bytes, data: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, data)
    except InvalidTag:
        raise UnreadableError("does not open: sealed for another place, or altered") from None


def _raw(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise UnreadableError("not Base64") from None
