"""The courier process: carries sealed cases to the centre and erases what the centre has acknowledged.

A worker thread makes the rounds and looks after the keys, another carries visitors' questions; the main
thread keeps the desk. Killed at any moment it goes on where the outbox says, because the centre takes the
same case twice as one. It holds no key that opens an envelope.
"""

import asyncio
import contextlib
import math
import queue
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from config.event_names import Event
from config.log import configure, log
from config.settings import Settings
from kiosk import notify
from kiosk.crash import end_on_exceptions
from kiosk.post.backoff import Pace
from kiosk.post.central import MAX_BODY, Central, deadline_for
from kiosk.post.desk import Desk, Inside
from kiosk.post.doubt import Doubt
from kiosk.post.duties import Duties, KeyDirectory, key_state
from kiosk.post.enquirer import DEADLINE_S, Enquirer
from kiosk.post.identity import load_first_sequence
from kiosk.post.keys import KeyProblem
from kiosk.post.network import Way
from kiosk.post.network import check as check_network
from kiosk.post.outbox import Outbox, OutboxFault, OutboxProblem, Status, StorageError
from kiosk.post.pack_ledger import heartbeat_facts
from kiosk.post.packs import FetchedBundle, PackFetcher, both
from kiosk.post.report import Hop, Report
from kiosk.post.rounds import Hearers, Rounds, State
from kiosk.post.salvage import SalvageFault, SalvageProblem, salvage
from kiosk.post.tallies import Tallies, TallyCarrier
from kiosk.post.uploads import Uploads

_Answer = TypeVar("_Answer")

_MB = 1_000_000
_REOPEN_S = 5.0
_SALVAGE_AGAIN_S = 900.0
_END_S = 2.0
_HANG_MARGIN_S = 10.0
_BURST = 10
"""Cases of a backlog that go at once, before the pace of a drain holds them."""


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
    teller = _Teller(settings, worker.doubt)
    enquirer_deadline_s = min(DEADLINE_S, settings.centre.deadline_s)
    enquirer = Enquirer(central(settings), time.monotonic, log, enquirer_deadline_s)

    fetched = FetchedBundle(settings.paths.fetched_packs, settings.paths.keys)
    packs = PackFetcher(central(settings), fetched, log, time.monotonic)

    uploads = Uploads(lambda: central(settings), log)

    def report() -> Report:
        return _report(settings, teller.status(), worker.state())

    def look_at_network(reported: Callable[[list[Hop]], None]) -> None:
        way = Way(settings.centre.url, settings.paths.keys, settings.kiosk_number)
        threading.Thread(target=lambda: reported(check_network(way)), name="network", daemon=True).start()

    desk = Desk(
        Inside(
            report,
            teller.official_number,
            worker.poke,
            enquirer.ask,
            look_at_network,
            stopping.set,
            uploads,
        )
    )

    def tell(words: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the end has begun, and the loop is closed
            loop.call_soon_threadsafe(words, *arguments)

    def receipted(case_id: UUID, official_number: str) -> None:
        tell(desk.tell_receipted, case_id, official_number)

    def reachable(_now: bool) -> None:
        tell(desk.tell_status)

    async with await desk.open(settings.paths.courier_socket):
        enquirer.start()
        packs.start()
        heard = both(worker.duties.heard, packs.heard)
        worker.start(Hearers(receipted, reachable, log, worker.progress, heard))
        notify.ready()
        log(Event.PROCESS_STARTED, version=version("report-kiosk"))
        feeder = loop.create_task(_feed_watchdog(worker))
        await stopping.wait()
        notify.stopping()
        feeder.cancel()
        uploads.stop()
        desk.close()
        # A call in flight may take its whole deadline. Nothing is lost by not waiting for it.
        await asyncio.to_thread(worker.stop, _END_S)
        enquirer.stop(0.0)
        packs.stop(0.0)
    teller.close()


def central(settings: Settings) -> Central:
    """A line of its own to the centre of this kiosk."""
    centre, keys = settings.centre, settings.paths.keys
    told = partial(heartbeat_facts, settings.paths.packs)
    return Central(
        centre.url, keys, settings.kiosk_number, centre.deadline_s, version("report-kiosk"), told=told
    )


def _report(settings: Settings, status: Status | None, state: State | None) -> Report:
    keys = key_state(KeyDirectory(settings.paths.keys), time.time())
    report = Report(
        certificate_days=keys.certificate_days,
        key_set_version=keys.key_set_version,
        key_set_expired=keys.key_set_expired,
        drain_per_minute=settings.post.drain_per_minute,
    )
    if status is not None:
        report = replace(
            report,
            queued=status.queued,
            quarantined=status.quarantined,
            oldest_age_s=status.oldest_age_s,
        )
    if state is not None:
        report = replace(
            report,
            reachable=state.reachable,
            sending=None if state.sending is None else asdict(state.sending),
            breaker=state.passage.value,
            next_try_s=math.ceil(state.next_try_s),
            contact_age_s=_whole(state.contact_age_s),
            problem=state.problem,
            problem_age_s=_whole(state.problem_age_s),
        )
    return report


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


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
        self._hang_s = deadline_for(MAX_BODY, settings.centre.deadline_s) + _HANG_MARGIN_S
        self._wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        self._rounds: Rounds | None = None
        self._thread: threading.Thread | None = None
        self._central = central(settings)
        self._salvage_at = 0.0
        self.doubt = Doubt(settings.paths.outbox)
        keys = KeyDirectory(settings.paths.keys)
        self.tallies = TallyCarrier(
            Tallies(settings.paths.tallies),
            self._central,
            log,
            time.monotonic,
            self._today,
            random.uniform,
            settings.post.tallies_within_s,
        )
        self.duties = Duties(keys, settings.kiosk_number, self._central, log, time.monotonic, time.time)

    def _today(self) -> date:
        """The kiosk's own day, by which the screen counts."""
        return datetime.now(ZoneInfo(self._settings.time_zone)).date()

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

    def state(self) -> State | None:
        """How sending goes; None while the outbox cannot be used."""
        rounds = self._rounds
        return None if rounds is None else rounds.state()

    def progress(self) -> None:
        """A step begins that takes at most one deadline."""
        self._busy_since = time.monotonic()

    def hangs(self) -> bool:
        """Whether a step takes longer than any step can."""
        since = self._busy_since
        return since is not None and time.monotonic() > since + self._hang_s

    def _run(self, hearers: Hearers) -> None:
        while not self._stopped.is_set():
            outbox = _open(self._settings, self.doubt)
            if isinstance(outbox, OutboxProblem) and outbox.fault is OutboxFault.DAMAGED:
                outbox = self._salvaged(outbox, hearers)
            if isinstance(outbox, OutboxProblem):
                hearers.log(Event.STORAGE_FAILED, fault=outbox.fault.value)
            else:
                with contextlib.closing(outbox):
                    self._carry(outbox, hearers)
            self._stopped.wait(_REOPEN_S)
        self._central.close()

    def _salvaged(self, problem: OutboxProblem, hearers: Hearers) -> Outbox | OutboxProblem:
        """Salvage without being asked: until then the kiosk takes no reports."""
        if time.monotonic() < self._salvage_at:
            return problem
        result = salvage(problem.path, self._settings.kiosk_number)
        if isinstance(result, SalvageProblem):
            hearers.log(Event.OUTBOX_NOT_SALVAGED, fault=result.fault.value)
            if result.fault is not SalvageFault.IN_USE:  # it takes a person
                self._salvage_at = time.monotonic() + _SALVAGE_AGAIN_S
            return problem
        if result.aside is not None:
            hearers.log(
                Event.OUTBOX_SALVAGED,
                cases=result.cases,
                incomplete=len(result.incomplete),
                unproven=len(result.unproven),
                chain_kept=result.chain_kept,
            )
        return _open(self._settings, self.doubt)

    def _carry(self, outbox: Outbox, hearers: Hearers) -> None:
        """Make rounds until the end, or until the outbox fails."""
        try:
            pace = Pace(self._settings.post.drain_per_minute, _BURST, time.monotonic)
            self._rounds = rounds = Rounds(
                outbox, self._central, self._wanted, hearers, time.monotonic, random.uniform, pace
            )
            while not self._stopped.is_set() and not outbox.known_damaged:
                # Cleared before the round: a poke during it means another one.
                self._wake.clear()
                self.progress()
                pause_s = rounds.round()
                self.progress()
                attend(self.duties, rounds)
                attend(self.tallies, rounds)
                self._busy_since = None
                self._wake.wait(pause_s)
        except StorageError:
            hearers.log(Event.STORAGE_FAILED, fault=OutboxFault.UNAVAILABLE.value)
        finally:
            self._rounds = None
            self._busy_since = None


def attend(duties: Duties | TallyCarrier, rounds: Rounds) -> None:
    """What follows each round. Both use one line, and what the centre asks of one it asks of both."""
    silence_s = duties.attend(may_call=rounds.may_call())
    if silence_s:
        rounds.leave_alone(silence_s)


def _open(settings: Settings, doubt: Doubt) -> Outbox | OutboxProblem:
    try:
        first_sequence = load_first_sequence(settings.paths.keys)
    except KeyProblem:
        return OutboxProblem(settings.paths.outbox, OutboxFault.UNAVAILABLE)
    quota = settings.post.quota_mb * _MB
    return Outbox.open(settings.paths.outbox, quota, first_sequence=first_sequence, doubt=doubt)


class _Teller:
    """The desk's own view of the outbox; answers None while it cannot be read."""

    def __init__(self, settings: Settings, doubt: Doubt) -> None:
        self._settings = settings
        self._doubt = doubt
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
        if self._outbox is not None and self._outbox.known_damaged:
            self.close()
        if self._outbox is None:
            outbox = _open(self._settings, self._doubt)
            if isinstance(outbox, OutboxProblem):
                return None
            self._outbox = outbox
        try:
            return question(self._outbox)
        except StorageError:
            self.close()
            return None
