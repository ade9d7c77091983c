"""When to try again, with a clock and chance that the test owns."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.post.backoff import BASE_S, CAP_S, Breaker, Passage, Timetable, full_jitter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def highest(_low: float, high: float) -> float:
    return high


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_full_jitter_is_anything_up_to_a_doubling_ceiling(attempt: int, chance: float) -> None:
    wait = full_jitter(attempt, lambda low, high: low + chance * (high - low))
    assert 0 <= wait <= min(CAP_S, BASE_S * 2 ** min(attempt - 1, 20))


def test_ceilings() -> None:
    assert [full_jitter(n, highest) for n in (1, 2, 3, 8, 9, 1000)] == [5, 10, 20, 640, 900, 900]


def test_the_breaker_lets_a_probe_pass_first_then_one_case() -> None:
    clock = Clock()
    breaker = Breaker(clock, highest)
    assert breaker.passage() is Passage.OPEN
    breaker.failed()
    assert breaker.passage() is Passage.BARRED
    assert breaker.wait_s() == 5
    clock.now += 5
    assert breaker.passage() is Passage.PROBE
    breaker.probed()
    assert breaker.passage() is Passage.OPEN


def test_a_centre_that_answers_probes_only_is_tried_ever_less_often() -> None:
    clock, waits = Clock(), []
    breaker = Breaker(clock, highest)
    for _ in range(5):
        breaker.failed()
        waits.append(breaker.wait_s())
        clock.now += breaker.wait_s()
        breaker.probed()
    assert waits == [5, 10, 20, 40, 80]
    breaker.succeeded()
    breaker.failed()
    assert breaker.wait_s() == 5


def test_a_visitor_hurries_the_breaker_but_not_the_centres_own_word() -> None:
    breaker = Breaker(Clock(), highest)
    breaker.failed()
    breaker.hurry()
    assert breaker.passage() is Passage.PROBE
    breaker.failed(wait_s=60)
    breaker.hurry()
    assert breaker.passage() is Passage.BARRED
    assert breaker.wait_s() == 60


def test_the_timetable_pauses_one_case_and_no_other() -> None:
    clock = Clock()
    timetable = Timetable(clock, highest)
    timetable.postpone(1)
    timetable.postpone(2, 100)
    assert (timetable.due(1), timetable.due(2), timetable.due(3)) == (False, False, True)
    assert timetable.wait_s() == 5
    clock.now += 5
    assert timetable.due(1)
    timetable.postpone(1)
    assert (timetable.wait_s(), timetable.attempts(1)) == (10, 2)
    timetable.forget(1)
    timetable.forget(2)
    assert timetable.wait_s() is None
