"""Nothing we build on is GPL-only, everything is in the table of licences, and the table is fresh."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("kiosk", "ui", "devices", "flows", "config", "central", "tests", "benchmarks", "docs")
HAND_KEPT = tomllib.loads((ROOT / "docs/licences.toml").read_text(encoding="utf-8"))

GPL_ONLY_QT = (
    # GPL-3.0-only or commercial, whatever the metadata of the wheels says (doc.qt.io, "Licenses Used in Qt").
    "Qt5Compat",
    "QtCharts",
    "QtDataVisualization",
    "QtGraphs",
    "QtGrpc",
    "QtHttpServer",
    "QtLottie",
    "QtMqtt",
    "QtNetworkAuth",
    "QtProtobuf",
    "QtQuick3D",
    "QtQuickTimeline",
    "QtShaderTools",
    "QtVirtualKeyboard",
    "QtWaylandCompositor",
)
QML_NAMES = {
    "Qt5Compat": r"Qt5Compat\b",
    "QtLottie": r"Qt\.labs\.lottieqt",
    "QtQuick3D": r"QtQuick3D\b",
    "QtQuickTimeline": r"QtQuick\.Timeline",
    "QtVirtualKeyboard": r"QtQuick\.VirtualKeyboard",
    "QtWaylandCompositor": r"QtWayland\.Compositor",
}
"""Names of the same modules in QML, where they differ."""


def gpl_only(licence: str) -> bool:
    """Whether a licence leaves no way but the GPL. `OR` offers a choice; `AND`, `;` and `,` do not."""
    return all(
        any(
            re.search(r"(?<!L)\bA?GPL|General Public License", part) and "Lesser" not in part
            for part in choice
        )
        for choice in (re.split(r" AND |;|,", alternative) for alternative in licence.split(" OR "))
    )


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("MIT", False),
        ("LGPL-3.0-only OR GPL-2.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GPL-2.0-only OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", True),
        ("BSD License; GNU General Public License v2 (GPLv2)", True),
    ],
)
def test_the_reading_of_licences(licence: str, verdict: bool) -> None:
    assert gpl_only(licence) is verdict


def rows(title: str) -> list[list[str]]:
    """The cells of one table of the generated page."""
    page = (ROOT / "docs/reference/licences.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("title", ["On the kiosk", "Reference centre", "Development only"])
def test_no_distribution_is_gpl_only(title: str) -> None:
    table = rows(title)
    assert table
    assert [row for row in table if gpl_only(row[2])] == []
    assert [row for row in table if row[2].upper() in {"", "UNKNOWN"}] == []


def test_nothing_that_is_linked_is_gpl_only() -> None:
    assert [
        entry for entry in HAND_KEPT["debian"] if entry["use"] == "linked" and gpl_only(entry["licence"])
    ] == []


def test_every_debian_package_is_in_the_table() -> None:
    lists = [(ROOT / name).read_text(encoding="utf-8") for name in ("packages.apt", "packages-test.apt")]
    wanted = {word for text in lists for line in text.splitlines() for word in line.split("#")[0].split()}
    assert {entry["package"] for entry in HAND_KEPT["debian"]} == wanted


def test_every_foreign_file_is_in_the_table_with_its_licence() -> None:
    for entry in HAND_KEPT["files"]:
        assert (ROOT / entry["path"] / "LICENSE").is_file(), entry
    known = {ROOT / entry["path"] for entry in HAND_KEPT["files"]}
    found = {path.parent for name in SOURCES for path in (ROOT / name).rglob("LICENSE*")}
    assert found <= known


def test_the_gpl_plugin_of_librime_is_not_installed_on_purpose() -> None:
    assert "librime-plugin" not in (ROOT / "packages.apt").read_text(encoding="utf-8")


def test_generated_pages_are_fresh() -> None:
    command = (sys.executable, str(ROOT / "docs/make.py"), "--check")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def gpl_qt_in(text: str, suffix: str) -> set[str]:
    """GPL-only Qt modules that a Python or QML file imports."""
    if suffix == ".py":
        patterns = {name: rf"\bPySide6(?:\.| import .*?\b){name}\b" for name in GPL_ONLY_QT}
    else:
        patterns = {name: rf"^\s*import\s+{QML_NAMES.get(name, name)}" for name in GPL_ONLY_QT}
    return {name for name, pattern in patterns.items() if re.search(pattern, text, flags=re.MULTILINE)}


@pytest.mark.parametrize(
    ("text", "suffix", "found"),
    [
        ("from PySide6.QtCharts import QChart", ".py", {"QtCharts"}),
        ("from PySide6 import QtCore, QtQuick3D", ".py", {"QtQuick3D"}),
        ("import PySide6.QtHttpServer", ".py", {"QtHttpServer"}),
        ("from PySide6.QtQuick import QQuickWindow", ".py", set()),
        ("import QtQuick\nimport QtQuick.VirtualKeyboard\n", ".qml", {"QtVirtualKeyboard"}),
        ("import QtQuick.Timeline 1.0", ".qml", {"QtQuickTimeline"}),
        ("import QtQuick.Controls.Basic", ".qml", set()),
    ],
)
def test_the_search_for_gpl_modules_finds_them(text: str, suffix: str, found: set[str]) -> None:
    assert gpl_qt_in(text, suffix) == found


def test_no_gpl_only_qt_module_is_imported() -> None:
    files = [
        path
        for name in SOURCES
        for path in (ROOT / name).rglob("*")
        if path.suffix in {".py", ".qml"} and path != Path(__file__)
    ]
    assert any(path.suffix == ".qml" for path in files)
    found = {
        str(path.relative_to(ROOT)): gpl_qt_in(path.read_text(encoding="utf-8"), path.suffix)
        for path in files
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_the_input_method_is_never_qts_own() -> None:
    files = [path for name in SOURCES for path in (ROOT / name).rglob("*.py") if path != Path(__file__)]
    assert [path for path in files if "qtvirtualkeyboard" in path.read_text(encoding="utf-8").lower()] == []


def test_our_own_licence_is_apache() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
