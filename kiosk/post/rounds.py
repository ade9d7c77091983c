"""What the courier does, round after round: a probe where the way is barred, then every case that is due.

Single-threaded and without sockets of its own; time, chance and the centre are given to it.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from config.event_names import Event
from kiosk.post.backoff import Breaker, Clock, Pace, Passage, Timetable, Uniform
from kiosk.post.life import CaseState
from kiosk.post.outbox import DamagedError, NotWrittenError, Outbox, Status, StorageError, Waiting
from kiosk.post.outcomes import (
    PARTS_MISSING,
    QUARANTINE_PAUSE_S,
    REFUSAL_PAUSE_S,
    Action,
    Alive,
    NoReply,
    Reply,
    Verdict,
    belongs_in_quarantine,
    code,
    decide,
)

HEARTBEAT_S = 60.0
LOOK_S = 5.0
"""How often the outbox is looked at without being asked: nothing depends on a poke having arrived."""
SPREAD_PER_CASE_S = 5.0
SPREAD_MAX_S = 60.0
"""A restart waits up to this long, so that kiosks that lost power together do not come back together."""

_LOOK_ALL_S = 60.0
"""How often it starts again from the oldest case: one may have come to be there out of turn."""
_UNREADABLE_PAUSE_S = 900.0
_SCRUB_S = 5.0


class Post(Protocol):
    """The centre, as far as rounds need it; `kiosk.post.central.Central` is one."""

    def put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        """Send an envelope."""

    def put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> Reply | NoReply | None:
        """Send a part; None is success."""

    def parts_present(self, case_id: UUID) -> Reply | NoReply | frozenset[str]:
        """Ask which parts are there."""

    def heartbeat(self, status: Status) -> Reply | NoReply | Alive:
        """The small probe."""


class Log(Protocol):
    """`config.log.log`."""

    def __call__(self, event: Event, **fields: object) -> None:
        """Log an event of the catalogue."""


@dataclass(frozen=True, slots=True)
class Hearers:
    """Whom the rounds tell, in their own thread. Must be quick and never raise."""

    receipted: Callable[[UUID, str], None]
    reachable: Callable[[bool], None]
    log: Log
    progress: Callable[[], None]
    """Called before each call to the centre, so that a hang is noticed."""
    alive: Callable[[Alive], None] = lambda _alive: None
    """Called after each heartbeat that the centre answered."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The case that is on its way, and how many of its parts the centre has."""

    sequence: int
    parts_sent: int
    parts_total: int


@dataclass(frozen=True, slots=True)
class Problem:
    """The last thing that went wrong, as a short code, and when by the clock of the rounds."""

    code: str
    at: float


@dataclass(frozen=True, slots=True)
class State:
    """How sending goes. Ages and waits in seconds; `contact_age_s` is None before the first contact."""

    reachable: bool
    passage: Passage
    next_try_s: float
    contact_age_s: float | None
    sending: Sending | None
    problem: str
    problem_age_s: float | None


class _InterruptedError(Exception):
    """A case was left between two of its parts; the centre keeps what it has."""


class Rounds:
    """Sends the cases of `outbox` to `post`. What the outbox cannot do at all raises `StorageError`."""

    def __init__(
        self,
        outbox: Outbox,
        post: Post,
        wanted: queue.SimpleQueue[UUID],
        hearers: Hearers,
        clock: Clock,
        uniform: Uniform,
        pace: Pace | None = None,
    ) -> None:
        """`wanted` takes, from any thread, the cases somebody waits for: they go first, whatever the `pace`.

        Without `pace` a backlog drains as fast as it can.
        """
        self._outbox = outbox
        self._post = post
        self._hearers = hearers
        self._clock = clock
        self._breaker = Breaker(clock, uniform)
        self._timetable = Timetable(clock, uniform)
        self._pace = pace
        self._paced = False
        self._wanted = wanted
        self._stopped = threading.Event()
        self._reachable: bool | None = None
        self._contact_at: float | None = None
        self._beat_at = clock() - HEARTBEAT_S
        self._tried_to = 0
        self._look_all_at = clock()
        self._set_apart: set[int] = set()
        self._sending: Sending | None = None
        self._problem: Problem | None = None
        self._told: tuple[str, str] = ("", "")
        self._scrubbed_at = clock() - _SCRUB_S
        self._unscrubbed = True
        waiting = outbox.status().queued
        if waiting:
            self._breaker.hold(uniform(0.0, min(SPREAD_MAX_S, SPREAD_PER_CASE_S * waiting)))

    def stop(self) -> None:
        """End the round after the call that is being made. From any thread."""
        self._stopped.set()

    def state(self) -> State:
        """How sending goes. From any thread."""
        now, problem, contact_at = self._clock(), self._problem, self._contact_at
        return State(
            reachable=bool(self._reachable),
            passage=self._breaker.passage(),
            next_try_s=self._breaker.wait_s(),
            contact_age_s=None if contact_at is None else now - contact_at,
            sending=self._sending,
            problem="" if problem is None else problem.code,
            problem_age_s=None if problem is None else now - problem.at,
        )

    def may_call(self) -> bool:
        """Whether other calls over the same line may be made now."""
        return self._open()

    def leave_alone(self, wait_s: float) -> None:
        """The centre answered another call over the same line that it wants to be left alone."""
        self._barred(Action(Verdict.WAIT_ALL, wait_s))

    def round(self) -> float:
        """Send what may be sent now. Returns the seconds after which another round is worth while."""
        self._paced = False
        if not self._wanted.empty():
            self._breaker.hurry()
        passage = self._breaker.passage()
        if passage is Passage.OPEN or (passage is Passage.PROBE and self._beat()):
            self._send_due()
        self._scrub()
        return self._pause_s()

    def _send_due(self) -> None:
        for case in self._due():
            self._deliver(case)
            self._scrub(not_before=self._scrubbed_at + _SCRUB_S)
            if not self._open() or not self._beat_if_due():
                return
        self._beat_if_due()

    def _open(self) -> bool:
        return not self._stopped.is_set() and self._breaker.passage() is Passage.OPEN

    def _beat_if_due(self) -> bool:
        """Whether the way is still open."""
        return self._clock() < self._beat_at + HEARTBEAT_S or self._beat()

    def _due(self) -> Iterator[Waiting]:
        """Cases that may be sent: those that never failed, then the others; one that is wanted in between.

        A case at which the centre breaks bars the way for all; tried first again, it would bar it for ever.
        """
        yield from self._due_and_wanted()
        for case in self._never_tried():
            yield case
            yield from self._due_and_wanted()
        for sequence in self._timetable.due_now():
            again = self._again(sequence)
            if again is not None:
                if not self._may_go():
                    return
                yield again
            yield from self._due_and_wanted()

    def _never_tried(self) -> Iterator[Waiting]:
        if self._clock() >= self._look_all_at:
            self._tried_to, self._look_all_at = 0, self._clock() + _LOOK_ALL_S
        while case := self._outbox.next_waiting(self._tried_to):
            if case.sequence in self._set_apart and not case.quarantined:
                self._timetable.forget(case.sequence)  # a technician has released it
                self._set_apart.discard(case.sequence)
            if self._timetable.attempts(case.sequence) == 0:
                if not self._may_go():
                    return
                yield case
            self._tried_to = case.sequence

    def _again(self, sequence: int) -> Waiting | None:
        """A case that failed before; None if it is done or set aside meanwhile."""
        case = self._outbox.next_waiting(sequence - 1)
        if case is not None and case.sequence == sequence:
            return case if self._timetable.due(sequence) else None
        self._timetable.forget(sequence)
        return None

    def _may_go(self) -> bool:
        self._paced = self._pace is not None and not self._pace.take()
        return not self._paced

    def _due_and_wanted(self) -> Iterator[Waiting]:
        while not self._wanted.empty():
            case = self._outbox.find_waiting(self._wanted.get())
            if case is not None and self._timetable.due(case.sequence):
                yield case

    def _deliver(self, case: Waiting) -> None:
        outer = self._sending
        try:
            reply = self._send(case, between=outer is None)
            self._act(case, self._judge(reply), code(reply))
        except _InterruptedError:
            self._timetable.postpone(case.sequence, 0.0)
        except (DamagedError, NotWrittenError):  # not of this case alone: the outbox must be opened anew
            raise
        except StorageError:
            # Its row cannot be read or written. That is no reason to keep the other cases waiting.
            self._timetable.postpone(case.sequence, _UNREADABLE_PAUSE_S)
            self._hearers.log(Event.CASE_UNREADABLE, case_id=case.case_id)
        finally:
            self._sending = outer

    def _judge(self, reply: Reply | NoReply) -> Action:
        """The table's verdict; what went wrong is remembered, and told when it was not told just before."""
        action = decide(reply)
        if action.verdict is not Verdict.ACKNOWLEDGED:
            self._problem = Problem(code(reply), self._clock())
            told = (code(reply), reply.described_by if isinstance(reply, Reply) else "")
            if isinstance(reply, Reply) and reply.explained and told != self._told:
                self._told = told
                self._hearers.log(
                    Event.CENTRE_EXPLAINED, problem=code(reply), described_by=reply.described_by or "nothing"
                )
        return action

    def _send(self, case: Waiting, *, between: bool) -> Reply | NoReply:
        failed = self._send_parts(case, between=between)
        if failed is not None:
            return failed
        envelope = self._outbox.envelope(case.sequence)
        reply = self._put(case, envelope)
        if isinstance(reply, Reply) and reply.problem == PARTS_MISSING:
            failed = self._send_parts(case, between=between)
            reply = self._put(case, envelope) if failed is None else failed
        return reply

    def _put(self, case: Waiting, envelope: bytes) -> Reply | NoReply:
        self._hearers.progress()
        return self._post.put_case(case.case_id, envelope)

    def _send_parts(self, case: Waiting, *, between: bool) -> Reply | NoReply | None:
        """Send the parts that the centre does not have, in their order. None is success.

        With `between`, cases that somebody waits for go between two parts. Raises `_InterruptedError`.
        """
        names = self._outbox.part_names(case.sequence)
        self._sending = Sending(case.sequence, 0, len(names))
        if not names:
            return None
        self._hearers.progress()
        present = self._post.parts_present(case.case_id)
        if not isinstance(present, frozenset):
            return present
        missing = [name for name in names if name not in present]
        for number, name in enumerate(missing, len(names) - len(missing)):
            self._sending = Sending(case.sequence, number, len(names))
            self._hearers.progress()
            failed = self._post.put_part(case.case_id, name, self._outbox.part(case.sequence, name))
            if failed is not None:
                return failed
            self._arrived(case)
            if between:
                self._let_wanted_pass()
        return None

    def _arrived(self, case: Waiting) -> None:
        """A part got through: what failed before is over, and a line that breaks again is a new failure."""
        self._breaker.succeeded()
        self._timetable.forget(case.sequence)
        self._contacted()

    def _let_wanted_pass(self) -> None:
        under_way = self._sending
        for wanted in self._due_and_wanted():
            if under_way is None or wanted.sequence != under_way.sequence:
                self._deliver(wanted)
            if not self._open():
                break
        if not self._open():
            raise _InterruptedError

    def _act(self, case: Waiting, action: Action, problem: str) -> None:
        if action.receipt is not None:
            self._acknowledged(case, action.receipt.official_number)
        elif action.verdict is Verdict.REFUSED:
            self._contacted()
            self._refused(case, problem)
        elif action.verdict is Verdict.WAIT_CASE:
            self._contacted()
            self._postpone(case, action.verdict, action.wait_s)
        else:
            self._postpone(case, action.verdict, 0.0 if action.verdict is Verdict.WAIT_ALL else None)
            self._barred(action)
            if action.verdict is Verdict.UNKNOWN and case.state is CaseState.QUEUED:
                self._outbox.sent(case.sequence)

    def _acknowledged(self, case: Waiting, official_number: str) -> None:
        self._outbox.receipted(case.sequence, official_number)
        self._unscrubbed = True
        self._breaker.succeeded()
        self._contacted()
        self._hearers.receipted(case.case_id, official_number)
        tries = self._timetable.attempts(case.sequence) + 1
        self._timetable.forget(case.sequence)
        self._hearers.log(Event.CASE_DELIVERED, case_id=case.case_id, tries=tries)

    def _refused(self, case: Waiting, problem: str) -> None:
        refusals, since_first_s = self._outbox.refused(case.sequence, problem)
        if case.quarantined:
            self._postpone(case, Verdict.REFUSED, QUARANTINE_PAUSE_S)
        elif belongs_in_quarantine(refusals, since_first_s):
            self._outbox.quarantine(case.sequence)
            self._timetable.postpone(case.sequence, QUARANTINE_PAUSE_S)
            self._set_apart.add(case.sequence)
            self._hearers.log(Event.CASE_QUARANTINED, case_id=case.case_id, tries=refusals)
        else:
            self._postpone(case, Verdict.REFUSED, REFUSAL_PAUSE_S)

    def _postpone(self, case: Waiting, verdict: Verdict, wait_s: float | None) -> None:
        self._timetable.postpone(case.sequence, wait_s)
        tries = self._timetable.attempts(case.sequence)
        self._hearers.log(Event.CASE_POSTPONED, case_id=case.case_id, outcome=verdict.value, tries=tries)

    def _beat(self) -> bool:
        """Whether the centre answered."""
        self._hearers.progress()
        self._beat_at = self._clock()
        answer = self._post.heartbeat(self._outbox.status())
        if isinstance(answer, Alive):
            self._breaker.probed()
            self._contacted()
            self._hearers.alive(answer)
            return True
        action = self._judge(answer)
        if action.verdict in {Verdict.REFUSED, Verdict.WAIT_CASE}:
            # It is the centre, only of another release. That must not keep cases waiting.
            self._breaker.probed()
            self._contacted()
            return True
        self._barred(action)
        return False

    def _contacted(self) -> None:
        self._contact_at = self._clock()
        self._set_reachable(now=True)

    def _barred(self, action: Action) -> None:
        self._breaker.failed(action.wait_s)
        self._set_reachable(now=False)
        if action.verdict in _ALARMS:
            self._hearers.log(_ALARMS[action.verdict])

    def _set_reachable(self, *, now: bool) -> None:
        if now is not self._reachable:
            self._reachable = now
            self._hearers.reachable(now)
            self._hearers.log(Event.CENTRE_REACHABLE if now else Event.CENTRE_UNREACHABLE)

    def _scrub(self, not_before: float = 0.0) -> None:
        if self._unscrubbed and self._clock() >= not_before:
            self._unscrubbed = not self._outbox.scrub()
            self._scrubbed_at = self._clock()

    def _pause_s(self) -> float:
        if self._breaker.passage() is Passage.BARRED:
            return self._breaker.wait_s()
        if self._paced and self._pace is not None:
            return min(LOOK_S, self._pace.wait_s())
        until_due_s = self._timetable.wait_s()
        return LOOK_S if until_due_s is None else max(0.0, min(LOOK_S, until_due_s))


_ALARMS = {Verdict.NOT_THE_CENTRE: Event.NOT_THE_CENTRE, Verdict.NOT_LET_IN: Event.NOT_LET_IN}
