"""The words on `devices.sock`: what a screen asks of the devices process and what it hears back."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from devices.wire import STRICT, Body, Codec
from flows.ports import Device, DeviceState, PrintOutcome

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
"""Job and photo ids: made by us, never by a visitor."""

MAX_ROWS = 8000
"""One metre of paper at 8 dots a millimetre: no receipt is longer."""


# --- from a screen ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrintImage:
    """Print a picture: `body` is `height` rows of `(width + 7) // 8` bytes, 1 is black, left bit first."""

    __pydantic_config__ = STRICT
    job_id: Id
    width: Annotated[int, Field(ge=1, le=1024)]
    height: Annotated[int, Field(ge=1, le=MAX_ROWS)]
    deadline_s: Annotated[float, Field(gt=0, le=120)]
    body: Body = b""
    type: Literal["print_image"] = "print_image"


@dataclass(frozen=True, slots=True)
class Arm:
    """Send me what is scanned from now on; who was armed before is armed no longer."""

    __pydantic_config__ = STRICT
    type: Literal["arm"] = "arm"


@dataclass(frozen=True, slots=True)
class Disarm:
    """Send me no more scans."""

    __pydantic_config__ = STRICT
    type: Literal["disarm"] = "disarm"


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Switch the camera on and send me its preview; who had it before has it no longer."""

    __pydantic_config__ = STRICT
    type: Literal["open_camera"] = "open_camera"


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Switch the camera off."""

    __pydantic_config__ = STRICT
    type: Literal["close_camera"] = "close_camera"


@dataclass(frozen=True, slots=True)
class Capture:
    """Take a still; answered by `Photo` with the same id."""

    __pydantic_config__ = STRICT
    photo_id: Id
    type: Literal["capture"] = "capture"


Request: TypeAlias = PrintImage | Arm | Disarm | OpenCamera | CloseCamera | Capture


# --- to a screen --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """A device is in `state`; sent for every device on connect, then on change."""

    __pydantic_config__ = STRICT
    device: Device
    state: DeviceState
    type: Literal["state"] = "state"


@dataclass(frozen=True, slots=True)
class Scan:
    """Something was read; `body` is the bytes as read."""

    __pydantic_config__ = STRICT
    body: Body = b""
    type: Literal["scan"] = "scan"


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview picture; `body` is JPEG. `taken_monotonic` is CLOCK_MONOTONIC, the same in all processes."""

    __pydantic_config__ = STRICT
    taken_monotonic: float
    body: Body = b""
    type: Literal["preview"] = "preview"


@dataclass(frozen=True, slots=True)
class Photo:
    """A still; `body` is JPEG without metadata, empty if it could not be taken."""

    __pydantic_config__ = STRICT
    photo_id: Id
    body: Body = b""
    type: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True)
class JobEnded:
    """A print job ended."""

    __pydantic_config__ = STRICT
    job_id: Id
    outcome: PrintOutcome
    state: DeviceState
    type: Literal["job_ended"] = "job_ended"


Report: TypeAlias = State | Scan | Preview | Photo | JobEnded


def request_codec() -> Codec[Request]:
    """Frames from a screen."""
    return Codec(Request)


def report_codec() -> Codec[Report]:
    """Frames to a screen."""
    return Codec(Report)
