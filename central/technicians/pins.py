"""PINs: drawn at random, refused when weak, kept only as what scrypt makes of them (RFC 7914)."""

import base64
import itertools
import os
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from central.keys.keyset import KeySetError

CODE_DIGITS = 6
PASS_DIGITS = 8
"""A pass can be photographed and guessed at elsewhere, without any lock-out."""
MAX_DIGITS = 12
COST = 2**15
"""scrypt's N: 32 MiB and a tenth of a second. The same for every PIN, so that each check is the same work."""

_LABEL = b"report-kiosk/pin/1\x00"
_SALT_BYTES = 16
_HASH_BYTES = 32
_ASCENDING = "01234567890123456789"


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a PIN can be checked against, both raw."""

    salt: bytes
    digest: bytes

    @staticmethod
    def of(pin: str) -> "Verifier":
        """Derive it, with a salt of its own."""
        salt = os.urandom(_SALT_BYTES)
        kdf = Scrypt(salt=_LABEL + salt, length=_HASH_BYTES, n=COST, r=8, p=1)
        return Verifier(salt, kdf.derive(pin.encode("ascii")))


def draw(code: str, digits: int) -> str:
    """A random PIN for technician `code` that is not weak."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(digits))
        if not weakness(pin, code, digits):
            return pin


def check(pin: str, code: str, digits: int) -> None:
    """Raise `KeySetError` unless the PIN may be issued to technician `code`."""
    why = weakness(pin, code, digits)
    if why:
        raise KeySetError(f"this PIN is refused: {why}")


def weakness(pin: str, code: str, digits: int) -> str:
    """Why a PIN would be guessed soon; empty if it would not."""
    if not (pin.isascii() and pin.isdigit() and digits <= len(pin) <= MAX_DIGITS):
        return f"it must have {digits} to {MAX_DIGITS} digits"
    if len(set(pin)) < 3:
        return "it has too few different digits"
    if pin in _ASCENDING or pin[::-1] in _ASCENDING:
        return "it counts up or down"
    if _repeats(pin):
        return "it repeats itself"
    if _counts_in_steps(pin):
        return "it counts in steps"
    if _is_a_date(pin):
        return "it looks like a date"
    if code[1:] in pin:
        return "it contains the technician's number"
    return ""


def _repeats(pin: str) -> bool:
    """The same piece again and again, or every digit twice, or the same forwards and backwards."""
    pieces = (pin[:size] for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0)
    doubled = len(pin) % 2 == 0 and all(one == two for one, two in zip(pin[::2], pin[1::2], strict=True))
    return any(piece * (len(pin) // len(piece)) == pin for piece in pieces) or doubled or pin == pin[::-1]


def _counts_in_steps(pin: str) -> bool:
    steps = {(int(two) - int(one)) % 10 for one, two in itertools.pairwise(pin)}
    return len(steps) == 1


def _is_a_date(pin: str) -> bool:
    """Day, month and year in the usual orders: what people choose first."""
    if len(pin) not in (6, 8):
        return False
    year = len(pin) - 4
    orders = (
        (pin[:year], pin[year:-2], pin[-2:]),
        (pin[4:], pin[2:4], pin[:2]),
        (pin[4:], pin[:2], pin[2:4]),
    )
    return any(_year(year) and _day(month, day) for year, month, day in orders)


def _year(year: str) -> bool:
    return len(year) == 2 or "1900" <= year <= "2099"


def _day(month: str, day: str) -> bool:
    return "01" <= month <= "12" and "01" <= day <= "31"


def text(raw: bytes) -> str:
    """Base64url without padding: short, and safe in a QR code."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
