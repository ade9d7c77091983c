"""Everything that can happen to a visit, and everything a visit can ask for.

An event is a fact handed to `flows.visit.Visit.handle`; a command is what the visit wants done and is carried
out by the roof (`kiosk.screens.screen`). Both are plain values: a visit can be replayed from a list of them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from flows.case import Case
from flows.languages import Language
from flows.ports import (
    Device,
    DeviceState,
    EnquiryAnswer,
    Kept,
    NotKept,
    OfficerCall,
    PrintOutcome,
    Question,
    Upload,
)
from flows.receipt import ReceiptDocument
from flows.recipients import Recipient

AnswerValue: TypeAlias = str | bool | int | list[str] | dict[str, str]
"""What a field may hold; JSON. `dict` is for composed kinds such as `when`."""


class Touch(StrEnum):
    """The buttons that carry no data. The values are what `ui` sends from QML."""

    START = "start"  # anywhere on the attract screen
    NEXT = "next"
    BACK = "back"
    SKIP = "skip"
    YES = "yes"
    NO = "no"
    DEAF = "deaf"  # "I am deaf or cannot speak"
    INFORMATION = "information"  # only looking for information: no emergency questions, nothing is kept
    TYPE_INSTEAD = "type_instead"
    SCAN_INSTEAD = "scan_instead"
    TAKE_PHOTO = "take_photo"
    ADD = "add"  # another member of the list
    SUBMIT = "submit"
    REPRINT = "reprint"
    FINISH = "finish"
    MORE_TIME = "more_time"
    STOP = "stop"
    STOP_CONFIRM = "stop_confirm"
    STOP_CANCEL = "stop_cancel"
    QUICK_EXIT = "quick_exit"
    EMERGENCY = "emergency"
    EMERGENCY_CLOSE = "emergency_close"
    CALL_OFFICER = "call_officer"
    OFFICER_CAME = "officer_came"


# --- events: from the visitor -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Touched:
    """A button was touched."""

    touch: Touch


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The visitor chose a language; possible on every screen, keeps every answer."""

    language: Language


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """A tile of the services screen."""

    service: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A field changed. `field` is the name the view gave, as `reporter.name_en` or `items[0].description`."""

    field: str
    value: AnswerValue


@dataclass(frozen=True, slots=True)
class ChangeAsked:
    """ "Change" beside a row of the review screen. `target` is the row's own."""

    target: str


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """The visitor removes a member of a list. `target` is its row's own."""

    target: str


@dataclass(frozen=True, slots=True)
class FileDeleted:
    """The visitor removes a file that came from their phone."""

    file_id: str


@dataclass(frozen=True, slots=True)
class SlipAsked:
    """The visitor asks for a slip on paper. `slip` is the button's own."""

    slip: str


@dataclass(frozen=True, slots=True)
class Rated:
    """The visitor touched an option of the survey."""

    option: str


@dataclass(frozen=True, slots=True)
class PhotoDeleted:
    """The visitor removes a photo."""

    photo_id: str


@dataclass(frozen=True, slots=True)
class ComfortChanged:
    """The visitor set the screen to their eyes. `text_percent` of the usual size: 100, 150 or 200."""

    text_percent: int
    high_contrast: bool


# --- events: from the world ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time went on; sent about twice a second. Time-outs are judged by `Clock.monotonic` only."""


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A device is now in `state`."""

    device: Device
    state: DeviceState


@dataclass(frozen=True, slots=True)
class Scanned:
    """A reader read `payload` (as read, at most 4 kB); only ever data.

    `source` is the scanner, the document reader or the camera. `symbology` is the AIM identifier of the code
    without its bracket ("Q1", "L0"), empty where the reader does not say or it was no code.
    """

    payload: bytes
    source: Device = Device.SCANNER
    symbology: str = ""


@dataclass(frozen=True, slots=True)
class PhotoTaken:
    """A still arrived: JPEG without metadata. Empty `jpeg` means that it failed."""

    photo_id: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class CaseKept:
    """The case is committed."""

    kept: Kept


@dataclass(frozen=True, slots=True)
class CaseNotKept:
    """The case could not be committed; nothing was promised."""

    reason: NotKept


@dataclass(frozen=True, slots=True)
class PrintEnded:
    """A print job ended."""

    job_id: str
    outcome: PrintOutcome
    state: DeviceState


@dataclass(frozen=True, slots=True)
class CentreAnswered:
    """The centre acknowledged the case while the visitor is still here."""

    case_id: UUID
    official_number: str


@dataclass(frozen=True, slots=True)
class EnquiryAnswered:
    """The centre answered an enquiry, or could not be asked."""

    enquiry_id: UUID
    answer: EnquiryAnswer


@dataclass(frozen=True, slots=True)
class UploadChanged:
    """How the way from the visitor's phone stands, and what arrived on it."""

    upload_id: UUID
    upload: Upload


@dataclass(frozen=True, slots=True)
class AdmissionChanged:
    """Whether the kiosk can take a report now; `False` leads to the out-of-service screen between visits.

    Services for anybody but `recipients` are not offered.
    """

    accepting: bool
    recipients: frozenset[Recipient] = frozenset(Recipient)


@dataclass(frozen=True, slots=True)
class OfficerCallChanged:
    """How the call of an officer stands; it belongs to the kiosk, not to a visit, and outlasts both."""

    state: OfficerCall


@dataclass(frozen=True, slots=True)
class HeadphonesChanged:
    """Headphones are in their jack, or not."""

    plugged: bool


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A sensor sees somebody before the kiosk, or nobody; never sent without a sensor."""

    near: bool


Event: TypeAlias = (
    Touched
    | LanguageChosen
    | ServiceChosen
    | Answered
    | ChangeAsked
    | PhotoDeleted
    | MemberRemoved
    | FileDeleted
    | SlipAsked
    | Rated
    | ComfortChanged
    | Ticked
    | DeviceChanged
    | Scanned
    | PhotoTaken
    | CaseKept
    | CaseNotKept
    | PrintEnded
    | CentreAnswered
    | EnquiryAnswered
    | UploadChanged
    | AdmissionChanged
    | OfficerCallChanged
    | HeadphonesChanged
    | PresenceChanged
)


# --- commands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Switch the camera on."""


@dataclass(frozen=True, slots=True)
class CloseCamera:
    """Switch the camera off."""


@dataclass(frozen=True, slots=True)
class CapturePhoto:
    """Take a still; answered by `PhotoTaken` with the same id."""

    photo_id: str


@dataclass(frozen=True, slots=True)
class ArmScanner:
    """Take scans from now on (the scanner's, and the camera's code reader while the camera is open)."""


@dataclass(frozen=True, slots=True)
class DisarmScanner:
    """Ignore scans from now on."""


@dataclass(frozen=True, slots=True)
class KeepCase:
    """Seal and commit; answered by `CaseKept` or `CaseNotKept`. Sent once per submission."""

    case: Case


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """Print; answered by `PrintEnded`."""

    job_id: str
    receipt: ReceiptDocument


@dataclass(frozen=True, slots=True)
class CallOfficer:
    """Call an officer to the kiosk; answered by `OfficerCallChanged`."""


@dataclass(frozen=True, slots=True)
class OfficerCame:
    """Somebody is here: the call is over; answered by `OfficerCallChanged`."""


@dataclass(frozen=True, slots=True)
class AskCentre:
    """Ask about a report; answered by `EnquiryAnswered` with the same id."""

    enquiry_id: UUID
    question: Question


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """Open a way for the visitor's phone; answered by `UploadChanged` now and whenever it changes.

    The page on the phone begins in `language`.
    """

    upload_id: UUID
    recipient: Recipient
    limit: int
    language: Language


@dataclass(frozen=True, slots=True)
class DropFile:
    """Forget a file that arrived."""

    upload_id: UUID
    file_id: str


@dataclass(frozen=True, slots=True)
class CloseUpload:
    """Nothing more may arrive. Without `keep` what arrived is forgotten, too."""

    upload_id: UUID
    keep: bool


@dataclass(frozen=True, slots=True)
class CountSurvey:
    """Count the answers of a survey: numbers only, never joined to a case or a moment."""

    service: str
    answers: tuple[tuple[str, str], ...]  # question, option


class Ending(StrEnum):
    """Why a visit ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    QUICK_EXIT = "quick_exit"
    TIMED_OUT = "timed_out"
    EMERGENCY = "emergency"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True)
class EndVisit:
    """The visit is over: the process that held it must end now."""

    ending: Ending


Command: TypeAlias = (
    OpenCamera
    | CloseCamera
    | CapturePhoto
    | ArmScanner
    | DisarmScanner
    | KeepCase
    | PrintReceipt
    | CallOfficer
    | OfficerCame
    | AskCentre
    | OpenUpload
    | DropFile
    | CloseUpload
    | CountSurvey
    | EndVisit
)
