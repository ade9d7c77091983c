"""Checks of a pack as a whole: its kind and its end, its size, its groups, and what it puts on paper."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flows.conditions import Condition, can_hold
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_enquiry_checks import check_enquiries
from flows.loading.pack_index import Index
from flows.pack import PackKind, PageKind
from flows.privacy import Place, may_appear
from flows.view import FieldKind

if TYPE_CHECKING:
    from flows.loading.marked_yaml import Path

MOST_PAGES = 80
MOST_FIELDS = 8
MOST_OPTIONS = 30
MOST_MEMBERS = 30

_IMPERSONAL = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE, FieldKind.YES_NO, FieldKind.LISTED})


def check_extras(index: Index) -> Iterator[Mistake]:
    """Every mistake that one page alone does not show."""
    yield from _size(index)
    yield from _kind(index)
    yield from _added_groups(index)
    yield from _listed(index)
    yield from _paper(index)
    yield from check_enquiries(index)


def _size(index: Index) -> Iterator[Mistake]:
    definition = index.definition
    if len(definition.pages) > MOST_PAGES:
        remedy = f"use at most {MOST_PAGES}, or make two services of it"
        yield Mistake(("pages",), f"{len(definition.pages)} pages are too many for a visit", remedy)
    for number, page in enumerate(definition.pages):
        always = sum(each.when is None for each in page.fields)
        if always > MOST_FIELDS or len(page.fields) > 2 * MOST_FIELDS:
            path: Path = ("pages", number, "fields")
            what = f"{len(page.fields)} fields do not fit on a screen"
            yield Mistake(
                path, what, f"use at most {MOST_FIELDS} at a time, and move the rest to another page"
            )
    for placed in index.fields:
        always = sum(each.when is None for each in placed.definition.options)
        if always > MOST_OPTIONS or len(placed.definition.options) > 2 * MOST_OPTIONS:
            what = f"{len(placed.definition.options)} options are too many for tiles"
            remedy = f"use at most {MOST_OPTIONS} at a time, or kind: listed with a list"
            yield Mistake((*placed.path, "options"), what, remedy)
    for name, group in definition.groups.items():
        if not 0 < group.limit <= MOST_MEMBERS:
            yield Mistake(
                ("groups", name, "limit"), "so many members are too many", f"use 1 to {MOST_MEMBERS}"
            )


def _kind(index: Index) -> Iterator[Mistake]:
    definition = index.definition
    if definition.kind is PackKind.REPORT and not definition.report_type:
        yield Mistake(
            ("report_type",), "a report has no name in its case", "write report_type: LOST_PROPERTY"
        )
    if definition.kind is PackKind.REPORT or not definition.pages:
        return
    if _may_end_without_words(index):
        path: Path = ("pages", len(definition.pages) - 1)
        what = f"a service of kind {definition.kind.value} may end without words to read"
        yield Mistake(path, what, "let a notice without a condition come last")
    if definition.kind is PackKind.INFORMATION:
        for placed in index.fields:
            if placed.definition.kind not in _IMPERSONAL:
                remedy = "write kind: choice, or kind: enquiry in the pack"
                yield Mistake((*placed.path, "kind"), "information asks nothing of a person", remedy)


def _may_end_without_words(index: Index) -> bool:
    """Whether some answers hide every notice with which the service can end."""
    hidden: list[dict[str, Condition]] = []
    trailing = True
    for page in reversed(index.definition.pages):
        trailing = trailing and page.kind is PageKind.NOTICE
        if trailing and page.when is None:
            return False
        if page.when is not None and (trailing or page.final):
            hidden.append({"not": page.when})
    return not hidden or can_hold(Condition.model_validate({"all": hidden}), index.single_choices)


def _added_groups(index: Index) -> Iterator[Mistake]:
    listed = {page.list_of for page in index.definition.pages}
    for name, group in index.definition.groups.items():
        path: Path = ("groups", name)
        if not group.chosen_by and name not in listed:
            remedy = f"add a page of kind list with list_of: {name}, or write chosen_by"
            yield Mistake(path, f"nothing shows the members of “{name}”", remedy)
        if not group.chosen_by and group.at_least not in (0, 1):
            where = (*path, "at_least")
            yield Mistake(where, f"{group.at_least} members cannot be there from the start", "write 0 or 1")


def _listed(index: Index) -> Iterator[Mistake]:
    for placed in index.fields:
        definition = placed.definition
        if (definition.kind is FieldKind.LISTED) != bool(definition.options_list):
            what = "a listed field and its list belong together"
            yield Mistake(placed.path, what, "write kind: listed with options_list")
        if definition.kind is FieldKind.SKETCH and (definition.required or definition.required_when):
            yield Mistake((*placed.path, "required"), "nobody must draw", "remove required")
        if definition.picture is not None and definition.kind is not FieldKind.MULTI_CHOICE:
            where = (*placed.path, "picture")
            yield Mistake(where, "a picture has several places to touch", "write kind: multi_choice")


def _paper(index: Index) -> Iterator[Mistake]:
    lines: list[tuple[str, Path]] = [
        (name, ("receipt_lines", number)) for number, name in enumerate(index.definition.receipt_lines)
    ]
    for number, slip in enumerate(index.definition.slips):
        if slip.for_each and slip.for_each not in index.definition.groups:
            where: Path = ("slips", number, "for_each")
            remedy = did_you_mean(slip.for_each, index.definition.groups)
            yield Mistake(where, f"the group “{slip.for_each}” is not known", remedy)
        lines += [(line.field, ("slips", number, "lines", n, "field")) for n, line in enumerate(slip.lines)]
    for name, path in lines:
        placed = index.by_name.get(name)
        if placed is None:
            yield Mistake(path, f"the field “{name}” is not known", did_you_mean(name, index.by_name))
        elif not may_appear(placed.definition.privacy, Place.PAPER):
            what = f"“{name}” is {placed.definition.privacy.value}: paper may not carry it"
            yield Mistake(path, what, "write privacy: printed on the field, or take the line away")
