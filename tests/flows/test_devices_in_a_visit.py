"""Printer, scanner and camera: each may be missing, fail, and come back."""

from typing import Any

import pytest

from flows.case import LARGEST_PHOTO, MOST_PHOTOS
from flows.events import (
    ArmScanner,
    CapturePhoto,
    CentreAnswered,
    CloseCamera,
    DisarmScanner,
    KeepCase,
    OpenCamera,
    PhotoDeleted,
    PhotoTaken,
    PrintEnded,
    PrintReceipt,
    Ticked,
    Touch,
)
from flows.ports import USABLE_STATES, Device, DeviceState, PrintOutcome
from flows.receipt import Text
from flows.view import PaperState, Screen

BROKEN_PRINTER = [state for state in DeviceState if state not in USABLE_STATES]


def jobs(person: Any) -> list[str]:
    return [command.job_id for command in person.commands(PrintReceipt)]


def end_print(person: Any, outcome: PrintOutcome, state: DeviceState = DeviceState.READY) -> None:
    person.handle(PrintEnded(jobs(person)[-1], outcome, state))


# --- printer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", BROKEN_PRINTER)
def test_a_printer_that_cannot_print_is_told_before_committing(person: Any, state: DeviceState) -> None:
    person.device(Device.PRINTER, state).to_declare()
    said = {"covered": "error", "misconfigured": "error", "not_installed": "disconnected"}
    key = f"printer_{said.get(state.value, state.value)}"
    assert key in [notice.key for notice in person.view.notices]
    person.touch(Touch.SUBMIT).kept().wait(5)
    assert person.view.body.paper is PaperState.NO_PRINTER
    assert person.view.body.reference == "528319476034"
    assert not jobs(person)


def test_paper_low_is_no_news_for_a_visitor(person: Any) -> None:
    assert not person.device(Device.PRINTER, DeviceState.PAPER_LOW).to_declare().view.notices


def test_the_receipt_waits_for_the_official_number(person: Any) -> None:
    person.to_received().wait(3)
    assert not jobs(person)
    assert person.view.body.paper is PaperState.PRINTING
    person.handle(CentreAnswered(person.commands(KeepCase)[0].case.case_id, "WCH RN 26000017"))
    texts = [
        block.text for block in person.commands(PrintReceipt)[0].receipt.blocks if isinstance(block, Text)
    ]
    assert "WCH RN 26000017" in texts
    assert person.view.body.official_number == "WCH RN 26000017"


def test_the_receipt_does_not_wait_for_ever(person: Any) -> None:
    person.to_received().wait(4)
    texts = [
        block.text for block in person.commands(PrintReceipt)[0].receipt.blocks if isinstance(block, Text)
    ]
    assert "Provisional. The official number follows." in texts
    person.handle(CentreAnswered(person.commands(KeepCase)[0].case.case_id, "WCH RN 26000017"))
    assert person.view.body.official_number == "WCH RN 26000017"
    assert len(jobs(person)) == 1


def test_an_official_number_of_another_case_is_not_shown(person: Any) -> None:
    person.to_received()
    person.handle(CentreAnswered(person.visit._context.new_id(), "SOMEONE ELSE"))
    assert person.view.body.official_number == ""


@pytest.mark.parametrize(
    ("outcome", "paper"),
    [
        (PrintOutcome.PRINTED, PaperState.PRINTED),
        (PrintOutcome.NOT_PRINTED, PaperState.NOT_PRINTED),
        (PrintOutcome.UNCONFIRMED, PaperState.UNCONFIRMED),
    ],
)
def test_paper_is_claimed_only_when_the_printer_said_so(
    person: Any, outcome: PrintOutcome, paper: PaperState
) -> None:
    person.to_received().wait(4)
    assert person.view.body.paper is PaperState.PRINTING
    end_print(person, outcome)
    assert person.view.body.paper is paper


def test_a_printer_that_never_answers_is_not_believed(person: Any) -> None:
    person.to_received().wait(4).wait(20)
    assert person.view.body.paper is PaperState.UNCONFIRMED


def test_the_end_of_another_job_says_nothing(person: Any) -> None:
    person.to_received().wait(4)
    person.handle(PrintEnded("job of yesterday", PrintOutcome.PRINTED, DeviceState.READY))
    assert person.view.body.paper is PaperState.PRINTING


def test_one_reprint_of_a_printed_receipt_with_a_new_id(person: Any) -> None:
    person.to_received().wait(4)
    end_print(person, PrintOutcome.PRINTED)
    assert person.view.body.can_reprint
    person.touch(*[Touch.REPRINT] * 20)
    end_print(person, PrintOutcome.PRINTED)
    person.touch(Touch.REPRINT)
    assert len(set(jobs(person))) == len(jobs(person)) == 2
    assert not person.view.body.can_reprint


def test_a_second_attempt_keeps_the_id(person: Any) -> None:
    person.to_received().wait(4)
    end_print(person, PrintOutcome.NOT_PRINTED, DeviceState.PAPER_OUT)
    assert not person.view.body.can_reprint
    person.device(Device.PRINTER, DeviceState.READY)
    assert person.view.body.can_reprint
    person.touch(Touch.REPRINT)
    assert jobs(person) == [jobs(person)[0]] * 2
    end_print(person, PrintOutcome.NOT_PRINTED)
    assert not person.view.body.can_reprint


def test_a_printer_that_comes_late_prints_on_request_only(person: Any) -> None:
    person.device(Device.PRINTER, DeviceState.DISCONNECTED).to_received().wait(5)
    person.device(Device.PRINTER, DeviceState.READY).wait(5)
    assert not jobs(person)
    person.touch(Touch.REPRINT)
    assert len(jobs(person)) == 1


# --- camera -------------------------------------------------------------------------------------------------


@pytest.fixture
def photographer(person: Any) -> Any:
    person.begin().identify().fill({"loss.categories": ["keys"]})
    person.fill({"items[0].description": "Two"}).fill({"items[0].add": ["photos"]})
    assert person.view.screen is Screen.PHOTO
    return person


def test_camera_is_on_only_where_a_screen_says_so(photographer: Any) -> None:
    assert len(photographer.commands(OpenCamera)) == 1
    photographer.touch(Touch.EMERGENCY)
    assert len(photographer.commands(CloseCamera)) == 1
    photographer.touch(Touch.EMERGENCY_CLOSE)
    assert len(photographer.commands(OpenCamera)) == 2
    photographer.touch(Touch.SKIP)
    assert len(photographer.commands(CloseCamera)) == 2


def test_quick_exit_switches_the_camera_off(photographer: Any) -> None:
    photographer.touch(Touch.QUICK_EXIT)
    assert len(photographer.commands(CloseCamera)) == 1


def test_photos_up_to_the_limit(photographer: Any) -> None:
    for _ in range(4):
        photographer.touch(Touch.TAKE_PHOTO, Touch.TAKE_PHOTO)
        photographer.handle(PhotoTaken(photographer.commands(CapturePhoto)[-1].photo_id, b"jpeg"))
    assert len(photographer.commands(CapturePhoto)) == len(photographer.view.body.photo_ids) == 3
    photographer.handle(PhotoDeleted(photographer.view.body.photo_ids[1]))
    assert len(photographer.view.body.photo_ids) == 2
    photographer.touch(Touch.TAKE_PHOTO)
    assert len(photographer.commands(CapturePhoto)) == 4


def test_no_more_photos_than_a_report_may_hold(photographer: Any) -> None:
    photographer.visit._parts.pages.answers.photos.update(
        {f"elsewhere {n}": b"jpeg" for n in range(MOST_PHOTOS - 1)}
    )
    photographer.touch(Touch.TAKE_PHOTO)
    photographer.handle(PhotoTaken(photographer.commands(CapturePhoto)[-1].photo_id, b"jpeg"))
    assert photographer.view.body.limit == 1
    photographer.handle(PhotoDeleted(photographer.view.body.photo_ids[0]))
    photographer.visit._parts.pages.answers.photos["elsewhere too"] = b"jpeg"
    photographer.handle(Ticked())
    photographer.touch(Touch.TAKE_PHOTO)
    assert len(photographer.commands(CapturePhoto)) == 1
    assert photographer.view.body.problem.key == "photos_full"


def test_a_photo_too_large_for_the_promise_of_room_has_failed(photographer: Any) -> None:
    photographer.touch(Touch.TAKE_PHOTO)
    photo_id = photographer.commands(CapturePhoto)[-1].photo_id
    photographer.handle(PhotoTaken(photo_id, bytes(LARGEST_PHOTO + 1)))
    assert photographer.view.body.photo_ids == ()
    assert photographer.view.body.problem.key == "photo_failed"


def test_a_photo_that_failed_or_never_came(photographer: Any) -> None:
    photographer.touch(Touch.TAKE_PHOTO)
    photographer.handle(PhotoTaken(photographer.commands(CapturePhoto)[-1].photo_id, b""))
    assert photographer.view.body.problem.key == "photo_failed"
    photographer.touch(Touch.TAKE_PHOTO)
    assert photographer.view.body.problem is None
    photographer.wait(10)
    assert photographer.view.body.problem.key == "photo_failed"
    photographer.handle(PhotoTaken(photographer.commands(CapturePhoto)[-1].photo_id, b"late"))
    assert photographer.view.body.photo_ids == ()


def test_a_still_that_comes_after_the_next_was_asked_for_is_not_taken(photographer: Any) -> None:
    photographer.touch(Touch.TAKE_PHOTO).wait(10).touch(Touch.TAKE_PHOTO)
    late, expected = (command.photo_id for command in photographer.commands(CapturePhoto))
    photographer.handle(PhotoTaken(late, b"late"))
    assert photographer.view.body.photo_ids == ()
    photographer.handle(PhotoTaken(expected, b"jpeg"))
    assert photographer.view.body.photo_ids == (expected,)


def test_without_a_camera_the_page_is_passed(photographer: Any) -> None:
    photographer.device(Device.CAMERA, DeviceState.DISCONNECTED)
    assert [notice.key for notice in photographer.view.notices] == ["camera_unavailable"]
    photographer.touch(Touch.TAKE_PHOTO)
    assert not photographer.commands(CapturePhoto)
    photographer.device(Device.CAMERA, DeviceState.READY)
    assert len(photographer.commands(OpenCamera)) == 2  # it came back: opened again
    photographer.touch(Touch.SKIP)
    assert photographer.page == "loss.when"


# --- scanner ------------------------------------------------------------------------------------------------


def test_scanner_listens_only_on_the_scan_screen(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    assert len(person.commands(ArmScanner)) == len(person.commands(OpenCamera)) == 1
    person.touch(Touch.TYPE_INSTEAD)
    assert len(person.commands(DisarmScanner)) == len(person.commands(CloseCamera)) == 1


def test_without_readers_typing_comes_at_once_and_a_reader_joins_later(new_person: Any) -> None:
    person = new_person(devices=False)
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    assert person.page == "reporter.doc_no"
    assert [notice.key for notice in person.view.notices] == ["reader_unavailable"]
    assert not person.view.body.can_scan
    person.touch(Touch.SCAN_INSTEAD)
    assert person.view.screen is Screen.QUESTION
    person.device(Device.SCANNER, DeviceState.READY)
    assert person.view.body.can_scan
    person.touch(Touch.SCAN_INSTEAD)
    assert person.view.screen is Screen.SCAN


def test_a_reader_lost_on_the_scan_screen_leaves_typing(person: Any) -> None:
    person.begin().fill({}).fill({"reporter.doc_type": "passport"})
    person.device(Device.SCANNER, DeviceState.DISCONNECTED).device(Device.CAMERA, DeviceState.ERROR)
    assert person.view.body.reader is DeviceState.READY
    person.device(Device.DOCUMENT_READER, DeviceState.ERROR)
    assert person.view.body.reader is DeviceState.DISCONNECTED
    person.touch(Touch.TYPE_INSTEAD)
    assert person.page == "reporter.doc_no"
