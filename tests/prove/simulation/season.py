"""A season: many kiosks, one centre, network and clocks in one thread, all of it from one seed.

Virtual time: events are taken from a queue, one at a time; nothing ever waits. Kiosks are independent of each
other except through the centre, so one that is in the middle of a call runs ahead of the others by that call.
"""

import hashlib
import heapq
import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import UUID

from kiosk.post.keyset import KeySet, parse, parse_roots
from kiosk.post.outbox import Outbox
from tests.prove.simulation.centres import Answer, Centre, ModelCentre
from tests.prove.simulation.ceremony import Ceremony
from tests.prove.simulation.disk import quick_disk
from tests.prove.simulation.kiosk import EPOCH, SimulatedKiosk
from tests.prove.simulation.ledger import Ledger, Stored, Violation, Visit
from tests.prove.simulation.weather import DAY_S, HOUR_S, Sky, Weather

_REGIONS = 12
_LITTLE = 1_000_000
_YEAR_S = 365.25 * DAY_S


@dataclass(frozen=True, slots=True)
class Plan:
    """How big and how bad a season is. Times in seconds, rates per kiosk."""

    kiosks: int
    faults_s: float
    """Faults of every kind happen until then; visitors come until then."""
    visits_a_day: float = 12.0
    kills_a_day: float = 3.0
    reboots_a_day: float = 0.5
    clock_a_day: float = 0.5
    releases_a_day: float = 0.2
    cursed: float = 0.01
    """Share of reports that the centre refuses for a while, by a bug of its own."""
    idle_s: float = HOUR_S
    certificate_s: float = 20 * DAY_S
    rotation_s: float = 0.4 * DAY_S
    drained_s: float = 5 * HOUR_S
    """After the faults, everything but what was refused is at the centre within this time..."""
    cured_s: float = 26 * HOUR_S
    """...and once the centre refuses no more, all the rest within this: quarantine is offered daily."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a season was."""

    seed: int
    kiosks: int
    years: float
    """Simulated years of kiosks with faults; the calm after them is not counted."""
    promised: int
    unsure: int
    turned_away: int
    calls: int
    outcomes: dict[str, int]
    events: dict[str, int]
    trace: str


@dataclass
class Twists:
    """Where planted bugs take hold outside the product's own functions."""

    ceremony: Callable[[], Ceremony] = Ceremony
    centre: Callable[[Ceremony], Centre] = ModelCentre
    retried: Callable[[UUID, Visit, random.Random], UUID] = field(
        default=lambda case_id, _visit, _chance: case_id
    )
    on_reboot: Callable[[Outbox], None] = field(default=lambda _outbox: None)


class Season:
    """Run it once."""

    def __init__(self, seed: int, plan: Plan, twists: Twists | None = None) -> None:
        self.seed = seed
        self.plan = plan
        self.name = f"season-{id(self)}"
        self._place = ExitStack()
        self.directory = self._place.enter_context(quick_disk(_LITTLE))
        """Outboxes live in memory; only the marks beside one are files."""
        self.now = 0.0
        self.calls = 0
        self.events: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.acknowledged: set[UUID] = set()
        """Cases for which the centre has given a receipt."""
        self.ledger = Ledger()
        twists = twists or Twists()
        self.ceremony = twists.ceremony()
        self.retried = twists.retried
        self.on_reboot = twists.on_reboot
        self.centre: Centre = _Witnessed(twists.centre(self.ceremony), self.acknowledged)
        self._chance = random.Random(f"{seed}/season")  # noqa: S311 - a seed to replay
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._curses: dict[UUID, float] = {}
        self._hash = hashlib.blake2b(digest_size=16)
        self._last: deque[str] = deque(maxlen=40)
        self._weather = [Weather.drawn(self._chance, plan.faults_s) for _ in range(_REGIONS)]
        self._rotate()
        self._kiosks = [SimulatedKiosk(number, self) for number in range(plan.kiosks)]

    def run(self) -> Report:
        """Live through it. Raises `Violation`, with the seed to replay it."""
        try:
            self._live()
        except Violation as violation:
            story = "\n".join(self._last)
            raise Violation(f"seed {self.seed}: {violation}\nthe last steps:\n{story}") from None
        finally:
            for kiosk in self._kiosks:
                kiosk.close()
            self._place.close()
        return self._report()

    def _live(self) -> None:
        for kiosk in self._kiosks:
            self.later(0.0, self._waker(kiosk))
        self._plan_restart()
        plan = self.plan
        self._until(plan.faults_s)
        for kiosk in self._kiosks:
            kiosk.heal()
        self._until(plan.faults_s + plan.drained_s)
        for kiosk in self._kiosks:
            kiosk.must_be_drained(whole=False)
        self._curses.clear()
        self._until(plan.faults_s + plan.drained_s + plan.cured_s)
        for kiosk in self._kiosks:
            kiosk.must_be_drained(whole=True)
        self.ledger.audit(map(Stored.of, self.centre.rows()))

    def later(self, at: float, what: Callable[[], None]) -> None:
        """Put `what` into the queue."""
        self._order += 1
        heapq.heappush(self._queue, (at, self._order, what))

    def trace(self, kiosk: int, at: float, *words: object) -> None:
        """Note a step of a kiosk."""
        line = f"{at:.3f} {kiosk} {' '.join(map(str, words))}"
        self._hash.update(line.encode())
        self._last.append(line)
        if words[0] != "promised" and len(words) == 2:
            self.calls += 1
            self.outcomes[line.partition(" ")[2].partition(" ")[2]] += 1

    def key_set(self) -> KeySet:
        """The newest key set, verified by the kiosk's own code."""
        return self._key_set

    def verified(self, token: str) -> KeySet:
        """A key set that came over the line."""
        return (
            self._key_set
            if token == self.ceremony.token
            else parse(token, parse_roots(self.ceremony.roots()))
        )

    def sky(self, kiosk: int, at: float) -> Sky:
        """The weather over a kiosk."""
        return self._weather[kiosk % _REGIONS].at(at)

    def curse(self, case_id: UUID, until: float) -> None:
        """The centre refuses this case until then."""
        self._curses[case_id] = until

    def is_cursed(self, case_id: UUID) -> bool:
        """Whether the centre refuses this case now; half of its bugs are mended after all faults only."""
        until = self._curses.get(case_id)
        return until is not None and (self.now < until or case_id.int % 2 == 0)

    def _until(self, end: float) -> None:
        while self._queue and self._queue[0][0] <= end:
            at, _, what = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            what()
        self.now = end

    def _waker(self, kiosk: SimulatedKiosk) -> Callable[[], None]:
        def wake() -> None:
            self.later(kiosk.wake(), wake)

        return wake

    def _plan_restart(self) -> None:
        at = self.now + self._chance.expovariate(4 / DAY_S)
        if at < self.plan.faults_s:

            def restart() -> None:
                self.centre.restart()
                self._plan_restart()

            self.later(at, restart)

    def _rotate(self) -> None:
        """A new key set. Now and then its keys end before the next one comes."""
        lasts_s = self.plan.rotation_s * self._chance.choice((0.5, 3.0, 10.0))
        self.ceremony.rotate(EPOCH + self.now, lasts_s, keep=self._chance.choice((1, 2, 3)))
        self._key_set = parse(self.ceremony.token, parse_roots(self.ceremony.roots()))
        if self.now < self.plan.faults_s:
            self.later(self.now + self._chance.expovariate(1 / self.plan.rotation_s), self._rotate)

    def _report(self) -> Report:
        return Report(
            seed=self.seed,
            kiosks=self.plan.kiosks,
            years=self.plan.kiosks * self.plan.faults_s / _YEAR_S,
            promised=len(self.ledger.promises),
            unsure=len(self.ledger.unsure),
            turned_away=self.ledger.turned_away,
            calls=self.calls,
            outcomes=dict(sorted(self.outcomes.items())),
            events=dict(sorted(self.events.items())),
            trace=self._hash.hexdigest(),
        )


class _Witnessed:
    """A centre whose receipts are noted: a kiosk may let go of these cases and of no others."""

    def __init__(self, centre: Centre, acknowledged: set[UUID]) -> None:
        self._centre = centre
        self._acknowledged = acknowledged
        self.put_part, self.parts, self.beat = centre.put_part, centre.parts, centre.beat
        self.restart, self.rows = centre.restart, centre.rows

    def put_case(self, kiosk: int, case_id: UUID, body: bytes) -> Answer:
        """See `Centre`."""
        answer = self._centre.put_case(kiosk, case_id, body)
        if answer.token:
            self._acknowledged.add(case_id)
        return answer
