"""`kiosk doctor`: what works, what does not, and what a technician can do about it.

The doctor asks the running processes and looks at files. It opens no network connection and changes nothing.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from devices.messages import State, report_codec
from devices.wire import Decoder, Malformed
from flows.ports import USABLE_STATES, Device, DeviceState
from kiosk import post_findings
from kiosk.findings import Finding, Health
from ui.input.engine import InputEngine

PATIENCE_S = 3.0
FREE_DISK_MB = 256
CLOCK_FLOOR = datetime(2026, 11, 1, tzinfo=UTC)
"""Before this release existed no clock can be right."""

_MB = 1_000_000


def examine(settings: Settings) -> list[Finding]:
    """Look at everything. Never raises for what is broken; takes a few seconds at most."""
    return [finding for check in _CHECKS for finding in check(settings)]


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
        start = "systemctl restart kiosk-devices.service" if settings.production else "kiosk run"
        yield Finding("devices", Health.MEND, f"nobody answers at {path}", f"start it: {start}")
        return
    for device in Device:
        state = states.get(device, DeviceState.UNKNOWN)
        remedy = _DEVICE_REMEDIES.get(state, "")
        yield Finding(device, _device_health(state), state.replace("_", " "), remedy)


def _device_health(state: DeviceState) -> Health:
    if state is DeviceState.NOT_INSTALLED:
        return Health.WORKS
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
    post_findings.keys,
    post_findings.outbox,
    _disk,
    _qt_and_fonts,
    _chinese_input,
    _devices,
    post_findings.courier,
)
