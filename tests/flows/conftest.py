"""A person at the kiosk, without a screen: hands events to a visit and remembers what it asked for."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from config.settings import Site, SiteKind, Timing
from flows.events import (
    Answered,
    CaseKept,
    Command,
    DeviceChanged,
    Event,
    KeepCase,
    LanguageChosen,
    ServiceChosen,
    Ticked,
    Touch,
    Touched,
)
from flows.facts import KioskFacts
from flows.languages import Language
from flows.loading.pack_loader import load_packs
from flows.pack import PackBook
from flows.ports import Device, DeviceState, Kept
from flows.view import QuestionBody, ViewState
from flows.visit import Visit

HONG_KONG = timezone(timedelta(hours=8))
TEST_PACKS = Path(__file__).parent / "packs"
"""Packs of the engine's own tests: services may change without them."""

REFERENCE = "528319476034"
RECEIPT_CODE = "7KQ2M9XWHT"

Kind = TypeVar("Kind")

SITES = {
    SiteKind.REPORT_ROOM: Site(
        code="report-room",
        kind=SiteKind.REPORT_ROOM,
        name={"en": "Wan Chai Report Room", "zh-Hant": "灣仔報案室", "zh-Hans": "湾仔报案室"},
        address={"en": "1 Arsenal Street", "zh-Hant": "軍器廠街 1 號", "zh-Hans": "军器厂街 1 号"},
        desk={"en": "the counter", "zh-Hant": "櫃位", "zh-Hans": "柜台"},
        desk_phone="2860 0000",
    ),
    SiteKind.MTR: Site(
        code="mtr",
        kind=SiteKind.MTR,
        name={"en": "Admiralty MTR Station", "zh-Hant": "金鐘港鐵站", "zh-Hans": "金钟港铁站"},
        desk={"en": "the customer service centre", "zh-Hant": "客務中心", "zh-Hans": "客务中心"},
        desk_phone="2860 0001",
    ),
    SiteKind.BORDER: Site(
        code="border",
        kind=SiteKind.BORDER,
        name={
            "en": "HZMB Passenger Clearance Building",
            "zh-Hant": "港珠澳大橋旅檢大樓",
            "zh-Hans": "港珠澳大桥旅检大楼",
        },
        desk={"en": "the Police Reporting Centre", "zh-Hant": "警察報案中心", "zh-Hans": "警察报案中心"},
        desk_phone="2860 0002",
    ),
}


class SteppedClock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.start = datetime(2026, 11, 21, 15, 42, tzinfo=HONG_KONG)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds - 1000)

    def monotonic(self) -> float:
        return self.seconds


class Person:
    """Someone at a kiosk. `asked` holds every command so far."""

    def __init__(self, packs: PackBook, site: Site, timing: Timing, accepting: bool = True) -> None:
        self.clock = SteppedClock()
        numbers = random.Random(7)  # noqa: S311  the same ids in every run
        self.visit = Visit(
            packs=packs,
            site=site,
            timing=timing,
            clock=self.clock,
            kiosk=KioskFacts(kiosk_id="0042", app_version="0.1.0", accepting=accepting),
            new_id=lambda: UUID(int=numbers.getrandbits(128), version=4),
        )
        self.asked: list[Command] = []
        self.touches = 0

    @property
    def view(self) -> ViewState:
        return self.visit.view()

    @property
    def page(self) -> str:
        """The name of the question page, by its first field; else the screen."""
        body = self.view.body
        if isinstance(body, QuestionBody) and body.fields:
            return body.fields[0].name
        return self.view.screen.value

    def handle(self, event: Event) -> list[Command]:
        """Hand an event over; a mistake inside the visit fails the test."""
        commands = self.visit.handle(event)
        if self.visit.fault is not None:
            raise self.visit.fault
        self.asked += commands
        self.view  # noqa: B018  every state must be drawable
        return commands

    def touch(self, *touches: Touch) -> "Person":
        for touch in touches:
            self.touches += 1
            self.handle(Touched(touch))
        return self

    def next(self) -> "Person":
        return self.touch(Touch.NEXT)

    def answer(self, field: str, value: Any) -> "Person":
        self.handle(Answered(field, value))
        return self

    def fill(self, answers: dict[str, Any]) -> "Person":
        """Answer the fields of one page and go on."""
        for field, value in answers.items():
            self.answer(field, value)
        return self.next()

    def device(self, device: Device, state: DeviceState) -> "Person":
        self.handle(DeviceChanged(device, state))
        return self

    def wait(self, seconds: float, step: float = 0.5) -> "Person":
        """Time passes, with a tick every `step` seconds."""
        for _ in range(round(seconds / step)):
            self.clock.seconds += step
            self.handle(Ticked())
        return self

    def commands(self, kind: type[Kind]) -> list[Kind]:
        return [command for command in self.asked if isinstance(command, kind)]

    # --- ways through ---------------------------------------------------------------------------------------

    def begin(self, language: Language = Language.ENGLISH) -> "Person":
        """From the attract screen to the first page of the report."""
        self.touch(Touch.START)
        self.handle(LanguageChosen(language))
        self.touch(Touch.NO, Touch.NO, Touch.NO)
        self.handle(ServiceChosen("lost_property"))
        return self.next()

    def identify(self) -> "Person":
        """Give an identity card that is still there."""
        self.fill({})
        self.fill({"reporter.doc_type": "hkid"})
        return self.fill({"reporter.doc_no": "A123456(3)", "reporter.name_en": "CHAN TAI MAN"})

    def lose_wallet(self) -> "Person":
        """One wallet, briefly described."""
        self.fill({"loss.categories": ["wallet"]})
        self.fill({"items[0].description": "Brown leather"})
        return self.touch(Touch.SKIP)

    def say_where(self, place: str = "here") -> "Person":
        """When and where, not stolen."""
        self.fill({"loss.when": {"certainty": "exact", "date": "2026-11-21", "time": "14:00"}})
        self.fill({"loss.place_kind": place})
        if self.page == "loss.station_from":
            self.fill({"loss.station_from": "Admiralty"})
        if self.page == "loss.address":
            self.fill({"loss.address": "Nathan Road"}).touch(Touch.SKIP)
        return self.fill({"loss.suspected_theft": "no"})

    def leave_contact(self) -> "Person":
        """A phone number and nothing else."""
        self.fill({"reporter.phone": "91234567"})
        return self.touch(Touch.SKIP)

    def to_review(self, language: Language = Language.ENGLISH) -> "Person":
        return self.begin(language).identify().lose_wallet().say_where().leave_contact()

    def to_declare(self, language: Language = Language.ENGLISH) -> "Person":
        return self.to_review(language).next()

    def to_received(self, language: Language = Language.ENGLISH) -> "Person":
        self.to_declare(language).touch(Touch.SUBMIT)
        return self.kept()

    def kept(self) -> "Person":
        """The case is committed."""
        case = self.commands(KeepCase)[-1].case
        self.handle(CaseKept(Kept(case.case_id, REFERENCE, RECEIPT_CODE)))
        return self


@pytest.fixture(scope="session")
def packs() -> PackBook:
    return load_packs(["lost_property"], TEST_PACKS)


@pytest.fixture
def new_person(packs: PackBook) -> Callable[..., Person]:
    """Someone at a kiosk of a kind of site; all devices are ready unless said otherwise."""

    def build(site: SiteKind = SiteKind.REPORT_ROOM, *, devices: bool = True, **rules: Any) -> Person:
        timing = rules.pop("timing", Timing())
        person = Person(packs, SITES[site], timing, **rules)
        if devices:
            for device in Device:
                person.device(device, DeviceState.READY)
        return person

    return build


@pytest.fixture
def person(new_person: Callable[..., Person]) -> Person:
    return new_person()
