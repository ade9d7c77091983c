"""Words of a pack with what is put into them, and answers as people read them."""

import re
from dataclasses import dataclass
from datetime import date

from config.settings import Site
from flows.answering.known_answers import KnownAnswers, member_id, split
from flows.documents.types import DocumentType
from flows.events import AnswerValue
from flows.fields.amounts import parse_money, with_sign
from flows.fields.mask import mask
from flows.fields.plain import plain, unbroken
from flows.languages import Language
from flows.pack import FieldDef
from flows.pack_texts import FieldText, Texts
from flows.privacy import Privacy
from flows.view import FieldKind

ITEM = "item"
ITEM_LABEL = "item_label"
SITE_WORDS = ("site", "here", "desk", "desk_phone")
"""What may stand in braces in any text of a pack.

On pages of a group `{item}` and `{item_label}` besides, and everywhere the name of a choice for what was
chosen.
"""


def in_language(words: dict[str, str], language: Language) -> str:
    """The words of a site in a language; English where there are none."""
    return words.get(language.value) or words.get(Language.ENGLISH.value, "")


_TELEPHONE = re.compile(r"\b(\d{4}) (\d{4})\b")
"""A telephone number of Hong Kong: it stays on one line."""

_WIDE = "？"
_QUESTION_MARKS = ("?", _WIDE)


@dataclass(frozen=True, slots=True)
class Wording:
    """Writes in one language about one visit."""

    known: KnownAnswers
    site: Site
    language: Language

    @property
    def texts(self) -> Texts:
        """The words of the pack."""
        return self.known.pack.texts[self.language]

    def fill(self, text: str, slot: int | None = None, group: str = "") -> str:
        """`text` with its braces filled. Nothing that a visitor typed is ever put in."""
        text = _TELEPHONE.sub("\\1\u00a0\\2", text)
        if "{" not in text:
            return text
        for name, value in self._site_words().items():
            text = text.replace(f"{{{name}}}", value)
        if group and slot is not None:
            text = text.replace(f"{{{ITEM}}}", self.member(group, slot, in_sentence=True))
            text = text.replace(f"{{{ITEM_LABEL}}}", self.member(group, slot))
        for name, definition in self.known.pack.fields.items():
            if definition.options and f"{{{name}}}" in text:
                text = text.replace(f"{{{name}}}", self._choice(definition, self.known.value(name, slot)))
        return text

    def _choice(self, definition: FieldDef, value: AnswerValue | None) -> str:
        """The label of an option within a text. No other choice is put into it: that might never end."""
        option = self.texts.fields[definition.field].options.get(str(value))
        words = option.label if option else ""
        for name, said in self._site_words().items():
            words = words.replace(f"{{{name}}}", said)
        return words

    def _site_words(self) -> dict[str, str]:
        return {
            "site": in_language(self.site.name, self.language),
            "here": in_language(self.site.address, self.language)
            or in_language(self.site.name, self.language),
            "desk": in_language(self.site.desk, self.language),
            "desk_phone": unbroken(self.site.desk_phone),
        }

    def field(self, name: str) -> FieldText:
        """The words of a field."""
        return self.texts.fields[split(name)[0]]

    def member(self, group: str, slot: int, *, in_sentence: bool = False) -> str:
        """What a member is called: the label of its category, numbered from the second on; one of a list by
        the word for its group, numbered when there are several.
        """
        member = self.known.member(group, slot)
        if member is None:
            return ""
        chosen_by = self.known.pack.definition.groups[group].chosen_by
        if chosen_by:
            words = self.texts.fields[chosen_by].options[member.category]
            label = (words.name or words.label) if in_sentence else words.label
            alone = member.ordinal == 1
        else:
            label = self.texts.groups[group].name if in_sentence else self.texts.groups[group].label
            alone = len(self.known.slots(group)) == 1
        if alone:
            return label
        return self.texts.words.second.format(item=label, number=member.ordinal)

    def label(self, definition: FieldDef, value: AnswerValue | None) -> str:
        """The label of one option."""
        if definition.options_from:
            slots = {member_id(slot): slot for slot in self.known.slots(definition.options_from)}
            return self.member(definition.options_from, slots[str(value)]) if value in slots else ""
        option = self.texts.fields[definition.field].options.get(str(value))
        return self.fill(option.label) if option else ""

    def labelled(self, label: str, value: str) -> str:
        """A label with what it says, as one line; a question is followed by its answer without a colon."""
        if label.endswith(_QUESTION_MARKS):
            return f"{label}{'' if label.endswith(_WIDE) else ' '}{value}"
        return self.texts.words.labelled.format(label=label, value=value)

    def show(self, definition: FieldDef, value: AnswerValue, slot: int | None) -> str:
        """An answer for the review screen, as far as its class lets it be seen; plain always."""
        if definition.privacy is Privacy.HIDDEN:
            return self.texts.words.given
        if definition.privacy is Privacy.MASKED:
            document = self.known.document(definition, slot)
            return mask(definition.kind, value, DocumentType(document) if document else None)
        return self.full(definition, value, slot)

    def full(self, definition: FieldDef, value: AnswerValue, slot: int | None = None) -> str:
        """An answer in full, for where its class allows it; of a drawing only that it is there."""
        if definition.kind is FieldKind.SKETCH:
            return self.texts.words.given
        if definition.options_list:
            entry = self.known.pack.lists[definition.options_list].entry(str(value))
            return entry.name[self.language] if entry is not None else ""
        if definition.options or definition.options_from:
            chosen = value if isinstance(value, list) else [value]
            return self.texts.words.separator.join(
                words for each in chosen for words in self._chosen(definition, each) if words
            )
        if isinstance(value, dict):
            return self._when(value)
        if definition.kind is FieldKind.DATE:
            return self._date(str(value))
        if definition.kind is FieldKind.MONEY:
            return self._amount(definition, str(value), slot)
        return plain(str(value))

    def _amount(self, definition: FieldDef, text: str, slot: int | None) -> str:
        amount = parse_money(text)
        return plain(text) if amount is None else with_sign(self.known.currency(definition, slot), amount)

    def _chosen(self, definition: FieldDef, value: AnswerValue) -> tuple[str, ...]:
        """The label of an option; one that stands for something at this site says for what."""
        label = self.label(definition, value)
        if any(option.value == value and option.stands_for for option in definition.options):
            return label, self.fill(self.texts.fields[definition.field].options[str(value)].hint)
        return (label,)

    def _when(self, value: dict[str, str]) -> str:
        words = self.texts.words
        start = self._moment(value.get("date", ""), value.get("time", ""))
        match value.get("certainty"):
            case "exact":
                return start
            case "between":
                until = self._moment(
                    value.get("until_date") or value.get("date", ""), value.get("until_time", "")
                )
                return words.between.format(start=start, end=until)
            case _:
                return words.unknown

    def _moment(self, day: str, time: str) -> str:
        shown = self._date(day)
        return self.texts.words.date_time.format(date=shown, time=plain(time)) if time else shown

    def _date(self, text: str) -> str:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return plain(text)
        words = self.texts.words
        return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)
