"""The window of levers: it shows what stands, and what is clicked reaches the simulators."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from config.loader import load
from config.settings import Paths, Settings
from devices import places
from devices.simulate import ControlServer, NotInProductionError
from flows.ports import Device
from kiosk.development import dock as docks
from kiosk.development.dock import Dock
from ui.bridge.dock import Standing


class Recorder:
    """A simulator that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def command(self, words: Mapping[str, Any]) -> None:
        self.told.append(words)
        if words.get("fault") == "garble":
            raise ValueError("not today")

    def shown(self) -> Mapping[str, object]:
        return {"paper_rows": 300}


@pytest.fixture
def settings() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
    loaded = load(site="mtr", profile="demo", environ={})
    paths = Paths(state=folder, runtime=folder, keys=folder)
    yield loaded.model_copy(update={"paths": paths})
    shutil.rmtree(folder)


@pytest.fixture
def world(settings: Settings) -> Iterator[dict[Device, Recorder]]:
    recorders = {device: Recorder() for device in Device}
    with ControlServer(places.simulators_socket(settings), recorders) as control:
        threading.Thread(target=control.serve_forever, args=(0.02,), daemon=True).start()
        yield recorders
        control.shutdown()


@pytest.fixture
def dock(settings: Settings, qapp: object) -> Iterator[Dock]:
    assert qapp is not None
    window = Dock(settings)
    window.hand.start()
    window.window.show()
    yield window
    window.close()


def items(item: QQuickItem) -> Iterator[QQuickItem]:
    yield item
    for child in item.childItems():
        yield from items(child)


def buttons(dock: Dock) -> dict[str, list[QQuickItem]]:
    found: dict[str, list[QQuickItem]] = {}
    for item in items(dock.window.contentItem()):
        if item.property("on") is not None and item.property("text"):
            found.setdefault(item.property("text"), []).append(item)
    return found


def click(dock: Dock, item: QQuickItem) -> None:
    centre = item.mapToScene(QPoint(int(item.width() / 2), int(item.height() / 2))).toPoint()
    QTest.mouseClick(dock.window, Qt.MouseButton.LeftButton, pos=centre)


def test_a_click_reaches_the_simulator_and_the_lever_shows_it(world, dock, qtbot):
    click(dock, buttons(dock)["paper out"][0])
    qtbot.waitUntil(lambda: world[Device.PRINTER].told == [{"device": "printer", "fault": "paper_out"}])
    # The devices process is not there: what it would say is given by hand.
    words = {"fault": "paper_out"}
    dock.hand.seen.disconnect()
    dock.bridge.stand({"printer": Standing("paper out", "bad", words, "paper 300")})
    assert buttons(dock)["paper out"][0].property("on") is True
    assert buttons(dock)["cover open"][0].property("on") is False
    shown = [item.property("text") for item in items(dock.window.contentItem())]
    assert "paper 300" in shown


def test_what_is_refused_is_said(world, dock, qtbot):
    click(dock, buttons(dock)["garble"][0])
    qtbot.waitUntil(lambda: "not today" in dock.bridge.state.value("note"))
    assert world[Device.PRINTER].told
    click(dock, buttons(dock)["paper low"][0])
    qtbot.waitUntil(lambda: dock.bridge.state.value("note") == "")


def test_without_simulators_it_waits_and_says_so(dock, qtbot):
    click(dock, buttons(dock)["paper low"][0])
    qtbot.waitUntil(lambda: "do not answer" in dock.bridge.state.value("note"))


def test_the_latest_paper_is_shown(world, settings, dock, qtbot):
    assert world
    papers = places.papers(settings)
    papers.mkdir()
    picture = Path(docks.dock_boards.write_code(settings.paths.runtime)[1])
    shutil.copy(picture, papers / "0001.png")
    qtbot.waitUntil(lambda: dock.bridge.state.value("paper").endswith("/papers/0001.png"))
    qtbot.waitUntil(
        lambda: any(
            item.metaObject().className().startswith("QQuickImage") and item.property("paintedWidth") > 0
            for item in items(dock.window.contentItem())
        )
    )


def test_every_lever_lies_within_the_window(dock):
    for named in buttons(dock).values():
        for button in named:
            left = button.mapToScene(QPoint(0, 0)).x()
            assert left >= 0
            assert left + button.width() <= dock.window.width()


def test_never_where_real_people_report(settings):
    with pytest.raises(NotInProductionError):
        docks.run(settings.model_copy(update={"production": True}))
