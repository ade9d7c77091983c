"""Where an answer may appear again after it was given. Nowhere, unless its field says so."""

from enum import Enum, StrEnum


class Place(Enum):
    """Where an answer could appear besides the case itself, which is sealed."""

    REVIEW = "review"  # the screen, for the visitor alone
    SPEECH = "speech"  # said aloud, or into the headphones
    PAPER = "paper"  # receipts and slips
    LOG = "log"


VEIL = "*"
"""What stands for a character of a masked answer: Latin and Chinese fonts have it, equally narrow."""


class Privacy(StrEnum):
    """The class of a field."""

    HIDDEN = "hidden"  # review says only that it was answered
    MASKED = "masked"  # review shows a few characters, enough to see a slip of the finger
    SHOWN = "shown"  # review shows it
    SPOKEN = "spoken"  # ... and speech may say it
    PRINTED = "printed"  # ... and paper may carry it
    OPEN = "open"  # ... and the log: only for choices that say nothing about a person


_MAY: dict[Privacy, frozenset[Place]] = {
    Privacy.HIDDEN: frozenset(),
    Privacy.MASKED: frozenset(),
    Privacy.SHOWN: frozenset({Place.REVIEW}),
    Privacy.SPOKEN: frozenset({Place.REVIEW, Place.SPEECH}),
    Privacy.PRINTED: frozenset({Place.REVIEW, Place.SPEECH, Place.PAPER}),
    Privacy.OPEN: frozenset(Place),
}


def may_appear(privacy: Privacy, place: Place) -> bool:
    """Whether an answer of this class may appear in full at `place`."""
    return place in _MAY[privacy]
