"""Sealing: the centre's own reader opens it, and nothing else than what was sealed, where it was sealed."""

import base64
import hashlib
import json
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from central.keys.keyring import Keyring
from central.sealed.version1 import UnreadableError, open_document, open_part, parse
from kiosk.post.envelope import (
    GENESIS,
    MAX_DOCUMENT,
    MAX_PART,
    Sealer,
    Slot,
    TooLargeError,
    envelope_hash,
)
from kiosk.post.keys import KeySet, SealingKey

CASE = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
DOCUMENT = '{"text":"報失 \x80 銀包"}'.encode()
SLOT = Slot(3, b"\x11" * 32)


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture(params=["MLKEM768-X25519", "X25519"])
def sealer(request: pytest.FixtureRequest, keyring: Keyring) -> Sealer:
    return _sealer(keyring, request.param)


def _sealer(keyring: Keyring, kem: str) -> Sealer:
    published = json.loads(keyring.key_set())
    keys = [k for k in published["keys"] if k["suite"].startswith(kem)]
    sealing = tuple(SealingKey(k["kid"], k["suite"], base64.b64decode(k["public"])) for k in keys)
    return Sealer(7, KeySet(1, sealing, {}))


def test_the_centre_opens_what_the_kiosk_sealed(sealer: Sealer, keyring: Keyring) -> None:
    sealed = sealer.seal(CASE, SLOT, DOCUMENT, [b"photo one", b"photo two"])
    envelope = parse(sealed.envelope).envelope
    assert open_document(envelope, keyring) == DOCUMENT
    opened = [open_part(envelope, n, part.sealed, keyring) for n, part in enumerate(sealed.parts)]
    assert opened == [b"photo one", b"photo two"]
    assert (envelope.kiosk, envelope.case, envelope.sequence) == (7, CASE, 3)
    assert envelope.previous == "11" * 32
    for named, part in zip(envelope.parts, sealed.parts, strict=True):
        assert named.sha256 == part.sha256 == hashlib.sha256(part.sealed).hexdigest()
        assert named.size == len(part.sealed)
    assert envelope_hash(sealed.envelope).hex() == parse(sealed.envelope).sha256


ALTERATIONS: dict[str, Any] = {
    "kiosk": lambda _: 8,
    "case": lambda _: "6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a11",
    "sequence": lambda sequence: sequence + 1,
    "previous": lambda _: "22" * 32,
    "parts": lambda parts: parts[:1],
    "sealed": lambda sealed: sealed[:-8] + ("AAAA" if sealed[-8:-4] != "AAAA" else "BBBB") + sealed[-4:],
    "kid": lambda kid: kid[::-1],
}


@pytest.mark.parametrize("field", ALTERATIONS)
def test_what_is_altered_does_not_open(sealer: Sealer, keyring: Keyring, field: str) -> None:
    sealed = sealer.seal(CASE, SLOT, DOCUMENT, [b"photo one", b"photo two"])
    body = json.loads(sealed.envelope)
    body[field] = ALTERATIONS[field](body[field])
    with pytest.raises(UnreadableError):
        open_document(parse(json.dumps(body).encode()).envelope, keyring)


def test_photos_cannot_change_places_or_cases(sealer: Sealer, keyring: Keyring) -> None:
    one = sealer.seal(CASE, SLOT, DOCUMENT, [b"photo one", b"photo two"])
    envelope = parse(one.envelope).envelope
    with pytest.raises(UnreadableError):
        open_part(envelope, 1, one.parts[0].sealed, keyring)
    other = sealer.seal(uuid.uuid4(), SLOT, DOCUMENT, [b"photo one"])
    with pytest.raises(UnreadableError):
        open_part(envelope, 0, other.parts[0].sealed, keyring)


def test_another_centre_cannot_open(sealer: Sealer) -> None:
    sealed = sealer.seal(CASE, SLOT, DOCUMENT)
    with pytest.raises(UnreadableError):
        open_document(parse(sealed.envelope).envelope, Keyring.generate())


def test_the_size_tells_nothing_about_how_much_was_written(sealer: Sealer) -> None:
    def size(length: int) -> int:
        return len(base64.b64decode(json.loads(sealer.seal(CASE, SLOT, b"x" * length).envelope)["sealed"]))

    assert size(0) == size(1) == size(4095)
    assert size(4096) == size(4095) + 4096


def test_the_same_document_never_looks_the_same(sealer: Sealer) -> None:
    first, second = (sealer.seal(CASE, SLOT, DOCUMENT, [b"photo"]) for _ in range(2))
    assert first.envelope != second.envelope
    assert first.parts[0].sha256 != second.parts[0].sha256


def test_too_much_is_refused(sealer: Sealer) -> None:
    with pytest.raises(TooLargeError):
        sealer.seal(CASE, SLOT, bytes(MAX_DOCUMENT + 1))
    with pytest.raises(TooLargeError):
        sealer.seal(CASE, SLOT, DOCUMENT, [bytes(MAX_PART + 1)])
    assert sealer.seal(CASE, SLOT, bytes(MAX_DOCUMENT)).envelope


def test_a_new_kiosk_begins_the_chain_with_zeros(sealer: Sealer) -> None:
    sealed = sealer.seal(CASE, Slot(1, GENESIS), DOCUMENT)
    assert json.loads(sealed.envelope)["previous"] == "0" * 64


def test_a_wrong_padding_is_refused(keyring: Keyring) -> None:
    """A sealer with another idea of padding is not silently truncated."""
    sealer = _sealer(keyring, "X25519")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.post.envelope._pad", lambda document: document + b"\x80\x01\x00")
        sealed = sealer.seal(CASE, SLOT, DOCUMENT)
    with pytest.raises(UnreadableError, match="padding"):
        open_document(parse(sealed.envelope).envelope, keyring)


def test_the_library_computes_rfc_9180() -> None:
    """Appendix A.1.1: key schedule from `enc` and `skRm` to `key` and `base_nonce`.

    The vectors use associated data, which the library's public call leaves empty; so the first message is
    made here with the vector's own key and nonce, and must open through the whole of HPKE.
    """
    enc = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    recipient = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    info = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
    key = bytes.fromhex("4531685d41d65f03dc48f6b8302c05b0")
    base_nonce = bytes.fromhex("56d890e5accaaf011cff4b7d")
    plaintext = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")
    published = bytes.fromhex(
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    )
    assert AESGCM(key).decrypt(base_nonce, published, b"Count-0") == plaintext
    message = enc + AESGCM(key).encrypt(base_nonce, plaintext, None)
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    assert suite.decrypt(message, X25519PrivateKey.from_private_bytes(recipient), info) == plaintext
