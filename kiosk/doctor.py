"""`kiosk doctor`: what works, what does not, and what a technician can do about it.

The doctor asks the running processes and looks at files. It opens no network connection and changes nothing.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from config.settings import Settings
from devices.messages import State, report_codec
from devices.wire import Decoder, Malformed
from flows.case import LARGEST_CASE
from flows.ports import USABLE_STATES, Device, DeviceState
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
from kiosk.post.outbox import Outbox, OutboxProblem
from ui.input.engine import InputEngine

PATIENCE_S = 3.0
FREE_DISK_MB = 256
CLOCK_FLOOR = datetime(2026, 11, 1, tzinfo=UTC)
"""Before this release existed no clock can be right."""

_MB = 1_000_000


class Health(StrEnum):
    """How a part is. `MEND` is for now, `WATCH` for soon."""

    WORKS = "works"
    WATCH = "watch"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the kiosk: how it is, why, and what to do (empty where nothing is)."""

    part: str
    health: Health
    cause: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything. Never raises for what is broken; takes a few seconds at most."""
    return [finding for check in _CHECKS for finding in check(settings)]


def exit_code(findings: Sequence[Finding]) -> int:
    """1 when something needs mending now, else 0."""
    return int(any(finding.health is Health.MEND for finding in findings))


def as_text(findings: Sequence[Finding]) -> str:
    """For people: one line a part, and beneath it what to do."""
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.health:<6} {finding.part:<{width}}  {finding.cause}")
        if finding.remedy:
            lines.append(f"{'':<6} {'':<{width}}  → {finding.remedy}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """For programs: a list of objects with part, health, cause and remedy."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False)


# --- checks: each looks at one part -------------------------------------------------------------------------


def _configuration(settings: Settings) -> Iterator[Finding]:
    place = f"profile {settings.profile}, site {settings.site.code}, kiosk {settings.kiosk_number:04d}"
    if settings.production and settings.kiosk_number == 0:
        remedy = "set kiosk_number in /etc/kiosk/kiosk.toml to the number the force gave this kiosk"
        yield Finding("settings", Health.MEND, f"{place}: 0000 is nobody's number", remedy)
    else:
        yield Finding("settings", Health.WORKS, place)


def _clock(settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    told = now.isoformat(timespec="seconds")
    if now < CLOCK_FLOOR:
        remedy = "check the time service (chrony) and the clock's battery, then restart"
        yield Finding("clock", Health.MEND, f"{told} lies before this release was made", remedy)
    else:
        yield Finding("clock", Health.WORKS, f"{told}, shown in {settings.time_zone}")


def _keys(settings: Settings) -> Iterator[Finding]:
    keys, now = settings.paths.keys, time.time()
    try:
        key_set = load_key_set(keys)
        load_reference_key(keys)
        load_first_sequence(keys)
        client_tls(keys)
        check_identity(keys, settings.kiosk_number)
        life = certificate_life(keys)
    except KeyProblem as problem:
        yield Finding("keys", Health.MEND, f"{problem.path}: {problem.problem}", problem.remedy)
        return
    recipients = key_set.recipients(now)
    cause = f"seals with {recipients.primary.suite}, key set {key_set.version}"
    if recipients.lapsed:
        remedy = "check the clock; else the centre must publish a new key set; reports are kept meanwhile"
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


def _outbox(settings: Settings) -> Iterator[Finding]:
    path = settings.paths.outbox
    if not path.exists():
        yield _empty_outbox(path)
        return
    outbox = Outbox.open(path, settings.post.quota_mb * _MB)
    if isinstance(outbox, OutboxProblem):
        yield Finding("outbox", Health.MEND, f"{path}: {outbox.fault}", outbox.remedy)
        return
    try:
        status, room = outbox.status(), outbox.has_room(LARGEST_CASE)
    finally:
        outbox.close()
    size = f"{status.used // _MB} of {status.quota // _MB} MB"
    cause = f"{status.queued} waiting, oldest {status.oldest_age_s} s; {size}"
    if not room:
        remedy = "bring the connection to the centre back: only delivery makes room; delete nothing"
        yield Finding("outbox", Health.MEND, f"no room for another report; {cause}", remedy)
    elif status.quarantined:
        remedy = "give the centre the kiosk number and the time: it refused a report, which is kept"
        yield Finding("outbox", Health.MEND, f"{status.quarantined} refused by the centre; {cause}", remedy)
    else:
        yield Finding("outbox", Health.WORKS, cause)


def _empty_outbox(path: Path) -> Finding:
    if path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK):
        return Finding("outbox", Health.WORKS, "empty; it is made with the first report")
    remedy = f"make {path.parent} and let the screen's user write there (systemd-tmpfiles --create)"
    return Finding("outbox", Health.MEND, f"{path.parent} is missing or not writable", remedy)


def _disk(settings: Settings) -> Iterator[Finding]:
    place = next(path for path in settings.paths.outbox.parents if path.exists())
    free_mb = shutil.disk_usage(place).free // _MB
    if free_mb < FREE_DISK_MB:
        remedy = (
            f"free at least {FREE_DISK_MB} MB on the file system of {place}; never touch the outbox itself"
        )
        yield Finding("disk", Health.MEND, f"{free_mb} MB are free", remedy)
    else:
        yield Finding("disk", Health.WORKS, f"{free_mb} MB are free")


def _qt_and_fonts(_settings: Settings) -> Iterator[Finding]:
    # A process of its own: the doctor needs no Qt, and a library that is missing must not end the doctor.
    program = "from ui.engine import create_application; create_application()"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = (sys.executable, "-c", program)
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, timeout=30
        )
    except subprocess.TimeoutExpired:
        yield Finding("fonts", Health.MEND, "Qt did not start within 30 s", "restart the machine")
        return
    if done.returncode == 0:
        yield Finding("fonts", Health.WORKS, "Qt starts and finds the fonts of every language")
        return
    cause = (done.stderr.strip().splitlines() or ["Qt does not start"])[-1]
    yield Finding("fonts", Health.MEND, cause, "install the packages listed in packages.apt")


def _chinese_input(settings: Settings) -> Iterator[Finding]:
    problem = InputEngine(settings.paths.rime).problem
    if problem:
        remedy = f"python -m ui.input.deploy {settings.paths.rime}"
        yield Finding("chinese input", Health.MEND, problem, remedy)
    else:
        yield Finding("chinese input", Health.WORKS, "every way of writing is prepared")


_DEVICE_REMEDIES = {
    DeviceState.PAPER_LOW: "put in a new roll at the next visit",
    DeviceState.PAPER_OUT: "put in a new roll",
    DeviceState.COVER_OPEN: "close the cover",
    DeviceState.CUTTER_ERROR: "clear the cutter, then close the cover",
    DeviceState.OVERHEATED: "let it cool; check that its vents are free",
    DeviceState.ERROR: "switch it off and on; if it stays, replace it",
    DeviceState.DISCONNECTED: "check power, cable and the address or path in the settings",
    DeviceState.UNKNOWN: "wait ten seconds and ask again; if it stays, switch it off and on",
}


def _devices(settings: Settings) -> Iterator[Finding]:
    path = settings.paths.devices_socket
    states = _device_states(path)
    if states is None:
        yield Finding("devices", Health.MEND, f"nobody answers at {path}", _start(settings, "devices"))
        return
    for device in Device:
        state = states.get(device, DeviceState.UNKNOWN)
        remedy = _DEVICE_REMEDIES.get(state, "")
        yield Finding(device, _device_health(state), state.replace("_", " "), remedy)


def _device_health(state: DeviceState) -> Health:
    if state not in USABLE_STATES:
        return Health.MEND
    return Health.WATCH if state is DeviceState.PAPER_LOW else Health.WORKS


def _device_states(path: Path) -> dict[Device, DeviceState] | None:
    """What the devices process says on connect; None if it does not answer."""
    states: dict[Device, DeviceState] = {}
    decoder = Decoder(report_codec())
    try:
        with _connected(path) as line:
            while len(states) < len(Device) and (data := line.recv(65536)):
                reports = decoder.feed(data)
                states |= {report.device: report.state for report in reports if isinstance(report, State)}
    except (OSError, Malformed):
        return states or None
    return states


def _courier(settings: Settings) -> Iterator[Finding]:
    path = settings.paths.courier_socket
    status = _courier_status(path)
    if status is None:
        remedy = f"{_start(settings, 'courier')}; reports are kept meanwhile"
        yield Finding("courier", Health.MEND, f"nobody answers at {path}", remedy)
        yield Finding("centre", Health.WATCH, "only the courier can tell", "mend the courier first")
        return
    yield Finding("courier", Health.WORKS, f"{status.get('queued')} reports wait for delivery")
    if status.get("reachable"):
        yield Finding("centre", Health.WORKS, f"{settings.centre.url} answers")
    else:
        remedy = "check network, address and certificate of the centre; reports are kept meanwhile"
        yield Finding("centre", Health.MEND, f"{settings.centre.url} does not answer", remedy)


def _courier_status(path: Path) -> dict[str, Any] | None:
    try:
        with _connected(path) as line, line.makefile("rb") as answers:
            line.sendall(b'{"ask": "status"}\n')
            status = json.loads(answers.readline(4096))
    except (OSError, ValueError):
        return None
    return status if isinstance(status, dict) else None


def _start(settings: Settings, name: str) -> str:
    return f"systemctl restart kiosk-{name}.service" if settings.production else "start everything: kiosk run"


def _connected(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PATIENCE_S)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        raise
    return line


_CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _configuration,
    _clock,
    _keys,
    _outbox,
    _disk,
    _qt_and_fonts,
    _chinese_input,
    _devices,
    _courier,
)
