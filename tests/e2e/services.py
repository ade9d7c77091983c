"""Services with a phone, a paper of before, an office of its own and packs from the centre: one day.

The visits are played once; what they left is judged by `check_…`, each of which is shown a planted bug.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import ssl
import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import whole
import zxingcpp
from PIL import Image
from season import script
from test_whole_life import script as script_of
from typer.testing import CliRunner

from central.cli import app as report_centre
from central.keys import locked
from central.keys.development import ESCROW, PASSPHRASE
from central.keys.development import PACKS as PACKS_KEY
from central.keys.escrow import EscrowKey
from central.keys.keyring import Keyring
from central.packs import bundle as central_bundle
from central.recipients import Recipient
from central.sealed.base import UnreadableError
from central.sealed.envelope import open_document, parse
from config.loader import load
from config.settings import Settings
from flows.languages import Language
from flows.loading.pack_loader import PACKS
from kiosk.bundles import bundling
from kiosk.development.parts import Part, centre_folder, environment_of, programs
from kiosk.played.bystander import RECEIPT, Bystander
from kiosk.played.playbook import Playbook
from kiosk.played.visitor import Performance, Played, Theatre
from kiosk.post.pack_bundle import draft, manifest_of
from kiosk.post.pack_ledger import Ledger, read_ledger

SURVEY = {"satisfied": ["good"], "easy": ["bad"], "reasons": ["too_long"]}
SERVICE = "technology_crime"
SITE = {"services": [SERVICE, "report_status", "report_supplement", "police_complaint"]}
FIRST_DAY, NEXT_DAY = "Etc/GMT+12", "Pacific/Kiritimati"
"""Zones that are never on the same day: what was counted in the first is of a day before in the other."""

NEW_OPTION = "lottery"
SPARES = 6
PATIENCE_S = 40.0


def picture(colour: int) -> bytes:
    """A PNG of one point."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    point = zlib.compress(bytes([0, colour, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", point) + chunk(b"IEND", b"")


PICTURES = (picture(200), picture(90))
REFUSED = b"MZ" + bytes(range(256)) * 8
"""A program, whatever its name says."""


@dataclass
class Phone(Bystander):
    """A phone that reads the code on the screen, opens the page and sends what its owner chose."""

    files: tuple[bytes, ...] = ()
    then: Callable[[], None] = lambda: None
    page: int = 0
    answers: list[int] = field(default_factory=list)
    address: str = ""

    def __init__(self, centre: Path, *files: bytes, then: Callable[[], None] = lambda: None) -> None:
        super().__init__(centre)
        self._folder, self.files, self.then = centre, files, then
        self.page, self.answers, self.address = 0, [], ""

    def send(self, address: str, count: int) -> None:
        """Open `address` and send the files; `count` of them are to arrive."""
        start, mark, token = address.partition("/U/")
        self.address = f"{start.lower()}{mark}{token}"
        with self.browser() as browser:
            self.page = browser.get(self.address).status_code
            for content in self.files:
                sent = browser.post(
                    f"{self.address}/files",
                    content=content,
                    headers={"Content-Type": "application/octet-stream"},
                )
                self.answers.append(sent.status_code)
        assert count <= len(self.files)
        self.then()

    def browser(self) -> httpx.Client:
        """A client that trusts this centre alone."""
        trust = ssl.create_default_context(cafile=str(self._folder / "ca.pem"))
        return httpx.Client(verify=trust, timeout=PATIENCE_S)


@dataclass
class Day:
    """What was seen, in the order of the day."""

    phone: Phone | None = None
    codes: set[str] = field(default_factory=set)
    """What a phone reads on the pictures of the visit with files."""
    shown: list[str] = field(default_factory=list)
    """Pages of the visit with the status, in their order."""
    scam: dict[str, Any] = field(default_factory=dict)
    opened: dict[str, Any] = field(default_factory=dict)
    """The case with files, as an officer opened it."""
    file_hashes: list[str] = field(default_factory=list)
    claimed: list[bool] = field(default_factory=list)
    added: dict[str, Any] = field(default_factory=dict)
    added_to: str = ""
    complaint: dict[str, Any] = field(default_factory=dict)
    by_reports_key: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """Ids of cases, by the role of who asked."""
    calls: list[str] = field(default_factory=list)
    """Screens of the complaint on which an officer could be called."""
    counts: list[tuple[Any, ...]] = field(default_factory=list)
    """The survey's rows at the centre."""
    counts_left: int = -1
    """Those on the kiosk afterwards."""
    changed: dict[str, Any] = field(default_factory=dict)
    broken: Ledger | None = None
    doctor: str = ""
    killed_files: list[bool] = field(default_factory=list)
    after_kill: int = 0
    """What a phone was told that went on sending."""
    left_on_kiosk: list[str] = field(default_factory=list)


def said(*words: object, typed: str = "") -> str:
    """What a person types at the centre, beside the server that runs."""
    result = CliRunner().invoke(report_centre, [str(word) for word in words], input=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def settings_of_the_day() -> Settings:
    """A kiosk with the services of this day."""
    demo = load(site="report-room", profile="demo", environ={})
    site = demo.site.model_copy(update=SITE)
    post = demo.post.model_copy(update={"tallies_within_s": 0})
    return demo.model_copy(update={"site": site, "post": post, "time_zone": FIRST_DAY})


def books() -> list[Playbook]:
    """A deception, its status and what is added, a complaint, and those that are played with new packs."""
    english = {"language": Language.ENGLISH}  # no input method: quicker
    scam = script(f"services/{SERVICE}", files=2, survey=SURVEY, **english)
    more = script("services/report_supplement", scans=[RECEIPT], **english)
    complaint = script("services/police_complaint", survey=SURVEY, **english)
    changed = script(f"services/{SERVICE}", files=1, answers={"scam.kind": NEW_OPTION}, **english)
    return [scam, more, complaint, *[changed] * SPARES]


def changed_packs(folder: Path) -> Path:
    """The shipped packs with one more answer to the first question of `SERVICE`, as version 1.1."""
    shutil.copytree(PACKS, folder / "packs")
    shutil.copytree(PACKS.parent / "lists", folder / "lists")
    pack = folder / "packs" / SERVICE
    _replace(pack / "pack.yaml", 'version: "1.0"', 'version: "1.1"')
    _replace(
        pack / "pack.yaml",
        "          - {value: shopping, icon: shopping-bag}\n",
        "          - {value: shopping, icon: shopping-bag}\n"
        f"          - {{value: {NEW_OPTION}, icon: ellipsis}}\n",
    )
    for language, words in {"en": "A lottery", "zh-Hant": "彩票", "zh-Hans": "彩票"}.items():
        _replace(
            pack / "texts" / f"{language}.yaml",
            "      shopping: ",
            f"      {NEW_OPTION}: {words}\n      shopping: ",
        )
    return folder


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has changed"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


class Director:
    """Plays the day in `theatre`, and looks at what it left."""

    def __init__(self, theatre: Theatre, folder: Path) -> None:
        self.theatre, self.folder, self.day = theatre, folder, Day()
        self.world = theatre.world
        self.settings = self.world.settings
        self.centre = centre_folder(self.settings)
        self.house = ("--centre", self.centre)
        self._next = 0
        self._tokens: dict[str, str] = {}

    def visit(self, phone: Phone | None = None, earlier: Mapping[str, Any] | None = None) -> Performance:
        """The next visitor comes, and leaves."""
        performance = self._coming()
        performance.bystander = phone or Phone(self.centre)
        if earlier is not None:
            performance.bystander.take_along(dict(earlier))
        performance.begin()
        performance.wait_over()
        return performance

    def _coming(self) -> Performance:
        """The next one whose screen lives: screens that gave way took their scripts along."""

        def living() -> list[tuple[int, Performance]]:
            waiting = enumerate(self.theatre.performances[self._next :], self._next)
            return [pair for pair in waiting if pair[1].has_come.is_set() and _lives(pair[1].process)]

        whole.until(lambda: bool(living()), "a screen is ready", PATIENCE_S)
        number, performance = living()[0]
        self._next = number + 1
        return performance

    def cases(self) -> list[dict[str, Any]]:
        return self.theatre.cases()

    def await_screens_with_packs(self, number: int) -> None:
        """Every screen that waits for a visitor asks with this bundle."""

        def asks(performance: Performance) -> bool:
            words = Path(f"/proc/{performance.process}/cmdline").read_bytes().split(b"\0")
            return (
                str(number).encode() in words[words.index(b"--packs") + 1 :] if b"--packs" in words else False
            )

        def all_ask() -> bool:
            waiting = self.theatre.performances[self._next :]
            living = [each for each in waiting if each.has_come.is_set() and _lives(each.process)]
            return bool(living) and all(map(asks, living))

        whole.until(all_ask, "the screens ask with the new packs", PATIENCE_S)

    def await_screen(self) -> None:
        """A screen is there again."""
        pids = [each.process for each in self.theatre.performances[self._next :]]
        assert pids, "there are spare visits"
        whole.until(lambda: self.world.process_id(Part.SCREEN) is not None, "the screen is back", PATIENCE_S)

    # --- people at the centre ---

    def at_inbox(self, role: str) -> httpx.Client:
        """The inbox, as somebody with this role sees it."""
        if role not in self._tokens:
            self._tokens[role] = said("officers", "add", role, "--role", role, *self.house).strip()
        log = (self.world.folder / "log" / "centre.log").read_text()
        url = next(line.split()[-1] for line in log.splitlines() if "inbox" in line.split()[:-1])
        trust = ssl.create_default_context(cafile=str(self.centre / "ca.pem"))
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        return httpx.Client(base_url=url, verify=trust, headers=headers, timeout=PATIENCE_S)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the centre's own database."""
        with closing(sqlite3.connect(f"file:{self.centre / 'centre.db'}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    # --- packs ---

    def publish(self, files: Mapping[str, bytes], number: int) -> None:
        """Sign and offer a bundle to every kiosk, whatever is in it."""
        manifest = manifest_of(
            files,
            number=number,
            made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            app_from="0.1",
            app_below="99",
        )
        key = locked.open_packs(self.centre / PACKS_KEY, PASSPHRASE)
        signed = self.folder / f"{number}.signed"
        signed.write_bytes(central_bundle.sign(draft(manifest, files), key))
        said("packs", "publish", signed, *self.house)
        self.world.kill(Part.COURIER)  # it asks the centre as soon as it is back

    def ledger(self) -> Ledger:
        return read_ledger(self.settings.paths.packs)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def day_of(folder: Path) -> Iterator[Director]:
    """A kiosk and its centre at the beginning of the day."""
    (folder / "pictures").mkdir()
    first, *others = books()
    played = [Played(first, folder / "pictures"), *map(Played, others)]
    with Theatre(settings_of_the_day(), played) as theatre:
        yield Director(theatre, folder)


def play_day(folder: Path) -> Day:
    """Everything once, in order."""
    with day_of(folder) as director:
        packs = changed_packs(folder / "work")
        for chapter in (
            _files_come_from_a_phone,
            _the_receipt_comes_back,
            _a_complaint_is_made,
            lambda each: _packs_change(each, packs),
            _the_screen_dies_while_files_come,
            _numbers_are_carried,
            lambda each: _a_broken_bundle_comes(each, packs),
        ):
            chapter(director)
    return director.day


def _good(performance: Performance) -> Performance:
    assert not performance.told.failure, performance.told.failure
    return performance


def _files_come_from_a_phone(director: Director) -> None:
    """A visitor sends two pictures and a program; an officer opens what arrived."""
    day = director.day
    day.phone = Phone(director.centre, PICTURES[0], REFUSED, PICTURES[1])
    _good(director.visit(day.phone))
    for path in (director.folder / "pictures").glob("*.png"):
        with Image.open(path) as picture_:
            day.codes |= {code.text for code in zxingcpp.read_barcodes(picture_.convert("L"))}
    director.theatre.await_cases(1)
    day.scam = director.cases()[0]
    case = f"/v1/cases/{day.scam['case']}"
    with director.at_inbox("officer") as inbox:
        day.opened = inbox.post(f"{case}/open").json()
        for each in day.opened["document"]["upload"]["files"]:
            content = inbox.post(f"{case}/files/{each['file_id']}/open").content
            day.file_hashes.append(hashlib.sha256(content).hexdigest())
    day.claimed = _claimed(director, day.scam["case"])


def _claimed(director: Director, case_id: str) -> list[bool]:
    """Of every file at the centre whether `case_id` has named it."""
    found = director.rows(
        "SELECT u.case_id FROM uploaded_files f JOIN uploads u USING (upload_id) WHERE f.whole_at IS NOT NULL"
    )
    return [each == UUID(case_id).hex for (each,) in found]


def _the_receipt_comes_back(director: Director) -> None:
    """Another visit: the receipt is typed in, the check comes by SMS, and something is added."""
    day = director.day
    performance = _good(director.visit(earlier=day.scam))
    day.shown = performance.told.places
    director.theatre.await_cases(2)
    day.added = director.cases()[1]
    with director.at_inbox("officer") as inbox:
        day.added_to = inbox.get(f"/v1/cases/{day.added['case']}").json()["supplement_to"]


def _a_complaint_is_made(director: Director) -> None:
    """It is sealed to its own office, and is in nobody else's list."""
    day = director.day
    performance = _good(director.visit())
    day.calls = [step["page"] for step in performance.told.steps if step["offers_officer"]]
    whole.until(lambda: bool(_complaints(director)), "the complaint arrives", PATIENCE_S)
    day.complaint = _complaints(director)[0]
    for role in ("officer", "complaints"):
        with director.at_inbox(role) as inbox:
            listed = inbox.get("/v1/cases").json()["cases"]
            day.lists[role] = [each["case"] for each in listed]
    day.by_reports_key = _opened_by_reports(director, day.complaint["case"])


def _complaints(director: Director) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(said("list", "--complaints", "--json", *director.house))
    return listed


def _opened_by_reports(director: Director, case_id: str) -> str:
    """What the keys of reports, the primary and the one in the safe, say to the envelope of `case_id`."""
    ((envelope,),) = director.rows(f"SELECT envelope FROM cases WHERE case_id = '{UUID(case_id).hex}'")  # noqa: S608
    keyring = Keyring.load(director.centre)
    ours = {
        kid: key for kid, key in keyring.opening.items() if keyring.recipient_of([kid]) is Recipient.REPORTS
    }
    safe = EscrowKey.unlock(director.centre / ESCROW, PASSPHRASE)
    received = parse(envelope)
    assert open_document(received, keyring), "the office itself opens it"
    for keys in (EscrowKey(ours), safe):
        try:
            open_document(received, keys)
        except UnreadableError:
            continue
        return "opened"
    return "closed"


def _packs_change(director: Director, packs: Path) -> None:
    """The centre publishes another question while the kiosk runs; the next visitor is asked it."""
    files = {path.relative_to(packs).as_posix(): path.read_bytes() for path in sorted(packs.rglob("*.yaml"))}
    bundling.build(packs, 1, datetime.now(UTC))  # as its author does: refuses mistakes
    director.publish(files, 1)
    whole.until(lambda: director.ledger().in_use == 1, "the bundle is in use", PATIENCE_S)
    director.await_screens_with_packs(1)
    _good(director.visit(Phone(director.centre, PICTURES[0])))
    director.theatre.await_cases(3)
    director.day.changed = director.cases()[-1]


def _the_screen_dies_while_files_come(director: Director) -> None:
    """The screen is killed after the first file; the phone goes on."""
    day = director.day
    before = len(director.cases())

    def kill() -> None:
        director.world.kill(Part.SCREEN)

    phone = Phone(director.centre, PICTURES[0], then=kill)
    performance = director.visit(phone)
    assert performance.told.failure, "a dead screen ends no visit"
    with phone.browser() as browser:
        whole.until(lambda: browser.get(phone.address).status_code == 404, "the way is closed", PATIENCE_S)
        day.after_kill = browser.post(f"{phone.address}/files", content=PICTURES[1]).status_code
    director.await_screen()
    assert len(director.cases()) == before
    found = director.rows(
        "SELECT u.case_id FROM uploaded_files f JOIN uploads u USING (upload_id) ORDER BY f.began_at"
    )
    day.killed_files = [case_id is not None for (case_id,) in found][-1:]
    token = phone.address.rpartition("/")[2].encode()
    base = director.world.folder
    files = [path for path in base.rglob("*") if path.is_file() and not path.is_relative_to(director.centre)]
    day.left_on_kiosk = [
        path.name for path in files if token in path.read_bytes().upper() or PICTURES[0] in path.read_bytes()
    ]


def _numbers_are_carried(director: Director) -> None:
    """The day is over where the courier is started next, and the centre gets its numbers."""
    day = director.day
    director.world.hold(Part.COURIER)
    morrow = director.settings.model_copy(update={"time_zone": NEXT_DAY})
    (program,) = programs(morrow, (Part.COURIER,))
    with subprocess.Popen(
        program.command,
        env={**os.environ, **program.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as courier:
        try:
            whole.until(lambda: _tallies(director) != [], "the numbers are at the centre", PATIENCE_S)
            whole.until(lambda: _uncarried(director) == 0, "the kiosk forgets them", PATIENCE_S)
        finally:
            courier.terminate()
    day.counts, day.counts_left = _tallies(director), _uncarried(director)
    director.world.release(Part.COURIER)


def _tallies(director: Director) -> list[tuple[Any, ...]]:
    return director.rows("SELECT * FROM tallies ORDER BY service, question, option")


def _uncarried(director: Director) -> int:
    with closing(sqlite3.connect(f"file:{director.settings.paths.tallies}?mode=ro", uri=True)) as db:
        ((count,),) = db.execute("SELECT count(*) FROM tallies").fetchall()
    return int(count)


def _a_broken_bundle_comes(director: Director, packs: Path) -> None:
    """Signed as it should be, with a question that has no words."""
    _replace(packs / "packs" / SERVICE / "texts" / "en.yaml", f"      {NEW_OPTION}: A lottery\n", "")
    files = {path.relative_to(packs).as_posix(): path.read_bytes() for path in sorted(packs.rglob("*.yaml"))}
    director.publish(files, 2)
    whole.until(lambda: director.ledger().refused is not None, "the bundle is refused", PATIENCE_S)
    director.day.broken = director.ledger()
    director.day.doctor = subprocess.run(
        [script_of("kiosk"), "doctor"],
        env={**os.environ, **environment_of(director.settings)},
        check=False,
        capture_output=True,
        text=True,
    ).stdout
