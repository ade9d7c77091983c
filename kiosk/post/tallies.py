"""Answers to the survey, as numbers of a day: the screen counts, the courier carries.

The wire is docs/reference/tallies.md. The table holds no moment, no order and nothing that joins two answers
of one person. A day is carried once it is over, at a moment drawn by chance, and erased when the
centre has it.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import apsw

from config.event_names import Event
from kiosk.post.backoff import Clock, Uniform
from kiosk.post.outbox_files import SHARED
from kiosk.post.outcomes import NoReply, Reply, Verdict, decide, silence_s
from kiosk.post.rounds import Log

RETRY_S = 900.0
MOST_COUNTS = 500
"""Of a day; the contract takes no more."""
MOST = 100_000

_BUSY_MS = 2000
# A journal that was deleted can come back after a power cut and undo the last count; one that is emptied and
# synced cannot.
_PRAGMAS = ("journal_mode = TRUNCATE", "synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tallies (
    day      TEXT NOT NULL,
    service  TEXT NOT NULL,
    question TEXT NOT NULL,
    option   TEXT NOT NULL,
    count    INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (day, service, question, option)
) STRICT, WITHOUT ROWID
"""
_COUNT = """
INSERT INTO tallies VALUES (?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET count = min(count + 1, ?)
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How often an option was chosen."""

    service: str
    question: str
    option: str
    count: int


TALLY_ERRORS = (apsw.Error, OSError)
"""What a disk that fails raises here."""


class Tallies:
    """The numbers on the disk; opened for each use, by whichever process. Raises `TALLY_ERRORS`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self, day: date, service: str, answers: Sequence[tuple[str, str]]) -> None:
        """One more of each question and option; once this returns, no power cut takes it back."""
        with closing(self._opened()) as db, db:
            for question, option in answers:
                db.execute(_COUNT, (day.isoformat(), service, question, option, MOST))

    def days_before(self, today: date) -> list[date]:
        """The days that are over and not carried yet, oldest first."""
        if not self._path.exists():
            return []
        with closing(self._opened()) as db:
            rows = db.execute(
                "SELECT DISTINCT day FROM tallies WHERE day < ? ORDER BY day", (today.isoformat(),)
            ).fetchall()
        return [date.fromisoformat(str(day)) for (day,) in rows]

    def of(self, day: date) -> list[Count]:
        """The numbers of a day."""
        with closing(self._opened()) as db:
            rows = db.execute(
                "SELECT service, question, option, count FROM tallies WHERE day = ? LIMIT ?",
                (day.isoformat(), MOST_COUNTS),
            ).fetchall()
        return [Count(str(a), str(b), str(c), int(str(n))) for a, b, c, n in rows]

    def erase(self, day: date) -> None:
        """Forget a day."""
        with closing(self._opened()) as db, db:
            db.execute("DELETE FROM tallies WHERE day = ?", (day.isoformat(),))

    def _opened(self) -> apsw.Connection:
        self._path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, SHARED))
        db = apsw.Connection(str(self._path))
        try:
            db.set_busy_timeout(_BUSY_MS)
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}").fetchall()
            db.execute(_SCHEMA)
        except BaseException:
            db.close()
            raise
        return db


class Counters(Protocol):
    """The centre, as far as tallies need it; `kiosk.post.central.Central` is one."""

    def put_tallies(self, day: date, counts: Sequence[Count]) -> NoReply | Reply | None:
        """Replace what it has of a day. None is success."""


class TallyCarrier:
    """Carries the numbers of days that are over. For the thread that makes the rounds."""

    def __init__(
        self,
        tallies: Tallies,
        centre: Counters,
        log: Log,
        clock: Clock,
        today: Callable[[], date],
        uniform: Uniform,
        within_s: float,
    ) -> None:
        """A day is carried up to `within_s` after its end, or after a start of the courier."""
        self._tallies = tallies
        self._centre = centre
        self._log = log
        self._clock = clock
        self._today = today
        self._uniform = uniform
        self._within_s = within_s
        self._due: dict[date, float] = {}
        self._next = clock()

    def attend(self, *, may_call: bool) -> float:
        """Carry what is due. Returns for how many seconds the centre asks to be left alone, or 0."""
        now = self._clock()
        if not may_call or now < self._next:
            return 0.0
        self._next = now + RETRY_S
        with suppress(*TALLY_ERRORS, ValueError):  # numbers that cannot be read are no reason to stop
            for day in self._tallies.days_before(self._today()):
                due = self._due.setdefault(day, now + self._uniform(0.0, self._within_s))
                if now >= due:
                    return self._carry(day)
        return 0.0

    def _carry(self, day: date) -> float:
        answer = self._centre.put_tallies(day, self._tallies.of(day))
        refused = answer is not None and decide(answer).verdict is Verdict.REFUSED
        self._log(Event.TALLIES_CARRIED, outcome=_word(answer, refused=refused))
        if answer is None or refused:  # what the centre does not take today it takes on no other day
            self._tallies.erase(day)
            self._due.pop(day, None)
            return 0.0
        return silence_s(answer)


def _word(answer: NoReply | Reply | None, *, refused: bool) -> str:
    if answer is None:
        return "answered"
    return "refused" if refused else "unreachable"
