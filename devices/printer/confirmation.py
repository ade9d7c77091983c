"""How far a printer has come with what was sent to it."""

import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

from config.settings import PrintConfirmation
from devices.printer import raster
from devices.printer.profile import Profile
from devices.printer.status import PaperSensor, ProcessDone, Reply

PACE = 0.3
"""Of the speed on the data sheet: what a printer that confirms nothing is taken to reach at least."""


class Confirmation(Protocol):
    """Counts what was sent and what is done."""

    trusted: bool
    """The printer says so itself; else it is reckoned by time and proves nothing."""
    counted: bool
    """Answers carry no number, so that a doubled one could pass for the next."""

    def request(self, rows: int) -> bytes:
        """Command that makes the printer confirm all sent before it, the last of it `rows` rows high."""

    def hear(self, reply: Reply) -> None:
        """Take a reply."""

    @property
    def outstanding(self) -> int:
        """Requests that are not confirmed yet."""

    @property
    def doubtful(self) -> bool:
        """There were more answers than requests: none of them counts."""

    def forgive(self) -> None:
        """Start counting anew."""


class ProcessIds:
    """Confirmation by GS ( H. The printer may skip ids, never change their order."""

    trusted = True
    counted = False
    doubtful = False

    def __init__(self, ids: Iterator[int]) -> None:
        """`ids` go on from connection to connection: a late answer to an earlier one is no answer to this."""
        self._sent: list[int] = []
        self._ids = ids

    def request(self, rows: int) -> bytes:  # noqa: ARG002  # the printer knows how long it takes
        """GS ( H with the next id."""
        number = next(self._ids) % 10_000
        self._sent.append(number)
        return raster.process_id(number)

    def hear(self, reply: Reply) -> None:
        """An id is done, and all before it."""
        if isinstance(reply, ProcessDone) and reply.number in self._sent:
            del self._sent[: self._sent.index(reply.number) + 1]

    @property
    def outstanding(self) -> int:
        """Ids that were not answered."""
        return len(self._sent)

    def forgive(self) -> None:
        """Nothing is outstanding."""
        self._sent.clear()


class PaperSensors:
    """Confirmation by GS r: counted, because its answers carry no number."""

    trusted = True
    counted = True

    def __init__(self) -> None:
        self._outstanding = 0
        self._surplus = False

    def request(self, rows: int) -> bytes:  # noqa: ARG002  # the printer knows how long it takes
        """GS r 1."""
        self._outstanding += 1
        return raster.PAPER_SENSOR

    def hear(self, reply: Reply) -> None:
        """One more is done, if one was asked for."""
        if isinstance(reply, PaperSensor):
            self._surplus = self._surplus or not self._outstanding
            self._outstanding = max(0, self._outstanding - 1)

    @property
    def outstanding(self) -> int:
        """Questions without an answer."""
        return self._outstanding

    @property
    def doubtful(self) -> bool:
        """An answer came that nobody had asked for."""
        return self._surplus

    def forgive(self) -> None:
        """Nothing is outstanding, nothing was too many."""
        self._outstanding = 0
        self._surplus = False


class Pace:
    """No confirmation at all: what was sent is taken for done after the time a slow printer needs."""

    trusted = False
    counted = False
    doubtful = False

    def __init__(self, rows_per_s: float, clock: Callable[[], float]) -> None:
        self._rows_per_s = rows_per_s
        self._clock = clock
        self._done_at: list[float] = []

    def request(self, rows: int) -> bytes:
        """No command; the rows are reckoned."""
        begins = max([self._clock(), *self._done_at[-1:]])
        self._done_at.append(begins + rows / self._rows_per_s)
        return b""

    def hear(self, reply: Reply) -> None:
        """Nothing it says is a confirmation."""

    @property
    def outstanding(self) -> int:
        """What needs more time."""
        now = self._clock()
        self._done_at = [at for at in self._done_at if at > now]
        return len(self._done_at)

    def forgive(self) -> None:
        """Nothing is outstanding."""
        self._done_at.clear()


def confirmation_of(profile: Profile, ids: Iterator[int], clock: Callable[[], float]) -> Confirmation:
    """How this printer confirms, from a fresh connection on."""
    if profile.confirmation is PrintConfirmation.PROCESS_ID:
        return ProcessIds(ids)
    if profile.confirmation is PrintConfirmation.PAPER_SENSOR:
        return PaperSensors()
    return Pace(profile.speed_mm_s * profile.dots_per_mm * PACE, clock)


def process_ids(clock: Callable[[], float]) -> Iterator[int]:
    """Ids for the life of a process; they begin elsewhere in every process."""
    return itertools.count(int(clock() * 1000) % 10_000)
