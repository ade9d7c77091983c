"""Answers of the last minutes, so that a question whose answer was lost on the line gets the same one again.

A check works once. Without this, a kiosk that never got the answer could only be told that nothing matches.
Answers are kept as they were sent, sealed to the visitor; nothing here can be read. They are kept in memory:
a centre that begins anew forgets them, and the visitor asks for another check.
"""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

KEPT = dt.timedelta(minutes=10)
"""As long as a check works."""
MOST = 10_000
"""About 30 MB. Beyond it the oldest is forgotten first."""

Asked = tuple[int, UUID, bytes]
"""Kiosk, id and SHA-256 of a sealed question: what makes it the same one."""


def asked(kiosk: int, enquiry: UUID, sealed: str) -> Asked:
    """What names this question."""
    return kiosk, enquiry, hashlib.sha256(sealed.encode("utf-8", "surrogatepass")).digest()


@dataclass(slots=True)
class Answered:
    """For all threads of a centre."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _answers: dict[Asked, tuple[dt.datetime, Future[str]]] = field(default_factory=dict)
    """The oldest first."""

    def once(self, question: Asked, now: dt.datetime, answer: Callable[[], str]) -> str:
        """What `answer` gave when this question first came; if it comes twice at once, the second waits.

        What `answer` raises is raised to both and not remembered.
        """
        with self._lock:
            self._forget(now)
            at_once = Future[str]()
            promised = self._answers.setdefault(question, (now, at_once))[1]
        if promised is at_once:
            self._fulfil(question, at_once, answer)
        return promised.result()

    def _fulfil(self, question: Asked, promised: Future[str], answer: Callable[[], str]) -> None:
        try:
            promised.set_result(answer())
        except BaseException as error:
            with self._lock:
                self._answers.pop(question, None)
            promised.set_exception(error)
            raise

    def _forget(self, now: dt.datetime) -> None:
        """With the lock held. An answer from the future was given before the clock was set back."""
        for question, (at, _) in list(self._answers.items()):
            if at <= now < at + KEPT and len(self._answers) < MOST:
                return
            del self._answers[question]
