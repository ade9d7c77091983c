"""The format of bundles: one form, every byte of it signed, nothing that leaves the folder; about 2 s."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.packs import bundle as central_bundle
from config.settings import Settings
from kiosk.post import jws, pack_bundle
from kiosk.post.keyset import load_key_set
from kiosk.post.pack_bundle import MAX_BUNDLE, BundleError, BundleRefusal, parse
from tests.bundles.conftest import Force, payload_of

FILES = {"packs/a/pack.yaml": b"pack: a\n", "packs/a/texts/en.yaml": b"service: A\n"}


@pytest.fixture
def signers(force: Force, settings: Settings) -> jws.SigningKeys:
    assert force
    return load_key_set(settings.paths.keys).packs


def refusal(data: bytes, signers: jws.SigningKeys) -> BundleRefusal:
    with pytest.raises(BundleError) as caught:
        parse(data, signers)
    return caught.value.refusal


def unnoticed(data: bytes, signers: jws.SigningKeys) -> list[int]:
    """The campaign: places where a change is not refused."""
    found = []
    end_of_head = data.index(b"\n") - 1  # in its last character not every bit counts by itself
    for place in range(len(data)):
        for bits in range(1, 256) if place == end_of_head else (0x01, 0x02, 0x20):
            changed = bytearray(data)
            changed[place] ^= bits
            try:
                pack_bundle.parse(bytes(changed), signers)
            except BundleError:
                continue
            found.append(place)
    return found


def test_a_signed_bundle_opens_in_both_houses(force: Force, signers: jws.SigningKeys) -> None:
    data = force.sign(FILES, 7)
    opened = parse(data, signers)
    assert opened.files == FILES
    assert opened.manifest.number == central_bundle.verify(data, dict(signers)).number == 7
    assert force.sign(dict(reversed(FILES.items())), 7) == data, "the same content is the same bytes"


def test_every_byte_counts(force: Force, signers: jws.SigningKeys) -> None:
    data = force.sign(FILES, 7)
    assert unnoticed(data, signers) == []


def test_a_cut_off_or_longer_one_is_refused(force: Force, signers: jws.SigningKeys) -> None:
    data = force.sign(FILES, 7)
    for size in range(len(data)):
        refusal(data[:size], signers)
    assert refusal(data + b"x", signers) is BundleRefusal.MALFORMED
    assert refusal(data + bytes(MAX_BUNDLE), signers) is BundleRefusal.TOO_LARGE


def test_only_the_key_for_packs_signs_packs(force: Force, signers: jws.SigningKeys) -> None:
    payload, body = payload_of(FILES), b"".join(FILES[path] for path in sorted(FILES))
    assert parse(force.sign_anything(payload, body), signers).files == FILES
    assert (
        refusal(force.sign_anything(payload, body, typ="report-keyset"), signers) is BundleRefusal.NOT_SIGNED
    )
    force.packs = Ed25519PrivateKey.generate()
    assert refusal(force.sign(FILES, 7), signers) is BundleRefusal.NOT_SIGNED
    force.packs = force.root
    assert refusal(force.sign(FILES, 7), signers) is BundleRefusal.NOT_SIGNED


PATHS = [
    "../etc/passwd", "/etc/passwd", "packs/../../x.yaml", "packs/a/../b/pack.yaml", "packs/a/pack.yaml/x",
    "packs//pack.yaml", "packs/A/pack.yaml", "packs/.a/pack.yaml", "packs/a/pack.py", "packs/a/pack.yaml\x00",
    "packs/a/pack.yaml\n", "packs\\a\\pack.yaml", "lists/a/b.yaml", "packs/a/texts/../x.yaml", "bundle.head",
    "packs/_b/pack.yaml", "packs/" + "a" * 41 + "/pack.yaml", "packs/\u0430/pack.yaml", "", ".",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_name_leaves_the_folder(force: Force, signers: jws.SigningKeys, path: str) -> None:
    data = force.sign_anything(payload_of({path: b"x"}), b"x")
    assert refusal(data, signers) is BundleRefusal.MALFORMED
    with pytest.raises(central_bundle.BundleError):
        central_bundle.verify(data, dict(signers))


def _more_files(payload: dict[str, Any]) -> None:
    payload["files"] = payload_of({f"lists/l{number:03d}.yaml": b"" for number in range(501)})["files"]


ODD: dict[str, Callable[[dict[str, Any]], object]] = {
    "a file twice": lambda payload: payload["files"].append(payload["files"][0]),
    "out of order": lambda payload: payload["files"].reverse(),
    "too many files": _more_files,
    "a size that is larger": lambda payload: payload["files"][0].update(size=9_999),
    "a size below nothing": lambda payload: payload["files"][0].update(size=-1),
    "a size as text": lambda payload: payload["files"][0].update(size="8"),
    "number 0": lambda payload: payload.update(number=0),
    "number as text": lambda payload: payload.update(number="7"),
    "number as truth": lambda payload: payload.update(number=True),
    "more members": lambda payload: payload.update(note="x"),
    "no files": lambda payload: payload.update(files=[]),
    "fits nothing": lambda payload: payload.update(app_from="2", app_below="1"),
    "no release": lambda payload: payload.update(app_below="next"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_signed_must_also_be_sound(force: Force, signers: jws.SigningKeys, name: str) -> None:
    payload, body = payload_of(FILES), b"".join(FILES[path] for path in sorted(FILES))
    ODD[name](payload)
    assert refusal(force.sign_anything(payload, body), signers) is BundleRefusal.MALFORMED


def test_there_is_one_way_to_write_it(force: Force, signers: jws.SigningKeys) -> None:
    body = b"".join(FILES[path] for path in sorted(FILES))
    extra = force.sign_anything(payload_of(FILES), body, note="x")
    assert refusal(extra, signers) is BundleRefusal.MALFORMED
    head, _, rest = force.sign(FILES, 7).partition(b"\n")
    assert refusal(head + b"\r\n" + rest, signers) in set(BundleRefusal)
    assert refusal(head + b"=\n" + rest, signers) in set(BundleRefusal)


def test_releases_are_compared_by_their_numbers(force: Force, signers: jws.SigningKeys) -> None:
    manifest = parse(force.sign(FILES, 1, ("1.9", "1.10.2")), signers).manifest
    fits = [
        name for name in ("1.8.9", "1.9.0", "1.10.1", "1.10.2", "2.0", "1.9rc1", "x") if manifest.fits(name)
    ]
    assert fits == ["1.9.0", "1.10.1", "1.9rc1"]


# Bugs planted in the product: the campaign above reports each


def _no_hash(patched: pytest.MonkeyPatch) -> None:
    def cut(manifest: pack_bundle.Manifest, body: bytes) -> dict[str, bytes]:
        files, start = {}, 0
        for file in manifest.files:
            files[file.path] = body[start : start + file.size]
            start += file.size
        return files

    patched.setattr(pack_bundle, "_cut", cut)


def _no_signature(patched: pytest.MonkeyPatch) -> None:
    def verify(token: object, _keys: object, _typ: str | None = None) -> Mapping[str, Any]:
        try:
            header, payload, signature = str(token).split(".")
            jws._base64url(signature)
            jws._json(header)["kid"]
            return jws._json(payload)
        except (ValueError, TypeError, KeyError):
            raise jws.NotSignedError from None

    patched.setattr(jws, "verify", verify)


def _not_canonical(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(pack_bundle, "_is_canonical", lambda _head, _manifest: True)


@pytest.mark.parametrize("plant", [_no_hash, _no_signature, _not_canonical])
def test_a_planted_bug_is_found(
    force: Force, signers: jws.SigningKeys, monkeypatch: pytest.MonkeyPatch, plant: Any
) -> None:
    data = force.sign(FILES, 7)
    plant(monkeypatch)
    assert unnoticed(data, signers) != []


def test_the_payload_is_what_both_houses_sign(force: Force, signers: jws.SigningKeys) -> None:
    manifest = parse(force.sign(FILES, 7), signers).manifest
    written = json.dumps(payload_of(FILES, 7), sort_keys=True, separators=(",", ":")).encode()
    assert manifest.payload() == written
    assert manifest.fingerprint().replace("-", "") == hashlib.sha256(written).hexdigest()[:20]
