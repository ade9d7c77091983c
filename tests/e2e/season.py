"""Visits played one after the other in one real kiosk, and what was found afterwards."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from config.loader import load
from flows import reference
from flows.ports import Device
from flows.view import PaperState
from kiosk.development.parts import Part as Process
from kiosk.memory import family
from kiosk.played import playbook
from kiosk.played.playbook import DeviceMishap, Expected, Mishap, Playbook
from kiosk.played.visitor import AFTERWARDS, Played, Theatre, Told

OF_THE_KIOSK = (Process.SCREEN, Process.DEVICES, Process.COURIER)
"""Not the centre, which may know, and not the simulators, which are the visitor's hand with the document."""


@dataclass(frozen=True)
class Seen:
    """What one visit left."""

    told: Told
    pictures: dict[str, bytes]
    papers: list[Path]
    case: dict[str, Any] | None = None


@dataclass
class Season:
    """All visits by name, and the kiosk at rest after the last one."""

    visits: dict[str, Seen] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)
    haunted: dict[str, list[str]] = field(default_factory=dict)
    """Where something of a visitor was found: canary → places."""


def promised_s(promise_s: float, busy_s: float) -> float:
    """How long something may take: what is promised, and more while the machine has more to do than cores."""
    return promise_s if os.getloadavg()[0] < (os.cpu_count() or 1) else busy_s


def script(name: str, **changes: Any) -> Playbook:
    """A named script with changes; `answers` are added to those it has."""
    book = playbook.load(name)
    answers = {**book.answers, **changes.pop("answers", {})}
    return book.model_copy(update={**changes, "answers": answers})


def printer(fault: str, at: str, after_rows: int | None = None) -> Mishap:
    return DeviceMishap(at=at, device=Device.PRINTER, fault=fault, after_rows=after_rows)


def expecting(paper: PaperState | None) -> Expected:
    return Expected(paper=paper, official_number=True)


def play_season(
    site: str,
    visits: dict[str, Playbook],
    folder: Path,
    *,
    canaries: tuple[str, ...] = (),
    pictured: tuple[str, ...] = (),
) -> Season:
    """Play all visits in order and look at what they left. Pictures are kept of those in `pictured`."""
    for name in visits:
        (folder / name).mkdir()
    played = [Played(book, folder / name if name in pictured else None) for name, book in visits.items()]
    season = Season()
    with Theatre(load(site=site, profile="demo", environ={}), played) as theatre:
        for name, performance in zip(visits, theatre.performances, strict=True):
            before = theatre.papers()
            performance.may_begin.set()
            performance.wait_over()
            performance.reach(AFTERWARDS)
            assert not performance.told.failure, f"{name}: {performance.told.failure}\n{_log(theatre)}"
            pictures = {path.name: path.read_bytes() for path in (folder / name).glob("*.png")}
            papers = [_kept(path, folder / name) for path in theatre.papers() if path not in before]
            season.visits[name] = Seen(performance.told, pictures, papers)
        theatre.await_cases(len(visits))
        season.cases = theatre.cases()
        season.haunted = _haunts(canaries, theatre)
    return season


def case_of(season: Season, name: str) -> dict[str, Any]:
    """The one case at the centre with the reference that the visitor saw."""
    seen = season.visits[name].told.reference
    (case,) = [case for case in season.cases if case["reference"] == seen]
    return case


def code_on(paper: Path) -> reference.ReceiptCode | None:
    """What the QR code of a receipt says."""
    with Image.open(paper) as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    return reference.parse_payload(code.text)


def _log(theatre: Theatre) -> str:
    return "\n".join(path.read_text() for path in sorted((theatre.world.folder / "log").glob("*.log")))


def _kept(paper: Path, folder: Path) -> Path:
    copy = folder / f"paper-{paper.name}"
    copy.write_bytes(paper.read_bytes())
    return copy


def _haunts(canaries: tuple[str, ...], theatre: Theatre) -> dict[str, list[str]]:
    """Files of the kiosk and memory of its processes in which each text is found, in UTF-8 or UTF-16."""
    forms = {canary: (canary.encode(), canary.encode("utf-16-le")) for canary in canaries}
    found: dict[str, set[str]] = {canary: set() for canary in canaries}
    for place, content in _contents(theatre):
        for canary, needles in forms.items():
            if place not in found[canary] and any(needle in content for needle in needles):
                found[canary].add(place)
    return {canary: sorted(places) for canary, places in found.items()}


def _contents(theatre: Theatre) -> Iterator[tuple[str, bytes]]:
    """All that the kiosk has, without the centre, each with its place."""
    world = theatre.world
    centre = world.folder / "centre"
    for path in world.folder.rglob("*"):
        if path.is_file() and not path.is_relative_to(centre):
            yield str(path), path.read_bytes()
    for part in OF_THE_KIOSK:
        leader = world.process_id(part)
        assert leader is not None
        for pid in family(leader):
            yield from ((f"{part} {pid}", content) for content in _memory_of(pid))


def _memory_of(pid: int) -> Iterator[bytes]:
    """Everything that a process may write to."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if "rw" not in rights:
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            with contextlib.suppress(OSError):  # the vsyscall page and the like
                memory.seek(start)
                yield memory.read(end - start)
