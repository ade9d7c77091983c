"""The words of every screen, one TOML file per language, as flat tables `"button.next" -> "Continue"`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from flows.languages import Language

Catalogue = Mapping[Language, Mapping[str, str]]

FOLDER = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class CatalogueError(ValueError):
    """The catalogues do not fit each other; the message names file, key and remedy."""


def placeholders(text: str) -> frozenset[str]:
    """Names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Read and compare all languages. Raises `CatalogueError` for a missing key or differing placeholders."""
    tables = {language: _load(folder / f"{language.value}.toml") for language in Language}
    model = tables[Language.ENGLISH]
    for language, table in tables.items():
        _compare(language, table, model)
    return MappingProxyType({language: MappingProxyType(table) for language, table in tables.items()})


def _load(path: Path) -> dict[str, str]:
    try:
        return dict(_flat("", tomllib.loads(path.read_text(encoding="utf-8"))))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        elif isinstance(value, str) and value.strip():
            yield prefix + key, value
        else:
            raise CatalogueError(f"{prefix}{key}: write a text that is not empty")


def _compare(language: Language, table: Mapping[str, str], model: Mapping[str, str]) -> None:
    missing, surplus = sorted(model.keys() - table.keys()), sorted(table.keys() - model.keys())
    if missing or surplus:
        raise CatalogueError(
            f"{language.value}.toml: add {missing}, remove {surplus}, or change en.toml as well"
        )
    for key, text in table.items():
        if placeholders(text) != placeholders(model[key]):
            raise CatalogueError(
                f"{language.value}.toml: {key} needs the placeholders {sorted(placeholders(model[key]))}"
            )
