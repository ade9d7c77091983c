"""Checks of a pack's definition that its model cannot make: what refers to what, in which order, and to what
end.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from flows.languages import Language
from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_condition_checks import check_conditions
from flows.loading.pack_extra_checks import check_extras
from flows.loading.pack_field_checks import check_fields
from flows.loading.pack_index import Index, Placed, is_several
from flows.loading.pack_page_checks import check_pages
from flows.pack import Definition

_RECEIPT_LANGUAGES = (Language.ENGLISH, Language.TRADITIONAL_CHINESE)

_RESERVED = frozenset(
    {
        "format",
        "report_type",
        "case_id",
        "kiosk_id",
        "site_code",
        "app_version",
        "pack",
        "ui_lang",
        "started_at",
        "submitted_at",
        "identity_method",
        "input_methods_used",
        "accessibility_modes_used",
        "attachments",
        "reference",
        "receipt_code",
        "supplement",
        "upload",
    }
)
"""Names of the envelope, which no field and no group may take."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*(\[\])?(\.[a-z][a-z0-9_]*)+")

Check = Callable[[Index], Iterator[Mistake]]


def check_definition(definition: Definition, folder: str) -> list[Mistake]:
    """Every mistake in a definition that its model accepted."""
    index = Index(definition)
    mistakes = [*_name(definition, folder)]
    for check in _CHECKS:
        mistakes += check(index)
    return mistakes


def _name(definition: Definition, folder: str) -> Iterator[Mistake]:
    if definition.pack != folder:
        yield Mistake(("pack",), f"the pack lies in the folder “{folder}”", f"write pack: {folder}")


# --- names and order ----------------------------------------------------------------------------------------


def _duplicates(index: Index) -> Iterator[Mistake]:
    definition = index.definition
    yield from _twice([(page.page, ("pages", n, "page")) for n, page in enumerate(definition.pages)], "page")
    yield from _twice([(each.definition.field, (*each.path, "field")) for each in index.fields], "field")
    yield from _twice([(name, ("sections", n)) for n, name in enumerate(definition.sections)], "section")
    yield from _twice(
        [(name.value, ("languages", n)) for n, name in enumerate(definition.languages)], "language"
    )
    steps = [(each.step, ("next_steps", n, "step")) for n, each in enumerate(definition.next_steps)]
    yield from _twice(steps, "next step")
    for each in index.fields:
        values = [
            (option.value, (*each.path, "options", n)) for n, option in enumerate(each.definition.options)
        ]
        yield from _twice(values, "option")


def _twice(names: Sequence[tuple[str, Path]], what: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for name, path in names:
        if name in seen:
            yield Mistake(path, f"the {what} “{name}” stands twice", "remove one, or name it differently")
        seen.add(name)


def _languages(index: Index) -> Iterator[Mistake]:
    for language in _RECEIPT_LANGUAGES:
        if language not in index.definition.languages:
            what = f"receipts are also printed in {language.value}"
            yield Mistake(("languages",), what, f"add {language.value}")


def _names(index: Index) -> Iterator[Mistake]:
    for number, page in enumerate(index.definition.pages):
        if not _WORD.fullmatch(page.page):
            path: Path = ("pages", number, "page")
            yield Mistake(path, f"“{page.page}” is no name of a page", "use small letters, digits and _")
    for each in index.fields:
        yield from _field_name(each, index)
    yield from _envelope(index)


def _envelope(index: Index) -> Iterator[Mistake]:
    """Groups, photos and files have names of the case, too."""
    names: list[tuple[str, Path]] = [(name, ("groups", name)) for name in index.definition.groups]
    for number, page in enumerate(index.definition.pages):
        names += [(page.photos, ("pages", number, "photos")), (page.files, ("pages", number, "files"))]
    for name, path in names:
        if re.split(r"[.\[]", name)[0] in _RESERVED:
            yield Mistake(path, f"“{name}” belongs to the common part of every case", "choose another name")


def _field_name(placed: Placed, index: Index) -> Iterator[Mistake]:
    name, path = placed.definition.field, (*placed.path, "field")
    if not _FIELD_NAME.fullmatch(name):
        yield Mistake(
            path, f"“{name}” is no name of a field", "write it like reporter.phone or items[].colour"
        )
    if re.split(r"[.\[]", name)[0] in _RESERVED or name in (
        "consents.pics_ack",
        "consents.accuracy_declaration",
    ):
        yield Mistake(path, f"“{name}” belongs to the common part of every case", "choose another name")
    if any(other.startswith(f"{name}.") for other in index.by_name):
        yield Mistake(path, f"“{name}” is also the beginning of another field", "choose another name")
    prefix = f"{placed.page.for_each}[]." if placed.page.for_each else ""
    if prefix and not name.startswith(prefix):
        yield Mistake(
            path, f"the page is shown for each of {placed.page.for_each}", f"begin the name with {prefix}"
        )
    if not prefix and "[]" in name:
        yield Mistake(path, "[] without for_each on the page", "write for_each on the page, or leave [] out")


def _sections(index: Index) -> Iterator[Mistake]:
    sections = list(index.definition.sections)
    used = [page.section for page in index.definition.pages]
    for number, name in enumerate(used):
        if name not in sections:
            path: Path = ("pages", number, "section")
            yield Mistake(path, f"the section “{name}” is not known", did_you_mean(name, sections))
    known = [sections.index(name) if name in sections else -1 for name in used]
    for number, (before, after) in enumerate(pairwise(known), start=1):
        if 0 <= after < before:
            path = ("pages", number, "section")
            yield Mistake(
                path, "the visitor would go back a section", "move the page to the others of its section"
            )
    for number, name in enumerate(sections):
        if name not in used:
            yield Mistake(("sections", number), f"no page is in the section “{name}”", "remove it")


def _sequences(index: Index) -> Iterator[Mistake]:
    for attribute in ("for_each", "row"):
        closed: set[str] = set()
        previous = ""
        for number, page in enumerate(index.definition.pages):
            name = str(getattr(page, attribute))
            if name != previous:
                closed.add(previous)
            if name and name in closed:
                path: Path = ("pages", number, attribute)
                yield Mistake(path, f"pages of “{name}” do not stand in sequence", "move them together")
            previous = name


# --- groups -------------------------------------------------------------------------------------------------


def _groups(index: Index) -> Iterator[Mistake]:
    for name, group in index.definition.groups.items():
        path: Path = ("groups", name)
        pages = [n for n, page in enumerate(index.definition.pages) if page.for_each == name]
        chosen_by = index.by_name.get(group.chosen_by)
        if not pages:
            yield Mistake(
                path, "no page is shown for its members", "write for_each on a page, or remove the group"
            )
        if not group.chosen_by:
            continue
        if chosen_by is None or not is_several(chosen_by.definition) or chosen_by.page.for_each:
            remedy = did_you_mean(
                group.chosen_by, [n for n, f in index.by_name.items() if is_several(f.definition)]
            )
            yield Mistake((*path, "chosen_by"), f"“{group.chosen_by}” is no choice of several", remedy)
        elif pages and chosen_by.position >= (pages[0], -1):
            yield Mistake(
                (*path, "chosen_by"), "its members are asked for before they are chosen", "move the choice up"
            )
        if group.again:
            again = index.by_name.get(group.again)
            if again is None or group.again_option not in again.definition.option_values:
                where = (*path, "again_option")
                yield Mistake(
                    where,
                    f"“{group.again}” has no option “{group.again_option}”",
                    "name a field and its option",
                )


_CHECKS: tuple[Check, ...] = (
    _duplicates,
    _languages,
    _names,
    _sections,
    _sequences,
    check_pages,
    check_extras,
    check_fields,
    _groups,
    check_conditions,
)
