"""`kiosk visit --all`: every service in every language, on its shortest, its typical and its longest way.

All visits of one language and way are played one after the other in one kiosk. What they asked of a person is
written down; `docs/services.json` keeps it for the pages of the documentation.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

from config.settings import Settings
from flows.languages import Language
from flows.loading.pack_loader import PACKS, load_pack, pack_names
from flows.pack import PackKind
from kiosk.played import playbook, visitor
from kiosk.played.inventing import Way
from kiosk.played.playbook import Expected, Playbook
from kiosk.played.visitor import Played, Theatre

_LIMIT_S = 600.0
"""For one visit; the longest ones say everything."""


class Length(StrEnum):
    """How much the visitor says."""

    SHORTEST = "shortest"
    TYPICAL = "typical"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a visit asked of a person; `seconds` by the keystroke-level model, `pages` that were seen."""

    taps: int
    keys: int
    pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of the tour and how it went; `failure` is empty when it was finished."""

    service: str
    length: Length
    language: Language
    measured: Measured
    failure: str = ""

    def __str__(self) -> str:
        """For people."""
        end = self.failure or f"{self.measured.seconds:.0f} s"
        return f"{self.service} {self.length} {self.language}: {end}"


def script(service: str, length: Length) -> Playbook:
    """What is played: the service's own script for this length, or one that invents every answer."""
    own = f"services/{service}" if length is Length.TYPICAL else f"services/{service}-{length}"
    if own in playbook.names():
        return playbook.load(own)
    pack = load_pack(PACKS / service)
    is_report = pack.definition.kind is PackKind.REPORT
    looks_up = any(page.ask for page in pack.definition.pages)
    return Playbook.model_validate(
        {
            "title": f"{service}, {length}",
            "service": service,
            "fill": Way(length.value),
            "earlier": "lost-wallet" if looks_up else "",
            "answers": {},
            "expected": Expected(report=is_report),
        }
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which visits are played."""

    services: tuple[str, ...]
    lengths: tuple[Length, ...] = tuple(Length)
    languages: tuple[Language, ...] = tuple(Language)

    @staticmethod
    def of(
        services: Iterable[str], lengths: Iterable[str] | None, languages: Iterable[str] | None
    ) -> "Wanted":
        """From words of the command line; nothing is everything. Raises `ValueError`."""
        if strange := set(services) - set(pack_names()):
            raise ValueError(
                f"no such service: {', '.join(sorted(strange))}; give one of {', '.join(pack_names())}"
            )
        return Wanted(
            tuple(services),
            tuple(map(Length, lengths or ())) or tuple(Length),
            tuple(map(Language, languages or ())) or tuple(Language),
        )


def play_all(
    settings: Settings, wanted: Wanted, out: Path | None, done: Callable[[Visit], None]
) -> list[Visit]:
    """Play all that is wanted; `done` is told of each at once. Raises `CannotStartError`."""
    visits = []
    for length, language in product(wanted.lengths, wanted.languages):
        for visit in play(settings, wanted.services, language, length, out):
            done(visit)
            visits.append(visit)
    return visits


def play(
    settings: Settings,
    services: Sequence[str],
    language: Language,
    length: Length,
    out: Path | None,
) -> Iterator[Visit]:
    """Play the services in one kiosk. `out`: where pictures go, a folder for each visit; None: no pictures.

    Raises `CannotStartError`.
    """
    books = [script(service, length).wanted(language=language) for service in services]
    names = [f"{service}-{length}-{language}" for service in services]
    played = [
        Played(book, _made(out / name) if out else None) for book, name in zip(books, names, strict=True)
    ]
    before = [Played(playbook.load(name)) for name in sorted({book.earlier for book in books} - {""})]
    with Theatre(settings, [*before, *played]) as theatre:
        earlier = {
            each.playbook.title: visitor.play_before(theatre, performance)
            for each, performance in zip(before, theatre.performances, strict=False)
        }
        told = []
        for service, book, performance in zip(
            services, books, theatre.performances[len(before) :], strict=True
        ):
            if book.earlier:
                performance.bystander.take_along(earlier[playbook.load(book.earlier).title])
            visitor.perform(theatre, performance, _LIMIT_S)
            told.append(performance.told.reference)
            figures = measured(performance.told.steps)
            yield Visit(service, length, language, figures, performance.told.failure)
        delivered = [reference for reference in told if reference]
        if lost := _not_delivered(theatre, len(before), delivered):
            yield Visit("all", length, language, Measured(0, 0, 0, 0.0), lost)


def _not_delivered(theatre: Theatre, before: int, told: list[str]) -> str:
    """What is wrong where a reference that was told is not exactly one case at the centre; else empty."""
    theatre.await_cases(before + len(told))
    return not_exactly_one(told, [case["reference"] for case in theatre.listed()])


def not_exactly_one(told: list[str], arrived: list[str]) -> str:
    """References that were told to visitors and did not arrive, or arrived twice; empty where all is well."""
    wrong = [reference for reference in told if arrived.count(reference) != 1]
    return f"not exactly one case at the centre: {', '.join(wrong)}" if wrong else ""


def measured(steps: Iterable[dict[str, Any]]) -> Measured:
    """What the pages of a visit asked of a person."""
    listed = list(steps)
    return Measured(
        taps=sum(step["taps"] for step in listed),
        keys=sum(step["keys"] for step in listed),
        pages=len(listed),
        seconds=round(sum(step["keystroke_level_s"] for step in listed), 1),
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return folder


# --- what is written down ---

Record = dict[str, dict[str, dict[str, dict[str, float]]]]
"""Service → length → language → `Measured`."""


def read(path: Path) -> Record:
    """What was measured before; nothing where there is no file."""
    record: Record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return record


def write(path: Path, visits: Iterable[Visit]) -> None:
    """Put finished visits into the file, in place of what was measured of the same before."""
    record = read(path)
    for visit in visits:
        if not visit.failure:
            lengths = record.setdefault(visit.service, {})
            lengths.setdefault(visit.length.value, {})[visit.language.value] = asdict(visit.measured)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def table(visits: Iterable[Visit]) -> str:
    """The visits as a table for people."""
    rows = [
        "| service | length | language | taps | keys | pages | keystroke-level s | |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    for visit in visits:
        figures = visit.measured
        rows.append(
            f"| {visit.service} | {visit.length} | {visit.language} | {figures.taps} | {figures.keys} "
            f"| {figures.pages} | {figures.seconds:.0f} | {visit.failure} |"
        )
    return "\n".join(rows) + "\n"
