"""What a visit yields: one case, ready to be sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from flows.recipients import Recipient


class InputMethod(StrEnum):
    """How answers came in."""

    KEYBOARD = "keyboard"
    SCAN = "scan"
    TOUCH = "touch"


class AccessibilityMode(StrEnum):
    """What a visitor needed to use the kiosk."""

    NO_VOICE = "no_voice"
    LARGE_TEXT = "large_text"
    HIGH_CONTRAST = "high_contrast"


MOST_PHOTOS = 12
LARGEST_PHOTO = 1_500_000
"""Bytes; a larger photo is refused as failed."""

MOST_FILES = 30
"""From a visitor's own phone, in one report."""

LARGEST_DOCUMENT = 1 << 20
LARGEST_CASE = LARGEST_DOCUMENT + MOST_PHOTOS * LARGEST_PHOTO
"""Bytes that a report may take at most: room for so much is looked for before a visitor is let in."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo: JPEG without metadata, only ever in memory until it is sealed."""

    photo_id: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Case:
    """A report as its visitor declared it.

    `document` is JSON: the envelope of common fields and the answers (docs/reference/case.md). The reference
    is added when the case gets its sequence number, inside the committing transaction. It is sealed to the
    keys of `recipient` and to no others.
    """

    case_id: UUID
    document: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()
    recipient: Recipient = Recipient.REPORTS
