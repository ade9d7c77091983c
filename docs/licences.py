"""The page of licences: Python distributions of the lock files, Debian packages, files by others."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = {
    "On the kiosk": "requirements-kiosk.lock",
    "Reference centre": "requirements.lock",
    "Development only": "requirements-dev.lock",
}


_HEAD = """# Licences

Made by `make docs` from the lock files, the installed distributions and `docs/licences.toml`; do not edit.
Our own code is Apache-2.0 (`LICENSE`). Qt is used under LGPL-3.0 as unmodified, replaceable shared libraries;
Qt modules that are GPL-only are not imported (`tests/house/test_licences.py`)."""


def page() -> str:
    """The text of docs/reference/licences.md."""
    tables = [*_python_tables(), *_debian_table(), *_bundled_table(), *_files_table()]
    return "\n".join([_HEAD, *tables, ""])


def locked(lock: str) -> set[str]:
    """Normalised names of the distributions in a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)}


def normal(name: str) -> str:
    """A distribution's name as the index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, dict[str, str]]:
    """What pip-licenses finds: normalised name → Name, Version, License, URL."""
    program = Path(sys.executable).with_name("pip-licenses")
    command = [str(program), "--python", sys.executable, "--with-system", "--with-urls", "--format", "json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    said_better = {entry["distribution"]: {"License": entry["licence"]} for entry in kept_by_hand()["python"]}
    return {normal(entry["Name"]): {**entry, **said_better.get(normal(entry["Name"]), {})} for entry in found}


def kept_by_hand() -> dict[str, list[dict[str, Any]]]:
    """docs/licences.toml."""
    return tomllib.loads((ROOT / "docs" / "licences.toml").read_text(encoding="utf-8"))


def _python_tables() -> list[str]:
    known, earlier, lines = installed(), set[str](), []
    for title, lock in LOCKS.items():
        names = sorted(locked(lock) - earlier)
        earlier |= set(names)
        lines += ["", f"## {title}", "", "| distribution | version | licence |", "|---|---|---|"]
        lines += [_row(known[name]) for name in names]
    return lines


def _row(entry: dict[str, str]) -> str:
    return f"| {entry['Name']} | {entry['Version']} | {entry['License']} |"


def _debian_table() -> list[str]:
    rows = [
        f"| {entry['package']} | {entry['licence']} | {entry['use']} | {entry.get('note', '')} |"
        for entry in kept_by_hand()["debian"]
    ]
    return ["", "## Debian 12 packages", "", "| package | licence | use | note |", "|---|---|---|---|", *rows]


def _bundled_table() -> list[str]:
    rows = [f"| {entry['distribution']} | {entry['bundles']} |" for entry in kept_by_hand()["bundled"]]
    return ["", "## Libraries inside wheels", "", "| distribution | bundles |", "|---|---|", *rows]


def _files_table() -> list[str]:
    rows = [
        f"| `{entry['path']}` | {entry['name']} | {entry['licence']} |" for entry in kept_by_hand()["files"]
    ]
    return [
        "",
        "## Files by others in this repository",
        "",
        "| path | what | licence |",
        "|---|---|---|",
        *rows,
    ]
