"""The coordinator against a visit that is a script."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from flows.events import (
    ArmScanner,
    AskCentre,
    CallOfficer,
    CapturePhoto,
    CloseCamera,
    CloseUpload,
    Command,
    CountSurvey,
    DisarmScanner,
    DropFile,
    Ending,
    EndVisit,
    Event,
    KeepCase,
    OfficerCame,
    OpenCamera,
    OpenUpload,
    PhotoTaken,
    PrintReceipt,
    Ticked,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.ports import Question
from flows.receipt import ReceiptDocument
from flows.recipients import Recipient
from flows.view import Screen, ViewState
from kiosk.screens.coordinator import Coordinator, Ports


class Recorder:
    """All ports at once; writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.on_capture: Callable[[str], None] = lambda _: None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values, **named: self.asked.append((name, *values, *named.items()))

    def capture(self, photo_id: str) -> None:
        self.asked.append(("capture", photo_id))
        self.on_capture(photo_id)


class ScriptedVisit:
    """Answers each event with what the script says and counts pictures by the screen of `views`."""

    def __init__(self, script: dict[Event, list[Command]]) -> None:
        self.script = script
        self.handled: list[Event] = []
        self.screen = Screen.ATTRACT

    def handle(self, event: Event) -> list[Command]:
        self.handled.append(event)
        if isinstance(event, Touched):
            self.screen = Screen.PHOTO
        return self.script.get(event, [])

    def view(self) -> ViewState:
        return ViewState(self.screen, Language.ENGLISH)


def build(script: dict[Event, list[Command]]) -> tuple[Coordinator, ScriptedVisit, Recorder, list[ViewState]]:
    visit, recorder, shown = ScriptedVisit(script), Recorder(), []
    ports = Ports(
        recorder, recorder, recorder, recorder, recorder, recorder, recorder, recorder.keep, recorder.end
    )
    return Coordinator(visit, ports, shown.append), visit, recorder, shown


RECEIPT = ReceiptDocument(())
CASE: Any = object()
UPLOAD = UUID(int=7)
QUESTION = Question("528319476034", "7KQ2M9XWHT")


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (OpenCamera(), ("open",)),
        (CloseCamera(), ("close",)),
        (CapturePhoto("p1"), ("capture", "p1")),
        (ArmScanner(), ("arm",)),
        (CallOfficer(), ("call_officer",)),
        (OfficerCame(), ("officer_came",)),
        (DisarmScanner(), ("disarm",)),
        (KeepCase(CASE), ("keep", CASE)),
        (PrintReceipt("j1", RECEIPT), ("print_receipt", "j1", RECEIPT)),
        (AskCentre(UPLOAD, QUESTION), ("ask", UPLOAD, QUESTION)),
        (
            OpenUpload(UPLOAD, Recipient.REPORTS, 30, Language.ENGLISH),
            ("open", UPLOAD, Recipient.REPORTS, 30, Language.ENGLISH),
        ),
        (DropFile(UPLOAD, "f1"), ("drop", UPLOAD, "f1")),
        (CloseUpload(UPLOAD, keep=True), ("close", UPLOAD, ("keep", True))),
        (CountSurvey("lost_property", (("easy", "good"),)), ("count", "lost_property", (("easy", "good"),))),
        (EndVisit(Ending.FINISHED), ("end", Ending.FINISHED)),
    ],
)
def test_each_command_reaches_its_port(command: Command, asked: tuple[Any, ...]) -> None:
    coordinator, _, recorder, _ = build({Ticked(): [command]})
    coordinator.dispatch(Ticked())
    assert recorder.asked == [asked]


def test_the_picture_is_shown_only_when_it_changed() -> None:
    coordinator, _, _, shown = build({})
    coordinator.begin()
    coordinator.dispatch(Ticked())
    coordinator.dispatch(Ticked())
    coordinator.dispatch(Touched(Touch.NEXT))
    assert [view.screen for view in shown] == [Screen.ATTRACT, Screen.PHOTO]


def test_an_answer_that_comes_at_once_waits_until_the_event_is_handled() -> None:
    press = Touched(Touch.TAKE_PHOTO)
    coordinator, visit, recorder, shown = build({press: [CapturePhoto("p1"), DisarmScanner()]})
    recorder.on_capture = lambda photo_id: coordinator.dispatch(PhotoTaken(photo_id, b""))
    coordinator.dispatch(press)
    assert visit.handled == [press, PhotoTaken("p1", b"")]
    assert recorder.asked == [("capture", "p1"), ("disarm",)]
    assert len(shown) == 1
