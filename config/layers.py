"""One layer of settings: a TOML file or the environment, flattened and with every unknown key named."""

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.leaves import Leaf, leaves

PREFIX = "KIOSK__"
"""`KIOSK__TIMING__IDLE_S=60` sets `timing.idle_s`."""

LEAVES: Mapping[str, Leaf] = {leaf.key: leaf for leaf in leaves()}
_SECTIONS = frozenset(key.rpartition(".")[0] for key in LEAVES) | {"devices"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the settings: where, which key, and what to do about it."""

    place: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.message}" if self.key else f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Layer:
    """Values by flat key (tables by `site.name.en`), and what was wrong with the place they came from."""

    place: str
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


def from_file(path: Path) -> Layer:
    """Read a TOML file. One that is missing or no TOML yields a layer with nothing but its fault."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        return Layer(str(path), {}, (Fault(str(path), "", "there is no such file"),))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Layer(str(path), {}, (Fault(str(path), "", f"cannot be read: {error}"),))
    return _layer(str(path), _flattened(table))


def from_environment(environ: Mapping[str, str], names: Iterable[str]) -> Layer:
    """Read `KIOSK__…` variables; `names` are keys known from files, since variables have no case."""
    spelled = {key.lower().replace("_", "-"): key for key in names}
    values: list[tuple[str, Any]] = []
    faults: list[Fault] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        key = variable.removeprefix(PREFIX).lower().replace("__", ".")
        key = key if key in LEAVES else spelled.get(key.replace("_", "-"), key)
        value: Any = environ[variable]
        if key in LEAVES and (LEAVES[key].is_list or LEAVES[key].is_table):
            try:
                value = json.loads(value)
            except ValueError:
                faults.append(Fault("environment", variable, 'must be JSON, for instance ["zh-Hant", "en"]'))
                continue
        values += _flattened_leaf(key, value)
    layer = _layer("environment", values)
    return Layer(layer.place, layer.values, (*faults, *layer.faults))


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` for the known word most like `word`, or nothing."""
    alike = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f'; did you mean "{alike[0]}"?' if alike else ""


def _layer(place: str, values: Iterable[tuple[str, Any]]) -> Layer:
    known: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in values:
        if _is_known(key):
            known[key] = value
        else:
            faults.append(Fault(place, key, f"no such setting{nearest(key, LEAVES)}"))
    return Layer(place, known, tuple(faults))


def _is_known(key: str) -> bool:
    table = LEAVES.get(key.rpartition(".")[0])
    return key in LEAVES or (table is not None and table.is_table)


def _flattened(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key in _SECTIONS:
            yield from _flattened(value, f"{key}.")
        else:
            yield from _flattened_leaf(key, value)


def _flattened_leaf(key: str, value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and key in LEAVES and LEAVES[key].is_table:
        yield from ((f"{key}.{name}", text) for name, text in value.items())
    else:
        yield key, value
