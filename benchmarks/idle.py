"""P11: what the kiosk computes while nobody stands in front of it."""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure, Limit, Of, Samples
from benchmarks.process import await_rest, cpu_s
from benchmarks.workplace import Workplace
from kiosk.development.parts import Part
from kiosk.memory import family

STRETCH_S = 3.0
DEVICES_LIMIT = 0.3
"""% of a core: five devices that are only looked after."""

PARTS = (Part.SCREEN, Part.DEVICES, Part.COURIER)


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Share of one core, for each part with all that it has started, over a few stretches of time."""
    kiosk = workplace.kiosk

    def families() -> dict[Part, list[int]]:
        return {part: family(kiosk.process_id(part) or 0) for part in PARTS}

    await_rest(lambda: [process for each in families().values() for process in each])
    known = families()
    shares: dict[Part, list[float]] = {part: [] for part in PARTS}
    for _ in range(workplace.repeat):
        began = time.monotonic()
        before = {part: sum(map(cpu_s, known[part])) for part in PARTS}
        time.sleep(STRETCH_S)
        passed_s = time.monotonic() - began
        for part in PARTS:
            shares[part].append(100 * (sum(map(cpu_s, known[part])) - before[part]) / passed_s)
    for part in PARTS:
        taken = Samples.of(shares[part] if known[part] else (), f"{part} is not running")
        limit = Limit(Of.MEDIAN, DEVICES_LIMIT) if part is Part.DEVICES else None
        yield Figure(f"attract, idle: {part}", "% of a core", taken, limit=limit)
    together = [sum(stretch) for stretch in zip(*shares.values(), strict=True)]
    limit = Limit(Of.MEDIAN, 1.0)
    yield Figure("attract, idle: all", "% of a core", Samples.of(together, "idle"), limit=limit)
