"""`make docs` writes every generated page; with --check it only names the stale ones (exit code 1).

A room that has a page to offer adds one line to PAGES: the path below docs/, and a function without arguments
that returns the text. The text depends on nothing but the repository.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import legal_texts
import licences
import outcomes
import services

from central import contract
from config import document
from flows.describing import describe, editor_schemas

DOCS = Path(__file__).parent

PAGES: dict[str, Callable[[], str]] = {
    "../central/openapi-inbox.json": contract.inbox,
    "../central/openapi-public.json": contract.public,
    "../central/openapi.json": contract.gateway,
    "../config/event_names.py": document.event_names,
    "../flows/lists/list.schema.json": editor_schemas.list_schema,
    "../flows/packs/pack.schema.json": editor_schemas.pack_schema,
    "../flows/packs/part.schema.json": editor_schemas.part_schema,
    "../flows/packs/texts.schema.json": editor_schemas.texts_schema,
    "../systemd/kiosk.catalog": document.journal_catalogue,
    "legal-texts.md": legal_texts.page,
    "reference/case.md": describe.case_page,
    **{f"reference/cases/{name}": make for name, make in describe.schema_pages().items()},
    "reference/events.md": document.events_page,
    "reference/licences.md": licences.page,
    "reference/outcomes.md": outcomes.page,
    "reference/settings.md": document.settings_page,
    "reference/visit.md": describe.visit_page,
    "services.md": services.page,
}


def stale() -> list[str]:
    """Pages whose text is not what their generator makes now."""
    return [page for page, make in PAGES.items() if not _is(DOCS / page, make())]


def write() -> None:
    """Write every page."""
    for page, make in PAGES.items():
        (DOCS / page).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / page).write_text(make(), encoding="utf-8")


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(arguments: list[str]) -> int:
    """Entry of `make docs`."""
    if arguments != ["--check"]:
        write()
        return 0
    late = stale()
    for page in late:
        sys.stderr.write(f"docs/{page} is stale: run `make docs`\n")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
