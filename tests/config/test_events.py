from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import pytest

from config.event_names import Event
from config.events import CatalogueError, Refusal, catalogue, read_catalogue
from devices.scanner.framing import Dropped
from flows.events import Ending
from flows.ports import Device, DeviceState, NotKept, PrintOutcome
from kiosk.post.outbox import OutboxFault
from kiosk.post.outcomes import Verdict
from kiosk.screens.screen_host import Stage

SENTENCES = ("lost my wallet", "陳大文", "a@b.hk", "+85291234567", "A123456(3)", "", "a" * 200, "a\n")


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
