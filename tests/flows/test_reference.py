from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flows import reference
from flows.reference import ReceiptCode

KEY = bytes(range(32))
sequences = st.integers(0, reference.SEQUENCES - 1)
kiosk_numbers = st.integers(0, 9999)
keys = st.binary(min_size=32, max_size=32)


def test_a_reference_never_changes() -> None:
    """The centre and old receipts know these: another algorithm would give one number to two cases."""
    assert [reference.compute(528, sequence, KEY) for sequence in (0, 1, 2)] == [
        "052848075635",
        "052889568064",
        "052808964653",
    ]


@given(kiosk_numbers, sequences, keys)
def test_form(kiosk: int, sequence: int, key: bytes) -> None:
    digits = reference.compute(kiosk, sequence, key)
    assert len(digits) == 12
    assert digits.startswith(f"{kiosk:04d}")
    assert reference.is_valid(digits)


def test_no_two_cases_share_a_reference() -> None:
    """20,000 in a row and 20,000 spread over all; a Feistel network is a bijection by construction."""
    some = {*range(20_000), *range(0, reference.SEQUENCES, 50)}
    assert len({reference.compute(528, sequence, KEY) for sequence in some}) == len(some)


def test_neighbours_tell_nothing() -> None:
    """Of a thousand steps from case to case few are small, and no step returns often."""
    bodies = [int(reference.compute(528, sequence, KEY)[4:10]) for sequence in range(1000)]
    steps = [abs(after - before) for before, after in pairwise(bodies)]
    assert sum(step < 10_000 for step in steps) < 50
    assert len(set(steps)) > 950


@given(sequences)
def test_another_key_or_kiosk_is_another_order(sequence: int) -> None:
    body = reference.compute(528, sequence, KEY)[4:10]
    others = [reference.compute(528, sequence, bytes(32))[4:10], reference.compute(529, sequence, KEY)[4:10]]
    assume(body not in others)  # one in a million each
    assert len({body, *others}) >= 2


@given(kiosk_numbers, sequences, st.integers(0, 11), st.integers(1, 9))
def test_every_wrong_digit_is_found(kiosk: int, sequence: int, place: int, off: int) -> None:
    digits = reference.compute(kiosk, sequence, KEY)
    wrong = str((int(digits[place]) + off) % 10)
    assert not reference.is_valid(digits[:place] + wrong + digits[place + 1 :])


@given(kiosk_numbers, sequences, st.integers(0, 10))
def test_every_swap_of_neighbours_is_found(kiosk: int, sequence: int, place: int) -> None:
    digits = reference.compute(kiosk, sequence, KEY)
    assume(digits[place] != digits[place + 1])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert not reference.is_valid(swapped)


@pytest.mark.parametrize(
    ("kiosk", "sequence", "key"),
    [
        (-1, 0, KEY),
        (10_000, 0, KEY),
        (0, -1, KEY),
        (0, reference.SEQUENCES, KEY),
        (0, 0, b""),
        (0, 0, KEY[:31]),
    ],
)
def test_no_reference_without_its_parts(kiosk: int, sequence: int, key: bytes) -> None:
    with pytest.raises(ValueError, match=r"kiosk number|sequence|key"):
        reference.compute(kiosk, sequence, key)


@pytest.mark.parametrize(
    "text", ["", "528319476034 ", "5283 1947 6034", "٥٢٨٣١٩٤٧٦٠٣٤", "000000000001", "1" * 13]
)
def test_what_is_no_reference(text: str) -> None:
    assert not reference.is_valid(text)


def test_grouped() -> None:
    assert reference.grouped("528319476034") == "5283 1947 6034"


def test_receipt_codes_are_long_random_and_legible() -> None:
    codes = {reference.new_receipt_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == 10 and not set(code) & set("0O1IL") and code.isascii() for code in codes)


@given(sequences)
def test_payload_round_trip(sequence: int) -> None:
    digits, code = reference.compute(528, sequence, KEY), reference.new_receipt_code()
    assert reference.parse_payload(reference.payload(digits, code)) == ReceiptCode(digits, code)


@given(sequences, st.sampled_from(["https://receipts.example", "https://localhost:8445"]))
def test_a_payload_can_be_an_address_and_is_still_ours(sequence: int, page: str) -> None:
    digits, code = reference.compute(528, sequence, KEY), reference.new_receipt_code()
    payload = reference.payload(digits, code, page)
    assert payload == f"{page.upper()}/R/{digits}-{code}"
    assert reference.parse_payload(payload) == ReceiptCode(digits, code)


@pytest.mark.parametrize(
    "text",
    [
        "HTTP://RECEIPTS.EXAMPLE/R/528319476034-7KQ2M9XWHT",
        "HTTPS://RECEIPTS.EXAMPLE/X/528319476034-7KQ2M9XWHT",
        "HTTPS://RECEIPTS.EXAMPLE/R/528319476035-7KQ2M9XWHT",
        "HTTPS://A@RECEIPTS.EXAMPLE/R/528319476034-7KQ2M9XWHT",
        "HTTPS://RECEIPTS.EXAMPLE/R/528319476034-7KQ2M9XWHT?X",
        "HTTPS:///R/528319476034-7KQ2M9XWHT",
    ],
)
def test_an_address_that_is_not_a_receipt_is_refused(text: str) -> None:
    assert reference.parse_payload(text) is None


@given(st.text())
def test_any_other_payload_is_refused(text: str) -> None:
    assert reference.parse_payload(text) is None
