"""`kiosk visit`: a whole kiosk of its own, a visitor who follows a script, and a folder that shows it all."""

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.settings import Settings
from devices import places, simulate_client
from kiosk import display, visit_report
from kiosk.memory import family_mb
from kiosk.parts import Part as Process
from kiosk.parts import centre_folder
from kiosk.playbook import DeviceMishap, Mishap, Part, Playbook, Treatment
from kiosk.stage import Request, Stage
from kiosk.supervise import World

VISIT_LIMIT_S = 240.0
DELIVERY_LIMIT_S = 60.0
AFTERWARDS = "gone"
"""The place of mishaps that happen when the visitor has left."""

_LOOK_S = 0.1
_OURS = ("[0-9]*.png", "failed.png", "receipt.png", "case.json", "times.json", "report.md")


@dataclass(slots=True)
class Told:
    """What the player told about the visit."""

    failure: str = "the visitor screen ended before the visit did"
    reference: str = ""
    official_number: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    memory_mb: dict[str, float] = field(default_factory=dict)


class StageManager:
    """Does to the machine what a player asks for, and takes down what the player tells."""

    def __init__(self, world: World, playbook: Playbook) -> None:
        self._world = world
        self.playbook = playbook
        self._simulators = places.simulators_socket(world.settings)
        self._finished: queue.Queue[None] = queue.Queue()
        self.told = Told()

    def serve(self, request: Request) -> Request:
        """Answer one request of the player."""
        match request:
            case {"reached": str(place)}:
                self.reach(place)
            case {"scan": str(payload)}:
                simulate_client.command(self._simulators, "scanner", scan=payload)
            case {"received": str(reference), "official_number": str(number)}:
                self.told.reference, self.told.official_number = reference, number
                self.told.memory_mb = memory_of(self._world)
            case {"finished": True, "failure": str(failure), "steps": list(steps)}:
                self.told.failure, self.told.steps = failure, steps
                self._finished.put(None)
            case _:
                raise ValueError("not a word of the stage")
        return {}

    def player_left(self) -> None:
        """A player that has finished leaves, and so does one whose process ends."""
        self._finished.put(None)

    def wait_finished(self) -> None:
        """Return when the player has left, or when no visit lasts so long."""
        try:
            self._finished.get(timeout=VISIT_LIMIT_S)
        except queue.Empty:
            self.told.failure = f"not finished after {VISIT_LIMIT_S:.0f} s"

    def reach(self, place: str) -> None:
        """Let happen what the script has for `place`."""
        for mishap in self.playbook.mishaps_at(place):
            self._let_happen(mishap)

    def _let_happen(self, mishap: Mishap) -> None:
        if isinstance(mishap, DeviceMishap):
            rows = {} if mishap.after_rows is None else {"after_rows": mishap.after_rows}
            simulate_client.command(self._simulators, mishap.device, fault=mishap.fault, **rows)
            return
        process = Process(mishap.process.value)
        match mishap.do:
            case Treatment.STOP:
                self._world.hold(process)
            case Treatment.START:
                self._world.release(process)
            case Treatment.KILL:
                self._world.kill(process)


def play(playbook: Playbook, settings: Settings, folder: Path) -> visit_report.Outcome:
    """Play a visit in a kiosk of its own and fill `folder`. Raises `CannotStartError`."""
    folder = folder.absolute()
    _make_ready(folder)
    _choose_platform()
    with tempfile.TemporaryDirectory(prefix="kiosk-stage-") as stage_folder:
        part_file, stage_socket = Path(stage_folder) / "part.json", Path(stage_folder) / "stage.sock"
        today = datetime.now(ZoneInfo(settings.time_zone)).date()
        Part(playbook=playbook, out=folder, stage=stage_socket, today=today).write(part_file)
        world = World(_for_pictures(settings, playbook), tuple(Process), ("--play", str(part_file)))
        manager = StageManager(world, playbook)
        with Stage(stage_socket, manager.serve, manager.player_left), world:
            manager.wait_finished()
            outcome = _afterwards(manager, world, folder)
    visit_report.write(outcome, folder)
    return outcome


def cases_at_centre(settings: Settings, photos: Path | None = None) -> list[dict[str, Any]]:
    """Every case as the reference centre opens it, oldest first; `photos` is where to put the pictures."""
    listed = json.loads(_report_centre(settings, "list", "--json"))
    save = ("--attachments", str(photos)) if photos else ()
    return [json.loads(_report_centre(settings, "show", case["case"], "--json", *save)) for case in listed]


def memory_of(world: World) -> dict[str, float]:
    """MB (PSS) of each part with all that it has started."""
    parts = (part for part in Process if part not in (Process.CENTRE, Process.SIMULATORS))
    return {part.value: round(family_mb(world.process_id(part)), 1) for part in parts}


def _report_centre(settings: Settings, command: str, *options: str) -> str:
    program = Path(sysconfig.get_path("scripts")) / "report-centre"
    arguments = (str(program), command, *options, "--centre", str(centre_folder(settings)))
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def _make_ready(folder: Path) -> None:
    """Make the folder and remove what an earlier visit left there, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "log", ignore_errors=True)
    for pattern in _OURS:
        for old in folder.glob(pattern):
            old.unlink()


def _choose_platform() -> None:
    """Where there is no display, the children draw into memory."""
    if display.needed():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_QUICK_BACKEND", "software")


def _for_pictures(settings: Settings, playbook: Playbook) -> Settings:
    """The window hangs as the script says; pictures that nobody watches are as large as the real display."""
    changes: dict[str, object] = {"orientation": playbook.orientation}
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        changes["window_scale"] = 1.0
    return settings.model_copy(update={"display": settings.display.model_copy(update=changes)})


def _afterwards(manager: StageManager, world: World, folder: Path) -> visit_report.Outcome:
    """What came of it, seen from outside: the paper, and the cases at the centre."""
    began = time.monotonic()
    manager.reach(AFTERWARDS)
    told = manager.told
    cases = _await_cases(world.settings, folder / "photos") if told.reference else []
    failure = told.failure
    if not failure and len(cases) != 1:
        failure = f"the centre has {len(cases)} cases instead of one"
    _keep_paper(places.papers(world.settings), folder)
    if failure:
        shutil.copytree(world.folder / "log", folder / "log")
    return visit_report.Outcome(
        playbook=manager.playbook,
        failure=failure,
        reference=told.reference,
        official_number=told.official_number,
        steps=told.steps,
        memory_mb=told.memory_mb,
        cases=cases,
        delivered_s=time.monotonic() - began,
    )


def _await_cases(settings: Settings, photos: Path) -> list[dict[str, Any]]:
    deadline = time.monotonic() + DELIVERY_LIMIT_S
    while not json.loads(_report_centre(settings, "list", "--json")) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    shutil.rmtree(photos, ignore_errors=True)
    return cases_at_centre(settings, photos)


def _keep_paper(papers: Path, folder: Path) -> None:
    """The last whole piece of paper, if there is one."""
    pieces = sorted(piece for piece in papers.glob("*.png") if piece.stem.isdecimal())
    with contextlib.suppress(IndexError):
        shutil.copyfile(pieces[-1], folder / "receipt.png")
