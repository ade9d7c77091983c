"""Questions about an earlier report: sealed so that only the centre reads them, only the asker the answer.

The format is docs/reference/enquiries.md. The courier carries the bytes and can open neither.
"""

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk.post.envelope import SUITES, pad
from kiosk.post.keyset import SealingKey

BLOCK = 1024

_QUESTION_LABEL = b"report-kiosk/question/2\x00"
_ANSWER_LABEL = b"report-kiosk/answer/2\x00"
_ANSWER_SUITE = SUITES["X25519/HKDF-SHA256/AES-256-GCM"]


class NotAnAnswerError(ValueError):
    """What came back is not the centre's answer to this question. Quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class SealedQuestion:
    """What the courier carries: the members of the body of `POST /v1/enquiries`."""

    enquiry_id: UUID
    kid: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One question of one visit, with the key that only its answer fits. Forgotten with the visit."""

    kiosk: int
    enquiry_id: UUID
    _reply_key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate, repr=False)

    def seal(self, question: Mapping[str, Any], recipient: SealingKey) -> SealedQuestion:
        """Seal a question (without `reply_to`) to the primary key of the key set."""
        reply_to = base64.b64encode(self._reply_key.public_key().public_bytes_raw()).decode()
        text = json.dumps({**question, "reply_to": reply_to}, ensure_ascii=False).encode()
        info = _context(_QUESTION_LABEL, self.kiosk, self.enquiry_id) + recipient.kid.encode("ascii")
        sealed = SUITES[recipient.suite].encrypt(pad(text, BLOCK), recipient.public, info)
        return SealedQuestion(self.enquiry_id, recipient.kid, base64.b64encode(sealed).decode())

    def open_answer(self, sealed: str) -> dict[str, Any]:
        """The centre's answer. Raises `NotAnAnswerError`."""
        info = _context(_ANSWER_LABEL, self.kiosk, self.enquiry_id)
        try:
            padded = _ANSWER_SUITE.decrypt(base64.b64decode(sealed, validate=True), self._reply_key, info)
            answer = json.loads(_unpadded(padded))
        except (ValueError, InvalidTag, RecursionError):
            raise NotAnAnswerError from None
        if not isinstance(answer, dict):
            raise NotAnAnswerError
        return answer


def _context(label: bytes, kiosk: int, enquiry_id: UUID) -> bytes:
    return label + struct.pack(">I16s", kiosk, enquiry_id.bytes)


def _unpadded(padded: bytes) -> bytes:
    text, mark, zeros = padded.rpartition(b"\x80")
    if not mark or zeros.strip(b"\x00") or len(padded) % BLOCK:
        raise ValueError("not padded as the contract says")
    return text
