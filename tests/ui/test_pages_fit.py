"""Pages as the packs make them fit the screen without scrolling, at the usual text size."""

from collections.abc import Callable
from functools import cache

import pytest

from config.settings import Orientation, Site, Timing
from flows.languages import Language
from flows.loading.pack_loader import load_packs
from flows.view import QuestionBody, ViewState
from tests.flows.conftest import Person
from tests.services.conftest import NAMES, site
from tests.services.plans import Plan
from tests.services.visitor import Traveller
from ui.engine import Face
from ui.robot import Robot

Build = Callable[..., Face]
LOOKS = [(orientation, language) for orientation in Orientation for language in Language]
CHEATED = Plan({"scam.paid": ("earlier",)})
WORDY = Site(name=dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "Central Police Station Report Room"))
"""Its name leaves no room beside it for the service and the step: they take a second line."""
SCANNED = Plan({"reporter.doc_type": ("passport",), "!scan": ("scan_document",)})


@cache
def pages(service: str, language: Language) -> dict[str, ViewState]:
    """The question pages somebody saw in a service, by their first field."""
    person = Person(load_packs(NAMES), site(), Timing())
    plan = CHEATED if service == "technology_crime" else SCANNED
    views = Traveller(person, plan, language=language, keeps_views=True).begin(service).walk().views
    return {view.body.fields[0].name: view for view in views if isinstance(view.body, QuestionBody)}


def show(face: Face, view: ViewState) -> Robot:
    face.show_view(view)
    robot = Robot(face.window)
    robot.settle()
    return robot


def scrolls(robot: Robot) -> list[str]:
    """The buttons by which the page is scrolled."""
    robot.settle()
    return [name for name in robot.names() if name.startswith("scroll:")]


@pytest.mark.parametrize(("orientation", "language"), LOOKS)
def test_a_payment_fits(gallery: Build, orientation: Orientation, language: Language) -> None:
    seen, face = pages("technology_crime", language), gallery(orientation, site=WORDY)
    assert not scrolls(show(face, seen["transactions[0].method"]))
    assert not scrolls(show(face, seen["transactions[0].currency"]))


def check_an_amount_is_typed_below_its_currencies(gallery: Build, language: Language) -> None:
    robot = show(gallery(site=WORDY), pages("technology_crime", language)["transactions[0].currency"])
    robot.tap("field:transactions[0].amount")
    robot.await_item("key:7")
    assert not scrolls(robot)


@pytest.mark.parametrize("language", list(Language))
def test_an_amount_is_typed_below_its_currencies(gallery: Build, language: Language) -> None:
    check_an_amount_is_typed_below_its_currencies(gallery, language)


def check_what_nearly_fits_is_set_closer(gallery: Build, language: Language) -> None:
    page = pages("vehicle_obstruction", language)["reporter.nationality"]
    robot = show(gallery(), page)
    robot.tap("key:done")
    assert not scrolls(robot)


@pytest.mark.parametrize("language", list(Language))
def test_what_nearly_fits_is_set_closer(gallery: Build, language: Language) -> None:
    check_what_nearly_fits_is_set_closer(gallery, language)


BUGS: list[tuple[str, str, str, Callable[[Build, Language], None]]] = [
    (
        "controls/Page.qml",
        "heightWith(false) > pane.height &&",
        "false &&",
        check_what_nearly_fits_is_set_closer,
    ),
    (
        "controls/Tiles.qml",
        "wide || brief",
        "wide",
        check_an_amount_is_typed_below_its_currencies,
    ),
]


@pytest.mark.parametrize(("file", "before", "after", "check"), BUGS)
def test_planted_bugs_are_found(
    planted: Callable[..., Build],
    file: str,
    before: str,
    after: str,
    check: Callable[[Build, Language], None],
) -> None:
    with pytest.raises(AssertionError):
        check(planted(file, before, after), Language.ENGLISH)
