"""Import directions: all contracts of pyproject.toml are kept, and each notices the import it forbids."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("kiosk", "ui", "devices", "flows", "config", "central")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
NAMES = [contract["name"] for contract in CONTRACTS]

PLANTS = {
    "Floors: every arrow points down, and the two faces never see each other": [
        ("flows/planted.py", "import ui.engine"),
        ("config/planted.py", "import flows.view"),
        ("devices/planted.py", "import ui.engine"),
        ("ui/planted.py", "import devices.wire"),
        ("ui/planted.py", "import kiosk.notify"),
    ],
    "Device families know nothing of each other": [
        ("devices/printer/planted.py", "import devices.camera.adapter"),
        ("devices/scanner/planted.py", "import devices.printer.status"),
    ],
    "The post office knows bytes and ids, not what a report says": [
        ("kiosk/post/planted.py", "import flows.case"),
        (
            "kiosk/post/planted.py",
            "import kiosk.screens.keeper",
        ),  # imports flows: not even so
    ],
    "Maintenance has no way to a report": [
        ("kiosk/maintenance/planted.py", "import kiosk.post.outbox"),
        ("kiosk/maintenance/facts.py", "import kiosk.post.central"),  # which imports the outbox
        ("kiosk/maintenance/planted.py", "import ui.engine"),
    ],
    "The centre is another house: it imports none of ours": [
        ("central/planted.py", "import config.settings")
    ],
    "The centre is another house: none of ours imports it": [
        ("kiosk/planted.py", "import central.store.store")
    ],
    "Only the faces a visitor sees know Qt, and the roof that starts them": [
        ("kiosk/planted.py", "from PySide6 import QtCore"),
        ("kiosk/doctor.py", "import shiboken6"),
    ],
    "Qt reaches neither hardware nor post, not even through others": [
        ("devices/planted.py", "from PySide6.QtCore import QObject"),
        ("kiosk/post/planted.py", "import kiosk.screens.screen"),
    ],
    "Only the post office speaks to the network": [
        ("kiosk/planted.py", "import httpx"),
        ("flows/planted.py", "import httpcore"),
    ],
    "Only the printer family knows the receipt printer's language": [
        ("devices/planted.py", "from escpos.printer import Network")
    ],
    "Only device families know serial lines": [("devices/camera/planted.py", "import serial")],
    "Only the printer family knows USB": [("devices/scanner/planted.py", "import usb.core")],
    "Only the camera family knows cameras and decodes pictures": [
        ("devices/scanner/planted.py", "import zxingcpp"),
        ("ui/planted.py", "import cv2"),
    ],
    "Only the centre is a server": [("kiosk/post/planted.py", "import fastapi")],
    "Only the outbox knows the database": [("flows/planted.py", "import apsw")],
    "Only the heart knows state machines": [("ui/planted.py", "from transitions import Machine")],
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of our packages, to plant imports in."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=lambda _, names: [n for n in names if _is_no_code(n)]
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _is_no_code(name: str) -> bool:
    return name == "__pycache__" or ("." in name and not name.endswith(".py"))


def broken(folder: Path) -> tuple[set[str], str]:
    """Names of the broken contracts, and all that lint-imports said."""
    program = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run(
        (program, "--no-cache", "--no-logo"), cwd=folder, check=False, capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    found = {name for name in NAMES if f"{name} BROKEN" in " ".join(said.split())}
    assert bool(found) == (done.returncode != 0), said
    return found, said


def test_every_contract_is_kept() -> None:
    found, said = broken(ROOT)
    assert not found, said


def test_every_contract_has_a_plant() -> None:
    assert set(PLANTS) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "path", "code"), [(name, *plant) for name, plants in PLANTS.items() for plant in plants]
)
def test_a_planted_import_is_found(house: Path, name: str, path: str, code: str) -> None:
    with (house / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")
    found, said = broken(house)
    assert name in found, said


@pytest.mark.parametrize(
    ("module", "never"),
    [
        (
            "kiosk.post.courier",
            {"PySide6", "cv2", "transitions", "escpos", "serial", "flows", "ui", "devices"},
        ),
        ("devices.host", {"PySide6", "transitions", "httpx", "apsw", "ui", "kiosk"}),
        ("kiosk.maintenance.process", {"PySide6", "apsw", "httpx", "cv2", "transitions", "ui"}),
        ("kiosk.screens.screen", {"httpx", "cv2", "escpos", "serial", "pyzbar", "zxingcpp", "fastapi"}),
    ],
)
def test_a_process_loads_no_library_of_another(module: str, never: set[str]) -> None:
    code = f"import {module}, sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    command = (sys.executable, "-c", code)
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert not never & set(loaded)


def test_packages_run_nothing_when_imported() -> None:
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")]
    assert len(files) >= len(PACKAGES)
    assert [path for path in files if path.read_text(encoding="utf-8")] == []
