"""A kiosk on a clock that a test moves: the real visit and coordinator, and devices that can break.

The devices are models of what stands behind the ports: they answer later, by events, as the real ones do, and
remember the truth (which paper fell, whether the camera is on, what was committed), so that what the screen
claims can be held against it. The same faults are put on the wire in tests/devices and tests/e2e.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import UUID

from config.settings import Site, SiteKind, Timing
from flows.case import Case
from flows.events import (
    CaseKept,
    CaseNotKept,
    CentreAnswered,
    DeviceChanged,
    Ending,
    EnquiryAnswered,
    Event,
    OfficerCallChanged,
    PhotoTaken,
    PrintEnded,
    Scanned,
    Ticked,
    UploadChanged,
)
from flows.facts import KioskFacts
from flows.languages import Language
from flows.pack import PackBook
from flows.ports import (
    USABLE_STATES,
    Device,
    DeviceState,
    Enquiry,
    EnquiryAnswer,
    Kept,
    NotKept,
    OfficerCall,
    PrintOutcome,
    Question,
    Upload,
    UploadedFile,
)
from flows.receipt import ReceiptDocument
from flows.recipients import Recipient
from flows.view import ViewState
from flows.visit import Visit
from kiosk.screens.coordinator import Coordinator, Ports

HONG_KONG = timezone(timedelta(hours=8))
TICK_S = 1.0
PRINT_S = 2.0
STILL_S = 0.3
KEEP_S = 0.2
CENTRE_S = 1.0
ENQUIRY_S = 2.0
SCAN_S = 0.4
CALL_S = 0.1
REFERENCE = "528319476034"
OFFICIAL_NUMBER = "WCH RN 26000017"
WAY_S = 1.5
ADDRESS = "HTTPS://CENTRE.EXAMPLE/U/0123456789ABCDEFGHJKMNPQRS"
PICTURE = UploadedFile(str(UUID(int=9, version=4)), "picture", 4000, "0" * 64)
OPEN = Upload(is_open=True, is_reachable=True, address=ADDRESS, files=(PICTURE,))
STATUS = EnquiryAnswer(Enquiry.STATUS, state="in_progress", received_at="2026-11-20T03:10:00Z", ticket="T.1")
RECEIPT = b"REPORT1:004276384875:7KQ2M9XWHT"
PASSPORT = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"

SITE = Site(
    code="report-room",
    kind=SiteKind.REPORT_ROOM,
    name={"en": "Wan Chai Report Room", "zh-Hant": "灣仔報案室", "zh-Hans": "湾仔报案室"},
    address={"en": "1 Arsenal Street", "zh-Hant": "軍器廠街 1 號", "zh-Hans": "军器厂街 1 号"},
    desk={"en": "the counter", "zh-Hant": "櫃位", "zh-Hans": "柜台"},
    desk_phone="2860 0000",
    services=["lost_property", "technology_crime", "report_supplement"],
)


class SteppedClock:
    """Both clocks of a machine; the wall clock may be set to anything."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.wall_ahead = timedelta()

    def now(self) -> datetime:
        start = datetime(2026, 11, 21, 15, 42, tzinfo=HONG_KONG)
        return start + timedelta(seconds=self.seconds - 1000) + self.wall_ahead

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Truth:
    """What really happened, whatever anybody says."""

    papers: list[str] = field(default_factory=list)
    awaited: set[UUID] = field(default_factory=set)  # handed to the keeper, who has not answered
    committed: list[UUID] = field(default_factory=list)
    camera_on: bool = False
    armed: bool = False
    call: OfficerCall = OfficerCall.NONE
    ending: Ending | None = None
    ways: dict[UUID, bool | None] = field(default_factory=dict)
    """Opened for phones: None until closed, then whether what arrived is kept."""
    counted: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)


class World:
    """One kiosk and its visit. Faults change the fields below; `mend_all` puts them back."""

    def __init__(self, packs: PackBook, timing: Timing | None = None) -> None:
        self.clock = SteppedClock()
        self.truth = Truth()
        self.views: list[ViewState] = []
        self.states = dict.fromkeys(Device, DeviceState.READY)
        self.mend_all()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        numbers = random.Random(7)  # noqa: S311  the same ids in every run
        self.visit = Visit(
            packs,
            SITE,
            timing or Timing(),
            self.clock,
            KioskFacts("0042", "0.1.0"),
            lambda: UUID(int=numbers.getrandbits(128), version=4),
        )
        ports = Ports(
            self, _Scanner(self), _Camera(self), self, self, _Phone(self), _Counter(self), self.keep, self.end
        )
        self.coordinator = Coordinator(self.visit, ports, self.views.append)
        self.coordinator.begin()
        for device in Device:
            self.tell(device, DeviceState.READY)

    def mend_all(self) -> None:
        """Every device and service answers as it should."""
        self.printing = PrintOutcome.PRINTED
        self.printer_mute = False
        self.printer_twice = False
        self.stills = "good"  # good, empty, never, late, other
        self.keeping: NotKept | None = None
        self.keeps_anyway = False
        self.keeper_silent = False
        self.keeper_delay_s = KEEP_S
        self.centre = "answers"  # answers, silent, other, twice
        self.enquiries = "answers"  # answers, silent, unreachable, other
        self.way = "open"  # open, silent, unreachable, other
        self.silent = False  # the devices process hangs: nothing comes from any device

    # --- what a test does -----------------------------------------------------------------------------------

    @property
    def view(self) -> ViewState:
        return self.views[-1]

    def dispatch(self, event: Event) -> None:
        """Hand an event to the visit; a mistake inside it fails the test."""
        self.coordinator.dispatch(event)
        if self.visit.fault is not None:
            raise self.visit.fault

    def tell(self, device: Device, state: DeviceState) -> None:
        """A device changes."""
        self.states[device] = state
        if device is Device.CAMERA and state not in USABLE_STATES:
            self.truth.camera_on = False
        if not self.silent:
            self.dispatch(DeviceChanged(device, state))

    def pass_(self, seconds: float) -> None:
        """Time goes on; what is due happens, and the visit hears its ticks."""
        until = self.clock.seconds + seconds
        while self.clock.seconds < until - 1e-9:
            step_to = min(until, self.clock.seconds + TICK_S)
            while self._due and self._due[0][0] <= step_to:
                at, _, act = heapq.heappop(self._due)
                self.clock.seconds = max(self.clock.seconds, at)
                act()
            self.clock.seconds = step_to
            self.dispatch(Ticked())

    def put_document(self, payload: bytes = PASSPORT) -> None:
        """Somebody holds a document before the reader."""
        if self.truth.armed and not self.silent:
            if self.states[Device.SCANNER] in USABLE_STATES:
                self._later(SCAN_S, lambda: self.dispatch(Scanned(payload)))
            elif self.states[Device.DOCUMENT_READER] in USABLE_STATES:
                self._later(SCAN_S, lambda: self.dispatch(Scanned(payload, Device.DOCUMENT_READER)))
            elif self.truth.camera_on and self.states[Device.CAMERA] in USABLE_STATES:
                self._later(SCAN_S, lambda: self.dispatch(Scanned(payload, Device.CAMERA)))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.clock.seconds + seconds, next(self._order), act))

    # --- the ports ------------------------------------------------------------------------------------------

    def print_receipt(self, job_id: str, _receipt: ReceiptDocument) -> None:
        """The printer port. A job known by its id is the same piece of paper."""
        self._later(PRINT_S, lambda: self._printed(job_id))

    def _printed(self, job_id: str) -> None:
        outcome = self.printing if self.states[Device.PRINTER] in USABLE_STATES else PrintOutcome.NOT_PRINTED
        on_paper = outcome is PrintOutcome.PRINTED or self.printer_mute
        if on_paper and job_id not in self.truth.papers:
            self.truth.papers.append(job_id)
        if self.printer_mute or self.silent:
            return
        for _ in range(2 if self.printer_twice else 1):
            self.dispatch(PrintEnded(job_id, outcome, self.states[Device.PRINTER]))

    def keep(self, case: Case) -> None:
        """The keeper."""
        self.truth.awaited.add(case.case_id)
        self._later(self.keeper_delay_s, lambda: self._keep(case))

    def _keep(self, case: Case) -> None:
        if self.keeper_silent:
            return
        self.truth.awaited.discard(case.case_id)
        if self.keeping is None or self.keeps_anyway:
            self._commit(case.case_id)
        if self.keeping is not None:
            self.dispatch(CaseNotKept(self.keeping))
            return
        self.dispatch(CaseKept(Kept(case.case_id, REFERENCE, "7KQ2M9XWHT")))
        self._later(CENTRE_S, lambda: self._centre(case.case_id))

    def _commit(self, case_id: UUID) -> None:
        if case_id not in self.truth.committed:
            self.truth.committed.append(case_id)

    def _centre(self, case_id: UUID) -> None:
        match self.centre:
            case "answers":
                self.dispatch(CentreAnswered(case_id, OFFICIAL_NUMBER))
            case "twice":
                self.dispatch(CentreAnswered(case_id, OFFICIAL_NUMBER))
                self.dispatch(CentreAnswered(case_id, "WCH RN 99999999"))
            case "other":
                self.dispatch(CentreAnswered(UUID(int=1, version=4), "WCH RN 99999999"))

    def ask(self, enquiry_id: UUID, question: Question) -> None:
        """The enquiries of the courier."""
        self._later(ENQUIRY_S, lambda: self._answer(enquiry_id, question))

    def _answer(self, enquiry_id: UUID, question: Question) -> None:
        answer = STATUS if question.check else EnquiryAnswer(Enquiry.CHECK_SENT)
        match self.enquiries:
            case "answers":
                self.dispatch(EnquiryAnswered(enquiry_id, answer))
            case "unreachable":
                self.dispatch(EnquiryAnswered(enquiry_id, EnquiryAnswer(Enquiry.UNREACHABLE)))
            case "other":
                self.dispatch(EnquiryAnswered(UUID(int=5, version=4), answer))

    def end(self, ending: Ending) -> None:
        """The visit is over."""
        self.truth.ending = ending

    def call_officer(self) -> None:
        """The panel's lamp; without a panel nobody sees it, and the devices process still remembers."""
        self._call(OfficerCall.CALLING)

    def officer_came(self) -> None:
        """Somebody is here."""
        self._call(OfficerCall.NONE)

    def _call(self, state: OfficerCall) -> None:
        if not self.silent:
            self.truth.call = state
            self._later(CALL_S, lambda: self.dispatch(OfficerCallChanged(self.truth.call)))

    def capture(self, photo_id: str) -> None:
        """A still of the camera."""
        if self.silent:
            return
        works = self.states[Device.CAMERA] in USABLE_STATES
        match self.stills if works else "empty":
            case "good":
                self._later(STILL_S, lambda: self.dispatch(PhotoTaken(photo_id, b"\xff\xd8jpeg")))
            case "empty":
                self._later(STILL_S, lambda: self.dispatch(PhotoTaken(photo_id, b"")))
            case "late":
                self._later(30.0, lambda: self.dispatch(PhotoTaken(photo_id, b"\xff\xd8late")))
            case "other":
                self._later(STILL_S, lambda: self.dispatch(PhotoTaken("another", b"\xff\xd8other")))


class _Scanner:
    def __init__(self, world: World) -> None:
        self._truth = world.truth

    def arm(self) -> None:
        self._truth.armed = True

    def disarm(self) -> None:
        self._truth.armed = False


class _Camera:
    def __init__(self, world: World) -> None:
        self._truth = world.truth
        self.capture = world.capture

    def open(self) -> None:
        self._truth.camera_on = True

    def close(self) -> None:
        self._truth.camera_on = False


class _Phone:
    """The way for files, and a visitor's phone that sends one as soon as it can."""

    def __init__(self, world: World) -> None:
        self._world = world

    def open(self, upload_id: UUID, _recipient: Recipient, _limit: int, _language: Language) -> None:
        self._world.truth.ways[upload_id] = None
        self._world._later(WAY_S, lambda: self._tell(upload_id, ()))
        self._world._later(2 * WAY_S, lambda: self._tell(upload_id, (PICTURE,)))

    def _tell(self, upload_id: UUID, files: tuple[UploadedFile, ...]) -> None:
        match self._world.way:
            case "open":
                self._world.dispatch(
                    UploadChanged(
                        upload_id, Upload(is_open=True, is_reachable=True, address=ADDRESS, files=files)
                    )
                )
            case "unreachable":
                self._world.dispatch(UploadChanged(upload_id, Upload(is_open=False, is_reachable=False)))
            case "other":
                self._world.dispatch(UploadChanged(UUID(int=6, version=4), OPEN))

    def drop(self, upload_id: UUID, _file_id: str) -> None:
        assert upload_id in self._world.truth.ways

    def close(self, upload_id: UUID, *, keep: bool) -> None:
        ways = self._world.truth.ways
        assert ways[upload_id] is None, "one way was closed twice"
        ways[upload_id] = keep


class _Counter:
    def __init__(self, world: World) -> None:
        self._truth = world.truth

    def count(self, service: str, answers: Sequence[tuple[str, str]]) -> None:
        self._truth.counted.append((service, tuple(answers)))
