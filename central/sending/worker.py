"""Sends the messages of the queue. One that went may go again after a crash; none is forgotten."""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import OperationalError

from central.enquiries.codes import CHECK_LIFE, Codes
from central.sealed.base import UnreadableError
from central.sending.reporter import address, contact_language, report_type
from central.sending.sender import DeliveryError, Letter, Reason, Sender
from central.sending.wording import About, compose
from central.store import messages
from central.store.enquiries import ATTEMPTS_KEPT, forget_attempts
from central.store.inbox import CaseSummary, add_entry, find_case
from central.store.messages import Channel, Kind, Queued
from central.store.store import Store

_log = logging.getLogger(__name__)

_LEASE = dt.timedelta(minutes=2)  # longer than any sender takes
_FIRST_WAIT = dt.timedelta(seconds=30)
_FIRST_WAIT_CHECK = dt.timedelta(seconds=5)
_LONGEST_WAIT = dt.timedelta(hours=1)
_IDLE_S = 2.0
_CENTRE = "centre"


class Vault(Protocol):
    """Opens case documents."""

    def document(self, case_id: UUID) -> Any:
        """The case document. Raises `UnreadableError`."""
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """Sends what is due. `chance` gives a number from 0 to 1, so that many centres do not try in step."""

    store: Store
    vault: Vault
    senders: Mapping[Channel, Sender]
    codes: Codes
    clock: Callable[[], dt.datetime]
    chance: Callable[[], float]
    give_up_after: dt.timedelta

    def run(self, stop: Event) -> None:
        """Work until `stop` is set."""
        swept = dt.datetime.min.replace(tzinfo=dt.UTC)
        while not stop.is_set():
            try:
                now = self.clock()
                if now - swept >= ATTEMPTS_KEPT:
                    swept = now
                    self._sweep(now)
                idle = not self.send_next()
            except OperationalError:
                _log.warning("the database does not answer; messages wait")
                idle = True
            if idle:
                stop.wait(_IDLE_S)

    def send_next(self) -> bool:
        """Try the message that waits longest; false if none is due."""
        now = self.clock()
        with self.store.writing() as db:
            message = messages.take_due(db, now, _LEASE)
            case = find_case(db, message.case_id) if message is not None else None
        if message is None or case is None:
            return False
        try:
            self._check_age(message, now)
            self.senders[message.channel].send(self._letter(message, case))
        except DeliveryError as error:
            self._failed(message, error)
        else:
            self._sent(message)
        return True

    def _sweep(self, now: dt.datetime) -> None:
        with self.store.writing() as db:
            forget_attempts(db, now - ATTEMPTS_KEPT)

    def _check_age(self, message: Queued, now: dt.datetime) -> None:
        if message.kind is Kind.CHECK and now >= message.created_at + CHECK_LIFE:
            raise DeliveryError(Reason.EXPIRED, final=True)

    def _letter(self, message: Queued, case: CaseSummary) -> Letter:
        try:
            document = self.vault.document(case.case_id)
        except UnreadableError:
            raise DeliveryError(Reason.NO_KEY) from None
        to = address(document, message.channel)
        if to is None:
            raise DeliveryError(Reason.NO_ADDRESS, final=True)
        language = contact_language(document)
        about = About(
            reference=case.reference or "",
            number=case.force_number or case.official_number,
            words=_words(case, language),
            digits=self.codes.digits(message.check_id) if message.check_id is not None else "",
            report_type=report_type(document),
        )
        wording = compose(message.kind, language, about)
        return Letter(letter_id(message), to, language, wording.subject, wording.text)

    def _sent(self, message: Queued) -> None:
        with self.store.writing() as db:
            now = self.clock()
            messages.mark_sent(db, message.id, now)
            facts = {"channel": message.channel.value, "kind": message.kind.value}
            add_entry(db, now, _CENTRE, _CENTRE, "message_sent", message.case_id, facts)

    def _failed(self, message: Queued, error: DeliveryError) -> None:
        _log.warning(
            "message %d (%s, %s) did not go at try %d: %s",
            message.id, message.channel.value, message.kind.value, message.tries, error.reason.value,
        )  # fmt: skip
        now = self.clock()
        patience = CHECK_LIFE if message.kind is Kind.CHECK else self.give_up_after
        due = now + self._wait(message)
        with self.store.writing() as db:
            if not error.final and due < message.created_at + patience:
                messages.put_off(db, message.id, due)
                return
            messages.give_up(db, message.id, now)
            facts = {
                "channel": message.channel.value,
                "kind": message.kind.value,
                "reason": error.reason.value,
                "tries": message.tries,
            }
            add_entry(db, now, _CENTRE, _CENTRE, "message_given_up", message.case_id, facts)

    def _wait(self, message: Queued) -> dt.timedelta:
        """Twice as long each time, of which a random part of up to a half is left out."""
        first = _FIRST_WAIT_CHECK if message.kind is Kind.CHECK else _FIRST_WAIT
        doubled: int = 1 << min(message.tries - 1, 16)
        return min(_LONGEST_WAIT, first * doubled) * (1 - self.chance() / 2)


def letter_id(message: Queued) -> str:
    """The same for every try of the same message, and for nothing else."""
    parts = (message.case_id, message.channel.value, message.kind.value, message.check_id)
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def _words(case: CaseSummary, language: str) -> str:
    """The officer's words, in the visitor's language if they were written in it."""
    in_order = (case.words.get(language), case.words.get(case.language or ""), *case.words.values())
    return next(filter(None, in_order), "")
