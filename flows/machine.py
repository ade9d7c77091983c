"""Builds `transitions` machines from the tables of `flows.lifecycle`.

The engine drops its whole queue when a callback raises, and its time-outs run on threads: so callbacks here
only compute and note commands, and time is an event.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from transitions import EventData, Machine

from flows.events import Event
from flows.lifecycle import COVER_IGNORED, COVER_MOVES, IGNORED, MOVES, Cover, CoverTrigger, State, Trigger


class Life:
    """Where a visit is. Starts at the attract screen."""

    state: str

    def __init__(self, parts: object) -> None:
        """`parts` has every method that the table names, as `parts.<part>.<method>(event)`."""
        rows: list[dict[str, Any]] = [
            {
                "trigger": move.trigger.value,
                "source": [state.value for state in move.sources],
                "dest": move.dest.value if move.dest is not None else None,
                "conditions": [_bound(parts, move.when)] if move.when else [],
                "before": [_bound(parts, move.do)] if move.do else [],
            }
            for move in MOVES
        ]
        self._machine = _machine(self, list(State), rows + _ignored(IGNORED), State.ATTRACT)

    @property
    def now(self) -> State:
        """The state."""
        return State(self.state)

    def meet(self, trigger: Trigger, event: Event | None) -> None:
        """Let the table decide on an event."""
        self._machine.events[trigger.value].trigger(self, happened=event)

    def end_at_once(self) -> None:
        """After a bug: the table is not asked any more."""
        self._machine.set_state(State.WIPED.value)


class Covers:
    """What lies over the screen."""

    state: str

    def __init__(self) -> None:
        rows: list[dict[str, Any]] = [
            {
                "trigger": move.trigger.value,
                "source": [cover.value for cover in move.sources],
                "dest": move.dest.value,
            }
            for move in COVER_MOVES
        ]
        self._machine = _machine(self, list(Cover), rows + _ignored(COVER_IGNORED), Cover.CLEAR)

    @property
    def now(self) -> Cover:
        """The cover."""
        return Cover(self.state)

    def meet(self, trigger: CoverTrigger) -> None:
        """Let the table decide."""
        self._machine.events[trigger.value].trigger(self)


def _bound(parts: object, name: str) -> Callable[[EventData], Any]:
    method = attrgetter(name)(parts)
    return lambda data: method(data.kwargs["happened"])


def _ignored(
    pairs: dict[Trigger, tuple[State, ...]] | dict[CoverTrigger, tuple[Cover, ...]],
) -> list[dict[str, Any]]:
    return [
        {"trigger": trigger.value, "source": [state.value for state in states], "dest": None}
        for trigger, states in pairs.items()
    ]


def _machine(
    model: object, states: list[State] | list[Cover], rows: list[dict[str, Any]], initial: str
) -> Machine:
    return Machine(
        model=model,
        states=[str(state) for state in states],
        transitions=rows,
        initial=str(initial),
        auto_transitions=False,
        queued=True,
        send_event=True,
        ignore_invalid_triggers=False,
    )
