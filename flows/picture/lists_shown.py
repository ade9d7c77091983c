"""Long lists of names as the screen shows them: to choose from, or to read."""

from flows.languages import Language
from flows.name_lists import ListEntry, NameList
from flows.view import Entry, Heading, Option


def headings(names: NameList, language: Language) -> tuple[Heading, ...]:
    """The entries by heading, each an option with its code as value."""
    return tuple(
        Heading(
            label=each.name[language],
            options=tuple(_option(entry, language) for entry in each.entries),
            colour=each.colour,
        )
        for each in names.headings
    )


def _option(entry: ListEntry, language: Language) -> Option:
    return Option(
        entry.code,
        entry.name[language],
        icon=entry.icon.value if entry.icon else "",
        names=tuple(entry.name[each] for each in Language),
    )


def cards(names: NameList, language: Language) -> tuple[Entry, ...]:
    """Every entry with what is to be known of it, each once."""
    return tuple(
        Entry(
            name=entry.name[language],
            lines=entry.lines.get(language, ()),
            phone=entry.phone,
            icon=entry.icon.value if entry.icon else "",
        )
        for entry in names.by_code.values()
    )
