"""What tests of the face share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
sys.path.insert(0, str(Path(__file__).parent))  # the samples beside the tests

import pytest
from gallery import build_face
from PySide6.QtGui import QGuiApplication

from config.settings import Orientation
from ui import engine
from ui.engine import Face, create_application


@pytest.fixture(scope="session")
def rime_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled Chinese input data: those `make setup` made, or fresh ones."""
    made = Path(__file__).parents[2] / "build" / "rime"
    if (made / "stroke.table.bin").is_file():
        return made
    fresh = tmp_path_factory.mktemp("rime") / "compiled"
    subprocess.run([sys.executable, "-m", "ui.input.deploy", str(fresh)], check=True)
    return fresh


@pytest.fixture
def gallery(qapp: QGuiApplication) -> Iterator[Callable[..., Face]]:
    """Builds faces with sample pictures in them and closes them afterwards."""
    assert qapp is not None
    create_application()
    faces: list[Face] = []

    def build(orientation: Orientation = Orientation.PORTRAIT, **more: Any) -> Face:
        face = build_face(orientation, **more)
        faces.append(face)
        face.present()
        return face

    yield build
    for face in faces:
        face.close()


@pytest.fixture
def planted(
    gallery: Callable[..., Face], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Callable[..., Face]]:
    """Gives a gallery whose QML has a bug in it."""

    def plant(file: str, before: str, after: str) -> Callable[..., Face]:
        shutil.copytree(engine.QML, tmp_path / "qml")
        path = tmp_path / "qml" / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        monkeypatch.setattr(engine, "QML", tmp_path / "qml")
        return gallery

    return plant
