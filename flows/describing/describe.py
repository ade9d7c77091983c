"""What `kiosk flows check|list|diagram` says, and pages of the documentation made from packs."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from flows.cases.case_schema import schema
from flows.describing.diagram import covers, life_cycle, pack_diagram
from flows.languages import Language
from flows.loading.pack_loader import PACKS, check_packs, load_pack, pack_names
from flows.pack import Pack

_LIFE = (
    "From every state but the attract screen one touch of quick exit, a confirmed stop, or time leads to "
    "`wiped`. The language can be changed in every state."
)
_CASE = (
    "Made from the packs by `flows/cases/case_schema.py`; do not edit. A case is JSON: common fields, and\n"
    "the answers under the names of its pack. The reference and the receipt code are added when the case is\n"
    "committed. Photos travel beside it, named in `attachments`. Only what was asked at the moment of\n"
    "submission is in it."
)


def check_text(folder: Path = PACKS) -> tuple[str, bool]:
    """Every mistake in every pack, a line each, and whether all packs are good."""
    errors = check_packs(folder)
    if errors:
        return "\n".join(map(str, errors)) + "\n", False
    names = pack_names(folder)
    return f"{len(names)} good: {', '.join(names)}\n", True


def list_text(folder: Path = PACKS) -> str:
    """Each pack with its version, languages, and how much it asks."""
    lines = []
    for name in pack_names(folder):
        pack = load_pack(folder / name)
        definition = pack.definition
        languages = ", ".join(language.value for language in definition.languages)
        lines.append(
            f"{name} {definition.version}: {pack.texts[Language.ENGLISH].service}; {languages}; "
            f"{len(definition.pages)} pages, {len(pack.fields)} fields, about {definition.minutes} minutes"
        )
    return "\n".join(lines) + "\n"


def diagram_text(name: str | None = None, folder: Path = PACKS) -> str:
    """Mermaid of a pack, or of the life cycle when none is named."""
    return life_cycle() if name is None else pack_diagram(load_pack(folder / name))


def visit_page() -> str:
    """The page `docs/reference/visit.md`."""
    parts = [
        "# How a visit moves",
        "Made from `flows/life/lifecycle.py`; do not edit. What a service asks: [services](../services.md).",
        "## Life cycle",
        _LIFE,
        _mermaid(life_cycle()),
        "## Covers",
        "What may lie over a screen while the life beneath goes on.",
        _mermaid(covers()),
    ]
    return "\n\n".join(parts).rstrip() + "\n"


def case_page() -> str:
    """The page `docs/reference/case.md`."""
    packs = list(_reports())
    parts = ["# The case document", _CASE, "## Services", _types(packs), "## What all have in common"]
    parts += [_fenced(_common(packs))]
    return "\n\n".join(parts).rstrip() + "\n"


def schema_pages() -> dict[str, Callable[[], str]]:
    """The JSON Schema of each report type: the name of its page in `docs/reference/cases`, and its text."""
    return {_schema_name(pack): partial(_schema_text, pack.name) for pack in _reports()}


def _reports() -> Iterator[Pack]:
    packs = (load_pack(PACKS / name) for name in pack_names())
    return (pack for pack in packs if pack.definition.report_type)


def _schema_name(pack: Pack) -> str:
    return f"{pack.definition.report_type.lower()}.schema.json"


def _schema_text(name: str) -> str:
    return _json(schema(load_pack(PACKS / name))) + "\n"


def _types(packs: list[Pack]) -> str:
    rows = ["| report type | service | JSON Schema |", "|---|---|---|"]
    for pack in packs:
        path = f"cases/{_schema_name(pack)}"
        place = f"[{pack.texts[Language.ENGLISH].service}](../services.md#{pack.name})"
        rows.append(f"| `{pack.definition.report_type}` | {place} | [{path}]({path}) |")
    return "\n".join(rows)


def _common(packs: list[Pack]) -> dict[str, Any]:
    """Properties that are the same in the schema of every service."""
    first, *others = (schema(pack)["properties"] for pack in packs)
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}


def _fenced(value: object) -> str:
    return f"```json\n{_json(value)}\n```"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _mermaid(text: str) -> str:
    return f"```mermaid\n{text}```"
