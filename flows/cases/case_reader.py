"""From a case document back to its answers, to lay its receipt out once more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from config.settings import Site
from flows.answering.answers import Answers, Member
from flows.answering.known_answers import KnownAnswers
from flows.case import AccessibilityMode
from flows.cases.receipt_builder import ReceiptFacts, build_receipt
from flows.conditions import at
from flows.events import AnswerValue
from flows.languages import Language
from flows.pack import FieldDef, Group, Pack
from flows.picture.wording import Wording
from flows.ports import Kept
from flows.receipt import ReceiptDocument


def receipt_of(
    pack: Pack, site: Site, document: Mapping[str, Any], official_number: str = ""
) -> ReceiptDocument:
    """The receipt of a committed case of `pack`.

    `document` fits the pack's schema and carries its reference and receipt code; `KeyError` names what lacks.
    """
    submitted_at = datetime.fromisoformat(document["submitted_at"])
    language = Language(document["ui_lang"])
    known = KnownAnswers(
        pack, answers_of(pack, document), site.kind, submitted_at.date(), language, frozenset(site.services)
    )
    kept = Kept(UUID(document["case_id"]), document["reference"], document["receipt_code"])
    large_print = AccessibilityMode.LARGE_TEXT in document["accessibility_modes_used"]
    facts = ReceiptFacts(kept, official_number, submitted_at, large_print)
    return build_receipt(Wording(known, site, language), facts)


def answers_of(pack: Pack, document: Mapping[str, Any]) -> Answers:
    """The answers that a case holds; what only steered the questions is not in it."""
    answers = Answers()
    for name, definition in pack.fields.items():
        if "[]" not in name:
            _read(answers, definition, document, slot=None)
    for name, group in pack.definition.groups.items():
        _read_members(answers, pack, name, group, document[name])
    return answers


def _read_members(
    answers: Answers, pack: Pack, name: str, group: Group, members: list[Mapping[str, Any]]
) -> None:
    slots = {int(member["item_id"][1:]) - 1: member for member in members}
    known = [Member(slot, "", 0) for slot in range(max(slots, default=-1) + 1)]
    before: dict[str, Member] = {}
    for slot, member in slots.items():
        category = member.get("category", "")
        previous = before.get(category)
        known[slot] = before[category] = Member(slot, category, previous.ordinal + 1 if previous else 1)
        if previous is not None and group.again:
            answers.values[at(group.again, previous.slot)] = [group.again_option]
        for field_name, definition in pack.fields.items():
            if field_name.startswith(f"{name}[]."):
                _read(answers, definition, member, slot)
    answers.members[name] = known
    if group.chosen_by:
        answers.values[group.chosen_by] = list(before)
    else:
        answers.removed[name] = set(range(len(known))) - set(slots)


def _read(answers: Answers, definition: FieldDef, document: Mapping[str, Any], slot: int | None) -> None:
    value = _at(document, definition.field)
    marked = [each.value for each in definition.options if each.marks and _at(document, each.marks)]
    if value is not None:
        answers.values[at(definition.field, slot)] = marked[0] if marked else value


def _at(document: Mapping[str, Any], name: str) -> AnswerValue | None:
    found: Any = document
    for part in name.rpartition("[].")[2].split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    value: AnswerValue | None = found
    return value
