"""The format of pack bundles: all services of a kiosk in one signed file (docs/reference/bundles.md).

Pure: bytes in, values out. Nothing is compressed, so a bundle is never larger opened than closed.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.post import jws

TYP = "report-packs"
MAX_BUNDLE = 4 * 1024 * 1024
MAX_FILES = 500
MAX_MANIFEST = 256 * 1024
"""Of the first line."""

_LANGUAGE = r"[a-z]{2}(?:-[A-Z][a-z]{3})?"
_NAME = r"[a-z][a-z0-9_]{0,39}"
PATH = (
    rf"^(?:packs/{_NAME}/pack\.yaml|packs/_parts/{_NAME}/pages\.yaml"
    rf"|packs/(?:_parts/)?{_NAME}/texts/{_LANGUAGE}\.yaml|lists/{_NAME}\.yaml)$"
)
"""All that a bundle may hold: no name can leave the folder, hide, or stand for anything but text."""

_RELEASE = r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$"


class BundleRefusal(StrEnum):
    """Why bytes are no bundle that this kiosk believes."""

    TOO_LARGE = "too_large"
    NOT_SIGNED = "not_signed"
    MALFORMED = "malformed"


class BundleError(ValueError):
    """Not a bundle. Quotes nothing of it."""

    def __init__(self, refusal: BundleRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BundleFile(_Strict):
    """A file of a bundle. `size` in bytes."""

    path: Annotated[str, Field(pattern=PATH)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0, le=MAX_BUNDLE)]


class Manifest(_Strict):
    """What a bundle holds and which releases of this software it fits: `app_from` ≤ release < `app_below`."""

    number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    made_at: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    app_from: Annotated[str, Field(pattern=_RELEASE)]
    app_below: Annotated[str, Field(pattern=_RELEASE)]
    files: Annotated[tuple[BundleFile, ...], Field(min_length=1, max_length=MAX_FILES, strict=False)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        paths = [file.path for file in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("files are not in order, or one stands twice")
        if not release(self.app_from) < release(self.app_below):
            raise ValueError("fits no release")
        return self

    def fits(self, version: str) -> bool:
        """Whether it is for this release of the software."""
        return release(self.app_from) <= release(version) < release(self.app_below)

    def fingerprint(self) -> str:
        """What two people compare aloud before it is signed, as the centre shows it too."""
        digits = hashlib.sha256(self.payload()).hexdigest()[:20]
        return "-".join(digits[start : start + 4] for start in range(0, 20, 4))

    def payload(self) -> bytes:
        """The only bytes that say this: what is signed."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode("ascii")


@dataclass(frozen=True, slots=True)
class PackBundle:
    """A bundle that was verified. `files` by path; `head` is its signed first line."""

    manifest: Manifest
    files: Mapping[str, bytes]
    head: bytes

    @property
    def digest(self) -> str:
        """Names exactly this bundle: SHA-256 of the signed line, which names the SHA-256 of every file."""
        return hashlib.sha256(self.head).hexdigest()


def release(version: str) -> tuple[int, int, int]:
    """The numbers of a version, for comparison; what follows them (`rc1`, `+local`) does not count."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    if numbers is None:
        return (0, 0, 0)
    major, minor, patch = (int(each or 0) for each in numbers.groups())
    return (major, minor, patch)


def draft(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """An unsigned bundle: the manifest in clear as its first line. `report-centre packs sign` signs it."""
    return b"\n".join((manifest.payload(), _body(manifest, files)))


def parse(data: bytes, keys: jws.SigningKeys) -> PackBundle:
    """The bundle in `data`, if one of `keys` signed it and every byte is as it says. Raises `BundleError`."""
    if len(data) > MAX_BUNDLE:
        raise BundleError(BundleRefusal.TOO_LARGE)
    head, newline, body = data[: MAX_MANIFEST + 1].partition(b"\n")
    if not newline:
        raise BundleError(BundleRefusal.MALFORMED)
    manifest = read_head(head, keys)
    body = memoryview(data)[len(head) + 1 :].tobytes()
    return PackBundle(manifest, _cut(manifest, body), head)


def read_head(head: bytes, keys: jws.SigningKeys) -> Manifest:
    """The manifest in a signed first line. Raises `BundleError`."""
    try:
        payload = jws.verify(head.decode("ascii"), keys, TYP)
    except ValueError:  # `NotSignedError` is one
        raise BundleError(BundleRefusal.NOT_SIGNED) from None
    try:
        manifest = Manifest.model_validate(payload)
    except ValidationError:
        raise BundleError(BundleRefusal.MALFORMED) from None
    if not _is_canonical(head, manifest):
        raise BundleError(BundleRefusal.MALFORMED)
    return manifest


def _is_canonical(head: bytes, manifest: Manifest) -> bool:
    """Whether nothing could be written otherwise: one bundle has one form."""
    header, payload, signature = head.decode("ascii").split(".")
    kid = json.loads(_decoded(header))["kid"]
    named = json.dumps({"alg": "EdDSA", "kid": kid, "typ": TYP}, separators=(",", ":")).encode()
    return (header, payload, signature) == (
        _encoded(named),
        _encoded(manifest.payload()),
        _encoded(_decoded(signature)),
    )


def _cut(manifest: Manifest, body: bytes) -> dict[str, bytes]:
    """The files, which follow each other without anything between, before or after."""
    if len(body) != sum(file.size for file in manifest.files):
        raise BundleError(BundleRefusal.MALFORMED)
    files: dict[str, bytes] = {}
    start = 0
    for file in manifest.files:
        content = body[start : start + file.size]
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise BundleError(BundleRefusal.MALFORMED)
        files[file.path] = content
        start += file.size
    return files


def _body(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    return b"".join(files[file.path] for file in manifest.files)


def manifest_of(files: Mapping[str, bytes], **about: Any) -> Manifest:
    """The manifest of `files`; `about` is number, made_at, app_from, app_below. Raises ValidationError."""
    listed = tuple(
        BundleFile(path=path, sha256=hashlib.sha256(files[path]).hexdigest(), size=len(files[path]))
        for path in sorted(files)
    )
    return Manifest(files=listed, **about)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
