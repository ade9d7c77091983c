"""The distribution: our names are ours, commands exist, the wheel is complete, locks are locked."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

import tests

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = ("kiosk", "ui", "devices", "flows", "config", "central")
FOLDERS = {*OURS, "tests", "docs", "benchmarks", "systemd"}
KNOWN_CLAIMS = {"python-barcode": {"tests", "docs"}}
"""python-barcode 0.16.1 installs its tests and docs at top level: nothing here may mean them."""
LOCKS = ("requirements-kiosk.lock", "requirements.lock", "requirements-dev.lock")


def claims() -> dict[str, set[str]]:
    """Our folders' names that other distributions install at top level."""
    found: dict[str, set[str]] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        tops = {Path(str(file)).parts[0].removesuffix(".py") for file in distribution.files or ()}
        if name != PROJECT["project"]["name"] and tops & FOLDERS:
            found[name] = tops & FOLDERS
    return found


def test_nobody_claims_our_names() -> None:
    assert claims() == KNOWN_CLAIMS


@pytest.mark.parametrize(
    ("importers", "claimed"), [((*OURS, "docs"), "tests|docs"), (("tests", "benchmarks"), "docs")]
)
def test_nobody_imports_by_a_claimed_name(importers: tuple[str, ...], claimed: str) -> None:
    pattern = re.compile(rf"^\s*(?:from|import)\s+(?:{claimed})\b", re.MULTILINE)
    files = [path for name in importers for path in (ROOT / name).rglob("*.py")]
    assert [path for path in files if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_tests_and_benchmarks_mean_our_tests() -> None:
    # A regular package at the head of the path wins over whatever else has that name.
    command = (sys.executable, "-m", "tests.prove.kill", "--help")
    assert "usage" in subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert Path(str(tests.__file__)) == ROOT / "tests/__init__.py"


@pytest.mark.parametrize("name", OURS)
def test_our_names_are_found_here(name: str) -> None:
    code = f"import {name}; print({name}.__file__)"
    command = (sys.executable, "-P", "-c", code)
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout.strip()
    assert Path(found).is_relative_to(ROOT)


@pytest.mark.parametrize("script", sorted(PROJECT["project"]["scripts"]))
def test_commands_exist_and_explain_themselves(script: str) -> None:
    program = Path(sysconfig.get_path("scripts")) / script
    done = subprocess.run((program, "--help"), check=True, capture_output=True, text=True)
    assert "Usage" in done.stdout
    assert done.stderr == ""


STABLE = (
    ("run",),
    ("visit",),
    ("scan",),
    ("mrz",),
    ("flows", "check"),
    ("flows", "list"),
    ("flows", "diagram"),
    ("receipt",),
    ("doctor",),
    ("outbox", "status"),
    ("screen",),
    ("devices",),
    ("courier",),
)


@pytest.mark.parametrize("words", STABLE, ids=" ".join)
def test_commands_that_others_rely_on_stay(words: tuple[str, ...]) -> None:
    program = Path(sysconfig.get_path("scripts")) / "kiosk"
    done = subprocess.run((program, *words, "--help"), check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def tracked() -> list[str]:
    """Files of our packages as git knows them."""
    listed = subprocess.run(
        ("git", "ls-files", "--", *OURS), check=True, capture_output=True, text=True, cwd=ROOT
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built without an index from what git knows."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in (*tracked(), "pyproject.toml", "README.md", "LICENSE"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    command = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    )
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run((*command, "--wheel-dir", out, source), check=True, capture_output=True, env=environment)
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_has_every_file_of_our_packages(wheel: set[str]) -> None:
    wanted = set(tracked())
    assert {Path(name).suffix for name in wanted} >= {".py", ".qml", ".toml", ".yaml", ".svg"}
    assert sorted(wanted - wheel) == []


def test_the_wheel_has_nothing_else(wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == set(OURS)


def test_qt_does_not_lose_references_to_none() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to None per call and aborts after a few thousand."""
    code = (
        "import sys; from PySide6.QtCore import QObject; one = QObject(); before = sys.getrefcount(None)\n"
        "for _ in range(5000): one.parent(); one.property('missing'); one.findChild(QObject)\n"
        "print(sys.getrefcount(None) - before)"
    )
    done = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert int(done.stdout) > -100


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_have_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(requirements) > 30
    assert [
        entry.split()[0] for entry in requirements if "==" not in entry or "--hash=sha256:" not in entry
    ] == []


def test_locks_agree() -> None:
    kiosk, centre, dev = (
        {*re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)} for lock in LOCKS
    )
    assert kiosk <= centre <= dev


def test_ci_runs_what_the_readme_names() -> None:
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert re.search(r"^test:.*setup-dev", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
