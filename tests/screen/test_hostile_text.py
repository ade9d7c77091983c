"""Text from a visitor is never a command: stored as typed, shown plain, printed as dots, in no log."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickItem

from central.centre import Centre
from central.keys.keyring import Keyring
from central.sealed.envelope import open_document, parse
from config.loader import load
from config.settings import Paths, Settings
from flows.events import (
    Answered,
    CaseKept,
    Command,
    DeviceChanged,
    Event,
    KeepCase,
    LanguageChosen,
    PrintReceipt,
    ServiceChosen,
    Ticked,
    Touch,
    Touched,
)
from flows.facts import KioskFacts
from flows.languages import Language
from flows.loading.pack_loader import load_packs
from flows.ports import Device, DeviceState, Kept
from flows.view import QuestionBody, ReviewBody, Screen
from flows.visit import Visit
from kiosk.post.outbox import Outbox
from kiosk.screens.clock import SystemClock
from kiosk.screens.keeper import Keeper
from kiosk.screens.visit_parts import CaseChecker
from ui import paper
from ui.engine import Face, create_application
from ui.robot import Robot

HOSTILE = {
    "control": "a\x1b@\x1dV\x00\x1bp\x07b\x7f\x9b2Jc",
    "rich": "<b>bold</b><img src=file:///etc/passwd><a href='x'>&amp;</a>",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0301\u0301",
    "override": "\u202eevil\u2066\u200b\ufeff",
    "format": "{0.__class__} %s%n ${jndi:x} '; DROP TABLE cases;-- =cmd|x",
    "path": "../../etc/passwd\n..\\x",
    "long": "長" * 10_000,
    "half": "\ud83d lone",
}
ANSWERS = {
    "reporter.doc_type": "hkid",
    "reporter.doc_lost": "yes",
    "reporter.name_en": "Chan",
    "loss.categories": ["wallet"],
    "event.when": {"certainty": "unknown"},
    "event.place_kind": "here",
    "loss.suspected_theft": "no",
    "reporter.phone": "91234567",
}


MOST_STEPS = 100


class SteppedClock(SystemClock):
    """Time-outs pass when a test says so."""

    def __init__(self) -> None:
        super().__init__("Asia/Hong_Kong")
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Bench:
    """A kiosk without processes: a visit, its face, a real keeper, and the centre that can open."""

    settings: Settings
    centre: Path
    face: Face
    keeper: Keeper
    visit: Visit
    clock: SteppedClock
    answered: list[str] = field(default_factory=list)

    def do(self, event: Event) -> list[Command]:
        commands = self.visit.handle(event)
        self.face.show_view(self.visit.view())
        return commands

    def fill_in(self, answers: dict[str, Any]) -> None:
        """From the first touch to the review."""
        self.do(DeviceChanged(Device.PRINTER, DeviceState.READY))
        self.do(Touched(Touch.START))
        self.do(LanguageChosen(Language.ENGLISH))
        for _ in range(MOST_STEPS):
            if self.visit.view().screen is Screen.REVIEW:
                return
            self.do(self._next(answers))
        pytest.fail(f"stuck at {self.visit.view()}")

    def _next(self, answers: dict[str, Any]) -> Event:
        view = self.visit.view()
        match view.screen:
            case Screen.TRIAGE:
                return Touched(Touch.NO)
            case Screen.SERVICES:
                return ServiceChosen("lost_property")
            case Screen.QUESTION:
                assert isinstance(view.body, QuestionBody)
                for asked in view.body.fields:
                    answer = answers.get(asked.name)
                    if answer is not None and asked.name not in self.answered:
                        self.answered.append(asked.name)
                        return Answered(asked.name, answer)
        assert view.can_next or view.can_skip
        return Touched(Touch.NEXT if view.can_next else Touch.SKIP)

    def submit(self) -> tuple[Kept, PrintReceipt]:
        """From the review to the receipt."""
        self.do(Touched(Touch.NEXT))
        (keep,) = [command for command in self.do(Touched(Touch.SUBMIT)) if isinstance(command, KeepCase)]
        kept = self.keeper.keep(keep.case)
        assert isinstance(kept, Kept)
        commands = self.do(CaseKept(kept))
        self.clock.seconds += self.settings.timing.centre_wait_s + 1
        commands += self.do(Ticked())
        (printed,) = [command for command in commands if isinstance(command, PrintReceipt)]
        return kept, printed

    def at_centre(self) -> dict[str, Any]:
        """The one case of the outbox, as the centre opens it."""
        outbox = Outbox.open(self.settings.paths.outbox, 10_000_000)
        assert isinstance(outbox, Outbox)
        received = parse(outbox.envelope(1))
        outbox.close()
        document: dict[str, Any] = json.loads(open_document(received, Keyring.load(self.centre)))
        return document


@pytest.fixture
def bench(qapp: QGuiApplication, tmp_path: Path) -> Iterator[Bench]:
    assert qapp is not None
    create_application()
    paths = Paths(state=tmp_path / "state", runtime=tmp_path, keys=tmp_path / "keys", rime=tmp_path / "rime")
    settings = load(site="report-room", profile="demo", environ={}).model_copy(update={"paths": paths})
    centre = Centre(tmp_path / "centre")
    centre.init("ADM", ("localhost",))
    centre.enrol(settings.kiosk_number, paths.keys, 1)
    packs = load_packs(["lost_property"])
    clock = SteppedClock()
    visit = Visit(packs, settings.site, settings.timing, clock, KioskFacts("0001", "1"), uuid4)
    face = Face(settings, lambda _: None, visit.view())
    face.present()
    keeper = Keeper.open(settings, CaseChecker(packs).is_faulty)
    yield Bench(settings, tmp_path / "centre", face, keeper, visit, clock)
    face.hide()
    face.deleteLater()


def stored(text: str) -> str:
    """As typed, as long as the field takes; half a character, which UTF-8 does not have, is replaced."""
    return text.replace("\ud83d", "\ufffd")[:200]


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_stored_as_typed_and_only_shown(
    bench: Bench, kind: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    text = HOSTILE[kind]
    bench.fill_in({**ANSWERS, "items[1].description": text})
    review = bench.visit.view().body
    assert isinstance(review, ReviewBody)
    kept, printed = bench.submit()
    (item,) = bench.at_centre()["items"]
    assert item["description"] == stored(text)
    image = paper.render(printed.receipt)
    assert image.height < 8000
    assert kept.reference in repr(printed.receipt)
    logged = capfd.readouterr().out + capfd.readouterr().err + caplog.text
    assert text[:20] not in logged


def test_nothing_of_it_reaches_the_receipt(bench: Bench) -> None:
    bench.fill_in({**ANSWERS, "items[1].description": "canary-7731", "reporter.name_en": "canary-name"})
    _, printed = bench.submit()
    assert "canary" not in repr(printed.receipt)


def test_markup_is_shown_as_plain_text(bench: Bench) -> None:
    bench.fill_in({**ANSWERS, "items[1].description": HOSTILE["rich"]})
    QGuiApplication.processEvents()
    items = Robot(bench.face.window).shown("")
    labels = [item for item in items if HOSTILE["rich"] in str(item.property("text") or "")]
    assert labels
    assert all(is_plain(item) for item in labels)


def is_plain(item: QQuickItem) -> bool:
    """PySide cannot read the property, whose type belongs to QML."""
    context = qmlContext(item)
    assert context is not None
    plain, _ = QQmlExpression(context, item, f"textFormat === {Qt.TextFormat.PlainText.value}").evaluate()
    return bool(plain)
