"""Which trigger of the life cycle an event is. Presence has none: `flows.life.patience` sees to it."""

from flows.events import (
    AdmissionChanged,
    Answered,
    CaseKept,
    CaseNotKept,
    CentreAnswered,
    ChangeAsked,
    ComfortChanged,
    DeviceChanged,
    EnquiryAnswered,
    Event,
    FileDeleted,
    HeadphonesChanged,
    LanguageChosen,
    MemberRemoved,
    OfficerCallChanged,
    PhotoDeleted,
    PhotoTaken,
    PrintEnded,
    Rated,
    Scanned,
    ServiceChosen,
    SlipAsked,
    Ticked,
    Touched,
    UploadChanged,
)
from flows.life.lifecycle import Trigger

_TRIGGERS: dict[type[Event], Trigger] = {
    LanguageChosen: Trigger.LANGUAGE_CHOSEN,
    ServiceChosen: Trigger.SERVICE_CHOSEN,
    Answered: Trigger.ANSWERED,
    ChangeAsked: Trigger.CHANGE_ASKED,
    MemberRemoved: Trigger.MEMBER_REMOVED,
    PhotoDeleted: Trigger.PHOTO_DELETED,
    FileDeleted: Trigger.FILE_DELETED,
    SlipAsked: Trigger.SLIP_ASKED,
    Rated: Trigger.RATED,
    ComfortChanged: Trigger.COMFORT_CHANGED,
    Ticked: Trigger.TICKED,
    DeviceChanged: Trigger.DEVICE_CHANGED,
    Scanned: Trigger.SCANNED,
    PhotoTaken: Trigger.PHOTO_TAKEN,
    CaseKept: Trigger.CASE_KEPT,
    CaseNotKept: Trigger.CASE_NOT_KEPT,
    PrintEnded: Trigger.PRINT_ENDED,
    CentreAnswered: Trigger.CENTRE_ANSWERED,
    EnquiryAnswered: Trigger.ENQUIRY_ANSWERED,
    UploadChanged: Trigger.UPLOAD_CHANGED,
    AdmissionChanged: Trigger.ADMISSION_CHANGED,
    OfficerCallChanged: Trigger.OFFICER_CALL_CHANGED,
    HeadphonesChanged: Trigger.HEADPHONES_CHANGED,
}


def trigger_of(event: Event) -> Trigger:
    """The trigger of an event; touches that concern a cover have none."""
    return Trigger(event.touch.value) if isinstance(event, Touched) else _TRIGGERS[type(event)]
