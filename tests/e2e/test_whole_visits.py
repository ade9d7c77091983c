"""Visits in which devices fail, are killed, and an officer is called: one kiosk, many visitors."""

import os
import shutil
import signal
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import whole
from PIL import Image
from season import code_on, promised_s, script

from config.loader import load
from config.settings import Settings
from devices import places, simulate_client
from devices.camera import child, decoding
from devices.camera.specimens import Kind, specimen
from devices.client import DevicesClient
from flows.ports import Device
from flows.view import PaperState
from kiosk.development.parts import Part, environment_of
from kiosk.played.playbook import (
    DeviceMishap,
    Expected,
    LeverMishap,
    Mishap,
    OfficerTouch,
    Playbook,
    Process,
    ProcessMishap,
    Treatment,
)
from kiosk.played.visitor import AFTERWARDS, Performance, Played, Theatre, Told

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(400)]

SCREEN_S = (5.0, 15.0)
"""From the start of the screen to a picture on it, whatever is missing; and on a busy machine."""

STRAY = "P<UTOSTRAYLIGHT<<NOBODY<<<<<<<<<<<<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<<<<<<<<06\n"
STRAY_WORDS = ("STRAYLIGHT", "D23145890")
INTERRUPTED_AT_ROW = 400
CAMERA_READS = hasattr(child, "LiveZone") or hasattr(decoding, "LiveZone")
"""Whether the running camera looks for a machine readable zone."""


def kill(at: str) -> Mishap:
    return ProcessMishap(at=at, process=Process.DEVICES, do=Treatment.KILL)


def lever(at: str, device: Device, **words: str | bool) -> Mishap:
    return LeverMishap(at=at, device=device, do=words)


def passport(**changes: Any) -> Playbook:
    """The report of `passport-by-lines` with every device in order."""
    book: Playbook = script("passport-by-lines", **{"reader": Device.SCANNER, "mishaps": [], **changes})
    return book


def visits() -> dict[str, Playbook]:
    once = script("every-device-once")
    return {
        "lines": script(
            "passport-by-lines", officer=[OfficerTouch(at="event.place_kind", touch="call_officer")]
        ),
        "once": once.model_copy(
            update={
                "officer": [OfficerTouch(at="loss.categories", touch="officer_came")],
                "mishaps": [
                    lever("attract", Device.SCANNER, scan=STRAY),
                    lever("services", Device.PANEL, press="acknowledge"),
                    *once.mishaps,
                    lever("event.place_kind", Device.SCANNER, scan=STRAY),
                ],
            }
        ),
        "killed": passport(
            answers={"items[0].add": ["photos"]},
            photos=1,
            mishaps=[
                kill("scan"),
                kill("loss.categories"),
                kill("photo"),
                DeviceMishap(
                    at="declare", device=Device.PRINTER, fault="hang", after_rows=INTERRUPTED_AT_ROW
                ),
            ],
            expected=Expected(paper=PaperState.UNCONFIRMED, official_number=False),
        ),
        "after": passport(),
        "camera": passport(reader=Device.CAMERA, scans=["specimen:passport"]),
    }


@dataclass
class Left:
    """What a visit left."""

    told: Told
    papers: list[Path]
    complaints: list[str] = field(default_factory=list)
    """Of what must hold whenever a visitor has left."""


@dataclass
class Days:
    """All visits by name, and the kiosk after them."""

    visits: dict[str, Left] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)
    planted: dict[str, str] = field(default_factory=dict)
    """What the checks said of bugs that were planted in this kiosk; empty where they saw nothing."""

    @property
    def references(self) -> list[str]:
        """Those that visitors were told."""
        return [left.told.reference for left in self.visits.values() if left.told.reference]

    def case(self, name: str) -> dict[str, Any]:
        (case,) = [each for each in self.cases if each["reference"] == self.visits[name].told.reference]
        return case


def complaint_of(check: Callable[..., None], *arguments: Any) -> str:
    try:
        check(*arguments)
    except AssertionError as complaint:
        return str(complaint) or "it complains"
    return ""


def interrupt_printing(theatre: Theatre) -> None:
    """Kill the devices process once the printer stands still in the middle of a receipt, then mend that."""
    settings = theatre.world.settings
    whole.until(places.printer_marker(settings).exists, "a receipt is being printed", 60)
    time.sleep(1.0)  # at 1,600 rows a second it has long stopped; the torn paper proves it
    theatre.world.kill(Part.DEVICES)
    simulate_client.command(places.simulators_socket(settings), Device.PRINTER, fault="none")


def height_of(paper: Path) -> int:
    with Image.open(paper) as picture:
        return picture.height


def play(theatre: Theatre, name: str, performance: Performance, folder: Path) -> Left:
    settings = theatre.world.settings
    before = set(places.papers(settings).glob("*.png"))
    if name == "killed":
        threading.Thread(target=interrupt_printing, args=(theatre,), daemon=True).start()
    performance.may_begin.set()
    performance.wait_over()
    lamp = "on" if name == "lines" else "off"  # nobody has answered yet
    complaints = [
        complaint_of(whole.check_camera_is_off, settings),
        complaint_of(whole.check_lamp, settings, lamp),
    ]
    performance.reach(AFTERWARDS)
    complaints.append(complaint_of(whole.check_devices_are_back, settings))
    fallen = sorted(set(places.papers(settings).glob("*.png")) - before)
    kept = [Path(shutil.copy(paper, folder / f"{name}-{paper.name}")) for paper in fallen]
    return Left(
        performance.told,
        [paper for paper in kept if not paper.stem.endswith("-blank")],
        [complaint for complaint in complaints if complaint],
    )


def plant(theatre: Theatre) -> dict[str, str]:
    """Bugs of a screen and of a process, each seen by the check that is there for it, and taken out again."""
    settings, planted = theatre.world.settings, {}
    with closing(DevicesClient(settings.paths.devices_socket, lambda _: None)) as screen:
        screen.open_camera()
        whole.until(lambda: bool(whole.camera_readers(settings)), "the camera is open")
        planted["a screen forgets to close the camera"] = complaint_of(
            whole.check_camera_is_off, settings, 0.5
        )
        screen.close_camera()
        screen.call_officer()
        whole.check_lamp(settings, "on")
        planted["a lamp goes on shining"] = complaint_of(whole.check_lamp, settings, "off", 0.5)
        screen.officer_came()
        whole.check_lamp(settings, "off")
    theatre.world.hold(Part.DEVICES)
    planted["the devices process stays away"] = complaint_of(whole.check_devices_are_back, settings, 1.0)
    theatre.world.release(Part.DEVICES)
    whole.check_devices_are_back(settings)
    return planted


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder, found = tmp_path_factory.mktemp("days"), Days()
    books = {name: book for name, book in visits().items() if name != "camera" or CAMERA_READS}
    settings = load(site="border", profile="demo", environ={})
    with Theatre(settings, [Played(book) for book in books.values()]) as theatre:
        with whole.Watch(theatre.world) as watch:
            for name, performance in zip(books, theatre.performances, strict=True):
                found.visits[name] = play(theatre, name, performance, folder)
        found.outages = watch.outages()
        theatre.await_cases(sum(left.told.reference != "" for left in found.visits.values()))
        found.cases = theatre.cases()
        found.planted = plant(theatre)
    return found


@pytest.mark.parametrize("name", ["lines", "once", "killed", "after"])
def test_every_visit_ends_and_leaves_the_kiosk_at_rest(days: Days, name: str) -> None:
    left = days.visits[name]
    assert left.told.failure == ""
    assert left.complaints == []


def test_every_report_arrives_exactly_once(days: Days) -> None:
    whole.check_once(days.cases, days.references)


@pytest.mark.parametrize("name", ["lines", "once", "killed", "after"])
def test_a_passport_is_read_by_what_is_left(days: Days, name: str) -> None:
    reporter = days.case(name)["document"]["reporter"]
    assert reporter["doc_no"] == "L898902C3"
    assert "ERIKSSON" in reporter["name_en"].upper()


@pytest.mark.skipif(not CAMERA_READS, reason="the camera reads no machine readable zone in this version")
def test_a_passport_is_read_by_the_camera(days: Days) -> None:
    left = days.visits["camera"]
    assert left.told.failure == ""
    assert left.complaints == []
    _, lines = specimen(Kind.PASSPORT, 1)  # the one that the simulated camera shows
    assert days.case("camera")["document"]["reporter"]["doc_no"] == lines[1][:9].rstrip("<")


def test_what_is_scanned_while_no_screen_asks_is_nobodys_answer(days: Days) -> None:
    for case in days.cases:
        whole.check_nothing_of(STRAY_WORDS, case)


def test_the_call_of_an_officer_outlasts_the_visit_and_ends_when_answered(days: Days) -> None:
    calls = {
        name: {step["page"]: step["call"] for step in left.told.steps} for name, left in days.visits.items()
    }
    assert calls["lines"]["event.when"] == ""
    assert calls["lines"]["received"] == "calling"
    assert calls["once"]["attract"] == "calling"
    assert calls["once"]["reporter.doc_no"] == "answered"
    assert calls["once"]["received"] == ""
    assert calls["killed"]["attract"] == ""


def test_killed_devices_are_back_within_ten_seconds(days: Days) -> None:
    assert len(days.outages) == 4  # scan, question, photo, printing
    assert max(days.outages) <= whole.BACK_S


def test_an_interrupted_receipt_is_on_no_other_paper(days: Days) -> None:
    killed, after = days.visits["killed"], days.visits["after"]
    clean = days.visits["lines"].papers[0]
    (interrupted,) = killed.papers  # at most once, and it was cut off before the next one
    assert INTERRUPTED_AT_ROW // 2 <= height_of(interrupted) < height_of(clean)
    (paper,) = after.papers
    code = code_on(paper)
    assert code is not None
    assert code.reference == after.told.reference
    whole.check_paper_is_clean(paper, killed.papers, clean)


# --- planted bugs


@pytest.mark.parametrize(
    "bug",
    ["a screen forgets to close the camera", "a lamp goes on shining", "the devices process stays away"],
)
def test_a_bug_planted_in_the_kiosk_is_seen(days: Days, bug: str) -> None:
    assert days.planted[bug]


@pytest.mark.parametrize("above", [True, False])
def test_rows_of_another_receipt_are_seen(days: Days, tmp_path: Path, above: bool) -> None:
    (torn,), (paper,) = days.visits["killed"].papers, days.visits["after"].papers
    pieces = [np.asarray(Image.open(path).convert("L")) for path in (torn, paper)]
    Image.fromarray(np.vstack(pieces if above else pieces[::-1])).save(tmp_path / "mixed.png")
    clean = days.visits["lines"].papers[0]
    assert complaint_of(whole.check_paper_is_clean, tmp_path / "mixed.png", [torn], clean)


def test_a_case_that_came_twice_is_seen(days: Days) -> None:
    assert complaint_of(whole.check_once, [*days.cases, days.cases[0]], days.references)
    assert complaint_of(whole.check_once, days.cases[1:], days.references)


def test_a_stray_scan_in_a_case_is_seen(days: Days) -> None:
    assert complaint_of(whole.check_nothing_of, ("L898902C3",), days.cases[0])


# --- a start without any device


@contextmanager
def simulators_of(settings: Settings) -> Iterator[None]:
    """The simulators, as somebody plugs everything in at once."""
    command = [str(Path(sysconfig.get_path("scripts")) / "kiosk"), "simulate"]
    with subprocess.Popen(command, env={**os.environ, **environment_of(settings)}) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def test_a_kiosk_starts_without_any_device_and_they_join_later() -> None:
    parts = tuple(part for part in Part if part is not Part.SIMULATORS)
    settings = load(site="border", profile="demo", environ={})
    with Theatre(settings, [Played(passport())], parts) as theatre:
        (performance,) = theatre.performances
        assert performance.has_come.wait(max(SCREEN_S))
        assert whole.screen_start_s(theatre.world) <= promised_s(*SCREEN_S)
        here = theatre.world.settings
        before = [theatre.world.process_id(part) for part in (Part.SCREEN, Part.DEVICES)]
        assert whole.usable(here) == frozenset()
        with simulators_of(here):
            whole.check_devices_are_back(here)
            performance.may_begin.set()
            performance.wait_over()
        assert performance.told.failure == ""  # its document was scanned and its receipt printed
        assert [theatre.world.process_id(part) for part in (Part.SCREEN, Part.DEVICES)] == before
