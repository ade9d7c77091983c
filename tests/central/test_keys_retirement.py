"""A thousand random orders of what happens to keys: whatever a kiosk may still hold, the centre can open.

Kiosks here are a model: they hold key sets, queues, a quarantine and wrong clocks, and a visitor's screen
goes on for hours with the key set it began with. The centre is the real code. A failure names its seed.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys import ceremony, retirement
from central.keys.ceremony import Plan
from central.keys.keyset import KeySet, KeySetError, Role
from central.keys.material import Material
from central.keys.retirement import Retiring
from central.keys.roots import roots_of
from central.keys.suites import CLASSIC
from central.store.kiosks import Kiosk
from tests.central.preference import newest
from tests.prove.scale import seed, size

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ROOT = Ed25519PrivateKey.generate()
STEPS = 60

Retire = Callable[[Material, str, list[Kiosk], frozenset[int], dt.datetime], Retiring]
Rotate = Callable[[Material, Plan, dt.datetime], Material]


def rotate(material: Material, plan: Plan, now: dt.datetime) -> Material:
    return ceremony.sign_and_publish(ceremony.make_draft(material, plan, now), ROOT)


def published(material: Material) -> KeySet:
    key_set = material.published()
    assert key_set is not None
    return key_set


class LostError(Exception):
    """Somebody's report can never be opened."""


@dataclass
class ModelKiosk:
    number: int
    key_set: KeySet
    screen: KeySet
    screen_since: dt.datetime
    offset: dt.timedelta = dt.timedelta()
    queue: list[tuple[str, dt.datetime]] = field(default_factory=list)
    quarantine: list[tuple[str, dt.datetime]] = field(default_factory=list)

    def clock(self, now: dt.datetime) -> dt.datetime:
        return now + self.offset

    def seal(self, now: dt.datetime) -> None:
        key = newest(self.screen.of_role(Role.PRIMARY), self.clock(now))
        assert key is not None
        self.queue.append((key.kid, self.clock(now)))

    def heartbeat(self, now: dt.datetime) -> Kiosk:
        held = [*self.queue, *self.quarantine]
        oldest = min((made for _, made in held), default=self.clock(now))
        age_s = max(0, round((self.clock(now) - oldest).total_seconds()))
        return Kiosk(
            kiosk=self.number,
            enrolled_at=NOW,
            revoked_at=None,
            seen_at=now,
            queued=len(held),
            quarantined=len(self.quarantine),
            oldest_age_s=age_s,
            last_sequence=0,
            release="1",
            key_set_version=self.key_set.version,
            packs_number=None,
            packs_refused=None,
        )


class World:
    """A centre and three kiosks, in an order that `chance` decides."""

    def __init__(self, number: int, retire: Retire, rotate: Rotate) -> None:
        self.chance = random.Random(number)  # noqa: S311 - to be replayed, not to be secret
        self.now = NOW
        self.retire, self.rotate = retire, rotate
        self.material = rotate(Material.new(roots_of(ROOT)), Plan(suite=CLASSIC), self.now)
        first = published(self.material)
        self.key_sets = {first.version: first}
        self.kiosks = [ModelKiosk(n, first, first, self.now) for n in range(3)]
        self.heard = {kiosk.number: kiosk.heartbeat(self.now) for kiosk in self.kiosks}
        self.retired = 0

    @property
    def newest(self) -> KeySet:
        return self.key_sets[max(self.key_sets)]

    def run(self) -> None:
        often = (self.wait, self.visit, self.talk, self.talk, self.deliver, self.forget) * 2
        rare = (self.change_keys, self.jump, self.set_aside, self.mend, self.good_days)
        for _ in range(STEPS):
            self.chance.choice((*often, *rare))()
            self.check()

    def wait(self) -> None:
        self.now += self.chance.choice((HOUR, HOUR, 6 * HOUR, DAY, DAY, 3 * DAY, 20 * DAY))
        for kiosk in self.kiosks:
            if self.now - kiosk.screen_since > 20 * HOUR:
                kiosk.screen, kiosk.screen_since = kiosk.key_set, self.now

    def visit(self) -> None:
        kiosk = self.chance.choice(self.kiosks)
        kiosk.seal(self.now)
        if self.chance.random() < 0.5:
            kiosk.screen, kiosk.screen_since = kiosk.key_set, self.now

    def talk(self) -> None:
        kiosk = self.chance.choice(self.kiosks)
        self.heard[kiosk.number] = kiosk.heartbeat(self.now)
        kiosk.key_set = self.newest

    def deliver(self) -> None:
        self.chance.choice(self.kiosks).queue.clear()

    def change_keys(self) -> None:
        primaries = [key.kid for key in self.newest.of_role(Role.PRIMARY)]
        without = frozenset(kid for kid in primaries if self.chance.random() < 0.8)
        days = self.chance.choice((1, 5, 400))
        plan = Plan(suite=CLASSIC, days=days, without=without, new_receipt_key=self.chance.random() < 0.2)
        self.material = self.rotate(self.material, plan, self.now)
        self.key_sets[published(self.material).version] = published(self.material)

    def jump(self) -> None:
        self.chance.choice(self.kiosks).offset = self.chance.choice((-7300, -30, 0, 0, 30, 7300)) * DAY

    def set_aside(self) -> None:
        kiosk = self.chance.choice(self.kiosks)
        kiosk.quarantine += kiosk.queue
        kiosk.queue.clear()

    def mend(self) -> None:
        self.chance.choice(self.kiosks).quarantine.clear()

    def forget(self) -> None:
        for held in self.material.sealing:
            try:
                done = self.retire(
                    self.material, held.key.kid, list(self.heard.values()), frozenset(), self.now
                )
            except KeySetError:
                continue
            self.retired += len(self.material.sealing) - len(done.material.sealing)
            self.material = done.material

    def good_days(self) -> None:
        """Every line works; only what is in quarantine stays."""
        for _ in range(2):
            for kiosk in self.kiosks:
                kiosk.queue.clear()
                self.heard[kiosk.number] = kiosk.heartbeat(self.now)
                kiosk.key_set = self.newest
            self.forget()
            self.wait()

    def check(self) -> None:
        opens = {held.key.kid for held in self.material.sealing}
        for kiosk in self.kiosks:
            if not {kid for kid, _ in (*kiosk.queue, *kiosk.quarantine)} <= opens:
                raise LostError


def campaign(orders: int, retire: Retire = retirement.retire, rotate: Rotate = rotate) -> int:
    """Run so many orders; how many keys were retired in all. Raises `LostError` with the seed."""
    retired = 0
    for number in range(seed(), seed() + orders):
        world = World(number, retire, rotate)
        try:
            world.run()
        except LostError:
            raise LostError(f"a queued report no longer opens: seed {number}") from None
        retired += world.retired
    return retired


def test_whatever_happens_every_queued_report_opens() -> None:
    orders = size(short=100, full=1_000)
    assert campaign(orders) > orders / 10, "keys are retired at all"


# --- planted bugs: each must be noticed ---


def forgets_at_once(material: Material, plan: Plan, now: dt.datetime) -> Material:
    """A rotation replaces the key instead of adding one."""
    done = rotate(material, plan, now)
    return done.model_copy(update={"sealing": done.sealing[-1:]})


def _dropped(material: Material, kid: str) -> Retiring:
    left = tuple(held for held in material.sealing if held.key.kid != kid)
    return Retiring(material.model_copy(update={"sealing": left}), ())


def _kept(material: Material) -> Retiring:
    return Retiring(material, ())


def _in_use(material: Material, kid: str) -> bool:
    return kid in {key.kid for key in published(material).sealing}


def retires_what_is_in_use(
    material: Material, kid: str, kiosks: list[Kiosk], _gone: frozenset[int], _now: dt.datetime
) -> Retiring:
    """Empty queues are enough."""
    empty = all(kiosk.queued == 0 for kiosk in kiosks)
    return _dropped(material, kid) if empty and len(material.sealing) > 1 else _kept(material)


def trusts_silence(
    material: Material, kid: str, kiosks: list[Kiosk], _gone: frozenset[int], _now: dt.datetime
) -> Retiring:
    """Does not ask which key set a kiosk has."""
    done = not _in_use(material, kid) and all(kiosk.queued == 0 for kiosk in kiosks)
    return _dropped(material, kid) if done else _kept(material)


def trusts_ages(
    material: Material, kid: str, kiosks: list[Kiosk], _gone: frozenset[int], _now: dt.datetime
) -> Retiring:
    """Nothing older than the key set: but a kiosk may have taken it late, and its clock may be wrong."""
    key_set = published(material)
    young = all(
        kiosk.key_set_version == key_set.version
        and kiosk.seen_at is not None
        and kiosk.seen_at - dt.timedelta(seconds=kiosk.oldest_age_s or 0) >= key_set.issued_at
        for kiosk in kiosks
    )
    return _dropped(material, kid) if young and not _in_use(material, kid) else _kept(material)


def forgets_the_screens(
    material: Material, kid: str, kiosks: list[Kiosk], _gone: frozenset[int], _now: dt.datetime
) -> Retiring:
    """The right version and an empty queue: but a screen may go on with the set it began with."""
    version = published(material).version
    done = all(kiosk.key_set_version == version and kiosk.queued == 0 for kiosk in kiosks)
    return _dropped(material, kid) if done and not _in_use(material, kid) else _kept(material)


def forgets_the_quarantine(
    material: Material, kid: str, kiosks: list[Kiosk], gone: frozenset[int], now: dt.datetime
) -> Retiring:
    """What is set aside does not count."""
    lighter = [
        Kiosk(
            **{**_values(kiosk), "queued": (kiosk.queued or 0) - (kiosk.quarantined or 0), "quarantined": 0}
        )
        for kiosk in kiosks
    ]
    return retirement.retire(material, kid, lighter, gone, now)


def believes_one_kiosk(
    material: Material, kid: str, kiosks: list[Kiosk], gone: frozenset[int], now: dt.datetime
) -> Retiring:
    """The others will be alike."""
    return retirement.retire(material, kid, kiosks[:1], gone, now)


def _values(kiosk: Kiosk) -> dict[str, object]:
    return {name: getattr(kiosk, name) for name in Kiosk.__slots__}


@pytest.mark.parametrize(
    "retire",
    [
        retires_what_is_in_use,
        trusts_silence,
        trusts_ages,
        forgets_the_screens,
        forgets_the_quarantine,
        believes_one_kiosk,
    ],
)
def test_a_planted_bug_of_retirement_is_noticed(retire: Retire) -> None:
    with pytest.raises(LostError, match="seed"):
        campaign(200, retire=retire)


def test_a_rotation_that_forgets_is_noticed() -> None:
    with pytest.raises(LostError, match="seed"):
        campaign(20, rotate=forgets_at_once)


# --- what the people are told ---


def kiosk(**values: object) -> Kiosk:
    usual: dict[str, object] = {
        "kiosk": 7,
        "enrolled_at": NOW,
        "revoked_at": None,
        "seen_at": NOW,
        "queued": 0,
        "quarantined": 0,
        "oldest_age_s": 0,
        "last_sequence": 9,
        "release": "1",
        "key_set_version": 2,
        "packs_number": None,
        "packs_refused": None,
    }
    return Kiosk(**{**usual, **values})  # type: ignore[arg-type] # any value a test needs


def test_a_key_in_use_is_never_retired() -> None:
    first = rotate(Material.new(roots_of(ROOT)), Plan(suite=CLASSIC), NOW)
    kid = first.sealing[0].key.kid
    with pytest.raises(KeySetError, match=f"keys draft --without {kid}"):
        retirement.retire(first, kid, [], frozenset(), NOW)
    with pytest.raises(KeySetError, match="holds no key 0123"):
        retirement.retire(first, "0123", [], frozenset(), NOW)


def test_who_is_waited_for_and_why() -> None:
    first = rotate(Material.new(roots_of(ROOT)), Plan(suite=CLASSIC), NOW)
    kid = first.sealing[0].key.kid
    material = rotate(first, Plan(suite=CLASSIC, without=frozenset({kid})), NOW)
    everyone = [
        kiosk(kiosk=1, seen_at=None),
        kiosk(kiosk=2, key_set_version=1),
        kiosk(kiosk=3, key_set_version=None),
        kiosk(kiosk=4),
        kiosk(kiosk=9, key_set_version=1),
    ]
    step = retirement.retire(material, kid, everyone, frozenset({9}), NOW)
    assert {each.kiosk: each.why for each in step.waiting} == {
        1: "was never heard of",
        2: "last heard of 2026-11-21 08:00 UTC with key set 1, which may have the key",
        3: "last heard of 2026-11-21 08:00 UTC with an unknown key set, which may have the key",
        4: "has had key set 2 since now at the latest; ask again in a day",
    }
    later = NOW + 2 * DAY
    everyone = [
        kiosk(kiosk=1, seen_at=later, queued=3, quarantined=1, oldest_age_s=7200),
        kiosk(kiosk=4, seen_at=NOW + HOUR),
    ]
    started = retirement.retire(step.material, kid, [kiosk(kiosk=1)], frozenset(), NOW).material
    step = retirement.retire(started, kid, everyone, frozenset(), later)
    assert {each.kiosk: each.why for each in step.waiting} == {
        1: "still holds reports: 3 queued, the oldest 2 h old, 1 in quarantine",
        4: "not heard of since 2026-11-22 08:00 UTC",
    }
    done = retirement.retire(
        step.material, kid, [kiosk(kiosk=n, seen_at=later) for n in (1, 4)], frozenset(), later
    )
    assert done.waiting == ()
    assert kid not in {held.key.kid for held in done.material.sealing}
    assert done.material.retired == {kid: later}
    assert done.material.retiring == {}


def test_a_kiosk_that_is_done_need_not_be_seen_empty_again() -> None:
    first = rotate(Material.new(roots_of(ROOT)), Plan(suite=CLASSIC), NOW)
    kid = first.sealing[0].key.kid
    material = rotate(first, Plan(suite=CLASSIC, without=frozenset({kid})), NOW)
    slow = kiosk(kiosk=8, key_set_version=1)
    for moment in (NOW, NOW + 2 * DAY):
        material = retirement.retire(
            material, kid, [kiosk(seen_at=moment), slow], frozenset(), moment
        ).material
    busy = kiosk(seen_at=NOW + 3 * DAY, queued=5)
    step = retirement.retire(material, kid, [busy, slow], frozenset(), NOW + 3 * DAY)
    assert [each.kiosk for each in step.waiting] == [8]
