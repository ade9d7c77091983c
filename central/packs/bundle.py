"""Pack bundles as the centre sees them: a manifest that is signed, and bytes that are passed on.

docs/reference/bundles.md is the contract. Whether the packs in it are good is for `kiosk flows bundle` to
say, and for every kiosk; the centre does not know what a pack is.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from central.keys import jws
from central.keys.keyset import KeySetError, PublicKey

TYP = "report-packs"
MAX_BUNDLE = 4 * 1024 * 1024
MAX_FILES = 500
MAX_MANIFEST = 256 * 1024

_LANGUAGE = r"[a-z]{2}(?:-[A-Z][a-z]{3})?"
_NAME = r"[a-z][a-z0-9_]{0,39}"
_PATH = (
    rf"^(?:packs/{_NAME}/pack\.yaml|packs/_parts/{_NAME}/pages\.yaml"
    rf"|packs/(?:_parts/)?{_NAME}/texts/{_LANGUAGE}\.yaml|lists/{_NAME}\.yaml)$"
)
_RELEASE = r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$"


class BundleError(KeySetError):
    """A bundle cannot be taken; `args[0]` says why, without a word of it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(_Strict):
    """A file of a bundle."""

    path: Annotated[str, Field(pattern=_PATH)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0, le=MAX_BUNDLE)]


class Manifest(_Strict):
    """The signed part of a bundle: its number, the releases it fits, and its files."""

    number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    made_at: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    app_from: Annotated[str, Field(pattern=_RELEASE)]
    app_below: Annotated[str, Field(pattern=_RELEASE)]
    files: Annotated[tuple[File, ...], Field(min_length=1, max_length=MAX_FILES, strict=False)]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        paths = [file.path for file in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("files are not in order, or one stands twice")
        dt.datetime.fromisoformat(self.made_at)
        return self

    def payload(self) -> bytes:
        """The bytes that are signed."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode("ascii")

    def fingerprint(self) -> str:
        """What two people compare aloud: 80 bits of the SHA-256 of the payload, in groups."""
        digits = hashlib.sha256(self.payload()).hexdigest()[:20]
        return "-".join(digits[start : start + 4] for start in range(0, 20, 4))


def read_draft(data: bytes) -> Manifest:
    """The manifest of an unsigned bundle, whose files are as it says. Raises `BundleError`."""
    head, body = _parted(data)
    try:
        manifest = Manifest.model_validate_json(head)
    except ValidationError:
        raise BundleError("not an unsigned pack bundle; `kiosk flows bundle` makes one") from None
    if manifest.payload() != head:
        raise BundleError("this bundle is not written as `kiosk flows bundle` writes it")
    _check_files(manifest, body)
    return manifest


def sign(data: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signed bundle of an unsigned one. Raises `BundleError`."""
    manifest = read_draft(data)
    token = jws.sign(key, PublicKey.of(key.public_key()).kid, TYP, manifest.payload())
    signed = token.encode("ascii") + b"\n" + _parted(data)[1]
    if len(signed) > MAX_BUNDLE:
        raise BundleError(f"signed it would be larger than {MAX_BUNDLE} bytes")
    return signed


def verify(data: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Manifest:
    """The manifest of a bundle that one of `keys` signed and whose files are as it says.

    Raises `BundleError`.
    """
    head, body = _parted(data)
    try:
        payload = jws.verify(head.decode("ascii"), TYP, keys)
    except (jws.JwsError, UnicodeDecodeError) as error:
        raise BundleError(f"the bundle is not to be trusted: {error}") from None
    try:
        manifest = Manifest.model_validate_json(payload)
    except ValidationError:
        raise BundleError("signed, but not a pack bundle of this release") from None
    if manifest.payload() != payload:
        raise BundleError("signed, but not in the one form that kiosks take")
    _check_files(manifest, body)
    return manifest


def _parted(data: bytes) -> tuple[bytes, bytes]:
    if len(data) > MAX_BUNDLE:
        raise BundleError(f"larger than {MAX_BUNDLE} bytes")
    head, newline, body = data.partition(b"\n")
    if not newline or len(head) > MAX_MANIFEST:
        raise BundleError("not a pack bundle")
    return head, body


def _check_files(manifest: Manifest, body: bytes) -> None:
    if len(body) != sum(file.size for file in manifest.files):
        raise BundleError("the bundle is cut off, or something follows it")
    start = 0
    for file in manifest.files:
        if hashlib.sha256(body[start : start + file.size]).hexdigest() != file.sha256:
            raise BundleError(f"{file.path} is damaged")
        start += file.size
