"""The log of events, for technicians: from journald in service, from a file in development.

Only events of the catalogue with fields of the catalogue come through, checked here once more: what lies in
a journal may have been written by anybody on the machine.
"""

import itertools
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.event_file import VARIABLE, older
from config.events import Catalogue, Level, Refusal, catalogue

MOST = 1000
PATIENCE_S = 5.0
_READ = 4 * MOST
"""Lines looked at, so that enough are left of the wanted level."""
_LONGEST_LINE = 8192
_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the log. `at` is in seconds since 1970."""

    at: float
    process: str
    level: str
    event: str
    fields: Mapping[str, Any]


def newest(count: int, least: Level) -> list[Told]:
    """At most `count` events of at least this level, newest first. Empty where there is no log to be read."""
    name = os.environ.get(VARIABLE, "")
    lines = _from_file(Path(name)) if name else _from_journal()
    return list(_chosen(lines, min(count, MOST), least))


def as_json(events: Iterable[Told]) -> list[dict[str, Any]]:
    """For the socket."""
    return [asdict(event) for event in events]


def understood(line: str, known: Catalogue) -> Told | None:
    """The event in one line of the log; None for what the catalogue does not know."""
    if len(line) > _LONGEST_LINE:
        return None
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said.pop("at")).timestamp()
        process, event = said.pop("process"), said.pop("event")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if not isinstance(event, str) or event not in known.events:
        return None
    if process not in known.vocabularies["process"]:
        return None
    spec = known.events[event]
    fields = {name: value for name, value in said.items() if name in spec.fields}
    wrong = {name for name, reason in known.faults(event, fields) if reason is not Refusal.MISSING_FIELD}
    return Told(at, process, spec.level.value, event, {k: v for k, v in fields.items() if k not in wrong})


def _chosen(lines: Iterable[str], count: int, least: Level) -> Iterator[Told]:
    known, lowest = catalogue(), _LEVELS.index(least)
    found = (understood(line, known) for line in lines)
    loud = (one for one in found if one is not None and _LEVELS.index(Level(one.level)) >= lowest)
    return itertools.islice(loud, count)


def _from_file(path: Path) -> Iterator[str]:
    for file in (path, older(path)):
        try:
            lines = file.read_text("ascii", errors="replace").splitlines()
        except OSError:
            continue
        yield from reversed(lines)


def _from_journal() -> Iterator[str]:
    """The messages of our processes. journalctl gives entries as JSON, newest first."""
    ours = (f"--identifier=kiosk-{process}" for process in catalogue().vocabularies["process"])
    command = ("journalctl", "--output=json", "--output-fields=MESSAGE", "--reverse", "--no-pager",
               "--quiet", f"--lines={_READ}", *ours)  # fmt: skip
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    for entry in done.stdout.splitlines():
        try:
            message = json.loads(entry)["MESSAGE"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(message, str):
            yield message
