"""Signed receipts: JWS (RFC 7515) with EdDSA (RFC 8037), so that any language can check one."""

import base64
import json
from typing import Any

from central.keys.keyring import Keyring


def sign(keyring: Keyring, claims: dict[str, Any]) -> str:
    """A receipt in compact form over `claims`."""
    header = {"alg": "EdDSA", "kid": keyring.receipt_kid, "typ": "report-receipt"}
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{_base64url(keyring.receipt_key.sign(signed.encode('ascii')))}"


def _part(value: dict[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
