"""Every answer of a visit made recognisable, so that it can be looked for wherever it must not be."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from flows.answering.known_answers import split
from flows.documents.hkid import check_digit
from flows.languages import Language
from flows.name_lists import NameList
from flows.pack import Pack
from flows.pack_texts import FieldText, OptionText, Texts
from flows.view import Field, FieldKind
from tests.services.visitor import typed

_MARK = re.compile(r"⟦(\d+)⟧")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")  # amounts are shown with commas


@dataclass
class Canaries:
    """`of` tells the field that a mark belongs to: a typed word, or the label of an option of that field."""

    of: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def words(self, each: Field, number: int) -> str:
        """An answer to a field that nothing else looks like."""
        base = split(each.name)[0]
        word = self._word(each)
        if word is None:
            return typed(each, number)
        self.of[word] = base
        return word

    def _word(self, each: Field) -> str | None:
        self._count += 1
        digits = f"{7_340_000 + self._count * 13:07d}"
        match each.kind:
            case FieldKind.PHONE:
                return f"9{digits}"
            case FieldKind.EMAIL:
                return f"k{digits}@example.org"
            case FieldKind.DOCUMENT:
                return f"A{digits[-6:]}({check_digit('A', digits[-6:])})"
            case FieldKind.MONEY:
                return digits
            case FieldKind.TEXT if base_is_plain(each):
                return f"Kq{digits}"[: each.max_length or 40]
            case FieldKind.LONG_TEXT:
                return f"Kq{digits} and more"
            case _:
                return None

    def mark(self, pack: Pack) -> Pack:
        """The pack with a mark in place of every label of an option and every name of a list."""
        texts = {language: self._mark_texts(words) for language, words in pack.texts.items()}
        lists = {name: self._mark_list(pack, name, each) for name, each in pack.lists.items()}
        return pack.model_copy(update={"texts": texts, "lists": lists})

    def _mark_texts(self, words: Texts) -> Texts:
        marked = {
            name: each.model_copy(update={"options": self._mark_options(name, each)})
            for name, each in words.fields.items()
        }
        return words.model_copy(update={"fields": marked})

    def _mark_options(self, name: str, words: FieldText) -> dict[str, OptionText]:
        return {value: OptionText(label=self._new(name)) for value in words.options}

    def _mark_list(self, pack: Pack, name: str, names: NameList) -> NameList:
        asking = [each.field for each in pack.fields.values() if each.options_list == name]
        if not asking:
            return names  # a notice shows it to everybody: no answer
        headings = [
            heading.model_copy(
                update={
                    "entries": tuple(
                        entry.model_copy(
                            update={"name": dict.fromkeys(Language, self._new("|".join(asking)))}
                        )
                        for entry in heading.entries
                    )
                }
            )
            for heading in names.headings
        ]
        return names.model_copy(update={"headings": tuple(headings)})

    def _new(self, name: str) -> str:
        self._count += 1
        mark = f"⟦{self._count}⟧"
        self.of[mark] = name
        return mark

    def found(self, texts: Iterator[str]) -> set[str]:
        """The marks and words that stand in any of `texts`."""
        whole = _THOUSANDS.sub("", "\n".join(texts))
        marks = {mark.group() for mark in _MARK.finditer(whole)} & set(self.of)
        return marks | {word for word in self.of if not word.startswith("⟦") and word in whole}


def base_is_plain(each: Field) -> bool:
    """Whether a text field takes any words: those of a format have answers of their own."""
    return typed(each, 0).startswith("words")


def texts_of(value: Any) -> Iterator[str]:
    """Every text inside a value: dataclasses, containers and enums are looked through."""
    if isinstance(value, Enum):
        yield str(value.value)
    elif isinstance(value, str):
        yield value
    else:
        for part in _parts(value):
            yield from texts_of(part)


def _parts(value: Any) -> Iterable[Any]:
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in fields(value)]
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list | tuple | set | frozenset) else ()
