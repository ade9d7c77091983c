"""Turns values of `flows.view` into plain values that QML understands, and answers from QML back."""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtQml import QJSValue

from flows.events import AnswerValue

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


def to_plain(value: object) -> Plain:
    """Dataclasses become maps by field name, tuples lists, enums their values; else `TypeError`."""
    if isinstance(value, Enum):
        return to_plain(value.value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [to_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): to_plain(entry) for key, entry in value.items()}
    if is_dataclass(value):
        return {entry.name: to_plain(getattr(value, entry.name)) for entry in fields(value)}
    raise TypeError(f"no plain form for {type(value).__name__}")


def to_answer(value: object) -> AnswerValue:
    """An answer as it came from QML; `TypeError` for anything that no field can hold."""
    if isinstance(value, QJSValue):
        value = value.toVariant()
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [str(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): str(entry) for key, entry in value.items()}
    raise TypeError(f"no field holds {type(value).__name__}")
