"""What was put to the scanner: strict grammars over bytes that anyone may have written.

`read` never raises and never guesses: bytes are the zone of a travel document, a receipt of ours, an HKID
number, a technician's pass, a link of iAM Smart, or unreadable. Nothing of them is ever opened, run or looked
up; what a pass or a link is worth is decided elsewhere, if at all.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from flows import reference
from flows.documents import hkid, mrz
from flows.documents.hkid import Hkid
from flows.documents.mrz import Mrz, MrzPart, MrzProblem, Sex
from flows.documents.types import DocumentType

_MOST_BYTES = 4096
_HKID = re.compile(r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)")
_PASS = re.compile(r"KTP1\.[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,200}")
_MOST_PASS = 500
_ZONE = re.compile(r"[A-Z0-9< \t\r\n]+")
_DOCUMENT_CODES = ("P", "I", "A", "C")
_CHECKED = frozenset({MrzPart.NUMBER, MrzPart.BIRTH_DATE, MrzPart.EXPIRY})
# Its hosts are public, the form of its codes is not: docs/assumptions.md.
_IAM_SMART = re.compile(r"https://(?:[a-z0-9-]{1,40}\.){0,3}iamsmart\.gov\.hk(?:/[!-~]{0,2000})?")


class UnreadableReason(StrEnum):
    """Why nothing was read."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    INCOMPLETE = "incomplete"  # part of a zone: hold the document still
    VISA = "visa"  # the visa instead of the page with the photo
    UNKNOWN = "unknown"  # a code that is nothing of ours


@dataclass(frozen=True, slots=True)
class MrzRead:
    """The zone of a travel document. Dates are ISO 8601 and may lack parts; what the zone does not say is
    empty."""

    document: DocumentType
    number: str
    surname: str
    given_names: str
    nationality: str
    issuer: str
    birth_date: str
    sex: Sex
    expiry: str
    all_checks_fit: bool
    names_truncated: bool


@dataclass(frozen=True, slots=True)
class IdNumberRead:
    """A number without anything else, in its usual form."""

    document: DocumentType
    number: str


@dataclass(frozen=True, slots=True)
class ReceiptCodeRead:
    """The code of a receipt."""

    reference: str
    receipt_code: str


@dataclass(frozen=True, slots=True)
class TechnicianPassRead:
    """What has the shape of a technician's pass. Maintenance judges whether it is one."""

    token: str


@dataclass(frozen=True, slots=True)
class IamSmartRead:
    """A link of iAM Smart. It is not kept: the kiosk has no use for it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing that the kiosk knows."""

    reason: UnreadableReason


Reading: TypeAlias = MrzRead | IdNumberRead | ReceiptCodeRead | TechnicianPassRead | IamSmartRead | Unreadable


def read(payload: bytes, *, today: date) -> Reading:
    """Understand what a scanner or code reader sent. `today` places two-digit years."""
    if len(payload) > _MOST_BYTES:
        return Unreadable(UnreadableReason.TOO_LONG)
    try:
        text = payload.decode().strip(" \t\r\n")
    except UnicodeDecodeError:
        return Unreadable(UnreadableReason.NOT_TEXT)
    if not text:
        return Unreadable(UnreadableReason.EMPTY)
    return _receipt_code(text) or _hkid(text) or _pass(text) or _iam_smart(text) or _mrz(text, today)


def _receipt_code(text: str) -> ReceiptCodeRead | None:
    code = reference.parse_payload(text)
    return ReceiptCodeRead(code.reference, code.receipt_code) if code else None


def _hkid(text: str) -> IdNumberRead | None:
    """Only the form on the card: without its brackets many a shop label would pass for an HKID number."""
    number = hkid.parse(text) if _HKID.fullmatch(text) else None
    return IdNumberRead(DocumentType.HKID, str(number)) if isinstance(number, Hkid) else None


def _pass(text: str) -> TechnicianPassRead | None:
    return TechnicianPassRead(text) if len(text) <= _MOST_PASS and _PASS.fullmatch(text) else None


def _iam_smart(text: str) -> IamSmartRead | None:
    return IamSmartRead() if _IAM_SMART.fullmatch(text) else None


def _mrz(text: str, today: date) -> MrzRead | Unreadable:
    zone = mrz.parse(text, today=today) if _ZONE.fullmatch(text) else MrzProblem.NOT_MRZ
    match zone:
        case Mrz() if not _is_plausible(zone):
            return Unreadable(UnreadableReason.UNKNOWN)
        case Mrz():
            return MrzRead(
                document=zone.document,
                number=zone.number,
                surname=zone.surname,
                given_names=zone.given_names,
                nationality=zone.nationality,
                issuer=zone.issuer,
                birth_date=zone.birth_date,
                sex=zone.sex,
                expiry=zone.expiry,
                all_checks_fit=zone.all_checks_fit,
                names_truncated=zone.names_truncated,
            )
        case MrzProblem.INCOMPLETE:
            return Unreadable(UnreadableReason.INCOMPLETE)
        case MrzProblem.VISA:
            return Unreadable(UnreadableReason.VISA)
        case _:
            return Unreadable(UnreadableReason.UNKNOWN)


def _is_plausible(zone: Mrz) -> bool:
    """Many a label is as long as a zone and has its characters. A worn zone may fail one check, not two."""
    return zone.document_code.startswith(_DOCUMENT_CODES) and len(_CHECKED & set(zone.doubts)) <= 1
