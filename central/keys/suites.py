"""The HPKE suites (RFC 9180) of sealing keys, and their raw forms: docs/reference/envelope.md."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, assert_never

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

SuiteName = Literal["MLKEM768-X25519/HKDF-SHA256/AES-256-GCM", "X25519/HKDF-SHA256/AES-256-GCM"]
HYBRID: SuiteName = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
CLASSIC: SuiteName = "X25519/HKDF-SHA256/AES-256-GCM"

_SUITES = {
    HYBRID: Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    CLASSIC: Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_SEED_BYTES = 64
_MLKEM_PUBLIC_BYTES = 1184

PrivateKey = X25519PrivateKey | MLKEM768X25519PrivateKey
PublicKey = X25519PublicKey | MLKEM768X25519PublicKey


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key, raw. A hybrid private key is the ML-KEM seed (64 bytes) and the X25519 scalar (32)."""

    public: bytes
    private: bytes


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """One HPKE private key."""

    suite: SuiteName
    private: PrivateKey

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Decrypt. Raises `cryptography.exceptions.InvalidTag`."""
        return _SUITES[self.suite].decrypt(sealed, self.private, info)


class OpeningKeys(Protocol):
    """Whoever can open envelopes: the centre's keyring, or one escrow key."""

    @property
    def opening(self) -> Mapping[str, OpeningKey]:
        """The keys by kid."""
        ...


def seal(suite: SuiteName, public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """The HPKE message of `plaintext` to the raw key `public`. Raises `ValueError` for a key that is none."""
    return _SUITES[suite].encrypt(plaintext, public_key(suite, public), info)


def generate(suite: SuiteName) -> KeyPair:
    """A new key of `suite`."""
    scalar = X25519PrivateKey.generate()
    classic = KeyPair(scalar.public_key().public_bytes_raw(), scalar.private_bytes_raw())
    if suite == CLASSIC:
        return classic
    seed = MLKEM768PrivateKey.generate()
    return KeyPair(
        seed.public_key().public_bytes_raw() + classic.public, seed.private_bytes_raw() + classic.private
    )


def public_key(suite: SuiteName, raw: bytes) -> PublicKey:
    """Read a raw public key. Raises `ValueError`."""
    match suite:
        case "X25519/HKDF-SHA256/AES-256-GCM":
            return X25519PublicKey.from_public_bytes(raw)
        case "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM":
            return MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES]),
                X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC_BYTES:]),
            )
    assert_never(suite)


def opening_key(suite: SuiteName, raw: bytes) -> OpeningKey:
    """Read a raw private key. Raises `ValueError`."""
    match suite:
        case "X25519/HKDF-SHA256/AES-256-GCM":
            return OpeningKey(suite, X25519PrivateKey.from_private_bytes(raw))
        case "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM":
            hybrid = MLKEM768X25519PrivateKey(
                MLKEM768PrivateKey.from_seed_bytes(raw[:_SEED_BYTES]),
                X25519PrivateKey.from_private_bytes(raw[_SEED_BYTES:]),
            )
            return OpeningKey(suite, hybrid)
    assert_never(suite)


def public_of(suite: SuiteName, raw: bytes) -> bytes:
    """The raw public key of a raw private key. Raises `ValueError`."""
    if suite == CLASSIC:
        return X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    seed = MLKEM768PrivateKey.from_seed_bytes(raw[:_SEED_BYTES])
    scalar = X25519PrivateKey.from_private_bytes(raw[_SEED_BYTES:])
    return seed.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()


def kid_of(public: bytes) -> str:
    """The id of a key: the first 16 hex digits of the SHA-256 of its raw public half."""
    return hashlib.sha256(public).hexdigest()[:16]
