"""Checks of the conditions of a pack, wherever they stand."""

from collections.abc import Iterator, Mapping

from flows.conditions import Condition, can_hold
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_index import Index, Use, is_several
from flows.loading.pack_page_checks import is_kind, scan_pages
from flows.name_lists import NameList
from flows.pack import Definition, FieldDef, PageKind
from flows.view import FieldKind


def check_conditions(index: Index) -> Iterator[Mistake]:
    """Every condition that asks for what is not there, not yet answered, or never true."""
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
