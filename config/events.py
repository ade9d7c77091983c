"""The catalogue of log events: `events.toml`, checked."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

CATALOGUE = Path(__file__).with_name("events.toml")


class Level(StrEnum):
    """How much an event matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Primitive(StrEnum):
    """Types of fields beside the vocabularies. None of them can hold a sentence."""

    NUMBER = "number"
    SECONDS = "seconds"
    FLAG = "flag"
    UUID = "uuid"
    CODE = "code"
    VERSION = "version"
    EXCEPTION = "exception"
    PLACE = "place"


class Refusal(StrEnum):
    """Why an event was not logged as it came."""

    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_VALUE = "wrong_value"


@dataclass(frozen=True, slots=True)
class EventSpec:
    """One event: its fields by name, each with the values it takes."""

    name: str
    level: Level
    words: str
    fields: Mapping[str, str]
    """Name of a `Primitive` or of a vocabulary."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All events and the vocabularies of their fields."""

    events: Mapping[str, EventSpec]
    vocabularies: Mapping[str, tuple[str, ...]]

    def faults(self, name: str, fields: Mapping[str, object]) -> Iterator[tuple[str, Refusal]]:
        """What may not be logged of an event: pairs of field (empty for the event itself) and reason."""
        spec = self.events.get(name)
        if spec is None:
            yield "", Refusal.UNKNOWN_EVENT
            return
        for field, value in fields.items():
            if field not in spec.fields:
                yield field, Refusal.UNKNOWN_FIELD
            elif not self._takes(spec.fields[field], value):
                yield field, Refusal.WRONG_VALUE
        for field in spec.fields.keys() - fields.keys():
            yield field, Refusal.MISSING_FIELD

    def _takes(self, type_name: str, value: object) -> bool:
        if type_name in self.vocabularies:
            return isinstance(value, str) and value in self.vocabularies[type_name]
        return _PRIMITIVES[Primitive(type_name)](value)


class CatalogueError(Exception):
    """`events.toml` is wrong; the message says where."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Level
    words: str = Field(min_length=1)
    fields: dict[str, str] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabularies: dict[str, tuple[str, ...]]
    events: dict[str, _Table]


def read_catalogue(path: Path) -> Catalogue:
    """Read and check a catalogue. Raises `CatalogueError`."""
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    types = {*file.vocabularies, *Primitive}
    for name, event in file.events.items():
        for field, type_name in event.fields.items():
            if type_name not in types:
                known = ", ".join(sorted(types))
                raise CatalogueError(
                    f"{path.name}: events.{name}.fields.{field}: no type {type_name!r}; use {known}"
                )
    specs = {
        name: EventSpec(name, event.level, event.words, MappingProxyType(event.fields))
        for name, event in file.events.items()
    }
    return Catalogue(MappingProxyType(specs), MappingProxyType(file.vocabularies))


@cache
def catalogue() -> Catalogue:
    """The catalogue of this kiosk, read once."""
    return read_catalogue(CATALOGUE)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_uuid(value: object) -> bool:
    return isinstance(value, UUID) or (isinstance(value, str) and bool(_UUID.fullmatch(value)))


def _matches(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_PRIMITIVES: Mapping[Primitive, Callable[[object], bool]] = {
    Primitive.NUMBER: _is_number,
    Primitive.SECONDS: _is_seconds,
    Primitive.FLAG: lambda value: isinstance(value, bool),
    Primitive.UUID: _is_uuid,
    Primitive.CODE: _matches(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"),
    Primitive.VERSION: _matches(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,39}"),
    Primitive.EXCEPTION: _matches(r"[A-Za-z_][A-Za-z0-9_.]{0,79}"),
    Primitive.PLACE: _matches(r"(?:[A-Za-z0-9_/-]{1,120}\.py:[0-9]{1,6})?"),
}
