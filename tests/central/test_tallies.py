"""Answers to the survey: counted by kiosks, replaced by day, shown without small groups."""

import datetime as dt
import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from central.centre import Centre
from central.cli import app
from central.gateway.api import create_app
from central.keys.keyring import Keyring
from central.store.inbox import Role
from central.store.store import Store
from central.store.tallies import Tally
from central.survey.tallies import SurveySettings, Tallies
from tests.central.conftest import Api
from tests.central.office import Office

DAY = "2026-11-21"
WEEK = {"first": "2026-11-16", "last": "2026-11-22"}


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


def count(option: str, number: Any, service: str = "lost_property", question: str = "ease") -> dict[str, Any]:
    return {"service": service, "question": question, "option": option, "count": number}


def send(office: Office, *counts: Any, day: Any = DAY, kiosk: int = 7, **more: Any) -> httpx.Response:
    gateway = Api(create_app(office.service, routers=office.people.gateway_routers()))
    body = json.dumps({"day": day, "counts": counts, **more}).encode()
    return gateway.call("POST", "/v1/tallies", body, kiosk)


def shown(office: Office, role: Role = Role.OFFICER) -> Any:
    officer = office.sign_in(f"some-{role.value}-{len(office.history())}", role)
    return officer.get("/v1/tallies", **WEEK).json()


def test_a_day_is_replaced_and_days_are_summed(office: Office) -> None:
    assert send(office, count("easy", 100)).status_code == 204
    for _ in range(2):
        assert send(office, count("easy", 5), count("hard", 2)).status_code == 204
    send(office, count("easy", 6), day="2026-11-20")
    send(office, count("easy", 10), kiosk=8)
    send(office, count("easy", 50), day="2026-11-15")  # before the first day
    assert shown(office) == {
        "answers": [{"service": "lost_property", "question": "ease", "options": {"easy": 21, "hard": 2}}],
        "left_out": 0,
    }
    send(office)
    assert shown(office)["answers"][0]["options"] == {"easy": 16}


def test_few_answers_are_neither_shown_nor_summed(office: Office) -> None:
    send(office, count("easy", 3), count("hard", 1), count("yes", 5, question="again"))
    send(office, count("easy", 5), kiosk=8)
    assert shown(office) == {
        "answers": [
            {"service": "lost_property", "question": "again", "options": {"yes": 5}},
            {"service": "lost_property", "question": "ease", "options": {"easy": 5}},
        ],
        "left_out": 1,
    }


def test_answers_about_complaints_are_for_their_office(office: Office) -> None:
    send(office, count("easy", 9, service="police_complaint"), count("easy", 7))
    for role in Role:
        [answers] = shown(office, role)["answers"]
        theirs = role is Role.COMPLAINTS
        assert answers["service"] == ("police_complaint" if theirs else "lost_property")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "counts",
    [
        [count("easy", 0)],
        [count("easy", -1)],
        [count("easy", 1.5)],
        [count("easy", "5")],
        [count("easy", 100_001)],
        [count("easy", 1), count("easy", 2)],
        [count("Easy", 1)],
        [count("x" * 41, 1)],
        [count("'; DROP", 1)],
        [{**count("easy", 1), "case": "1"}],
        [count(f"o{n}", 1) for n in range(501)],
        [5],
    ],
)
def test_counts_that_are_not_of_the_contract(office: Office, counts: list[Any]) -> None:
    send(office, count("easy", 5))
    assert send(office, *counts).status_code == 422
    assert shown(office)["answers"][0]["options"] == {"easy": 5}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "day", ["2026-10-11", "2026-11-24", "2026-02-30", 20778, None, "20261121", "2026-W47-6x"]
)
def test_days_that_are_not_taken(office: Office, day: Any) -> None:
    assert send(office, count("easy", 5), day=day).status_code == 422
    for far in ("2026-10-13", "2026-11-22"):
        assert send(office, count("easy", 5), day=far).status_code == 204


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_that_the_centre_does_not_know_are_left_out(office: Office, store: Store) -> None:
    settings = SurveySettings.model_validate(
        {"services": ["lost_property"], "questions": {"ease": ["easy", "hard"]}}
    )
    tallies = Tallies(store, settings, office.clock)
    known = [("lost_property", "ease", "easy"), ("lost_property", "ease", "new"), ("other", "ease", "easy")]
    tallies.take(7, dt.date(2026, 11, 21), [Tally(*words, 6) for words in known])
    assert shown(office)["answers"] == [
        {"service": "lost_property", "question": "ease", "options": {"easy": 6}}
    ]


def test_the_command_line_shows_the_same(office: Office, database: str | None) -> None:
    send(office, count("easy", 9), count("easy", 8, service="police_complaint"))
    where = ["--centre", str(office.centre.directory), "--first", WEEK["first"], "--last", WEEK["last"]]
    where += [] if database is None else ["--database", database]
    told = CliRunner().invoke(app, ["tallies", *where])
    assert "lost_property" in told.output
    assert "police_complaint" not in told.output
    theirs = json.loads(CliRunner().invoke(app, ["tallies", "--complaints", "--json", *where]).output)
    assert theirs == {
        "answers": [{"service": "police_complaint", "question": "ease", "options": {"easy": 8}}],
        "left_out": 0,
    }
