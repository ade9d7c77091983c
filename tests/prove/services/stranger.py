"""Somebody at a kiosk who does anything: mostly what the screen offers, sometimes what it does not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar
from uuid import UUID

from flows.answering.known_answers import split
from flows.documents.hkid import check_digit
from flows.events import (
    AdmissionChanged,
    Answered,
    AskCentre,
    CapturePhoto,
    CaseKept,
    CaseNotKept,
    CentreAnswered,
    ChangeAsked,
    ComfortChanged,
    DeviceChanged,
    EnquiryAnswered,
    Event,
    FileDeleted,
    HeadphonesChanged,
    KeepCase,
    LanguageChosen,
    MemberRemoved,
    OfficerCallChanged,
    OpenUpload,
    PhotoDeleted,
    PhotoTaken,
    PresenceChanged,
    PrintEnded,
    PrintReceipt,
    Rated,
    Scanned,
    ServiceChosen,
    SlipAsked,
    Ticked,
    Touch,
    Touched,
    UploadChanged,
)
from flows.languages import Language
from flows.ports import (
    Device,
    DeviceState,
    Enquiry,
    EnquiryAnswer,
    Kept,
    NotKept,
    OfficerCall,
    PrintOutcome,
    Upload,
    UploadedFile,
)
from flows.recipients import Recipient
from flows.reference import payload
from flows.view import (
    Field,
    FieldKind,
    FilesBody,
    ListBody,
    PhotoBody,
    QuestionBody,
    ReceivedBody,
    ReviewBody,
    Screen,
    ServicesBody,
    SurveyBody,
    ViewState,
)
from tests.flows.conftest import Person
from tests.services.visitor import FAR_AHEAD, PASSPORT, RECEIPT_CODE, REFERENCE, typed

Picked = TypeVar("Picked")

ENDS = (Touch.QUICK_EXIT, Touch.STOP_CONFIRM, Touch.FINISH)
CALM = tuple(touch for touch in Touch if touch not in ENDS)
BAD = ("", "x", "-1", "999999999999", "4111 1111 1111 1111", "\u202e\x1b[31m", "a@", "2031-02-30", "陳" * 400)
SCANS = (PASSPORT, b"", b"\xff" * 5000, b"P<UTO", payload(REFERENCE, RECEIPT_CODE).encode(), b"4006381333931")
WAITS_S = (0.5, 0.5, 0.5, 2.0, 9.0, 25.0)
LONG_WAIT_S = 70.0
_FILES = ("picture", "document")
STATUS = EnquiryAnswer(
    Enquiry.STATUS,
    "in_progress",
    "WCH RN 26001234",
    "2026-11-20T10:00:00+08:00",
    "2026-11-21T09:00:00+08:00",
    {"en": "We are looking.", "zh-Hant": "正在尋找。", "zh-Hans": "正在寻找。"},
    "ticket-of-a-report",
)


class Stranger:
    """Chooses the next events of a visit. `words` are the texts typed so far that nothing else looks like."""

    def __init__(self, person: Person, random: Random, languages: list[Language]) -> None:
        self.person = person
        self.languages = languages
        self.random = random
        self.words: dict[str, str] = {}
        self._printed = 0
        self._count = 0

    def _pick(self, values: Sequence[Picked]) -> Picked:
        return self.random.choice(values)

    def _often(self, share: float) -> bool:
        return self.random.random() < share

    # --- one step -------------------------------------------------------------------------------------------

    def step(self) -> Iterator[Event]:
        """The next events; each is to be handed over before the next one is asked for."""
        kind = self.random.random()
        if kind < 0.72:
            yield from self.sensible(self.person.view)
        elif kind < 0.84:
            yield from self._anything()
        else:
            yield from self._world()

    def sensible(self, view: ViewState) -> Iterator[Event]:
        """What a visitor does who reads the screen."""
        if view.overlay is not None:
            yield Touched(self._pick((Touch.MORE_TIME, Touch.STOP_CANCEL)))
            return
        body = view.body
        if isinstance(body, QuestionBody):
            yield from self._page(body)
        elif isinstance(body, ServicesBody):
            yield ServiceChosen(self._pick(body.tiles).service) if body.tiles else Touched(Touch.BACK)
        elif isinstance(body, PhotoBody | FilesBody) and self._often(0.6):
            yield from self._photo(body) if isinstance(body, PhotoBody) else self._files(body)
        elif isinstance(body, ReceivedBody):
            yield from self._paper(body)
        else:
            yield from self._one(view)

    def _one(self, view: ViewState) -> Iterator[Event]:
        body = view.body
        if isinstance(body, ReviewBody) and body.rows and self._often(0.4):
            yield ChangeAsked(self._pick(body.rows).target)
        elif isinstance(body, ListBody):
            yield self._list(body)
        elif isinstance(body, SurveyBody) and self._often(0.6):
            yield Rated(self._pick(body.options))
        else:
            yield from self._on(view)

    def _on(self, view: ViewState) -> Iterator[Event]:
        ways: dict[Screen, Callable[[], Event]] = {
            Screen.ATTRACT: lambda: Touched(Touch.START),
            Screen.LANGUAGE: lambda: LanguageChosen(self._pick(list(Language))),
            Screen.TRIAGE: lambda: Touched(self._pick((*[Touch.NO] * 9, Touch.YES, Touch.DEAF))),
            Screen.EMERGENCY: lambda: Touched(Touch.EMERGENCY_CLOSE),
            Screen.OUT_OF_SERVICE: lambda: AdmissionChanged(accepting=True),
            Screen.SCAN: self._scan,
            Screen.DECLARE: lambda: Touched(Touch.SUBMIT),
            Screen.SUBMITTING: self._case_answer,
            Screen.WAITING: self._enquiry_answer,
        }
        if self._often(0.12):
            yield Touched(Touch.BACK)
        elif view.screen in ways:
            yield ways[view.screen]()
        else:
            yield Touched(Touch.SKIP if view.can_skip and self._often(0.5) else Touch.NEXT)

    # --- answers --------------------------------------------------------------------------------------------

    def _page(self, body: QuestionBody) -> Iterator[Event]:
        """Field by field; an answer may bring another field up, which waits for the next step."""
        for each in body.fields:
            wanted = each.required and (not each.value or each.problem)
            if self._often(0.95 if wanted else 0.2):
                value = self._bad(each) if self._often(0.06) else self.good(each)
                yield Answered(each.name, value)
        if self._often(0.08):
            yield Touched(Touch.BACK)
        elif body.can_scan and self._often(0.3):
            yield Touched(Touch.SCAN_INSTEAD)
        else:
            yield Touched(Touch.SKIP if self._often(0.1) else Touch.NEXT)

    def good(self, each: Field) -> str | list[str] | dict[str, str]:
        """An answer that the field takes."""
        if each.options:
            values = [option.value for option in each.options]
            if each.kind is FieldKind.MULTI_CHOICE:
                return self.random.sample(values, min(len(values), self._pick((1, 2, 3, 8))))
            return self._pick(values)
        if each.headings:
            return self._pick(self._pick(each.headings).options).value
        if each.kind in (FieldKind.WHEN, FieldKind.DATE):
            return self._day(each)
        return self._typed(each)

    def _day(self, each: Field) -> str | dict[str, str]:
        day = each.latest or FAR_AHEAD
        if each.kind is FieldKind.DATE:
            return day
        if self._often(0.2):
            return {"certainty": "unknown"}
        if self._often(0.3):
            return {"certainty": "between", "date": "2026-11-01", "until_date": "2026-11-20"}
        return {"certainty": "exact", "date": day, "time": "09:05"}

    def _typed(self, each: Field) -> str:
        """Words of their own where the field takes any; else what it must look like."""
        self._count += 1
        plain = typed(each, 0)
        number = f"{self.random.randrange(10**6):06d}"
        if plain.startswith("words"):
            word = f"Kq{number}{self._count}"[: each.max_length or 40]
        elif each.kind is FieldKind.DOCUMENT:
            word = f"A{number}({check_digit('A', number)})"
        else:
            return plain
        self.words[word] = split(each.name)[0]
        return word

    def _bad(self, each: Field) -> str | list[str] | dict[str, str] | int:
        if each.kind is FieldKind.MULTI_CHOICE:
            return self._pick(
                ([], ["nothing"], ["nothing", *[each.options[0].value if each.options else ""]])
            )
        if each.kind is FieldKind.WHEN:
            return self._pick(({}, {"certainty": "exact", "date": "2031-01-01"}, {"certainty": "between"}))
        return self._pick((*BAD, 7))

    # --- special screens ------------------------------------------------------------------------------------

    def _list(self, body: ListBody) -> Event:
        choice = self.random.random()
        if body.can_add and choice < 0.35:
            return Touched(Touch.ADD)
        if body.rows and choice < 0.55:
            return MemberRemoved(self._pick(body.rows).target)
        if body.rows and choice < 0.65:
            return ChangeAsked(self._pick(body.rows).target)
        return Touched(Touch.NEXT)

    def _photo(self, body: PhotoBody) -> Iterator[Event]:
        if body.photo_ids and self._often(0.3):
            yield PhotoDeleted(self._pick(body.photo_ids))
            return
        yield Touched(Touch.TAKE_PHOTO)
        asked = self.person.commands(CapturePhoto)
        if asked:
            yield PhotoTaken(asked[-1].photo_id, self._pick((b"a jpeg", b"a jpeg", b"")))

    def _files(self, body: FilesBody) -> Iterator[Event]:
        if body.files and self._often(0.3):
            yield FileDeleted(self._pick(body.files).file_id)
        else:
            yield self._upload()

    def _upload(self) -> Event:
        opened = self.person.commands(OpenUpload)
        if not opened:
            return Ticked()
        count = self.random.randrange(5)
        files = tuple(
            UploadedFile(
                str(UUID(int=number + 1, version=4)), self._pick(("picture", "document")), 7, "ab" * 32
            )
            for number in range(count)
        )
        upload = Upload(self._often(0.8), self._often(0.8), "https://centre.example/u/abc", files)
        return UploadChanged(self._pick(opened).upload_id, upload)

    def _scan(self) -> Event:
        if self._often(0.3):
            return Touched(Touch.TYPE_INSTEAD)
        return Scanned(self._pick(SCANS), self._pick(list(Device)))

    def _case_answer(self) -> Event:
        cases = self.person.commands(KeepCase)
        if not cases:
            return Ticked()
        if self._often(0.3):
            return CaseNotKept(self._pick(list(NotKept)))
        return CaseKept(Kept(cases[-1].case.case_id, REFERENCE, RECEIPT_CODE))

    def _enquiry_answer(self) -> Event:
        asked = self.person.commands(AskCentre)
        if not asked or self._often(0.1):
            return Touched(self._pick((Touch.NEXT, Touch.SKIP, Touch.BACK)))
        right = self._status() if asked[-1].question.check else EnquiryAnswer(Enquiry.CHECK_SENT)
        wrong = EnquiryAnswer(self._pick(list(Enquiry)), wait_s=90)
        return EnquiryAnswered(asked[-1].enquiry_id, right if self._often(0.7) else wrong)

    def _status(self) -> EnquiryAnswer:
        return replace(STATUS, recipient=self._pick(tuple(Recipient)))

    def _paper(self, body: ReceivedBody) -> Iterator[Event]:
        choice = self.random.random()
        if choice < 0.25:
            self.person.clock.seconds += self._pick(WAITS_S)
            yield Ticked()
        elif body.slips and choice < 0.5:
            yield SlipAsked(self._pick(body.slips).slip)
        elif choice < 0.6:
            yield Touched(Touch.REPRINT)
        elif choice < 0.85:
            yield self._print_ended()
        else:
            yield Touched(self._pick((Touch.NEXT, Touch.FINISH)))

    def _print_ended(self) -> Event:
        jobs = self.person.commands(PrintReceipt)
        if not jobs:
            return Ticked()
        printer = DeviceState.READY if self._often(0.7) else self._pick(list(DeviceState))
        return PrintEnded(self._pick(jobs).job_id, self._pick(list(PrintOutcome)), printer)

    # --- nonsense, and the world ----------------------------------------------------------------------------

    def _anything(self) -> Iterator[Event]:
        other = (
            Answered(self._pick(("reporter.name_en", "items[9].colour", "", "items[].x", "a" * 300)), "x"),
            ChangeAsked(self._pick(("", "when", "item[3]", "items[0]"))),
            MemberRemoved(self._pick(("", "vehicles[0]", "witnesses[7]"))),
            LanguageChosen(self._pick(list(Language))),
            LanguageChosen(self._pick(list(Language))),
            ServiceChosen(self._pick(("lost_property", "nothing"))),
            SlipAsked("exchange[0]"),
            FileDeleted("none"),
            Rated("good"),
            ComfortChanged(self._pick((100, 150, 200)), self._often(0.5)),
        )
        yield Touched(self._pick(CALM)) if self._often(0.6) else self._pick(other)

    def _world(self) -> Iterator[Event]:
        if self._often(0.4):
            self.person.clock.seconds += LONG_WAIT_S if self._often(0.01) else self._pick(WAITS_S)
            yield Ticked()
            return
        ways: tuple[Callable[[], Event], ...] = (
            lambda: DeviceChanged(self._pick(list(Device)), self._pick(list(DeviceState))),
            lambda: DeviceChanged(self._pick(list(Device)), DeviceState.READY),
            lambda: Scanned(self._pick(SCANS)),
            lambda: PhotoTaken("another", b"a jpeg"),
            lambda: HeadphonesChanged(self._often(0.5)),
            lambda: PresenceChanged(self._often(0.5)),
            lambda: OfficerCallChanged(self._pick(list(OfficerCall))),
            lambda: AdmissionChanged(self._often(0.5), self._pick((frozenset(Recipient), frozenset()))),
            self._late,
            self._upload,
            self._print_ended,
            self._case_answer,
            self._enquiry_answer,
        )
        yield self._pick(ways)()

    def _late(self) -> Event:
        """An answer to a question long answered or never asked."""
        cases = [command.case.case_id for command in self.person.commands(KeepCase)]
        asked = [command.enquiry_id for command in self.person.commands(AskCentre)] or [UUID(int=1)]
        if self._often(0.5):
            return CentreAnswered(self._pick(cases or [UUID(int=1)]), "WCH RN 26001234")
        return EnquiryAnswered(self._pick(asked), EnquiryAnswer(self._pick(list(Enquiry))))

    # --- on to the end --------------------------------------------------------------------------------------

    def leave(self) -> Iterator[Event]:
        """Whatever there is to be done until the visit is over, by the shortest honest way."""
        while self.person.view.screen is not Screen.WIPED:
            yield from self._towards_the_end(self.person.view)

    def _towards_the_end(self, view: ViewState) -> Iterator[Event]:
        if view.overlay is not None:
            yield Touched(Touch.STOP_CANCEL if view.overlay.kind.value == "stop_confirm" else Touch.MORE_TIME)
            return
        body = view.body
        ways: dict[Screen, Callable[[], Event]] = {
            Screen.ATTRACT: lambda: Touched(Touch.START),
            Screen.OUT_OF_SERVICE: lambda: AdmissionChanged(accepting=True),
            Screen.LANGUAGE: lambda: LanguageChosen(self._pick(self.languages)),
            Screen.TRIAGE: lambda: Touched(Touch.NO),
            Screen.EMERGENCY: lambda: Touched(Touch.EMERGENCY_CLOSE),
            Screen.SCAN: lambda: Touched(Touch.TYPE_INSTEAD),
            Screen.DECLARE: lambda: Touched(Touch.SUBMIT),
            Screen.SUBMITTING: lambda: CaseKept(
                Kept(self.person.commands(KeepCase)[-1].case.case_id, REFERENCE, RECEIPT_CODE)
            ),
            Screen.RECEIVED: lambda: Touched(Touch.FINISH),
            Screen.SURVEY: lambda: Touched(Touch.SKIP),
        }
        if isinstance(body, QuestionBody):
            yield from self._mend(body)
        elif isinstance(body, ServicesBody):
            yield ServiceChosen(self._pick(body.tiles).service) if body.tiles else Touched(Touch.QUICK_EXIT)
        elif isinstance(body, ListBody) and body.can_add and self._often(0.25):
            yield Touched(Touch.ADD)
        elif view.screen is Screen.WAITING:
            yield from self._await_centre(view)
        elif view.screen in ways:
            yield ways[view.screen]()
        else:
            yield Touched(Touch.NEXT if view.can_next else Touch.SKIP if view.can_skip else Touch.FINISH)

    def _await_centre(self, view: ViewState) -> Iterator[Event]:
        if view.can_next:
            yield Touched(Touch.NEXT)  # ask again
        asked = self.person.commands(AskCentre)[-1]
        answer = self._status() if asked.question.check else EnquiryAnswer(Enquiry.CHECK_SENT)
        yield EnquiryAnswered(asked.enquiry_id, answer)

    def _mend(self, body: QuestionBody) -> Iterator[Event]:
        for each in body.fields:
            wanted = each.required and not each.value
            if each.problem or wanted or (not each.value and self._often(0.1)):
                yield Answered(each.name, self._safe(each))
        yield Touched(Touch.NEXT)

    def _safe(self, each: Field) -> str | list[str] | dict[str, str]:
        if each.kind is FieldKind.WHEN:
            return {"certainty": "unknown"}
        return self.good(each)
