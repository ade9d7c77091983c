"""What the force signed for technicians, as a kiosk reads it: the list of codes, and passes.

Nothing here decides whether somebody may enter (`access` does); it only says what a signature vouches for.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kiosk.post import jws
from kiosk.post.jws import SigningKeys
from kiosk.post.keys import KeyProblem, read
from kiosk.post.keyset import load_key_set

LIST = "technicians.jws"
TYP = "report-technicians"
LONGEST_PASS = 500
LONGEST_LIFE_S = 60 * 86_400
SALT_BYTES = 16
DIGEST_BYTES = 32

_COST = 2**15
"""scrypt's N, one for all: 32 MiB and a tenth of a second whatever is checked; central.technicians.pins."""
_LABEL = b"report-kiosk/pin/1\x00"
_PASS = re.compile(r"(KTP1\.([A-Za-z0-9_-]{1,400}))\.([A-Za-z0-9_-]{86})")


def derive(pin: str, salt: bytes) -> bytes:
    """What scrypt makes of a PIN, 32 bytes; the same work for any PIN."""
    kdf = Scrypt(salt=_LABEL + salt, length=DIGEST_BYTES, n=_COST, r=8, p=1)
    return kdf.derive(pin.encode("utf-8", "backslashreplace"))


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a PIN is checked against, both raw."""

    salt: bytes
    digest: bytes


NOBODY = Verifier(bytes(SALT_BYTES), bytes(DIGEST_BYTES))
"""Checked against when there is nothing to check against, so that the work is the same."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a credential opens; neither kiosks nor group is everywhere."""

    kiosks: frozenset[int] = frozenset()
    group: str = ""

    def covers(self, kiosk: int, groups: frozenset[str]) -> bool:
        """Whether it opens kiosk number `kiosk`, which is in `groups`."""
        if self.kiosks:
            return kiosk in self.kiosks
        return not self.group or self.group in groups


@dataclass(frozen=True, slots=True)
class Technician:
    """One code."""

    code: str
    verifier: Verifier
    reach: Reach


@dataclass(frozen=True, slots=True)
class Pass:
    """What a signed pass says. Times are seconds since 1970."""

    pass_id: str
    technician: str
    reach: Reach
    not_before: float
    not_after: float
    verifier: Verifier


@dataclass(frozen=True, slots=True)
class Technicians:
    """The signed list; version 0 is a kiosk without one."""

    version: int = 0
    issued_at: float = 0.0
    by_code: Mapping[str, Technician] = field(default_factory=dict)
    revoked_passes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trust:
    """What the keys folder vouches for now. `problem` is why there is no list; empty if there is one."""

    keys: SigningKeys = field(default_factory=dict)
    technicians: Technicians = Technicians()
    not_before: float = 0.0
    """The latest time that something signed was made at: it cannot be earlier now."""
    problem: str = ""


def load_trust(folder: Path) -> Trust:
    """Read the keys folder. Never raises: what cannot be read vouches for nobody."""
    try:
        key_set = load_key_set(folder)
    except KeyProblem as problem:
        return Trust(problem=problem.problem)
    if not key_set.technician:
        return Trust(not_before=key_set.issued_at, problem="the key set names no key for technicians")
    path = folder / LIST
    try:
        listed = read_list(read(path).decode("ascii").strip(), key_set.technician)
    except KeyProblem as problem:
        return Trust(key_set.technician, not_before=key_set.issued_at, problem=problem.problem)
    except ValueError:
        return Trust(key_set.technician, not_before=key_set.issued_at, problem="not signed for this kiosk")
    return Trust(key_set.technician, listed, max(key_set.issued_at, listed.issued_at))


def read_list(token: str, keys: SigningKeys) -> Technicians:
    """The list in `token`. Raises ValueError unless one of `keys` signed it and it is sound."""
    file = _List.model_validate(jws.verify(token, keys, TYP))
    everybody = {
        each.code: Technician(each.code, Verifier(each.salt, each.hash), each.reach.value())
        for each in file.technicians
    }
    return Technicians(file.version, file.issued_at, everybody, frozenset(file.revoked_passes))


def read_pass(token: str, keys: SigningKeys) -> Pass | None:
    """The pass in `token`; None unless one of `keys` signed it and it is sound."""
    found = _PASS.fullmatch(token) if len(token) <= LONGEST_PASS else None
    if found is None:
        return None
    signed, payload, signature = found.groups()
    if not _signed(signed.encode("ascii"), _base64url(signature), keys):
        return None
    try:
        claims = _Claims.model_validate_json(_base64url(payload))
    except (ValidationError, ValueError):
        return None
    reach = Reach(frozenset(claims.k), claims.g)
    if reach == Reach() or not claims.f < claims.u <= claims.f + LONGEST_LIFE_S:
        return None  # signed, but more than a pass may ever be
    return Pass(claims.i, claims.t, reach, claims.f, claims.u, Verifier(claims.s, claims.v))


def _signed(signed: bytes, signature: bytes, keys: SigningKeys) -> bool:
    for key in keys.values():
        try:
            key.verify(signature, signed)
        except InvalidSignature:
            continue
        return True
    return False


# --- the file formats ---


def _base64url(value: object) -> bytes:
    text = str(value)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


_Code = Annotated[str, Field(pattern=r"^T[0-9]{4}$")]
_Kiosk = Annotated[int, Field(ge=0, le=9999, strict=True)]
_Salt = Annotated[bytes, BeforeValidator(_base64url), Field(min_length=SALT_BYTES, max_length=SALT_BYTES)]
_Digest = Annotated[
    bytes, BeforeValidator(_base64url), Field(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)
]
_PassId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,24}$")]
_Moment = Annotated[int, Field(ge=0, le=2**40, strict=True)]


class _Model(BaseModel):
    # What a later release adds could be a restriction: what is not understood opens nothing.
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Reach(_Model):
    kiosks: tuple[_Kiosk, ...] = ()
    group: str = ""

    def value(self) -> Reach:
        return Reach(frozenset(self.kiosks), self.group)


class _Technician(_Model):
    code: _Code
    salt: _Salt
    hash: _Digest
    reach: _Reach = _Reach()


class _List(_Model):
    version: Annotated[int, Field(ge=1, strict=True)]
    issued_at: _Moment
    technicians: tuple[_Technician, ...]
    revoked_passes: dict[_PassId, Any]


class _Claims(_Model):
    i: _PassId
    t: _Code
    k: tuple[_Kiosk, ...] = ()
    g: str = ""
    f: _Moment
    u: _Moment
    s: _Salt
    v: _Digest
