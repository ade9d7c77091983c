"""No answer appears beyond the class of its field: not in review, speech, on paper or a later screen."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.settings import SiteKind, Timing
from flows.events import PrintReceipt
from flows.pack import Pack, PackBook
from flows.privacy import Place, Privacy, may_appear
from flows.view import (
    QuestionBody,
    ReviewBody,
    ScanBody,
    ViewState,
)
from tests.flows.conftest import Person
from tests.prove.scale import size
from tests.services.canaries import Canaries, texts_of
from tests.services.conftest import NAMES, site
from tests.services.plans import NO_PLAN, Goal, Sort, goals, plans
from tests.services.visitor import Traveller

pytestmark = pytest.mark.slow

GOALS = size(short=8, full=24)
"""Of each service, about."""

Marked = tuple[PackBook, Canaries]


@pytest.fixture(scope="module")
def marked(book: PackBook) -> Marked:
    """Every pack with marks for labels."""
    canaries = Canaries()
    packs = {name: canaries.mark(pack) for name, pack in book.packs.items()}
    return PackBook(packs=packs), canaries


def class_of(pack: Pack, canaries: Canaries, mark: str) -> Privacy:
    """The class of the field that a mark belongs to; of several with one list the strictest."""
    classes = [pack.fields[name].privacy for name in canaries.of[mark].split("|") if name in pack.fields]
    return min(classes, key=list(Privacy).index, default=Privacy.HIDDEN)


def leaks(pack: Pack, canaries: Canaries, place: Place, texts: Iterator[str]) -> set[str]:
    """The fields whose answers stand where their class does not allow it."""
    return {
        canaries.of[mark]
        for mark in canaries.found(texts)
        if not may_appear(class_of(pack, canaries, mark), place)
    }


def seen(view: ViewState) -> Iterator[str]:
    """What a screen shows besides the fields that are being answered on it."""
    body = view.body
    if isinstance(body, QuestionBody):
        yield from texts_of((view.title, view.help, [(each.label, each.hint) for each in body.fields]))
    elif isinstance(body, ScanBody):
        yield from texts_of((view.title, view.help))
    else:
        yield from texts_of(replace(view, progress=None))


def spoken(view: ViewState) -> Iterator[str]:
    """What a screen may say aloud of earlier answers."""
    if isinstance(view.body, ReviewBody):
        yield from texts_of([row.spoken for row in view.body.rows])


def look_for_leaks(book: PackBook, canaries: Canaries, service: str, goal: Goal | None) -> set[str]:
    """One thorough visit towards a goal; the fields that it found where they must not be, with the place."""
    pack = book[service]
    person = Person(book, site(SiteKind.REPORT_ROOM, NAMES), Timing())
    plan = next(plans(pack, goal), NO_PLAN) if goal else NO_PLAN
    traveller = Traveller(person, plan, words=canaries.words, fills_optional=True, keeps_views=True)
    travels = traveller.begin(service).walk()
    last = book[travels.services[-1]]
    found: set[str] = set()
    for view in travels.views:
        found |= {
            f"{each} on {view.screen.value}" for each in leaks(last, canaries, Place.REVIEW, seen(view))
        }
        found |= {f"{each} aloud" for each in leaks(last, canaries, Place.SPEECH, spoken(view))}
    for command in person.commands(PrintReceipt):
        found |= {
            f"{each} on paper" for each in leaks(last, canaries, Place.PAPER, texts_of(command.receipt))
        }
    return found


@pytest.mark.parametrize("service", NAMES)
def test_nothing_appears_beyond_its_class(marked: Marked, service: str) -> None:
    book, canaries = marked
    wishes = [goal for goal in goals(book[service]) if goal.sort in (Sort.OPTION, Sort.SLIP)]
    found = look_for_leaks(book, canaries, service, None)
    for goal in wishes[:: max(1, len(wishes) // GOALS)]:
        found |= look_for_leaks(book, canaries, service, goal)
    assert found == set()
