"""Builds `transitions` machines from the tables of `flows.life.lifecycle`.

The engine drops its whole queue when a callback raises, and its time-outs run on threads: so callbacks here
only compute and note commands, and time is an event.
"""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, cast

from transitions import EventData, Machine

from flows.events import Event
from flows.life.lifecycle import (
    COVER_IGNORED,
    COVER_MOVES,
    IGNORED,
    MOVES,
    Cover,
    CoverTrigger,
    State,
    Trigger,
)


class Life:
    """Where a visit is. Starts at the attract screen."""

    def __init__(self, parts: object) -> None:
        """`parts` has every method that the table names, as `parts.<part>.<method>(event)`."""
        self.state: str = State.ATTRACT.value
        self.methods: dict[str, Callable[[Event | None], Any]] = {
            name: attrgetter(name)(parts) for move in MOVES for name in (move.when, move.do) if name
        }

    @property
    def now(self) -> State:
        """The state."""
        return State(self.state)

    def meet(self, trigger: Trigger, event: Event | None) -> None:
        """Let the table decide on an event."""
        _life().events[trigger.value].trigger(self, happened=event)

    def end_at_once(self) -> None:
        """After a bug: the table is not asked any more."""
        self.state = State.WIPED.value


class Covers:
    """What lies over the screen."""

    def __init__(self) -> None:
        self.state: str = Cover.CLEAR.value

    @property
    def now(self) -> Cover:
        """The cover."""
        return Cover(self.state)

    def meet(self, trigger: CoverTrigger) -> None:
        """Let the table decide."""
        _covers().events[trigger.value].trigger(self)


@cache
def _life() -> Machine:
    """Built once: the table is the same for every visit, and what it names is looked up in the visit."""
    rows: list[dict[str, Any]] = [
        {
            "trigger": move.trigger.value,
            "source": [state.value for state in move.sources],
            "dest": move.dest.value if move.dest is not None else None,
            "conditions": [_named(move.when)] if move.when else [],
            "before": [_named(move.do)] if move.do else [],
        }
        for move in MOVES
    ]
    return _machine(list(State), rows + _ignored(IGNORED))


@cache
def _covers() -> Machine:
    rows: list[dict[str, Any]] = [
        {
            "trigger": move.trigger.value,
            "source": [cover.value for cover in move.sources],
            "dest": move.dest.value,
        }
        for move in COVER_MOVES
    ]
    return _machine(list(Cover), rows + _ignored(COVER_IGNORED))


def _named(name: str) -> Callable[[EventData], Any]:
    return lambda data: cast("Life", data.model).methods[name](data.kwargs["happened"])


def _ignored(
    pairs: dict[Trigger, tuple[State, ...]] | dict[CoverTrigger, tuple[Cover, ...]],
) -> list[dict[str, Any]]:
    return [
        {"trigger": trigger.value, "source": [state.value for state in states], "dest": None}
        for trigger, states in pairs.items()
    ]


def _machine(states: list[State] | list[Cover], rows: list[dict[str, Any]]) -> Machine:
    """A table without a model: whoever triggers an event says which visit it happens to."""
    return Machine(
        model=None,
        states=[str(state) for state in states],
        transitions=rows,
        initial=str(states[0]),
        auto_transitions=False,
        queued=True,
        send_event=True,
        ignore_invalid_triggers=False,
    )
