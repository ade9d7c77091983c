"""A visitor who reads the screen and answers it: knows no pack, only what the view says, and a plan."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flows.answering.known_answers import split
from flows.events import (
    Answered,
    AskCentre,
    CaseKept,
    EnquiryAnswered,
    KeepCase,
    LanguageChosen,
    PrintEnded,
    PrintReceipt,
    Scanned,
    ServiceChosen,
    Touch,
)
from flows.languages import Language
from flows.pack import Pack
from flows.ports import Device, DeviceState, Enquiry, EnquiryAnswer, Kept, PrintOutcome
from flows.view import (
    Field,
    FieldKind,
    ListBody,
    NoticeBody,
    QuestionBody,
    ReceivedBody,
    Screen,
    ViewState,
)
from tests.flows.conftest import Person
from tests.services.plans import NO_PLAN, OLD, Goal, Plan, Sort

PASSPORT = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
REFERENCE = "004276384875"
RECEIPT_CODE = "7KQ2M9XWHT"
MOST_STEPS = 600
"""Screens of one visit; a visitor who needs more walks in a circle."""

Words = Callable[[Field, int], str]


class DeadEndError(AssertionError):
    """The visitor can go neither on nor back."""


@dataclass
class Travels:
    """What a visitor met on the way."""

    screens: list[Screen] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    goals: set[Goal] = field(default_factory=set)
    views: list[ViewState] = field(default_factory=list)
    end: Screen = Screen.ATTRACT


@dataclass
class Traveller:
    """Walks one service by a plan. `words` gives the text for a field."""

    person: Person
    plan: Plan = NO_PLAN
    words: Words = field(default=lambda each, number: typed(each, number))
    fills_optional: bool = False
    language: Language = Language.ENGLISH
    keeps_views: bool = False
    travels: Travels = field(default_factory=Travels)
    _typed: int = 0
    _added: dict[str, int] = field(default_factory=dict)
    _refused: int = 0

    # --- the whole way --------------------------------------------------------------------------------------

    def begin(self, service: str) -> "Traveller":
        """From the attract screen into a service."""
        for device in Device:
            self.person.device(device, DeviceState.READY)
        self.person.touch(Touch.START)
        self.person.handle(LanguageChosen(self.language))
        self.person.touch(Touch.NO, Touch.NO, Touch.NO)
        self.person.handle(ServiceChosen(service))
        return self

    def walk(self) -> Travels:
        """Until the visit is over, or a stop says that it goes no further here."""
        for _ in range(MOST_STEPS):
            view = self.person.view
            self._note(view)
            if view.screen is Screen.WIPED or self._is_stop(view):
                self.travels.end = view.screen
                return self.travels
            self._step(view)
        raise DeadEndError(f"{MOST_STEPS} screens and no end: {self.travels.screens[-12:]}")

    def _is_stop(self, view: ViewState) -> bool:
        return isinstance(view.body, NoticeBody) and view.body.final

    def _note(self, view: ViewState) -> None:
        self.travels.screens.append(view.screen)
        if self.keeps_views:
            self.travels.views.append(view)
        pages = self.person.visit._parts.pages  # goals are pages, which the view does not name
        if pages.pack is None:
            return
        if self.travels.services[-1:] != [pages.pack.name]:
            self.travels.services.append(pages.pack.name)
        if pages.walk.here is not None:
            self.travels.goals.add(Goal(Sort.PAGE, pages.walk.here.page))
            if self._is_stop(view):
                self.travels.goals.add(Goal(Sort.STOP, pages.walk.here.page))
        if isinstance(view.body, ReceivedBody):
            self._note_end(view.body, pages.pack)

    def _note_end(self, body: ReceivedBody, pack: Pack) -> None:
        shown = {step.text for step in body.next_steps}
        self.travels.goals |= {Goal(Sort.SLIP, each.slip.partition("[")[0]) for each in body.slips}
        for step in pack.definition.next_steps:
            words = pack.texts[self.language].next_steps[step.step]
            head = words.partition("{")[0]  # what stands in braces is filled in on the screen
            if words in shown or (head != words and any(text.startswith(head) for text in shown)):
                self.travels.goals.add(Goal(Sort.ADVICE, step.step))

    # --- one screen -----------------------------------------------------------------------------------------

    def _step(self, view: ViewState) -> None:
        ways: dict[Screen, Callable[[ViewState], None]] = {
            Screen.QUESTION: self._answer,
            Screen.SCAN: self._scan,
            Screen.PHOTO: self._pass_by,
            Screen.FILES: self._pass_by,
            Screen.LIST: self._list,
            Screen.WAITING: self._centre_answers,
            Screen.DECLARE: lambda _view: self._touch(Touch.SUBMIT),
            Screen.SUBMITTING: self._keep_case,
            Screen.RECEIVED: self._take_paper,
            Screen.SURVEY: lambda _view: self._touch(Touch.SKIP),
        }
        ways.get(view.screen, self._go_on)(view)

    def _touch(self, touch: Touch) -> None:
        self.person.touch(touch)

    def _pass_by(self, view: ViewState) -> None:
        self._touch(Touch.SKIP if view.can_skip else Touch.NEXT)

    def _keep_case(self, _view: ViewState) -> None:
        case = self.person.commands(KeepCase)[-1].case
        self.person.handle(CaseKept(Kept(case.case_id, REFERENCE, RECEIPT_CODE)))

    def _take_paper(self, _view: ViewState) -> None:
        self._end_prints()
        self._touch(Touch.FINISH)

    def _go_on(self, view: ViewState) -> None:
        if not view.can_next:
            raise DeadEndError(f"no way on from {view.screen.value} “{view.title}”")
        before = self._place()
        self.person.touch(Touch.NEXT)
        self._look_for_hand_over(before)

    def _look_for_hand_over(self, before: tuple[str, str, int | None]) -> None:
        now = self._place()
        if before[0] and now[0] != before[0]:
            self.travels.goals.add(Goal(Sort.HAND_OVER, before[1]))

    def _place(self) -> tuple[str, str, int | None]:
        pages = self.person.visit._parts.pages
        here = pages.walk.here
        return (pages.pack.name if pages.pack else "", here.page if here else "", here.slot if here else None)

    def _end_prints(self) -> None:
        for command in self.person.commands(PrintReceipt):
            self.person.handle(PrintEnded(command.job_id, PrintOutcome.PRINTED, DeviceState.READY))

    def _centre_answers(self, _view: ViewState) -> None:
        asked = self.person.commands(AskCentre)[-1]
        answer = EnquiryAnswer(Enquiry.CHECK_SENT)
        if asked.question.check:
            answer = EnquiryAnswer(
                Enquiry.STATUS,
                "in_progress",
                "WCH RN 26001234",
                "2026-11-20T10:00:00+08:00",
                "2026-11-21T09:00:00+08:00",
                {"en": "We are looking.", "zh-Hant": "正在尋找。", "zh-Hans": "正在寻找。"},
                "ticket",
            )
        self.person.handle(EnquiryAnswered(asked.enquiry_id, answer))

    def _scan(self, _view: ViewState) -> None:
        page = self._place()[1]
        if page in (self.plan.wishes.get("!scan") or ()):
            self.person.handle(Scanned(PASSPORT))
        if self.person.view.screen is Screen.SCAN:
            self.person.touch(Touch.TYPE_INSTEAD)

    def _list(self, view: ViewState) -> None:
        body = view.body
        if not isinstance(body, ListBody):
            raise DeadEndError("a list without rows")
        group = self.person.visit._parts.pages.page().list_of
        wanted = int((self.plan.wishes.get(f"+{group}") or ("0",))[0])
        if body.can_add and len(body.rows) < wanted and self._added.get(group, 0) < wanted:
            self._added[group] = self._added.get(group, 0) + 1
            self.person.touch(Touch.ADD)
        else:
            self._go_on(view)

    # --- answers --------------------------------------------------------------------------------------------

    def _answer(self, view: ViewState) -> None:
        page = self._place()
        before = view
        self._fill_page()
        optional = isinstance(view.body, QuestionBody) and view.body.optional
        now = self.person.view
        if (
            isinstance(now.body, QuestionBody)
            and not any(each.value for each in now.body.fields)
            and optional
        ):
            self.travels.goals.add(Goal(Sort.SKIPPED, page[1]))
        self.person.touch(Touch.SKIP if now.can_skip else Touch.NEXT)
        if self._place() == page and self.person.view.screen is before.screen:
            self.person.touch(Touch.NEXT)  # a warning was shown; it may be left as it is
        if self._place() == page and self.person.view == now:
            raise DeadEndError(f"page {page} does not let go: {self._problems()}")
        self._refused = self._refused + 1 if self._place() == page else 0
        if self._refused > 3:
            raise DeadEndError(f"page {page} does not let go: {self._problems()}")

    def _problems(self) -> str:
        body = self.person.view.body
        fields = body.fields if isinstance(body, QuestionBody) else ()
        return ", ".join(f"{each.name}={each.value!r}: {each.problem.key}" for each in fields if each.problem)

    def _fill_page(self) -> None:
        """Field by field, looking again after each: an answer may bring another field up."""
        done: set[str] = set()
        while True:
            body = self.person.view.body
            left = [each for each in getattr(body, "fields", ()) if each.name not in done]
            if not left:
                return
            done.add(left[0].name)
            self._fill(left[0])

    def _fill(self, each: Field) -> None:
        base = split(each.name)[0]
        if self.plan.leaves_out(base) and not each.required:
            self._clear(each)
            return
        offered = tuple(option.value for option in each.options)
        planned = self.plan.options(base, offered, several=each.kind is FieldKind.MULTI_CHOICE)
        if planned:
            self._choose(each, planned)
        elif each.required or self.fills_optional or self.plan.answers(base):
            self._give(each)

    def _clear(self, each: Field) -> None:
        if each.value:
            empty: object = (
                [] if each.kind is FieldKind.MULTI_CHOICE else {} if each.kind is FieldKind.WHEN else ""
            )
            self.person.handle(Answered(each.name, empty))  # type: ignore[arg-type]

    def _choose(self, each: Field, values: tuple[str, ...]) -> None:
        given = list(values) if each.kind is FieldKind.MULTI_CHOICE else values[0]
        self.person.handle(Answered(each.name, given))
        for value in values:
            self.travels.goals.add(Goal(Sort.OPTION, split(each.name)[0], value))

    def _first(self, each: Field) -> str:
        """The option that asks least is mostly the last: "other" or "none of these"."""
        return each.options[-1].value

    def _give(self, each: Field) -> None:
        if each.options:
            if not each.value:
                self._choose(each, (self._first(each),))
            elif isinstance(each.value, str):
                self.travels.goals.add(Goal(Sort.OPTION, split(each.name)[0], each.value))
        elif each.headings:
            self.person.handle(Answered(each.name, each.headings[0].options[0].value))
        elif each.kind in (FieldKind.WHEN, FieldKind.DATE):
            self._give_day(each)
        else:
            self._typed += 1
            self.person.handle(Answered(each.name, self.words(each, self._typed)))

    def _give_day(self, each: Field) -> None:
        """Today; long ago where the plan says so; the last day there is where it lies ahead."""
        is_old = OLD in (self.plan.wishes.get(split(each.name)[0]) or ())
        day = max(LONG_AGO, each.earliest) if is_old else each.latest or FAR_AHEAD
        value: str | dict[str, str] = day
        if each.kind is FieldKind.WHEN:
            value = {"certainty": "exact", "date": day, "time": "09:05"}
        self.person.handle(Answered(each.name, value))


LONG_AGO = "2025-12-01"
FAR_AHEAD = "2027-06-01"
_FORMATS = {
    "enquiry.reference": REFERENCE,
    "enquiry.receipt_code": RECEIPT_CODE,
    "enquiry.check": "123456",
}
_BY_KIND = {
    FieldKind.NUMBER: "2",
    FieldKind.MONEY: "120.50",
    FieldKind.PHONE: "91234567",
    FieldKind.EMAIL: "chan@example.org",
    FieldKind.DOCUMENT: "A123456(3)",
    FieldKind.LAST_FOUR: "1234",
    FieldKind.SKETCH: "10,10 500,500",
    FieldKind.TIME: "09:05",
}


def typed(each: Field, number: int) -> str:
    """Words that pass for an answer to any field."""
    base = split(each.name)[0]
    words = f"words {number}"[: each.max_length or 40]
    return _FORMATS.get(base) or _BY_KIND.get(each.kind, words)
