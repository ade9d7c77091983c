"""Printer truth: no claim the paper does not bear out, nothing of one job on another's paper, no second copy.

Some 15 s for 2,000 jobs in the short form; 10,000 in the full one. Each planted bug takes a second or less.
"""

import pytest

from tests.prove import scale
from tests.prove.paper.campaign import campaign
from tests.prove.paper.mutants import MUTANTS, Plant

JOBS_UNTIL_NOTICED = 600


def test_no_job_is_claimed_mixed_or_doubled():
    verdict = campaign(scale.size(2_000, 10_000), scale.seed())
    assert verdict.violations == []
    assert verdict.printed > verdict.jobs / 4  # it did print
    assert min(verdict.outcomes.values()) > 0
    assert set(verdict.outcomes) == {"printed", "not_printed", "unconfirmed", "killed"}


def test_the_same_seed_is_the_same_campaign():
    first, second = (campaign(60, 7) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("plant", MUTANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_noticed(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    plant(monkeypatch)
    assert campaign(JOBS_UNTIL_NOTICED, scale.DEFAULT_SEED).violations
