"""The force, a kiosk's door and its clocks, for tests of who may enter. Real signatures, a real ledger."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys.keyset import PublicKey
from central.technicians import credentials as force
from central.technicians.pins import Verifier as Made
from kiosk.maintenance import credentials
from kiosk.maintenance.access import BUILT_AT, Access, Denied, Entered, Floor, Place, Reason
from kiosk.maintenance.credentials import Trust
from kiosk.maintenance.ledger import GUESSES, Ledger

NOW = BUILT_AT + 30 * 86_400.0
DAY = 86_400.0
PIN = "739214"
CODE = "T0042"


class PowerCutError(Exception):
    """The machine is off."""


def quick(pin: str, salt: bytes) -> bytes:
    """Takes the place of scrypt, whose cost is no matter of these tests."""
    return hashlib.sha256(salt + pin.encode()).digest()


def made(pin: str, salt: bytes = bytes(range(16))) -> Made:
    return Made(salt, quick(pin, salt))


@dataclass
class Force:
    """Signs lists and passes as `report-centre technician` does."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    listed: force.Technicians = field(default_factory=force.Technicians)

    def keys(self) -> credentials.SigningKeys:
        return {PublicKey.of(self.key.public_key()).kid: self.key.public_key()}

    def add(self, code: str = CODE, pin: str = PIN, reach: force.Reach | None = None) -> None:
        self.listed = self.listed.with_technician(code, made(pin), reach or force.Reach())

    def list(self, at: float = NOW - DAY) -> credentials.Technicians:
        token = self.listed.signed(self.key, moment(at))
        self.listed = self.listed.model_copy(update={"version": self.listed.version + 1})
        return credentials.read_list(token, self.keys())

    def a_pass(
        self, days: int = 14, begin: float = NOW, reach: force.Reach | None = None, pin: str = PIN
    ) -> force.Issued:
        where = reach or force.Reach(kiosks=(1,))
        return force.issue(self.key, CODE, made(pin), where, moment(begin), days)


def moment(at: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)


@dataclass
class Kiosk:
    """One kiosk with its clocks. `boot` ticks, `wall` may be set to anything, both in seconds."""

    folder: Path
    trust: Trust
    wall: float = NOW
    boot: float = 1000.0
    derived: list[bytes] = field(default_factory=list)
    cut: Callable[[], bool] = lambda: False
    groups: frozenset[str] = frozenset({"report-room"})

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """As after a power cut: only what is on the disk is known."""
        self.ledger = Ledger.open(self.folder, self.wall)
        self.floor = Floor(self.ledger, lambda: self.boot)
        self.access = Access(
            Place(1, self.groups),
            lambda: self.trust,
            self.ledger,
            self.floor,
            lambda: self.wall,
            lambda pin, salt: self._derive(pin, salt),
        )

    def restart(self, boot: float = 0.0) -> None:
        self.ledger.close()
        self.boot = boot
        self.start()

    def passes(self, seconds: float) -> None:
        self.boot += seconds
        self.wall += seconds

    def _derive(self, pin: str, salt: bytes) -> bytes:
        self.derived.append(salt)
        if self.cut():
            raise PowerCutError
        return quick(pin, salt)


class Siege:
    """Somebody tries PINs of one code for months, cuts the power, sets the clock, and waits as told.

    `guesses` counts every PIN that was checked, whether or not its answer was seen.
    """

    def __init__(self, kiosk: Kiosk, code: str = CODE) -> None:
        self.kiosk = kiosk
        self.code = code
        self.guesses = 0
        self.too_early = 0
        self.number = 0
        self._not_before = 0.0

    def run(self, tries: int, cut_every: int = 0, wall_jump_s: float = 0.0) -> None:
        for turn in range(tries):
            self._cut_at(cut_every, turn)
            self.kiosk.wall += wall_jump_s
            self._try()

    def _cut_at(self, every: int, turn: int) -> None:
        cut = every > 0 and turn % every == 0
        self.kiosk.cut = lambda: cut

    def _try(self) -> None:
        kiosk, self.number = self.kiosk, self.number + 1
        allowed = self._allowed()
        try:
            outcome = kiosk.access.by_code(self.code, f"{self.number:06d}")
        except PowerCutError:
            self.guesses += allowed
            kiosk.restart(kiosk.boot)
            return
        assert isinstance(outcome, Denied)
        if outcome.reason is Reason.WRONG or (allowed and outcome.reason is Reason.LOCKED):
            self.guesses += 1  # the last one is told that there will be no other
            self.too_early += kiosk.boot < self._not_before
            self._not_before = kiosk.boot + outcome.wait_s
        kiosk.passes(max(1.0, float(outcome.wait_s)) if self._patient else 1.0)

    _patient = True

    def _allowed(self) -> bool:
        listed = self.kiosk.trust.technicians.by_code[self.code]
        name = f"code:{self.code}:{hashlib.sha256(listed.verifier.salt).hexdigest()[:16]}"
        refused = self.kiosk.ledger.refused(name, self.kiosk.floor.now())
        return refused.wait_s == 0

    def complaints(self) -> list[str]:
        found = []
        if self.guesses > GUESSES:
            found.append(f"{self.guesses} guesses of one credential")
        if self.too_early:
            found.append("a guess was checked before the wait was over")
        return found


class HastySiege(Siege):
    """Does not wait as told, but sets the clock forward instead."""

    _patient = False


def enters(outcome: Entered | Denied) -> bool:
    return isinstance(outcome, Entered)
