"""What the measures share, made when first needed: a kiosk at its attract screen, and one played visit."""

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.figures import NothingMeasuredError
from config.loader import load
from config.settings import Settings
from kiosk.development.parts import Part
from kiosk.development.supervise import World
from kiosk.played import playbook, visitor
from kiosk.played.visit_report import Outcome

SCRIPT = "lost-wallet"
_LOOK_S = 0.005


class Workplace:
    """As a context manager it ends what was started.

    `repeat`: how often a slow measure is taken; `rows`: sizes of the centre's database to measure at.
    """

    def __init__(self, repeat: int, rows: Sequence[int]) -> None:
        self.repeat = repeat
        self.rows = rows
        self._ending = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    @cached_property
    def settings(self) -> Settings:
        """A development kiosk with a window as large as the real display."""
        settings = load(site="report-room", profile="demo", environ={})
        display = settings.display.model_copy(update={"fullscreen": False, "window_scale": 1.0})
        return settings.model_copy(update={"display": display})

    @cached_property
    def folder(self) -> Path:
        """On the disk of the repository: /tmp may be memory, where a durable commit costs nothing."""
        build = Path("build").absolute()
        build.mkdir(exist_ok=True)
        return Path(self._ending.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=build)))

    @cached_property
    def kiosk(self) -> World:
        """Every process of a kiosk, nobody in front of it."""
        return self._ending.enter_context(World(self.settings, tuple(Part)))

    @cached_property
    def visit(self) -> Outcome:
        """The shortest real report of a wallet. Raises `NothingMeasuredError`."""
        outcome = visitor.play(playbook.load(SCRIPT), self.settings, self.folder / "visit")
        if outcome.failure:
            raise NothingMeasuredError(f"the visit was not finished: {outcome.failure}")
        return outcome

    @property
    def document(self) -> dict[str, Any]:
        """The case of that visit as the centre opened it. Raises `NothingMeasuredError`."""
        copied: dict[str, Any] = json.loads(json.dumps(self.visit.cases[0]["document"]))
        return copied


def wait_until(condition: Callable[[], bool], what: str, within_s: float) -> None:
    """Look again and again. Raises `NothingMeasuredError`."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise NothingMeasuredError(f"{what}: not within {within_s:g} s")
        time.sleep(_LOOK_S)
