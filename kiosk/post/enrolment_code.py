"""The one-time code of a technician (docs/reference/enrolment.md): which kiosk, a secret, which centre.

`0007-XXXX-XXXX-XXXX-FFFF-FFFF-FFFF-FFFF-C`: number, 60 bits of secret, 80 bits of the fingerprint of the
centre's authority, and a check character, in Crockford's Base32.
"""

import re
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
"""Crockford's: the value of all symbols mod 37 needs five more than the 32."""

FINGERPRINT_BYTES = 10
_NUMBER, _SECRET, _FINGERPRINT = 4, 12, 16
_SYMBOLS = _NUMBER + _SECRET + _FINGERPRINT
_READ_AS = str.maketrans("OIL", "011")


class CodeError(ValueError):
    """What was typed is no code; says how it is wrong, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Code:
    """An invitation of one kiosk by one centre. `fingerprint`: 80 bits of the SHA-256 of its CA."""

    kiosk: int
    secret: str = field(repr=False)
    fingerprint: bytes


def parse_code(typed: str) -> Code:
    """Read a code as people type it. Case, spaces and hyphens do not matter. Raises `CodeError`."""
    symbols = re.sub(r"[\s-]", "", typed).upper().translate(_READ_AS)
    if len(symbols) != _SYMBOLS + 1:
        raise CodeError(_length_message(len(symbols)))
    body, check = symbols[:-1], symbols[-1]
    if not set(body) <= set(ALPHABET) or check not in CHECK_ALPHABET:
        raise CodeError("a code has digits and letters only, and no U but as its last character")
    if check_character(body) != check:
        raise CodeError("mistyped: its last character does not fit the others")
    if not body[:_NUMBER].isdigit():
        raise CodeError("a code begins with the four digits of the kiosk's number")
    secret, fingerprint = body[_NUMBER : _NUMBER + _SECRET], body[_NUMBER + _SECRET :]
    return Code(int(body[:_NUMBER]), secret, value(fingerprint).to_bytes(FINGERPRINT_BYTES, "big"))


def check_character(symbols: str) -> str:
    """Crockford's check character of symbols of `ALPHABET`."""
    return CHECK_ALPHABET[value(symbols) % len(CHECK_ALPHABET)]


def value(symbols: str) -> int:
    """The number that symbols of `ALPHABET` write, most significant first."""
    number = 0
    for symbol in symbols:
        number = number * len(ALPHABET) + ALPHABET.index(symbol)
    return number


def _length_message(length: int) -> str:
    much = "too short" if length < _SYMBOLS + 1 else "too long"
    return f"{much}: it has {_SYMBOLS + 1} characters besides hyphens and spaces, {length} were typed"
