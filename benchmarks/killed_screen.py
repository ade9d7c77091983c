"""How soon the next screen is shown after SIGKILL hit the visible one."""

import os
import signal
import time
from collections.abc import Iterator, Sequence

from benchmarks.figures import Figure, Limit, NothingMeasuredError, Of, Samples
from benchmarks.process import await_rest
from benchmarks.workplace import Workplace, wait_until
from config.event_names import Event
from kiosk.development.parts import Part
from kiosk.development.supervise import World
from kiosk.memory import family
from kiosk.screens.screen_host import Patience

LIMIT_MS = 5000.0


def measure(workplace: Workplace) -> Iterator[Figure]:
    """The visible screen alone, and together with the one that waits beneath."""
    kiosk = workplace.kiosk
    with_both, with_one = [], []
    for _ in range(max(1, workplace.repeat // 2)):
        # Killed sooner it counts as a screen that cannot run, and the host takes its time.
        wait_s = Patience().steady_s
        _await_two(kiosk)
        time.sleep(wait_s)
        with_both.append(_kill(kiosk, _await_two(kiosk)))
        with_one.append(_kill(kiosk, _await_two(kiosk)[:1]))
    limit = Limit(Of.WORST, LIMIT_MS)
    yield Figure("kill -9 of the visible screen to the next one shown", "ms", _taken(with_one), limit=limit)
    yield Figure("the same, killed with the one beneath", "ms", _taken(with_both), limit=limit)


def _taken(values: Sequence[float]) -> Samples:
    return Samples.of(values, "killed screens")


def _screens(kiosk: World) -> Sequence[int]:
    """The visible screen, then the one beneath."""
    host = kiosk.process_id(Part.SCREEN)
    return family(host)[1:] if host else []


def _await_two(kiosk: World) -> Sequence[int]:
    wait_until(lambda: len(_screens(kiosk)) == 2, "a screen and one beneath", 30)
    screens = await_rest(lambda: _screens(kiosk))
    if len(screens) != 2:
        raise NothingMeasuredError("the screens do not stay")
    return screens


def _kill(kiosk: World, victims: Sequence[int]) -> float:
    before = _times_shown(kiosk)
    began = time.perf_counter()
    for process_id in victims:
        os.kill(process_id, signal.SIGKILL)
    wait_until(lambda: _times_shown(kiosk) > before, "the next screen", 30)
    return (time.perf_counter() - began) * 1000


def _times_shown(kiosk: World) -> int:
    log = kiosk.folder / "log" / f"{Part.SCREEN}.log"
    return log.read_text(encoding="utf-8").count(f'"{Event.SCREEN_SHOWN}"')
