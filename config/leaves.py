"""The settings as a flat list: `devices.printer.port` and its kin, each with type, default and meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting. A table holds texts by name, such as by language; a list is JSON in the environment."""

    key: str
    field: FieldInfo
    default: Any

    @property
    def is_table(self) -> bool:
        """Whether the value is a table of texts."""
        return get_origin(self.field.annotation) is dict

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return get_origin(self.field.annotation) is list


def leaves(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[Leaf]:
    """All settings below `model`, in the order of their definition."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        section = section_of(field)
        if section is None:
            yield Leaf(key, field, field.get_default(call_default_factory=True))
        else:
            yield from leaves(section, f"{key}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section a field opens, or `None` for a setting."""
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
