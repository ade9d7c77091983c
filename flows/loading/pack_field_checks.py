"""Checks of the fields of a pack, one by one."""

from collections.abc import Iterator

from flows.documents.types import DocumentType
from flows.fields.check import MOST_CHARACTERS
from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_index import Index, Placed, is_several
from flows.pack import LANGUAGE_DEFAULT
from flows.view import FieldKind

_CHOICES = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE, FieldKind.YES_NO})
_UNBOUNDED = frozenset(
    {*_CHOICES, FieldKind.DATE, FieldKind.TIME, FieldKind.WHEN, FieldKind.LISTED, FieldKind.SKETCH}
)
_MOST_YEARS = 100


def check_fields(index: Index) -> Iterator[Mistake]:
    """Every mistake in a single field: its options, default, length, and the fields it refers to."""
    for placed in index.fields:
        yield from _options(placed, index)
        yield from _default(placed, index)
        yield from _length(placed)
        yield from _years(placed)
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


def _years(placed: Placed) -> Iterator[Mistake]:
    definition, where = placed.definition, (*placed.path, "within_years")
    if not definition.within_years:
        return
    if definition.kind not in (FieldKind.DATE, FieldKind.WHEN):
        yield Mistake(where, f"a field of kind {definition.kind} has no years", "remove it")
    if definition.future:
        yield Mistake(where, "a date that lies ahead was not years ago", "write future or within_years")
    if not 0 < definition.within_years <= _MOST_YEARS:
        yield Mistake(where, f"{definition.within_years} years are no bound", f"write 1 to {_MOST_YEARS}")


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
