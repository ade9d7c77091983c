"""Reads packs and refuses bad ones: every mistake with its file, line, place and remedy, all at once.

A pack is a folder: `pack.yaml` and `texts/<language>.yaml`. Beside the packs of a folder lie their parts
(`_parts`), and beside that folder the lists (`lists`); what is not there is taken from those shipped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean
from flows.loading.pack_checks import check_definition
from flows.loading.pack_condition_checks import check_codes
from flows.loading.pack_document import BadPackError, Document, PackError
from flows.loading.pack_parts import PartShelf, Uses, weave_pages, weave_words
from flows.loading.pack_text_checks import check_texts
from flows.loading.pack_ways import check_ways
from flows.name_lists import LISTS, NameList, list_names, load_list
from flows.pack import Definition, Pack, PackBook
from flows.pack_texts import Texts
from flows.picture.site_words import SiteWords

PACKS = FilePath(__file__).parents[1] / "packs"
DEFINITION = "pack.yaml"
NO_WORDS = SiteWords()


@dataclass(frozen=True, slots=True)
class _Shelves:
    """The parts and lists for the packs of one folder, each read once for all of them."""

    parts: PartShelf
    lists: dict[str, NameList] = field(default_factory=dict)

    @staticmethod
    def of(folder: FilePath) -> "_Shelves":
        return _Shelves(PartShelf((folder,) if folder == PACKS else (folder, PACKS)))


def load_packs(names: Iterable[str], folder: FilePath = PACKS, site: SiteWords = NO_WORDS) -> PackBook:
    """The named packs with the words of a site. Raises `BadPackError` with the mistakes of all of them."""
    packs: dict[str, Pack] = {}
    errors: list[PackError] = []
    shelves = _Shelves.of(folder)
    for name in names:
        try:
            packs[name] = _load(folder / name, site, shelves)
        except BadPackError as bad:
            errors += bad.errors
    errors += _way_errors(packs, folder)
    if errors:
        raise BadPackError(errors)
    return PackBook(packs=packs)


def usable_packs(
    names: Iterable[str], folder: FilePath = PACKS, site: SiteWords = NO_WORDS
) -> tuple[PackBook, tuple[str, ...]]:
    """The named packs that can be used, and the names of the others: a mistake costs its own service only.

    A mistake in the words of the site costs no service: the pack then speaks with its own.
    """
    packs: dict[str, Pack] = {}
    refused: list[str] = []
    shelves = _Shelves.of(folder)
    for name in names:
        try:
            packs[name] = _with_words(folder / name, site, shelves)
        except BadPackError:
            refused.append(name)
    bad_ways = {name for name, _ in check_ways(packs, _known(folder))}
    good = {name: pack for name, pack in packs.items() if name not in bad_ways}
    return PackBook(packs=good), (*refused, *sorted(bad_ways))


def _known(folder: FilePath) -> frozenset[str]:
    return frozenset((*pack_names(folder), *pack_names()))


def _way_errors(packs: dict[str, Pack], folder: FilePath) -> list[PackError]:
    """Mistakes in the ways between packs. A pack that has one is read again, for its lines."""
    errors: list[PackError] = []
    for name, mistake in check_ways(packs, _known(folder)):
        document = Document.read(folder / name / DEFINITION, f"{name}/{DEFINITION}")
        weave_pages(document, _Shelves.of(folder).parts)
        document.add([mistake])
        errors += document.errors
    return errors


def _with_words(folder: FilePath, site: SiteWords, shelves: _Shelves) -> Pack:
    try:
        return _load(folder, site, shelves)
    except BadPackError as bad:
        if any(error.file != site.file for error in bad.errors):
            raise
        return _load(folder, NO_WORDS, shelves)


def check_packs(folder: FilePath = PACKS) -> list[PackError]:
    """Every mistake in every pack of a folder; empty when all can be used."""
    errors: list[PackError] = []
    packs: dict[str, Pack] = {}
    shelves = _Shelves.of(folder)
    for name in pack_names(folder):
        try:
            packs[name] = _load(folder / name, NO_WORDS, shelves)
        except BadPackError as bad:
            errors += bad.errors
    return errors + _way_errors(packs, folder)


def pack_names(folder: FilePath = PACKS) -> tuple[str, ...]:
    """The packs of a folder, sorted."""
    return tuple(sorted(each.parent.name for each in folder.glob(f"*/{DEFINITION}")))


def load_pack(folder: FilePath, site: SiteWords = NO_WORDS) -> Pack:
    """Read and check one pack with the words of a site. Raises `BadPackError`."""
    return _load(folder, site, _Shelves.of(folder.parent))


def _load(folder: FilePath, site: SiteWords, shelves: _Shelves) -> Pack:
    document = Document.read(folder / DEFINITION, f"{folder.name}/{DEFINITION}")
    uses = weave_pages(document, shelves.parts)
    definition = document.as_model(Definition)
    lists: dict[str, NameList] = {}
    if definition is not None:
        document.add(check_definition(definition, folder.name))
        lists = _lists(definition, document, shelves)
        document.add(check_codes(definition, lists))
    errors = [*uses.errors, *document.errors]
    if definition is None or errors:
        raise BadPackError(errors)
    texts = {}
    errors += _unexpected_texts(folder, definition)
    for language in definition.languages:
        words = _texts(folder, definition, uses, language.value, shelves.parts)
        site.apply(words, folder.name, language.value)
        read = words.as_model(Texts)
        if read is not None:
            words.add(check_texts(definition, read, language))
            texts[language] = read
        errors += words.errors
    if errors:
        raise BadPackError(errors)
    return Pack(definition=definition, texts=texts, lists=lists)


def _texts(folder: FilePath, definition: Definition, uses: Uses, language: str, shelf: PartShelf) -> Document:
    file = f"texts/{language}.yaml"
    words = Document.read(folder / file, f"{folder.name}/{file}")
    words.errors += weave_words(words, definition, uses.parts, shelf, file)
    return words


def _lists(definition: Definition, document: Document, shelves: _Shelves) -> dict[str, NameList]:
    """The lists that the pages name; each looked for beside the pack's own folder first."""
    lists: dict[str, NameList] = {}
    folders = [place.parent / LISTS.name for place in shelves.parts.places]
    for name, path in _named_lists(definition):
        folder = next((each for each in folders if (each / f"{name}.yaml").exists()), None)
        if name in lists:
            continue
        if folder is None:
            known = [each for place in folders for each in list_names(place)]
            document.add([Mistake(path, f"the list “{name}” is not known", did_you_mean(name, known))])
            continue
        try:
            lists[name] = shelves.lists.get(name) or load_list(name, folder)
            shelves.lists[name] = lists[name]
        except BadPackError as bad:
            document.errors += bad.errors
    return lists


def _named_lists(definition: Definition) -> Iterator[tuple[str, Path]]:
    for number, page in enumerate(definition.pages):
        if page.entries:
            yield page.entries, ("pages", number, "entries")
        for position, each in enumerate(page.fields):
            if each.options_list:
                yield each.options_list, ("pages", number, "fields", position, "options_list")


def _unexpected_texts(folder: FilePath, definition: Definition) -> Iterable[PackError]:
    wanted = {f"{language.value}.yaml" for language in definition.languages}
    for path in sorted((folder / "texts").glob("*")):
        if path.name not in wanted:
            name = f"{folder.name}/texts/{path.name}"
            yield PackError(
                name,
                1,
                "texts",
                "a language that the pack does not name",
                "add it to languages, or remove it",
            )
