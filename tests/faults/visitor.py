"""A patient visitor with a passport, a receipt and a phone in hand: does what the picture offers.

Knows nothing but the picture: a visit that such a person can finish is one that the screen leads to its end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flows.events import Answered, AnswerValue, LanguageChosen, Rated, ServiceChosen, Touch, Touched
from flows.languages import Language
from flows.ports import USABLE_STATES
from flows.view import (
    DeclareBody,
    Field,
    FieldKind,
    FilesBody,
    OverlayKind,
    PaperState,
    PhotoBody,
    QuestionBody,
    ReceivedBody,
    ScanBody,
    Screen,
    SurveyBody,
    UploadState,
    WaitingBody,
)
from tests.faults.world import PASSPORT, RECEIPT, World

ANSWERS: dict[str, AnswerValue] = {
    "reporter.doc_type": "passport",
    "reporter.doc_no": "L898902C3",
    "reporter.name_en": "ERIKSSON ANNA MARIA",
    "loss.categories": ["wallet"],
    "items[0].add": ["photos"],
    "event.place_kind": "here",
    "loss.suspected_theft": "no",
    "reporter.phone": "91234567",
    "scam.paid": "nothing",
    "scam.known": ["handles"],
    "enquiry.reference": "004276384875",
    "enquiry.receipt_code": "7KQ2M9XWHT",
    "enquiry.check": "271828",
    "addition.kinds": ["photos", "files", "withdraw"],
    "addition.withdraw_because": "mistake",
}
NOT_SURE: AnswerValue = {"certainty": "unknown"}
"""To a moment that the kiosk does not take: its own clock may be wrong."""
BY_KIND: dict[FieldKind, AnswerValue] = {
    FieldKind.TEXT: "brown leather",
    FieldKind.LONG_TEXT: "brown leather",
    FieldKind.NUMBER: "1",
    FieldKind.MONEY: "100",
    FieldKind.PHONE: "91234567",
    FieldKind.EMAIL: "anna@example.org",
    FieldKind.DOCUMENT: "L898902C3",
    FieldKind.LAST_FOUR: "1234",
    FieldKind.DATE: "1974-08-12",
    FieldKind.YES_NO: "yes",
    FieldKind.WHEN: {"certainty": "exact", "date": "2026-11-20", "time": "14:00"},
}
TRIES = 3
_LOOK_S = 1.0
_LONGEST_S = 1500.0
_PATIENCE_S = 60.0
_LONG_S = 700.0  # for a disk that does not answer: longer than the visit itself waits


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the visit where something may happen: the life's state, and the page or phase."""

    state: str
    phase: str


class Visitor:
    """Goes through a visit for a service step by step; `steps` yields before each."""

    def __init__(self, world: World, service: str = "lost_property") -> None:
        self._world = world
        self._service = service
        self._tried: dict[str, int] = {}

    def here(self) -> Stop:
        """Where the visit is now."""
        world = self._world
        body = world.view.body
        phase = world.view.screen.value
        if isinstance(body, QuestionBody) and body.fields:
            phase = body.fields[0].name
        elif isinstance(body, PhotoBody):
            phase = f"photo, {'waiting' if body.capturing else len(body.photo_ids)}"
        elif isinstance(body, ReceivedBody):
            phase = f"paper {body.paper.value}{', numbered' if body.official_number else ''}"
        elif isinstance(body, FilesBody):
            phase = f"files {body.state.value}, {len(body.files)}"
        elif isinstance(body, WaitingBody):
            phase = f"waiting{', no answer' if body.problem else ''}"
        elif isinstance(body, SurveyBody):
            phase = body.question_key
        elif world.view.screen is Screen.TRIAGE:
            phase = getattr(body, "question_key", "")
        return Stop(world.visit.state.value, phase)

    def steps(self) -> Iterator[Stop]:
        """Act until the visit has ended. Raises AssertionError if it does not get on."""
        until = self._world.clock.seconds + _LONGEST_S
        while self._world.clock.seconds < until:
            if self._world.truth.ending is not None:
                return
            yield self.here()
            self._act()
        raise AssertionError(f"no end in sight: the visit hangs at {self.here()}")

    def finish(self) -> None:
        """Act to the end."""
        for _ in self.steps():
            pass

    def _act(self) -> None:
        view = self._world.view
        if view.overlay is not None:
            self._touch(
                Touch.MORE_TIME if view.overlay.kind is OverlayKind.TIME_WARNING else Touch.STOP_CANCEL
            )
            return
        _ACTS[view.screen](self)

    def _touch(self, touch: Touch) -> None:
        self._world.dispatch(Touched(touch))
        self._world.pass_(_LOOK_S)

    def _wait(self, over: Callable[[], bool], seconds: float = _PATIENCE_S) -> None:
        until = self._world.clock.seconds + seconds
        while not over() and self._world.clock.seconds < until and self._world.truth.ending is None:
            self._world.pass_(_LOOK_S)

    def _may_try(self, what: str) -> bool:
        self._tried[what] = self._tried.get(what, 0) + 1
        return self._tried[what] <= TRIES

    # --- screen by screen -----------------------------------------------------------------------------------

    def _language(self) -> None:
        self._world.dispatch(LanguageChosen(Language.ENGLISH))

    def _triage(self) -> None:
        """Looks once at the help for deaf people."""
        self._touch(Touch.NO if "deaf" in self._tried else Touch.DEAF)
        self._tried["deaf"] = 1

    def _services(self) -> None:
        self._world.dispatch(ServiceChosen(self._service))

    def _question(self) -> None:
        body = self._world.view.body
        assert isinstance(body, QuestionBody)
        for field in body.fields:
            if field.required or field.name in ANSWERS:
                self._world.dispatch(Answered(field.name, NOT_SURE if field.problem else _answer(field)))
        before = self.here()
        self._touch(Touch.NEXT)
        if self.here() == before and body.optional:
            self._touch(Touch.SKIP)

    def _scan(self) -> None:
        body = self._world.view.body
        assert isinstance(body, ScanBody)
        readable = {body.reader, body.camera} & USABLE_STATES
        if readable and self._may_try("scan"):
            self._world.put_document(RECEIPT if self._service == "report_supplement" else PASSPORT)
            self._wait(lambda: self._world.view.screen is not Screen.SCAN, 4.0)
        else:
            self._touch(Touch.TYPE_INSTEAD)

    def _photo(self) -> None:
        body = self._world.view.body
        assert isinstance(body, PhotoBody)
        if body.capturing:
            self._wait(lambda: not getattr(self._world.view.body, "capturing", False), 20.0)
        elif not body.photo_ids and body.camera in USABLE_STATES and self._may_try("photo"):
            self._touch_at_once(Touch.TAKE_PHOTO)
        else:
            self._touch(Touch.NEXT if self._world.view.can_next else Touch.SKIP)

    def _files(self) -> None:
        """Waits a while for what the phone sends."""
        body = self._world.view.body
        assert isinstance(body, FilesBody)
        if not body.files and body.state is not UploadState.UNREACHABLE and self._may_try("files"):
            self._wait(lambda: bool(getattr(self._world.view.body, "files", ())), 10.0)
        else:
            self._touch(Touch.NEXT if self._world.view.can_next else Touch.SKIP)

    def _waiting(self) -> None:
        """Asks again where there was no answer, and goes on without one where that is offered."""
        body = self._world.view.body
        assert isinstance(body, WaitingBody)
        if body.problem is None:
            before = self.here()
            self._wait(lambda: self.here() != before)
        else:
            self._touch(Touch.NEXT if self._may_try("enquiry") else Touch.SKIP)

    def _survey(self) -> None:
        body = self._world.view.body
        assert isinstance(body, SurveyBody)
        if not body.chosen:
            self._world.dispatch(Rated(body.options[0]))
        self._touch(Touch.NEXT)

    def _declare(self) -> None:
        body = self._world.view.body
        assert isinstance(body, DeclareBody)
        if body.problem is not None:
            self._wait(lambda: False, 2.0)
        if self._may_try("submit"):
            self._touch_at_once(Touch.SUBMIT)
        else:  # told three times that it does not work: goes to the desk
            self._touch_at_once(Touch.STOP)
            self._touch(Touch.STOP_CONFIRM)

    def _touch_at_once(self, touch: Touch) -> None:
        self._world.dispatch(Touched(touch))

    def _submitting(self) -> None:
        before = self.here()
        self._world.pass_(0.1)
        self._wait(lambda: self.here() != before, _LONG_S)

    def _received(self) -> None:
        body = self._world.view.body
        assert isinstance(body, ReceivedBody)
        before = self.here()
        if body.paper is PaperState.PRINTING:
            self._wait(lambda: self.here() != before)
        elif body.paper is not PaperState.PRINTED and body.can_reprint and self._may_try("reprint"):
            self._touch_at_once(Touch.REPRINT)
        else:
            self._touch(Touch.FINISH)


def _answer(field: Field) -> AnswerValue:
    if field.name in ANSWERS:
        return ANSWERS[field.name]
    if field.options:
        value = field.options[0].value
        return [value] if field.kind is FieldKind.MULTI_CHOICE else value
    return BY_KIND[field.kind]


_ACTS: dict[Screen, Callable[[Visitor], None]] = {
    Screen.ATTRACT: lambda self: self._touch(Touch.START),
    Screen.LANGUAGE: Visitor._language,
    Screen.TRIAGE: Visitor._triage,
    Screen.DEAF_HELP: lambda self: self._touch(Touch.NEXT),
    Screen.EMERGENCY: lambda self: self._touch(Touch.EMERGENCY_CLOSE),
    Screen.SERVICES: Visitor._services,
    Screen.PRIVACY: lambda self: self._touch(Touch.NEXT),
    Screen.QUESTION: Visitor._question,
    Screen.SCAN: Visitor._scan,
    Screen.PHOTO: Visitor._photo,
    Screen.LIST: lambda self: self._touch(Touch.NEXT),
    Screen.NOTICE: lambda self: self._touch(Touch.NEXT),
    Screen.FILES: Visitor._files,
    Screen.WAITING: Visitor._waiting,
    Screen.REVIEW: lambda self: self._touch(Touch.NEXT),
    Screen.DECLARE: Visitor._declare,
    Screen.SUBMITTING: Visitor._submitting,
    Screen.RECEIVED: Visitor._received,
    Screen.SURVEY: Visitor._survey,
    Screen.OUT_OF_SERVICE: lambda self: self._world.pass_(1.0),
}
