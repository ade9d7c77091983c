"""What scanners of three makers answer when they are asked how they are set. Pure.

Each function looks for its answer in all that came since the question, and returns None until it is whole.
Sources, and what of it is assumed: docs/devices/scanners/.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NOT_PRINTABLE = re.compile(rb"[^ -~]+")
_MOST_FIRMWARE = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """`right`: whether the scanner is set as it must be; None where it cannot say. `firmware` is ASCII."""

    firmware: str
    right: bool | None


def printable(raw: bytes) -> str:
    """Cut to what a fact may hold."""
    return _NOT_PRINTABLE.sub(b" ", raw).decode("ascii").strip()[:_MOST_FIRMWARE]


# --- Honeywell: menu commands -------------------------------------------------------------------------------

# An answer echoes each question; ACK before the mark that ended it means that it was understood.
_MENU = re.compile(
    rb"PREBK2([0-9A-F]*)\x06;SUFBK2([0-9A-F]*)\x06;REVINF(.*?)\x06\.", re.DOTALL | re.IGNORECASE
)
_ALL_CODES_AIM = b"995C81"
_ALL_CODES_CR = b"990D"


def menu_question() -> bytes:
    """SYN M CR: which prefixes and suffixes, which firmware?"""
    return b"\x16M\rPREBK2?;SUFBK2?;REVINF."


def menu_settings() -> bytes:
    """AIM identifier before, CR behind every code. `!`: until power goes, because flash wears out."""
    return b"\x16M\rPRECA2;SUFCA2;PREBK2" + _ALL_CODES_AIM + b";SUFBK2" + _ALL_CODES_CR + b"!"


def menu_answer(came: bytes) -> Answer | None:
    """Of `menu_question`."""
    match = _MENU.search(came)
    if match is None:
        return None
    right = match[1].upper() == _ALL_CODES_AIM and match[2].upper() == _ALL_CODES_CR
    return Answer(printable(match[3].lstrip(b":")), right)


# --- Zebra: Simple Serial Interface -------------------------------------------------------------------------

_HOST = 4
_DECODER = 0
_PARAM_SEND, _PARAM_REQUEST = 0xC6, 0xC7
_REQUEST_REVISION, _REPLY_REVISION = 0xA3, 0xA4
_ACK = 0xD0
_NO_BEEP = 0xFF
_SSI_SETTINGS = {0x2D: 1, 0xEB: 1, 0xEE: 0}
"""AIM identifier; data with suffix; data as they are, not in packets."""


def ssi_packet(opcode: int, data: bytes = b"", source: int = _HOST) -> bytes:
    """Length, opcode, source, status, data, and the two's complement of their sum in two bytes."""
    body = bytes((4 + len(data), opcode, source, 0)) + data
    return body + (-sum(body) & 0xFFFF).to_bytes(2, "big")


def ssi_question() -> bytes:
    """Which firmware, and how are the parameters set?"""
    return ssi_packet(_REQUEST_REVISION) + ssi_packet(_PARAM_REQUEST, bytes(_SSI_SETTINGS))


def ssi_settings() -> bytes:
    """The parameters, until power goes (status bit 3 is not set)."""
    pairs = (value for pair in _SSI_SETTINGS.items() for value in pair)
    return ssi_packet(_PARAM_SEND, bytes((_NO_BEEP, *pairs)))


def ssi_thanks() -> bytes:
    """Acknowledges what the scanner sent; without it some send again."""
    return ssi_packet(_ACK)


def ssi_packets(came: bytes) -> Iterator[tuple[int, bytes]]:
    """Opcode and data of each packet of a scanner; bytes that are none are passed over."""
    at = 0
    while at + 6 <= len(came):
        end = at + came[at]
        body, check = came[at:end], came[end : end + 2]
        if came[at] >= 4 and came[at + 2] == _DECODER and check == (-sum(body) & 0xFFFF).to_bytes(2, "big"):
            yield came[at + 1], body[4:]
            at = end + 2
        else:
            at += 1


def ssi_answer(came: bytes) -> Answer | None:
    """Of `ssi_question`: two packets."""
    packets = dict(ssi_packets(came))
    if _REPLY_REVISION not in packets or _PARAM_SEND not in packets:
        return None
    values = packets[_PARAM_SEND][1:]
    told = dict(zip(values[::2], values[1::2], strict=False))
    return Answer(printable(packets[_REPLY_REVISION]), told == _SSI_SETTINGS)


# --- Datalogic ----------------------------------------------------------------------------------------------

_IDENTITY = re.compile(rb"\x01\x02([^\x01-\x04]+)\x03")


def identity_question() -> bytes:
    """Who are you?"""
    return b"i"


def identity_answer(came: bytes) -> Answer | None:
    """Of `identity_question`: SOH STX … ETX EOT; how the scanner is set is not told."""
    match = _IDENTITY.search(came)
    return Answer(printable(match[1]), None) if match else None


def powerscan_settings() -> bytes:
    """Identifier by the AIM standard, CR behind; saved at once, there is no other way."""
    return b"$+EB2EA110D$-\r"
