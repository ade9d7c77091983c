"""What this kiosk is made of: versions, names and counts, for technicians and support bundles."""

import platform
import shutil
import sqlite3
import time
from importlib.metadata import PackageNotFoundError, version

from config.settings import Settings
from kiosk.bundles import pack_findings
from kiosk.maintenance import courier
from kiosk.maintenance.credentials import load_trust

Fact = str | int | float | bool | None

_PACKAGES = {
    "version": "report-kiosk",
    "qt": "PySide6_Essentials",
    "opencv": "opencv-python",
    "zxing": "zxing-cpp",
    "escpos": "python-escpos",
    "serial": "pyserial",
    "cryptography": "cryptography",
}
_MB = 1_000_000


def facts(settings: Settings) -> dict[str, Fact]:
    """Everything that can be told; None for what cannot be told now."""
    report = courier.ask(settings.paths.courier_socket)
    trust = load_trust(settings.paths.keys)
    disk = shutil.disk_usage(next(path for path in settings.paths.outbox.parents if path.exists()))
    return {
        "kiosk": f"{settings.kiosk_number:04d}",
        **{name: _version(package) for name, package in _PACKAGES.items()},
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "kernel": platform.release(),
        "site": settings.site.code,
        "profile": settings.profile,
        "time_zone": settings.time_zone,
        "up_s": int(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "disk_free_mb": disk.free // _MB,
        "disk_mb": disk.total // _MB,
        **pack_findings.facts(settings),
        "technicians_version": trust.technicians.version,
        "technicians": len(trust.technicians.by_code),
        "reachable": None if report is None else report.reachable,
        "queued": None if report is None else report.queued,
        "quarantined": None if report is None else report.quarantined,
        "oldest_age_s": None if report is None else report.oldest_age_s,
        "contact_age_s": None if report is None else report.contact_age_s,
        "certificate_days": None if report is None else report.certificate_days,
        "key_set_version": None if report is None else report.key_set_version,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
