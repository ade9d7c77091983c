"""Seasons of many kiosks: nothing lost, nothing doubled, nothing half, no false "sent", and everything drains."""

import pytest

from tests.prove.scale import seed, size
from tests.prove.simulation.mutants import MUTANTS, Plant
from tests.prove.simulation.season import Plan, Report, Season, Violation
from tests.prove.simulation.weather import DAY_S

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is

_SMALL = Plan(kiosks=12, faults_s=DAY_S)
_SEEDS = 5


@pytest.fixture(scope="module")
def wide() -> Report:
    """Many kiosks, a day."""
    return Season(seed(), Plan(kiosks=size(300, 10_000), faults_s=DAY_S)).run()


def test_many_kiosks_keep_every_promise(wide: Report) -> None:
    print(wide)
    assert wide.kiosks == size(300, 10_000)
    assert wide.promised > wide.kiosks


def test_a_season_meets_every_kind_of_trouble(wide: Report) -> None:
    met = {outcome.rpartition(" ")[2] for outcome in wide.outcomes}
    assert {"200", "201", "204", "404", "409", "422", "429", "500", "503"} <= met
    assert {"unreachable", "timed_out", "broken_off", "certificate_rejected"} <= met
    assert {"case_quarantined", "case_delivered", "not_the_centre", "not_let_in"} <= set(wide.events)
    assert wide.unsure
    assert wide.turned_away


def test_few_kiosks_keep_every_promise_for_long() -> None:
    report = Season(seed(), Plan(kiosks=size(2, 20), faults_s=size(14, 365) * DAY_S)).run()
    print(report)
    assert report.promised > report.kiosks * 50


def test_the_same_seed_is_the_same_season_to_the_last_step() -> None:
    first, again, other = (Season(number, _SMALL).run() for number in (seed(), seed(), seed() + 1))
    assert first == again
    assert first.trace != other.trace


@pytest.mark.parametrize("plant", MUTANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found_within_few_seeds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    twists = plant(monkeypatch)
    with pytest.raises(Violation, match="seed"):
        for number in range(seed(), seed() + _SEEDS):
            Season(number, _SMALL, twists).run()
