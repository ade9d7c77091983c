"""Entering, leaving, and what the screen may know: the bridge with a clock that goes when told to."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from desk_samples import FINDINGS, PAGES, Hands, Scripted
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from flows.ports import Device, DeviceState, OfficerCall, PanelKey
from ui.bridge import maintenance
from ui.bridge.maintenance import MaintenanceBridge
from ui.robot import Robot
from ui.technician import TechnicianFace

Build = Callable[..., tuple[TechnicianFace, Scripted, Hands]]
PIN = "918273"
LEFT = Qt.MouseButton.LeftButton


def enter(face: TechnicianFace) -> None:
    for digit in "0042" + PIN:
        face.bridge.typeDigit(digit)
    face.bridge.enter()


def known_to_the_face(face: TechnicianFace) -> Iterator[str]:
    """Every text that QML can read: the whole state, and every property of every item."""
    yield from map(str, face.bridge._values.values())
    waiting: list[QObject] = [face.window.contentItem()]
    while waiting:
        item = waiting.pop()
        meta = item.metaObject()
        names = [meta.property(at).name() for at in range(meta.propertyCount())]
        yield from (str(item.property(name)) for name in names if name in ("text", "say", "objectName"))
        waiting.extend(item.childItems() if isinstance(item, QQuickItem) else [])


def leaks(face: TechnicianFace, errands: Scripted) -> list[str]:
    """Where a PIN can still be found once it was sent: in the face, in the bridge, in a second request."""
    faults = [f"face: {text}" for text in known_to_the_face(face) if PIN in text]
    faults += [f"bridge: {name}" for name, value in vars(face.bridge).items() if PIN in str(value)]
    told = [request for request in errands.asked if PIN in json.dumps(request)]
    return faults + [f"asked again: {request['ask']}" for request in told[1:]]


def test_the_pin_is_seen_nowhere(build_entered: tuple[TechnicianFace, Scripted, Hands]) -> None:
    face, errands, _ = build_entered
    assert face.bridge.value("screen") == "overview"
    assert {"ask": "enter", "code": "T0042", "pin": PIN} in errands.asked
    assert leaks(face, errands) == []


def test_no_key_of_a_pin_is_shown_while_it_is_typed(desk: Build) -> None:
    face, _, _ = desk()
    for digit in "0042" + PIN:
        face.bridge.typeDigit(digit)
    assert face.bridge.value("dots") == len(PIN)
    assert not [text for text in known_to_the_face(face) if PIN in text or PIN[:3] in text]


@pytest.fixture
def build_entered(desk: Build) -> tuple[TechnicianFace, Scripted, Hands]:
    face, errands, hands = desk()
    enter(face)
    return face, errands, hands


def test_a_pass_is_sent_as_scanned_and_never_shown(desk: Build) -> None:
    face, errands, _ = desk()
    face.bridge.take_scan(b"KTP1.abc.def\r\n", Device.SCANNER, "Q1")
    assert face.bridge.value("has_pass")
    assert not [text for text in known_to_the_face(face) if "KTP1" in text]
    for digit in PIN:
        face.bridge.typeDigit(digit)
    face.bridge.enter()
    assert {"ask": "enter", "pass": "KTP1.abc.def", "pin": PIN} in errands.asked


def test_a_pass_waits_for_no_code(desk: Build) -> None:
    face, _, _ = desk()
    face.bridge.take({"event": "door", "kiosk": "0001", "wait_s": 900})
    face.bridge.take_scan(b"KTP1.abc.def", Device.SCANNER, "Q1")
    face.bridge.typeDigit("1")
    assert (face.bridge.value("wait"), face.bridge.value("dots")) == (0, 1)


def test_whatever_is_no_pass_is_not_kept_and_said_at_once(desk: Build) -> None:
    face, errands, _ = desk()
    face.bridge.take_scan(b"P<UTOERIKSSON<<ANNA", Device.DOCUMENT_READER, "")
    assert (face.bridge.value("has_pass"), face.bridge.value("reason")) == (False, "unreadable")
    assert "ERIKSSON" not in str(vars(face.bridge)) + str(errands.asked)


@pytest.mark.parametrize("typed", ["", "0042", "12"])
def test_nothing_is_asked_before_both_are_there(desk: Build, typed: str) -> None:
    face, errands, _ = desk()
    for digit in typed:
        face.bridge.typeDigit(digit)
    face.bridge.enter()
    assert not [request for request in errands.asked if request["ask"] == "enter"]


@pytest.mark.parametrize(
    "reason",
    ["wrong", "wait", "locked", "expired", "not_yet", "another_kiosk", "used", "unreadable"],
)
def test_every_refusal_is_said_in_calm_words(desk: Build, reason: str) -> None:
    face, errands, hands = desk()
    errands.said["enter"] = {"event": "denied", "reason": reason, "wait_s": 30 if reason == "wait" else 0}
    enter(face)
    robot = Robot(face.window)
    told = robot.text("label:refusal")
    assert face.words[f"maintenance.denied.{reason}"] in told
    assert face.bridge.value("code") == ""
    assert face.bridge.value("screen") == "login"
    if reason == "wait":
        assert "30" in told
        hands.now += 12.5
        face.bridge.look_at_clock()
        assert "18" in robot.text("label:refusal")
        face.bridge.typeDigit("1")
        assert face.bridge.value("code") == ""  # the pad waits too
        hands.now += 17.5
        face.bridge.look_at_clock()
        face.bridge.typeDigit("1")
        assert face.bridge.value("code") == "1"


def idle_faults(face: TechnicianFace, errands: Scripted, hands: Hands) -> list[str]:
    """What is wrong with leaving after 60 s, second by second."""
    faults = []
    face.bridge.note_activity()
    for second in range(1, 61):
        hands.now += 1
        face.bridge.look_at_clock()
        left = 60 - second
        shown = face.bridge.value("seconds")
        if shown != (left if 0 < left <= 15 else 0) and left > 0:
            faults.append(f"{shown} shown when {left} s are left")
        if ("leave" in errands.done) is not (left == 0):
            faults.append(f"left: {'leave' in errands.done} with {left} s to go")
    return faults


@pytest.mark.parametrize("inside", [False, True], ids=["login", "inside"])
def test_it_leaves_after_sixty_seconds_and_counts_the_last_fifteen(desk: Build, inside: bool) -> None:
    face, errands, hands = desk()
    if inside:
        enter(face)
    assert idle_faults(face, errands, hands) == []


def test_a_touch_anywhere_stays_and_maintenance_is_told(desk: Build) -> None:
    face, errands, hands = desk()
    enter(face)
    hands.now += 50
    face.bridge.look_at_clock()
    asked = len(errands.asked)
    QTest.mouseClick(face.window, LEFT, pos=QPoint(540, 60))
    assert face.bridge.value("seconds") == 0
    assert errands.asked[asked:] == [{"ask": "door"}]
    hands.now += 50
    face.bridge.look_at_clock()
    assert "leave" not in errands.done


def test_the_worst_comes_first(build_entered: tuple[TechnicianFace, Scripted, Hands]) -> None:
    face, _, _ = build_entered
    assert misplaced(face) == []


def misplaced(face: TechnicianFace) -> list[str]:
    rank = ["mend", "watch", "works"]
    ranks = [rank.index(finding["health"]) for finding in face.bridge.value("findings")]
    return [str(ranks)] if ranks != sorted(ranks) or len(ranks) != len(FINDINGS) else []


def scan_leaks(face: TechnicianFace) -> list[str]:
    """What of a visitor's document the scanner page knows."""
    PAGES["scanner"](face)
    face.bridge.take_scan(b"P<UTOERIKSSON<<ANNA<MARIA<<<<<", Device.SCANNER, "")
    return [text for text in known_to_the_face(face) if "ERIKSSON" in text]


def test_the_scanner_page_shows_kind_and_length_and_no_content(desk: Build) -> None:
    face, _, _ = desk()
    assert scan_leaks(face) == []
    assert face.bridge.value("scan")["length"] == 30
    face.bridge.take_scan(b"KIOSK-TEST 0001", Device.SCANNER, "Q1")
    assert face.bridge.value("scan")["text"] == "KIOSK-TEST 0001"
    face.bridge.take_scan(b"KIOSK-TEST 0001 CHAN TAI MAN", Device.SCANNER, "Q1")
    assert face.bridge.value("scan")["text"] == ""


def test_the_camera_is_on_only_while_it_is_tested(desk: Build) -> None:
    face, errands, _ = desk()
    PAGES["camera"](face)
    assert errands.done[-1] == "look True"
    assert face.bridge.value("fps") == 15.0
    assert face.bridge.value("frame_age_ms") == 60
    face.bridge.back()
    assert "look False" in errands.done[-3:]


def test_the_scanner_is_armed_on_the_login_page_and_for_its_test_only(desk: Build) -> None:
    face, errands, _ = desk()
    assert errands.done[-1] == "listen True"
    enter(face)
    assert errands.done[-1] == "listen False"
    face.bridge.open("device", "scanner")
    assert errands.done[-1] == "listen True"
    face.bridge.open("device", "printer")
    assert errands.done[-1] == "listen False"


def test_keys_light_up_while_the_keypad_is_tested_and_walk_else(desk: Build) -> None:
    face, _, _ = desk()
    PAGES["panel"](face)
    assert face.bridge.value("pressed") == ["up", "ok"]
    face.bridge.tryKeys(False)  # noqa: FBT003
    face.take_key(PanelKey.BACK)
    assert face.bridge.value("screen") == "overview"


def test_verdicts_are_recorded(build_entered: tuple[TechnicianFace, Scripted, Hands]) -> None:
    face, errands, _ = build_entered
    robot = Robot(face.window)
    robot.tap("device:printer")
    robot.tap("button:print_test")
    robot.tap("failed:printer")
    assert "test page 0001" in errands.done
    assert {"ask": "record", "test": "printer", "passed": False} in errands.asked


def touch_all(face: TechnicianFace, off_mm: float) -> Robot:
    PAGES["touch"](face)
    robot = Robot(face.window)
    robot.tap("button:touch_start")
    robot.settle()
    area = robot.await_item("area:touch")
    width, height, inset = area.width(), area.height(), round(18 / 0.2767)
    for place in range(9):
        x = inset + place % 3 * (width - 2 * inset) / 2
        y = inset + place // 3 * (height - 2 * inset) / 2
        point = QPoint(round(x + off_mm / 0.2767), round(y))
        QTest.mouseClick(face.window, LEFT, pos=point)
    return robot


@pytest.mark.parametrize(("off_mm", "good"), [(1.0, True), (7.0, False)])
def test_touches_are_measured_at_nine_places(desk: Build, off_mm: float, good: bool) -> None:
    face, _, _ = desk()
    robot = touch_all(face, off_mm)
    shown = {str(item.property("value")) for item in robot._shown_items()}
    assert shown & {f"{off_mm + rounding:.1f} 毫米" for rounding in (-0.1, 0.0, 0.1)}
    card = robot.await_item("label:touch_result")
    assert card.property("health") == ("works" if good else "mend")


def test_maintenance_that_goes_away_is_said_and_ends_the_session(desk: Build) -> None:
    face, _, _ = desk()
    enter(face)
    face.bridge.lose_maintenance()
    assert (face.bridge.value("screen"), face.bridge.value("reason")) == ("login", "away")
    assert face.bridge.value("findings") == []
    face.bridge.find_maintenance()
    assert face.bridge.value("reason") == "ended"  # whoever was inside reads why they are not any more
    face.bridge.lose_maintenance()
    face.bridge.find_maintenance()
    assert face.bridge.value("reason") == ""


def test_a_call_of_an_officer_is_said_here_too(desk: Build) -> None:
    face, _, _ = desk()
    robot = Robot(face.window)
    assert robot.find("call_line") is None
    face.bridge.take_state(Device.PANEL, DeviceState.READY)
    face.bridge.take_call(OfficerCall.CALLING)
    assert robot.await_item("call_line").height() > 0
    assert face.words["call.called"] in set(known_to_the_face(face))
    face.bridge.take_state(Device.PANEL, DeviceState.DISCONNECTED)
    assert not face.bridge.value("calls_reach")
    face.bridge.take_call(OfficerCall.NONE)
    assert robot.find("call_line") is None


# --- the checks find what is planted


def test_a_pin_that_is_kept_is_found(desk: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MaintenanceBridge, "_forget_secrets", lambda _self: None)
    face, errands, _ = desk()
    enter(face)
    assert leaks(face, errands)


def test_an_exit_that_is_not_announced_is_found(desk: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "WARNING_S", 5.0)
    assert idle_faults(*desk())


def test_a_screen_that_stays_open_is_found(desk: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MaintenanceBridge, "leave", lambda _self: None)
    assert idle_faults(*desk())


def test_a_scan_that_is_shown_is_found(desk: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_OUR_CODE", re.compile(".*"))
    assert scan_leaks(desk()[0])


def test_findings_in_disorder_are_found(desk: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_SEVEREST_FIRST", ("works", "watch", "mend"))
    face, _, _ = desk()
    enter(face)
    assert misplaced(face)
