"""Every page, option, stop, hand-over, advice and slip of a service is met by somebody; nobody gets stuck."""

from collections.abc import Callable
from itertools import islice

import pytest
from jsonschema import Draft202012Validator

from flows.cases.case_schema import schema
from flows.events import KeepCase
from flows.pack import Pack, PackBook, PackKind
from flows.view import Screen
from tests.flows.conftest import Person
from tests.services.conftest import NAMES
from tests.services.plans import Goal, Plan, goals, plans, to_the_end
from tests.services.visitor import Traveller, Travels

pytestmark = pytest.mark.slow

MOST_TRIES = 24
"""Plans tried for one goal, the simplest first."""

Arrive = Callable[..., Person]


_VALIDATORS: dict[str, Draft202012Validator] = {}


def validator(pack: Pack) -> Draft202012Validator:
    """Of the cases of a pack, made once."""
    if pack.name not in _VALIDATORS:
        _VALIDATORS[pack.name] = Draft202012Validator(schema(pack))
    return _VALIDATORS[pack.name]


def travel(person: Person, service: str, plan: Plan, *, thorough: bool = False) -> Travels:
    """One visit; what it kept fits the schema of the service it ended in, and is kept once."""
    travels = Traveller(person, plan, fills_optional=thorough).begin(service).walk()
    kept = person.commands(KeepCase)
    assert len(kept) <= 1
    for command in kept:
        pack = person.visit._parts.pages.context.packs[travels.services[-1]]
        validator(pack).validate(dict(command.case.document))
    return travels


def unmet(book: PackBook, arrive: Arrive, service: str) -> list[Goal]:
    """The goals of a service that no visit met."""
    pack = book[service]
    met: set[Goal] = set()
    for thorough in (False, True):
        met |= travel(arrive(), service, Plan({}), thorough=thorough).goals
    missed = []
    for goal in goals(pack):
        if goal not in met:
            met |= _look_for(goal, book, arrive, service)
        if goal not in met:
            missed.append(goal)
    return missed


def _look_for(goal: Goal, book: PackBook, arrive: Arrive, service: str) -> set[Goal]:
    """What the visits towards a goal met, up to the one that met it."""
    met: set[Goal] = set()
    for plan in islice(plans(book[service], goal), MOST_TRIES):
        person = arrive(plan.site_kind(), plan.services(NAMES))
        met |= travel(person, service, plan).goals
        if goal in met:
            break
    return met


@pytest.mark.parametrize("service", NAMES)
def test_every_goal_of_a_service_is_met(book: PackBook, arrive: Arrive, service: str) -> None:
    assert [str(goal) for goal in unmet(book, arrive, service)] == []


@pytest.mark.parametrize("service", NAMES)
def test_a_report_ends_with_a_receipt(book: PackBook, arrive: Arrive, service: str) -> None:
    if book[service].definition.kind is not PackKind.REPORT:
        return
    ends = (travel(arrive(), service, plan).screens for plan in islice(to_the_end(book[service]), MOST_TRIES))
    assert any(Screen.RECEIVED in screens for screens in ends)
