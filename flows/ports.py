"""What a visit needs from the world: device words, results as values, and the ports themselves.

A port takes a request and returns at once; its answer comes back later as an event of `flows.events`, because
nothing in a visit may wait for a device. "Disconnected" and "unknown" are values of `DeviceState`, never
exceptions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from flows.languages import Language
from flows.receipt import ReceiptDocument
from flows.recipients import Recipient


class Device(StrEnum):
    """A family of devices; a kiosk has at most one of each."""

    PRINTER = "printer"
    SCANNER = "scanner"
    DOCUMENT_READER = "document_reader"
    CAMERA = "camera"
    PANEL = "panel"


class DeviceState(StrEnum):
    """All that a device can be, in words a screen can show. No other word exists."""

    READY = "ready"
    BUSY = "busy"
    PAPER_LOW = "paper_low"
    PAPER_WAITING = "paper_waiting"
    """The last paper still hangs in the printer's mouth; the next one may follow."""
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    CUTTER_ERROR = "cutter_error"
    OVERHEATED = "overheated"
    COVERED = "covered"
    """The camera works and sees nothing: its lens is covered."""
    MISCONFIGURED = "misconfigured"
    """It answers, but not as it must: a scanner that types like a keyboard, for instance."""
    ERROR = "error"
    DISCONNECTED = "disconnected"
    NOT_INSTALLED = "not_installed"
    """This kiosk has none, and nothing is wrong with that."""
    UNKNOWN = "unknown"


USABLE_STATES = frozenset(
    {DeviceState.READY, DeviceState.BUSY, DeviceState.PAPER_LOW, DeviceState.PAPER_WAITING}
)
"""States in which a device can be offered to a visitor."""


class PrintOutcome(StrEnum):
    """How a print job ended. `PRINTED` is said only when the printer said so."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNCONFIRMED = "unconfirmed"
    """All bytes were accepted, but the printer did not confirm: paper is never claimed."""


class OfficerCall(StrEnum):
    """A call of an officer: it lasts until somebody answers it, whatever becomes of the visit."""

    NONE = "none"
    CALLING = "calling"
    ANSWERED = "answered"
    """An officer has acknowledged it and is on the way; back to `NONE` after a while."""


class PanelKey(StrEnum):
    """Keys of the tactile keypad."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    OK = "ok"
    BACK = "back"
    HELP = "help"
    LOUDER = "louder"
    SOFTER = "softer"


@dataclass(frozen=True, slots=True)
class Kept:
    """A case that is committed: from here on it cannot be lost.

    `reference` is twelve digits without spaces; `receipt_code` is random and opens the status of the case.
    """

    case_id: UUID
    reference: str
    receipt_code: str


class NotKept(StrEnum):
    """Why a case could not be committed. The visitor keeps every answer and may try again."""

    NO_ROOM = "no_room"
    STORAGE_FAILED = "storage_failed"
    INVALID = "invalid"
    NO_KEY = "no_key"  # its recipient has no valid key; it is never sealed to another


@dataclass(frozen=True, slots=True)
class Question:
    """About a report: its reference and receipt code; with `check` how it stands, without it to send one."""

    reference: str
    receipt_code: str
    check: str = ""


class Enquiry(StrEnum):
    """How an enquiry ended."""

    CHECK_SENT = "check_sent"  # also where there is no such report: the centre does not tell
    STATUS = "status"
    NO_MATCH = "no_match"
    TOO_OFTEN = "too_often"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class EnquiryAnswer:
    """What the centre answered. All but `outcome` (and `wait_s` of `TOO_OFTEN`) are of `STATUS` only.

    `state` is `received`, `in_progress`, `accepted` or `rejected`; `words` are sentences for the visitor by
    language; `ticket` goes into a supplement, which is for `recipient` as the report is.
    """

    outcome: Enquiry
    state: str = ""
    official_number: str = ""
    received_at: str = ""
    updated_at: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    ticket: str = ""
    recipient: Recipient = Recipient.REPORTS
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file at the centre: sealed there on arrival. `sha256` is of what the phone sent, hex."""

    file_id: str
    kind: str  # "picture", "video", "sound", "document"
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """The way from a visitor's phone: `address` is what its QR code says, empty until it is open."""

    is_open: bool
    is_reachable: bool
    address: str = ""
    files: tuple[UploadedFile, ...] = ()


class Clock(Protocol):
    """Time as a visit sees it."""

    def now(self) -> datetime:
        """Wall clock, aware, in the kiosk's time zone; may jump."""

    def monotonic(self) -> float:
        """Seconds that never go back; the only base of time-outs."""


class PrinterPort(Protocol):
    """Prints receipts. Answers with `events.PrintEnded`."""

    def print_receipt(self, job_id: str, receipt: ReceiptDocument) -> None:
        """Start job `job_id`; the same id again is the same piece of paper, never a second one."""


class PanelPort(Protocol):
    """Lamp and buzzer that fetch an officer. Answers with `events.OfficerCallChanged`."""

    def call_officer(self) -> None:
        """Call; works without network. Calling again while a call lasts changes nothing."""

    def officer_came(self) -> None:
        """The visitor or the officer says that somebody is here: the call is over."""


class ScannerPort(Protocol):
    """Reads codes and document lines. Answers with `events.Scanned`."""

    def arm(self) -> None:
        """Listen from now on."""

    def disarm(self) -> None:
        """Ignore what comes from now on."""


class CameraPort(Protocol):
    """Shows and takes pictures. Frames go straight to the screen; stills come as `events.PhotoTaken`."""

    def open(self) -> None:
        """Switch the camera on; it is on only while a screen says so."""

    def close(self) -> None:
        """Switch the camera off."""

    def capture(self, photo_id: str) -> None:
        """Take one still, re-encoded as JPEG without metadata."""


class EnquiryPort(Protocol):
    """Asks the centre through the courier. Answers with `events.EnquiryAnswered`."""

    def ask(self, enquiry_id: UUID, question: Question) -> None:
        """Ask; what cannot be asked is answered too, with `Enquiry.UNREACHABLE`."""


class UploadPort(Protocol):
    """Opens a way for the visitor's phone at the centre. Answers with `events.UploadChanged`."""

    def open(self, upload_id: UUID, recipient: Recipient, limit: int, language: Language) -> None:
        """Open it, and say whenever something arrived."""

    def drop(self, upload_id: UUID, file_id: str) -> None:
        """Forget one file."""

    def close(self, upload_id: UUID, *, keep: bool) -> None:
        """Take nothing more; without `keep` forget what arrived."""


class SurveyPort(Protocol):
    """Counts answers. Nothing answers: a count that is lost is lost."""

    def count(self, service: str, answers: Sequence[tuple[str, str]]) -> None:
        """One more of each."""
