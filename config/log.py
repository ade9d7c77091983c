"""The only way into the log: `log(Event.CASE_KEPT, case_id=…)`.

In service every event reaches journald with its fields; elsewhere, and where journald does not take it, it is
one JSON object a line on stderr.

Every call is checked against `events.toml`. In service a field that is not in the catalogue is left out and
the line says that something was `refused`, because a log must never cost a visit; elsewhere the call raises.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from config.event_file import EventFile
from config.event_names import Event
from config.events import Level, Refusal, catalogue
from config.journal import Journal, datagram

# syslog(3); journald also takes it from the prefix of a line on stderr, sd-daemon(3).
_PRIORITIES: Mapping[str, int] = {
    Level.DEBUG: 7, Level.INFO: 6, Level.WARNING: 4, Level.ERROR: 3, Level.CRITICAL: 2,
}  # fmt: skip

_HOUSE = logging.getLogger("report-kiosk")


class EventError(Exception):
    """An event that is not in the catalogue, or not with these fields. Tells names only, never values."""


def configure(process: str, *, strict: bool = False, journal: Journal | None = None) -> None:
    """Open the log of this process; the libraries' logging goes into it too.

    `process` is a word of the vocabulary of that name. `strict` makes wrong calls raise. Events go to
    `journal`; by default to journald when systemd has connected stderr to it.
    """
    if process not in catalogue().vocabularies["process"]:
        raise ValueError(f"{process!r} is no word of vocabularies.process in config/events.toml")
    if journal is None and "JOURNAL_STREAM" in os.environ:
        journal = Journal()
    _HOUSE.propagate = False
    _HOUSE.handlers = [_Lines(process, journal, strict=strict)]
    logging.basicConfig(handlers=[_LibraryHandler()], level=logging.WARNING, force=True)


def log(event: Event, **fields: object) -> None:
    """Log an event. A wrong call raises `EventError`, unless `configure` was called and not strict."""
    if not any(isinstance(handler, _Lines) for handler in _HOUSE.handlers):
        _refuse(event, fields)
        return
    # The level that counts is in the catalogue.
    _HOUSE.handle(logging.makeLogRecord({"msg": event.value, "fields": fields, "levelno": logging.INFO}))


def _refuse(name: str, fields: Mapping[str, object]) -> None:
    faults = [f"{field or name}: {refusal.value}" for field, refusal in catalogue().faults(name, fields)]
    if faults:
        raise EventError(f"{name}: {', '.join(faults)}; see config/events.toml")


class _Lines(logging.Handler):
    """Writes what the catalogue knows, one JSON object a line; ASCII only, no terminal is told anything."""

    def __init__(self, process: str, journal: Journal | None, *, strict: bool) -> None:
        super().__init__()
        self._process = process
        self._strict = strict
        self._journal = journal
        self._catalogue = catalogue()
        self._stream = sys.stderr
        self._copy = EventFile.of(os.environ)

    def emit(self, record: logging.LogRecord) -> None:
        name, fields = record.msg, record.__dict__.get("fields", {})
        if self._strict:
            _refuse(name, fields)
        line = self._catalogued(name, fields)
        stamp = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "process": self._process}
        message, priority = json.dumps(stamp | line), _PRIORITIES[line["level"]]
        if self._journal is not None:
            said = {key: value for key, value in line.items() if key not in ("event", "level")}
            if self._journal.write(datagram(message, priority, self._process, line["event"], said)):
                return
            message = f"<{priority}>{message}"
        elif self._copy is not None:
            self._copy.append(message)
        try:
            self._stream.write(f"{message}\n")
            self._stream.flush()
        except (OSError, ValueError):  # a log that cannot be written costs nothing else
            return

    def _catalogued(self, name: str, fields: Mapping[str, object]) -> dict[str, Any]:
        faults = dict(self._catalogue.faults(name, fields))
        if Refusal.UNKNOWN_EVENT in faults.values():
            name, fields, faults = Event.EVENT_REFUSED.value, {"refusal": Refusal.UNKNOWN_EVENT}, {}
        line: dict[str, Any] = {"level": self._catalogue.events[name].level.value, "event": name}
        line |= {key: _plain(value) for key, value in fields.items() if key not in faults}
        if faults:
            line["refused"] = sorted({refusal.value for refusal in faults.values()})
        return line


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID | str) else value


class _LibraryHandler(logging.Handler):
    """Says that a library warned, and which; its words may quote data."""

    def emit(self, record: logging.LogRecord) -> None:
        library = record.name.split(".")[0].replace("<", "") or "root"
        log(Event.LIBRARY_WARNED, library=library[:40])
