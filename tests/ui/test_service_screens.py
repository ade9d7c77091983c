"""The pages that the services need: whole in every look, and right under a finger, a keypad and a phone."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import inspection
import numpy as np
import pytest
import zxingcpp
from inspection import Look
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from samples import SAMPLES
from service_samples import (
    CAR,
    SERVICE_SAMPLES,
    SERVICES,
    files_open,
    headings_of,
    list_full,
    notice_entries,
    stations,
)
from test_screens import CHECKS

from config.settings import Orientation, Paths
from flows.events import (
    Answered,
    ChangeAsked,
    Event,
    FileDeleted,
    MemberRemoved,
    Rated,
    ServiceChosen,
    SlipAsked,
    Touch,
    Touched,
)
from flows.fields.sketch import is_sketch
from flows.languages import Language
from flows.ports import PanelKey
from flows.view import (
    Field,
    FieldKind,
    FilesBody,
    ListBody,
    NoticeBody,
    QuestionBody,
    ServicesBody,
    ViewState,
)
from ui.bridge.comfort import TEXT_PERCENTS
from ui.bridge.visit import is_same_page
from ui.engine import Face
from ui.robot import Robot

pytestmark = pytest.mark.slow

Build = Callable[..., Face]
EN, HANT, HANS = Language.ENGLISH, Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE
HERE = Touched(Touch.MORE_TIME)
LOOKS = list(product(Orientation, TEXT_PERCENTS, (False, True)))
MOST_PRESSES = 90


def dress(face: Face, percent: int, contrast: bool) -> Face:
    while face.comfort.textPercent != percent:
        face.comfort.nextTextSize()
    if contrast:
        face.comfort.toggleContrast()
    return face


class Visitor:
    """A face, a robot before it, and the events that came of it."""

    def __init__(self, build: Build, view: ViewState, *look: Any, **more: Any) -> None:
        self.events: list[Event] = []
        self.face = build(*look, send=self.events.append, **more)
        self.robot = Robot(self.face.window)
        self.show(view)

    def show(self, view: ViewState) -> None:
        self.face.show_view(view)
        self.robot.settle()
        self.events.clear()

    def did(self) -> list[Event]:
        """What came of it besides that somebody is here."""
        return [event for event in self.events if event != HERE]


# --- whole in every look ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("orientation", "percent", "contrast"), LOOKS)
def test_every_page_is_whole(gallery: Build, orientation: Orientation, percent: int, contrast: bool) -> None:
    face = dress(gallery(orientation), percent, contrast)
    # Every language where texts are longest and where most people look; the other looks take turns.
    turn = LOOKS.index((orientation, percent, contrast)) % len(Language)
    every = percent == 200 and not contrast
    languages = list(Language) if every else [list(Language)[turn]]
    faults = []
    for language, (name, make) in product(languages, SERVICE_SAMPLES.items()):
        face.show_view(make(language))
        look = Look(face.window)
        faults += [
            f"{name} {language.value}: {check.__name__}: {fault}"
            for check in (*CHECKS, inspection.buried_texts)
            for fault in check(look)
        ]
    assert not faults, "\n".join(faults[:60])


@pytest.mark.parametrize(("contrast", "least"), [(False, 4.5), (True, 7.0)], ids=["standard", "contrast"])
def test_text_stands_out_in_real_pixels(gallery: Build, contrast: bool, least: float) -> None:
    face = dress(gallery(), 100, contrast)
    faults = []
    for name, make in SERVICE_SAMPLES.items():
        face.show_view(make(EN))
        faults += [f"{name}: {fault}" for fault in inspection.pale_texts(Look(face.window), least)]
    assert not faults, "\n".join(faults)


def red_places(look: Look, but: str) -> list[str]:
    """Where the red of emergencies is, beside the button `but`."""
    buttons = [seen.rect for seen in look.buttons if seen.item.objectName() == but]
    image, red = look.picture, QColor("#C4122F").rgb()
    return [
        f"{x}, {y}"
        for y in range(0, image.height(), 7)
        for x in range(0, image.width(), 7)
        if image.pixel(x, y) == red and not any(rect.contains(x, y) for rect in buttons)
    ]


def test_red_is_the_emergency_buttons_alone(gallery: Build) -> None:
    face = gallery()
    for name in (
        "notice_officer",
        "notice_legal",
        "notice_calm",
        "list_full",
        "waiting_failed",
        "survey_rated",
    ):
        face.show_view(SERVICE_SAMPLES[name](EN))
        assert red_places(Look(face.window), "bar:emergency") == [], name


@pytest.mark.parametrize("orientation", list(Orientation))
def test_words_never_lie_under_the_buttons_beside_them(gallery: Build, orientation: Orientation) -> None:
    face = dress(gallery(orientation), 200, contrast=False)
    for make in (
        SERVICE_SAMPLES["sketch"],
        SERVICE_SAMPLES["files_some"],
        SAMPLES["date"],
        SAMPLES["received"],
    ):
        face.show_view(make(EN))
        assert inspection.buried_texts(Look(face.window)) == []


# --- services by group --------------------------------------------------------------------------------------


def in_sight(face: Face, item: QQuickItem) -> bool:
    rect = item.mapRectToScene(item.boundingRect())
    sight = QRectF(0, 0, face.window.width(), face.window.height())
    above = item.parentItem()
    while above is not None:
        if above.clip():
            sight = sight.intersected(above.mapRectToScene(above.boundingRect()))
        above = above.parentItem()
    return sight.adjusted(-1, -1, 1, 1).contains(rect)


def check_the_first_service_is_found_at_once(gallery: Build, *look: Any) -> None:
    orientation, percent, contrast = look
    face = dress(gallery(orientation), percent, contrast)
    face.show_view(SERVICE_SAMPLES["services_all"](EN))
    Look(face.window)
    tiles = {item.objectName(): item for item in Robot(face.window).shown("service:")}
    assert "service:lost_property" in tiles
    first = tiles.pop("service:lost_property")
    assert in_sight(face, first)
    top = first.mapToScene(first.boundingRect().topLeft()).y()
    assert all(item.mapToScene(item.boundingRect().topLeft()).y() > top for item in tiles.values())
    assert all(item.width() <= first.width() for item in tiles.values())
    assert len(tiles) == len(SERVICES) - 1


@pytest.mark.parametrize("look", LOOKS[::3])
def test_lost_property_is_found_at_once(gallery: Build, look: Any) -> None:
    check_the_first_service_is_found_at_once(gallery, *look)


def test_tiles_of_a_group_stand_together_though_the_site_mixes_them(gallery: Build) -> None:
    view = SERVICE_SAMPLES["services_all"](EN)
    assert isinstance(view.body, ServicesBody)
    tiles = view.body.tiles
    mixed = (tiles[0], tiles[2], tiles[6], tiles[3], tiles[1], tiles[7], tiles[4])
    face = gallery()
    face.show_view(replace(view, body=ServicesBody(mixed)))
    look = Look(face.window)
    words = [
        str(seen.item.property("text"))
        for seen in sorted(look.texts, key=lambda seen: (round(seen.rect.top() / 40), seen.rect.left()))
    ]
    order = [
        words.index(each)
        for each in (
            "Crime and scams",
            "Report a crime",
            "Roads and traffic",
            "Traffic complaint",
            "Lost and found",
        )
    ]
    assert order == sorted(order)


def test_the_last_service_is_reached_by_the_scroll_buttons(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["services_all"](HANT))
    visitor.robot.tap("service:information")
    assert visitor.did() == [ServiceChosen("information")]


def test_a_page_that_goes_while_it_glides_holds_nothing_up(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["services_all"](EN))
    button = visitor.robot.await_item("scroll:down")
    point = button.mapRectToScene(button.boundingRect()).center().toPoint()
    QTest.mouseClick(visitor.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert not visitor.face.window.property("settled")  # it glides
    visitor.show(SERVICE_SAMPLES["notice_calm"](EN))


# --- a touch becomes an event -------------------------------------------------------------------------------

TOUCHES: list[tuple[str, str, Event]] = [
    ("notice_calm", "button:next", Touched(Touch.NEXT)),
    ("notice_entries", "button:finish", Touched(Touch.FINISH)),
    ("notice_entries", "button:back", Touched(Touch.BACK)),
    ("notice_officer", "button:call_officer", Touched(Touch.CALL_OFFICER)),
    ("notice_emergency", "button:call_officer", Touched(Touch.CALL_OFFICER)),
    ("list_full", "button:add", Touched(Touch.ADD)),
    ("list_full", "change:transactions[1]", ChangeAsked("transactions[1]")),
    ("list_full", "button:next", Touched(Touch.NEXT)),
    ("list_empty", "button:add", Touched(Touch.ADD)),
    ("files_some", "delete_file:a4", FileDeleted("a4")),
    ("files_unreachable", "button:next", Touched(Touch.NEXT)),
    ("files_opening", "button:skip", Touched(Touch.SKIP)),
    ("waiting_failed", "button:next", Touched(Touch.NEXT)),
    ("waiting_failed", "button:back", Touched(Touch.BACK)),
    ("survey_rating", "rate:bad", Rated("bad")),
    ("survey_rating", "button:skip", Touched(Touch.SKIP)),
    ("survey_reasons", "rate:too_long", Rated("too_long")),
    ("survey_reasons", "button:next", Touched(Touch.NEXT)),
    ("stations_one_line", "tile:loss.stop:tsw", Answered("loss.stop", "tsw")),
    ("received_slips", "slip:exchange[1]", SlipAsked("exchange[1]")),
    ("services_six", "service:commendation", ServiceChosen("commendation")),
]


@pytest.mark.parametrize("orientation", list(Orientation))
def test_a_touch_becomes_one_event(gallery: Build, orientation: Orientation) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["waiting"](EN), orientation)
    for sample, name, event in TOUCHES if orientation is Orientation.PORTRAIT else TOUCHES[::4]:
        visitor.show(SERVICE_SAMPLES[sample](EN))
        visitor.robot.tap(name)
        assert (sample, name, visitor.did()) == (sample, name, [event])


# --- by keypad ----------------------------------------------------------------------------------------------

WALKS: list[tuple[str, list[str], list[Event]]] = [
    ("services_all", ["service:commendation"], [ServiceChosen("commendation")]),
    (
        "notice_officer",
        ["button:call_officer", "button:finish"],
        [Touched(Touch.CALL_OFFICER), Touched(Touch.FINISH)],
    ),
    (
        "list_full",
        ["remove:transactions[1]", "remove_yes:transactions[1]"],
        [MemberRemoved("transactions[1]")],
    ),
    ("files_some", ["delete_file:a2", "button:next"], [FileDeleted("a2"), Touched(Touch.NEXT)]),
    ("survey_rating", ["rate:fair", "button:skip"], [Rated("fair"), Touched(Touch.SKIP)]),
    ("stations", ["heading:loss.station:1", "tile:loss.station:tst"], [Answered("loss.station", "tst")]),
    (
        "car",
        ["zone:vehicles[0].damage:rear"],
        [Answered("vehicles[0].damage", ["front_left", "roof", "rear"])],
    ),
    ("sketch", ["undo:accident.sketch", "button:next"], [Touched(Touch.NEXT)]),
    (
        "received_slips",
        ["slip:exchange[1]", "button:finish"],
        [SlipAsked("exchange[1]"), Touched(Touch.FINISH)],
    ),
]


def test_pages_are_finished_by_keypad_alone(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["waiting"](EN))

    def walk_to(name: str) -> None:
        for _ in range(MOST_PRESSES):
            visitor.face.press(PanelKey.DOWN)
            QGuiApplication.processEvents()
            item = visitor.face.window.activeFocusItem()
            if item is not None and item.objectName() == name:
                return
        raise AssertionError(f"the keypad does not reach {name}")

    for sample, stops, wanted in WALKS:
        visitor.show(SERVICE_SAMPLES[sample](EN))
        for stop in stops:
            walk_to(stop)
            visitor.robot.settle()
            visitor.face.press(PanelKey.OK)
            QGuiApplication.processEvents()
        did = [event for event in visitor.did() if not (sample == "sketch" and isinstance(event, Answered))]
        assert (sample, did) == (sample, wanted)


# --- the list -----------------------------------------------------------------------------------------------


def check_removal_asks_once(gallery: Build) -> None:
    visitor = Visitor(gallery, list_full(EN))
    visitor.robot.tap("remove:transactions[0]")
    assert visitor.did() == []
    visitor.robot.tap("remove_no:transactions[0]")
    assert visitor.robot.find("remove_yes:transactions[0]") is None
    visitor.robot.tap("remove:transactions[0]")
    visitor.robot.tap("remove_yes:transactions[0]")
    assert visitor.did() == [MemberRemoved("transactions[0]")]


def test_removal_asks_once(gallery: Build) -> None:
    check_removal_asks_once(gallery)


def test_the_next_row_is_not_asked_for_when_one_has_gone(gallery: Build) -> None:
    visitor = Visitor(gallery, list_full(EN))
    visitor.robot.tap("remove:transactions[0]")
    visitor.robot.tap("remove_yes:transactions[0]")
    view = list_full(EN)
    assert isinstance(view.body, ListBody)
    rows = tuple(replace(row, target=f"transactions[{n}]") for n, row in enumerate(view.body.rows[1:]))
    visitor.show(replace(view, body=replace(view.body, rows=rows)))
    assert visitor.robot.shown("remove_yes:") == []
    assert len(visitor.robot.shown("remove:")) == 2


def test_a_quick_second_tap_removes_nothing(gallery: Build) -> None:
    visitor = Visitor(gallery, list_full(EN))
    item = visitor.robot.await_item("remove:transactions[0]")
    point = item.mapRectToScene(item.boundingRect()).center().toPoint()
    visitor.robot.picture()
    for place in (point, point, point):
        QTest.mouseClick(
            visitor.face.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
    assert visitor.did() == []


def test_what_cannot_be_removed_or_added_offers_neither(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["list_one"](EN))
    assert visitor.robot.shown("remove:") == []
    assert visitor.robot.find("button:add") is None


# --- the listed picker --------------------------------------------------------------------------------------


def check_a_station_is_found_by_its_letters(gallery: Build, rime: Path) -> None:
    visitor = Visitor(gallery, stations(EN), paths=Paths(rime=rime))
    visitor.robot.tap("field:loss.station:search")
    visitor.robot.type_keys("wan")
    visitor.robot.await_item("tile:loss.station:wac")
    shown = {str(item.property("text")) for item in visitor.robot.shown("tile:loss.station:")}
    assert {"Wan Chai", "Tsuen Wan", "Sham Wan"} & shown >= {"Wan Chai", "Tsuen Wan"}
    assert not {"Central", "Kwun Tong"} & shown
    assert len(visitor.robot.shown("tile:loss.station:tsw")) == 1  # though it stands under two lines
    visitor.robot.tap("tile:loss.station:wac")
    assert visitor.did() == [Answered("loss.station", "wac")]


def test_a_station_is_found_by_its_letters(gallery: Build, rime_tables: Path) -> None:
    check_a_station_is_found_by_its_letters(gallery, rime_tables)


def test_a_station_is_found_by_its_line(gallery: Build) -> None:
    visitor = Visitor(gallery, stations(HANT), Orientation.LANDSCAPE)
    visitor.robot.tap("heading:loss.station:0")
    visitor.robot.tap("headings:loss.station")
    visitor.robot.tap("heading:loss.station:1")
    visitor.robot.tap("tile:loss.station:tst")
    assert visitor.did() == [Answered("loss.station", "tst")]
    assert "尖沙咀" in visitor.robot.text("listed:chosen")


def test_nothing_found_is_said(gallery: Build) -> None:
    visitor = Visitor(gallery, stations(EN))
    visitor.robot.tap("field:loss.station:search")
    visitor.robot.type_keys("zz")
    assert visitor.robot.text("listed:found").startswith("Nothing found")
    assert visitor.robot.shown("tile:") == []


def listed(name: str, language: Language) -> ViewState:
    """A page with one of the lists of the kiosk."""
    page = stations(language)
    assert isinstance(page.body, QuestionBody)
    field = replace(page.body.fields[0], value="", headings=headings_of(name, language))
    return replace(page, body=QuestionBody((field,)))


TYPED = [
    ("mtr_stations", "湾仔", "wac"),
    ("mtr_stations", "灣仔", "wac"),
    ("mtr_stations", "Wan Chai", "wac"),
    ("mtr_stations", "wanchai", "wac"),
    ("mtr_stations", "ｗａｎ　ｃｈａｉ", "wac"),  # letters as wide as Chinese ones
    ("mtr_stations", "Wàn Chaï", "wac"),
    ("mtr_stations", "九龙塘", "kot"),
    ("mtr_stations", "鑽石", "dih"),
    ("mtr_stations", "铜锣灣", "cab"),  # half and half
    ("mtr_stations", "銅锣湾", "cab"),
    ("banks", "汇丰", "hsbc"),
    ("banks", "滙豐", "hsbc"),
    ("banks", "匯豐", "hsbc"),  # as many keyboards write it
    ("banks", "ＨＳＢＣ", "hsbc"),
    ("banks", "支付宝（内地）", "alipay"),  # only the traditional name says "mainland"
    ("control_points", "深圳湾", "shenzhen_bay"),
    ("control_points", "皇岗", "lok_ma_chau"),
    ("control_points", "macao", "hzmb"),
]


def check_names_are_found_in_any_script(gallery: Build) -> None:
    visitor = Visitor(gallery, listed("banks", EN))
    for language, (name, typed, code) in product(Language, TYPED):
        visitor.show(listed(name, language))
        picker = visitor.robot.await_item("field:loss.station:search")
        while picker.property("query") is None:
            picker = picker.parentItem()
        picker.setProperty("query", typed)
        found = [entry["value"] for entry in picker.property("found").toVariant()]
        assert found[:1] == [code], (language.value, typed, found)


def test_names_are_found_in_any_script(gallery: Build) -> None:
    check_names_are_found_in_any_script(gallery)


def test_a_list_of_two_hundred_pages_and_stays_quick(gallery: Build) -> None:
    view = stations(EN)
    assert isinstance(view.body, QuestionBody)
    heading = view.body.fields[0].headings[0]
    options = tuple(replace(heading.options[0], value=f"c{n}", label=f"Country {n}") for n in range(200))
    field = replace(
        view.body.fields[0], name="country", value="", headings=(replace(heading, options=options),)
    )
    visitor = Visitor(gallery, replace(view, body=QuestionBody((field,))))
    visitor.robot.tap("tile:country:c199")
    assert visitor.did() == [Answered("country", "c199")]


# --- the car ------------------------------------------------------------------------------------------------


def check_picture_and_words_are_one_choice(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["car"](EN))
    name = "vehicles[0].damage"
    visitor.robot.tap(f"zone:{name}:rear_left")
    assert visitor.robot.await_item(f"tile:{name}:rear_left").property("selected")
    visitor.robot.tap(f"tile:{name}:underneath")
    assert visitor.robot.await_item(f"zone:{name}:underneath").property("marked")
    visitor.robot.tap(f"zone:{name}:front_left")
    assert not visitor.robot.await_item(f"tile:{name}:front_left").property("selected")
    assert visitor.did()[-1] == Answered(name, ["roof", "rear_left", "underneath"])


def test_picture_and_words_are_one_choice(gallery: Build) -> None:
    check_picture_and_words_are_one_choice(gallery)


@pytest.mark.parametrize("language", list(Language))
def test_every_zone_is_named_for_speech(gallery: Build, language: Language) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["car"](language))
    place = {EN: 1, HANT: 2, HANS: 3}[language]
    said = {str(item.property("say")) for item in visitor.robot.shown("zone:")}
    assert said == {zone[place] for zone in CAR}


def test_a_marked_zone_is_known_without_colour(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["car"](EN))
    look = Look(visitor.face.window)
    ticks = [
        seen
        for seen in look.items
        if "QQuickImage" in seen.kinds and "/check/" in str(seen.item.property("source").toString())
    ]
    zones = [item.mapRectToScene(item.boundingRect()) for item in visitor.robot.shown("zone:")]
    assert sum(any(zone.contains(tick.rect.center()) for zone in zones) for tick in ticks) == 2


# --- the drawing --------------------------------------------------------------------------------------------


def drawn(visitor: Visitor) -> str:
    events = [event for event in visitor.did() if isinstance(event, Answered)]
    return str(events[-1].value) if events else ""


def check_a_drawing_keeps_within_its_bounds(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["sketch_empty"](EN))
    visitor.robot.draw("sketch:accident.plan", [[(100, 100), (300, 300), (1400, 300), (500, -300)]])
    value = drawn(visitor)
    assert is_sketch(value), value
    assert value.startswith(("99,", "100,", "101,"))


def test_a_drawing_keeps_within_its_bounds(gallery: Build) -> None:
    check_a_drawing_keeps_within_its_bounds(gallery)


def test_lines_are_undone_and_cleared(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["sketch_empty"](EN))
    visitor.robot.tap("road:accident.plan:roundabout")
    road = drawn(visitor)
    assert is_sketch(road)
    visitor.robot.draw("sketch:accident.plan", [[(100, 100), (300, 300)], [(600, 600), (700, 600)]])
    assert drawn(visitor).startswith(road + ";")
    assert drawn(visitor).count(";") == road.count(";") + 2
    visitor.robot.tap("undo:accident.plan")
    assert drawn(visitor).count(";") == road.count(";") + 1
    visitor.robot.tap("road:accident.plan:straight")
    assert drawn(visitor).startswith("380,0 380,1000;")
    assert drawn(visitor).endswith("300,300") or "300," in drawn(visitor).rpartition(";")[2]
    visitor.robot.tap("clear:accident.plan")
    assert drawn(visitor) == ""
    visitor.robot.tap("button:skip")
    assert visitor.did()[-1] == Touched(Touch.SKIP)


def test_a_drawing_that_is_full_takes_no_more(gallery: Build) -> None:
    field = Field("plan", FieldKind.SKETCH, "", ";".join(["1,1 500,500"] * 200), max_length=20_000)
    view = replace(SERVICE_SAMPLES["sketch_empty"](EN), body=QuestionBody((field,)))
    visitor = Visitor(gallery, view)
    visitor.robot.draw("sketch:plan", [[(100, 100), (300, 300)]])
    assert visitor.did() == []


def test_a_drawing_finger_does_not_scroll_the_page(gallery: Build) -> None:
    visitor = Visitor(gallery, SERVICE_SAMPLES["sketch_empty"](EN), Orientation.LANDSCAPE)
    dress(visitor.face, 150, contrast=False)
    visitor.robot.draw("sketch:accident.plan", [[(500, 300)]])
    before = visitor.face.window.property("scrollPlace")
    visitor.robot.draw("sketch:accident.plan", [[(500, 480), (500, 440), (500, 400), (500, 350)]])
    assert visitor.face.window.property("scrollPlace") == before
    assert drawn(visitor).count(",") >= 4


def test_a_drawing_that_is_none_is_shown_empty(gallery: Build) -> None:
    field = Field("plan", FieldKind.SKETCH, "", "<b>1,1</b>;drop table;9,9", max_length=20_000)
    visitor = Visitor(gallery, replace(SERVICE_SAMPLES["sketch_empty"](EN), body=QuestionBody((field,))))
    visitor.robot.tap("undo:plan")
    assert drawn(visitor) == ""


# --- the survey ---------------------------------------------------------------------------------------------


def check_skip_never_moves(gallery: Build, orientation: Orientation) -> None:
    face = gallery(orientation)
    places = set()
    for name in ("survey_rating", "survey_rated", "survey_reasons"):
        face.show_view(SERVICE_SAMPLES[name](EN))
        Look(face.window)
        item = Robot(face.window).await_item("button:skip")
        places.add(item.mapRectToScene(item.boundingRect()).getRect())
    assert len(places) == 1


@pytest.mark.parametrize("orientation", list(Orientation))
def test_skip_is_always_in_the_same_place(gallery: Build, orientation: Orientation) -> None:
    check_skip_never_moves(gallery, orientation)


def test_the_survey_counts_its_own_questions(gallery: Build) -> None:
    face = gallery()
    face.show_view(SERVICE_SAMPLES["survey_rated"](EN))
    words = {str(seen.item.property("text")) for seen in Look(face.window).texts}
    assert "Your opinion · 2 of 3" in words
    assert not any("Step" in each for each in words)


def test_slips_of_one_name_are_told_apart(gallery: Build) -> None:
    face = gallery()
    face.show_view(SERVICE_SAMPLES["received_slips"](EN))
    said = [str(item.property("text")) for item in Robot(face.window).shown("slip:")]
    assert len(set(said)) == len(said) == 2


# --- confidential services ----------------------------------------------------------------------------------


def check_no_officer_is_offered(gallery: Build) -> None:
    face = gallery()
    for sample in ("emergency_confidential", "notice_confidential", "list_full"):
        face.show_view(replace(SERVICE_SAMPLES[sample](EN), offers_officer=False, calls_reach=True))
        look = Look(face.window)
        robot = Robot(face.window)
        assert robot.find("button:call_officer") is None
        bar = robot.await_item("bar:emergency")
        assert "officer" not in f"{bar.property('text')} {bar.property('say')}", sample
        assert "999" in str(bar.property("text"))
        words = " ".join(str(seen.item.property("text")) for seen in look.texts)
        assert sample != "emergency_confidential" or "officer" not in words, words


def test_a_confidential_service_offers_no_officer(gallery: Build) -> None:
    check_no_officer_is_offered(gallery)


# --- codes --------------------------------------------------------------------------------------------------


def codes(face: Face) -> list[str]:
    Robot(face.window).settle()
    image = face.window.grabWindow().convertToFormat(face.window.grabWindow().Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return [code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(pixels[:, : image.width()]))]


def check_codes_are_read_by_a_phone(gallery: Build) -> None:
    face = gallery()
    files, notice = files_open(EN), notice_entries(EN)
    assert isinstance(files.body, FilesBody)
    assert isinstance(notice.body, NoticeBody)
    face.show_view(files)
    assert codes(face) == [files.body.code]
    face.show_view(replace(files, body=replace(files.body, code="https://centre.example/u/ANOTHER")))
    assert codes(face) == ["https://centre.example/u/ANOTHER"]
    face.show_view(notice)
    assert codes(face) == [notice.body.code]


def test_codes_are_read_by_a_phone(gallery: Build) -> None:
    check_codes_are_read_by_a_phone(gallery)


# --- pages --------------------------------------------------------------------------------------------------


def test_two_notices_are_two_pages_and_another_language_is_none() -> None:
    calm = SERVICE_SAMPLES["notice_calm"]
    assert is_same_page(calm(EN), calm(HANT))
    assert is_same_page(calm(EN), replace(calm(EN), can_next=False))
    assert not is_same_page(calm(EN), notice_entries(EN))
    assert not is_same_page(list_full(EN), replace(list_full(EN), title="Who saw it?"))
    assert not is_same_page(SERVICE_SAMPLES["survey_rating"](EN), SERVICE_SAMPLES["survey_rated"](EN))


# --- planted bugs -------------------------------------------------------------------------------------------


BUGS: list[tuple[str, str, str, Callable[[Build], None]]] = [
    (
        "controls/MemberCard.qml",
        "card.asked();",
        "Bridge.visit.removeMember(card.target);",
        check_removal_asks_once,
    ),
    (
        "controls/SketchField.qml",
        "Math.max(0, Math.min(1000, Math.round(value * 1000 / area.width)))",
        "Math.round(value * 1000 / area.width)",
        check_a_drawing_keeps_within_its_bounds,
    ),
    (
        "controls/CarField.qml",
        "chosen: tiles.chosen ?? []",
        "chosen: field.value",
        check_picture_and_words_are_one_choice,
    ),
    ("controls/BottomBar.qml", "Bridge.state.offers_officer", "true", check_no_officer_is_offered),
    ("screens/Emergency.qml", "Bridge.state.offers_officer", "true", check_no_officer_is_offered),
    (
        "screens/Survey.qml",
        "steadySkip: true",
        "steadySkip: false",
        lambda build: check_skip_never_moves(build, Orientation.PORTRAIT),
    ),
    (
        "screens/Services.qml",
        "few ? tiles : tiles.slice(0, 1)",
        "few ? tiles : tiles.slice(2, 3)",
        lambda build: check_the_first_service_is_found_at_once(build, *LOOKS[0]),
    ),
    (
        "controls/Band.qml",
        "tight ? Math.min(Theme.supportText, Theme.mm(9.4)) : Theme.supportText",
        "Theme.supportText",
        lambda build: test_words_never_lie_under_the_buttons_beside_them(build, Orientation.LANDSCAPE),
    ),
    ("controls/CallCard.qml", "card.calm ? (down", "false ? (down", test_red_is_the_emergency_buttons_alone),
    ("controls/Code.qml", "Bridge.pictures.code", "7", check_codes_are_read_by_a_phone),
    (
        "controls/ScrollArea.qml",
        "if (glide.running)",
        "if (false)",
        test_a_page_that_goes_while_it_glides_holds_nothing_up,
    ),
]


@pytest.mark.parametrize(("file", "before", "after", "check"), BUGS, ids=[bug[0] for bug in BUGS])
def test_planted_bugs_are_found(
    planted: Callable[..., Build], file: str, before: str, after: str, check: Callable[[Build], None]
) -> None:
    with pytest.raises(AssertionError):
        check(planted(file, before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[entry.label, ...entry.names]", "[entry.label]"),
        ("simpler.get(letter) ?? letter", "letter"),
        ('"NFKD"', '"NFD"'),
    ],
    ids=["one-language", "no-simpler", "wide-letters"],
)
def test_planted_searches_that_know_one_script_are_found(
    planted: Callable[..., Build], before: str, after: str
) -> None:
    with pytest.raises(AssertionError):
        check_names_are_found_in_any_script(planted("pickers/ListSearch.js", before, after))


def test_planted_a_search_that_takes_any_letters_is_found(
    planted: Callable[..., Build], rime_tables: Path
) -> None:
    build = planted("pickers/ListSearch.js", "word.startsWith(wanted)", "true")
    with pytest.raises(AssertionError):
        check_a_station_is_found_by_its_letters(build, rime_tables)
