"""Every page in every language, orientation and theme: nothing cut, tiny, crowded, unnamed or pale."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import inspection  # beside the tests of the face; the samples have made it known
import pytest
from desk_samples import PAGES, TESTS
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

import ui
from config.settings import Orientation
from flows.languages import Language
from flows.ports import Device, DeviceState, PanelKey, PrintOutcome
from kiosk.maintenance.bundle import Failed
from kiosk.maintenance.office import Process
from kiosk.post import network
from ui.technician import TechnicianFace, load_words

pytestmark = pytest.mark.slow

PAGE_FILES = sorted((Path(ui.__file__).parent / "qml" / "maintenance").glob("*.qml"))
REASONS = (
    "wrong", "wait", "locked", "expired", "not_yet", "another_kiosk", "used", "unreadable", "not_entered"
)  # fmt: skip

CHECKS = (
    inspection.cut_texts,
    inspection.outside_the_window,
    inspection.lone_characters,
    inspection.broken_words,
    inspection.small_targets,
    inspection.crowded_targets,
    inspection.rich_texts,
    inspection.unnamed_controls,
    inspection.missing_glyphs,
)
PALEST = {False: 4.5, True: 7.0}
WITH_ALL_INKS = ("login-wait", "overview", "panel", "network", "events")
"""Between them they have every component; looking at single pixels is slow."""


def speak(face: TechnicianFace, language: Language) -> None:
    for _ in Language:
        if face.language is language:
            return
        face.bridge.nextLanguage()


def show(face: TechnicianFace, name: str) -> None:
    PAGES[name](face)
    QGuiApplication.processEvents()


def looks(face: TechnicianFace) -> Iterator[tuple[str, inspection.Look]]:
    for language in Language:
        speak(face, language)
        for name in PAGES:
            show(face, name)
            yield f"{name} {language.value}", inspection.Look(face.window)


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("contrast", [False, True], ids=["standard", "contrast"])
def test_every_page_is_whole(desk: Callable[..., tuple], orientation: Orientation, contrast: bool) -> None:
    face, _, _ = desk(orientation)
    if contrast:
        face.comfort.toggleContrast()
    faults = [
        f"{place}: {check.__name__}: {fault}"
        for place, look in looks(face)
        for check in CHECKS
        for fault in check(look)
    ]
    assert not faults, "\n".join(faults[:40])


@pytest.mark.parametrize("contrast", [False, True], ids=["standard", "contrast"])
def test_text_stands_out_in_real_pixels(desk: Callable[..., tuple], contrast: bool) -> None:
    face, _, _ = desk()
    if contrast:
        face.comfort.toggleContrast()
    faults = []
    for name in WITH_ALL_INKS:
        show(face, name)
        look = inspection.Look(face.window)
        faults += [f"{name}: {fault}" for fault in inspection.pale_texts(look, PALEST[contrast])]
    assert not faults, "\n".join(faults)


def walk(face: TechnicianFace) -> set[str]:
    """What the keypad reaches by its two arrows."""
    reached = set()
    for _ in range(60):
        face.take_key(PanelKey.DOWN)
        item = face.window.activeFocusItem()
        if item is not None and item.objectName():
            reached.add(item.objectName())
    return reached


@pytest.mark.parametrize("name", ["login", "overview", "printer", "checklist"])
def test_the_keypad_reaches_every_button(desk: Callable[..., tuple], name: str) -> None:
    face, _, _ = desk()
    show(face, name)
    buttons = {seen.item.objectName() for seen in inspection.Look(face.window).buttons} - {""}
    assert buttons - {"scroll:up", "scroll:down"} <= walk(face)


def test_the_keypad_enters_and_goes_back(desk: Callable[..., tuple]) -> None:
    face, _, _ = desk()
    show(face, "overview")
    for _ in range(60):
        face.take_key(PanelKey.DOWN)
        if face.window.activeFocusItem().objectName() == "page:network":
            break
    while not face.window.property("settled"):
        QTest.qWait(10)
    face.take_key(PanelKey.OK)
    assert face.bridge.value("screen") == "network"
    face.take_key(PanelKey.BACK)
    assert face.bridge.value("screen") == "overview"


def test_every_word_that_a_page_names_exists() -> None:
    table = load_words()[Language.ENGLISH]
    text = "".join(path.read_text(encoding="utf-8") for path in PAGE_FILES)
    named = set(re.findall(r'Words\.(?:text|fill)\("([a-z_.0-9]+)"[,)]', text))
    assert len(named) > 60
    assert named <= table.keys()


@pytest.mark.parametrize("language", list(Language))
def test_whatever_maintenance_may_name_has_words(language: Language) -> None:
    table = load_words()[language]
    wanted = {
        *(f"maintenance.state.{state.value}" for state in DeviceState),
        *(f"maintenance.part.{device.value}" for device in Device),
        *(f"maintenance.key.{key.value}" for key in PanelKey),
        *(f"maintenance.printing.{outcome.value}" for outcome in PrintOutcome),
        *(f"maintenance.test.{test}" for test in TESTS),
        *(f"maintenance.denied.{reason}" for reason in REASONS),
        *(f"maintenance.problem.{problem}" for problem in network._REMEDIES),
        *(f"maintenance.bundle.{reason.value}" for reason in Failed),
        *(f"maintenance.part.{process.value}" for process in Process),
        *(f"maintenance.level.{level}" for level in ("debug", "info", "warning", "error", "critical")),
    }
    assert wanted <= table.keys()


# --- the checks find what is planted


def test_a_button_that_is_too_small_is_found(desk: Callable[..., tuple]) -> None:
    face, _, _ = desk()
    show(face, "login")
    key = next(each for each in inspection.Look(face.window).buttons if each.item.objectName() == "pad:5")
    key.item.setProperty("height", 40)
    assert inspection.small_targets(inspection.Look(face.window))


def test_a_text_that_does_not_fit_is_found(desk: Callable[..., tuple]) -> None:
    face, _, _ = desk()
    show(face, "network")
    long = {"hop": "name" + "x" * 90, "health": "mend", "ms": 1, "cause": "", "remedy": ""}
    face.bridge.take({"event": "network", "hops": [long]})
    look = inspection.Look(face.window)
    assert inspection.broken_words(look) or inspection.cut_texts(look)
