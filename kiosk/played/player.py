"""A visitor who follows a script: sees the picture, touches the screen, types on its keys.

The player knows what a visitor knows: the `ViewState` that is shown and the things on the screen by name. It
lives in the process of the visitor screen, between two turns of its event loop, and never in production.
"""

import math
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from flows.view import (
    Body,
    DeclareBody,
    FilesBody,
    ListBody,
    NoticeBody,
    PhotoBody,
    QuestionBody,
    ReceivedBody,
    ScanBody,
    Screen,
    SurveyBody,
    ViewState,
    WaitingBody,
)
from kiosk.played import other_screens
from kiosk.played.answers import Answers
from kiosk.played.finger import Finger
from kiosk.played.inventing import MOST_MEMBERS
from kiosk.played.membership import Membership
from kiosk.played.playbook import Part
from kiosk.played.questions import answer_page
from kiosk.played.scene import MACHINE_PATIENCE_S, Acting, PlayError, Scene, Wait
from kiosk.played.stage import StageDoor, StageError
from ui.robot import RobotError

if TYPE_CHECKING:
    from kiosk.screens.screen import VisitorScreen

TURN_S = 0.01
_MOST_LISTS = 20


class Understudy(QObject):
    """Waits in a visitor screen; once that is shown, it plays the next part that nobody has claimed."""

    def __init__(self, parts: Path) -> None:
        """`parts` is the folder of parts."""
        super().__init__()
        self._parts = parts
        self._is_shown = False
        self._view: ViewState | None = None
        self._player: Player | None = None

    def enter(self, screen: "VisitorScreen") -> None:
        """Wait in this screen."""
        self._screen = screen
        screen.face.first_frame.connect(self._come_on)

    def see(self, view: ViewState) -> None:
        """The picture has changed."""
        self._view = view
        if self._player is not None:
            self._player.see(view)
        else:
            self._play_when_ready()

    def _come_on(self) -> None:
        self._is_shown = True
        self._play_when_ready()

    def _play_when_ready(self) -> None:
        if not self._is_shown or self._view is None:
            return
        self._is_shown = False  # one part for each screen
        part = Part.claim(self._parts)
        if part is not None:
            self._player = Player(part, Finger(self._screen.face.window), self._view)
            self._player.begin()


class Player(QObject):
    """Plays one part."""

    def __init__(self, part: Part, finger: Finger, view: ViewState) -> None:
        super().__init__()
        self._scene = Scene(part, finger, view, StageDoor(part.stage))
        self._answers = Answers(part.playbook)
        self._membership = Membership(_members(self._scene), part.playbook.removals, self._answers.given)
        self._scans = list(part.playbook.scans)
        self._changes = list(part.playbook.changes)
        self._officer = list(part.playbook.officer)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        self._busy = False

    def see(self, view: ViewState) -> None:
        """The picture has changed. With the wiped one the process is about to end: all is told now."""
        scene = self._scene
        scene.view = view
        if view.screen is Screen.WIPED and self._timer.isActive():
            scene.leave()
            self._finish("" if scene.is_content else f"{scene.steps[-1].name}: the visit ended by itself")

    # --- going on -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start to play."""
        self._acting = self._visit()
        self._await(next(self._acting))
        self._timer.start(round(TURN_S * 1000))

    def _await(self, wait: Wait) -> None:
        self._waiting, self._deadline = wait, time.monotonic() + wait.patience_s

    def _turn(self) -> None:
        if self._busy:  # the finger lets the event loop run while it touches
            return
        self._busy = True
        try:
            self._go_on()
        except (PlayError, RobotError, StageError) as error:
            self._finish(f"{self._scene.page()}: {error}")
        finally:
            self._busy = False

    def _go_on(self) -> None:
        is_over = not self._waiting.must and time.monotonic() > self._deadline
        if is_over or self._waiting.condition():
            self._await(next(self._acting))
        elif time.monotonic() > self._deadline:
            raise PlayError(f"waited in vain until {self._waiting.what}")

    def _finish(self, failure: str) -> None:
        self._timer.stop()
        scene = self._scene
        if failure and scene.part.out is not None:
            scene.finger.save_picture(scene.part.out / "failed.png")
        scene.door.ask(finished=True, failure=failure, steps=[step.as_json() for step in scene.steps])

    # --- the visit ------------------------------------------------------------------------------------------

    def _visit(self) -> Acting:
        scene = self._scene
        yield Wait(self._may_begin, "it may begin", math.inf)
        while True:
            yield Wait(scene.is_settled, "the screen has settled")
            page = scene.page()
            scene.arrive()
            yield from self._act()
            scene.leave()
            yield Wait(partial(scene.has_left, page), "the page changes", MACHINE_PATIENCE_S)

    def _may_begin(self) -> bool:
        return bool(self._scene.door.ask(enter=True, process=os.getpid())["enter"])

    def _act(self) -> Acting:
        yield from self._see_to_officer()
        scene = self._scene
        if button := self._way_on():
            scene.depart(button)
            return
        match scene.view.body:
            case QuestionBody():
                yield from answer_page(scene, self._answers)
            case ScanBody():
                yield from other_screens.scan(scene, self._scans)
            case PhotoBody():
                yield from other_screens.photograph(scene)
            case DeclareBody() as body:
                yield from other_screens.declare(scene, body)
            case ReceivedBody():
                yield from other_screens.receive(scene)
            case body:
                yield from self._act_beside_the_answers(body)

    def _act_beside_the_answers(self, body: Body) -> Acting:
        """What a service may have besides answers: lists, words to read, the centre, the survey."""
        scene = self._scene
        match body:
            case ListBody():
                yield from other_screens.keep_list(scene, self._membership)
            case NoticeBody():
                other_screens.read(scene, body)
            case FilesBody():
                yield from other_screens.send_files(scene)
            case WaitingBody():
                yield from other_screens.await_centre(scene)
            case SurveyBody():
                yield from other_screens.rate(scene, body)
            case _:
                scene.take_picture()

    def _see_to_officer(self) -> Acting:
        """Call an officer, or say that one has come, where the script says so."""
        scene = self._scene
        if not self._officer or self._officer[0].at not in {scene.page(), scene.view.screen.value}:
            return
        page, button = scene.page(), f"button:{self._officer.pop(0).touch}"
        scene.finger.tap("bar:emergency")
        yield Wait(lambda: scene.is_there(button), f"{button} is there")
        scene.finger.tap(button)
        yield Wait(lambda: not scene.is_there(button), "that is understood")
        scene.take_picture("-officer")
        scene.finger.tap("button:emergency_close")
        yield Wait(lambda: scene.page() == page and scene.is_settled(), "the page is back")

    def _way_on(self) -> str:
        """The button that leads on where a page asks nothing of the script but one touch."""
        book = self._scene.book
        match self._scene.view.screen:
            case Screen.ATTRACT:
                return "button:start"
            case Screen.LANGUAGE:
                return f"language:{book.language.value}"
            case Screen.TRIAGE:
                return "button:no"
            case Screen.SERVICES:
                return f"service:{book.service}"
            case Screen.PRIVACY:
                return "button:next"
            case Screen.REVIEW:
                return self._change_or_next()
            case _:
                return ""

    def _change_or_next(self) -> str:
        if not self._changes:
            return "button:next"
        change = self._changes.pop(0)
        self._answers.change(change.answers)
        return f"change:{change.row}"


def _members(scene: Scene) -> list[int]:
    """How many members each list is to have; on the longest way as many of every one."""
    return [MOST_MEMBERS] * _MOST_LISTS if scene.says_all else scene.book.members
