"""What a visit asks of the centre and of paper: enquiries, files from a phone, slips, survey, recipients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from config.settings import SiteKind, Timing
from flows.asking import slips as slips_module
from flows.asking.enquiring import WAITING_LIMIT_S, Enquiring
from flows.asking.survey import Survey
from flows.asking.uploading import Uploading
from flows.cases.case_schema import schema
from flows.events import (
    AdmissionChanged,
    AskCentre,
    CallOfficer,
    CaseNotKept,
    CloseUpload,
    CountSurvey,
    DropFile,
    Ending,
    EndVisit,
    EnquiryAnswered,
    FileDeleted,
    KeepCase,
    LanguageChosen,
    OfficerCallChanged,
    OpenUpload,
    PrintEnded,
    PrintReceipt,
    Rated,
    Scanned,
    ServiceChosen,
    SlipAsked,
    Touch,
    UploadChanged,
)
from flows.languages import Language
from flows.life.visit_context import VisitContext
from flows.loading.pack_loader import PACKS, load_packs
from flows.pack import PackBook
from flows.ports import (
    Device,
    DeviceState,
    Enquiry,
    EnquiryAnswer,
    NotKept,
    OfficerCall,
    PrintOutcome,
    Upload,
    UploadedFile,
)
from flows.receipt import Reference, Text
from flows.recipients import Recipient
from flows.view import (
    FilesBody,
    NoticeBody,
    PaperState,
    ReceivedBody,
    Screen,
    SurveyBody,
    UploadState,
    WaitingBody,
)
from tests.flows.conftest import RECEIPT_CODE, SITES, Person

SERVICES = ("report_status", "report_supplement", "police_complaint", "traffic_accident")
REFERENCE = "004276384875"
STATUS = EnquiryAnswer(
    Enquiry.STATUS,
    state="in_progress",
    official_number="WCH RN 26000017",
    received_at="2026-11-20T03:10:00Z",
    words={"en": "We have <b>called</b> the bank.", "zh-Hant": "已聯絡銀行。"},
    ticket="T.1",
)
COMPLAINT = replace(STATUS, recipient=Recipient.COMPLAINTS)
ADDRESS = "HTTPS://CENTRE.EXAMPLE/U/0123456789ABCDEFGHJKMNPQRS"


@pytest.fixture(scope="module")
def book() -> PackBook:
    return load_packs(SERVICES, PACKS)


def somebody(book: PackBook, service: str, *, survey: bool = True) -> Person:
    site = SITES[SiteKind.REPORT_ROOM].model_copy(update={"services": list(SERVICES), "survey": survey})
    person = Person(book, site, Timing())
    for device in Device:
        person.device(device, DeviceState.READY)
    person.touch(Touch.START)
    person.handle(LanguageChosen(Language.ENGLISH))
    person.touch(Touch.NO, Touch.NO, Touch.NO)
    person.handle(ServiceChosen(service))
    return person


def told(person: Person, answer: EnquiryAnswer) -> Person:
    person.handle(EnquiryAnswered(person.commands(AskCentre)[-1].enquiry_id, answer))
    return person


def to_receipt_page(person: Person) -> Person:
    person.next()
    assert person.view.screen is Screen.SCAN
    return person.touch(Touch.TYPE_INSTEAD)


def look_up(person: Person) -> Person:
    """By its receipt; ends on the page that asks for the check."""
    to_receipt_page(person).fill({"enquiry.reference": REFERENCE, "enquiry.receipt_code": RECEIPT_CODE})
    return told(person, EnquiryAnswer(Enquiry.CHECK_SENT))


def found(person: Person) -> Person:
    look_up(person).fill({"enquiry.check": "271828"})
    return told(person, STATUS)


# --- enquiries ----------------------------------------------------------------------------------------------


def test_a_visitor_hears_how_a_report_stands(book: PackBook) -> None:
    person = look_up(somebody(book, "report_status"))
    assert person.page == "enquiry.check"
    person.fill({"enquiry.check": "271828"})
    assert person.view.screen is Screen.WAITING
    told(person, STATUS)
    body = person.view.body
    assert isinstance(body, NoticeBody)
    assert body.status is not None
    assert (body.status.state, body.status.official_number) == ("in_progress", "WCH RN 26000017")
    assert "20 November 2026" in body.status.received
    assert "11:10" in body.status.received  # it came at 03:10 UTC
    assert body.status.updated == ""
    person.handle(LanguageChosen(Language.TRADITIONAL_CHINESE))
    assert isinstance(person.view.body, NoticeBody)
    assert person.view.body.status is not None
    assert person.view.body.status.words == "已聯絡銀行。"
    asked = [each.question for each in person.commands(AskCentre)]
    assert [each.check for each in asked] == ["", "271828"]
    assert {(each.reference, each.receipt_code) for each in asked} == {(REFERENCE, RECEIPT_CODE)}
    assert person.commands(KeepCase) == []


def test_a_receipt_put_to_the_reader_fills_both(book: PackBook) -> None:
    person = somebody(book, "report_status").next()
    person.handle(
        Scanned(b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")
    )
    assert person.view.screen is Screen.SCAN
    person.handle(Scanned(f"REPORT1:{REFERENCE}:{RECEIPT_CODE}".encode()))
    assert person.page == "enquiry.reference"
    person.next()
    assert person.commands(AskCentre)[-1].question.receipt_code == RECEIPT_CODE


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (EnquiryAnswer(Enquiry.NO_MATCH), "enquiry_no_match"),
        (EnquiryAnswer(Enquiry.TOO_OFTEN, wait_s=130), "enquiry_too_often"),
        (EnquiryAnswer(Enquiry.UNREACHABLE), "enquiry_unreachable"),
        (EnquiryAnswer(Enquiry.CHECK_SENT), "enquiry_unreachable"),
    ],
)
def test_a_problem_is_said_calmly_and_may_be_tried_again(
    book: PackBook, answer: EnquiryAnswer, key: str
) -> None:
    person = look_up(somebody(book, "report_status")).fill({"enquiry.check": "271828"})
    told(person, answer)
    body = person.view.body
    assert isinstance(body, WaitingBody)
    assert body.problem is not None
    assert body.problem.key == key
    assert body.problem.values["minutes"] == ("3" if answer.wait_s else "1")
    assert (person.view.can_next, person.view.can_back, person.view.can_skip) == (True, True, False)
    person.touch(Touch.SKIP)
    assert person.view.screen is Screen.WAITING
    person.next()
    assert person.view.body == WaitingBody()
    told(person, STATUS)
    assert isinstance(person.view.body, NoticeBody)


def test_nobody_waits_for_ever_and_a_late_answer_is_not_heard(book: PackBook) -> None:
    person = look_up(somebody(book, "report_status")).fill({"enquiry.check": "271828"})
    person.wait(WAITING_LIMIT_S - 1)
    assert person.view.body == WaitingBody()
    person.wait(2)
    body = person.view.body
    assert isinstance(body, WaitingBody)
    assert body.problem is not None
    told(person, STATUS)
    assert person.view.screen is Screen.WAITING
    person.wait(200)
    assert person.commands(EndVisit) == [EndVisit(Ending.TIMED_OUT)]


def test_the_same_is_not_asked_twice(book: PackBook) -> None:
    person = look_up(somebody(book, "report_status"))
    person.touch(Touch.BACK).next()
    assert person.page == "enquiry.check"
    assert len(person.commands(AskCentre)) == 1
    person.touch(Touch.BACK).wait(61).next()  # no check came: another is asked for
    assert person.view.screen is Screen.WAITING
    assert len(person.commands(AskCentre)) == 2


@pytest.mark.parametrize("leave", [Touch.QUICK_EXIT, Touch.BACK])
def test_an_enquiry_is_left_at_any_moment(book: PackBook, leave: Touch) -> None:
    person = look_up(somebody(book, "report_status")).fill({"enquiry.check": "271828"}).touch(leave)
    assert person.page == ("enquiry.check" if leave is Touch.BACK else "wiped")


# --- supplements --------------------------------------------------------------------------------------------


def to_details(person: Person) -> Person:
    person.fill({"addition.kinds": ["details"]})
    return person.fill({"addition.details": "The bank called."})


def supplement_of(person: Person) -> dict[str, Any]:
    person.next().touch(Touch.SUBMIT)
    document = dict(person.commands(KeepCase)[-1].case.document)
    fault = next(
        Draft202012Validator(schema(person.visit._parts.pages.known().pack)).iter_errors(document), None
    )
    assert fault is None
    assert "enquiry" not in document
    assert "271828" not in str(document)
    assert RECEIPT_CODE not in str(document)
    return dict(document["supplement"])


def test_status_hands_over_and_nothing_is_asked_again(book: PackBook) -> None:
    person = found(somebody(book, "report_status")).next()
    person.fill({"enquiry.more": "add"}).next().next()
    asked = len(person.commands(AskCentre))
    assert person.page == "addition.kinds"
    assert supplement_of(to_details(person)) == {"reference": REFERENCE, "ticket": "T.1"}
    assert len(person.commands(AskCentre)) == asked


def test_more_information_is_taken_without_the_centre(book: PackBook) -> None:
    person = to_receipt_page(somebody(book, "report_supplement"))
    person.fill({"enquiry.reference": REFERENCE, "enquiry.receipt_code": RECEIPT_CODE})
    told(person, EnquiryAnswer(Enquiry.UNREACHABLE))
    assert person.view.can_skip
    person.touch(Touch.SKIP)
    assert person.page == "addition.kinds"
    assert supplement_of(to_details(person)) == {"reference": REFERENCE, "ticket": ""}


def to_complaints(person: Person) -> Person:
    """The report that was looked up is a complaint."""
    return told(look_up(person).fill({"enquiry.check": "271828"}), COMPLAINT)


def recipients_of(person: Person) -> list[Recipient]:
    return [each.case.recipient for each in person.commands(KeepCase)]


def test_what_adds_to_a_complaint_is_sealed_for_its_office(book: PackBook) -> None:
    person = to_complaints(somebody(book, "report_supplement"))
    assert supplement_of(to_details(person.next())) == {"reference": REFERENCE, "ticket": "T.1"}
    assert recipients_of(person) == [Recipient.COMPLAINTS]
    by_status = to_complaints(somebody(book, "report_status")).next().fill({"enquiry.more": "add"})
    supplement_of(to_details(by_status.next().next()))
    assert recipients_of(by_status) == [Recipient.COMPLAINTS]


def test_without_an_answer_it_is_for_reports(book: PackBook) -> None:
    person = to_receipt_page(somebody(book, "report_supplement"))
    person.fill({"enquiry.reference": REFERENCE, "enquiry.receipt_code": RECEIPT_CODE})
    told(person, EnquiryAnswer(Enquiry.UNREACHABLE, recipient=Recipient.COMPLAINTS)).touch(Touch.SKIP)
    supplement_of(to_details(person))
    assert recipients_of(person) == [Recipient.REPORTS]


def test_its_files_are_for_the_same_office(book: PackBook) -> None:
    person = to_complaints(somebody(book, "report_supplement")).next()
    person.fill({"addition.kinds": ["files"]})
    say(person, a_file(1))
    person.next().next().touch(Touch.SUBMIT)
    assert [each.recipient for each in person.commands(OpenUpload)] == [Recipient.COMPLAINTS]
    assert recipients_of(person) == [Recipient.COMPLAINTS]


def test_files_for_another_office_are_in_no_case(book: PackBook) -> None:
    """They came before the centre said whose the report is."""
    person = to_files(book)
    say(person, a_file(1))
    while person.page != "enquiry.reference":
        person.touch(Touch.BACK)
    person.fill({"enquiry.reference": "004276385069", "enquiry.receipt_code": RECEIPT_CODE})
    told(person, EnquiryAnswer(Enquiry.CHECK_SENT)).fill({"enquiry.check": "314159"})
    told(person, COMPLAINT)
    first, *_ = person.commands(OpenUpload)
    assert person.commands(CloseUpload) == [CloseUpload(first.upload_id, keep=False)]
    while person.view.screen is not Screen.FILES:
        person.next()
    assert files_shown(person).files == ()
    assert [each.recipient for each in person.commands(OpenUpload)] == [*Recipient]
    say(person, a_file(2))
    person.next().next().touch(Touch.SUBMIT)
    [kept] = [each.case for each in person.commands(KeepCase)]
    assert kept.recipient is Recipient.COMPLAINTS
    assert kept.document["upload"]["upload_id"] == str(person.commands(OpenUpload)[-1].upload_id)
    assert kept.document["addition"]["files"] == [a_file(2).file_id]


# --- files from a phone -------------------------------------------------------------------------------------


def a_file(number: int) -> UploadedFile:
    return UploadedFile(str(UUID(int=number, version=4)), "picture", 1000 + number, f"{number:064x}")


def say(person: Person, *files: UploadedFile, **how: bool) -> None:
    upload = Upload(how.get("is_open", True), how.get("is_reachable", True), ADDRESS, files)
    person.handle(UploadChanged(person.commands(OpenUpload)[-1].upload_id, upload))


def to_files(book: PackBook) -> Person:
    return found(somebody(book, "report_supplement")).next().fill({"addition.kinds": ["files"]})


def files_shown(person: Person) -> FilesBody:
    assert isinstance(person.view.body, FilesBody)
    return person.view.body


def test_what_arrives_is_shown_kept_and_named(book: PackBook) -> None:
    person = to_files(book)
    assert files_shown(person).state is UploadState.OPENING
    assert person.view.can_skip
    [opened] = person.commands(OpenUpload)
    assert (opened.recipient, opened.limit, opened.language) == (Recipient.REPORTS, 30, Language.ENGLISH)
    say(person)
    assert files_shown(person).code == ADDRESS
    say(person, a_file(1), a_file(2))
    person.handle(FileDeleted(a_file(1).file_id))
    say(person, a_file(1), a_file(2), a_file(3))  # the centre had not heard yet
    assert [each.size for each in files_shown(person).files] == [1002, 1003]
    person.next().next().touch(Touch.SUBMIT)
    document = person.commands(KeepCase)[-1].case.document
    assert document["addition"]["files"] == [a_file(2).file_id, a_file(3).file_id]
    assert document["upload"]["upload_id"] == str(opened.upload_id)
    assert document["upload"]["files"][0] == {
        "file_id": a_file(2).file_id,
        "kind": "picture",
        "size": 1002,
        "sha256": f"{2:064x}",
    }
    assert person.commands(CloseUpload) == []
    person.kept()
    assert person.commands(CloseUpload) == [CloseUpload(opened.upload_id, keep=True)]
    assert person.commands(DropFile) == [DropFile(opened.upload_id, a_file(1).file_id)]


def test_without_a_network_it_is_skipped(book: PackBook) -> None:
    person = to_files(book)
    say(person, is_open=False, is_reachable=False)
    assert files_shown(person).state is UploadState.UNREACHABLE
    assert files_shown(person).code == ""
    person.touch(Touch.SKIP)
    assert person.view.screen is Screen.REVIEW
    person.next().touch(Touch.SUBMIT)
    assert "upload" not in person.commands(KeepCase)[-1].case.document
    person.kept()
    assert [each.keep for each in person.commands(CloseUpload)] == [False]


@pytest.mark.parametrize(
    ("leave", "keep"),
    [
        (lambda person: person.touch(Touch.QUICK_EXIT), False),
        (lambda person: person.touch(Touch.STOP, Touch.STOP_CONFIRM), False),
        (lambda person: person.wait(300), False),
        (lambda person: person.next().next().touch(Touch.SUBMIT, Touch.QUICK_EXIT), True),
    ],
)
def test_the_way_is_closed_however_the_visit_ends(
    book: PackBook, leave: Callable[[Person], Person], keep: bool
) -> None:
    person = to_files(book)
    say(person, a_file(1))
    leave(person)
    assert person.view.screen is Screen.WIPED
    assert [each.keep for each in person.commands(CloseUpload)] == [keep]


def test_a_phone_that_sends_keeps_the_visit_awake(book: PackBook) -> None:
    person = to_files(book)
    for number in range(1, 5):
        person.wait(80)
        say(person, *map(a_file, range(1, number + 1)))
    assert person.view.screen is Screen.FILES
    assert person.view.overlay is None


def test_what_is_no_longer_asked_is_dropped(book: PackBook) -> None:
    person = to_files(book)
    say(person, a_file(1))
    person.touch(Touch.BACK)
    to_details(person)
    person.next().touch(Touch.SUBMIT)
    person.kept()
    assert [each.keep for each in person.commands(CloseUpload)] == [False]


@pytest.mark.parametrize("leave", [(Touch.STOP, Touch.STOP_CONFIRM), (Touch.QUICK_EXIT,)])
@pytest.mark.parametrize("is_waiting", [True, False])
def test_every_cover_comes_and_every_exit_works(
    book: PackBook, *, is_waiting: bool, leave: tuple[Touch, ...]
) -> None:
    waiting = look_up(somebody(book, "report_status")).fill({"enquiry.check": "271828"})
    person = waiting if is_waiting else to_files(book)
    before = person.view.screen
    person.touch(Touch.EMERGENCY)
    assert person.view.screen is Screen.EMERGENCY
    person.touch(Touch.EMERGENCY_CLOSE)
    assert person.view.screen is before
    person.touch(*leave)
    assert len(person.commands(EndVisit)) == 1


@pytest.mark.parametrize("is_waiting", [True, False])
def test_an_officer_can_be_called_there_too(book: PackBook, *, is_waiting: bool) -> None:
    waiting = look_up(somebody(book, "report_status")).fill({"enquiry.check": "271828"})
    person = waiting if is_waiting else to_files(book)
    before = person.view.screen
    person.touch(Touch.CALL_OFFICER)
    assert len(person.commands(CallOfficer)) == 1
    person.handle(OfficerCallChanged(OfficerCall.CALLING))
    assert (person.view.screen, person.view.officer_call) == (before, OfficerCall.CALLING)
    person.touch(Touch.EMERGENCY)
    assert person.view.officer_call is OfficerCall.CALLING


# --- recipients and confidential services -------------------------------------------------------------------


def test_a_service_is_offered_only_while_its_cases_can_be_sealed(book: PackBook) -> None:
    person = somebody(book, "report_status")
    context: VisitContext = person.visit._context
    assert "police_complaint" in context.offered
    fresh = Person(book, context.site, Timing())
    fresh.handle(AdmissionChanged(accepting=True, recipients=frozenset({Recipient.REPORTS})))
    assert "police_complaint" not in fresh.visit._context.offered
    fresh.handle(AdmissionChanged(accepting=True, recipients=frozenset(Recipient)))
    assert "police_complaint" in fresh.visit._context.offered


def test_nobody_of_this_place_is_called_in_a_confidential_service(book: PackBook) -> None:
    person = somebody(book, "police_complaint")
    assert not person.view.offers_officer
    person.touch(Touch.CALL_OFFICER, Touch.EMERGENCY, Touch.CALL_OFFICER)
    assert person.view.screen is Screen.EMERGENCY
    assert not person.view.offers_officer
    assert person.commands(CallOfficer) == []
    person.touch(Touch.EMERGENCY_CLOSE, Touch.BACK)
    assert person.view.offers_officer
    person.touch(Touch.CALL_OFFICER)
    assert len(person.commands(CallOfficer)) == 1


def test_a_case_without_a_key_is_not_kept_and_the_desk_is_shown(book: PackBook) -> None:
    person = to_details(found(somebody(book, "report_supplement")).next()).next().touch(Touch.SUBMIT)
    person.handle(CaseNotKept(NotKept.NO_KEY))
    assert person.view.screen is Screen.DECLARE


# --- the survey ---------------------------------------------------------------------------------------------


def received(book: PackBook, *, survey: bool = True) -> Person:
    person = found(somebody(book, "report_supplement", survey=survey)).next()
    to_details(person).next().touch(Touch.SUBMIT)
    return person.kept().wait(5)


def printed(person: Person) -> Person:
    person.handle(
        PrintEnded(person.commands(PrintReceipt)[-1].job_id, PrintOutcome.PRINTED, DeviceState.READY)
    )
    return person


def survey_shown(person: Person) -> SurveyBody:
    assert isinstance(person.view.body, SurveyBody)
    return person.view.body


def test_three_questions_are_counted_once_and_say_nothing_else(book: PackBook) -> None:
    person = printed(received(book)).touch(Touch.FINISH)
    assert survey_shown(person).question_key == "satisfied"
    person.handle(Rated("good"))
    person.next()
    assert survey_shown(person).question_key == "easy"
    person.touch(Touch.BACK)
    assert survey_shown(person).chosen == ("good",)
    person.handle(Rated("very_good"))
    person.next()
    person.handle(Rated("fair"))
    person.next()
    for option in ("clear", "quick", "clear", "not an option"):
        person.handle(Rated(option))
    person.next()
    counted = (("satisfied", "very_good"), ("easy", "fair"), ("reasons", "quick"))
    assert person.commands(CountSurvey) == [CountSurvey("report_supplement", counted)]
    assert person.commands(EndVisit) == [EndVisit(Ending.FINISHED)]


@pytest.mark.parametrize("touch", [Touch.SKIP, Touch.FINISH, Touch.STOP, Touch.QUICK_EXIT])
def test_it_is_left_out_in_one_touch(book: PackBook, touch: Touch) -> None:
    person = printed(received(book)).touch(Touch.FINISH, touch)
    assert person.view.screen is Screen.WIPED
    assert person.commands(CountSurvey) == []


def test_who_has_gone_is_not_asked_and_who_goes_is_not_waited_for(book: PackBook) -> None:
    gone = printed(received(book)).wait(61)
    assert gone.commands(EndVisit) == [EndVisit(Ending.FINISHED)]
    going = printed(received(book)).touch(Touch.FINISH).wait(61)
    assert going.commands(EndVisit) == [EndVisit(Ending.FINISHED)]


def test_a_site_may_do_without(book: PackBook) -> None:
    assert printed(received(book, survey=False)).touch(Touch.FINISH).view.screen is Screen.WIPED


def test_reasons_are_asked_only_of_who_rated(book: PackBook) -> None:
    person = printed(received(book)).touch(Touch.FINISH)
    person.visit._parts.survey.go_on(None)  # type: ignore[arg-type]
    assert person.visit._parts.survey.is_last(None)  # type: ignore[arg-type]
    person.handle(Rated("bad"))
    assert not person.visit._parts.survey.is_last(None)  # type: ignore[arg-type]


# --- slips --------------------------------------------------------------------------------------------------


def accident(book: PackBook) -> Person:
    """Two drivers who exchange their particulars, as answered; the way there is another test's."""
    person = received(book)
    pages, pack = person.visit._parts.pages, book["traffic_accident"]
    pages.pack = pack.model_copy(
        update={"definition": pack.definition.model_copy(update={"slips": (replace_when(pack),)})}
    )
    answers = pages.answers
    for slot in range(2):
        answers.add_member("vehicles")
        answers.put(f"vehicles[{slot}].registration", f"AB{slot}234")
    return person


def replace_when(pack: Any) -> Any:
    return pack.definition.slips[0].model_copy(update={"when": None})


def words_of(command: PrintReceipt) -> str:
    return "\n".join(block.text for block in command.receipt.blocks if isinstance(block, Text))


def slips_shown(person: Person) -> ReceivedBody:
    assert isinstance(person.view.body, ReceivedBody)
    return person.view.body


def test_a_driver_gets_the_other_drivers_particulars_after_the_receipt(book: PackBook) -> None:
    person = accident(book)
    assert [(each.slip, each.label) for each in slips_shown(person).slips] == [
        ("exchange[0]", "Print for the driver of vehicle (1)"),
        ("exchange[1]", "Print for the driver of vehicle (2)"),
    ]
    person.handle(SlipAsked("exchange[0]"))
    person.handle(SlipAsked("exchange[0]"))
    person.handle(SlipAsked("something else"))
    assert len(person.commands(PrintReceipt)) == 1  # the receipt is still on its way
    assert slips_shown(person).slips[0].paper is PaperState.PRINTING
    printed(person)
    [receipt, slip] = person.commands(PrintReceipt)
    said = words_of(slip)
    assert "for the driver of vehicle (1)" in said
    assert "AB1234" in said
    assert "AB0234" not in said
    assert "AB1234" not in words_of(receipt)
    assert any(isinstance(block, Reference) for block in slip.receipt.blocks)
    texts = [block for block in slip.receipt.blocks if isinstance(block, Text)]
    assert {text.language for text in texts} == {Language.ENGLISH, Language.TRADITIONAL_CHINESE}
    printed(person)
    assert slips_shown(person).slips[0].paper is PaperState.PRINTED
    assert slips_shown(person).paper is PaperState.PRINTED


def test_without_paper_a_slip_says_so_and_the_receipt_stays(book: PackBook) -> None:
    person = printed(accident(book)).device(Device.PRINTER, DeviceState.PAPER_OUT)
    person.handle(SlipAsked("exchange[1]"))
    assert slips_shown(person).slips[1].paper is PaperState.NO_PRINTER
    assert slips_shown(person).paper is PaperState.PRINTED


def test_a_slip_is_not_printed_for_ever(book: PackBook) -> None:
    person = printed(accident(book))
    for _ in range(6):
        person.handle(SlipAsked("exchange[1]"))
        person.wait(30)
    assert len(person.commands(PrintReceipt)) == 1 + slips_module.MOST_PRINTS


def test_only_what_may_be_printed_stands_on_a_slip(book: PackBook) -> None:
    person = printed(accident(book))
    pack = person.visit._parts.pages.pack
    assert pack is not None
    hidden = pack.fields["vehicles[].registration"].model_copy(update={"privacy": "shown"})
    pack.__dict__["fields"] = {**pack.fields, "vehicles[].registration": hidden}
    person.handle(SlipAsked("exchange[0]"))
    assert "AB1234" not in words_of(person.commands(PrintReceipt)[-1])


# --- planted bugs: each of the above goes red ---------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def _hears_anything(patch: pytest.MonkeyPatch) -> None:
    right = Enquiring.hear

    def hear(self: Enquiring, event: Any) -> None:
        if isinstance(event, EnquiryAnswered) and self.asked is None:
            self.asked, self.problem = event.enquiry_id, None
        right(self, event)

    patch.setattr(Enquiring, "hear", hear)


def _names_all_files(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("flows.asking.uploading.Uploading.delete", lambda _self, _event: None)


def _keeps_on_every_ending(patch: pytest.MonkeyPatch) -> None:
    right = Uploading._close

    def close(self: Uploading, *, keep: bool) -> Any:
        return [
            replace(each, keep=True) if isinstance(each, CloseUpload) else each
            for each in right(self, keep=keep)
        ]

    patch.setattr(Uploading, "_close", close)


def _count_twice(patch: pytest.MonkeyPatch) -> None:
    right = Survey.end
    patch.setattr(Survey, "end", lambda self: right(replace(self, chosen=dict(self.chosen))) + right(self))


MUTANTS: dict[str, tuple[Plant, Callable[[PackBook], None]]] = {
    "a late answer is heard": (_hears_anything, test_nobody_waits_for_ever_and_a_late_answer_is_not_heard),
    "nobody's patience ends": (
        lambda patch: patch.setattr("flows.asking.enquiring.WAITING_LIMIT_S", 1e9),
        test_nobody_waits_for_ever_and_a_late_answer_is_not_heard,
    ),
    "the centre is asked each time": (
        lambda patch: patch.setattr("flows.asking.enquiring.ANOTHER_CHECK_S", -1.0),
        test_the_same_is_not_asked_twice,
    ),
    "a supplement waits for the centre": (
        lambda patch: patch.setattr(Enquiring, "may_go_without", False),
        test_more_information_is_taken_without_the_centre,
    ),
    "the ticket is forgotten": (
        lambda patch: patch.setattr(
            "flows.cases.case_builder._supplement", lambda _c: {"reference": REFERENCE, "ticket": ""}
        ),
        test_status_hands_over_and_nothing_is_asked_again,
    ),
    "what adds to a complaint is for reports": (
        lambda patch: patch.setattr("flows.cases.case_builder.recipient_of", lambda one, _: one.recipient),
        test_what_adds_to_a_complaint_is_sealed_for_its_office,
    ),
    "its files are for reports": (
        lambda patch: patch.setattr("flows.asking.uploading.recipient_of", lambda one, _: one.recipient),
        test_its_files_are_for_the_same_office,
    ),
    "files for another office stay": (
        lambda patch: patch.setattr("flows.asking.uploading.Uploading._forget_files", lambda _self: None),
        test_files_for_another_office_are_in_no_case,
    ),
    "a file taken back is named": (_names_all_files, test_what_arrives_is_shown_kept_and_named),
    "files of no case are kept": (_keeps_on_every_ending, test_without_a_network_it_is_skipped),
    "an office without a key is offered": (
        lambda patch: patch.setattr(VisitContext, "_can_seal", lambda _self, _definition: True),
        test_a_service_is_offered_only_while_its_cases_can_be_sealed,
    ),
    "an officer is called in a complaint": (
        lambda patch: patch.setattr("flows.life.pages.Pages.is_confidential", lambda _self, _event: False),
        test_nobody_of_this_place_is_called_in_a_confidential_service,
    ),
    "an opinion is counted twice": (
        _count_twice,
        test_three_questions_are_counted_once_and_say_nothing_else,
    ),
    "a slip goes before the receipt": (
        lambda patch: patch.setattr("flows.asking.slips.Slips.is_receipt_coming", False, raising=True),
        test_a_driver_gets_the_other_drivers_particulars_after_the_receipt,
    ),
    "a slip says everything": (
        lambda patch: patch.setattr("flows.asking.slips.may_appear", lambda _privacy, _place: True),
        test_only_what_may_be_printed_stands_on_a_slip,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_found(book: PackBook, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plant, check = MUTANTS[name]
    plant(monkeypatch)
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever it is that goes red
        check(book)
