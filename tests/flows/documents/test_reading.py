from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import reference
from flows.documents.mrz import Sex
from flows.documents.reading import (
    IamSmartRead,
    IdNumberRead,
    MrzRead,
    Reading,
    ReceiptCodeRead,
    TechnicianPassRead,
    Unreadable,
    UnreadableReason,
    read,
)
from flows.documents.types import DocumentType

TODAY = date(2026, 11, 21)
TD3 = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\r\n"
REFERENCE = reference.compute(528, 7, bytes(32))


def test_passport() -> None:
    assert read(TD3, today=TODAY) == MrzRead(
        document=DocumentType.PASSPORT,
        number="L898902C3",
        surname="ERIKSSON",
        given_names="ANNA MARIA",
        nationality="UTO",
        issuer="UTO",
        birth_date="1974-08-12",
        sex=Sex.FEMALE,
        expiry="2012-04-15",
        all_checks_fit=True,
        names_truncated=False,
    )


def test_a_zone_in_doubt_is_read_and_says_so() -> None:
    zone = read(TD3.replace(b"L898902C3", b"L898903C3"), today=TODAY)
    assert isinstance(zone, MrzRead)
    assert not zone.all_checks_fit


def test_receipt() -> None:
    code = reference.new_receipt_code()
    payload = reference.payload(REFERENCE, code).encode()
    assert read(payload, today=TODAY) == ReceiptCodeRead(REFERENCE, code)


def test_hkid_in_the_form_of_the_card() -> None:
    assert read(b"A123456(3)\r", today=TODAY) == IdNumberRead(DocumentType.HKID, "A123456(3)")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", UnreadableReason.EMPTY),
        (b"\r\n", UnreadableReason.EMPTY),
        (b"A" * 4097, UnreadableReason.TOO_LONG),
        (b"\xff\xfe\x00", UnreadableReason.NOT_TEXT),
        (b"\xed\xa0\x80", UnreadableReason.NOT_TEXT),
        (TD3[:50], UnreadableReason.INCOMPLETE),
        (TD3.replace(b"P<UTO", b"V<UTO"), UnreadableReason.VISA),
        (b"A1234563", UnreadableReason.UNKNOWN),
        (b"A123456(4)", UnreadableReason.UNKNOWN),
        (b"4891028164395", UnreadableReason.UNKNOWN),
        (b"https://example.org/?q=P<UTO", UnreadableReason.UNKNOWN),
        (b"REPORT1:000000000000:AAAAAAAAAA", UnreadableReason.UNKNOWN),
        (b"WIFI:S:x;P:y;;", UnreadableReason.UNKNOWN),
        (b"\x1b@\x1bp0\x00", UnreadableReason.UNKNOWN),
        ("Ａ１２３４５６（３）".encode(), UnreadableReason.UNKNOWN),
        (b"A123456(3)\x1f", UnreadableReason.UNKNOWN),
        (b"KTP1.only", UnreadableReason.UNKNOWN),
        (b"KTP1.a.b.c", UnreadableReason.UNKNOWN),
        (b"ktp1.a.b", UnreadableReason.UNKNOWN),
        (b"KTP1." + b"a" * 300 + b"." + b"b" * 200, UnreadableReason.UNKNOWN),
        (b"KTP1.a b.c", UnreadableReason.UNKNOWN),
        (b"https://iamsmart.gov.hk.example.org/", UnreadableReason.UNKNOWN),
        (b"https://example.org/www.iamsmart.gov.hk", UnreadableReason.UNKNOWN),
        (b"https://a@www.iamsmart.gov.hk/", UnreadableReason.UNKNOWN),
        (b"http://www.iamsmart.gov.hk/", UnreadableReason.UNKNOWN),
        (b"https://www.iamsmart.gov.hk/a b", UnreadableReason.UNKNOWN),
        (b"PARCEL01" * 11, UnreadableReason.UNKNOWN),  # as long as a passport's zone, and of its letters
        (TD3.lower(), UnreadableReason.UNKNOWN),
        (b'{"a":' * 800, UnreadableReason.UNKNOWN),
        (bytes(range(256)) * 28, UnreadableReason.TOO_LONG),
    ],
)
def test_what_is_nothing_of_ours(payload: bytes, reason: UnreadableReason) -> None:
    assert read(payload, today=TODAY) == Unreadable(reason)


def test_a_pass_is_told_by_its_shape_and_no_more() -> None:
    token = "KTP1.eyJraW9zayI6IjAwMDEifQ.c2ln-_bmF0dXJl"
    assert read(token.encode() + b"\r\n", today=TODAY) == TechnicianPassRead(token)


@pytest.mark.parametrize(
    "link",
    [b"https://www.iamsmart.gov.hk/en/", b"https://iamsmart.gov.hk", b"https://api.iamsmart.gov.hk/qr?x=1"],
)
def test_a_link_of_iam_smart_is_told_and_not_kept(link: bytes) -> None:
    assert read(link, today=TODAY) == IamSmartRead()


def test_a_zone_that_fails_two_checks_is_no_zone() -> None:
    one = TD3.replace(b"L898902C36", b"L898902C37")
    assert isinstance(read(one, today=TODAY), MrzRead)
    assert read(one.replace(b"7408122", b"7408123"), today=TODAY) == Unreadable(UnreadableReason.UNKNOWN)


@given(st.binary(max_size=5000))
def test_any_bytes_are_read_or_unreadable(payload: bytes) -> None:
    assert isinstance(read(payload, today=TODAY), Reading)
