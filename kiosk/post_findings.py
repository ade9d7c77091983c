"""How the post office of this kiosk is: its outbox, its courier, the centre, its keys.

Asks the running courier and looks at files. Opens no network connection, changes nothing, tells nothing of a
report but counts, ages and its place in the chain.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings
from flows.case import LARGEST_CASE
from kiosk.findings import Finding, Health, span
from kiosk.maintenance import courier
from kiosk.maintenance.courier import KEPT
from kiosk.post import renewal
from kiosk.post.identity import (
    CertificateLife,
    certificate_life,
    check_identity,
    client_tls,
    load_first_sequence,
)
from kiosk.post.keys import ENROL, KeyProblem, load_reference_key
from kiosk.post.keyset import load_key_set
from kiosk.post.outbox import Outbox, OutboxFault, OutboxProblem, Status, StorageError
from kiosk.post.report import Report
from kiosk.post.room import shares_file_system

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """What the outbox holds, and whether the largest report would still fit."""

    status: Status
    has_room: bool


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What was seen at one time. `held` is None where there is no outbox yet, `report` if nobody answers."""

    held: Held | OutboxProblem | None
    report: Report | None

    @staticmethod
    def seen(settings: Settings) -> "PostOffice":
        """Look at the outbox, and ask the courier."""
        return PostOffice(_look(settings), courier.ask(settings.paths.courier_socket))

    def findings(self, settings: Settings) -> list[Finding]:
        """How everything is; the keys are looked at now."""
        return [
            *_outbox(settings, self.held),
            *courier.findings(settings, self.report),
            *keys(settings),
        ]

    def facts(self, settings: Settings) -> dict[str, Any]:
        """For programs; null for what cannot be told."""
        return {
            "outbox": asdict(self.held.status) if isinstance(self.held, Held) else None,
            "courier": None if self.report is None else asdict(self.report),
            "findings": [asdict(finding) for finding in self.findings(settings)],
        }


# --- outbox -------------------------------------------------------------------------------------------------


def outbox(settings: Settings) -> Iterator[Finding]:
    """The outbox, and in service where it lies."""
    yield from _outbox(settings, _look(settings))


def _outbox(settings: Settings, held: Held | OutboxProblem | None) -> Iterator[Finding]:
    path = settings.paths.outbox
    yield _empty_outbox(path) if held is None else _found(path, held)
    if settings.production:
        yield _place(path)


def _found(path: Path, held: Held | OutboxProblem) -> Finding:
    if isinstance(held, OutboxProblem):
        return Finding("outbox", Health.MEND, f"{path}: {held.fault}", held.remedy)
    status, cause = held.status, _held(held.status)
    if not held.has_room:
        remedy = "bring the connection to the centre back: only delivery makes room; delete nothing"
        return Finding("outbox", Health.MEND, f"no room for another report; {cause}", remedy)
    if status.quarantined:
        remedy = "`kiosk outbox quarantine` says why; mend the centre, then `kiosk outbox release --all`"
        return Finding("outbox", Health.MEND, f"{status.quarantined} refused by the centre; {cause}", remedy)
    return Finding("outbox", Health.WORKS, cause)


def _held(status: Status) -> str:
    waiting = f"{status.queued} waiting"
    if status.queued:
        waiting += f", the oldest for {span(status.oldest_age_s)}"
    if status.sent:
        waiting += f", {status.sent} sent without an answer"
    return f"{waiting}; last number {status.last_sequence}; {status.used // _MB} of {status.quota // _MB} MB"


def _empty_outbox(path: Path) -> Finding:
    if path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK):
        return Finding("outbox", Health.WORKS, "empty; it is made with the first report")
    remedy = f"make {path.parent} and let the screen's user write there (systemd-tmpfiles --create)"
    return Finding("outbox", Health.MEND, f"{path.parent} is missing or not writable", remedy)


def _place(path: Path) -> Finding:
    if not shares_file_system(path):
        return Finding("outbox's disk", Health.WORKS, "a file system of its own")
    cause = "shares the file system of the machine: whatever fills that stops reports"
    return Finding("outbox's disk", Health.WATCH, cause, f"mount a file system of its own at {path.parent}")


def _look(settings: Settings) -> Held | OutboxProblem | None:
    if not settings.paths.outbox.exists():
        return None
    opened = Outbox.open(settings.paths.outbox, settings.post.quota_mb * _MB)
    if isinstance(opened, OutboxProblem):
        return opened
    try:
        return Held(opened.status(), opened.has_room(LARGEST_CASE))
    except StorageError:
        return OutboxProblem(settings.paths.outbox, OutboxFault.UNAVAILABLE)
    finally:
        opened.close()


def of_courier(settings: Settings) -> Iterator[Finding]:
    """The courier, and what it says of the centre and of sending."""
    yield from courier.findings(settings, courier.ask(settings.paths.courier_socket))


# --- keys ---------------------------------------------------------------------------------------------------


def keys(settings: Settings) -> Iterator[Finding]:
    """What reports are sealed with, and who this kiosk is."""
    folder, now = settings.paths.keys, time.time()
    try:
        key_set = load_key_set(folder)
        load_reference_key(folder)
        load_first_sequence(folder)
        client_tls(folder)
        check_identity(folder, settings.kiosk_number)
        life = certificate_life(folder)
    except KeyProblem as problem:
        yield Finding("keys", Health.MEND, f"{problem.path}: {problem.problem}", problem.remedy)
        return
    recipients = key_set.recipients(now)
    cause = f"seals with {recipients.primary.suite}, key set {key_set.version}"
    if recipients.lapsed:
        remedy = f"check the clock; else the centre must publish a new key set; {KEPT}"
        yield Finding("keys", Health.MEND, f"{cause}: no key of the centre is valid now", remedy)
    else:
        yield Finding("keys", Health.WORKS, cause)
    yield _certificate(life, now)


def _certificate(life: CertificateLife, now: float) -> Finding:
    if renewal.expired(life, now):
        cause = "has expired: reports are kept and not sent"
        return Finding("certificate", Health.MEND, cause, ENROL)
    cause = f"valid for {renewal.days_left(life, now)} more days"
    if renewal.late(life, now):
        remedy = "check that the centre is reached: the courier asks it for a new one every day"
        return Finding("certificate", Health.WATCH, cause, remedy)
    return Finding("certificate", Health.WORKS, cause)
