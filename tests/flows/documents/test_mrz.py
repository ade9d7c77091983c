from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.documents import mrz
from flows.documents.mrz import Mrz, MrzFormat, MrzPart, MrzProblem, Sex
from flows.documents.types import DocumentType

TODAY = date(2026, 11, 21)

# ICAO Doc 9303 parts 4, 5, 6, and 11 (long number).
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD1_LONG = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"


def read(text: str, today: date = TODAY) -> Mrz:
    zone = mrz.parse(text, today=today)
    assert isinstance(zone, Mrz), zone
    return zone


def with_digits(*parts: str) -> str:
    """Each part with its check digit."""
    return "".join(part + mrz.check_digit(part) for part in parts)


def passport(
    number: str = "K00000000", birth: str = "800101", expiry: str = "300101", names: str = "CHAN<<TAI<MAN"
) -> str:
    number_field, birth_field, expiry_field = (with_digits(part) for part in (number, birth, expiry))
    optional = "<" * 14 + "0"
    composite = mrz.check_digit(number_field + birth_field + expiry_field + optional)
    return f"P<UTO{names:<<39}\n{number_field}UTO{birth_field}F{expiry_field}{optional}{composite}"


def card(code: str, issuer: str, number: str) -> str:
    birth, expiry = with_digits("800101"), with_digits("300101")
    if len(number) > 9:
        upper = f"{number[:9]}<{number[9:]}{mrz.check_digit(number)}"
    else:
        upper = with_digits(f"{number:<<9}")
    first = f"{code}{issuer}{upper:<<25}"
    composite = mrz.check_digit(first[5:] + birth + expiry + "<" * 11)
    return f"{first}\n{birth}M{expiry}{issuer}{'<' * 11}{composite}\n{'CHAN<<TAI<MAN':<<30}"


def exit_entry_permit(number: str = "CA0000001") -> str:
    parts = [with_digits(part) for part in (number, "300101", "800101")]
    return f"CS{'<'.join(parts)}<{mrz.check_digit(''.join(parts))}"


@pytest.mark.parametrize(
    ("text", "layout", "document", "number", "optional"),
    [
        (TD3, MrzFormat.TD3, DocumentType.PASSPORT, "L898902C3", "ZE184226B"),
        (TD2, MrzFormat.TD2, DocumentType.OTHER, "D23145890", ""),
        (TD1, MrzFormat.TD1, DocumentType.OTHER, "D23145890", ""),
    ],
)
def test_specimens(text: str, layout: MrzFormat, document: DocumentType, number: str, optional: str) -> None:
    zone = read(text)
    assert (zone.all_checks_fit, zone.repaired) == (True, ())
    assert (zone.format, zone.document, zone.number, zone.optional) == (layout, document, number, optional)
    assert (zone.surname, zone.given_names, zone.names_truncated) == ("ERIKSSON", "ANNA MARIA", False)
    assert (zone.issuer, zone.nationality, zone.sex) == ("UTO", "UTO", Sex.FEMALE)
    assert (zone.birth_date, zone.expiry) == ("1974-08-12", "2012-04-15")


def test_numbers_longer_than_nine_go_on_in_the_optional_data() -> None:
    zone = read(TD1_LONG)
    assert zone.all_checks_fit
    assert (zone.number, zone.optional) == ("D23145890734", "")


def test_long_numbers_of_td2() -> None:
    birth, expiry = with_digits("740812"), with_digits("300101")
    tail = f"7349{'<' * 3}"
    composite = mrz.check_digit("D23145890<" + birth + expiry + tail)
    zone = read(f"I<UTO{'STEVENSON<<PETER':<<31}\nD23145890<UTO{birth}M{expiry}{tail}{composite}")
    assert (zone.number, zone.all_checks_fit) == ("D23145890734", True)


@pytest.mark.parametrize(
    "text",
    [
        TD3.replace("\n", ""),
        TD3.replace("\n", "\r\n") + "\r\n",
        TD3.lower(),
        f"  {TD3}  ",
        TD3.replace("<", "＜"),
        TD3.replace("<" * 19, "", 1),
        "\n\n".join(TD3.split("\n")),
    ],
)
def test_ways_a_scanner_may_send_it(text: str) -> None:
    assert read(text) == read(TD3)


def test_lines_may_come_one_by_one() -> None:
    assert mrz.parse(TD1.splitlines(), today=TODAY) == read(TD1)


@pytest.mark.parametrize("number", ["H12345678", "M12345678", "HA1234567", "H1234567801"])
@pytest.mark.parametrize("code", ["C<", "CR"])
def test_home_return_permits(code: str, number: str) -> None:
    zone = read(card(code, "CHN", number))
    assert (zone.document, zone.number, zone.doubts) == (DocumentType.HOME_RETURN_PERMIT, number, ())


@pytest.mark.parametrize("number", ["C12345678", "CA0000001"])
def test_exit_entry_permits(number: str) -> None:
    zone = read(exit_entry_permit(number))
    assert (zone.document, zone.number, zone.doubts) == (DocumentType.EXIT_ENTRY_PERMIT, number, ())
    assert (zone.birth_date, zone.expiry, zone.surname) == ("1980-01-01", "2030-01-01", "")


def test_exit_entry_permit_finds_every_wrong_digit() -> None:
    good = exit_entry_permit()
    for place in [*range(4, 12), *range(13, 20), *range(21, 28)]:
        wrong = str((int(good[place]) + 1) % 10)
        assert read(good[:place] + wrong + good[place + 1 :]).doubts


def test_other_cards_are_not_taken_for_permits() -> None:
    assert read(card("C<", "UTO", "H12345678")).document is DocumentType.OTHER
    assert read(card("CT", "CHN", "12345678")).document is DocumentType.OTHER


# --- misread characters ---


@pytest.mark.parametrize(
    ("good", "misread", "part"),
    [
        ("L898902C3", "L8989O2C3", MrzPart.NUMBER),
        ("L898902C3", "L89B902C3", MrzPart.NUMBER),
        ("L898902C3", "L8989OZC3", MrzPart.NUMBER),
        ("7408122F", "74O8122F", MrzPart.BIRTH_DATE),
        ("7408122F", "74081Z2F", MrzPart.BIRTH_DATE),
        ("1204159Z", "I2O4I59Z", MrzPart.EXPIRY),
        ("1204159Z", "120415gZ", None),
        ("ZE184226B", "ZEI84226B", MrzPart.OPTIONAL),
    ],
)
def test_misread_characters_are_mended_where_the_check_digit_agrees(
    good: str, misread: str, part: MrzPart | None
) -> None:
    zone = read(TD3.replace(good, misread))
    if part is None:
        assert zone.doubts
        return
    assert (zone.doubts, zone.repaired) == ((), (part,))
    assert (zone.number, zone.birth_date, zone.expiry) == ("L898902C3", "1974-08-12", "2012-04-15")


def test_a_mended_number_is_never_called_sure() -> None:
    assert not read(TD3.replace("L898902C3", "L8989O2C3")).all_checks_fit
    assert read(TD3.replace("7408122F", "74O8122F")).all_checks_fit


def test_a_letter_at_the_start_may_be_read_as_a_digit() -> None:
    zone = read(passport("S32345674").replace("S32345674", "532345674"))
    assert (zone.number, zone.repaired) == ("S32345674", (MrzPart.NUMBER,))


def test_a_number_that_could_have_been_several_is_not_guessed() -> None:
    # Either B, at places of the same weight, may be the misread 8.
    zone = read(passport("K34B44844").replace("K34B44844", "K34B44B44"))
    assert (zone.number, zone.doubts) == ("K34B44B44", (MrzPart.NUMBER, MrzPart.COMPOSITE))


def test_names_and_countries_are_never_mended() -> None:
    zone = read(TD3.replace("ERIKSSON", "ER1K55ON"))
    assert (zone.surname, zone.repaired) == ("ER1K55ON", ())


def test_a_wrong_digit_is_doubted_and_kept_as_read() -> None:
    zone = read(TD3.replace("L898902C36", "L898903C36"))
    assert zone.number == "L898903C3"
    assert set(zone.doubts) == {MrzPart.NUMBER, MrzPart.COMPOSITE}


def test_the_composite_digit_finds_what_stands_alone() -> None:
    assert read(TD1.replace("UTO<<<<<<<<<<<6", "UTO<<<<<<<<<<<7")).doubts == (MrzPart.COMPOSITE,)
    assert read(TD2.replace("9<<<<<<<6", "9B<<<<<<6")).doubts == (MrzPart.COMPOSITE,)


@given(st.sampled_from([TD1, TD2, TD3]), st.data())
def test_every_wrong_checked_digit_is_doubted(text: str, data: st.DataObject) -> None:
    """Digits only: a letter of the same value modulo ten passes ICAO's check by design."""
    *lines, _names = [*reversed(text.split("\n"))] if text is not TD1 else text.split("\n")
    line = lines[-1] if text is TD1 else lines[0]
    skipped = 18 if text is TD1 else 14
    places = [place for place, char in enumerate(line[:28]) if char.isdigit() and place != skipped]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([digit for digit in "3467" if digit != line[place]]))
    zone = read(text.replace(line, line[:place] + wrong + line[place + 1 :]))
    assert not zone.all_checks_fit


@given(
    st.text("ABCDEFGHJKLMNPQRTUVWXY3467", min_size=9, max_size=9),
    st.dates(TODAY - timedelta(days=36_000), TODAY),
    st.dates(TODAY - timedelta(days=3_000), TODAY + timedelta(days=7_000)),
)
def test_round_trip(number: str, birth: date, expiry: date) -> None:
    zone = read(passport(number, f"{birth:%y%m%d}", f"{expiry:%y%m%d}"))
    assert zone.doubts == ()
    assert (zone.number, zone.birth_date, zone.expiry) == (number, birth.isoformat(), expiry.isoformat())


# --- dates and names ---


@pytest.mark.parametrize(
    ("digits", "birth"),
    [
        ("261121", "2026-11-21"),
        ("261122", "1926-11-22"),
        ("270101", "1927-01-01"),
        ("000229", "2000-02-29"),
        ("74<<<<", "1974"),
        ("7408<<", "1974-08"),
        ("<<<<<<", ""),
    ],
)
def test_births_are_past(digits: str, birth: str) -> None:
    zone = read(passport(birth=digits))
    assert (zone.birth_date, zone.doubts) == (birth, ())


@pytest.mark.parametrize(
    ("digits", "expiry"), [("360101", "2036-01-01"), ("991231", "1999-12-31"), ("751231", "2075-12-31")]
)
def test_expiries_lie_around_today(digits: str, expiry: str) -> None:
    assert read(passport(expiry=digits)).expiry == expiry


def test_today_may_be_a_leap_day() -> None:
    assert read(passport(), today=date(2028, 2, 29)).expiry == "2030-01-01"


@pytest.mark.parametrize("digits", ["740231", "741301", "740800"])
def test_days_that_never_were_are_doubted(digits: str) -> None:
    zone = read(passport(birth=digits))
    assert (zone.birth_date, zone.doubts) == ("", (MrzPart.BIRTH_DATE,))


def test_names_that_fill_the_line_may_be_longer() -> None:
    zone = read(passport(names="PAPANDROPOULOUS<<JONATHON<ALEXANDERTHEG"))
    assert zone.names_truncated
    assert zone.given_names == "JONATHON ALEXANDERTHEG"


def test_a_person_may_have_one_name() -> None:
    zone = read(passport(names="ARKFREITH"))
    assert (zone.surname, zone.given_names) == ("ARKFREITH", "")


# --- not a zone ---


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", MrzProblem.NOT_MRZ),
        ("https://example.org", MrzProblem.NOT_MRZ),
        ("A" * 88, None),
        ("P<UTOERIKSSON<<ANNA", MrzProblem.INCOMPLETE),
        (TD3[:60], MrzProblem.INCOMPLETE),
        (TD3.replace("P<UTO", "V<UTO"), MrzProblem.VISA),
        ("<" * 5000, MrzProblem.NOT_MRZ),
        (TD3.replace("A", "Ä"), MrzProblem.NOT_MRZ),
    ],
)
def test_other_texts(text: str, problem: MrzProblem | None) -> None:
    zone = mrz.parse(text, today=TODAY)
    if problem is None:
        assert isinstance(zone, Mrz)
        assert not zone.all_checks_fit
    else:
        assert zone is problem


@given(st.text("ABO01Z258<P\n ", max_size=100))
def test_never_raises(text: str) -> None:
    zone = mrz.parse(text, today=TODAY)
    assert isinstance(zone, Mrz | MrzProblem)


@given(st.lists(st.text("OIBSZ01852<AC", min_size=30, max_size=30), min_size=3, max_size=3))
def test_no_zone_of_lookalikes_raises(lines: list[str]) -> None:
    assert isinstance(mrz.parse(lines, today=TODAY), Mrz | MrzProblem)
