"""Nobody guesses their way in, no pass opens twice, no clock opens anything; about 5 s.

Each check is shown to go red by planted bugs (`test_a_planted_bug_is_found`).
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.technicians import credentials as force
from kiosk.maintenance import access as access_module
from kiosk.maintenance import ledger as ledger_module
from kiosk.maintenance.access import Access, Denied, Entered, Floor, Means, Reason
from kiosk.maintenance.credentials import LONGEST_PASS, NOBODY, Reach, Technicians, Trust, read_pass
from kiosk.maintenance.ledger import GUESSES, Counted, Judgement, Kind, Ledger, LedgerError, Refused
from tests.maintenance.siege import CODE, DAY, NOW, PIN, Force, HastySiege, Kiosk, Siege, enters, made

WRONG = "000001"


@pytest.fixture
def the_force() -> Force:
    one = Force()
    one.add()
    return one


@pytest.fixture
def kiosk(tmp_path: Path, the_force: Force) -> Iterator[Kiosk]:
    opened = Kiosk(tmp_path / "maintenance", Trust(the_force.keys(), the_force.list(), NOW - DAY))
    yield opened
    opened.ledger.close()


# --- codes --------------------------------------------------------------------------------------------------


def test_a_technician_enters(kiosk: Kiosk) -> None:
    assert kiosk.access.by_code(CODE, PIN) == Entered(CODE, Means.CODE)


def test_the_answer_never_says_what_was_wrong(kiosk: Kiosk) -> None:
    answers = {
        kiosk.access.by_code(*pair) for pair in ((CODE, WRONG), ("T9999", PIN), ("T9999", WRONG), ("x", PIN))
    }
    assert answers == {Denied(Reason.WRONG, 0)}


def test_every_request_is_the_same_work(kiosk: Kiosk, the_force: Force) -> None:
    check_work(kiosk, the_force)


def check_work(kiosk: Kiosk, the_force: Force) -> None:
    """One derivation and one comparison for each request, counted: known, unknown, refused, of any pass."""
    good, old = the_force.a_pass(), the_force.a_pass(begin=NOW - 30 * DAY)
    other = the_force.a_pass(reach=force.Reach(kiosks=(2,)))
    asked: list[Callable[[], Entered | Denied]] = [
        lambda: kiosk.access.by_code(CODE, PIN),
        lambda: kiosk.access.by_code(CODE, WRONG),
        lambda: kiosk.access.by_code("T9999", PIN),
        lambda: kiosk.access.by_code("nobody", PIN),
        *[lambda: kiosk.access.by_code("T0001", WRONG)] * 8,  # the last of them are told to wait
        lambda: kiosk.access.by_pass(good.token, WRONG),
        lambda: kiosk.access.by_pass(good.token, PIN),
        lambda: kiosk.access.by_pass(good.token, PIN),
        lambda: kiosk.access.by_pass(old.token, PIN),
        lambda: kiosk.access.by_pass(other.token, PIN),
        lambda: kiosk.access.by_pass("KTP1.x.y", PIN),
        lambda: kiosk.access.by_pass("", ""),
    ]
    work = []
    for ask in asked:
        before = len(kiosk.derived)
        ask()
        work.append(len(kiosk.derived) - before)
    assert set(work) == {1}


def test_a_siege_of_months_gets_fifteen_guesses(kiosk: Kiosk) -> None:
    siege = Siege(kiosk)
    siege.run(400)
    assert siege.complaints() == []
    assert siege.guesses == GUESSES
    assert kiosk.boot - 1000 > 15 * (2**10 - 1)  # every wait was waited for
    kiosk.passes(200 * DAY)
    assert kiosk.access.by_code(CODE, PIN) == Denied(Reason.LOCKED)  # for good, even with the right PIN


@pytest.mark.parametrize("every", [1, 2, 3])
def test_power_cuts_between_count_and_check_give_no_guess_back(kiosk: Kiosk, every: int) -> None:
    siege = Siege(kiosk)
    siege.run(120, cut_every=every)
    assert siege.complaints() == []


@pytest.mark.parametrize("jump", [0.0, 3600.0, -3600.0])
def test_waiting_is_not_shortened_by_the_clock(kiosk: Kiosk, jump: float) -> None:
    siege = HastySiege(kiosk)
    siege.run(300, wall_jump_s=jump)
    assert siege.complaints() == []
    assert siege.guesses < GUESSES  # five minutes are not enough for all waits


def test_a_restart_shortens_no_wait(kiosk: Kiosk) -> None:
    for _ in range(6):
        last = kiosk.access.by_code(CODE, WRONG)
        kiosk.passes(15)
    assert last == Denied(Reason.WRONG, 30)
    kiosk.restart()
    refused = kiosk.access.by_code(CODE, PIN)
    assert isinstance(refused, Denied)
    assert refused.reason is Reason.WAIT
    assert refused.wait_s >= 15


def test_waits_double(kiosk: Kiosk) -> None:
    waits = []
    for _ in range(GUESSES):
        outcome = kiosk.access.by_code(CODE, WRONG)
        assert isinstance(outcome, Denied)
        waits.append(outcome.wait_s)
        kiosk.passes(outcome.wait_s)
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 0]


def test_a_right_guess_ends_the_waiting_and_gives_no_guess_back(kiosk: Kiosk) -> None:
    check_total(kiosk)


def check_total(kiosk: Kiosk) -> None:
    """A technician who comes every month does not refill the guesses of whoever tries in between."""
    guesses = 0
    for _ in range(12):
        for _ in range(4):
            outcome = kiosk.access.by_code(CODE, WRONG)
            guesses += outcome == Denied(Reason.WRONG, 0) or outcome == Denied(Reason.LOCKED)
        if not enters(kiosk.access.by_code(CODE, PIN)):
            break
        kiosk.passes(30 * DAY)
    assert guesses <= GUESSES + 1  # the one that is told of the lock was still checked, the next was not


def test_a_new_pin_is_a_new_credential(kiosk: Kiosk, the_force: Force) -> None:
    for _ in range(GUESSES):
        kiosk.access.by_code(CODE, WRONG)
        kiosk.passes(DAY)
    the_force.listed = the_force.listed.with_technician(CODE, made(PIN, bytes(16)), force.Reach())
    kiosk.trust = Trust(the_force.keys(), the_force.list(), NOW)
    assert enters(kiosk.access.by_code(CODE, PIN))


def test_many_credentials_make_the_whole_kiosk_wait(kiosk: Kiosk) -> None:
    check_brake(kiosk)


def check_brake(kiosk: Kiosk) -> None:
    """Somebody who tries one PIN with every code gets no more than about a hundred guesses a day."""
    guesses, day = 0, kiosk.boot + DAY
    code = 0
    while kiosk.boot < day and guesses < 160:
        outcome = kiosk.access.by_code(f"T{code % 10_000:04d}", WRONG)
        assert isinstance(outcome, Denied)
        guesses += outcome.reason is Reason.WRONG
        code += 1
        kiosk.passes(max(1, kiosk.access.wait_s()))
    assert guesses < 140


def test_who_tries_codes_keeps_no_pass_out(kiosk: Kiosk, the_force: Force) -> None:
    check_pass_is_free(kiosk, the_force)


def check_pass_is_free(kiosk: Kiosk, the_force: Force) -> None:
    """However long the kiosk makes codes wait, a pass opens; and guesses of a pass make no code wait."""
    issued, other = the_force.a_pass(), the_force.a_pass()
    for _ in range(12):
        kiosk.access.by_pass(other.token, WRONG)
        kiosk.passes(DAY / 10)
    for code in range(30):
        kiosk.passes(kiosk.access.wait_s())
        kiosk.access.by_code(f"T{code + 100:04d}", WRONG)
    assert kiosk.access.wait_s() > 60
    refused = kiosk.access.by_code(CODE, PIN)
    assert isinstance(refused, Denied)
    assert refused.reason is Reason.WAIT
    assert enters(kiosk.access.by_pass(issued.token, PIN))


def test_a_code_opens_where_it_may(kiosk: Kiosk, the_force: Force) -> None:
    the_force.add("T0001", PIN, force.Reach(kiosks=(2, 3)))
    the_force.add("T0002", PIN, force.Reach(group="report-room"))
    kiosk.trust = Trust(the_force.keys(), the_force.list(), NOW)
    assert kiosk.access.by_code("T0001", PIN) == Denied(Reason.ANOTHER_KIOSK)
    assert enters(kiosk.access.by_code("T0002", PIN))


def test_an_old_list_brings_nobody_back(kiosk: Kiosk, the_force: Force) -> None:
    check_old_list(kiosk, the_force)


def check_old_list(kiosk: Kiosk, the_force: Force) -> None:
    """A list from before a technician or a pass was taken off is refused once a newer one was seen."""
    issued = the_force.a_pass()
    old = kiosk.trust
    the_force.add("T0001", PIN)
    the_force.listed = the_force.listed.without_technician(CODE).without_pass(
        issued.pass_id, issued.not_after
    )
    kiosk.trust = Trust(the_force.keys(), the_force.list(), NOW)
    assert enters(kiosk.access.by_code("T0001", PIN))
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)
    kiosk.trust = old
    kiosk.restart()
    assert not enters(kiosk.access.by_code(CODE, PIN))
    assert not enters(kiosk.access.by_pass(issued.token, PIN))
    kiosk.trust = Trust(the_force.keys())
    assert not enters(kiosk.access.by_pass(issued.token, PIN))


# --- passes -------------------------------------------------------------------------------------------------


def test_a_pass_opens_once_even_after_a_restart(kiosk: Kiosk, the_force: Force) -> None:
    check_replay(kiosk, the_force)


def check_replay(kiosk: Kiosk, the_force: Force) -> None:
    """A pass that has let somebody in is refused: at once, after a restart, with the clock set anywhere."""
    issued = the_force.a_pass()
    assert kiosk.access.by_pass(issued.token, PIN) == Entered(CODE, Means.PASS)
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.USED)
    kiosk.restart()
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.USED)
    kiosk.passes(13 * DAY)
    assert enters(kiosk.access.by_code(CODE, PIN))  # what is no longer needed is forgotten now
    kiosk.wall = NOW + DAY
    assert not enters(kiosk.access.by_pass(issued.token, PIN))
    kiosk.passes(400 * DAY)
    assert enters(kiosk.access.by_code(CODE, PIN))
    kiosk.wall = NOW + DAY
    assert not enters(kiosk.access.by_pass(issued.token, PIN))


def test_a_clock_set_back_opens_nothing(kiosk: Kiosk, the_force: Force) -> None:
    check_clock(kiosk, the_force)


def check_clock(kiosk: Kiosk, the_force: Force) -> None:
    """An expired pass stays expired: a kiosk that ran or recorded something knows how late it is at least."""
    issued = the_force.a_pass(days=7)
    kiosk.passes(8 * DAY)
    kiosk.floor.keep()
    kiosk.wall = NOW + DAY
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)
    kiosk.restart()
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)


def test_a_record_of_a_technician_is_a_floor(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass(days=7)
    kiosk.wall += 20 * DAY  # switched off meanwhile: nothing ticked
    kiosk.ledger.judge(Kind.TEST, "printer", Judgement(True, kiosk.access.now(), CODE))  # noqa: FBT003
    kiosk.restart()
    kiosk.wall = NOW
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)


def test_a_newer_list_or_key_set_is_a_floor(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass(days=7)
    kiosk.trust = Trust(the_force.keys(), the_force.list(), NOW + 10 * DAY)
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)


def test_a_jump_forward_poisons_no_floor(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass()
    kiosk.wall += 10_000 * DAY
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.EXPIRED)
    kiosk.floor.keep()
    kiosk.wall = NOW
    assert enters(kiosk.access.by_pass(issued.token, PIN))


@pytest.mark.parametrize(
    ("begin", "reach", "reason"),
    [
        (-15.0, force.Reach(kiosks=(1,)), Reason.EXPIRED),
        (+0.5, force.Reach(kiosks=(1,)), Reason.NOT_YET),
        (0.0, force.Reach(kiosks=(2, 3)), Reason.ANOTHER_KIOSK),
        (0.0, force.Reach(group="mtr"), Reason.ANOTHER_KIOSK),
        (0.0, force.Reach(group="report-room"), None),
        (0.01, force.Reach(kiosks=(3, 1)), None),  # a kiosk's clock may be a little behind
    ],
)
def test_a_pass_opens_in_its_time_and_place(
    kiosk: Kiosk, the_force: Force, begin: float, reach: force.Reach, reason: Reason | None
) -> None:
    issued = the_force.a_pass(begin=NOW + begin * DAY, reach=reach)
    outcome = kiosk.access.by_pass(issued.token, PIN)
    assert outcome == (Entered(CODE, Means.PASS) if reason is None else Denied(reason))


def test_guesses_of_a_pass_are_counted_too(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass(days=60)
    outcomes = []
    for _ in range(GUESSES + 3):
        outcome = kiosk.access.by_pass(issued.token, WRONG)
        assert isinstance(outcome, Denied)
        outcomes.append(outcome.reason)
        kiosk.passes(outcome.wait_s)
    assert outcomes == [Reason.WRONG] * (GUESSES - 1) + [Reason.LOCKED] * 4
    assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.LOCKED)


def test_a_pass_is_for_its_force_and_unchanged(the_force: Force) -> None:
    token = the_force.a_pass().token
    keys = the_force.keys()
    assert read_pass(token, keys) is not None
    stranger = {"0" * 16: Ed25519PrivateKey.generate().public_key()}
    assert read_pass(token, stranger) is None
    assert read_pass(token, {**stranger, **keys}) is not None  # the second of two authorities
    spoilt = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(0, len(token), 3)]
    # The last digit of a signature carries bits that mean nothing: another spelling is the same pass.
    assert [each for each in spoilt if read_pass(each, keys) is not None and each[:-1] != token[:-1]] == []
    for each in ("", "KTP1..", token + " ", " " + token, token[:-1], token + "A", token * 2, "é" * 300):
        assert read_pass(each, keys) is None


@pytest.mark.parametrize("days", [61, 400])
def test_a_signed_pass_that_lives_too_long_opens_nothing(
    the_force: Force, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(force, "MAX_DAYS", 1000)
    assert read_pass(the_force.a_pass(days=days).token, the_force.keys()) is None


def test_a_pass_fits_into_a_small_code(the_force: Force) -> None:
    reach = force.Reach(kiosks=tuple(range(9970, 10_000)))
    assert len(the_force.a_pass(reach=reach).token) <= LONGEST_PASS
    assert len(the_force.a_pass().token) < 330


# --- together and broken ------------------------------------------------------------------------------------


def test_two_who_race_with_one_pass_enter_once(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass()
    ready = threading.Barrier(4)
    outcomes: list[Entered | Denied] = []

    def enter() -> None:
        ready.wait()
        outcomes.append(kiosk.access.by_pass(issued.token, PIN))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(enters, outcomes)) == 1
    assert outcomes.count(Denied(Reason.USED)) == 3


def test_two_processes_with_one_ledger_spend_a_pass_once(kiosk: Kiosk, the_force: Force) -> None:
    issued = the_force.a_pass()
    other = Ledger.open(kiosk.folder, NOW)
    assert other.let_in("pass:x", CODE, "pass", NOW, (issued.pass_id, float(issued.not_after)))
    with contextlib.closing(other):
        assert kiosk.access.by_pass(issued.token, PIN) == Denied(Reason.USED)


def test_records_that_cannot_be_written_let_nobody_in(kiosk: Kiosk) -> None:
    kiosk.ledger.close()
    with pytest.raises(LedgerError):
        kiosk.access.by_code(CODE, PIN)
    kiosk.start()


@pytest.mark.parametrize("content", [b"", b"no database" * 500])
def test_damaged_records_are_found_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ledger_module.FILE
    path.write_bytes(content)
    with pytest.raises(LedgerError):
        Ledger.open(tmp_path, NOW)
    assert path.read_bytes() == content


def test_records_are_bounded(kiosk: Kiosk) -> None:
    for number in range(60):
        kiosk.ledger.judge(Kind.TEST, "printer", Judgement(number % 2 == 0, NOW + number, CODE))
    kept = kiosk.ledger.judgements(Kind.TEST, "printer")
    assert len(kept) == 20
    assert kept[0] == Judgement(False, NOW + 59, CODE)  # noqa: FBT003


# --- planted bugs -------------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]
Check = Callable[[Kiosk, Force], None]


def counted_after_the_check(patch: pytest.MonkeyPatch) -> None:
    def judge(self: Any, credential: str, pin: str, holder: Any, means: Any, _: Any) -> Entered | Denied:
        right = self._fits(pin, NOBODY if holder is None else holder.verifier)
        counted = self._ledger.count_guess(credential, self._floor.now())
        if isinstance(counted, Refused):
            return access_module._denied(counted, Reason.WAIT)
        return Entered(CODE, means) if right else Denied(Reason.WRONG)

    patch.setattr(Access, "_judge", judge)


def counted_in_memory_only(patch: pytest.MonkeyPatch) -> None:
    counted: dict[str, int] = {}

    def count(self: Ledger, credential: str, now: float, **_: bool) -> Counted | Refused:  # noqa: ARG001
        counted[f"{id(self)}{credential}"] = wrong = counted.get(f"{id(self)}{credential}", 0) + 1
        return Refused(None) if wrong > GUESSES else Counted()

    patch.setattr(Ledger, "count_guess", count)


def forgiven_by_a_right_guess(patch: pytest.MonkeyPatch) -> None:
    honest = Ledger.let_in

    def let_in(self: Ledger, credential: str, *rest: Any) -> bool:
        with self._change() as db:
            db.execute("UPDATE guesses SET wrong = 1 WHERE credential = ?", (credential,))
        return honest(self, credential, *rest)

    patch.setattr(Ledger, "let_in", let_in)


def waits_by_the_wall_clock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Access, "__init__", _with(Access.__init__, lambda self: setattr(self, "_floor", _Wall(self._wall)))
    )


def no_brake_on_the_kiosk(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ledger_module, "KIOSK_FREE_GUESSES", 10**9)


def passes_wait_for_codes(patch: pytest.MonkeyPatch) -> None:
    honest = Ledger.count_guess
    patch.setattr(Ledger, "count_guess", lambda self, credential, now, **_: honest(self, credential, now))


def no_work_for_unknown_codes(patch: pytest.MonkeyPatch) -> None:
    honest = Access._judge

    def judge(self: Any, credential: str, pin: str, holder: Any, *rest: Any) -> Entered | Denied:
        return honest(self, credential, pin, holder, *rest) if holder else Denied(Reason.WRONG)

    patch.setattr(Access, "_judge", judge)


def spent_passes_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    honest = Ledger.open

    def open_without(folder: Path, now: float) -> Ledger:
        ledger = honest(folder, now)
        with ledger._change() as db:
            db.execute("DELETE FROM used_passes")
        return ledger

    patch.setattr(Ledger, "open", staticmethod(open_without))


def spent_passes_go_by_the_clock(patch: pytest.MonkeyPatch) -> None:
    honest = Ledger.let_in

    def let_in(self: Ledger, *rest: Any) -> bool:
        with self._change() as db:
            db.execute("DELETE FROM used_passes")
        return honest(self, *rest)

    patch.setattr(Ledger, "let_in", let_in)
    patch.setattr(Floor, "raise_to", lambda _self, _at: None)
    patch.setattr(Floor, "now", lambda _self: 0.0)


def the_clock_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "now", lambda self: self._wall())


def the_floor_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ledger, "raise_floor", lambda _self, _at: None)
    patch.setattr(ledger_module, "_raise", lambda _db, _name, _value: None)


def any_signed_list_is_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Access, "_is_newest", lambda _self, _trust: True)


class _Wall:
    def __init__(self, wall: Callable[[], float]) -> None:
        self.now = wall

    def raise_to(self, _at: float) -> None:
        return


def _with(make: Callable[..., None], then: Callable[[Any], None]) -> Callable[..., None]:
    def init(self: Any, *given: Any) -> None:
        make(self, *given)
        then(self)

    return init


def check_siege(kiosk: Kiosk, _: Force) -> None:
    siege = Siege(kiosk)
    siege.run(60, cut_every=1)
    assert siege.complaints() == []


def check_haste(kiosk: Kiosk, _: Force) -> None:
    siege = HastySiege(kiosk)
    siege.run(120, wall_jump_s=3600.0)
    assert siege.complaints() == []


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (counted_after_the_check, check_siege),
        (counted_in_memory_only, check_siege),
        (forgiven_by_a_right_guess, lambda kiosk, _: check_total(kiosk)),
        (waits_by_the_wall_clock, check_haste),
        (no_brake_on_the_kiosk, lambda kiosk, _: check_brake(kiosk)),
        (passes_wait_for_codes, check_pass_is_free),
        (no_work_for_unknown_codes, check_work),
        (spent_passes_are_forgotten, check_replay),
        (spent_passes_go_by_the_clock, check_replay),
        (the_clock_is_believed, check_clock),
        (the_floor_is_not_kept, check_clock),
        (any_signed_list_is_taken, check_old_list),
    ],
)
def test_a_planted_bug_is_found(
    tmp_path: Path, the_force: Force, monkeypatch: pytest.MonkeyPatch, plant: Plant, check: Check
) -> None:
    plant(monkeypatch)
    kiosk = Kiosk(tmp_path / "maintenance", Trust(the_force.keys(), the_force.list(), NOW - DAY))
    try:
        with pytest.raises(AssertionError):
            check(kiosk, the_force)
    finally:
        kiosk.ledger.close()


def test_reach() -> None:
    here = frozenset({"mtr"})
    assert Reach().covers(1, here)
    assert Reach(frozenset({1})).covers(1, here)
    assert not Reach(frozenset({2})).covers(1, here)
    assert Reach(group="mtr").covers(1, here)
    assert Technicians().version == 0
