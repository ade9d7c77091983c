"""Every fault in every state of a visit, on a stepped clock.

The table of faults is in faults.py, the places are the stops of the visitor in visitor.py. The tests take
for each fault every other state, two faults in a row all of them; `make prove-devices` takes every place.
"""

from collections.abc import Callable

import pytest

from flows.asking import enquiring
from flows.asking.enquiring import Enquiring
from flows.asking.uploading import Uploading
from flows.events import EnquiryAnswered
from flows.life import device_switches, receipt_printing, submission
from flows.life.device_switches import Switches
from flows.life.lifecycle import State
from flows.life.photos import Photos
from flows.life.receipt_printing import ReceiptPrinting
from flows.life.submission import Submission
from flows.picture import view_builder
from flows.ports import DeviceState, PrintOutcome
from flows.view import PaperState
from tests.faults.faults import FAULTS, Fault
from tests.faults.matrix import Place, few, once_it_is_mended, places, sample, while_it_stays
from tests.prove.scale import size

IDS = [fault.name for fault in FAULTS]
WHOLE = size(0, 1) > 0
"""Every place, not one a state."""


def broken(run: Callable[[Place, Fault], None], fault: Fault, chosen: list[Place]) -> list[str]:
    found = []
    for place in chosen:
        try:
            run(place, fault)
        except AssertionError as reason:
            found.append(f"{place}: {reason}")
    return found


def half(number: int) -> list[Place]:
    """Of every other state one place; of the rest with the next number."""
    return sample(number)[number % 2 :: 2]


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FAULTS)), ids=IDS)
def test_while_a_fault_stays_the_visit_ends_as_declared(number: int, fault: Fault) -> None:
    assert broken(while_it_stays, fault, list(places()) if WHOLE else half(number)) == []


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FAULTS)), ids=IDS)
def test_once_a_fault_is_mended_all_is_well_without_a_restart(number: int, fault: Fault) -> None:
    assert broken(once_it_is_mended, fault, list(places() if WHOLE else few()[number % 9 :: 9])) == []


def test_the_matrix_is_whole() -> None:
    for number in range(3):
        struck = {State(place.stop.state) for place in half(number) + half(number + 1)}
        assert struck | {State.OUT_OF_SERVICE, State.WIPED} == set(State)
    assert len(FAULTS) >= 25
    assert len(set(IDS)) == len(IDS)


# --- planted bugs: each must be seen ------------------------------------------------------------------------


def seen(
    name: str, run: Callable[[Place, Fault], None] = while_it_stays, service: str = "lost_property"
) -> str:
    """What a run says first; empty if it sees nothing."""
    fault = next(fault for fault in FAULTS if fault.name == name)
    return next((found for place in places(service) for found in broken(run, fault, [place])), "")


def test_a_claim_of_paper_that_nobody_confirmed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(receipt_printing._STATES, PrintOutcome.UNCONFIRMED, PaperState.PRINTED)
    assert "of its paper" in seen("printer: not confirmed")


def test_a_retry_under_a_new_id_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    start = ReceiptPrinting.start

    def forgetful(self: ReceiptPrinting, now: float, printer: DeviceState, new_job_id: str) -> str | None:
        self.reprinted = False
        self.job_id = ""
        return start(self, now, printer, new_job_id)

    monkeypatch.setattr(ReceiptPrinting, "start", forgetful)
    assert "receipt and one reprint" in seen("printer: prints and says nothing")


def test_silence_about_a_printer_without_paper_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(view_builder._PRINTER_NOTICES, DeviceState.PAPER_OUT)
    assert "the truth about paper" in seen("printer paper_out")


def test_a_camera_left_on_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_switches, "_CAMERA", frozenset({State.SCAN, State.PHOTO, State.REVIEW}))
    assert "the camera is on at review" in seen("centre: answers twice")


def test_a_camera_that_is_not_opened_again_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Switches, "settle", _never_again(Switches.settle))
    assert "back and not switched on" in seen("devices: the process dies", once_it_is_mended)


def _never_again(settle: Callable[..., list[object]]) -> Callable[..., list[object]]:
    def settled(self: Switches, state: State, cover: object, devices: object) -> list[object]:
        self.camera_usable = True  # forgets that the camera was gone
        return settle(self, state, cover, devices)

    return settled


def test_words_about_another_case_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(self: Submission, event: object) -> None:
        self.official_number = getattr(event, "official_number", "")

    monkeypatch.setattr(Submission, "note_official_number", trusting)
    assert "number of another case" in seen("centre: answers for another case")


def test_a_still_that_is_waited_for_for_ever_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Photos, "tick", lambda _self, _event: None)
    assert seen("camera: stills never come")


def test_a_promise_before_the_commit_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Submission, "is_own_case", lambda _self, _event: True)
    assert "reference of another" in seen("late words of another visit")


def test_a_second_case_id_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Submission.case

    def new_every_time(self: Submission) -> object:
        self.case_id = None
        return case(self)

    monkeypatch.setattr(Submission, "case", new_every_time)
    assert "cases were committed" in seen("outbox: commits, and says that it failed")


def test_a_disk_that_is_waited_for_for_ever_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "SUBMISSION_LIMIT_S", float("inf"))
    assert seen("outbox: never answers")


def test_a_way_left_open_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Uploading, "_close", lambda _self, *, keep: [])  # noqa: ARG005
    assert "a way for a phone was left open" in seen("outbox: slow", service="report_supplement")


def test_files_kept_of_no_case_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    close = Uploading._close
    monkeypatch.setattr(Uploading, "_close", lambda self, *, keep: close(self, keep=True))  # noqa: ARG005
    assert "files are kept of no case" in seen("outbox: no room", service="report_supplement")


def test_an_enquiry_that_is_waited_for_for_ever_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enquiring, "WAITING_LIMIT_S", float("inf"))
    assert "waiting" in seen("centre: enquiries are not answered", service="report_supplement")


def test_words_about_another_enquiry_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(self: Enquiring, event: object) -> None:
        if isinstance(event, EnquiryAnswered):
            self.asked = None
            self._note(event.answer)

    monkeypatch.setattr(Enquiring, "hear", trusting)
    assert "declared waiting" in seen("centre: answers another's enquiry", service="report_supplement")
