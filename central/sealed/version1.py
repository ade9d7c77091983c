"""Envelopes of version 1, as kiosks of the first release wrote them: docs/reference/envelope-1.md."""

import base64
import binascii
import hashlib
import struct
from typing import Annotated, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict, Field

from central.keys.suites import OpeningKeys
from central.sealed.base import Base64, Kid, KioskNumber, Sequence53, Sha256, UnreadableError, unpadded

MAX_ENVELOPE = 2 << 20
MAX_PART = (16 << 20) + 4096
MAX_PARTS = 64


class PartVersion1(BaseModel):
    """A sealed attachment: SHA-256 and size of its ciphertext."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=MAX_PART)]


class EnvelopeVersion1(BaseModel):
    """A sealed case as kiosks of the first release put it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    kid: Kid
    kiosk: KioskNumber
    case: UUID
    sequence: Sequence53
    previous: Annotated[
        Sha256, Field(description="SHA-256 of the kiosk's envelope before this one; zeros for the first.")
    ]
    parts: Annotated[list[PartVersion1], Field(max_length=MAX_PARTS)]
    sealed: Annotated[
        Base64, Field(max_length=MAX_ENVELOPE, description="HPKE message of the padded document.")
    ]


def open_document(envelope: EnvelopeVersion1, keyring: OpeningKeys) -> bytes:
    """The case document. Raises `UnreadableError`."""
    digest = hashlib.sha256()
    for part in envelope.parts:
        digest.update(bytes.fromhex(part.sha256) + struct.pack(">Q", part.size))
    info = (
        b"report-kiosk/case/1\x00"
        + struct.pack(">I", envelope.kiosk)
        + envelope.case.bytes
        + struct.pack(">Q", envelope.sequence)
        + bytes.fromhex(envelope.previous)
        + digest.digest()
        + envelope.kid.encode("ascii")
    )
    try:
        sealed = base64.b64decode(envelope.sealed, validate=True)
    except binascii.Error:
        raise UnreadableError("sealed is not base64") from None
    return unpadded(_open(envelope.kid, sealed, info, keyring))


def open_part(envelope: EnvelopeVersion1, index: int, sealed: bytes, keyring: OpeningKeys) -> bytes:
    """The attachment at `index`. Raises `UnreadableError`."""
    info = (
        b"report-kiosk/part/1\x00"
        + struct.pack(">I", envelope.kiosk)
        + envelope.case.bytes
        + struct.pack(">I", index)
        + envelope.kid.encode("ascii")
    )
    return _open(envelope.kid, sealed, info, keyring)


def _open(kid: str, sealed: bytes, info: bytes, keyring: OpeningKeys) -> bytes:
    key = keyring.opening.get(kid)
    if key is None:
        raise UnreadableError("sealed to a key that this centre does not hold")
    try:
        return key.open(sealed, info)
    except InvalidTag:
        raise UnreadableError("does not open: sealed for another place, or altered") from None
