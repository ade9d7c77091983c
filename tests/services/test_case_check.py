"""The check that a visitor waits for says what jsonschema says, of cases and of cases with a fault."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flows.cases.case_schema import schema
from flows.events import KeepCase
from flows.pack import PackBook
from tests.flows.conftest import Person
from tests.services.conftest import NAMES
from tests.services.visitor import Traveller

_FAULTS: tuple[Any, ...] = (
    *("", "x" * 5000, "2026-02-30\n", 0, -1, 1.0, True, None),
    *([], ["a", "a"], {}, {"x": 1}),
)
Key = str | int


@pytest.mark.parametrize("service", NAMES)
def test_the_quick_check_says_what_jsonschema_says(
    book: PackBook, arrive: Callable[..., Person], service: str
) -> None:
    person = arrive()
    Traveller(person, fills_optional=True).begin(service).walk()
    for command in person.commands(KeepCase):
        document = dict(command.case.document)
        pack = book[document["pack"]["name"]]  # a service may have led into another one
        whole, quick = Draft202012Validator(schema(pack)), pack.case_validator
        assert quick.is_valid(document)
        for number, path in enumerate(_paths(document)):
            for faulty in _with_fault(document, path, _FAULTS[number % len(_FAULTS)]):
                assert quick.is_valid(faulty) is whole.is_valid(faulty), path


@pytest.mark.parametrize("service", NAMES)
def test_a_schema_refers_to_nothing(book: PackBook, service: str) -> None:
    """Otherwise its parts could not be checked by the validator of the whole."""
    assert "$ref" not in str(schema(book[service]))


def _paths(node: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    """Every place of a document."""
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _with_fault(document: dict[str, Any], path: tuple[Key, ...], fault: Any) -> Iterator[dict[str, Any]]:
    """The document with something else at a place, and with nothing there."""
    for removes in (False, True):
        faulty = deepcopy(document)
        parent: Any = faulty
        for key in path[:-1]:
            parent = parent[key]
        if removes:
            del parent[path[-1]]
        else:
            parent[path[-1]] = fault
        yield faulty
