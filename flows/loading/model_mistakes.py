"""What pydantic found wrong in a pack, as mistakes with a remedy."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from flows.loading.marked_yaml import Path
from flows.loading.mistakes import Mistake, did_you_mean


def mistake_of(detail: ErrorDetails, model: type[BaseModel], stands: Callable[[Path], bool]) -> Mistake:
    """One error of pydantic in our words. `stands` tells whether the document has a path."""
    path = tuple(detail["loc"])
    known = _known_path(path, stands)
    match detail["type"]:
        case "extra_forbidden":
            names = _names_at(model, path[:-1])
            return Mistake(known, f"“{path[-1]}” is not known here", _meant(str(path[-1]), names))
        case "missing":
            return Mistake(known, f"“{path[-1]}” is missing", f"add {path[-1]}")
        case "enum":
            expected = str(detail.get("ctx", {}).get("expected", ""))
            names = [name.strip(" '") for name in expected.replace(" or ", ", ").split(",")]
            return Mistake(
                known, f"“{detail['input']}” is not known", did_you_mean(str(detail["input"]), names)
            )
        case "bool_parsing" | "bool_type":
            return Mistake(known, f"“{detail['input']}” is neither true nor false", "write true or false")
        case "int_parsing" | "int_type":
            return Mistake(known, f"“{detail['input']}” is no whole number", "write digits")
        case _:
            message = detail["msg"].removeprefix("Value error, ")
            return Mistake(known, message[:1].lower() + message[1:], "see the other pages for an example")


_MEANT = {"mandatory": "required", "optional": "required", "type": "kind", "name": "field", "if": "when"}
"""Words that other form languages have for ours."""


def _meant(word: str, names: list[str]) -> str:
    meant = _MEANT.get(word, "")
    return f"did you mean “{meant}”" if meant in names else did_you_mean(word, names)


def _known_path(path: Path, stands: Callable[[Path], bool]) -> Path:
    """The longest beginning of `path` that stands in the document, plus its last part."""
    while path and not stands(path) and not stands(path[:-1]):
        path = path[:-1]
    return path


def _names_at(model: type[BaseModel], path: Path) -> list[str]:
    """The names that a model takes at a place, with their aliases."""
    current: Any = model
    for part in path:
        current = _inside(current, part)
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _inside(model: Any, part: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                return _model_in(field.annotation)
    return model


def _model_in(annotation: Any) -> Any:
    """The model inside `tuple[Model, ...]`, `dict[str, Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
