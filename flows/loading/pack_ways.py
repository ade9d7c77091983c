"""Checks of the ways from one pack into another: what is said there must be known there."""

from collections.abc import Collection, Iterator, Mapping

from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.pack import HandOver, Pack
from flows.view import FieldKind

_SETTABLE = frozenset({FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.LISTED})


def check_ways(packs: Mapping[str, Pack], known: Collection[str]) -> Iterator[tuple[str, Mistake]]:
    """Every mistake in a way between `packs`, with the pack it is in. `known` are the names of all packs; one
    that is not among `packs` is not looked into.
    """
    for name, pack in packs.items():
        for number, page in enumerate(pack.definition.pages):
            if page.hand_over is not None:
                path: Path = ("pages", number, "hand_over")
                for mistake in (
                    *_way(page.hand_over, path, packs, known),
                    *_office(pack, path, packs, page.hand_over),
                ):
                    yield name, mistake


def _way(way: HandOver, path: Path, packs: Mapping[str, Pack], known: Collection[str]) -> Iterator[Mistake]:
    if way.pack not in known:
        what = f"the service “{way.pack}” is not known"
        yield Mistake((*path, "pack"), what, did_you_mean(way.pack, sorted(known)))
    there = packs.get(way.pack)
    if there is None:
        return
    for name, target in way.carries.items():
        if target not in there.page_of and not target.endswith("[].category"):
            what = f"“{way.pack}” has no field “{target}”"
            yield Mistake((*path, "carries", name), what, did_you_mean(target, there.page_of))
    for name, value in way.sets.items():
        yield from _set(name, value, (*path, "sets", name), there)


def _office(here: Pack, path: Path, packs: Mapping[str, Pack], way: HandOver) -> Iterator[Mistake]:
    there = packs.get(way.pack)
    if way.carries and there is not None and there.definition.recipient is not here.definition.recipient:
        what = f"the cases of “{way.pack}” are for other eyes: nothing goes along"
        yield Mistake((*path, "carries"), what, "remove carries")


def _set(name: str, value: str, path: Path, there: Pack) -> Iterator[Mistake]:
    definition = there.fields.get(name)
    if definition is None:
        yield Mistake(path, f"“{there.name}” has no field “{name}”", did_you_mean(name, there.fields))
    elif definition.kind not in _SETTABLE or "[]" in name:
        what = f"“{name}” is no choice of one in “{there.name}”"
        yield Mistake(path, what, "set a choice, or let the visitor answer")
    else:
        names = there.lists.get(definition.options_list)
        values = tuple(names.by_code) if names is not None else definition.option_values
        if value not in values:
            what = f"“{value}” is no option of “{name}” in “{there.name}”"
            yield Mistake(path, what, did_you_mean(value, values))
