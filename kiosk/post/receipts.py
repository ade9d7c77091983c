"""Checks the centre's signed receipts: JWS (RFC 7515) with EdDSA (RFC 8037). Nothing else lets a case go."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ReceiptKeys = Mapping[str, Ed25519PublicKey]
"""The centre's keys that sign receipts, by key id."""

_NUMBER = re.compile(r"[ -~]{1,32}")  # it is shown and printed


@dataclass(frozen=True, slots=True)
class Receipt:
    """The centre has the case, under this number of its own."""

    official_number: str


def verify(token: object, keys: ReceiptKeys, case_id: UUID, envelope_sha256: str) -> Receipt | None:
    """The receipt in `token`, if one of `keys` signed it for exactly this case and envelope; else None."""
    try:
        signed, _, signature = str(token).rpartition(".")
        header, claims = (_json(part) for part in signed.split("."))
        if header.get("alg") != "EdDSA":
            return None
        keys[header["kid"]].verify(_base64url(signature), signed.encode("ascii"))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature):
        return None
    if claims.get("case") != str(case_id) or claims.get("envelope") != envelope_sha256:
        return None
    number = claims.get("official_number")
    return Receipt(number) if isinstance(number, str) and _NUMBER.fullmatch(number) else None


def _json(part: str) -> dict[str, Any]:
    value = json.loads(_base64url(part))
    if not isinstance(value, dict):
        raise TypeError
    return value


def _base64url(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError from error
