"""`kiosk screen --visitor`: one visit in one process. It shows the visit, carries it, and ends with it.

What the first frame does not need is loaded after it: the window comes first, the visit joins in a moment later, and
touches in between wait. So a killed screen is replaced quickly, and the screen that waits beneath is loaded fully.
"""

import os
import socket
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QtMsgType, QTimer, Signal

from config.settings import Settings
from flows.events import Ending, Event, Ticked
from kiosk import crash, hardening
from kiosk.coordinator import Coordinator
from kiosk.line import BEAT_S, Ear, HostWord, ScreenWord, say
from ui.engine import Face, create_application, watch_messages

TICK_S = 0.5
JOIN_S = 0.3
"""A screen that waits beneath loads the rest so long after its window; one that is shown does so at once."""

FAREWELL_S = 1.0
"""The wiped screen stays until the next one covers it, at most so long."""


class Inbox(QObject):
    """Brings events to the GUI thread, in order, from whatever thread they come.

    Events of the screen itself wait their turn here too: a picture must not change under the very button that is
    still handling its touch.
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


class HostLine(QObject):
    """The visitor screen's end of the line to its host. Without a host the process ends."""

    show_asked = Signal()

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line
        self._ear = Ear()
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._listen)
        self._beat = QTimer(self)
        self._beat.timeout.connect(lambda: self.say(ScreenWord.BEAT))
        self._beat.start(round(BEAT_S * 1000))

    def say(self, word: ScreenWord, rest: str = "") -> None:
        """Tell the host."""
        say(self._line, word, rest)

    def _listen(self) -> None:
        received = self._line.recv(4096)
        if not received:
            os._exit(os.EX_TEMPFAIL)
        for said in self._ear.hear(received):
            if said.word == HostWord.SHOW:
                self.show_asked.emit()
