"""Random visits to every service: at any site, in any language, with anything happening at any moment.

A visit is made from one number; a violation says which, and `play` plays it again.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from jsonschema import Draft202012Validator

from config.settings import Site, SiteKind, Timing
from flows.events import (
    AdmissionChanged,
    Command,
    DeviceChanged,
    Event,
    ServiceChosen,
    Ticked,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.life.lifecycle import IDLE, State
from flows.pack import PackBook
from flows.ports import Device, DeviceState
from flows.view import Screen, ServicesBody, ViewState
from tests.flows.conftest import SITES, Person
from tests.prove.services.promises import Promises, Violation, promise
from tests.prove.services.stranger import Stranger

MOST_STEPS = 40
MOST_TO_LEAVE = 900
"""Events that a visitor who answers everything needs at most; more is a walk in a circle."""

_IDLE_S = 2000.0
_FAR = (
    State.LIST,
    State.FILES,
    State.PHOTO,
    State.WAITING,
    State.REVIEW,
    State.DECLARE,
    State.SUBMITTING,
    State.RECEIVED,
    State.RECEIVED,
    State.SURVEY,
)
"""Where half of the visits begin to be strange."""


@dataclass(slots=True)
class Tally:
    """What was done in a campaign."""

    events: int = 0
    visits: int = 0
    cases: int = 0
    services: Counter[str] = field(default_factory=Counter)
    quick_exits: Counter[State] = field(default_factory=Counter)
    emergencies: Counter[State] = field(default_factory=Counter)
    states: Counter[State] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    validators: dict[str, Draft202012Validator] = field(default_factory=dict)


class Watched(Person):
    """A person whose visit is looked at after every event, and drawn once."""

    def __init__(self, packs: PackBook, site: Site, tally: Tally, random: Random) -> None:
        super().__init__(packs, site, Timing())
        self.tally = tally
        self.stranger = Stranger(self, random, [Language(each) for each in site.languages])
        self.promises = Promises(self.visit, self.stranger.words, tally.validators, tally.met)
        self.seen = self.visit.view()
        self.moment = self.promises.moment(self.seen)
        self.past: list[Event] = []

    @property
    def view(self) -> ViewState:
        """The picture after the last event."""
        return self.seen

    def handle(self, event: Event) -> list[Command]:
        """Hand an event over, and look whether every promise is kept."""
        self.past.append(event)
        self.tally.events += 1
        commands = self.visit.handle(event)
        self.asked += commands
        self.seen = self.visit.view()
        self.moment = self.promises.look(self.moment, event, commands, self.seen)
        self.tally.states[self.visit.state] += 1
        return commands


def run(count: int, seed: int, book: PackBook, *, tells: bool = False) -> Tally:
    """At least `count` events. Raises `Violation`."""
    tally = Tally()
    began, told = time.monotonic(), 0
    while tally.events < count:
        play(seed * 1_000_003 + tally.visits, book, tally)
        tally.visits += 1
        if tells and tally.events - told >= 50_000:
            told = tally.events
            rate = tally.events / (time.monotonic() - began)
            _say(f"{tally.events} events, {tally.visits} visits, {rate:.0f} events/s")
    return tally


def play(number: int, book: PackBook, tally: Tally) -> None:
    """The visit of a number. Raises `Violation` with the number and what happened last."""
    live(Random(number), book, tally, f"visit {number}")  # noqa: S311 - a campaign is to be repeated


def live(
    random: Random, book: PackBook, tally: Tally, name: str = "a visit", steps: int | None = None
) -> None:
    """One visit from beginning to end, with `steps` of anything in between. Raises `Violation`."""
    person = Watched(book, _site(random, book), tally, random)
    try:
        _set_up(person, random)
        for _ in range(random.randint(3, MOST_STEPS) if steps is None else steps):
            for event in person.stranger.step():
                person.handle(event)
                if person.visit.state is State.WIPED:
                    break
            if person.visit.state is State.WIPED and random.random() < 0.5:
                break
            if random.random() < 0.04:
                _cover(person)
            if random.random() < 0.04:
                _change_mind(person, random)
        _end(person, random)
    except (Violation, AssertionError) as broken:
        past = "\n  ".join(str(event)[:160] for event in person.past[-8:])
        raise Violation(f"{name}: {broken}; last:\n  {past}") from broken
    tally.cases += person.promises.is_kept
    with suppress(LookupError):
        tally.services[person.visit._parts.pages.known().pack.name] += 1


def _site(random: Random, book: PackBook) -> Site:
    names = list(book.packs)
    services = names if random.random() < 0.6 else random.sample(names, random.randint(1, len(names)))
    changes = {"services": services, "survey": random.random() < 0.7}
    if random.random() < 0.2:
        changes["languages"] = random.sample([each.value for each in Language], 2)
    return SITES[random.choice(list(SiteKind))].model_copy(update=changes)


def _set_up(person: Watched, random: Random) -> None:
    """Devices as they happen to be; mostly straight to the services."""
    for device in Device:
        state = DeviceState.READY if random.random() < 0.8 else random.choice(list(DeviceState))
        person.handle(DeviceChanged(device, state))
    if random.random() < 0.05:
        person.handle(AdmissionChanged(accepting=False))
    if random.random() < 0.02:  # nobody has begun
        _cover(person)
        _quick_exit(person)
    while random.random() < 0.97 and person.view.screen is not Screen.SERVICES:
        if person.visit.state is State.WIPED:
            return
        for event in person.stranger.sensible(person.view):
            person.handle(event)
    if random.random() < 0.5:
        _go_far(person, random.choice(_FAR))


def _go_far(person: Watched, state: State) -> None:
    """To a late state of the visit, so that anything happens there as often as at the beginning."""
    for number, event in enumerate(person.stranger.leave()):
        promise(number < MOST_TO_LEAVE, f"no way to {state}")
        person.handle(event)
        if person.visit.state is state:
            return


def _change_mind(person: Watched, random: Random) -> None:
    """All the way back to the list, and another service."""
    for _ in range(MOST_TO_LEAVE):
        if person.view.screen is Screen.SERVICES or not person.view.can_back:
            break
        person.handle(Touched(Touch.BACK))
    if isinstance(person.view.body, ServicesBody) and person.view.body.tiles:
        person.handle(ServiceChosen(random.choice(person.view.body.tiles).service))


def _cover(person: Watched) -> None:
    """Help and back: everything is as it was, wherever it happens."""
    before, state = person.view, person.visit.state
    person.handle(Touched(Touch.EMERGENCY))
    promise(person.view.screen in (Screen.EMERGENCY, Screen.WIPED), f"no emergency screen from {state}")
    person.tally.emergencies[state] += 1
    person.handle(Touched(Touch.EMERGENCY_CLOSE))
    after = person.view
    same = (after.screen, after.title, after.body) == (before.screen, before.title, before.body)
    promise(same or before.screen is Screen.EMERGENCY, f"help changed what {state} shows")


def _end(person: Watched, random: Random) -> None:
    """A visit ends in one of these ways from wherever it is; each must work from everywhere."""
    ways: tuple[Callable[[Watched], None], ...] = (_leave, _leave, _retreat, _quick_exit, _forgotten)
    random.choice(ways)(person)
    for late in (Touched(Touch.NEXT), Ticked(), AdmissionChanged(accepting=True)):
        promise(person.visit.state is not State.WIPED or not person.handle(late), "alive after the end")


def _leave(person: Watched) -> None:
    """On to the end: no answer leads into a circle or a dead end."""
    _follow(person, person.stranger.leave(), "no end in sight")
    promise(person.visit.state is State.WIPED, "the visit does not end")


def _retreat(person: Watched) -> None:
    """Back and back again to where the visit began, then out."""
    _follow(person, _backwards(person), "no way back")
    _quick_exit(person)


def _backwards(person: Watched) -> Iterator[Event]:
    if person.view.overlay is not None or person.view.screen is Screen.EMERGENCY:
        yield Touched(Touch.EMERGENCY_CLOSE)
        yield Touched(Touch.STOP_CANCEL)
    while person.view.can_back:
        yield Touched(Touch.BACK)


def _follow(person: Watched, events: Iterator[Event], what: str) -> None:
    for number, event in enumerate(events):
        promise(number < MOST_TO_LEAVE, f"{what} at {person.view.screen} “{person.view.title}”")
        person.handle(event)


def _quick_exit(person: Watched) -> None:
    """Gone at once; where nobody has begun, only what covers the screen goes."""
    state = person.visit.state
    person.handle(Touched(Touch.QUICK_EXIT))
    person.tally.quick_exits[state] += 1
    promise(state in IDLE or person.visit.state is State.WIPED, f"quick exit does nothing in {state}")


def _forgotten(person: Watched) -> None:
    """Everybody goes away: the kiosk forgets by itself."""
    began = person.visit.state not in IDLE
    for _ in range(round(_IDLE_S / 20)):
        person.clock.seconds += 20
        person.handle(Ticked())
        if person.visit.state is State.WIPED:
            return
    promise(not began, f"forgotten in {person.visit.state}, and nothing is wiped")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """`python -m tests.prove.services.campaign COUNT [SEED]`."""
    from flows.loading.pack_loader import load_packs, pack_names

    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    tally = run(count, seed, load_packs(pack_names()), tells=True)
    _say(f"{tally.events} events, {tally.visits} visits, {tally.cases} cases: every promise kept")
    for what in (tally.services, tally.states, tally.quick_exits, tally.emergencies, tally.met):
        _say(", ".join(f"{name} {number}" for name, number in what.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
