from collections.abc import Callable
from pathlib import Path

import pytest

from config.document import event_names, events_page, journal_catalogue, settings_page
from config.leaves import leaves

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("docs/reference/settings.md", settings_page),
        ("docs/reference/events.md", events_page),
        ("config/event_names.py", event_names),
        ("systemd/kiosk.catalog", journal_catalogue),
    ],
)
def test_generated_files_are_fresh(path: str, make: Callable[[], str]) -> None:
    assert (HOUSE / path).read_text(encoding="utf-8") == make(), f"{path} is stale: run `make docs`"


def test_every_setting_says_what_it_means() -> None:
    assert [leaf.key for leaf in leaves() if not leaf.field.description] == []
