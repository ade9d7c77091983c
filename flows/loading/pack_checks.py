"""Checks of a pack's definition that its model cannot make: what refers to what, in which order, and to what
end.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from flows.conditions import Condition, can_hold
from flows.documents.types import DocumentType
from flows.fields.check import MOST_CHARACTERS
from flows.languages import Language
from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_extra_checks import check_extras
from flows.loading.pack_index import Index, Placed, Use, is_several
from flows.loading.pack_page_checks import check_pages, is_kind, scan_pages
from flows.name_lists import NameList
from flows.pack import LANGUAGE_DEFAULT, Definition, FieldDef, PageKind
from flows.view import FieldKind

RECEIPT_LANGUAGES = (Language.ENGLISH, Language.TRADITIONAL_CHINESE)

RESERVED = frozenset(
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
_CHOICES = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE, FieldKind.YES_NO})
_UNBOUNDED = frozenset(
    {*_CHOICES, FieldKind.DATE, FieldKind.TIME, FieldKind.WHEN, FieldKind.LISTED, FieldKind.SKETCH}
)

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
    for language in RECEIPT_LANGUAGES:
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
        if re.split(r"[.\[]", name)[0] in RESERVED:
            yield Mistake(path, f"“{name}” belongs to the common part of every case", "choose another name")


def _field_name(placed: Placed, index: Index) -> Iterator[Mistake]:
    name, path = placed.definition.field, (*placed.path, "field")
    if not _FIELD_NAME.fullmatch(name):
        yield Mistake(
            path, f"“{name}” is no name of a field", "write it like reporter.phone or items[].colour"
        )
    if re.split(r"[.\[]", name)[0] in RESERVED or name in (
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


# --- fields -------------------------------------------------------------------------------------------------


def _fields(index: Index) -> Iterator[Mistake]:
    for placed in index.fields:
        yield from _options(placed, index)
        yield from _default(placed, index)
        yield from _length(placed)
        yield from _references(placed, index)


def _options(placed: Placed, index: Index) -> Iterator[Mistake]:
    definition, path = placed.definition, placed.path
    given = bool(definition.options) + bool(definition.options_from)
    if definition.kind in _CHOICES and given != 1:
        yield Mistake(path, "a choice needs options", "write options, or options_from with a group")
    if definition.kind not in _CHOICES and given:
        yield Mistake(
            (*path, "options"), f"a field of kind {definition.kind} has no options", "write kind: choice"
        )
    groups = index.definition.groups
    if definition.options_from and definition.options_from not in groups:
        where = (*path, "options_from")
        remedy = did_you_mean(definition.options_from, groups)
        yield Mistake(where, f"the group “{definition.options_from}” is not known", remedy)
    for number, option in enumerate(definition.options):
        if option.marks and option.marks in index.by_name:
            where = (*path, "options", number, "marks")
            yield Mistake(where, f"“{option.marks}” is a field already", "choose another name")


def _default(placed: Placed, index: Index) -> Iterator[Mistake]:
    definition, path = placed.definition, placed.path
    values = definition.option_values
    if definition.default == LANGUAGE_DEFAULT:
        missing = [each.value for each in index.definition.languages if each.value not in values]
        if missing:
            yield Mistake((*path, "options"), f"no option for the language {missing[0]}", "add it")
    elif definition.default and definition.default not in values:
        where = (*path, "default")
        yield Mistake(where, f"“{definition.default}” is no option", did_you_mean(definition.default, values))
    if definition.assumed and not definition.default:
        yield Mistake((*path, "assumed"), "nothing to assume", "write a default")
    for number, each in enumerate(definition.preselect):
        if each.option not in values or not is_several(definition):
            where = (*path, "preselect", number, "option")
            yield Mistake(where, f"“{each.option}” is no option", did_you_mean(each.option, values))


def _length(placed: Placed) -> Iterator[Mistake]:
    definition = placed.definition
    where = (*placed.path, "max_length")
    if definition.kind not in _UNBOUNDED and not 0 < definition.max_length <= MOST_CHARACTERS:
        yield Mistake(where, "how much may be typed is not said", f"write max_length, 1 to {MOST_CHARACTERS}")
    if definition.kind in _UNBOUNDED and definition.max_length:
        yield Mistake(where, f"a field of kind {definition.kind} has no length", "remove it")


def _references(placed: Placed, index: Index) -> Iterator[Mistake]:
    definition = placed.definition
    if definition.same_as is not None:
        yield from _earlier(definition.same_as.field, (*placed.path, "same_as", "field"), placed, index)
    if definition.not_before:
        yield from _not_before(placed, index)
    if definition.document:
        where = (*placed.path, "document")
        yield from _earlier(definition.document, where, placed, index)
        source = index.by_name.get(definition.document)
        strange = (
            [v for v in source.definition.option_values if v not in list(DocumentType)] if source else []
        )
        if strange:
            yield Mistake(
                where, f"its option “{strange[0]}” is no document", did_you_mean(strange[0], DocumentType)
            )
    if definition.document_type and definition.document_type not in list(DocumentType):
        where = (*placed.path, "document_type")
        remedy = did_you_mean(definition.document_type, DocumentType)
        yield Mistake(where, f"“{definition.document_type}” is no document", remedy)
    if definition.kind is FieldKind.DOCUMENT and not (definition.document or definition.document_type):
        yield Mistake(placed.path, "whose number it is is not said", "write document or document_type")


def _not_before(placed: Placed, index: Index) -> Iterator[Mistake]:
    definition, where = placed.definition, (*placed.path, "not_before")
    yield from _earlier(definition.not_before, where, placed, index)
    first = index.by_name.get(definition.not_before)
    if definition.kind is not FieldKind.DATE or (first and first.definition.kind is not FieldKind.DATE):
        yield Mistake(where, "only a date lies after a date", "use not_before between fields of kind date")


def _earlier(name: str, where: Path, placed: Placed, index: Index) -> Iterator[Mistake]:
    source = index.by_name.get(name)
    if source is None:
        yield Mistake(where, f"the field “{name}” is not known", did_you_mean(name, index.by_name))
    elif source.position >= placed.position:
        yield Mistake(
            where, f"“{name}” is asked only later: that would be a loop", "refer to what was asked before"
        )


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


# --- conditions ---------------------------------------------------------------------------------------------


def _conditions(index: Index) -> Iterator[Mistake]:
    for use in index.uses():
        mistakes = [m for leaf in use.condition.leaves() for m in _leaf(leaf, use, index)]
        yield from mistakes
        if not mistakes and not can_hold(use.condition, index.single_choices):
            yield Mistake(
                use.path, "this can never be: what depends on it is unreachable", "mend the condition"
            )


def _leaf(leaf: Condition, use: Use, index: Index) -> Iterator[Mistake]:
    name = leaf.field or leaf.chosen
    if name is not None:
        yield from _field_leaf(leaf, name, use, index)
    group = leaf.of or leaf.member
    if group and group not in index.definition.groups:
        yield Mistake(
            use.path, f"the group “{group}” is not known", did_you_mean(group, index.definition.groups)
        )
    if leaf.scanned is not None and not is_kind(leaf.scanned, PageKind.SCAN, index):
        yield Mistake(
            use.path, f"“{leaf.scanned}” is no scan page", did_you_mean(leaf.scanned, scan_pages(index))
        )


def _field_leaf(leaf: Condition, name: str, use: Use, index: Index) -> Iterator[Mistake]:
    categories = index.categories(name)
    placed = index.by_name.get(name)
    if placed is None and categories is None:
        yield Mistake(use.path, f"the field “{name}” is not known", did_you_mean(name, index.by_name))
        return
    if placed is not None and placed.position >= use.position:
        yield Mistake(
            use.path, f"“{name}” is asked only later: that would be a loop", "look at what was asked before"
        )
    values = categories if placed is None else placed.definition.option_values
    listed = placed is not None and placed.definition.options_list  # `check_codes` knows the lists
    for value in () if listed else leaf.values():
        if value not in (values or ()):
            yield Mistake(use.path, f"“{value}” is no option of “{name}”", did_you_mean(value, values or ()))
    if placed is not None:
        yield from _test_fits(leaf, placed.definition, use)


def _test_fits(leaf: Condition, definition: FieldDef, use: Use) -> Iterator[Mistake]:
    several = is_several(definition)
    if several and (leaf.is_ is not None or leaf.in_ is not None):
        yield Mistake(
            use.path, f"“{definition.field}” may have several answers", "write has instead of is or in"
        )
    if leaf.has is not None and not several:
        yield Mistake(use.path, f"“{definition.field}” has one answer", "write is instead of has")
    if leaf.within_weeks is not None and definition.kind not in (FieldKind.DATE, FieldKind.WHEN):
        yield Mistake(
            use.path, f"“{definition.field}” is no date", "use within_weeks with a date or when field"
        )
    ahead = leaf.within_days is not None or leaf.at_least_days_ahead is not None
    if ahead and not (definition.kind is FieldKind.DATE and definition.future):
        what = f"“{definition.field}” is no date that lies ahead"
        yield Mistake(use.path, what, "write future: true on a date, or use within_weeks")
    if leaf.chosen is not None and not several:
        yield Mistake(use.path, f"“{definition.field}” has one answer", "use chosen with a multi_choice")


def check_codes(definition: Definition, lists: Mapping[str, NameList]) -> Iterator[Mistake]:
    """Every code in a condition on a listed field that its list does not have."""
    index = Index(definition)
    for use in index.uses():
        for leaf in use.condition.leaves():
            placed = index.by_name.get(leaf.field or "")
            names = lists.get(placed.definition.options_list) if placed is not None else None
            for value in leaf.values() if names is not None else ():
                if names is not None and value not in names.by_code:
                    what = f"“{value}” is no entry of the list “{names.name}”"
                    yield Mistake(use.path, what, did_you_mean(value, names.by_code))


_CHECKS: tuple[Check, ...] = (
    _duplicates,
    _languages,
    _names,
    _sections,
    _sequences,
    check_pages,
    check_extras,
    _fields,
    _groups,
    _conditions,
)
