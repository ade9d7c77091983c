"""Carries visitors' sealed questions to the centre at once, beside the cases and never in their way.

A question is not kept: who asks stands at the screen, and asks again. It has a thread, a connection and a
short deadline of its own, so that neither sixty megabytes of photos nor a dead line lets a visitor wait long.
"""

import queue
import re
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from config.event_names import Event
from kiosk.post.backoff import Clock, Pace
from kiosk.post.enquiry import SealedQuestion
from kiosk.post.outcomes import Failure, NoReply, Reply, Verdict, decide, silence_s
from kiosk.post.rounds import Log

DEADLINE_S = 8.0
"""For both tries of a question together."""
PER_MINUTE = 6.0
BURST = 12
"""More than visitors of one kiosk ask; the centre has limits of its own."""
LONGEST_SEALED = 6000
"""Base64 characters; a question in the larger suite has 3,000."""
_WAITING = 4
_FIRST_TRY = 0.6
"""The share of the deadline after which the first try is given up for a second one."""
_LOST = {NoReply(Failure.TIMED_OUT), NoReply(Failure.BROKEN_OFF)}
"""The centre may have answered, and a check works once: only the same question gets its answer again."""
_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class Unanswered(StrEnum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TOO_OFTEN = "too_often"


def parse(asked: Mapping[str, Any]) -> SealedQuestion:
    """The question in the members `id`, `kid` and `sealed`. Raises ValueError, KeyError or TypeError."""
    enquiry_id, kid, sealed = UUID(str(asked["id"])), asked["kid"], asked["sealed"]
    if not _KID.fullmatch(kid) or len(sealed) > LONGEST_SEALED or not _BASE64.fullmatch(sealed):
        raise ValueError("not a sealed question")
    return SealedQuestion(enquiry_id, kid, sealed)


class Enquiries(Protocol):
    """The centre, as far as enquiries need it; `kiosk.post.central.Central` is one."""

    def enquire(self, enquiry_id: UUID, kid: str, sealed: str, deadline_s: float) -> Reply | NoReply | str:
        """Carry a question; a str is its sealed answer."""

    def close(self) -> None:
        """Let go of the connection."""


Reported = Callable[[str | Unanswered], None]
"""Takes the sealed answer, or why there is none."""


class Enquirer:
    """A thread that carries one question after the other."""

    def __init__(self, centre: Enquiries, clock: Clock, log: Log, deadline_s: float = DEADLINE_S) -> None:
        self._centre = centre
        self._clock = clock
        self._log = log
        self._deadline_s = deadline_s
        self._silent_until = clock()
        self._silent_because = Unanswered.TOO_OFTEN
        self._pace = Pace(PER_MINUTE, BURST, clock)
        self._questions: queue.Queue[tuple[SealedQuestion, Reported] | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._run, name="enquirer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self, question: SealedQuestion, reported: Reported) -> None:
        """Carry `question`; `reported` is called once, perhaps in another thread. Never blocks."""
        try:
            if self._pace.take():
                self._questions.put_nowait((question, reported))
                return
        except queue.Full:
            pass
        reported(Unanswered.TOO_OFTEN)

    def stop(self, timeout_s: float) -> None:
        """End after the call that is being made, and wait for that at most `timeout_s`."""
        try:
            self._questions.put_nowait(None)
        except queue.Full:
            return  # a daemon thread
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (entry := self._questions.get()) is not None:
            question, reported = entry
            outcome = self._outcome(question)
            self._log(Event.ENQUIRY_ENDED, outcome=outcome if isinstance(outcome, Unanswered) else "answered")
            reported(outcome)
        self._centre.close()

    def _outcome(self, question: SealedQuestion) -> str | Unanswered:
        if self._clock() < self._silent_until:
            return self._silent_because
        answer = self._carry(question)
        if isinstance(answer, str):
            return answer
        self._silent_until = self._clock() + silence_s(answer)
        self._silent_because = why(answer)
        return self._silent_because

    def _carry(self, question: SealedQuestion) -> Reply | NoReply | str:
        """Ask, and ask the same again if the answer may have been lost."""
        end = self._clock() + self._deadline_s
        answer = self._try(question, self._deadline_s * _FIRST_TRY)
        return self._try(question, end - self._clock()) if answer in _LOST else answer

    def _try(self, question: SealedQuestion, deadline_s: float) -> Reply | NoReply | str:
        return self._centre.enquire(question.enquiry_id, question.kid, question.sealed, deadline_s)


def why(reply: Reply | NoReply) -> Unanswered:
    """Why a visitor gets no answer, by the same table that judges cases."""
    if isinstance(reply, Reply) and reply.status == 429:
        return Unanswered.TOO_OFTEN
    refused = {Verdict.REFUSED, Verdict.WAIT_CASE, Verdict.NOT_LET_IN}
    return Unanswered.REFUSED if decide(reply).verdict in refused else Unanswered.UNREACHABLE
