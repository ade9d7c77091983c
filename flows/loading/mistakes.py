"""What is wrong in a pack, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from flows.loading.marked_yaml import Path

_MOST_NAMED = 12
"""Names that a remedy lists; of more, none is picked out by chance."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a file, by its path of keys."""

    path: Path
    what: str
    remedy: str


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of a few."""
    known = [name for name in names if name]
    near = get_close_matches(word, known, n=1, cutoff=0.65)
    if near:
        return f"did you mean “{near[0]}”"
    if len(known) > _MOST_NAMED:
        return "take one of those that docs/reference/packs.md and its schema name"
    return f"use one of {', '.join(known)}" if known else "remove it"
