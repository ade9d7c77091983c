"""What is plugged in is noticed at once: by an event, or else by looking."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import hotplug
from devices.hotplug import HotPlug
from devices.supervisor import BackOff, DeviceError, Life, Supervised
from flows.ports import Device, DeviceState


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """udev's end and ours."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ends[1].settimeout(0)
    yield ends
    for end in ends:
        end.close()


def watch(heard, line, *names: Path) -> HotPlug:
    devices = dict(zip((Device.SCANNER, Device.CAMERA), names, strict=False))
    watching = HotPlug(devices, heard, lambda: line[1] if line else None)
    watching.start()
    return watching


def test_an_event_is_followed_by_a_look(tmp_path, heard, line, monkeypatch):
    monkeypatch.setattr(hotplug, "LOOK_S", 3600)
    appeared = heard()
    watching = watch(appeared, line, tmp_path / "scanner", tmp_path / "camera")
    (tmp_path / "camera").touch()
    line[0].send(b"libudev\0 anything at all")
    assert appeared.wait(lambda _: True) is Device.CAMERA
    line[0].send(b"else")  # something else was plugged in
    (tmp_path / "scanner").touch()
    line[0].send(b"again")
    appeared.wait(lambda device: device is Device.SCANNER)
    assert appeared.count() == 2
    watching.stop()


def test_without_events_the_names_are_looked_at(tmp_path, heard, monkeypatch):
    monkeypatch.setattr(hotplug, "LOOK_S", 0.02)
    appeared = heard()
    scanner = tmp_path / "scanner"
    scanner.touch()
    watching = watch(appeared, None, scanner)
    time.sleep(0.1)
    assert appeared.all == []  # it was there before
    scanner.unlink()
    time.sleep(0.1)
    scanner.touch()
    appeared.wait(lambda _: True)
    watching.stop()


def test_a_device_that_went_and_came_between_two_looks_is_another_one(tmp_path, heard, line, monkeypatch):
    monkeypatch.setattr(hotplug, "LOOK_S", 3600)
    appeared = heard()
    (tmp_path / "ttyACM0").touch()
    (tmp_path / "ttyACM1").touch()
    name = tmp_path / "scanner"
    name.symlink_to("ttyACM0")
    watching = watch(appeared, line, name)
    (tmp_path / "beside").symlink_to("ttyACM1")
    (tmp_path / "beside").replace(name)
    line[0].send(b"event")
    appeared.wait(lambda device: device is Device.SCANNER)
    watching.stop()


def test_nothing_to_watch_is_no_thread(heard):
    watching = HotPlug({}, heard())
    watching.start()
    assert watching._thread is None
    watching.stop()


def test_a_kernel_without_netlink_is_looked_at_instead(monkeypatch):
    def refuse(*_: object) -> socket.socket:
        raise OSError

    monkeypatch.setattr(hotplug.socket, "socket", refuse)
    assert hotplug.events() is None


def test_the_real_line_to_udev_opens_and_waits():
    line = hotplug.events()
    if line is None:
        pytest.skip("no netlink here")
    hotplug._drain(line)
    line.close()


def test_events_of_real_devices_make_looking_rare(monkeypatch):
    monkeypatch.setattr(hotplug, "_udev_runs", lambda: True)
    names = {Device.SCANNER: Path("/dev/serial/by-id/usb-scanner")}
    assert HotPlug(names, print).look_every_s(events=True) == hotplug.LOOK_WITH_EVENTS_S
    assert HotPlug(names, print).look_every_s(events=False) == 1.0
    simulated = {Device.SCANNER: Path("/run/kiosk/scanner")}
    assert HotPlug(simulated, print).look_every_s(events=True) == 1.0


class Serial:
    """A device at a name."""

    device = Device.SCANNER

    def __init__(self, name: Path, report) -> None:
        self._name = name
        self._report = report

    def set_up(self) -> None:
        if not self._name.exists():
            raise DeviceError(DeviceState.DISCONNECTED)

    def run(self, life: Life) -> None:
        self._report(self.device, DeviceState.READY)
        while not life.wait(10):
            pass

    def tear_down(self) -> None:
        pass


@pytest.mark.parametrize("notices", [True, False])
def test_what_is_plugged_in_is_used_within_three_seconds_whatever_the_pause(tmp_path, heard, notices):
    name, states = tmp_path / "scanner", heard()
    worker = Supervised(Serial(name, states), states, BackOff(3600, 3600))
    worker.start()
    states.wait(lambda one: one[1] is DeviceState.DISCONNECTED)
    watching = HotPlug({Device.SCANNER: name}, lambda _: worker.try_now() if notices else None)
    watching.start()
    os.close(os.open(name, os.O_CREAT))
    if notices:
        states.wait(lambda one: one[1] is DeviceState.READY, timeout_s=3.0)
    else:  # planted: nobody tells the worker, and the check above would be red
        with pytest.raises(AssertionError):
            states.wait(lambda one: one[1] is DeviceState.READY, timeout_s=2.0)
    watching.stop()
    worker.stop()
