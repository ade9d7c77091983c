"""The support bundle: what a technician carries to the force on a stick, sealed so that only it can read it.

Redacted by construction: it is made of what the functions here name, never of files or log lines as they are.
The format is in docs/reference/maintenance.md; `report-centre bundle open` opens it.
"""

import contextlib
import io
import json
import os
import shutil
import time
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from config.events import Level
from config.loader import value_of
from config.settings import Settings
from kiosk.maintenance import checks, events, upkeep
from kiosk.maintenance.facts import facts
from kiosk.maintenance.ledger import Ledger
from kiosk.post.envelope import SUITES
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import SealingKey, load_key_set

LABEL = b"report-kiosk/bundle/1\x00"
"""HPKE `info` is this, then the first line of the file without its end."""

_EVENTS = 1000
_SPARE_BYTES = 1_000_000

SETTINGS_TOLD = (
    "kiosk_number", "profile", "production", "time_zone",
    "site.code", "site.kind", "site.languages", "site.services",
    "display.orientation", "display.mm_per_pixel", "display.fullscreen",
    "timing.idle_s", "timing.warning_s", "timing.visit_limit_s", "timing.centre_wait_s",
    "timing.print_deadline_s",
    "centre.deadline_s", "post.quota_mb", "post.drain_per_minute",
    "maintenance.groups", "maintenance.test_every_days",
)  # fmt: skip
"""No path, no address, no telephone, and nothing that is added later without a thought."""


class Failed(StrEnum):
    """Why there is no bundle."""

    NO_STICK = "no_stick"
    NO_ROOM = "no_room"
    NOT_WRITTEN = "not_written"
    NO_KEY = "no_key"


@dataclass(frozen=True, slots=True)
class Written:
    """The bundle is on the stick, and would survive pulling it out."""

    file: str
    size: int


def write(settings: Settings, ledger: Ledger, now: float) -> Written | Failed:
    """Make a bundle and put it on the technician's stick. Takes some seconds. Raises `LedgerError`."""
    stick = settings.maintenance.stick
    if not stick.is_mount():
        return Failed.NO_STICK
    try:
        key = load_key_set(settings.paths.keys).recipients(time.time()).primary
    except KeyProblem:
        return Failed.NO_KEY
    sealed = seal(collect(settings, ledger, now), key, settings.kiosk_number, now)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    return put(stick, f"kiosk-{settings.kiosk_number:04d}-{stamp}.bundle", sealed)


def collect(settings: Settings, ledger: Ledger, now: float) -> bytes:
    """The bundle in clear: a ZIP of JSON files."""
    parts: dict[str, Any] = {
        "facts": facts(settings),
        "findings": [asdict(finding) for finding in checks.examine(settings)],
        "devices": [asdict(device) for device in checks.inspected_devices(settings)],
        "self-tests": upkeep.tests_as_json(ledger),
        "inspection": upkeep.items_as_json(ledger, now),
        "events": events.as_json(events.newest(_EVENTS, Level.DEBUG)),
        "settings": {key: value_of(settings, key) for key in SETTINGS_TOLD},
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(f"{name}.json", json.dumps(part, ensure_ascii=False, indent=1))
    return archive.getvalue()


def seal(archive: bytes, key: SealingKey, kiosk: int, now: float) -> bytes:
    """The file: a line of JSON in clear, then the archive, sealed to `key` and bound to that line."""
    header = {"v": 1, "kiosk": kiosk, "kid": key.kid, "suite": key.suite, "made_at": int(now)}
    line = json.dumps(header, separators=(",", ":")).encode("ascii")
    return line + b"\n" + SUITES[key.suite].encrypt(archive, key.public, LABEL + line)


def put(stick: Path, name: str, data: bytes) -> Written | Failed:
    """Write `data` to `stick` in one step: a stick pulled out meanwhile holds a whole bundle or none."""
    fresh = stick / f".{name}.new"
    try:
        if shutil.disk_usage(stick).free < len(data) + _SPARE_BYTES:
            return Failed.NO_ROOM
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
        ) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(stick / name)
        _sync(stick)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        return Failed.NOT_WRITTEN
    return Written(name, len(data))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
