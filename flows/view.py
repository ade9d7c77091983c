"""Everything the screen may be told. `ui` renders a `ViewState` and decides nothing.

Words of a pack (titles, labels, options) arrive here already in the visitor's language. Words that belong to
every service (buttons, notices, problems) arrive as keys, which `ui.i18n` turns into words:
`Message("hkid_check_digit")` is the catalogue entry `problem.hkid_check_digit`, `warning.…` or `notice.…` by
where it stands.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from flows.events import AnswerValue
from flows.languages import Language
from flows.ports import DeviceState, OfficerCall


class Screen(StrEnum):
    """One QML file each."""

    ATTRACT = "attract"
    LANGUAGE = "language"
    TRIAGE = "triage"
    DEAF_HELP = "deaf_help"
    EMERGENCY = "emergency"
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


class FieldKind(StrEnum):
    """How an answer is given."""

    CHOICE = "choice"  # tiles, one
    MULTI_CHOICE = "multi_choice"  # tiles, several; value is list[str]
    YES_NO = "yes_no"  # two large tiles; value is "yes", "no" or another of its options
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    PHONE = "phone"
    EMAIL = "email"
    DOCUMENT = "document"  # a document number
    LAST_FOUR = "last_four"  # last four digits of a bank card; more cannot be typed
    DATE = "date"  # "YYYY-MM-DD"
    TIME = "time"  # "HH:MM"
    LISTED = "listed"  # an entry of a long list, by heading or by the first letters; value is its code
    SKETCH = "sketch"  # drawn lines as text (`flows.fields.sketch`); never must be answered
    WHEN = "when"  # {"certainty": exact|between|unknown, "date", "time", "until_date", "until_time"}


class Picture(StrEnum):
    """A choice of several shown as a picture to touch; the same choice stands beside it as words."""

    CAR = "car"  # front, front_left, front_right, left, right, rear_left, rear_right, rear, roof, underneath


class Keyboard(StrEnum):
    """Which keys a field opens."""

    NONE = "none"
    WRITING = "writing"  # the visitor's language with its input methods, and English
    LATIN = "latin"
    CAPITALS = "capitals"  # A-Z and digits, for document numbers
    DIGITS = "digits"
    AMOUNT = "amount"  # digits and a point
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Message:
    """Words by key, with plain values to put in."""

    key: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A tile. `icon` names a file of `ui/assets/icons` or is empty.

    `names` are what a search of a long list finds it by: its name in every `Language`, in their order.
    """

    value: str
    label: str
    hint: str = ""
    icon: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A part of a long list, for instance an MTR line with its stations; a list without parts has one."""

    label: str
    options: tuple[Option, ...]
    colour: str = ""  # "#rrggbb", where the world knows it by its colour; never its only sign


@dataclass(frozen=True, slots=True)
class Field:
    """One answer on a question page, as it stands now."""

    name: str
    kind: FieldKind
    label: str
    value: AnswerValue
    hint: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    headings: tuple[Heading, ...] = ()  # kind `listed`: its entries, by heading
    picture: Picture | None = None
    speakable: bool = False  # its answer may be said aloud
    keyboard: Keyboard = Keyboard.NONE
    max_length: int = 0  # characters; 0 where it does not apply
    prefix: str = ""  # money: the sign of its currency
    earliest: str = ""  # dates: "YYYY-MM-DD"
    latest: str = ""
    problem: Message | None = None  # must be mended; stands beside the field
    warning: Message | None = None  # may be ignored


@dataclass(frozen=True, slots=True)
class QuestionBody:
    """A page that asks. One idea; mostly one field."""

    fields: tuple[Field, ...]
    optional: bool = False  # the page may be skipped
    can_scan: bool = False  # offers "scan instead"


@dataclass(frozen=True, slots=True)
class TriageBody:
    """One emergency question at a time: yes or no. `can_inform`: who only looks for information may pass."""

    question_key: str  # catalogue key `triage.<question_key>`
    number: int
    count: int
    can_inform: bool = False


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """A service that this site offers."""

    service: str
    label: str
    icon: str
    minutes: int
    group: str = ""  # catalogue key `services.group.<group>`


@dataclass(frozen=True, slots=True)
class ServicesBody:
    """The services of this site in its order; tiles of the same group stand together."""

    tiles: tuple[ServiceTile, ...]


@dataclass(frozen=True, slots=True)
class PrivacyBody:
    """The collection statement: paragraphs, its version, and whether it still needs sign-off by the force."""

    paragraphs: tuple[str, ...]
    version: str
    needs_sign_off: bool


@dataclass(frozen=True, slots=True)
class ScanBody:
    """Put the document or code to the reader. `document`: a choice of the identity question or `receipt`."""

    document: str
    reader: DeviceState  # of the scanner and the document reader, the one that can read
    camera: DeviceState
    problem: Message | None = None  # the last reading, in words


@dataclass(frozen=True, slots=True)
class PhotoBody:
    """Live picture and shutter. Pictures are served as `image://photos/<photo_id>`."""

    photo_ids: tuple[str, ...]
    limit: int
    camera: DeviceState
    capturing: bool = False
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class ListRow:
    """A member of a group, with Change and Remove beside it."""

    label: str
    lines: tuple[str, ...]
    target: str
    can_remove: bool = True
    unfinished: bool = False  # something on its pages must still be answered


@dataclass(frozen=True, slots=True)
class ListBody:
    """Members added one by one. `add` and `total` are words of the pack; `total` may be empty."""

    rows: tuple[ListRow, ...]
    can_add: bool
    add: str = ""
    total: str = ""


class NoticeLook(StrEnum):
    """How a notice looks."""

    CALM = "calm"
    OFFICER = "officer"
    EMERGENCY = "emergency"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Entry:
    """A card of a notice: a station, a desk, a hotline."""

    name: str
    lines: tuple[str, ...] = ()
    phone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """What the centre says of an earlier report. `state` is a catalogue key `status.<state>`; times are in
    words of the pack, and what is not known is empty. `words` are the centre's, in the visitor's language,
    plain.
    """

    state: str  # "received", "in_progress", "accepted", "rejected"
    official_number: str = ""
    received: str = ""
    updated: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class NoticeBody:
    """A page to read. `code` is the payload of a QR code to take along, empty without one. A final notice has
    no Continue: the visitor goes back, or touches Finish.
    """

    look: NoticeLook
    paragraphs: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    code: str = ""
    final: bool = False
    can_call_officer: bool = False
    needs_sign_off: bool = False
    status: ReportStatus | None = None


class UploadState(StrEnum):
    """How the way from the visitor's phone stands."""

    OPENING = "opening"
    OPEN = "open"
    UNREACHABLE = "unreachable"  # no network, or the centre does not answer: go on without
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file that arrived from the visitor's phone; only the kind of it is shown, never its name."""

    file_id: str
    kind: str  # "picture", "video", "sound", "document"
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class FilesBody:
    """A code for the visitor's phone, and what has arrived. `code` is empty until the way is open."""

    state: UploadState
    code: str
    files: tuple[ArrivedFile, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class WaitingBody:
    """The centre is being asked; `problem` when it gave no answer."""

    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class SurveyBody:
    """One question of the survey; `chosen` may be several where `several`."""

    question_key: str  # catalogue key `survey.<question_key>`
    options: tuple[str, ...]  # catalogue keys `survey.<question_key>.<option>`
    chosen: tuple[str, ...]
    several: bool
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class SlipButton:
    """A paper that can be printed now."""

    slip: str  # what `SlipAsked` names
    label: str
    paper: "PaperState | None" = None  # of its last print


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One answer with "Change" beside it; what must not be shown is masked or only said to be given."""

    label: str
    lines: tuple[str, ...]
    target: str
    spoken: tuple[str, ...] = ()  # those of `lines` that may be said aloud


@dataclass(frozen=True, slots=True)
class ReviewBody:
    """All answers."""

    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class DeclareBody:
    """The declaration of truth with its legal note; `problem` after a failed submission."""

    paragraphs: tuple[str, ...]
    needs_sign_off: bool
    problem: Message | None = None
    submit: str = ""  # pack words of the button; empty where it is the catalogue's


class PaperState(StrEnum):
    """What the received screen says about paper."""

    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNCONFIRMED = "unconfirmed"
    NO_PRINTER = "no_printer"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the visitor can do now, for instance for a lost document."""

    text: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    """The end of a report. `official_number` is empty until the centre answered."""

    reference: str
    official_number: str
    paper: PaperState
    printer: DeviceState
    can_reprint: bool
    next_steps: tuple[NextStep, ...]
    code_payload: str  # the QR to keep on a phone: reference and receipt code only
    slips: tuple[SlipButton, ...] = ()
    receipt_code: str = ""  # as people type it: "7KQ2M 9XWHT"


Body: TypeAlias = (
    TriageBody
    | ServicesBody
    | PrivacyBody
    | QuestionBody
    | ScanBody
    | PhotoBody
    | ListBody
    | NoticeBody
    | FilesBody
    | WaitingBody
    | SurveyBody
    | ReviewBody
    | DeclareBody
    | ReceivedBody
    | None
)


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `count`, from 1; `service` in the visitor's language."""

    service: str
    step: int
    count: int


class OverlayKind(StrEnum):
    """What may lie over a screen."""

    TIME_WARNING = "time_warning"
    STOP_CONFIRM = "stop_confirm"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A question over the screen; `seconds` counts down to the end of the visit in a time warning."""

    kind: OverlayKind
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ViewState:
    """One picture of the visit. Equal states look equal.

    `officer_call` is shown on every screen while it is not `NONE`; only where `calls_reach` is it seen and
    heard at the desk.
    """

    screen: Screen
    language: Language
    title: str = ""  # pack words; empty where the screen has its own from the catalogue
    help: str = ""
    body: Body = None
    progress: Progress | None = None
    notices: tuple[Message, ...] = ()  # calm facts, e.g. Message("printer_paper_out")
    can_back: bool = False
    can_next: bool = False
    can_skip: bool = False
    overlay: Overlay | None = None
    officer_call: OfficerCall = OfficerCall.NONE
    calls_reach: bool = False
    offers_officer: bool = True  # false where the service is confidential: no officer of this place is called
