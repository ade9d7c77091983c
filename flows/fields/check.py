"""One door to all kinds of answers: is it right, how is it kept, what must or may be mended."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flows import reference
from flows.documents.numbers import check_number
from flows.documents.types import DocumentType
from flows.events import AnswerValue
from flows.fields import amounts, bank_card, dates, email, imei, marks, phone, sketch
from flows.fields.dates import EARLIEST, Span
from flows.fields.plain import bounded, is_blank, storable
from flows.messages import Caution, Problem
from flows.view import FieldKind, Message

MOST_CHARACTERS = 4_000
"""Bound of a text whose field names none."""

_MOST_IDENTIFIER = 80
_MOST_MONEY = 999_999_999
_MOST_NUMBER = 999_999


class TextFormat(StrEnum):
    """What a text field holds, where it is not free text."""

    FREE = "free"
    IMEI = "imei"
    PLATE = "plate"  # registration mark of a vehicle
    ACCOUNT = "account"  # bank account
    LINK = "link"  # web address or handle; never opened
    REFERENCE = "reference"  # of an earlier report, twelve digits
    RECEIPT_CODE = "receipt_code"
    CHECK = "check"  # one-time check, six digits


@dataclass(frozen=True, slots=True)
class Limits:
    """What a field takes beyond its kind. Dates without limits lie between 1900 and today."""

    options: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    earliest: date | None = None
    latest: date | None = None
    places: int = amounts.CENTS  # digits after the point of an amount
    text_format: TextFormat = TextFormat.FREE


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as it is kept in the case, with a problem that must or a warning that may be mended."""

    value: AnswerValue
    problem: Message | None = None
    warning: Message | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    now: datetime
    max_length: int
    document: DocumentType
    limits: Limits
    span: Span = field(init=False)

    def __post_init__(self) -> None:
        today = self.now.date()
        span = Span(self.limits.earliest or EARLIEST, self.limits.latest or today)
        object.__setattr__(self, "span", span)


def check(
    kind: FieldKind,
    value: AnswerValue,
    *,
    now: datetime,
    required: bool = False,
    max_length: int = 0,
    document: DocumentType | None = None,
    limits: Limits = Limits(),
) -> Checked:
    """Check an answer and bring it into the form that is kept.

    With a problem the value is what was typed, bounded, so that it can be mended; where the last four
    digits of a card are asked for, more of them are not even kept then. Never raises, whatever `value` holds.
    """
    if _is_empty(value):
        return Checked(empty(kind), Message(Problem.REQUIRED) if required else None)
    asked = _Asked(now, max_length or MOST_CHARACTERS, document or DocumentType.OTHER, limits)
    return _CHECKS[kind](value, asked)


def empty(kind: FieldKind) -> AnswerValue:
    """The answer of a field that was not answered."""
    return _EMPTY.get(kind, "")


def _is_empty(value: AnswerValue) -> bool:
    if isinstance(value, str):
        return is_blank(value[:MOST_CHARACTERS])
    return isinstance(value, list | dict) and not value


def _text_of(value: AnswerValue, most: int) -> str:
    """The typed text, bounded; nothing for a value that cannot have been typed."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return storable(bounded(text, most))


def _check_text(value: AnswerValue, asked: _Asked) -> Checked:
    by_format = _FORMATS.get(asked.limits.text_format)
    if by_format is not None:
        return by_format(_text_of(value, min(asked.max_length, _MOST_IDENTIFIER)))
    text = storable(value) if isinstance(value, str) else _text_of(value, asked.max_length)
    kept = bounded(text, asked.max_length)
    if bank_card.is_in(kept):
        return Checked(kept, Message(Problem.CARD_NUMBER))
    cut = Message(Caution.TEXT_CUT, {"maximum": str(asked.max_length)}) if kept != text else None
    return Checked(kept, warning=cut)


def _check_imei(text: str) -> Checked:
    number = imei.normalise(text)
    return Checked(number, warning=_message(imei.doubt(number)))


def _check_plate(text: str) -> Checked:
    mark = marks.plate(text)
    return Checked(mark, warning=None if marks.is_usual_plate(mark) else Message(Caution.PLATE_FORMAT))


def _check_account(text: str) -> Checked:
    number = marks.account(text)
    if bank_card.is_in(number):
        return Checked(number, Message(Problem.CARD_NUMBER))
    return Checked(
        number, warning=None if marks.is_usual_account(number) else Message(Caution.ACCOUNT_FORMAT)
    )


def _check_reference(text: str) -> Checked:
    digits = marks.narrow(text)
    return (
        Checked(digits) if reference.is_valid(digits) else Checked(text, Message(Problem.REFERENCE_INVALID))
    )


def _check_receipt_code(text: str) -> Checked:
    code = marks.narrow(text)
    if reference.is_receipt_code(code):
        return Checked(code)
    return Checked(text, Message(Problem.RECEIPT_CODE_INVALID))


def _check_one_time(text: str) -> Checked:
    digits = marks.narrow(text)
    if re.fullmatch(r"[0-9]{6}", digits):
        return Checked(digits)
    return Checked(text, Message(Problem.CHECK_INVALID))


def _check_sketch(value: AnswerValue, _asked: _Asked) -> Checked:
    text = value if isinstance(value, str) else ""
    return Checked(text) if sketch.is_sketch(text) else Checked("")


def _check_choice(value: AnswerValue, asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    return Checked(text) if text in asked.limits.options else Checked("", Message(Problem.NOT_AN_OPTION))


def _check_multi_choice(value: AnswerValue, asked: _Asked) -> Checked:
    chosen = value if isinstance(value, list) else []
    known = [option for option in asked.limits.options if option in chosen]
    return Checked(
        known, None if len(known) == len(set(map(str, chosen))) > 0 else Message(Problem.NOT_AN_OPTION)
    )


def _check_number(value: AnswerValue, asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    number = amounts.parse_whole(text)
    if number is None:
        return Checked(text, Message(Problem.NUMBER_INVALID))
    outside = _outside(Decimal(number), asked.limits, _MOST_NUMBER)
    return Checked(text, outside) if outside else Checked(number)


def _check_money(value: AnswerValue, asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    amount = amounts.parse_money(text)
    if amount is None:
        return Checked(text, Message(Problem.MONEY_INVALID))
    if amounts.places(amount) > asked.limits.places:
        return Checked(text, Message(Problem.MONEY_PLACES, {"places": str(asked.limits.places)}))
    outside = _outside(amount, asked.limits, _MOST_MONEY)
    return Checked(text, outside) if outside else Checked(amounts.money_text(amount))


def _outside(number: Decimal, limits: Limits, most: int) -> Message | None:
    maximum = most if limits.maximum is None else limits.maximum
    if number < limits.minimum:
        return Message(Problem.NUMBER_TOO_SMALL, {"minimum": f"{limits.minimum:,}"})
    if number > maximum:
        return Message(Problem.NUMBER_TOO_LARGE, {"maximum": f"{maximum:,}"})
    return None


def _check_phone(value: AnswerValue, _asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    read = phone.parse(text)
    if isinstance(read, Problem):
        return Checked(text, Message(read))
    return Checked(read.e164, warning=_message(read.caution))


def _check_email(value: AnswerValue, asked: _Asked) -> Checked:
    text = _text_of(value, MOST_CHARACTERS)
    address = email.parse(text)
    if address is None or len(address) > asked.max_length:
        return Checked(text, Message(Problem.EMAIL_INVALID))
    better = email.suggestion(address)
    return Checked(address, warning=Message(Caution.EMAIL_TYPO, {"suggestion": better}) if better else None)


def _check_document(value: AnswerValue, asked: _Asked) -> Checked:
    most = min(asked.max_length, _MOST_IDENTIFIER)
    checked = check_number(asked.document, _text_of(value, most))
    return Checked(checked.number, _message(checked.problem), _message(checked.caution))


def _check_last_four(value: AnswerValue, _asked: _Asked) -> Checked:
    """A longer number is dropped at once: the kiosk must never hold the number of a bank card."""
    digits = "".join(unicodedata.normalize("NFKC", _text_of(value, _MOST_IDENTIFIER)).split())
    if len(digits) > 4:
        return Checked("", Message(Problem.LAST_FOUR_TOO_MANY))
    if not re.fullmatch(r"[0-9]{4}", digits):
        return Checked(digits, Message(Problem.LAST_FOUR_INVALID))
    return Checked(digits)


def _check_date(value: AnswerValue, asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    read = dates.check_date(text, asked.span, today=asked.now.date())
    return Checked(text, read) if isinstance(read, Message) else Checked(read.isoformat())


def _check_time(value: AnswerValue, _asked: _Asked) -> Checked:
    text = _text_of(value, _MOST_IDENTIFIER)
    return Checked(text) if dates.is_time(text) else Checked(text, Message(Problem.TIME_INVALID))


def _check_when(value: AnswerValue, asked: _Asked) -> Checked:
    parts = value if isinstance(value, dict) else {}
    typed = {name: _text_of(part, _MOST_IDENTIFIER) for name, part in parts.items() if name in _WHEN_PARTS}
    read = dates.check_when(typed, asked.span, now=asked.now)
    return Checked(typed, read) if isinstance(read, Message) else Checked(read)


def _message(key: StrEnum | None) -> Message | None:
    return Message(key) if key else None


_WHEN_PARTS = frozenset({"certainty", "date", "time", "until_date", "until_time"})

_EMPTY: Mapping[FieldKind, AnswerValue] = {FieldKind.MULTI_CHOICE: [], FieldKind.WHEN: {}}

_CHECKS: Mapping[FieldKind, Callable[[AnswerValue, _Asked], Checked]] = {
    FieldKind.CHOICE: _check_choice,
    FieldKind.MULTI_CHOICE: _check_multi_choice,
    FieldKind.YES_NO: _check_choice,
    FieldKind.TEXT: _check_text,
    FieldKind.LONG_TEXT: _check_text,
    FieldKind.NUMBER: _check_number,
    FieldKind.MONEY: _check_money,
    FieldKind.PHONE: _check_phone,
    FieldKind.EMAIL: _check_email,
    FieldKind.DOCUMENT: _check_document,
    FieldKind.LAST_FOUR: _check_last_four,
    FieldKind.DATE: _check_date,
    FieldKind.TIME: _check_time,
    FieldKind.WHEN: _check_when,
    FieldKind.LISTED: _check_choice,
    FieldKind.SKETCH: _check_sketch,
}

_FORMATS: Mapping[TextFormat, Callable[[str], Checked]] = {
    TextFormat.IMEI: _check_imei,
    TextFormat.PLATE: _check_plate,
    TextFormat.ACCOUNT: _check_account,
    TextFormat.REFERENCE: _check_reference,
    TextFormat.RECEIPT_CODE: _check_receipt_code,
    TextFormat.CHECK: _check_one_time,
}
"""Formats with a form of their own; a link is text like any other."""
