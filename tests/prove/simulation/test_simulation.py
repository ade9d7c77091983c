"""Seasons of many kiosks: nothing lost, doubled or half, no false "sent", and everything drains."""

from dataclasses import replace

import pytest

from tests.prove.scale import seed, size
from tests.prove.simulation.ceremony import Ceremony
from tests.prove.simulation.mutants import MUTANTS, Plant
from tests.prove.simulation.real_centre import RealCentre, RealCeremony
from tests.prove.simulation.season import Plan, Report, Season, Twists, Violation
from tests.prove.simulation.weather import DAY_S, HOUR_S

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]  # `KIOSK_PROVE_SCALE` decides how long it is

_SMALL = Plan(kiosks=12, faults_s=DAY_S, idle_s=2 * HOUR_S)
_SEEDS = 5


@pytest.fixture(scope="module")
def wide() -> Report:
    """Many kiosks, a morning or a day."""
    plan = Plan(
        kiosks=size(300, 10_000), faults_s=size(10, 24) * HOUR_S, certificate_s=5 * DAY_S, idle_s=2 * HOUR_S
    )
    return Season(seed(), plan).run()


def test_many_kiosks_keep_every_promise(wide: Report) -> None:
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
    assert report.promised > report.kiosks * 50


def test_the_same_seed_is_the_same_season_to_the_last_step() -> None:
    plan = replace(_SMALL, kiosks=4)
    first, again, other = (Season(number, plan).run() for number in (seed(), seed(), seed() + 1))
    assert first == again
    assert first.trace != other.trace


def test_the_real_centre_makes_the_same_season_as_its_model() -> None:
    """Step for step: what is proven of many kiosks with the model holds with the real centre."""
    plan = Plan(kiosks=size(8, 1_000), faults_s=size(12, 24) * HOUR_S)
    season, centre = _with_the_real_centre(plan)
    assert _compared(season.run()) == _compared(Season(seed(), plan).run())
    verdicts = centre.proven()
    assert all(verdict.whole and not verdict.gaps for verdict in verdicts.values())
    assert sum(verdict.proven.cases for verdict in verdicts.values()) == len(list(centre.rows()))


def _compared(report: Report) -> Report:
    """Without the alarms of keys that lapse: the real ceremony gives whole days, and escrow keys years."""
    events = {name: count for name, count in report.events.items() if name != "sealing_key_lapsed"}
    return replace(report, events=events)


def test_the_gap_proof_names_what_a_centre_has_lost() -> None:
    """A centre that was restored from an old backup has given receipts for cases it no longer has."""
    season, centre = _with_the_real_centre(Plan(kiosks=4, faults_s=DAY_S / 2))
    season.run()
    lost = [row for row in centre.rows() if row.sequence % 5 == 3]
    centre.lose(row.case_id for row in lost)
    absent = {
        (kiosk, sequence)
        for kiosk, verdict in centre.proven().items()
        for gap in verdict.gaps
        for sequence in range(gap.range.first, gap.range.last + 1)
    }
    assert lost
    assert absent == {(row.kiosk, row.sequence) for row in lost}


def _with_the_real_centre(plan: Plan) -> tuple[Season, RealCentre]:
    made: list[RealCentre] = []

    def make(ceremony: Ceremony) -> RealCentre:
        made.append(RealCentre(ceremony))
        return made[0]

    season = Season(seed(), plan, Twists(RealCeremony, make))
    return season, made[0]


@pytest.mark.parametrize("plant", MUTANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found_within_few_seeds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    twists = plant(monkeypatch)
    with pytest.raises(Violation, match="seed"):
        _live_through(_SEEDS, twists)


def _live_through(seeds: int, twists: Twists) -> None:
    for number in range(seed(), seed() + seeds):
        Season(number, _SMALL, twists).run()
