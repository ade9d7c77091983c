"""Reads packs and refuses bad ones: every mistake with its file, line, place and remedy, all at once.

A pack is a folder: `pack.yaml` and `texts/<language>.yaml`. Beside the packs of a folder lie their parts
(`_parts`), and beside that folder the lists (`lists`); what is not there is taken from those shipped.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath

from flows.marked_yaml import Path
from flows.mistakes import Mistake, did_you_mean
from flows.name_lists import LISTS, NameList, list_names, load_list
from flows.pack import Definition, Pack, PackBook, Texts
from flows.pack_checks import check_codes, check_definition
from flows.pack_document import BadPackError, Document, PackError
from flows.pack_parts import Uses, weave_pages, weave_words
from flows.pack_text_checks import check_texts
from flows.pack_ways import check_ways
from flows.site_words import SiteWords

PACKS = FilePath(__file__).parent / "packs"
DEFINITION = "pack.yaml"
NO_WORDS = SiteWords()


def load_packs(names: Iterable[str], folder: FilePath = PACKS, site: SiteWords = NO_WORDS) -> PackBook:
    """The named packs with the words of a site. Raises `BadPackError` with the mistakes of all of them."""
    packs: dict[str, Pack] = {}
    errors: list[PackError] = []
    for name in names:
        try:
            packs[name] = load_pack(folder / name, site)
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
    for name in names:
        try:
            packs[name] = _with_words(folder / name, site)
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
        weave_pages(document, _places(folder))
        document.add([mistake])
        errors += document.errors
    return errors


def _places(folder: FilePath) -> tuple[FilePath, ...]:
    """Where parts and lists are looked for."""
    return (folder,) if folder == PACKS else (folder, PACKS)


def _with_words(folder: FilePath, site: SiteWords) -> Pack:
    try:
        return load_pack(folder, site)
    except BadPackError as bad:
        if any(error.file != site.file for error in bad.errors):
            raise
        return load_pack(folder)


def check_packs(folder: FilePath = PACKS) -> list[PackError]:
    """Every mistake in every pack of a folder; empty when all can be used."""
    errors: list[PackError] = []
    packs: dict[str, Pack] = {}
    for name in pack_names(folder):
        try:
            packs[name] = load_pack(folder / name)
        except BadPackError as bad:
            errors += bad.errors
    return errors + _way_errors(packs, folder)


def pack_names(folder: FilePath = PACKS) -> tuple[str, ...]:
    """The packs of a folder, sorted."""
    return tuple(sorted(each.parent.name for each in folder.glob(f"*/{DEFINITION}")))


def load_pack(folder: FilePath, site: SiteWords = NO_WORDS) -> Pack:
    """Read and check one pack with the words of a site. Raises `BadPackError`."""
    places = _places(folder.parent)
    document = Document.read(folder / DEFINITION, f"{folder.name}/{DEFINITION}")
    uses = weave_pages(document, places)
    definition = document.as_model(Definition)
    lists: dict[str, NameList] = {}
    if definition is not None:
        document.add(check_definition(definition, folder.name))
        lists = _lists(definition, document, places)
        document.add(check_codes(definition, lists))
    errors = [*uses.errors, *document.errors]
    if definition is None or errors:
        raise BadPackError(errors)
    texts = {}
    errors += _unexpected_texts(folder, definition)
    for language in definition.languages:
        words = _texts(folder, definition, uses, language.value, places)
        site.apply(words, folder.name, language.value)
        read = words.as_model(Texts)
        if read is not None:
            words.add(check_texts(definition, read, language))
            texts[language] = read
        errors += words.errors
    if errors:
        raise BadPackError(errors)
    return Pack(definition=definition, texts=texts, lists=lists)


def _texts(
    folder: FilePath, definition: Definition, uses: Uses, language: str, places: tuple[FilePath, ...]
) -> Document:
    file = f"texts/{language}.yaml"
    words = Document.read(folder / file, f"{folder.name}/{file}")
    words.errors += weave_words(words, definition, uses.parts, places, file)
    return words


def _lists(definition: Definition, document: Document, places: tuple[FilePath, ...]) -> dict[str, NameList]:
    """The lists that the pages name; each looked for beside the pack's own folder first."""
    lists: dict[str, NameList] = {}
    folders = [place.parent / LISTS.name for place in places]
    for name, path in _named_lists(definition):
        folder = next((each for each in folders if (each / f"{name}.yaml").exists()), None)
        if name in lists:
            continue
        if folder is None:
            known = [each for place in folders for each in list_names(place)]
            document.add([Mistake(path, f"the list “{name}” is not known", did_you_mean(name, known))])
            continue
        try:
            lists[name] = load_list(name, folder)
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
