"""Sealing: a case becomes bytes that only the centre can open.

The format is specified byte by byte in docs/reference/envelope.md. A content key, drawn for the case and
forgotten with it, seals the document and every piece of an attachment (AES-256-GCM); it is itself sealed to
the centre's keys (HPKE, RFC 9180). What an envelope says in clear (kiosk, case, sequence, previous hash,
parts, recipients) is also bound into the encryption, so nobody can move a sealed report to another case,
kiosk or place in the chain, or take a photo away from it.
"""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kiosk.post.keyset import SealingKey, SuiteName

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)
"""The "previous hash" of a kiosk's first envelope."""

PAD_BLOCK = 4096
PIECE = 262_144
MAX_DOCUMENT = 1 << 20
MAX_ATTACHMENTS = 30
MAX_ATTACHMENT_BYTES = 60_000_000

SUITES: Mapping[SuiteName, Suite] = {
    "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "X25519/HKDF-SHA256/AES-256-GCM": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}

_KEY_LABEL = b"report-kiosk/key/2\x00"
_CASE_LABEL = b"report-kiosk/case/2\x00"
_PART_LABEL = b"report-kiosk/part/2\x00"
_CONTENT_KEY_BYTES = 32
_DOCUMENT_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a kiosk's chain: its number, counted from 1, and the SHA-256 of the envelope before it."""

    sequence: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A sealed piece of an attachment, named by the SHA-256 (hex) of `sealed`. Attachments count from 0."""

    sha256: str
    sealed: bytes
    attachment: int = 0


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
    """A document or its attachments exceed what the centre takes: a fault of the caller."""


class Sealer:
    """Seals cases of one kiosk, so that each of the recipients can open them."""

    def __init__(
        self,
        kiosk: int,
        recipients: Sequence[SealingKey],
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """`recipients` as `keyset.KeySet.recipients` chose them. `random_bytes` must be unpredictable."""
        self._kiosk = kiosk
        self._recipients = tuple(recipients)
        self._random_bytes = random_bytes

    def seal(self, case_id: UUID, slot: Slot, document: bytes, attachments: Sequence[bytes] = ()) -> Sealed:
        """Seal `document` (at most 1 MiB) and at most 30 attachments (together at most 60,000,000 bytes).

        Raises `TooLargeError`.
        """
        check_size(len(document), [len(attachment) for attachment in attachments])
        kids = [key.kid for key in self._recipients]
        with self._content_key() as content_key:
            cipher = AESGCM(content_key)
            parts = tuple(self._seal_parts(cipher, case_id, attachments))
            context = case_context(self._kiosk, case_id, slot, parts, kids)
            body = {
                "v": 2,
                "kiosk": self._kiosk,
                "case": str(case_id),
                "sequence": slot.sequence,
                "previous": slot.previous.hex(),
                "keys": [self._wrap(key, content_key, case_id, slot) for key in self._recipients],
                "parts": [
                    {"attachment": part.attachment, "sha256": part.sha256, "size": len(part.sealed)}
                    for part in parts
                ],
                "sealed": _base64(cipher.encrypt(_DOCUMENT_NONCE, pad(document, PAD_BLOCK), context)),
            }
        return Sealed(json.dumps(body, separators=(",", ":")).encode(), parts)

    @contextmanager
    def _content_key(self) -> Iterator[bytearray]:
        # Overwritten here; what the libraries have copied of it goes when the visit's process ends.
        key = bytearray(self._random_bytes(_CONTENT_KEY_BYTES))
        try:
            yield key
        finally:
            key[:] = bytes(_CONTENT_KEY_BYTES)

    def _wrap(self, key: SealingKey, content_key: bytearray, case_id: UUID, slot: Slot) -> dict[str, str]:
        info = key_context(self._kiosk, case_id, slot, key.kid)
        return {"kid": key.kid, "wrapped": _base64(SUITES[key.suite].encrypt(content_key, key.public, info))}

    def _seal_parts(self, cipher: AESGCM, case_id: UUID, attachments: Sequence[bytes]) -> Iterator[Part]:
        number = 0
        for attachment, data in enumerate(attachments):
            for piece in pieces(data):
                context = part_context(self._kiosk, case_id, number, attachment)
                sealed = cipher.encrypt((number + 1).to_bytes(12, "big"), piece, context)
                yield Part(hashlib.sha256(sealed).hexdigest(), sealed, attachment)
                number += 1


def check_size(document: int, attachments: Sequence[int]) -> None:
    """Raise `TooLargeError` if a document and attachments of these many bytes are more than a case holds."""
    if (
        document > MAX_DOCUMENT
        or len(attachments) > MAX_ATTACHMENTS
        or sum(attachments) > MAX_ATTACHMENT_BYTES
    ):
        raise TooLargeError


def envelope_hash(envelope: bytes) -> bytes:
    """SHA-256 of the exact bytes of an envelope: its name in the chain and in the centre's receipt."""
    return hashlib.sha256(envelope).digest()


def key_context(kiosk: int, case_id: UUID, slot: Slot, kid: str) -> bytes:
    """HPKE `info` of a wrapped content key: label, kiosk u32, case, sequence u64, kid."""
    return _KEY_LABEL + struct.pack(">I16sQ", kiosk, case_id.bytes, slot.sequence) + kid.encode("ascii")


def case_context(kiosk: int, case_id: UUID, slot: Slot, parts: Sequence[Part], kids: Sequence[str]) -> bytes:
    """Associated data of a document: label, kiosk u32, case, sequence u64, previous, parts, recipients."""
    listed, named = hashlib.sha256(), hashlib.sha256()
    for part in parts:
        listed.update(struct.pack(">I32sQ", part.attachment, bytes.fromhex(part.sha256), len(part.sealed)))
    for kid in kids:
        named.update(bytes([len(kid)]) + kid.encode("ascii"))
    place = struct.pack(">I16sQ32s", kiosk, case_id.bytes, slot.sequence, slot.previous)
    return _CASE_LABEL + place + listed.digest() + named.digest()


def part_context(kiosk: int, case_id: UUID, number: int, attachment: int) -> bytes:
    """Associated data of part `number` (from 0, over all attachments): label, kiosk, case, both numbers."""
    return _PART_LABEL + struct.pack(">I16sII", kiosk, case_id.bytes, number, attachment)


def pieces(data: bytes) -> Iterator[memoryview]:
    """An attachment cut as it is sealed; an empty one is one empty piece."""
    view = memoryview(data)
    for start in range(0, max(len(data), 1), PIECE):
        yield view[start : start + PIECE]


def pad(text: bytes, block: int) -> bytes:
    """ISO/IEC 7816-4 to whole blocks, so that the size tells nothing about how much was written."""
    return text + b"\x80" + bytes(-(len(text) + 1) % block)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
