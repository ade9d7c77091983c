"""What whole visits are judged by from outside: open files, lamps, the devices' own words, paper.

Every `check_…` raises AssertionError and is shown a planted bug in `test_whole_visits`.
"""

import contextlib
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image

from config.settings import Settings
from devices import inspection, places, simulate_client
from flows.ports import USABLE_STATES, Device
from kiosk.development.parts import Part
from kiosk.development.supervise import World

BACK_S = 10.0
"""Devices of a killed process are usable again after at most so long."""

PATIENCE_S = 5.0
HEADER_ROWS = 100
_BLOCK_ROWS = 16
_LINE_ROWS = 24
_LOOK_S = 0.2
_ANSWER_S = 1.0


def until(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Other processes cannot be awaited otherwise."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience_s:g} s: {what}"
        time.sleep(0.02)


def camera_readers(settings: Settings) -> list[int]:
    """The processes that have the camera open to read."""
    source = places.camera_source(settings)
    return [pid for pid, link, reads in _open_files() if reads and link == source]


def _open_files() -> Iterator[tuple[int, str, bool]]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            yield from list(_open_files_of(process))


def _open_files_of(process: Path) -> Iterator[tuple[int, str, bool]]:
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            link = str(descriptor.readlink())
            told = (process / "fdinfo" / descriptor.name).read_text()
            flags = next(int(line.split()[1], 8) for line in told.splitlines() if line.startswith("flags:"))
            yield int(process.name), link, flags & os.O_ACCMODE != os.O_WRONLY


def check_camera_is_off(settings: Settings, patience_s: float = PATIENCE_S) -> None:
    until(lambda: not camera_readers(settings), "nobody reads the camera", patience_s)


def check_lamp(settings: Settings, wanted: str, patience_s: float = PATIENCE_S) -> None:
    def shines() -> bool:
        return bool(simulate_client.state(places.simulators_socket(settings))["panel"]["lamp"] == wanted)

    until(shines, f"the lamp is {wanted}", patience_s)


def usable(settings: Settings) -> frozenset[Device]:
    """The devices that work now, in the words of their process; none while it is down."""
    try:
        told = inspection.inspect(settings.paths.devices_socket, _ANSWER_S)
    except OSError:
        return frozenset()
    return frozenset(each.device for each in told if each.state in USABLE_STATES)


def check_devices_are_back(settings: Settings, patience_s: float = BACK_S) -> None:
    until(lambda: usable(settings) == frozenset(Device), "every device is usable", patience_s)


def check_once(cases: Sequence[dict[str, Any]], references: Sequence[str]) -> None:
    """Each report is exactly one case at the centre, and nothing else is there."""
    assert Counter(case["reference"] for case in cases) == Counter(references)


def check_nothing_of(words: Sequence[str], case: dict[str, Any]) -> None:
    """What was scanned while no screen asked for it is in no case."""
    assert not [word for word in words if word in str(case)]


def check_paper_is_clean(paper: Path, torn: Sequence[Path], clean: Path) -> None:
    """A paper begins as a `clean` one does, and has no rows of the `torn` pieces.

    Both may have been printed in the same minute, which is one line of text at the same place.
    """
    rows, sound = _rows(paper), _rows(clean)
    assert np.array_equal(rows[:HEADER_ROWS], sound[:HEADER_ROWS]), "it does not begin with its own header"
    known = set(_blocks(sound).values())
    for piece in map(_rows, torn):
        foreign = {top: block for top, block in _blocks(piece).items() if block not in known}
        found = {top: block for top, block in _blocks(rows).items() if block in foreign.values()}
        is_the_minute = len(found) < _LINE_ROWS and found.items() <= foreign.items()
        assert is_the_minute, f"{len(found)} rows of an interrupted receipt are on it"


def _rows(paper: Path) -> "np.typing.NDArray[np.bool_]":
    with Image.open(paper) as picture:
        return np.asarray(picture.convert("1"), dtype=np.bool_)


def _blocks(rows: "np.typing.NDArray[np.bool_]") -> dict[int, bytes]:
    """So many rows at a time, by the first of them, wherever most of them have ink."""
    tops = range(len(rows) - _BLOCK_ROWS + 1)
    blocks = ((top, rows[top : top + _BLOCK_ROWS]) for top in tops)
    return {
        top: block.tobytes() for top, block in blocks if (~block).any(axis=1).sum() > _BLOCK_ROWS * 3 // 4
    }


def screen_start_s(world: World) -> float:
    """Seconds from the start of the screen's process to its first picture, as its log has it."""
    pid = world.process_id(Part.SCREEN)
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    started = datetime.now(UTC).timestamp() - age_s
    told = map(json.loads, (world.folder / "log" / "screen.log").read_text().splitlines())
    shown = next(each for each in told if each["event"] == "screen_shown")
    return datetime.fromisoformat(shown["at"]).timestamp() - started


class Watch:
    """Looks at the devices all the time, and knows how long each death of their process was felt."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looks: list[tuple[float, int | None, bool]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def outages(self) -> list[float]:
        """Seconds from the first look after a death to the first at which all works; inf if never."""
        deaths = [
            number
            for number, ((_, before, _), (_, now, _)) in enumerate(itertools.pairwise(self._looks), 1)
            if before is not None and now != before
        ]
        return [self._until_whole(number) for number in deaths]

    def _until_whole(self, number: int) -> float:
        began = self._looks[number][0]
        return next((at - began for at, pid, whole in self._looks[number:] if pid and whole), float("inf"))

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            at, pid = time.monotonic(), self._world.process_id(Part.DEVICES)
            self._looks.append((at, pid, usable(self._world.settings) == frozenset(Device)))
