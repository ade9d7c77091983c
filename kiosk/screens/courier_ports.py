"""What a visit asks of the centre, through the courier: enquiries, files from a phone, the survey's numbers.

The screen has no network. A question is sealed here, in a thread of its own, and only its asker can open the
answer; of a file nothing but kind, size and hash ever comes here.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from config.event_names import Event as Logged
from config.log import log
from flows.events import EnquiryAnswered, Event, UploadChanged
from flows.fields.plain import bounded, plain
from flows.languages import Language
from flows.ports import Enquiry, EnquiryAnswer, Question, Upload, UploadedFile
from flows.recipients import Recipient
from kiosk.post.courier_client import Answered, CourierClient, NotAnswered
from kiosk.post.enquirer import Unanswered
from kiosk.post.enquiry import Enquiry as SealedEnquiry
from kiosk.post.enquiry import NotAnAnswerError
from kiosk.post.keys import KeyProblem
from kiosk.post.keyset import load_key_set
from kiosk.post.tallies import TALLY_ERRORS, Tallies
from kiosk.post.uploads import UploadOrder, Way

STATES = ("received", "in_progress", "accepted", "rejected")
_MOST_WORDS = 600
_MOST_LINE = 40
_MOST_TICKET = 200
_TOO_OFTEN_S = 60
"""Where the courier itself bids to wait."""

_RECIPIENTS = tuple(Recipient)
"""An office that this release does not know has no key here: to the visitor there is no answer."""

_NO_ANSWER = EnquiryAnswer(Enquiry.UNREACHABLE)
_UNANSWERED = {Unanswered.TOO_OFTEN: EnquiryAnswer(Enquiry.TOO_OFTEN, wait_s=_TOO_OFTEN_S)}


class Asking:
    """The enquiry port: seals questions and opens their answers."""

    def __init__(
        self,
        keys: Path,
        kiosk_number: int,
        courier: CourierClient,
        post: Callable[[Event], None],
        now: Callable[[], float],
    ) -> None:
        """`post` is called on other threads; `now` is the wall clock in seconds."""
        self._keys = keys
        self._kiosk_number = kiosk_number
        self._courier = courier
        self._post = post
        self._now = now
        self._asked: dict[UUID, SealedEnquiry] = {}

    def ask(self, enquiry_id: UUID, question: Question) -> None:
        """Ask; answered in any case."""
        # A plain thread: what it raises reaches `threading.excepthook` and ends the visit, never lost.
        threading.Thread(target=self._ask, args=(enquiry_id, question), name="asking", daemon=True).start()

    def _ask(self, enquiry_id: UUID, question: Question) -> None:
        try:
            key = load_key_set(self._keys).recipients(self._now()).primary
        except KeyProblem:
            self._post(EnquiryAnswered(enquiry_id, _NO_ANSWER))
            return
        asked = {"reference": question.reference, "receipt_code": question.receipt_code}
        named = (
            {"ask": "status", **asked, "check": question.check}
            if question.check
            else {"ask": "check", **asked}
        )
        enquiry = self._asked[enquiry_id] = SealedEnquiry(self._kiosk_number, enquiry_id)
        self._courier.enquire(enquiry.seal(named, key))

    def hear(self, said: Answered | NotAnswered) -> None:
        """What the courier brought."""
        enquiry = self._asked.pop(said.enquiry_id, None)
        if enquiry is not None:
            self._post(EnquiryAnswered(said.enquiry_id, _understood(said, enquiry)))


def _understood(said: Answered | NotAnswered, enquiry: SealedEnquiry) -> EnquiryAnswer:
    if isinstance(said, NotAnswered):
        return _UNANSWERED.get(said.reason, _NO_ANSWER)
    try:
        return answer_of(enquiry.open_answer(said.sealed))
    except NotAnAnswerError:
        return _NO_ANSWER


def answer_of(told: Mapping[str, Any]) -> EnquiryAnswer:
    """The centre's answer as a visit takes it: plain, bounded, and only what the contract names."""
    match told.get("answer"):
        case "check_sent":
            return EnquiryAnswer(Enquiry.CHECK_SENT)
        case "no_match":
            return EnquiryAnswer(Enquiry.NO_MATCH)
        case "too_often":
            wait_s = told.get("wait_s")
            seconds = wait_s if isinstance(wait_s, int) and 0 < wait_s <= 86_400 else _TOO_OFTEN_S
            return EnquiryAnswer(Enquiry.TOO_OFTEN, wait_s=seconds)
        case "status" if told.get("state") in STATES and told.get("recipient", "reports") in _RECIPIENTS:
            return _status(told)
    return _NO_ANSWER


def _status(told: Mapping[str, Any]) -> EnquiryAnswer:
    by_language = told.get("words")
    named = by_language if isinstance(by_language, Mapping) else {}
    words = {each.value: _text(named, each.value, _MOST_WORDS) for each in Language}
    return EnquiryAnswer(
        Enquiry.STATUS,
        state=str(told["state"]),
        official_number=_text(told, "official_number", _MOST_LINE),
        received_at=_text(told, "received_at", _MOST_LINE),
        updated_at=_text(told, "updated_at", _MOST_LINE),
        words={language: text for language, text in words.items() if text},
        ticket=_text(told, "ticket", _MOST_TICKET),
        recipient=Recipient(told.get("recipient", Recipient.REPORTS)),
    )


def _text(told: Mapping[str, Any], name: str, most: int) -> str:
    value = told.get(name)
    return bounded(plain(value), most) if isinstance(value, str) else ""


class PhoneFiles:
    """The upload port."""

    def __init__(self, courier: CourierClient, post: Callable[[Event], None]) -> None:
        """`post` is called on other threads."""
        self._courier = courier
        self._post = post

    def open(self, upload_id: UUID, recipient: Recipient, limit: int, language: Language) -> None:
        """See `flows.ports.UploadPort`."""
        self._courier.open_upload(UploadOrder(upload_id, recipient.value, limit, language.value))

    def drop(self, upload_id: UUID, file_id: str) -> None:
        """See `flows.ports.UploadPort`."""
        self._courier.drop_file(upload_id, UUID(file_id))

    def close(self, upload_id: UUID, *, keep: bool) -> None:
        """See `flows.ports.UploadPort`."""
        self._courier.close_upload(upload_id, keep=keep)

    def hear(self, way: Way) -> None:
        """What the courier says of a way."""
        files = tuple(UploadedFile(str(f.file_id), f.kind, f.size, f.sha256) for f in way.files)
        self._post(UploadChanged(way.upload_id, Upload(way.is_open, way.is_reachable, way.address, files)))


class Counting:
    """The survey port: numbers of the day, on the disk of this kiosk."""

    def __init__(self, tallies: Tallies, today: Callable[[], date]) -> None:
        self._tallies = tallies
        self._today = today
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a number is on its way to the disk."""
        return self._thread is not None and self._thread.is_alive()

    def count(self, service: str, answers: Sequence[tuple[str, str]]) -> None:
        """One more of each. A disk that fails costs an opinion, never a visit."""
        self._thread = threading.Thread(
            target=self._count, args=(service, tuple(answers)), name="counting", daemon=True
        )
        self._thread.start()

    def _count(self, service: str, answers: Sequence[tuple[str, str]]) -> None:
        try:
            self._tallies.count(self._today(), service, answers)
        except TALLY_ERRORS:
            log(Logged.SURVEY_NOT_COUNTED)
