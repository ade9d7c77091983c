"""What the courier does beside carrying: the newest key set, the next certificate, alarms about both.

Nothing here can keep a case waiting: what fails is tried again later, and only told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from kiosk.post import renewal
from kiosk.post.certificates import prepare
from kiosk.post.identity import CertificateLife, certificate_life
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import Installed, KeySet, install_key_set, load_key_set
from kiosk.post.outcomes import Alive, NoReply, Reply
from kiosk.post.rounds import Log

CLOCK_TOLERANCE_S = 300.0
RETRY_S = 900.0
"""Between two tries for a key set or a certificate: the centre may offer one that this kiosk refuses."""
DAY_S = 86400.0


class Office(Protocol):
    """The centre, as far as keys need it; `kiosk.post.central.Central` is one."""

    def key_set(self) -> Reply | NoReply | str:
        """Fetch the signed key set."""

    def renew_certificate(self, csr: str) -> Reply | NoReply | str:
        """Ask for the next certificate."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """How it stands with the keys, by the kiosk's own clock. None for what cannot be read."""

    certificate_days: int | None = None
    key_set_version: int | None = None
    key_set_expired: bool | None = None


def key_state(keys: Path, now: float) -> KeyState:
    """The state of the key directory `keys` at `now`, seconds since 1970. Never raises."""
    key_set, life = _key_set(keys), _life(keys)
    return KeyState(
        certificate_days=None if life is None else renewal.days_left(life, now),
        key_set_version=None if key_set is None else key_set.version,
        key_set_expired=None if key_set is None else key_set.recipients(now).lapsed,
    )


class Pause:
    """Lets something happen at most once in a time, by a clock that no one can set."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._next = clock()

    def over(self) -> bool:
        """Whether it is time; if so, the next pause begins."""
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True


class Duties:
    """For one thread, the one that makes the rounds: both use the same connection."""

    def __init__(
        self,
        keys: Path,
        kiosk: int,
        office: Office,
        log: Log,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """`clock` is monotonic; `wall` gives seconds since 1970 and may be wrong."""
        self._keys = keys
        self._kiosk = kiosk
        self._office = office
        self._log = log
        self._wall = wall
        self._alive: Alive | None = None
        self._fetch = Pause(clock, RETRY_S)
        self._renew = Pause(clock, RETRY_S)
        self._clock_told = Pause(clock, DAY_S)
        self._alarms_told = Pause(clock, DAY_S)
        self._renewal_answered_at: float | None = None

    def heard(self, alive: Alive) -> None:
        """The centre answered a heartbeat."""
        self._alive = alive

    def attend(self) -> None:
        """Do what is due. Calls the centre only after it has answered a heartbeat."""
        if self._alarms_told.over():
            self._tell_alarms()
        alive, self._alive = self._alive, None
        if alive is None:
            return
        self._compare_clocks(alive)
        key_set = _key_set(self._keys)
        if alive.key_set_version > (0 if key_set is None else key_set.version) and self._fetch.over():
            self._fetch_key_set()
        life = _life(self._keys)
        if life is not None and self._renewal_is_due(life) and self._renew.over():
            self._renew_certificate()

    def _tell_alarms(self) -> None:
        now, key_set, life = self._wall(), _key_set(self._keys), _life(self._keys)
        if key_set is not None and key_set.recipients(now).lapsed:
            self._log(Event.SEALING_KEY_LAPSED)
        if life is not None and renewal.expired(life, now):
            self._log(Event.CERTIFICATE_EXPIRED)
        elif life is not None and renewal.late(life, now):
            self._log(Event.CERTIFICATE_EXPIRING, days=renewal.days_left(life, now))

    def _renewal_is_due(self, life: CertificateLife) -> bool:
        return renewal.due(life, self._wall(), self._renewal_answered_at)

    def _renew_certificate(self) -> None:
        request = prepare(self._kiosk)
        answer = self._office.renew_certificate(request.csr)
        if isinstance(answer, NoReply):
            return
        self._renewal_answered_at = self._wall()
        if isinstance(answer, Reply):
            return
        installed = renewal.install(self._keys, request, answer, self._wall())
        if isinstance(installed, CertificateLife):
            self._log(Event.CERTIFICATE_RENEWED, days=renewal.days_left(installed, self._wall()))
        else:
            self._log(Event.CERTIFICATE_NOT_RENEWED, certificate_fault=installed.value)

    def _compare_clocks(self, alive: Alive) -> None:
        ahead_s = 0.0 if alive.time is None else self._wall() - alive.time
        if abs(ahead_s) > CLOCK_TOLERANCE_S and self._clock_told.over():
            self._log(Event.CLOCK_DIFFERS, seconds=round(ahead_s))

    def _fetch_key_set(self) -> None:
        token = self._office.key_set()
        if not isinstance(token, str):
            return
        installed = install_key_set(self._keys, token)
        if isinstance(installed, Installed):
            self._log(Event.KEY_SET_INSTALLED, key_set_version=installed.version)
        else:
            self._log(Event.KEY_SET_REFUSED, key_set_refusal=installed.value)


def _key_set(keys: Path) -> KeySet | None:
    try:
        return load_key_set(keys)
    except KeyProblem:
        return None


def _life(keys: Path) -> CertificateLife | None:
    try:
        return certificate_life(keys)
    except KeyProblem:
        return None
