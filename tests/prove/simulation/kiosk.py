"""One simulated kiosk: the real outbox, sealer, rounds and client in a world that does everything to them."""

import heapq
import queue
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

import apsw

from config.event_names import Event
from kiosk.post.backoff import Pace
from kiosk.post.courier import attend
from kiosk.post.duties import Duties
from kiosk.post.envelope import Sealed, Sealer, Slot
from kiosk.post.identity import CertificateLife
from kiosk.post.outbox import NotKeptReason, Outbox, OutboxProblem, StorageError
from kiosk.post.rounds import Hearers, Rounds
from tests.post.previous_release import outbox as previous
from tests.prove.simulation.keys import SimulatedKeys, issued
from tests.prove.simulation.ledger import Promise, Violation, Visit, photos_digest
from tests.prove.simulation.line import Call, SimulatedCentral, SimulatedLine
from tests.prove.simulation.weather import DAY_S, HOUR_S, Luck, Sky

if TYPE_CHECKING:
    from tests.prove.simulation.centres import Centre
    from tests.prove.simulation.season import Season

EPOCH = 1_795_000_000.0
"""The true wall clock at the beginning of a season: November 2026."""

_LARGEST = 400_000
_TIGHT = 960_000
"""A quota in bytes that holds few cases beside the largest possible one."""
_PIECE_AND_MORE = 300_000
_CALLS_AN_HOUR = 400
"""More failed calls an hour than this, of one kiosk, are a flood."""
_ROUNDS_AN_HOUR = 8_000
"""More rounds an hour than this are an idle loop: the quickest drain makes half as many."""
_STRIDE_WAITING_S = 900.0
_NEVER_RENEWED = 0.2
"""Share of kiosks whose certificate the centre does not renew."""
_CENTURY_S = 36_525 * DAY_S

PACE_A_MINUTE = 60.0
PACE_AT_ONCE = 20


class Killed(BaseException):
    """The process that was running is no more."""


@dataclass(slots=True)
class WallClock:
    """A wall clock that jumps and stops; true time comes from the season."""

    true: Callable[[], float]
    skew_s: float = 0.0
    frozen_at: float | None = None

    def __call__(self) -> float:
        """Seconds since 1970, as this kiosk believes."""
        return self.true() + self.skew_s if self.frozen_at is None else self.frozen_at


class SimulatedKiosk:
    """Visitors come, the courier makes its rounds, processes die, clocks jump."""

    def __init__(self, number: int, season: "Season") -> None:
        self.number = number
        self.outstanding: dict[UUID, Promise] = {}
        """Promised, and not yet known to be at the centre."""
        self._season = season
        self._chance = random.Random(f"{season.seed}/{number}")  # noqa: S311 - a seed to replay
        self._at = 0.0
        self._order = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._boot_at = -self._chance.uniform(0, 1e6)
        self._wall = WallClock(lambda: EPOCH + self._at)
        certified_until = EPOCH + self._chance.random() * season.plan.certificate_s
        life = CertificateLife(certified_until - season.plan.certificate_s, certified_until)
        self._keys = SimulatedKeys(season.key_set(), life, season.verified)
        self._renewed = self._chance.random() >= _NEVER_RENEWED
        self._quota = self._chance.choice((_TIGHT, *7 * (64_000_000,)))
        self._fuse: int | None = None
        self._in_round = False
        self._down = False
        self._visits = 0
        self._last_sequence = 0
        self._refused: set[UUID] = set()
        self._hold_until = 0.0
        self._hour = (0, 0)
        self._rounds_of_hour = (0, 0)
        self._failures = 0
        self._idle_s = 5.0
        self._round_at = 0.0
        self._path = season.directory / f"{number:04d}"
        self._wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        self._rounds: Rounds | None = None
        self._connection: apsw.Connection | None = None
        self._outbox = self._opened()
        self._screen: Outbox | previous.Outbox = self._outbox
        line = SimulatedLine(self, season.ceremony, Luck(self._chance), self._chance)
        self._central = SimulatedCentral(line, self._keys.key_set, self._wall)
        self._duties = self._new_duties()
        self._plan_life()

    # --- what the line asks --------------------------------------------------------------------------

    @property
    def centre(self) -> "Centre":
        """Whom it talks to."""
        return self._season.centre

    def now(self) -> float:
        """Virtual seconds since the season began."""
        return self._at

    def sky(self) -> Sky:
        """The weather over it."""
        return self._season.sky(self.number, self._at)

    def is_calm(self) -> bool:
        """Whether single calls are spared: the faults of this season are over."""
        return self._at >= self._season.plan.faults_s

    def let_in(self) -> bool:
        """Whether its client certificate is valid."""
        return EPOCH + self._at < self._keys.life.not_after

    def certificate(self) -> str | None:
        """The next one, if the centre issues it."""
        return issued(EPOCH + self._at, self._season.plan.certificate_s) if self._renewed else None

    def later(self, delay_s: float, what: Callable[[], None]) -> None:
        """Something outside happens later."""
        self._season.later(self._at + delay_s, what)

    def is_cursed(self, case_id: UUID) -> bool:
        """Whether the centre has a bug that refuses this case."""
        return self._season.is_cursed(case_id)

    def pass_time(self, seconds: float) -> None:
        """Time passes in a call of the courier; visitors come meanwhile, and the process may be killed."""
        self._step()
        self._at += seconds
        self._happen()
        self._step()

    def heard(self, call: Call, outcome: str, wait_s: float | None) -> None:
        """Check the pace of the calls, and note what came of this one."""
        if self._at + 0.001 < self._hold_until:
            raise self._violation(
                f"flood: called {self._hold_until - self._at:.0f} s before the centre allowed"
            )
        hour = int(self._at // HOUR_S)
        failed = outcome not in {"200", "201", "204"}
        self._failures += failed
        count = self._hour[1] if self._hour[0] == hour else 0
        self._hour = (hour, count + failed)
        if count > _CALLS_AN_HOUR:
            raise self._violation(f"flood: {count} failed calls within an hour")
        if wait_s is not None:
            self._hold_until = self._at + wait_s
        if outcome in {"422", "404"} and call.what == "PUT cases":
            self._refused.add(call.case)
        self.trace(call.what, outcome)

    # --- a life ----------------------------------------------------------------------------------------

    def wake(self) -> float:
        """Do what is due; returns when to be woken again."""
        self._at = max(self._at, self._season.now)
        try:
            self._happen()
            if not self._down and self._at >= self._round_at:
                self._round()
        except Killed:
            self._restarted(self._chance.uniform(1, 10))
        next_event = self._events[0][0] if self._events else float("inf")
        return max(min(next_event, float("inf") if self._down else self._round_at), self._at)

    def trace(self, *words: object) -> None:
        """Note what happened, for the hash of the season."""
        self._season.trace(self.number, self._at, *words)

    def must_be_drained(self, *, whole: bool) -> None:
        """Raise `Violation` for a case that should be at the centre; for a refused one only when `whole`."""
        for promise in self.outstanding.values():
            excused = promise.case_id in self._refused or self.is_cursed(promise.case_id)
            if whole or not excused:
                raise self._violation(f"stuck: case {promise.sequence} waits still")
        if whole and self._outbox.next_waiting() is not None:
            raise self._violation("stuck: a case nobody was promised waits still")

    def close(self) -> None:
        """Let go of the memory."""
        self._outbox.close()
        self._screen.close()

    # --- visitors --------------------------------------------------------------------------------------

    def _visit(self) -> None:
        self._plan_visit()
        if self._down:
            return
        if not self._screen.has_room(_LARGEST):
            self._season.ledger.turned_away += 1
            return
        self._visits += 1
        photos = [self._chance.randbytes(size) for size in self._photo_sizes()]
        token = f"{self.number}/{self._visits}/{self._chance.getrandbits(64):x}"
        visit = Visit(self.number, token, photos_digest(photos))
        case_id = UUID(int=self._chance.getrandbits(128), version=4)
        self._season.ledger.unsure[case_id] = visit
        if self._chance.random() < self._season.plan.cursed:
            self._season.curse(case_id, self._at + self._chance.expovariate(1 / DAY_S))
        try:
            self._submit(case_id, visit, photos)
        except Killed:  # the visitor's screen; the courier lives on
            self.trace("screen killed")
            self._check_kept()

    def _submit(self, case_id: UUID, visit: Visit, photos: list[bytes]) -> None:
        slot = self._keep(case_id, visit, photos)
        if self._chance.random() < 0.02:
            # The answer of the disk was lost: the screen asks again, with the same id.
            slot = self._keep(self._season.retried(case_id, visit, self._chance), visit, photos)
        self._step()
        if not isinstance(slot, Slot):
            raise self._violation(f"captured, then {slot.value}")
        if slot.sequence <= self._last_sequence:
            raise self._violation(f"sequence {slot.sequence} was given twice")
        self._last_sequence = slot.sequence
        promise = Promise(visit, case_id, slot.sequence, self._at)
        self._season.ledger.promised(promise)
        self.outstanding[case_id] = promise
        self.trace("promised", slot.sequence)
        if self._chance.random() < 0.9:
            self._wanted.put(case_id)
        self._idle_s = 5.0
        self._round_at = min(self._round_at, self._at + self._chance.uniform(0.0, 5.0))

    def _keep(self, case_id: UUID, visit: Visit, photos: list[bytes]) -> Slot | NotKeptReason:
        sealer = Sealer(self.number, self._keys.key_set().recipients(self._wall()).keys)
        document = f'{{"token":"{visit.token}"}}'.encode()

        def build(slot: Slot) -> Sealed:
            return sealer.seal(case_id, slot, document, photos)

        return cast("Slot | NotKeptReason", self._screen.keep(case_id, build))

    def _photo_sizes(self) -> list[int]:
        kind = self._chance.random()
        if kind < 0.002:
            return [_PIECE_AND_MORE, 0]
        if kind < 0.15:
            return [self._chance.randint(1, 2000) for _ in range(self._chance.randint(1, 3))]
        return []

    # --- the courier -----------------------------------------------------------------------------------

    def _round(self) -> None:
        self._count_round()
        calls, failures = self._season.calls, self._failures
        self._in_round = True
        try:
            if self._rounds is None:
                self._rounds = self._new_rounds()
            pause_s = self._rounds.round()
            attend(self._duties, self._rounds)
        except StorageError:
            pause_s = 5.0
            self._rounds = None
        finally:
            self._in_round = False
        uneventful = self._season.calls - calls <= 1 and self._failures == failures
        self._round_at = self._at + self._stride(pause_s, uneventful=uneventful)

    def _count_round(self) -> None:
        hour = int(self._at // HOUR_S)
        count = self._rounds_of_hour[1] + 1 if self._rounds_of_hour[0] == hour else 1
        self._rounds_of_hour = (hour, count)
        if count > _ROUNDS_AN_HOUR:
            raise self._violation(f"spin: {count} rounds within an hour")

    def _stride(self, pause_s: float, *, uneventful: bool) -> float:
        """Until the next round. Looks that find nothing are skipped: idle years are mostly such looks."""
        if not uneventful or not self._wanted.empty():
            self._idle_s = 5.0
            return max(pause_s, 0.01)
        longest = self._season.plan.idle_s if self._outbox.next_waiting() is None else _STRIDE_WAITING_S
        self._idle_s = min(self._idle_s * 4, longest)
        return max(pause_s, self._idle_s)

    def _new_rounds(self) -> Rounds:
        hearers = Hearers(self._receipted, lambda _now: None, self._logged, lambda: None, self._duties.heard)
        pace = Pace(PACE_A_MINUTE, PACE_AT_ONCE, self._monotonic)
        return Rounds(
            self._outbox, self._central, self._wanted, hearers, self._monotonic, self._chance.uniform, pace
        )

    def _new_duties(self) -> Duties:
        return Duties(self._keys, self.number, self._central, self._logged, self._monotonic, self._wall)

    def _receipted(self, case_id: UUID, _number: str) -> None:
        if case_id not in self._season.acknowledged:
            raise self._violation("false sent: the kiosk let go of a case that the centre does not have")
        self.outstanding.pop(case_id, None)

    def _logged(self, event: Event, **_fields: object) -> None:
        self._season.events[event.value] += 1

    def _monotonic(self) -> float:
        return self._at - self._boot_at

    # --- misfortune ------------------------------------------------------------------------------------

    def _plan_life(self) -> None:
        self._plan_visit()
        plan = self._season.plan
        for rate, what in (
            (plan.kills_a_day, self._arm),
            (plan.reboots_a_day, self._reboot),
            (plan.clock_a_day, self._clock_jumps),
            (plan.releases_a_day, self._other_release),
            (plan.releases_a_day, self._technician_comes),
        ):
            self._repeat(rate, what)
        self._await_end_of_certificate()

    def _plan_visit(self) -> None:
        """The next visitor: five times as many by day, and four times as many where the quota is tight."""
        plan = self._season.plan
        rate = plan.visits_a_day * (4 if self._quota == _TIGHT else 1)
        at = self._at
        while True:
            at += self._chance.expovariate(rate * 1.5 / DAY_S)
            by_day = 8 * HOUR_S <= at % DAY_S < 22 * HOUR_S
            if by_day or self._chance.random() < 0.2:
                break
        if at < plan.faults_s:
            self._at_time(at, self._visit)

    def _repeat(self, rate: float, what: Callable[[], None]) -> None:
        at = self._at + (self._chance.expovariate(rate / DAY_S) if rate else float("inf"))
        if at < self._season.plan.faults_s:

            def happen() -> None:
                self._repeat(rate, what)
                what()

            self._at_time(at, happen)

    def _at_time(self, at: float, what: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, self._order, what))

    def _happen(self) -> None:
        while self._events and self._events[0][0] <= self._at:
            heapq.heappop(self._events)[2]()

    def _arm(self) -> None:
        """Some step from now, whoever is running is killed."""
        self._fuse = self._chance.randint(1, 40)
        assert self._connection is not None
        self._connection.exec_trace = self._before_statement

    def _before_statement(self, _cursor: object, _sql: str, _bindings: object) -> bool:
        self._step()
        return True

    def _step(self) -> None:
        if self._fuse is None:
            return
        self._fuse -= 1
        if self._fuse <= 0:
            self._fuse = None
            raise Killed

    def _reboot(self) -> None:
        if self._down:
            return
        self.trace("reboot")
        down_s = self._chance.uniform(30, 300)
        self._down = True
        self._at_time(self._at + down_s, self._booted)
        if self._in_round:
            raise Killed

    def _booted(self) -> None:
        self._down = False
        self._boot_at = self._at
        self._season.on_reboot(self._outbox)
        self._restarted(0.0)

    def _restarted(self, after_s: float) -> None:
        """A process begins anew with what is on the disk."""
        self._fuse = None
        self.trace("restarted")
        self._in_round = False
        self._rounds = None
        self._duties = self._new_duties()
        self._wanted = queue.SimpleQueue()
        self._hold_until = 0.0
        old = self._outbox
        self._outbox = self._opened()
        old.close()
        if self._screen is old:
            self._screen = self._outbox
        self._round_at = self._at + after_s
        self._check_kept()

    def _clock_jumps(self) -> None:
        kind = self._chance.randint(0, 3)
        if kind == 0:
            self._wall.frozen_at = self._wall()
        elif kind == 1:
            self._wall.frozen_at = None
            self._wall.skew_s = 0.0
        else:
            self._wall.skew_s += self._chance.choice(
                (HOUR_S, -HOUR_S, 20 * 365 * DAY_S, -20 * 365 * DAY_S, -5.0)
            )

    def _other_release(self) -> None:
        """An update, or the way back: the screen now runs the other of two releases, on the same file."""
        self.trace("other release")
        if self._screen is not self._outbox:
            self._screen.close()
            self._screen = self._outbox
            return
        older = previous.Outbox(self._connected(), self._path, self._quota, self._wall)
        if older._prepare() is not None:  # that release is as it is: it opens nothing but paths by itself
            raise self._violation("the previous release does not open the outbox")
        self._screen = older

    def _technician_comes(self) -> None:
        """Everything in quarantine is queued again."""
        for case in self._outbox.quarantined():
            self._outbox.release(case.case_id)

    def _await_end_of_certificate(self) -> None:
        self._at_time(self._keys.life.not_after - EPOCH, self._end_of_certificate)

    def _end_of_certificate(self) -> None:
        """The certificate was renewed in time, or a technician comes days later."""
        if self.let_in():
            self._await_end_of_certificate()
        else:
            self.trace("certificate ended")
            self._at_time(self._at + self._chance.uniform(0.1, 2.0) * DAY_S, self._enrolled_again)

    def _enrolled_again(self) -> None:
        self._certify(self._season.plan.certificate_s)
        self._await_end_of_certificate()

    def _certify(self, lasts_s: float) -> None:
        now = EPOCH + self._at
        self._keys.life = CertificateLife(now, now + lasts_s)

    def heal(self) -> None:
        """The faults are over: a technician has been everywhere."""
        self._fuse = None
        self._certify(_CENTURY_S)
        self._wall.frozen_at = None

    # --- the disk --------------------------------------------------------------------------------------

    def _opened(self) -> Outbox:
        """The outbox on a disk that lives in memory as long as somebody has it open."""
        self._connection = self._connected()
        outbox = Outbox.over(self._connection, self._path, self._quota, self._wall)
        if isinstance(outbox, OutboxProblem):
            raise self._violation(f"the outbox does not open: {outbox.fault.value}")
        return outbox

    def _connected(self) -> apsw.Connection:
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        return apsw.Connection(f"file:/{self._season.name}-{self.number}?vfs=memdb", flags=flags)

    def _check_kept(self) -> None:
        """Whatever was promised waits in the outbox, or is at the centre."""
        waiting: set[UUID] = set()
        after = 0
        while case := self._outbox.next_waiting(after):
            after = case.sequence
            waiting.add(case.case_id)
        for case_id in [case_id for case_id in self.outstanding if case_id not in waiting]:
            if case_id not in self._season.acknowledged:
                raise self._violation(f"lost: case {self.outstanding[case_id].sequence} is nowhere")
            del self.outstanding[case_id]

    def _violation(self, words: str) -> Violation:
        return Violation(f"kiosk {self.number} at {self._at:.1f} s: {words}")
