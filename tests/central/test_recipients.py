"""Complaints have keys and a room of their own: who is not of their office never sees that there are any."""

import datetime as dt
import json
import uuid
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from central.centre import Centre
from central.cli import app
from central.keys import keyset
from central.keys.keyring import Keyring
from central.keys.keyset import KeySet, KeySetError, Role, SealingKey
from central.keys.material import Material
from central.keys.roots import roots_of
from central.recipients import Recipient
from central.store import inbox
from central.store.inbox import Role as Officer
from central.store.store import Store
from tests.central.conftest import Sealing
from tests.central.office import AtWork, Office, document
from tests.central.test_enquiries import Visitor
from tests.central.test_keys_ceremony import NOW, ROOT, escrow, rotated

runner = CliRunner()
THEIRS = Recipient.COMPLAINTS


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


def complain(office: Office, **changes: Any) -> UUID:
    """A complaint comes in, sealed to the keys of its office."""
    usual = office.sealing
    office.sealing = Sealing(office.keyring, THEIRS)
    try:
        return office.receive(document(report_type="COMPLAINT_AGAINST_POLICE", **changes))
    finally:
        office.sealing = usual


def all_of(officer: AtWork, case_id: UUID) -> dict[str, Any]:
    """Every answer that could tell of a case, but for the id that was asked about."""
    case, week = f"/v1/cases/{case_id}", {"first": "2026-11-16", "last": "2026-11-22"}
    calls = {
        "list": officer.get("/v1/cases"),
        "by type": officer.get("/v1/cases", report_type="COMPLAINT_AGAINST_POLICE"),
        "by kiosk": officer.get("/v1/cases", kiosk=7, state="received"),
        "one": officer.get(case),
        "history": officer.get("/v1/history"),
        "its history": officer.get(f"{case}/history"),
        "tallies": officer.get("/v1/tallies", **week),
        **{deed: officer.post(f"{case}/{deed}", version="0") for deed in ("open", "take")},
        "attachment": officer.post(f"{case}/attachments/0/open"),
        "file": officer.post(f"{case}/files/{case_id}/open"),
    }
    return {
        name: (given.status_code, given.text.replace(str(case_id), "ID")) for name, given in calls.items()
    }


@pytest.mark.parametrize("role", [role for role in Officer if role is not Officer.COMPLAINTS])
def test_nobody_else_sees_that_there_is_one(office: Office, role: Officer) -> None:
    report, chan = office.receive(), office.sign_in("someone", role)
    before = all_of(chan, uuid.uuid4())
    case_id = complain(office, receipt_code="ZZZZZZZZ23")
    chiu = office.sign_in("chiu", Officer.COMPLAINTS)
    chiu.post(f"/v1/cases/{case_id}/open")
    chiu.do(case_id, "take")
    after = all_of(chan, case_id)
    differs = {name for name in before if before[name] != after[name]}
    # What chan's own refused requests left in the history, and that an officer was added, is all that is new.
    assert differs <= {"history"}
    assert str(case_id) not in after["history"][1].replace("ID", "")
    assert '"actor":"chiu"' not in after["history"][1]
    joined = chan.do(report, "join", {"to": str(case_id)})
    assert joined.status_code in {403, 404}


def test_their_office_sees_nothing_else(office: Office) -> None:
    report, case_id = office.receive(), complain(office)
    chiu = office.sign_in("chiu", Officer.COMPLAINTS)
    chan = office.sign_in("chan", Officer.OFFICER)
    chan.post(f"/v1/cases/{report}/open")
    assert [each["case"] for each in chiu.get("/v1/cases").json()["cases"]] == [str(case_id)]
    assert chiu.get(f"/v1/cases/{report}").status_code == 404
    assert chiu.post(f"/v1/cases/{report}/open").status_code == 404
    opened = chiu.post(f"/v1/cases/{case_id}/open")
    assert opened.json()["document"]["report_type"] == "COMPLAINT_AGAINST_POLICE"
    assert "recipient" not in opened.json()["case"]
    chiu.do(case_id, "take")
    words = {"words": {"en": "Your complaint is under investigation."}}
    assert chiu.do(case_id, "accept", {"official_number": "CAPO 1", **words}).status_code == 200
    assert {line["actor"] for line in chiu.get("/v1/history").json()["history"]} == {"chiu"}
    assert chiu.get("/v1/gaps").status_code == 403
    wong = office.sign_in("wong", Officer.SUPERVISOR)
    given = wong.do(report, "assign", {"to": "chiu"})
    assert given.json()["type"] == "/problems/no-such-officer"


def test_their_cases_open_with_their_keys_alone(office: Office) -> None:
    case_id = complain(office)
    held = office.keyring.opening
    theirs = {key.kid for key in office.keyring.key_set.sealing_apart}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Keyring, "opening", {kid: key for kid, key in held.items() if kid not in theirs})
        chiu = office.sign_in("chiu", Officer.COMPLAINTS)
        assert chiu.post(f"/v1/cases/{case_id}/open").status_code == 503
    assert chiu.post(f"/v1/cases/{case_id}/open").status_code == 200


def test_how_a_complaint_stands(office: Office) -> None:
    complain(office)
    visitor = Visitor(office)
    visitor.ask("check")
    told = visitor.ask("status", visitor.digits())
    assert (told["state"], told["recipient"]) == ("received", "complaints")


def test_what_adds_to_a_complaint_stands_with_it(office: Office) -> None:
    complaint = complain(office)
    ticket = office.people.enquiries.codes.ticket(complaint, office.clock())
    supplement = {"reference": document()["reference"], "ticket": ticket}
    more = office.receive(document(report_type="SUPPLEMENT", reference="000752831974", supplement=supplement))
    chan, chiu = office.sign_in("chan", Officer.OFFICER), office.sign_in("chiu", Officer.COMPLAINTS)
    assert chan.get("/v1/cases").json()["cases"] == []
    assert chan.get(f"/v1/cases/{more}").status_code == 404
    shown = chiu.get(f"/v1/cases/{more}").json()
    assert shown["supplement_to"] == str(complaint)
    assert chiu.post(f"/v1/cases/{more}/open").status_code == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_line_shows_them_when_asked(office: Office) -> None:
    case_id = complain(office)
    where = ["--centre", str(office.centre.directory)]
    assert runner.invoke(app, ["list", *where]).output == ""
    assert str(case_id) in runner.invoke(app, ["list", "--complaints", *where]).output
    assert runner.invoke(app, ["show", str(case_id), *where]).exit_code != 0
    assert runner.invoke(app, ["show", str(case_id), "--complaints", *where]).exit_code == 0


# --- key sets


def fresh() -> Material:
    return Material.new(roots_of(ROOT))


def published(material: Material) -> KeySet:
    key_set = material.published()
    assert key_set is not None
    return key_set


def test_a_key_set_of_before_is_the_same_bytes() -> None:
    key_set = published(rotated(fresh(), escrow=escrow()))
    told = json.loads(key_set.payload())
    assert set(told) == {"version", "issued_at", "sealing", "receipt_keys"}
    assert set(told["sealing"][0]) == {"kid", "suite", "public", "role", "not_before", "not_after"}
    assert keyset.read_draft(key_set.payload()) == key_set


def test_complaints_get_keys_and_keep_getting_them() -> None:
    reports = escrow()
    theirs = of_complaints(escrow())
    first = rotated(fresh(), escrow=reports, complaints=True, complaints_escrow=theirs)
    second = rotated(first, NOW + dt.timedelta(days=300))
    for number, material in ((1, first), (2, second)):
        key_set = published(material)
        assert len(key_set.of_role(Role.PRIMARY, THEIRS)) == len(key_set.of_role(Role.PRIMARY)) == number
        assert key_set.of_role(Role.ESCROW, THEIRS) == (theirs,)
        opening = Keyring(material)
        kids = [key.kid for key in key_set.of_role(Role.PRIMARY, THEIRS)]
        assert opening.recipient_of(kids) is THEIRS
        assert set(kids) <= set(opening.opening)
    told = json.loads(published(second).payload())
    assert all("recipient" not in each for each in told["sealing"])
    assert {each["recipient"] for each in told["sealing_apart"]} == {"complaints"}


def of_complaints(key: SealingKey) -> SealingKey:
    return key.model_copy(update={"recipient": THEIRS})


def test_a_key_in_the_wrong_place() -> None:
    reports, theirs = escrow(), of_complaints(escrow())
    with pytest.raises(KeySetError, match="of reports, not of complaints"):
        rotated(fresh(), escrow=reports, complaints_escrow=escrow())
    with pytest.raises(KeySetError, match="without a primary key of complaints"):
        rotated(fresh(), complaints_escrow=theirs)
    good = published(rotated(fresh(), complaints=True)).model_dump()
    for wrong in (
        {"sealing": (*good["sealing"], theirs)},
        {"sealing_apart": (*good["sealing_apart"], reports)},
        {"sealing": (), "sealing_apart": (*good["sealing"], *good["sealing_apart"])},
    ):
        with pytest.raises(ValidationError, match=r"among those|without a primary"):
            KeySet.model_validate(good | wrong)


def test_what_is_sealed_to_both_is_of_complaints(keyring: Keyring) -> None:
    kids = [key.kid for key in keyring.key_set.sealed_to]
    assert keyring.recipient_of(kids) is THEIRS
    assert keyring.recipient_of([]) is Recipient.REPORTS
    assert inbox.Role.COMPLAINTS.room is THEIRS
