"""What can be found out about a kiosk without its reports and without Qt; `kiosk doctor` adds the rest.

Each check looks at one part, changes nothing, and never raises for what is broken.
"""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from config.settings import Settings
from devices import inspection
from devices.messages import Inspected
from flows.ports import USABLE_STATES, Device, DeviceState
from kiosk.bundles import pack_findings
from kiosk.findings import Finding, Health
from kiosk.maintenance import courier, upkeep
from kiosk.maintenance.access import BUILT_AT
from kiosk.maintenance.credentials import load_trust
from kiosk.maintenance.ledger import Ledger, LedgerError
from kiosk.post.keys import ENROL, KeyProblem
from kiosk.post.keyset import load_key_set
from kiosk.post.report import Report

PATIENCE_S = 3.0
FREE_DISK_MB = 256
CLOCK_FLOOR = datetime.fromtimestamp(BUILT_AT, UTC)
"""Before this release existed no clock can be right."""
BEHIND_S = 3600
"""How far the clock may be behind a time that is known to have passed."""

_MB = 1_000_000
_WARN_DAYS = 22
"""Of a certificate's 90 days three quarters are over."""


def examine(settings: Settings) -> list[Finding]:
    """Everything that maintenance can tell. Takes a few seconds at most."""
    report = courier.ask(settings.paths.courier_socket)
    return [
        *configuration(settings),
        *clock(settings),
        *key_set(settings),
        *certificate(report),
        *courier.waiting(report),
        *disk(settings),
        *devices(settings),
        *courier.findings(settings, report),
        *records(settings),
        *pack_findings.bundle(settings),
    ]


def configuration(settings: Settings) -> Iterator[Finding]:
    """Which kiosk this is."""
    place = f"profile {settings.profile}, site {settings.site.code}, kiosk {settings.kiosk_number:04d}"
    if settings.production and settings.kiosk_number == 0:
        remedy = "set kiosk_number in /etc/kiosk/kiosk.toml to the number the force gave this kiosk"
        yield Finding("settings", Health.MEND, f"{place}: 0000 is nobody's number", remedy)
    else:
        yield Finding("settings", Health.WORKS, place)


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the clock can be right."""
    now = datetime.now(UTC)
    told = now.isoformat(timespec="seconds")
    remedy = "check the time service (chrony) and the clock's battery, then restart"
    if now < CLOCK_FLOOR:
        yield Finding("clock", Health.MEND, f"{told} lies before this release was made", remedy)
    elif now.timestamp() < _known_time(settings) - BEHIND_S:
        yield Finding("clock", Health.MEND, f"{told} lies before a time that has passed", remedy)
    else:
        yield Finding("clock", Health.WORKS, f"{told}, shown in {settings.time_zone}")


def _known_time(settings: Settings) -> float:
    try:
        ledger = Ledger.look(settings.paths.maintenance)
    except LedgerError:
        return 0.0
    if ledger is None:
        return 0.0
    try:
        return ledger.floor()
    except LedgerError:
        return 0.0
    finally:
        ledger.close()


def disk(settings: Settings) -> Iterator[Finding]:
    """The room where reports are kept."""
    place = next(path for path in settings.paths.outbox.parents if path.exists())
    free_mb = shutil.disk_usage(place).free // _MB
    if free_mb < FREE_DISK_MB:
        remedy = (
            f"free at least {FREE_DISK_MB} MB on the file system of {place}; never touch the outbox itself"
        )
        yield Finding("disk", Health.MEND, f"{free_mb} MB are free", remedy)
    else:
        yield Finding("disk", Health.WORKS, f"{free_mb} MB are free")


# --- keys ---------------------------------------------------------------------------------------------------


def key_set(settings: Settings) -> Iterator[Finding]:
    """What reports are sealed with."""
    try:
        newest = load_key_set(settings.paths.keys)
    except KeyProblem as problem:
        yield Finding("keys", Health.MEND, f"{problem.path}: {problem.problem}", problem.remedy)
        return
    recipients = newest.recipients(time.time())
    cause = f"seals with {recipients.primary.suite}, key set {newest.version}"
    if recipients.lapsed:
        remedy = f"check the clock; else the centre must publish a new key set; {courier.KEPT}"
        yield Finding("keys", Health.MEND, f"{cause}: no key of the centre is valid now", remedy)
    else:
        yield Finding("keys", Health.WORKS, cause)


def certificate(report: Report | None) -> Iterator[Finding]:
    """How long the centre lets this kiosk in, as the courier tells: nobody else reads its certificate."""
    days = None if report is None else report.certificate_days
    if days is None:
        return
    if days < 0:
        yield Finding("certificate", Health.MEND, "has expired: reports are kept and not sent", ENROL)
    elif days < _WARN_DAYS:
        remedy = "check that the centre is reached: the courier asks it for a new one every day"
        yield Finding("certificate", Health.WATCH, f"valid for {days} more days", remedy)
    else:
        yield Finding("certificate", Health.WORKS, f"valid for {days} more days")


# --- devices ------------------------------------------------------------------------------------------------

DEVICE_REMEDIES = {
    DeviceState.PAPER_LOW: "put in a new roll at the next visit",
    DeviceState.PAPER_WAITING: "take out the paper that hangs in the printer's mouth",
    DeviceState.PAPER_OUT: "put in a new roll",
    DeviceState.COVER_OPEN: "close the cover",
    DeviceState.CUTTER_ERROR: "clear the cutter, then close the cover",
    DeviceState.OVERHEATED: "let it cool; check that its vents are free",
    DeviceState.COVERED: "clean the lens, and take away what covers it",
    DeviceState.MISCONFIGURED: "scan the settings codes of its page in docs/devices, then restart it",
    DeviceState.ERROR: "switch it off and on; if it stays, replace it",
    DeviceState.DISCONNECTED: "check power, cable and the address or path in the settings",
    DeviceState.UNKNOWN: "wait ten seconds and ask again; if it stays, switch it off and on",
}
_WATCHED = (DeviceState.PAPER_LOW, DeviceState.PAPER_WAITING)


def devices(settings: Settings) -> Iterator[Finding]:
    """Every device in a word, with what it says of itself."""
    path = settings.paths.devices_socket
    inspected = {found.device: found for found in inspected_devices(settings)}
    if not inspected:
        start = "systemctl restart kiosk-devices.service" if settings.production else "kiosk run"
        yield Finding("devices", Health.MEND, f"nobody answers at {path}", f"start it: {start}")
        return
    for device in Device:
        yield _device(device, inspected.get(device, Inspected(device, DeviceState.UNKNOWN)))


def inspected_devices(settings: Settings) -> list[Inspected]:
    """All about every device; nothing if the devices process does not answer."""
    try:
        return inspection.inspect(settings.paths.devices_socket, PATIENCE_S)
    except OSError:
        return []


def _device(device: Device, found: Inspected) -> Finding:
    told = [
        found.state.replace("_", " "),
        *(f"{name} {value}" for name, value in found.facts.items() if value),
    ]
    return Finding(device, device_health(found.state), ", ".join(told), DEVICE_REMEDIES.get(found.state, ""))


def device_health(state: DeviceState) -> Health:
    """How bad a state is."""
    if state is DeviceState.NOT_INSTALLED:
        return Health.WORKS
    if state in _WATCHED:
        return Health.WATCH
    return Health.WORKS if state in USABLE_STATES else Health.MEND


# --- maintenance's own --------------------------------------------------------------------------------------


def records(settings: Settings) -> Iterator[Finding]:
    """Who may enter, which self-tests are old, which inspections are due."""
    trust = load_trust(settings.paths.keys)
    if trust.problem:
        remedy = (
            "the force provides it: docs/technician-passes.md; passes need a key set that names their key"
        )
        health = Health.WATCH if settings.production else Health.WORKS
        told = f"no list of technicians: {trust.problem}"
        yield Finding("technicians", health, told, remedy if health is Health.WATCH else "")
    else:
        listed = trust.technicians
        cause = f"{len(listed.by_code)} codes, version {listed.version} of the list"
        yield Finding("technicians", Health.WORKS, cause)
    try:
        ledger = Ledger.look(settings.paths.maintenance)
        if ledger is None:
            yield Finding("self-tests", Health.WORKS, "nothing recorded yet")
            return
        try:
            yield from upkeep.findings(ledger, settings, time.time())
        finally:
            ledger.close()
    except LedgerError:
        cause = f"{settings.paths.maintenance} cannot be read"
        remedy = "ask as root or kiosk-maintenance; if it is damaged, move it aside: lock-outs begin anew"
        yield Finding("maintenance", Health.MEND, cause, remedy)
