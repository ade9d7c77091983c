"""What the centre was asked about an earlier report in this visit, and what it answered."""

from dataclasses import dataclass

from flows.pack import Definition
from flows.ports import EnquiryAnswer
from flows.recipients import Recipient

LOOKUP_REFERENCE = "enquiry.reference"
LOOKUP_RECEIPT_CODE = "enquiry.receipt_code"
LOOKUP_CHECK = "enquiry.check"


@dataclass(frozen=True, slots=True)
class Lookup:
    """Kept with the answers, and forgotten with them; it goes along into another service.

    `pack` is the service in which it was asked. `check_for` and `status_for` are the answers that the centre
    was asked with, so that the same is not asked twice; `check_at` is when, in monotonic seconds. `without`
    when the visitor goes on although no answer came: an officer then joins what they add to the report.
    """

    pack: str = ""
    check_for: tuple[str, ...] = ()
    check_at: float = 0.0
    status_for: tuple[str, ...] = ()
    status: EnquiryAnswer | None = None
    without: bool = False


def recipient_of(definition: Definition, lookup: Lookup) -> Recipient:
    """Who opens the case of a service, and its files: what adds to a report is for whoever has the report.

    Without the centre's answer nobody at the kiosk knows who that is: it is for those the pack names.
    """
    if definition.supplement and lookup.status is not None:
        return lookup.status.recipient
    return definition.recipient
