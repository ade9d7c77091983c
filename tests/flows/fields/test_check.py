import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.documents.types import DocumentType
from flows.fields.check import MOST_CHARACTERS, Checked, Limits, TextFormat, check
from flows.fields.luhn import fits
from flows.fields.mask import mask
from flows.messages import Caution, Problem
from flows.privacy import VEIL
from flows.view import FieldKind, Message

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=ZoneInfo("Asia/Hong_Kong"))
ANY = Limits(options=("a", "b", "c"))


def asked(kind: FieldKind, value: Any, **rules: Any) -> Checked:
    return check(kind, value, now=NOW, **{"limits": ANY, **rules})


def problem(kind: FieldKind, value: Any, **rules: Any) -> str | None:
    found = asked(kind, value, **rules).problem
    return found.key if found else None


# --- every kind ---


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("empty", ["", "  \u3000\n", "\u200b\u202e\x00", [], {}])
def test_empty_is_a_problem_only_where_an_answer_is_required(kind: FieldKind, empty: Any) -> None:
    assert problem(kind, empty) is None
    assert problem(kind, empty, required=True) is Problem.REQUIRED
    assert asked(kind, empty).value in ("", [], {})


values = st.one_of(
    st.text(),
    st.booleans(),
    st.integers(),
    st.lists(st.text(max_size=5)),
    st.dictionaries(
        st.sampled_from(["certainty", "date", "time", "until_date", "until_time", "x"]),
        st.sampled_from(
            ["exact", "between", "unknown", "2026-11-20", "2026-13-01", "10:00", "25:00", "\ud800"]
        ),
    ),
    st.floats(),
    st.none(),
    st.dictionaries(st.integers(), st.lists(st.none())),
)


@given(st.sampled_from(FieldKind), values, st.sampled_from([None, *DocumentType]), st.booleans())
def test_never_raises_and_keeps_only_what_can_be_stored(
    kind: FieldKind, value: Any, document: DocumentType | None, required: bool
) -> None:
    checked = asked(kind, value, document=document, required=required)
    assert isinstance(checked.value, str | bool | int | list | dict)
    json.dumps(checked.value, ensure_ascii=False).encode()  # fails on half characters
    if checked.problem is None:
        assert asked(kind, checked.value, document=document).problem is None
        mask(kind, checked.value, document).encode()


# --- texts ---


def test_text_is_kept_as_typed() -> None:
    typed = "<b>黑色銀包</b>\x1b@\u202e🧳"
    assert asked(FieldKind.TEXT, typed, max_length=80) == Checked(typed)


def test_text_is_bounded_and_says_so() -> None:
    checked = asked(FieldKind.LONG_TEXT, "字" * 10_000, max_length=500)
    assert checked == Checked("字" * 500, warning=Message(Caution.TEXT_CUT, {"maximum": "500"}))
    assert len(str(checked.value).encode()) <= 4 * 500
    assert len(str(asked(FieldKind.TEXT, "x" * 10_000).value)) == MOST_CHARACTERS


def test_half_characters_are_replaced() -> None:
    assert asked(FieldKind.TEXT, "a\udfffb").value == "a\ufffdb"


@pytest.mark.parametrize(
    ("typed", "value", "caution"),
    [
        ("49-015420-323751-8", "490154203237518", None),
        ("49015420323751", "49015420323751", None),
        ("4901542032375101", "4901542032375101", None),
        ("490154203237519", "490154203237519", Caution.IMEI_CHECK_DIGIT),
        ("4901542", "4901542", Caution.IMEI_LENGTH),
        ("abc", "ABC", Caution.IMEI_LENGTH),
    ],
)
def test_imei(typed: str, value: str, caution: Caution | None) -> None:
    checked = asked(FieldKind.TEXT, typed, limits=Limits(text_format=TextFormat.IMEI))
    assert (checked.value, checked.problem) == (value, None)
    assert (checked.warning.key if checked.warning else None) == caution


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.LONG_TEXT])
@pytest.mark.parametrize(
    "text",
    [  # numbers that the networks give away for tests
        "4111111111111111",
        "Visa 4111 1111 1111 1111, blue",
        "5555-5555-5555-4444",
        "amex:3782 822463 10005.",
        "3530.1113.3330.0000",
        "305693 0902 5904",
        "4222222222222",
        "UnionPay 6200000000000005",
        "卡號４１１１　１１１１　１１１１　１１１１",
        "2223 0031 2200 3222",
        "91234567 4111111111111111",
        "4111\u20141111\u20141111\u20141111",
    ],
)
def test_the_number_of_a_card_is_to_be_left_out_of_a_text(kind: FieldKind, text: str) -> None:
    assert asked(kind, text) == Checked(text, Message(Problem.CARD_NUMBER))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # a wrong check digit
        "card ending in 1111",
        "9123 4567 or 6123 4567",
        "+852 9123 4567",
        "+86 138 1234 5678",
        "IMEI 490154203237518",
        "IMEI 35-209900-176148-1",
        "44111111111111111119",  # longer than any card
        "2026-11-21 14:30, 3 keys",
        "4,111,111,111,111,111",
        "MTR 20261121143055",
    ],
)
def test_other_numbers_stay_in_a_text(text: str) -> None:
    assert asked(FieldKind.TEXT, text) == Checked(text)


def test_a_cut_text_still_holds_no_card() -> None:
    assert problem(FieldKind.TEXT, "x" * 50 + " 4111111111111111", max_length=60) is None
    assert problem(FieldKind.TEXT, "4111111111111111 " + "x" * 50, max_length=60) is Problem.CARD_NUMBER


@given(st.from_regex(r"[0-9]{15}", fullmatch=True), st.integers(0, 14), st.integers(1, 9))
def test_luhn_finds_every_wrong_digit(digits: str, place: int, off: int) -> None:
    damaged = digits[:place] + str((int(digits[place]) + off) % 10) + digits[place + 1 :]
    assert not (fits(digits) and fits(damaged))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("chan@example.com", "chan@example.com"),
        (" Chan.Tai-Man+kiosk@Example.COM ", "Chan.Tai-Man+kiosk@example.com"),
        ("陳@例子.香港", "陳@例子.香港"),
        ("ａ＠example.com", "a@example.com"),
    ],
)
def test_email(typed: str, value: str) -> None:
    assert asked(FieldKind.EMAIL, typed) == Checked(value)


@pytest.mark.parametrize(
    "typed",
    ["a", "a@b", "@b.hk", "a@@b.hk", "a@.hk", "a@b..hk", "a.@b.hk", "a b@c.hk", "a@-b.hk", "a@b.hk>", "a@b.1",
     "a\x00@b.hk", "a" * 65 + "@b.hk", "a@" + "b." * 150 + "hk"],
)  # fmt: skip
def test_what_is_no_email(typed: str) -> None:
    assert problem(FieldKind.EMAIL, typed) == Problem.EMAIL_INVALID


def test_a_slip_in_a_common_domain_is_only_asked_about() -> None:
    checked = asked(FieldKind.EMAIL, "chan@gmial.com")
    assert checked == Checked(
        "chan@gmial.com", warning=Message(Caution.EMAIL_TYPO, {"suggestion": "chan@gmail.com"})
    )
    assert asked(FieldKind.EMAIL, "chan@yahoo.com").warning is None


# --- numbers ---


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1200", "1200"),
        ("HK$1,200.50", "1200.50"),
        ("１２００", "1200"),
        ("$ 3", "3"),
        ("20元", "20"),
        ("0", "0"),
        ("1.5", "1.50"),
        ("350.", "350"),
        (".05", "0.05"),
        ("3.500", "3.50"),
    ],
)
def test_money(typed: str, value: str) -> None:
    assert asked(FieldKind.MONEY, typed) == Checked(value)


@pytest.mark.parametrize(
    "typed", ["1,20", "1.200,50", ".", "1..5", "1.2.3", "ten", "-5", "1e9", "1,2,3", "$$5", "٣"]
)
def test_money_is_never_guessed(typed: str) -> None:
    assert problem(FieldKind.MONEY, typed) == Problem.MONEY_INVALID


def test_only_coins_have_more_than_cents() -> None:
    coins = Limits(places=8)
    too_many = Message(Problem.MONEY_PLACES, {"places": "2"})
    assert asked(FieldKind.MONEY, "1.234") == Checked("1.234", too_many)
    assert asked(FieldKind.MONEY, "0.00012345", limits=coins) == Checked("0.00012345")
    assert asked(FieldKind.MONEY, "0.5", limits=coins) == Checked("0.50")
    assert problem(FieldKind.MONEY, "0.123456789", limits=coins) == Problem.MONEY_PLACES


def test_bounds() -> None:
    few = Limits(minimum=1, maximum=20)
    assert asked(FieldKind.NUMBER, "２０", limits=few) == Checked(20)
    assert asked(FieldKind.NUMBER, 3, limits=few) == Checked(3)
    assert asked(FieldKind.NUMBER, "0", limits=few).problem == Message(
        Problem.NUMBER_TOO_SMALL, {"minimum": "1"}
    )
    assert asked(FieldKind.NUMBER, "21", limits=few).problem == Message(
        Problem.NUMBER_TOO_LARGE, {"maximum": "20"}
    )
    assert asked(FieldKind.MONEY, "9" * 12).problem == Message(
        Problem.NUMBER_TOO_LARGE, {"maximum": "999,999,999"}
    )
    assert problem(FieldKind.NUMBER, "2.5") == Problem.NUMBER_INVALID
    assert problem(FieldKind.NUMBER, "-1") == Problem.NUMBER_TOO_SMALL
    assert problem(FieldKind.NUMBER, True) == Problem.NUMBER_INVALID  # noqa: FBT003  the value under test


@pytest.mark.parametrize(
    ("typed", "value", "key"),
    [
        ("1234", "1234", None),
        ("１２３４", "1234", None),
        ("12 34", "1234", None),
        ("123", "123", Problem.LAST_FOUR_INVALID),
        ("12a4", "12a4", Problem.LAST_FOUR_INVALID),
        ("12345", "", Problem.LAST_FOUR_TOO_MANY),
        ("4111 1111 1111 1111", "", Problem.LAST_FOUR_TOO_MANY),
        ("4111-1111-1111-1111" * 9, "", Problem.LAST_FOUR_TOO_MANY),
    ],
)
def test_no_more_of_a_card_than_four_digits_is_kept(typed: str, value: str, key: Problem | None) -> None:
    checked = asked(FieldKind.LAST_FOUR, typed)
    assert (checked.value, checked.problem.key if checked.problem else None) == (value, key)


# --- choices ---


def test_choices() -> None:
    assert asked(FieldKind.CHOICE, "a") == Checked("a")
    assert asked(FieldKind.YES_NO, "b") == Checked("b")
    assert problem(FieldKind.CHOICE, "z") == Problem.NOT_AN_OPTION
    assert problem(FieldKind.CHOICE, ["a"]) == Problem.NOT_AN_OPTION
    assert asked(FieldKind.MULTI_CHOICE, ["c", "a", "c"]) == Checked(["a", "c"])
    assert asked(FieldKind.MULTI_CHOICE, ["a", "z"]) == Checked(["a"], Message(Problem.NOT_AN_OPTION))
    assert problem(FieldKind.MULTI_CHOICE, "a") == Problem.NOT_AN_OPTION


# --- documents and telephones ---


def test_documents() -> None:
    hkid = DocumentType.HKID
    assert asked(FieldKind.DOCUMENT, "a1234563", document=hkid) == Checked("A123456(3)")
    assert problem(FieldKind.DOCUMENT, "a1234564", document=hkid) == Problem.HKID_CHECK_DIGIT
    doubted = asked(FieldKind.DOCUMENT, "X1", document=DocumentType.PASSPORT)
    assert doubted == Checked("X1", warning=Message(Caution.PASSPORT_FORMAT))
    assert asked(FieldKind.DOCUMENT, "anything 1") == Checked("ANYTHING1")
    assert len(str(asked(FieldKind.DOCUMENT, "9" * 5000).value)) <= 80


def test_phone() -> None:
    assert asked(FieldKind.PHONE, "9123 4567") == Checked("+85291234567")
    assert problem(FieldKind.PHONE, "999") == Problem.PHONE_SPECIAL


# --- dates ---


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("2026-11-21", None),
        ("2024-02-29", None),
        ("1900-01-01", None),
        ("2026-02-31", Problem.DATE_INVALID),
        ("2025-02-29", Problem.DATE_INVALID),
        ("2026-11-22", Problem.DATE_FUTURE),
        ("1899-12-31", Problem.DATE_TOO_EARLY),
        ("20261121", Problem.DATE_INVALID),
        ("2026-W47-6", Problem.DATE_INVALID),
        ("２０２６-11-21", Problem.DATE_INVALID),
        ("21/11/2026", Problem.DATE_INVALID),
    ],
)
def test_dates(typed: str, key: Problem | None) -> None:
    assert problem(FieldKind.DATE, typed) == key


def test_dates_with_limits() -> None:
    ahead = Limits(earliest=NOW.date(), latest=date(2027, 11, 21))
    assert problem(FieldKind.DATE, "2026-12-24", limits=ahead) is None
    assert asked(FieldKind.DATE, "2026-11-20", limits=ahead).problem == Message(
        Problem.DATE_TOO_EARLY, {"earliest": "2026-11-21"}
    )
    assert asked(FieldKind.DATE, "2028-01-01", limits=ahead).problem == Message(
        Problem.DATE_TOO_LATE, {"latest": "2027-11-21"}
    )


def when(certainty: str, *parts: str) -> dict[str, str]:
    return {"certainty": certainty} | dict(
        zip(("date", "time", "until_date", "until_time"), parts, strict=False)
    )


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (when("unknown"), when("unknown")),
        (when("unknown", "2026-11-20", "10:00"), when("unknown")),
        (when("exact", "2026-11-20"), when("exact", "2026-11-20", "")),
        (when("exact", "2026-11-21", "14:30"), when("exact", "2026-11-21", "14:30")),
        (when("exact", "2026-11-20", "10:00", "2026-11-21", "x"), when("exact", "2026-11-20", "10:00")),
        (
            when("between", "2026-11-20", "10:00", "", "11:00"),
            when("between", "2026-11-20", "10:00", "2026-11-20", "11:00"),
        ),
        (
            when("between", "2026-11-20", "23:00", "2026-11-21", "01:00"),
            when("between", "2026-11-20", "23:00", "2026-11-21", "01:00"),
        ),
        (
            when("between", "2026-11-20", "23:00", "2026-11-20"),
            when("between", "2026-11-20", "23:00", "2026-11-20", ""),
        ),
        (
            when("between", "2026-11-20", "10:00", "2026-11-20", "10:00"),
            when("between", "2026-11-20", "10:00", "2026-11-20", "10:00"),
        ),
    ],
)
def test_moments(value: dict[str, str], kept: dict[str, str]) -> None:
    assert asked(FieldKind.WHEN, value) == Checked(kept)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (when("exact", "2026-11-21", "14:31"), Problem.TIME_FUTURE),
        (when("exact", "2026-11-22"), Problem.DATE_FUTURE),
        (when("exact", "2026-11-20", "24:00"), Problem.TIME_INVALID),
        (when("exact", "2026-11-20", "9:00"), Problem.TIME_INVALID),
        (when("exact", "2026-02-30"), Problem.DATE_INVALID),
        (when("exact"), Problem.REQUIRED),  # the day is yet to be chosen: nothing is wrong
        (when("maybe", "2026-11-20"), Problem.DATE_INVALID),
        ({"date": "2026-11-20"}, Problem.DATE_INVALID),
        (when("between", "2026-11-20", "11:00", "2026-11-20", "10:59"), Problem.WHEN_ORDER),
        (when("between", "2026-11-20", "", "2026-11-19"), Problem.WHEN_ORDER),
        (when("between", "2026-11-20", "", "2026-11-22"), Problem.DATE_FUTURE),
        ("yesterday", Problem.DATE_INVALID),
    ],
)
def test_moments_to_mend(value: Any, key: Problem) -> None:
    assert problem(FieldKind.WHEN, value) == key


# --- masks ---


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        (FieldKind.TEXT, "陳大文", "陳**"),
        (FieldKind.TEXT, "Chan Tai Man", "C**"),
        (FieldKind.TEXT, "\u202eChan", "C**"),
        (FieldKind.PHONE, "+85291234567", "9123 ****"),
        (FieldKind.EMAIL, "chan@example.com", "c***@example.com"),
        (FieldKind.DATE, "1980-01-01", "**"),
        (FieldKind.TEXT, "", ""),
        (FieldKind.WHEN, {"certainty": "exact", "date": "2026-11-20"}, "**"),
    ],
)
def test_masks(kind: FieldKind, value: Any, masked: str) -> None:
    assert mask(kind, value) == masked


def test_document_mask() -> None:
    assert mask(FieldKind.DOCUMENT, "A123456(3)", DocumentType.HKID) == "A12****(*)"


def test_every_mask_is_made_of_one_sign() -> None:
    """A column of answers with stars of two kinds looks broken, in either script."""
    typed = {FieldKind.PHONE: ("+85291234567", "+8613800138000", "?"), FieldKind.EMAIL: ("chan@example.com",)}
    masked = [mask(kind, value) for kind in FieldKind for value in typed.get(kind, ("CHAN", "陳大文"))]
    masked += [mask(FieldKind.DOCUMENT, "A1234567", each) for each in DocumentType]
    assert all(VEIL in each for each in masked)
    assert not set("".join(masked)) & set("＊•●○×")
