"""Anybody may do anything at any time in any service: every promise of a visit is kept."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.life.lifecycle import State
from flows.loading.pack_loader import load_packs, pack_names
from flows.pack import PackBook
from tests.prove.scale import seed, size
from tests.prove.services import campaign
from tests.prove.services.campaign import Tally
from tests.prove.services.mutants import MUTANTS
from tests.prove.services.promises import Violation

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is

EVENTS = size(short=6_000, full=1_000_000)
UNTIL_NOTICED = 40_000
"""Events within which a planted bug must be noticed; most are within a thousand."""

AIMED: Mapping[str, tuple[str, ...]] = {
    "a fourth helper question": ("lost_property",),
    "a slip prints what is not for paper": ("found_property",),
    "what another service asked is asked again": ("report_status", "report_supplement"),
}
"""Services in which a bug shows that is rare elsewhere."""

_PICK = Random(seed())  # noqa: S311 - to be repeated
PLANTED = _PICK.sample(list(MUTANTS), min(len(MUTANTS), size(short=len(MUTANTS) // 3, full=len(MUTANTS))))
"""Every bug in the full form; in the short one a third, by the seed."""


@pytest.fixture(scope="module")
def book() -> PackBook:
    """Every pack that is shipped."""
    return load_packs(pack_names())


def test_every_promise_is_kept(book: PackBook) -> None:
    tally = campaign.run(EVENTS, seed(), book, tells=True)
    assert tally.events >= EVENTS
    assert tally.cases > 0
    assert set(tally.services) == set(book.packs)
    if EVENTS >= 500_000:  # then from every state there is
        assert set(tally.quick_exits) == set(tally.emergencies) == set(State)


def test_a_visit_that_hypothesis_makes_short(book: PackBook) -> None:
    """The same visits; of one that breaks a promise the shortest is shown."""

    @settings(max_examples=20, deadline=None)
    @given(number=st.integers(0, 2**40), steps=st.integers(0, 60))
    def play(number: int, steps: int) -> None:
        campaign.live(Random(number), book, Tally(), steps=steps)  # noqa: S311 - to be repeated

    play()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch, book: PackBook) -> None:
    MUTANTS[name](monkeypatch)
    aim = PackBook(packs={each: book[each] for each in AIMED.get(name, tuple(book.packs))})
    with pytest.raises(Violation):
        campaign.run(UNTIL_NOTICED, seed(), aim)
