"""Time-outs: warned, extended, ended; and what counts as activity."""

from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Timing
from flows.answering.answer_checks import Checker
from flows.events import Answered, ComfortChanged, EndVisit, KeepCase, PhotoTaken, PrintEnded, Scanned, Touch
from flows.life.lifecycle import Cover, State
from flows.ports import DeviceState, PrintOutcome
from flows.view import OverlayKind, Screen


def endings(person: Any) -> list[str]:
    return [command.ending.value for command in person.commands(EndVisit)]


def test_nobody_is_timed_out_at_the_attract_screen(person: Any) -> None:
    person.wait(600, step=5)
    assert person.view.screen is Screen.ATTRACT
    assert not person.asked


def test_a_tick_costs_no_check_of_answers(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    check = Checker._check
    monkeypatch.setattr(
        Checker, "_check", lambda self, name, *rest: checked.append(name) or check(self, name, *rest)
    )
    person.to_review()
    assert "reporter.phone" in checked
    checked.clear()
    person.wait(10)
    assert checked == []
    person.wait(60)
    assert checked.count("loss.when") == 1  # another minute: a time may lie in the past now


def test_a_screen_set_to_someones_eyes_is_not_left_to_the_next(person: Any) -> None:
    person.handle(ComfortChanged(200, high_contrast=False))
    person.wait(80).touch(Touch.EMERGENCY, Touch.EMERGENCY_CLOSE).wait(89)
    assert person.view.screen is Screen.ATTRACT
    person.wait(1)
    assert endings(person) == ["timed_out"]


def test_a_screen_put_back_may_stay(person: Any) -> None:
    person.handle(ComfortChanged(150, high_contrast=False))
    person.handle(ComfortChanged(100, high_contrast=False))
    person.wait(600, step=5)
    assert person.view.screen is Screen.ATTRACT


def test_a_warning_counts_down_and_ends_the_visit(person: Any) -> None:
    person.begin().wait(89.5)
    assert person.view.overlay is None
    person.wait(0.5)
    assert person.view.overlay.kind is OverlayKind.TIME_WARNING
    assert person.view.overlay.seconds == 30
    person.wait(10)
    assert person.view.overlay.seconds == 20
    person.wait(19.5)
    assert endings(person) == []
    person.wait(0.5)
    assert endings(person) == ["timed_out"]
    assert person.view.screen is Screen.WIPED


def test_more_time_can_be_had_more_than_ten_times(person: Any) -> None:
    person.begin().answer("reporter.role", "organisation")
    for _ in range(15):
        person.wait(100)
        assert person.visit.cover is Cover.TIME_WARNING
        person.touch(Touch.MORE_TIME)
        assert person.view.overlay is None
    assert person.view.body.fields[0].value == "organisation"


def test_any_answer_is_activity(person: Any) -> None:
    person.begin()
    for _ in range(5):
        person.wait(80)
        person.answer("reporter.role", "self")
        assert person.view.overlay is None
        assert person.view.screen is Screen.QUESTION


def test_a_key_struck_as_the_warning_came_is_not_lost(person: Any) -> None:
    person.begin().wait(95).answer("reporter.role", "on_behalf")
    assert person.view.overlay is None
    assert person.view.body.fields[0].value == "on_behalf"


@pytest.mark.parametrize("state", ["language", "triage", "services", "question", "review", "declare"])
def test_every_screen_times_out(new_person: Callable[..., Any], state: str) -> None:
    person = new_person()
    steps = {
        "language": lambda: person.touch(Touch.START),
        "triage": lambda: person.begin().touch(Touch.BACK, Touch.BACK, Touch.BACK),
        "services": lambda: person.begin().touch(Touch.BACK, Touch.BACK),
        "question": person.begin,
        "review": person.to_review,
        "declare": person.to_declare,
    }
    steps[state]()
    assert person.visit.state.value == state
    person.wait(121)
    assert endings(person) == ["timed_out"]


def test_the_received_screen_ends_by_itself_after_printing(person: Any) -> None:
    person.to_received().wait(4)
    person.wait(15)
    job = person.asked[-1].job_id
    person.handle(PrintEnded(job, PrintOutcome.PRINTED, DeviceState.READY))
    person.wait(59)
    assert endings(person) == []
    person.wait(2)
    assert endings(person) == ["finished"]


def test_committing_is_activity(person: Any) -> None:
    person.to_declare().touch(Touch.SUBMIT).wait(590, step=10)
    assert person.view.screen is Screen.SUBMITTING
    person.kept()
    assert person.view.screen is Screen.RECEIVED


def test_a_disk_that_never_answers_ends_the_visit(person: Any) -> None:
    person.to_declare().touch(Touch.SUBMIT).wait(600, step=10)
    assert endings(person) == ["out_of_order"]


def test_a_visit_has_an_absolute_limit_that_is_told(new_person: Callable[..., Any]) -> None:
    person = new_person(timing=Timing(visit_limit_s=600))
    person.begin()
    for _ in range(5):
        person.wait(61)
        person.answer("reporter.role", "self")
    assert [(n.key, n.values) for n in person.view.notices] == [("visit_ends_soon", {"minutes": "5"})]
    for _ in range(5):
        person.wait(59)
        person.answer("reporter.role", "self")
    assert endings(person) == ["timed_out"]


def test_a_still_on_its_way_is_activity(new_person: Callable[..., Any]) -> None:
    person = new_person(timing=Timing(idle_s=5))
    person.begin().identify().fill({"loss.categories": ["keys"]})
    person.fill({"items[0].description": "Two"}).fill({"items[0].add": ["photos"]})
    person.wait(4).touch(Touch.TAKE_PHOTO).wait(9)
    assert person.view.overlay is None
    assert person.view.body.capturing


def test_unreadable_scans_of_a_busy_visitor_are_activity(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    person.wait(80)
    person.handle(Scanned(b"?"))
    person.wait(80)
    assert person.view.overlay is None
    assert person.view.screen is Screen.SCAN


def test_emergency_screen_is_not_covered_and_ends_late(person: Any) -> None:
    person.begin().touch(Touch.EMERGENCY).wait(119)
    assert person.view.screen is Screen.EMERGENCY
    assert person.view.overlay is None
    person.wait(2)
    assert endings(person) == ["emergency"]


def test_emergency_at_the_attract_screen_closes_into_attract(person: Any) -> None:
    person.touch(Touch.EMERGENCY)
    assert person.view.screen is Screen.EMERGENCY
    person.touch(Touch.EMERGENCY_CLOSE)
    assert person.view.screen is Screen.ATTRACT
    person.wait(7200, step=60)
    assert endings(person) == []


def test_emergency_left_open_at_the_attract_screen_ends(person: Any) -> None:
    person.touch(Touch.EMERGENCY).wait(121)
    assert endings(person) == ["emergency"]


def test_after_the_end_nothing_is_heard_or_known(person: Any) -> None:
    person.to_review().touch(Touch.QUICK_EXIT)
    count = len(person.asked)
    person.touch(Touch.START, Touch.NEXT).handle(Answered("reporter.name_en", "CHAN"))
    person.handle(PhotoTaken("x", b"y"))
    person.wait(10)
    assert len(person.asked) == count
    assert person.visit.state is State.WIPED
    assert not person.commands(KeepCase)
    assert "CHAN" not in str(person.view)
