"""Opening: what was sealed comes out byte for byte, also for escrow, and nothing altered does."""

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.keys.keyring import Keyring
from central.keys.suites import CLASSIC, HYBRID, OpeningKey, generate, kid_of, opening_key
from central.sealed.base import UnreadableError
from central.sealed.envelope import PIECE, open_attachments, open_document, parse


@dataclass(frozen=True)
class Ring:
    """All of a keyring that opening needs."""

    opening: dict[str, OpeningKey]


def opened(message: Any, keyring: Any) -> tuple[bytes, list[bytes]]:
    here = dict(zip(map(bytes.fromhex, message.names), message.parts, strict=True))
    received = parse(message.body)
    return open_document(received, keyring), list(open_attachments(received, here.get, keyring))


@pytest.mark.parametrize(
    "photos",
    [(), (b"",), (b"one", b"two"), (bytes(PIECE), bytes(PIECE + 1)), (b"", bytes(2 * PIECE), b"x")],
    ids=["none", "empty", "small", "at the edge", "mixed"],
)
def test_what_was_sealed_comes_out(sealing: Any, keyring: Keyring, photos: tuple[bytes, ...]) -> None:
    assert opened(sealing.seal(b'{"a":1}\x80\x00', photos), keyring) == (b'{"a":1}\x80\x00', list(photos))


def test_envelopes_of_the_first_release_still_open(sealing: Any, keyring: Keyring) -> None:
    message = sealing.seal_version_1(b'{"a":1}', (b"one", b"two"))
    assert opened(message, keyring) == (b'{"a":1}', [b"one", b"two"])


def test_the_escrow_key_opens_as_well_and_either_is_enough(sealing: Any) -> None:
    recipients, ring = [], {}
    for suite in (HYBRID, CLASSIC):
        pair = generate(suite)
        kid = kid_of(pair.public)
        ring[kid] = opening_key(suite, pair.private)
        recipients.append((kid, *_sealer(sealing, suite, pair.public)))
    both = type(sealing).__new__(type(sealing))
    both._recipients = recipients
    message = both.seal(b"{}", (b"photo",))
    assert [key["kid"] for key in json.loads(message.body)["keys"]] == list(ring)
    for kid, key in ring.items():
        assert opened(message, Ring({kid: key})) == (b"{}", [b"photo"])
    with pytest.raises(UnreadableError, match="no key that this centre holds"):
        opened(message, Ring({}))
    # A recipient cannot be taken away unnoticed.
    body = json.loads(message.body)
    for left in (body["keys"][:1], body["keys"][1:], body["keys"][::-1]):
        altered = json.dumps({**body, "keys": left}).encode()
        with pytest.raises(UnreadableError):
            open_document(parse(altered), Ring(ring))


def _sealer(sealing: Any, suite: str, public: bytes) -> tuple[Any, Any]:
    made = type(sealing).seal.__globals__
    return made["_SUITES"][suite], made["_public"](suite, public)


ALTERATIONS: dict[str, Any] = {
    "kiosk": 8,
    "case": str(uuid.UUID(int=1)),
    "sequence": 2,
    "previous": "1" * 64,
    "parts": [],
}


@pytest.mark.parametrize("member", ALTERATIONS)
def test_no_clear_member_can_be_changed(sealing: Any, keyring: Keyring, member: str) -> None:
    message = sealing.seal(photos=(b"one", b"two"))
    body = {**json.loads(message.body), member: ALTERATIONS[member]}
    with pytest.raises(UnreadableError):
        open_document(parse(json.dumps(body).encode()), keyring)


def test_parts_cannot_be_exchanged_or_moved(sealing: Any, keyring: Keyring) -> None:
    message = sealing.seal(photos=(b"one", b"two"))
    received = parse(message.body)
    one, two = message.parts
    names = [bytes.fromhex(name) for name in message.names]
    with pytest.raises(UnreadableError):
        list(open_attachments(received, dict(zip(names, (two, one), strict=True)).get, keyring))
    with pytest.raises(UnreadableError, match="missing"):
        list(open_attachments(received, {}.get, keyring))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_single_byte_of_a_ciphertext_can_be_changed(
    sealing: Any, keyring: Keyring, data: st.DataObject
) -> None:
    message = sealing.seal(photos=(b"photo",))
    body = json.loads(message.body)
    place = data.draw(st.sampled_from(["sealed", "wrapped", "part"]))
    if place == "part":
        damaged = _flipped(message.parts[0], data)
        with pytest.raises(UnreadableError):
            list(open_attachments(parse(message.body), lambda _: damaged, keyring))
        return
    holder = body if place == "sealed" else body["keys"][0]
    holder[place] = base64.b64encode(_flipped(base64.b64decode(holder[place]), data)).decode()
    with pytest.raises(UnreadableError):
        open_document(parse(json.dumps(body).encode()), keyring)


def _flipped(content: bytes, data: st.DataObject) -> bytes:
    place = data.draw(st.integers(0, len(content) - 1))
    flip = data.draw(st.integers(1, 255))
    return content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :]


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_an_envelope_or_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        parse(body)
