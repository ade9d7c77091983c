"""Where everything of a definition stands, for checks that look across it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flows.conditions import Condition
from flows.loading.marked_yaml import Path
from flows.pack import Definition, FieldDef, Page

Position = tuple[int, int]
"""Page and field, counted from 0: what comes before what. A page comes before its fields: (page, -1)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A field with its place."""

    definition: FieldDef
    page: Page
    position: Position
    path: Path


@dataclass(frozen=True, slots=True)
class Use:
    """A condition and its place. It may look at what stands before; `group` is what `[]` means there."""

    condition: Condition
    path: Path
    position: Position
    group: str


@dataclass(frozen=True)
class Index:
    """A definition, looked up."""

    definition: Definition

    @cached_property
    def fields(self) -> tuple[Placed, ...]:
        """Every field in order; also one that stands twice."""
        return tuple(
            Placed(each, page, (page_number, number), ("pages", page_number, "fields", number))
            for page_number, page in enumerate(self.definition.pages)
            for number, each in enumerate(page.fields)
        )

    @cached_property
    def by_name(self) -> dict[str, Placed]:
        """Fields by name; the first of the same name."""
        return {each.definition.field: each for each in reversed(self.fields)}

    @cached_property
    def pages(self) -> dict[str, int]:
        """The number of a page by its name."""
        return {page.page: number for number, page in enumerate(self.definition.pages)}

    def categories(self, name: str) -> tuple[str, ...] | None:
        """The values of `group[].category`; None if that is not what `name` is."""
        group = (
            self.definition.groups.get(name.removesuffix("[].category"))
            if name.endswith("[].category")
            else None
        )
        chosen_by = self.by_name.get(group.chosen_by) if group else None
        return chosen_by.definition.option_values if chosen_by else None

    @cached_property
    def single_choices(self) -> dict[str, tuple[str, ...]]:
        """The values of everything of which exactly one is chosen."""
        values = {
            each.definition.field: each.definition.option_values
            for each in self.fields
            if each.definition.options and not is_several(each.definition)
        }
        for group in self.definition.groups:
            categories = self.categories(f"{group}[].category")
            if categories is not None:
                values[f"{group}[].category"] = categories
        return values

    def uses(self) -> Iterator[Use]:
        """Every condition of the pack."""
        for number, page in enumerate(self.definition.pages):
            if page.when is not None:
                yield Use(page.when, ("pages", number, "when"), (number, -1), page.for_each)
        for placed in self.fields:
            yield from self._field_uses(placed)
        end = (len(self.definition.pages), 0)
        for number, step in enumerate(self.definition.next_steps):
            if step.when is not None:
                yield Use(step.when, ("next_steps", number, "when"), end, "")
        yield from self._slip_uses(end)

    def _slip_uses(self, end: Position) -> Iterator[Use]:
        for number, slip in enumerate(self.definition.slips):
            lines = [(line.when, ("lines", n, "when")) for n, line in enumerate(slip.lines)]
            for condition, path in ((slip.when, ("when",)), *lines):
                if condition is not None:
                    yield Use(condition, ("slips", number, *path), end, slip.for_each)

    def _field_uses(self, placed: Placed) -> Iterator[Use]:
        definition, path, group = placed.definition, placed.path, placed.page.for_each
        found: list[tuple[Condition | None, Path]] = [
            (definition.when, (*path, "when")),
            (definition.required_when, (*path, "required_when")),
        ]
        found += [(each.when, (*path, "options", n, "when")) for n, each in enumerate(definition.options)]
        found += [(each.when, (*path, "preselect", n, "when")) for n, each in enumerate(definition.preselect)]
        if definition.same_as is not None:
            found.append((definition.same_as.when, (*path, "same_as", "when")))
        for condition, where in found:
            if condition is not None:
                yield Use(condition, where, placed.position, group)


def is_several(definition: FieldDef) -> bool:
    """Whether several options can be chosen."""
    return definition.kind.value == "multi_choice"
