"""Every pair of state and trigger is decided on purpose."""

from itertools import product

import pytest

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

MOVED = {(move.trigger, source) for move in MOVES for source in move.sources}
PASSED_OVER = {(trigger, state) for trigger, states in IGNORED.items() for state in states}


@pytest.mark.parametrize(("trigger", "state"), list(product(Trigger, State)))
def test_each_pair_is_either_moved_or_ignored(trigger: Trigger, state: State) -> None:
    assert ((trigger, state) in MOVED) is not ((trigger, state) in PASSED_OVER)


@pytest.mark.parametrize(("trigger", "cover"), list(product(CoverTrigger, Cover)))
def test_each_pair_of_covers_is_either_moved_or_ignored(trigger: CoverTrigger, cover: Cover) -> None:
    moved = any(move.trigger is trigger and cover in move.sources for move in COVER_MOVES)
    assert moved is not (cover in COVER_IGNORED[trigger])


def test_every_state_is_reachable() -> None:
    reached = {State.ATTRACT}
    while True:
        further = {m.dest for m in MOVES if m.dest is not None and reached.intersection(m.sources)} - reached
        if not further:
            break
        reached |= further
    assert reached == set(State)


@pytest.mark.parametrize("state", [s for s in State if s is not State.WIPED])
def test_every_state_but_the_last_can_end(state: State) -> None:
    assert any(m.trigger is Trigger.END and state in m.sources and m.dest is State.WIPED for m in MOVES)


def test_a_row_after_one_without_condition_would_never_be_taken() -> None:
    closed: set[tuple[Trigger, State]] = set()
    for move in MOVES:
        for source in move.sources:
            assert (move.trigger, source) not in closed
            if not move.when:
                closed.add((move.trigger, source))
