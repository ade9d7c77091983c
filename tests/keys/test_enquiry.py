"""Questions and answers: only the centre reads the one, only the asker the other; no length tells which."""

import base64
import json
import struct
import uuid
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from kiosk.post.enquiry import Enquiry, NotAnAnswerError, SealedQuestion
from kiosk.post.keyset import parse, parse_roots

ID = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
QUESTION = {"ask": "check", "reference": "000712345678", "receipt_code": "K7MR2-9QXT"}
ANSWER = {"answer": "no_match"}


def ask(centre: Any, enquiry: Enquiry, question: dict[str, Any] = QUESTION, now: float = 0) -> SealedQuestion:
    key_set = parse(centre.key_set(), parse_roots(centre.roots()))
    return enquiry.seal(question, key_set.recipients(now).primary)


def read_by_centre(centre: Any, suites: Any, asked: SealedQuestion, kiosk: int = 7) -> dict[str, Any]:
    pair = next(pair for pair in centre.pairs if pair.kid == asked.kid)
    info = b"report-kiosk/question/2\0" + struct.pack(">I", kiosk) + asked.enquiry_id.bytes
    padded = suites[pair.suite].decrypt(
        base64.b64decode(asked.sealed), pair.private, info + pair.kid.encode()
    )
    assert len(padded) % 1024 == 0
    value: dict[str, Any] = json.loads(padded.rstrip(b"\0").removesuffix(b"\x80"))
    return value


def answered(suites: Any, classic: str, reply_to: str, answer: bytes, kiosk: int = 7) -> str:
    info = b"report-kiosk/answer/2\0" + struct.pack(">I", kiosk) + ID.bytes
    padded = answer + b"\x80" + bytes(-(len(answer) + 1) % 1024)
    key = X25519PublicKey.from_public_bytes(base64.b64decode(reply_to))
    return base64.b64encode(suites[classic].encrypt(padded, key, info)).decode()


@pytest.fixture
def enquiry() -> Enquiry:
    return Enquiry(7, ID)


def test_a_question_and_its_answer(
    paper_centre: Any, suites: Any, classic: str, enquiry: Enquiry, now: float
) -> None:
    asked = ask(paper_centre, enquiry, now=now)
    assert (asked.enquiry_id, asked.kid) == (ID, paper_centre.pairs[0].kid)
    read = read_by_centre(paper_centre, suites, asked)
    assert {name: read[name] for name in QUESTION} == QUESTION
    sealed = answered(suites, classic, read["reply_to"], json.dumps(ANSWER).encode())
    assert enquiry.open_answer(sealed) == ANSWER


def test_lengths_tell_nothing(paper_centre: Any, enquiry: Enquiry, now: float) -> None:
    longer = {**QUESTION, "ask": "status", "check": "123456"}
    one, two = (ask(paper_centre, enquiry, question, now) for question in (QUESTION, longer))
    assert len(one.sealed) == len(two.sealed)


def test_each_enquiry_has_a_key_of_its_own(
    paper_centre: Any, suites: Any, classic: str, enquiry: Enquiry, now: float
) -> None:
    read = read_by_centre(paper_centre, suites, ask(paper_centre, enquiry, now=now))
    sealed = answered(suites, classic, read["reply_to"], json.dumps(ANSWER).encode())
    with pytest.raises(NotAnAnswerError):
        Enquiry(7, ID).open_answer(sealed)


def test_a_question_is_of_its_kiosk_alone(
    paper_centre: Any, suites: Any, enquiry: Enquiry, now: float
) -> None:
    asked = ask(paper_centre, enquiry, now=now)
    with pytest.raises(InvalidTag):
        read_by_centre(paper_centre, suites, asked, kiosk=8)


@pytest.mark.parametrize("text", [b"[]", b"", b"CANARY", b"[" * 2000, b"\xff", b'{"answer":"x"}\x80\x01'])
def test_what_is_no_answer_is_told_as_that(
    paper_centre: Any, suites: Any, classic: str, enquiry: Enquiry, now: float, text: bytes
) -> None:
    read = read_by_centre(paper_centre, suites, ask(paper_centre, enquiry, now=now))
    with pytest.raises(NotAnAnswerError):
        enquiry.open_answer(answered(suites, classic, read["reply_to"], text))


@pytest.mark.parametrize("sealed", ["", "!", "AAAA", "é"])
def test_what_is_no_message_is_told_as_that(enquiry: Enquiry, sealed: str) -> None:
    with pytest.raises(NotAnAnswerError):
        enquiry.open_answer(sealed)


def test_an_enquiry_shows_no_key(enquiry: Enquiry) -> None:
    assert "key" not in repr(enquiry)
