"""Wall clocks that cannot be trusted: nothing lost, nothing late for ever, and the order provable."""

import email.utils
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.post import central, outcomes, renewal
from kiosk.post.backoff import Clock
from kiosk.post.central import Central
from kiosk.post.identity import CertificateLife
from kiosk.post.keyset import KeySet, Recipients, parse, parse_roots
from kiosk.post.outbox import Outbox
from kiosk.post.outcomes import silence_s
from kiosk.post.wire import PROBLEM, Response
from tests.prove.clock.trial import TRUE_START, Bugs, Trial, Wall, Whim, enrolled
from tests.prove.scale import seed, size
from tests.prove.simulation.ceremony import Ceremony
from tests.prove.simulation.disk import quick_disk
from tests.prove.simulation.ledger import Violation

pytestmark = pytest.mark.timeout(0)  # `KIOSK_PROVE_SCALE` decides how long it is


@pytest.fixture
def disk() -> Iterator[Path]:
    with quick_disk(50_000_000) as directory:
        yield directory


@pytest.fixture(scope="module")
def enrolment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return enrolled(tmp_path_factory.mktemp("centre"))


_ANY_MOMENT = st.floats(-1e11, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("kiosk", "centre"),
    [
        *((whim, Whim.RIGHT) for whim in Whim),
        *((Whim.RIGHT, whim) for whim in Whim if whim is not Whim.RIGHT),
        (Whim.LEAPS_20_YEARS, Whim.LEAPS_20_YEARS),
        (Whim.FROZEN, Whim.FROZEN),
    ],
)
def test_a_wrong_clock_costs_nothing(disk: Path, enrolment: Path, kiosk: Whim, centre: Whim) -> None:
    for number in range(size(1, 10)):
        place = shutil.copytree(enrolment, disk / str(number))
        trial = Trial(place, kiosk, centre, seed() + number, stride_s=size(5400, 1200))
        trial.run(cases=size(6, 60))


@pytest.mark.parametrize("whim", Whim)
def test_a_dated_wait_is_as_long_as_the_centre_meant(whim: Whim) -> None:
    assert _dated_waits(whim, says_its_time=True) == {600.0}


@pytest.mark.parametrize("whim", Whim)
def test_a_date_that_nothing_can_be_compared_with_costs_an_hour_at_most(whim: Whim) -> None:
    assert all(1.0 <= wait_s <= 3600.0 for wait_s in _dated_waits(whim, says_its_time=False))


def test_a_date_measured_by_the_kiosks_clock_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(central, "_seconds", lambda answer, wall: _moment(answer.retry_after) - wall())
    assert _dated_waits(Whim.AHEAD_20_YEARS, says_its_time=True) == {1.0}


def _dated_waits(whim: Whim, *, says_its_time: bool) -> set[float]:
    """How long a kiosk waits that is told, at several times, to come back at a moment ten minutes later."""
    now = TRUE_START
    wall = Wall(whim, lambda: now, random.Random(seed()))  # noqa: S311 - a seed to replay
    waits = set()
    for now in (TRUE_START + 700 * number for number in range(20)):
        wall.waver()
        said = Response(503, PROBLEM, _date(now + 600), "", b"{}", _date(now) if says_its_time else "")
        client = Central("https://centre.example", Path(), 7, 30.0, wall=wall)
        waits.add(silence_s(client._error(said)))
    return waits


def _date(moment: float) -> str:
    return email.utils.formatdate(moment, usegmt=True)


def _moment(date: str) -> float:
    return email.utils.parsedate_to_datetime(date).timestamp()


@given(now=_ANY_MOMENT)
@settings(max_examples=size(200, 5_000), deadline=None)
def test_there_is_a_key_at_any_moment(now: float) -> None:
    recipients = _KEY_SET.recipients(now)
    assert [key.role.value for key in recipients.keys] == ["primary", "escrow"]
    assert recipients.lapsed is not all(key.valid(now) for key in recipients.keys)


@given(now=_ANY_MOMENT, last_try=st.none() | _ANY_MOMENT)
@settings(max_examples=size(200, 5_000), deadline=None)
def test_no_moment_and_no_earlier_try_keep_a_renewal_away_for_more_than_a_day(
    now: float, last_try: float | None
) -> None:
    life = CertificateLife(TRUE_START, TRUE_START + 90 * renewal.DAY_S)
    over_half = now >= TRUE_START + 45 * renewal.DAY_S
    just_tried = last_try is not None and 0 <= now - last_try < renewal.DAY_S
    assert renewal.due(life, now, last_try) is (over_half and not just_tried)
    assert renewal.expired(life, now) is (renewal.days_left(life, now) < 0 or now == life.not_after)


def _key_set() -> KeySet:
    ceremony = Ceremony()
    for rotation in range(3):
        ceremony.rotate(TRUE_START + rotation * 1e6, 2e6, keep=3)
    return parse(ceremony.token, parse_roots(ceremony.roots()))


_KEY_SET = _key_set()


# --- planted bugs -------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], Bugs]


def _rounds_by_the_wall_clock(_patch: pytest.MonkeyPatch) -> Bugs:
    def wall(_monotonic: Clock, wall: Clock) -> Clock:
        return wall

    return Bugs(rounds_clock=wall)


def _ids_from_the_clock(_patch: pytest.MonkeyPatch) -> Bugs:
    def minted(wall: Clock, _chance: random.Random) -> UUID:
        return UUID(int=int(wall()) % 2**128)

    return Bugs(case_id=minted)


def _quarantine_by_age_alone(patch: pytest.MonkeyPatch) -> Bugs:
    patch.setattr(outcomes, "QUARANTINE_REFUSALS_ANYHOW", 10**9)
    return Bugs()


def _quarantine_at_the_first_refusal(patch: pytest.MonkeyPatch) -> Bugs:
    patch.setattr(outcomes, "QUARANTINE_REFUSALS", 1)
    patch.setattr(outcomes, "QUARANTINE_AFTER_S", 0)
    return Bugs()


def _only_valid_keys(patch: pytest.MonkeyPatch) -> Bugs:
    recipients = KeySet.recipients

    def strict(self: KeySet, now: float) -> Recipients:
        chosen = recipients(self, now)
        return Recipients(tuple(key for key in chosen.keys if key.valid(now)), lapsed=chosen.lapsed)

    patch.setattr(KeySet, "recipients", strict)
    return Bugs()


def _forgotten_by_age(patch: pytest.MonkeyPatch) -> Bugs:
    has_waiting = Outbox.next_waiting

    def forgetful(self: Outbox, after: int = 0) -> object:
        week = int(self._now()) - 7 * 86_400
        self._db.execute("PRAGMA foreign_keys = OFF")
        self._db.execute("DELETE FROM cases WHERE kept_at < ?", (week,))
        return has_waiting(self, after)

    patch.setattr(Outbox, "next_waiting", forgetful)
    return Bugs()


def _renewal_trusts_its_last_try(patch: pytest.MonkeyPatch) -> Bugs:
    def due(life: CertificateLife, now: float, last_try: float | None) -> bool:
        return now >= renewal.due_at(life) and (last_try is None or now - last_try >= renewal.DAY_S)

    patch.setattr(renewal, "due", due)
    return Bugs()


@pytest.mark.parametrize(
    ("plant", "whim", "finding"),
    [
        (_rounds_by_the_wall_clock, Whim.FROZEN, "stuck|quarantine"),
        (_ids_from_the_clock, Whim.FROZEN, "lost"),
        (_quarantine_by_age_alone, Whim.FROZEN, "quarantine after inf"),
        (_quarantine_at_the_first_refusal, Whim.RIGHT, "quarantine after 0"),
        (_only_valid_keys, Whim.BEHIND_20_YEARS, "no key"),
        (_forgotten_by_age, Whim.LEAPS_20_YEARS, "lost|quarantine after inf"),
        (_renewal_trusts_its_last_try, Whim.AHEAD_20_YEARS, "never tried again"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_planted_bug_is_found(
    disk: Path, enrolment: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant, whim: Whim, finding: str
) -> None:
    place = shutil.copytree(enrolment, disk / "trial")
    trial = Trial(place, whim, Whim.RIGHT, seed(), plant(monkeypatch))
    with pytest.raises(Violation, match=finding):
        trial.run(cases=9)
