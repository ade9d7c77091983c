"""Everything a technician may ask, as functions that take their time. None of them can read a report."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from config.event_names import Event
from config.events import Level
from config.log import log
from config.settings import Settings
from devices import inspection
from flows.ports import Device
from kiosk.maintenance import bundle, checks, courier, events, upkeep
from kiosk.maintenance.access import Access, Denied, Derive, Entered, Floor, Place, Reason
from kiosk.maintenance.credentials import derive, load_trust
from kiosk.maintenance.facts import facts
from kiosk.maintenance.ledger import Judgement, Kind, Ledger, LedgerError

Answer = dict[str, Any]

NOT_WRITTEN: Answer = {"event": "failed", "reason": "not_written"}


class Process(StrEnum):
    """What can be started again beside single devices."""

    SCREEN = "screen"
    DEVICES = "devices"
    COURIER = "courier"
    MAINTENANCE = "maintenance"


class Office:
    """For any thread. `wall` and `boottime` give seconds; `end` begins the end of this process."""

    def __init__(
        self,
        settings: Settings,
        end: Callable[[], None],
        wall: Callable[[], float] = time.time,
        boottime: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        derive_pin: Derive = derive,
    ) -> None:
        self._settings = settings
        self._end = end
        self._wall = wall
        self._boottime = boottime
        self._derive = derive_pin
        self._opening = threading.Lock()
        self._opened: tuple[Ledger, Floor, Access] | None = None

    def close(self) -> None:
        """Close the records."""
        if self._opened is not None:
            self._opened[0].close()

    def keep_time(self) -> None:
        """Write down how late it is at least."""
        with contextlib.suppress(LedgerError):
            self._records()[1].keep()

    # --- the door ---

    def door(self) -> Answer:
        """Which kiosk this is, and how long nobody may guess."""
        try:
            wait_s = self._records()[2].wait_s()
        except LedgerError:
            wait_s = 0
        return {"event": "door", "kiosk": f"{self._settings.kiosk_number:04d}", "wait_s": wait_s}

    def enter(self, credential: str, pin: str, *, by_pass: bool) -> Entered | Denied:
        """Let somebody in, or not. Without records nobody is let in: guesses could not be counted."""
        try:
            access = self._records()[2]
            outcome = access.by_pass(credential, pin) if by_pass else access.by_code(credential, pin)
        except LedgerError:
            log(Event.MAINTENANCE_RECORDS_FAILED)
            outcome = Denied(Reason.LOCKED)
        if isinstance(outcome, Entered):
            log(Event.MAINTENANCE_ENTERED, by=outcome.means.value)
        else:
            log(Event.MAINTENANCE_DENIED, reason=outcome.reason.value)
        return outcome

    def findings(self) -> Answer:
        """What works and what does not."""
        found = checks.examine(self._settings)
        return {"event": "findings", "findings": [asdict(finding) for finding in found]}

    # --- inside ---

    def devices(self) -> Answer:
        """Live state of each device with its history."""
        found = checks.inspected_devices(self._settings)
        members = ("device", "state", "facts", "history")
        told = [{name: asdict(one)[name] for name in members} for one in found]
        return {"event": "devices", "devices": told}

    def restart(self, what: str) -> Answer | None:
        """Have a device or a process start again; None for what is neither."""
        if what in tuple(Device):
            done = self._restart_device(Device(what))
        elif what in tuple(Process):
            done = self._restart_process(Process(what))
        else:
            return None
        log(Event.RESTART_ASKED, part=what, done=done)
        return {"event": "restarted", "what": what, "done": done}

    def _restart_device(self, device: Device) -> bool:
        try:
            inspection.restart(self._settings.paths.devices_socket, device)
        except OSError:
            return False
        return True

    def _restart_process(self, process: Process) -> bool:
        match process:
            case Process.DEVICES:
                try:
                    inspection.end_process(self._settings.paths.devices_socket)
                except OSError:
                    return False
                return True
            case Process.COURIER:
                return courier.end_process(self._settings.paths.courier_socket)
            case Process.MAINTENANCE:
                self._end()
                return True
            case Process.SCREEN:
                return False  # no way there, on purpose: docs/decisions/0183

    def network(self) -> Answer:
        """The way to the centre, hop by hop."""
        hops = courier.check_network(self._settings.paths.courier_socket)
        if hops is None:
            return {"event": "failed", "reason": "no_courier"}
        broken = next((hop.hop for hop in hops if hop.health == "mend"), "none")
        log(Event.NETWORK_CHECKED, hop=broken)
        return {"event": "network", "hops": courier.hops_as_json(hops)}

    def tests(self) -> Answer:
        """Every self-test with its last outcome."""
        try:
            return {"event": "tests", "tests": upkeep.tests_as_json(self._records()[0])}
        except LedgerError:
            return NOT_WRITTEN

    def record(self, test: str, technician: str, *, passed: bool) -> Answer | None:
        """Keep what a technician says of a self-test; None for one that does not exist."""
        if test not in tuple(upkeep.SelfTest):
            return None
        at = self._judge(Kind.TEST, test, technician, passed=passed)
        if at is None:
            return NOT_WRITTEN
        log(Event.SELF_TEST_RECORDED, test=test, passed=passed)
        return {"event": "recorded", "test": test, "at": at}

    def checklist(self) -> Answer:
        """Every item of the inspection with its due date."""
        try:
            ledger, _, access = self._records()
            return {"event": "checklist", "items": upkeep.items_as_json(ledger, access.now())}
        except LedgerError:
            return NOT_WRITTEN

    def tick(self, item: str, technician: str, *, passed: bool) -> Answer | None:
        """Keep what a technician says of an item; None for one that does not exist."""
        if item not in upkeep.checklist():
            return None
        at = self._judge(Kind.ITEM, item, technician, passed=passed)
        if at is None:
            return NOT_WRITTEN
        log(Event.INSPECTION_RECORDED, item=item, passed=passed)
        return {"event": "ticked", "item": item, "due_at": upkeep.due(self._records()[0], item, at).due_at}

    def _judge(self, kind: Kind, name: str, technician: str, *, passed: bool) -> float | None:
        try:
            ledger, floor, access = self._records()
            at = access.now()
            ledger.judge(kind, name, Judgement(passed, at, technician))
        except LedgerError:
            log(Event.MAINTENANCE_RECORDS_FAILED)
            return None
        floor.raise_to(at)
        return at

    def events(self, count: int, least: Level) -> Answer:
        """The log, newest first."""
        return {"event": "events", "events": events.as_json(events.newest(count, least))}

    def facts(self) -> Answer:
        """Versions, names and counts."""
        return {"event": "facts", "facts": facts(self._settings)}

    def bundle(self) -> Answer:
        """Write a sealed support bundle to the technician's stick."""
        try:
            ledger, _, access = self._records()
            outcome = bundle.write(self._settings, ledger, access.now())
        except LedgerError:
            outcome = bundle.Failed.NOT_WRITTEN
        if isinstance(outcome, bundle.Failed):
            log(Event.BUNDLE_NOT_WRITTEN, reason=outcome.value)
            return {"event": "failed", "reason": outcome.value}
        log(Event.BUNDLE_WRITTEN, bytes=outcome.size)
        return {"event": "bundle", "file": outcome.file, "bytes": outcome.size}

    # --- records ---

    def _records(self) -> tuple[Ledger, Floor, Access]:
        """The records, opened when they are first needed. Raises `LedgerError`."""
        with self._opening:
            if self._opened is None:
                settings = self._settings
                ledger = Ledger.open(settings.paths.maintenance, self._wall())
                floor = Floor(ledger, self._boottime)
                place = Place(
                    settings.kiosk_number, frozenset({settings.site.code, *settings.maintenance.groups})
                )
                access = Access(
                    place,
                    lambda: load_trust(settings.paths.keys),
                    ledger,
                    floor,
                    self._wall,
                    self._derive,
                )
                self._opened = (ledger, floor, access)
            return self._opened


def as_answer(outcome: Entered | Denied, idle_s: float) -> Answer:
    """For the socket."""
    if isinstance(outcome, Entered):
        return {
            "event": "entered",
            "technician": outcome.technician,
            "by": outcome.means.value,
            "idle_s": int(idle_s),
        }
    return {"event": "denied", "reason": outcome.reason.value, "wait_s": outcome.wait_s}
