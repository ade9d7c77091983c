"""What the force signs for technicians: the list of codes, and passes. Pure; docs/technician-passes.md."""

import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.keys import jws
from central.keys.keyset import KeySetError, PublicKey
from central.technicians.pins import Verifier, text

TYP = "report-technicians"
PASS = "KTP1"  # noqa: S105 - the name of a format
LONGEST_PASS = 500
MAX_DAYS = 60

_CODE = re.compile(r"T[0-9]{4}")
_GROUP = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID_BYTES = 8

Kiosk = Annotated[int, Field(ge=0, le=9999)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reach(_Frozen):
    """Where a credential opens: kiosks by number, or a group by name; neither is everywhere."""

    kiosks: tuple[Kiosk, ...] = ()
    group: str = ""


class Technician(_Frozen):
    """One code. `salt` and `hash` are Base64url."""

    code: str
    salt: str
    hash: str
    reach: Reach = Reach()


class Technicians(_Frozen):
    """The payload of `technicians.jws`."""

    version: Annotated[int, Field(ge=0)] = 0
    issued_at: int = 0
    technicians: tuple[Technician, ...] = ()
    revoked_passes: dict[str, int] = Field(default_factory=dict)
    """Until when each would have been good, seconds since 1970."""

    def with_technician(self, code: str, verifier: Verifier, reach: Reach) -> "Technicians":
        """The list with a new PIN for `code`, which replaces an earlier one. Raises `KeySetError`."""
        check_code(code)
        check_reach(reach)
        new = Technician(code=code, salt=text(verifier.salt), hash=text(verifier.digest), reach=reach)
        others = (each for each in self.technicians if each.code != code)
        everybody = sorted((*others, new), key=lambda each: each.code)
        return self.model_copy(update={"technicians": tuple(everybody)})

    def without_technician(self, code: str) -> "Technicians":
        """The list without `code`. Raises `KeySetError`."""
        stay = tuple(each for each in self.technicians if each.code != code)
        if len(stay) == len(self.technicians):
            raise KeySetError(f"{code} is not on the list")
        return self.model_copy(update={"technicians": stay})

    def without_pass(self, pass_id: str, not_after: int) -> "Technicians":
        """The list that refuses a pass, as long as that one would be good."""
        return self.model_copy(update={"revoked_passes": {**self.revoked_passes, pass_id: not_after}})

    def signed(self, key: Ed25519PrivateKey, now: dt.datetime) -> str:
        """The next version of the list, signed. Revocations of passes that have ended leave it."""
        at = int(now.timestamp())
        revoked = {name: until for name, until in self.revoked_passes.items() if until > at}
        update = {"version": self.version + 1, "issued_at": at, "revoked_passes": revoked}
        payload = self.model_copy(update=update).model_dump_json().encode()
        return jws.sign(key, PublicKey.of(key.public_key()).kid, TYP, payload)


class Issued(_Frozen):
    """A pass, and what is kept of it."""

    token: str
    pass_id: str
    technician: str
    reach: Reach
    not_before: int
    not_after: int


def read_list(token: str, keys: Mapping[str, Ed25519PublicKey]) -> Technicians:
    """The list in `token`, if one of `keys` signed it. Raises `KeySetError`."""
    try:
        return Technicians.model_validate_json(jws.verify(token, TYP, keys))
    except (jws.JwsError, ValidationError):
        raise KeySetError("the list of technicians is not signed by this authority") from None


def issue(
    key: Ed25519PrivateKey, code: str, verifier: Verifier, reach: Reach, begin: dt.datetime, days: int
) -> Issued:
    """A pass for `code`, good from `begin` for `days`. Raises `KeySetError`."""
    check_code(code)
    check_reach(reach)
    if not reach.kiosks and not reach.group:
        raise KeySetError("a pass is for one kiosk, for several, or for a group: name them")
    if not 1 <= days <= MAX_DAYS:
        raise KeySetError(f"a pass is good for 1 to {MAX_DAYS} days")
    not_before = int(begin.timestamp())
    not_after = not_before + days * 86_400
    pass_id = _new_id()
    claims = {
        "i": pass_id,
        "t": code,
        **({"k": list(reach.kiosks)} if reach.kiosks else {"g": reach.group}),
        "f": not_before,
        "u": not_after,
        "s": text(verifier.salt),
        "v": text(verifier.digest),
    }
    signed = f"{PASS}.{text(json.dumps(claims, separators=(',', ':')).encode())}"
    token = f"{signed}.{text(key.sign(signed.encode('ascii')))}"
    if len(token) > LONGEST_PASS:
        raise KeySetError("too many kiosks for one QR code: use a group, or several passes")
    return Issued(
        token=token, pass_id=pass_id, technician=code, reach=reach, not_before=not_before, not_after=not_after
    )


def _new_id() -> str:
    """A name for a pass that no command line takes for an option."""
    while (name := text(os.urandom(_ID_BYTES))).startswith("-"):
        pass
    return name


def check_code(code: str) -> None:
    """Raise `KeySetError` unless it is `T` and four digits."""
    if not _CODE.fullmatch(code):
        raise KeySetError(f"{code!r} is no technician's number: T and four digits, such as T0042")


def check_reach(reach: Reach) -> None:
    """Raise `KeySetError` for both kiosks and a group, or a group that no kiosk can be in."""
    if reach.kiosks and reach.group:
        raise KeySetError("name either kiosks or a group")
    if reach.group and not _GROUP.fullmatch(reach.group):
        raise KeySetError(f"{reach.group!r} is no group: small letters, digits and single hyphens")
