"""Compact JWS (RFC 7515) with EdDSA (RFC 8037): key sets and receipts."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class JwsError(Exception):
    """Not a JWS, or signed by nobody we know. `args[0]` says which, without content."""


def sign(key: Ed25519PrivateKey, kid: str, typ: str, payload: bytes) -> str:
    """A token over exactly these bytes."""
    header = json.dumps({"alg": "EdDSA", "kid": kid, "typ": typ}, separators=(",", ":")).encode()
    signed = f"{encode(header)}.{encode(payload)}"
    return f"{signed}.{encode(key.sign(signed.encode('ascii')))}"


def verify(token: str, typ: str, keys: Mapping[str, Ed25519PublicKey]) -> bytes:
    """The payload, if one of `keys` signed it as `typ`. Raises `JwsError`."""
    header_part, payload_part, signature_part = _three(token)
    header = _json_object(header_part)
    if header.get("alg") != "EdDSA" or header.get("typ") != typ:
        raise JwsError(f"not a {typ} signed with EdDSA")
    key = keys.get(str(header.get("kid")))
    if key is None:
        raise JwsError("signed by an unknown key")
    try:
        key.verify(decode(signature_part), f"{header_part}.{payload_part}".encode("ascii"))
    except InvalidSignature:
        raise JwsError("the signature is wrong") from None
    return decode(payload_part)


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of base64url without padding. Raises `JwsError`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise JwsError("not base64url") from None


def _three(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise JwsError("not a compact JWS")
    return parts[0], parts[1], parts[2]


def _json_object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(decode(part))
    except (ValueError, RecursionError):
        raise JwsError("the header is not JSON") from None
    if not isinstance(value, dict):
        raise JwsError("the header is not an object")
    return value
