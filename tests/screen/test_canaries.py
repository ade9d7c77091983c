"""Whole visits through the screen's real parts, every answer a canary: no byte that is left tells one."""

import base64
import logging
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from central.centre import Centre
from config import log as house_log
from config.event_names import Event as Logged
from config.journal import Journal
from config.loader import load
from config.settings import Paths, Settings
from flows.case import Case
from flows.events import (
    AdmissionChanged,
    CapturePhoto,
    CaseKept,
    CaseNotKept,
    Command,
    Event,
    PhotoTaken,
    Rated,
    Touch,
)
from flows.view import Screen, SurveyBody, ViewState
from kiosk.screens.keeper import Clerk
from kiosk.screens.visit_parts import VisitParts, load_book
from tests.flows.conftest import Person
from tests.services.canaries import Canaries
from tests.services.plans import Plan
from tests.services.visitor import Traveller

SERVICES = ("lost_property", "police_complaint")
PHOTO = b"\xff\xd8\xff canary of a picture " * 20 + b"\xff\xd9"
PLAN = Plan({"complaint.way": ("here",), "&items[].add": ("photos",)})
PATIENCE_S = 20.0

Plant = Callable[[pytest.MonkeyPatch, Settings], None]


class Listener:
    """Takes whatever comes to a socket."""

    def __init__(self, path: Path, kind: socket.SocketKind) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.heard = bytearray()
        self._socket = socket.socket(socket.AF_UNIX, kind)
        self._socket.bind(str(path))
        if kind is socket.SOCK_STREAM:
            self._socket.listen()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            line = self._socket
            if line.type is socket.SOCK_STREAM:
                line, _ = self._socket.accept()
            with line:
                while received := line.recv(65536):
                    self.heard += received
        except OSError:
            return

    def close(self) -> None:
        self._socket.close()


class AtKiosk(Person):
    """A person whose events go through the coordinator into the real ports."""

    def __init__(self, settings: Settings) -> None:
        self.posted: queue.Queue[Event] = queue.Queue()
        self.asked: list[Command] = []
        self.touches = 0
        self.parts = VisitParts(
            settings,
            load_book(settings, 0),
            self.posted.put,
            lambda _frame: None,
            lambda _key: None,
            lambda _view: None,
            lambda _ending: None,
        )
        self.visit = self.parts.visit

    def handle(self, event: Event) -> list[Command]:
        before = len(self.asked)
        self.parts.coordinator.dispatch(event)
        if self.visit.fault is not None:
            raise self.visit.fault
        return self.asked[before:]

    def hear(self, *kinds: type[Event]) -> Event:
        """The clerk answers from a thread of its own."""
        while not isinstance(said := self.posted.get(timeout=PATIENCE_S), kinds):
            pass
        self.handle(said)
        return said


class Walker(Traveller):
    """Takes a picture, waits for the real keeper, and says how it was."""

    def _pass_by(self, view: ViewState) -> None:
        photos = len(self.person.commands(CapturePhoto))
        if view.screen is Screen.PHOTO and not photos:
            self._touch(Touch.TAKE_PHOTO)
            self.person.handle(PhotoTaken(self.person.commands(CapturePhoto)[-1].photo_id, PHOTO))
            view = self.person.view
        self._touch(Touch.NEXT if view.can_next else Touch.SKIP)

    def _keep_case(self, _view: ViewState) -> None:
        assert isinstance(self.person, AtKiosk)
        assert isinstance(self.person.hear(CaseKept, CaseNotKept), CaseKept)

    def _step(self, view: ViewState) -> None:
        if isinstance(view.body, SurveyBody) and self.travels.screens.count(Screen.SURVEY) == 1:
            self.person.handle(Rated(view.body.options[0]))
        super()._step(view)


@dataclass
class Left:
    """What there is to be found after a visit."""

    words: set[str] = field(default_factory=set)
    log: bytes = b""
    wire: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)

    def found(self) -> set[str]:
        """Where an answer or the picture stands in the clear, and where the log names the service."""
        needles = [form for word in self.words for form in forms(word.encode())] + [*forms(PHOTO[:40])]
        places = {"log": self.log, "wire": self.wire} | self.files
        told = {place for place, whole in places.items() if any(needle in whole for needle in needles)}
        return told | {"the service" for name in SERVICES if name.encode() in self.log}


def forms(word: bytes) -> Iterator[bytes]:
    """A word as it may stand in bytes."""
    yield word
    yield word.hex().encode()
    yield word.decode("latin-1").encode("utf-16-le")
    for ahead in range(3):  # of Base64 what does not depend on the neighbours
        yield base64.b64encode(b"\0" * ahead + word)[4 if ahead else 0 : (ahead + len(word)) // 3 * 4]


@pytest.fixture
def settings(qapp: QGuiApplication, tmp_path: Path) -> Settings:
    assert qapp is not None  # papers are drawn
    paths = Paths(state=tmp_path / "state", runtime=tmp_path / "run", keys=tmp_path / "keys")
    plain = load(site="report-room", profile="demo", environ={})
    site = plain.site.model_copy(update={"services": list(SERVICES), "survey": True})
    settings = plain.model_copy(update={"paths": paths, "site": site})
    centre = Centre(tmp_path / "centre")
    centre.init("ADM", ("localhost",))
    centre.enrol(settings.kiosk_number, paths.keys, 1)
    return settings


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Listener]:
    """The log of a kiosk in service, to be read here."""
    handlers, propagate, root = (
        house_log._HOUSE.handlers,
        house_log._HOUSE.propagate,
        logging.root.handlers[:],
    )
    listener = Listener(tmp_path / "journal.sock", socket.SOCK_DGRAM)
    own = Journal(tmp_path / "journal.sock")
    house_log.configure("screen", journal=own)
    yield listener
    house_log._HOUSE.handlers, house_log._HOUSE.propagate, logging.root.handlers = handlers, propagate, root
    own.close()
    listener.close()


def visited(
    settings: Settings,
    service: str,
    journal: Listener,
    patch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Left:
    """One thorough visit, and every byte that is left while the outbox is still open."""
    wire = Listener(settings.paths.courier_socket, socket.SOCK_STREAM)
    person, canaries = AtKiosk(settings), Canaries()
    handle = type(person.visit).handle

    def noted(_visit: object, event: Event) -> list[Command]:
        commands = handle(person.visit, event)
        person.asked += commands
        return commands

    patch.setattr(type(person.visit), "handle", noted)
    person.parts.clerk.look_for_room()
    person.hear(AdmissionChanged)
    walker = Walker(person, PLAN, words=canaries.words, fills_optional=True)
    assert walker.begin(service).walk().end is Screen.WIPED
    files = [
        path
        for folder in (settings.paths.state, settings.paths.runtime)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    # In another process: closing a file of SQLite here would drop the locks that the outbox has on it.
    read = {
        path.name: subprocess.run(["cat", "--", path], check=False, capture_output=True).stdout
        for path in files
    }
    assert "outbox.db" in read
    assert "outbox.db-wal" in read
    out, err = capfd.readouterr()
    wire.close()
    assert len(canaries.of) > 5
    return Left(set(canaries.of), bytes(journal.heard) + (out + err).encode(), bytes(wire.heard), read)


@pytest.mark.parametrize("service", SERVICES)
def test_only_ciphertext_is_left(
    settings: Settings,
    service: str,
    journal: Listener,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    left = visited(settings, service, journal, monkeypatch, capfd)
    assert left.found() == set()
    assert b"case_kept" in left.log.lower()
    assert b"poke" in left.wire


def _keeps(patch: pytest.MonkeyPatch, also: Callable[[Case], None]) -> None:
    whole = Clerk._keep

    def keep(clerk: Clerk, case: Case) -> None:
        also(case)
        whole(clerk, case)

    patch.setattr(Clerk, "_keep", keep)


def _logs_an_answer(patch: pytest.MonkeyPatch, _settings: Settings) -> None:
    _keeps(patch, lambda case: print(case.document, file=sys.stderr))  # noqa: T201 - the planted bug


def _logs_the_service(patch: pytest.MonkeyPatch, _settings: Settings) -> None:
    _keeps(patch, lambda case: house_log.log(Logged.PACK_REFUSED, pack=case.document["pack"]["name"]))


def _writes_a_picture(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    _keeps(patch, lambda case: [*map(_write(settings), (each.jpeg for each in case.attachments))].clear())


def _write(settings: Settings) -> Callable[[bytes], int]:
    settings.paths.state.mkdir(parents=True, exist_ok=True)
    return (settings.paths.state / "picture.tmp").write_bytes


def _writes_the_document(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    write = _write(settings)
    _keeps(patch, lambda case: [write(str(dict(case.document)).encode())].clear())


PLANTED: dict[str, tuple[Plant, str]] = {
    "an answer is logged": (_logs_an_answer, "log"),
    "the log names the service": (_logs_the_service, "the service"),
    "a picture is written in clear": (_writes_a_picture, "picture.tmp"),
    "a document is written in clear": (_writes_the_document, "picture.tmp"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(
    settings: Settings,
    name: str,
    journal: Listener,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    plant, place = PLANTED[name]
    plant(monkeypatch, settings)
    assert place in visited(settings, "lost_property", journal, monkeypatch, capfd).found()
