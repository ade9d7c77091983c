"""A few days of one kiosk whose wall clock, or the centre's, or both, cannot be trusted.

Office, outbox, rounds, keys and renewal are the real ones and take their time from here; so does the centre's
service. Monotonic time goes on as it must. No process's clock is changed: nothing else may notice.
"""

import datetime as dt
import json
import queue
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from central.centre import Centre
from central.gateway.service import Service
from central.proof.prover import Prover
from central.store.numbers import OfficialNumbers
from config.event_names import Event
from kiosk.post import renewal
from kiosk.post.backoff import Clock, Pace
from kiosk.post.envelope import Slot
from kiosk.post.identity import certificate_life
from kiosk.post.keyset import NewestKeySet
from kiosk.post.office import Office
from kiosk.post.outbox import Outbox
from kiosk.post.rounds import Hearers, Rounds
from tests.prove.outage.month import DirectoryClient, ServedCentre
from tests.prove.simulation.ledger import Ledger, Promise, Stored, Violation, Visit, photos_digest
from tests.prove.simulation.line import QuietCaller, SimulatedLine
from tests.prove.simulation.weather import DAY_S, HOUR_S, Luck

KIOSK = 7
TRUE_START = dt.datetime(2027, 3, 28, 0, 40, tzinfo=dt.UTC).timestamp()
"""Twenty minutes before Europe puts its clocks forward: a wall clock set by local time jumps there."""
YEARS_20_S = 20 * 365.25 * DAY_S
_QUOTA = 64_000_000


class Whim(StrEnum):
    """What a wall clock does."""

    RIGHT = "right"
    AHEAD_20_YEARS = "ahead_20_years"
    BEHIND_20_YEARS = "behind_20_years"
    JUMPS_AN_HOUR = "jumps_an_hour"
    """An hour forward or back, now and then: in the middle of a visit, between two tries."""
    LEAPS_20_YEARS = "leaps_20_years"
    STEPS_BACK = "steps_back"
    FROZEN = "frozen"
    FROM_1970 = "from_1970"
    """No battery: it begins at zero, and again with each boot."""
    SUMMER_TIME = "summer_time"
    """Set by local time twice a year."""


class Wall:
    """A wall clock with a whim."""

    def __init__(self, whim: Whim, true: Clock, chance: random.Random) -> None:
        self._whim = whim
        self._true = true
        self._chance = chance
        self._skew = {
            Whim.AHEAD_20_YEARS: YEARS_20_S,
            Whim.BEHIND_20_YEARS: -YEARS_20_S,
            Whim.FROM_1970: -TRUE_START,
        }.get(whim, 0.0)

    def __call__(self) -> float:
        """Seconds since 1970, as it believes."""
        if self._whim is Whim.FROZEN:
            return TRUE_START
        if self._whim is Whim.SUMMER_TIME and self._true() >= TRUE_START + 1200:
            return self._true() + HOUR_S * (1 if int(self._true() // DAY_S) % 2 else 0)
        return self._true() + self._skew

    def moment(self) -> dt.datetime:
        """The same as the centre reads it."""
        return dt.datetime.fromtimestamp(self(), dt.UTC)

    def waver(self) -> None:
        """A moment in which it may jump."""
        match self._whim:
            case Whim.JUMPS_AN_HOUR:
                self._skew = self._chance.choice((-HOUR_S, 0.0, HOUR_S))
            case Whim.LEAPS_20_YEARS:
                self._skew = self._chance.choice((-YEARS_20_S, 0.0, YEARS_20_S))
            case Whim.STEPS_BACK:
                self._skew -= self._chance.uniform(0, 600)


@dataclass
class Bugs:
    """Where planted bugs take hold."""

    rounds_clock: Callable[[Clock, Clock], Clock] = lambda monotonic, _wall: monotonic
    case_id: Callable[[Clock, random.Random], UUID] = lambda _wall, chance: UUID(
        int=chance.getrandbits(128), version=4
    )


def enrolled(directory: Path) -> Path:
    """A centre and the keys of its kiosk, for trials to copy: its making takes as long as a trial."""
    office = Centre(directory / "centre")
    office.init("ADM", ("localhost",))
    office.enrol(KIOSK, directory / "keys", 90)
    return directory


class Trial(QuietCaller):
    """One kiosk and one centre, each with its clock."""

    def __init__(
        self,
        directory: Path,
        kiosk: Whim,
        centre: Whim,
        seed: int,
        bugs: Bugs | None = None,
        stride_s: float = 5400.0,
    ) -> None:
        """In a copy of what `enrolled` made. Rounds in which nothing is due are at least `stride_s` apart."""
        super().__init__(KIOSK)
        self._stride_s = stride_s
        self._bugs = bugs or Bugs()
        self._chance = random.Random(f"{seed}/{kiosk}/{centre}")  # noqa: S311 - a seed to replay
        self._wall = Wall(kiosk, self._true, self._chance)
        self._far_wall = Wall(centre, self._true, self._chance)
        self._ledger = Ledger()
        self._quarantined_at: dict[UUID, float] = {}
        self._keys = directory / "keys"
        self._file = directory / "outbox.db"
        office = Centre(directory / "centre")
        self._life = certificate_life(self._keys)
        store, keyring = office.store(), office.keyring()
        numbers = OfficialNumbers(store, "ADM")
        self.centre = ServedCentre(Service(store, keyring, numbers, self._far_wall.moment), keyring)
        self._prover = Prover(store, self._far_wall.moment)
        self._office = self._opened_office()
        self._outbox = self._opened()
        self._rounds = self._new_rounds()

    def run(self, cases: int) -> None:
        """Live through it. Raises `Violation`."""
        try:
            self._live(cases)
        finally:
            self._office.close()
            self._outbox.close()
            self.centre.close()

    def _live(self, cases: int) -> None:
        refused = None
        for number in range(cases):
            self.away = number % 4 < 2
            refused = self._visit(refuse=number == 1) or refused
            self._pass(self._chance.uniform(10, 1500))
            if number % 5 == 4:
                self._reboot()
        self.away = False
        self._pass(1.5 * DAY_S)
        assert refused is not None
        self._quarantine_was_in_time(refused)
        self.cursed.clear()
        self._pass(1.2 * DAY_S)
        if self._outbox.next_waiting() is not None:
            raise Violation("stuck: a case waits still")
        self._ledger.audit(map(Stored.of, self.centre.rows()))
        self._numbers_differ()
        verdict = self._prover.prove(KIOSK, from_the_start=True)
        if verdict.proven.sequence != cases or verdict.gaps:
            raise Violation("the order cannot be proven")

    def _visit(self, *, refuse: bool) -> UUID | None:
        """A visitor during whose report the clock may jump."""
        case_id = self._bugs.case_id(self._wall, self._chance)
        photo = self._chance.randbytes(300)
        visit = Visit(KIOSK, f"{self._chance.getrandbits(64):x}", photos_digest([photo]))
        self._wall.waver()
        self._far_wall.waver()

        def document_for(_slot: Slot) -> bytes:
            self._wall.waver()
            return json.dumps({"token": visit.token}).encode()

        slot = self._office.keep(case_id, document_for, [photo])
        if not isinstance(slot, Slot):
            raise Violation(f"the clock made the office refuse: {slot}")
        self._ledger.promised(Promise(visit, case_id, slot.sequence, self.at_s))
        if refuse:
            self.cursed.add(case_id)
            self._refused_from = self.at_s
        return case_id if refuse else None

    def _pass(self, seconds: float) -> None:
        """Let monotonic time go on, with rounds and a look at what the screens show."""
        end = self.at_s + seconds
        while self.at_s < end:
            self._wall.waver()
            pause_s = self._rounds.round()
            self._look()
            self.at_s = max(self.at_s, min(end, self.at_s + max(pause_s, self._stride_s)))

    def _look(self) -> None:
        status, state = self._outbox.status(), self._rounds.state()
        if status.oldest_age_s < 0 or state.next_try_s < 0 or (state.contact_age_s or 0) < 0:
            raise Violation("negative age")
        if not self._office.recipients().keys:
            raise Violation("no key to seal to")
        for case in self._outbox.quarantined():
            self._quarantined_at.setdefault(case.case_id, self.at_s)
        self._look_at_certificate()

    def _look_at_certificate(self) -> None:
        life, now = self._life, self._wall()
        renewal.days_left(life, now)
        tried_ahead = renewal.due(life, now, last_try=now + YEARS_20_S)
        if renewal.due(life, now, last_try=None) and not tried_ahead:
            raise Violation("a renewal tried before the clock went back is never tried again")

    def _quarantine_was_in_time(self, case_id: UUID) -> None:
        after_s = self._quarantined_at.get(case_id, float("inf")) - self._refused_from
        if not HOUR_S <= after_s <= DAY_S:
            raise Violation(f"quarantine after {after_s / HOUR_S:.1f} h")

    def _reboot(self) -> None:
        self._office.close()
        self._outbox.close()
        self._wall.waver()
        self._office, self._outbox = self._opened_office(), self._opened()
        self._rounds = self._new_rounds()

    def _true(self) -> float:
        return TRUE_START + self.at_s

    def _opened_office(self) -> Office:
        return Office(KIOSK, NewestKeySet(self._keys), self._file, _QUOTA, self._wall)

    def _opened(self) -> Outbox:
        opened = Outbox.open(self._file, _QUOTA, self._wall)
        if not isinstance(opened, Outbox):
            raise Violation(f"the outbox does not open: {opened.fault.value}")
        return opened

    def _new_rounds(self) -> Rounds:
        line = SimulatedLine(self, self.centre.published, Luck(self._chance), self._chance)
        clock = self._bugs.rounds_clock(self.now, self._wall)
        wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        hearers = Hearers(lambda _case, _number: None, lambda _now: None, _unlogged, lambda: None)
        return Rounds(
            self._outbox,
            DirectoryClient(line, self._keys, self._wall),
            wanted,
            hearers,
            clock,
            self._chance.uniform,
            Pace(120.0, 10, clock),
        )

    def _numbers_differ(self) -> None:
        numbers = self.centre.official_numbers()
        if len(set(numbers)) != len(numbers):
            raise Violation("an official number was given twice")


def _unlogged(_event: Event, **_fields: object) -> None:
    """Logs are not the matter here."""
