"""One visit, from the first touch to wiped: events in, commands and a picture out.

Pure: no input or output, and no time but the given clock's. Never raises for anything a visitor or a device
can do; a mistake of ours ends the visit as out of order, and the roof finds it in `fault`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from config.settings import Site, Timing
from flows.answering.ways import Way
from flows.asking.enquiring import Enquiring
from flows.asking.slips import Slips
from flows.asking.survey import Survey
from flows.asking.uploading import Uploading
from flows.events import (
    AdmissionChanged,
    Answered,
    ChangeAsked,
    ComfortChanged,
    Command,
    Ending,
    EndVisit,
    Event,
    FileDeleted,
    LanguageChosen,
    MemberRemoved,
    PhotoDeleted,
    PresenceChanged,
    Rated,
    Scanned,
    ServiceChosen,
    SlipAsked,
    Ticked,
    Touch,
    Touched,
    UploadChanged,
)
from flows.facts import KioskFacts
from flows.languages import Language
from flows.life.device_switches import Switches
from flows.life.hand_over import HandOver
from flows.life.lifecycle import IDLE, Cover, CoverTrigger, State, Trigger
from flows.life.listing import Listing
from flows.life.machine import Covers, Life
from flows.life.pages import Pages
from flows.life.patience import Patience, Verdict
from flows.life.photos import Photos
from flows.life.preliminaries import Preliminaries
from flows.life.scanning import Scanning
from flows.life.submission import Submission
from flows.life.triggers import trigger_of
from flows.life.visit_context import VisitContext
from flows.pack import PackBook
from flows.picture.view_builder import Picture, wiped
from flows.ports import Clock, Device
from flows.view import ViewState

_VISITOR_EVENTS = (
    Touched,
    LanguageChosen,
    ServiceChosen,
    Answered,
    ChangeAsked,
    PhotoDeleted,
    MemberRemoved,
    FileDeleted,
    SlipAsked,
    Rated,
    ComfortChanged,
)
_AFTER = (State.RECEIVED, State.SURVEY)
"""The report is kept: what is left is paper and a courtesy."""

_HEARD_UNDER_COVER = (Answered, LanguageChosen, ComfortChanged)
"""What still counts under a cover: a key struck as the cover came up, and what makes it readable."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the table of the life cycle acts on."""

    context: VisitContext
    preliminaries: Preliminaries
    pages: Pages
    scanning: Scanning
    photos: Photos
    submission: Submission
    listing: Listing
    hand_over: HandOver
    ahead: Way
    behind: Way
    change: Way
    member: Way
    last: Way
    opening: Way
    enquiring: Enquiring
    uploading: Uploading
    slips: Slips
    survey: Survey


class Visit:
    """A visit. Hand it events with `handle`, carry its commands out, show its `view`."""

    def __init__(
        self,
        packs: PackBook,
        site: Site,
        timing: Timing,
        clock: Clock,
        kiosk: KioskFacts,
        new_id: Callable[[], UUID],
    ) -> None:
        """`new_id` gives random ids for the case, photos and print jobs."""
        first = Language(site.languages[0])
        context = VisitContext(packs, site, timing, clock, kiosk, new_id, language=first)
        context.recipients = kiosk.recipients
        preliminaries = Preliminaries(context)
        pages = Pages(context)
        submission = Submission(context, preliminaries, pages)
        listing = Listing(pages)
        hand_over = HandOver(context, pages)
        self._context = context
        self._parts = _Parts(
            context,
            preliminaries,
            pages,
            Scanning(context, pages),
            Photos(context, pages),
            submission,
            listing,
            hand_over,
            Way(pages.kind_ahead),
            Way(pages.kind_behind),
            Way(pages.kind_to_change),
            Way(listing.kind_to_change),
            Way(pages.kind_of_last),
            Way(hand_over.kind_of_opening),
            Enquiring(context, pages),
            Uploading(context, pages),
            Slips(context, pages, submission),
            Survey(context, pages),
        )
        self._life = Life(self._parts)
        self._covers = Covers()
        self._patience = Patience(timing)
        self._switches = Switches()
        self._picture = Picture(
            context,
            preliminaries,
            pages,
            self._parts.scanning,
            self._parts.photos,
            submission,
            self._patience,
            listing,
            hand_over,
            self._parts.enquiring,
            self._parts.uploading,
            self._parts.slips,
            self._parts.survey,
        )
        self._ended = False
        self.fault: Exception | None = None
        if not kiosk.accepting:
            refused = AdmissionChanged(accepting=False, recipients=kiosk.recipients)
            self._life.meet(Trigger.ADMISSION_CHANGED, refused)

    @property
    def state(self) -> State:
        """Where the visit is."""
        return self._life.now

    @property
    def cover(self) -> Cover:
        """What lies over the screen."""
        return self._covers.now

    def photo(self, photo_id: str) -> bytes:
        """The JPEG of a photo of this visit; empty if there is none."""
        return self._parts.pages.answers.photos.get(photo_id, b"")

    def view(self) -> ViewState:
        """The picture as it is now."""
        if self.state is State.WIPED:
            return wiped(self._context)
        return self._picture.view(self.state, self.cover)

    def handle(self, event: Event) -> list[Command]:
        """Take an event; what comes back is to be carried out in order."""
        if self._ended:
            return []
        try:
            self._dispatch(event)
        except Exception as fault:  # noqa: BLE001  any mistake of ours must end in the calm screen
            self.fault = fault
            self._context.ending = Ending.OUT_OF_ORDER
            self._context.commands.clear()
            self._life.end_at_once()
        return self._settle()

    def _dispatch(self, event: Event) -> None:
        now = self._context.clock.monotonic()
        if isinstance(event, Ticked):
            self._tick(event, now)
        elif isinstance(event, Touched) and event.touch in _COVER_TOUCHES:
            self._touch_cover(event.touch, now)
        elif isinstance(event, PresenceChanged):
            self._patience.note_presence(now, near=event.near)
        elif isinstance(event, _VISITOR_EVENTS) or self._is_shown_document(event):
            self._act(event, now)
        else:
            if isinstance(event, UploadChanged) and self._parts.uploading.brings_more(event):
                self._patience.active(now)  # the visitor is busy with their phone
                self._covers.meet(CoverTrigger.ACTIVITY)
            self._meet(event)

    def _meet(self, event: Event) -> None:
        """Let the table decide; where a visitor waits for the centre, it decides on what came of it."""
        if self.state is State.WAITING:
            self._parts.enquiring.hear(event)
        self._life.meet(trigger_of(event), event)

    def _is_shown_document(self, event: Event) -> bool:
        """A scan where one is expected is the visitor's doing; anywhere else it is noise."""
        return isinstance(event, Scanned) and self.state is State.SCAN

    # --- the visitor ----------------------------------------------------------------------------------------

    def _act(self, event: Event, now: float) -> None:
        self._patience.active(now)
        self._covers.meet(CoverTrigger.ACTIVITY)
        if self.cover is not Cover.CLEAR and not isinstance(event, _HEARD_UNDER_COVER):
            return
        if self.state is State.ATTRACT and event == Touched(Touch.START):
            self._patience.start(now)
        self._meet(event)
        if self._context.help_called:
            self._context.help_called = False
            self._covers.meet(CoverTrigger.EMERGENCY)
        if isinstance(event, ComfortChanged):
            self._rest(now)

    def _touch_cover(self, touch: Touch, now: float) -> None:
        if touch is Touch.EMERGENCY and self.state in IDLE:
            self._patience.start(now)
        self._patience.active(now)
        match touch:
            case Touch.QUICK_EXIT:
                self._leave(Ending.QUICK_EXIT)
            case Touch.STOP if self.state in (*IDLE, *_AFTER):
                self._leave(Ending.FINISHED)
            case Touch.STOP_CONFIRM:
                if self.cover is Cover.STOP_CONFIRM:
                    self._leave(Ending.STOPPED)
            case Touch.CALL_OFFICER | Touch.OFFICER_CAME:
                self._life.meet(Trigger(touch.value), Touched(touch))
            case _:
                self._covers.meet(CoverTrigger(touch.value))
        self._rest(now)

    def _rest(self, now: float) -> None:
        """Before a visit has begun no time runs, unless the screen must be put back for the next visitor."""
        if self.state in IDLE and self.cover is Cover.CLEAR:
            if self._context.is_adjusted:
                self._patience.start(now)
            else:
                self._patience.stop()

    def _leave(self, ending: Ending) -> None:
        """End the visit; where nobody has begun one, only close what covers the screen."""
        if self.state in IDLE:
            self._covers.meet(CoverTrigger.EMERGENCY_CLOSE)
        else:
            self._end(ending)

    def _end(self, ending: Ending) -> None:
        self._context.ending = ending
        self._life.meet(Trigger.END, None)

    # --- time -----------------------------------------------------------------------------------------------

    def _tick(self, event: Ticked, now: float) -> None:
        self._life.meet(Trigger.TICKED, event)
        if self.state is State.SUBMITTING and self._parts.submission.is_stuck(now):
            self._end(Ending.OUT_OF_ORDER)
        elif self._is_busy():
            self._patience.active(now)
        elif self._patience.limit_left(now) <= 0:
            self._end(self._time_out_ending())
        elif self.cover is Cover.EMERGENCY:
            self._end_after(self._context.timing.idle_s + self._context.timing.warning_s, now)
        elif self.state in _AFTER:
            self._end_after(self._context.timing.received_s, now)
        elif self.state not in IDLE:
            self._warn(now)
        elif self._context.is_adjusted:
            self._end_after(self._context.timing.idle_s, now)

    def _is_busy(self) -> bool:
        """Committing, printing, waiting for the centre and taking a photo count as activity."""
        submission = self._parts.submission
        printing = submission.printing.is_active or self._parts.slips.is_active
        return (
            self.state is State.SUBMITTING
            or (self.state is State.RECEIVED and printing)
            or (self.state is State.WAITING and self._parts.enquiring.is_waiting)
            or bool(self._parts.pages.pending_photo)
        )

    def _end_after(self, seconds: float, now: float) -> None:
        if self._patience.idle_for(now) >= seconds:
            self._end(self._time_out_ending())

    def _time_out_ending(self) -> Ending:
        if self.state in _AFTER:
            return Ending.FINISHED
        return Ending.EMERGENCY if self.cover is Cover.EMERGENCY else Ending.TIMED_OUT

    def _warn(self, now: float) -> None:
        if not self._context.is_usable(Device.PANEL):
            self._patience.note_presence(now, near=True)  # a sensor that is gone says nothing any more
        match self._patience.judge(now):
            case Verdict.WARN:
                self._covers.meet(CoverTrigger.GROW_IDLE)
            case Verdict.GIVE_UP:
                self._end(Ending.TIMED_OUT)
            case Verdict.GO_ON:
                pass

    # --- after every event ----------------------------------------------------------------------------------

    def _settle(self) -> list[Command]:
        context = self._context
        commands = [*context.commands]
        context.commands.clear()
        commands += self._switches.settle(self.state, self.cover, context.devices)
        commands += self._parts.uploading.settle(self.state)
        if self.state is State.WIPED and not self._ended:
            self._ended = True
            if self.fault is None:
                commands += self._parts.survey.end()
            self._parts.pages.forget()
            self._parts.hand_over.forget()
            self._parts.submission.forget()
            commands.append(EndVisit(context.ending or Ending.OUT_OF_ORDER))
        return commands


_COVER_TOUCHES = frozenset(
    {
        Touch.MORE_TIME,
        Touch.STOP,
        Touch.STOP_CONFIRM,
        Touch.STOP_CANCEL,
        Touch.QUICK_EXIT,
        Touch.EMERGENCY,
        Touch.EMERGENCY_CLOSE,
        Touch.CALL_OFFICER,
        Touch.OFFICER_CAME,
    }
)
