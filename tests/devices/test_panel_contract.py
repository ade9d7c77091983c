"""The panel: one contract on the simulator always, and on a real panel with `--hardware panel`.

On hardware a person does what the prompt says (`-s`); faults of the wire are the simulator's alone.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial

from config.event_names import Event as Logged
from config.settings import Panel
from devices import places
from devices.messages import PanelPart
from devices.panel import adapter, calls
from devices.panel.adapter import PanelService
from devices.panel.calls import OfficerCalls
from devices.panel.heard import CallChanged, HeadphonesMoved, KeyPressed, PresenceMoved
from devices.panel.line import KeyDown, LevelChanged
from devices.panel.link import Delays, Link
from devices.panel.simulator import KEYS, PanelSimulator
from devices.supervisor import BackOff, Supervised
from flows.events import DeviceChanged, OfficerCallChanged
from flows.ports import Device, DeviceState, OfficerCall, PanelKey
from tests.devices.hardware import Record, is_chosen, settings_of_this_machine

QUICK = Delays(hello_s=0.1, silence_s=0.6, read_s=0.2, answer_s=0.15, repeat_s=1.5)
BACK_WITHIN_S = 3.0
PERSON_S = 60.0
PLANTED_S = 1.2
CALLING = CallChanged(OfficerCall.CALLING)
ANSWERED = CallChanged(OfficerCall.ANSWERED)
NONE = CallChanged(OfficerCall.NONE)


class PanelRig:
    """An adapter on a panel; `simulator` is None on a real one."""

    def __init__(self, folder: Path, heard: Callable[[], Any], real: str = "", **settings: Any) -> None:
        self.marker = folder / "officer-call"
        self.path = Path(real) if real else folder / "panel"
        self.simulator = None if real else PanelSimulator(self.path)
        if self.simulator is not None:
            self.simulator.start()
        self.settings = Panel(**settings)
        self.delays = Delays() if real else QUICK
        self.patience_s = PERSON_S if real else 4.0
        self._heard = heard
        self.start()
        self.await_state(DeviceState.READY)

    def start(self) -> None:
        """The devices process begins."""
        self.states, self.events = self._heard(), self._heard()
        self.service = PanelService(
            self.settings, str(self.path), self.marker, self.states, self.events, delays=self.delays
        )
        self._worker = Supervised(self.service, self.states, BackOff(0.05, 0.2))
        self._worker.start()

    def end(self) -> None:
        """The devices process ends, without a word to anybody."""
        self._worker.stop()

    def stop(self) -> None:
        self.end()
        if self.simulator is not None:
            self.simulator.stop()

    @property
    def sim(self) -> PanelSimulator:
        assert self.simulator is not None
        return self.simulator

    def await_state(self, state: DeviceState, after: int = 0, timeout_s: float = 8.0) -> None:
        timeout_s = min(timeout_s, 2 * self.patience_s)
        self.states.wait(lambda one: one[1] is state, after=after, timeout_s=timeout_s)

    def fault(self, fault: str) -> int:
        """Let a fault happen; how many states had been heard."""
        before: int = self.states.count()
        self.sim.command({"fault": fault})
        return before

    def do(self, prompt: str, act: Callable[[PanelSimulator], None]) -> None:
        """Something is done at the panel: by the simulator, or by a person."""
        if self.simulator is not None:
            act(self.simulator)
        else:
            sys.stderr.write(f"\n>>> {prompt}\n")

    def hears(self, event: object, after: int = 0) -> None:
        self.events.wait(lambda one: one == event, after=after, timeout_s=self.patience_s)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "any_panel" in metafunc.fixturenames:
        real = ["hardware"] if is_chosen(metafunc.config, Device.PANEL) else []
        metafunc.parametrize("any_panel", ["simulator", *real], indirect=True)


@pytest.fixture
def any_panel(request: pytest.FixtureRequest, tmp_path: Path, heard: Any) -> Iterator[PanelRig]:
    """A simulated panel, or the real one of this machine."""
    real = places.panel_path(settings_of_this_machine()) if request.param == "hardware" else ""
    rig = PanelRig(tmp_path, heard, real)
    yield rig
    rig.stop()


@pytest.fixture
def panel(tmp_path: Path, heard: Any) -> Iterator[PanelRig]:
    rig = PanelRig(tmp_path, heard)
    yield rig
    rig.stop()


def shows(rig: PanelRig, **levels: str) -> bool:
    return levels.items() <= rig.sim.shown().items()


# --- the contract -------------------------------------------------------------------------------------------


def test_a_call_lights_up_and_ends_at_the_desk(
    any_panel: PanelRig, eventually: Any, protocol: Record
) -> None:
    rig = any_panel
    rig.service.call_officer()
    rig.hears(CALLING)
    eventually(lambda: rig.service.facts()["lamp"] == "on")
    protocol("calling", heard=rig.service.facts(), verdict=rig.service.facts()["lamp"])
    assert rig.marker.exists()
    rig.service.call_officer()  # again: nothing new
    rig.do("answer at the desk", lambda sim: sim.push("ACK"))
    rig.hears(ANSWERED)
    eventually(lambda: rig.service.facts()["lamp"] == "off")
    protocol("answered", heard=rig.service.facts())
    assert not rig.marker.exists()
    before = rig.events.count()
    rig.service.officer_came()
    rig.hears(NONE, after=before)
    told = [each for each in rig.events.all if isinstance(each, CallChanged)]
    assert told == [NONE, CALLING, ANSWERED, NONE]


def test_the_panel_has_a_button_of_its_own(any_panel: PanelRig, protocol: Record) -> None:
    any_panel.do("press the call button", lambda sim: sim.push("CALL"))
    any_panel.hears(CALLING)
    protocol("pressed", heard=any_panel.service.facts())
    before = any_panel.events.count()
    any_panel.service.officer_came()
    any_panel.hears(NONE, after=before)


def test_every_key_arrives_once_and_in_order(any_panel: PanelRig, protocol: Record) -> None:
    for key in KEYS:
        before = any_panel.events.count()
        any_panel.do(f"press {key}", lambda sim, key=key: sim.press(key))
        any_panel.hears(KeyPressed(PanelKey(key.lower())), after=before)
        protocol("key", sent=key, verdict="heard")
    keys = [each.key.value.upper() for each in any_panel.events.all if isinstance(each, KeyPressed)]
    assert keys == list(KEYS)


def test_headphones_are_noticed(any_panel: PanelRig, protocol: Record) -> None:
    any_panel.do("plug the headphones in", lambda sim: sim.set_level("HP", "1"))
    any_panel.hears(HeadphonesMoved(plugged=True))
    before = any_panel.events.count()
    any_panel.do("pull the headphones out", lambda sim: sim.set_level("HP", "0"))
    any_panel.hears(HeadphonesMoved(plugged=False), after=before)
    protocol("headphones", verdict="in and out")


@pytest.mark.parametrize("part", [PanelPart.LAMP, PanelPart.BUZZER])
def test_a_technician_can_try_a_part(
    any_panel: PanelRig, eventually: Any, part: PanelPart, protocol: Record
) -> None:
    assert any_panel.service.try_part(part)
    protocol("tried", sent=part.value, heard=any_panel.service.facts())
    assert any_panel.service.facts()[part.value] == "on"
    eventually(lambda: any_panel.service.facts()[part.value] == "off")


def test_nobody_else_gets_the_line(any_panel: PanelRig) -> None:
    with pytest.raises(serial.SerialException):
        serial.Serial(str(any_panel.path), exclusive=True)


# --- whatever happens to the line ---------------------------------------------------------------------------


def test_presence_is_told_and_never_without_a_sensor(panel: PanelRig, eventually: Any) -> None:
    panel.hears(PresenceMoved(near=True))
    panel.sim.command({"presence": "away"})
    panel.hears(PresenceMoved(near=False))
    before = panel.events.count()
    panel.sim.command({"presence": "none"})
    eventually(lambda: panel.service.facts()["near"] == "none")
    assert not [each for each in panel.events.all[before:] if isinstance(each, PresenceMoved)]


@pytest.mark.parametrize("fault", ["unplug", "hang"])
def test_lost_and_back_within_three_seconds_with_the_call(
    panel: PanelRig, eventually: Any, fault: str
) -> None:
    panel.service.call_officer()
    eventually(lambda: shows(panel, lamp="on"))
    before = panel.fault(fault)
    panel.await_state(DeviceState.DISCONNECTED, after=before)
    heard, states = panel.events.count(), panel.states.count()
    panel.sim.set_level("HP", "1")  # while nobody listens
    panel.sim.command({"fault": "none"})
    since = time.monotonic()
    panel.await_state(DeviceState.READY, after=states, timeout_s=BACK_WITHIN_S)
    assert time.monotonic() - since < BACK_WITHIN_S
    eventually(lambda: shows(panel, lamp="on", buzzer="on", relay="on"))
    panel.hears(HeadphonesMoved(plugged=True), after=heard)  # read anew, not assumed
    assert panel.service.call is OfficerCall.CALLING


def test_a_panel_that_starts_anew_on_an_open_line_is_set_again(panel: PanelRig, eventually: Any) -> None:
    panel.service.call_officer()
    eventually(lambda: shows(panel, lamp="on"))
    panel.sim.outputs = dict.fromkeys(panel.sim.outputs, "0")
    eventually(lambda: shows(panel, lamp="on", buzzer="on", relay="on"))


def test_a_call_begun_while_the_line_was_away_reaches_the_desk(panel: PanelRig, eventually: Any) -> None:
    panel.await_state(DeviceState.DISCONNECTED, after=panel.fault("unplug"))
    panel.service.call_officer()
    panel.hears(CALLING)
    panel.sim.plug()
    eventually(lambda: shows(panel, lamp="on"))


def test_a_call_outlives_the_process(panel: PanelRig, eventually: Any) -> None:
    panel.service.call_officer()
    eventually(lambda: shows(panel, lamp="on"))
    panel.end()
    panel.sim.unplug()
    panel.sim.plug()
    assert shows(panel, lamp="off")
    panel.start()
    assert panel.service.call is OfficerCall.CALLING
    eventually(lambda: shows(panel, lamp="on"))
    panel.sim.push("ACK")
    panel.hears(ANSWERED)
    panel.end()
    panel.start()
    assert panel.service.call is OfficerCall.NONE


def test_a_button_pressed_while_nobody_listened_and_still_held_is_a_call(panel: PanelRig) -> None:
    panel.await_state(DeviceState.DISCONNECTED, after=panel.fault("unplug"))
    panel.sim.set_level("CALL", "1")
    panel.sim.plug()
    panel.hears(CALLING)


def test_a_button_that_hangs_calls_once(panel: PanelRig) -> None:
    panel.sim.set_level("CALL", "1")
    panel.hears(CALLING)
    panel.sim.push("ACK")
    panel.hears(ANSWERED)
    panel.await_state(DeviceState.DISCONNECTED, after=panel.fault("unplug"))
    before = panel.states.count()
    panel.sim.plug()
    panel.await_state(DeviceState.READY, after=before)
    assert panel.service.call is OfficerCall.ANSWERED


def test_an_event_lost_on_the_line_is_told_again_and_heard_once(panel: PanelRig) -> None:
    panel.sim.command({"fault": "deaf"})  # our thanks do not arrive, so it tells every event three times
    for key in ("UP", "UP", "OK"):
        panel.sim.press(key)
    panel.hears(KeyPressed(PanelKey.OK))
    time_is_up = threading.Event()
    time_is_up.wait(0.7)  # the tellings take 0.6 s
    keys = [each.key for each in panel.events.all if isinstance(each, KeyPressed)]
    assert sorted(keys) == [PanelKey.OK, PanelKey.UP, PanelKey.UP]


def test_a_garbled_line_says_nothing_false(panel: PanelRig) -> None:
    before = panel.events.count()
    panel.await_state(DeviceState.DISCONNECTED, after=panel.fault("garble"))
    for _ in range(50):
        panel.sim.send(bytes(range(256)) + b"\n$KEY 1 OK*\n")
    after = panel.states.count()
    panel.sim.command({"fault": "none"})
    panel.await_state(DeviceState.READY, after=after, timeout_s=BACK_WITHIN_S)
    assert int(panel.service.facts()["lines_dropped"]) > 0
    assert all(isinstance(each, PresenceMoved) for each in panel.events.all[before:])


def test_a_slow_panel_is_no_lost_panel(tmp_path: Path, heard: Any, eventually: Any) -> None:
    rig = PanelRig(tmp_path, heard)
    rig.end()
    rig.delays = Delays()
    rig.start()
    try:
        rig.await_state(DeviceState.READY)
        rig.sim.command({"fault": "slow"})
        rig.service.call_officer()
        eventually(lambda: rig.service.facts()["lamp"] == "on")
        assert rig.states.all[-1][1] is DeviceState.READY
    finally:
        rig.stop()


@pytest.mark.parametrize("fault", ["broken_lamp", "dark_lamp"])
def test_a_lamp_that_stays_dark_is_trouble_and_no_call_that_reaches(panel: PanelRig, fault: str) -> None:
    panel.sim.command({"fault": fault})
    assert not panel.service.try_part(PanelPart.LAMP)
    before = panel.states.count()
    panel.service.call_officer()
    panel.await_state(DeviceState.ERROR, after=before)
    before = panel.states.count()
    panel.sim.command({"fault": "none"})
    panel.await_state(DeviceState.READY, after=before, timeout_s=BACK_WITHIN_S)
    assert shows(panel, lamp="on")


def test_a_panel_that_cannot_call_anybody_is_not_offered(panel: PanelRig) -> None:
    panel.await_state(DeviceState.MISCONFIGURED, after=panel.fault("no_outputs"))


def test_a_panel_of_another_version_is_not_offered(tmp_path: Path, heard: Any) -> None:
    simulator = PanelSimulator(tmp_path / "panel", version=2)
    simulator.start()
    states = heard()
    service = PanelService(Panel(), str(tmp_path / "panel"), tmp_path / "m", states, heard(), delays=QUICK)
    worker = Supervised(service, states, BackOff(0.05, 0.2))
    worker.start()
    try:
        states.wait(lambda one: one[1] is DeviceState.MISCONFIGURED)
    finally:
        worker.stop()
        simulator.stop()


def test_a_flood_of_keys_is_thinned(panel: PanelRig) -> None:
    for _ in range(60):
        panel.sim.press("DOWN")
    panel.sim.push("CALL")
    panel.hears(CALLING)  # the call still comes through
    assert len([each for each in panel.events.all if isinstance(each, KeyPressed)]) <= 15


def test_a_kiosk_without_panel_says_so_and_calls_nobody(tmp_path: Path, heard: Any) -> None:
    states, events = heard(), heard()
    service = PanelService(Panel(), "", tmp_path / "marker", states, events)
    worker = Supervised(service, states, BackOff(0.01, 0.01))
    worker.start()
    states.wait(lambda one: one[1] is DeviceState.NOT_INSTALLED)
    service.call_officer()
    assert not service.try_part(PanelPart.LAMP)
    assert service.call is OfficerCall.NONE
    assert not (tmp_path / "marker").exists()
    worker.stop()


def test_the_facts_fit_the_wire(panel: PanelRig) -> None:
    for name, value in panel.service.facts().items():
        assert name.isidentifier()
        assert value.isascii()
        assert len(value) <= 120


# --- in the house -------------------------------------------------------------------------------------------


def test_a_call_outlasts_screens_and_the_devices_process(kiosk: Any) -> None:
    def says(state: OfficerCall) -> Callable[[object], bool]:
        return lambda event: event == OfficerCallChanged(state)

    screen, events = kiosk.screen()
    events.wait(lambda event: event == DeviceChanged(Device.PANEL, DeviceState.READY))
    screen.call_officer()
    events.wait(says(OfficerCall.CALLING))
    screen.close()
    kiosk.host.stop()
    kiosk.start_host()
    _, laters = kiosk.screen()
    laters.wait(says(OfficerCall.CALLING))
    kiosk.simulators[Device.PANEL].command({"press": "acknowledge"})
    laters.wait(says(OfficerCall.ANSWERED))


def test_what_the_kiosk_says_of_itself(
    panel: PanelRig, monkeypatch: pytest.MonkeyPatch, eventually: Any
) -> None:
    told: list[tuple[Logged, dict[str, Any]]] = []
    monkeypatch.setattr(calls, "log", lambda event, **fields: told.append((event, fields)))
    panel.sim.push("CALL")
    panel.hears(CALLING)
    panel.sim.push("ACK")
    panel.hears(ANSWERED)
    panel.service.call_officer()
    eventually(lambda: panel.service.call is OfficerCall.CALLING)
    panel.service.officer_came()
    assert [event for event, _ in told] == [Logged.OFFICER_CALLED, Logged.OFFICER_CALL_ANSWERED] * 2
    assert [fields["by"] for _, fields in told] == ["panel", "desk", "screen", "screen"]


def test_an_answered_call_fades_and_one_that_is_not_answered_never_does(tmp_path: Path, heard: Any) -> None:
    now, told = 0.0, heard()
    one = OfficerCalls(tmp_path / "marker", told, clock=lambda: now)
    one.begin(calls.CalledBy.SCREEN)
    now = 7 * 24 * 3600.0
    one.tick()
    assert one.state is OfficerCall.CALLING
    one.acknowledge()
    now += calls.ANSWERED_S
    one.tick()
    assert told.all == [OfficerCall.CALLING, OfficerCall.ANSWERED, OfficerCall.NONE]


# --- planted bugs -------------------------------------------------------------------------------------------


def _believes(link: Link, _wish: float) -> None:
    """Takes its own order for the panel's answer."""
    link.outputs = dict(link._wanted())


def _calls_die_with_the_process(one: OfficerCalls, _by: Any) -> None:
    one._become(OfficerCall.CALLING)


def _takes_every_telling(link: Link, event: KeyDown | LevelChanged) -> None:
    if isinstance(event, KeyDown):
        link._ear.key(event.key)
    else:
        link._ear.level(event.name, event.level)


def _acts_on_levels(service: PanelService, name: str, level: bool | None) -> None:
    if name == "CALL" and level:
        service._calls.begin(adapter.CalledBy.PANEL)
    elif name == "ACK" and level:
        service._calls.acknowledge()


PLANTED: list[tuple[type, str, Callable[..., Any], Callable[[PanelRig, Any], None]]] = [
    (
        Link,
        "_set",
        _believes,
        lambda rig, _: test_a_lamp_that_stays_dark_is_trouble_and_no_call_that_reaches(rig, "dark_lamp"),
    ),
    (OfficerCalls, "begin", _calls_die_with_the_process, test_a_call_outlives_the_process),
    (
        Link,
        "_event",
        _takes_every_telling,
        lambda rig, _: test_an_event_lost_on_the_line_is_told_again_and_heard_once(rig),
    ),
    (PanelService, "level", _acts_on_levels, lambda rig, _: test_a_button_that_hangs_calls_once(rig)),
    (
        PanelService,
        "_wanted",
        lambda _: dict.fromkeys(("LAMP", "BUZZER", "RELAY"), False),
        test_a_call_begun_while_the_line_was_away_reaches_the_desk,
    ),
    (
        PanelService,
        "level",
        lambda _service, _name, _level: None,
        lambda rig, _: test_a_button_pressed_while_nobody_listened_and_still_held_is_a_call(rig),
    ),
]


@pytest.mark.parametrize(
    ("owner", "name", "bug", "harness"),
    PLANTED,
    ids=[
        "believes itself",
        "no marker",
        "every telling",
        "acts on levels",
        "lamp never on",
        "assumes inputs",
    ],
)
def test_planted_bugs_are_found(
    panel: PanelRig,
    eventually: Any,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    bug: Callable[..., Any],
    harness: Callable[[PanelRig, Any], None],
) -> None:
    monkeypatch.setattr(owner, name, bug)
    panel.patience_s = PLANTED_S
    with pytest.raises(AssertionError):
        harness(panel, lambda true: eventually(true, PLANTED_S))
