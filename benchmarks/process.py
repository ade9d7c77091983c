"""How much a process has computed, and when it has come to rest."""

import time
from collections.abc import Callable, Sequence

from benchmarks.figures import NothingMeasuredError

_GLANCE_S = 0.5
_AT_REST = 0.1
"""Share of a core: what loads or draws uses far more, what waits far less."""


def cpu_s(process_id: int) -> float:
    """Seconds that all threads of a process have computed. Raises `NothingMeasuredError` if it has ended."""
    # What clock_getcpuclockid(3) answers on Linux; far finer than the ticks of /proc/PID/stat.
    clock = ~process_id << 3 | 2
    try:
        return time.clock_gettime(clock)
    except OSError as error:
        raise NothingMeasuredError(f"process {process_id} has ended") from error


def await_rest(processes: Callable[[], Sequence[int]], within_s: float = 30.0) -> Sequence[int]:
    """Wait until the same processes do next to nothing, and return them. Raises `NothingMeasuredError`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        before = processes()
        used = sum(map(cpu_s, before))
        time.sleep(_GLANCE_S)
        if processes() == before and sum(map(cpu_s, before)) - used <= _AT_REST * _GLANCE_S:
            return before
    raise NothingMeasuredError("the processes do not come to rest")
