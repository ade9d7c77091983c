"""`kiosk visit`: a whole kiosk of its own, a visitor who follows a script, and a folder that shows it all."""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sysconfig
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from config.settings import Settings
from devices import places, simulate_client
from flows.ports import Device
from kiosk.development import display
from kiosk.development.parts import CannotStartError, centre_folder
from kiosk.development.parts import Part as Process
from kiosk.development.supervise import World
from kiosk.memory import family_mb
from kiosk.played import visit_report
from kiosk.played.bystander import RECEIPT, Bystander
from kiosk.played.playbook import (
    DeviceMishap,
    LeverMishap,
    Mishap,
    NetworkMishap,
    Part,
    Playbook,
    ProcessMishap,
    Treatment,
    load,
)
from kiosk.played.stage import Request, Stage

VISIT_LIMIT_S = 240.0
DELIVERY_LIMIT_S = 60.0
AFTERWARDS = "gone"
"""The place of mishaps that happen when the visitor has left."""

_LOOK_S = 0.5
_ROOMS = {"reports": (), "complaints": ("--complaints",)}
"""Where the centre keeps cases, and the option that opens that room."""

_OURS = ("[0-9]*.png", "failed.png", "receipt.png", "case.json", "times.json", "report.md")


@dataclass(frozen=True, slots=True)
class Played:
    """A visit to be played and the folder for its pictures, if they are wanted."""

    playbook: Playbook
    folder: Path | None = None


@dataclass(slots=True)
class Told:
    """What the player told about the visit."""

    failure: str = "the visitor screen ended before the visit did"
    reference: str = ""
    official_number: str = ""
    places: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    memory_mb: dict[str, float] = field(default_factory=dict)


class Performance:
    """One played visit as its director sees it: does to the machine what the player asks for, and listens."""

    def __init__(self, world: World, playbook: Playbook) -> None:
        self._world = world
        self._playbook = playbook
        self._simulators = places.simulators_socket(world.settings)
        self._over: queue.Queue[None] = queue.Queue()
        self.may_begin = threading.Event()
        self.has_come = threading.Event()
        """The visitor's screen is on the display, in `process`."""
        self.process = 0
        self.told = Told()
        self.bystander = Bystander(centre_folder(world.settings))

    def serve(self, request: Request) -> Request:
        """Answer one request of the player."""
        match request:
            case {"enter": True, "process": int(process)}:
                self.process = process
                self.has_come.set()
                return {"enter": self.may_begin.is_set()}
            case {"reached": str(place)}:
                self.told.places.append(place)
                self.reach(place)
            case {"scan": str(payload)}:
                way = "show" if self._playbook.reader is Device.CAMERA else "scan"
                paper = payload if payload != RECEIPT else self.bystander.recall("receipt")
                simulate_client.command(self._simulators, self._playbook.reader, **{way: paper})
            case {"earlier": str(what)}:
                return {"said": self.bystander.recall(what)}
            case {"send": str(address), "files": int(count)}:
                self.bystander.send(address, count)
            case {"received": str(reference), "official_number": str(number)}:
                self.told.reference, self.told.official_number = reference, number
                self.told.memory_mb = memory_of(self._world)
            case {"finished": True, "failure": str(failure), "steps": list(steps)}:
                self.told.failure, self.told.steps = failure, steps
                self._over.put(None)
            case _:
                raise ValueError("not a word of the stage")
        return {}

    def player_left(self) -> None:
        """The player's process has ended."""
        self._over.put(None)

    def begin(self) -> None:
        """Let the visitor come on."""
        self.bystander.arrive()
        self.may_begin.set()

    def wait_over(self, limit_s: float = VISIT_LIMIT_S) -> None:
        """Return when the player has finished or is gone, or when no visit lasts so long."""
        try:
            self._over.get(timeout=limit_s)
        except queue.Empty:
            self.told.failure = f"not finished after {limit_s:.0f} s"

    def reach(self, place: str) -> None:
        """Let happen what the script has for `place`."""
        for mishap in self._playbook.mishaps_at(place):
            self._let_happen(mishap)

    def _let_happen(self, mishap: Mishap) -> None:
        if isinstance(mishap, DeviceMishap):
            rows = {} if mishap.after_rows is None else {"after_rows": mishap.after_rows}
            simulate_client.command(self._simulators, mishap.device, fault=mishap.fault, **rows)
        elif isinstance(mishap, LeverMishap):
            simulate_client.command(self._simulators, mishap.device, **mishap.do)
        elif isinstance(mishap, NetworkMishap):
            simulate_client.network(self._simulators, mishap.network)
        else:
            self._treat(mishap)

    def _treat(self, mishap: ProcessMishap) -> None:
        process = Process(mishap.process.value)
        match mishap.do:
            case Treatment.STOP:
                self._world.hold(process)
            case Treatment.START:
                self._world.release(process)
            case Treatment.KILL:
                self._world.kill(process)


class Theatre:
    """A kiosk in which visits are played one after the other; as a context manager it starts and ends all.

    Each visit begins when its `Performance.may_begin` is set. Entering raises `CannotStartError`.
    """

    def __init__(
        self, settings: Settings, visits: Sequence[Played], parts: Sequence[Process] = tuple(Process)
    ) -> None:
        """`parts`: the processes of this kiosk."""
        _choose_platform()
        self._temporary = tempfile.TemporaryDirectory(prefix="kiosk-stage-")
        folder = Path(self._temporary.name)
        self.world = World(_for_pictures(settings), parts, ("--play", str(folder)))
        self.performances = [Performance(self.world, visit.playbook) for visit in visits]
        self._stages = contextlib.ExitStack()
        today = datetime.now(ZoneInfo(settings.time_zone)).date()
        for number, (visit, performance) in enumerate(zip(visits, self.performances, strict=True)):
            stage = folder / f"{number:03d}.sock"
            self._stages.enter_context(Stage(stage, performance.serve, performance.player_left))
            part = Part(
                playbook=visit.playbook,
                out=visit.folder and visit.folder.absolute(),
                stage=stage,
                today=today,
            )
            part.write(folder / f"{number:03d}.json")

    def __enter__(self) -> Self:
        self.world.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.__exit__(kind, error, trace)
        self._stages.close()
        self._temporary.cleanup()

    def await_cases(self, count: int) -> int:
        """Wait until the centre has `count` cases, or a delivery would have arrived; says how many it has."""
        deadline = time.monotonic() + DELIVERY_LIMIT_S
        while (found := len(self.listed())) < count and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return found

    def cases(self) -> list[dict[str, Any]]:
        """Every case as the reference centre opens it, oldest first."""
        listed = self.listed()
        opened: dict[str, dict[str, Any]] = {}
        for room in _ROOMS:
            names = [case["case"] for case in listed if case["room"] == room]
            opened |= dict(zip(names, self._open(room, *names), strict=True))
        return [opened[case["case"]] for case in listed]

    def newest_case(self, photos: Path) -> dict[str, Any]:
        """The case that came last; its pictures are put into `photos` and named in it."""
        newest = self.listed()[-1]
        [case] = self._open(newest["room"], newest["case"], "--attachments", str(photos))
        return case

    def papers(self) -> list[Path]:
        """The whole pieces of paper that came out of the printer, oldest first."""
        return sorted(
            path for path in places.papers(self.world.settings).glob("*.png") if path.stem.isdecimal()
        )

    def listed(self) -> list[dict[str, Any]]:
        """What the centre has in both of its rooms, oldest first."""
        listed = [
            {**case, "room": room}
            for room, options in _ROOMS.items()
            for case in json.loads(self._ask_centre("list", "--json", *options))
        ]
        return sorted(listed, key=lambda case: str(case["received_at"]))

    def _open(self, room: str, *words: str) -> list[dict[str, Any]]:
        if not words:
            return []
        lines = self._ask_centre("show", *words, "--json", *_ROOMS[room])
        return [json.loads(line) for line in lines.splitlines()]

    def _ask_centre(self, command: str, *options: str) -> str:
        program = str(Path(sysconfig.get_path("scripts")) / "report-centre")
        arguments = (program, command, *options, "--centre", str(centre_folder(self.world.settings)))
        return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def play(playbook: Playbook, settings: Settings, folder: Path) -> visit_report.Outcome:
    """Play a visit in a kiosk of its own and fill `folder`. Raises `CannotStartError`."""
    _make_ready(folder)
    hung = settings.display.model_copy(update={"orientation": playbook.orientation})
    settings = settings.model_copy(update={"display": hung})
    before = [Played(load(playbook.earlier))] if playbook.earlier else []
    with Theatre(settings, [*before, Played(playbook, folder)]) as theatre:
        *earlier, performance = theatre.performances
        for each in earlier:
            performance.bystander.take_along(play_before(theatre, each))
        performance.begin()
        performance.wait_over()
        outcome = _afterwards(playbook, performance, theatre, folder)
    visit_report.write(outcome, folder)
    return outcome


def perform(theatre: Theatre, performance: Performance, limit_s: float = VISIT_LIMIT_S) -> None:
    """Let one of several visits happen; one that cannot be finished leaves nothing to the next visitor."""
    performance.begin()
    performance.wait_over(limit_s)
    performance.reach(AFTERWARDS)
    if performance.told.failure:
        theatre.world.kill(Process.SCREEN)


def play_before(theatre: Theatre, performance: Performance) -> dict[str, Any]:
    """Play a visit whose paper another one needs; gives its case. Raises `CannotStartError`."""
    known = len(theatre.listed())
    performance.begin()
    performance.wait_over()
    if performance.told.failure or theatre.await_cases(known + 1) != known + 1:
        raise CannotStartError(f"the earlier visit: {performance.told.failure or 'no case came'}")
    return theatre.cases()[-1]


def memory_of(world: World) -> dict[str, float]:
    """MB (PSS) of each part with all that it has started."""
    parts = (part for part in Process if part not in (Process.CENTRE, Process.SIMULATORS))
    return {part.value: round(family_mb(world.process_id(part)), 1) for part in parts}


def _make_ready(folder: Path) -> None:
    """Make the folder and remove what an earlier visit left there, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for inner in ("log", "photos"):
        shutil.rmtree(folder / inner, ignore_errors=True)
    for pattern in _OURS:
        for old in folder.glob(pattern):
            old.unlink()


def _choose_platform() -> None:
    """Where there is no display, the children draw into memory."""
    if display.needed():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_QUICK_BACKEND", "software")


def _for_pictures(settings: Settings) -> Settings:
    """Pictures that nobody watches are as large as the real display."""
    if os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        return settings
    return settings.model_copy(update={"display": settings.display.model_copy(update={"window_scale": 1.0})})


def _afterwards(
    playbook: Playbook, performance: Performance, theatre: Theatre, folder: Path
) -> visit_report.Outcome:
    """What came of it, seen from outside: the paper, and the cases at the centre."""
    began = time.monotonic()
    performance.reach(AFTERWARDS)
    told = performance.told
    if told.reference:
        theatre.await_cases(len(theatre.performances))
    delivered_s = time.monotonic() - began
    cases = theatre.cases()[len(theatre.performances) - 1 :]  # without those that were played before
    if cases:
        cases[-1] = theatre.newest_case(folder / "photos")
    failure = told.failure
    wanted = int(playbook.expected.report)
    if not failure and len(cases) != wanted:
        failure = f"the centre has {len(cases)} cases instead of {wanted}"
    for paper in theatre.papers()[-1:]:
        shutil.copyfile(paper, folder / "receipt.png")
    if failure:
        shutil.copytree(theatre.world.folder / "log", folder / "log")
    return visit_report.Outcome(
        playbook=playbook,
        failure=failure,
        reference=told.reference,
        official_number=told.official_number,
        steps=told.steps,
        memory_mb=told.memory_mb,
        cases=cases,
        delivered_s=delivered_s,
    )
