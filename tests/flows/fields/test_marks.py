"""Registration marks, accounts, references and codes as visitors type them."""

from datetime import UTC, datetime

import pytest

from flows import reference
from flows.fields.check import Checked, Limits, TextFormat, check
from flows.view import FieldKind

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD_REFERENCE = reference.compute(42, 17, b"k" * 32)


def checked(text: str, text_format: TextFormat) -> Checked:
    return check(FieldKind.TEXT, text, now=NOW, max_length=80, limits=Limits(text_format=text_format))


@pytest.mark.parametrize(
    "mark", ["AB 1234", "ab1234", "1234", "HAPPY 8", "AM 12", "粤ZAB12港", "MA1234", "ＡＢ１２"]
)
def test_usual_marks_pass(mark: str) -> None:
    assert checked(mark, TextFormat.PLATE).warning is None
    assert checked(mark, TextFormat.PLATE).problem is None


@pytest.mark.parametrize("mark", ["ABCDEFGHIJK", "AB-CD/12", "?"])
def test_strange_marks_are_a_warning_only(mark: str) -> None:
    result = checked(mark, TextFormat.PLATE)
    assert result.problem is None
    assert result.warning is not None
    assert result.warning.key == "plate_format"


def test_an_account_is_never_the_number_of_a_card() -> None:
    assert checked("123-456789-001", TextFormat.ACCOUNT) == Checked("123-456789-001")
    assert checked("HK 12 3456", TextFormat.ACCOUNT).warning is not None
    refused = checked("4111 1111 1111 1111", TextFormat.ACCOUNT).problem
    assert refused is not None
    assert refused.key == "card_number"


@pytest.mark.parametrize(
    ("text", "text_format", "kept"),
    [
        (reference.grouped(GOOD_REFERENCE), TextFormat.REFERENCE, GOOD_REFERENCE),
        ("7kq2m-9xwht", TextFormat.RECEIPT_CODE, "7KQ2M9XWHT"),
        ("123 456", TextFormat.CHECK, "123456"),
        ("https://example.org/x?y=1", TextFormat.LINK, "https://example.org/x?y=1"),
    ],
)
def test_codes_are_kept_in_one_form(text: str, text_format: TextFormat, kept: str) -> None:
    assert checked(text, text_format) == Checked(kept)


@pytest.mark.parametrize(
    ("text", "text_format"),
    [
        ("528319476035", TextFormat.REFERENCE),
        ("12", TextFormat.REFERENCE),
        ("7KQ2M9XWH0", TextFormat.RECEIPT_CODE),
        ("12345", TextFormat.CHECK),
        ("abcdef", TextFormat.CHECK),
    ],
)
def test_wrong_codes_must_be_mended_and_stay_to_be_mended(text: str, text_format: TextFormat) -> None:
    result = checked(text, text_format)
    assert result.problem is not None
    assert result.value == text


@pytest.mark.parametrize("text_format", [TextFormat.PLATE, TextFormat.ACCOUNT, TextFormat.IMEI])
def test_what_is_kept_is_never_longer_than_the_field(text_format: TextFormat) -> None:
    limits = Limits(text_format=text_format)
    kept = check(FieldKind.TEXT, "AB 1234 " * 9, now=NOW, max_length=12, limits=limits)
    assert len(str(kept.value)) <= 12
