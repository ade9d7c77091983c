"""What the screen is told, for every state of a visit."""

from collections.abc import Callable
from dataclasses import dataclass

from flows import reference
from flows.asking.enquiring import Enquiring
from flows.asking.report_status import report_status
from flows.asking.slips import Slips
from flows.asking.survey import Survey
from flows.asking.uploading import Uploading
from flows.life.hand_over import HandOver
from flows.life.lifecycle import IN_SERVICE, Cover, State
from flows.life.listing import Listing
from flows.life.pages import Pages
from flows.life.patience import LIMIT_NOTICE_S, Patience
from flows.life.photos import Photos
from flows.life.preliminaries import QUESTIONS, Preliminaries
from flows.life.scanning import Scanning
from flows.life.submission import Submission
from flows.life.visit_context import VisitContext
from flows.messages import Notice
from flows.pack import StepPlace
from flows.pack_texts import LegalText
from flows.picture.fields_shown import fields_shown
from flows.picture.next_steps import next_steps
from flows.picture.notices import notice_body
from flows.picture.review import review
from flows.picture.wording import Wording, in_language
from flows.ports import Device, DeviceState
from flows.view import (
    Body,
    DeclareBody,
    Message,
    Overlay,
    OverlayKind,
    PrivacyBody,
    Progress,
    QuestionBody,
    ReceivedBody,
    Screen,
    ServicesBody,
    ServiceTile,
    TriageBody,
    ViewState,
    WaitingBody,
)

_PRINTER_NOTICES = {
    DeviceState.PAPER_OUT: Notice.PRINTER_PAPER_OUT,
    DeviceState.COVER_OPEN: Notice.PRINTER_COVER_OPEN,
    DeviceState.CUTTER_ERROR: Notice.PRINTER_CUTTER_ERROR,
    DeviceState.OVERHEATED: Notice.PRINTER_OVERHEATED,
    DeviceState.ERROR: Notice.PRINTER_ERROR,
    DeviceState.COVERED: Notice.PRINTER_ERROR,
    DeviceState.MISCONFIGURED: Notice.PRINTER_ERROR,
    DeviceState.DISCONNECTED: Notice.PRINTER_DISCONNECTED,
    DeviceState.NOT_INSTALLED: Notice.PRINTER_DISCONNECTED,
    DeviceState.UNKNOWN: Notice.PRINTER_UNKNOWN,
}
_BEFORE_COMMITMENT = frozenset({State.PRIVACY, State.REVIEW, State.DECLARE})
"""Where the visitor is told that there will be no paper."""

_OVERLAYS = {Cover.TIME_WARNING: OverlayKind.TIME_WARNING, Cover.STOP_CONFIRM: OverlayKind.STOP_CONFIRM}


@dataclass(frozen=True, slots=True)
class _Shown:
    screen: Screen
    title: str = ""
    help: str = ""
    body: Body = None
    notices: tuple[Message, ...] = ()
    can_back: bool = False
    can_next: bool = False
    can_skip: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """The parts of a visit, to be looked at."""

    context: VisitContext
    preliminaries: Preliminaries
    pages: Pages
    scanning: Scanning
    photos: Photos
    submission: Submission
    patience: Patience
    listing: Listing
    hand_over: HandOver
    enquiring: Enquiring
    uploading: Uploading
    slips: Slips
    survey: Survey

    def view(self, state: State, cover: Cover) -> ViewState:
        """The whole picture."""
        if cover is Cover.EMERGENCY:
            return ViewState(
                Screen.EMERGENCY,
                self.context.language,
                officer_call=self.context.officer_call,
                calls_reach=self.context.calls_reach,
                offers_officer=self._offers_officer(state),
            )
        shown = self._states()[state]()
        return ViewState(
            screen=shown.screen,
            language=self.context.language,
            title=shown.title,
            help=shown.help,
            body=shown.body,
            progress=self._progress(state),
            notices=(*shown.notices, *self._notices(state)),
            can_back=shown.can_back,
            can_next=shown.can_next,
            can_skip=shown.can_skip,
            overlay=self._overlay(cover),
            officer_call=self.context.officer_call,
            calls_reach=self.context.calls_reach,
            offers_officer=self._offers_officer(state),
        )

    def _offers_officer(self, state: State) -> bool:
        return state not in IN_SERVICE or not self.pages.is_confidential(None)

    def _states(self) -> dict[State, Callable[[], _Shown]]:
        return {
            State.ATTRACT: lambda: _Shown(Screen.ATTRACT),
            State.LANGUAGE: lambda: _Shown(Screen.LANGUAGE),
            State.TRIAGE: self._triage,
            State.DEAF_HELP: lambda: _Shown(Screen.DEAF_HELP, can_back=True, can_next=True),
            State.SERVICES: self._services,
            State.PRIVACY: self._privacy,
            State.QUESTION: self._question,
            State.SCAN: self._scan,
            State.PHOTO: self._photo,
            State.LIST: self._list,
            State.NOTICE: self._notice,
            State.FILES: self._files,
            State.WAITING: self._waiting,
            State.REVIEW: self._review,
            State.DECLARE: self._declare,
            State.SUBMITTING: lambda: _Shown(Screen.SUBMITTING),
            State.RECEIVED: self._received,
            State.SURVEY: self._survey,
            State.OUT_OF_SERVICE: lambda: _Shown(Screen.OUT_OF_SERVICE),
            State.WIPED: lambda: _Shown(Screen.WIPED),
        }

    def _wording(self) -> Wording:
        return Wording(self.pages.known(), self.context.site, self.context.language)

    # --- before the report ----------------------------------------------------------------------------------

    def _triage(self) -> _Shown:
        question = self.preliminaries.question
        can_inform = self.hand_over.information() is not None
        body = TriageBody(QUESTIONS[question].value, question + 1, len(QUESTIONS), can_inform)
        return _Shown(Screen.TRIAGE, body=body, can_back=True)

    def _services(self) -> _Shown:
        tiles = tuple(
            ServiceTile(
                service=name,
                label=self.context.packs[name].texts[self.context.language].service,
                icon=self.context.packs[name].definition.icon.value,
                minutes=self.context.packs[name].definition.minutes,
                group=self.context.packs[name].definition.group.value,
            )
            for name in self.context.offered
        )
        return _Shown(Screen.SERVICES, body=ServicesBody(tiles), can_back=True)

    def _privacy(self) -> _Shown:
        wording = self._wording()
        legal = _legal(wording.texts.privacy)
        body = PrivacyBody(_paragraphs(legal, wording), legal.version, legal.needs_sign_off)
        return _Shown(Screen.PRIVACY, body=body, can_back=True, can_next=True)

    # --- pages ----------------------------------------------------------------------------------------------

    def _question(self) -> _Shown:
        page, slot, checker = self.pages.page(), self.pages.place().slot, self.pages.checker()
        fields = fields_shown(page, slot, checker, self._wording(), with_remarks=self.pages.remarks_shown)
        optional = checker.known.is_optional(page, slot)
        return self._page(
            Screen.QUESTION,
            QuestionBody(fields, optional, self.scanning.can_scan(None)),
            can_next=True,
            can_skip=optional and not any(each.value for each in fields),
            notices=self._page_notices(),
        )

    def _page_notices(self) -> tuple[Message, ...]:
        if self.scanning.offered() is None:
            return ()
        if self.pages.answers.scanned:
            return (Message(Notice.SCAN_FILLED),)
        return () if self.context.can_scan else (Message(Notice.READER_UNAVAILABLE),)

    def _scan(self) -> _Shown:
        return self._page(Screen.SCAN, self.scanning.body(), can_next=False)

    def _photo(self) -> _Shown:
        body = self.photos.body()
        usable = self.context.is_usable(Device.CAMERA)
        notices = () if usable else (Message(Notice.CAMERA_UNAVAILABLE),)
        empty = not body.photo_ids
        return self._page(Screen.PHOTO, body, can_next=not empty, can_skip=empty, notices=notices)

    def _list(self) -> _Shown:
        body = self.listing.body(self._wording())
        return self._page(Screen.LIST, body, can_next=True)

    def _notice(self) -> _Shown:
        page, wording = self.pages.page(), self._wording()
        ends = self.pages.ends_here(None)
        answer, zone = self.pages.answers.lookup.status, self.context.clock.now().tzinfo
        status = report_status(answer, wording, zone) if answer is not None else None
        body = notice_body(page, wording, status, ends=ends)
        leads_on = not ends and not self.hand_over.leads_nowhere(None)
        return self._page(Screen.NOTICE, body, can_next=leads_on)

    def _files(self) -> _Shown:
        body = self.uploading.body()
        return self._page(Screen.FILES, body, can_next=bool(body.files), can_skip=not body.files)

    def _waiting(self) -> _Shown:
        """Continue asks again, skip goes on without an answer, and back is always there."""
        return _Shown(
            Screen.WAITING,
            title=self._page(Screen.WAITING, None, can_next=False).title,
            body=WaitingBody(self.enquiring.problem),
            can_back=True,
            can_next=self.enquiring.problem is not None,
            can_skip=self.enquiring.may_go_without,
        )

    def _page(
        self,
        screen: Screen,
        body: Body,
        *,
        can_next: bool,
        can_skip: bool = False,
        notices: tuple[Message, ...] = (),
    ) -> _Shown:
        page, slot = self.pages.page(), self.pages.place().slot
        wording = self._wording()
        words = wording.texts.pages[page.page]
        return _Shown(
            screen,
            title=wording.fill(words.title, slot, page.for_each),
            help=wording.fill(words.help, slot, page.for_each),
            body=body,
            notices=notices,
            can_back=True,
            can_next=can_next,
            can_skip=can_skip,
        )

    # --- review and after -----------------------------------------------------------------------------------

    def _review(self) -> _Shown:
        body = review(self.pages.checker(), self._wording())
        return _Shown(Screen.REVIEW, body=body, can_back=True, can_next=True)

    def _declare(self) -> _Shown:
        wording = self._wording()
        legal = _legal(wording.texts.declaration)
        body = DeclareBody(
            _paragraphs(legal, wording), legal.needs_sign_off, self.submission.problem, wording.texts.submit
        )
        return _Shown(Screen.DECLARE, body=body, can_back=True)

    def _received(self) -> _Shown:
        kept = self.submission.kept
        if kept is None:
            raise LookupError("received without a kept case")
        printer = self.context.devices[Device.PRINTER]
        body = ReceivedBody(
            reference=kept.reference,
            official_number=self.submission.official_number,
            paper=self.submission.printing.state,
            printer=printer,
            can_reprint=self.submission.printing.can_reprint(printer),
            next_steps=next_steps(self._wording(), StepPlace.SCREEN),
            code_payload=reference.payload(
                kept.reference, kept.receipt_code, self._wording().site.receipt_page
            ),
            slips=self.slips.buttons(),
            receipt_code=reference.grouped_code(kept.receipt_code),
        )
        return _Shown(Screen.RECEIVED, title=self._wording().texts.received, body=body, can_next=True)

    def _survey(self) -> _Shown:
        """Continue goes on, skip and Finish end the visit."""
        return _Shown(
            Screen.SURVEY,
            body=self.survey.body(),
            can_back=self.survey.number > 0,
            can_next=self.survey.can_next,
            can_skip=True,
        )

    # --- everywhere -----------------------------------------------------------------------------------------

    def _progress(self, state: State) -> Progress | None:
        pack = self.pages.pack
        if pack is None or state in (
            State.SERVICES,
            State.TRIAGE,
            State.LANGUAGE,
            State.DEAF_HELP,
            State.WIPED,
        ):
            return None
        count = pack.steps
        steps = {State.PRIVACY: 1, State.REVIEW: count - 1}
        if self.pages.walk.here is not None:
            step = 1 + pack.has_statement + pack.definition.sections.index(self.pages.page().section)
        else:
            step = steps.get(state, count)
        words = pack.texts[self.context.language]
        return Progress(words.header or words.service, step, count)

    def _notices(self, state: State) -> tuple[Message, ...]:
        notices: list[Message] = []
        printer = _PRINTER_NOTICES.get(self.context.devices[Device.PRINTER])
        if printer is not None and state in _BEFORE_COMMITMENT:
            notices.append(Message(printer, self._desk()))
        left = self.patience.limit_left(self.context.clock.monotonic())
        if left <= LIMIT_NOTICE_S and state not in (State.RECEIVED, State.WIPED):
            notices.append(Message(Notice.VISIT_ENDS_SOON, {"minutes": str(max(1, round(left / 60)))}))
        return tuple(notices)

    def _desk(self) -> dict[str, str]:
        return {"desk": in_language(self.context.site.desk, self.context.language)}

    def _overlay(self, cover: Cover) -> Overlay | None:
        kind = _OVERLAYS.get(cover)
        if kind is None:
            return None
        return Overlay(kind, self.patience.seconds_left(self.context.clock.monotonic()))


def _legal(words: LegalText | None) -> LegalText:
    """Raises `LookupError`: a state of which this service has no words is never reached."""
    if words is None:
        raise LookupError("no such words in this service")
    return words


def _paragraphs(legal: LegalText, wording: Wording) -> tuple[str, ...]:
    return tuple(wording.fill(paragraph) for paragraph in legal.paragraphs)


def wiped(context: VisitContext) -> ViewState:
    """The picture of a visit that is over: nothing but the call of an officer, which is the kiosk's."""
    return ViewState(
        Screen.WIPED,
        context.language,
        officer_call=context.officer_call,
        calls_reach=context.calls_reach,
    )
