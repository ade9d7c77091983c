"""The words of docs/terms.md: what is to be called how, and what never."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.languages import Language
from flows.loading.pack_loader import PACKS
from flows.name_lists import LISTS
from ui.i18n import catalogue

TERMS = Path(__file__).parents[2] / "docs" / "terms.md"
SKELETON = PACKS.parent / "skeleton"
SCREENS = Path(catalogue.__file__).parent

HAN = r"[\u3400-\u9fff]"
HALF_WIDTH = re.compile(rf"(?<={HAN})[,;:?!()]|[,;:?!()](?={HAN})")
QUOTES = {Language.TRADITIONAL_CHINESE: "“”‘’", Language.SIMPLIFIED_CHINESE: "「」『』"}
"""Quotation marks of the other way of writing."""


@dataclass(frozen=True, slots=True)
class Never:
    """A word that does not stand in texts of a language, but inside the words of `within`."""

    language: Language
    word: str
    within: tuple[str, ...]

    def found_in(self, text: str) -> bool:
        """Whether the word stands there; English words as whole words, in capitals or not."""
        for allowed in self.within:
            text = text.replace(allowed, "")
        if self.language is Language.ENGLISH and self.word.isascii():
            return re.search(rf"\b{re.escape(self.word)}\b", text, re.IGNORECASE) is not None
        return self.word in text


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page."""
    section = TERMS.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


NEVER = [Never(Language(row[0]), row[1], tuple(row[3].split())) for row in rows("Never")]


def strings(data: Any, language: Language | None = None) -> Iterator[str]:
    """All texts in nested data; with a language only those under its name."""
    if isinstance(data, str):
        yield from [data] if language is None else []
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in set(Language):  # written by language: a list, or the names of languages themselves
                yield from strings(value) if language is not None and key == language.value else ()
            else:
                yield from strings(value, language)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value, language)


@cache
def shown(language: Language) -> dict[str, str]:
    """What visitors and technicians read in a language, by the file where it stands."""
    written = [*PACKS.glob(f"**/texts/{language.value}.yaml"), *SKELETON.glob(f"texts/{language.value}.yaml")]
    texts = {str(path): "\n".join(strings(_yaml(path))) for path in written}
    texts |= {str(path): "\n".join(strings(_yaml(path), language)) for path in LISTS.glob("*.yaml")}
    for path in SCREENS.glob(f"**/{language.value}.toml"):
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        words.pop("language", None)
        words.pop("bar", None)  # the way to the other languages is written in them
        texts[str(path)] = "\n".join(strings(words))
    return texts


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def wrong(language: Language, text: str) -> list[str]:
    """Words of a text that the page forbids."""
    return [each.word for each in NEVER if each.language is language and each.found_in(text)]


def misprints(text: str, language: Language) -> list[str]:
    """Lines of Chinese with narrow punctuation beside a character, or with quotation marks of the other."""
    return [
        line
        for line in text.splitlines()
        if HALF_WIDTH.search(re.sub(r"\{.*?\}", "", line)) or set(line) & set(QUOTES[language])
    ]


@pytest.mark.parametrize("language", list(Language))
def test_no_word_of_another_place_is_used(language: Language) -> None:
    texts = shown(language)
    assert {path: words for path, text in texts.items() if (words := wrong(language, text))} == {}


@pytest.mark.parametrize("language", list(QUOTES))
def test_chinese_has_its_own_punctuation(language: Language) -> None:
    texts = shown(language)
    assert {path: lines for path, text in texts.items() if (lines := misprints(text, language))} == {}


@pytest.mark.parametrize("row", rows("The same thing has the same name"), ids=lambda row: str(row[0]))
def test_every_term_is_in_use(row: list[str]) -> None:
    for language, cell in zip(
        (Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE), row[1:3], strict=True
    ):
        everything = "\n".join(shown(language).values())
        assert [word for word in cell.split("、") if word not in everything] == []


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        (Language.TRADITIONAL_CHINESE, "請用手機發短信", ["短信"]),
        (Language.TRADITIONAL_CHINESE, "打印機正在打印", ["打印"]),
        (Language.TRADITIONAL_CHINESE, "電子錢包", []),
        (Language.SIMPLIFIED_CHINESE, "你的银包", ["你", "银包"]),
        (Language.SIMPLIFIED_CHINESE, "出租车（的士）和的士站", ["的士"]),
        (Language.ENGLISH, "Email the licensed center", ["center", "email"]),
        (Language.ENGLISH, "An e-mail about colours", []),
    ],
)
def test_a_wrong_word_is_noticed(language: Language, text: str, words: list[str]) -> None:
    assert wrong(language, text) == words


@pytest.mark.parametrize("text", ["請稍候,謝謝", "按“繼續”", "收據(副本)"])
def test_a_misprint_is_noticed(text: str) -> None:
    assert misprints(text, Language.TRADITIONAL_CHINESE) == [text]
