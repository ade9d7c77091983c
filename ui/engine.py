"""The face: one window that shows a `ViewState` and sends back events. The only way from the roof to Qt."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QSize,
    QtMsgType,
    QUrl,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QImage
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from config.settings import Orientation, Settings
from flows.events import Event
from flows.languages import Language
from flows.ports import PanelKey
from flows.view import FilesBody, NoticeBody, ReceivedBody, Screen, ViewState
from ui import keypad
from ui.bridge.comfort import ComfortBridge
from ui.bridge.corners import CornersBridge
from ui.bridge.lines import LinesBridge
from ui.bridge.pictures import IconProvider, MemoryProvider, PicturesBridge, code_image
from ui.bridge.site import SiteBridge
from ui.bridge.visit import VisitBridge
from ui.bridge.words import WordsBridge
from ui.i18n.catalogue import load_catalogue
from ui.input.bridge import KeyboardBridge
from ui.input.engine import InputEngine
from ui.messages import load_messages

QML = Path(__file__).parent / "qml"
NEEDED_FAMILIES = ("Noto Sans", "Noto Sans CJK HK", "Noto Sans CJK SC")
REFERENCE_SIZE = (1080, 1920)
TITLE_BAR = 40
"""Pixels that a desktop may put above a window."""
LIVE_PICTURE = "live"
CODE_PICTURE = "code"


class FaceError(RuntimeError):
    """The screen cannot be built; the message names what is missing and the remedy."""


def create_application(arguments: Sequence[str] = ()) -> QGuiApplication:
    """The process's Qt application, set up for a kiosk; the running one if any. Raises `FaceError`."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        check_fonts()
        return running
    os.environ.setdefault("QT_QUICK_BACKEND", "software")  # every box can draw flat shapes without a GPU
    os.environ.setdefault(
        "QT_ENABLE_HIGHDPI_SCALING", "0"
    )  # millimetres come from the settings, never from a guess
    os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")
    application = QGuiApplication(["report-kiosk", *arguments])
    application.setApplicationName("report-kiosk")
    check_fonts()
    return application


def check_fonts() -> None:
    """Raise `FaceError` unless every script can be drawn; give Latin text Hong Kong's Han glyphs."""
    missing = sorted(set(NEEDED_FAMILIES) - set(QFontDatabase.families()))
    if missing:
        raise FaceError(
            f"fonts are missing: {', '.join(missing)}; install fonts-noto-core and fonts-noto-cjk"
        )
    # Without this Qt takes Japanese glyph forms for Han characters inside English text.
    QFont.insertSubstitutions("Noto Sans", ["Noto Sans CJK HK", "Noto Sans CJK SC"])


def watch_messages(report: Callable[[QtMsgType, str], None]) -> Callable[[], None]:
    """Hand every message of Qt and QML to `report` from now on; calling what is returned ends that."""
    before = qInstallMessageHandler(lambda kind, _context, text: report(kind, text))

    def restore() -> None:
        qInstallMessageHandler(before)

    return restore


class Face(QObject):
    """What the visitor sees and touches. It loads everything at once, but shows nothing before `present`.

    Signals:
        first_frame: the window has drawn its first picture.
        settled: a page that has just changed takes touches from now on.
        technician_asked: somebody gave the technician's sign.
    """

    first_frame = Signal()
    settled = Signal()
    technician_asked = Signal()

    def __init__(
        self, settings: Settings, send: Callable[[Event], None], view: ViewState | None = None
    ) -> None:
        """Load the screens; `send` receives what the visitor does. Raises `FaceError` if they do not load."""
        super().__init__()
        settings = fitting(settings, _room())
        # The first child dies first: the engine goes before what its bindings read.
        self._engine = QQmlApplicationEngine(self)
        first = view or ViewState(Screen.ATTRACT, Language(settings.site.languages[0]))
        self._visit = VisitBridge(send, first, self)
        self._words = WordsBridge(load_catalogue(), first.language, self)
        self.comfort = ComfortBridge(send, self)
        self._lines = LinesBridge(self)
        self._site = SiteBridge(settings, load_messages(), self)
        self._keyboard = KeyboardBridge(InputEngine(settings.paths.rime), self)
        self._pictures = MemoryProvider()
        self._live = PicturesBridge(self)
        self._corners = CornersBridge(time.monotonic, self)
        self._corners.signGiven.connect(self.technician_asked)
        self._payload = ""
        self._drawn = False
        self.window = self._load(settings)
        self.window.frameSwapped.connect(self._note_first_frame)
        self.window.settledChanged.connect(self._note_settled)  # type: ignore[attr-defined]  # of Main.qml
        self.show_view(first)

    def _load(self, settings: Settings) -> QQuickWindow:
        engine = self._engine
        engine.addImageProvider("icons", IconProvider())
        engine.addImageProvider("photos", self._pictures)
        context = engine.rootContext()
        context.setContextProperty("faceVisit", self._visit)
        context.setContextProperty("faceWords", self._words)
        context.setContextProperty("faceComfort", self.comfort)
        context.setContextProperty("faceLines", self._lines)
        context.setContextProperty("faceSite", self._site)
        context.setContextProperty("faceKeyboard", self._keyboard)
        context.setContextProperty("facePictures", self._live)
        context.setContextProperty("faceCorners", self._corners)
        engine.load(QUrl.fromLocalFile(str(QML / "Main.qml")))
        roots = engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise FaceError("the screens could not be loaded; Qt's own messages say where")
        window = roots[0]
        width, height = window_size(settings)
        window.resize(width, height)
        self._fullscreen = settings.display.fullscreen
        return window

    def show_view(self, view: ViewState) -> None:
        """Show `view`. Cheap when little changed."""
        payload = _payload(view)
        if payload and payload != self._payload:
            self._payload = payload
            self._pictures.put(CODE_PICTURE, code_image(payload))
            self._live.next_code()
        self._words.speak(view.language)
        self._visit.show(view)

    def set_preview(self, jpeg: bytes) -> None:
        """The camera's live picture; a frame that cannot be read is skipped."""
        image = QImage.fromData(jpeg)
        if not image.isNull():
            self._pictures.put(LIVE_PICTURE, image)
            self._live.next_frame()

    def add_photo(self, photo_id: str, jpeg: bytes) -> None:
        """A photo of the visitor, shown wherever the view names its id."""
        self._pictures.put(photo_id, QImage.fromData(jpeg))

    def press(self, key: PanelKey) -> None:
        """A key of the keypad went down: whoever pressed it is here. Only for the face that is shown."""
        self._visit.stay()
        if key is PanelKey.HELP:
            self._visit.touch("emergency")
        else:
            keypad.press(self.window, key)

    def forget(self) -> None:
        """Drop every picture."""
        self._payload = ""
        self._pictures.forget()

    def present(self) -> None:
        """Map the window."""
        if self._fullscreen:
            self.window.showFullScreen()
        else:
            self.window.show()

    def hide(self) -> None:
        """Unmap the window."""
        self.window.hide()

    def close(self) -> None:
        """Take the screens down for good; the face cannot be used afterwards."""
        self._pictures.forget()
        self._keyboard.close()
        self._engine.deleteLater()
        QCoreApplication.sendPostedEvents(self._engine, QEvent.Type.DeferredDelete)

    def _note_first_frame(self) -> None:
        if not self._drawn:
            self._drawn = True
            self.first_frame.emit()

    def _note_settled(self) -> None:
        if self.window.property("settled"):
            self.settled.emit()


def _payload(view: ViewState) -> str:
    """What the code on the screen says; empty where there is none."""
    match view.body:
        case ReceivedBody(code_payload=payload):
            return payload
        case NoticeBody(code=payload) | FilesBody(code=payload):
            return payload
        case _:
            return ""


def fitting(settings: Settings, room: QSize | None) -> Settings:
    """The same settings; a development window that is larger than `room` becomes as small as it must."""
    display = settings.display
    width, height = window_size(settings)
    if display.fullscreen or room is None or (width <= room.width() and height <= room.height()):
        return settings
    shrunk = display.window_scale * min(room.width() / width, (room.height() - TITLE_BAR) / height)
    return settings.model_copy(update={"display": display.model_copy(update={"window_scale": shrunk})})


def _room() -> QSize | None:
    """What the desktop leaves for windows; None where nobody looks at a screen."""
    if QGuiApplication.platformName() == "offscreen":
        return None
    return QGuiApplication.primaryScreen().availableSize()


def window_size(settings: Settings) -> tuple[int, int]:
    """Pixels of the window: the reference display in its orientation, scaled in development."""
    scale = 1.0 if settings.display.fullscreen else settings.display.window_scale
    short, long = (round(edge * scale) for edge in REFERENCE_SIZE)
    return (short, long) if settings.display.orientation is Orientation.PORTRAIT else (long, short)
