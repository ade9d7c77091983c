"""What the screen makes of the centre's answers: plain, bounded, and calm about anything else."""

import base64
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from flows.events import EnquiryAnswered, Event, UploadChanged
from flows.languages import Language
from flows.ports import Enquiry, EnquiryAnswer, Question
from flows.recipients import Recipient
from kiosk.post.courier_client import Answered
from kiosk.post.uploads import ArrivedFile, Way
from kiosk.screens.courier_ports import Asking, PhoneFiles, answer_of

STATUS: dict[str, Any] = {"answer": "status", "state": "accepted", "official_number": "ADM 1", "ticket": "t"}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"answer": "check_sent"}, Enquiry.CHECK_SENT),
        ({"answer": "no_match"}, Enquiry.NO_MATCH),
        ({"answer": "too_often", "wait_s": "soon"}, Enquiry.TOO_OFTEN),
        (STATUS, Enquiry.STATUS),
        (STATUS | {"state": "lost"}, Enquiry.UNREACHABLE),
        (STATUS | {"recipient": "complaints"}, Enquiry.STATUS),
        (STATUS | {"recipient": "ombudsman"}, Enquiry.UNREACHABLE),
        (STATUS | {"recipient": ["reports"]}, Enquiry.UNREACHABLE),
        ({"answer": ["status"]}, Enquiry.UNREACHABLE),
        ({}, Enquiry.UNREACHABLE),
    ],
)
def test_only_the_contracts_words_are_understood(told: dict[str, Any], outcome: Enquiry) -> None:
    assert answer_of(told).outcome is outcome


def test_words_are_plain_bounded_and_of_our_languages() -> None:
    said = answer_of(STATUS | {"words": {"en": "a\x1b[31m\u202e" + "b" * 5000, "fr": "non", "zh-Hant": 7}})
    assert set(said.words) == {"en"}
    assert len(said.words["en"]) <= 600
    assert "\x1b" not in said.words["en"]
    assert "\u202e" not in said.words["en"]


def test_whose_the_report_is_may_be_left_out() -> None:
    assert answer_of(STATUS).recipient is Recipient.REPORTS
    assert answer_of(STATUS | {"recipient": "complaints"}).recipient is Recipient.COMPLAINTS


class Courier:
    def __init__(self) -> None:
        self.did: list[tuple[Any, ...]] = []
        self.asked = threading.Event()

    def enquire(self, question: Any) -> None:
        self.did.append(("enquire", question))
        self.asked.set()

    def open_upload(self, order: Any) -> None:
        self.did.append(("open", order))


def test_without_keys_a_visitor_is_answered_all_the_same(tmp_path: Path) -> None:
    posted: list[Event] = []
    heard = threading.Event()

    def post(event: Event) -> None:
        posted.append(event)
        heard.set()

    courier: Any = Courier()
    asking = Asking(tmp_path, 7, courier, post, lambda: 0.0)
    enquiry_id = uuid4()
    asking.ask(enquiry_id, Question("004276384875", "7KQ2M9XWHT"))
    assert heard.wait(10)
    assert posted == [EnquiryAnswered(enquiry_id, EnquiryAnswer(Enquiry.UNREACHABLE))]
    asking.hear(Answered(uuid4(), base64.b64encode(b"x").decode()))  # nobody asked this
    assert len(posted) == 1


def test_a_way_travels_both_ways() -> None:
    posted: list[Event] = []
    courier: Any = Courier()
    files, upload_id = PhoneFiles(courier, posted.append), uuid4()
    files.open(upload_id, Recipient.COMPLAINTS, 5, Language.SIMPLIFIED_CHINESE)
    order = courier.did[0][1]
    assert (order.recipient, order.limit, order.language) == ("complaints", 5, "zh-Hans")
    file = ArrivedFile(uuid4(), "sound", 9, "00" * 32)
    files.hear(Way(upload_id, is_open=True, is_reachable=True, address="HTTPS://A/U/B", files=(file,)))
    [changed] = posted
    assert isinstance(changed, UploadChanged)
    assert changed.upload.files[0].file_id == str(file.file_id)
