"""Keys of other recipients stand apart: today's release uses them, and the one before does not see them."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony, jws, suites
from central.keys import keyset as published_keyset
from central.keys.ceremony import Plan
from central.keys.keyset import KeySet as Published
from central.keys.keyset import PublicKey, Roots, SealingKey
from central.keys.keyset import Role as CentreRole
from central.keys.material import HeldKey, Material, sealing_key
from central.recipients import Recipient as CentreRecipient
from kiosk.post import keyset
from kiosk.post.keyset import KeySet, Recipient, Role
from tests.post.previous_release import keyset as previous

NOW = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
HOURS = [-24 * 30, 0, 24 * 200, 24 * 5000]
_ROOT = Ed25519PrivateKey.generate()
_ROOTS = Roots(roots=(PublicKey.of(_ROOT.public_key()),))


def escrow(recipient: CentreRecipient, **changes: Any) -> SealingKey:
    public = suites.generate(suites.CLASSIC).public
    key = sealing_key(suites.CLASSIC, public, CentreRole.ESCROW, NOW, 1000, recipient)
    return key.model_copy(update=changes)


def token() -> str:
    """A set of the centre, in which every key of complaints begins and ends last."""
    plan = Plan(suite=suites.CLASSIC, escrow=escrow(CentreRecipient.REPORTS), complaints=True)
    later = {"not_before": NOW - dt.timedelta(minutes=1), "not_after": NOW + dt.timedelta(days=4000)}
    theirs = escrow(CentreRecipient.COMPLAINTS, **later)
    draft = ceremony.make_draft(
        Material.new(_ROOTS), dataclasses.replace(plan, complaints_escrow=theirs), NOW
    ).draft
    assert draft is not None
    newest = tuple(key.model_copy(update=later) for key in draft.key_set.sealing_apart)
    return ceremony.sign(draft.key_set.model_copy(update={"sealing_apart": newest}), _ROOT)


def today(text: str) -> KeySet:
    return keyset.parse(text, _ROOTS.keys())


def kinds(keys: Any) -> list[str]:
    return [key.role.value for key in keys]


def check_the_release_before(hours: int) -> None:
    text = token()
    ours = {key.kid for key in today(text).sealing if key.recipient is Recipient.REPORTS}
    chosen = previous.parse(text, _ROOTS.keys()).recipients(NOW.timestamp() + hours * 3600)
    assert kinds(chosen.keys) == ["primary", "escrow"]
    assert {key.kid for key in chosen.keys} <= ours, "a report was sealed to another office"


@pytest.mark.parametrize("hours", HOURS)
def test_the_release_before_seals_to_reports(hours: int) -> None:
    check_the_release_before(hours)


def check_today() -> None:
    key_set = today(token())
    ours, theirs = (key_set.office(each, NOW.timestamp()) for each in Recipient)
    assert ours is not None
    assert theirs is not None
    assert kinds(ours.keys) == kinds(theirs.keys) == ["primary", "escrow"]
    assert {key.recipient for key in ours.keys} == {Recipient.REPORTS}
    assert {key.recipient for key in theirs.keys} == {Recipient.COMPLAINTS}


def test_each_office_has_its_keys() -> None:
    check_today()


def misplaced(move: Callable[[dict[str, Any]], None]) -> KeySet:
    """What the kiosk makes of a signed set that the centre would have refused."""
    payload = json.loads(Published.model_dump_json(verified(token())))
    move(payload)
    return today(jws.sign(_ROOT, _ROOTS.roots[0].kid, keyset.TYP, json.dumps(payload).encode()))


def verified(text: str) -> Published:
    return published_keyset.verify(text, _ROOTS.keys())


def _apart_among_reports(payload: dict[str, Any]) -> None:
    payload["sealing"] += payload.pop("sealing_apart")


def _reports_apart(payload: dict[str, Any]) -> None:
    usual = dict(payload["sealing"][0])
    payload["sealing_apart"] += [usual, usual | {"recipient": "reports"}, usual | {"recipient": "witnesses"}]


def check_misplaced() -> None:
    mixed = misplaced(_apart_among_reports)
    assert {key.recipient for key in mixed.sealing} == {Recipient.REPORTS}
    assert mixed.office(Recipient.COMPLAINTS, NOW.timestamp()) is None
    assert len(misplaced(_reports_apart).sealing) == 4, "only the two and two that stand in their own list"


def test_a_key_in_the_wrong_list_is_passed_over() -> None:
    check_misplaced()


def test_a_damaged_key_apart_is_no_key_set() -> None:
    def damage(payload: dict[str, Any]) -> None:
        payload["sealing_apart"][0]["kid"] = "0" * 16

    with pytest.raises(ValueError, match="does not belong"):
        misplaced(damage)


def test_a_set_without_them_says_nothing_of_them() -> None:
    material = ceremony.make_draft(Material.new(_ROOTS), Plan(suite=suites.CLASSIC), NOW)
    assert material.draft is not None
    assert set(json.loads(material.draft.key_set.payload())) == {
        "version",
        "issued_at",
        "sealing",
        "receipt_keys",
    }


# --- planted bugs ---


def _one_list(patch: pytest.MonkeyPatch) -> None:
    right = Published.payload

    def payload(self: Published) -> bytes:
        told = json.loads(right(self))
        told["sealing"] += told.pop("sealing_apart", [])
        return json.dumps(told).encode()

    patch.setattr(Published, "payload", payload)


def _any_list(patch: pytest.MonkeyPatch) -> None:
    right = keyset._known
    patch.setattr(keyset, "_known", lambda key, _recipients: right(key, tuple(Recipient)))


def _reports_only(patch: pytest.MonkeyPatch) -> None:
    right = keyset._known
    patch.setattr(
        keyset, "_known", lambda key, known: right(key, known if Recipient.REPORTS in known else ())
    )


def _newest_of_all(patch: pytest.MonkeyPatch) -> None:
    def of(self: KeySet, _recipient: Recipient, role: Role) -> Any:
        return [key for key in self.sealing if key.role is role]

    patch.setattr(KeySet, "_of", of)


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Callable[[], None]]] = {
    "the centre writes one list": (_one_list, lambda: check_the_release_before(0)),
    "the kiosk takes any recipient from any list": (_any_list, check_misplaced),
    "the kiosk takes the newest of all": (_newest_of_all, check_today),
    "the kiosk does not read the list": (_reports_only, check_today),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, check = MUTANTS[name]
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check()


def test_keys_of_both_offices_are_drafted_together() -> None:
    held = HeldKey.new(suites.CLASSIC, NOW, 10, CentreRecipient.COMPLAINTS)
    assert held.key.recipient is CentreRecipient.COMPLAINTS
    assert held.key.not_before == HeldKey.new(suites.CLASSIC, NOW, 10).key.not_before
