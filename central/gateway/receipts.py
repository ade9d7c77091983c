"""Signed receipts: JWS (RFC 7515) with EdDSA (RFC 8037), so that any language can check one."""

import json
from typing import Any

from central.keys import jws
from central.keys.keyring import Keyring

TYP = "report-receipt"


def sign(keyring: Keyring, claims: dict[str, Any]) -> str:
    """A receipt in compact form over `claims`."""
    kid, key = keyring.receipt_signer()
    return jws.sign(key, kid, TYP, json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
