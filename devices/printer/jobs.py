"""Print jobs: what one is, how it ended, and the memory that keeps one id one piece of paper."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flows.ports import DeviceState, PrintOutcome

REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Job:
    """A picture to print: `height` rows of `(width + 7) // 8` bytes, 1 is black, left bit first."""

    job_id: str
    width: int
    height: int
    bits: bytes
    deadline_s: float


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How it ended, and the state of the printer then."""

    outcome: PrintOutcome
    state: DeviceState


Done = Callable[[JobEnd], None]


class RecentJobs:
    """The last jobs by id. Not thread-safe: its owner holds the lock.

    A repeated id is answered with the first one's end; only a job that certainly was not printed may be tried
    again.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[Done]] = {}
        self._ended: OrderedDict[str, JobEnd] = OrderedDict()

    def begin(self, job_id: str, done: Done) -> bool:
        """True if the job must be printed now.

        Else `done` is called now or together with the running one's.
        """
        if job_id in self._waiting:
            self._waiting[job_id].append(done)
            return False
        if job_id in self._ended:
            done(self._ended[job_id])
            return False
        self._waiting[job_id] = [done]
        return True

    def end(self, job_id: str, end: JobEnd) -> list[Done]:
        """The job ended; returns who must be told."""
        if end.outcome is not PrintOutcome.NOT_PRINTED:
            self._ended[job_id] = end
            if len(self._ended) > REMEMBERED:
                self._ended.popitem(last=False)
        return self._waiting.pop(job_id, [])
