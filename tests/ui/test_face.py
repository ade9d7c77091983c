"""The face as the roof uses it: nothing shows before its time, everything is forgotten, faults are told."""

from collections.abc import Callable
from dataclasses import replace

import gallery as pictures
import pytest
import zxingcpp
from PySide6.QtCore import QSize, QtMsgType, qWarning
from PySide6.QtGui import QColor, QFontDatabase, QImage
from pytestqt.qtbot import QtBot
from samples import SAMPLES as HOUSE_SAMPLES
from samples import received
from service_samples import SERVICE_SAMPLES

from config.settings import Display, Orientation, Settings
from flows.languages import Language
from flows.view import ReceivedBody, Screen, ViewState
from ui.bridge.pictures import IconProvider, MemoryProvider, code_image
from ui.bridge.plain import to_answer, to_plain
from ui.bridge.visit import page_key
from ui.engine import Face, FaceError, check_fonts, create_application, fitting, watch_messages, window_size
from ui.robot import Robot

Build = Callable[..., Face]
SAMPLES = HOUSE_SAMPLES | SERVICE_SAMPLES


def test_nothing_is_shown_before_present(qtbot: QtBot) -> None:
    create_application()
    face = pictures.build_face()
    assert not face.window.isVisible()
    with qtbot.waitSignal(face.first_frame):
        face.present()
    face.hide()
    assert not face.window.isVisible()
    face.close()


@pytest.mark.parametrize(
    ("display", "size"),
    [
        (Display(fullscreen=False), (1080, 1920)),
        (Display(fullscreen=False, window_scale=0.5), (540, 960)),
        (Display(fullscreen=False, orientation=Orientation.LANDSCAPE, window_scale=0.5), (960, 540)),
        (Display(fullscreen=True, window_scale=0.5), (1080, 1920)),
    ],
)
def test_the_window_keeps_the_proportions_of_the_kiosk(display: Display, size: tuple[int, int]) -> None:
    assert window_size(Settings(display=display)) == size


@pytest.mark.parametrize(
    ("room", "size"),
    [
        (QSize(1400, 1100), (540, 960)),
        (QSize(540, 960), (540, 960)),
        (QSize(1280, 720), (382, 680)),
        (QSize(400, 1100), (400, 711)),
        (None, (540, 960)),
    ],
)
def test_a_development_window_fits_the_desktop(room: QSize | None, size: tuple[int, int]) -> None:
    settings = Settings(display=Display(fullscreen=False, window_scale=0.5))
    assert window_size(fitting(settings, room)) == size
    whole = Settings(display=Display(fullscreen=True))
    assert fitting(whole, room) is whole


def test_every_screen_of_the_contract_has_a_file(gallery: Build) -> None:
    face = gallery()
    shown = {view.screen for make in SAMPLES.values() for view in [make(Language.ENGLISH)]}
    assert shown == set(Screen)
    for screen in Screen:
        if screen not in (Screen.TRIAGE, Screen.PRIVACY, Screen.DECLARE, Screen.RECEIVED):
            face.show_view(ViewState(screen, Language.ENGLISH))
            assert Robot(face.window).screen() == screen.value


def test_missing_fonts_are_told_by_name(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    assert qtbot is not None
    monkeypatch.setattr(QFontDatabase, "families", staticmethod(lambda: ["Noto Sans"]))
    with pytest.raises(FaceError, match="Noto Sans CJK HK, Noto Sans CJK SC; install fonts-noto"):
        check_fonts()


def test_messages_of_qt_reach_the_watcher() -> None:
    told: list[tuple[QtMsgType, str]] = []
    before = watch_messages(lambda kind, text: told.append((kind, text)))
    try:
        qWarning("something is wrong")
    finally:
        before()
    assert told == [(QtMsgType.QtWarningMsg, "something is wrong")]


def _colour_at(image: QImage, x: float, y: float) -> str:
    return image.pixelColor(round(x * image.width()), round(y * image.height())).name()


def test_forget_drops_every_picture(gallery: Build) -> None:
    face = gallery()
    provider = face._pictures
    assert provider.requestImage("p1", QSize(), QSize()).width() == 640
    face.forget()
    assert provider.requestImage("p1", QSize(), QSize()).width() == 1
    assert provider.requestImage("live?3", QSize(), QSize()).width() == 1


def test_a_broken_preview_frame_is_skipped(gallery: Build) -> None:
    face = gallery()
    face.set_preview(b"no picture")
    assert face._pictures.requestImage("live?1", QSize(), QSize()).width() == 640


def test_the_live_picture_is_on_the_screen(gallery: Build) -> None:
    face = gallery()
    robot = Robot(face.window)
    face.show_view(SAMPLES["photo"](Language.ENGLISH))
    robot.settle()
    face.set_preview(pictures.invented_photo(colour="#00FF00"))
    picture = robot.picture()
    greens = sum(
        picture.pixelColor(x, y).green() > 200 and picture.pixelColor(x, y).red() < 60
        for x in range(0, picture.width(), 20)
        for y in range(0, picture.height(), 20)
    )
    assert greens > 100


def test_the_code_on_the_screen_can_be_read_by_a_phone(gallery: Build) -> None:
    face = gallery()
    view = received(Language.ENGLISH)
    face.show_view(view)
    robot = Robot(face.window)
    robot.settle()
    image = robot.picture().convertToFormat(QImage.Format.Format_Grayscale8)
    import numpy as np

    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    read = zxingcpp.read_barcodes(np.ascontiguousarray(pixels[:, : image.width()]))
    assert isinstance(view.body, ReceivedBody)
    assert [code.text for code in read] == [view.body.code_payload]


def test_a_code_has_its_quiet_zone() -> None:
    image = code_image("528319476034")
    assert all(_is_white(image, at, 3) and _is_white(image, 3, at) for at in range(image.width()))
    assert not _is_white(image, 4, 4)


def _is_white(image: QImage, x: int, y: int) -> bool:
    return image.pixelColor(x, y) == QColor("#FFFFFF")


def test_icons_are_drawn_in_the_colour_asked_for(qtbot: QtBot) -> None:
    assert qtbot is not None
    image = IconProvider().requestImage("check/c4122f", QSize(), QSize(40, 40))
    inks = {
        image.pixelColor(x, y).name()
        for x in range(40)
        for y in range(40)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inks == {"#c4122f"}


@pytest.mark.parametrize("name", ["../../secret/ffffff", "a b/ffffff", "/ffffff"])
def test_an_icon_is_only_ever_a_file_of_ours(name: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError)):
        IconProvider().requestImage(name, QSize(), QSize())


def test_a_picture_fits_what_is_asked_for(qtbot: QtBot) -> None:
    assert qtbot is not None
    provider = MemoryProvider()
    provider.put("a", QImage(640, 360, QImage.Format.Format_RGB32))
    fitted = provider.requestImage("a", QSize(), QSize(100, 100))
    assert (fitted.width(), fitted.height()) == (100, 56)


def test_a_page_is_the_same_while_only_answers_and_language_change() -> None:
    page = SAMPLES["categories"](Language.ENGLISH)
    assert page_key(page) == page_key(SAMPLES["categories"](Language.TRADITIONAL_CHINESE))
    assert page_key(page) == page_key(replace(page, can_next=False))
    keys = {page_key(make(Language.ENGLISH)) for make in SAMPLES.values()}
    assert len(keys) >= len(Screen) + 6


@pytest.mark.parametrize("value", [object(), b"bytes", 1.5, None])
def test_only_what_a_field_can_hold_becomes_an_answer(value: object) -> None:
    with pytest.raises(TypeError):
        to_answer(value)


def test_plain_values_refuse_what_qml_must_not_see() -> None:
    with pytest.raises(TypeError, match="no plain form for bytes"):
        to_plain({"secret": b"bytes"})
