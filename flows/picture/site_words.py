"""Words of packs that a site says otherwise: `[words.<pack>.<language>]` of its settings.

Applied over the words of a pack and its parts, before they are checked: what is wrong with them is explained
as a mistake of the pack would be, with the site's file and line.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from config.loader import BASE
from flows.loading.marked_yaml import Marked, Path
from flows.loading.pack_document import Document, PackError, Piece

SIGNED_OFF = ("privacy", "declaration")
"""Words of the law: the force approves them, and a case names their version."""


@dataclass(frozen=True, slots=True)
class SiteWords:
    """`words` by pack, language and place (`pages.categories.help`); `lines` by place, for mistakes."""

    file: str = ""
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(site: str, words: Mapping[str, Mapping[str, Mapping[str, str]]]) -> "SiteWords":
        """Of the settings of a site, whose file is looked into for lines only."""
        return SiteWords(f"sites/{site}.toml", words, _lines(BASE / "sites" / f"{site}.toml"))

    def apply(self, document: Document, pack: str, language: str) -> None:
        """Put the site's words into `document`, the words of `pack`; what does not fit becomes an error."""
        said = self.words.get(pack, {}).get(language, {})
        if not said or not isinstance(document.data, dict):
            return
        known = {".".join(map(str, path)): path for path in _places(document.data)}
        for place, words in said.items():
            path = known.get(place)
            if path is None:
                document.errors.append(
                    self._error(place, "the pack has no such words", _remedy(place, known))
                )
            elif path[0] in SIGNED_OFF:
                remedy = "have the force change the pack"
                document.errors.append(self._error(place, "the law's words are not a site's", remedy))
            else:
                _put(document.data, path, words)
                marked = Marked(data={}, lines={path: self.lines.get(place, 1)})
                document.pieces[path] = Piece(self.file, marked, path)

    def _error(self, place: str, what: str, remedy: str) -> PackError:
        return PackError(self.file, self.lines.get(place, 1), place, what, remedy)


def _lines(path: FilePath) -> dict[str, int]:
    try:
        text = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {line.split('"')[1]: number for number, line in enumerate(text, 1) if line.startswith('"')}


def _places(data: Any, path: Path = ()) -> Iterator[Path]:
    """Where words stand: texts within tables and lists."""
    if isinstance(data, str):
        yield path
        return
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from _places(value, (*path, key))


def _put(data: Any, path: Path, words: str) -> None:
    """Tables and lists on the way are copied: they may be those of a part, which other packs use too."""
    for key in path[:-1]:
        data[key] = copy(data[key])
        data = data[key]
    data[path[-1]] = words


def _remedy(place: str, known: Mapping[str, Path]) -> str:
    near = get_close_matches(place, known, n=1, cutoff=0.6)
    return f"did you mean “{near[0]}”?" if near else "name it as the pack's texts do: pages.moment.help"
