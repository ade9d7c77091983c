"""How the post office of this kiosk is: its outbox, its courier, the centre, its keys.

Asks the running courier and looks at files. Opens no network connection, changes nothing, tells nothing of a
report but counts, ages and its place in the chain.
"""

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from config.settings import Settings
from flows.case import LARGEST_CASE
from kiosk.findings import Finding, Health, span
from kiosk.post import renewal
from kiosk.post.desk import Report
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
from kiosk.post.outcomes import REVOKED, Failure
from kiosk.post.room import shares_file_system

PATIENCE_S = 3.0
LATE_S = 3600
"""A report that waits for longer while the centre answers is worth a look."""

_MB = 1_000_000
_KEPT = "reports are kept meanwhile"
_NETWORK = f"check cable, network and firewall on the way to the centre; {_KEPT}"
_REMEDIES: dict[str, str] = {
    Failure.UNREACHABLE: _NETWORK,
    Failure.TIMED_OUT: _NETWORK,
    Failure.BROKEN_OFF: _NETWORK,
    Failure.UNTRUSTED: f"check centre.url, the clocks of both and the certificate of the centre; {_KEPT}",
    Failure.NOT_THE_CENTRE: f"a portal or proxy answers in place of the centre: open the way; {_KEPT}",
    Failure.CERTIFICATE_REJECTED: ENROL,
    Failure.NO_KEYS: ENROL,
    REVOKED.rpartition("/")[2]: ENROL,
}
_REPORT = TypeAdapter(Report)


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
        return PostOffice(_look(settings), _ask_courier(settings.paths.courier_socket))

    def findings(self, settings: Settings) -> list[Finding]:
        """How everything is; the keys are looked at now."""
        return [
            *_outbox(settings, self.held),
            *_courier(settings, self.report),
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


# --- courier and centre -------------------------------------------------------------------------------------


def courier(settings: Settings) -> Iterator[Finding]:
    """The courier, and what it says of the centre and of sending."""
    yield from _courier(settings, _ask_courier(settings.paths.courier_socket))


def _courier(settings: Settings, report: Report | None) -> Iterator[Finding]:
    if report is None:
        path = settings.paths.courier_socket
        start = "systemctl restart kiosk-courier.service" if settings.production else "kiosk run"
        yield Finding("courier", Health.MEND, f"nobody answers at {path}", f"start it: {start}; {_KEPT}")
        yield Finding("centre", Health.WATCH, "only the courier can tell", "mend the courier first")
        return
    yield Finding("courier", Health.WORKS, _sending(report))
    yield _centre(settings.centre.url, report)
    if report.reachable and report.queued and (report.oldest_age_s or 0) >= LATE_S:
        yield _late(report)


def _sending(report: Report) -> str:
    if report.queued is None:
        return "cannot read the outbox"
    pace = "" if report.drain_per_minute is None else f"; at most {report.drain_per_minute:g} a minute"
    if report.sending is None:
        return f"{report.queued} wait for delivery{pace}"
    sent, total = report.sending.get("parts_sent"), report.sending.get("parts_total")
    return (
        f"sends number {report.sending.get('sequence')}, {sent} of {total} parts; {report.queued} wait{pace}"
    )


def _centre(url: str, report: Report) -> Finding:
    contact = "" if report.contact_age_s is None else f", last contact {span(report.contact_age_s)} ago"
    if report.reachable:
        return Finding("centre", Health.WORKS, f"{url} answers{contact}")
    again = f"; next try in {report.next_try_s} s" if report.next_try_s else "; tried again now"
    if not report.problem:
        return Finding("centre", Health.WATCH, f"{url} was not asked yet{again}", "ask again in a minute")
    cause = f"{url} cannot be used: {_problem(report)}{contact}{again}"
    usual = f"the centre answers and cannot work: tell its operator; {_KEPT}"
    return Finding("centre", Health.MEND, cause, _REMEDIES.get(report.problem, usual))


def _late(report: Report) -> Finding:
    cause = f"the oldest report waits for {span(report.oldest_age_s or 0)} though the centre answers"
    if report.problem:
        cause += f": {_problem(report)}"
    remedy = "docs/reference/outcomes.md says what the problem means; tell the operator of the centre"
    return Finding("delivery", Health.WATCH, cause, remedy)


def _problem(report: Report) -> str:
    when = "" if report.problem_age_s is None else f" {span(report.problem_age_s)} ago"
    return f"{report.problem.replace('_', ' ')}{when}"


def _ask_courier(path: Path) -> Report | None:
    """What the courier says of itself; None if it does not answer in these words."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            line.connect(str(path))
            line.sendall(b'{"ask": "status"}\n')
            with line.makefile("rb") as answers:
                return _REPORT.validate_python(json.loads(answers.readline(4096)))
    except (OSError, ValueError):
        return None


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
        remedy = f"check the clock; else the centre must publish a new key set; {_KEPT}"
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
