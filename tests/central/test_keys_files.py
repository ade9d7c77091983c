"""Keys in files: locked, upgraded from the first release, and opened on the day the centre's are lost."""

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from central.keys import ceremony, development, escrow, jws, keyring_file, locked, suites
from central.keys.ceremony import Plan
from central.keys.escrow import EscrowKey
from central.keys.keyring import Keyring
from central.keys.keyset import KeySetError, Role
from central.keys.material import Material
from central.keys.roots import development_root, roots_of
from central.sealed.base import UnreadableError
from tests.central.preference import newest

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
PASSPHRASE = "correct horse 電池"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "COST", 2)


def test_a_guess_costs_something(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    locked.write_root(tmp_path / "root", Ed25519PrivateKey.generate(), PASSPHRASE)
    assert json.loads((tmp_path / "root").read_text())["lock"]["scrypt_n"] >= 2**17


def test_a_root_comes_back_with_its_passphrase_only(tmp_path: Path) -> None:
    key, file = Ed25519PrivateKey.generate(), tmp_path / "root"
    locked.write_root(file, key, PASSPHRASE)
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    raw = key.private_bytes_raw()
    assert raw not in file.read_bytes()
    assert base64.b64encode(raw) not in file.read_bytes()
    assert locked.open_root(file, PASSPHRASE).private_bytes_raw() == raw
    with pytest.raises(KeySetError, match="passphrase is wrong"):
        locked.open_root(file, PASSPHRASE + " ")


def test_two_locks_of_one_key_have_nothing_in_common(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    locks = []
    for name in ("one", "two"):
        locked.write_root(tmp_path / name, key, PASSPHRASE)
        locks.append(json.loads((tmp_path / name).read_text())["lock"])
    assert all(locks[0][part] != locks[1][part] for part in ("salt", "nonce", "sealed"))


@pytest.mark.parametrize(
    ("member", "value"),
    [("scrypt_n", 2**30), ("scrypt_n", 3), ("salt", "AAAA"), ("nonce", ""), ("sealed", "!"), ("extra", 1)],
)
def test_a_hostile_file_is_refused_before_it_costs_memory(tmp_path: Path, member: str, value: object) -> None:
    file = tmp_path / "root"
    locked.write_root(file, Ed25519PrivateKey.generate(), PASSPHRASE)
    values = json.loads(file.read_text())
    values["lock"][member] = value
    file.write_text(json.dumps(values))
    with pytest.raises(KeySetError):
        locked.open_root(file, PASSPHRASE)


def test_the_public_half_cannot_be_exchanged(tmp_path: Path) -> None:
    file, other = tmp_path / "root", tmp_path / "other"
    locked.write_root(file, Ed25519PrivateKey.generate(), PASSPHRASE)
    locked.write_root(other, Ed25519PrivateKey.generate(), PASSPHRASE)
    values = json.loads(file.read_text())
    values["root"] = json.loads(other.read_text())["root"]
    file.write_text(json.dumps(values))
    with pytest.raises(KeySetError, match="damaged"):
        locked.open_root(file, PASSPHRASE)
    for wrong in (file, other):
        with pytest.raises(KeySetError, match="not an escrow key"):
            locked.open_escrow(wrong, PASSPHRASE)


def test_the_escrow_key_opens_what_was_sealed_to_both(directory: Path, sealing: Any, tmp_path: Path) -> None:
    photos = (b"one", b"2" * 300_000, b"")
    message = sealing.seal(b'{"text":"bag"}', photos)
    (tmp_path / "envelope").write_bytes(message.body)
    parts = tmp_path / "parts"
    parts.mkdir()
    for name, part in zip(message.names, message.parts, strict=True):
        (parts / name).write_bytes(part)
    key = EscrowKey.unlock(directory / development.ESCROW, development.PASSPHRASE)
    opened = escrow.open_case(tmp_path / "envelope", parts, key)
    assert (opened.document, opened.attachments) == (b'{"text":"bag"}', photos)
    escrow.save(opened, tmp_path / "clear")
    assert (tmp_path / "clear" / "attachment-01").read_bytes() == photos[1]
    assert oct((tmp_path / "clear" / "document.json").stat().st_mode & 0o777) == "0o600"
    for missing in (None, tmp_path):
        with pytest.raises(UnreadableError, match=r"parts|part is missing"):
            escrow.open_case(tmp_path / "envelope", missing, key)


def test_another_escrow_key_opens_nothing(sealing: Any, tmp_path: Path) -> None:
    locked.make_escrow(tmp_path / "key", PASSPHRASE, NOW)
    (tmp_path / "envelope").write_bytes(sealing.seal().body)
    with pytest.raises(UnreadableError, match="no key that this centre holds"):
        escrow.open_case(tmp_path / "envelope", None, EscrowKey.unlock(tmp_path / "key", PASSPHRASE))


def test_the_private_escrow_key_is_not_with_the_centre(directory: Path) -> None:
    key, private = locked.open_escrow(directory / development.ESCROW, development.PASSPHRASE)
    keyring = Keyring.load(directory)
    assert key in keyring.key_set.of_role(Role.ESCROW)
    assert key.kid not in keyring.opening
    assert base64.b64encode(private) not in (directory / "keyring.json").read_bytes()


def test_a_centre_made_anew_opens_with_the_lent_key(directory: Path, sealing: Any, tmp_path: Path) -> None:
    """Fire: centre and backups are gone, kiosks still hold reports and key set 1."""
    message = sealing.seal(b'{"text":"bag"}')
    unlocked = locked.open_escrow(directory / development.ESCROW, development.PASSPHRASE)
    root = development_root(directory)
    anew = ceremony.make_draft(Material.new(roots_of(root)), Plan(version=2), NOW)
    anew = ceremony.sign_and_publish(anew, root)
    keyring = Keyring(anew)
    assert keyring.key_set_version == 2
    assert not set(keyring.opening) & {key["kid"] for key in json.loads(message.body)["keys"]}
    lent = ceremony.lend(anew, *unlocked)
    (tmp_path / "envelope").write_bytes(message.body)
    opened = escrow.open_case(tmp_path / "envelope", None, EscrowKey(Keyring(lent).opening))
    assert opened.document == b'{"text":"bag"}'
    with pytest.raises(KeySetError, match="already"):
        ceremony.lend(lent, *unlocked)
    with pytest.raises(KeySetError, match="the next version is 3"):
        ceremony.make_draft(anew, Plan(version=2), NOW)


# --- the first release ---


def first_release(folder: Path) -> dict[str, Any]:
    """`keyring.json` as the first release wrote it."""

    def entry(public: bytes, private: bytes, **more: str) -> dict[str, str]:
        texts = {"public": base64.b64encode(public).decode(), "private": base64.b64encode(private).decode()}
        return {"kid": suites.kid_of(public), **texts, **more}

    seed, scalar, classic = (
        MLKEM768PrivateKey.generate(),
        X25519PrivateKey.generate(),
        X25519PrivateKey.generate(),
    )
    receipt = Ed25519PrivateKey.generate()
    hybrid_public = seed.public_key().public_bytes_raw() + scalar.public_key().public_bytes_raw()
    hybrid_private = seed.private_bytes_raw() + scalar.private_bytes_raw()
    file = {
        "version": 1,
        "keys": [
            entry(hybrid_public, hybrid_private, suite=suites.HYBRID),
            entry(classic.public_key().public_bytes_raw(), classic.private_bytes_raw(), suite=suites.CLASSIC),
        ],
        "receipt_keys": [entry(receipt.public_key().public_bytes_raw(), receipt.private_bytes_raw())],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keyring.json").write_text(json.dumps(file))
    return file


def test_a_centre_of_the_first_release_keeps_its_keys(tmp_path: Path) -> None:
    file = first_release(tmp_path)
    keyring = Keyring.load(tmp_path)
    hybrid, classic = file["keys"]
    assert set(keyring.opening) == {hybrid["kid"], classic["kid"]}
    for key in file["keys"]:
        sealed = suites.seal(key["suite"], base64.b64decode(key["public"]), b"bag", b"place")
        assert keyring.opening[key["kid"]].open(sealed, b"place") == b"bag"
    receipt = file["receipt_keys"][0]
    assert keyring.receipt_kid == receipt["kid"]
    assert keyring.receipt_key.private_bytes_raw() == base64.b64decode(receipt["private"])
    assert keyring.key_set_version == 2
    preferred = newest(keyring.key_set.of_role(Role.PRIMARY), dt.datetime.now(dt.UTC))
    assert preferred is not None
    assert preferred.kid == hybrid["kid"], "what the first release listed first"
    assert jws.verify(keyring.key_set_token(), "report-keyset", keyring.material.root_keys())


def test_it_is_upgraded_once_and_rotates_like_any_other(tmp_path: Path) -> None:
    first_release(tmp_path)
    once, again = Keyring.load(tmp_path), Keyring.load(tmp_path)
    assert once.material == again.material
    root = development_root(tmp_path)
    keyring_file.change(
        tmp_path,
        lambda known: ceremony.sign_and_publish(
            ceremony.make_draft(known, Plan(new_receipt_key=True), NOW), root
        ),
    )
    assert (once.key_set_version, len(once.opening)) == (3, 3)
