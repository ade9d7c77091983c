import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.documents import mainland
from flows.documents.numbers import check_number, mask_number
from flows.documents.types import DocumentType
from flows.messages import Caution, Problem


@pytest.mark.parametrize(
    ("document", "typed", "number"),
    [
        (DocumentType.HKID, "a123456 （3）", "A123456(3)"),
        (DocumentType.PASSPORT, "k 1234567", "K1234567"),
        (DocumentType.HOME_RETURN_PERMIT, "h12345678", "H12345678"),
        (DocumentType.HOME_RETURN_PERMIT, "M1234567801", "M1234567801"),
        (DocumentType.HOME_RETURN_PERMIT, "HA1234567", "HA1234567"),
        (DocumentType.EXIT_ENTRY_PERMIT, "C12345678", "C12345678"),
        (DocumentType.EXIT_ENTRY_PERMIT, "CA0000001", "CA0000001"),
        (DocumentType.MAINLAND_ID, "11010519491231002x", "11010519491231002X"),
        (DocumentType.MACAO_ID, "1234567(8)", "1234567(8)"),
        (DocumentType.MACAO_ID, "1/234567/8", "1234567(8)"),
        (DocumentType.OTHER, "zx-9", "ZX9"),
    ],
)
def test_usual_numbers(document: DocumentType, typed: str, number: str) -> None:
    checked = check_number(document, typed)
    assert (checked.number, checked.problem, checked.caution) == (number, None, None)


@pytest.mark.parametrize(
    ("document", "typed", "caution"),
    [
        (DocumentType.PASSPORT, "1234", Caution.PASSPORT_FORMAT),
        (DocumentType.HOME_RETURN_PERMIT, "A12345678", Caution.HOME_RETURN_PERMIT_FORMAT),
        (DocumentType.HOME_RETURN_PERMIT, "H123456789", Caution.HOME_RETURN_PERMIT_FORMAT),
        (DocumentType.EXIT_ENTRY_PERMIT, "CI0000001", Caution.EXIT_ENTRY_PERMIT_FORMAT),
        (DocumentType.EXIT_ENTRY_PERMIT, "CO0000001", Caution.EXIT_ENTRY_PERMIT_FORMAT),
        (DocumentType.MAINLAND_ID, "110105194912310021", Caution.MAINLAND_ID_CHECK_DIGIT),
        (DocumentType.MAINLAND_ID, "110105194913310028", Caution.MAINLAND_ID_FORMAT),
        (DocumentType.MAINLAND_ID, "110105491231002", Caution.MAINLAND_ID_FORMAT),
        (DocumentType.MACAO_ID, "12345678(9)", Caution.MACAO_ID_FORMAT),
    ],
)
def test_travel_documents_are_doubted_never_refused(
    document: DocumentType, typed: str, caution: Caution
) -> None:
    checked = check_number(document, typed)
    assert (checked.problem, checked.caution) == (None, caution)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("A123456(4)", Problem.HKID_CHECK_DIGIT),
        ("A123456", Problem.HKID_CHECK_DIGIT_MISSING),
        ("123", Problem.HKID_FORMAT),
    ],
)
def test_hkid_numbers_must_be_mended(typed: str, problem: Problem) -> None:
    assert check_number(DocumentType.HKID, typed).problem is problem


@pytest.mark.parametrize("document", DocumentType)
def test_a_number_needs_a_letter_or_digit(document: DocumentType) -> None:
    assert check_number(document, " -()- ").problem is Problem.DOCUMENT_CHARACTERS


@given(st.sampled_from(DocumentType), st.text(max_size=40))
def test_any_text_is_only_text(document: DocumentType, text: str) -> None:
    checked = check_number(document, text)
    assert checked.problem is None or isinstance(checked.problem, Problem)
    assert not any(char.isspace() for char in checked.number)


@given(st.from_regex(r"[1-9][0-9]{5}19[5-9][0-9]0[1-9][0-2][1-8][0-9]{3}", fullmatch=True), st.data())
def test_mainland_check_digit_finds_every_wrong_digit(first: str, data: st.DataObject) -> None:
    number = first + mainland.check_digit(first)
    assert mainland.doubt(number) is None
    place = data.draw(st.integers(0, 16))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert mainland.doubt(number[:place] + wrong + number[place + 1 :]) is not None


@pytest.mark.parametrize(
    ("document", "number", "masked"),
    [
        (DocumentType.HKID, "A123456(3)", "A12****(*)"),
        (DocumentType.PASSPORT, "K12345678", "K1*****78"),
        (DocumentType.PASSPORT, "K12345", "******"),
        (DocumentType.HOME_RETURN_PERMIT, "H1234567801", "H1*******01"),
        (DocumentType.MAINLAND_ID, "11010519491231002X", "110*************2X"),
        (DocumentType.MACAO_ID, "1234567(8)", "12*****(*)"),
        (DocumentType.OTHER, "ABCDEFGH", "AB****GH"),
    ],
)
def test_masks(document: DocumentType, number: str, masked: str) -> None:
    assert mask_number(document, number) == masked


@pytest.mark.parametrize("document", DocumentType)
@given(number=st.text("ABCDEFGH0123456789()", min_size=1, max_size=30))
def test_a_mask_hides_at_least_half(document: DocumentType, number: str) -> None:
    shown = sum(char.isalnum() for char in mask_number(document, number))
    assert shown <= max(4, len(number) // 2)
