"""The life of every visit as a table: states, triggers, moves, and the pairs that are ignored on purpose.

Conditions and actions name methods of the parts of a visit (`flows.visit`): `pages.…`, `listing.…`, and of
ways among pages: `ahead.…`, `behind.…`. `flows.life.machine` builds `transitions` machines from the tables;
`flows.describing.diagram` draws them.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a visit is."""

    ATTRACT = "attract"
    LANGUAGE = "language"
    TRIAGE = "triage"
    DEAF_HELP = "deaf_help"
    SERVICES = "services"
    PRIVACY = "privacy"
    QUESTION = "question"
    SCAN = "scan"
    PHOTO = "photo"
    LIST = "list"
    NOTICE = "notice"
    FILES = "files"
    WAITING = "waiting"
    REVIEW = "review"
    DECLARE = "declare"
    SUBMITTING = "submitting"
    RECEIVED = "received"
    SURVEY = "survey"
    OUT_OF_SERVICE = "out_of_service"
    WIPED = "wiped"


class Trigger(StrEnum):
    """What can happen to the life of a visit. What lies over a screen is the matter of `Cover`."""

    START = "start"
    NEXT = "next"
    BACK = "back"
    SKIP = "skip"
    YES = "yes"
    NO = "no"
    DEAF = "deaf"
    INFORMATION = "information"
    TYPE_INSTEAD = "type_instead"
    SCAN_INSTEAD = "scan_instead"
    TAKE_PHOTO = "take_photo"
    ADD = "add"
    SUBMIT = "submit"
    REPRINT = "reprint"
    FINISH = "finish"
    CALL_OFFICER = "call_officer"
    OFFICER_CAME = "officer_came"
    LANGUAGE_CHOSEN = "language_chosen"
    SERVICE_CHOSEN = "service_chosen"
    ANSWERED = "answered"
    CHANGE_ASKED = "change_asked"
    MEMBER_REMOVED = "member_removed"
    PHOTO_DELETED = "photo_deleted"
    FILE_DELETED = "file_deleted"
    SLIP_ASKED = "slip_asked"
    RATED = "rated"
    COMFORT_CHANGED = "comfort_changed"
    TICKED = "ticked"
    DEVICE_CHANGED = "device_changed"
    SCANNED = "scanned"
    PHOTO_TAKEN = "photo_taken"
    CASE_KEPT = "case_kept"
    CASE_NOT_KEPT = "case_not_kept"
    PRINT_ENDED = "print_ended"
    CENTRE_ANSWERED = "centre_answered"
    ENQUIRY_ANSWERED = "enquiry_answered"
    UPLOAD_CHANGED = "upload_changed"
    ADMISSION_CHANGED = "admission_changed"
    OFFICER_CALL_CHANGED = "officer_call_changed"
    HEADPHONES_CHANGED = "headphones_changed"
    END = "end"  # the visit ends: quick exit, stop, time-out, or a bug


@dataclass(frozen=True, slots=True)
class Move:
    """A row of the table. Without `dest` the state stays. The first row whose `when` is true is taken."""

    trigger: Trigger
    sources: tuple[State, ...]
    dest: State | None = None
    when: str = ""
    do: str = ""


S = State
T = Trigger

PAGES = (S.QUESTION, S.SCAN, S.PHOTO, S.LIST, S.NOTICE, S.FILES)
"""The states in which a page of the pack is shown."""

SKIPPABLE = (S.QUESTION, S.SCAN, S.PHOTO, S.FILES)

ALIVE = tuple(state for state in State if state is not S.WIPED)
IN_SERVICE = (S.PRIVACY, *PAGES, S.WAITING, S.REVIEW, S.DECLARE, S.SUBMITTING, S.RECEIVED, S.SURVEY)
"""The states that belong to the chosen service."""

IDLE = (S.ATTRACT, S.OUT_OF_SERVICE, S.WIPED)
"""Nobody is here, so no time runs."""

_KINDS = (
    (S.QUESTION, "is_question"),
    (S.SCAN, "is_scan"),
    (S.PHOTO, "is_photo"),
    (S.LIST, "is_list"),
    (S.NOTICE, "is_notice"),
    (S.FILES, "is_files"),
)
"""The states of pages, with the conditions of a `flows.answering.ways.Way` that leads to one."""


def _along(way: str, trigger: Trigger, sources: tuple[State, ...], do: str) -> tuple[Move, ...]:
    """To whatever kind of page the way leads to."""
    return tuple(Move(trigger, sources, dest, f"{way}.{condition}", do) for dest, condition in _KINDS)


def _forward(trigger: Trigger, sources: tuple[State, ...], do: str = "pages.go_ahead") -> tuple[Move, ...]:
    return (
        *_along("ahead", trigger, sources, do),
        Move(trigger, sources, S.REVIEW, "pages.ahead_is_review", do),
    )


def _mend(trigger: Trigger, source: State) -> tuple[Move, ...]:
    return tuple(row for row in _forward(trigger, (source,)) if row.dest is not source)


MOVES: tuple[Move, ...] = (
    # Before the report.
    Move(T.START, (S.ATTRACT,), S.LANGUAGE, do="preliminaries.start"),
    Move(
        T.LANGUAGE_CHOSEN,
        (S.LANGUAGE,),
        S.TRIAGE,
        when="preliminaries.is_language_offered",
        do="preliminaries.choose_language",
    ),
    Move(T.LANGUAGE_CHOSEN, (S.LANGUAGE,)),
    Move(
        T.LANGUAGE_CHOSEN,
        tuple(s for s in ALIVE if s not in (S.LANGUAGE, S.ATTRACT)),
        do="preliminaries.choose_language",
    ),
    Move(
        T.NO,
        (S.TRIAGE,),
        S.SERVICES,
        when="preliminaries.is_last_question",
        do="preliminaries.go_to_next_question",
    ),
    Move(T.NO, (S.TRIAGE,), do="preliminaries.go_to_next_question"),
    Move(T.YES, (S.TRIAGE,), do="preliminaries.call_for_help"),
    Move(T.DEAF, (S.TRIAGE,), S.DEAF_HELP, do="preliminaries.note_deaf"),
    *_along("opening", T.INFORMATION, (S.TRIAGE,), "hand_over.open_information"),
    Move(T.INFORMATION, (S.TRIAGE,)),
    Move(T.NEXT, (S.DEAF_HELP,), S.TRIAGE),
    Move(T.BACK, (S.DEAF_HELP,), S.TRIAGE),
    Move(T.BACK, (S.TRIAGE,), S.LANGUAGE, when="preliminaries.is_first_question"),
    Move(T.BACK, (S.TRIAGE,), do="preliminaries.go_to_previous_question"),
    Move(T.BACK, (S.SERVICES,), S.TRIAGE),
    *_along("opening", T.SERVICE_CHOSEN, (S.SERVICES,), "hand_over.choose_service"),
    Move(
        T.SERVICE_CHOSEN,
        (S.SERVICES,),
        S.PRIVACY,
        when="preliminaries.is_service_offered",
        do="hand_over.choose_service",
    ),
    Move(T.SERVICE_CHOSEN, (S.SERVICES,)),
    Move(T.BACK, (S.PRIVACY,), S.NOTICE, when="hand_over.was_used", do="hand_over.go_back"),
    Move(T.BACK, (S.PRIVACY,), S.SERVICES),
    *_forward(T.NEXT, (S.PRIVACY,), do="pages.accept_privacy"),
    # The pages of the pack.
    Move(T.ANSWERED, (S.QUESTION,), do="pages.keep_answer"),
    Move(T.NEXT, (S.QUESTION, S.NOTICE), when="pages.must_stay", do="pages.show_remarks"),
    Move(T.NEXT, (S.NOTICE,), when="hand_over.leads_nowhere"),
    *_along("opening", T.NEXT, (S.NOTICE,), "hand_over.go"),
    Move(T.NEXT, (S.NOTICE,), S.PRIVACY, when="hand_over.leads_to_statement", do="hand_over.go"),
    Move(T.FINISH, (S.NOTICE,), S.SURVEY, when="survey.is_wanted_after_enquiry", do="survey.begin"),
    Move(T.FINISH, (S.NOTICE,), S.WIPED, when="pages.ends_here", do="pages.finish"),
    Move(T.FINISH, (S.NOTICE,)),
    Move(T.NEXT, (S.QUESTION,), S.WAITING, when="enquiring.must_ask", do="enquiring.ask"),
    *_forward(T.NEXT, PAGES),
    Move(T.SKIP, (S.QUESTION,), when="pages.must_stay", do="pages.show_remarks"),
    *_forward(T.SKIP, SKIPPABLE),
    *_forward(T.TYPE_INSTEAD, (S.SCAN,)),
    Move(T.SCAN_INSTEAD, (S.QUESTION,), S.SCAN, when="scanning.can_scan", do="scanning.begin"),
    Move(T.SCAN_INSTEAD, (S.QUESTION,)),
    Move(T.BACK, (S.QUESTION,), S.LIST, when="listing.leaves_nothing", do="listing.go_back_without"),
    *_along("behind", T.BACK, PAGES, "pages.go_back"),
    Move(T.BACK, PAGES, S.REVIEW, when="pages.behind_is_review", do="pages.go_back"),
    Move(T.BACK, PAGES, S.PRIVACY, when="pages.behind_is_privacy", do="pages.go_back"),
    Move(T.BACK, PAGES, S.NOTICE, when="hand_over.is_behind", do="hand_over.go_back"),
    Move(T.BACK, PAGES, S.TRIAGE, when="hand_over.is_triage_behind", do="hand_over.close_information"),
    Move(T.BACK, PAGES, S.SERVICES, when="hand_over.are_services_behind", do="pages.go_back"),
    Move(T.SCANNED, (S.SCAN,), when="scanning.is_unusable", do="scanning.show_problem"),
    Move(T.SCANNED, (S.SCAN,), S.QUESTION, do="scanning.fill"),
    Move(T.TAKE_PHOTO, (S.PHOTO,), when="photos.can_take", do="photos.take"),
    Move(T.TAKE_PHOTO, (S.PHOTO,)),
    Move(T.PHOTO_TAKEN, (S.PHOTO,), do="photos.keep"),
    Move(T.PHOTO_DELETED, (S.PHOTO,), do="photos.delete"),
    # Members of a group, added one by one.
    Move(T.ADD, (S.LIST,), S.QUESTION, when="listing.can_add", do="listing.add"),
    Move(T.ADD, (S.LIST,)),
    *_along("member", T.CHANGE_ASKED, (S.LIST,), "listing.change"),
    Move(T.CHANGE_ASKED, (S.LIST,)),
    Move(T.MEMBER_REMOVED, (S.LIST,), when="listing.can_remove", do="listing.remove"),
    Move(T.MEMBER_REMOVED, (S.LIST,)),
    # Files from a phone, and questions to the centre.
    Move(T.UPLOAD_CHANGED, ALIVE, do="uploading.note"),
    Move(T.FILE_DELETED, (S.FILES,), do="uploading.delete"),
    Move(T.ENQUIRY_ANSWERED, (S.WAITING,), when="enquiring.has_problem"),
    *_forward(T.ENQUIRY_ANSWERED, (S.WAITING,), do="enquiring.go_on"),
    Move(T.NEXT, (S.WAITING,), when="enquiring.can_retry", do="enquiring.ask"),
    Move(T.NEXT, (S.WAITING,)),
    Move(T.SKIP, (S.WAITING,), when="enquiring.needs_answer"),
    *_forward(T.SKIP, (S.WAITING,), do="enquiring.go_on"),
    Move(T.BACK, (S.WAITING,), S.QUESTION, do="enquiring.cancel"),
    # Review, declaration, submission.
    *_along("change", T.CHANGE_ASKED, (S.REVIEW,), "pages.go_to_change"),
    Move(T.CHANGE_ASKED, (S.REVIEW,)),
    Move(T.NEXT, (S.REVIEW,), S.DECLARE, when="pages.is_complete"),
    *_mend(T.NEXT, S.REVIEW),
    *_along("last", T.BACK, (S.REVIEW,), "pages.go_to_last"),
    Move(T.BACK, (S.DECLARE,), S.REVIEW),
    Move(T.SUBMIT, (S.DECLARE,), S.SUBMITTING, when="submission.is_valid", do="submission.submit"),
    Move(T.SUBMIT, (S.DECLARE,), do="submission.show_invalid"),
    Move(T.CASE_KEPT, (S.SUBMITTING,), S.RECEIVED, when="submission.is_own_case", do="submission.receive"),
    Move(T.CASE_KEPT, (S.SUBMITTING,)),
    Move(T.CASE_NOT_KEPT, (S.SUBMITTING,), S.DECLARE, do="submission.show_not_kept"),
    # After submission.
    Move(T.CENTRE_ANSWERED, (S.SUBMITTING, S.RECEIVED), do="submission.note_official_number"),
    Move(T.PRINT_ENDED, (S.RECEIVED,), do="slips.note_print"),
    Move(T.REPRINT, (S.RECEIVED,), do="submission.reprint"),
    Move(T.SLIP_ASKED, (S.RECEIVED,), do="slips.ask"),
    *(Move(each, (S.RECEIVED,), S.SURVEY, "survey.is_wanted", "survey.begin") for each in (T.FINISH, T.NEXT)),
    Move(T.FINISH, (S.RECEIVED,), S.WIPED, do="submission.finish"),
    Move(T.NEXT, (S.RECEIVED,), S.WIPED, do="submission.finish"),
    Move(T.RATED, (S.SURVEY,), do="survey.rate"),
    Move(T.NEXT, (S.SURVEY,), S.WIPED, when="survey.is_last", do="survey.finish"),
    Move(T.NEXT, (S.SURVEY,), do="survey.go_on"),
    Move(T.BACK, (S.SURVEY,), when="survey.is_first"),
    Move(T.BACK, (S.SURVEY,), do="survey.go_back"),
    *(Move(each, (S.SURVEY,), S.WIPED, do="survey.finish") for each in (T.SKIP, T.FINISH)),
    # The world, and the end.
    Move(T.TICKED, (S.RECEIVED,), do="slips.tick"),
    Move(T.TICKED, (S.WAITING,), do="enquiring.tick"),
    Move(T.TICKED, (S.PHOTO,), do="photos.tick"),
    Move(T.COMFORT_CHANGED, ALIVE, do="context.note_comfort"),
    Move(T.DEVICE_CHANGED, ALIVE, do="context.note_device"),
    Move(T.CALL_OFFICER, IN_SERVICE, when="pages.is_confidential"),
    Move(T.CALL_OFFICER, ALIVE, do="context.call_officer"),
    Move(T.OFFICER_CAME, ALIVE, do="context.end_call"),
    Move(T.OFFICER_CALL_CHANGED, ALIVE, do="context.note_call"),
    Move(
        T.ADMISSION_CHANGED,
        (S.ATTRACT,),
        S.OUT_OF_SERVICE,
        when="context.is_refusing",
        do="context.note_recipients",
    ),
    Move(
        T.ADMISSION_CHANGED,
        (S.OUT_OF_SERVICE,),
        S.ATTRACT,
        when="context.is_accepting",
        do="context.note_recipients",
    ),
    Move(T.ADMISSION_CHANGED, (S.ATTRACT, S.OUT_OF_SERVICE), do="context.note_recipients"),
    Move(T.END, ALIVE, S.WIPED),
)


def _except(*states: State) -> tuple[State, ...]:
    return tuple(state for state in State if state not in states)


IGNORED: dict[Trigger, tuple[State, ...]] = {
    # A touch that was meant for a screen already gone, or that the screen does not offer.
    T.START: _except(S.ATTRACT),
    T.NEXT: (S.ATTRACT, S.LANGUAGE, S.TRIAGE, S.SERVICES, S.DECLARE, S.SUBMITTING, S.OUT_OF_SERVICE, S.WIPED),
    T.BACK: (S.ATTRACT, S.LANGUAGE, S.SUBMITTING, S.RECEIVED, S.OUT_OF_SERVICE, S.WIPED),
    T.SKIP: _except(*SKIPPABLE, S.WAITING, S.SURVEY),
    T.YES: _except(S.TRIAGE),
    T.NO: _except(S.TRIAGE),
    T.DEAF: _except(S.TRIAGE),
    T.INFORMATION: _except(S.TRIAGE),
    T.TYPE_INSTEAD: _except(S.SCAN),
    T.SCAN_INSTEAD: _except(S.QUESTION),
    T.TAKE_PHOTO: _except(S.PHOTO),
    T.SUBMIT: _except(S.DECLARE),  # also the second touch: one submission is one case
    T.REPRINT: _except(S.RECEIVED),
    T.FINISH: _except(S.RECEIVED, S.SURVEY, S.NOTICE),
    T.CALL_OFFICER: (S.WIPED,),
    T.OFFICER_CAME: (S.WIPED,),
    T.LANGUAGE_CHOSEN: (S.ATTRACT, S.WIPED),  # the first touch only wakes the kiosk
    T.SERVICE_CHOSEN: _except(S.SERVICES),
    T.ANSWERED: _except(S.QUESTION),
    T.CHANGE_ASKED: _except(S.REVIEW, S.LIST),
    T.ADD: _except(S.LIST),
    T.MEMBER_REMOVED: _except(S.LIST),
    T.PHOTO_DELETED: _except(S.PHOTO),
    T.FILE_DELETED: _except(S.FILES),
    T.SLIP_ASKED: _except(S.RECEIVED),
    T.RATED: _except(S.SURVEY),
    # What comes from the world when it no longer matters.
    T.TICKED: _except(
        S.RECEIVED, S.PHOTO, S.WAITING
    ),  # time-outs of the visit are judged by `flows.life.patience`
    T.COMFORT_CHANGED: (S.WIPED,),
    T.DEVICE_CHANGED: (S.WIPED,),
    T.OFFICER_CALL_CHANGED: (S.WIPED,),
    T.HEADPHONES_CHANGED: tuple(State),  # a visit does not speak yet; maintenance sees them
    T.SCANNED: _except(S.SCAN),
    T.PHOTO_TAKEN: _except(S.PHOTO),
    T.CASE_KEPT: _except(S.SUBMITTING),
    T.CASE_NOT_KEPT: _except(S.SUBMITTING),
    T.PRINT_ENDED: _except(S.RECEIVED),
    T.CENTRE_ANSWERED: _except(S.SUBMITTING, S.RECEIVED),
    T.ENQUIRY_ANSWERED: _except(S.WAITING),
    T.UPLOAD_CHANGED: (S.WIPED,),
    T.ADMISSION_CHANGED: _except(S.ATTRACT, S.OUT_OF_SERVICE),  # a visit that has begun may end
    T.END: (S.WIPED,),
}
"""Pairs of trigger and state that may happen and change nothing. Every pair is either here or in `MOVES`."""


class Cover(StrEnum):
    """What lies over the screen of a visit. It never stops the life beneath: a case is kept also under a
    cover.
    """

    CLEAR = "clear"
    TIME_WARNING = "time_warning"
    STOP_CONFIRM = "stop_confirm"
    EMERGENCY = "emergency"


class CoverTrigger(StrEnum):
    """What opens and closes a cover."""

    GROW_IDLE = "grow_idle"
    ACTIVITY = "activity"
    MORE_TIME = "more_time"
    STOP = "stop"
    STOP_CANCEL = "stop_cancel"
    EMERGENCY = "emergency"
    EMERGENCY_CLOSE = "emergency_close"


@dataclass(frozen=True, slots=True)
class CoverMove:
    """A row of the table of covers."""

    trigger: CoverTrigger
    sources: tuple[Cover, ...]
    dest: Cover


C = Cover
COVER_MOVES: tuple[CoverMove, ...] = (
    CoverMove(CoverTrigger.GROW_IDLE, (C.CLEAR, C.STOP_CONFIRM), C.TIME_WARNING),
    CoverMove(CoverTrigger.ACTIVITY, (C.TIME_WARNING,), C.CLEAR),
    CoverMove(CoverTrigger.MORE_TIME, (C.TIME_WARNING,), C.CLEAR),
    CoverMove(CoverTrigger.STOP, (C.CLEAR, C.TIME_WARNING), C.STOP_CONFIRM),
    CoverMove(CoverTrigger.STOP_CANCEL, (C.STOP_CONFIRM,), C.CLEAR),
    CoverMove(CoverTrigger.EMERGENCY, (C.CLEAR, C.TIME_WARNING, C.STOP_CONFIRM), C.EMERGENCY),
    CoverMove(CoverTrigger.EMERGENCY_CLOSE, (C.EMERGENCY,), C.CLEAR),
)
COVER_IGNORED: dict[CoverTrigger, tuple[Cover, ...]] = {
    CoverTrigger.GROW_IDLE: (C.TIME_WARNING, C.EMERGENCY),  # the emergency screen is never hidden
    CoverTrigger.ACTIVITY: (C.CLEAR, C.STOP_CONFIRM, C.EMERGENCY),
    CoverTrigger.MORE_TIME: (C.CLEAR, C.STOP_CONFIRM, C.EMERGENCY),
    CoverTrigger.STOP: (C.STOP_CONFIRM, C.EMERGENCY),
    CoverTrigger.STOP_CANCEL: (C.CLEAR, C.TIME_WARNING, C.EMERGENCY),
    CoverTrigger.EMERGENCY: (C.EMERGENCY,),
    CoverTrigger.EMERGENCY_CLOSE: (C.CLEAR, C.TIME_WARNING, C.STOP_CONFIRM),
}
