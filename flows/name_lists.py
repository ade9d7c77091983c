"""Long lists of names that do not belong to one service: stations, banks, districts, desks.

A list is a file `lists/<name>.yaml` beside the folder of the packs; docs/reference/packs.md tells its form.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path as FilePath
from typing import Annotated

from pydantic import Field

from flows.icons import Icon
from flows.languages import Language
from flows.loading.mistakes import Mistake
from flows.loading.pack_document import BadPackError, Document
from flows.strict import Strict

LISTS = FilePath(__file__).parent / "lists"

_Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
_Names = Annotated[dict[Language, str], Field(min_length=1)]


class ListEntry(Strict):
    """A name of a list. `lines`, `phone` and `icon` are for lists that notices show in full."""

    code: _Code
    name: _Names
    lines: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    phone: str = ""
    icon: Icon | None = None


class ListHeading(Strict):
    """A part of a list. `colour` is `#rrggbb`."""

    heading: _Code
    name: _Names
    colour: str = Field(default="", pattern=r"^(#[0-9a-f]{6})?$")
    entries: tuple[ListEntry, ...] = Field(min_length=1)


class NameList(Strict):
    """A list by headings. An entry may stand under several of them, with the same code."""

    name: str = Field(alias="list")
    headings: tuple[ListHeading, ...] = Field(min_length=1)

    @cached_property
    def by_code(self) -> dict[str, ListEntry]:
        """The entries by their codes, in order."""
        return {entry.code: entry for heading in self.headings for entry in heading.entries}

    def entry(self, code: str) -> ListEntry | None:
        """The entry of a code; None for any other."""
        return self.by_code.get(code)


def list_names(folder: FilePath = LISTS) -> list[str]:
    """The lists there are."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_list(name: str, folder: FilePath = LISTS) -> NameList:
    """Read and check one list. Raises `BadPackError`."""
    document = Document.read(folder / f"{name}.yaml", f"lists/{name}.yaml")
    found = document.as_model(NameList)
    if found is not None:
        document.add(_mistakes(found, name))
    if found is None or document.errors:
        raise BadPackError(document.errors)
    return found


def _mistakes(found: NameList, name: str) -> Iterator[Mistake]:
    if found.name != name:
        yield Mistake(("list",), f"the file is named {name}.yaml", f"write list: {name}")
    first: dict[str, ListEntry] = {}
    headings: set[str] = set()
    for number, heading in enumerate(found.headings):
        if heading.heading in headings:
            yield Mistake(
                ("headings", number, "heading"),
                f"the heading “{heading.heading}” stands twice",
                "join the two",
            )
        headings.add(heading.heading)
        yield from _missing(heading.name, ("headings", number, "name"))
        for position, entry in enumerate(heading.entries):
            path = ("headings", number, "entries", position)
            yield from _missing(entry.name, (*path, "name"))
            if first.setdefault(entry.code, entry).name != entry.name:
                yield Mistake(path, f"“{entry.code}” has another name elsewhere", "use one name for one code")


def _missing(names: dict[Language, str], path: tuple[str | int, ...]) -> Iterator[Mistake]:
    for language in Language:
        if not names.get(language, "").strip():
            yield Mistake(path, f"the name in {language.value} is missing", f"write {language.value}")
