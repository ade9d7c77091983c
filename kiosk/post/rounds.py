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
from kiosk.post.backoff import Breaker, Clock, Passage, Timetable, Uniform
from kiosk.post.outbox import Outbox, Status, StorageError, Waiting
from kiosk.post.outcomes import (
    PARTS_MISSING,
    QUARANTINE_PAUSE_S,
    REFUSAL_PAUSE_S,
    Action,
    NoReply,
    Reply,
    Verdict,
    belongs_in_quarantine,
    decide,
)

HEARTBEAT_S = 60.0
LOOK_S = 5.0
"""How often the outbox is looked at without being asked: nothing depends on a poke having arrived."""
SPREAD_PER_CASE_S = 5.0
SPREAD_MAX_S = 60.0
"""A restart waits up to this long, so that kiosks that lost power together do not come back together."""

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

    def heartbeat(self, status: Status) -> Reply | NoReply | None:
        """The small probe; None is success."""


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
    ) -> None:
        """`wanted` takes, from any thread, the cases somebody waits for: they go first."""
        self._outbox = outbox
        self._post = post
        self._hearers = hearers
        self._clock = clock
        self._breaker = Breaker(clock, uniform)
        self._timetable = Timetable(clock, uniform)
        self._wanted = wanted
        self._stopped = threading.Event()
        self._reachable: bool | None = None
        self._contact_at = clock() - HEARTBEAT_S
        self._scrubbed_at = clock() - _SCRUB_S
        self._unscrubbed = True
        waiting = outbox.status().queued
        if waiting:
            self._breaker.hold(uniform(0.0, min(SPREAD_MAX_S, SPREAD_PER_CASE_S * waiting)))

    def stop(self) -> None:
        """End the round after the case that is being sent. From any thread."""
        self._stopped.set()

    def round(self) -> float:
        """Send what may be sent now. Returns the seconds after which another round is worth while."""
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
            if self._stopped.is_set() or self._breaker.passage() is not Passage.OPEN:
                return
        if self._clock() >= self._contact_at + HEARTBEAT_S:
            self._beat()

    def _due(self) -> Iterator[Waiting]:
        """Cases that may be sent: those that never failed, then the others; one that is wanted in between.

        A case at which the centre breaks bars the way for all; tried first again, it would bar it for ever.
        """
        yield from self._due_and_wanted()
        for tried_before in (False, True):
            after = 0
            while case := self._outbox.next_waiting(after):
                after = case.sequence
                if self._may_go(case, tried_before=tried_before):
                    yield case
                yield from self._due_and_wanted()

    def _may_go(self, case: Waiting, *, tried_before: bool) -> bool:
        tried = self._timetable.attempts(case.sequence) > 0
        return tried is tried_before and self._timetable.due(case.sequence)

    def _due_and_wanted(self) -> Iterator[Waiting]:
        while not self._wanted.empty():
            case = self._outbox.find_waiting(self._wanted.get())
            if case is not None and self._timetable.due(case.sequence):
                yield case

    def _deliver(self, case: Waiting) -> None:
        try:
            self._act(case, decide(self._send(case)))
        except StorageError:
            # Its row cannot be read or written. That is no reason to keep the other cases waiting.
            self._timetable.postpone(case.sequence, _UNREADABLE_PAUSE_S)
            self._hearers.log(Event.CASE_UNREADABLE, case_id=case.case_id)

    def _send(self, case: Waiting) -> Reply | NoReply:
        failed = self._send_parts(case)
        if failed is not None:
            return failed
        envelope = self._outbox.envelope(case.sequence)
        reply = self._put(case, envelope)
        if isinstance(reply, Reply) and reply.problem == PARTS_MISSING:
            failed = self._send_parts(case)
            reply = self._put(case, envelope) if failed is None else failed
        return reply

    def _put(self, case: Waiting, envelope: bytes) -> Reply | NoReply:
        self._hearers.progress()
        return self._post.put_case(case.case_id, envelope)

    def _send_parts(self, case: Waiting) -> Reply | NoReply | None:
        """Send the parts that the centre does not have. None is success."""
        names = self._outbox.part_names(case.sequence)
        if not names:
            return None
        self._hearers.progress()
        present = self._post.parts_present(case.case_id)
        if not isinstance(present, frozenset):
            return present
        for name in names:
            if name in present:
                continue
            sealed = self._outbox.part(case.sequence, name)
            self._hearers.progress()
            failed = self._post.put_part(case.case_id, name, sealed)
            if failed is not None:
                return failed
        return None

    def _act(self, case: Waiting, action: Action) -> None:
        if action.receipt is not None:
            self._acknowledged(case, action.receipt.official_number)
        elif action.verdict is Verdict.REFUSED:
            self._contacted()
            self._refused(case)
        elif action.verdict is Verdict.WAIT_CASE:
            self._contacted()
            self._postpone(case, action.verdict, action.wait_s)
        else:
            self._postpone(case, action.verdict, 0.0 if action.verdict is Verdict.WAIT_ALL else None)
            self._barred(action)

    def _acknowledged(self, case: Waiting, official_number: str) -> None:
        self._outbox.receipted(case.sequence, official_number)
        self._unscrubbed = True
        self._breaker.succeeded()
        self._contacted()
        self._hearers.receipted(case.case_id, official_number)
        tries = self._timetable.attempts(case.sequence) + 1
        self._timetable.forget(case.sequence)
        self._hearers.log(Event.CASE_DELIVERED, case_id=case.case_id, tries=tries)

    def _refused(self, case: Waiting) -> None:
        refusals, since_first_s = self._outbox.refused(case.sequence)
        if case.quarantined:
            self._postpone(case, Verdict.REFUSED, QUARANTINE_PAUSE_S)
        elif belongs_in_quarantine(refusals, since_first_s):
            self._outbox.quarantine(case.sequence)
            self._timetable.postpone(case.sequence, QUARANTINE_PAUSE_S)
            self._hearers.log(Event.CASE_QUARANTINED, case_id=case.case_id, tries=refusals)
        else:
            self._postpone(case, Verdict.REFUSED, REFUSAL_PAUSE_S)

    def _postpone(self, case: Waiting, verdict: Verdict, wait_s: float | None) -> None:
        self._timetable.postpone(case.sequence, wait_s)
        tries = self._timetable.attempts(case.sequence)
        self._hearers.log(Event.CASE_POSTPONED, case_id=case.case_id, outcome=verdict.value, tries=tries)

    def _beat(self) -> bool:
        self._hearers.progress()
        failed = self._post.heartbeat(self._outbox.status())
        if failed is None:
            self._breaker.probed()
            self._contacted()
            return True
        self._barred(decide(failed))
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
        until_due_s = self._timetable.wait_s()
        return LOOK_S if until_due_s is None else max(0.0, min(LOOK_S, until_due_s))


_ALARMS = {Verdict.NOT_THE_CENTRE: Event.NOT_THE_CENTRE, Verdict.NOT_LET_IN: Event.NOT_LET_IN}
