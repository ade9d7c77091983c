"""Parts: what many services ask, written once and woven into the packs that use it.

`_parts/<part>/pages.yaml` holds `pages` and `groups`, `_parts/<part>/texts/<language>.yaml` their words. A
pack puts `{part: person, section: you}` among its pages. Its own words come before those of a part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_document import Document, PackError, Piece, entries, table
from flows.pack import Definition, PackKind

PARTS = "_parts"
COMMON = "common"
"""The part whose words every pack has: receipt, forms of dates, declaration."""

_USE_KEYS = ("part", "section", "when", "without", "only")
_WOVEN_WORDS = ("pages", "fields", "rows", "groups", "slips", "next_steps")


@dataclass(frozen=True, slots=True)
class Uses:
    """The parts that a pack uses, in order, and whatever is wrong in them."""

    parts: tuple[str, ...]
    errors: tuple[PackError, ...]


@dataclass(frozen=True, slots=True)
class PartShelf:
    """Where parts are looked for, in order; a file that many packs use is read once.

    What it hands out is shared by those packs, and is not to be changed.
    """

    places: tuple[FilePath, ...]
    _read: dict[tuple[str, str], Document | None] = field(default_factory=dict)

    def read(self, part: str, file: str) -> Document | None:
        """A file of a part; None when no place has the part."""
        if (part, file) not in self._read:
            self._read[part, file] = _read(self.places, part, file)
        return self._read[part, file]


def part_names(places: tuple[FilePath, ...]) -> list[str]:
    """The parts there are; `places` are folders of packs."""
    return sorted({each.parent.name for place in places for each in place.glob(f"{PARTS}/*/pages.yaml")})


def weave_pages(document: Document, shelf: PartShelf) -> Uses:
    """Replace every use of a part in `pages` by the pages of the part, and add the groups it brings."""
    if not any(_is_use(entry) for _, entry in entries(document.data, "pages")):
        return Uses((), ())
    pages: list[Any] = []
    pieces = {path: piece for path, piece in document.pieces.items() if path[:1] != ("pages",)}
    parts: list[str] = []
    errors: list[PackError] = []
    for number, entry in entries(document.data, "pages"):
        if not _is_use(entry):
            pieces["pages", len(pages)] = document.piece(("pages", number))
            pages.append(entry)
            continue
        document.add(_misuse(entry, ("pages", number), shelf.places))
        part = shelf.read(str(entry["part"]), "pages.yaml")
        if part is None:
            continue
        errors += part.errors
        parts.append(str(entry["part"]))
        document.add(_unknown_pages(entry, part, ("pages", number)))
        for there, page in entries(part.data, "pages"):
            if _is_wanted(entry, page):
                pieces["pages", len(pages)] = part.piece(("pages", there))
                pages.append(_joined(page, entry))
        _weave_groups(document, part, pieces)
    document.data["pages"] = pages
    document.pieces = pieces
    return Uses(tuple(dict.fromkeys(parts)), tuple(errors))


def _is_use(entry: Any) -> bool:
    return isinstance(entry, dict) and "part" in entry


def _misuse(entry: dict[str, Any], path: Path, places: tuple[FilePath, ...]) -> Iterator[Mistake]:
    known = part_names(places)
    if entry["part"] not in known:
        yield Mistake(
            (*path, "part"),
            f"the part “{entry['part']}” is not known",
            did_you_mean(str(entry["part"]), known),
        )
    for key in entry:
        if key not in _USE_KEYS:
            yield Mistake((*path, key), f"“{key}” is not known here", did_you_mean(key, _USE_KEYS))
    if "section" not in entry:
        yield Mistake(path, "“section” is missing", "add section")
    for key in ("without", "only"):
        if not isinstance(entry.get(key, []), list):
            yield Mistake((*path, key), "not a list of pages", "write it in brackets")


def _unknown_pages(entry: dict[str, Any], part: Document, path: Path) -> Iterator[Mistake]:
    known = [page.get("page", "") for _, page in entries(part.data, "pages") if isinstance(page, dict)]
    for key in ("without", "only"):
        for number, name in entries(entry, key):
            if name not in known:
                yield Mistake(
                    (*path, key, number), f"the part has no page “{name}”", did_you_mean(str(name), known)
                )


def _is_wanted(entry: dict[str, Any], page: Any) -> bool:
    name = page.get("page") if isinstance(page, dict) else None
    without, only = ([each for _, each in entries(entry, key)] for key in ("without", "only"))
    return name not in without and ("only" not in entry or name in only)


def _joined(page: Any, entry: dict[str, Any]) -> Any:
    """The page in the section of its use, under both conditions."""
    if not isinstance(page, dict):
        return page
    joined = {**page, "section": entry.get("section", "")}
    conditions = [each["when"] for each in (entry, page) if "when" in each]
    if conditions:
        joined["when"] = conditions[0] if len(conditions) == 1 else {"all": conditions}
    return joined


def _weave_groups(document: Document, part: Document, pieces: dict[Path, Piece]) -> None:
    for name, group in table(part.data, "groups").items():
        own = document.data.setdefault("groups", {})
        if isinstance(own, dict) and name not in own:
            own[name] = group
            pieces["groups", name] = part.piece(("groups", name))


def weave_words(
    document: Document,
    definition: Definition,
    parts: tuple[str, ...],
    shelf: PartShelf,
    file: str,
) -> tuple[PackError, ...]:
    """Add the words of the parts that the pack has not written itself; `file` is `texts/<language>.yaml`."""
    errors: list[PackError] = []
    if not isinstance(document.data, dict):
        return ()
    wanted = _wanted_words(definition)
    for name in parts:
        part = shelf.read(name, file)
        if part is not None:
            errors += part.errors
            for section in _WOVEN_WORDS:
                _weave_table(document, part, section, wanted[section])
    common = shelf.read(COMMON, file)
    if common is not None:
        errors += common.errors
        _weave_common(document, definition, common)
    return tuple(errors)


def _wanted_words(definition: Definition) -> dict[str, set[str]]:
    return {
        "pages": {page.page for page in definition.pages},
        "fields": {each.field for page in definition.pages for each in page.fields},
        "rows": {page.row for page in definition.pages if page.row},
        "groups": set(definition.groups),
        "slips": {each.slip for each in definition.slips},
        "next_steps": {each.step for each in definition.next_steps},
    }


def _weave_table(document: Document, part: Document, section: str, wanted: set[str] | None) -> None:
    for name, words in table(part.data, section).items():
        own = document.data.setdefault(section, {})
        if isinstance(own, dict) and name not in own and (wanted is None or name in wanted):
            own[name] = words
            document.pieces[section, name] = part.piece((section, name))


def _weave_common(document: Document, definition: Definition, common: Document) -> None:
    for section in ("receipt", "words"):
        _weave_table(document, common, section, None)
    declares = definition.kind is PackKind.REPORT and "declaration" not in document.data
    if declares and table(common.data, "declaration"):
        document.data["declaration"] = common.data["declaration"]
        document.pieces["declaration",] = common.piece(("declaration",))


def _read(places: tuple[FilePath, ...], part: str, file: str) -> Document | None:
    """A file of a part; None when no place has the part."""
    for place in places:
        folder = place / PARTS / part
        if (folder / "pages.yaml").exists() or (part == COMMON and folder.is_dir()):
            return Document.read(folder / file, f"{PARTS}/{part}/{file}")
    return None
