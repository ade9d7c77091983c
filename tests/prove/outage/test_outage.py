"""A month without the centre: every case comes once, in provable order, no faster than allowed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from central.keys import keyring_file
from kiosk.post.backoff import Pace
from kiosk.post.outbox import Outbox
from tests.post.previous_release import outbox as previous
from tests.prove.outage.month import AT_ONCE, PER_MINUTE, Bugs, Month
from tests.prove.scale import seed, size
from tests.prove.simulation.disk import quick_disk
from tests.prove.simulation.ledger import Violation

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is


@pytest.fixture
def disk() -> Iterator[Path]:
    with quick_disk(size(50_000_000, 1_000_000_000)) as directory:
        yield directory


def test_a_month_of_cases_comes_once_and_in_order(disk: Path) -> None:
    cases = size(300, 10_000)
    outcome = Month(disk, cases, reboots=100, seed=seed(), look_s=size(7200, 60)).run()
    assert outcome.promised == cases
    assert outcome.reboots == 100
    assert outcome.keys_used == 3  # two primary keys and the escrow key; one rotation was never heard of
    assert outcome.most_in_a_minute <= PER_MINUTE + AT_ONCE
    assert outcome.drain_s <= cases / PER_MINUTE * 60 * 1.2 + 900
    assert outcome.calls_while_away < 30 * 24 * 60  # it knocks, but does not hammer


def _old_cases_dropped(_patch: pytest.MonkeyPatch) -> Bugs:
    def drop(outbox: Outbox | previous.Outbox) -> None:
        oldest = outbox.next_waiting()
        if oldest is not None:
            outbox.receipted(oldest.sequence, "too old")

    return Bugs(at_midnight=drop)


def _update_makes_a_new_outbox(_patch: pytest.MonkeyPatch) -> Bugs:
    def begin_anew(file: Path) -> None:
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm", f"{file.name}.lock"):
            file.with_name(name).unlink(missing_ok=True)

    return Bugs(on_release=begin_anew)


def _migration_forgets_the_chain(_patch: pytest.MonkeyPatch) -> Bugs:
    def forget(file: Path) -> None:
        with apsw.Connection(str(file)) as db:
            db.execute("UPDATE chain SET head = zeroblob(32)")

    return Bugs(on_release=forget)


def _commits_stay_in_memory(_patch: pytest.MonkeyPatch) -> Bugs:
    def lose_the_log(state: Path) -> None:
        for log in state.glob("*-wal"):
            log.unlink()

    return Bugs(after_power_off=lose_the_log)


def _rotation_destroys_the_old_key(_patch: pytest.MonkeyPatch) -> Bugs:
    def keep_the_newest(centre: Path) -> None:
        keyring_file.change(centre, lambda keys: keys.model_copy(update={"sealing": keys.sealing[-1:]}))

    return Bugs(on_rotation=keep_the_newest)


def _drains_without_limit(patch: pytest.MonkeyPatch) -> Bugs:
    patch.setattr(Pace, "take", lambda _self: True)
    return Bugs()


def _receipted_cases_stay(patch: pytest.MonkeyPatch) -> Bugs:
    patch.setattr(Outbox, "scrub", lambda _self: True)
    return Bugs()


@pytest.mark.parametrize(
    ("plant", "cases", "finding"),
    [
        (_old_cases_dropped, 60, "lost"),
        (_update_makes_a_new_outbox, 60, "became number"),
        (_migration_forgets_the_chain, 60, "does not follow"),
        (_commits_stay_in_memory, 60, "became number"),
        (_rotation_destroys_the_old_key, 60, "stuck"),
        (_drains_without_limit, 160, "flood"),
        (_receipted_cases_stay, 60, "not empty"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_planted_bug_is_found(
    disk: Path,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], Bugs],
    cases: int,
    finding: str,
) -> None:
    bugs = plant(monkeypatch)
    month = Month(disk, cases, reboots=5, seed=seed(), bugs=bugs, look_s=40_000)
    with pytest.raises(Violation, match=finding):
        month.run()
