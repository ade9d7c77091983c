"""The border and the MTR: photos, a scanned passport, a change on review, processes that are killed."""

import pytest
from season import Season, case_of, code_on, expecting, play_season, script

from kiosk.played.playbook import Mishap, Process, ProcessMishap, Treatment

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]


def kill(process: Process, at: str) -> Mishap:
    return ProcessMishap(at=at, process=process, do=Treatment.KILL)


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Season:
    visits = {"passport": script("lost-passport-border")}
    return play_season("border", visits, tmp_path_factory.mktemp("border"))


@pytest.fixture(scope="module")
def mtr(tmp_path_factory: pytest.TempPathFactory) -> Season:
    kills = [kill(Process.DEVICES, "event.when"), kill(Process.COURIER, "review")]
    visits = {
        "killed": script("lost-bag-mtr", mishaps=kills, expected=expecting(None)),
        "bag": script("lost-bag-mtr"),
        "all_at_once": script("one-thing-after-another"),
    }
    return play_season("mtr", visits, tmp_path_factory.mktemp("mtr"), canaries=("ERIKSSON", "L898902C3"))


def test_a_passport_lost_at_the_border(border: Season) -> None:
    case = case_of(border, "passport")
    document = case["document"]
    assert document["ui_lang"] == "en"
    assert document["event"]["place_kind"] == "border"
    assert document["event"]["when"]["certainty"] == "between"
    bag, passport = sorted(document["items"], key=lambda item: item["category"])
    assert bag["container_of"] == [passport["item_id"]]
    assert len(bag["photos"]) == 1
    assert len(document["attachments"]) == 1
    assert passport["identity_doc"]["number"] == document["reporter"]["doc_no"] == "L898902C3"


def test_the_receipt_of_a_visitor_is_in_english_and_carries_the_reference(border: Season) -> None:
    seen = border.visits["passport"]
    (paper,) = seen.papers
    code = code_on(paper)
    assert code is not None
    assert code.reference == seen.told.reference


def test_a_scanned_passport_fills_the_identity(mtr: Season) -> None:
    document = case_of(mtr, "bag")["document"]
    assert document["identity_method"] == "scanned"
    assert document["reporter"]["doc_no"] == "L898902C3"
    assert document["reporter"]["name_en"] == "ERIKSSON ANNA MARIA"


def test_an_answer_that_was_changed_on_review_is_the_one_that_counts(mtr: Season) -> None:
    assert case_of(mtr, "bag")["document"]["loss"]["suspected_theft"] == "no"


def test_mtr_hears_of_it_only_with_consent(mtr: Season) -> None:
    assert case_of(mtr, "bag")["document"]["consents"]["mtr_share"] == "yes"


@pytest.mark.parametrize("visit", ["bag", "killed"])
def test_photos_reach_the_centre(mtr: Season, visit: str) -> None:
    case = case_of(mtr, visit)
    (bag,) = case["document"]["items"]
    assert len(bag["photos"]) == 2
    assert len(case["document"]["attachments"]) == 2


def test_killed_devices_and_courier_cost_no_visit_and_double_no_case(mtr: Season) -> None:
    assert [case["sequence"] for case in mtr.cases] == [1, 2, 3]
    assert {case["reference"] for case in mtr.cases} == {seen.told.reference for seen in mtr.visits.values()}


def test_when_everything_fails_one_after_the_other_the_visit_ends_as_if_nothing_had(mtr: Season) -> None:
    document = case_of(mtr, "all_at_once")["document"]
    assert document["identity_method"] == "scanned"  # by the document reader: the scanner was away
    seen = mtr.visits["all_at_once"]
    assert seen.told.official_number == ""  # the network was cut
    assert len(seen.papers) >= 1


def test_nothing_of_a_scanned_document_is_left(mtr: Season) -> None:
    assert not {canary: places for canary, places in mtr.haunted.items() if places}
