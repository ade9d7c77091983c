"""YAML that remembers where everything stood, so that a mistake can be shown with its line.

Every scalar is text: a pack's model decides what is a number or a truth value, so that `no` stays the word
"no".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions from the top of a document to one value."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Plain data (dict, list, str) and the line, from 1, on which each value stands."""

    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class YamlError(Exception):
    """The text is not YAML as packs use it. `line` is from 1."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.remedy = remedy


MOST_VALUES = 50_000
"""Values of a document, those behind aliases counted each time; the largest file of a service has 3,000."""

_CORE = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    f"{_CORE}{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
"""What YAML calls a value by itself; any other tag was written into the file."""


def parse(text: str) -> Marked:
    """Read one document. Raises `YamlError`."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        colon = "mapping values" in str(error.problem)
        remedy = (
            "put a text that holds a colon in quotes" if colon else "check indentation, colons and quotes"
        )
        raise YamlError(mark.line + 1 if mark else 1, f"not YAML: {error.problem}", remedy) from error
    except yaml.reader.ReaderError as error:
        raise YamlError(
            1, "a character YAML does not allow", "save the file as UTF-8 without control characters"
        ) from error
    if node is None:
        raise YamlError(1, "the file is empty", "write the definition into it")
    lines: dict[Path, int] = {}
    return Marked(_plain(node, (), lines, ()), lines)


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], parents: tuple[int, ...]) -> Any:
    lines[path] = node.start_mark.line + 1
    if id(node) in parents:
        raise YamlError(lines[path], "an alias that contains itself", "write the value out")
    if len(lines) > MOST_VALUES:
        raise YamlError(lines[path], "aliases make too much of it", "write the values out")
    if node.tag not in _PLAIN_TAGS:
        raise YamlError(lines[path], "a tag that packs do not use", "write the value without “!”")
    around = (*parents, id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, around)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, index), lines, around) for index, child in enumerate(node.value)]
    return str(node.value)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], parents: tuple[int, ...]
) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlError(line, "a key that is not a word", "use a plain word as key")
        key = str(key_node.value)
        if key in plain:
            raise YamlError(line, f"“{key}” is written twice", "keep one of them")
        plain[key] = _plain(value_node, (*path, key), lines, parents)
        lines[(*path, key)] = line
    return plain
