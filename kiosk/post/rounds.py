"""What the courier does, round after round: a probe where the way is barred, then every case that is due.

Single-threaded and without sockets of its own; time, chance and the centre are given to it.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

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
SPREAD_PER_CASE_S = 5.0
SPREAD_MAX_S = 60.0
"""A restart waits up to this long, so that kiosks that lost power together do not come back together."""

_UNREADABLE_PAUSE_S = 900.0
_SCRUB_S = 5.0


class Notice(StrEnum):
    """What the courier says of its work. Never personal data: a case is named by its sequence number."""

    DELIVERED = "delivered"
    POSTPONED = "postponed"
    QUARANTINED = "quarantined"
    UNREADABLE = "unreadable"
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    NOT_THE_CENTRE = "not_the_centre"
    NOT_LET_IN = "not_let_in"
    OUTBOX_UNUSABLE = "outbox_unusable"


Facts = Mapping[str, str | int]


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


@dataclass(frozen=True, slots=True)
class Hearers:
    """Whom the rounds tell, in their own thread. Must be quick and never raise."""

    receipted: Callable[[UUID, str], None]
    reachable: Callable[[bool], None]
    notice: Callable[[Notice, Facts], None]
    progress: Callable[[], None]
    """Called before each call to the centre, so that a hang is noticed."""


class Rounds:
    """Sends the cases of `outbox` to `post`. What the outbox cannot do at all raises `StorageError`."""

    def __init__(self, outbox: Outbox, post: Post, hearers: Hearers, clock: Clock, uniform: Uniform) -> None:
        self._outbox = outbox
        self._post = post
        self._hearers = hearers
        self._clock = clock
        self._breaker = Breaker(clock, uniform)
        self._timetable = Timetable(clock, uniform)
        self._wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._reachable: bool | None = None
        self._contact_at = clock() - HEARTBEAT_S
        self._scrubbed_at = clock() - _SCRUB_S
        self._unscrubbed = True
        waiting = outbox.status().queued
        if waiting:
            self._breaker.hold(uniform(0.0, min(SPREAD_MAX_S, SPREAD_PER_CASE_S * waiting)))

    def want(self, case_id: UUID) -> None:
        """Somebody waits for this case: it goes first. From any thread."""
        self._wanted.put(case_id)

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
        """Cases that may be sent, in their order; one that somebody waits for comes in between."""
        after = 0
        while True:
            yield from self._due_and_wanted()
            case = self._outbox.next_waiting(after)
            if case is None:
                return
            after = case.sequence
            if self._timetable.due(case.sequence):
                yield case

    def _due_and_wanted(self) -> Iterator[Waiting]:
        while not self._wanted.empty():
            case = self._outbox.find_waiting(self._wanted.get())
            if case is not None and self._timetable.due(case.sequence):
                yield case

    def _deliver(self, case: Waiting) -> None:
        try:
            self._act(case, decide(self._send(case)))
        except StorageError as error:
            # Its row cannot be read or written. That is no reason to keep the other cases waiting.
            self._timetable.postpone(case.sequence, _UNREADABLE_PAUSE_S)
            self._notice(Notice.UNREADABLE, case, reason=str(error))

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
            self._timetable.postpone(case.sequence, action.wait_s)
            self._notice(Notice.POSTPONED, case)
        else:
            self._timetable.postpone(case.sequence, 0.0 if action.verdict is Verdict.WAIT_ALL else None)
            self._barred(action)

    def _acknowledged(self, case: Waiting, official_number: str) -> None:
        self._outbox.receipted(case.sequence, official_number)
        self._unscrubbed = True
        self._timetable.forget(case.sequence)
        self._breaker.succeeded()
        self._contacted()
        self._hearers.receipted(case.case_id, official_number)
        self._notice(Notice.DELIVERED, case)

    def _refused(self, case: Waiting) -> None:
        refusals, since_first_s = self._outbox.refused(case.sequence)
        if case.quarantined or not belongs_in_quarantine(refusals, since_first_s):
            self._timetable.postpone(
                case.sequence, QUARANTINE_PAUSE_S if case.quarantined else REFUSAL_PAUSE_S
            )
            self._notice(Notice.POSTPONED, case, refusals=refusals)
            return
        self._outbox.quarantine(case.sequence)
        self._timetable.postpone(case.sequence, QUARANTINE_PAUSE_S)
        self._notice(Notice.QUARANTINED, case, refusals=refusals)

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
            self._hearers.notice(_ALARMS[action.verdict], {})

    def _set_reachable(self, *, now: bool) -> None:
        if now is not self._reachable:
            self._reachable = now
            self._hearers.reachable(now)
            self._hearers.notice(Notice.REACHABLE if now else Notice.UNREACHABLE, {})

    def _scrub(self, not_before: float = 0.0) -> None:
        if self._unscrubbed and self._clock() >= not_before:
            self._unscrubbed = not self._outbox.scrub()
            self._scrubbed_at = self._clock()

    def _pause_s(self) -> float:
        if self._breaker.passage() is Passage.BARRED:
            return self._breaker.wait_s()
        pauses = [self._contact_at + HEARTBEAT_S - self._clock(), self._timetable.wait_s()]
        if self._unscrubbed:
            pauses.append(_SCRUB_S)
        return max(0.0, min(pause for pause in pauses if pause is not None))

    def _notice(self, notice: Notice, case: Waiting, **facts: str | int) -> None:
        self._hearers.notice(notice, {"sequence": case.sequence, **facts})


_ALARMS = {Verdict.NOT_THE_CENTRE: Notice.NOT_THE_CENTRE, Verdict.NOT_LET_IN: Notice.NOT_LET_IN}
