"""Answers that others may see over a shoulder."""

from flows.documents.numbers import mask_number
from flows.documents.types import DocumentType
from flows.events import AnswerValue
from flows.fields import email, phone
from flows.fields.plain import bounded, plain
from flows.privacy import VEIL
from flows.view import FieldKind

_COVERED = 2 * VEIL


def mask(kind: FieldKind, value: AnswerValue, document: DocumentType | None = None) -> str:
    """A checked personal answer, hidden but for what its owner needs to recognise it; empty stays empty.

    Texts are taken for names and show their first character: `陳**`, `C**`.
    """
    if not isinstance(value, str) or not value:
        return _COVERED if value else ""
    match kind:
        case FieldKind.PHONE:
            return phone.mask(value)
        case FieldKind.EMAIL:
            return email.mask(plain(value))
        case FieldKind.DOCUMENT:
            return mask_number(document or DocumentType.OTHER, plain(value))
        case FieldKind.TEXT | FieldKind.LONG_TEXT:
            return f"{bounded(plain(value).strip(), 1)}{_COVERED}"
        case _:
            return _COVERED
