"""P10: what the shortest real report of a wallet asks of a person, by the keystroke-level model."""

from collections.abc import Iterator

from benchmarks.figures import Figure, Limit, Of, Samples
from benchmarks.workplace import SCRIPT, Workplace

LIMIT_S = 90.0


def measure(workplace: Workplace) -> Iterator[Figure]:
    """Touches of a visit played through the real screens, and the model's time for them."""
    totals = workplace.visit.totals
    for name, unit in (("taps", "taps"), ("keys", "keys")):
        yield Figure(f"{SCRIPT}: {name}", unit, Samples.of([totals[name]], name))
    seconds = Samples.of([totals["keystroke_level_s"]], "keystroke-level time")
    yield Figure(f"{SCRIPT}: keystroke-level time", "s", seconds, limit=Limit(Of.MEDIAN, LIMIT_S))
