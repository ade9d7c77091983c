"""The thief: searches every file of a kiosk for known answers in many encodings, and tries every key."""

import base64
import binascii
import contextlib
import json
import re
import zlib
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import apsw
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from kiosk.post.envelope import Part, Slot, case_context, key_context
from tests.prove.stolen.corpus import Answers

ALL = frozenset(
    {"utf-8", "utf-16-le", "utf-16-be", "reversed", "reversed bytes", "hex", "json", "base64"}
    | {"photo", "photo hex"}
)
_CLASSIC = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_HYBRID = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_HYBRID_PRIVATE = 96
_TEXT = re.compile(rb"[A-Za-z0-9+/_-]{42,}={0,2}")
_LONGEST_KEY = 400
_PHOTO_PIECE = 48
_SHORTEST_BASE64 = 24
_PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*-----\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Leak:
    """A known answer was found. Says where and how it was written, not what."""

    file: str
    encoding: str


class Needles:
    """All known answers in many encodings."""

    def __init__(self, corpus: Iterable[Answers], encodings: Container[str] = ALL) -> None:
        self._needles: dict[str, set[bytes]] = {}
        for answers in corpus:
            written = [found for secret in answers.secrets() for found in _written(secret)]
            for encoding, needle in (*written, *_photographed(answers.photo)):
                if encoding in encodings:
                    self._needles.setdefault(encoding, set()).add(needle)

    def in_bytes(self, data: bytes) -> set[str]:
        """The encodings in which anything of the corpus is in `data`."""
        return {name for name, needles in self._needles.items() if any(needle in data for needle in needles)}

    def in_directory(self, directory: Path) -> list[Leak]:
        """Search every file, as it is and decompressed."""
        leaks = []
        for path in sorted(file for file in directory.rglob("*") if file.is_file()):
            name = str(path.relative_to(directory))
            data = path.read_bytes()
            leaks += [Leak(name, encoding) for encoding in sorted(self.in_bytes(data))]
            leaks += [Leak(name, "file name") for _ in self.in_bytes(name.encode("utf-8", "surrogateescape"))]
            for inflated in _inflated(data):
                leaks += [
                    Leak(name, f"compressed {encoding}") for encoding in sorted(self.in_bytes(inflated))
                ]
        return leaks


def _written(secret: str) -> Iterator[tuple[str, bytes]]:
    plain = secret.encode()
    yield "utf-8", plain
    yield "utf-16-le", secret.encode("utf-16-le")
    yield "utf-16-be", secret.encode("utf-16-be")
    yield "reversed", secret[::-1].encode()
    yield "reversed bytes", plain[::-1]
    yield "hex", plain.hex().encode()
    yield "hex", plain.hex().upper().encode()
    yield "json", json.dumps(secret)[1:-1].encode()
    yield from _in_base64(plain)


def _photographed(photo: bytes) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(photo) - _PHOTO_PIECE, 1000):
        piece = photo[start : start + _PHOTO_PIECE]
        yield "photo", piece
        yield "photo hex", piece.hex().encode()
        yield from _in_base64(piece)


def _in_base64(plain: bytes) -> Iterator[tuple[str, bytes]]:
    """What of the text stands in Base64 whatever was before and after it."""
    for before in range(3):
        for encoded in (base64.b64encode, base64.urlsafe_b64encode):
            text = encoded(bytes(before) + plain)
            inner = text[4 if before else 0 : len(text) // 4 * 4 - 4]
            if len(inner) >= min(_SHORTEST_BASE64, len(plain) - 2):
                yield "base64", inner


def _inflated(data: bytes) -> Iterator[bytes]:
    """Every zlib, gzip or raw-deflate-in-zlib stream that begins anywhere in `data`."""
    for start, (first, second) in enumerate(pairwise(data)):
        if first == 0x78 and (first << 8 | second) % 31 == 0:
            yield from _decompressed(data[start:], zlib.MAX_WBITS)
        elif first == 0x1F and second == 0x8B:
            yield from _decompressed(data[start:], 16 + zlib.MAX_WBITS)


def _decompressed(data: bytes, window: int) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj(window).decompress(data, 1 << 20)
    except zlib.error:
        return


# --- keys -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loot:
    """A sealed case from the outbox of a stolen kiosk."""

    envelope: bytes

    @property
    def body(self) -> dict[str, object]:
        """Its clear members."""
        body = json.loads(self.envelope)
        assert isinstance(body, dict)
        return body


def sealed_cases(outbox: Path) -> list[Loot]:
    """What lies in the outbox."""
    with apsw.Connection(str(outbox)) as db:
        query = "SELECT envelope FROM cases WHERE envelope IS NOT NULL ORDER BY sequence"
        return [Loot(bytes(envelope)) for (envelope,) in db.execute(query)]


def opens_with_any_window(loot: Loot, directory: Path) -> list[str]:
    """Files in which any 32 bytes, wherever they begin, are the content key of the case."""
    nonce, sealed, context = _document_of(loot)
    found = []
    for path in sorted(file for file in directory.rglob("*") if file.is_file()):
        data = path.read_bytes()
        for start in range(len(data) - 31):
            if _opens(data[start : start + 32], nonce, sealed, context):
                found.append(path.name)
                break
    return found


def opens_with_private_keys(loot: Loot, directory: Path) -> list[str]:
    """Files that hold a private key which opens a recipient's copy of the content key, in either suite."""
    return [
        path.name
        for path in sorted(file for file in directory.rglob("*") if file.is_file())
        if any(_unwraps(loot, candidate) for candidate in _candidates(path.read_bytes()))
    ]


def _candidates(data: bytes) -> Iterator[bytes]:
    """Raw private keys a file may hold as PEM, raw, Base64 or hex; for the hybrid, three times 32 bytes."""
    yield from _pem(data)
    texts = [text for text in _TEXT.findall(data) if len(text) <= _LONGEST_KEY]
    raws = [data[:_HYBRID_PRIVATE], *(raw for text in texts for raw in _decoded(text))]
    for raw in raws:
        yield raw[:32].ljust(32, b"\0")
        yield raw[-32:].rjust(32, b"\0")
        yield (raw * 3)[:_HYBRID_PRIVATE].ljust(_HYBRID_PRIVATE, b"\0")


def _decoded(text: bytes) -> Iterator[bytes]:
    for decode in (base64.b64decode, base64.urlsafe_b64decode, binascii.unhexlify):
        with contextlib.suppress(ValueError):
            yield decode(text)


def _pem(data: bytes) -> Iterator[bytes]:
    for block in _PEM.findall(data):
        try:
            key = serialization.load_pem_private_key(block, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if hasattr(key, "private_numbers"):
            yield key.private_numbers().private_value.to_bytes(32, "big")
        if hasattr(key, "private_bytes_raw"):
            yield key.private_bytes_raw()


def _unwraps(loot: Loot, private: bytes) -> bool:
    body = loot.body
    slot = Slot(int(str(body["sequence"])), bytes.fromhex(str(body["previous"])))
    keys = body["keys"]
    assert isinstance(keys, list)
    for key in keys:
        info = key_context(int(str(body["kiosk"])), UUID(str(body["case"])), slot, key["kid"])
        wrapped = base64.b64decode(key["wrapped"])
        try:
            if len(private) == _HYBRID_PRIVATE:
                seed, scalar = MLKEM768PrivateKey.from_seed_bytes(private[:64]), private[64:]
                hybrid = MLKEM768X25519PrivateKey(seed, X25519PrivateKey.from_private_bytes(scalar))
                _HYBRID.decrypt(wrapped, hybrid, info)
            else:
                _CLASSIC.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private), info)
        except (InvalidTag, ValueError):
            continue
        return True
    return False


def _document_of(loot: Loot) -> tuple[bytes, bytes, bytes]:
    body = loot.body
    parts, keys = body["parts"], body["keys"]
    assert isinstance(parts, list)
    assert isinstance(keys, list)
    slot = Slot(int(str(body["sequence"])), bytes.fromhex(str(body["previous"])))
    listed = [Part(part["sha256"], bytes(part["size"]), part["attachment"]) for part in parts]
    kids = [key["kid"] for key in keys]
    context = case_context(int(str(body["kiosk"])), UUID(str(body["case"])), slot, listed, kids)
    return bytes(12), base64.b64decode(str(body["sealed"])), context


def _opens(key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bool:
    try:
        AESGCM(key).decrypt(nonce, sealed, context)
    except InvalidTag:
        return False
    return True
