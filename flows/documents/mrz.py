"""Machine readable zones: ICAO 9303 TD1, TD2 and TD3, and the one-line Exit-Entry Permit.

Reads text that a scanner or character recognition gave. A digit taken for a letter, or the reverse, is mended
only where a check digit then agrees; names and country codes carry none and stay as they were read. What does
not fit is named in `Mrz.doubts` and never refused, since layouts differ by country and cards wear.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from flows.documents import permits
from flows.documents.types import DocumentType

_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
_ALPHABET = re.compile(r"[A-Z0-9<]+")
_DATE = re.compile(r"[0-9<]{6}")
_TO_DIGIT = str.maketrans("OIBSZ", "01852")
_LETTERS_FOR_DIGITS = dict(zip("OIBSZ", "01852", strict=True))
_DIGITS_FOR_LETTERS = dict(zip("01852", "OIBSZ", strict=True))
_LOOKALIKES = _LETTERS_FOR_DIGITS | _DIGITS_FOR_LETTERS
_TEXT_LIMIT = 400  # a zone has at most 90 characters; the rest are line ends and spaces
_YEARS_AHEAD = 50  # how far in the future a two-digit year of expiry is sought


class MrzFormat(StrEnum):
    """Layout of the zone."""

    TD1 = "td1"  # 3 lines of 30
    TD2 = "td2"  # 2 lines of 36
    TD3 = "td3"  # 2 lines of 44
    EXIT_ENTRY_PERMIT = "exit_entry_permit"  # 1 line of 30


class MrzProblem(StrEnum):
    """Why a text is not the zone of an identity document."""

    NOT_MRZ = "not_mrz"
    INCOMPLETE = "incomplete"  # characters of a zone, but not its shape
    VISA = "visa"


class MrzPart(StrEnum):
    """A part of the zone that can be checked."""

    NUMBER = "number"
    BIRTH_DATE = "birth_date"
    EXPIRY = "expiry"
    OPTIONAL = "optional"
    COMPOSITE = "composite"


class Sex(StrEnum):
    """As the zone says it."""

    FEMALE = "F"
    MALE = "M"
    UNSPECIFIED = "X"


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says.

    Dates are ISO 8601 and lack the parts that the document leaves open: `1974-08`, `1974` or nothing.
    """

    format: MrzFormat
    document: DocumentType
    document_code: str
    issuer: str
    number: str
    nationality: str
    surname: str
    given_names: str
    names_truncated: bool  # the zone was full: the real names may be longer
    birth_date: str
    sex: Sex
    expiry: str
    optional: str
    doubts: tuple[MrzPart, ...]  # check digits that do not agree, and impossible dates
    repaired: tuple[MrzPart, ...]  # parts in which misread characters were mended

    @property
    def all_checks_fit(self) -> bool:
        """Whether all can be trusted; a mended number cannot, as one check digit in ten fits by chance."""
        return not self.doubts and not {MrzPart.NUMBER, MrzPart.OPTIONAL} & set(self.repaired)


def check_digit(text: str) -> str:
    """ICAO 9303-3 §4.9: weights 7, 3, 1 modulo 10 over `A-Z0-9<`."""
    return str(sum(_VALUES[char] * _WEIGHTS[place % 3] for place, char in enumerate(text)) % 10)


def parse(text: str | Sequence[str], *, today: date) -> Mrz | MrzProblem:
    """Read a zone from its text or its lines. Two-digit years are placed around `today`. Never raises."""
    whole = text if isinstance(text, str) else "\n".join(text)
    lines = _lines(whole)
    if isinstance(lines, MrzProblem):
        return lines
    if lines[0].startswith("V"):
        return MrzProblem.VISA
    match [len(line) for line in lines]:
        case [44, 44]:
            zone = _two_lines(MrzFormat.TD3, lines)
        case [36, 36]:
            zone = _two_lines(MrzFormat.TD2, lines)
        case [30, 30, 30]:
            zone = _td1(lines)
        case _:
            zone = _exit_entry_permit(lines[0])
    return _meaning(zone, today)


# --- shape --------------------------------------------------------------------------------------------------


def _lines(text: str) -> list[str] | MrzProblem:
    if len(text) > _TEXT_LIMIT:
        return MrzProblem.NOT_MRZ
    rows = unicodedata.normalize("NFKC", text).upper().splitlines()
    lines = [line for row in rows if (line := "".join(row.split()))]
    joined = "".join(lines)
    if not _ALPHABET.fullmatch(joined):
        return MrzProblem.NOT_MRZ
    if len(lines) == 1:
        lines = _split(joined)
    lines = _padded(lines)
    lengths = [len(line) for line in lines]
    if lengths in ([44, 44], [36, 36], [30, 30, 30]) or (lengths == [30] and joined.startswith("CS")):
        return lines
    return MrzProblem.INCOMPLETE if "<<" in joined else MrzProblem.NOT_MRZ


def _split(joined: str) -> list[str]:
    """Scanners may send a zone as one line."""
    width = {88: 44, 72: 36, 90: 30}.get(len(joined), len(joined))
    return [joined[start : start + width] for start in range(0, len(joined), width)]


def _padded(lines: list[str]) -> list[str]:
    """Give the line of names back the fillers that some readers cut off its end."""
    widths = {2: (len(lines[-1]), 0), 3: (30, 2)}.get(len(lines))
    if widths is None or widths[0] not in (44, 36, 30):
        return lines
    width, names = widths
    return [line.ljust(width, "<") if place == names else line for place, line in enumerate(lines)]


# --- layouts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Zone:
    """The fields of a zone as they stand in it; `…_digit` is the check digit of the field before."""

    format: MrzFormat
    code: str
    number: str
    number_digit: str
    birth: str
    birth_digit: str
    expiry: str
    expiry_digit: str
    issuer: str = "CHN"
    nationality: str = "CHN"
    names: str = ""
    sex: str = "<"
    optional: str = ""
    optional_digit: str = ""  # TD3 only
    second_optional: str = ""  # TD1 only
    composite_digit: str = (
        ""  # not on the Exit-Entry Permit, whose every character has a check digit of its own
    )

    def composed(self) -> str:
        """The characters under the composite check digit, in their order."""
        number = self.number + self.number_digit
        dates = self.birth + self.birth_digit + self.expiry + self.expiry_digit
        if self.format is MrzFormat.TD1:
            return number + self.optional + dates + self.second_optional
        return number + dates + self.optional + self.optional_digit


def _td1(lines: Sequence[str]) -> _Zone:
    first, second, names = lines
    return _Zone(
        MrzFormat.TD1, code=first[:2], issuer=first[2:5], number=first[5:14], number_digit=first[14],
        optional=first[15:30], birth=second[:6], birth_digit=second[6], sex=second[7], expiry=second[8:14],
        expiry_digit=second[14], nationality=second[15:18], second_optional=second[18:29],
        composite_digit=second[29], names=names,
    )  # fmt: skip


def _two_lines(layout: MrzFormat, lines: Sequence[str]) -> _Zone:
    first, second = lines
    passport = layout is MrzFormat.TD3
    return _Zone(
        layout, code=first[:2], issuer=first[2:5], names=first[5:], number=second[:9], number_digit=second[9],
        nationality=second[10:13], birth=second[13:19], birth_digit=second[19], sex=second[20],
        expiry=second[21:27], expiry_digit=second[27], optional=second[28:42] if passport else second[28:35],
        optional_digit=second[42] if passport else "", composite_digit=second[-1],
    )  # fmt: skip


def _exit_entry_permit(line: str) -> _Zone:
    """Fields stand apart by a filler; an assumption, see docs/assumptions.md."""
    return _Zone(
        MrzFormat.EXIT_ENTRY_PERMIT, code=line[:2], number=line[2:11], number_digit=line[11],
        expiry=line[13:19], expiry_digit=line[19], birth=line[21:27], birth_digit=line[27],
    )  # fmt: skip


# --- check digits -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Checker:
    """Checks and mends one part after the other, and remembers what did not fit."""

    doubts: list[MrzPart] = field(default_factory=list)
    repaired: list[MrzPart] = field(default_factory=list)

    def text(self, part: MrzPart, text: str, digit: str) -> tuple[str, str]:
        """Letters and digits with their check digit; in doubt unchanged."""
        expected = digit.translate(_TO_DIGIT)
        fitting = _mended(text, expected)
        return self._note(part, (text, digit), (fitting, expected) if fitting is not None else None)

    def date(self, part: MrzPart, text: str, digit: str) -> tuple[str, str]:
        """Six digits or fillers with their check digit; in doubt unchanged."""
        digits, expected = text.translate(_TO_DIGIT), digit.translate(_TO_DIGIT)
        fits = bool(_DATE.fullmatch(digits)) and check_digit(digits) == expected
        return self._note(part, (text, digit), (digits, expected) if fits else None)

    def doubt(self, part: MrzPart) -> None:
        """Note once that a part does not fit."""
        if part not in self.doubts:
            self.doubts.append(part)

    def _note(self, part: MrzPart, read: tuple[str, str], fitting: tuple[str, str] | None) -> tuple[str, str]:
        if fitting is None:
            self.doubt(part)
            return read
        if fitting != read:
            self.repaired.append(part)
        return fitting


def _checked(zone: _Zone, check: _Checker) -> _Zone:
    """The zone with misread characters mended where its check digits say so."""
    zone = _check_long_number(zone, check) if _has_long_number(zone) else _check_number(zone, check)
    birth, birth_digit = check.date(MrzPart.BIRTH_DATE, zone.birth, zone.birth_digit)
    expiry, expiry_digit = check.date(MrzPart.EXPIRY, zone.expiry, zone.expiry_digit)
    zone = replace(zone, birth=birth, birth_digit=birth_digit, expiry=expiry, expiry_digit=expiry_digit)
    if zone.optional_digit and (zone.optional.strip("<") or zone.optional_digit not in "<0O"):
        optional, optional_digit = check.text(MrzPart.OPTIONAL, zone.optional, zone.optional_digit)
        zone = replace(zone, optional=optional, optional_digit=optional_digit)
    if zone.composite_digit and check_digit(zone.composed()) != zone.composite_digit.translate(_TO_DIGIT):
        check.doubt(MrzPart.COMPOSITE)
    return zone


def _has_long_number(zone: _Zone) -> bool:
    """More than nine characters: a filler stands for the check digit and the rest is in the optional data."""
    return (
        zone.format in (MrzFormat.TD1, MrzFormat.TD2)
        and zone.number_digit == "<"
        and zone.optional[:1] != "<"
    )


def _check_number(zone: _Zone, check: _Checker) -> _Zone:
    number, digit = check.text(MrzPart.NUMBER, zone.number, zone.number_digit)
    return replace(zone, number=number, number_digit=digit)


def _check_long_number(zone: _Zone, check: _Checker) -> _Zone:
    tail, _, _ = zone.optional.partition("<")
    whole, digit = check.text(MrzPart.NUMBER, zone.number + tail[:-1], tail[-1])
    return replace(zone, number=whole[:9], optional=whole[9:] + digit + zone.optional[len(tail) :])


def _mended(text: str, expected: str) -> str | None:
    """`text` with the fewest misreads undone until its check digit is `expected`.

    `None` if nothing leads there, or several ways do and so none can be trusted.
    """
    for candidates in _readings(text):
        fitting = [candidate for candidate in candidates if check_digit(candidate) == expected]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _readings(text: str) -> Iterator[list[str]]:
    """What `text` may have been, likely readings first: as it is, with one misread, with two.

    One check digit in ten fits by chance, so only likely misreads count: digits read as letters anywhere, and
    letters read as digits at the start, where numbers have their letters.
    """
    yield [text]
    letters = [place for place, char in enumerate(text) if char in _LETTERS_FOR_DIGITS]
    digits = [place for place in range(2) if text[place] in _DIGITS_FOR_LETTERS]
    yield [_exchanged(text, {place}) for place in letters]
    yield [_exchanged(text, {place}) for place in digits]
    yield [_exchanged(text, set(places)) for places in combinations(letters, 2)]


def _exchanged(text: str, places: Set[int]) -> str:
    return "".join(_LOOKALIKES[char] if place in places else char for place, char in enumerate(text))


# --- meaning ------------------------------------------------------------------------------------------------


def _meaning(zone: _Zone, today: date) -> Mrz:
    check = _Checker()
    zone = _checked(zone, check)
    number, optional = zone.number, zone.optional
    if _has_long_number(zone):
        tail, _, optional = zone.optional.partition("<")
        number += tail[:-1]
    surname, _, given_names = zone.names.partition("<<")
    mrz = Mrz(
        format=zone.format,
        document=_document(zone, _plain(number)),
        document_code=_plain(zone.code),
        issuer=_plain(zone.issuer),
        number=_plain(number).replace(" ", ""),
        nationality=_plain(zone.nationality),
        surname=_plain(surname),
        given_names=_plain(given_names),
        names_truncated=bool(zone.names) and not zone.names.endswith("<"),
        birth_date=_date(zone.birth, latest=today),
        sex=Sex(zone.sex) if zone.sex in "FM" else Sex.UNSPECIFIED,
        expiry=_date(zone.expiry, latest=today.replace(day=1, year=today.year + _YEARS_AHEAD)),
        optional=_plain(f"{optional}<{zone.second_optional}"),
        doubts=(),
        repaired=(),
    )
    for part, digits, value in ((MrzPart.BIRTH_DATE, zone.birth, mrz.birth_date),
                                (MrzPart.EXPIRY, zone.expiry, mrz.expiry)):  # fmt: skip
        if digits.strip("<") and not value:
            check.doubt(part)
    return replace(mrz, doubts=tuple(check.doubts), repaired=tuple(check.repaired))


def _plain(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


def _document(zone: _Zone, number: str) -> DocumentType:
    if zone.format is MrzFormat.EXIT_ENTRY_PERMIT:
        return DocumentType.EXIT_ENTRY_PERMIT
    if zone.code.startswith("P"):
        return DocumentType.PASSPORT
    if zone.code.startswith("C") and zone.issuer == "CHN" and permits.is_home_return_permit(number):
        return DocumentType.HOME_RETURN_PERMIT
    return DocumentType.OTHER


def _date(digits: str, *, latest: date) -> str:
    """`YYMMDD` as an ISO 8601 date in the hundred years up to `latest`; shorter where parts are open.

    Empty if it is open altogether or no such day exists.
    """
    year, month, day = digits[:2], digits[2:4], digits[4:]
    if not year.isdecimal():
        return ""
    known = "" if month == "<<" else f"-{month}" if day == "<<" else f"-{month}-{day}"
    century = latest.year // 100
    text = f"{century}{year}{known}"
    if text > latest.isoformat()[: len(text)]:
        text = f"{century - 1}{year}{known}"
    return text if _exists(text) else ""


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True
