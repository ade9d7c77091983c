import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows.documents import hkid
from flows.documents.hkid import Hkid, HkidProblem

VECTORS = ["A123456(3)", "AB123456(9)", "AB987654(3)", "E364912(5)", "G123456(A)", "L555555(0)"]

letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=2)
six_digits = st.text("0123456789", min_size=6, max_size=6)


@pytest.mark.parametrize("number", VECTORS)
def test_vectors(number: str) -> None:
    assert str(hkid.parse(number)) == number


@pytest.mark.parametrize(
    "typed",
    [
        "a123456(3)",
        "A1234563",
        " A 123456 (3) ",
        "Ａ１２３４５６（３）",
        "A123456-3",
        "a\u200b123456(3)",
        "A１23456（3）",
    ],
)
def test_any_way_to_type_it(typed: str) -> None:
    assert str(hkid.parse(typed)) == "A123456(3)"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("A123456(9)", HkidProblem.CHECK_DIGIT),  # what code that leaves out the leading space computes
        ("G123456(X)", HkidProblem.FORMAT),
        ("A123456", HkidProblem.CHECK_DIGIT_MISSING),
        ("AB123456", HkidProblem.CHECK_DIGIT_MISSING),
        ("A12345(3)", HkidProblem.FORMAT),
        ("ABC123456(3)", HkidProblem.FORMAT),
        ("1234567(3)", HkidProblem.FORMAT),
        ("A123456(3", HkidProblem.FORMAT),
        ("A123456(3)\x00;DROP", HkidProblem.FORMAT),
        ("A١٢٣٤٥٦(3)", HkidProblem.FORMAT),
        ("ß123456(3)", HkidProblem.FORMAT),
        ("", HkidProblem.FORMAT),
    ],
)
def test_what_is_wrong(typed: str, problem: HkidProblem) -> None:
    assert hkid.parse(typed) is problem


@given(letters, six_digits)
def test_round_trip(start: str, digits: str) -> None:
    number = Hkid(start, digits, hkid.check_digit(start, digits))
    assert hkid.parse(str(number)) == number


@given(letters, six_digits, st.integers(0, 5), st.integers(1, 9))
def test_every_wrong_digit_is_found(start: str, digits: str, place: int, off: int) -> None:
    wrong = str((int(digits[place]) + off) % 10)
    damaged = digits[:place] + wrong + digits[place + 1 :]
    assert hkid.parse(f"{start}{damaged}({hkid.check_digit(start, digits)})") is HkidProblem.CHECK_DIGIT


@given(letters, six_digits, st.integers(0, 4))
def test_every_swap_of_neighbours_is_found(start: str, digits: str, place: int) -> None:
    assume(digits[place] != digits[place + 1])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert hkid.parse(f"{start}{swapped}({hkid.check_digit(start, digits)})") is HkidProblem.CHECK_DIGIT


@given(st.text())
def test_any_text_is_only_text(text: str) -> None:
    read = hkid.parse(text)
    assert isinstance(read, HkidProblem | Hkid)


@pytest.mark.parametrize(
    ("number", "masked"), [("A123456(3)", "A12****(*)"), ("AB123456(9)", "AB12****(*)"), ("???", "****(*)")]
)
def test_mask(number: str, masked: str) -> None:
    assert hkid.mask(number) == masked
