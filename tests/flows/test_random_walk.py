"""Whatever happens, in whatever order: a visit never raises, never doubles a case, and always ends clean."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flows.cases.case_schema import schema
from flows.events import (
    AdmissionChanged,
    Answered,
    CaseKept,
    CaseNotKept,
    CentreAnswered,
    ChangeAsked,
    ComfortChanged,
    DeviceChanged,
    EndVisit,
    HeadphonesChanged,
    KeepCase,
    LanguageChosen,
    OfficerCallChanged,
    PhotoDeleted,
    PhotoTaken,
    PresenceChanged,
    PrintEnded,
    PrintReceipt,
    Scanned,
    ServiceChosen,
    Ticked,
    Touch,
)
from flows.languages import Language
from flows.life.lifecycle import State
from flows.ports import Device, DeviceState, Kept, NotKept, OfficerCall, PrintOutcome
from flows.view import FieldKind, PhotoBody, QuestionBody, ReviewBody, Screen

WALKS = int(os.environ.get("VISIT_WALKS", "25"))
MRZ = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
GOOD = {
    FieldKind.TEXT: ["CHAN TAI MAN", "x", "陳大文", "4111 1111 1111 1111", "\u202e\x1b"],
    FieldKind.LONG_TEXT: ["words"],
    FieldKind.NUMBER: ["2", "two"],
    FieldKind.MONEY: ["100", "1.5", "-"],
    FieldKind.PHONE: ["91234567", "1"],
    FieldKind.EMAIL: ["a@example.org", "a"],
    FieldKind.DOCUMENT: ["A123456(3)", "L898902C3", "?"],
    FieldKind.LAST_FOUR: ["1234", "12"],
    FieldKind.DATE: ["2026-11-22", "1970-01-01", "x"],
    FieldKind.WHEN: [{"certainty": "unknown"}, {"certainty": "exact", "date": "2026-11-20"}, {}],
}
ENDS = (Touch.QUICK_EXIT, Touch.STOP_CONFIRM, Touch.FINISH)
CALM = [touch for touch in Touch if touch not in ENDS]


class Walker:
    """Does something at random, mostly what the screen offers."""

    def __init__(self, person: Any, data: st.DataObject) -> None:
        self.person = person
        self.data = data

    def draw(self, values: Any) -> Any:
        return self.data.draw(st.sampled_from(list(values)))

    def step(self) -> None:
        choice = self.data.draw(st.integers(0, 19))
        if choice < 13:
            self._sensible()
        elif choice < 16:
            self.person.touch(self.draw(CALM))
        else:
            self._world()

    def _sensible(self) -> None:
        body = self.person.view.body
        if isinstance(body, QuestionBody):
            for field in body.fields:
                self._answer(field)
            self.person.touch(Touch.NEXT)
        elif isinstance(body, ReviewBody) and self.data.draw(st.booleans()) and body.rows:
            self.person.handle(ChangeAsked(self.draw(body.rows).target))
        elif isinstance(body, PhotoBody) and self.data.draw(st.booleans()):
            self.person.touch(Touch.TAKE_PHOTO)
            self.person.handle(PhotoTaken(self.person.visit._parts.pages.pending_photo, b"jpeg"))
            for photo in body.photo_ids[:1]:
                self.person.handle(PhotoDeleted(photo))
        else:
            self._press()

    def _press(self) -> None:
        person = self.person
        offered: dict[Screen, Callable[[], Any]] = {
            Screen.ATTRACT: lambda: person.touch(Touch.START),
            Screen.LANGUAGE: lambda: person.handle(LanguageChosen(self.draw(Language))),
            Screen.TRIAGE: lambda: person.touch(Touch.NO),
            Screen.SERVICES: lambda: person.handle(ServiceChosen("lost_property")),
            Screen.SCAN: lambda: person.handle(Scanned(self.draw([MRZ, b"x", b""]))),
            Screen.DECLARE: lambda: person.touch(Touch.SUBMIT),
            Screen.SUBMITTING: self._answer_case,
            Screen.EMERGENCY: lambda: person.touch(Touch.EMERGENCY_CLOSE),
        }
        offered.get(person.view.screen, lambda: person.touch(Touch.NEXT))()

    def _answer(self, field: Any) -> None:
        if field.options:
            values = [option.value for option in field.options]
            several = st.lists(st.sampled_from(values), max_size=4, unique=True)
            multi = field.kind is FieldKind.MULTI_CHOICE
            value = self.data.draw(several) if multi else self.draw(values)
        else:
            value = self.draw(GOOD.get(field.kind, ["x"]))
        self.person.handle(Answered(field.name, value))

    def _answer_case(self) -> None:
        if self.data.draw(st.booleans()):
            self.person.kept()
        else:
            self.person.handle(CaseNotKept(self.draw(NotKept)))

    def _world(self) -> None:
        person = self.person
        jobs = [command.job_id for command in person.commands(PrintReceipt)] or ["none"]
        cases = [command.case.case_id for command in person.commands(KeepCase)]
        cases = cases or [person.visit._context.new_id()]
        events = [
            DeviceChanged(self.draw(Device), self.draw(DeviceState)),
            Scanned(self.draw([MRZ, b"\xff" * 5000])),
            PhotoTaken("other", b"jpeg"),
            PrintEnded(self.draw(jobs), self.draw(PrintOutcome), self.draw(DeviceState)),
            CentreAnswered(self.draw(cases), "RN 1"),
            CaseKept(Kept(self.draw(cases), "528319476034", "7KQ2M9XWHT")),
            AdmissionChanged(self.data.draw(st.booleans())),
            Answered(self.draw(["reporter.name_en", "items[9].colour", "", "loss.when", "items[].x"]), "x"),
            Answered("loss.categories", 7),
            LanguageChosen(self.draw(Language)),
            ComfortChanged(self.draw([100, 150, 200]), self.data.draw(st.booleans())),
            OfficerCallChanged(self.draw(OfficerCall)),
            PresenceChanged(self.data.draw(st.booleans())),
            HeadphonesChanged(self.data.draw(st.booleans())),
            Ticked(),
        ]
        person.handle(self.draw(events))
        person.wait(self.draw([0.5, 2, 40]), step=0.5 if self.data.draw(st.booleans()) else 2)


def check_nothing_stale(person: Any) -> None:
    """What is remembered about the answers is what would be found anew."""
    remembered = person.view
    person.visit._parts.pages._checker = None
    assert person.view == remembered


def check_invariants(person: Any, validator: Draft202012Validator) -> None:
    kept = person.commands(KeepCase)
    assert len({command.case.case_id for command in kept}) <= 1
    for command in kept:
        assert validator.is_valid(dict(command.case.document))
        listed = [each["photo_id"] for each in command.case.document["attachments"]]
        assert listed == [each.photo_id for each in command.case.attachments]
    assert len(person.commands(EndVisit)) <= 1
    assert len({command.job_id for command in person.commands(PrintReceipt)}) <= 2
    assert len(person.commands(PrintReceipt)) <= 3
    if person.visit.state is State.WIPED:
        answers = person.visit._parts.pages.answers
        assert not answers.values
        assert not answers.photos
        assert len(person.commands(EndVisit)) == 1


@settings(max_examples=WALKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_random_walk_keeps_every_promise(new_person: Callable[..., Any], packs: Any, data: Any) -> None:
    person = new_person(devices=data.draw(st.booleans()))
    start = data.draw(st.sampled_from(["attract", "review", "declare", "received"]))
    if start != "attract":
        getattr(person, f"to_{start}")()
    walker = Walker(person, data)
    validator = Draft202012Validator(schema(packs["lost_property"]))
    for _ in range(data.draw(st.integers(20, 70))):
        walker.step()
        check_nothing_stale(person)
        check_invariants(person, validator)
    event(f"ended in {person.visit.state}, {len(person.commands(KeepCase))} submissions")
    begun = person.visit.state not in (State.ATTRACT, State.OUT_OF_SERVICE, State.WIPED)
    person.touch(Touch.EMERGENCY)
    assert person.view.screen in (Screen.EMERGENCY, Screen.WIPED)
    person.touch(Touch.QUICK_EXIT)
    assert not begun or person.visit.state is State.WIPED
    check_invariants(person, validator)
