"""The centre's private keys: those that open envelopes, and the one that signs receipts."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from central.files import write_private

KEYRING = "keyring.json"

HYBRID = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
CLASSIC = "X25519/HKDF-SHA256/AES-256-GCM"
_SUITES = {
    HYBRID: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    CLASSIC: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_MLKEM_SEED_BYTES = 64

_PrivateKey = X25519PrivateKey | MLKEM768X25519PrivateKey


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """One HPKE private key."""

    suite: str
    private: _PrivateKey

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Decrypt. Raises `cryptography.exceptions.InvalidTag`."""
        return _SUITES[self.suite].decrypt(sealed, self.private, info)


class Keyring:
    """All private keys of a centre."""

    def __init__(self, file: Mapping[str, Any]) -> None:
        self._file = file
        self.opening = {k["kid"]: OpeningKey(k["suite"], _private_key(k)) for k in file["keys"]}
        receipt = file["receipt_keys"][0]
        self.receipt_kid: str = receipt["kid"]
        self.receipt_key = Ed25519PrivateKey.from_private_bytes(_raw(receipt["private"]))

    @staticmethod
    def generate() -> "Keyring":
        """New keys: a post-quantum hybrid pair first, a classic pair, a receipt key."""
        key = Ed25519PrivateKey.generate()
        receipt = _entry(key.public_key().public_bytes_raw(), key.private_bytes_raw())
        return Keyring({"version": 1, "keys": [_new_hybrid(), _new_classic()], "receipt_keys": [receipt]})

    def save(self, directory: Path) -> None:
        """Write the keys, private ones included, into `directory`."""
        write_private(directory / KEYRING, json.dumps(self._file, indent=1).encode())

    @staticmethod
    def load(directory: Path) -> "Keyring":
        """Read the keys of `directory`."""
        return Keyring(json.loads((directory / KEYRING).read_bytes()))

    def key_set(self) -> bytes:
        """The public half, as kiosks read it (`keyset.json`)."""
        public = {
            "version": self._file["version"],
            "keys": [_without_private(key) for key in self._file["keys"]],
            "receipt_keys": [_without_private(key) for key in self._file["receipt_keys"]],
        }
        return json.dumps(public, indent=1).encode()


def _new_hybrid() -> dict[str, str]:
    seed, scalar = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    public = seed.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()
    return {**_entry(public, seed.private_bytes_raw() + scalar.private_bytes_raw()), "suite": HYBRID}


def _new_classic() -> dict[str, str]:
    scalar = X25519PrivateKey.generate()
    return {**_entry(scalar.public_key().public_bytes_raw(), scalar.private_bytes_raw()), "suite": CLASSIC}


def _entry(public: bytes, private: bytes) -> dict[str, str]:
    kid = hashlib.sha256(public).hexdigest()[:16]
    return {
        "kid": kid,
        "public": base64.b64encode(public).decode(),
        "private": base64.b64encode(private).decode(),
    }


def _private_key(key: Mapping[str, str]) -> _PrivateKey:
    raw = _raw(key["private"])
    if key["suite"] == CLASSIC:
        return X25519PrivateKey.from_private_bytes(raw)
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(raw[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(raw[_MLKEM_SEED_BYTES:]),
    )


def _without_private(key: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in key.items() if name != "private"}


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
