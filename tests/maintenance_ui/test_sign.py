"""The technician's sign: given on purpose it calls, by accident never."""

import random
from collections.abc import Callable

import pytest
from desk_samples import Hands

from ui.bridge import corners
from ui.bridge.corners import CornersBridge

TOUCHES = 10_000
SEED = 20261122


def bridge() -> tuple[CornersBridge, Hands, list[bool]]:
    hands, given = Hands(), []
    made = CornersBridge(hands)
    made.signGiven.connect(lambda: given.append(True))
    return made, hands, given


def hold(made: CornersBridge, hands: Hands, corner: str, seconds: float) -> bool:
    made.press(corner)
    hands.now += seconds
    return made.release(corner)


def give(first: str, first_s: float, between_s: float, second: str, second_s: float) -> bool:
    made, hands, given = bridge()
    hold(made, hands, first, first_s)
    hands.now += between_s
    hold(made, hands, second, second_s)
    return bool(given)


def test_left_then_right_calls() -> None:
    assert give("left", 3.0, 1.0, "right", 3.2)
    assert give("left", 7.9, 5.0, "right", 3.0)


@pytest.mark.parametrize(
    "touches",
    [
        ("left", 2.9, 1.0, "right", 3.0),  # too short
        ("left", 3.0, 1.0, "right", 2.9),
        ("left", 3.0, 5.1, "right", 3.0),  # too late
        ("right", 3.0, 1.0, "left", 3.0),  # the other way round
        ("left", 3.0, 1.0, "left", 3.0),
        ("left", 8.1, 1.0, "right", 3.0),  # something leans on the glass
        ("left", 3.0, 1.0, "right", 8.1),
    ],
)
def test_anything_else_does_not(touches: tuple) -> None:
    assert not give(*touches)


def test_two_hands_at_once_do_not() -> None:
    made, hands, given = bridge()
    made.press("left")
    hands.now += 1
    made.press("right")
    hands.now += 3
    made.release("left")
    hands.now += 1
    made.release("right")
    assert not given


def test_a_touch_elsewhere_in_between_ends_it() -> None:
    made, hands, given = bridge()
    hold(made, hands, "left", 3.0)
    made.forget()
    hold(made, hands, "right", 3.0)
    assert not given


def test_a_short_touch_of_a_corner_is_an_ordinary_touch() -> None:
    made, hands, _ = bridge()
    assert hold(made, hands, "left", 0.2)
    assert not hold(made, hands, "left", 3.0)


def called_by_chance(make: Callable[[], tuple[CornersBridge, Hands, list[bool]]] = bridge) -> int:
    """Calls among 10,000 touches of people who do not mean it: a third on a corner, some of them long."""
    dice = random.Random(SEED)  # noqa: S311
    made, hands, given = make()
    for _ in range(TOUCHES):
        hands.now += dice.expovariate(1 / 2.0)
        where = dice.choices(("left", "right", "elsewhere"), (1, 1, 4))[0]
        if where == "elsewhere":
            made.forget()
        else:
            hold(made, hands, where, dice.lognormvariate(-1.6, 1.0))
    return len(given)


def test_ten_thousand_touches_by_chance_never_call() -> None:
    assert called_by_chance() == 0


def test_a_sign_that_is_too_easy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corners, "HOLD_S", 0.3)
    assert called_by_chance() > 0


def test_a_sign_that_does_not_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corners, "LONGEST_HOLD_S", 1e9)
    monkeypatch.setattr(corners, "BETWEEN_S", 1e9)
    with pytest.raises(AssertionError):
        test_anything_else_does_not(("left", 3.0, 5.1, "right", 3.0))
