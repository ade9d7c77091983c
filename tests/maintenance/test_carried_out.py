"""What leaves the kiosk with a technician: the log, the sealed bundle, and nothing of a report; about 5 s."""

import json
import os
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from central.centre import Centre
from central.sealed.base import UnreadableError
from central.technicians.bundles import open_bundle
from config import log as log_module
from config.event_file import LARGEST, VARIABLE, EventFile, older
from config.event_names import Event
from config.events import Level
from config.loader import load
from config.log import configure, log
from config.settings import Paths, Settings
from kiosk.maintenance import bundle, events, upkeep
from kiosk.maintenance.bundle import Failed, Written
from kiosk.maintenance.ledger import Judgement, Kind, Ledger
from kiosk.post.envelope import Slot
from kiosk.post.office import Office as PostOffice

CANARY = "CANARY-陳大文-A1234563"
SECRET = "SECRET-b7f3"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    made = Centre(tmp_path_factory.mktemp("house") / "centre")
    made.init("ADM", ("localhost",))
    return made


@pytest.fixture
def settings(tmp_path: Path, centre: Centre) -> Settings:
    centre.enrol(1, tmp_path / "keys", 90)
    places = {name: tmp_path / name for name in ("state", "runtime", "keys", "rime")}
    loaded = load(profile="demo", environ={})
    site = loaded.site.model_copy(update={"desk_phone": SECRET, "name": {"en": SECRET}})
    stick = loaded.maintenance.model_copy(update={"stick": Path("/dev/shm")})
    changed = {"paths": Paths(**places), "kiosk_number": 1, "site": site, "maintenance": stick}
    return loaded.model_copy(update=changed)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    opened = Ledger.open(settings.paths.maintenance, time.time())
    yield opened
    opened.close()


@pytest.fixture
def event_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "events.jsonl"))
    before = log_module._HOUSE.handlers[:]
    configure("maintenance")
    yield tmp_path / "events.jsonl"
    log_module._HOUSE.handlers = before


# --- the log ------------------------------------------------------------------------------------------------


def test_events_come_newest_first_and_of_a_level(event_file: Path) -> None:
    log(Event.PROCESS_STARTED, version="1")
    log(Event.SCREEN_SHOWN)
    log(Event.MAINTENANCE_DENIED, reason="wrong")
    assert event_file.exists()
    told = events.as_json(events.newest(10, Level.INFO))
    assert [(each["event"], each["level"], each["fields"]) for each in told] == [
        ("maintenance_denied", "warning", {"reason": "wrong"}),
        ("process_started", "info", {"version": "1"}),
    ]
    assert told[0]["process"] == "maintenance"
    assert abs(told[0]["at"] - time.time()) < 60
    assert [each.event for each in events.newest(1, Level.DEBUG)] == ["maintenance_denied"]


HOSTILE: list[dict[str, Any] | str] = [
    CANARY,
    '"text"',
    "[" * 9000,
    {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "event": CANARY},
    {"at": "2026-11-22T08:00:00+00:00", "process": CANARY, "event": "screen_shown"},
    {"at": CANARY, "process": "screen", "event": "screen_shown"},
    {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "event": ["screen_shown"]},
    {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "event": "screen_shown", "name": CANARY},
    {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "event": "visit_ended", "ending": CANARY},
    {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "event": "screen_shown", "level": CANARY},
]


def plant(path: Path) -> None:
    path.write_text("".join((e if isinstance(e, str) else json.dumps(e)) + "\n" for e in HOSTILE), "utf-8")


def test_only_the_catalogue_comes_through(event_file: Path) -> None:
    plant(event_file)
    check_log()


def check_log() -> None:
    """Whatever was written into the log, no word of it comes through that the catalogue does not know."""
    told = events.newest(100, Level.DEBUG)
    assert {each.event for each in told} == {"screen_shown", "visit_ended"}
    assert "CANARY" not in json.dumps(events.as_json(told), ensure_ascii=False)


def test_the_file_is_bounded_and_goes_on_in_a_second_one(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    file = EventFile(path)
    for number in range(30):
        file.append(f"{number} " + "x" * (LARGEST // 10))
    assert path.stat().st_size + older(path).stat().st_size < 2.5 * LARGEST
    assert path.read_text().splitlines()[-1].startswith("29 ")
    EventFile(tmp_path / "no" / "such" / "folder").append("costs nothing")


def test_the_journal_is_read_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of journalctl that checks how it was called."""
    line = {"at": "2026-11-22T08:00:00+00:00", "process": "screen", "level": "debug", "event": "screen_shown"}
    entries = "\n".join(json.dumps({"MESSAGE": each}) for each in (json.dumps(line), CANARY, [1, 2]))
    (tmp_path / "entries").write_text(entries, "utf-8")
    program = tmp_path / "journalctl"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {tmp_path}/entries\n')
    program.chmod(0o755)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert [each.event for each in events.newest(5, Level.DEBUG)] == ["screen_shown"]
    asked = (tmp_path / "asked").read_text().split()
    assert {"--output=json", "--reverse", "--identifier=kiosk-visitor"} <= set(asked)
    program.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert events.newest(5, Level.DEBUG) == []


# --- the bundle ---------------------------------------------------------------------------------------------


def kept_case(settings: Settings) -> None:
    """A report with canaries in its text and photo, sealed in the outbox."""
    office = PostOffice.open(settings)
    photo = b"\xff\xd8" + CANARY.encode() * 20

    def document(_slot: Slot) -> bytes:
        return json.dumps({"name": CANARY}).encode()

    assert isinstance(office.keep(uuid.uuid4(), document, [photo]), Slot)
    office.close()


@pytest.fixture
def written(
    settings: Settings, ledger: Ledger, event_file: Path
) -> Iterator[Callable[[], tuple[Written, bytes]]]:
    """Writes a bundle to a real mount, and takes it away again."""
    files: list[Path] = []

    def write() -> tuple[Written, bytes]:
        outcome = bundle.write(settings, ledger, time.time())
        assert isinstance(outcome, Written)
        files.append(settings.maintenance.stick / outcome.file)
        return outcome, files[-1].read_bytes()

    kept_case(settings)
    plant(event_file)
    ledger.judge(Kind.TEST, "printer", Judgement(True, time.time(), "T0042"))  # noqa: FBT003
    yield write
    for file in files:
        file.unlink()


def test_a_bundle_opens_at_the_centre_and_holds_nothing_of_a_report(
    written: Callable[[], tuple[Written, bytes]], centre: Centre
) -> None:
    check_bundle(written, centre)


def check_bundle(written: Callable[[], tuple[Written, bytes]], centre: Centre) -> None:
    """Sealed: nothing is readable on the stick. Opened: no canary, no secret, no path of the keys."""
    outcome, sealed = written()
    assert outcome.size == len(sealed)
    assert b"findings" not in sealed.partition(b"\n")[2]
    opened = open_bundle(sealed, centre.keyring())
    assert opened.kiosk == 1
    with zipfile.ZipFile(BytesIO(opened.archive)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    expected = {"facts", "findings", "devices", "self-tests", "inspection", "events", "settings"}
    assert {name.removesuffix(".json") for name in parts} == expected
    assert json.loads(parts["facts.json"])["kiosk"] == "0001"
    assert json.loads(parts["self-tests.json"])[0]["last"]["technician"] == "T0042"
    everything = "".join(parts.values())
    for canary in ("CANARY", "陳大文", "A1234563", SECRET):
        assert canary not in everything


def test_a_bundle_is_bound_to_what_it_says_of_itself(
    written: Callable[[], tuple[Written, bytes]], centre: Centre
) -> None:
    _, sealed = written()
    keyring = centre.keyring()
    for spoilt in (
        sealed.replace(b'"kiosk":1', b'"kiosk":2', 1),
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        sealed[:100],
        b"",
        b"{}\n",
        b"PK\x03\x04",
        sealed.replace(b'"kid":"', b'"kid":"0', 1),
    ):
        with pytest.raises(UnreadableError):
            open_bundle(spoilt, keyring)


def test_no_stick_no_room_no_key(settings: Settings, ledger: Ledger, tmp_path: Path) -> None:
    folder = settings.maintenance.model_copy(update={"stick": tmp_path})  # a folder, and no mount
    without = settings.model_copy(update={"maintenance": folder})
    assert bundle.write(without, ledger, time.time()) is Failed.NO_STICK
    assert bundle.put(tmp_path, "x", b"y" * 10).size == 10  # type: ignore[union-attr]
    assert bundle.put(tmp_path / "gone", "x", b"y") is Failed.NOT_WRITTEN
    (settings.paths.keys / "keyset.jws").unlink()
    assert bundle.write(settings, ledger, time.time()) is Failed.NO_KEY


def test_a_full_stick_holds_no_half_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "_SPARE_BYTES", 1 << 62)
    assert bundle.put(tmp_path, "x", b"y") is Failed.NO_ROOM
    monkeypatch.setattr(bundle, "_SPARE_BYTES", 0)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle.os, "fsync", full)
    assert bundle.put(tmp_path, "x", b"y") is Failed.NOT_WRITTEN
    assert list(tmp_path.iterdir()) == []


# --- planted bugs -------------------------------------------------------------------------------------------


def log_lines_as_they_are(patch: pytest.MonkeyPatch) -> None:
    def understood(line: str, _: object) -> events.Told:
        return events.Told(0.0, "screen", "info", line, {})

    patch.setattr(events, "understood", understood)


def fields_as_they_are(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("config.events.Catalogue._takes", lambda *_: True)


def all_settings(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bundle, "SETTINGS_TOLD", (*bundle.SETTINGS_TOLD, "site.desk_phone"))


def not_sealed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bundle, "seal", lambda archive, *_: b"{}\n" + archive)


@pytest.mark.parametrize("plant_bug", [log_lines_as_they_are, fields_as_they_are, all_settings, not_sealed])
def test_a_planted_bug_is_found(
    written: Callable[[], tuple[Written, bytes]],
    centre: Centre,
    monkeypatch: pytest.MonkeyPatch,
    plant_bug: Callable[[pytest.MonkeyPatch], None],
) -> None:
    plant_bug(monkeypatch)
    with pytest.raises((AssertionError, UnreadableError)):
        check_bundle(written, centre)


# --- the checklist ------------------------------------------------------------------------------------------


def test_every_item_is_written_in_every_language() -> None:
    items = upkeep.checklist()
    assert len(items) >= 12
    assert "paper_path" in items
    texts = [item.words for item in items.values()]
    for language in ("zh_hant", "zh_hans", "en"):
        assert len({getattr(text, language) for text in texts}) == len(items)


def test_maintenance_loads_neither_the_outbox_nor_a_face() -> None:
    code = "import kiosk.maintenance.process, sys; print(*sys.modules)"
    command = (sys.executable, "-c", code)
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    never = {"kiosk.post.outbox", "kiosk.post.office", "kiosk.screens.keeper", "flows.visit"}
    assert not {*never, "apsw", "PySide6", "httpx", "cv2", "transitions"} & set(loaded)
