"""Answers that nobody wrote down: what a played visitor says to a field, on the shortest or the longest way.

The shortest way answers what must be answered, the longest everything that may be. Of the options of a choice
the one is taken that brings the fewest or the most pages up, and never one that ends the visit on a notice
or leads to another service, as long as there is another one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flows.answering.known_answers import split
from flows.conditions import Condition
from flows.documents.types import DocumentType
from flows.fields.check import TextFormat
from flows.languages import Language
from flows.pack import FieldDef, Pack, Page
from flows.view import Field, FieldKind, Keyboard

MOST_CATEGORIES = 2
"""Things of which a visitor on the longest way speaks: each has pages of its own."""

MOST_MEMBERS = 2
"""Members of each list on the longest way."""


class Way(StrEnum):
    """How much an inventing visitor says."""

    SHORTEST = "shortest"
    LONGEST = "longest"


_BIRTH = "1990-05-17"
_TODAY = {"days_ago": 0}
_UNKNOWN = {"certainty": "unknown"}
_BETWEEN = {
    "certainty": "between",
    "days_ago": 2,
    "time": "18:00",
    "until_days_ago": 1,
    "until_time": "08:00",
}
_SKETCH = "300,200 300,600;600,200 500,400"

_DOCUMENTS = {
    DocumentType.HKID: "A1234563",
    DocumentType.PASSPORT: "E40628175",
    DocumentType.HOME_RETURN_PERMIT: "H12345678",
    DocumentType.EXIT_ENTRY_PERMIT: "CA1234567",
    DocumentType.MAINLAND_ID: "11010519491231002X",
    DocumentType.MACAO_ID: "12345678",
}
_OTHER_DOCUMENT = "AB123456"

_BY_FORMAT = {
    TextFormat.IMEI: "490154203237518",
    TextFormat.PLATE: "AB1234",
    TextFormat.ACCOUNT: "012345678",
    TextFormat.LINK: "shop.example.com",
    TextFormat.REFERENCE: {"earlier": "reference"},
    TextFormat.RECEIPT_CODE: {"earlier": "receipt_code"},
    TextFormat.CHECK: {"earlier": "check"},
}
_BY_KIND = {
    FieldKind.NUMBER: "2",
    FieldKind.MONEY: "120.50",
    FieldKind.PHONE: "65432109",
    FieldKind.EMAIL: "lee@example.com",
    FieldKind.LAST_FOUR: "1234",
    FieldKind.SKETCH: _SKETCH,
    FieldKind.TIME: "14:30",
    FieldKind.WHEN: _BETWEEN,
}
_BY_KEYBOARD = {
    Keyboard.LATIN: "Lee Ka Yan",
    Keyboard.CAPITALS: "K12",
    Keyboard.DIGITS: "123456",
    Keyboard.PHONE: "65432109",
    Keyboard.EMAIL: "lee@example.com",
}
_WORDS = {
    Language.TRADITIONAL_CHINESE: "{lanse=藍色}",
    Language.SIMPLIFIED_CHINESE: "{lanse=蓝色}",
    Language.ENGLISH: "blue",
}


@dataclass(frozen=True, slots=True)
class Inventor:
    """Invents answers to the fields of one pack, in one language."""

    pack: Pack
    way: Way
    language: Language
    given: dict[str, Any] = field(default_factory=dict)
    """What was invented so far, by the name of the field."""

    def answer(self, shown: Field, answers: Mapping[str, Any]) -> Any:
        """What the visitor says to a field as it is shown; None leaves it as it is.

        `answers` are those that a script has for other fields.
        """
        if shown.value or not self._is_wanted(shown):
            return None
        invented = self._invented(shown, answers)
        self.given[shown.name] = invented
        return invented

    def _is_wanted(self, shown: Field) -> bool:
        return shown.required or self.way is Way.LONGEST

    def _invented(self, shown: Field, answers: Mapping[str, Any]) -> Any:
        base = split(shown.name)[0]
        if shown.kind is FieldKind.MULTI_CHOICE:
            return self._several(base, tuple(option.value for option in shown.options))
        if shown.options:
            return self._by_weight(base, tuple(option.value for option in shown.options))[0]
        if shown.headings:
            return shown.headings[0].options[0].value
        if shown.kind is FieldKind.DOCUMENT:
            return self._document(shown.name, answers)
        if shown.kind is FieldKind.DATE:
            return _BIRTH if base.endswith(".dob") else shown.earliest if self._lies_ahead(base) else _TODAY
        if shown.kind is FieldKind.WHEN and self.way is Way.SHORTEST:
            return _UNKNOWN
        return _BY_KIND.get(shown.kind) or self._text(shown, self.pack.fields.get(base))

    def _text(self, shown: Field, asked: FieldDef | None) -> Any:
        formatted = _BY_FORMAT.get(asked.format) if asked else None
        return formatted or _BY_KEYBOARD.get(shown.keyboard) or _WORDS[self.language]

    def _lies_ahead(self, base: str) -> bool:
        return base in self.pack.fields and self.pack.fields[base].future

    def _document(self, name: str, answers: Mapping[str, Any]) -> str:
        base, slot = split(name)
        asked = self.pack.fields[base]
        kind_field = (asked.document or "").replace("[]", f"[{slot}]")
        kind = str(self.given.get(kind_field) or answers.get(kind_field) or asked.document_type)
        return _DOCUMENTS.get(DocumentType(kind), _OTHER_DOCUMENT)

    # --- choices ---

    def _several(self, base: str, offered: tuple[str, ...]) -> list[str]:
        weighed = self._by_weight(base, offered)
        if self.way is Way.SHORTEST:
            return list(weighed[:1])
        chosen_by = {group.chosen_by for group in self.pack.definition.groups.values()}
        return list(weighed[:MOST_CATEGORIES] if base in chosen_by else weighed)

    def _by_weight(self, base: str, offered: tuple[str, ...]) -> tuple[str, ...]:
        """The options that may be taken, the most fitting first."""
        away, again = _leading_away(self.pack), _again(self.pack)
        staying = [option for option in offered if (base, option) not in away | again]
        weights = _weights(self.pack)
        sign = 1 if self.way is Way.SHORTEST else -1
        return tuple(sorted(staying or offered, key=lambda option: sign * weights[base, option]))


def _leading_away(pack: Pack) -> set[tuple[str, str]]:
    """Options after which a visit ends on a notice, or goes on in another service."""
    leaving = (page for page in pack.definition.pages if page.final or page.hand_over is not None)
    return {option for page in leaving for option in _options_of(page.when, pack)}


def _again(pack: Pack) -> set[tuple[str, str]]:
    """Options that ask for one more of the same."""
    groups = pack.definition.groups.values()
    return {(group.again, group.again_option) for group in groups if group.again and group.again_option}


def _weights(pack: Pack) -> Counter[tuple[str, str]]:
    """How much an option brings up: a page counts as many as its fields and one more."""
    weights: Counter[tuple[str, str]] = Counter()
    for page in pack.definition.pages:
        for option in _options_of(page.when, pack):
            weights[option] += 1 + _size(page)
        for each in page.fields:
            for condition in (each.when, each.required_when):
                weights.update(_options_of(condition, pack))
    return weights


def _size(page: Page) -> int:
    return max(1, len(page.fields))


def _options_of(condition: Condition | None, pack: Pack) -> Iterator[tuple[str, str]]:
    """Fields and their options that a condition names without a `not` before them."""
    if condition is None or condition.not_ is not None:
        return
    for part in condition.parts():
        yield from _options_of(part, pack)
    if condition.field is not None:
        asked = _asked(condition.field, pack)
        yield from ((asked, value) for value in condition.values())


def _asked(name: str, pack: Pack) -> str:
    """What answers a condition's name: the category of a member is what its group was chosen by."""
    group = pack.definition.groups.get(name.removesuffix("[].category"))
    return (group.chosen_by if group else None) or name
