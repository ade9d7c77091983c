"""P3: from the start of a process to the first frame on its window."""

from collections.abc import Iterator

from benchmarks.figures import Figure, Limit, Of, Peer, Samples
from benchmarks.process import await_rest
from benchmarks.start import minimal_window, show, visitor_screen
from benchmarks.workplace import Workplace
from kiosk.screens.line import ScreenWord


def measure(workplace: Workplace) -> Iterator[Figure]:
    """A visitor screen that nobody prepared beside a minimal window, and one that waited beneath."""
    paths = workplace.settings.paths
    alone = {name: workplace.folder / name for name in ("state", "runtime", "keys")}
    settings = workplace.settings.model_copy(update={"paths": paths.model_copy(update=alone)})
    cold, beneath, minimal = [], [], []
    for turn in range(workplace.repeat + 1):
        with minimal_window(settings) as window:
            least_ms = window.await_word(ScreenWord.SHOWN)
        with visitor_screen(settings) as screen:
            screen.await_word(ScreenWord.READY)
            first_ms = show(screen)
        if turn:  # the first pair only fills the page cache
            minimal.append(least_ms)
            cold.append(first_ms)
    for _ in range(min(3, workplace.repeat)):
        with visitor_screen(settings) as screen:
            screen.await_word(ScreenWord.READY)
            await_rest(lambda of=screen: [of.process_id])  # type: ignore[misc]  # a lambda with a default
            asked_ms = screen.elapsed_ms()
            beneath.append(show(screen) - asked_ms)
    peer = Peer("minimal QML window", Samples.of(minimal, "the minimal window"))
    ours = Samples.of(cold, "the visitor screen")
    yield Figure("start to first frame, visitor screen", "ms", ours, peer, Limit(Of.RATIO, 1.5))
    waited = Samples.of(beneath, "the screen beneath")
    yield Figure("asked to first frame, the screen that waits beneath", "ms", waited)
