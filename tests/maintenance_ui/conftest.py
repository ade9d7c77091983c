"""What tests of the technician's screen share."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
sys.path.insert(0, str(Path(__file__).parent))  # the samples beside the tests

import pytest
from desk_samples import Hands, Scripted, build_desk
from PySide6.QtGui import QGuiApplication

from config.settings import Orientation
from ui.engine import create_application
from ui.technician import TechnicianFace

Desk = tuple[TechnicianFace, Scripted, Hands]


@pytest.fixture
def desk(qapp: QGuiApplication) -> Iterator[Callable[..., Desk]]:
    """Builds technician's faces with a scripted maintenance and a clock that goes when told to."""
    assert qapp is not None
    create_application()
    faces: list[TechnicianFace] = []

    def build(orientation: Orientation = Orientation.PORTRAIT) -> Desk:
        hands = Hands()
        face, errands = build_desk(orientation, hands)
        faces.append(face)
        face.present()
        return face, errands, hands

    yield build
    for face in faces:
        face.close()
