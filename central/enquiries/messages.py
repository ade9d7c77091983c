"""Questions and answers, sealed as docs/reference/enquiries.md says. Integers are big-endian."""

import base64
import json
import struct
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from central.keys.suites import CLASSIC, OpeningKey, seal
from central.sealed.base import UnreadableError, unpadded

MAX_SEALED = 16_384
"""Base64 characters of a sealed question; a good one has about 3,000."""

_BLOCK = 1024
_KEY_BYTES = 32


def _x25519(text: str) -> str:
    if len(base64.b64decode(text, validate=True)) != _KEY_BYTES:
        raise ValueError("must be 32 bytes")
    return text


_Word = Annotated[str, Field(max_length=64)]
_PublicKey = Annotated[str, Field(max_length=64), AfterValidator(_x25519)]


class _Question(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    reference: _Word
    receipt_code: _Word
    reply_to: _PublicKey


class CheckQuestion(_Question):
    """Asks for a check."""

    ask: Literal["check"]


class StatusQuestion(_Question):
    """Asks how a report stands."""

    ask: Literal["status"]
    check: _Word


Question = CheckQuestion | StatusQuestion
_QUESTION: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="ask")])


def open_question(
    opening: Mapping[str, OpeningKey], kiosk: int, enquiry: UUID, kid: str, sealed: str
) -> Question:
    """Open and check a question. Raises `UnreadableError`."""
    key = opening.get(kid)
    if key is None:
        raise UnreadableError("no key of this centre has that kid")
    try:
        message = base64.b64decode(sealed, validate=True)
        return _QUESTION.validate_json(unpadded(key.open(message, question_info(kiosk, enquiry, kid))))
    except (InvalidTag, ValueError):
        raise UnreadableError("the question does not open") from None


def seal_answer(answer: Mapping[str, Any], reply_to: str, kiosk: int, enquiry: UUID) -> str:
    """Seal an answer to the key that the question named. Raises `UnreadableError` for a key that is none."""
    content = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    padded = content + b"\x80" + bytes(-(len(content) + 1) % _BLOCK)
    try:
        public = base64.b64decode(reply_to, validate=True)
        return base64.b64encode(seal(CLASSIC, public, padded, answer_info(kiosk, enquiry))).decode()
    except ValueError:
        raise UnreadableError("the key to answer to is not one") from None


def question_info(kiosk: int, enquiry: UUID, kid: str) -> bytes:
    """`info` of HPKE for a question."""
    return b"report-kiosk/question/2\0" + _place(kiosk, enquiry) + kid.encode("ascii")


def answer_info(kiosk: int, enquiry: UUID) -> bytes:
    """`info` of HPKE for an answer."""
    return b"report-kiosk/answer/2\0" + _place(kiosk, enquiry)


def _place(kiosk: int, enquiry: UUID) -> bytes:
    return struct.pack(">I", kiosk) + enquiry.bytes
