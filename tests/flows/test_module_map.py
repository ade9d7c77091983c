"""The map in docs/architecture.md names every file of flows, and none that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_file_of_flows_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## What is where in `flows`")[2].partition("\n## ")[0]
    named = re.findall(
        r"`([a-z_]+)/?`", "".join(row.split("|")[1] for row in table.splitlines() if "|" in row)
    )
    there = [path.stem for path in (ROOT / "flows").iterdir() if not path.name.startswith("__")]
    assert sorted(named) == sorted(there)
