"""Keypads and jacks of Linux, by the bytes of the kernel on a pipe; test tones, by a pretended `aplay`."""

import io
import os
import struct
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.settings import Panel
from devices.messages import PanelPart
from devices.panel import linux_input, sound
from devices.panel.adapter import PanelService
from devices.panel.heard import HeadphonesMoved, KeyPressed
from devices.panel.linux_input import AGAIN_S, EVENT, KEYS, InputDevice, Kernel
from devices.supervisor import BackOff, Supervised
from flows.ports import DeviceState, PanelKey

SYN, KEY, SWITCH = 0, 1, 5
UP, OK, LETTER_A, HEADPHONES, DROPPED = 103, 28, 30, 2, 3


def event(kind: int, code: int, value: int) -> bytes:
    """What a 64-bit kernel writes: two longs of time, then type, code, value."""
    return struct.pack("<qqHHi", 1_760_000_000, 123, kind, code, value)


def press(code: int) -> bytes:
    """A key goes down, repeats itself, and comes up."""
    states = (1, 2, 2, 0)
    return b"".join(event(KEY, code, value) + event(SYN, 0, 0) for value in states)


class Pipes(Kernel):
    """Named pipes in the place of /dev/input: a pipe can be read, but not grabbed or asked for switches."""

    def __init__(self) -> None:
        self.grabbed: list[int] = []
        self.plugged = False
        self.busy = False

    def grab(self, descriptor: int) -> None:
        if self.busy:
            raise OSError(16, "busy")
        self.grabbed.append(descriptor)

    def switches(self, _descriptor: int) -> int:
        return self.plugged << HEADPHONES


class Pipe:
    """A device node that can be written to and pulled out."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end = os.open(path, os.O_RDWR)

    def send(self, data: bytes) -> None:
        os.write(self._end, data)

    def pull_out(self) -> None:
        os.close(self._end)
        self.path.unlink()


@pytest.fixture
def pipe(tmp_path: Path) -> Pipe:
    return Pipe(tmp_path / "keypad")


def test_the_layout_is_the_kernels() -> None:
    assert EVENT.size == 24


def test_every_key_of_the_table_is_a_key(pipe: Pipe) -> None:
    device = InputDevice(str(pipe.path), jack=False, kernel=(kernel := Pipes()))
    assert device.read() == []
    assert kernel.grabbed
    for code, key in KEYS.items():
        pipe.send(press(code))
        assert device.read() == [key]
    assert {*KEYS.values()} == {*PanelKey}
    assert device.state == "ready"


def test_what_is_no_key_of_the_kiosk_is_nothing(pipe: Pipe) -> None:
    device = InputDevice(str(pipe.path), jack=False, kernel=Pipes())
    device.read()
    pipe.send(press(LETTER_A) + event(2, 0, 5) + event(SWITCH, HEADPHONES, 1) + event(KEY, OK, 0))
    assert device.read() == []


def test_events_may_come_in_pieces(pipe: Pipe) -> None:
    device = InputDevice(str(pipe.path), jack=False, kernel=Pipes())
    device.read()
    found: list[Any] = []
    data = press(UP) + press(OK)
    for at in range(0, len(data), 7):
        pipe.send(data[at : at + 7])
        found += device.read()
    assert found == [PanelKey.UP, PanelKey.OK]


def test_a_jack_is_read_when_it_comes_and_after_an_overrun(pipe: Pipe) -> None:
    kernel = Pipes()
    kernel.plugged = True
    device = InputDevice(str(pipe.path), jack=True, kernel=kernel)
    assert device.read() == [True]
    assert not kernel.grabbed  # others may look at the jack, too
    pipe.send(event(SWITCH, HEADPHONES, 0) + event(SYN, 0, 0))
    assert device.read() == [False]
    kernel.plugged = True
    pipe.send(event(SYN, DROPPED, 0) + event(SWITCH, HEADPHONES, 0) + event(SYN, 0, 0))
    assert device.read() == [True]


def test_a_key_in_the_remains_of_an_overrun_is_not_pressed(pipe: Pipe) -> None:
    device = InputDevice(str(pipe.path), jack=False, kernel=Pipes())
    device.read()
    pipe.send(event(SYN, DROPPED, 0) + event(KEY, OK, 1) + event(SYN, 0, 0) + press(UP))
    assert device.read() == [PanelKey.UP]


def test_pulled_out_and_back(pipe: Pipe) -> None:
    now = 0.0
    device = InputDevice(str(pipe.path), jack=False, kernel=Pipes(), clock=lambda: now)
    device.read()
    pipe.send(event(KEY, OK, 1)[:10])
    device.read()
    pipe.pull_out()
    assert device.read() == []
    assert device.state == "disconnected"
    again = Pipe(pipe.path)
    now = AGAIN_S + 0.1
    device.read()
    assert device.state == "ready"
    again.send(press(UP))
    assert device.read() == [PanelKey.UP]  # the half event from before is forgotten


def test_a_keypad_that_somebody_else_has_grabbed_is_not_used(pipe: Pipe) -> None:
    kernel = Pipes()
    kernel.busy = True
    device = InputDevice(str(pipe.path), jack=False, kernel=kernel)
    pipe.send(press(OK))
    assert device.read() == []
    assert device.state == "disconnected"


def test_the_real_kernel_refuses_a_pipe(pipe: Pipe) -> None:
    device = InputDevice(str(pipe.path), jack=False)
    device.read()
    assert device.state == "disconnected"  # EVIOCGRAB is an error on what is no input device


@pytest.fixture
def service(tmp_path: Path, heard: Callable[[], Any]) -> Iterator[tuple[Any, Pipe, Pipe, Pipes]]:
    """A kiosk with a keypad and a jack of Linux, and no panel on a serial line."""
    keypad, jack, kernel = Pipe(tmp_path / "keys"), Pipe(tmp_path / "jack"), Pipes()
    settings = Panel(keypad=str(keypad.path), jack=str(jack.path))
    states, events = heard(), heard()
    service = PanelService(settings, "", tmp_path / "marker", states, events, kernel=kernel)
    service.events, service.states = events, states  # type: ignore[attr-defined]  # for the tests
    worker = Supervised(service, states, BackOff(0.05, 0.2))
    worker.start()
    yield service, keypad, jack, kernel
    worker.stop()


def test_keypad_and_jack_work_without_a_panel_and_no_call_is_offered(service: Any) -> None:
    one, keypad, jack, _ = service
    one.events.wait(lambda each: each == HeadphonesMoved(plugged=False))
    keypad.send(press(OK))
    one.events.wait(lambda each: each == KeyPressed(PanelKey.OK))
    jack.send(event(SWITCH, HEADPHONES, 1) + event(SYN, 0, 0))
    one.events.wait(lambda each: each == HeadphonesMoved(plugged=True))
    assert {state for _, state in one.states.all} == {DeviceState.NOT_INSTALLED}
    assert (one.facts()["keypad"], one.facts()["jack"], one.facts()["headphones"]) == ("ready", "ready", "on")


# --- planted bugs -------------------------------------------------------------------------------------------


def _repeats_count(_self: InputDevice, kind: int, code: int, value: int) -> list[Any]:
    return [KEYS[code]] if kind == KEY and value and code in KEYS else []


def _ups_count(_self: InputDevice, kind: int, code: int, value: int) -> list[Any]:
    return [KEYS[code]] if kind == KEY and value != 2 and code in KEYS else []


def _overruns_do_not_matter(_self: InputDevice, _code: int) -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("name", "bug", "harness"),
    [
        ("_take", _repeats_count, test_every_key_of_the_table_is_a_key),
        ("_take", _ups_count, test_every_key_of_the_table_is_a_key),
        ("_synchronise", _overruns_do_not_matter, test_a_jack_is_read_when_it_comes_and_after_an_overrun),
        ("_synchronise", _overruns_do_not_matter, test_a_key_in_the_remains_of_an_overrun_is_not_pressed),
        ("_look", lambda _: [], test_a_jack_is_read_when_it_comes_and_after_an_overrun),
    ],
)
def test_planted_bugs_are_found(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch, name: str, bug: Any, harness: Callable[[Pipe], None]
) -> None:
    monkeypatch.setattr(InputDevice, name, bug)
    with pytest.raises(AssertionError):
        harness(pipe)


def test_planted_thirty_two_bit_times_are_found(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_input, "EVENT", struct.Struct("<iiHHi"))
    with pytest.raises((AssertionError, struct.error)):
        test_every_key_of_the_table_is_a_key(pipe)


# --- tones --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right"), [(True, True), (True, False), (False, True)])
def test_a_tone_sounds_on_its_side_and_without_a_click(left: bool, right: bool) -> None:
    with wave.open(io.BytesIO(sound.tone(left=left, right=right))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 48_000, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert len(frames) == 48_000
    assert [bool(frames[:, side].any()) for side in (0, 1)] == [left, right]
    assert abs(frames).max() < 32767 * 0.4
    assert abs(np.diff(frames.astype(int), axis=0)).max() < 1200  # no step that clicks
    assert not frames[0].any()


def pretend_aplay(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "aplay"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_tone_goes_to_its_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: Any) -> None:
    pretend_aplay(tmp_path, f'echo "$@" >> {tmp_path}/asked; cat > {tmp_path}/sound.wav', monkeypatch)
    settings = Panel(speaker="plughw:CARD=Kiosk", headphones="hw:1,0")
    service = PanelService(settings, "", tmp_path / "marker", heard(), heard())
    assert service.try_part(PanelPart.SPEAKER)
    assert service.try_part(PanelPart.HEADPHONES_LEFT)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "-q -D plughw:CARD=Kiosk -t wav -",
        "-q -D hw:1,0 -t wav -",
    ]
    assert (tmp_path / "sound.wav").read_bytes() == sound.tone(left=True, right=False)


@pytest.mark.parametrize("script", ["exit 1", "cat > /dev/null; exit 1"])
def test_a_device_that_refuses_has_not_sounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    pretend_aplay(tmp_path, script, monkeypatch)
    assert not sound.play("default", sound.tone(left=True, right=True))


def test_a_device_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_aplay(tmp_path, f"echo $$ > {tmp_path}/process; exec sleep 60", monkeypatch)
    monkeypatch.setattr(sound, "LONGEST_S", 0.3)
    began = time.monotonic()
    assert not sound.play("default", b"")
    assert time.monotonic() - began < 2.0
    process = int((tmp_path / "process").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_where_there_is_no_sound_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not sound.play("", sound.tone(left=True, right=True))
    monkeypatch.setenv("PATH", "")
    assert not sound.play("default", sound.tone(left=True, right=True))
