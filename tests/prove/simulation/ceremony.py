"""The centre's keys of a simulated season: a root, sealing keys that change, and what opens an envelope.

Written from docs/reference/envelope.md and keyset.md, so that kiosk and centre are checked by a third.
"""

import base64
import datetime as dt
import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class SealingPair:
    """A key pair reports are sealed to, good between two seconds since 1970."""

    private: X25519PrivateKey
    role: str
    not_before: float
    not_after: float

    @property
    def public(self) -> bytes:
        """The raw public key."""
        return self.private.public_key().public_bytes_raw()


class Ceremony:
    """Makes keys and signs key sets. Private keys are never taken away: a queue may be old."""

    def __init__(self) -> None:
        self._root = Ed25519PrivateKey.generate()
        self._receipt = Ed25519PrivateKey.generate()
        self._pairs: dict[str, SealingPair] = {}
        self._published: list[str] = []
        self.version = 0
        self.token = ""

    def roots(self) -> dict[str, Any]:
        """What `roots.json` of a kiosk says."""
        return {"roots": [_entry(self._root.public_key().public_bytes_raw())]}

    def rotate(self, now: float, lasts_s: float, *, keep: int = 2) -> None:
        """A new primary and escrow key from `now`; the newest `keep` of each stay published."""
        for role in ("primary", "escrow"):
            pair = SealingPair(X25519PrivateKey.generate(), role, now, now + lasts_s)
            self._pairs[kid_of(pair.public)] = pair
            self._published.append(kid_of(pair.public))
        self._published = self._published[-2 * keep :]
        self.version += 1
        payload = {
            "version": self.version,
            "issued_at": _utc(now),
            "sealing": [self._described(kid) for kid in self._published],
            "receipt_keys": [_entry(self._receipt.public_key().public_bytes_raw())],
        }
        self.token = sign(self._root, "report-keyset", payload)

    def receipt(self, claims: Mapping[str, Any]) -> str:
        """A receipt over `claims`."""
        return sign(self._receipt, "report-receipt", claims)

    def open(self, envelope: bytes, parts: Mapping[str, bytes]) -> tuple[Any, list[bytes]]:
        """Document and attachments of an envelope. Raises KeyError, ValueError or InvalidTag."""
        body = json.loads(envelope)
        content_key = self._unwrapped(body)
        document = AESGCM(content_key).decrypt(bytes(12), base64.b64decode(body["sealed"]), _context(body))
        attachments: dict[int, list[bytes]] = {}
        for number, part in enumerate(body["parts"]):
            nonce = (number + 1).to_bytes(12, "big")
            place = struct.pack(
                ">I16sII", body["kiosk"], UUID(body["case"]).bytes, number, part["attachment"]
            )
            piece = AESGCM(content_key).decrypt(
                nonce, parts[part["sha256"]], b"report-kiosk/part/2\x00" + place
            )
            attachments.setdefault(part["attachment"], []).append(piece)
        unpadded = document.rstrip(b"\x00")
        if not unpadded.endswith(b"\x80"):
            raise ValueError("padding")
        return json.loads(unpadded[:-1]), [b"".join(pieces) for _, pieces in sorted(attachments.items())]

    def _unwrapped(self, body: Mapping[str, Any]) -> bytes:
        """The content key, opened with the primary key; the escrow key must open to the same."""
        opened = set()
        for key in body["keys"]:
            info = b"report-kiosk/key/2\x00" + struct.pack(
                ">I16sQ", body["kiosk"], UUID(body["case"]).bytes, body["sequence"]
            )
            pair = self._pairs[key["kid"]]
            wrapped = base64.b64decode(key["wrapped"])
            opened.add(_SUITE.decrypt(wrapped, pair.private, info + key["kid"].encode("ascii")))
        (content_key,) = opened
        return content_key

    def _described(self, kid: str) -> dict[str, Any]:
        pair = self._pairs[kid]
        times = {"not_before": _utc(pair.not_before), "not_after": _utc(pair.not_after)}
        return {**_entry(pair.public), "suite": CLASSIC, "role": pair.role, **times}


def kid_of(public: bytes) -> str:
    """The name of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def sign(key: Ed25519PrivateKey, typ: str, payload: Mapping[str, Any]) -> str:
    """A compact JWS."""
    kid = kid_of(key.public_key().public_bytes_raw())
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (_header(kid, typ), payload))
    return f"{signed}.{_base64url(key.sign(signed.encode()))}"


def _context(body: Mapping[str, Any]) -> bytes:
    listed, named = hashlib.sha256(), hashlib.sha256()
    for part in body["parts"]:
        listed.update(struct.pack(">I32sQ", part["attachment"], bytes.fromhex(part["sha256"]), part["size"]))
    for key in body["keys"]:
        named.update(bytes([len(key["kid"])]) + key["kid"].encode("ascii"))
    place = struct.pack(
        ">I16sQ32s",
        body["kiosk"],
        UUID(body["case"]).bytes,
        body["sequence"],
        bytes.fromhex(body["previous"]),
    )
    return b"report-kiosk/case/2\x00" + place + listed.digest() + named.digest()


def _header(kid: str, typ: str) -> dict[str, str]:
    return {"alg": "EdDSA", "kid": kid, "typ": typ}


def _entry(public: bytes) -> dict[str, str]:
    return {"kid": kid_of(public), "public": base64.b64encode(public).decode()}


def _utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
