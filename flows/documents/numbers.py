"""One door to all kinds of document numbers: check what was typed, mask what is shown."""

from dataclasses import dataclass
from typing import assert_never

from flows.documents import hkid, macao, mainland, passport, permits
from flows.documents.hkid import Hkid, HkidProblem
from flows.documents.mainland import MainlandProblem
from flows.documents.normal import compact
from flows.documents.types import DocumentType
from flows.messages import Problem, Warning

_HKID_PROBLEMS = {
    HkidProblem.FORMAT: Problem.HKID_FORMAT,
    HkidProblem.CHECK_DIGIT_MISSING: Problem.HKID_CHECK_DIGIT_MISSING,
    HkidProblem.CHECK_DIGIT: Problem.HKID_CHECK_DIGIT,
}
_MAINLAND_WARNINGS = {
    MainlandProblem.FORMAT: Warning.MAINLAND_ID_FORMAT,
    MainlandProblem.CHECK_DIGIT: Warning.MAINLAND_ID_CHECK_DIGIT,
}


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """A number in its usual form, with what must be mended or may be looked at again."""

    number: str
    problem: Problem | None = None
    warning: Warning | None = None


def check_number(document: DocumentType, text: str) -> CheckedNumber:
    """Check a number as typed. Only an HKID number can have a problem of form: all others are at most doubted."""
    number = compact(text)
    if not any(char.isalnum() for char in number):
        return CheckedNumber(number, problem=Problem.DOCUMENT_CHARACTERS)
    match document:
        case DocumentType.HKID:
            return _check_hkid(text)
        case DocumentType.MAINLAND_ID:
            doubt = mainland.doubt(number)
            return CheckedNumber(number, warning=_MAINLAND_WARNINGS[doubt] if doubt else None)
        case DocumentType.HOME_RETURN_PERMIT:
            return _doubted(number, permits.is_home_return_permit(number), Warning.HOME_RETURN_PERMIT_FORMAT)
        case DocumentType.EXIT_ENTRY_PERMIT:
            return _doubted(number, permits.is_exit_entry_permit(number), Warning.EXIT_ENTRY_PERMIT_FORMAT)
        case DocumentType.MACAO_ID:
            number = macao.normalise(text)
            return _doubted(number, macao.is_usual(number), Warning.MACAO_ID_FORMAT)
        case DocumentType.PASSPORT:
            return _doubted(number, passport.is_usual(number), Warning.PASSPORT_FORMAT)
        case DocumentType.OTHER:
            return CheckedNumber(number)
    assert_never(document)


def mask_number(document: DocumentType, number: str) -> str:
    """The number for a screen that others may see."""
    match document:
        case DocumentType.HKID:
            return hkid.mask(number)
        case DocumentType.MAINLAND_ID:
            return mainland.mask(number)
        case DocumentType.MACAO_ID:
            return macao.mask(number)
        case _:
            return passport.mask(number)


def _check_hkid(text: str) -> CheckedNumber:
    read = hkid.parse(text)
    if isinstance(read, Hkid):
        return CheckedNumber(str(read))
    return CheckedNumber(compact(text), problem=_HKID_PROBLEMS[read])


def _doubted(number: str, usual: bool, warning: Warning) -> CheckedNumber:
    return CheckedNumber(number, warning=None if usual else warning)
