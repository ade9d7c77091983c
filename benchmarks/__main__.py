"""`python -m benchmarks`: what the kiosk takes, each measure beside a peer or a limit in the same run.

Prints a Markdown table and writes `build/bench.json`. Ends with 1 if anything could not be measured; a figure
that is not reached is told, and no failure: machines differ.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, NothingMeasuredError, table
from benchmarks.workplace import Workplace
from kiosk.development.parts import CannotStartError

NAMES = (
    "first_frame",
    "durable_accept",
    "idle",
    "memory",
    "killed_screen",
    "visitor_time",
    "machine_step",
    "receipt",
    "printer",
    "preview",
    "codes",
    "drain",
    "centre_on_postgresql",
)
"""Modules with a `measure`. What starts the shared kiosk rests before it is killed."""

ROWS = (10_000,)
"""One million and ten million take minutes to fill: `make bench-centre`."""

REPORT = Path("build/bench.json")


def main() -> int:
    options = _options()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    began = time.monotonic()
    figures: dict[str, list[Figure]] = {}
    failures: dict[str, str] = {}
    with Workplace(options.repeat, tuple(options.rows or ROWS)) as workplace:
        for name in options.only or NAMES:
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                figures[name] = _measure(name, workplace)
            except (NothingMeasuredError, CannotStartError) as error:
                failures[name] = str(error)
    _write(figures, failures)
    print(f"{_machine()}; {datetime.now(UTC):%Y-%m-%d}; {time.monotonic() - began:.0f} s\n")
    print(table([figure for rows in figures.values() for figure in rows]))
    for name, reason in failures.items():
        print(f"{name}: nothing measured: {reason}", file=sys.stderr)
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="one measure; may be given again")
    parser.add_argument("--repeat", type=_count, default=5, help="repetitions of the slow measures")
    parser.add_argument(
        "--rows",
        action="append",
        type=_count,
        help="cases already in the centre's PostgreSQL; may be given again",
    )
    return parser.parse_args()


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _measure(name: str, workplace: Workplace) -> list[Figure]:
    # Imported when it runs: Qt and the database are loaded only by those that need them.
    taken: list[Figure] = list(importlib.import_module(f"benchmarks.{name}").measure(workplace))
    if not taken:
        raise NothingMeasuredError("no figure")
    return taken


def _write(figures: dict[str, list[Figure]], failures: dict[str, str]) -> None:
    REPORT.parent.mkdir(exist_ok=True)
    report = {
        "machine": _machine(),
        "measured": {name: [figure.as_json() for figure in rows] for name, rows in figures.items()},
        "failed": failures,
    }
    REPORT.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _machine() -> str:
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    cores = os.cpu_count()
    return (
        f"{cores} cores {platform.machine()}, {memory_gb:.0f} GiB, {platform.freedesktop_os_release()['ID']} "
        f"{platform.freedesktop_os_release().get('VERSION_ID', '')}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
