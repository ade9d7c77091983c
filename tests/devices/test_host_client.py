"""Screens and the devices process together, over the real socket, with every simulator."""

import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest

from config.settings import Settings
from devices import inspection, places
from devices import messages as m
from devices.client import DevicesClient, Frame, KeyDown, PanelTried
from devices.clients import MAX_CLIENTS
from devices.host import Host
from devices.messages import PanelPart
from devices.printer.simulator import Fault
from devices.simulate_client import command
from devices.wire import Decoder
from flows.events import (
    DeviceChanged,
    HeadphonesChanged,
    OfficerCallChanged,
    PhotoTaken,
    PresenceChanged,
    PrintEnded,
    Scanned,
)
from flows.ports import Device, DeviceState, OfficerCall, PanelKey, PrintOutcome

pytestmark = pytest.mark.slow


def ready(device: Device):
    return lambda event: event == DeviceChanged(device, DeviceState.READY)


def is_frame(event) -> bool:
    return isinstance(event, Frame)


def act(kiosk, device: str, **words: object) -> None:
    command(places.simulators_socket(kiosk.settings), device, **words)


def test_a_screen_hears_every_state_then_prints_scans_and_photographs(kiosk, draw, eventually):
    screen, events = kiosk.screen()
    for device in kiosk.simulators:
        events.wait(ready(device))
    screen.print_image("a", 576, 240, draw(240, 1), deadline_s=10)
    end = events.wait(lambda event: isinstance(event, PrintEnded))
    assert end == PrintEnded("a", PrintOutcome.PRINTED, DeviceState.READY)
    screen.arm()
    eventually(lambda: kiosk.host._armed)
    act(kiosk, "scanner", scan="A123456(3)")
    assert events.wait(lambda event: isinstance(event, Scanned)) == Scanned(b"A123456(3)")
    screen.open_camera()
    frame = events.wait(is_frame)
    assert frame.jpeg.startswith(b"\xff\xd8")
    assert 0 <= time.monotonic() - frame.taken_monotonic < 1
    screen.capture("photo-1")
    photo = events.wait(lambda event: isinstance(event, PhotoTaken))
    assert photo.photo_id == "photo-1"
    assert photo.jpeg.startswith(b"\xff\xd8")
    assert (places.papers(kiosk.settings) / "0001.png").exists()


def test_scans_and_pictures_go_only_to_who_asked(kiosk):
    visitor, visitors = kiosk.screen()
    _, standbys = kiosk.screen()
    visitor.arm()
    visitor.open_camera()
    visitors.wait(is_frame)
    act(kiosk, "scanner", scan="MINE")
    visitors.wait(lambda event: event == Scanned(b"MINE"))
    assert not [event for event in standbys.all if isinstance(event, Frame | Scanned)]


def test_the_next_screen_takes_over_and_the_last_one_hears_no_more(kiosk):
    first, firsts = kiosk.screen()
    first.arm()
    first.open_camera()
    firsts.wait(is_frame)
    second, seconds = kiosk.screen()
    second.arm()
    second.open_camera()
    seconds.wait(is_frame)
    heard_before = firsts.count()
    act(kiosk, "scanner", scan="SECOND")
    seconds.wait(lambda event: event == Scanned(b"SECOND"))
    assert not [event for event in firsts.all[heard_before:] if isinstance(event, Frame | Scanned)]
    first.disarm()  # late words of the first one take nothing from the second
    first.close_camera()
    first.capture("late")
    firsts.wait(lambda event: event == PhotoTaken("late", b""))
    act(kiosk, "scanner", scan="STILL SECOND")
    seconds.wait(lambda event: event == Scanned(b"STILL SECOND"))
    seconds.wait(is_frame, after=seconds.count())


def test_a_screen_that_goes_leaves_nothing_switched_on(kiosk, eventually):
    screen, events = kiosk.screen()
    screen.arm()
    screen.open_camera()
    events.wait(is_frame)
    child = kiosk.host._services.camera._child._process
    screen.close()
    assert child.wait(timeout=5) != 0
    eventually(lambda: kiosk.host._armed is None and kiosk.host._viewer is None)


def test_the_camera_reads_codes_for_who_listens(kiosk, tmp_path):
    import segno

    segno.make_qr("123456789012|K7").save(str(tmp_path / "qr.png"), scale=8, border=4)
    screen, events = kiosk.screen()
    screen.arm()
    screen.open_camera()
    events.wait(is_frame)
    act(kiosk, "camera", show=str(tmp_path / "qr.png"))
    read = events.wait(lambda event: isinstance(event, Scanned))
    assert (read.payload, read.source) == (b"123456789012|K7", Device.CAMERA)


def test_the_same_job_id_from_two_screens_is_one_paper(kiosk, draw):
    bits = draw(240, 1)
    one, ones = kiosk.screen()
    two, twos = kiosk.screen()
    for events in (ones, twos):
        events.wait(ready(Device.PRINTER))
    one.print_image("a", 576, 240, bits, deadline_s=10)
    two.print_image("a", 576, 240, bits, deadline_s=10)
    for events in (ones, twos):
        end = events.wait(lambda event: isinstance(event, PrintEnded))
        assert end.outcome is PrintOutcome.PRINTED
    assert len(kiosk.simulators[Device.PRINTER].pieces) == 1


@pytest.mark.parametrize(
    "garbage", [b"\xff" * 100, struct.pack(">II", 2, 0) + b"{}", b"GET / HTTP/1.1\r\n\r\n" * 10]
)
def test_who_talks_nonsense_is_dropped_and_nobody_else_notices(kiosk, garbage):
    _, events = kiosk.screen()
    events.wait(ready(Device.SCANNER))
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(kiosk.settings.paths.devices_socket))
        line.settimeout(5)
        line.sendall(garbage)
        try:
            while line.recv(4096):
                pass
        except ConnectionResetError:
            pass
    act(kiosk, "scanner", fault="unplug")
    events.wait(lambda event: event == DeviceChanged(Device.SCANNER, DeviceState.DISCONNECTED))


def test_a_picture_of_another_size_drops_the_line(kiosk):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(kiosk.settings.paths.devices_socket))
        line.settimeout(5)
        line.sendall(m.request_codec().encode(m.PrintImage("a", 576, 240, 5.0, b"too short")))
        while line.recv(4096):
            pass
    assert kiosk.simulators[Device.PRINTER].pieces == []


def test_a_screen_that_does_not_read_costs_the_others_nothing(kiosk):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        deaf.connect(str(kiosk.settings.paths.devices_socket))
        deaf.sendall(m.request_codec().encode(m.OpenCamera()))
        screen, events = kiosk.screen()
        events.wait(ready(Device.CAMERA))
        screen.open_camera()
        for _ in range(5):
            events.wait(is_frame, after=events.count())


def test_no_more_screens_than_fit(kiosk):
    lines = []
    for _ in range(MAX_CLIENTS + 1):
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(kiosk.settings.paths.devices_socket))
        line.settimeout(5)
        lines.append(line)
    assert lines[-1].recv(4096) == b""
    assert next(iter(Decoder(m.report_codec()).feed(lines[0].recv(4096))))
    for line in lines:
        line.close()


def test_without_the_devices_process_everything_says_disconnected_and_jobs_end(short_path, heard, draw):
    events = heard()
    screen = DevicesClient(short_path / "nobody.sock", events)
    screen.print_image("a", 576, 240, draw(240, 1), deadline_s=5)
    screen.capture("photo-1")
    end = events.wait(lambda event: isinstance(event, PrintEnded))
    assert end == PrintEnded("a", PrintOutcome.NOT_PRINTED, DeviceState.DISCONNECTED)
    events.wait(lambda event: event == PhotoTaken("photo-1", b""))
    screen.close()
    for device in Device:
        assert DeviceChanged(device, DeviceState.DISCONNECTED) in events.all


def test_a_job_that_does_not_fit_is_the_callers_mistake(short_path, heard):
    screen = DevicesClient(short_path / "nobody.sock", heard())
    with pytest.raises(ValueError, match="do not fit"):
        screen.print_image("a", 576, 240, b"", deadline_s=5)
    screen.close()


def socket_of(kiosk):
    return kiosk.settings.paths.devices_socket


def test_maintenance_sees_every_device_with_its_facts_and_its_history(kiosk):
    _, events = kiosk.screen()
    for device in Device:
        events.wait(ready(device))
    act(kiosk, "scanner", fault="unplug")
    events.wait(lambda event: event == DeviceChanged(Device.SCANNER, DeviceState.DISCONNECTED))
    found = {one.device: one for one in inspection.inspect(socket_of(kiosk))}
    assert set(found) == set(Device)
    assert found[Device.PANEL].state is DeviceState.READY
    assert found[Device.PANEL].facts["model"] == "SIMULATOR"
    assert found[Device.CAMERA].facts["worker"] == "serving"
    states = [change.state for change in found[Device.SCANNER].history]
    assert states[-2:] == [DeviceState.READY, DeviceState.DISCONNECTED]
    assert abs(time.time() - found[Device.SCANNER].history[-1].at) < 60


def test_a_restart_takes_hold_of_a_device_at_once(kiosk, eventually):
    _, events = kiosk.screen()
    for device in Device:
        events.wait(ready(device))
    heard, worker = events.count(), kiosk.host._workers[Device.PRINTER]._worker
    life = worker._life
    inspection.restart(socket_of(kiosk), Device.PRINTER)
    eventually(lambda: worker._life is not life)
    _, later = kiosk.screen()
    later.wait(ready(Device.PRINTER))
    assert [event for event in events.all[heard:] if event.device is not Device.PRINTER] == []


def test_what_is_not_installed_is_said_and_costs_nothing(short_path, heard):
    settings = Settings(
        production=False,
        paths={"state": short_path, "runtime": short_path, "keys": short_path},
        devices={"printer": {"host": ""}},
    )
    host, events = Host(settings), heard()
    host.start()
    screen = DevicesClient(settings.paths.devices_socket, events)
    for device in Device:
        events.wait(lambda event, d=device: event == DeviceChanged(d, DeviceState.NOT_INSTALLED))
    screen.arm()
    screen.open_camera()
    screen.call_officer()
    screen.print_image("a", 8, 1, b"x", deadline_s=5)
    end = events.wait(lambda event: isinstance(event, PrintEnded))
    assert end == PrintEnded("a", PrintOutcome.NOT_PRINTED, DeviceState.NOT_INSTALLED)
    screen.capture("photo-1")
    events.wait(lambda event: event == PhotoTaken("photo-1", b""))
    assert inspection.try_panel(settings.paths.devices_socket, PanelPart.LAMP) is False
    inspection.restart(settings.paths.devices_socket, Device.CAMERA)
    assert host._workers == {}
    screen.close()
    host.stop()


def test_the_panel_is_heard_by_every_screen_and_by_those_that_come_later(kiosk):
    one, ones = kiosk.screen()
    _, twos = kiosk.screen()
    for events in (ones, twos):
        events.wait(ready(Device.PANEL))
    act(kiosk, "panel", headphones="in")
    act(kiosk, "panel", presence="away")
    act(kiosk, "panel", key="louder")
    one.call_officer()
    _, laters = kiosk.screen()
    for events in (ones, twos):
        events.wait(lambda event: event == HeadphonesChanged(plugged=True))
        events.wait(lambda event: event == PresenceChanged(near=False))
        events.wait(lambda event: event == KeyDown(PanelKey.LOUDER))
        events.wait(lambda event: event == OfficerCallChanged(OfficerCall.CALLING))
    laters.wait(lambda event: event == OfficerCallChanged(OfficerCall.CALLING))
    laters.wait(lambda event: event == HeadphonesChanged(plugged=True))
    heard = ones.count()
    act(kiosk, "panel", fault="unplug")
    ones.wait(lambda event: event == PresenceChanged(near=True), after=heard)  # nobody was seen to leave
    one.officer_came()
    ones.wait(lambda event: event == OfficerCallChanged(OfficerCall.NONE), after=heard)


def test_a_part_of_the_panel_is_tried_while_the_screen_goes_on(kiosk):
    screen, events = kiosk.screen()
    events.wait(ready(Device.PANEL))
    screen.try_panel(PanelPart.LAMP)
    assert events.wait(lambda event: isinstance(event, PanelTried)) == PanelTried(PanelPart.LAMP, done=True)
    assert inspection.try_panel(socket_of(kiosk), PanelPart.BUZZER) is True


def test_documents_are_read_like_codes_and_said_to_be_documents(kiosk, eventually):
    screen, events = kiosk.screen()
    events.wait(ready(Device.DOCUMENT_READER))
    screen.arm()
    eventually(lambda: kiosk.host._armed)
    zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
    act(kiosk, "document_reader", scan=zone)
    read = events.wait(lambda event: isinstance(event, Scanned))
    assert read.source is Device.DOCUMENT_READER
    assert read.payload.split() == zone.encode().split()


def test_nobody_answers_is_said_in_time(short_path):
    with pytest.raises(OSError, match=r"No such file"):
        inspection.inspect(short_path / "nobody.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short_path / "deaf.sock"))
        listener.listen()
        with pytest.raises(TimeoutError):
            inspection.inspect(short_path / "deaf.sock", timeout_s=0.2)


PROCESS = """
import sys
from config.settings import Settings
from devices.host import run
run(Settings.model_validate_json(sys.argv[1]), lambda said: print(said, flush=True))
"""


@pytest.fixture
def devices_process(kiosk):
    """Starts the devices process as its own process, in place of the host inside the test."""
    kiosk.host.stop()
    started: list[subprocess.Popen[str]] = []

    def start(program: str = PROCESS, first: str = "READY=1") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", program, kiosk.settings.model_dump_json()],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        lines = (process.stdout.readline() for _ in range(2))
        assert f"{first}\n" in lines
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_killed_at_any_moment_it_comes_back_and_the_screen_with_it(kiosk, devices_process, draw, rows_of):
    process = devices_process()
    screen, events = kiosk.screen()
    screen.arm()
    screen.open_camera()
    events.wait(is_frame)
    printer = kiosk.simulators[Device.PRINTER]
    printer.set_fault(Fault.SLOW)
    screen.print_image("a", 576, 240, draw(240, 1), deadline_s=20)
    assert printer.wait_until(5)
    heard = events.count()
    process.kill()
    end = events.wait(lambda event: isinstance(event, PrintEnded), after=heard)
    assert end == PrintEnded("a", PrintOutcome.UNCONFIRMED, DeviceState.DISCONNECTED)
    for device in Device:
        events.wait(lambda event, d=device: event == DeviceChanged(d, DeviceState.DISCONNECTED), after=heard)
    printer.set_fault(Fault.NONE)
    heard = events.count()
    devices_process()
    events.wait(is_frame, after=heard)  # what was switched on is on again
    act(kiosk, "scanner", scan="AGAIN")
    events.wait(lambda event: event == Scanned(b"AGAIN"), after=heard)
    events.wait(ready(Device.PRINTER), after=heard)
    screen.print_image("b", 576, 240, draw(240, 2), deadline_s=20)
    end = events.wait(lambda event: isinstance(event, PrintEnded), after=heard)
    assert end.outcome is PrintOutcome.PRINTED
    assert rows_of(printer.pieces[-1].dots) == draw(240, 2)  # and nothing of the broken one


def test_it_ends_cleanly_when_asked(kiosk, devices_process):
    process = devices_process()
    process.terminate()
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out.splitlines()[-1] == "STOPPING=1"
    assert not kiosk.settings.paths.devices_socket.exists()


def test_a_killed_devices_process_leaves_no_camera_child(kiosk, devices_process):
    process = devices_process()
    screen, events = kiosk.screen()
    screen.open_camera()
    events.wait(is_frame)
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
    child = os.pidfd_open(int(found.stdout))
    process.kill()
    assert select.select([child], [], [], 5)[0]
    os.close(child)


def test_it_ends_when_maintenance_asks_and_its_history_outlives_it(kiosk, devices_process):
    process = devices_process()
    path = socket_of(kiosk)
    before = {one.device: one.history for one in inspection.inspect(path)}
    inspection.end_process(path)
    assert process.wait(timeout=10) == 0
    devices_process()
    after = {one.device: one.history for one in inspection.inspect(path)}
    for device in Device:
        assert after[device][: len(before[device])] == before[device]
    assert sum(map(len, before.values())) >= len(Device)


HANGING = (
    PROCESS.replace(
        "from devices.host import run",
        """
import os
from devices.host import run
from devices.printer.adapter import PrinterService
def hang(self, life):
    print("HANGS", flush=True)
    os.read(os.pipe()[0], 1)
PrinterService.run = hang
""",
    ).replace("run(Settings", "code = run(Settings")
    + "sys.exit(code)"
)


def test_a_printer_that_hangs_is_back_within_ten_seconds_by_a_new_process(kiosk, devices_process):
    process = devices_process(HANGING, first="HANGS")
    began = time.monotonic()
    _, events = kiosk.screen()
    events.wait(lambda event: event == DeviceChanged(Device.PRINTER, DeviceState.ERROR))
    heard = events.count()
    assert process.wait(timeout=10) == os.EX_TEMPFAIL
    devices_process()
    events.wait(ready(Device.PRINTER), after=heard)
    assert time.monotonic() - began < 10.0


def test_a_process_that_stood_still_blames_no_worker(kiosk, devices_process):
    impatient = "from devices import supervisor\nsupervisor.PATIENCE_S = 3.0\n"
    process = devices_process(impatient + PROCESS)
    _, events = kiosk.screen()
    for device in Device:
        events.wait(ready(device))
    process.send_signal(signal.SIGSTOP)
    time.sleep(5.0)  # longer than a worker may be silent
    process.send_signal(signal.SIGCONT)
    found = {one.device: one for one in inspection.inspect(socket_of(kiosk))}
    assert {one.facts["hung"] for one in found.values()} == {"0"}
    time.sleep(0.6)  # one more look
    assert {one.facts["hung"] for one in inspection.inspect(socket_of(kiosk))} == {"0"}
