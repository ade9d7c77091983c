"""The pages of the chosen pack: moving among them, answers, scans and photos."""

from dataclasses import dataclass, field
from datetime import datetime

from flows.answering.answer_checks import Checker, accept
from flows.answering.answers import Answers
from flows.answering.known_answers import KnownAnswers, Place, split
from flows.answering.walk import Walk, following, last_page, preceding
from flows.case import LARGEST_PHOTO, MOST_PHOTOS, InputMethod
from flows.conditions import at
from flows.documents.reading import (
    IamSmartRead,
    IdNumberRead,
    MrzRead,
    Reading,
    ReceiptCodeRead,
    TechnicianPassRead,
    Unreadable,
    UnreadableReason,
    read,
)
from flows.events import (
    Answered,
    CapturePhoto,
    ChangeAsked,
    Ending,
    Event,
    PhotoDeleted,
    PhotoTaken,
    Scanned,
    ServiceChosen,
)
from flows.fields.check import Checked
from flows.life.visit_context import VisitContext
from flows.messages import Problem
from flows.pack import Pack, PackKind, Page, PageKind
from flows.picture.review import parse_target
from flows.ports import Device
from flows.view import Keyboard, Message

_UNREADABLE = {
    UnreadableReason.VISA: Problem.SCAN_OTHER_PAGE,
    UnreadableReason.INCOMPLETE: Problem.SCAN_INCOMPLETE,
}
"""What a visitor can do about it; anything else is said to be unreadable."""

PHOTO_DEADLINE_S = 10.0
"""A still that has not come by then has failed."""


@dataclass(slots=True)
class Pages:
    """`remarks_shown` after the visitor tried to go on; `heeded` are warnings that were seen and left as they
    are.
    """

    context: VisitContext
    pack: Pack | None = None
    answers: Answers = field(default_factory=Answers)
    walk: Walk = field(default_factory=Walk)
    remarks_shown: bool = False
    heeded: set[tuple[str, str, str]] = field(default_factory=set)
    problem: Message | None = None  # of the last scan or photo
    pending_photo: str = ""
    pending_since: float = 0.0
    _checker: Checker | None = None
    _checker_of: tuple[object, ...] = ()
    _ahead_found: Place | None = None
    _ahead_with: Checker | None = None
    _ahead_of: tuple[object, ...] = ()

    def forget(self) -> None:
        """Forget everything of the visitor."""
        self.answers.wipe()
        self.heeded.clear()
        self._checker = self._ahead_with = self._ahead_found = None

    # --- looking --------------------------------------------------------------------------------------------

    def known(self) -> KnownAnswers:
        """The answers in the light of the chosen pack."""
        return self.checker().known

    def checker(self) -> Checker:
        """Checks answers as of this minute. The same one as long as nothing changes that it looks at: every
        picture and every condition of the table asks for it.
        """
        if self.pack is None:
            raise LookupError("no service is chosen yet")
        minute = self._minute()
        now_of = (self.pack.name, minute, self.context.language, self.answers.version)
        if self._checker is None or self._checker_of != now_of:
            self._checker, self._checker_of = self.checker_of(self.pack, self.answers), now_of
        return self._checker

    def checker_of(self, pack: Pack, answers: Answers) -> Checker:
        """Checks the answers given to a service, as of this minute."""
        context, minute = self.context, self._minute()
        services = frozenset(context.offered)
        known = KnownAnswers(pack, answers, context.site.kind, minute.date(), context.language, services)
        return Checker(known, minute)

    def _minute(self) -> datetime:
        return self.context.clock.now().replace(second=0, microsecond=0)

    def page(self) -> Page:
        """The page that is shown."""
        return self.known().pack.pages[self.place().page]

    def place(self) -> Place:
        """Where the visitor is."""
        if self.walk.here is None:
            raise LookupError("no page is shown")
        return self.walk.here

    def remarks(self) -> dict[str, Checked]:
        """What is to be said about the fields of this page."""
        return self.checker().page(self.place())

    # --- moving ---------------------------------------------------------------------------------------------

    def _ahead(self) -> Place | None:
        """Found once as long as nothing changes: every kind of page that may come next asks for it."""
        checker, walk, can_scan = self.checker(), self.walk, self.context.can_scan
        found_of = (walk.here, walk.returning, walk.from_list, len(walk.seen), can_scan)
        if self._ahead_with is not checker or self._ahead_of != found_of:
            self._ahead_found = following(walk, checker, reader_usable=can_scan)
            self._ahead_with, self._ahead_of = checker, found_of
        return self._ahead_found

    def kind_of(self, place: Place | None) -> PageKind | None:
        """The kind of a page; None for none."""
        return self.known().pack.pages[place.page].kind if place is not None else None

    def kind_ahead(self, _event: Event) -> PageKind | None:
        """The kind of page that comes next."""
        return self.kind_of(self._ahead())

    def ahead_is_review(self, _event: Event) -> bool:
        """Everything is asked, and there is something to review."""
        return self.known().pack.definition.kind is PackKind.REPORT and self._ahead() is None

    def is_complete(self, _event: Event) -> bool:
        """Nothing is left to ask or to mend."""
        return self._ahead() is None

    def ends_here(self, _event: Event | None) -> bool:
        """The service ends with this page: a stop, or nothing comes after it and there is nothing to send."""
        page = self.page()
        if page.final or page.hand_over is not None:
            return page.final
        return self.known().pack.definition.kind is not PackKind.REPORT and self._ahead() is None

    def finish(self, _event: Event) -> None:
        """The visitor has read all that there is."""
        self.context.ending = Ending.FINISHED

    def _behind(self) -> Place | None:
        return None if self._is_back_to_review else preceding(self.walk, self.checker())

    @property
    def _is_back_to_review(self) -> bool:
        return self.walk.returning and self.walk.from_list is None

    def kind_behind(self, _event: Event) -> PageKind | None:
        """The kind of page that lies behind; None at the first one, and where review lies behind."""
        return self.kind_of(self._behind())

    def behind_is_review(self, _event: Event) -> bool:
        """The visitor came from the review screen."""
        return self._is_back_to_review

    def behind_is_privacy(self, _event: Event) -> bool:
        """This is the first page."""
        statement = self.known().pack.has_statement
        return statement and not self._is_back_to_review and self._behind() is None

    def accept_privacy(self, _event: Event) -> None:
        """The collection statement is accepted: to the first page."""
        self.arrive(self._ahead())

    def go_ahead(self, _event: Event) -> None:
        """To the next page, or to the review screen."""
        ahead, here = self._ahead(), self.walk.here
        self.walk.leave()
        self.arrive(ahead)
        if here is not None and self._is_member_of(ahead, here):
            self.walk.from_list = here

    def go_back(self, _event: Event) -> None:
        """To the page before, the review screen or the collection statement. Every answer stays."""
        behind = self._behind()
        returning = self.walk.returning
        self.arrive(behind)
        self.walk.returning = returning

    def go_to_change(self, event: Event) -> None:
        """From the review screen to a page."""
        self.arrive(self._target(event))
        self.walk.returning = True

    def go_to_last(self, _event: Event) -> None:
        """Back from the review screen."""
        self.arrive(last_page(self.walk, self.checker()))
        self.walk.returning = False

    def arrive(self, place: Place | None) -> None:
        """Show a page; none is the review screen or the collection statement."""
        if self.walk.from_list is not None and not self._is_member_of(place, self.walk.from_list):
            self.walk.from_list = None
        self.walk.go(place)
        if place is None:
            self.walk.returning = True
        elif self.known().pack.pages[place.page].helper:
            self.answers.note_helper(place.page, place.slot)
        self.remarks_shown = False
        self.problem = None
        self.pending_photo = ""

    def _is_member_of(self, place: Place | None, list_place: Place) -> bool:
        """Whether a page asks about a member of the group that a list page shows."""
        pages = self.known().pack.pages
        group = pages[list_place.page].list_of
        return place is not None and bool(group) and pages[place.page].for_each == group

    def kind_to_change(self, event: Event) -> PageKind | None:
        """The kind of page that "Change" on the review screen leads to."""
        return self.kind_of(self._target(event))

    def _target(self, event: Event) -> Place | None:
        place = parse_target(event.target) if isinstance(event, ChangeAsked) else None
        return place if place in self.known().places() else None

    def kind_of_last(self, _event: Event) -> PageKind | None:
        """The kind of the last page."""
        return self.kind_of(last_page(self.walk, self.checker()))

    def is_confidential(self, _event: Event | None) -> bool:
        """Nobody of this place is called on the screens of this service."""
        return self.pack is not None and not self.pack.definition.officer_call

    # --- answering ------------------------------------------------------------------------------------------

    def choose_service(self, event: Event) -> None:
        """Begin the chosen service; the same again keeps its answers."""
        pack = self.context.packs[event.service] if isinstance(event, ServiceChosen) else self.pack
        if pack is not self.pack:
            self.forget()
            self.walk = Walk()
        self.pack = pack
        self.walk.go(None)
        self.walk.returning = False
        self.walk.from_list = None

    def keep_answer(self, event: Event) -> None:
        """Keep an answer to a field of this page; anything else is left alone."""
        if not isinstance(event, Answered):
            return
        known = self.known()
        place = self.place()
        base, _slot = split(event.field)
        for definition in known.asked(self.page(), place.slot):
            if at(definition.field, place.slot) == event.field and definition.field == base:
                options = known.option_values(definition, place.slot)
                value = accept(definition, event.value, options)
                if value is not None:
                    self.answers.keep(event.field, value)
                    typed = definition.keys is not Keyboard.NONE
                    self.answers.methods.add(InputMethod.KEYBOARD if typed else InputMethod.TOUCH)

    def must_stay(self, _event: Event) -> bool:
        """Something must be mended, or a warning was not yet seen, or nothing comes after this page."""
        if self.ends_here(_event):
            return True
        checked = self.remarks()
        return any(each.problem for each in checked.values()) or bool(self._warnings(checked) - self.heeded)

    def show_remarks(self, _event: Event) -> None:
        """Say beside each field what is wrong."""
        self.remarks_shown = True
        self.heeded |= self._warnings(self.remarks())

    def _warnings(self, checked: dict[str, Checked]) -> set[tuple[str, str, str]]:
        return {(name, str(each.value), each.warning.key) for name, each in checked.items() if each.warning}

    # --- scanning -------------------------------------------------------------------------------------------

    def can_scan(self, _event: Event) -> bool:
        """This page offers to scan, and something can read."""
        return bool(self.scan_place()) and self.context.can_scan

    def scan_place(self) -> Place | None:
        """The scan page that this page offers, if it is asked now."""
        place = Place(self.page().scan_page, self.place().slot)
        return place if place in self.known().places() else None

    def go_to_scan(self, _event: Event) -> None:
        """Scan instead of typing."""
        returning = self.walk.returning
        self.arrive(self.scan_place())
        self.walk.returning = returning

    def _reading(self, event: Event) -> Reading | None:
        return (
            read(event.payload, today=self.context.clock.now().date()) if isinstance(event, Scanned) else None
        )

    def is_scan_unusable(self, event: Event) -> bool:
        """What was read is not what this page reads: a travel document, or a receipt."""
        expected = MrzRead if self.page().document else ReceiptCodeRead
        return not isinstance(self._reading(event), expected)

    def show_scan_problem(self, event: Event) -> None:
        """Stay and say it calmly: something else was shown, or it could not be read."""
        match self._reading(event):
            case MrzRead() | IdNumberRead() | ReceiptCodeRead() | TechnicianPassRead() | IamSmartRead():
                self.problem = Message(Problem.SCAN_OTHER_DOCUMENT)
            case Unreadable(reason=reason):
                self.problem = Message(_UNREADABLE.get(reason, Problem.SCAN_UNREADABLE))

    def fill_from_scan(self, event: Event) -> None:
        """Fill what the document says into fields the visitor has not typed, then show them to be checked."""
        reading = self._reading(event)
        page = self.page()
        if isinstance(reading, ReceiptCodeRead):
            self._fill_from_receipt(page, reading)
            self.go_ahead(event)
        if not isinstance(reading, MrzRead):
            return
        self._adopt_document(page, reading)
        for source, name in page.fills.items():
            value = _from_document(reading, source)
            if value:
                self.answers.keep_scanned(name, value)
        self.answers.note_scan(page.page, "" if reading.all_checks_fit else page.fills.get("number", ""))
        self.go_ahead(event)

    def _fill_from_receipt(self, page: Page, reading: ReceiptCodeRead) -> None:
        """A receipt is read whole: what was typed of another one does not stay."""
        read_of_it = {"reference": reading.reference, "receipt_code": reading.receipt_code}
        for source, name in page.fills.items():
            self.answers.keep(name, read_of_it[source])
            self.answers.scanned.add(name)
        self.answers.note_scan(page.page)

    def _adopt_document(self, page: Page, reading: MrzRead) -> None:
        """The document says what it is: a permit put down instead of a passport is taken as the permit."""
        known = self.known()
        name = page.document
        before = known.value(name)
        self.answers.put(name, reading.document.value)
        if not self.known().is_shown(page, None) and isinstance(before, str):
            self.answers.put(name, before)

    # --- photos ---------------------------------------------------------------------------------------------

    def photo_field(self) -> str:
        """The field that lists the photos of this page."""
        return at(self.page().photos, self.place().slot)

    def photo_ids(self) -> list[str]:
        """The photos of this page, oldest first."""
        listed = self.answers.values.get(self.photo_field())
        return list(listed) if isinstance(listed, list) else []

    def photo_limit(self) -> int:
        """How many photos this page may hold, with those that the report holds elsewhere."""
        elsewhere = len(self.answers.photos) - len(self.photo_ids())
        return min(self.page().limit, MOST_PHOTOS - elsewhere)

    def photo_problem(self) -> Message | None:
        """What is wrong with the last photo, or that no more fit into the report."""
        if not self.photo_limit():
            return Message(Problem.PHOTOS_FULL, {"most": str(MOST_PHOTOS)})
        return self.problem

    def can_take_photo(self, _event: Event) -> bool:
        """There is a camera, room, and no still on its way."""
        free = len(self.photo_ids()) < self.photo_limit()
        return free and not self.pending_photo and self.context.is_usable(Device.CAMERA)

    def take_photo(self, _event: Event) -> None:
        """Ask for a still."""
        self.problem = None
        self.pending_photo = str(self.context.new_id())
        self.pending_since = self.context.clock.monotonic()
        self.context.send(CapturePhoto(self.pending_photo))

    def keep_photo(self, event: Event) -> None:
        """The still that was asked for; an older one comes too late."""
        if (
            not isinstance(event, PhotoTaken)
            or event.photo_id != self.pending_photo
            or not self.pending_photo
        ):
            return
        self.pending_photo = ""
        if not 0 < len(event.jpeg) <= LARGEST_PHOTO:
            self.problem = Message(Problem.PHOTO_FAILED)
            return
        self.answers.photos[event.photo_id] = event.jpeg
        self.answers.put(self.photo_field(), [*self.photo_ids(), event.photo_id])

    def delete_photo(self, event: Event) -> None:
        """Forget a photo of this page."""
        if isinstance(event, PhotoDeleted) and event.photo_id in self.photo_ids():
            self.answers.photos.pop(event.photo_id, None)
            rest = [each for each in self.photo_ids() if each != event.photo_id]
            self.answers.put(self.photo_field(), rest)

    def await_photo(self, _event: Event) -> None:
        """A still that never came has failed."""
        if self.pending_photo and self.context.clock.monotonic() - self.pending_since >= PHOTO_DEADLINE_S:
            self.pending_photo = ""
            self.problem = Message(Problem.PHOTO_FAILED)


def _from_document(reading: MrzRead, source: str) -> str:
    """What a document says under the words that packs use; an incomplete date counts as unknown."""
    birth = reading.birth_date
    return {
        "number": reading.number,
        "issuer": reading.issuer,
        "name": " ".join(part for part in (reading.surname, reading.given_names) if part),
        "nationality": reading.nationality,
        "birth": birth if len(birth) == len("YYYY-MM-DD") and birth.replace("-", "").isdecimal() else "",
        "sex": reading.sex.value,
    }[source]
