"""No power cut, at any moment, breaks what the kiosk has promised; and each planted bug is noticed."""

from collections.abc import Callable

import pytest

from tests.prove.scale import seed, size
from tests.prove.storage import mutants
from tests.prove.storage.power import FULL, SHORT, Cuts, campaign, outbox_life, scenarios


def test_no_power_cut_breaks_a_promise() -> None:
    outcome = campaign(size(SHORT, FULL), seed(), scenarios())
    assert not outcome.failures, "\n".join([outcome.summary, *outcome.failures[:10]])


@pytest.mark.parametrize("name", mutants.POWER)
def test_a_planted_bug_is_noticed(name: str) -> None:
    mutant = mutants.POWER[name]
    chosen = tuple(scenario for scenario in scenarios() if scenario.name == mutant.where)
    with mutant.plant():
        outcome = campaign(SHORT, seed(), chosen, until=3)
    assert any(mutant.noticed_as in failure for failure in outcome.failures), outcome.failures


def test_synchronous_normal_loses_acknowledged_cases(record_property: Callable[[str, object], None]) -> None:
    with mutants.POWER["synchronous=NORMAL"].plant():
        outcome = campaign(size(300, SHORT), seed(), outbox_life())
    record_property("states", outcome.states)
    record_property("lost", outcome.kinds["lost"])
    assert outcome.kinds["lost"] > outcome.states / 10


def test_a_state_is_the_same_every_time() -> None:
    numbers = (3, 32, 777)
    first, again = ([Cuts(7, scenarios()).state(number) for number in numbers] for _ in range(2))
    assert [state.where for state in first] == [state.where for state in again]
    assert [state.image for state in first] == [state.image for state in again]
