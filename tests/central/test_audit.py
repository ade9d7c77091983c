"""Who may do what, cell by cell; nothing is opened that is not on record; and the record holds no visitor."""

import json
import logging
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from central.centre import Centre
from central.inbox.officers import Officers
from central.inbox.roles import ALLOWED, Action, Permissions
from central.keys.keyring import Keyring
from central.store.inbox import Role
from central.store.schema import CASES, HISTORY, MESSAGES
from central.store.store import Store
from tests.central.office import CANARIES, CODE, AtWork, Office, broken_history

# Written a second time, by hand: what each role may do.
MAY = {
    Action.LIST: "officer supervisor auditor complaints",
    Action.OPEN: "officer supervisor complaints",
    Action.TAKE: "officer supervisor complaints",
    Action.ASSIGN: "supervisor complaints",
    Action.ACCEPT: "officer supervisor complaints",
    Action.REJECT: "officer supervisor complaints",
    Action.JOIN: "officer supervisor complaints",
    Action.READ_HISTORY: "supervisor auditor complaints",
    Action.READ_GAPS: "supervisor auditor",
    Action.EXPLAIN_GAP: "supervisor",
    Action.READ_TALLIES: "officer supervisor auditor complaints",
}


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


def deeds(case_id: UUID) -> dict[Action, list[tuple[str, str, Any]]]:
    """Every request of the inbox by what it does."""
    case, anyone = f"/v1/cases/{case_id}", {"words": {"en": "Found."}}
    return {
        Action.LIST: [("GET", "/v1/cases", None), ("GET", case, None)],
        Action.OPEN: [
            ("POST", f"{case}/open", None),
            ("POST", f"{case}/attachments/0/open", None),
            ("POST", f"{case}/files/{case_id}/open", None),
        ],
        Action.READ_TALLIES: [("GET", "/v1/tallies?first=2026-11-01&last=2026-11-30", None)],
        Action.TAKE: [("POST", f"{case}/take", None)],
        Action.ASSIGN: [("POST", f"{case}/assign", {"to": "x"})],
        Action.ACCEPT: [("POST", f"{case}/accept", {"official_number": "1"})],
        Action.REJECT: [("POST", f"{case}/reject", anyone)],
        Action.JOIN: [("POST", f"{case}/join", {"to": str(case_id)})],
        Action.READ_HISTORY: [("GET", "/v1/history", None), ("GET", f"{case}/history", None)],
        Action.READ_GAPS: [("GET", "/v1/gaps", None)],
        Action.EXPLAIN_GAP: [
            ("POST", "/v1/gaps/explain", {"kiosk": 7, "first": 2, "last": 3, "explanation": "disk replaced"})
        ],
    }


def test_the_table_is_the_one_written_here() -> None:
    assert {action: {role.value for role in roles} for action, roles in ALLOWED.items()} == {
        action: set(names.split()) for action, names in MAY.items()
    }


def test_every_cell_of_the_table_holds_at_the_door(office: Office) -> None:
    case_id = office.receive()
    requests = deeds(case_id)
    assert requests.keys() == set(Action)
    paths = office.people.inbox.openapi()["paths"]
    documented = {(method, path) for path, item in paths.items() for method in item}
    assert len(documented) == 1 + sum(map(len, requests.values()))  # and /v1/me
    for role in Role:
        officer = office.sign_in(f"some-{role.value}", role)
        for action, calls in requests.items():
            for method, path, body in calls:
                before = len(office.history())
                given = officer.get(path) if method == "GET" else officer.post(path, body, "0")
                allowed = role.value in MAY[action].split()
                assert (given.status_code == 403) is not allowed, (role, action, given.text)
                if not allowed:
                    assert given.json()["type"] == "/problems/not-allowed"
                    [refused] = office.history()[before:]
                    assert (refused.actor, refused.action) == (f"some-{role.value}", "refused")
                    assert refused.facts == {"action": action.value}


def test_an_auditor_reads_the_history_and_no_document(office: Office) -> None:
    case_id = office.receive()
    auditor, officer = office.sign_in("audit", Role.AUDITOR), office.sign_in("chan", Role.OFFICER)
    officer.post(f"/v1/cases/{case_id}/open")
    refused = auditor.post(f"/v1/cases/{case_id}/open")
    assert refused.status_code == 403
    assert not any(canary in refused.text for canary in CANARIES)
    lines = auditor.get(f"/v1/cases/{case_id}/history").json()["history"]
    assert [(line["actor"], line["role"], line["action"]) for line in lines] == [
        ("chan", "officer", "opened"),
        ("audit", "auditor", "refused"),
    ]
    everything = auditor.get("/v1/history").json()["history"]
    assert [line["id"] for line in everything] == sorted(line["id"] for line in everything)
    rest = auditor.get("/v1/history", after=everything[1]["id"]).json()["history"]
    assert rest == everything[2:]


def test_what_cannot_be_recorded_does_not_happen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, chan = office.receive(), office.sign_in("chan", Role.OFFICER)
    opened: list[UUID] = []
    monkeypatch.setattr("central.archive.Archive.document", lambda _self, case: opened.append(case))
    version, messages = chan.version(case_id), len(office.messages())
    with broken_history(monkeypatch):
        for deed in ("open", "attachments/0/open", "take"):
            given = chan.post(f"/v1/cases/{case_id}/{deed}", version=version)
            assert given.status_code == 503
            assert not any(canary in given.text for canary in CANARIES)
    assert (opened, chan.version(case_id)) == ([], version)
    chan.do(case_id, "take")
    version = chan.version(case_id)
    with broken_history(monkeypatch):
        accepted = chan.post(f"/v1/cases/{case_id}/accept", {"official_number": "1"}, version)
    assert accepted.status_code == 503
    assert (chan.version(case_id), len(office.messages())) == (version, messages)


def test_a_case_whose_keys_are_gone_is_on_record_and_a_problem(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, chan = office.receive(), office.sign_in("chan", Role.OFFICER)
    monkeypatch.setattr(Keyring, "opening", {})
    shut = chan.post(f"/v1/cases/{case_id}/open")
    assert (shut.status_code, shut.json()["type"]) == (503, "/problems/does-not-open-here")
    assert [entry.action for entry in office.history(case_id)] == ["opened"]


def test_confidential_types_are_for_one_role(
    directory: Any, database: str | None, store: Store, keyring: Keyring, sealing: Any
) -> None:
    settings = json.loads((directory / "centre.json").read_text())
    settings["inbox"] = {"confidential": {"LOST_PROPERTY": "supervisor"}}
    (directory / "centre.json").write_text(json.dumps(settings))
    office = Office(Centre(directory, database), store, keyring, sealing)
    case_id = office.receive()
    boss, chan = office.sign_in("boss", Role.SUPERVISOR), office.sign_in("chan", Role.OFFICER)
    auditor = office.sign_in("audit", Role.AUDITOR)
    assert chan.get("/v1/cases").json()["cases"] == []
    for deed in ("open", "take"):
        assert chan.post(f"/v1/cases/{case_id}/{deed}", version="0").status_code == 403
    assert boss.do(case_id, "assign", {"to": "chan"}).json()["type"] == "/problems/no-such-officer"
    assert len(boss.get("/v1/cases").json()["cases"]) == 1
    assert boss.do(case_id, "take").status_code == 200
    assert boss.post(f"/v1/cases/{case_id}/open").status_code == 200
    assert len(auditor.get("/v1/cases").json()["cases"]) == 1
    assert auditor.get(f"/v1/cases/{case_id}/history").status_code == 200


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_a_confidential_type_narrows_and_never_widens(role: Role, action: Action) -> None:
    usual = Permissions()
    for needed in (Role.OFFICER, Role.SUPERVISOR):
        narrowed = Permissions({"SECRET": needed})
        assert narrowed.allows(role, action, "OTHER") == usual.allows(role, action)
        if narrowed.allows(role, action, "SECRET"):
            assert usual.allows(role, action)
            assert role in (needed, Role.AUDITOR, Role.COMPLAINTS)  # its room holds no such case


def test_nothing_of_a_visitor_reaches_history_messages_lists_or_logs(
    office: Office, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chan, boss = office.sign_in("chan", Role.OFFICER), office.sign_in("boss", Role.SUPERVISOR)
    case_id = office.receive()
    chan.post(f"/v1/cases/{case_id}/open")
    chan.do(case_id, "take")
    chan.do(case_id, "reject", {"words": {"en": "Found."}})
    while office.people.worker.send_next():
        pass
    index = [column for column in CASES.c if column.name != "envelope"]
    with store.reading() as db:
        rows = [list(db.execute(sa.select(*columns))) for columns in (index, HISTORY.c, MESSAGES.c)]
    seen = "".join(map(str, rows)) + caplog.text + boss.get("/v1/history").text + chan.get("/v1/cases").text
    for canary in (*CANARIES, CODE, chan.token):
        assert canary not in seen
        assert canary.encode().hex() not in seen


def test_history_is_kept_when_an_officer_goes(office: Office) -> None:
    case_id, chan = office.receive(), office.sign_in("chan", Role.OFFICER)
    chan.do(case_id, "take")
    Officers(office.store, office.clock).disable("chan")
    boss: AtWork = office.sign_in("boss", Role.SUPERVISOR)
    assert [line["actor"] for line in boss.get(f"/v1/cases/{case_id}/history").json()["history"]] == ["chan"]
    assert boss.do(case_id, "assign", {"to": "boss"}).status_code == 200


def test_a_gap_is_explained_by_a_supervisor_once_it_is_one(office: Office) -> None:
    boss = office.sign_in("boss", Role.SUPERVISOR)
    office.receive()
    office.receive_at(4)
    assert boss.get("/v1/gaps", kiosk=7).json()["gaps"] == [
        {"kiosk": 7, "first": 2, "last": 3, "state": "awaited"}
    ]
    words = {"kiosk": 7, "first": 2, "last": 3, "explanation": "disk replaced"}
    wrong = boss.post("/v1/gaps/explain", {**words, "last": 4})
    assert wrong.json()["type"] == "/problems/no-such-gap"
    assert boss.post("/v1/gaps/explain", words).status_code == 204
    assert boss.get("/v1/gaps").json()["gaps"] == []
    explained = office.history()[-1]
    assert (explained.actor, explained.action) == ("boss", "gap_explained")
