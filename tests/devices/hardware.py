"""Tests on real devices: which ones, with which settings, and the protocol of what happened.

    .venv/bin/python -m pytest tests/devices/test_printer_family.py --hardware printer --protocol out

A contract test always runs on the simulator. With `--hardware DEVICE` it runs on that device of this machine
too, found by the settings a kiosk in service would use (`/etc/kiosk/kiosk.toml` and the environment).
"""

import json
import os
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Protocol as Shape

import pytest

from config.loader import MACHINE_FILE, load
from config.settings import Settings
from flows.ports import Device


class Record(Shape):
    """Writes one line of a protocol: a step, and facts such as `sent`, `heard`, `verdict`."""

    def __call__(self, step: str, **facts: object) -> None: ...


def hardware_option(parser: pytest.Parser) -> None:
    """Add `--hardware DEVICE` (repeatable) and `--protocol DIR`."""
    group = parser.getgroup("hardware", "real devices")
    group.addoption(
        "--hardware",
        action="append",
        default=[],
        choices=[device.value for device in Device],
        metavar="DEVICE",
        help="run the contract tests of this family on the device of this machine too (repeatable): "
        + ", ".join(Device),
    )
    group.addoption(
        "--protocol", type=Path, default=None, metavar="DIR", help="write what each test did, as JSON lines"
    )


def is_chosen(config: pytest.Config, device: Device) -> bool:
    """Whether the tests of that family run on the real device too."""
    return device.value in config.getoption("--hardware")


def settings_of_this_machine() -> Settings:
    """What a kiosk on this machine would run with. Raises `ConfigError`."""
    return load(machine_file=MACHINE_FILE if MACHINE_FILE.exists() else None, environ=os.environ)


class ProtocolFile:
    """The protocol of one test: one JSON object a line, flushed at once, so that a hang leaves its trace.

    Bytes are written as hexadecimal digits. Without a folder nothing is written.
    """

    def __init__(self, folder: Path | None, test: str) -> None:
        self._began = time.monotonic()
        self._file = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^A-Za-z0-9._-]+", "-", test).strip("-")
            self._file = (folder / f"{name}.jsonl").open("w", encoding="utf-8")

    def __call__(self, step: str, **facts: object) -> None:
        if self._file is None:
            return
        line = {"step": step, "at_s": round(time.monotonic() - self._began, 3), **facts}
        self._file.write(json.dumps(line, default=_plain, ensure_ascii=False) + "\n")
        self._file.flush()

    def __enter__(self) -> "ProtocolFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _plain(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes | bytearray) else str(value)
