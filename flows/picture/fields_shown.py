"""The fields of a question page as the screen shows them."""

from flows.answering.answer_checks import Checker
from flows.answering.known_answers import KnownAnswers
from flows.conditions import at
from flows.fields.amounts import sign
from flows.fields.check import empty
from flows.pack import FieldDef, Page
from flows.picture.lists_shown import headings
from flows.picture.wording import Wording
from flows.privacy import Place, may_appear
from flows.view import Field, FieldKind, Heading, Option

_EARLIEST = "1900-01-01"


def fields_shown(
    page: Page, slot: int | None, checker: Checker, wording: Wording, *, with_remarks: bool
) -> tuple[Field, ...]:
    """Those that are asked now, of the member `slot`, `with_remarks` on what is wrong with their answers."""
    asked = checker.known.asked(page, slot)
    return tuple(_field(each, page, slot, checker, wording, with_remarks=with_remarks) for each in asked)


def _field(
    definition: FieldDef,
    page: Page,
    slot: int | None,
    checker: Checker,
    wording: Wording,
    *,
    with_remarks: bool,
) -> Field:
    known, group = checker.known, page.for_each
    words = wording.texts.fields[definition.field]
    remark = checker.check(definition, slot) if with_remarks else None
    value = known.field_value(definition, slot)
    earliest, latest = _bounds(definition, slot, checker)
    return Field(
        name=at(definition.field, slot),
        kind=definition.kind,
        label=wording.fill(words.label, slot, group),
        value=empty(definition.kind) if value is None else value,
        hint=wording.fill(words.hint, slot, group),
        required=known.is_required(definition, slot),
        options=_options(definition, slot, known, wording),
        headings=_headings(definition, wording),
        picture=definition.picture,
        speakable=may_appear(definition.privacy, Place.SPEECH),
        keyboard=definition.keys,
        max_length=definition.max_length,
        prefix=sign(known.currency(definition, slot)),
        earliest=earliest,
        latest=latest,
        problem=remark.problem if remark else None,
        warning=remark.warning if remark else None,
    )


def _bounds(definition: FieldDef, slot: int | None, checker: Checker) -> tuple[str, str]:
    """The first and last day that may be chosen (YYYY-MM-DD); empty where no day is asked."""
    if definition.kind not in (FieldKind.DATE, FieldKind.WHEN):
        return "", ""
    first = checker.earliest(definition, slot)
    return first.isoformat() if first else _EARLIEST, checker.latest(definition).isoformat()


def _options(
    definition: FieldDef, slot: int | None, known: KnownAnswers, wording: Wording
) -> tuple[Option, ...]:
    options = []
    for option in known.options(definition, slot):
        words = wording.texts.fields[definition.field].options.get(option.value)
        options.append(
            Option(
                value=option.value,
                label=wording.label(definition, option.value),
                hint=wording.fill(words.hint) if words else "",
                icon=option.icon.value if option.icon else "",
            )
        )
    return tuple(options)


def _headings(definition: FieldDef, wording: Wording) -> tuple[Heading, ...]:
    if not definition.options_list:
        return ()
    return headings(wording.known.pack.lists[definition.options_list], wording.language)
