"""Bugs planted in the product, each of which a campaign must notice."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from devices.scanner import adapter, codes, framing
from devices.scanner.codes import Code, CodeJoiner
from devices.scanner.framing import Found, Framing
from devices.scanner.intake import Got, Intake
from flows import reference
from flows.documents import hkid, reading

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug, and which campaign it is for: `chunks`, `noise`, `payloads` or `frames`."""

    campaign: str
    plant: Plant


def _half_is_used(patch: pytest.MonkeyPatch) -> None:
    """After the silence what has come counts as whole: so does pyserial's read_until."""

    def break_off(piece: framing._Piece) -> list[Found]:
        payload = bytes(piece._kept)
        piece.forget()
        return [payload] if payload else []

    patch.setattr(framing._Piece, "break_off", break_off)


def _a_chunk_is_a_code(patch: pytest.MonkeyPatch) -> None:
    """A suffix is looked for in each chunk alone."""
    whole = Framing.feed

    def feed(one: Framing, data: bytes, now: float) -> list[Found]:
        one._piece.append(one._tail)
        one._tail = b""
        return whole(one, data, now)

    patch.setattr(Framing, "feed", feed)


def _no_cap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(framing, "MAX_PAYLOAD", 1 << 30)


def _too_long_swallows_the_next(patch: pytest.MonkeyPatch) -> None:
    def end(piece: framing._Piece) -> list[Found]:
        if piece._overlong:
            piece._overlong, piece._unwanted = False, True
            return [framing.Dropped.TOO_LONG]
        payload, unwanted = bytes(piece._kept), piece._unwanted
        piece.forget()
        return [payload] if payload and not unwanted else []

    patch.setattr(framing._Piece, "end", end)


def _only_cr_ends(patch: pytest.MonkeyPatch) -> None:
    whole = Framing.feed

    def feed(one: Framing, data: bytes, now: float) -> list[Found]:
        return whole(one, data if one._suffix else data.replace(b"\n", b" "), now)

    patch.setattr(Framing, "feed", feed)


def _identifier_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(codes, "split", lambda payload: Code("Q1" if payload[:1] == b"]" else "", payload))


def _lines_are_codes(patch: pytest.MonkeyPatch) -> None:
    """Each line of a code is handed on as a code of its own."""

    def feed(joiner: CodeJoiner, line: bytes, _: float) -> list[Got]:
        return [codes.split(line) if joiner._aim is not codes.Aim.OFF else Code("", line)]

    patch.setattr(CodeJoiner, "feed", feed)


def _first_line_of_half_a_code(patch: pytest.MonkeyPatch) -> None:
    """What came before the cable was pulled is handed on."""
    whole = Intake.expire

    def expire(one: Intake, now: float) -> list[Got]:
        return one._zones(one._codes.expire(now), now) + whole(one, now)

    patch.setattr(Intake, "expire", expire)


def _early_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Intake, "abandon", lambda _: None)


def _prefix_may_lack(patch: pytest.MonkeyPatch) -> None:
    whole = Intake._frame

    def frame(one: Intake, found: Found, now: float) -> list[Got]:
        if isinstance(found, bytes) and not found.startswith(one._prefix):
            found = one._prefix + found
        return whole(one, found, now)

    patch.setattr(Intake, "_frame", frame)


def _keeps_all_lines(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks how long a code of several lines grows."""
    patch.setattr(codes, "MAX_PAYLOAD", 1 << 30)


def _number_anywhere(patch: pytest.MonkeyPatch) -> None:
    """The identity card's number is looked for in the text."""

    def find(text: str) -> reading.IdNumberRead | None:
        found = re.search(r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)", text)
        number = hkid.parse(found[0]) if found else None
        is_one = isinstance(number, hkid.Hkid)
        return reading.IdNumberRead(reading.DocumentType.HKID, str(number)) if is_one else None

    patch.setattr(reading, "_hkid", find)


def _no_check_digits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reference, "is_valid", lambda _: True)


def _a_label_is_a_passport(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reading, "_is_plausible", lambda _: True)


def _any_link_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reading, "_IAM_SMART", re.compile(r"https?://.*"))


def _raises_on_what_is_no_text(patch: pytest.MonkeyPatch) -> None:
    whole = reading.read

    def read(payload: bytes, **words: object) -> reading.Reading:
        payload.decode()
        return whole(payload, **words)  # type: ignore[arg-type]  # as it came

    from tests.prove.scanner import payloads

    patch.setattr(payloads, "read", read)


def _everybody_hears(patch: pytest.MonkeyPatch) -> None:
    """Codes are handed on whether somebody listens or not."""

    def offer(service: adapter.ScannerService, code: Code, _: float) -> None:
        service._deliver(service.device, code.symbology, code.body)

    patch.setattr(adapter.ScannerService, "_offer", offer)


def _two_at_once_are_one(patch: pytest.MonkeyPatch) -> None:
    """Only the first code of a read counts."""
    whole = Intake.feed
    patch.setattr(Intake, "feed", lambda one, data, now: whole(one, data, now)[:1])


MUTANTS: Mapping[str, Mutant] = {
    "half is used": Mutant("chunks", _half_is_used),
    "a chunk is a code": Mutant("chunks", _a_chunk_is_a_code),
    "too long swallows the next": Mutant("chunks", _too_long_swallows_the_next),
    "only CR ends": Mutant("chunks", _only_cr_ends),
    "identifier stays": Mutant("chunks", _identifier_stays),
    "lines are codes": Mutant("chunks", _lines_are_codes),
    "first line of half a code": Mutant("chunks", _first_line_of_half_a_code),
    "early counts": Mutant("chunks", _early_counts),
    "prefix may lack": Mutant("chunks", _prefix_may_lack),
    "no cap": Mutant("noise", _no_cap),
    "keeps all lines": Mutant("noise", _keeps_all_lines),
    "number anywhere": Mutant("payloads", _number_anywhere),
    "no check digits": Mutant("payloads", _no_check_digits),
    "a label is a passport": Mutant("payloads", _a_label_is_a_passport),
    "any link will do": Mutant("payloads", _any_link_will_do),
    "raises on what is no text": Mutant("payloads", _raises_on_what_is_no_text),
    "everybody hears": Mutant("frames", _everybody_hears),
    "two at once are one": Mutant("frames", _two_at_once_are_one),
}
