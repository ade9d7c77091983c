"""The receipt of a report: reference, categories and advice; never a name, a document number or an answer."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from flows import reference
from flows.answering.answer_checks import is_empty
from flows.events import AnswerValue
from flows.fields.plain import bounded, plain
from flows.languages import Language
from flows.pack import StepPlace
from flows.pack_texts import ReceiptTexts
from flows.picture.next_steps import next_steps
from flows.picture.wording import Wording, in_language
from flows.ports import Kept
from flows.privacy import Place, may_appear
from flows.receipt import Block, Bullets, Code, Gap, ReceiptDocument, Reference, Rule, Size, Text

_MOST_OFFICIAL = 40


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What is printed besides the words of the pack. `official_number` is empty until the centre answered."""

    kept: Kept
    official_number: str
    submitted_at: datetime
    large_print: bool


def second_language(language: Language) -> Language:
    """Every receipt is in the visitor's language and in English, an English one in Traditional Chinese
    besides.
    """
    return Language.TRADITIONAL_CHINESE if language is Language.ENGLISH else Language.ENGLISH


def build_receipt(wording: Wording, facts: ReceiptFacts) -> ReceiptDocument:
    """Lay the blocks of a receipt out, from top to bottom."""
    other = replace(wording, language=second_language(wording.language))
    return ReceiptDocument(
        (
            *head(wording, other),
            Rule(),
            *_number(wording, other, facts),
            Rule(),
            *_items(wording, other),
            *_lines(wording, other),
            Gap(2),
            _code(wording, other, facts),
            Rule(),
            *_advice(wording, other),
            Rule(),
            *_foot(wording, other),
            Gap(4),
        ),
        facts.large_print,
    )


def head(first: Wording, second: Wording) -> tuple[Block, ...]:
    """The force and the place, as every paper of a kiosk begins."""
    blocks: list[Block] = [
        Text(_force(first.texts.receipt), first.language, Size.LARGE, bold=True, centred=True),
        Text(_force(second.texts.receipt), second.language, Size.SMALL, centred=True),
    ]
    for each in (first, second):
        name = in_language(each.site.name, each.language)
        if name:
            blocks.append(Text(name, each.language, Size.SMALL, centred=True))
    return tuple(blocks)


def _force(texts: ReceiptTexts) -> str:
    return f"{texts.force} · {texts.kiosk}"


def _number(first: Wording, second: Wording, facts: ReceiptFacts) -> tuple[Block, ...]:
    a, b = first.texts.receipt, second.texts.receipt
    return (
        Text(a.title, first.language, Size.TITLE, bold=True),
        Text(b.title, second.language),
        Gap(1),
        both(first, second, a.reference, b.reference),
        Reference(facts.kept.reference),
        Text(facts.submitted_at.strftime("%Y-%m-%d    %H:%M"), Language.ENGLISH),
        *_official(first, second, facts.official_number),
    )


def _official(first: Wording, second: Wording, official_number: str) -> tuple[Block, ...]:
    a, b = first.texts.receipt, second.texts.receipt
    if official_number:
        number = bounded(plain(official_number), _MOST_OFFICIAL)
        return (both(first, second, a.official, b.official), Text(number, Language.ENGLISH, bold=True))
    return (
        Text(a.provisional, first.language, bold=True),
        Text(b.provisional, second.language, Size.SMALL),
    )


def _items(first: Wording, second: Wording) -> tuple[Block, ...]:
    lines = (Text(_categories(first), first.language), Text(_categories(second), second.language, Size.SMALL))
    return tuple(line for line in lines if line.text)


def _categories(wording: Wording) -> str:
    pack = wording.known.pack
    groups = {
        name: group
        for name, group in pack.definition.groups.items()
        if group.chosen_by and may_appear(pack.fields[group.chosen_by].privacy, Place.PAPER)
    }
    counted = Counter(
        wording.texts.fields[group.chosen_by].options[member.category].label
        for name, group in groups.items()
        for member in wording.known.members(name)
    )
    return wording.texts.words.separator.join(
        label if count == 1 else f"{label} ×{count}" for label, count in counted.items()
    )


def _lines(first: Wording, second: Wording) -> tuple[Block, ...]:
    """Answers that the pack puts on paper, each in both languages; only of a class that may be there."""
    blocks: list[Block] = []
    for name in first.known.pack.definition.receipt_lines:
        definition = first.known.pack.fields[name]
        group = first.known.pack.page_of[name].for_each
        for slot in first.known.slots(group) if group else (None,):
            value = first.known.value(name, slot)
            if may_appear(definition.privacy, Place.PAPER) and not is_empty(value) and value is not None:
                blocks.append(Text(_line(first, name, slot, value), first.language))
                blocks.append(Text(_line(second, name, slot, value), second.language, Size.SMALL))
    return tuple(blocks)


def _line(wording: Wording, name: str, slot: int | None, value: AnswerValue) -> str:
    definition = wording.known.pack.fields[name]
    label = wording.fill(wording.field(name).label, slot, wording.known.pack.page_of[name].for_each)
    return wording.labelled(label, wording.full(definition, value, slot))


def _code(first: Wording, second: Wording, facts: ReceiptFacts) -> Code:
    page = first.site.receipt_page
    captions = tuple(
        Text(text, each.language, Size.SMALL)
        for each in (first, second)
        for text in _scan(each.texts.receipt, page)
    )
    kept = facts.kept
    typed = Text(reference.grouped_code(kept.receipt_code), Language.ENGLISH, bold=True)
    label = both(first, second, first.texts.receipt.code, second.texts.receipt.code)
    return Code(reference.payload(kept.reference, kept.receipt_code, page), (*captions, label, typed))


def _scan(texts: ReceiptTexts, page: str) -> tuple[str, ...]:
    return (texts.scan, texts.scan_page, texts.scan_privacy) if page else (texts.scan, texts.scan_privacy)


def _advice(first: Wording, second: Wording) -> tuple[Block, ...]:
    label = both(first, second, first.texts.receipt.next, second.texts.receipt.next)
    lines = tuple(step.text for step in next_steps(first, StepPlace.PAPER))
    return (replace(label, size=Size.BODY, bold=True), Bullets(lines, first.language))


def _foot(first: Wording, second: Wording) -> tuple[Block, ...]:
    return tuple(
        block
        for each in (first, second)
        for block in (
            Text(each.fill(each.texts.receipt.enquiries), each.language, Size.SMALL),
            Text(each.texts.receipt.not_a_memo, each.language, Size.SMALL),
        )
    )


def both(first: Wording, second: Wording, one: str, two: str) -> Text:
    """A short label in both languages on one line, in the face of the one that needs Chinese glyphs."""
    chinese = first.language if first.language is not Language.ENGLISH else second.language
    return Text(f"{one}  {two}", chinese, Size.SMALL)
