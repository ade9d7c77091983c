"""Who may enter maintenance. Every request to enter costs the same work, whatever is wrong with it.

A guess is counted on the disk before it is checked; a pass is spent on the disk before it lets anybody in.
Waits and lives are judged by a time that never goes back: `Floor`.
"""

import hashlib
import hmac
import math
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from kiosk.maintenance.credentials import NOBODY, Pass, Technician, Technicians, Trust, Verifier, read_pass
from kiosk.maintenance.ledger import Ledger, LedgerError, Refused

BUILT_AT = 1_793_491_200.0
"""1 November 2026: before this release existed no clock can be right."""
BEHIND_S = 3600.0
"""How far a kiosk's clock may be behind the one that a pass was made by."""

_CODE = re.compile(r"T[0-9]{4}")

Derive = Callable[[str, bytes], bytes]


class Reason(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"
    WAIT = "wait"
    LOCKED = "locked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    ANOTHER_KIOSK = "another_kiosk"
    USED = "used"
    UNREADABLE = "unreadable"


class Means(StrEnum):
    """What somebody entered with."""

    CODE = "code"
    PASS = "pass"  # noqa: S105 - a word of the protocol


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is in."""

    technician: str
    means: Means


@dataclass(frozen=True, slots=True)
class Denied:
    """Nobody is in. `wait_s`: until another guess of the same credential makes sense."""

    reason: Reason
    wait_s: int = 0


class Floor:
    """A time that is never later than the real one and never goes back: seconds since 1970.

    It ticks with the machine (`boottime`, seconds that never go back), is kept over restarts, and is raised
    by whatever is known to have been made. The wall clock raises it only where a technician is at work.
    """

    def __init__(self, ledger: Ledger, boottime: Callable[[], float]) -> None:
        self._ledger = ledger
        self._boottime = boottime
        self._base = max(BUILT_AT, ledger.floor())
        self._base_at = boottime()

    def now(self) -> float:
        """The floor at this moment."""
        return self._base + max(0.0, self._boottime() - self._base_at)

    def raise_to(self, at: float) -> None:
        """It is at least `at`."""
        now = self.now()
        if at > now:
            self._base, self._base_at = at, self._boottime()

    def keep(self) -> None:
        """Write it down. Raises `LedgerError`."""
        self._ledger.raise_floor(self.now())


@dataclass(frozen=True, slots=True)
class Place:
    """Which kiosk this is, and the groups it belongs to."""

    kiosk: int
    groups: frozenset[str]


class Access:
    """Lets technicians in. For any thread; requests wait for each other."""

    def __init__(
        self,
        place: Place,
        trust: Callable[[], Trust],
        ledger: Ledger,
        floor: Floor,
        wall: Callable[[], float],
        derive: Derive,
    ) -> None:
        """`wall` gives seconds since 1970 and may be wrong; `trust` is read anew for each request."""
        self._place = place
        self._trust = trust
        self._ledger = ledger
        self._floor = floor
        self._wall = wall
        self._derive = derive
        self._turn = threading.Lock()
        self._now_trusted()

    def wait_s(self) -> int:
        """Seconds in which nobody may guess a code."""
        try:
            return math.ceil(self._ledger.kiosk_wait_s(self._floor.now()))
        except LedgerError:
            return 0

    def by_code(self, code: str, pin: str) -> Entered | Denied:
        """Enter with a code. Raises `LedgerError` after the same work; then nobody is in."""
        with self._turn:
            trust = self._now_trusted()
            listed = trust.technicians.by_code.get(code) if self._is_newest(trust) else None
            return self._judge(_name_of(code, listed), pin, listed, Means.CODE, None)

    def by_pass(self, token: str, pin: str) -> Entered | Denied:
        """Enter with a pass. Raises `LedgerError` after the same work; then nobody is in."""
        with self._turn:
            trust = self._now_trusted()
            # Under a list that is older than one seen before, a pass that was revoked would open again.
            found = read_pass(token, trust.keys) if self._is_newest(trust) else None
            reason = Reason.UNREADABLE if found is None else self._fault(found, trust.technicians)
            if found is None or reason is not None:
                self._derive(pin, NOBODY.salt)
                return Denied(reason or Reason.UNREADABLE)
            holder = Technician(found.technician, found.verifier, found.reach)
            return self._judge(f"pass:{found.pass_id}", pin, holder, Means.PASS, found)

    def _judge(
        self, credential: str, pin: str, holder: Technician | None, means: Means, spent: Pass | None
    ) -> Entered | Denied:
        now = self._floor.now()
        # Anybody can try codes; who does must not keep out who holds a pass.
        braked = means is Means.CODE
        try:
            counted = self._ledger.count_guess(credential, now, braked=braked)
        finally:
            # After the count, so that a power cut gives no guess back; even if there was none to be checked.
            right = self._fits(pin, NOBODY if holder is None else holder.verifier) and holder is not None
        if isinstance(counted, Refused):
            return _denied(counted, Reason.WAIT)
        if not right or holder is None:
            return _denied(self._ledger.refused(credential, now, braked=braked), Reason.WRONG)
        if not holder.reach.covers(self._place.kiosk, self._place.groups):
            return Denied(Reason.ANOTHER_KIOSK)
        at = self.now()
        spend = None if spent is None else (spent.pass_id, spent.not_after)
        if not self._ledger.let_in(credential, holder.code, means.value, at, spend):
            return Denied(Reason.USED)
        self._floor.raise_to(at)
        return Entered(holder.code, means)

    def now(self) -> float:
        """The time that lives and records are judged by: the clock's, but never before the floor."""
        return max(self._wall(), self._floor.now())

    def _fits(self, pin: str, verifier: Verifier) -> bool:
        return hmac.compare_digest(self._derive(pin, verifier.salt), verifier.digest)

    def _fault(self, found: Pass, technicians: Technicians) -> Reason | None:
        """Why a pass opens nothing, whoever holds it. All of it is readable in the pass itself."""
        now = self.now()
        if now >= found.not_after or found.pass_id in technicians.revoked_passes:
            return Reason.EXPIRED
        if now < found.not_before - BEHIND_S:
            return Reason.NOT_YET
        if not found.reach.covers(self._place.kiosk, self._place.groups):
            return Reason.ANOTHER_KIOSK
        return Reason.USED if self._ledger.is_spent(found.pass_id) else None

    def _now_trusted(self) -> Trust:
        trust = self._trust()
        self._floor.raise_to(trust.not_before)
        return trust

    def _is_newest(self, trust: Trust) -> bool:
        """False under a list older than one seen before: it would bring back who was taken off."""
        version = trust.technicians.version
        return version >= self._ledger.newest_list(version)


def _name_of(code: str, listed: Technician | None) -> str:
    """What guesses are counted under. A new PIN is a new credential; there are 10,000 codes and no more."""
    if not _CODE.fullmatch(code):
        return "code:none"
    if listed is None:
        return f"code:{code}"
    return f"code:{code}:{hashlib.sha256(listed.verifier.salt).hexdigest()[:16]}"


def _denied(refused: Refused, reason: Reason) -> Denied:
    if refused.wait_s is None:
        return Denied(Reason.LOCKED)
    return Denied(reason, math.ceil(refused.wait_s))
