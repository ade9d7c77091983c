"""What every screen is that the host starts: a hardened process with Qt, and its end of the line to it."""

import os
import socket
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer, QtMsgType, Signal

from config.event_names import Event
from config.log import configure, log
from config.settings import Settings
from kiosk import crash, hardening
from kiosk.screens.line import BEAT_S, Ear, HostWord, ScreenWord, say
from ui.engine import create_application, watch_messages

FAREWELL_S = 1.0
"""The last picture stays until the next screen covers it, at most so long."""

COUNTING_S = 2.0
"""A disk that takes longer for the survey's numbers keeps no next visitor waiting."""
_LOOK_S = 0.01

_LONGEST_READ = 4096


def begin_process(name: str, settings: Settings) -> QCoreApplication:
    """Make this process a screen that logs as `name`; from here on it ends with its host, or on a fault."""
    configure(name, strict=not settings.production)
    hardening.die_with_parent(os.getppid())
    hardening.no_core_dumps()
    if settings.production:
        hardening.not_dumpable()
    crash.end_on_exceptions(lambda kind, at: log(Event.PROCESS_FAILED, exception=kind, place=at))
    os.environ["TZ"] = settings.time_zone  # "today" on the screen is the kiosk's, whatever the machine's is
    time.tzset()
    application = create_application()
    watch_messages(_on_message)
    return application


def _on_message(kind: QtMsgType, _words: str) -> None:
    if kind is not QtMsgType.QtDebugMsg:
        log(Event.SCREEN_WARNED)


def every(seconds: float, act: Callable[[], None], parent: QObject) -> QTimer:
    """Call `act` again and again, as long as `parent` lives."""
    timer = QTimer(parent)
    timer.timeout.connect(act)
    timer.start(round(seconds * 1000))
    return timer


class HostLine(QObject):
    """A screen's end of the line to its host. Without a host the process ends.

    Signals:
        show_asked: the host wants this screen on the display.
        renew_asked: a screen with newer packs waits beneath; give way unless a visit is under way.
    """

    show_asked = Signal()
    renew_asked = Signal()

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._line = socket.socket(fileno=descriptor)
        self._ear = Ear()
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._listen)
        self._beat = every(BEAT_S, self._say_beat, self)

    def say(self, word: ScreenWord, rest: str = "") -> None:
        """Tell the host."""
        say(self._line, word, rest)

    def farewell(self, ending: str, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Tell the host how it ended, once nothing is on its way to the disk any more: it kills this process
        as soon as the next screen covers it, and without one the process ends itself.
        """
        self._take_leave(ending, is_busy, time.monotonic() + COUNTING_S)

    def _take_leave(self, ending: str, is_busy: Callable[[], bool], until: float) -> None:
        if is_busy() and time.monotonic() < until:
            QTimer.singleShot(round(_LOOK_S * 1000), lambda: self._take_leave(ending, is_busy, until))
            return
        self.say(ScreenWord.ENDED, ending)
        QTimer.singleShot(round(FAREWELL_S * 1000), lambda: os._exit(os.EX_OK))

    def _say_beat(self) -> None:
        self.say(ScreenWord.BEAT)

    def _listen(self) -> None:
        received = self._line.recv(_LONGEST_READ)
        if not received:
            os._exit(os.EX_TEMPFAIL)
        for said in self._ear.hear(received):
            if said.word == HostWord.SHOW:
                self.show_asked.emit()
            elif said.word == HostWord.RENEW:
                self.renew_asked.emit()
