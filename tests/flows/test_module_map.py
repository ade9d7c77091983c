"""The map in docs/architecture.md names every file of flows, and none that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


DATA = {"packs", "lists", "skeleton"}
OF_ITS_OWN = {"fields", "documents"}
"""Rooms whose files the map does not name."""


def test_every_file_of_flows_is_on_the_map_in_its_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## What is where in `flows`")[2].partition("\n## ")[0]
    named: dict[str, set[str]] = {}
    room = ""
    for row in [row.split("|") for row in table.splitlines() if row.startswith("| ")][1:]:
        room = row[1].strip(" `/") or room
        named.setdefault(room, set()).update(re.findall(r"`([a-z_]+)/?`", row[2]))
    assert named == {folder.name: _files(folder) for folder in _rooms()}


def _rooms() -> list[Path]:
    flows = ROOT / "flows"
    return [flows, *(path.parent for path in flows.glob("*/__init__.py"))]


def _files(folder: Path) -> set[str]:
    if folder.name in OF_ITS_OWN:
        return set()
    modules = {path.stem for path in folder.glob("[!_]*.py")}
    return modules | {path.name for path in folder.iterdir() if path.name in DATA}
