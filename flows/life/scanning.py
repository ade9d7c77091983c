"""Documents and codes that are put to the reader instead of typing."""

from dataclasses import dataclass

from flows.answering.known_answers import Place
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
from flows.events import Event, Scanned
from flows.life.pages import Pages
from flows.life.visit_context import VisitContext
from flows.messages import Problem
from flows.pack import Page
from flows.ports import Device
from flows.view import Message, ScanBody

RECEIPT = "receipt"
"""The document of scan pages that want the code of a receipt."""

_UNREADABLE = {
    UnreadableReason.VISA: Problem.SCAN_OTHER_PAGE,
    UnreadableReason.INCOMPLETE: Problem.SCAN_INCOMPLETE,
}
"""What a visitor can do about it; anything else is said to be unreadable."""


@dataclass(slots=True)
class Scanning:
    """What scan pages show, and what becomes of what was read there."""

    context: VisitContext
    pages: Pages

    def body(self) -> ScanBody:
        """What a scan page shows."""
        asked = self.pages.page().document
        document = self.pages.known().value(asked) if asked else RECEIPT
        return ScanBody(
            document=str(document or ""),
            reader=self.context.reader,
            camera=self.context.devices[Device.CAMERA],
            problem=self.pages.problem,
        )

    def offered(self) -> Place | None:
        """The scan page that this page offers, if it is asked now."""
        name = self.pages.page().scan_page
        place = Place(name, self.pages.place().slot)
        return place if name and place in self.pages.known().places() else None

    # --- named in the table ---------------------------------------------------------------------------------

    def can_scan(self, _event: Event | None) -> bool:
        """This page offers to scan, and something can read."""
        return self.offered() is not None and self.context.can_scan

    def begin(self, _event: Event) -> None:
        """Scan instead of typing."""
        returning = self.pages.walk.returning
        self.pages.arrive(self.offered())
        self.pages.walk.returning = returning

    def is_unusable(self, event: Event) -> bool:
        """What was read is not what this page reads: a travel document, or a receipt."""
        expected = MrzRead if self.pages.page().document else ReceiptCodeRead
        return not isinstance(self._reading(event), expected)

    def show_problem(self, event: Event) -> None:
        """Stay and say it calmly: something else was shown, or it could not be read."""
        match self._reading(event):
            case MrzRead() | IdNumberRead() | ReceiptCodeRead() | TechnicianPassRead() | IamSmartRead():
                self.pages.problem = Message(Problem.SCAN_OTHER_DOCUMENT)
            case Unreadable(reason=reason):
                self.pages.problem = Message(_UNREADABLE.get(reason, Problem.SCAN_UNREADABLE))

    def fill(self, event: Event) -> None:
        """Fill what the document says into fields the visitor has not typed, then show them to be checked."""
        reading = self._reading(event)
        page = self.pages.page()
        if isinstance(reading, ReceiptCodeRead):
            self._fill_from_receipt(page, reading)
            self.pages.go_ahead(event)
        if not isinstance(reading, MrzRead):
            return
        self._adopt_document(page, reading)
        for source, name in page.fills.items():
            value = _from_document(reading, source)
            if value:
                self.pages.answers.keep_scanned(name, value)
        doubtful = "" if reading.all_checks_fit else page.fills.get("number", "")
        self.pages.answers.note_scan(page.page, doubtful)
        self.pages.go_ahead(event)

    # --- what was read --------------------------------------------------------------------------------------

    def _reading(self, event: Event) -> Reading | None:
        today = self.context.clock.now().date()
        return read(event.payload, today=today) if isinstance(event, Scanned) else None

    def _fill_from_receipt(self, page: Page, reading: ReceiptCodeRead) -> None:
        """A receipt is read whole: what was typed of another one does not stay."""
        read_of_it = {"reference": reading.reference, "receipt_code": reading.receipt_code}
        for source, name in page.fills.items():
            self.pages.answers.keep(name, read_of_it[source])
            self.pages.answers.scanned.add(name)
        self.pages.answers.note_scan(page.page)

    def _adopt_document(self, page: Page, reading: MrzRead) -> None:
        """The document says what it is: a permit put down instead of a passport is taken as the permit."""
        known = self.pages.known()
        name = page.document
        before = known.value(name)
        self.pages.answers.put(name, reading.document.value)
        if not self.pages.known().is_shown(page, None) and isinstance(before, str):
            self.pages.answers.put(name, before)


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
