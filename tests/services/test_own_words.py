"""What is no report is not called one: an application, a request, thanks."""

import re
from collections.abc import Iterator

import pytest

from config.settings import Timing
from flows.languages import Language
from flows.loading.pack_loader import load_packs
from flows.pack import PackBook, PackKind
from flows.pack_texts import Texts
from flows.view import DeclareBody, Screen, ViewState
from tests.flows.conftest import Person
from tests.services.conftest import NAMES, site
from tests.services.plans import Plan
from tests.services.visitor import Traveller

REPORTS = {
    "crime_information",
    "crime_report",
    "lost_property",
    "nuisance",
    "technology_crime",
    "traffic_accident",
    "traffic_complaint",
    "vehicle_obstruction",
}
"""What the app's own words fit."""

OTHERS = sorted(
    name
    for name, pack in load_packs(NAMES).packs.items()
    if pack.definition.kind is PackKind.REPORT and name not in REPORTS
)
REPORT = re.compile(r"\breport|報告|報案|报告|报案")
ADDS = "report_supplement"
"""It says “report”, and means the one that is added to."""


def last_words(texts: Texts) -> Iterator[str]:
    """What the last screens and the paper say of what was submitted."""
    yield from (texts.submit, texts.received, texts.receipt.title, texts.receipt.not_a_memo)
    yield texts.receipt.scan


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("service", OTHERS)
def test_what_is_no_report_is_not_called_one(book: PackBook, service: str, language: Language) -> None:
    words = list(last_words(book[service].texts[language]))
    assert all(words)
    if service != ADDS:
        assert [text for text in words if REPORT.search(text)] == []


@pytest.mark.parametrize("service", sorted(REPORTS))
def test_a_report_is_called_one(book: PackBook, service: str) -> None:
    for texts in book[service].texts.values():
        assert (texts.submit, texts.received) == ("", "")


@pytest.mark.parametrize("language", list(Language))
def test_a_confidential_form_is_named_by_nothing(book: PackBook, language: Language) -> None:
    """Others may look on: the band above it says no more either."""
    words = " ".join(last_words(book["police_complaint"].texts[language]))
    assert not re.search("complain|投訴|投诉", words)


def ends(service: str, language: Language) -> dict[Screen, ViewState]:
    """The screens at the end of a visit, as they were shown."""
    person = Person(load_packs(NAMES), site(), Timing())
    traveller = Traveller(person, Plan({}), language=language, keeps_views=True)
    return {view.screen: view for view in traveller.begin(service).walk().views}


@pytest.mark.parametrize("service", ["commendation", "traffic_complaint"])
def test_the_screens_say_it_as_the_pack_does(book: PackBook, service: str) -> None:
    for language in Language:
        texts, seen = book[service].texts[language], ends(service, language)
        declared = seen[Screen.DECLARE].body
        assert isinstance(declared, DeclareBody)
        assert (declared.submit, seen[Screen.RECEIVED].title) == (texts.submit, texts.received)
