"""A script for a played visit: what the visitor answers, scans and photographs, and what goes wrong.

The player reads the screen as a visitor does and looks up what to answer by the name of the field it sees.
How a script is written: docs/reference/visit-scripts.md. Named scripts lie in `kiosk/played/visits/`.
"""

import contextlib
import re
import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from config.settings import Orientation
from flows.languages import Language
from flows.ports import Device
from flows.view import PaperState
from kiosk.played.inventing import Way

FOLDER = Path(__file__).parent / "visits"

_TYPED_UNIT = re.compile(r"\{([^{}=]+)=([^{}=]+)\}|(.)", re.DOTALL)


class PlaybookError(Exception):
    """A script cannot be read; the message names the file, the place and the remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Process(StrEnum):
    """What can be stopped or killed."""

    CENTRE = "centre"
    SIMULATORS = "simulators"
    DEVICES = "devices"
    COURIER = "courier"
    SCREEN = "screen"


class Treatment(StrEnum):
    """What is done to a process."""

    STOP = "stop"  # ends and stays away
    START = "start"  # ends the stop
    KILL = "kill"  # starts again by itself


class Network(StrEnum):
    """What is done to the network; the words of `devices.relay`."""

    MEND = "mend"
    CUT = "cut"
    SLOW = "slow"
    PORTAL = "portal"


class DeviceMishap(_Strict):
    """A simulated device gets a fault when a screen, or the page of a field, is first seen."""

    at: str = Field(description="A screen (`declare`), a field (`event.when`), or `gone`, after the visit.")
    device: Device
    fault: str = Field(description="A word of the device's simulator; `none` mends it.")
    after_rows: Annotated[int | None, Field(gt=0)] = Field(
        None, description="Printer: rows of paper until then."
    )


class LeverMishap(_Strict):
    """Any other word is said to a simulated device when a screen, or the page of a field, is first seen."""

    at: str
    device: Device
    do: dict[str, str | bool] = Field(description='As after `kiosk lever`: `press = "call"`.')


class ProcessMishap(_Strict):
    """A process is stopped, started or killed when a screen, or the page of a field, is first seen."""

    at: str
    process: Process
    do: Treatment


class NetworkMishap(_Strict):
    """The network to the centre is cut or mended when a screen, or the page of a field, is first seen."""

    at: str
    network: Network


Mishap = DeviceMishap | LeverMishap | ProcessMishap | NetworkMishap


class OfficerTouch(_Strict):
    """On this page the visitor opens the emergency screen, touches a button there and comes back."""

    at: str
    touch: Literal["call_officer", "officer_came"]


class Change(_Strict):
    """On the review screen: change the row with this target and answer its page anew."""

    row: str
    answers: dict[str, Any]


class Expected(_Strict):
    """What must be true on the received screen."""

    report: bool = Field(default=True, description="False: the visit ends on a notice, without a report.")
    paper: PaperState | None = Field(default=PaperState.PRINTED, description="None: whatever it says.")
    official_number: bool = Field(default=True, description="Whether the visitor waits for it.")


Answer = Any
"""What a field of that kind is answered with; for words a string, or one string for each language."""


class Playbook(_Strict):
    """One visit."""

    title: str
    language: Language = Language.TRADITIONAL_CHINESE
    site: str = "report-room"
    orientation: Orientation = Orientation.PORTRAIT
    service: str = "lost_property"
    input_method: dict[Language, str] = Field(
        default_factory=lambda: {
            Language.TRADITIONAL_CHINESE: "pinyin",
            Language.SIMPLIFIED_CHINESE: "pinyin",
        },
        description="What Chinese words are typed with.",
    )
    fill: Way | None = Field(None, description="What `answers` do not say is invented.")
    earlier: str = Field(
        "", description="A script played before in the same kiosk; `{ earlier = … }` answers with its paper."
    )
    answers: dict[str, Answer] = Field(description="By the name of the field, as `items[0].description`.")
    scans: list[Annotated[str, StringConstraints(max_length=4096)]] = Field(
        default_factory=list,
        description="Put to the reader on each scan screen in turn; none: typed instead.",
    )
    reader: Literal[Device.SCANNER, Device.DOCUMENT_READER, Device.CAMERA] = Field(
        Device.SCANNER, description="What the scans are put to; to the camera a picture is shown."
    )
    photos: Annotated[int, Field(ge=0, le=30)] = Field(0, description="Photos taken on each photo screen.")
    files: Annotated[int, Field(ge=0, le=30)] = Field(0, description="Sent by phone on each files page.")
    changes: list[Change] = Field(default_factory=list)
    officer: list[OfficerTouch] = Field(default_factory=list)
    reprint: bool = False
    slips: list[str] = Field(default_factory=list, description="Slips asked for on the received screen.")
    members: list[Annotated[int, Field(ge=0)]] = Field(
        default_factory=list,
        description="How many each list that is met is to have; none: as many as there are answers for.",
    )
    removals: list[str] = Field(
        default_factory=list, description="Rows removed once the list is full: `witnesses[1]`."
    )
    survey: dict[str, list[str]] = Field(
        default_factory=dict, description="Options by question; a question that is not here is skipped."
    )
    mishaps: list[Mishap] = Field(default_factory=list)
    expected: Expected = Expected()

    def wanted(
        self, *, language: str | None = None, site: str | None = None, orientation: str | None = None
    ) -> Self:
        """The same visit with what the command line asked for. Raises `PlaybookError`."""
        wishes = {"language": language, "site": site, "orientation": orientation}
        try:
            return self.model_validate(
                {**dict(self), **{name: wish for name, wish in wishes.items() if wish}}
            )
        except ValidationError as error:
            raise PlaybookError(_faults(error)) from error

    def mishaps_at(self, place: str) -> list[Mishap]:
        """What happens when `place` is reached."""
        return [mishap for mishap in self.mishaps if mishap.at == place]


class Part(_Strict):
    """What a player is given: its script, where pictures go, and where its stage manager listens."""

    playbook: Playbook
    out: Path | None = Field(description="None: no pictures are taken.")
    stage: Path
    today: date = Field(description="In the kiosk's time zone.")

    @staticmethod
    def claim(folder: Path) -> "Part | None":
        """The next part in `folder` that nobody has claimed; None when all are."""
        for path in sorted(folder.glob("*.json")):
            claimed = path.with_suffix(".claimed")
            with contextlib.suppress(FileNotFoundError):
                path.rename(claimed)
                return Part.model_validate_json(claimed.read_text(encoding="utf-8"))
        return None

    def write(self, path: Path) -> None:
        """Write it for a player."""
        path.write_text(self.model_dump_json(), encoding="utf-8")


def in_language(answer: Answer, language: Language) -> Answer:
    """An answer that is given per language, in that language; any other as it is."""
    if isinstance(answer, dict) and answer and set(answer) <= {each.value for each in Language}:
        return answer.get(language.value)
    return answer


def typed(words: str) -> list[tuple[str, str]]:
    """Words as they are typed: pairs of keys and what they must yield.

    `{heise=黑色}` is typed with an input method; every other character is a key of its own.
    """
    return [(keys or single, result or single) for keys, result, single in _TYPED_UNIT.findall(words)]


def text_of(words: str) -> str:
    """Words as they must arrive: `typed` without its keys."""
    return "".join(result for _, result in typed(words))


def names() -> list[str]:
    """The scripts that ship with the kiosk."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.toml"))


def load(script: str) -> Playbook:
    """Read a script: a name of `names()` or the path of a TOML file. Raises `PlaybookError`."""
    path = FOLDER / f"{script}.toml" if script in names() else Path(script)
    try:
        return Playbook.model_validate(_read(path))
    except OSError as error:
        known = ", ".join(names())
        raise PlaybookError(f"{script}: {error.strerror}; give a TOML file or one of: {known}") from error
    except tomllib.TOMLDecodeError as error:
        raise PlaybookError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise PlaybookError(f"{path}: {_faults(error)}") from error


def _read(path: Path) -> dict[str, Any]:
    """The values of a script, on top of those of the named script that it is `like`."""
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    like = values.pop("like", None)
    if like is None:
        return values
    below = _read(FOLDER / f"{like}.toml")
    return {**below, **values, "answers": {**below["answers"], **values.get("answers", {})}}


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
