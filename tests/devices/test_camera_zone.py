"""A document held before the camera: the screen that listens hears the lines of its zone, no other does."""

import pytest

from devices import places
from devices.camera.mrz_live import LiveZone
from devices.camera.specimens import Kind, specimen
from devices.client import Frame
from devices.simulate_client import command
from flows.events import Scanned
from flows.ports import Device
from tests.devices.conftest import Kiosk


def hold_a_passport(kiosk: Kiosk) -> Scanned:
    """Before the camera, for a screen that listens; returns what it hears first."""
    screen, events = kiosk.screen()
    screen.arm()
    screen.open_camera()
    events.wait(lambda event: isinstance(event, Frame))
    command(places.simulators_socket(kiosk.settings), Device.CAMERA, show="specimen:passport")
    scanned = events.wait(lambda event: isinstance(event, Scanned), timeout_s=12)
    assert isinstance(scanned, Scanned)
    return scanned


def test_the_screen_hears_the_lines_of_a_passport_before_the_camera(kiosk: Kiosk):
    _, bystander = kiosk.screen()
    lines = specimen(Kind.PASSPORT, 1)[1]
    assert hold_a_passport(kiosk) == Scanned("\n".join(lines).encode(), Device.CAMERA, "")
    assert not [event for event in bystander.all if isinstance(event, Scanned)]


def test_the_same_frames_by_themselves_are_told_once():
    frame = specimen(Kind.PASSPORT, 1)[0]
    zone = LiveZone()
    told = [zone.feed(frame, number / 10, budget_s=1.0) for number in range(5)]
    assert [lines for lines in told if lines is not None] == ["\n".join(specimen(Kind.PASSPORT, 1)[1])]


@pytest.mark.parametrize("kind", [Kind.CARD, Kind.VISA])
def test_the_simulator_takes_every_kind_of_specimen_by_name(kiosk: Kiosk, kind: Kind):
    command(places.simulators_socket(kiosk.settings), Device.CAMERA, show=f"specimen:{kind.value}")
    assert kiosk.simulators[Device.CAMERA].shown()["shows"] == f"specimen:{kind.value}"
