"""One-time codes as a technician types them: docs/reference/enrolment.md."""

import hashlib
import secrets
from dataclasses import dataclass

# Crockford's Base32: no I, L, O, U; the last five are for the check character alone.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK = _DIGITS + "*~$=U"
_MODULUS = 37

SECRET_LENGTH = 12
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Code:
    """Who is invited, what proves it, and which authority to believe (first 80 bits of its SHA-256)."""

    kiosk: int
    secret: str
    fingerprint: str

    def __str__(self) -> str:
        """In groups, with the check character last."""
        symbols = f"{self.kiosk:04d}{self.secret}{self.fingerprint}"
        groups = [symbols[start : start + _GROUP] for start in range(0, len(symbols), _GROUP)]
        return "-".join([*groups, _check(symbols)])


def new_secret() -> str:
    """60 random bits."""
    return "".join(secrets.choice(_DIGITS) for _ in range(SECRET_LENGTH))


def fingerprint(certificate: bytes) -> str:
    """The first 80 bits of the SHA-256 of a certificate, DER."""
    number = int.from_bytes(hashlib.sha256(certificate).digest()[:10], "big")
    return "".join(_DIGITS[(number >> shift) & 31] for shift in range(75, -1, -5))


def normal(text: str) -> str:
    """What was typed, without case, spaces and hyphens, and with what looks alike read as Crockford does."""
    kept = "".join(text.split()).replace("-", "").upper()
    return kept.replace("O", "0").replace("I", "1").replace("L", "1")


def _check(symbols: str) -> str:
    value = 0
    for symbol in symbols:
        value = (value * len(_DIGITS) + _DIGITS.index(symbol)) % _MODULUS
    return _CHECK[value]
