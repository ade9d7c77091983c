"""One cell of the matrix: a visit up to a stop, a fault there, and what becomes of both."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from flows.events import Ending, Touch, Touched
from flows.life.lifecycle import Cover, State
from flows.loading.pack_loader import load_packs
from flows.pack import PackBook
from flows.ports import USABLE_STATES, Device
from flows.view import PaperState, ReceivedBody, ScanBody, Screen
from tests.faults.faults import Fault
from tests.faults.visitor import Stop, Visitor
from tests.faults.world import OFFICIAL_NUMBER, REFERENCE, World

COVERED = ("event.when", "scan", "photo, 0", "review", "submitting", "paper printing")
"""The phases at which every cover is tried, too."""
TOURS = ("lost_property", "report_supplement", "technology_crime")
"""Together they meet every state."""
IDLE_S = 91.0


class BrokenPromiseError(AssertionError):
    """A cell of the matrix did not hold."""


@dataclass(frozen=True)
class Place:
    """Where a fault strikes: after so many steps of the visitor to a service, under a cover or none."""

    steps: int
    stop: Stop
    cover: Cover = Cover.CLEAR
    service: str = "lost_property"

    def __str__(self) -> str:
        under = "" if self.cover is Cover.CLEAR else f" under {self.cover.value}"
        return f"{self.service}: {self.stop.state} ({self.stop.phase}){under}"


_OPENERS: dict[Cover, Callable[[World], None]] = {
    Cover.CLEAR: lambda _world: None,
    Cover.STOP_CONFIRM: lambda world: world.dispatch(Touched(Touch.STOP)),
    Cover.EMERGENCY: lambda world: world.dispatch(Touched(Touch.EMERGENCY)),
    Cover.TIME_WARNING: lambda world: world.pass_(IDLE_S),
}


@cache
def book() -> PackBook:
    """The packs of the tours."""
    return load_packs(TOURS)


@cache
def places(service: str = "") -> tuple[Place, ...]:
    """Every place of the visit to a service, or of all tours: the stops, and the covers over some of them."""
    if not service:
        return tuple(place for tour in TOURS for place in places(tour))
    visitor = Visitor(World(book()), service)
    stops = [Place(steps, stop, service=service) for steps, stop in enumerate(visitor.steps())]
    covered = [
        replace(place, cover=cover)
        for place in stops
        if place.stop.phase in COVERED
        for cover in (Cover.STOP_CONFIRM, Cover.EMERGENCY, Cover.TIME_WARNING)
        if _opens(replace(place, cover=cover))
    ]
    return (*stops, *covered)


@cache
def few() -> tuple[Place, ...]:
    """The first tour, and of every other what it does not meet."""
    chosen: list[Place] = []
    for tour in TOURS:
        met = {place.stop.state for place in chosen}
        chosen += [place for place in places(tour) if place.stop.state not in met]
    return tuple(chosen)


def sample(number: int) -> list[Place]:
    """One place for every state of the life cycle, and one under a cover; which ones turns with `number`."""
    groups: dict[str, list[Place]] = {}
    for place in few():
        groups.setdefault("" if place.cover is not Cover.CLEAR else place.stop.state, []).append(place)
    return [group[number % len(group)] for group in groups.values()]


def _opens(place: Place) -> bool:
    """Whether its cover can lie there: nobody is warned of time while the machine works."""
    world, _ = arrive(place)
    return world.visit.cover is place.cover


def arrive(place: Place) -> tuple[World, Visitor]:
    """A fresh world at that place."""
    world = World(book())
    visitor = Visitor(world, place.service)
    for steps, _ in enumerate(visitor.steps()):
        if steps == place.steps:
            break
    _OPENERS[place.cover](world)
    return world, visitor


@cache
def undisturbed(place: Place, seconds: float) -> State:
    """Where the visit is so long after that place, when nothing happens."""
    world, _ = arrive(place)
    world.pass_(seconds)
    return world.visit.state


def while_it_stays(place: Place, fault: Fault) -> None:
    """The fault comes and stays to the end of the visit. Raises AssertionError if a promise is broken."""
    world, visitor = arrive(place)
    had_paper = bool(world.truth.papers)
    had_case = bool(world.truth.committed)
    fault.begin(world)
    world.pass_(fault.deadline_s)
    declared = _declared(place, fault)
    _must(world.visit.state is declared, f"is in {world.visit.state.value}, declared {declared.value}")
    _pictures_tell_the_truth(world, fault)
    if world.visit.state is State.OUT_OF_SERVICE:
        return
    visitor.finish()
    kept = fault.kept or had_case
    ending = fault.ending if not had_case else Ending.FINISHED
    _must(world.truth.ending is ending, f"ended {world.truth.ending}, declared {ending}")
    _must(len(world.truth.committed) == kept, f"{len(world.truth.committed)} cases were committed")
    _papers_are_single(world)
    _ways_are_closed(world)
    paper = last_paper(world)
    if kept and paper is not None:
        allowed = fault.paper | ({PaperState.PRINTED} if had_paper else set())
        _must(paper in allowed, f"said {paper.value} of its paper")
    _pictures_tell_the_truth(world, fault)
    _nothing_false(world)


def _declared(place: Place, fault: Fault) -> State:
    hidden = place.cover in (Cover.STOP_CONFIRM, Cover.EMERGENCY)
    elsewhere = bool(fault.only_in) and place.service not in fault.only_in
    leads = {} if elsewhere or (hidden and not fault.under_covers) else fault.leads_to
    return leads.get(State(place.stop.state), undisturbed(place, fault.deadline_s))


def once_it_is_mended(place: Place, fault: Fault) -> None:
    """The fault is mended: without a restart everything goes on as if nothing had been.

    Raises AssertionError.
    """
    world, visitor = arrive(place)
    fault.begin(world)
    world.pass_(fault.deadline_s / 2)
    fault.mend(world)
    world.pass_(fault.deadline_s)
    _pictures_tell_the_truth(world, fault)
    _devices_are_offered(world)
    visitor.finish()
    _nothing_false(world)
    _papers_are_single(world)
    _ways_are_closed(world)
    ending = fault.too_late.get(State(place.stop.state), Ending.FINISHED)
    _must(world.truth.ending is ending, f"mended, and yet it ended {world.truth.ending}")
    if ending is Ending.FINISHED:
        _must(len(world.truth.committed) == 1, "mended, and yet nothing was committed")
        _must(bool(world.truth.papers), "mended, and yet no paper fell")


# --- what must hold -----------------------------------------------------------------------------------------


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenPromiseError(what)


def _pictures_tell_the_truth(world: World, fault: Fault) -> None:
    """What the picture now says of devices is what they said last; what is on is on only where it says so."""
    view, truth = world.view, world.truth
    if isinstance(view.body, ScanBody) and not world.silent:
        _must(view.body.camera is world.states[Device.CAMERA], "the scan screen is wrong about the camera")
    if view.screen is Screen.DECLARE and not world.silent:
        told = any(notice.key.startswith("printer_") for notice in view.notices)
        prints = world.states[Device.PRINTER] in USABLE_STATES
        _must(told is not prints, "before submitting, the visitor was not told the truth about paper")
    shows_camera = view.screen in (Screen.SCAN, Screen.PHOTO)
    _must(not truth.camera_on or shows_camera, f"the camera is on at {view.screen.value} ({fault.name})")
    _must(not truth.armed or view.screen is Screen.SCAN, f"the scanner listens at {view.screen.value}")


def _devices_are_offered(world: World) -> None:
    view = world.view
    if view.screen in (Screen.SCAN, Screen.PHOTO) and world.visit.cover is not Cover.EMERGENCY:
        _must(world.truth.camera_on, "the camera is back and not switched on")
    if view.screen is Screen.SCAN:
        _must(world.truth.armed, "the scanner is back and does not listen")


def _papers_are_single(world: World) -> None:
    _must(len(world.truth.papers) <= 2, "more than a receipt and one reprint")
    _must(len(set(world.truth.papers)) == len(world.truth.papers), "one job fell twice")


def _ways_are_closed(world: World) -> None:
    """Nobody's phone sends into the next visit; nothing is kept that no case names; opinions count once."""
    ways = world.truth.ways
    _must(None not in ways.values(), "a way for a phone was left open")
    _must(
        bool(world.truth.committed or world.truth.awaited) or True not in ways.values(),
        "files are kept of no case",
    )
    _must(len(world.truth.counted) <= 1, "one opinion was counted twice")


def _nothing_false(world: World) -> None:
    """Over the whole visit: received, printed, numbered were said only when it was so."""
    for view in world.views:
        if not isinstance(view.body, ReceivedBody):
            continue
        _must(bool(world.truth.committed), "said 'received' of a case that was never committed")
        _must(view.body.reference == REFERENCE, "showed the reference of another case")
        _must(view.body.official_number in ("", OFFICIAL_NUMBER), "showed the number of another case")
        if view.body.paper is PaperState.PRINTED:
            _must(bool(world.truth.papers), "said 'printed', and no paper fell")


def last_paper(world: World) -> PaperState | None:
    """What was said of the paper last; None if it never came to that."""
    said = [view.body.paper for view in world.views if isinstance(view.body, ReceivedBody)]
    return said[-1] if said else None
