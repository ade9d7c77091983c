"""The courier as maintenance sees it: what it says of itself and of the centre, and two errands it runs."""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from config.settings import Settings
from kiosk.findings import Finding, Health, span
from kiosk.post.keys import ENROL
from kiosk.post.outcomes import REVOKED, Failure
from kiosk.post.report import CHECK_S, Hop, Report

PATIENCE_S = 3.0
LATE_S = 3600
"""A report that waits for longer while the centre answers is worth a look."""
KEPT = "reports are kept meanwhile"

_LONGEST_LINE = 16_384
_NETWORK = f"check cable, network and firewall on the way to the centre; {KEPT}"
_REMEDIES: dict[str, str] = {
    Failure.UNREACHABLE: _NETWORK,
    Failure.TIMED_OUT: _NETWORK,
    Failure.BROKEN_OFF: _NETWORK,
    Failure.UNTRUSTED: f"check centre.url, the clocks of both and the certificate of the centre; {KEPT}",
    Failure.NOT_THE_CENTRE: f"a portal or proxy answers in place of the centre: open the way; {KEPT}",
    Failure.CERTIFICATE_REJECTED: ENROL,
    Failure.NO_KEYS: ENROL,
    REVOKED.rpartition("/")[2]: ENROL,
}
_REPORT = TypeAdapter(Report)
_HOPS = TypeAdapter(list[Hop])


def ask(path: Path) -> Report | None:
    """What the courier says of itself; None if it does not answer in these words."""
    try:
        return _REPORT.validate_python(_answer(path, {"ask": "status"}, "status", PATIENCE_S))
    except (OSError, ValueError):
        return None


def check_network(path: Path) -> list[Hop] | None:
    """The way to the centre, hop by hop; None if the courier does not answer. Takes up to 25 s."""
    try:
        answer = _answer(path, {"ask": "check_network"}, "network", CHECK_S + PATIENCE_S)
        return _HOPS.validate_python(answer.get("hops"))
    except (OSError, ValueError):
        return None


def end_process(path: Path) -> bool:
    """Have the courier end; whoever keeps it starts it again. False if nobody heard it."""
    try:
        with _connected(path, PATIENCE_S) as line:
            line.sendall(b'{"ask": "end_process"}\n')
            while line.recv(_LONGEST_LINE):
                pass
    except OSError:
        return False
    return True


def _answer(path: Path, question: Mapping[str, str], event: str, patience_s: float) -> dict[str, Any]:
    """The first answer called `event`. Raises OSError or ValueError."""
    with _connected(path, patience_s) as line, line.makefile("rb") as answers:
        line.sendall(json.dumps(question).encode() + b"\n")
        while said := answers.readline(_LONGEST_LINE):
            answer = json.loads(said)
            if isinstance(answer, dict) and answer.get("event") == event:
                return answer
    raise ConnectionResetError("the courier hung up")


def _connected(path: Path, patience_s: float) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(patience_s)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


# --- findings -----------------------------------------------------------------------------------------------


def findings(settings: Settings, report: Report | None) -> Iterator[Finding]:
    """The courier, and what it says of the centre and of sending."""
    if report is None:
        path = settings.paths.courier_socket
        start = "systemctl restart kiosk-courier.service" if settings.production else "kiosk run"
        yield Finding("courier", Health.MEND, f"nobody answers at {path}", f"start it: {start}; {KEPT}")
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
    usual = f"the centre answers and cannot work: tell its operator; {KEPT}"
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


def waiting(report: Report | None) -> Iterator[Finding]:
    """How many reports wait, as far as the courier tells; the doctor looks at the outbox itself."""
    if report is None or report.queued is None:
        return
    oldest = f", the oldest for {span(report.oldest_age_s)}" if report.oldest_age_s else ""
    cause = f"{report.queued} waiting{oldest}"
    if report.quarantined:
        remedy = "`kiosk outbox quarantine` says why; mend the centre, then `kiosk outbox release --all`"
        yield Finding("outbox", Health.MEND, f"{report.quarantined} refused by the centre; {cause}", remedy)
    else:
        yield Finding("outbox", Health.WORKS, cause)


def network(path: Path) -> Iterator[Finding]:
    """The way to the centre as findings, one for each hop."""
    hops = check_network(path)
    if hops is None:
        yield Finding("network", Health.WATCH, "only the courier can tell", "mend the courier first")
        return
    for hop in hops:
        yield Finding(f"network: {hop.hop}", Health(hop.health), f"{hop.cause} ({hop.ms} ms)", hop.remedy)


def hops_as_json(hops: list[Hop]) -> list[dict[str, Any]]:
    """For the socket."""
    return [asdict(hop) for hop in hops]
