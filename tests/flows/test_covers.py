"""Quick exit, stop and emergency, from every state; language, in every state."""

from collections.abc import Callable
from typing import Any

import pytest

from flows.events import (
    AdmissionChanged,
    Answered,
    CaseKept,
    CaseNotKept,
    ComfortChanged,
    EndVisit,
    KeepCase,
    LanguageChosen,
    PhotoTaken,
    ServiceChosen,
    Touch,
    Touched,
)
from flows.languages import Language
from flows.life.lifecycle import Cover, State
from flows.ports import Kept, NotKept
from flows.view import OverlayKind, Screen

ENGLISH = LanguageChosen(Language.ENGLISH)


def walk_to(person: Any, state: State) -> Any:
    """Bring a person to a state."""
    ways: dict[State, Callable[[], Any]] = {
        State.ATTRACT: lambda: None,
        State.LANGUAGE: lambda: person.touch(Touch.START),
        State.TRIAGE: lambda: (person.touch(Touch.START), person.handle(ENGLISH)),
        State.DEAF_HELP: lambda: (
            person.touch(Touch.START),
            person.handle(ENGLISH),
            person.touch(Touch.DEAF),
        ),
        State.SERVICES: lambda: person.begin().touch(Touch.BACK, Touch.BACK),
        State.PRIVACY: lambda: person.begin().touch(Touch.BACK),
        State.QUESTION: person.begin,
        State.SCAN: lambda: person.begin().fill({}).fill({"reporter.doc_type": "passport"}),
        State.PHOTO: lambda: (
            person.begin()
            .identify()
            .fill({"loss.categories": ["keys"]})
            .fill({"items[0].description": "Two"})
            .fill({"items[0].add": ["photos"]})
        ),
        State.LIST: lambda: (
            person.begin().fill({"reporter.role": "organisation", "represented.name": "A company"}),
            person.fill({"reporter.doc_type": "hkid"}),
            person.fill({"reporter.doc_no": "A123456(3)", "reporter.name_en": "CHAN TAI MAN"}),
            person.lose_wallet().say_where().leave_contact(),
        ),
        State.NOTICE: lambda: (
            person.begin().identify().lose_wallet(),
            person.fill({"loss.when": {"certainty": "unknown"}}).fill({"loss.place_kind": "here"}),
            person.fill({"loss.suspected_theft": "yes"}).fill({"loss.theft_choice": "officer"}),
        ),
        State.REVIEW: person.to_review,
        State.DECLARE: person.to_declare,
        State.SUBMITTING: lambda: person.to_declare().touch(Touch.SUBMIT),
        State.RECEIVED: person.to_received,
        State.SURVEY: lambda: person.to_received().touch(Touch.FINISH),
        State.OUT_OF_SERVICE: lambda: person.handle(AdmissionChanged(accepting=False)),
        State.WIPED: lambda: person.begin().touch(Touch.QUICK_EXIT),
    }
    ways[state]()
    assert person.visit.state is state
    return person


AFTER = (State.RECEIVED, State.SURVEY)
ELSEWHERE = (State.FILES, State.WAITING)
"""This service has none: tests/flows/test_centre_in_a_visit.py walks there."""
BEGUN = [s for s in State if s not in (State.ATTRACT, State.OUT_OF_SERVICE, State.WIPED, *ELSEWHERE)]


@pytest.mark.parametrize("state", BEGUN)
@pytest.mark.parametrize("cover", list(Cover))
def test_quick_exit_is_one_touch_from_everywhere(person: Any, state: State, cover: Cover) -> None:
    walk_to(person, state)
    put_cover(person, cover)
    commands = person.handle(Touched(Touch.QUICK_EXIT))
    assert commands[-1].ending.value == "quick_exit"
    assert person.view.screen is Screen.WIPED


@pytest.mark.parametrize("state", [s for s in State if s not in (State.WIPED, *ELSEWHERE)])
@pytest.mark.parametrize("cover", [Cover.CLEAR, Cover.EMERGENCY])
def test_comfort_changes_nothing_but_itself(person: Any, state: State, cover: Cover) -> None:
    walk_to(person, state)
    put_cover(person, cover)
    before = person.view
    assert person.handle(ComfortChanged(150, high_contrast=True)) == []
    assert person.view == before
    assert (person.visit.state, person.visit.cover) == (state, cover)
    assert (person.visit._context.large_text, person.visit._context.high_contrast) == (True, True)


def put_cover(person: Any, cover: Cover) -> None:
    match cover:
        case Cover.EMERGENCY:
            person.touch(Touch.EMERGENCY)
        case Cover.STOP_CONFIRM if person.visit.state not in AFTER:
            person.touch(Touch.STOP)
        case Cover.TIME_WARNING if person.visit.state not in (*AFTER, State.SUBMITTING):
            person.wait(91)
        case _:
            return
    assert person.visit.cover is cover


@pytest.mark.parametrize("state", [s for s in State if s not in (State.WIPED, *ELSEWHERE)])
def test_emergency_opens_everywhere_and_returns(person: Any, state: State) -> None:
    walk_to(person, state)
    before = person.view
    person.touch(Touch.EMERGENCY)
    assert person.view.screen is Screen.EMERGENCY
    person.touch(Touch.EMERGENCY_CLOSE)
    assert person.view == before


@pytest.mark.parametrize("state", [s for s in BEGUN if s not in AFTER])
def test_stop_is_confirmed(person: Any, state: State) -> None:
    walk_to(person, state)
    before = person.view
    person.touch(Touch.STOP)
    assert person.view.overlay.kind is OverlayKind.STOP_CONFIRM
    person.touch(Touch.STOP_CANCEL)
    assert person.view == before
    person.touch(Touch.STOP, Touch.STOP_CONFIRM)
    assert person.commands(EndVisit)[-1].ending.value == "stopped"


def test_stop_after_submission_just_finishes(person: Any) -> None:
    person.to_received().touch(Touch.STOP)
    assert person.commands(EndVisit)[-1].ending.value == "finished"


@pytest.mark.parametrize("state", [State.ATTRACT, State.OUT_OF_SERVICE])
@pytest.mark.parametrize("touch", [Touch.STOP, Touch.STOP_CONFIRM, Touch.QUICK_EXIT, Touch.MORE_TIME])
def test_where_nobody_has_begun_there_is_nothing_to_stop(person: Any, state: State, touch: Touch) -> None:
    walk_to(person, state)
    before = person.view
    person.touch(touch)
    assert person.view == before


def test_confirm_without_the_question_does_nothing(person: Any) -> None:
    person.begin().touch(Touch.STOP_CONFIRM)
    assert person.view.screen is Screen.QUESTION


@pytest.mark.parametrize("cover", [Cover.EMERGENCY, Cover.STOP_CONFIRM])
def test_buttons_beneath_a_cover_are_dead(person: Any, cover: Cover) -> None:
    person.to_declare()
    put_cover(person, cover)
    person.touch(Touch.SUBMIT, Touch.BACK, Touch.NEXT)
    assert not person.commands(KeepCase)
    assert person.visit.state is State.DECLARE


def test_a_case_is_kept_beneath_the_emergency_screen(person: Any) -> None:
    person.to_declare().touch(Touch.SUBMIT, Touch.EMERGENCY).kept().touch(Touch.EMERGENCY_CLOSE)
    assert person.view.screen is Screen.RECEIVED


@pytest.mark.parametrize("state", [s for s in BEGUN if s is not State.LANGUAGE])
@pytest.mark.parametrize("language", list(Language))
def test_language_switches_everywhere_and_loses_nothing(
    person: Any, state: State, language: Language
) -> None:
    walk_to(person, state)
    before = person.view
    person.handle(LanguageChosen(language))
    assert person.view.language is language
    assert person.view.screen is before.screen
    assert type(person.view.body) is type(before.body)
    person.handle(ENGLISH)
    assert person.view == before


def test_no_word_of_another_language_stays(person: Any) -> None:
    person.to_review(Language.SIMPLIFIED_CHINESE)
    person.handle(ENGLISH)
    labels = [row.label for row in person.view.body.rows]
    assert all(label.isascii() for label in labels)


def test_a_language_the_site_does_not_offer_is_ignored(new_person: Callable[..., Any]) -> None:
    person = new_person()
    person.visit._context.site = person.visit._context.site.model_copy(
        update={"languages": ["zh-Hant", "en"]}
    )
    person.touch(Touch.START).handle(LanguageChosen(Language.SIMPLIFIED_CHINESE))
    assert person.view.screen is Screen.LANGUAGE


def test_a_service_that_is_not_offered_is_ignored(person: Any) -> None:
    walk_to(person, State.SERVICES)
    person.handle(ServiceChosen("tax_return"))
    assert person.view.screen is Screen.SERVICES


def test_out_of_service_heals_itself(person: Any) -> None:
    person.handle(AdmissionChanged(accepting=False))
    person.touch(Touch.START)
    assert person.view.screen is Screen.OUT_OF_SERVICE
    person.handle(AdmissionChanged(accepting=True))
    assert person.view.screen is Screen.ATTRACT


def test_a_kiosk_that_starts_unable_is_out_of_service(new_person: Callable[..., Any]) -> None:
    assert new_person(accepting=False).view.screen is Screen.OUT_OF_SERVICE


def test_admission_lost_during_a_visit_does_not_disturb_it(person: Any) -> None:
    person.begin().handle(AdmissionChanged(accepting=False))
    assert person.view.screen is Screen.QUESTION


def test_a_case_that_was_not_kept_leaves_every_answer(person: Any) -> None:
    person.to_declare().touch(Touch.SUBMIT)
    person.handle(CaseNotKept(NotKept.NO_ROOM))
    assert person.view.screen is Screen.DECLARE
    assert person.view.body.problem.key == "case_no_room"
    person.touch(Touch.SUBMIT)
    first, second = person.commands(KeepCase)
    assert first.case.case_id == second.case.case_id
    assert first.case.document["reporter"] == second.case.document["reporter"]


def test_the_answer_about_another_case_is_not_taken(person: Any) -> None:
    person.to_declare().touch(Touch.SUBMIT)
    other = person.visit._context.new_id()
    person.handle(CaseKept(Kept(other, "000000000000", "AAAAAAAAAA")))
    assert person.view.screen is Screen.SUBMITTING


def test_a_bug_ends_the_visit_calmly(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person.begin()

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(person.visit._parts.pages), "known", broken)
    commands = person.visit.handle(Answered("reporter.role", "self"))
    assert commands[-1].ending.value == "out_of_order"
    assert isinstance(person.visit.fault, ZeroDivisionError)
    assert person.view.screen is Screen.WIPED


def test_photos_are_forgotten_too(person: Any) -> None:
    walk_to(person, State.PHOTO)
    person.touch(Touch.TAKE_PHOTO)
    photo = person.asked[-1].photo_id
    person.handle(PhotoTaken(photo, b"jpeg"))
    assert person.visit.photo(photo) == b"jpeg"
    person.touch(Touch.QUICK_EXIT)
    assert person.visit.photo(photo) == b""
