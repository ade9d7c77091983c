"""Threads that wait for a line sleep until something is there, and wake at once when they are wanted."""

import os
import threading
import time
from pathlib import Path

import pytest

from config.settings import Panel, Printer, Scanner
from devices import serial_line
from devices.panel.adapter import PanelService
from devices.panel.simulator import PanelSimulator
from devices.printer.adapter import PrinterService
from devices.printer.simulator import PrinterSimulator
from devices.pty_line import PtyLine
from devices.scanner.adapter import ScannerService
from devices.scanner.simulator import ScannerSimulator
from devices.supervisor import Life, Supervised
from devices.waking import Waker
from flows.ports import Device, DeviceState

LONG_S = 30.0
AT_ONCE_S = 0.45


def test_something_to_read_a_call_and_the_end_of_time_end_a_wait():
    waker, (read, write) = Waker(), os.pipe()
    assert not waker.wait(0.01, read)
    threading.Timer(0.05, waker.wake).start()
    assert not waker.wait(LONG_S, read)
    waker.wake()  # before anybody waits
    assert not waker.wait(LONG_S, read)
    assert not waker.wait(0.01, read)  # and once is once
    os.write(write, b"x")
    assert waker.wait(LONG_S, read)
    os.close(write)
    os.read(read, 1)
    assert waker.wait(LONG_S, read)  # its end is news too
    os.close(read)
    assert waker.wait(LONG_S, read)  # and so is a line that was closed


def test_a_life_that_ends_wakes_who_waits_also_afterwards():
    life, waker = Life(), Waker()
    life.when_over(waker.wake)
    assert not waker.wait(0)
    life.end()
    began = time.monotonic()
    waker.wait(LONG_S)
    life.when_over(waker.wake)
    waker.wait(LONG_S)
    assert time.monotonic() - began < LONG_S


def scanner(folder: Path, report):
    path = folder / "scanner"
    return ScannerSimulator(path), ScannerService(
        Device.SCANNER, Scanner(), str(path), report, lambda *_: None
    )


def panel(folder: Path, report):
    path = folder / "panel"
    service = PanelService(Panel(), str(path), folder / "call", report, lambda _: None)
    return PanelSimulator(path), service


def printer(folder: Path, report):
    simulator = PrinterSimulator("127.0.0.1", 0, folder / "papers")
    return simulator, lambda: PrinterService(Printer(port=simulator.port), folder / "marker", report)


@pytest.mark.parametrize("kind", [scanner, panel, printer])
def test_an_idle_device_ends_at_once_when_asked(kind, tmp_path, heard):
    states = heard()
    simulator, service = kind(tmp_path, states)
    simulator.start()
    worker = Supervised(service() if callable(service) else service, states)
    worker.start()
    states.wait(lambda told: told[1] is DeviceState.READY)
    began = time.monotonic()
    worker.end()
    worker.stop()
    assert time.monotonic() - began < AT_ONCE_S
    simulator.stop()


def test_a_line_is_for_one_and_free_again_after_it(tmp_path):
    line = PtyLine(tmp_path / "line")
    line.plug()
    first = serial_line.opened(str(tmp_path / "line"), 9600)
    with pytest.raises(OSError):  # noqa: PT011  # as pyserial words it
        serial_line.opened(str(tmp_path / "line"), 9600)
    serial_line.closed(first)
    serial_line.closed(serial_line.opened(str(tmp_path / "line"), 9600))
    line.unplug()
    with pytest.raises(OSError):  # noqa: PT011  # as above
        serial_line.opened(str(tmp_path / "line"), 9600)


def test_a_killed_owner_leaves_a_simulated_line_free(tmp_path):
    line = PtyLine(tmp_path / "line")
    line.plug()
    first = serial_line.opened(str(tmp_path / "line"), 9600)
    os.close(first.fileno())  # as the kernel does for it: the claim stays
    first.fd = None
    first.is_open = False
    line.read()
    serial_line.closed(serial_line.opened(str(tmp_path / "line"), 9600))
    line.unplug()
