"""One step of the machine, an event in and commands out; the picture after it; and reading all services anew.

Each service is walked once to its end with everything answered, as `tests.services` walks it. Measured in
time of the thread's own: a busy machine is not the engine's doing.
"""

import gc
import subprocess
import sys
import time

from benchmarks.figures import Figure, Limit, Of, Samples
from benchmarks.workplace import Workplace
from config.settings import SiteKind, Timing
from flows.events import Command, Event
from flows.loading.pack_loader import load_packs, pack_names
from tests.flows.conftest import SITES, Person
from tests.services.visitor import Traveller

_LIMIT_MS = 1.0
_ROUNDS = 3
_LOAD = "from flows.loading.pack_loader import load_packs, pack_names; load_packs(pack_names())"


class _Timed(Person):
    """Notes how long each step and each picture took, in milliseconds."""

    steps: list[float]
    pictures: list[float]

    def handle(self, event: Event) -> list[Command]:
        began = time.thread_time()
        commands = self.visit.handle(event)
        stepped = time.thread_time()
        self.visit.view()
        self.steps.append((stepped - began) * 1000)
        self.pictures.append((time.thread_time() - stepped) * 1000)
        self.asked += commands
        return commands


def measure(workplace: Workplace) -> list[Figure]:
    """Steps and pictures of every service together, and a cold process that reads and checks all packs."""
    names = pack_names()
    book = load_packs(names)
    for pack in book.packs.values():
        _ = pack.case_validator  # made before a visitor comes, as a visitor screen makes them
    steps: list[float] = []
    pictures: list[float] = []
    gc.collect()
    for _ in range(_ROUNDS):
        for name in names:
            site = SITES[SiteKind.REPORT_ROOM].model_copy(update={"services": list(names)})
            person = _Timed(book, site, Timing())
            person.steps, person.pictures = steps, pictures
            Traveller(person, fills_optional=True).begin(name).walk()
    cold = Samples.of((_load_ms() for _ in range(workplace.repeat)), "no pack was read")
    return [
        Figure(
            f"a step of the machine, {len(names)} services",
            "ms",
            Samples.of(steps, "no step was taken"),
            limit=Limit(Of.P99, _LIMIT_MS),
        ),
        Figure("the picture after it", "ms", Samples.of(pictures, "no picture was made")),
        Figure(f"{len(names)} services read and checked in a cold process", "ms", cold),
    ]


def _load_ms() -> float:
    began = time.perf_counter()
    subprocess.run((sys.executable, "-c", _LOAD), check=True)
    return (time.perf_counter() - began) * 1000
