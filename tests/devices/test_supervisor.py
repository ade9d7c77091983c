"""A worker comes back from everything, says so once, and stops at once."""

import pytest

from devices.states import StateLog
from devices.supervisor import BackOff, DeviceError, Life, Supervised
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
    monkeypatch.setattr(
        "devices.states.log", lambda event, **fields: logged.append((event, fields["state"]))
    )
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
