"""Services through the real screens: a report, what became of it, and a scam with a file from the phone.

The short form of `make services`, which plays every service.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from season import script

from benchmarks.visitor_time import LIMIT_S
from config.loader import load
from flows.languages import Language
from kiosk.played import visitor
from kiosk.played.inventing import Way
from kiosk.played.playbook import Expected, Playbook
from kiosk.played.tour import Length, Measured, Visit, measured, not_exactly_one, read, table, write
from kiosk.played.visitor import Played, Theatre, Told

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

AMOUNTS = {"transactions[0].amount": "1200", "transactions[1].amount": "350"}


def scam() -> Playbook:
    """Two payments and a file; whatever else must be said is invented."""
    book: Playbook = script("services/technology_crime")
    answers = {"scam.kind": "shopping", "scam.paid": "earlier", **AMOUNTS}
    return book.model_copy(update={"fill": Way.SHORTEST, "language": Language.ENGLISH, "answers": answers})


VISITS = {
    "status": script("services/report_status", language=Language.ENGLISH),
    "scam": scam(),
    "stopped": Playbook.model_validate(
        {"title": "x", "language": "en", "service": "crime_report", "answers": {"crime.concern": "hurt"}}
    ),
    "stuck": Playbook.model_validate(
        {"title": "x", "language": "en", "service": "found_property", "answers": {"found.danger": "none"}}
    ),
}
FINISHED = ("wallet", "status", "scam")


@dataclass
class Evening:
    """What the visits left."""

    told: dict[str, Told] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def case(self, name: str) -> dict[str, Any]:
        (case,) = [each for each in self.cases if each["reference"] == self.told[name].reference]
        return case


@pytest.fixture(scope="module")
def played() -> Evening:
    found, settings = Evening(), load(site="report-room", profile="demo", environ={})
    wallet = script("lost-wallet")
    with Theatre(settings, [Played(wallet), *map(Played, VISITS.values())]) as theatre:
        earlier = visitor.play_before(theatre, theatre.performances[0])
        found.told["wallet"] = theatre.performances[0].told
        for name, performance in zip(VISITS, theatre.performances[1:], strict=True):
            performance.bystander.take_along(earlier)
            visitor.perform(theatre, performance)
            found.told[name] = performance.told
        theatre.await_cases(2)
        found.cases = theatre.cases()
    return found


@pytest.mark.parametrize("name", FINISHED)
def test_every_visit_is_finished(played: Evening, name: str) -> None:
    assert played.told[name].failure == ""


def test_every_report_is_one_case_and_an_enquiry_is_none(played: Evening) -> None:
    told = [played.told[name].reference for name in ("wallet", "scam")]
    assert not_exactly_one(told, [case["reference"] for case in played.cases]) == ""
    assert len(played.cases) == 2
    assert played.told["status"].reference == ""


def wrong_amounts(document: dict[str, Any]) -> list[str]:
    """Payments whose amount is not the one that was typed."""
    paid = [payment["amount"] for payment in document["transactions"]]
    return [each for each, typed in zip(paid, AMOUNTS.values(), strict=True) if float(each) != float(typed)]


def lost_files(document: dict[str, Any], sent: int) -> int:
    """How many of the files that the phone sent the case does not name."""
    return sent - len(document.get("upload", {}).get("files", []))


def test_amounts_and_files_arrive(played: Evening) -> None:
    document = played.case("scam")["document"]
    assert wrong_amounts(document) == []
    assert lost_files(document, 1) == 0


def is_too_long(steps: list[dict[str, Any]]) -> bool:
    return measured(steps).seconds > LIMIT_S


def test_a_wallet_is_reported_within_ninety_seconds(played: Evening) -> None:
    assert not is_too_long(played.told["wallet"].steps)


# --- planted bugs


def test_a_visit_that_ends_on_a_stop_is_a_failure(played: Evening) -> None:
    assert "ends on a notice" in played.told["stopped"].failure


def test_a_page_that_cannot_be_left_is_a_failure(played: Evening) -> None:
    assert "found.categories: required" in played.told["stuck"].failure


def test_a_wrong_amount_and_a_lost_file_are_seen(played: Evening) -> None:
    document = copy.deepcopy(played.case("scam")["document"])
    document["transactions"][1]["amount"] = "1200.00"
    document["upload"]["files"].clear()
    assert wrong_amounts(document) == ["1200.00"]
    assert lost_files(document, 1) == 1


@pytest.mark.parametrize("arrived", [[], ["1", "1"]])
def test_a_case_that_is_lost_or_came_twice_is_seen(arrived: list[str]) -> None:
    assert not_exactly_one(["1"], arrived)


def test_one_page_more_for_a_wallet_is_seen(played: Evening) -> None:
    steps = played.told["wallet"].steps
    assert is_too_long([*steps, steps[0], steps[1]])


def test_a_visit_that_failed_is_in_the_table_and_not_in_the_record(tmp_path: Any) -> None:
    figures = Measured(taps=1, keys=2, pages=3, seconds=4.0)
    visits = [
        Visit("nuisance", Length.SHORTEST, Language.ENGLISH, figures),
        Visit("nuisance", Length.LONGEST, Language.ENGLISH, figures, "the page changes"),
    ]
    write(tmp_path / "x.json", visits)
    assert read(tmp_path / "x.json") == {
        "nuisance": {"shortest": {"en": {"taps": 1, "keys": 2, "pages": 3, "seconds": 4.0}}}
    }
    assert "the page changes" in table(visits)


def test_an_enquiry_expects_no_report() -> None:
    assert VISITS["status"].expected == Expected(report=False)
