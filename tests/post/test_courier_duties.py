"""Key sets and certificates that the courier looks after, against a real centre's keys and authority."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from central.centre import Centre
from central.keys.authority import Authority
from config.event_names import Event
from kiosk.post.duties import CLOCK_TOLERANCE_S, RETRY_S, Duties, KeyDirectory, KeyState, key_state
from kiosk.post.identity import certificate_life
from kiosk.post.keyset import load_key_set
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply

DAY_S = 86_400.0
UNREACHABLE = NoReply(Failure.UNREACHABLE)


class Office:
    """The centre, as far as keys need it."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self.token: Reply | NoReply | str = UNREACHABLE
        self.certificate: Reply | NoReply | str | None = None
        """None: what the centre would issue."""
        self.now = 0.0
        self.fetched = 0
        self.asked = 0

    def key_set(self) -> Reply | NoReply | str:
        self.fetched += 1
        return self.token

    def renew_certificate(self, csr: str) -> Reply | NoReply | str:
        self.asked += 1
        if self.certificate is not None:
            return self.certificate
        key = x509.load_pem_x509_csr(csr.encode()).public_key()
        at = dt.datetime.fromtimestamp(self.now, dt.UTC)
        issued = self._authority.certify_kiosk(7, key, at, 90)  # type: ignore[arg-type]  # P-256
        return issued.public_bytes(serialization.Encoding.PEM).decode()


class Desk:
    """Duties with a clock that the test owns."""

    def __init__(self, base: Path) -> None:
        Centre(base / "centre").init("ADM", ("localhost",))
        self.keys = base / "keys"
        Centre(base / "centre").enrol(7, self.keys, days=90)
        self.office = Office(Authority.load(base / "centre"))
        self.life = certificate_life(self.keys)
        self.log: list[tuple[Event, dict[str, object]]] = []
        self.clock = 0.0
        self.duties = Duties(
            KeyDirectory(self.keys), 7, self.office, lambda event, **fields: self.log.append((event, fields)),
            lambda: self.clock, lambda: self.office.now,
        )  # fmt: skip
        self.office.now = self.life.not_before + DAY_S

    def pass_time(self, seconds: float) -> None:
        self.clock += seconds
        self.office.now += seconds

    def beat(self, version: int = 1, ahead_s: float = 0.0) -> list[Event]:
        """A heartbeat was answered; what was logged then."""
        self.log.clear()
        self.attend(version, ahead_s)
        return [event for event, _ in self.log]

    def attend(self, version: int = 1, ahead_s: float = 0.0, *, may_call: bool = True) -> float:
        """A heartbeat was answered; for how long the centre asks to be left alone then."""
        self.duties.heard(Alive(version, self.office.now - ahead_s))
        return self.duties.attend(may_call=may_call)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_without_an_answer_of_the_centre_it_asks_for_nothing(desk: Desk) -> None:
    desk.pass_time(80 * DAY_S)
    desk.duties.attend(may_call=True)
    assert (desk.office.fetched, desk.office.asked) == (0, 0)


def test_a_newer_key_set_is_fetched_and_a_bad_one_refused_and_asked_for_again_later(desk: Desk) -> None:
    assert desk.beat(version=1) == []
    assert desk.office.fetched == 0
    desk.office.token = "not.a.keyset"
    assert desk.beat(version=2) == [Event.KEY_SET_REFUSED]
    assert desk.beat(version=2) == []
    desk.pass_time(RETRY_S)
    desk.office.token = (desk.keys / "keyset.jws").read_text()
    assert desk.beat(version=2) == [Event.KEY_SET_REFUSED]
    assert desk.log[-1][1] == {"key_set_refusal": "not_newer"}
    assert load_key_set(desk.keys).version == 1


def test_a_damaged_key_set_is_mended_by_a_signed_one(desk: Desk) -> None:
    token = (desk.keys / "keyset.jws").read_text()
    (desk.keys / "keyset.jws").write_text("damaged")
    desk.office.token = token
    assert desk.beat(version=1) == [Event.KEY_SET_INSTALLED]
    assert load_key_set(desk.keys).version == 1


def test_a_certificate_is_renewed_from_half_of_its_life_on_once(desk: Desk) -> None:
    desk.pass_time(43 * DAY_S)
    assert desk.beat() == []
    desk.pass_time(2 * DAY_S)
    before = (desk.keys / "identity.pem").read_bytes()
    assert desk.beat() == [Event.CERTIFICATE_RENEWED]
    assert (desk.keys / "identity.pem").read_bytes() != before
    assert certificate_life(desk.keys).not_after > desk.life.not_after
    desk.pass_time(DAY_S)
    assert desk.beat() == []
    assert desk.office.asked == 1


def test_a_centre_that_refuses_is_asked_once_a_day_and_one_that_is_away_more_often(desk: Desk) -> None:
    desk.pass_time(50 * DAY_S)
    desk.office.certificate = Reply(403, explained=True, problem="/problems/revoked")
    for _ in range(4):
        desk.beat()
        desk.pass_time(DAY_S / 4)
    assert desk.office.asked == 1
    desk.office.certificate = UNREACHABLE
    for _ in range(3):
        desk.beat()
        desk.pass_time(RETRY_S)
    assert desk.office.asked == 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_centre_that_asks_for_time_is_asked_for_nothing_else(desk: Desk, status: int) -> None:
    desk.pass_time(50 * DAY_S)
    desk.office.token = Reply(status, retry_after_s=120)
    assert desk.attend(version=2) == 120
    assert (desk.office.fetched, desk.office.asked) == (1, 0)
    desk.office.certificate = Reply(status, retry_after_s=1e9)
    assert desk.attend(version=2) == 3600
    assert (desk.office.fetched, desk.office.asked) == (1, 1)
    desk.pass_time(RETRY_S)
    desk.office.certificate = Reply(status)
    desk.office.token = Reply(status)
    assert desk.attend(version=2) == 0
    assert (desk.office.fetched, desk.office.asked) == (2, 2)


def test_while_the_centre_is_left_alone_only_the_clocks_are_compared(desk: Desk) -> None:
    desk.pass_time(50 * DAY_S)
    assert desk.attend(version=2, ahead_s=DAY_S, may_call=False) == 0
    assert (desk.office.fetched, desk.office.asked) == (0, 0)
    assert [event for event, _ in desk.log] == [Event.CLOCK_DIFFERS]


def test_a_busy_centre_has_not_decided_about_a_certificate(desk: Desk) -> None:
    desk.pass_time(50 * DAY_S)
    desk.office.certificate = Reply(503, retry_after_s=5)
    desk.beat()
    desk.pass_time(RETRY_S)
    desk.office.certificate = None
    assert desk.beat() == [Event.CERTIFICATE_RENEWED]


def test_a_certificate_that_is_not_ours_does_not_take_the_place_of_the_one_there_is(desk: Desk) -> None:
    desk.pass_time(50 * DAY_S)
    before = (desk.keys / "identity.pem").read_bytes()
    desk.office.certificate = before.decode()
    assert desk.beat() == [Event.CERTIFICATE_NOT_RENEWED]
    assert (desk.keys / "identity.pem").read_bytes() == before


def test_alarms_are_raised_once_a_day_centre_or_not(desk: Desk) -> None:
    desk.pass_time(75 * DAY_S)
    told = []
    for _ in range(48):
        desk.log.clear()
        desk.duties.attend(may_call=True)
        told += [event for event, _ in desk.log]
        desk.pass_time(DAY_S / 2)
    assert told.count(Event.CERTIFICATE_EXPIRING) == 15
    assert told.count(Event.CERTIFICATE_EXPIRED) == 9


def test_lapsed_sealing_keys_are_an_alarm(desk: Desk) -> None:
    desk.pass_time(20 * 365 * DAY_S)
    desk.duties.attend(may_call=True)
    assert {event for event, _ in desk.log} == {Event.SEALING_KEY_LAPSED, Event.CERTIFICATE_EXPIRED}


@pytest.mark.parametrize("ahead_s", [CLOCK_TOLERANCE_S + 1, -20 * 365 * DAY_S])
def test_a_clock_that_differs_is_told_once_a_day_and_not_set(desk: Desk, ahead_s: float) -> None:
    assert desk.beat(ahead_s=ahead_s) == [Event.CLOCK_DIFFERS]
    assert desk.log[0][1] == {"seconds": round(ahead_s)}
    assert desk.beat(ahead_s=ahead_s) == []
    desk.pass_time(DAY_S)
    assert desk.beat(ahead_s=ahead_s) == [Event.CLOCK_DIFFERS]
    desk.pass_time(DAY_S)
    assert desk.beat(ahead_s=CLOCK_TOLERANCE_S - 1) == []


def test_the_state_of_keys_is_told_and_a_missing_one_is_nothing(desk: Desk, tmp_path: Path) -> None:
    assert key_state(KeyDirectory(desk.keys), desk.life.not_after - 10 * DAY_S) == KeyState(
        10, 1, key_set_expired=False
    )
    assert key_state(KeyDirectory(desk.keys), desk.life.not_after + 1).certificate_days == -1
    assert key_state(KeyDirectory(tmp_path / "nowhere"), 0.0) == KeyState()
