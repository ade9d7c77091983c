"""The survey's numbers and a power cut at any moment, on the model of a disk (docs/decisions/0111)."""

import random
from datetime import date
from pathlib import Path

import pytest

from kiosk.post import tallies
from kiosk.post.tallies import TALLY_ERRORS, Count, Tallies
from tests.prove.scale import seed
from tests.prove.storage.disk import Cut, cut
from tests.prove.storage.recorder import Boundary, Recorder, lay_out, record, scratch
from tests.prove.storage.tap import Nobody, tapped

DAY = date(2026, 11, 21)
OPINIONS = 2
FILE = Path("outbox/tallies.db")
ANSWERS = [("satisfied", "good"), ("easy", "fair")]


def count_on(root: Path, recorder: Recorder[int]) -> None:
    for number in range(1, OPINIONS + 1):
        Tallies(root / FILE).count(DAY, "lost_property", ANSWERS)
        recorder.promise(number)


def found(root: Path) -> set[int]:
    """How often each answer was counted, by what is left; 0 for one that is not there."""
    with tapped(Nobody()):
        counts = Tallies(root / FILE).of(DAY)
    assert {each.service for each in counts} <= {"lost_property"}
    return {_count_of(option, counts) for _question, option in ANSWERS}


def _count_of(option: str, counts: list[Count]) -> int:
    return next((each.count for each in counts if each.option == option), 0)


def losses() -> list[str]:
    """What is wrong after a cut at each boundary of a few opinions, of each kind."""
    chance = random.Random(seed())  # noqa: S311 - to be repeated
    wrong = []
    for boundary in record(count_on, 0, {"outbox": None}):
        wrong += [each for kind in Cut if (each := _loss(boundary, kind, chance))]
    return wrong


def _loss(boundary: Boundary[int], kind: Cut, chance: random.Random) -> str:
    with scratch() as root:
        lay_out(cut(boundary.moment, kind, chance), root)
        try:
            counted = found(root)
        except TALLY_ERRORS as damaged:
            return f"{kind}: {damaged!r}, {boundary.promise} promised"
    whole = len(counted) == 1 and counted <= {boundary.promise, boundary.promise + 1}
    return "" if whole else f"{kind}: {counted} counted, {boundary.promise} promised"


def test_no_power_cut_takes_a_counted_answer_back() -> None:
    assert losses() == []


@pytest.mark.parametrize("weaker", ["journal_mode = DELETE", "synchronous = NORMAL", "synchronous = OFF"])
def test_less_loses_answers(monkeypatch: pytest.MonkeyPatch, weaker: str) -> None:
    name = weaker.partition(" ")[0]
    changed = tuple(weaker if each.startswith(name) else each for each in tallies._PRAGMAS)
    assert changed != tallies._PRAGMAS
    monkeypatch.setattr(tallies, "_PRAGMAS", changed)
    assert losses()
