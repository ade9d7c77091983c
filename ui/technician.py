"""The technician's face: one window of its own, with the theme, controls and words of the house."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from config.settings import Settings
from flows.languages import Language
from flows.ports import PanelKey
from ui import keypad
from ui.bridge.comfort import ComfortBridge
from ui.bridge.corners import CornersBridge
from ui.bridge.lines import LinesBridge
from ui.bridge.maintenance import Errands, MaintenanceBridge
from ui.bridge.pictures import IconProvider, MemoryProvider, PicturesBridge
from ui.bridge.site import SiteBridge
from ui.bridge.words import WordsBridge
from ui.engine import LIVE_PICTURE, QML, FaceError, window_size
from ui.i18n.catalogue import FOLDER, Catalogue, load_catalogue

PIXELS_PICTURE = "pixels"
_WORDS = FOLDER / "maintenance"
_TOUCHES = frozenset({QEvent.Type.TouchBegin, QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress})


def load_words() -> Catalogue:
    """The words of the house and those of maintenance. Raises `CatalogueError`."""
    house, ours = load_catalogue(), load_catalogue(_WORDS)
    return MappingProxyType(
        {language: MappingProxyType({**house[language], **ours[language]}) for language in Language}
    )


class NoKeyboard(QObject):
    """Stands where pages of the house expect the keyboard: nothing is typed here but digits."""

    @Slot()
    def settle(self) -> None:
        """Nothing is half typed."""


class Onlooker(QObject):
    """Notices every touch and key of a window and takes none."""

    def __init__(self, noticed: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._noticed = noticed

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Qt's hook."""
        if event.type() in _TOUCHES:
            self._noticed()
        return False


class TechnicianFace(QObject):
    """What a technician sees and touches; `bridge` is told what happens and holds what is shown.

    Signals:
        first_frame: the window has drawn its first picture.
    """

    first_frame = Signal()

    def __init__(
        self, settings: Settings, errands: Errands, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Load the screens. Raises `FaceError` if they do not load."""
        super().__init__()
        self._settings = settings
        # The first child dies first: the engine goes before what its bindings read.
        self._engine = QQmlApplicationEngine(self)
        self.bridge = MaintenanceBridge(
            errands, tuple(settings.site.languages), settings.time_zone, clock, self
        )
        self._words = WordsBridge(load_words(), self.language, self)
        self.bridge.languageChanged.connect(lambda: self._words.speak(self.language))
        self.comfort = ComfortBridge(lambda _event: None, self)
        self._pictures = MemoryProvider()
        self._live = PicturesBridge(self)
        self._drawn = False
        self.window = self._load(clock)
        self.window.frameSwapped.connect(self._note_first_frame)
        self._onlooker = Onlooker(self.bridge.note_activity, self)
        self.window.installEventFilter(self._onlooker)

    @property
    def language(self) -> Language:
        """What the screen speaks now."""
        return Language(self.bridge.value("language"))

    @property
    def words(self) -> Mapping[str, str]:
        """All texts of that language."""
        return load_words()[self.language]

    def _load(self, clock: Callable[[], float]) -> QQuickWindow:
        self._engine.addImageProvider("icons", IconProvider())
        self._engine.addImageProvider("photos", self._pictures)
        self._pictures.put(PIXELS_PICTURE, _fine_pattern())
        properties: dict[str, QObject] = {
            "faceVisit": self.bridge,
            "faceWords": self._words,
            "faceComfort": self.comfort,
            "faceLines": LinesBridge(self),
            "faceSite": SiteBridge(self._settings, (), self),
            "faceKeyboard": NoKeyboard(self),
            "facePictures": self._live,
            "faceCorners": CornersBridge(clock, self),
        }
        for name, value in properties.items():
            self._engine.rootContext().setContextProperty(name, value)
        self._engine.load(QUrl.fromLocalFile(str(QML / "maintenance" / "Main.qml")))
        roots = self._engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise FaceError("the technician's screens could not be loaded; Qt's own messages say where")
        roots[0].resize(*window_size(self._settings))
        return roots[0]

    def take_frame(self, jpeg: bytes, taken_monotonic: float) -> None:
        """The camera's live picture; a frame that cannot be read is skipped."""
        image = QImage.fromData(jpeg)
        if self.bridge.value("camera_on") and not image.isNull():
            self._pictures.put(LIVE_PICTURE, image)
            self._live.next_frame()
            self.bridge.take_frame(taken_monotonic)

    def take_key(self, key: PanelKey) -> None:
        """A key of the tactile keypad: it walks over the page, unless the keypad itself is tested."""
        if self.bridge.take_key(key):
            return
        if key is PanelKey.BACK:
            self.bridge.back()
        else:
            keypad.press(self.window, key)

    def present(self) -> None:
        """Map the window."""
        if self._settings.display.fullscreen:
            self.window.showFullScreen()
        else:
            self.window.show()

    def close(self) -> None:
        """Take the screens down for good; the face cannot be used afterwards."""
        self._pictures.forget()
        self._engine.deleteLater()
        QCoreApplication.sendPostedEvents(self._engine, QEvent.Type.DeferredDelete)

    def _note_first_frame(self) -> None:
        if not self._drawn:
            self._drawn = True
            self.first_frame.emit()


def _fine_pattern() -> QImage:
    """Black and white dots in turn, to be laid out as tiles: a dot that sticks breaks it."""
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    for y in range(image.height()):
        for x in range(image.width()):
            image.setPixel(x, y, 0xFFFFFFFF if (x + y) % 2 else 0xFF000000)
    return image
