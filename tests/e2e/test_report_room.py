"""Wallets lost in the report room: three languages, a printer in every state, no device at all, no centre."""

from typing import Any

import pytest
from season import Season, case_of, code_on, expecting, play_season, printer, script

from flows.languages import Language
from flows.ports import Device
from flows.view import PaperState
from kiosk.played.playbook import DeviceMishap, Mishap

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(400),
]

NAME = "Qanary Zzyzx"
PHONE = "91234567"
HKID = "K7319401"
SHOWN_HKID = "K731940(1)"
VISITOR = {"reporter.name_en": NAME, "reporter.doc_no": HKID}
HOSTILE = "<b>%s';--"
LAST = "zh-Hans"


def unplug(device: Device) -> Mishap:
    return DeviceMishap(
        at="attract", device=device, fault="unplug" if device is not Device.PRINTER else "offline"
    )


def plug(device: Device) -> Mishap:
    return DeviceMishap(at="privacy", device=device, fault="plug" if device is not Device.PRINTER else "none")


def wallet(**changes: Any) -> Any:
    return script("lost-wallet", **{"language": Language.ENGLISH, **changes})


VISITS = {
    "zh-Hant": wallet(language=Language.TRADITIONAL_CHINESE, answers=VISITOR),
    "hostile": wallet(answers={**VISITOR, "items[1].description": HOSTILE}),
    "out_before": script("printer-out", language=Language.ENGLISH),
    "out_early": wallet(
        mishaps=[printer("none", "attract"), printer("paper_out", "declare", 60)],
        expected=expecting(PaperState.NOT_PRINTED),
    ),
    "out_late": wallet(
        mishaps=[printer("none", "attract"), printer("paper_out", "declare", 900)],
        expected=expecting(PaperState.NOT_PRINTED),
    ),
    "cover_open": wallet(
        mishaps=[printer("none", "attract"), printer("cover_open", "event.when")],
        expected=expecting(PaperState.NO_PRINTER),
    ),
    "nothing_there": wallet(
        mishaps=[printer("none", "attract"), *map(unplug, Device)], expected=expecting(PaperState.NO_PRINTER)
    ),
    "back_again": wallet(mishaps=list(map(plug, Device))),
    "centre_down": script("centre-down", language=Language.ENGLISH),
    LAST: wallet(language=Language.SIMPLIFIED_CHINESE, answers=VISITOR),
}
PICTURED = ("hostile", "out_before")
NO_PAPER = ("out_before", "cover_open", "nothing_there")
PAPER = ("zh-Hant", "hostile", "back_again", "centre_down", LAST)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Season:
    canaries = (NAME, "Chan Tai Man", PHONE, HKID, SHOWN_HKID, HOSTILE, "黑色錢包", "黑色钱包")
    return play_season(
        "report-room", VISITS, tmp_path_factory.mktemp("room"), canaries=canaries, pictured=PICTURED
    )


def test_every_visit_is_exactly_one_case(season: Season) -> None:
    references = [case["reference"] for case in season.cases]
    assert sorted(references) == sorted(seen.told.reference for seen in season.visits.values())
    assert len({case["case"] for case in season.cases}) == len(VISITS)


@pytest.mark.parametrize(
    ("visit", "language", "description"),
    [("zh-Hant", "zh-Hant", "黑色錢包"), ("hostile", "en", HOSTILE), (LAST, "zh-Hans", "黑色钱包")],
    ids=["zh-Hant", "hostile", "zh-Hans"],
)
def test_the_case_says_what_the_visitor_said(
    season: Season, visit: str, language: str, description: str
) -> None:
    document = case_of(season, visit)["document"]
    assert document["ui_lang"] == language
    assert document["reporter"]["phone"] == f"+852{PHONE}"
    assert document["reporter"]["doc_no"] == SHOWN_HKID
    assert {item["category"] for item in document["items"]} == {"wallet", "hkid"}
    (wallet_item,) = [item for item in document["items"] if item["category"] == "wallet"]
    assert wallet_item["description"] == description


@pytest.mark.parametrize("visit", PAPER)
def test_the_receipt_carries_the_reference(season: Season, visit: str) -> None:
    seen = season.visits[visit]
    (paper,) = seen.papers
    code = code_on(paper)
    assert code is not None
    assert code.reference == seen.told.reference
    assert code.receipt_code == case_of(season, visit)["document"]["receipt_code"]


@pytest.mark.parametrize("visit", NO_PAPER)
def test_without_a_printer_there_is_a_reference_and_no_paper(season: Season, visit: str) -> None:
    seen = season.visits[visit]
    assert len(seen.told.reference) == 12
    assert not seen.papers


@pytest.mark.parametrize(
    ("visit", "notice"),
    [
        ("out_before", "printer_paper_out"),
        ("cover_open", "printer_cover_open"),
        ("nothing_there", "printer_disconnected"),
    ],
)
def test_a_missing_receipt_is_told_before_the_declaration(season: Season, visit: str, notice: str) -> None:
    (declaration,) = [step for step in season.visits[visit].told.steps if step["page"] == "declare"]
    assert notice in declaration["notices"]


@pytest.mark.parametrize("visit", ["out_early", "out_late"])
def test_paper_that_ends_in_the_middle_is_not_called_a_receipt(season: Season, visit: str) -> None:
    seen = season.visits[visit]
    assert len(seen.told.reference) == 12  # and the player saw NOT_PRINTED
    assert not seen.papers


def test_an_official_number_is_seen_while_the_centre_is_there(season: Season) -> None:
    seen = season.visits["zh-Hant"].told
    assert seen.official_number == case_of(season, "zh-Hant")["official_number"]
    assert season.visits["centre_down"].told.official_number == ""


def test_the_next_visitor_sees_a_clean_kiosk(season: Season) -> None:
    first, second = season.visits["hostile"].pictures, season.visits["out_before"].pictures
    before_any_answer = [name for name in second if name[:2] in {"02", "03", "06", "07", "08", "10"}]
    empty_pages = [name for name in before_any_answer if name[:2] != "10"]
    assert len(before_any_answer) == 6
    assert all(first[name] == second[name] for name in empty_pages)


def test_nothing_of_a_visitor_is_left_in_files_or_memory(season: Season) -> None:
    assert not {canary: places for canary, places in season.haunted.items() if places}


def test_the_pictures_are_of_the_real_size(season: Season) -> None:
    png = season.visits["hostile"].pictures["01-attract.png"]
    assert int.from_bytes(png[16:20]) == 1080
    assert int.from_bytes(png[20:24]) == 1920
