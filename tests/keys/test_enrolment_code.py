"""The code as people type it: what is wrong is said, and what looks alike is read alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.post.enrolment_code import ALPHABET, Code, CodeError, check_character, parse_code

SYMBOLS = "0007" + "4T0RZQ9XKM2P" + "0123456789ABCDEF"
CODE = "0007-4T0R-ZQ9X-KM2P-0123-4567-89AB-CDEF-" + check_character(SYMBOLS)


def test_a_code_says_kiosk_secret_and_centre() -> None:
    assert parse_code(CODE) == Code(7, "4T0RZQ9XKM2P", bytes.fromhex("00443214c74254b635cf"))


@pytest.mark.parametrize(
    "typed",
    [
        CODE.lower(),
        CODE.replace("-", " "),
        CODE.replace("-", ""),
        f"  {CODE}\n",
        CODE.replace("0", "O"),
        CODE.replace("0", "o"),
        CODE.replace("1", "I"),
        CODE.replace("1", "l"),
    ],
)
def test_what_does_not_matter_does_not_matter(typed: str) -> None:
    assert parse_code(typed) == parse_code(CODE)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "too short"),
        (CODE[:-2], "too short: it has 33 characters besides hyphens and spaces, 32 were typed"),
        (CODE + "0", "too long"),
        (CODE.replace("4T0R", "4T0U"), "no U"),
        (CODE.replace("4T0R", "4T0é"), "digits and letters"),
        (CODE.replace("4T0R", "4T0S"), "last character"),
        (CODE.replace("4T0R", "T40R"), "last character"),
        ("A" + SYMBOLS[1:] + check_character("A" + SYMBOLS[1:]), "four digits"),
    ],
)
def test_what_is_wrong_is_said(typed: str, message: str) -> None:
    with pytest.raises(CodeError, match=message) as raised:
        parse_code(typed)
    assert "4T0" not in str(raised.value)


@settings(max_examples=200, deadline=None)
@given(
    body=st.text(st.sampled_from(ALPHABET), min_size=28, max_size=28),
    place=st.integers(0, 27),
    other=st.sampled_from(ALPHABET),
)
def test_one_wrong_character_is_always_noticed(body: str, place: int, other: str) -> None:
    symbols = "0123" + body
    assert parse_code(symbols + check_character(symbols)).kiosk == 123
    wrong = symbols[: 4 + place] + other + symbols[5 + place :]
    if wrong != symbols:
        with pytest.raises(CodeError):
            parse_code(wrong + check_character(symbols))


@settings(max_examples=200, deadline=None)
@given(body=st.text(st.sampled_from(ALPHABET), min_size=28, max_size=28), place=st.integers(0, 26))
def test_two_neighbours_that_changed_places_are_always_noticed(body: str, place: int) -> None:
    symbols = "0123" + body
    one, two = symbols[4 + place], symbols[5 + place]
    wrong = symbols[: 4 + place] + two + one + symbols[6 + place :]
    if one != two:
        with pytest.raises(CodeError):
            parse_code(wrong + check_character(symbols))


def test_the_check_character_is_crockfords() -> None:
    """The five symbols beyond the alphabet stand for 32 to 36."""
    assert [check_character(symbols) for symbols in ("0", "Z", "10", "11", "14", "15")] == list("0Z*~U0")
