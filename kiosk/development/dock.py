"""`kiosk dock`: a window with levers for developers: what every simulated part is now, and how to break it.

Never where real people report.
"""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from config.log import configure
from config.settings import Settings
from devices import inspection, places, simulate_client
from devices.camera.specimens import Kind
from devices.messages import Inspected
from devices.simulate import NotInProductionError
from flows.languages import Language
from flows.ports import Device
from kiosk.development import dock_boards
from kiosk.development.levers import SPECIMEN
from kiosk.development.supervise import DOCK_WIDTH
from ui.bridge.comfort import ComfortBridge
from ui.bridge.dock import DockBridge, Standing, Words
from ui.bridge.lines import LinesBridge
from ui.bridge.pictures import IconProvider
from ui.bridge.site import SiteBridge
from ui.bridge.words import WordsBridge
from ui.engine import QML, FaceError, create_application, window_size
from ui.i18n.catalogue import load_catalogue

SIZE = (DOCK_WIDTH, 960)
LOOK_S = 0.5
_SCALE = 0.42
"""Of the kiosk's millimetres: this window is for a desk."""
_INSPECT_S = 2.0
_MOST_FACTS = 6
_LEVERS = frozenset({"fault", "headphones", "presence", "show"})  # shown by the levers themselves
_DULL = frozenset({"path", "line", "baud", "worker", "hung", "ack", "hp"})


class Hand(QObject):
    """Looks at the simulated world and moves its levers, on a thread of its own.

    Signals:
        seen: standing by board, the latest paper's path, and what could not be done.
    """

    seen = Signal(object, str, str)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._wanted: queue.SimpleQueue[Words] = queue.SimpleQueue()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hand", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._wanted.put({})
        self._thread.join()

    def pull(self, words: Words) -> None:
        """Move a lever; returns at once."""
        self._wanted.put(words)

    def _work(self) -> None:
        trouble = ""
        while not self._over.is_set():
            self.seen.emit(*self._look(), trouble)
            try:
                words = self._wanted.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if words:
                trouble = self._move(words)

    def _move(self, words: Words) -> str:
        try:
            simulate_client.ask(places.simulators_socket(self._settings), dict(words))
        except simulate_client.RefusedError as error:
            return f"refused: {error}"
        except OSError as error:
            return f"the simulators do not answer: {error}"
        return ""

    def _look(self) -> tuple[dict[str, Standing], str]:
        simulated = self._ask(lambda: simulate_client.state(places.simulators_socket(self._settings)), {})
        inspected = self._ask(lambda: inspection.inspect(self._settings.paths.devices_socket, _INSPECT_S), [])
        standing = {one.device.value: _standing(one, simulated) for one in inspected}
        standing[dock_boards.NETWORK] = _network(str(simulated.get(dock_boards.NETWORK, "")))
        return standing, self._latest_paper()

    @staticmethod
    def _ask(question: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return question()
        except (OSError, simulate_client.RefusedError, ValueError):
            return otherwise  # it is being started, or was killed: that is what this window is for

    def _latest_paper(self) -> str:
        papers = places.papers(self._settings).glob("*.png")
        latest = max(papers, key=lambda path: path.stat().st_mtime_ns, default=None)
        return QUrl.fromLocalFile(str(latest.absolute())).toString() if latest else ""


def _standing(one: Inspected, simulated: dict[str, Any]) -> Standing:
    done = simulated.get(one.device.value, {})
    told = [_fact(name, value) for name, value in one.facts.items() if value and name not in _DULL]
    shown = [
        _fact(name, value)
        for name, value in done.items()
        if isinstance(value, str | int | float) and name not in _LEVERS | _DULL | one.facts.keys()
    ]
    facts = " · ".join([*shown, *told[:_MOST_FACTS]])  # what does not fit is cut off at the end
    return Standing(one.state.replace("_", " "), dock_boards.mood(one.state), done, facts)


def _fact(name: str, value: object) -> str:
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return f"{name.replace('_', ' ')} {text.replace('_', ' ')}"


class Dock(QObject):
    """The window."""

    def __init__(self, settings: Settings) -> None:
        """Raises `FaceError` if it cannot be loaded."""
        super().__init__()
        # The first child dies first: the engine goes before what its bindings read.
        self._engine = QQmlApplicationEngine(self)
        self.hand = Hand(settings)
        self.bridge = DockBridge(
            dock_boards.boards(_simulated(settings), specimens(settings)), self.hand.pull, self
        )
        self.hand.seen.connect(self._show)
        self.window = self._load(settings)

    def _load(self, settings: Settings) -> QQuickWindow:
        display = settings.display.model_copy(update={"window_scale": _SCALE, "fullscreen": False})
        properties: dict[str, QObject] = {
            "faceVisit": self.bridge,
            "faceWords": WordsBridge(load_catalogue(), Language.ENGLISH, self),
            "faceComfort": ComfortBridge(lambda _event: None, self),
            "faceLines": LinesBridge(self),
            "faceSite": SiteBridge(settings.model_copy(update={"display": display}), (), self),
            **dict.fromkeys(("faceKeyboard", "facePictures", "faceCorners"), self),
        }
        self._engine.addImageProvider("icons", IconProvider())
        for name, value in properties.items():
            self._engine.rootContext().setContextProperty(name, value)
        self._engine.load(QUrl.fromLocalFile(str(QML / "dock" / "Main.qml")))
        roots = self._engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise FaceError("the dock could not be loaded; Qt's own messages say where")
        window = roots[0]
        window.resize(*SIZE)
        window.setX(window_size(settings)[0])  # beside the kiosk, where nobody else places windows
        return window

    def _show(self, standing: dict[str, Standing], paper: str, trouble: str) -> None:
        self.bridge.stand(standing)
        self.bridge.show_paper(paper)
        self.bridge.note(trouble)

    def close(self) -> None:
        """End."""
        self.hand.stop()
        self.window.close()
        self._engine.deleteLater()


def _network(state: str) -> Standing:
    word, mood = {"mend": ("whole", "good"), "": ("not simulated", "none")}.get(state, (state, "bad"))
    return Standing(word, mood, {dock_boards.NETWORK: state}, "")


def _simulated(settings: Settings) -> list[Device]:
    devices = settings.devices
    return [device for device in Device if getattr(devices, device.value).simulated]


def specimens(settings: Settings) -> list[tuple[str, str]]:
    """Labels of pictures for the camera, and what shows them: a code on a receipt, and invented documents."""
    documents = [
        (kind.value.replace("_", " ").removesuffix(" permit"), f"{SPECIMEN}{kind.value}") for kind in Kind
    ]
    return [dock_boards.write_code(settings.paths.runtime), *documents]


def run(settings: Settings) -> int:
    """Show the dock until its window is closed. Raises NotInProductionError."""
    if settings.production:
        raise NotInProductionError("the dock is refused in production: set profile to demo")
    configure("simulators")
    application = create_application()
    dock = Dock(settings)
    dock.hand.start()
    dock.window.show()
    awake = QTimer()  # Python hears signals only when it runs
    awake.timeout.connect(lambda: None)
    awake.start(200)
    code = application.exec()
    dock.close()
    return code or os.EX_OK
