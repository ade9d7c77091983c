"""The words on `devices.sock`: what a screen asks of the devices process and what it hears back."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from devices.wire import STRICT, Body, Codec
from flows.ports import Device, DeviceState, OfficerCall, PanelKey, PrintOutcome

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
"""Job and photo ids: made by us, never by a visitor."""

Symbology = Annotated[str, StringConstraints(max_length=2, pattern=r"^([A-Za-z][0-9A-Za-z])?$")]
"""ISO/IEC 15424: code character and modifier."""

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
FactValue = Annotated[str, StringConstraints(max_length=120, pattern=r"^[ -~]*$")]
"""What a device says of itself, cut to printable ASCII: it may be anything."""

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


@dataclass(frozen=True, slots=True)
class CallOfficer:
    """Light the lamp, sound the buzzer, and go on until somebody answers; told to all by `Call`."""

    __pydantic_config__ = STRICT
    type: Literal["call_officer"] = "call_officer"


@dataclass(frozen=True, slots=True)
class OfficerCame:
    """Somebody is here: the call is over."""

    __pydantic_config__ = STRICT
    type: Literal["officer_came"] = "officer_came"


# --- from maintenance ---------------------------------------------------------------------------------------


class PanelPart(StrEnum):
    """What a technician can try."""

    LAMP = "lamp"
    BUZZER = "buzzer"
    SPEAKER = "speaker"
    HEADPHONES_LEFT = "headphones_left"
    HEADPHONES_RIGHT = "headphones_right"


@dataclass(frozen=True, slots=True)
class Inspect:
    """Tell everything about every device; answered by one `Inspected` for each."""

    __pydantic_config__ = STRICT
    type: Literal["inspect"] = "inspect"


@dataclass(frozen=True, slots=True)
class RestartDevice:
    """Let go of a device and take hold of it anew, without its back-off."""

    __pydantic_config__ = STRICT
    device: Device
    type: Literal["restart_device"] = "restart_device"


@dataclass(frozen=True, slots=True)
class TryPanel:
    """Switch a part of the panel on for about a second; answered by `PanelTried`. A person judges it."""

    __pydantic_config__ = STRICT
    part: PanelPart
    type: Literal["try_panel"] = "try_panel"


@dataclass(frozen=True, slots=True)
class EndProcess:
    """End this process; whoever keeps it starts it again."""

    __pydantic_config__ = STRICT
    type: Literal["end_process"] = "end_process"


Request: TypeAlias = (
    PrintImage
    | Arm
    | Disarm
    | OpenCamera
    | CloseCamera
    | Capture
    | CallOfficer
    | OfficerCame
    | Inspect
    | RestartDevice
    | TryPanel
    | EndProcess
)


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
    """Something was read; `body` is the bytes as read.

    `source` is a reader; `symbology` is the AIM identifier of the code without its bracket, or empty.
    """

    __pydantic_config__ = STRICT
    source: Device = Device.SCANNER
    symbology: Symbology = ""
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


@dataclass(frozen=True, slots=True)
class Call:
    """How the call of an officer stands; sent on connect, then on change."""

    __pydantic_config__ = STRICT
    state: OfficerCall
    type: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the tactile keypad went down. Every screen hears it; the one that is shown acts."""

    __pydantic_config__ = STRICT
    key: PanelKey
    type: Literal["key_pressed"] = "key_pressed"


@dataclass(frozen=True, slots=True)
class Headphones:
    """Headphones are in their jack, or not; sent on connect, then on change."""

    __pydantic_config__ = STRICT
    plugged: bool
    type: Literal["headphones"] = "headphones"


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody stands before the kiosk, or nobody; sent on change, and never without a sensor."""

    __pydantic_config__ = STRICT
    near: bool
    type: Literal["presence"] = "presence"


# --- to maintenance -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A device came into `state` at that second of the wall clock (Unix time)."""

    __pydantic_config__ = STRICT
    state: DeviceState
    at: float


@dataclass(frozen=True, slots=True)
class Inspected:
    """All about one device: what it says of itself, and its latest changes, newest last."""

    __pydantic_config__ = STRICT
    device: Device
    state: DeviceState
    facts: dict[FactName, FactValue] = field(default_factory=dict)
    history: Annotated[list[Change], Field(max_length=64)] = field(default_factory=list)
    type: Literal["inspected"] = "inspected"


@dataclass(frozen=True, slots=True)
class PanelTried:
    """`done`: the command went out to that part. Whether it shone or sounded a person must say."""

    __pydantic_config__ = STRICT
    part: PanelPart
    done: bool
    type: Literal["panel_tried"] = "panel_tried"


Report: TypeAlias = (
    State
    | Scan
    | Preview
    | Photo
    | JobEnded
    | Call
    | KeyPressed
    | Headphones
    | Presence
    | Inspected
    | PanelTried
)


def request_codec() -> Codec[Request]:
    """Frames from a screen."""
    return Codec(Request)


def report_codec() -> Codec[Report]:
    """Frames to a screen."""
    return Codec(Report)
