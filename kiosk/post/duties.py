"""What the courier does beside carrying: the newest key set, the next certificate, alarms about both.

Nothing that fails here can keep a case waiting: it is tried again later, and only told. The one exception is
a centre that asks to be left alone: it means all calls, whichever of them it answered so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.event_names import Event
from kiosk.post import renewal
from kiosk.post.certificates import CertificateFault, Request, prepare
from kiosk.post.identity import CertificateLife, certificate_life
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import Installed, KeySet, Refusal, install_key_set, load_key_set
from kiosk.post.outcomes import Alive, NoReply, Reply, Verdict, decide, silence_s
from kiosk.post.rounds import Log

CLOCK_TOLERANCE_S = 300.0
RETRY_S = 900.0
"""Between two tries for a key set or a certificate: the centre may offer one that this kiosk refuses."""

_DENIED = {Verdict.REFUSED, Verdict.NOT_LET_IN}
"""The centre has decided; asking again soon changes nothing."""


class Office(Protocol):
    """The centre, as far as keys need it; `kiosk.post.central.Central` is one."""

    def key_set(self) -> Reply | NoReply | str:
        """Fetch the signed key set."""

    def renew_certificate(self, csr: str) -> Reply | NoReply | str:
        """Ask for the next certificate."""


class Keys(Protocol):
    """The keys of a kiosk, as `KeyDirectory` has them. None is for what cannot be read. Nothing raises."""

    def key_set(self) -> KeySet | None:
        """The newest key set."""

    def certificate(self) -> CertificateLife | None:
        """When the client certificate is valid."""

    def install_key_set(self, token: str) -> Installed | Refusal:
        """Put a key set in the place of the one there is, if it is right."""

    def install_certificate(
        self, request: Request, certificate: str, now: float
    ) -> CertificateLife | CertificateFault:
        """Put a certificate in the place of the one there is, if it is right."""


@dataclass(frozen=True, slots=True)
class KeyDirectory:
    """The files of an enrolled kiosk."""

    path: Path

    def key_set(self) -> KeySet | None:
        """See `Keys`."""
        try:
            return load_key_set(self.path)
        except KeyProblem:
            return None

    def certificate(self) -> CertificateLife | None:
        """See `Keys`."""
        try:
            return certificate_life(self.path)
        except KeyProblem:
            return None

    def install_key_set(self, token: str) -> Installed | Refusal:
        """See `Keys`."""
        return install_key_set(self.path, token)

    def install_certificate(
        self, request: Request, certificate: str, now: float
    ) -> CertificateLife | CertificateFault:
        """See `Keys`."""
        return renewal.install(self.path, request, certificate, now)


@dataclass(frozen=True, slots=True)
class KeyState:
    """How it stands with the keys, by the kiosk's own clock. None for what cannot be read."""

    certificate_days: int | None = None
    key_set_version: int | None = None
    key_set_expired: bool | None = None


def key_state(keys: Keys, now: float) -> KeyState:
    """The state of `keys` at `now`, seconds since 1970. Never raises."""
    key_set, life = keys.key_set(), keys.certificate()
    return KeyState(
        certificate_days=None if life is None else renewal.days_left(life, now),
        key_set_version=None if key_set is None else key_set.version,
        key_set_expired=None if key_set is None else key_set.lapsed(now),
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
        keys: Keys,
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
        self._clock_told = Pause(clock, renewal.DAY_S)
        self._alarms_told = Pause(clock, renewal.DAY_S)
        self._renewal_answered_at: float | None = None

    def heard(self, alive: Alive) -> None:
        """The centre answered a heartbeat."""
        self._alive = alive

    def attend(self, *, may_call: bool) -> float:
        """Do what is due. Returns for how many seconds the centre asks to be left alone; 0 if it does not.

        Calls it only if that is allowed now, and after it has answered a heartbeat.
        """
        if self._alarms_told.over():
            self._tell_alarms()
        alive, self._alive = self._alive, None
        if alive is None:
            return 0.0
        self._compare_clocks(alive)
        if not may_call:
            return 0.0
        return self._follow_key_set(alive) or self._follow_certificate()

    def _tell_alarms(self) -> None:
        now, key_set, life = self._wall(), self._keys.key_set(), self._keys.certificate()
        if key_set is not None and key_set.lapsed(now):
            self._log(Event.SEALING_KEY_LAPSED)
        if life is not None and renewal.expired(life, now):
            self._log(Event.CERTIFICATE_EXPIRED)
        elif life is not None and renewal.late(life, now):
            self._log(Event.CERTIFICATE_EXPIRING, days=renewal.days_left(life, now))

    def _compare_clocks(self, alive: Alive) -> None:
        ahead_s = 0.0 if alive.time is None else self._wall() - alive.time
        if abs(ahead_s) > CLOCK_TOLERANCE_S and self._clock_told.over():
            self._log(Event.CLOCK_DIFFERS, seconds=round(ahead_s))

    def _follow_key_set(self, alive: Alive) -> float:
        """Fetch the key set if the centre has a newer one. Returns what `attend` does."""
        key_set = self._keys.key_set()
        if alive.key_set_version <= (0 if key_set is None else key_set.version) or not self._fetch.over():
            return 0.0
        answer = self._office.key_set()
        if not isinstance(answer, str):
            return silence_s(answer)
        installed = self._keys.install_key_set(answer)
        if isinstance(installed, Installed):
            self._log(Event.KEY_SET_INSTALLED, key_set_version=installed.version)
        else:
            self._log(Event.KEY_SET_REFUSED, key_set_refusal=installed.value)
        return 0.0

    def _follow_certificate(self) -> float:
        """Renew the certificate if half of its life is over. Returns what `attend` does."""
        life = self._keys.certificate()
        if life is None or not self._renewal_is_due(life) or not self._renew.over():
            return 0.0
        request = prepare(self._kiosk)
        answer = self._office.renew_certificate(request.csr)
        if isinstance(answer, str) or decide(answer).verdict in _DENIED:
            self._renewal_answered_at = self._wall()
        if not isinstance(answer, str):
            return silence_s(answer)
        installed = self._keys.install_certificate(request, answer, self._wall())
        if isinstance(installed, CertificateLife):
            self._log(Event.CERTIFICATE_RENEWED, days=renewal.days_left(installed, self._wall()))
        else:
            self._log(Event.CERTIFICATE_NOT_RENEWED, certificate_fault=installed.value)
        return 0.0

    def _renewal_is_due(self, life: CertificateLife) -> bool:
        return renewal.due(life, self._wall(), self._renewal_answered_at)
