"""The pages of the chosen pack: what is known, moving among them, and answers."""

from dataclasses import dataclass, field
from datetime import datetime

from flows.answering.answer_checks import Checker, accept
from flows.answering.answers import Answers
from flows.answering.known_answers import KnownAnswers, Place, split
from flows.answering.walk import Walk, following, last_page, preceding
from flows.case import InputMethod
from flows.conditions import at
from flows.events import (
    Answered,
    ChangeAsked,
    Ending,
    Event,
)
from flows.fields.check import Checked
from flows.life.visit_context import VisitContext
from flows.pack import Pack, PackKind, Page, PageKind
from flows.picture.review import parse_target
from flows.view import Keyboard, Message


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
    pending_photo: str = ""  # the still that was asked for; it is awaited on its page only
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

    def take_up(self, pack: Pack, answers: Answers, walk: Walk) -> None:
        """Go on in a service, with its answers."""
        self.pack, self.answers, self.walk = pack, answers, walk
        self.remarks_shown = False
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
