"""One door to all kinds of document numbers: check what was typed, mask what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.documents import hkid, macao, mainland, passport, permits
from flows.documents.hkid import Hkid, HkidProblem
from flows.documents.mainland import MainlandProblem
from flows.documents.normal import compact
from flows.documents.types import DocumentType
from flows.messages import Caution, Problem

_HKID_PROBLEMS = {
    HkidProblem.FORMAT: Problem.HKID_FORMAT,
    HkidProblem.CHECK_DIGIT_MISSING: Problem.HKID_CHECK_DIGIT_MISSING,
    HkidProblem.CHECK_DIGIT: Problem.HKID_CHECK_DIGIT,
}
_MAINLAND_CAUTIONS = {
    MainlandProblem.FORMAT: Caution.MAINLAND_ID_FORMAT,
    MainlandProblem.CHECK_DIGIT: Caution.MAINLAND_ID_CHECK_DIGIT,
}


@dataclass(frozen=True, slots=True)
class CheckedNumber:
    """A number in its usual form, with what must be mended or may be looked at again."""

    number: str
    problem: Problem | None = None
    caution: Caution | None = None


def check_number(document: DocumentType, text: str) -> CheckedNumber:
    """Check a number as typed. Only an HKID number can be wrong; all others are at most doubted."""
    number = compact(text)
    if not any(char.isalnum() for char in number):
        return CheckedNumber(number, problem=Problem.DOCUMENT_CHARACTERS)
    return _CHECKS[document](number)


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


def _check_hkid(number: str) -> CheckedNumber:
    read = hkid.parse(number)
    if isinstance(read, Hkid):
        return CheckedNumber(str(read))
    return CheckedNumber(number, problem=_HKID_PROBLEMS[read])


def _check_mainland_id(number: str) -> CheckedNumber:
    doubt = mainland.doubt(number)
    return CheckedNumber(number, caution=_MAINLAND_CAUTIONS[doubt] if doubt else None)


def _check_macao_id(number: str) -> CheckedNumber:
    on_card = macao.normalise(number)
    return _doubted_unless(macao.is_usual, Caution.MACAO_ID_FORMAT)(on_card)


def _doubted_unless(is_usual: Callable[[str], bool], caution: Caution) -> Callable[[str], CheckedNumber]:
    return lambda number: CheckedNumber(number, caution=None if is_usual(number) else caution)


_CHECKS: Mapping[DocumentType, Callable[[str], CheckedNumber]] = {
    DocumentType.HKID: _check_hkid,
    DocumentType.PASSPORT: _doubted_unless(passport.is_usual, Caution.PASSPORT_FORMAT),
    DocumentType.HOME_RETURN_PERMIT: _doubted_unless(
        permits.is_home_return_permit, Caution.HOME_RETURN_PERMIT_FORMAT
    ),
    DocumentType.EXIT_ENTRY_PERMIT: _doubted_unless(
        permits.is_exit_entry_permit, Caution.EXIT_ENTRY_PERMIT_FORMAT
    ),
    DocumentType.MAINLAND_ID: _check_mainland_id,
    DocumentType.MACAO_ID: _check_macao_id,
    DocumentType.OTHER: CheckedNumber,
}
