"""The screen says in words that the camera is on exactly where it is on."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtQuick import QQuickItem
from samples import SAMPLES

from flows.languages import Language
from flows.ports import DeviceState
from ui.engine import QML, Face
from ui.robot import Robot

WORDS = {
    Language.TRADITIONAL_CHINESE: "鏡頭已開啟",
    Language.SIMPLIFIED_CHINESE: "摄像头已开启",
    Language.ENGLISH: "The camera is on",
}


def beneath(item: QQuickItem) -> Iterator[QQuickItem]:
    """It and all that is drawn in it."""
    yield item
    for child in item.childItems():
        yield from beneath(child)


def signs(face: Face) -> list[str]:
    """What is said of a camera that is on, by items that a visitor can see."""
    Robot(face.window).settle()
    shown = [item for item in beneath(face.window.contentItem()) if item.isVisible()]
    return [said_of(item) for item in shown if item.objectName() == "camera:on"]


def said_of(item: QQuickItem) -> str:
    return " ".join(text for child in beneath(item) if (text := child.property("text")))


@pytest.mark.parametrize("language", list(Language))
def test_photo_and_scan_say_so_in_every_language(gallery: Callable[..., Face], language: Language):
    face = gallery()
    for name in ("photo", "scan"):
        face.show_view(SAMPLES[name](language))
        assert signs(face) == [WORDS[language]]


def test_it_is_not_said_where_the_camera_is_not_on(gallery: Callable[..., Face]):
    face = gallery()
    for name in ("attract", "services", "review", "received"):
        face.show_view(SAMPLES[name](Language.ENGLISH))
        assert signs(face) == [], name
    view = SAMPLES["photo"](Language.ENGLISH)
    face.show_view(replace(view, body=replace(view.body, camera=DeviceState.COVERED)))
    assert signs(face) == []


def test_no_other_screen_knows_the_sign():
    users = [path.name for path in QML.rglob("*.qml") if "photo.on" in path.read_text(encoding="utf-8")]
    assert users == ["Viewfinder.qml"]
    users = [path.name for path in QML.rglob("*.qml") if "Viewfinder {" in path.read_text(encoding="utf-8")]
    assert sorted(users) == ["Photo.qml", "Scan.qml"]
