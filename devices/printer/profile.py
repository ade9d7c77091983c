"""Printer models as data: one file in `profiles/` says all that the adapter must know of a model.

How to add one: docs/devices/add-a-printer.md.
"""

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.settings import PrintConfirmation, Printer

FOLDER = Path(__file__).parent / "profiles"

FACTS = (
    "width_dots",
    "dots_per_mm",
    "cutter",
    "cutter_rows",
    "speed_mm_s",
    "receive_buffer",
    "confirmation",
    "clears",
    "identity",
    "status",
)
"""What every profile says where it knows it from."""

_SOURCE = re.compile(r"(reference|assumption): .+")


class ProfileError(ValueError):
    """There is no such profile, or it cannot be used; the message says which and why."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Cutter(StrEnum):
    """How a receipt comes off."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    """A tear bar: a person tears it off."""


class Status(_Table):
    """How a printer tells its state."""

    questions: tuple[Annotated[int, Field(ge=1, le=4)], ...] = Field(
        default=(1, 2, 3, 4), description="The DLE EOT questions it answers."
    )
    automatic: bool = Field(default=False, description="It sends GS a blocks when something changes.")
    full: bool = Field(default=False, description="It answers DLE EOT 20 with six bytes.")

    @model_validator(mode="after")
    def _answers_something(self) -> "Status":
        if 1 not in self.questions or list(self.questions) != sorted(set(self.questions)):
            raise ValueError("questions begin with 1, go up, and name none twice")
        return self


class Presenter(_Table):
    """A printer that holds the receipt out until it is taken. Commands as hexadecimal digits."""

    present: str = Field(pattern=r"^([0-9a-f]{2} ?)+$", description="Hold the receipt out.")
    retract: str = Field(pattern=r"^([0-9a-f]{2} ?)+$", description="Take away one that nobody took.")

    @property
    def present_command(self) -> bytes:
        """Bytes of `present`."""
        return bytes.fromhex(self.present)

    @property
    def retract_command(self) -> bytes:
        """Bytes of `retract`."""
        return bytes.fromhex(self.retract)


class Profile(_Table):
    """A printer model."""

    title: str = Field(min_length=1, max_length=60, description="Maker and model, as people say it.")
    paper_mm: Annotated[int, Field(ge=40, le=120)] = Field(description="Width of its roll.")
    width_dots: Annotated[int, Field(ge=192, le=1024)] = Field(description="Printable width.")
    dots_per_mm: Annotated[float, Field(ge=4, le=24)]
    cutter: Cutter
    cutter_rows: Annotated[int, Field(ge=0, le=400)] = Field(description="Rows from the head to the cutter.")
    speed_mm_s: Annotated[int, Field(ge=10, le=1000)] = Field(description="At its fastest.")
    receive_buffer: Annotated[int, Field(ge=1024)] = Field(description="Bytes it surely takes unread.")
    confirmation: PrintConfirmation
    clears: bool = Field(description="DLE DC4 8 empties its buffers.")
    identity: bool = Field(description="GS I 65 and 67 tell its firmware and model.")
    status: Status = Status()
    presenter: Presenter | None = None
    quirks: tuple[str, ...] = ()
    sources: dict[str, str] = Field(description="For each of FACTS: `reference: …` or `assumption: …`.")

    @model_validator(mode="after")
    def _is_whole(self) -> "Profile":
        if self.confirmation is PrintConfirmation.AS_MODEL:
            raise ValueError("confirmation: a profile is the model; say process_id, paper_sensor or none")
        if set(self.sources) != set(FACTS):
            raise ValueError(f"sources: say of each of {', '.join(FACTS)} where it is known from")
        if not all(_SOURCE.fullmatch(source) for source in self.sources.values()):
            raise ValueError("sources: begin each with `reference: ` or `assumption: `")
        if self.status.full != (self.presenter is not None):
            raise ValueError("presenter: only DLE EOT 20 tells whether a receipt waits; say both or neither")
        return self


def names() -> tuple[str, ...]:
    """All profiles there are, by their names in settings."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def read(path: Path) -> Profile:
    """The profile in a file. Raises `ProfileError`."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Profile.model_validate(table)
    except OSError as error:
        raise ProfileError(f"{path.stem}: no such printer model; there are {', '.join(names())}") from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ProfileError(f"{path.name}: {'; '.join(faults)}") from error
    except ValueError as error:
        raise ProfileError(f"{path.name}: {error}") from error


def named(name: str) -> Profile:
    """The profile of that name. Raises `ProfileError`."""
    if name not in names():
        raise ProfileError(f"{name}: no such printer model; there are {', '.join(names())}")
    return read(FOLDER / f"{name}.toml")


def profile_of(settings: Printer) -> Profile:
    """The profile of the printer in use, with what its settings override. Raises `ProfileError`."""
    profile = named(settings.model)
    overrides: dict[str, Any] = {}
    if settings.width_dots:
        overrides["width_dots"] = settings.width_dots
    if settings.dots_per_mm:
        overrides["dots_per_mm"] = settings.dots_per_mm
    if settings.confirmation is not PrintConfirmation.AS_MODEL:
        overrides["confirmation"] = settings.confirmation
    return profile.model_copy(update=overrides)
