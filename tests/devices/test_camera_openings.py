"""Nothing of one visitor is seen by the next; the child that sees visitors knows and may do nothing."""

import ast
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.camera import adapter
from devices.camera.adapter import CameraService, Delays
from devices.camera.protocol import PreviewFrame, Still
from devices.camera.simulator import CameraSimulator, Fault, table_with_wallet
from flows.ports import DeviceState
from tests.devices.camera_rig import CameraRig, decoded

pytestmark = pytest.mark.slow

QUICK = Delays(stall_s=1.0)
BACK_S = 5.0
FIRST = table_with_wallet(640, 360)
"""What the first visitor holds before the camera."""
SECOND = np.ascontiguousarray(FIRST[::-1, ::-1] // 2 + 100)


@pytest.fixture
def rig(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[CameraRig]:
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360, fps=10)
    simulator.show(FIRST)
    simulator.start()
    rig = CameraRig(heard, simulator._path, simulator, delays=QUICK)
    rig.wait_for(DeviceState.READY)
    yield rig
    rig.stop()
    simulator.stop()


def is_second(jpeg: bytes) -> bool:
    def distance(picture: Any) -> float:
        seen = decoded(jpeg).astype(int)
        return float(np.abs(seen - picture[:: 360 // seen.shape[0], :: 640 // seen.shape[1]]).mean())

    return distance(SECOND) < distance(FIRST)


def two_visitors(rig: CameraRig, *, stalled: bool) -> None:
    """Fails if the second sees anything of the first."""
    first = rig.service.open()
    rig.next_frame()
    if stalled:
        rig.simulator.set_fault(Fault.STALL)
        os.kill(rig.child.pid, signal.SIGSTOP)
    else:
        rig.service.capture("of-the-first")
    rig.service.close()
    heard, began = rig.seen.count(), time.monotonic()
    rig.simulator.show(SECOND)
    second = rig.service.open()
    rig.simulator.set_fault(Fault.NONE)
    for _ in range(5):
        rig.next_frame()
    still = rig.still("of-the-second")
    pictures = [seen for _, seen in rig.seen.all[heard:] if isinstance(seen, PreviewFrame | Still)]
    assert {number for number, _ in rig.seen.all[heard:]} == {second}, first
    assert all(seen.taken_monotonic >= began for seen in pictures if isinstance(seen, PreviewFrame))
    assert all(is_second(seen.body) for seen in pictures)
    assert still


@pytest.mark.parametrize("stalled", [False, True])
def test_the_next_visitor_sees_nothing_from_before(rig: CameraRig, stalled: bool):
    two_visitors(rig, stalled=stalled)


def test_a_stall_costs_the_child_and_five_seconds_however_long_it_lasts(rig: CameraRig):
    rig.service.open()
    rig.next_frame()
    first = rig.child
    stalled = rig.fault("", Fault.STALL)
    rig.wait_for(DeviceState.ERROR, after=rig.states.count())
    assert first.wait(timeout=2) == -signal.SIGKILL
    time.sleep(max(0.0, stalled + 6.5 - time.monotonic()))  # more than one child long
    assert rig.states.all[-1][1] is DeviceState.ERROR
    heard = rig.seen.count()
    mended = rig.fault("", Fault.NONE)
    rig.next_frame(after=heard)
    assert time.monotonic() - mended <= BACK_S


def test_a_driver_that_shows_the_last_frame_after_unplugging(tmp_path: Path, rig: CameraRig):
    """The name disappears, frames go on: OpenCV is known for it."""
    rig.service.open()
    rig.next_frame()
    before = rig.states.count()
    rig.simulator._path.rename(tmp_path / "elsewhere")
    rig.wait_for(DeviceState.DISCONNECTED, after=before)


def test_a_slow_camera_is_used_as_it_is(rig: CameraRig):
    rig.service.open()
    rig.next_frame()
    rig.simulator.command({"fault": "slow", "fps": "4"})
    before = rig.states.count()
    for _ in range(6):
        rig.next_frame()
    assert {state for _, state in rig.states.all[before:]} == {DeviceState.READY}
    shown = rig.simulator.shown()
    assert (shown["fps"], shown["watched"], shown["shows"]) == (4.0, True, "a picture")
    rig.service.close()
    end = time.monotonic() + 5
    while rig.simulator.shown()["watched"]:
        assert time.monotonic() < end


def test_facts_never_wait_and_tell_no_picture(rig: CameraRig):
    rig.service.open()
    rig.next_frame()
    told: list[dict[str, str]] = []
    with rig.service._lock:  # as if somebody held it for ever
        asking = threading.Thread(target=lambda: told.append(rig.service.facts()))
        asking.start()
        asking.join(1)
    assert told
    assert set(told[0]) == {
        "path", "asked", "size", "open", "opened", "fps", "frame_age_ms", "last_failure",
    }  # fmt: skip
    assert (told[0]["open"], told[0]["opened"]) == ("yes", "1")
    assert all(len(value) < 120 for value in told[0].values())


# --- the child ----------------------------------------------------------------------------------------------


def test_the_child_knows_nothing_and_may_write_nothing(rig: CameraRig, monkeypatch):
    monkeypatch.setenv("KIOSK_SECRET", "of the kiosk")
    rig.service.open()
    rig.next_frame()
    process = Path(f"/proc/{rig.child.pid}")
    environment = process.joinpath("environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0].decode() for entry in environment if entry}
    assert names == {"PATH", "LC_ALL", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}
    limits = {
        line[:26].strip(): line[26:].split()[0]
        for line in process.joinpath("limits").read_text().splitlines()
    }
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert limits["Max cpu time"] == "unlimited"
    assert int(limits["Max address space"]) <= 2 << 30
    assert "NoNewPrivs:\t1" in process.joinpath("status").read_text()


def test_the_devices_process_never_loads_opencv(tmp_path: Path):
    """Not even with an open camera that reads codes."""
    simulator = CameraSimulator(tmp_path / "camera.mjpeg", 640, 360, fps=10)
    simulator.start()
    program = f"""
import sys, threading
import devices.host
from config.settings import Camera
from devices.camera.adapter import CameraService
from devices.camera.protocol import PreviewFrame
from devices.supervisor import Supervised
came = threading.Event()
service = CameraService(
    Camera(), {str(simulator._path)!r}, lambda *_: None,
    lambda _, seen: isinstance(seen, PreviewFrame) and came.set(),
)
worker = Supervised(service, lambda *_: None)
worker.start()
service.read_codes(on=True)
service.open()
assert came.wait(10)
maps = open('/proc/self/maps').read()
print([name for name in ('cv2', 'zxingcpp', 'pyzbar') if name in sys.modules or '/' + name in maps])
worker.stop()
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    simulator.stop()
    assert done.stdout == "[]\n"


def test_a_child_that_may_not_lower_its_priority_goes_on(monkeypatch):
    """As under the filter of system calls of its unit."""
    from devices.camera import child

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    child._give_way()


def test_only_children_and_simulators_load_opencv():
    folder = Path(adapter.__file__).parent
    for name in ("adapter", "protocol", "newest"):
        imported = {
            alias.name for node in ast.walk(ast.parse((folder / f"{name}.py").read_text()))
            if isinstance(node, ast.Import) for alias in node.names
        }  # fmt: skip
        assert not imported & {"cv2", "numpy", "zxingcpp", "pyzbar"}


# --- planted: each of these must be noticed -----------------------------------------------------------------


KEPT: list[Any] = []


def a_child_for_two(patch: pytest.MonkeyPatch) -> None:
    """The child of the opening before is used again."""
    kept = KEPT
    real = adapter._Child

    def child(*args: Any) -> Any:
        if not kept:
            kept.append(real(*args))
        return kept[0]

    patch.setattr(adapter, "_Child", child)
    patch.setattr(real, "kill", lambda _: None)
    patch.setattr(real, "end", lambda _: None)


def openings_are_not_told_apart(patch: pytest.MonkeyPatch) -> None:
    """What the child before still says is told as of this opening."""
    real = CameraService._stream
    last: list[PreviewFrame] = []

    def stream(self: CameraService, opening: int, life: Any) -> None:
        for frame in last:
            self._deliver(opening, frame)
        real(self, opening, life)

    def hear(self: CameraService, told: Any, opening: int) -> None:
        last[:] = [told] if isinstance(told, PreviewFrame) else last
        heard(self, told, opening)

    heard = CameraService._hear
    patch.setattr(CameraService, "_stream", stream)
    patch.setattr(CameraService, "_hear", hear)


@pytest.mark.parametrize("plant", [a_child_for_two, openings_are_not_told_apart])
def test_a_frame_of_the_visitor_before_is_noticed(plant, monkeypatch, rig: CameraRig):
    plant(monkeypatch)
    rig.patience_s = 3.0
    with pytest.raises(AssertionError):
        two_visitors(rig, stalled=False)
    rig.stop()
    monkeypatch.undo()
    while KEPT:
        KEPT.pop().end()


def test_a_child_that_is_not_killed_is_noticed(monkeypatch, rig: CameraRig):
    monkeypatch.setattr(adapter._Watch, "trouble", lambda _: None)
    rig.patience_s = 2.0
    with pytest.raises(AssertionError):
        test_a_stall_costs_the_child_and_five_seconds_however_long_it_lasts(rig)
