"""Sealing: a case becomes bytes that only the centre can open (HPKE, RFC 9180).

The format is specified byte by byte in docs/reference/envelope.md. What an envelope says in clear (kiosk,
case, sequence, previous hash, parts) is also bound into the encryption, so nobody can move a sealed report to
another case, kiosk or place in the chain, or take a photo away from it.
"""

import base64
import hashlib
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from kiosk.post.keys import KeySet, SealingKey, SuiteName

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)
"""The "previous hash" of a kiosk's first envelope."""

PAD_BLOCK = 4096
MAX_DOCUMENT = 1 << 20
MAX_PART = 16 << 20

_CASE_LABEL = b"report-kiosk/case/1\x00"
_PART_LABEL = b"report-kiosk/part/1\x00"
_MLKEM768_PUBLIC_BYTES = 1184

_PublicKey = X25519PublicKey | MLKEM768X25519PublicKey


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a kiosk's chain: its number, counted from 1, and the SHA-256 of the envelope before it."""

    sequence: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A sealed attachment, named by the SHA-256 (hex) of `sealed`."""

    sha256: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored and sent: the envelope as the exact bytes of its JSON, and the parts it names."""

    envelope: bytes
    parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of ciphertext."""
        return len(self.envelope) + sum(len(part.sealed) for part in self.parts)


class TooLargeError(ValueError):
    """A document or an attachment exceeds what the centre takes: a fault of the caller."""


class Sealer:
    """Seals cases of one kiosk to the first key of the centre's key set."""

    def __init__(self, kiosk: int, key_set: KeySet) -> None:
        self._kiosk = kiosk
        self._key = key_set.sealing[0]
        self._suite = _SUITES[self._key.suite]
        self._public = _public_key(self._key)

    def seal(self, case_id: UUID, slot: Slot, document: bytes, attachments: Sequence[bytes] = ()) -> Sealed:
        """Seal `document` (at most 1 MiB) and each attachment (at most 16 MiB). Raises `TooLargeError`."""
        if len(document) > MAX_DOCUMENT or any(len(attachment) > MAX_PART for attachment in attachments):
            raise TooLargeError
        parts = tuple(self._seal_part(case_id, index, data) for index, data in enumerate(attachments))
        context = case_context(self._key.kid, self._kiosk, case_id, slot, parts)
        body = {
            "v": 1,
            "kid": self._key.kid,
            "kiosk": self._kiosk,
            "case": str(case_id),
            "sequence": slot.sequence,
            "previous": slot.previous.hex(),
            "parts": [{"sha256": part.sha256, "size": len(part.sealed)} for part in parts],
            "sealed": base64.b64encode(self._encrypt(_pad(document), context)).decode(),
        }
        return Sealed(json.dumps(body, separators=(",", ":")).encode(), parts)

    def _seal_part(self, case_id: UUID, index: int, data: bytes) -> Part:
        sealed = self._encrypt(data, part_context(self._key.kid, self._kiosk, case_id, index))
        return Part(hashlib.sha256(sealed).hexdigest(), sealed)

    def _encrypt(self, plaintext: bytes, context: bytes) -> bytes:
        return self._suite.encrypt(plaintext, self._public, context)


def envelope_hash(envelope: bytes) -> bytes:
    """SHA-256 of the exact bytes of an envelope: its name in the chain and in the centre's receipt."""
    return hashlib.sha256(envelope).digest()


def case_context(kid: str, kiosk: int, case_id: UUID, slot: Slot, parts: Sequence[Part]) -> bytes:
    """HPKE `info` of an envelope: label, kiosk u32, case, sequence u64, previous, parts digest, kid."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(bytes.fromhex(part.sha256) + struct.pack(">Q", len(part.sealed)))
    place = struct.pack(">I16sQ32s", kiosk, case_id.bytes, slot.sequence, slot.previous)
    return _CASE_LABEL + place + digest.digest() + kid.encode("ascii")


def part_context(kid: str, kiosk: int, case_id: UUID, index: int) -> bytes:
    """HPKE `info` of the attachment at `index` (from 0): label, kiosk u32, case, index u32, kid."""
    return _PART_LABEL + struct.pack(">I16sI", kiosk, case_id.bytes, index) + kid.encode("ascii")


def _pad(document: bytes) -> bytes:
    """ISO/IEC 7816-4 to whole 4 KiB blocks, so that the size tells nothing about how much was written."""
    return document + b"\x80" + bytes(-(len(document) + 1) % PAD_BLOCK)


def _hybrid_public_key(raw: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM768_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(raw[_MLKEM768_PUBLIC_BYTES:]),
    )


def _public_key(key: SealingKey) -> _PublicKey:
    return _PUBLIC_KEYS[key.suite](key.public)


_SUITES: Mapping[SuiteName, Suite] = {
    "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_PUBLIC_KEYS: Mapping[SuiteName, Callable[[bytes], _PublicKey]] = {
    "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM": _hybrid_public_key,
    "X25519/HKDF-SHA256/AES-256-GCM": X25519PublicKey.from_public_bytes,
}
