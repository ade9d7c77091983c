"""Power cuts by number: from a seed and a number follow a boundary, a kind of cut and what it leaves.

python -m tests.prove.storage.power                     a campaign, sized by KIOSK_PROVE_SCALE
python -m tests.prove.storage.power --state 1234        one state again, of KIOSK_PROVE_SEED
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.prove.scale import seed, size
from tests.prove.storage import check, mutants, rescue, trust, workload
from tests.prove.storage.disk import Cut, Image, cut, fingerprint
from tests.prove.storage.recorder import Boundary, Recorder, record, scratch

SHORT, FULL = 500, 20_000
_KINDS = tuple(Cut)
_TOLD = 20
_TWICE = 16
"""In every so many states the power goes a second time, while the kiosk starts again."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A workload, what lay on the disk before it, and how what is left is judged.

    `recover` is the workload in which the power may go a second time.
    """

    name: str
    run: Callable[[Path, Recorder[Any]], None]
    before: Image
    promise: Any
    wrong: Callable[[Image, Any, Path], str | None]
    recover: Callable[[Path, Recorder[Any]], None] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What one power cut, or two, left on the disk."""

    number: int
    where: str
    image: Image
    boundary: Boundary[Any]
    scenario: Scenario

    @property
    def promise(self) -> Any:
        """What must be true of it."""
        return self.boundary.promise

    def key(self) -> bytes:
        """Two states with the same key are the same state with the same promise."""
        return f"{self.scenario.name} {self.boundary.promises} ".encode() + fingerprint(self.image)


def outbox_life() -> tuple[Scenario, ...]:
    """The life of a new outbox only."""
    life = Scenario("life", workload.life, {"state": None}, workload.NEW, check.wrong, workload.recover)
    return (life,)


def scenarios() -> tuple[Scenario, ...]:
    """All of them."""
    previous, kept = workload.previous_release()
    damaged, rescued = rescue.before()
    enrolled, trusted = trust.before()
    return (
        *outbox_life(),
        Scenario("doubt", workload.doubt, {"state": None}, workload.NEW, check.wrong, workload.recover),
        Scenario("migrate", workload.migrate, previous, kept, check.wrong, workload.recover),
        Scenario("salvage", rescue.rescue, damaged, rescued, rescue.wrong),
        Scenario("trust", trust.renew, enrolled, trusted, trust.wrong),
    )


class Cuts:
    """All power cuts of some scenarios, numbered."""

    def __init__(self, chance_seed: int, chosen: tuple[Scenario, ...]) -> None:
        self._seed = chance_seed
        recorded = [(each, record(each.run, each.promise, each.before)) for each in chosen]
        self._places = [
            (scenario, index, boundary)
            for scenario, boundaries in recorded
            for index, boundary in enumerate(boundaries)
        ]
        self.boundaries = len(self._places)
        self._order = list(range(self.boundaries))
        random.Random(chance_seed).shuffle(self._order)  # noqa: S311 - a seed to replay

    def state(self, number: int) -> State:
        """State `number`, from 0: every boundary in turn, each time with another kind of cut."""
        chance = random.Random(f"{self._seed}/{number}")  # noqa: S311 - a seed to replay
        turn, place = divmod(number, self.boundaries)
        scenario, index, boundary = self._places[self._order[place]]
        kind = _KINDS[(turn + place) % len(_KINDS)]
        image = cut(boundary.moment, kind, chance)
        state = State(number, f"{scenario.name} {index} {kind}", image, boundary, scenario)
        return self._again(state, chance) if number % _TWICE == 0 and scenario.recover else state

    def _again(self, state: State, chance: random.Random) -> State:
        scenario = state.scenario
        assert scenario.recover is not None
        boundaries: list[Boundary[Any]]
        try:
            boundaries = record(scenario.recover, state.promise, state.image)
        except workload.BrokenError:
            return state  # one power cut was enough
        index, kind = chance.randrange(len(boundaries)), chance.choice(_KINDS)
        image = cut(boundaries[index].moment, kind, chance)
        where = f"{state.where}, then {index} {kind}"
        return State(state.number, where, image, boundaries[index], scenario)


@dataclass
class Outcome:
    """What a campaign found."""

    seed: int
    boundaries: int
    states: int = 0
    failures: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def summary(self) -> str:
        """One line."""
        rate = self.states / self.seconds if self.seconds else 0.0
        return (
            f"{self.states} power-cut states of {self.boundaries} boundaries, {len(self.failures)} wrong, "
            f"{rate:.0f} states/s, seed {self.seed}"
        )


def campaign(
    states: int, chance_seed: int, chosen: tuple[Scenario, ...], *, until: int | None = None
) -> Outcome:
    """Check `states` different states; stop early after `until` wrong ones."""
    began = time.monotonic()
    cuts = Cuts(chance_seed, chosen)
    outcome = Outcome(chance_seed, cuts.boundaries)
    with scratch() as root:
        for state in _different(cuts, states):
            outcome.states += 1
            problem = state.scenario.wrong(state.image, state.promise, root)
            if problem is not None:
                outcome.failures.append(_told(state, problem, chance_seed))
                outcome.kinds[problem.partition(":")[0]] += 1
            if until is not None and len(outcome.failures) >= until:
                break
    outcome.seconds = time.monotonic() - began
    return outcome


def _different(cuts: Cuts, states: int) -> Iterator[State]:
    seen: set[bytes] = set()
    number = 0
    while len(seen) < states:
        state = cuts.state(number)
        number += 1
        if (key := state.key()) not in seen:
            seen.add(key)
            yield state


def _told(state: State, problem: str, chance_seed: int) -> str:
    return (
        f"{state.where}: {problem} "
        f"[KIOSK_PROVE_SEED={chance_seed} python -m tests.prove.storage.power --state {state.number}]"
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Power cuts, by seed and number.")
    parser.add_argument("--state", type=int, help="this one state only")
    parser.add_argument("--mutant", choices=mutants.POWER, help="with a planted bug")
    asked = parser.parse_args()
    planted = mutants.POWER[asked.mutant].plant() if asked.mutant else nullcontext()
    with planted:
        lines = _campaign() if asked.state is None else _one(asked.state)
    sys.stdout.write("\n".join(lines) + "\n")
    return len(lines) > 1


def _campaign() -> list[str]:
    outcome = campaign(size(SHORT, FULL), seed(), scenarios())
    return [outcome.summary, *outcome.failures[:_TOLD]]


def _one(number: int) -> list[str]:
    state = Cuts(seed(), scenarios()).state(number)
    with scratch() as root:
        problem = state.scenario.wrong(state.image, state.promise, root)
    return [state.where] if problem is None else [state.where, problem]


if __name__ == "__main__":
    sys.exit(main())
