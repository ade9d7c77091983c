"""Writes every screen as a picture, for people to look at: `python tests/ui/gallery.py [--help]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest

sys.path.insert(0, str(Path(__file__).parent))
from samples import SAMPLES as HOUSE_SAMPLES
from service_samples import SERVICE_SAMPLES

from config.settings import Display, Orientation, Settings, Site
from flows.languages import Language
from ui.engine import Face, create_application
from ui.robot import Robot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.events import Event

SAMPLES = HOUSE_SAMPLES | SERVICE_SAMPLES

SITE = Site(
    name={"zh-Hant": "金鐘港鐵站", "zh-Hans": "金钟港铁站", "en": "Admiralty MTR Station"},
    desk={
        "zh-Hant": "金鐘道軍器廠街 1 號，灣仔警署報案室",
        "zh-Hans": "金钟道军器厂街 1 号，湾仔警署报案室",
        "en": "Wan Chai Police Station, 1 Arsenal Street",
    },
    desk_phone="2527 7177",
)


def invented_photo(width: int = 640, height: int = 360, colour: str = "#7A5A3A") -> bytes:
    """A JPEG with a plain shape in it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#B9C5D3"))
    painter = QPainter(image)
    painter.fillRect(width // 4, height // 4, width // 2, height // 2, QColor(colour))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return bytes(data.data())


def build_face(
    orientation: Orientation = Orientation.PORTRAIT,
    scale: float = 1.0,
    send: Callable[[Event], None] = lambda _event: None,
    **more: Any,
) -> Face:
    """A face with sample pictures; `more` are further settings."""
    display = Display(orientation=orientation, fullscreen=False, window_scale=scale)
    settings = Settings(**{"display": display, "site": SITE, **more})
    face = Face(settings, send)
    face.set_preview(invented_photo())
    for photo_id in ("p1", "p2"):
        face.add_photo(photo_id, invented_photo())
    return face


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/gallery"))
    parser.add_argument("--screens", nargs="*", default=list(SAMPLES))
    parser.add_argument("--languages", nargs="*", default=[language.value for language in Language])
    parser.add_argument("--orientations", nargs="*", default=[each.value for each in Orientation])
    parser.add_argument("--percent", nargs="*", type=int, default=[100])
    parser.add_argument("--contrast", action="store_true")
    parser.add_argument("--keyboard", action="store_true", help="put the cursor into the first field")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    create_application()
    for orientation in options.orientations:
        face = build_face(Orientation(orientation))
        face.present()
        if options.contrast:
            face.comfort.toggleContrast()
        for percent in options.percent:
            while face.comfort.textPercent != percent:
                face.comfort.nextTextSize()
            for language in options.languages:
                for name in options.screens:
                    face.show_view(SAMPLES[name](Language(language)))
                    QGuiApplication.processEvents()
                    QTest.qWait(20)
                    Robot(face.window).settle()
                    mark = f"{percent}{'-contrast' if options.contrast else ''}"
                    face.window.grabWindow().save(
                        str(options.out / f"{name}-{language}-{orientation}-{mark}.png")
                    )
        face.hide()


if __name__ == "__main__":
    main()
