"""A worker comes back from everything, says so once, and stops at once."""

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator

import pytest

from devices import supervisor
from devices.states import KEPT_CHANGES, StateLog
from devices.supervisor import MOST_DISOWNED, BackOff, DeviceError, Life, Supervised
from flows.ports import Device, DeviceState


class Flaky:
    """A device that fails in a given way on each life."""

    device = Device.SCANNER

    def __init__(self, *ends: Exception) -> None:
        self._ends = list(ends)
        self.calls: list[str] = []

    def set_up(self) -> None:
        self.calls.append("set_up")

    def run(self, life: Life) -> None:
        if self._ends:
            raise self._ends.pop(0)
        self.calls.append("serving")
        while not life.wait(10):
            pass

    def tear_down(self) -> None:
        self.calls.append("tear_down")


def test_every_life_is_torn_down_and_a_bug_is_only_one_life(heard, eventually):
    states, service = heard(), Flaky(DeviceError(DeviceState.COVER_OPEN), ZeroDivisionError())
    worker = Supervised(service, states, BackOff(0.01, 0.01))
    worker.start()
    states.wait(lambda one: one == (Device.SCANNER, DeviceState.ERROR))
    eventually(lambda: "serving" in service.calls)
    worker.stop()
    assert states.all == [(Device.SCANNER, DeviceState.COVER_OPEN), (Device.SCANNER, DeviceState.ERROR)]
    assert service.calls == ["set_up", "tear_down", "set_up", "tear_down", "set_up", "serving", "tear_down"]


def test_stop_does_not_wait_for_a_pause(heard):
    states = heard()
    worker = Supervised(Flaky(DeviceError(DeviceState.DISCONNECTED)), states, BackOff(3600, 3600))
    worker.start()
    states.wait(lambda _: True)
    worker.stop(timeout_s=2)
    assert not worker._worker.thread.is_alive()


@pytest.mark.parametrize(("ran", "pauses"), [(0.0, [1, 2, 4, 5, 5]), (60.0, [1, 1, 1])])
def test_pauses_grow_to_a_cap_and_a_good_run_forgives(ran: float, pauses: list[int]):
    back_off = BackOff(1, 5, good_run_s=10)
    assert [back_off.after(ran) for _ in pauses] == pauses


def test_a_stuck_worker_is_noticed_and_one_that_beats_is_not():
    life = Life()
    life._beat_at -= 100
    assert life.silent_for() > 99
    life.beat()
    assert life.silent_for() < 1


def test_lost_and_back_are_logged_once_each(monkeypatch: pytest.MonkeyPatch):
    logged: list[tuple[str, object]] = []
    monkeypatch.setattr("devices.states.log", lambda event, **fields: logged.append((event, fields["state"])))
    states = StateLog()
    for state in (
        DeviceState.READY,
        DeviceState.READY,
        DeviceState.PAPER_LOW,
        DeviceState.PAPER_OUT,
        DeviceState.COVER_OPEN,
        DeviceState.PAPER_OUT,
        DeviceState.READY,
    ):
        states.change(Device.PRINTER, state)
    assert [str(event) for event, _ in logged] == ["device_back", "device_lost", "device_back"]


class Hanging(Flaky):
    """Its first life blocks in the kernel and beats no more; later ones serve."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self._pipe = pipe

    def run(self, life: Life) -> None:
        self.calls.append("hanging")
        os.read(self._pipe, 1)
        self.calls.append("woken")
        while not life.wait(10):
            pass


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE_S", 0.2)


@pytest.fixture
def pipe(impatient: None) -> Iterator[tuple[int, int]]:  # noqa: ARG001  # who waits for it must be given up soon
    """What a hanging service waits for."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def test_a_hanging_worker_is_replaced_and_what_it_says_later_is_not_heard(heard, eventually, pipe):
    states, hanging, next_one = heard(), Hanging(pipe[0]), Flaky()
    worker = Supervised(hanging, states, BackOff(0.01, 0.01), succeed=lambda: next_one)
    worker.start()
    eventually(lambda: "hanging" in hanging.calls)
    worker.look()
    assert states.all == []  # not yet
    eventually(lambda: worker.stuck_for() > 0.2)
    worker.look()
    assert states.all == [(Device.SCANNER, DeviceState.ERROR)]
    eventually(lambda: "serving" in next_one.calls)
    assert worker.facts() == {"worker": "serving", "hung": "1"}
    os.write(pipe[1], b"x")  # the call comes back at last: its life is over, and it ends
    eventually(lambda: "woken" in hanging.calls)
    eventually(lambda: not [one for one in threading.enumerate() if one.name == "letting-go"])
    assert hanging.calls.count("tear_down") == 1
    assert states.all == [(Device.SCANNER, DeviceState.ERROR)]
    worker.stop()


def test_without_a_successor_a_hanging_worker_is_beyond_help(heard, eventually, pipe):
    worker = Supervised(Hanging(pipe[0]), heard(), BackOff(0.01, 0.01))
    worker.start()
    assert not worker.beyond_help
    eventually(lambda: worker.beyond_help)
    worker.look()
    assert worker.disowned == 0
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 1  # nobody waits for it
    os.write(pipe[1], b"x")


def test_after_a_stand_still_silence_counts_anew(heard, eventually, pipe):
    hanging = Hanging(pipe[0])
    worker = Supervised(hanging, heard(), BackOff(0.01, 0.01))
    worker.start()
    eventually(lambda: worker.beyond_help)
    worker.excuse()
    assert not worker.beyond_help
    eventually(lambda: worker.beyond_help)
    os.write(pipe[1], b"x")
    worker.stop()


@pytest.mark.usefixtures("impatient")
def test_too_many_hanging_workers_are_beyond_help(heard, eventually):
    pipes = [os.pipe() for _ in range(MOST_DISOWNED + 1)]
    coming = [Hanging(read) for read, _ in pipes[1:]]
    worker = Supervised(Hanging(pipes[0][0]), heard(), BackOff(0.01, 0.01), succeed=lambda: coming.pop(0))
    worker.start()

    def given_up() -> bool:
        worker.look()
        return worker.beyond_help

    eventually(given_up)
    assert worker.disowned == MOST_DISOWNED
    worker.end()
    for read, write in pipes:
        os.write(write, b"x")
        eventually(lambda read=read: not select.select([read], [], [], 0)[0])
        os.close(read)
        os.close(write)


def test_a_worker_that_waits_or_is_patient_does_not_hang(heard, eventually):
    service = Flaky(DeviceError(DeviceState.DISCONNECTED))
    worker = Supervised(service, heard(), BackOff(3600, 3600))
    worker.start()
    eventually(lambda: worker.facts()["worker"] == "waiting")
    assert worker.stuck_for() == 0.0
    worker.stop()


@pytest.mark.parametrize("wake", ["restart", "try_now"])
@pytest.mark.parametrize("permanent", [True, False])
def test_trouble_waits_until_somebody_restarts_it_or_plugs_it_in(heard, eventually, wake, permanent):
    service = Flaky(DeviceError(DeviceState.MISCONFIGURED, permanent=permanent))
    states = heard()
    worker = Supervised(service, states, BackOff(3600, 3600))
    worker.start()
    eventually(lambda: worker.facts()["worker"] == "waiting")
    getattr(worker, wake)()
    eventually(lambda: "serving" in service.calls)
    assert states.all == [(Device.SCANNER, DeviceState.MISCONFIGURED)]  # said once
    worker.stop()


def test_a_restart_lets_go_of_a_device_that_works_and_forgets_its_failures(heard, eventually):
    service = Flaky()
    worker = Supervised(service, heard(), BackOff(3600, 3600))
    worker.start()
    eventually(lambda: "serving" in service.calls)
    worker.try_now()  # it works: plugging in something changes nothing
    assert service.calls == ["set_up", "serving"]
    worker.restart()
    eventually(lambda: service.calls == ["set_up", "serving", "tear_down", "set_up", "serving"])
    worker.stop()


def test_letting_go_may_fail_without_any_harm(heard, eventually, monkeypatch):
    service = Flaky(DeviceError(DeviceState.ERROR))
    monkeypatch.setattr(service, "tear_down", lambda: 1 / 0)
    worker = Supervised(service, heard(), BackOff(0.01, 0.01))
    worker.start()
    eventually(lambda: "serving" in service.calls)
    worker.stop()


def test_the_history_outlives_the_process_and_is_bounded(tmp_path):
    file = tmp_path / "history.json"
    states = StateLog(file)
    for number in range(KEPT_CHANGES + 10):
        states.change(Device.PANEL, DeviceState.READY if number % 2 else DeviceState.DISCONNECTED)
    states.save()
    again = StateLog(file)
    assert again.history(Device.PANEL) == states.history(Device.PANEL)
    assert len(again.history(Device.PANEL)) == KEPT_CHANGES
    assert again.all()[Device.PANEL] is DeviceState.UNKNOWN  # what it is now, nobody knows yet
    assert again.history(Device.CAMERA) == []
    assert time.time() - again.history(Device.PANEL)[-1].at < 60
    assert [path.name for path in tmp_path.iterdir()] == ["history.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"toaster": []}', '{"panel": [{"state": "ready"}]}', "\x00" * 99]
)
def test_a_damaged_history_begins_anew(tmp_path, text):
    file = tmp_path / "history.json"
    file.write_text(text)
    states = StateLog(file)
    assert not any(states.history(device) for device in Device)
    states.change(Device.PANEL, DeviceState.READY)
    states.save()
    assert len(StateLog(file).history(Device.PANEL)) == 1


def test_a_history_that_cannot_be_written_costs_nothing(tmp_path):
    states = StateLog(tmp_path / "no" / "folder" / "history.json")
    states.change(Device.PANEL, DeviceState.READY)
    states.save()
    assert len(states.history(Device.PANEL)) == 1
