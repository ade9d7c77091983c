"""Words of a pack for what is submitted: before and after, short, and only where something is submitted."""

from pathlib import Path
from typing import Any

import pytest

from flows.loading.pack_loader import BadPackError, load_pack
from tests.flows.small_packs import write_pack

ASKS = """
pages:
  - page: story
    row: story
    fields: [{field: event.story, kind: text, required: true, max_length: 40, privacy: shown}]
"""
READ = """
kind: information
pages:
  - {page: words, kind: notice}
"""
WORDS = {"submit": "Send", "received": "We have it"}


def test_a_pack_may_name_what_is_submitted(tmp_path: Path) -> None:
    texts = load_pack(write_pack(tmp_path, "small", ASKS, **WORDS)).texts
    assert all((each.submit, each.received) == tuple(WORDS.values()) for each in texts.values())


MUTANTS: list[tuple[str, dict[str, Any], str, str, str]] = [
    # definition, words written otherwise, the place, what the error says, what the remedy says
    (ASKS, {"submit": ""}, "submit", "“submit” are missing", "write submit"),
    (ASKS, {"received": ""}, "received", "“received” are missing", "write received"),
    (ASKS, {"submit": "Submit my wish"}, "submit", "too long", "at most 12"),
    (ASKS, {"received": "We have received " * 3}, "received", "too long", "at most 36"),
    (ASKS, {"submit": " "}, "submit", "no words", "write them"),
    (ASKS, {"received": "Thanks for {story}"}, "received", "nothing is known", ""),
    (READ, {}, "submit", "submits nothing", "remove it"),
    (READ, {}, "received", "submits nothing", "remove it"),
]


@pytest.mark.parametrize(("definition", "words", "place", "what", "remedy"), MUTANTS)
def test_a_mutant_is_refused(
    tmp_path: Path, definition: str, words: dict[str, Any], place: str, what: str, remedy: str
) -> None:
    write_pack(tmp_path, "small", definition, **WORDS | words)
    with pytest.raises(BadPackError) as bad:
        load_pack(tmp_path / "small")
    said = [(error.place, error.what, error.remedy) for error in bad.value.errors]
    assert any(place in each[0] and what in each[1] and remedy in each[2] for each in said), said
