"""From drafts to published key sets: only what was made here and signed by a root is ever published."""

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from central.keys import ceremony, jws, keyring_file, suites
from central.keys.ceremony import Plan
from central.keys.keyring import Keyring
from central.keys.keyset import TYP, KeySet, KeySetError, PublicKey, Role, SealingKey, verify
from central.keys.material import Material, sealing_key
from central.keys.roots import roots_of
from tests.central.preference import newest

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ROOT, SPARE, STRANGER = (Ed25519PrivateKey.generate() for _ in range(3))


def fresh() -> Material:
    return Material.new(roots_of(ROOT, SPARE))


def rotated(
    material: Material, now: dt.datetime = NOW, root: Ed25519PrivateKey = ROOT, **plan: Any
) -> Material:
    return ceremony.sign_and_publish(ceremony.make_draft(material, Plan(**plan), now), root)


def published(material: Material) -> KeySet:
    key_set = material.published()
    assert key_set is not None
    return key_set


def drafted(material: Material) -> KeySet:
    assert material.draft is not None
    return material.draft.key_set


def escrow() -> SealingKey:
    pair = suites.generate(suites.CLASSIC)
    return sealing_key(suites.CLASSIC, pair.public, Role.ESCROW, NOW, 1000)


def test_versions_rise_and_the_newest_key_is_preferred() -> None:
    first = rotated(fresh(), escrow=escrow())
    second = rotated(first, NOW + DAY)
    assert [published(each).version for each in (first, second)] == [1, 2]
    old, new = published(first).of_role(Role.PRIMARY), published(second).of_role(Role.PRIMARY)
    assert [key.kid for key in new[1:]] == [key.kid for key in old]
    assert newest(new, NOW + DAY) == new[0]
    assert published(second).of_role(Role.ESCROW) == published(first).of_role(Role.ESCROW)
    assert new[0].not_before < old[0].not_after, "both are valid for a while"


def test_the_default_is_the_post_quantum_hybrid() -> None:
    assert {key.suite for key in published(rotated(fresh())).sealing} == {suites.HYBRID}


def test_what_a_key_set_looks_like() -> None:
    material = rotated(fresh(), escrow=escrow())
    assert material.key_set is not None
    header, payload, _ = material.key_set.split(".")
    assert json.loads(jws.decode(header)) == {
        "alg": "EdDSA",
        "typ": "report-keyset",
        "kid": PublicKey.of(ROOT.public_key()).kid,
    }
    said = json.loads(jws.decode(payload))
    assert set(said) == {"version", "issued_at", "sealing", "receipt_keys"}
    assert said["issued_at"] == "2026-11-21T08:00:00Z"
    assert [key["role"] for key in said["sealing"]] == ["primary", "escrow"]
    assert set(said["sealing"][0]) == {"kid", "suite", "public", "role", "not_before", "not_after"}
    assert said["sealing"][0]["not_before"] == "2026-11-21T07:00:00Z"
    assert "private" not in jws.decode(payload).decode()


def test_an_expired_key_leaves_the_set_but_still_opens() -> None:
    first = rotated(fresh(), days=10)
    later = rotated(first, NOW + 11 * DAY)
    old = published(first).sealing[0].kid
    assert old not in {key.kid for key in published(later).sealing}
    assert old in Keyring(later).opening


def test_a_compromised_key_leaves_the_set_at_once() -> None:
    first = rotated(fresh())
    bad = published(first).sealing[0].kid
    second = rotated(first, without=frozenset({bad}))
    assert bad not in {key.kid for key in published(second).sealing}
    assert bad in Keyring(second).opening
    with pytest.raises(KeySetError, match="not in the key set: 0000"):
        ceremony.make_draft(second, Plan(without=frozenset({"0000"})), NOW)


def test_old_receipts_stay_verifiable_and_new_ones_are_signed_with_the_newest() -> None:
    first = rotated(fresh())
    second = rotated(first, new_receipt_key=True)
    old, new = Keyring(first), Keyring(second)
    assert old.receipt_kid != new.receipt_kid
    assert {key.kid for key in new.key_set.receipt_keys} == {old.receipt_kid, new.receipt_kid}
    receipt = jws.sign(old.receipt_key, old.receipt_kid, "report-receipt", b"{}")
    assert (
        jws.verify(receipt, "report-receipt", {held.key.kid: held.key.key() for held in second.receipt_keys})
        == b"{}"
    )
    assert [held.private is None for held in second.receipt_keys] == [True, False]


def test_a_draft_changes_nothing_until_it_is_published() -> None:
    first = rotated(fresh())
    waiting = ceremony.make_draft(first, Plan(new_receipt_key=True), NOW)
    before, during = Keyring(first), Keyring(waiting)
    assert during.receipt_kid == before.receipt_kid
    assert during.key_set_token() == before.key_set_token()
    assert set(during.opening) == set(before.opening)
    given_up = ceremony.make_draft(waiting, Plan(), NOW)
    assert len(given_up.receipt_keys) == 1


@pytest.mark.parametrize("root", [STRANGER, SPARE])
def test_only_a_root_signs_and_the_spare_is_one(root: Ed25519PrivateKey) -> None:
    waiting = ceremony.make_draft(fresh(), Plan(), NOW)
    token = ceremony.sign(drafted(waiting), root)
    if root is SPARE:
        assert published(ceremony.publish(waiting, token)).version == 1
        return
    with pytest.raises(KeySetError, match="unknown key"):
        ceremony.publish(waiting, token)


def test_a_stranger_who_names_a_root_does_not_sign_for_it() -> None:
    waiting = ceremony.make_draft(fresh(), Plan(), NOW)
    payload, kid = drafted(waiting).payload(), PublicKey.of(ROOT.public_key()).kid
    with pytest.raises(KeySetError, match="signature is wrong"):
        ceremony.publish(waiting, jws.sign(STRANGER, kid, TYP, payload))
    with pytest.raises(KeySetError, match="not a report-keyset"):
        ceremony.publish(waiting, jws.sign(ROOT, kid, "report-receipt", payload))


def test_an_earlier_key_set_is_not_published_again() -> None:
    first = ceremony.make_draft(fresh(), Plan(), NOW)
    token = ceremony.sign(drafted(first), ROOT)
    done = ceremony.publish(first, token)
    for stage in (done, ceremony.make_draft(done, Plan(), NOW)):
        with pytest.raises(KeySetError, match="version 1 is not higher than the published 1"):
            ceremony.publish(stage, token)


@pytest.mark.parametrize("change", ["key", "receipt", "version", "dropped"])
def test_a_draft_that_was_changed_on_its_way_is_not_published_although_signed(change: str) -> None:
    waiting = ceremony.make_draft(rotated(fresh()), Plan(escrow=escrow()), NOW)
    draft = drafted(waiting)
    other = suites.generate(suites.HYBRID)
    changed = {
        "key": {
            "sealing": (sealing_key(suites.HYBRID, other.public, Role.PRIMARY, NOW, 400), *draft.sealing[1:])
        },
        "receipt": {"receipt_keys": (*draft.receipt_keys, PublicKey.of(STRANGER.public_key()))},
        "version": {"version": draft.version + 1},
        "dropped": {"sealing": draft.sealing[:-1]},
    }[change]
    tampered = draft.model_copy(update=changed)
    assert tampered.fingerprint() != draft.fingerprint()
    with pytest.raises(KeySetError, match="not the draft that the centre made"):
        ceremony.publish(waiting, ceremony.sign(tampered, ROOT))


def test_new_roots_come_with_a_set_that_one_of_them_signed() -> None:
    """The root in use is lost: the spare signs, and a new one takes its place."""
    waiting = ceremony.make_draft(rotated(fresh()), Plan(), NOW)
    new_roots = roots_of(SPARE, STRANGER)
    with pytest.raises(KeySetError, match="unknown key"):
        ceremony.publish(waiting, ceremony.sign(drafted(waiting), ROOT), new_roots)
    done = ceremony.publish(waiting, ceremony.sign(drafted(waiting), SPARE), new_roots)
    assert set(done.root_keys()) == {root.kid for root in new_roots.roots}
    assert done.key_set is not None
    verify(done.key_set, fresh().root_keys())  # kiosks that know the earlier roots take it as well


def test_a_key_that_is_none_is_no_key() -> None:
    key = published(rotated(fresh())).sealing[0]
    values = key.model_dump(mode="json")
    for change in (
        {"kid": "0" * 16},
        {"public": values["public"][:-8]},
        {"suite": suites.CLASSIC},
        {"not_after": values["not_before"]},
        {"not_after": "2027-01-01T00:00:00"},
        {"role": "secondary"},
    ):
        with pytest.raises(ValueError, match="validation error"):
            SealingKey.model_validate_json(json.dumps({**values, **change}))


def test_a_running_keyring_follows_its_file(tmp_path: Path) -> None:
    material = rotated(fresh())
    keyring_file.write(tmp_path, material)
    keyring = Keyring.load(tmp_path)
    assert keyring.key_set_version == 1
    keyring_file.change(tmp_path, lambda known: rotated(known, new_receipt_key=True))
    assert keyring.key_set_version == 2
    assert len(keyring.opening) == 2
    assert keyring.receipt_kid == keyring.key_set.receipt_keys[0].kid


def test_rotations_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    keyring_file.write(tmp_path, rotated(fresh()))
    gate = threading.Barrier(8)

    def one() -> None:
        gate.wait()
        keyring_file.change(tmp_path, rotated)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = Keyring.load(tmp_path)
    assert (after.key_set_version, len(after.opening)) == (9, 9)


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    keyring_file.write(tmp_path, rotated(fresh()))
    before = (tmp_path / "keyring.json").read_bytes()
    with pytest.raises(KeySetError):
        keyring_file.change(tmp_path, lambda known: ceremony.publish(known, "a.b.c"))
    assert (tmp_path / "keyring.json").read_bytes() == before


def test_a_damaged_file_says_so_without_its_keys(tmp_path: Path) -> None:
    keyring_file.write(tmp_path, rotated(fresh()))
    file = tmp_path / "keyring.json"
    file.write_text(file.read_text().replace('"format": 2', '"format": 3'))
    with pytest.raises(KeySetError, match="damaged") as caught:
        Keyring.load(tmp_path)
    assert caught.value.__suppress_context__
    assert len(str(caught.value)) < 100


def test_keys_for_codes_differ_by_purpose_and_are_the_same_tomorrow(tmp_path: Path) -> None:
    keyring_file.write(tmp_path, rotated(fresh()))
    one, other = Keyring.load(tmp_path).derived_key("one"), Keyring.load(tmp_path).derived_key("other")
    assert len(one) == 32
    assert one != other
    keyring_file.change(tmp_path, rotated)
    assert Keyring.load(tmp_path).derived_key("one") == one


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_no_key_set(text: str) -> None:
    with pytest.raises(KeySetError):
        verify(text, fresh().root_keys())
