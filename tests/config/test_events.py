import ast
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import pytest

from config.event_names import Event
from config.events import Catalogue, CatalogueError, Refusal, catalogue, read_catalogue
from devices.scanner.framing import Dropped
from flows.events import Ending
from flows.ports import Device, DeviceState, NotKept, PrintOutcome
from kiosk.post.outbox import OutboxFault
from kiosk.post.outcomes import Verdict
from kiosk.screen_host import Stage

HOUSE = Path(__file__).parents[2]
SENTENCES = ("lost my wallet", "陳大文", "a@b.hk", "+85291234567", "A123456(3)", "", "a" * 200, "a\n")
ROOMS = ("kiosk", "ui", "devices", "flows", "config")


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        ("device", Device),
        ("device_state", DeviceState),
        ("print_outcome", PrintOutcome),
        ("not_kept", NotKept),
        ("ending", Ending),
        ("outbox_fault", OutboxFault),
        ("scan_dropped", Dropped),
        ("verdict", Verdict),
        ("visitor_stage", [stage.name.lower() for stage in Stage]),
        ("refusal", Refusal),
    ],
)
def test_vocabularies_are_those_of_the_code(vocabulary: str, words: Iterable[str]) -> None:
    assert catalogue().vocabularies[vocabulary] == tuple(words)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"case_id": uuid4(), "tries": 3}, []),
        ({"case_id": str(uuid4()), "tries": 3}, []),
        ({"case_id": "A123456(3)", "tries": 3}, [("case_id", Refusal.WRONG_VALUE)]),
        ({"case_id": uuid4(), "tries": "3"}, [("tries", Refusal.WRONG_VALUE)]),
        ({"case_id": uuid4(), "tries": True}, [("tries", Refusal.WRONG_VALUE)]),
        ({"case_id": uuid4()}, [("tries", Refusal.MISSING_FIELD)]),
        ({"case_id": uuid4(), "tries": 1, "name": "x"}, [("name", Refusal.UNKNOWN_FIELD)]),
    ],
)
def test_only_the_fields_of_the_catalogue(
    fields: dict[str, object], expected: list[tuple[str, Refusal]]
) -> None:
    assert list(catalogue().faults(Event.CASE_DELIVERED, fields)) == expected


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_type_takes_what_a_visitor_writes(sentence: str) -> None:
    for spec in catalogue().events.values():
        for field, kind in spec.fields.items():
            refused = dict(catalogue().faults(spec.name, {field: sentence})).get(field)
            assert refused is Refusal.WRONG_VALUE or (kind == "place" and sentence == "")


def test_an_unknown_type_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "events.toml"
    event = '[events.a]\nlevel = "info"\nwords = "A."\nfields = { what = "text" }'
    file.write_text(f"[vocabularies]\n{event}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"events\.a\.fields\.what: no type 'text'"):
        read_catalogue(file)


def calls_of_log(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Attribute)
        and isinstance(node.args[0].value, ast.Name)
        and node.args[0].value.id == "Event"
        and node.args[0].attr.isupper()
    ]


def wrong_calls(source: str, known: Catalogue) -> list[str]:
    """Calls that name an event of the catalogue but not exactly its fields."""
    wrong = []
    for call in calls_of_log(ast.parse(source)):
        name = call.args[0].attr.lower()  # type: ignore[attr-defined]  # calls_of_log looked
        fields = {keyword.arg for keyword in call.keywords if keyword.arg}
        spread = any(keyword.arg is None for keyword in call.keywords)
        if name not in known.events or (not spread and fields != set(known.events[name].fields)):
            wrong.append(f"{name} in line {call.lineno}")
    return wrong


def test_every_call_in_the_house_is_right() -> None:
    wrong = {
        str(path.relative_to(HOUSE)): found
        for room in ROOMS
        for path in (HOUSE / room).rglob("*.py")
        if "config.log" in (source := path.read_text(encoding="utf-8"))
        and (found := wrong_calls(source, catalogue()))
    }
    assert wrong == {}


def test_a_wrong_call_would_be_seen() -> None:
    source = (
        "log(Event.CASE_KEPT, case_id=1)\nlog(Event.CASE_KEPT)\nlog(Event.CASE_KEPT, name=2)\nlog(Event.NO)"
    )
    assert wrong_calls(source, catalogue()) == [
        "case_kept in line 2", "case_kept in line 3", "no in line 4",
    ]  # fmt: skip


def test_the_log_is_the_only_way_into_the_log() -> None:
    others = {
        str(path.relative_to(HOUSE))
        for room in ROOMS
        for path in (HOUSE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and {"logging", "structlog"} & {name.name for name in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module in ("logging", "structlog"))
    }
    assert others == {"config/log.py"}
