"""A document of a pack: YAML read from one file, with pieces of other files woven in, each of which remembers
where it stands.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from flows.loading import marked_yaml
from flows.loading.marked_yaml import Marked, Path
from flows.loading.mistakes import Mistake
from flows.loading.model_mistakes import mistake_of

_Model = TypeVar("_Model", bound=BaseModel)

LARGEST_FILE = 512 * 1024
"""Bytes; the largest file of a service has 30 kB."""


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


@dataclass(frozen=True, slots=True)
class Piece:
    """Where something comes from: a file, and the path in it."""

    file: str
    marked: Marked
    path: Path

    @property
    def line(self) -> int:
        """Its line, or that of the nearest thing around it."""
        return self.marked.line(self.path)


@dataclass(slots=True)
class Document:
    """`data` is plain (dict, list, str) and may be added to; `errors` are the mistakes found so far."""

    name: str
    data: Any
    pieces: dict[Path, Piece]
    errors: list[PackError] = field(default_factory=list)

    @classmethod
    def read(cls, path: FilePath, name: str) -> "Document":
        """Read a file. What cannot be read is an error of an empty document (`data` is None)."""
        try:
            if path.stat().st_size > LARGEST_FILE:
                return cls._unread(name, 1, "the file is too large", f"use at most {LARGEST_FILE} bytes")
            marked = marked_yaml.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls._unread(name, 1, "the file is missing", "write it")
        except UnicodeDecodeError:
            return cls._unread(name, 1, "not UTF-8", "save the file as UTF-8")
        except marked_yaml.YamlError as problem:
            return cls._unread(name, problem.line, problem.what, problem.remedy)
        return cls(name, marked.data, {(): Piece(name, marked, ())})

    @classmethod
    def _unread(cls, name: str, line: int, what: str, remedy: str) -> "Document":
        return cls(name, None, {}, [PackError(name, line, "file", what, remedy)])

    def piece(self, path: Path) -> Piece:
        """Where `path` comes from."""
        piece, rest = self._nearest(path)
        return Piece(piece.file, piece.marked, (*piece.path, *rest))

    def _nearest(self, path: Path) -> tuple[Piece, Path]:
        for length in range(len(path), -1, -1):
            piece = self.pieces.get(path[:length])
            if piece is not None:
                return piece, path[length:]
        raise LookupError("a document that was never read")

    def stands(self, path: Path) -> bool:
        """Whether something stands at `path`."""
        piece = self.piece(path)
        return piece.path in piece.marked.lines

    def add(self, mistakes: Iterable[Mistake]) -> None:
        """Turn mistakes into errors with their files and lines."""
        for mistake in mistakes:
            piece = self.piece(mistake.path)
            place = ".".join(str(each) for each in mistake.path) or "file"
            self.errors.append(PackError(piece.file, piece.line, place, mistake.what, mistake.remedy))

    def as_model(self, model: type[_Model]) -> _Model | None:
        """The document as `model`, or None with `errors`."""
        if self.data is None:
            return None
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            self.add(mistake_of(detail, model, self.stands) for detail in error.errors())
            return None


def entries(data: Any, key: str) -> Iterator[tuple[int, Any]]:
    """The numbered entries of `data[key]`, none where it is no list: the model says so later."""
    found = data.get(key) if isinstance(data, dict) else None
    yield from enumerate(found if isinstance(found, list) else ())


def table(data: Any, key: str) -> dict[str, Any]:
    """The table `data[key]`, empty where it is none: the model says so later."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}
