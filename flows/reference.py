"""Reference numbers: twelve digits that can be said in any language and keyed on a telephone.

`kkkk pppppp cc`: the kiosk's number, a keyed permutation of the kiosk's sequence, and two check digits (ISO
7064 MOD 97-10), which find every wrong digit and every swap of neighbours. The permutation is a Feistel
network over two groups of three digits (docs/decisions/0021): unique by construction, and without the key it
tells nobody how many reports were made. Beside it each case gets a random receipt code, which opens its
status.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SEQUENCES = 1_000_000
"""How many references a kiosk number has."""

_HALF = 1_000
_ROUNDS = 10
_KEY_BYTES = 32
_REFERENCE = re.compile(r"[0-9]{12}")
_RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like another: no 0 O, no 1 I L
_RECEIPT_LENGTH = 10
_PAYLOAD = re.compile(
    rf"(?:REPORT1:|HTTPS://[0-9A-Z.-]{{1,253}}(?::[0-9]{{1,5}})?/R/)"
    rf"([0-9]{{12}})[:-]([{_RECEIPT_ALPHABET}]{{{_RECEIPT_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """What the QR code of a receipt says: nothing personal."""

    reference: str
    receipt_code: str


def compute(kiosk_number: int, sequence: int, key: bytes) -> str:
    """The reference of case number `sequence` of a kiosk, 12 digits without spaces.

    Raises `ValueError` for a kiosk number outside 0-9999, a sequence outside 0-999999, or a key of less than
    32 bytes.
    """
    if not 0 <= kiosk_number <= 9999:
        raise ValueError("kiosk number must have at most four digits")
    if not 0 <= sequence < SEQUENCES:
        raise ValueError("sequence does not fit into a reference: this kiosk needs a new kiosk number")
    if len(key) < _KEY_BYTES:
        raise ValueError(f"reference key must have at least {_KEY_BYTES} bytes")
    body = f"{kiosk_number:04d}{_permute(kiosk_number, sequence, key):06d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def is_valid(digits: str) -> bool:
    """Whether twelve digits without spaces carry the right check digits."""
    return bool(_REFERENCE.fullmatch(digits)) and int(digits) % 97 == 1 and 2 <= int(digits[10:]) <= 98


def grouped(digits: str) -> str:
    """`528319476034` as people read it: `5283 1947 6034`."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def grouped_code(code: str) -> str:
    """A receipt code as people read and type it: `7KQ2M 9XWHT`."""
    half = _RECEIPT_LENGTH // 2
    return f"{code[:half]} {code[half:]}".strip()


def is_receipt_code(text: str) -> bool:
    """Whether `text` may be a receipt code."""
    return len(text) == _RECEIPT_LENGTH and set(text) <= set(_RECEIPT_ALPHABET)


def new_receipt_code() -> str:
    """A random code of ten characters (49 bits), none of which looks like another."""
    return "".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(_RECEIPT_LENGTH))


def payload(reference: str, receipt_code: str, page: str = "") -> str:
    """The text of the QR code on receipt and screen, in the characters of QR's alphanumeric mode.

    `page` is the origin (`https://host:port`) that gives receipts as PDF: a telephone then opens the address.
    """
    if page:
        return f"{page.upper()}/R/{reference}-{receipt_code}"
    return f"REPORT1:{reference}:{receipt_code}"


def parse_payload(text: str) -> ReceiptCode | None:
    """Read `payload` back, from whatever page; `None` for anything else and for wrong check digits."""
    match = _PAYLOAD.fullmatch(text)
    if match is None or not is_valid(match[1]):
        return None
    return ReceiptCode(reference=match[1], receipt_code=match[2])


def _permute(kiosk_number: int, sequence: int, key: bytes) -> int:
    left, right = divmod(sequence, _HALF)
    for round_number in range(_ROUNDS):
        message = f"reference/{kiosk_number}/{round_number}/{right}".encode()
        mixed = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big") % _HALF
        left, right = right, (left + mixed) % _HALF
    return left * _HALF + right
