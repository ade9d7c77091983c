"""Bugs that tests/contract/test_fuzz.py has found: each with a test of its own."""

from typing import Any

import pytest

from central.centre import Centre
from central.keys.keyring import Keyring
from central.store.inbox import Role
from central.store.store import Store
from tests.central.office import Office, document


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


def test_half_a_character_does_not_keep_an_officer_from_a_case(office: Office) -> None:
    chan = office.sign_in("chan", Role.OFFICER)
    case_id = office.receive(document(site_code="gate \ud800", new={"\udfff": ["\ude00"]}))
    opened = chan.post(f"/v1/cases/{case_id}/open")
    assert opened.status_code == 200
    assert opened.json()["document"]["site_code"] == "gate ?"
    assert opened.json()["document"]["new"] == {"?": ["?"]}


def test_a_whole_character_written_in_halves_stays_one(office: Office) -> None:
    chan = office.sign_in("chan", Role.OFFICER)
    case_id = office.receive(document(site_code="\U0001f600"))  # as json writes it: \ud83d\ude00
    assert chan.post(f"/v1/cases/{case_id}/open").json()["document"]["site_code"] == "\U0001f600"


def test_a_number_is_no_moment(office: Office) -> None:
    chan = office.sign_in("chan", Role.OFFICER)
    for wrong in ("5", "0.5", "-1", "1e9", "20261121"):
        for name in ("received_from", "received_before"):
            assert chan.get("/v1/cases", **{name: wrong}).status_code == 422, (name, wrong)
