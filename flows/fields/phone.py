"""Telephone numbers: Hong Kong's without a code, everybody's with one; stored as E.164."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from flows.messages import Caution, Problem
from flows.privacy import VEIL

_TYPED = re.compile(r"\+?[0-9 ()./-]+")
_MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HONG_KONG = "HK"
_HONG_KONG_CODE = 852
_HONG_KONG_DIGITS = 8
# An officer cannot call a person back on these.
_SPECIAL_TYPES = (PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be called, as E.164, with what the visitor may look at again."""

    e164: str
    caution: Caution | None = None


def parse(text: str) -> Phone | Problem:
    """Read a number as typed.

    Eight digits are Hong Kong's, eleven that begin with 13 to 19 the Mainland's; all others need a code.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not _TYPED.fullmatch(typed):
        return Problem.PHONE_INVALID
    digits = re.sub(r"[^+0-9]", "", typed)
    if digits.startswith("+"):
        return _international(digits)
    if digits.startswith("00"):
        return _dialled_abroad(digits)
    if _MAINLAND_MOBILE.fullmatch(digits):
        return Phone(f"+86{digits}", Caution.PHONE_READ_AS_MAINLAND)
    return _hong_kong(digits)


def mask(e164: str) -> str:
    """`9123 ****` for Hong Kong; elsewhere the code and the first three digits."""
    number = _number(e164)
    if number is None:
        return 4 * VEIL
    national = e164.removeprefix(f"+{number.country_code}")
    if number.country_code == _HONG_KONG_CODE:
        return f"{national[:4]} {VEIL * len(national[4:])}"
    return f"+{number.country_code} {national[:3]} {VEIL * len(national[3:])}"


def _hong_kong(digits: str) -> Phone | Problem:
    number = _number(digits)
    if number is not None and phonenumbers.is_valid_number(number):
        return Problem.PHONE_SPECIAL if _is_special(number) else Phone(_e164(number))
    if len(digits) > _HONG_KONG_DIGITS:
        return Problem.PHONE_COUNTRY_CODE
    return Problem.PHONE_SPECIAL if _is_short(digits) else Problem.PHONE_INVALID


def _international(digits: str) -> Phone | Problem:
    number = _number(digits)
    if number is None or not _E164.fullmatch(digits):
        return Problem.PHONE_COUNTRY_CODE
    if phonenumbers.is_valid_number(number):
        return Problem.PHONE_SPECIAL if _is_special(number) else Phone(_e164(number))
    if number.country_code == _HONG_KONG_CODE:
        return _hong_kong(digits.removeprefix(f"+{_HONG_KONG_CODE}"))
    return Phone(digits, Caution.PHONE_UNUSUAL)


def _dialled_abroad(digits: str) -> Phone | Problem:
    """A code led by 00, as in most countries, or by 001, as in Hong Kong: whichever gives a number."""
    for candidate in _without_exit_code(digits):
        number = _number(candidate)
        if number is not None and phonenumbers.is_valid_number(number) and not _is_special(number):
            return Phone(_e164(number))
    return Problem.PHONE_COUNTRY_CODE


def _without_exit_code(digits: str) -> Iterator[str]:
    yield f"+{digits.removeprefix('00')}"
    if digits.startswith("001"):
        yield f"+{digits.removeprefix('001')}"


def _number(text: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, _HONG_KONG)
    except phonenumbers.NumberParseException:
        return None


def _is_special(number: PhoneNumber) -> bool:
    return phonenumbers.number_type(number) in _SPECIAL_TYPES


def _is_short(digits: str) -> bool:
    """Emergency and service numbers such as 999, 992 or 1823."""
    number = _number(digits)
    return number is not None and phonenumbers.is_valid_short_number(number)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
