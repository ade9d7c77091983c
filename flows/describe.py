"""What `kiosk flows check|list|diagram` says, and pages of the documentation made from packs."""

import json
from pathlib import Path

from flows.case_schema import schema
from flows.diagram import covers, life_cycle, pack_diagram
from flows.languages import Language
from flows.pack import Pack, PageKind
from flows.pack_loader import PACKS, check_packs, load_pack, pack_names

_LIFE = (
    "From every state but the attract screen one touch of quick exit, a confirmed stop, or time leads to "
    "`wiped`. The language can be changed in every state."
)
_CASE = (
    "Made from the packs by `flows/case_schema.py`; do not edit. A case is JSON: common fields, and the "
    "answers under the names of its pack. The reference and the receipt code are added when the case is "
    "committed. Photos travel beside it, named in `attachments`. Only what was asked at the moment of "
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
        "Made from the tables in `flows/lifecycle.py` and the packs; do not edit.",
        "## Life cycle",
        _LIFE,
        _mermaid(life_cycle()),
        "## Covers",
        "What may lie over a screen while the life beneath goes on.",
        _mermaid(covers()),
    ]
    for name in pack_names():
        parts += [f"## Pack {name}", _mermaid(pack_diagram(load_pack(PACKS / name)))]
    return "\n\n".join(parts).rstrip() + "\n"


def case_page() -> str:
    """The page `docs/reference/case.md`."""
    parts = [
        "# The case document",
        _CASE,
    ]
    for name in pack_names():
        pack = load_pack(PACKS / name)
        parts += [f"## {pack.definition.report_type}", _field_table(pack), "### Schema", _schema(pack)]
    return "\n\n".join(parts).rstrip() + "\n"


def _field_table(pack: Pack) -> str:
    words = pack.texts[Language.ENGLISH]
    rows = ["| field | kind | asked on | words |", "|---|---|---|---|"]
    for page in pack.definition.pages:
        rows += [
            f"| `{each.field}` | {each.kind.value} | {page.page} | {words.fields[each.field].label} |"
            for each in page.fields
            if each.in_case
        ]
        if page.kind is PageKind.PHOTOS:
            rows.append(f"| `{page.photos}` | photo ids | {page.page} | |")
    return "\n".join(rows)


def _schema(pack: Pack) -> str:
    return "```json\n" + json.dumps(schema(pack), indent=2, ensure_ascii=False) + "\n```"


def _mermaid(text: str) -> str:
    return f"```mermaid\n{text}```"
