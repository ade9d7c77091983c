"""`kiosk doctor`: what works, what does not, and what a technician can do about it.

The doctor asks the running processes and looks at files. It opens no network connection and changes nothing;
`--network` has the courier walk the way to the centre.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from config.settings import Settings
from kiosk import post_findings, services
from kiosk.bundles import pack_findings
from kiosk.findings import Finding, Health
from kiosk.maintenance import checks, courier
from ui.input.engine import InputEngine


def examine(settings: Settings, *, network: bool = False) -> list[Finding]:
    """Look at everything. Never raises for what is broken; takes a few seconds, with `network` up to 30."""
    found = [finding for check in _CHECKS for finding in check(settings)]
    return [*found, *courier.network(settings.paths.courier_socket)] if network else found


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


_CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    checks.configuration,
    checks.clock,
    post_findings.keys,
    post_findings.outbox,
    checks.disk,
    _qt_and_fonts,
    _chinese_input,
    checks.devices,
    post_findings.of_courier,
    checks.records,
    pack_findings.bundle,
    services.offered,
)
