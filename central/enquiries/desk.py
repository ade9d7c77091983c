"""Answers to visitors who ask how their report stands. Whatever does not match gets the same answer."""

import datetime as dt
import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from central.enquiries.answered import Answered, asked
from central.enquiries.codes import CHECK_LIFE, Codes
from central.enquiries.messages import CheckQuestion, Question, StatusQuestion, open_question, seal_answer
from central.enquiries.wording import words_for
from central.keys.keyring import Keyring
from central.sealed.facts import receipt_code
from central.sending.queue import MessageQueue
from central.store import enquiries
from central.store.cases import Case
from central.store.enquiries import ATTEMPTS_KEPT, Asked, Check, Limit
from central.store.inbox import add_entry
from central.store.store import Store

_CHECKS_PER_REFERENCE = 5
_QUESTIONS_PER_REFERENCE = 10
_QUESTIONS_PER_KIOSK = 60
_WRONG_TRIES = 5

_Answer = Mapping[str, Any]
_NO_MATCH: _Answer = {"answer": "no_match"}
_CHECK_SENT: _Answer = {"answer": "check_sent"}


@dataclass(frozen=True, slots=True)
class Pace:
    """Fills what is done up to `floor` seconds, so that the time it takes tells nothing."""

    ticks: Callable[[], float]
    pause: Callable[[float], None]
    floor: float = 0.25

    def fill(self, began: float) -> None:
        """Wait until `floor` seconds have passed since `began`, an instant of `ticks`."""
        self.pause(max(0.0, began + self.floor - self.ticks()))


@dataclass(frozen=True, slots=True)
class Enquiries:
    """The rules of docs/reference/enquiries.md."""

    store: Store
    keyring: Keyring
    queue: MessageQueue
    codes: Codes
    clock: Callable[[], dt.datetime]
    pace: Pace
    answered: Answered = field(default_factory=Answered)

    def answer(self, kiosk: int, enquiry: UUID, kid: str, sealed: str) -> str:
        """The sealed answer to a sealed question of a kiosk. Raises `sealed.base.UnreadableError`."""
        began = self.pace.ticks()
        question = open_question(self.keyring.opening, kiosk, enquiry, kid, sealed)

        def first_time() -> str:
            with self.store.writing() as db:
                # Within the transaction: a question that cannot be answered sends no check either.
                return seal_answer(self._answer(db, kiosk, question), question.reply_to, kiosk, enquiry)

        message = self.answered.once(asked(kiosk, enquiry, sealed), self.clock(), first_time)
        self.pace.fill(began)
        return message

    def join_supplement(self, db: sa.Connection, case: Case, document: Any) -> None:
        """More information comes in: join it to its report if the ticket fits. Otherwise an officer may."""
        named = document.get("supplement") if isinstance(document, Mapping) else None
        if not isinstance(named, Mapping):
            return
        reference, ticket = named.get("reference"), named.get("ticket")
        if not (isinstance(reference, str) and isinstance(ticket, str)):
            return
        now = self.clock()
        for earlier in enquiries.cases_by_reference(db, reference):
            if earlier.case_id != case.case_id and self.codes.is_ticket(ticket, earlier.case_id, now):
                # What adds to a complaint stands where the complaint does, whatever key it came under.
                enquiries.join(db, case.case_id, earlier.case_id, earlier.recipient)
                facts = {"to": str(earlier.case_id)}
                add_entry(db, now, "centre", "centre", "supplement_joined", case.case_id, facts)
                return

    def _answer(self, db: sa.Connection, kiosk: int, question: Question) -> _Answer:
        now = self.clock()
        wait = enquiries.attempt(db, self._limits(kiosk, question), now)
        if wait is not None:
            return {"answer": "too_often", "wait_s": max(1, math.ceil(wait.total_seconds()))}
        case = self._find(db, question)
        if isinstance(question, CheckQuestion):
            if case is not None:
                self._send_check(db, case, now)
            return _CHECK_SENT
        if case is None or not self._is_right(db, case, question, now):
            return _NO_MATCH
        return self._status(case, now)

    def _limits(self, kiosk: int, question: Question) -> list[Limit]:
        most = _CHECKS_PER_REFERENCE if question.ask == "check" else _QUESTIONS_PER_REFERENCE
        return [
            Limit(self.codes.bucket(question.ask, question.reference), most, ATTEMPTS_KEPT),
            Limit(self.codes.bucket("kiosk", str(kiosk)), _QUESTIONS_PER_KIOSK, ATTEMPTS_KEPT),
        ]

    def _find(self, db: sa.Connection, question: Question) -> Asked | None:
        code = receipt_code(question.receipt_code, self.keyring)
        known = enquiries.cases_by_reference(db, question.reference)
        return next((case for case in known if hmac.compare_digest(case.receipt_code or b"", code)), None)

    def _send_check(self, db: sa.Connection, case: Asked, now: dt.datetime) -> None:
        check_id = uuid4()
        enquiries.add_check(db, case.case_id, check_id, now)
        self.queue.queue_check(db, case.case_id, check_id)

    def _is_right(self, db: sa.Connection, case: Asked, question: StatusQuestion, now: dt.datetime) -> bool:
        check = enquiries.newest_check(db, case.case_id)
        if check is None or not _is_live(check, now):
            return False
        digits, tried = self.codes.digits(check.check_id).encode(), question.check.encode("utf-8", "replace")
        right = hmac.compare_digest(digits, tried)
        if right:
            enquiries.use(db, check.check_id, now)
        else:
            enquiries.count_wrong(db, check.check_id)
        return right

    def _status(self, case: Asked, now: dt.datetime) -> _Answer:
        return {
            "answer": "status",
            "state": case.state.value,
            "official_number": _number(case),
            "received_at": _instant(case.received_at),
            "updated_at": _instant(case.updated_at),
            "words": words_for(case.state, case.words, case.language),
            "ticket": self.codes.ticket(case.case_id, now),
            "recipient": case.recipient.value,
        }


def _is_live(check: Check, now: dt.datetime) -> bool:
    young = check.created_at <= now < check.created_at + CHECK_LIFE
    return young and check.used_at is None and check.wrong_tries < _WRONG_TRIES


def _number(case: Asked) -> str:
    """The force's own number once there is one."""
    return case.force_number or case.official_number


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
