import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.fields import phone
from flows.fields.phone import Phone
from flows.messages import Caution, Problem


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("91234567", "+85291234567"),
        ("9123 4567", "+85291234567"),
        ("９１２３４５６７", "+85291234567"),
        ("2123-4567", "+85221234567"),
        ("31234567", "+85231234567"),
        ("51234567", "+85251234567"),
        ("+852 9123 4567", "+85291234567"),
        ("00852 91234567", "+85291234567"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("001 86 138 0013 8000", "+8613800138000"),
        ("+853 6612 3456", "+85366123456"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+1 (650) 253-0000", "+16502530000"),
        ("001 650 253 0000", "+16502530000"),
    ],
)
def test_numbers_that_can_be_called(typed: str, e164: str) -> None:
    assert phone.parse(typed) == Phone(e164)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("999", Problem.PHONE_SPECIAL),
        ("992", Problem.PHONE_SPECIAL),
        ("1823", Problem.PHONE_SPECIAL),
        ("800 123 456", Problem.PHONE_SPECIAL),
        ("900 12345678", Problem.PHONE_SPECIAL),
        ("+852 800 123 456", Problem.PHONE_SPECIAL),
        ("12345678", Problem.PHONE_INVALID),
        ("9123456", Problem.PHONE_INVALID),
        ("9", Problem.PHONE_INVALID),
        ("+852 1234 5678", Problem.PHONE_INVALID),
        ("6502530000", Problem.PHONE_COUNTRY_CODE),
        ("+999 1234567", Problem.PHONE_COUNTRY_CODE),
        ("+", Problem.PHONE_INVALID),
        ("+0123456789", Problem.PHONE_COUNTRY_CODE),
        ("00", Problem.PHONE_COUNTRY_CODE),
        ("1-800-FLOWERS", Problem.PHONE_INVALID),
        ("91234567 ext 3", Problem.PHONE_INVALID),
        ("٩١٢٣٤٥٦٧", Problem.PHONE_INVALID),
        ("", Problem.PHONE_INVALID),
    ],
)
def test_numbers_to_mend(typed: str, problem: Problem) -> None:
    assert phone.parse(typed) is problem


def test_mainland_mobile_without_its_code_is_read_and_said() -> None:
    assert phone.parse("138 0013 8000") == Phone("+8613800138000", Caution.PHONE_READ_AS_MAINLAND)


def test_a_number_new_to_us_is_doubted_not_refused() -> None:
    assert phone.parse("+49 1") is Problem.PHONE_COUNTRY_CODE
    assert phone.parse("+8612345678901") == Phone("+8612345678901", Caution.PHONE_UNUSUAL)


@given(st.text("+0123456789 ()-./", max_size=30))
def test_what_is_read_can_be_dialled(typed: str) -> None:
    read = phone.parse(typed)
    if isinstance(read, Phone):
        assert read.e164[0] == "+"
        assert 7 <= len(read.e164) - 1 <= 15
        again = phone.parse(read.e164)
        assert isinstance(again, Phone)
        assert again.e164 == read.e164


@given(st.text(max_size=80))
def test_never_raises(typed: str) -> None:
    assert isinstance(phone.parse(typed), Phone | Problem)


@pytest.mark.parametrize(
    ("e164", "masked"),
    [
        ("+85291234567", "9123 ****"),
        ("+8613800138000", "+86 138 ********"),
        ("+442079460018", "+44 207 *******"),
        ("not a number", "****"),
    ],
)
def test_mask(e164: str, masked: str) -> None:
    assert phone.mask(e164) == masked
