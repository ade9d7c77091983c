"""The courier process: carries sealed cases to the centre and erases what the centre has acknowledged.

A worker thread makes the rounds; the main thread keeps the desk. Killed at any moment it goes on where the
outbox says, because the centre takes the same case twice as one. It holds no key that opens an envelope.
"""

import asyncio
import contextlib
import queue
import random
import signal
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import TypeVar
from uuid import UUID

from config.event_names import Event
from config.log import configure, log
from config.settings import Settings
from kiosk import notify
from kiosk.crash import end_on_exceptions
from kiosk.post.central import Central
from kiosk.post.desk import Desk, Inside
from kiosk.post.outbox import Outbox, OutboxFault, OutboxProblem, Status, StorageError
from kiosk.post.rounds import Hearers, Rounds

_Answer = TypeVar("_Answer")

_MB = 1_000_000
_REOPEN_S = 5.0
_END_S = 2.0
_HANG_MARGIN_S = 10.0


def run(settings: Settings) -> int:
    """Carry until SIGTERM or SIGINT. Returns the exit status."""
    configure("courier")
    # A worker that died of a bug must not leave a desk behind that says all is well.
    end_on_exceptions(lambda kind, place: log(Event.PROCESS_FAILED, exception=kind, place=place))
    asyncio.run(_serve(settings))
    log(Event.PROCESS_STOPPED)
    return 0


async def _serve(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    worker = Worker(settings)
    teller = _Teller(settings)
    desk = Desk(Inside(teller.status, worker.is_reachable, teller.official_number, worker.poke))

    def tell(words: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the end has begun, and the loop is closed
            loop.call_soon_threadsafe(words, *arguments)

    def receipted(case_id: UUID, official_number: str) -> None:
        tell(desk.tell_receipted, case_id, official_number)

    def reachable(now: bool) -> None:
        worker.reachable = now
        tell(desk.tell_status)

    async with await desk.open(settings.paths.courier_socket):
        worker.start(Hearers(receipted, reachable, log, worker.progress))
        notify.ready()
        log(Event.PROCESS_STARTED, version=version("report-kiosk"))
        feeder = loop.create_task(_feed_watchdog(worker))
        await stopping.wait()
        notify.stopping()
        feeder.cancel()
        desk.close()
        # A call in flight may take its whole deadline. Nothing is lost by not waiting for it.
        await asyncio.to_thread(worker.stop, _END_S)
    teller.close()


async def _feed_watchdog(worker: "Worker") -> None:
    interval_s = notify.watchdog_interval_s()
    while interval_s is not None:
        if not worker.hangs():
            notify.alive()
        await asyncio.sleep(interval_s)


class Worker:
    """Makes rounds in a thread of its own, on an outbox that may fail and come back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._busy_since: float | None = None
        self._hang_s = settings.centre.deadline_s + _HANG_MARGIN_S
        self._wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        self._rounds: Rounds | None = None
        self._thread: threading.Thread | None = None
        self.reachable = False

    def start(self, hearers: Hearers) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, args=(hearers,), name="rounds", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Ask for the end and wait for it at most `timeout_s`."""
        self._stopped.set()
        if self._rounds is not None:
            self._rounds.stop()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def poke(self, case_id: UUID | None) -> None:
        """Look at the outbox now; at `case_id` first."""
        if case_id is not None:
            self._wanted.put(case_id)
        self._wake.set()

    def is_reachable(self) -> bool:
        """Whether the last call to the centre succeeded."""
        return self.reachable

    def progress(self) -> None:
        """A step begins that takes at most one deadline."""
        self._busy_since = time.monotonic()

    def hangs(self) -> bool:
        """Whether a step takes longer than any step can."""
        since = self._busy_since
        return since is not None and time.monotonic() > since + self._hang_s

    def _run(self, hearers: Hearers) -> None:
        settings = self._settings
        central = Central(
            settings.centre.url, settings.paths.keys, settings.kiosk_number, settings.centre.deadline_s
        )
        while not self._stopped.is_set():
            outbox = Outbox.open(settings.paths.outbox, settings.post.quota_mb * _MB)
            if isinstance(outbox, OutboxProblem):
                hearers.log(Event.STORAGE_FAILED, fault=outbox.fault.value)
            else:
                with contextlib.closing(outbox):
                    self._carry(outbox, central, hearers)
            self._stopped.wait(_REOPEN_S)
        central.close()

    def _carry(self, outbox: Outbox, central: Central, hearers: Hearers) -> None:
        """Make rounds until the end, or until the outbox fails."""
        try:
            self._rounds = Rounds(outbox, central, self._wanted, hearers, time.monotonic, random.uniform)
            while not self._stopped.is_set():
                # Cleared before the round: a poke during it means another one.
                self._wake.clear()
                self.progress()
                pause_s = self._rounds.round()
                self._busy_since = None
                self._wake.wait(pause_s)
        except StorageError:
            hearers.log(Event.STORAGE_FAILED, fault=OutboxFault.UNAVAILABLE.value)
        finally:
            self._rounds = None
            self._busy_since = None


class _Teller:
    """The desk's own view of the outbox; answers None while it cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._outbox: Outbox | None = None

    def status(self) -> Status | None:
        """Counts and ages."""
        return self._read(Outbox.status)

    def official_number(self, case_id: UUID) -> str | None:
        """The number of a case the centre has."""
        return self._read(lambda outbox: outbox.official_number(case_id))

    def close(self) -> None:
        """Close the outbox."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def _read(self, question: Callable[[Outbox], _Answer | None]) -> _Answer | None:
        if self._outbox is None:
            outbox = Outbox.open(self._settings.paths.outbox, self._settings.post.quota_mb * _MB)
            if isinstance(outbox, OutboxProblem):
                return None
            self._outbox = outbox
        try:
            return question(self._outbox)
        except StorageError:
            self.close()
            return None
