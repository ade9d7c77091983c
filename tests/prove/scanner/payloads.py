"""What people hold before a scanner: only what is proven genuine by rules written anew here may be read."""

import re
import string
from datetime import date
from random import Random

from flows import reference
from flows.documents.reading import (
    IamSmartRead,
    IdNumberRead,
    MrzRead,
    Reading,
    ReceiptCodeRead,
    TechnicianPassRead,
    Unreadable,
    read,
)
from tests.prove.scanner.campaign import Violation

TODAY = date(2026, 11, 22)

GENUINE = (
    reference.payload(reference.compute(528, 7, bytes(32)), "23456789AB").encode(),
    reference.payload(
        reference.compute(1, 99, bytes(32)), "ZYXWVTSRQP", "https://reports.example.org"
    ).encode(),
    b"A123456(3)",
    b"AB987654(3)",
    b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    b"I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    b"KTP1.eyJraW9zayI6IjAwMDEifQ.c2lnbmF0dXJl",
    b"https://www.iamsmart.gov.hk/en/",
)
HOSTILE = (
    b"https://example.org/?next=javascript:alert(1)",
    b"http://127.0.0.1:8443/cases",
    b"file:///etc/passwd",
    b"intent://scan/#Intent;scheme=zxing;end",
    b"WIFI:T:WPA;S:Report Room;P:secret;;",
    b"BEGIN:VCARD\nVERSION:3.0\nFN:Chan Tai Man\nTEL:91234567\nEND:VCARD",
    b"otpauth://totp/Kiosk?secret=JBSWY3DPEHPK3PXP",
    b"'; DROP TABLE cases; --",
    b"1 OR 1=1",
    b"=cmd|'/C calc'!A0",
    b'{"a":' * 700,
    b"[" * 4000,
    b"&a;" * 900,
    b"!!python/object/apply:os.system ['id']",
    b"\x80\x04\x95cposix\nsystem\n",
    b"${jndi:ldap://example.org/a}",
    b"../../../../etc/shadow",
    b"\x1b[2J\x1b]0;x\x07",
    b"\x1b@\x1dV\x00",
    b"\x10\x14\x01\x00\x05",
    b"\x16M\rPRECA2!",
    b"]Q1A123456(3)",
    b"<b>A123456(3)</b>",
    "Ａ１２３４５６（３）".encode(),
    "\u202eA123456(3)".encode(),
    b"A123456(3)\x00",
    bytes(range(256)) * 28,
    b"\xff\xfe" + "A123456(3)".encode("utf-16-le"),
    "陳大文".encode("big5"),
    b"MACHINE<READABLE<" * 5,
    b"P" + b"<" * 87,
    b"PARCEL0123456789012345678901234567890123456789012345678901234567890123456789012345678901"[:88],
)
_ZONE_LETTERS = (string.ascii_uppercase + string.digits + "<").encode()
_PRINTABLE = bytes(range(32, 127))


def mutated(payload: bytes, random: Random) -> bytes:
    """One to four places changed, taken out, put in, doubled or cut off."""
    raw = bytearray(payload[:300] if random.random() < 0.9 else payload)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(raw) + 1)
        way = random.randrange(6)
        byte = random.choice(_PRINTABLE) if random.random() < 0.7 else random.randrange(256)
        if way == 0 and at < len(raw):
            raw[at] = byte
        elif way == 1:
            raw.insert(at, byte)
        elif way == 2:
            del raw[at : at + random.randint(1, 5)]
        elif way == 3:
            raw[at:at] = raw[at : at + random.randint(1, 30)]
        elif way == 4:
            raw[at:at] = random.choice(HOSTILE)[:40]
        else:  # one digit for another: what check digits are for
            digits = [place for place, one in enumerate(raw) if one in b"0123456789"]
            if digits:
                raw[random.choice(digits)] = random.choice(b"0123456789")
    return bytes(raw)


def drawn(random: Random) -> bytes:
    """A payload of any kind."""
    way = random.random()
    if way < 0.35:
        return mutated(random.choice(GENUINE), random)
    if way < 0.6:
        return mutated(random.choice(HOSTILE), random)
    if way < 0.7:  # a label as long as a zone, of its characters
        return bytes(random.choices(_ZONE_LETTERS, k=random.choice((30, 72, 88, 90))))
    if way < 0.85:
        return bytes(random.choices(_PRINTABLE, k=random.randint(0, 60)))
    return random.randbytes(random.randint(0, 120))


def check(payload: bytes) -> Reading:
    """What `read` makes of it. Raises Violation if that is more than may be known."""
    try:
        reading = read(payload, today=TODAY)
    except Exception as error:
        raise Violation(f"{payload!r} raised {error!r}") from error
    if not _may(payload, reading):
        raise Violation(f"{payload!r} was read as {reading}")
    return reading


def run(count: int, seed: int) -> int:
    """`count` payloads drawn. Returns how many were genuine all the same. Raises Violation."""
    random = Random(seed)  # noqa: S311 - a campaign is to be repeated
    for payload in HOSTILE:
        if not isinstance(check(payload), Unreadable):
            raise Violation(f"{payload!r} was read")
    for payload in GENUINE:
        if isinstance(check(payload), Unreadable):
            raise Violation(f"{payload!r} was not read")
    return sum(not isinstance(check(drawn(random)), Unreadable) for _ in range(count))


# --- the rules, anew ----------------------------------------------------------------------------------------


def _may(payload: bytes, reading: Reading) -> bool:
    text = payload.strip(b" \t\r\n")
    match reading:
        case ReceiptCodeRead(reference=digits, receipt_code=code):
            said = re.fullmatch(
                rb"(?:REPORT1:|HTTPS://[A-Z0-9.:-]+/R/)(\d{12})[:-]([2-9A-HJKMNP-Z]{10})", text
            )
            return (
                said is not None
                and said.groups() == (digits.encode(), code.encode())
                and int(digits) % 97 == 1
            )
        case IdNumberRead(number=number):
            return number.encode() == text and _is_hkid(number)
        case TechnicianPassRead(token=token):
            return (
                token.encode() == text
                and bool(re.fullmatch(rb"KTP1(\.[\w-]+){2}", text))
                and len(text) <= 500
            )
        case IamSmartRead():
            return bool(re.match(rb"https://([a-z0-9-]+\.)*iamsmart\.gov\.hk(/|$)", text)) and not re.search(
                rb"\s", text
            )
        case MrzRead():
            return _is_zone(text)
        case Unreadable():
            return True
    return False


def _is_hkid(number: str) -> bool:
    letters, digits = re.fullmatch(r"([A-Z]{1,2})(\d{6}\([\dA]\))", number).groups()  # type: ignore[union-attr]
    values = [ord(one) - 55 for one in letters.rjust(2, "[")]  # "[" is 36, as the rule wants a space to be
    values += [int(one, 16) for one in digits if one not in "()"]
    return (
        sum(weight * value for weight, value in zip((9, 8, 7, 6, 5, 4, 3, 2, 1), values, strict=True)) % 11
        == 0
    )


def _is_zone(text: bytes) -> bool:
    """The characters and the size of a zone, the code of a document, and two check digits that can fit."""
    joined = bytes(byte for byte in text if byte not in b" \t\r\n")
    return (
        bool(re.fullmatch(rb"[A-Z0-9<]+", joined))
        and joined[:1] in b"PIAC"
        and len(joined) in range(30, 92)
        and sum(_fits(joined[at : at + length], joined[at + length]) for at, length in _fields(joined)) >= 2
    )


def _fields(joined: bytes) -> list[tuple[int, int]]:
    """Where number, birth and expiry stand, for each layout that the length allows."""
    if joined.startswith(b"CS") and len(joined) == 30:
        return [(2, 9), (13, 6), (21, 6)]
    if 60 < len(joined) <= 90 and not _fits_two_lines(joined):
        return [(5, 9), (30, 6), (38, 6)]
    second = len(joined) - (44 if len(joined) > 72 else 36)
    return [(second, 9), (second + 13, 6), (second + 21, 6)]


def _fits_two_lines(joined: bytes) -> bool:
    second = len(joined) - (44 if len(joined) > 72 else 36)
    fields = [(second, 9), (second + 13, 6), (second + 21, 6)]
    return sum(_fits(joined[at : at + length], joined[at + length]) for at, length in fields) >= 2


_LOOKALIKE = bytes.maketrans(b"OIBSZ", b"01852")


def _fits(field: bytes, digit: int) -> bool:
    """Letters and digits that look alike count as either: readers take one for the other."""
    target = bytes((digit,)).translate(_LOOKALIKE)
    for candidate in _alike(field):
        values = (int(chr(one), 36) if one != ord("<") else 0 for one in candidate)
        total = sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values))
        if str(total % 10).encode() == target:
            return True
    return False


def _alike(field: bytes) -> set[bytes]:
    found = {field, field.translate(_LOOKALIKE)}
    pairs = {**dict(zip(b"OIBSZ", b"01852", strict=True)), **dict(zip(b"01852", b"OIBSZ", strict=True))}
    places = [at for at, byte in enumerate(field) if byte in pairs]
    for first in places:
        for second in places:
            raw = bytearray(field)
            for at in {first, second}:
                raw[at] = pairs[raw[at]]
            found.add(bytes(raw))
    return found
