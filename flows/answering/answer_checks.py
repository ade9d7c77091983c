"""What a visitor's answer becomes before it is kept, and whether it may stay as it is."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flows.answering.known_answers import KnownAnswers, Place
from flows.conditions import at, latest_date
from flows.documents.types import DocumentType
from flows.events import AnswerValue
from flows.fields.amounts import places_of
from flows.fields.check import MOST_CHARACTERS, Checked, Limits, check
from flows.fields.dates import years_before
from flows.fields.plain import bounded, storable
from flows.fields.sketch import is_sketch
from flows.messages import Caution, Problem
from flows.pack import FieldDef
from flows.view import FieldKind, Message

_REQUIRED = Message(Problem.REQUIRED)
_ONE = frozenset({FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.LISTED})
_LAST_FOUR = 4
_YEAR_AHEAD = timedelta(days=366)


def accept(definition: FieldDef, value: AnswerValue, options: tuple[str, ...]) -> AnswerValue | None:
    """`value` as it is kept until the page is left, or None if it cannot be an answer to this field."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    match value:
        case str() if definition.kind in _ONE:
            return value if value in (*options, "") else None
        case str() if definition.kind is FieldKind.LAST_FOUR:
            return value if len(value) <= _LAST_FOUR else None
        case str() if definition.kind is FieldKind.SKETCH:
            return value if not value or is_sketch(value) else None
        case str() if definition.kind not in (FieldKind.MULTI_CHOICE, FieldKind.WHEN):
            return storable(bounded(value, MOST_CHARACTERS))
        case list() if definition.kind is FieldKind.MULTI_CHOICE:
            return [option for option in options if option in value]
        case dict() if definition.kind is FieldKind.WHEN:
            return {str(key): bounded(str(part), 16) for key, part in list(value.items())[:8]}
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the answers of pages as they are known at a moment, each once."""

    known: KnownAnswers
    now: datetime
    _checked: dict[str, Checked] = field(default_factory=dict)

    def check(self, definition: FieldDef, slot: int | None) -> Checked:
        """The answer of a field as the case keeps it, with what must or may be mended."""
        name = at(definition.field, slot)
        if name not in self._checked:
            self._checked[name] = self._check(name, definition, slot)
        return self._checked[name]

    def _check(self, name: str, definition: FieldDef, slot: int | None) -> Checked:
        value = self.known.field_value(definition, slot)
        document = self.known.document(definition, slot)
        checked = check(
            definition.kind,
            "" if value is None else value,
            now=self.now,
            required=self.known.is_required(definition, slot),
            max_length=definition.max_length,
            document=DocumentType(document) if document else None,
            limits=self._limits(definition, slot),
        )
        if (
            checked.problem == _REQUIRED
            and definition.field in self.known.pack.page_of[definition.field].one_of
        ):
            return Checked(checked.value, Message(Problem.ONE_REQUIRED))
        if self._is_out_of_order(checked, definition, slot) and checked.problem is not None:
            return Checked(checked.value, Message(Problem.DATE_ORDER, checked.problem.values))
        if name in self.known.answers.doubted and checked.warning is None:
            return Checked(checked.value, checked.problem, Message(Caution.SCAN_CHECK_DIGITS))
        return checked

    def _limits(self, definition: FieldDef, slot: int | None) -> Limits:
        return Limits(
            options=self.known.option_values(definition, slot),
            earliest=self.earliest(definition, slot),
            latest=self.latest(definition) if definition.future else None,
            places=places_of(self.known.currency(definition, slot)),
            text_format=definition.format,
        )

    def latest(self, definition: FieldDef) -> date:
        """The last day that a date field takes: today, or a year ahead."""
        return self.now.date() + (_YEAR_AHEAD if definition.future else timedelta())

    def earliest(self, definition: FieldDef, slot: int | None) -> date | None:
        """The first day that a date field takes; None where any day of the past will do."""
        first = self._follows(definition, slot)
        return max(filter(None, (self._floor(definition), first)), default=None)

    def _floor(self, definition: FieldDef) -> date | None:
        """The first day that the pack allows, whatever was answered."""
        today, years = self.now.date(), definition.within_years
        if definition.future:
            return today
        return years_before(today, years) if years else None

    def _is_out_of_order(self, checked: Checked, definition: FieldDef, slot: int | None) -> bool:
        """Whether a date lies before the one that it follows."""
        problem, first = checked.problem, self._follows(definition, slot)
        if problem is None or problem.key != Problem.DATE_TOO_EARLY or first is None:
            return False
        return problem.values["earliest"] == first.isoformat()

    def _follows(self, definition: FieldDef, slot: int | None) -> date | None:
        """The answered date that this one may not precede."""
        return latest_date(self.known.value(definition.not_before, slot)) if definition.not_before else None

    def page(self, place: Place) -> dict[str, Checked]:
        """Every field asked on a page, by name."""
        page = self.known.pack.pages[place.page]
        asked = self.known.asked(page, place.slot)
        return {at(each.field, place.slot): self.check(each, place.slot) for each in asked}

    def has_problem(self, place: Place) -> bool:
        """Whether something on a page must still be mended."""
        return any(checked.problem for checked in self.page(place).values())

    def is_settled(self, place: Place) -> bool:
        """Whether another service asked all of a page already, and nothing is wrong with it."""
        return self.known.was_asked_elsewhere(place) and not self.has_problem(place)

    def incomplete(self) -> set[Place]:
        """The pages on which something must still be mended."""
        return {place for place in self.known.places() if self.has_problem(place)}


def is_empty(value: AnswerValue | None) -> bool:
    """Whether nothing was answered. Zero is an answer."""
    return value is None or value in ("", [], {})
