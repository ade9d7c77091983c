"""An officer's call as a visit has it, and a visitor whom the sensor saw go."""

from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Timing
from flows.events import (
    CallOfficer,
    EndVisit,
    HeadphonesChanged,
    OfficerCallChanged,
    OfficerCame,
    PhotoTaken,
    PresenceChanged,
    Touch,
)
from flows.life.lifecycle import Cover, State
from flows.life.patience import Patience
from flows.ports import Device, DeviceState, OfficerCall
from flows.view import Overlay, OverlayKind, Screen
from tests.flows.test_covers import ELSEWHERE, put_cover, walk_to

AWAY, NEAR = PresenceChanged(near=False), PresenceChanged(near=True)
CALLING = OfficerCallChanged(OfficerCall.CALLING)


@pytest.mark.parametrize("state", [s for s in State if s not in (State.WIPED, *ELSEWHERE)])
@pytest.mark.parametrize("cover", list(Cover))
def test_an_officer_can_be_called_from_everywhere(person: Any, state: State, cover: Cover) -> None:
    walk_to(person, state)
    if state not in (State.ATTRACT, State.OUT_OF_SERVICE) or cover is Cover.EMERGENCY:
        put_cover(person, cover)
    before = person.view.screen
    person.touch(Touch.CALL_OFFICER)
    assert len(person.commands(CallOfficer)) == 1
    assert person.view.screen is before
    assert person.view.officer_call is OfficerCall.NONE  # said only when it is so


@pytest.mark.parametrize("state", [s for s in State if s not in ELSEWHERE])
def test_a_call_is_on_every_screen_until_it_is_over(person: Any, state: State) -> None:
    person.handle(CALLING)
    walk_to(person, state)
    assert person.view.officer_call is OfficerCall.CALLING
    assert person.view.calls_reach
    if state is not State.WIPED:
        person.touch(Touch.EMERGENCY)
        assert person.view.officer_call is OfficerCall.CALLING
        person.handle(OfficerCallChanged(OfficerCall.ANSWERED))
        assert person.view.officer_call is OfficerCall.ANSWERED
        person.handle(OfficerCallChanged(OfficerCall.NONE))
        assert person.view.officer_call is OfficerCall.NONE


@pytest.mark.parametrize("state", sorted(set(DeviceState) - {DeviceState.READY, DeviceState.BUSY}))
def test_without_a_panel_nothing_is_called_and_the_screen_knows(person: Any, state: DeviceState) -> None:
    usable = state in (DeviceState.PAPER_LOW, DeviceState.PAPER_WAITING)
    person.device(Device.PANEL, state).touch(Touch.EMERGENCY, Touch.CALL_OFFICER)
    assert person.view.calls_reach is usable
    assert bool(person.commands(CallOfficer)) is usable


def test_only_a_call_that_lasts_can_be_over(person: Any) -> None:
    person.touch(Touch.OFFICER_CAME)
    assert not person.commands(OfficerCame)
    person.handle(CALLING)
    person.touch(Touch.OFFICER_CAME)
    assert len(person.commands(OfficerCame)) == 1


def test_a_call_does_not_hold_a_visit_open(person: Any) -> None:
    person.begin().handle(CALLING)
    person.wait(121)
    assert person.commands(EndVisit)[-1].ending.value == "timed_out"
    assert person.view.officer_call is OfficerCall.CALLING


def test_headphones_disturb_no_visit(person: Any) -> None:
    before = person.begin().view
    person.handle(HeadphonesChanged(plugged=True))
    assert person.view == before


# --- the sensor ---------------------------------------------------------------------------------------------


def test_who_has_gone_is_warned_at_once_and_not_ended(person: Any) -> None:
    person.begin().wait(5).handle(AWAY)
    person.wait(14.5)
    assert person.view.overlay is None
    person.wait(0.5)
    assert person.view.overlay == Overlay(OverlayKind.TIME_WARNING, 30)
    person.wait(29.5)
    assert not person.commands(EndVisit)
    person.wait(1)
    assert person.commands(EndVisit)[-1].ending.value == "timed_out"


def test_who_is_back_in_time_is_not_warned(person: Any) -> None:
    person.begin().handle(AWAY)
    person.wait(14).handle(NEAR)
    person.wait(70)
    assert person.view.overlay is None


def test_a_touch_proves_a_sensor_wrong(person: Any) -> None:
    person.begin().handle(AWAY)
    person.wait(10).answer("reporter.role", "self")
    person.wait(89)
    assert person.view.overlay is None
    assert person.view.screen is Screen.QUESTION


def test_a_sensor_that_is_gone_says_nothing_any_more(person: Any) -> None:
    person.begin().handle(AWAY)
    person.wait(5).device(Device.PANEL, DeviceState.DISCONNECTED)
    person.wait(80)
    assert person.view.overlay is None
    assert person.view.screen is Screen.QUESTION


def test_zero_switches_the_sensor_off(new_person: Callable[..., Any]) -> None:
    person = new_person(timing=Timing(left_s=0))
    person.begin().handle(AWAY)
    person.wait(89)
    assert person.view.overlay is None
    assert person.view.screen is Screen.QUESTION


@pytest.mark.parametrize("state", [State.ATTRACT, State.OUT_OF_SERVICE, State.SUBMITTING, State.RECEIVED])
def test_the_sensor_shortens_nothing_where_nobody_must_act(person: Any, state: State) -> None:
    walk_to(person, state).handle(AWAY)
    person.wait(20)
    assert person.visit.state is state
    assert person.view.overlay is None


def test_the_sensor_does_not_shorten_a_photo_on_its_way(person: Any) -> None:
    walk_to(person, State.PHOTO).touch(Touch.TAKE_PHOTO).handle(AWAY)
    photo = person.asked[-1].photo_id
    person.wait(3).handle(PhotoTaken(photo, b"jpeg"))
    assert person.view.overlay is None


def test_the_emergency_screen_is_not_hurried(person: Any) -> None:
    person.begin().touch(Touch.EMERGENCY).handle(AWAY)
    person.wait(100)
    assert person.view.screen is Screen.EMERGENCY


# --- planted bugs -------------------------------------------------------------------------------------------


def _deaf_to_touches(self: Patience, now: float) -> None:
    if self.since is not None:
        self.since, self.warned = now, None


def test_planted_a_touch_that_does_not_prove_the_sensor_wrong_is_noticed(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "active", _deaf_to_touches)
    with pytest.raises(AssertionError):
        test_a_touch_proves_a_sensor_wrong(person)


def test_planted_a_sensor_that_ends_visits_is_noticed(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def hurry(self: Patience, now: float, *, near: bool) -> None:
        self.warned = None if near else now - self.timing.warning_s

    monkeypatch.setattr(Patience, "note_presence", hurry)
    with pytest.raises(AssertionError):
        test_who_has_gone_is_warned_at_once_and_not_ended(person)


def test_planted_a_call_forgotten_at_the_end_of_a_visit_is_noticed(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import visit
    from flows.picture import view_builder

    def forgetful(context: Any) -> Any:
        context.officer_call = OfficerCall.NONE
        return view_builder.wiped(context)

    monkeypatch.setattr(visit, "wiped", forgetful)
    with pytest.raises(AssertionError):
        test_a_call_is_on_every_screen_until_it_is_over(person, State.WIPED)
