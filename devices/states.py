"""What every device is and has been: the state now, and its latest changes, which outlive the process."""

import json
import threading
import time
from collections import deque
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from config.event_names import Event
from config.log import log
from devices.messages import Change
from flows.ports import USABLE_STATES, Device, DeviceState

KEPT_CHANGES = 64
"""For each device; a message takes no more."""
_MAX_FILE = 256 * 1024

_History = dict[Device, Annotated[list[Change], Field(max_length=KEPT_CHANGES)]]
_FILE: TypeAdapter[_History] = TypeAdapter(_History)


class StateLog:
    """Remembers the state of every device and logs once when one is lost and once when it is back."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` is where the changes are kept; what is wrong with it costs the history and nothing else."""
        self._file = file
        self._lock = threading.Lock()
        self._states = dict.fromkeys(Device, DeviceState.UNKNOWN)
        self._changes = {device: deque[Change](maxlen=KEPT_CHANGES) for device in Device}
        self._saved = True
        for device, changes in _read(file).items():
            self._changes[device].extend(changes)

    def all(self) -> dict[Device, DeviceState]:
        """The states now."""
        with self._lock:
            return dict(self._states)

    def history(self, device: Device) -> list[Change]:
        """Its latest changes, newest last."""
        with self._lock:
            return list(self._changes[device])

    def change(self, device: Device, state: DeviceState) -> bool:
        """Take a state; True if it is new."""
        with self._lock:
            before, self._states[device] = self._states[device], state
            if before is state:
                return False
            self._changes[device].append(Change(state, round(time.time(), 3)))
            self._saved = False
        if (before in USABLE_STATES) != (state in USABLE_STATES):
            event = Event.DEVICE_BACK if state in USABLE_STATES else Event.DEVICE_LOST
            log(event, device=device, state=state)
        return True

    def save(self) -> None:
        """Write the changes to the file, if there are new ones. A crash in between leaves the older file."""
        with self._lock:
            if self._file is None or self._saved:
                return
            text = _FILE.dump_json({device: list(changes) for device, changes in self._changes.items()})
            self._saved = True
        beside = self._file.with_suffix(".new")
        try:
            beside.write_bytes(text)
            beside.replace(self._file)
        except OSError as error:
            log(Event.DEVICE_HISTORY_LOST, exception=type(error).__name__)


def _read(file: Path | None) -> _History:
    if file is None or not file.exists():
        return {}
    try:
        with file.open("rb") as stream:
            return _FILE.validate_python(json.loads(stream.read(_MAX_FILE)), strict=False)
    except (OSError, ValueError, ValidationError) as error:
        log(Event.DEVICE_HISTORY_LOST, exception=type(error).__name__)
        return {}
