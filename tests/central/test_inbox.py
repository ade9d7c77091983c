"""The officers' inbox on both databases: lists, deeds, words to visitors, and nobody overwrites another."""

import datetime as dt
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

from central.centre import Centre
from central.inbox.bodies import MOST_WORDS
from central.inbox.officers import OfficerError, Officers
from central.keys.keyring import Keyring
from central.store.inbox import Role
from central.store.store import Store
from tests.central.office import CANARIES, AtWork, Office, call, document

JPEG = b"\xff\xd8 a photo"


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


@pytest.fixture
def chan(office: Office) -> AtWork:
    return office.sign_in("chan", Role.OFFICER)


def test_a_case_is_listed_opened_taken_and_accepted(office: Office, chan: AtWork) -> None:
    photo = {"photo_id": "p1", "media_type": "image/jpeg"}
    case_id = office.receive(document(attachments=[photo]), (JPEG,))
    [listed] = chan.get("/v1/cases").json()["cases"]
    assert (listed["case"], listed["state"], listed["language"]) == (str(case_id), "received", "en")
    assert not any(canary in chan.get("/v1/cases").text for canary in CANARIES)

    opened = chan.post(f"/v1/cases/{case_id}/open")
    assert opened.json()["document"]["reporter"]["name_zh"] == "陳大文"
    assert opened.json()["attachments"] == [{"media_type": "image/jpeg", "size": len(JPEG)}]
    assert opened.headers["cache-control"] == "no-store"
    picture = chan.post(f"/v1/cases/{case_id}/attachments/0/open")
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")
    assert chan.post(f"/v1/cases/{case_id}/attachments/1/open").status_code == 404

    office.clock.move(minutes=5)
    taken = chan.do(case_id, "take")
    assert (taken.json()["state"], taken.json()["handled_by"]) == ("in_progress", "chan")
    accepted = chan.do(case_id, "accept", {"official_number": "ADM RN 26000999"})
    assert (accepted.json()["state"], accepted.json()["force_number"]) == ("accepted", "ADM RN 26000999")
    assert dt.datetime.fromisoformat(accepted.json()["updated_at"]) == office.clock.now
    assert [row.kind for row in office.messages()] == ["received"] * 2 + ["accepted"] * 2

    assert [(entry.actor, entry.action, dict(entry.facts)) for entry in office.history(case_id)] == [
        ("chan", "opened", {"what": "document"}),
        ("chan", "opened", {"what": "attachment", "number": 0}),
        ("chan", "opened", {"what": "attachment", "number": 1}),
        ("chan", "taken", {}),
        ("chan", "accepted", {"force_number": "ADM RN 26000999"}),
    ]


def test_a_rejection_speaks_the_language_of_its_visitor(office: Office, chan: AtWork) -> None:
    case_id = office.receive()
    chan.do(case_id, "take")
    chinese_only = chan.do(case_id, "reject", {"words": {"zh-Hant": "失物已尋回。"}})
    assert (chinese_only.status_code, chinese_only.json()["type"]) == (422, "/problems/words-missing")
    assert chinese_only.json()["detail"] == "needed: en"
    assert chan.get(f"/v1/cases/{case_id}").json()["state"] == "in_progress"
    words = {"zh-Hant": "失物已尋回。", "en": "Your wallet has been found."}
    assert chan.do(case_id, "reject", {"words": words}).json()["words"] == words
    assert {row.kind for row in office.messages()} == {"received", "rejected"}


BAD_WORDS: list[Any] = [
    {"en": ""},
    {"en": "two\nlines"},
    {"en": "escape \x1b[2J"},
    {"en": "turned \u202e round"},
    {"en": "zero \u200b width"},
    {"en": " blank at the end "},
    {"en": "x" * (MOST_WORDS + 1)},
    {"fr": "Bonjour"},
    {"en": 5},
    {},
]


def test_words_and_numbers_that_no_visitor_should_read_are_refused(office: Office, chan: AtWork) -> None:
    case_id = office.receive()
    chan.do(case_id, "take")
    for words in BAD_WORDS:
        assert chan.do(case_id, "reject", {"words": words}).status_code == 422, words
    for number in ("", " 1", "A\n1", "編號", "x" * 65, "<b>"):
        assert chan.do(case_id, "accept", {"official_number": number}).status_code == 422, number
    case = chan.get(f"/v1/cases/{case_id}").json()
    assert (case["words"], case["force_number"], case["state"]) == ({}, None, "in_progress")
    assert chan.do(case_id, "reject", {"words": {"en": "x" * MOST_WORDS}}).status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(office: Office, chan: AtWork) -> None:
    received = []
    for number in range(7):  # three at the very same moment
        if number not in (3, 4):
            office.clock.move(seconds=1)
        received.append(office.receive(document(reference=f"{number:012d}")))
    seen: list[str] = []
    after = ""
    while True:
        page = chan.get("/v1/cases", limit=2, after=after).json()
        seen += [case["case"] for case in page["cases"]]
        after = page["next"]
        if not after:
            break
        if len(seen) == 2:
            office.clock.move(seconds=1)
            received.append(office.receive(document(report_type="LATER")))
    assert seen == [*map(str, received[:2]), *sorted(map(str, received[2:5])), *map(str, received[5:])]
    assert len(seen) == len(set(seen)) == 8
    for wrong in ("x", "W10=", "!!!", "bnVsbA==", "WyIyMDI2LTExLTIxVDA4OjA1OjAwIiwgImEiXQ=="):
        assert chan.get("/v1/cases", after=wrong).json()["type"] == "/problems/not-a-place"


def test_a_list_is_narrowed(office: Office, chan: AtWork) -> None:
    first = office.receive()
    office.clock.move(hours=1)
    middle = office.clock.now
    second = office.receive(document(report_type="NOISE"))
    chan.do(second, "take")

    def found(**query: Any) -> set[UUID]:
        return {UUID(case["case"]) for case in chan.get("/v1/cases", **query).json()["cases"]}

    assert found() == {first, second}
    assert found(state="received") == {first}
    assert found(state="in_progress") == {second}
    assert found(report_type="NOISE") == {second}
    assert found(kiosk=7) == {first, second}
    assert found(kiosk=8) == set()
    assert found(received_from=middle.isoformat()) == {second}
    assert found(received_before=middle.isoformat()) == {first}
    for wrong in ({"state": "lost"}, {"limit": 0}, {"limit": 201}, {"received_from": "2026-11-21T08:00:00"}):
        assert chan.get("/v1/cases", **wrong).status_code == 422


def test_what_was_not_read_is_not_changed(office: Office, chan: AtWork) -> None:
    case_id, wong = office.receive(), office.sign_in("wong", Role.OFFICER)
    read_by_both = chan.version(case_id)
    assert chan.post(f"/v1/cases/{case_id}/take").json()["type"] == "/problems/no-precondition"
    assert chan.post(f"/v1/cases/{case_id}/take", version=read_by_both).status_code == 200
    late = wong.post(f"/v1/cases/{case_id}/take", version=read_by_both)
    assert (late.status_code, late.json()["type"]) == (412, "/problems/changed")
    assert wong.do(case_id, "take").json()["type"] == "/problems/wrong-state"
    words = {"words": {"en": "Found."}}
    assert wong.do(case_id, "reject", words).json()["type"] == "/problems/not-yours"
    assert chan.do(case_id, "reject", words).status_code == 200
    assert chan.do(case_id, "accept", {"official_number": "1"}).json()["type"] == "/problems/wrong-state"
    etag = chan.get(f"/v1/cases/{case_id}").headers["etag"]
    assert etag == f'"{chan.version(case_id)}"'


def test_of_many_officers_at_once_one_takes_the_case(office: Office) -> None:
    case_id = office.receive()
    officers = [office.sign_in(f"officer{number}", Role.OFFICER) for number in range(4)]
    version, start, got = officers[0].version(case_id), threading.Barrier(4, timeout=20), []

    def take(officer: AtWork) -> None:
        start.wait()
        got.append(officer.post(f"/v1/cases/{case_id}/take", version=version).status_code)

    threads = [threading.Thread(target=take, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [200, 412, 412, 412]
    assert [entry.action for entry in office.history(case_id)] == ["taken"]


def test_a_supplement_is_joined_by_hand(office: Office, chan: AtWork) -> None:
    first, second, third = (office.receive(document(reference=f"{n:012d}")) for n in range(3))
    joined = chan.do(second, "join", {"to": str(first)})
    assert joined.json()["supplement_to"] == str(first)
    for case_id, to in ((second, third), (third, second), (third, third)):
        assert chan.do(case_id, "join", {"to": str(to)}).json()["type"] == "/problems/cannot-join"
    assert chan.do(third, "join", {"to": str(uuid4())}).json()["type"] == "/problems/no-such-case"


def test_a_case_is_given_to_an_officer(office: Office) -> None:
    case_id, boss = office.receive(), office.sign_in("boss", Role.SUPERVISOR)
    office.sign_in("chan", Role.OFFICER)
    office.sign_in("auditor1", Role.AUDITOR)
    officers = Officers(office.store, office.clock)
    officers.add("gone", Role.OFFICER)
    officers.disable("gone")
    for nobody in ("nobody", "gone", "auditor1"):
        assert boss.do(case_id, "assign", {"to": nobody}).json()["type"] == "/problems/no-such-officer"
    assert boss.do(case_id, "assign", {"to": "chan"}).json()["handled_by"] == "chan"
    assert boss.do(case_id, "assign", {"to": "boss"}).json()["handled_by"] == "boss"
    assert [dict(e.facts) for e in office.history(case_id)] == [{"to": "chan"}, {"to": "boss"}]


def test_a_case_that_is_not_there(chan: AtWork) -> None:
    missing = chan.get(f"/v1/cases/{uuid4()}")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert chan.get("/v1/cases/1").status_code == 422


def test_only_a_token_lets_in(office: Office, chan: AtWork) -> None:
    officers = Officers(office.store, office.clock)
    assert chan.get("/v1/me").json() == {"name": "chan", "role": "officer"}
    rotated = officers.rotate("chan")
    for token in ("", "x", chan.token, chan.token[:-1]):
        refused = AtWork(chan.app, token).get("/v1/cases")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert call(chan.app, "GET", "/v1/cases").status_code == 401
    anew = AtWork(chan.app, rotated)
    assert anew.get("/v1/me").status_code == 200
    officers.disable("chan")
    assert anew.get("/v1/me").status_code == 401
    officers.enable("chan")
    assert anew.get("/v1/me").status_code == 200
    actions = [entry.action for entry in office.history()]
    assert actions == ["officer_added", "officer_token_rotated", "officer_disabled", "officer_enabled"]


def test_tokens_are_not_in_the_database(chan: AtWork, store: Store) -> None:
    with store.reading() as db:
        row = db.exec_driver_sql("SELECT * FROM officers").one()
    assert chan.token not in str(tuple(row))
    assert len(chan.token) == 43


def test_names_in_the_history_are_nobody_elses(office: Office) -> None:
    for name in ("", "Chan", "centre", "kiosk-0007", "a b", "a" * 65, "-a", "陳"):
        with pytest.raises(OfficerError):
            Officers(office.store, office.clock).add(name, Role.OFFICER)
    assert office.history() == []


def test_a_name_is_given_once(office: Office, chan: AtWork) -> None:
    officers = Officers(office.store, office.clock)
    with pytest.raises(OfficerError, match="rotate"):
        officers.add("chan", Role.AUDITOR)
    with pytest.raises(OfficerError, match="no officer"):
        officers.rotate("wong")
    assert [officer.role for officer in officers.all()] == [Role.OFFICER]
    assert chan.get("/v1/me").json()["role"] == "officer"
