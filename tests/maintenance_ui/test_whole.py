"""A technician before real screens, host, devices, courier and maintenance; only the devices are simulated.

The processes are started once for all of this file.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from typer.testing import CliRunner

from central.cli import app as centre
from config.loader import load
from devices import places
from devices.simulate_client import command as lever
from kiosk.development.parts import Part, centre_folder, environment_of
from kiosk.development.supervise import World
from kiosk.screens.line import Said, ScreenWord
from kiosk.screens.screen_host import Notice, Patience, ScreenHost, Stage
from kiosk.screens.technician import TechnicianScreen
from ui.engine import create_application
from ui.robot import Robot

pytestmark = pytest.mark.slow

DRIVEN = Path(__file__).with_name("driven.py")
PATIENCE_S = 60.0
STICK = Path("/dev/shm")  # a real mount
CODE = "T0042"


def until(condition: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@dataclass
class Book:
    """What screens and host told, in order."""

    folder: Path
    told: list[tuple[Notice, str]] = field(default_factory=list)

    def lines(self) -> list[list[str]]:
        path = self.folder / "book"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def words(self) -> list[str]:
        return [line[0] for line in self.lines()]

    def pids(self, word: str) -> list[int]:
        return [int(line[1]) for line in self.lines() if line[0] == word]


def host_on_a_thread(host: ScreenHost) -> threading.Thread:
    thread = threading.Thread(target=host.run)
    thread.start()
    return thread


def _report_centre(world: World, *words: str) -> str:
    """Carry out a command of the force; what it said."""
    told = [*words, "--centre", str(centre_folder(world.settings))]
    said = CliRunner().invoke(centre, told, input="development\n")
    assert said.exit_code == 0, said.output
    return said.output


def _pin_in(said: str) -> str:
    return next(line for line in said.splitlines() if "PIN of" in line).rpartition(" ")[2]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    settings = load(site="report-room", profile="demo", machine_file=None, environ={})
    stick = settings.maintenance.model_copy(update={"stick": STICK})
    parts = (Part.SIMULATORS, Part.DEVICES, Part.COURIER, Part.MAINTENANCE)
    display = settings.display.model_copy(update={"window_scale": 0.3})  # drawing costs the most here
    with World(settings.model_copy(update={"maintenance": stick, "display": display}), parts) as made:
        yield made


@pytest.fixture(scope="module")
def pin(world: World) -> str:
    """Of a technician whom the force has listed at this kiosk."""
    listed = world.settings.paths.keys / "technicians.jws"
    return _pin_in(_report_centre(world, "technician", "add", CODE, "--out", str(listed)))


def _ink(path: Path) -> Image.Image:
    """The printed part of a paper: how much blank lies around it is the cutter's."""
    with Image.open(path) as picture:
        dots = picture.convert("1").convert("L")
    box = ImageChops.invert(dots).getbbox()
    assert box is not None
    return dots.crop((0, box[1], dots.width, box[3]))


@pytest.mark.e2e
def test_a_technician_comes_tests_the_printer_and_leaves(
    world: World, pin: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """From the sign, given once, to a fresh attract screen."""
    book = Book(tmp_path)
    environment = {
        **environment_of(world.settings), "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip

    def command(kind: str) -> Callable[[int], list[str]]:
        start = ["env", *(f"{name}={value}" for name, value in environment.items()), sys.executable]
        return lambda line: [*start, str(DRIVEN), kind, str(line), str(tmp_path), pin]

    host = ScreenHost(
        command("visitor"), lambda *told: book.told.append(told), technician=command("technician")
    )
    thread = host_on_a_thread(host)
    try:
        until(lambda: book.words().count("visitor") == 2, PATIENCE_S)
    finally:
        host.stop()
        thread.join()
    (picture,) = sorted(places.papers(world.settings).glob("*.png"))
    printed = _ink(picture)
    log = "".join(path.read_text(errors="replace") for path in world.folder.glob("log/*"))
    wanted = ["visitor", "asked", "technician", "entered", "printed", "recorded", "visitor"]
    assert book.words() == wanted
    assert len(set(book.pids("visitor"))) == 2
    assert (Notice.TECHNICIAN, "") in book.told
    assert (Notice.ENDED, "maintenance") in book.told
    assert not [told for told in book.told if told[0] in (Notice.DIED, Notice.HUNG)]
    sent = _ink(tmp_path / "sent.png")
    assert printed.size == sent.size
    assert ImageChops.difference(printed, sent).getbbox() is None
    assert "KIOSK-TEST 0001" in {code.text for code in zxingcpp.read_barcodes(printed)}
    assert pin not in log + "".join(capfd.readouterr())  # what the screens say is there too


# --- every page, with the real processes behind it ---


class Line(QObject):
    """Remembers what the screen says to its host."""

    show_asked = Signal()
    renew_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said: list[ScreenWord] = []

    def say(self, word: ScreenWord, _rest: str = "") -> None:
        self.said.append(word)


class AtWork:
    """A technician before the real screen."""

    def __init__(self, world: World) -> None:
        create_application()
        self.world = world
        self.line = Line()
        self.ended: list[bool] = []
        self._refreshed_at = 0.0
        self.screen = TechnicianScreen(world.settings, self.line, lambda: self.ended.append(True))  # type: ignore[arg-type]
        self.face, self.bridge = self.screen.face, self.screen.face.bridge
        self.robot = Robot(self.face.window, 20.0)
        self.words = self.face.words
        self.line.show_asked.emit()
        self.until(lambda: self.bridge.value("kiosk") == "0001", "the door")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        self.robot.wait_until(condition, f"{what}; it says {self.bridge.value('failed')}")

    def scan(self, text: str) -> None:
        lever(places.simulators_socket(self.world.settings), "scanner", scan=text)

    def enter(self, digits: str) -> None:
        for digit in digits:
            self.robot.tap(f"pad:{digit}")
        self.robot.tap("button:enter")

    def open(self, page: str) -> None:
        """To the overview and on to `page`, until everything is answered."""
        if self.bridge.value("screen") != "overview":
            self.robot.tap("button:back")
            self.robot.await_screen("overview")
        self.robot.tap(page)
        self.until(lambda: self.bridge.value("asking") == 0, "all answers")

    def restart(self, part: Part) -> None:
        """Ask for it on the page of the system; it is another process afterwards."""
        before = self.world.process_id(part)
        self.robot.tap(f"restart:{part.value}")
        self.until(
            lambda: self.world.process_id(part) not in (None, before), f"a new process for {part.value}"
        )

    def refresh(self) -> None:
        """As somebody does who looks again and again: not more often than three times a second."""
        if self.bridge.value("asking") == 0 and time.monotonic() - self._refreshed_at > 0.3:
            self._refreshed_at = time.monotonic()
            self.bridge.refresh()

    def last(self, name: str) -> str:
        return str(self.robot.text(name))


@pytest.fixture
def at_work(world: World, qapp: QGuiApplication) -> Iterator[AtWork]:
    assert qapp is not None
    made = AtWork(world)
    yield made
    made.screen.leave()
    made.face.close()


@pytest.mark.e2e
def test_every_page_with_the_real_processes(world: World, pin: str, at_work: AtWork, tmp_path: Path) -> None:
    """With a pass that the force issued and printed, which opens once; out by restarting maintenance."""
    picture = tmp_path / "pass.png"
    its_pin = _pin_in_pass(world, picture)
    token = zxingcpp.read_barcodes(Image.open(picture))[0].text
    check_entering_by_pass(at_work, token, its_pin)
    check_pages(at_work)
    check_bundle(at_work, tmp_path)
    check_restarts(at_work)
    check_refusals(at_work, token, its_pin)
    assert its_pin not in "".join(path.read_text(errors="replace") for path in world.folder.glob("log/*"))
    assert pin


def _pin_in_pass(world: World, picture: Path) -> str:
    said = _report_centre(world, "technician", "pass", CODE, "--kiosk", "1", "--out", str(picture))
    return next(line for line in said.splitlines() if line.startswith("PIN of")).rpartition(" ")[2]


def check_entering_by_pass(desk: AtWork, token: str, pin: str) -> None:
    desk.scan(token)
    desk.until(lambda: desk.bridge.value("has_pass"), "the pass")
    desk.enter(pin)
    desk.robot.await_screen("overview")
    desk.until(lambda: desk.bridge.value("asking") == 0, "all answers")
    parts = {finding["part"]: finding["health"] for finding in desk.bridge.value("findings")}
    assert parts["courier"] == parts["printer"] == parts["technicians"] == "works"


def check_pages(desk: AtWork) -> None:
    desk.open("page:network")
    assert [hop["hop"] for hop in desk.bridge.value("hops")] == ["name", "tcp"]  # no centre was started
    assert desk.robot.find("hop:tcp").property("remedy") == desk.words["maintenance.problem.refused"]
    desk.open("page:checklist")
    desk.robot.tap("good:paper_path")
    desk.until(lambda: _item(desk, "paper_path")["last"].get("passed") is True, "the tick")
    desk.robot.tap("bad:paper_path")
    desk.until(lambda: _item(desk, "paper_path")["overdue"], "the second tick")
    desk.open("page:events")
    assert "maintenance_entered" in _logged(desk)
    desk.open("page:post")
    desk.open("page:system")
    assert {"version", "kernel"} <= {fact["name"] for fact in desk.bridge.value("facts")}
    desk.open("device:printer")
    desk.robot.tap("button:restart")
    desk.until(lambda: desk.bridge.value("restarted") == "printer", "the restart")
    desk.until(lambda: desk.bridge.value("device_states")["printer"] == "ready", "the printer again")
    desk.open("page:events")
    desk.until(lambda: "device_restarted" in _logged(desk), "the restart in the log")


def _logged(desk: AtWork) -> set[str]:
    desk.refresh()
    return {event["event"] for event in desk.bridge.value("events")}


def _item(desk: AtWork, name: str) -> dict:
    return next(item for item in desk.bridge.value("items") if item["item"] == name)


def check_bundle(desk: AtWork, folder: Path) -> None:
    desk.open("page:bundle")
    desk.robot.tap("button:bundle")
    desk.until(lambda: desk.bridge.value("bundle").get("state") == "written", "the bundle")
    file = STICK / desk.bridge.value("bundle")["file"]
    try:
        assert "0001" in _report_centre(desk.world, "bundle", "open", str(file), str(folder / "bundle.zip"))
    finally:
        file.unlink()


def check_restarts(desk: AtWork) -> None:
    """Devices and courier come back by themselves, the screen by its host; maintenance ends the session."""
    desk.open("page:system")
    desk.restart(Part.DEVICES)
    desk.until(lambda: desk.bridge.value("restarted") == "devices", "its answer")
    desk.restart(Part.COURIER)
    desk.until(lambda: desk.bridge.value("restarted") == "courier", "its answer")
    desk.robot.tap("restart:screen")
    assert desk.line.said[-1] is ScreenWord.RESTART
    desk.open("device:printer")
    desk.until(lambda: desk.bridge.value("device_states")["printer"] == "ready", "devices again")
    desk.open("page:post")
    desk.until(lambda: _courier_works(desk), "the courier again")
    desk.open("page:system")
    desk.restart(Part.MAINTENANCE)
    desk.robot.await_screen("login")
    desk.until(lambda: desk.bridge.value("reason") == "ended", "what became of the session")


def _courier_works(desk: AtWork) -> bool:
    desk.refresh()
    return any(
        finding["part"] == "courier" and finding["health"] == "works"
        for finding in desk.bridge.value("findings")
    )


def check_refusals(desk: AtWork, token: str, pin: str) -> None:
    desk.scan(token)
    desk.until(lambda: desk.bridge.value("has_pass"), "the pass again")
    desk.enter(pin)
    desk.until(lambda: desk.bridge.value("reason") == "used", "the refusal")
    assert desk.last("label:refusal") == desk.words["maintenance.denied.used"]
    for _ in range(5):
        desk.until(lambda: desk.bridge.value("asking") == 0, "the answer")
        for digit in "0007000001":
            desk.bridge.typeDigit(digit)
        desk.bridge.enter()
    desk.until(lambda: desk.bridge.value("wait") > 0, "the waiting")
    first = desk.bridge.value("wait")
    assert str(first) in desk.last("label:refusal")
    desk.until(lambda: 0 < desk.bridge.value("wait") < first, "the count-down")
    assert str(desk.bridge.value("wait")) in desk.last("label:refusal")


# --- the host alone, with children that only speak the line ---

CHILD = """
import os, socket, sys
kind, line, folder, mode = sys.argv[1], socket.socket(fileno=int(sys.argv[2])), sys.argv[3], sys.argv[4]

def note(word):
    with open(folder + "/book", "a") as book:
        book.write(f"{word} {os.getpid()}\\n")

if kind == "technician" and mode == "never":
    sys.exit(3)
line.sendall(b"ready\\n")
open(f"{folder}/ready-{kind}-{os.getpid()}", "w").close()
asks = False
line.settimeout(0.05)
while True:
    try:
        heard = line.recv(100)
        if not heard:
            sys.exit(0)
        if heard == b"show\\n":
            note(kind)
            line.sendall(b"shown\\n")
            first = not os.path.exists(folder + "/sign")
            if kind == "visitor" and first:
                open(folder + "/sign", "w").close()
                asks = True
            if kind == "technician" and mode == "leave":
                line.sendall(b"ended maintenance\\n")
            if kind == "technician" and mode == "crash":
                os._exit(7)
            if kind == "technician" and mode == "restart":
                line.sendall(b"restart\\n")
    except TimeoutError:
        pass
    line.sendall(b"beat\\n")
    if asks and len([name for name in os.listdir(folder) if name.startswith("ready-visitor")]) > 1:
        asks = False
        line.sendall(b"technician\\n")
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., tuple[Book, threading.Thread]]]:
    ends: list[Callable[[], None]] = []
    script = tmp_path / "child.py"
    script.write_text(CHILD)

    def build(mode: str, host_type: type[ScreenHost] = ScreenHost) -> tuple[Book, threading.Thread]:
        book = Book(tmp_path)

        def command(kind: str) -> Callable[[int], list[str]]:
            return lambda line: [sys.executable, "-S", str(script), kind, str(line), str(tmp_path), mode]

        host = host_type(
            command("visitor"),
            lambda *told: book.told.append(told),
            Patience(leave_s=0.5, back_off_s=0.1, technician_start_s=1.0),
            command("technician"),
        )
        thread = host_on_a_thread(host)
        ends.extend((host.stop, thread.join))
        return book, thread

    yield build
    for end in ends:
        end()


@pytest.mark.parametrize("mode", ["leave", "crash"])
def test_whatever_ends_the_technician_a_fresh_visitor_screen_follows(
    stage: Callable[..., tuple], mode: str
) -> None:
    book, _ = stage(mode)
    until(lambda: book.words()[:3] == ["visitor", "technician", "visitor"], 8)
    first, second = book.pids("visitor")[:2]
    assert first != second


def test_a_technician_screen_that_does_not_start_leaves_a_visitor_screen(stage: Callable[..., tuple]) -> None:
    book, _ = stage("never")
    until(lambda: book.words() == ["visitor", "visitor"], 8)
    assert Notice.DIED in [notice for notice, _ in book.told]


def test_a_technician_may_restart_the_host_and_a_visitor_may_not(stage: Callable[..., tuple]) -> None:
    book, thread = stage("restart")
    thread.join(8)
    assert not thread.is_alive()
    assert book.words()[:2] == ["visitor", "technician"]


def shown_as_told(host_type: type[ScreenHost]) -> int:
    """How often a host believes "shown" of a screen that lies beneath, and says it over and over."""
    told: list[Notice] = []
    liar = [sys.executable, "-S", "-c", LIAR]
    host = host_type(lambda line: [*liar, str(line)], lambda notice, _: told.append(notice))
    thread = host_on_a_thread(host)
    try:
        until(lambda: Notice.SHOWN in told, 8)
        until(lambda: len([1 for child in host._children if child.stage is Stage.READY]) == 1, 8)
        time.sleep(0.3)  # in which it says it six times more
    finally:
        host.stop()
        thread.join()
    return told.count(Notice.SHOWN)


LIAR = """
import socket, sys, time
line = socket.socket(fileno=int(sys.argv[1]))
line.sendall(b"ready\\n")
while True:
    line.sendall(b"shown\\nrestart\\nshown\\n")
    time.sleep(0.05)
"""


def test_a_screen_that_says_it_is_shown_is_believed_once_and_in_its_turn() -> None:
    assert shown_as_told(ScreenHost) == 1


class Trusting(ScreenHost):
    """A planted bug: whatever says that it is shown is believed."""

    def _take(self, child: Any, said: Said, now: float) -> None:
        child.seen = False
        super()._take(child, said, now)


def test_a_host_that_believes_it_every_time_is_found() -> None:
    assert shown_as_told(Trusting) > 1


class Forgetful(ScreenHost):
    """A planted bug: the technician's screen does not come first."""

    def _coming(self, *, technician: bool) -> list:
        return [] if technician else super()._coming(technician=False)


def test_a_host_that_shows_a_visitor_instead_is_found(stage: Callable[..., tuple]) -> None:
    book, _ = stage("leave", Forgetful)
    until(lambda: len(book.words()) >= 2, 8)
    assert book.words()[:2] != ["visitor", "technician"]
