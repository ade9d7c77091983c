"""`kiosk screen --visitor`: one visit in one process. It shows the visit, carries it, and ends with it.

What the first frame does not need is loaded after it, beside the GUI thread: the window comes first, the
visit joins in once its packs are read, and touches in between wait. So a killed screen is soon replaced, and
one that loads slowly goes on telling its host that it is well.
"""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from config.event_names import Event as Logged
from config.log import log
from config.settings import Settings
from flows.events import AdmissionChanged, Ending, Event, PhotoTaken, Scanned, Ticked
from flows.ports import PanelKey
from flows.view import Screen, ViewState
from kiosk import crash
from kiosk.post.pack_ledger import SHIPPED
from kiosk.screens.line import ScreenWord
from kiosk.screens.screen_process import HostLine, begin_process, every
from ui.engine import Face

if TYPE_CHECKING:
    from flows.pack import PackBook
    from kiosk.screens.visit_parts import VisitParts

TICK_S = 0.5
ADMISSION_S = 5.0

IDLE_SCREENS = frozenset({Screen.ATTRACT, Screen.OUT_OF_SERVICE})
"""No visit is under way: here, and only here, a technician may come in."""

PASS_MARK = b"KTP1."
"""How a technician's pass begins. The pass itself is read by the technician's screen, never here."""


class Inbox(QObject):
    """Brings events to the GUI thread, in order, from whatever thread they come.

    Events of the screen itself wait their turn here too: a picture must not change under the very button that
    is still handling its touch.
    """

    _arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Event] = deque()
        self._handle: Callable[[Event], None] = self._waiting.append
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Hand in an event; may be called from any thread."""
        self._arrived.emit(event)

    def deliver_to(self, handle: Callable[[Event], None]) -> None:
        """Deliver what waits, and everything from now on, to `handle`."""
        self._handle = handle
        while self._waiting:
            handle(self._waiting.popleft())

    def _take(self, event: Event) -> None:
        self._handle(event)


class VisitorScreen(QObject):
    """One visit: its face, its parts once they are loaded, and its end."""

    _frame_waits = Signal()
    _key_pressed = Signal(object)
    _book_loaded = Signal(object)

    def __init__(
        self, settings: Settings, line: HostLine, watch: Callable[[ViewState], None], bundle: int = SHIPPED
    ) -> None:
        """`watch` sees every picture as it is shown; `bundle` is what it asks with."""
        super().__init__()
        self._settings = settings
        self._line = line
        self._watch = watch
        self._bundle = bundle
        self._inbox = Inbox()
        self._parts: VisitParts | None = None
        self._is_loading = False
        self._frame = b""
        self._key_pressed.connect(self._press, Qt.ConnectionType.QueuedConnection)
        self._frame_waits.connect(self._show_frame, Qt.ConnectionType.QueuedConnection)
        self._book_loaded.connect(self._join, Qt.ConnectionType.QueuedConnection)
        self._seen = Screen.ATTRACT
        self._awaits_pass = False
        self._yields = False
        self._accepting = True
        self.face = Face(settings, self._inbox.post)
        self.face.first_frame.connect(self._shown)
        self.face.technician_asked.connect(self._call_technician)
        # Not before: the first frame and a first touch need the processor more.
        self.face.settled.connect(self._load, Qt.ConnectionType.QueuedConnection)
        line.show_asked.connect(self.face.present)
        line.renew_asked.connect(self._give_way)
        line.say(ScreenWord.READY)

    def _shown(self) -> None:
        self._line.say(ScreenWord.SHOWN)
        self._tick = every(TICK_S, lambda: self._inbox.post(Ticked()), self)
        self._await_pass()

    def _load(self) -> None:
        """Begin to load what a visit needs. A slow load must not keep this thread from its beats."""
        if self._is_loading or self._parts is not None:
            return
        self._is_loading = True
        threading.Thread(target=self._load_book, name="packs", daemon=True).start()

    def _load_book(self) -> None:
        """On another thread. What it raises ends the process, as on any thread (`kiosk.crash`)."""
        from kiosk.screens.visit_parts import load_book

        self._book_loaded.emit(load_book(self._settings, self._bundle))

    def _join(self, packs: "PackBook") -> None:
        """Begin the visit with the packs that were read."""
        from kiosk.screens.visit_parts import VisitParts

        self._parts = VisitParts(
            self._settings,
            packs,
            self._inbox.post,
            self._take_frame,
            self._key_pressed.emit,
            self._show,
            self._end,
            bundle=self._bundle,
        )
        self._inbox.deliver_to(self._handle)
        self._parts.clerk.look_for_room()
        self._admission = every(ADMISSION_S, self._look_for_room, self)
        self._await_pass()

    def _look_for_room(self) -> None:
        if self._parts is not None and self._seen in IDLE_SCREENS:
            self._parts.clerk.look_for_room()

    def _await_pass(self) -> None:
        """Listen for a technician's pass while this screen is on the display and no visit is under way."""
        wanted = self.face.window.isVisible() and self._seen in IDLE_SCREENS and not self._yields
        if self._parts is None or wanted is self._awaits_pass:
            return
        self._awaits_pass = wanted
        if wanted:
            self._parts.scanning.arm()
        else:
            self._parts.scanning.disarm()

    def _call_technician(self) -> None:
        if self._seen in IDLE_SCREENS and not self._yields:
            self._yields = True
            self._line.say(ScreenWord.TECHNICIAN)

    def _give_way(self) -> None:
        """The next screen asks with newer packs; a visit that has begun goes on with those it began with."""
        if self._seen in IDLE_SCREENS and not self._yields:
            self._yields = True
            self._await_pass()
            self._line.say(ScreenWord.YIELDS)

    def _press(self, key: PanelKey) -> None:
        """Every screen hears the keypad; only the one on the display takes it."""
        if self.face.window.isVisible() and not self._yields:
            self.face.press(key)

    def _take_frame(self, jpeg: bytes) -> None:
        """On another thread. Only the newest preview waits: late pictures are worth nothing."""
        waiting, self._frame = self._frame, jpeg
        if not waiting:
            self._frame_waits.emit()

    def _show_frame(self) -> None:
        jpeg, self._frame = self._frame, b""
        self.face.set_preview(jpeg)

    def _handle(self, event: Event) -> None:
        if self._parts is None or self._yields:
            return
        if isinstance(event, Scanned) and self._seen in IDLE_SCREENS:
            if event.payload.startswith(PASS_MARK):
                self._call_technician()
            return
        if isinstance(event, PhotoTaken) and event.jpeg:
            self.face.add_photo(event.photo_id, event.jpeg)
        if isinstance(event, AdmissionChanged) and event.accepting != self._accepting:
            self._accepting = event.accepting
            log(Logged.SERVICE_OPENED if event.accepting else Logged.SERVICE_CLOSED)
        self._parts.coordinator.dispatch(event)

    def _show(self, view: ViewState) -> None:
        if self._seen is Screen.ATTRACT and view.screen not in IDLE_SCREENS:
            log(Logged.VISIT_STARTED)
        self._seen = view.screen
        self._await_pass()
        self.face.show_view(view)
        self._watch(view)

    def _end(self, ending: Ending) -> None:
        if self._parts is not None and self._parts.visit.fault is not None:
            fault = self._parts.visit.fault
            place = crash.place_of(fault.__traceback__)
            log(Logged.PROCESS_FAILED, exception=type(fault).__name__, place=place)
        log(Logged.VISIT_ENDED, ending=ending.value)
        self.face.forget()
        self._line.farewell(ending.value, self._is_counting)

    def _is_counting(self) -> bool:
        return self._parts is not None and self._parts.counting.is_busy


def run_visitor(settings: Settings, descriptor: int, play: Path | None, bundle: int = SHIPPED) -> int:
    """Be one visitor screen; returns only if Qt ends. `play` holds parts for players (`kiosk.played.player`).

    `bundle` is the number of the pack bundle to ask with.
    """
    application = begin_process("visitor", settings)
    line = HostLine(descriptor)
    if play is None or settings.production:
        _screen = VisitorScreen(settings, line, lambda _view: None, bundle)
    else:
        from kiosk.played.player import Understudy

        understudy = Understudy(play)
        understudy.enter(VisitorScreen(settings, line, understudy.see, bundle))
    return application.exec()
