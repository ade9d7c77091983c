"""Carries a visit: events in, commands out, one picture after the other; all of it on one thread."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flows.case import Case
from flows.events import (
    ArmScanner,
    AskCentre,
    CallOfficer,
    CapturePhoto,
    CloseCamera,
    CloseUpload,
    Command,
    CountSurvey,
    DisarmScanner,
    DropFile,
    Ending,
    EndVisit,
    Event,
    KeepCase,
    OfficerCame,
    OpenCamera,
    OpenUpload,
    PrintReceipt,
)
from flows.ports import (
    CameraPort,
    EnquiryPort,
    PanelPort,
    PrinterPort,
    ScannerPort,
    SurveyPort,
    UploadPort,
)
from flows.view import ViewState


class VisitLike(Protocol):
    """What the coordinator needs of `flows.visit.Visit`."""

    def handle(self, event: Event) -> list[Command]:
        """What the visit wants done now."""

    def view(self) -> ViewState:
        """What the visitor may see now."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where commands go. Every call returns at once; answers come back through `Coordinator.dispatch`."""

    printer: PrinterPort
    scanner: ScannerPort
    camera: CameraPort
    panel: PanelPort
    enquiries: EnquiryPort
    uploads: UploadPort
    survey: SurveyPort
    keep: Callable[[Case], None]
    end: Callable[[Ending], None]


class Coordinator:
    """Feeds one visit and shows what it says. Events that arrive while one is handled wait their turn."""

    def __init__(self, visit: VisitLike, ports: Ports, show: Callable[[ViewState], None]) -> None:
        self._visit = visit
        self._ports = ports
        self._show = show
        self._waiting: deque[Event] = deque()
        self._handling = False
        self._shown: ViewState | None = None

    def begin(self) -> None:
        """Show the first picture."""
        self._refresh()

    def dispatch(self, event: Event) -> None:
        """Handle `event`, and whatever it leads to, and show the picture that results."""
        self._waiting.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._waiting:
                for command in self._visit.handle(self._waiting.popleft()):
                    self._carry_out(command)
        finally:
            self._handling = False
        self._refresh()

    def _refresh(self) -> None:
        view = self._visit.view()
        if view != self._shown:
            self._shown = view
            self._show(view)

    def _carry_out(self, command: Command) -> None:  # noqa: C901  # one line for each command, nothing nested
        match command:
            case OpenCamera():
                self._ports.camera.open()
            case CloseCamera():
                self._ports.camera.close()
            case CapturePhoto(photo_id):
                self._ports.camera.capture(photo_id)
            case ArmScanner():
                self._ports.scanner.arm()
            case DisarmScanner():
                self._ports.scanner.disarm()
            case KeepCase(case):
                self._ports.keep(case)
            case PrintReceipt(job_id, receipt):
                self._ports.printer.print_receipt(job_id, receipt)
            case CallOfficer():
                self._ports.panel.call_officer()
            case OfficerCame():
                self._ports.panel.officer_came()
            case AskCentre(enquiry_id, question):
                self._ports.enquiries.ask(enquiry_id, question)
            case OpenUpload(upload_id, recipient, limit, language):
                self._ports.uploads.open(upload_id, recipient, limit, language)
            case DropFile(upload_id, file_id):
                self._ports.uploads.drop(upload_id, file_id)
            case CloseUpload(upload_id, keep):
                self._ports.uploads.close(upload_id, keep=keep)
            case CountSurvey(service, answers):
                self._ports.survey.count(service, answers)
            case EndVisit(ending):
                self._refresh()  # the wiped screen is the last thing this process shows
                self._ports.end(ending)
