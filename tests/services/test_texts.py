"""The words of every service: whole in three languages, plain, and each in its own script."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.languages import Language
from flows.loading.pack_loader import PACKS
from flows.name_lists import LISTS, list_names, load_list
from flows.pack import PackBook, PackKind
from flows.pack_texts import Texts
from tests.services.conftest import NAMES
from tests.services.reading_age import count_syllables, reading_age

OLDEST_READER = 12.0
"""Years: a child leaving primary school understands it."""

OLDEST_READER_OF_LAW = 13.5
"""Collection statements and declarations name laws and rights; the force's lawyers have the last word."""

SCRIPTS = {Language.TRADITIONAL_CHINESE: "big5hkscs", Language.SIMPLIFIED_CHINESE: "gb2312"}
"""Character sets that hold the characters of one way of writing and not those of the other."""

OWN_NAMES = {language.value for language in Language}
"""Names of languages are written in their own script everywhere."""

PLACES = frozenset("埗鲗邨磡")
"""Characters of place names that the simplified set does not hold and mainland writing keeps."""

_HAN = re.compile(r"[\u3400-\u9fff]")


def plain(texts: Texts) -> Iterator[str]:
    """Everything a visitor reads but the law."""
    for page in texts.pages.values():
        yield from (page.title, page.help, *(() if page.needs_sign_off else page.paragraphs))
    for field in texts.fields.values():
        yield from (field.label, field.hint)
        for option in field.options.values():
            yield from (option.label, option.hint)
    yield from texts.next_steps.values()
    yield from (texts.submit, texts.received)


def law(texts: Texts) -> Iterator[str]:
    """Collection statement, declaration and notices of the law."""
    for legal in (texts.privacy, texts.declaration):
        yield from legal.paragraphs if legal is not None else ()
    yield from (line for page in texts.pages.values() if page.needs_sign_off for line in page.paragraphs)


@pytest.mark.parametrize("service", NAMES)
def test_a_child_understands_the_english(book: PackBook, service: str) -> None:
    texts = book[service].texts[Language.ENGLISH]
    assert reading_age(sentences(plain(texts))) <= OLDEST_READER
    if any(law(texts)):
        assert reading_age(list(law(texts))) <= OLDEST_READER_OF_LAW


def sentences(texts: Iterator[str]) -> list[str]:
    """Whole sentences only: a label of two words says nothing about how hard a text is."""
    return [text for text in texts if text.rstrip()[-1:] in ".?!" and len(text.split()) > 3]


def test_hard_words_are_noticed() -> None:
    easy = reading_age(["Where did you lose it?", "A rough answer is fine."])
    hard = reading_age(
        ["Notwithstanding the aforementioned provisions, applicants shall furnish particulars."]
    )
    assert easy < OLDEST_READER < hard


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("police", 2),
        ("you", 1),
        ("lost", 1),
        ("property", 3),
        ("asked", 1),
        ("details", 2),
        ("table", 2),
        ("the", 1),
    ],
)
def test_syllables(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


@pytest.mark.parametrize("service", NAMES)
def test_what_the_law_wants_is_marked_until_it_is_signed_off(book: PackBook, service: str) -> None:
    pack = book[service]
    for texts in pack.texts.values():
        legal = [each for each in (texts.privacy, texts.declaration) if each is not None]
        assert (
            len(legal)
            == {PackKind.REPORT: 2, PackKind.ENQUIRY: 1, PackKind.INFORMATION: 0}[pack.definition.kind]
        )
        assert all(each.needs_sign_off for each in legal)


@pytest.mark.parametrize("service", NAMES)
def test_the_law_is_the_same_version_in_every_language(book: PackBook, service: str) -> None:
    for part in ("privacy", "declaration"):
        legal = [getattr(texts, part) for texts in book[service].texts.values()]
        assert len({each.version if each else None for each in legal}) == 1
        assert len({len(each.paragraphs) if each else 0 for each in legal}) == 1


def strays(text: str, language: Language) -> set[str]:
    """Han characters that do not belong to the way of writing of a language."""
    known = PLACES if language is Language.SIMPLIFIED_CHINESE else frozenset()
    return {each for each in _HAN.findall(text) if each not in known and not _writes(each, SCRIPTS[language])}


def _writes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    "path", sorted(PACKS.glob("*/texts/zh-*.yaml")) + sorted(PACKS.glob("_parts/*/texts/zh-*.yaml"))
)
def test_chinese_is_written_in_its_own_characters(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for field in data.get("fields", {}).values():
        options = field.get("options", {})
        field["options"] = {value: words for value, words in options.items() if value not in OWN_NAMES}
    assert strays(str(data), Language(path.stem)) == set()


@pytest.mark.parametrize("name", list_names())
def test_lists_are_written_in_their_own_characters(name: str) -> None:
    for entry in load_list(name).by_code.values():
        for language in SCRIPTS:
            assert strays(entry.name[language], language) == set(), entry.code


def test_a_character_of_the_other_script_is_noticed() -> None:
    assert strays("銀包", Language.SIMPLIFIED_CHINESE)
    assert strays("钱包", Language.TRADITIONAL_CHINESE)


def test_simplified_is_not_converted_from_traditional(book: PackBook) -> None:
    """Usage differs, not only characters: 銀包 is 钱包, 手提電話 is 手机."""
    words = {
        language: " ".join(line for name in NAMES for line in plain(book[name].texts[language]))
        for language in SCRIPTS
    }
    for hong_kong, mainland in (("銀包", "钱包"), ("聯絡", "联系"), ("警務人員", "警察")):
        assert hong_kong in words[Language.TRADITIONAL_CHINESE]
        assert mainland in words[Language.SIMPLIFIED_CHINESE]


def test_every_list_is_used(book: PackBook) -> None:
    used = {name for pack in book.packs.values() for name in pack.lists}
    assert sorted(used) == list_names(LISTS)


@pytest.mark.parametrize("language", list(Language))
def test_a_row_about_one_of_several_says_which(book: PackBook, language: Language) -> None:
    """On the review the row of a member would else read as the row of all of them, right beneath it."""
    nameless = [
        f"{service} {page.page}"
        for service in NAMES
        for page in book[service].definition.pages
        if page.for_each and page.row and "{item" not in book[service].texts[language].rows[page.row]
    ]
    assert nameless == []
