"""Checks of what a pack asks the centre: with what, in which order, and whether the answer is shown."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flows.asking.lookup import LOOKUP_REFERENCE
from flows.fields.check import TextFormat
from flows.loading.mistakes import Mistake
from flows.loading.pack_index import Index
from flows.pack import Ask, PackKind

if TYPE_CHECKING:
    from flows.loading.marked_yaml import Path

_USE_PART = "use the part lookup, which has it all"
_FORMATS = {
    LOOKUP_REFERENCE: TextFormat.REFERENCE,
    "enquiry.receipt_code": TextFormat.RECEIPT_CODE,
    "enquiry.check": TextFormat.CHECK,
}


def check_enquiries(index: Index) -> Iterator[Mistake]:
    """Every mistake in what is asked of the centre."""
    yield from _order(index)
    yield from _formats(index)
    definition = index.definition
    if definition.supplement and LOOKUP_REFERENCE not in index.by_name:
        yield Mistake(("supplement",), "which report it belongs to is not asked", _USE_PART)
    if definition.kind is PackKind.INFORMATION and any(page.ask for page in definition.pages):
        yield Mistake(("kind",), "information asks the centre nothing", "write kind: enquiry")


def _order(index: Index) -> Iterator[Mistake]:
    pages = index.definition.pages
    first: dict[Ask, int] = {}
    for number, page in enumerate(pages):
        path: Path = ("pages", number, "ask")
        if page.ask in first:
            yield Mistake(path, f"the centre is asked for the {page.ask} twice", "remove one of them")
        if page.ask is Ask.STATUS and Ask.CHECK not in first:
            yield Mistake(path, "no one-time check was sent before", _USE_PART)
        if page.shows_status and Ask.STATUS not in first:
            what = "the centre is not asked before how the report stands"
            yield Mistake(("pages", number, "shows_status"), what, _USE_PART)
        if page.ask is not None:
            first.setdefault(page.ask, number)
    if Ask.CHECK in first and Ask.STATUS not in first:
        what = "the one-time check is never asked for"
        yield Mistake(("pages", first[Ask.CHECK], "ask"), what, _USE_PART)
    shown = index.definition.supplement or any(page.shows_status for page in pages)
    if Ask.STATUS in first and not shown:
        remedy = "add a notice with shows_status: true after it"
        yield Mistake(("pages", first[Ask.STATUS], "ask"), "nothing shows what the centre answers", remedy)


def _formats(index: Index) -> Iterator[Mistake]:
    for name, wanted in _FORMATS.items():
        placed = index.by_name.get(name)
        if placed is None or placed.page.ask is None:
            continue
        if placed.definition.format is not wanted:
            what = f"“{name}” is not read as the centre knows it"
            yield Mistake((*placed.path, "format"), what, f"write format: {wanted.value}")
        if not placed.definition.required:
            what = f"without “{name}” the centre cannot be asked"
            yield Mistake((*placed.path, "required"), what, "write required: true")
