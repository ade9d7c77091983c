"""Signed statements of the centre: compact JWS (RFC 7515) with EdDSA (RFC 8037), and nothing else of JOSE."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SigningKeys = Mapping[str, Ed25519PublicKey]
"""Keys that may have signed, by key id."""


class NotSignedError(ValueError):
    """Not a statement that one of the keys has signed. Quotes nothing of it."""


def verify(token: object, keys: SigningKeys, typ: str | None = None) -> dict[str, Any]:
    """The payload of `token`, if one of `keys` signed it (and its header says `typ`, where one is asked for).

    The header chooses among `keys` and nothing more: no other algorithm, no key of its own. Raises
    `NotSignedError`.
    """
    try:
        signed, _, signature = str(token).rpartition(".")
        header, payload = (_json(part) for part in signed.split("."))
        if header.get("alg") != "EdDSA" or (typ is not None and header.get("typ") != typ):
            raise NotSignedError
        keys[header["kid"]].verify(_base64url(signature), signed.encode("ascii"))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature):
        raise NotSignedError from None
    return payload


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
