"""The words between the devices process and the child that holds the camera."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from devices.messages import Id, Symbology
from devices.wire import STRICT, Body, Codec


@dataclass(frozen=True, slots=True)
class TakeStill:
    """Encode the newest frame as a still."""

    __pydantic_config__ = STRICT
    photo_id: Id
    type: Literal["take_still"] = "take_still"


@dataclass(frozen=True, slots=True)
class ReadCodes:
    """Look for codes, or stop looking."""

    __pydantic_config__ = STRICT
    on: bool
    type: Literal["read_codes"] = "read_codes"


Order: TypeAlias = TakeStill | ReadCodes


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """A small JPEG of a frame taken at that second of CLOCK_MONOTONIC."""

    __pydantic_config__ = STRICT
    taken_monotonic: float
    body: Body = b""
    type: Literal["preview_frame"] = "preview_frame"


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG without metadata; empty if there was no frame."""

    __pydantic_config__ = STRICT
    photo_id: Id
    body: Body = b""
    type: Literal["still"] = "still"


@dataclass(frozen=True, slots=True)
class Code:
    """A code was read; `body` is its bytes, `symbology` its AIM identifier without the bracket, or empty."""

    __pydantic_config__ = STRICT
    symbology: Symbology = ""
    body: Body = b""
    type: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Opened:
    """The camera delivers frames of this size, in pixels."""

    __pydantic_config__ = STRICT
    width: int
    height: int
    type: Literal["opened"] = "opened"


class Failure(StrEnum):
    """What is wrong with a camera."""

    CANNOT_OPEN = "cannot_open"
    ENDED = "ended"  # no more frames: unplugged
    RESIZED = "resized"  # frames of another size all at once: it must be asked anew
    FROZEN = "frozen"  # the same frame again and again
    BLACK = "black"  # lens covered, no light, sensor dead
    BLANK = "blank"  # evenly lit and nothing in it: a finger, a strip of tape
    OVEREXPOSED = "overexposed"  # blinded
    NOISE = "noise"  # nothing but noise: cable, sensor


COVERED = frozenset({Failure.BLACK, Failure.BLANK})
"""Something is before the lens; who takes it away has mended it."""
PASSING = COVERED | {Failure.OVEREXPOSED, Failure.NOISE}
"""What may pass while the camera goes on."""


@dataclass(frozen=True, slots=True)
class Blind:
    """Frames come and show nothing; said again while it is so. The child keeps looking."""

    __pydantic_config__ = STRICT
    failure: Failure
    type: Literal["blind"] = "blind"


@dataclass(frozen=True, slots=True)
class Failed:
    """The child ends now."""

    __pydantic_config__ = STRICT
    failure: Failure
    type: Literal["failed"] = "failed"


Told: TypeAlias = Opened | PreviewFrame | Still | Code | Blind | Failed


def order_codec() -> Codec[Order]:
    """Frames to the child."""
    return Codec(Order)


def told_codec() -> Codec[Told]:
    """Frames from the child."""
    return Codec(Told)
