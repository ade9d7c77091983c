"""P5: memory of every process (PSS: a page shared by n processes counts as an n-th in each)."""

from collections.abc import Iterator

from benchmarks.figures import Figure, NothingMeasuredError, Peer, Samples
from benchmarks.process import await_rest
from benchmarks.start import minimal_window
from benchmarks.workplace import Workplace
from kiosk.development.parts import Part
from kiosk.memory import family, proportional_mb
from kiosk.screens.line import ScreenWord

_NAMES = {
    Part.SCREEN: ("screen host", "visitor screen, shown", "visitor screen, beneath"),
    Part.DEVICES: ("devices",),
    Part.COURIER: ("courier",),
}


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Each process at the attract screen beside a minimal window, then the parts during a visit."""
    kiosk = workplace.kiosk
    with minimal_window(workplace.settings) as window:
        window.await_word(ScreenWord.SHOWN)
        minimal = _mb(proportional_mb(window.process_id))
        peer = Peer("minimal QML window", minimal)
        for part, names in _NAMES.items():
            processes = await_rest(lambda of=part: family(kiosk.process_id(of) or 0))  # type: ignore[misc]  # a lambda with a default
            if len(processes) != len(names):
                raise NothingMeasuredError(f"{part} has {len(processes)} processes, not {len(names)}")
            for name, process_id in zip(names, processes, strict=True):
                yield Figure(f"attract: {name}", "MB", _mb(proportional_mb(process_id)), peer)
    parts = workplace.visit.memory_mb
    for name, size in parts.items():
        yield Figure(f"received screen of a visit: {name}", "MB", _mb(size))
    yield Figure("received screen of a visit: all", "MB", _mb(sum(parts.values())))


def _mb(value: float) -> Samples:
    if not value:
        raise NothingMeasuredError("a process without memory")
    return Samples.of([value], "memory")
