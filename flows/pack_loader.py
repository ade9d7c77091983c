"""Reads packs and refuses bad ones: every mistake with its file, line, place and remedy, all at once.

A pack is a folder: `pack.yaml` and `texts/<language>.yaml`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows import marked_yaml
from flows.marked_yaml import Marked, Path
from flows.pack import Definition, Pack, PackBook, Texts
from flows.pack_checks import check_definition
from flows.pack_index import Mistake, did_you_mean
from flows.pack_text_checks import check_texts

PACKS = FilePath(__file__).parent / "packs"
DEFINITION = "pack.yaml"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PackError:
    """One mistake. `line` is from 1; `place` is the path of keys to it."""

    file: str
    line: int
    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.place}: {self.what}. Remedy: {self.remedy}."


class BadPackError(Exception):
    """A pack cannot be used. `errors` holds every mistake found."""

    def __init__(self, errors: Iterable[PackError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


def load_packs(names: Iterable[str], folder: FilePath = PACKS) -> PackBook:
    """The named packs. Raises `BadPackError` with the mistakes of all of them."""
    packs: dict[str, Pack] = {}
    errors: list[PackError] = []
    for name in names:
        try:
            packs[name] = load_pack(folder / name)
        except BadPackError as bad:
            errors += bad.errors
    if errors:
        raise BadPackError(errors)
    return PackBook(packs=packs)


def usable_packs(names: Iterable[str], folder: FilePath = PACKS) -> tuple[PackBook, tuple[str, ...]]:
    """The named packs that can be used, and the names of the others: a mistake costs its own service only."""
    packs: dict[str, Pack] = {}
    refused: list[str] = []
    for name in names:
        try:
            packs[name] = load_pack(folder / name)
        except BadPackError:
            refused.append(name)
    return PackBook(packs=packs), tuple(refused)


def check_packs(folder: FilePath = PACKS) -> list[PackError]:
    """Every mistake in every pack of a folder; empty when all can be used."""
    errors: list[PackError] = []
    for name in pack_names(folder):
        try:
            load_pack(folder / name)
        except BadPackError as bad:
            errors += bad.errors
    return errors


def pack_names(folder: FilePath = PACKS) -> tuple[str, ...]:
    """The packs of a folder, sorted."""
    return tuple(sorted(each.parent.name for each in folder.glob(f"*/{DEFINITION}")))


def load_pack(folder: FilePath) -> Pack:
    """Read and check one pack. Raises `BadPackError`."""
    definition_file = _File(folder, DEFINITION)
    definition = definition_file.read(Definition)
    definition_file.add(check_definition(definition, folder.name) if definition else ())
    if definition is None or definition_file.errors:
        raise BadPackError(definition_file.errors)
    texts = {}
    errors: list[PackError] = list(_unexpected_texts(folder, definition))
    for language in definition.languages:
        file = _File(folder, f"texts/{language.value}.yaml")
        read = file.read(Texts)
        if read is not None:
            file.add(check_texts(definition, read, language))
            texts[language] = read
        errors += file.errors
    if errors:
        raise BadPackError(errors)
    return Pack(definition=definition, texts=texts)


def _unexpected_texts(folder: FilePath, definition: Definition) -> Iterable[PackError]:
    wanted = {f"{language.value}.yaml" for language in definition.languages}
    for path in sorted((folder / "texts").glob("*")):
        if path.name not in wanted:
            name = f"{folder.name}/texts/{path.name}"
            yield PackError(
                name,
                1,
                "texts",
                "a language that the pack does not name",
                "add it to languages, or remove it",
            )


class _File:
    """One file of a pack and the mistakes found in it."""

    def __init__(self, folder: FilePath, name: str) -> None:
        self._path = folder / name
        self._name = f"{folder.name}/{name}"
        self._marked: Marked | None = None
        self.errors: list[PackError] = []

    def read(self, model: type[_Model]) -> _Model | None:
        """The file as `model`, or None with `errors`."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            self.errors.append(PackError(self._name, 1, "file", "the file is missing", "write it"))
            return None
        except UnicodeDecodeError:
            self.errors.append(PackError(self._name, 1, "file", "not UTF-8", "save the file as UTF-8"))
            return None
        try:
            self._marked = marked_yaml.parse(text)
        except marked_yaml.YamlError as problem:
            self.errors.append(PackError(self._name, problem.line, "file", problem.what, problem.remedy))
            return None
        try:
            return model.model_validate(self._marked.data)
        except ValidationError as error:
            self.add(_mistake(detail, model, self._marked) for detail in error.errors())
            return None

    def add(self, mistakes: Iterable[Mistake]) -> None:
        """Turn mistakes into errors with their lines."""
        for mistake in mistakes:
            line = self._marked.line(mistake.path) if self._marked else 1
            place = ".".join(str(each) for each in mistake.path) or "file"
            self.errors.append(PackError(self._name, line, place, mistake.what, mistake.remedy))


def _mistake(detail: ErrorDetails, model: type[BaseModel], marked: Marked) -> Mistake:
    path = tuple(detail["loc"])
    known = _known_path(path, marked)
    match detail["type"]:
        case "extra_forbidden":
            names = _names_at(model, path[:-1])
            return Mistake(known, f"“{path[-1]}” is not known here", did_you_mean(str(path[-1]), names))
        case "missing":
            return Mistake(known, f"“{path[-1]}” is missing", f"add {path[-1]}")
        case "enum":
            expected = str(detail.get("ctx", {}).get("expected", ""))
            names = [name.strip(" '") for name in expected.replace(" or ", ", ").split(",")]
            return Mistake(
                known, f"“{detail['input']}” is not known", did_you_mean(str(detail["input"]), names)
            )
        case _:
            message = detail["msg"].removeprefix("Value error, ")
            return Mistake(known, message[:1].lower() + message[1:], "see the other pages for an example")


def _known_path(path: Path, marked: Marked) -> Path:
    """The longest beginning of `path` that stands in the file, plus its last part."""
    while path and path not in marked.lines and path[:-1] not in marked.lines:
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
