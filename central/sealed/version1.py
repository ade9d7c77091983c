"""The envelope as the centre reads it: parsed strictly, then opened. Specified in docs/reference/envelope.md.

Written from that page and not from the kiosk's code, so that the two check each other.
"""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.keys.keyring import Keyring

MAX_ENVELOPE = 2 << 20
MAX_PART = (16 << 20) + 4096
MAX_PARTS = 64

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PartName(BaseModel):
    """A sealed attachment: SHA-256 and size of its ciphertext."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Sha256
    size: Annotated[int, Field(ge=1, le=MAX_PART)]


class Envelope(BaseModel):
    """A sealed case, as a kiosk puts it. What is in clear here is also bound into `sealed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    kid: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="The centre's sealing key.")]
    kiosk: Annotated[int, Field(ge=0, le=9999)]
    case: UUID
    sequence: Annotated[int, Field(ge=1, le=2**53, description="Place in the kiosk's chain, from 1.")]
    previous: Sha256 = Field(
        description="SHA-256 of the kiosk's envelope before this one; zeros for the first."
    )
    parts: Annotated[list[PartName], Field(max_length=MAX_PARTS)]
    sealed: Annotated[str, Field(description="Base64 of the HPKE ciphertext of the padded document.")]


class UnreadableError(Exception):
    """The envelope cannot be parsed or opened. `args[0]` says how; it never quotes content."""


@dataclass(frozen=True, slots=True)
class Received:
    """A parsed envelope with the exact bytes it came as."""

    body: bytes
    envelope: Envelope

    @property
    def sha256(self) -> str:
        """Name of the envelope in the chain and in the receipt."""
        return hashlib.sha256(self.body).hexdigest()


def parse(body: bytes) -> Received:
    """Parse strictly. Raises `UnreadableError`."""
    try:
        return Received(body, Envelope.model_validate_json(body))
    except ValidationError as error:
        places = sorted({".".join(map(str, problem["loc"])) or "body" for problem in error.errors()})
        raise UnreadableError("not an envelope: " + ", ".join(places[:5])) from None


def open_document(envelope: Envelope, keyring: Keyring) -> bytes:
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
    document, mark, padding = _open(envelope.kid, sealed, info, keyring).rpartition(b"\x80")
    if not mark or padding.strip(b"\x00"):
        raise UnreadableError("the padding is wrong")
    return document


def open_part(envelope: Envelope, index: int, sealed: bytes, keyring: Keyring) -> bytes:
    """The attachment at `index`. Raises `UnreadableError`."""
    info = (
        b"report-kiosk/part/1\x00"
        + struct.pack(">I", envelope.kiosk)
        + envelope.case.bytes
        + struct.pack(">I", index)
        + envelope.kid.encode("ascii")
    )
    return _open(envelope.kid, sealed, info, keyring)


def _open(kid: str, sealed: bytes, info: bytes, keyring: Keyring) -> bytes:
    key = keyring.opening.get(kid)
    if key is None:
        raise UnreadableError("sealed to a key that this centre does not hold")
    try:
        return key.open(sealed, info)
    except InvalidTag:
        raise UnreadableError("does not open: sealed for another place, or altered") from None
