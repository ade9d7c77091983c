"""Is it a picture of anything? Frames and times in, verdicts out; then the same over the real wire."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from devices.camera import health as health_module
from devices.camera.adapter import CameraService, Delays
from devices.camera.health import SUSPICIOUS_S, Health
from devices.camera.protocol import Blind, Failure
from devices.camera.simulator import CameraSimulator, Fault, table_with_wallet
from flows.ports import DeviceState
from tests.devices.camera_rig import CameraRig, decoded, looks_like

pytestmark = pytest.mark.slow

FPS = 10
SIZE = (320, 180)
WALLET = table_with_wallet(*SIZE)
RANDOM = np.random.default_rng(5)


def sensor(picture, noise: int = 4):
    """A frame of it, with the noise that every sensor has."""
    grain = RANDOM.integers(-noise, noise + 1, picture.shape, dtype=np.int16)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def even(level: int):
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


def coarse():
    small = RANDOM.integers(0, 255, (12, 20, 3), dtype=np.uint8)
    return cv2.resize(small, SIZE, interpolation=cv2.INTER_NEAREST)


def finger():
    glow = np.linspace(40, 90, SIZE[0])[None, :, None] * np.array([0.3, 0.4, 1.6])
    return np.broadcast_to(glow, (SIZE[1], SIZE[0], 3)).astype(np.uint8)


def page():
    """A page of small print that fills the picture."""
    picture = even(230)
    for top in range(8, SIZE[1] - 8, 9):
        for left in range(12, SIZE[0] - 20, 5):
            if RANDOM.random() < 0.8:
                picture[top : top + 4, left : left + 3] = 60
    return picture


FRAMES: dict[str, tuple[Callable[[], Any], Failure | None]] = {
    "a wallet": (lambda: sensor(WALLET), None),
    "a dim wallet": (lambda: sensor((WALLET * 0.15).astype(np.uint8), 8), None),
    "a page of print": (lambda: sensor(PAGE), None),
    "somebody moves": (lambda: sensor(np.roll(WALLET, int(RANDOM.integers(-9, 9)), axis=1)), None),
    "the same frame": (lambda: WALLET, Failure.FROZEN),
    "no light": (lambda: sensor(even(1), 1), Failure.BLACK),
    "dead black": (lambda: even(0), Failure.BLACK),
    "a strip of tape": (lambda: sensor(even(90)), Failure.BLANK),
    "tape, a sensor in the dark": (lambda: sensor(even(40), 14), Failure.BLANK),
    "a finger": (lambda: sensor(finger()), Failure.BLANK),
    "a lamp": (lambda: sensor(even(254)), Failure.OVEREXPOSED),
    "dead white": (lambda: even(255), Failure.OVEREXPOSED),
    "fine noise": (lambda: RANDOM.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8), Failure.NOISE),
    "coarse noise": (coarse, Failure.NOISE),
}
PAGE = page()
OTHER_SIZE = health_module.Verdict(shows=False, fault=Failure.RESIZED)


def fed(health: Health, frame: Callable[[], Any], seconds: float, since: float = 0.0):
    """The verdicts of that long."""
    return [health.feed(frame(), since + number / FPS) for number in range(round(seconds * FPS) + 1)]


@pytest.mark.parametrize("name", FRAMES)
def test_what_is_wrong_is_named_after_two_seconds_and_not_before(name: str):
    frame, fault = FRAMES[name]
    health = Health()
    fed(health, lambda: sensor(WALLET), 1)
    told = [verdict.fault for verdict in fed(health, frame, 4, since=1.1)]
    assert set(told[: round(1.8 * FPS)]) == {None}
    assert told[-1] is fault
    assert set(told) <= {None, fault}


@pytest.mark.parametrize("name", FRAMES)
def test_so_it_is_from_the_first_frame_on(name: str):
    frame, fault = FRAMES[name]
    verdicts = fed(Health(), frame, 3)
    assert verdicts[-1].fault is fault
    assert verdicts[-1].shows is (fault is None)
    assert not verdicts[0].shows  # one frame may be any, also an old one


def test_black_is_never_shown_and_a_fault_shows_nothing():
    health = Health()
    fed(health, lambda: sensor(WALLET), 1)
    assert not health.feed(even(0), 1.2).shows
    fed(health, lambda: sensor(even(90)), 3, since=1.3)
    assert not health.feed(sensor(even(90)), 4.4).shows


@pytest.mark.parametrize("name", [name for name, (_, fault) in FRAMES.items() if fault is not None])
def test_it_is_over_soon_after_it_is_mended(name: str):
    health = Health()
    fed(health, FRAMES[name][0], 3)
    told = fed(health, lambda: sensor(WALLET), 1, since=3.1)
    assert told[-1] == health_module.Verdict(shows=True)


def test_a_hand_that_passes_is_no_fault():
    health = Health()
    for round_ in range(5):
        fed(health, lambda: sensor(WALLET), 1, since=round_ * 3.0)
        told = fed(health, lambda: sensor(finger()), SUSPICIOUS_S - 0.3, since=round_ * 3.0 + 1.1)
        assert {verdict.fault for verdict in told} == {None}


def test_tape_and_darkness_in_turn_are_one_cover():
    health = Health()
    fed(health, lambda: sensor(WALLET), 1)
    for turn in range(4):
        level = 1 if turn % 2 else 90
        told = fed(health, lambda level=level: sensor(even(level), 1), 0.9, since=1.1 + turn)
    assert told[-1].fault in {Failure.BLACK, Failure.BLANK}


def test_a_bare_tray_is_no_cover_where_the_settings_say_so():
    health = Health(plain_background=True)
    assert fed(health, lambda: sensor(even(200)), 4)[-1].fault is None
    assert fed(health, lambda: sensor(even(1), 1), 4, since=5)[-1].fault is Failure.BLACK


def test_frames_of_another_size_are_a_fault_at_once():
    health = Health()
    fed(health, lambda: sensor(WALLET), 1)
    assert health.feed(sensor(table_with_wallet(640, 360)), 1.2) == OTHER_SIZE


def test_a_slow_camera_is_a_slow_camera():
    health = Health()
    assert {health.feed(sensor(WALLET), 0.7 * number).fault for number in range(12)} == {None}


# --- over the real wire -------------------------------------------------------------------------------------


@pytest.fixture
def rig(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[CameraRig]:
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360, fps=10)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()
    simulator.stop()


def test_each_fault_is_told_and_over_without_anybody(rig: CameraRig):
    """One camera after the other, all in one opening."""
    rig.service.open()
    rig.next_frame()
    for fault, state, why in (
        (Fault.BLACK, DeviceState.COVERED, "black"),
        (Fault.BLANK, DeviceState.COVERED, "blank"),
        (Fault.OVEREXPOSE, DeviceState.ERROR, "overexposed"),
        (Fault.NOISE, DeviceState.ERROR, "noise"),
        (Fault.FREEZE, DeviceState.ERROR, "frozen"),
        (Fault.STALL, DeviceState.ERROR, "stalled"),
    ):
        before = rig.states.count()
        rig.fault("", fault)
        rig.wait_for(state, after=before)
        assert rig.service.facts()["last_failure"] == why
        assert rig.still("photo") == b""
        heard = rig.seen.count()
        mended = rig.fault("", Fault.NONE)
        rig.next_frame(after=heard)
        assert time.monotonic() - mended <= (3.0 if state is DeviceState.COVERED else 5.0), fault


def test_a_camera_that_changes_its_size_goes_on(rig: CameraRig):
    """OpenCV scales what comes to the size of the opening; a driver that does not is the fault `resized`."""
    rig.service.open()
    rig.next_frame()
    rig.simulator.command({"size": "800x600"})
    assert rig.simulator.shown()["size"] == "800x600"
    for _ in range(8):
        rig.next_frame()
    still = rig.still("photo")
    assert decoded(still).shape == (360, 640, 3)
    assert not looks_like(still, table_with_wallet(640, 360))  # it is squeezed
    assert rig.service.facts()["last_failure"] == ""


def test_blinded_for_long_another_child_is_tried(tmp_path: Path, heard):
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360, fps=10)
    simulator.set_fault(Fault.OVEREXPOSE)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator, delays=Delays(blind_s=1.0))
    rig.service.open()
    rig.wait_for(DeviceState.ERROR)
    first = rig.child
    rig.states.wait(lambda _: rig.service.facts()["last_failure"] == "blind")
    assert first.wait(timeout=2) != 0
    rig.stop()
    simulator.stop()


# --- planted: each of these must be noticed -----------------------------------------------------------------


def never_frozen(patch: pytest.MonkeyPatch) -> None:
    real = Health._named
    patch.setattr(Health, "_named", lambda *args: None if (f := real(*args)) is Failure.FROZEN else f)


def never_clear(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(health_module, "CLEAR_S", 1e9)


def a_finger_is_a_picture(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Health, "_sign_of_flat", lambda *_: None)


def hasty(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(health_module, "SUSPICIOUS_S", 0.5)


def print_is_a_cover(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(health_module, "_FLAT_BELOW", 60.0)


def a_frozen_black_is_frozen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(health_module, "BLACK_BELOW", -1.0)


@pytest.mark.parametrize(
    "plant",
    [never_frozen, never_clear, a_finger_is_a_picture, hasty, print_is_a_cover, a_frozen_black_is_frozen],
)
def test_a_planted_bug_of_health_is_noticed(plant, monkeypatch):
    def all_frames() -> None:
        for name, (_, fault) in FRAMES.items():
            test_what_is_wrong_is_named_after_two_seconds_and_not_before(name)
            if fault is not None:
                test_it_is_over_soon_after_it_is_mended(name)

    plant(monkeypatch)
    with pytest.raises(AssertionError):
        all_frames()


def deaf_to_blindness(patch: pytest.MonkeyPatch) -> None:
    real = CameraService._hear

    def hear(self: CameraService, told: Any, opening: int) -> None:
        if not isinstance(told, Blind):
            real(self, told, opening)

    patch.setattr(CameraService, "_hear", hear)


def covered_is_ended(patch: pytest.MonkeyPatch) -> None:
    """The camera is not looked at any more once it was covered."""
    real = CameraService._hear

    def hear(self: CameraService, told: Any, opening: int) -> None:
        real(self, told, opening)
        if isinstance(told, Blind):
            self.close()

    patch.setattr(CameraService, "_hear", hear)


@pytest.mark.parametrize("plant", [deaf_to_blindness, covered_is_ended])
def test_a_planted_bug_of_the_adapter_is_noticed(plant, monkeypatch, rig: CameraRig):
    plant(monkeypatch)
    rig.patience_s = 4.0
    rig.service.open()
    rig.next_frame()
    with pytest.raises(AssertionError):
        cover_and_free(rig)


def cover_and_free(rig: CameraRig) -> None:
    before = rig.states.count()
    rig.fault("", Fault.BLANK)
    rig.wait_for(DeviceState.COVERED, after=before)
    heard = rig.seen.count()
    rig.fault("", Fault.NONE)
    rig.next_frame(after=heard)
