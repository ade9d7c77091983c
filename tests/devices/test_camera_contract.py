"""What every camera owes the kiosk: on the simulator always, and on the camera of this machine with

.venv/bin/python -m pytest tests/devices/test_camera_contract.py --hardware camera --protocol build/protocol

A real child process, real OpenCV, a real stream. On hardware a person does what the prompt says.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter

from config.settings import Camera
from devices import places
from devices.camera.protocol import PreviewFrame
from devices.camera.simulator import CameraSimulator, Fault, table_with_wallet
from devices.messages import FactName, FactValue
from flows.ports import Device, DeviceState
from tests.devices.camera_rig import CameraRig, carries_metadata, decoded, looks_like
from tests.devices.hardware import Record, is_chosen, settings_of_this_machine

BACK_S = 5.0
UNCOVERED_S = 3.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "camera" in metafunc.fixturenames:
        real = ["hardware"] if is_chosen(metafunc.config, Device.CAMERA) else []
        metafunc.parametrize("camera", ["simulator", *real], indirect=True)


@pytest.fixture
def camera(request: pytest.FixtureRequest, tmp_path: Path, heard: Callable[[], Any]) -> Iterator[CameraRig]:
    if request.param == "hardware":
        settings = settings_of_this_machine()
        rig = CameraRig(heard, places.camera_source(settings), None, settings.devices.camera)
        rig.wait_for(DeviceState.READY)
        yield rig
        rig.stop()
        return
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()
    simulator.stop()


def test_a_closed_camera_is_there_and_has_no_process(camera: CameraRig, protocol: Record):
    protocol("closed", facts=camera.service.facts())
    assert camera.service._child is None
    assert camera.service.facts()["open"] == "no"


def test_preview_and_still_show_what_is_before_it_now(camera: CameraRig, protocol: Record):
    camera.service.open()
    camera.next_frame()
    fps = max(camera.frames_per_s() for _ in range(4))  # the best of four: others use this machine too
    frame = camera.next_frame()
    age_s = time.monotonic() - frame.taken_monotonic
    facts = camera.service.facts()
    still = camera.still("photo-1")
    protocol("preview", fps=round(fps, 1), age_ms=round(age_s * 1000), facts=facts, still_bytes=len(still))
    assert fps >= 15
    assert age_s < 0.5
    assert TypeAdapter(dict[FactName, FactValue]).validate_python(facts) == facts
    assert facts["size"] == f"{camera.settings.width}x{camera.settings.height}"
    assert int(facts["frame_age_ms"]) < 1000
    assert decoded(still).shape == (camera.settings.height, camera.settings.width, 3)
    assert len(still) < 1_500_000
    assert not carries_metadata(still)
    if camera.simulator is not None:
        assert looks_like(frame.body, table_with_wallet(640, 360))
        assert looks_like(still, table_with_wallet(640, 360))


def test_it_reads_a_code(camera: CameraRig, protocol: Record, tmp_path: Path):
    camera.service.read_codes(on=True)
    camera.service.open()
    camera.show_code("REPORT-KIOSK-TEST-1", tmp_path)
    camera.code("REPORT-KIOSK-TEST-1")
    protocol("code", verdict="read")


def test_covered_it_says_so_and_is_back_when_it_is_free(camera: CameraRig, protocol: Record):
    camera.service.open()
    camera.next_frame()
    child, before = camera.child, camera.states.count()
    camera.fault("lay a finger over the lens", Fault.COVER)
    camera.wait_for(DeviceState.COVERED, after=before)
    heard, before = camera.seen.count(), camera.states.count()
    freed = camera.fault("take it away", Fault.NONE)
    camera.wait_for(DeviceState.READY, after=before)
    camera.next_frame(after=heard)
    back_s = time.monotonic() - freed
    protocol("uncovered", back_s=round(back_s, 2), facts=camera.service.facts())
    assert camera.simulator is None or back_s <= UNCOVERED_S
    assert camera.child is child  # it kept looking, and was not started again


def test_pulled_while_open_it_is_gone_and_comes_back(camera: CameraRig, protocol: Record):
    camera.service.open()
    camera.next_frame()
    before = camera.states.count()
    camera.do("unplug it", lambda simulator: simulator.unplug())
    camera.wait_for(DeviceState.DISCONNECTED, after=before)
    heard = camera.seen.count()
    plugged = camera.do("plug it in again", lambda simulator: simulator.plug())
    camera.next_frame(after=heard)
    back_s = time.monotonic() - plugged
    protocol("plugged", back_s=round(back_s, 2))
    assert camera.simulator is None or back_s <= BACK_S


def test_nothing_of_one_opening_is_told_in_the_next(camera: CameraRig, protocol: Record):
    first = camera.service.open()
    camera.next_frame()
    process = camera.child
    camera.service.close()
    heard = camera.seen.count()
    assert process.wait(timeout=2) != 0
    camera.service._hear(PreviewFrame(0.0, b"late"), first)  # what the child had already said
    assert camera.seen.count() == heard
    began = time.monotonic()
    second = camera.service.open()
    frame = camera.next_frame()
    protocol("opened again", first=first, second=second)
    assert frame.taken_monotonic > began
    assert {number for number, _ in camera.seen.all[heard:]} == {second}


def test_a_killed_child_is_replaced(camera: CameraRig, protocol: Record):
    camera.service.open()
    camera.next_frame()
    camera.child.kill()
    killed = time.monotonic()
    camera.wait_for(DeviceState.ERROR)
    camera.next_frame()
    protocol("killed", back_s=round(time.monotonic() - killed, 2))
    assert time.monotonic() - killed <= BACK_S


# --- what only a simulator can do ---------------------------------------------------------------------------


def test_unplugged_while_closed(tmp_path: Path, heard):
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator)
    rig.wait_for(DeviceState.READY)
    before = rig.states.count()
    simulator.unplug()
    rig.wait_for(DeviceState.DISCONNECTED, after=before)
    before = rig.states.count()
    simulator.plug()
    rig.wait_for(DeviceState.READY, after=before)
    rig.stop()
    simulator.stop()


def test_a_video_file_plays_over_and_over(tmp_path: Path, heard):
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    for number in range(10):
        picture = table_with_wallet(160, 120)
        writer.write(np.roll(picture, number, axis=1))
    writer.release()
    rig = CameraRig(heard, path, None, Camera())
    rig.service.open()
    rig.seen.wait(lambda _: rig.seen.count() > 25)  # more than it has
    rig.stop()
