"""Sealing: a reader written from the page alone opens it, and nothing else than what was sealed where."""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from kiosk.post.envelope import (
    GENESIS,
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    MAX_DOCUMENT,
    PIECE,
    Sealed,
    Sealer,
    Slot,
    TooLargeError,
    check_size,
    envelope_hash,
)
from kiosk.post.keyset import parse, parse_roots

CASE = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
DOCUMENT = '{"text":"報失 \x80 銀包"}'.encode()
SLOT = Slot(3, b"\x11" * 32)
PHOTOS = [b"photo one" * 40_000, b"", b"photo three"]


def sealer_for(centre: Any, kiosk: int = 7, **more: Any) -> Sealer:
    key_set = parse(centre.key_set(), parse_roots(centre.roots()))
    return Sealer(kiosk, key_set.sealing, **more)


def data(sealed: Sealed) -> list[bytes]:
    return [part.sealed for part in sealed.parts]


@pytest.fixture
def sealed(paper_centre: Any) -> Sealed:
    return sealer_for(paper_centre).seal(CASE, SLOT, DOCUMENT, PHOTOS)


@pytest.mark.parametrize("by", [0, 1], ids=["primary", "escrow"])
def test_each_recipient_opens_what_was_sealed(paper_centre: Any, sealed: Sealed, by: int) -> None:
    assert paper_centre.open(sealed.envelope, data(sealed), by) == (DOCUMENT, PHOTOS)


def test_the_envelope_says_what_the_page_says(sealed: Sealed) -> None:
    body = json.loads(sealed.envelope)
    assert list(body) == ["v", "kiosk", "case", "sequence", "previous", "keys", "parts", "sealed"]
    assert (body["v"], body["kiosk"], body["case"], body["sequence"]) == (2, 7, str(CASE), 3)
    assert body["previous"] == "11" * 32
    assert [part["attachment"] for part in body["parts"]] == [0, 0, 1, 2]
    assert [part["size"] for part in body["parts"]] == [PIECE + 16, 360_000 - PIECE + 16, 16, 11 + 16]
    for named, part in zip(body["parts"], sealed.parts, strict=True):
        assert named["sha256"] == part.sha256 == hashlib.sha256(part.sealed).hexdigest()
        assert named["attachment"] == part.attachment
    assert envelope_hash(sealed.envelope) == hashlib.sha256(sealed.envelope).digest()


ALTERATIONS: Mapping[str, Callable[[Any], Any]] = {
    "kiosk": lambda _: 8,
    "case": lambda _: "6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a11",
    "sequence": lambda sequence: sequence + 1,
    "previous": lambda _: "22" * 32,
    "parts": lambda parts: parts[:-1],
    "keys": lambda keys: keys[:1],
    "sealed": lambda sealed: sealed[:-8] + ("AAAA" if sealed[-8:-4] != "AAAA" else "BBBB") + sealed[-4:],
}


@pytest.mark.parametrize("member", ALTERATIONS)
def test_what_is_altered_does_not_open(
    paper_centre: Any, sealed: Sealed, member: str, unopened: type[Exception]
) -> None:
    body = json.loads(sealed.envelope)
    body[member] = ALTERATIONS[member](body[member])
    with pytest.raises(unopened):
        paper_centre.open(json.dumps(body).encode())


def test_pieces_cannot_change_their_attachment(
    paper_centre: Any, sealed: Sealed, unopened: type[Exception]
) -> None:
    body = json.loads(sealed.envelope)
    body["parts"][1]["attachment"] = 1
    with pytest.raises(unopened):
        paper_centre.open(json.dumps(body).encode(), data(sealed))


def test_pieces_cannot_change_places_or_cases(
    paper_centre: Any, sealed: Sealed, unopened: type[Exception]
) -> None:
    sealer = sealer_for(paper_centre)
    other = sealer.seal(uuid.uuid4(), SLOT, DOCUMENT, PHOTOS)
    swapped = data(sealed)
    swapped[0], swapped[1] = swapped[1], swapped[0]
    for pieces in (swapped, data(other)):
        with pytest.raises(unopened):
            paper_centre.open(sealed.envelope, pieces)


def test_a_content_key_cannot_be_used_for_another_place(paper_centre: Any, unopened: type[Exception]) -> None:
    """Even a kiosk that drew the same content key twice would not make wrapped keys interchangeable."""
    sealer = sealer_for(paper_centre, random_bytes=lambda size: b"k" * size)
    one, two = (json.loads(sealer.seal(CASE, Slot(n, GENESIS), DOCUMENT).envelope) for n in (1, 2))
    one["keys"] = two["keys"]
    with pytest.raises(unopened):
        paper_centre.open(json.dumps(one).encode())


def test_another_centre_cannot_open(new_centre: Any, sealed: Sealed, unopened: type[Exception]) -> None:
    with pytest.raises(unopened):
        new_centre().open(sealed.envelope)


def test_the_size_tells_nothing_about_how_much_was_written(paper_centre: Any) -> None:
    sealer = sealer_for(paper_centre)

    def size(length: int) -> int:
        return len(base64.b64decode(json.loads(sealer.seal(CASE, SLOT, b"x" * length).envelope)["sealed"]))

    assert size(0) == size(1) == size(4095) == 4096 + 16
    assert size(4096) == size(4095) + 4096


def test_the_same_document_never_looks_the_same(paper_centre: Any) -> None:
    sealer = sealer_for(paper_centre)
    first, second = (sealer.seal(CASE, SLOT, DOCUMENT, [b"photo", b"photo"]) for _ in range(2))
    assert first.envelope != second.envelope
    assert len({part.sha256 for sealed in (first, second) for part in sealed.parts}) == 4


def test_the_content_key_is_overwritten(paper_centre: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bytearray] = []

    def watched(key: bytearray) -> AESGCM:
        held.append(key)
        assert any(key)
        return AESGCM(key)

    monkeypatch.setattr("kiosk.post.envelope.AESGCM", watched)
    sealer = sealer_for(paper_centre)
    sealer.seal(CASE, SLOT, DOCUMENT, PHOTOS)
    with pytest.raises(TypeError):
        sealer.seal(CASE, SLOT, DOCUMENT, ["not bytes"])  # type: ignore[list-item]  # fails half-way
    assert held == [bytearray(32), bytearray(32)]


def test_too_much_is_refused(paper_centre: Any) -> None:
    sealer = sealer_for(paper_centre)
    assert sealer.seal(CASE, SLOT, bytes(MAX_DOCUMENT)).envelope
    for document, attachments in (
        (bytes(MAX_DOCUMENT + 1), []),
        (DOCUMENT, [b""] * (MAX_ATTACHMENTS + 1)),
        (DOCUMENT, [bytes(MAX_ATTACHMENT_BYTES), b"1"]),
    ):
        with pytest.raises(TooLargeError):
            sealer.seal(CASE, SLOT, document, attachments)


def test_the_most_that_may_be_sealed_fits_the_list_of_parts() -> None:
    check_size(MAX_DOCUMENT, [MAX_ATTACHMENT_BYTES // MAX_ATTACHMENTS] * MAX_ATTACHMENTS)
    assert MAX_ATTACHMENT_BYTES // PIECE + MAX_ATTACHMENTS <= 300


def test_a_new_kiosk_begins_the_chain_with_zeros(paper_centre: Any) -> None:
    sealed = sealer_for(paper_centre).seal(CASE, Slot(1, GENESIS), DOCUMENT)
    assert json.loads(sealed.envelope)["previous"] == "0" * 64


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
