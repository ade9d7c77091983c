"""What officers do with cases. Knows no HTTP. Each deed and its line of history are one transaction."""

import base64
import binascii
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from central.inbox import problems
from central.inbox.roles import Action, Permissions
from central.languages import LANGUAGES
from central.problems import ProblemError
from central.proof.judge import Gap, Range
from central.proof.prover import ExplanationError, Prover
from central.sealed.base import UnreadableError
from central.store import inbox
from central.store.inbox import CaseState, CaseSummary, Entry, Filters, Officer, Place
from central.store.store import Store
from central.store.uploads import File
from central.survey.tallies import Summary, Tallies
from central.uploads.desk import CaseFile

_REFUSED = "refused"
_BYTES = "application/octet-stream"
_SHOWN_TYPES = frozenset({"image/jpeg", "image/png", "application/pdf"})


class Vault(Protocol):
    """Opens cases with the centre's private keys."""

    def document(self, case_id: UUID) -> Any:
        """The case document. Raises `UnreadableError`."""
        ...

    def attachments(self, case_id: UUID) -> Sequence[bytes]:
        """The attachments in the order of the document. Raises `UnreadableError`."""
        ...


class Notifier(Protocol):
    """Queues a message to the visitor of a case."""

    def queue_accepted(self, db: sa.Connection, case_id: UUID) -> None:
        """Tell that it was accepted."""
        ...

    def queue_rejected(self, db: sa.Connection, case_id: UUID) -> None:
        """Tell that it was rejected."""
        ...


class Files(Protocol):
    """The files that came from visitors' phones."""

    def of_case(self, case_id: UUID, document: Any) -> list[CaseFile]:
        """What a case names, and whether it is here."""
        ...

    def opened(self, file: File) -> bytes:
        """A file in clear. Raises `UnreadableError`."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `next` begins the one after it, and is empty at the end."""

    cases: list[CaseSummary]
    next: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A case in clear. `attachments`: media types and sizes in bytes, in order; `files` came by phone."""

    case: CaseSummary
    document: Any
    attachments: list[tuple[str, int]]
    files: list[CaseFile]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decides: `words` to the visitor by language, and a number if it is accepted."""

    state: CaseState
    words: Mapping[str, str]
    force_number: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The inbox. Every refusal is a `ProblemError`, and one for lack of permission is on record."""

    store: Store
    vault: Vault
    files: Files
    notifier: Notifier
    prover: Prover
    clock: Callable[[], dt.datetime]
    tallies: Tallies
    permissions: Permissions = field(default_factory=Permissions)

    def list(self, officer: Officer, filters: Filters, after: str, limit: int) -> Page:
        """Cases, oldest first, without a word of their visitors."""
        with self._deed(officer, Action.LIST, reads=True) as db:
            self._check(officer, Action.LIST)
            hidden = self.permissions.hidden_types(officer.role)
            seen = replace(filters, hidden_types=hidden, recipient=officer.role.room)
            cases = inbox.list_cases(db, seen, _place(after), limit + 1)
        more = len(cases) > limit
        return Page(cases[:limit], _token(cases[limit - 1]) if more else "")

    def summary(self, officer: Officer, case_id: UUID) -> CaseSummary:
        """One case, without a word of its visitor."""
        with self._deed(officer, Action.LIST, case_id, reads=True) as db:
            return self._case(db, officer, Action.LIST, case_id)

    def open(self, officer: Officer, case_id: UUID) -> Opened:
        """The case in clear. First the opening is on record, then the case is opened."""
        case = self._record_opening(officer, case_id, {"what": "document"})
        document, attachments = self._opened(case_id)
        files = self.files.of_case(case_id, document)
        return Opened(case, document, attachments_of(document, attachments), files)

    def open_attachment(self, officer: Officer, case_id: UUID, number: int) -> tuple[str, bytes]:
        """The attachment with this number, from 0, and its media type. Recorded before it is opened."""
        self._record_opening(officer, case_id, {"what": "attachment", "number": number})
        document, attachments = self._opened(case_id)
        if number >= len(attachments):
            raise ProblemError(problems.NO_SUCH_ATTACHMENT)
        return attachments_of(document, attachments)[number][0], attachments[number]

    def open_file(self, officer: Officer, case_id: UUID, file_id: UUID) -> tuple[CaseFile, bytes]:
        """A file that came from the visitor's phone. Recorded before it is opened."""
        self._record_opening(officer, case_id, {"what": "file", "file": str(file_id)})
        try:
            named = self.files.of_case(case_id, self.vault.document(case_id))
            found = next((each for each in named if each.file_id == file_id), None)
            if found is None or found.file is None:
                raise ProblemError(problems.NO_SUCH_FILE)
            return found, self.files.opened(found.file)
        except UnreadableError:
            raise ProblemError(problems.DOES_NOT_OPEN) from None

    def answers(self, officer: Officer, first: dt.date, last: dt.date) -> Summary:
        """What visitors answered to the survey; those of complaints for their office alone."""
        with self._deed(officer, Action.READ_TALLIES, reads=True) as db:
            self._check(officer, Action.READ_TALLIES)
            return self.tallies.summary(db, first, last, officer.role.room)

    def take(self, officer: Officer, case_id: UUID, version: str) -> CaseSummary:
        """Begin to work on a received case."""
        with self._deed(officer, Action.TAKE, case_id) as db:
            case = self._case(db, officer, Action.TAKE, case_id, version)
            _state_in(case, {CaseState.RECEIVED})
            self._change(db, officer, Action.TAKE, case, state=CaseState.IN_PROGRESS, handled_by=officer.name)
            return self._case(db, officer, Action.LIST, case_id)

    def assign(self, officer: Officer, case_id: UUID, version: str, to: str) -> CaseSummary:
        """Give a case that is not yet decided to an officer."""
        with self._deed(officer, Action.ASSIGN, case_id) as db:
            case = self._case(db, officer, Action.ASSIGN, case_id, version)
            _state_in(case, {CaseState.RECEIVED, CaseState.IN_PROGRESS})
            self._check_assignee(db, to, case)
            self._change(
                db, officer, Action.ASSIGN, case, {"to": to}, state=CaseState.IN_PROGRESS, handled_by=to
            )
            return self._case(db, officer, Action.LIST, case_id)

    def decide(self, officer: Officer, case_id: UUID, version: str, decision: Decision) -> CaseSummary:
        """Accept or reject a case one works on; its visitor is told in the same transaction."""
        accepting = decision.state is CaseState.ACCEPTED
        action = Action.ACCEPT if accepting else Action.REJECT
        with self._deed(officer, action, case_id) as db:
            case = self._case(db, officer, action, case_id, version)
            _state_in(case, {CaseState.IN_PROGRESS})
            if case.handled_by != officer.name:
                raise ProblemError(problems.NOT_YOURS)
            _words_fit(case, decision)
            facts = {"force_number": decision.force_number} if accepting else {}
            self._change(
                db,
                officer,
                action,
                case,
                facts,
                state=decision.state,
                force_number=decision.force_number,
                words=dict(decision.words),
            )
            tell = self.notifier.queue_accepted if accepting else self.notifier.queue_rejected
            tell(db, case_id)
            return self._case(db, officer, Action.LIST, case_id)

    def join(self, officer: Officer, case_id: UUID, version: str, to: UUID) -> CaseSummary:
        """Say that a case adds to an earlier one."""
        with self._deed(officer, Action.JOIN, case_id) as db:
            for each in sorted({case_id, to}):  # in one order, or two officers could wait for each other
                inbox.find_case(db, each, to_change=True)
            case = self._case(db, officer, Action.JOIN, case_id, version)
            target = self._case(db, officer, Action.JOIN, to)
            if case.case_id == to or case.supplement_to is not None or target.supplement_to is not None:
                raise ProblemError(problems.CANNOT_JOIN)
            self._change(db, officer, Action.JOIN, case, {"to": str(to)}, supplement_to=to)
            return self._case(db, officer, Action.LIST, case_id)

    def history(self, officer: Officer, case_id: UUID | None, after: int, limit: int) -> Sequence[Entry]:
        """Who did and saw what, of one case or of the whole centre, oldest first."""
        with self._deed(officer, Action.READ_HISTORY, case_id, reads=True) as db:
            self._check(officer, Action.READ_HISTORY)
            if case_id is not None:
                self._case(db, officer, Action.READ_HISTORY, case_id)
            return inbox.list_entries(db, case_id, after, limit, officer.role.room)

    def gaps(self, officer: Officer, kiosk: int | None) -> Sequence[tuple[int, Gap]]:
        """What is absent from the chain of a kiosk, or of all."""
        with self._deed(officer, Action.READ_GAPS, reads=True):
            self._check(officer, Action.READ_GAPS)
        verdicts = self.prover.prove_all() if kiosk is None else [self.prover.prove(kiosk)]
        return [(verdict.kiosk, gap) for verdict in verdicts for gap in verdict.gaps]

    def explain_gap(self, officer: Officer, kiosk: int, gap: Range, explanation: str) -> None:
        """Say why nothing will ever come for some sequence numbers; who said so is on record with it."""
        with self._deed(officer, Action.EXPLAIN_GAP, reads=True):
            self._check(officer, Action.EXPLAIN_GAP)
        try:
            self.prover.explain(kiosk, gap, officer.name, officer.role.value, explanation)
        except ExplanationError:
            raise ProblemError(problems.NO_SUCH_GAP) from None

    @contextmanager
    def _deed(
        self, officer: Officer, action: Action, case_id: UUID | None = None, *, reads: bool = False
    ) -> Iterator[sa.Connection]:
        """One transaction. A deed that is not allowed leaves nothing but its line of history."""
        try:
            with self.store.reading() if reads else self.store.writing() as db:
                yield db
        except _NotAllowedError:
            facts, role = {"action": action.value}, officer.role.value
            with self.store.writing() as db:
                inbox.add_entry(db, self.clock(), officer.name, role, _REFUSED, case_id, facts)
            raise ProblemError(problems.NOT_ALLOWED) from None

    def _record_opening(self, officer: Officer, case_id: UUID, facts: Mapping[str, Any]) -> CaseSummary:
        with self._deed(officer, Action.OPEN, case_id) as db:
            case = self._case(db, officer, Action.OPEN, case_id)
            self._note(db, officer, Action.OPEN, case_id, facts)
        return case

    def _opened(self, case_id: UUID) -> tuple[Any, Sequence[bytes]]:
        try:
            return self.vault.document(case_id), self.vault.attachments(case_id)
        except UnreadableError:
            raise ProblemError(problems.DOES_NOT_OPEN) from None

    def _case(
        self,
        db: sa.Connection,
        officer: Officer,
        action: Action,
        case_id: UUID,
        version: str | None = None,
    ) -> CaseSummary:
        """The case, if `officer` may do `action` on it and it still is of `version`."""
        self._check(officer, action)
        case = inbox.find_case(db, case_id, to_change=version is not None)
        if case is None or case.recipient is not officer.role.room:
            raise ProblemError(problems.NO_SUCH_CASE)  # of another room: to this officer there is none
        self._check(officer, action, case.report_type)
        if version is not None and version != version_of(case):
            raise ProblemError(problems.CHANGED)
        return case

    def _check(self, officer: Officer, action: Action, report_type: str | None = None) -> None:
        if not self.permissions.allows(officer.role, action, report_type):
            raise _NotAllowedError

    def _check_assignee(self, db: sa.Connection, name: str, case: CaseSummary) -> None:
        other = inbox.find_officer(db, name)
        if other is None or other.disabled_at is not None or other.role.room is not case.recipient:
            raise ProblemError(problems.NO_SUCH_OFFICER)
        if not self.permissions.allows(other.role, Action.TAKE, case.report_type):
            raise ProblemError(problems.NO_SUCH_OFFICER)

    def _change(
        self,
        db: sa.Connection,
        officer: Officer,
        action: Action,
        case: CaseSummary,
        facts: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        inbox.change_case(db, case.case_id, self.clock(), values)
        self._note(db, officer, action, case.case_id, facts or {})

    def _note(
        self,
        db: sa.Connection,
        officer: Officer,
        action: Action,
        case_id: UUID | None,
        facts: Mapping[str, Any],
    ) -> None:
        inbox.add_entry(db, self.clock(), officer.name, officer.role.value, action.value, case_id, facts)


class _NotAllowedError(Exception):
    """The role of this officer may not do that."""


def version_of(case: CaseSummary) -> str:
    """Changes whenever the case does: what an officer decides on must be what the officer has read."""
    seen = [getattr(case, name) for name in CaseSummary.__slots__]
    return hashlib.sha256(json.dumps(seen, default=str, sort_keys=True).encode()).hexdigest()[:16]


def attachments_of(document: Any, attachments: Sequence[bytes]) -> list[tuple[str, int]]:
    """Media type and size of each attachment; the document names the types."""
    named = document.get("attachments") if isinstance(document, dict) else None
    listed = named if isinstance(named, list) else []
    types = [each.get("media_type") if isinstance(each, dict) else None for each in listed]
    types += [None] * (len(attachments) - len(types))
    return [
        (kind if kind in _SHOWN_TYPES else _BYTES, len(data))
        for kind, data in zip(types, attachments, strict=False)
    ]


def _state_in(case: CaseSummary, states: set[CaseState]) -> None:
    if case.state not in states:
        raise ProblemError(problems.WRONG_STATE, f"the case is {case.state.value}")


def _words_fit(case: CaseSummary, decision: Decision) -> None:
    """A rejection, and any words at all, speak the language of the visitor."""
    if decision.state is CaseState.ACCEPTED and not decision.words:
        return
    needed = [case.language] if case.language in LANGUAGES else LANGUAGES
    if not any(language in decision.words for language in needed):
        raise ProblemError(problems.WORDS_MISSING, f"needed: {' or '.join(needed)}")


def _token(case: CaseSummary) -> str:
    place = json.dumps([case.received_at.isoformat(), case.case_id.hex])
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(token: str) -> Place | None:
    if not token:
        return None
    try:
        at, case_id = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        moment = dt.datetime.fromisoformat(at)
        place = Place(moment, UUID(case_id))
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise ProblemError(problems.NOT_A_PLACE) from None
    if moment.tzinfo is None:
        raise ProblemError(problems.NOT_A_PLACE)
    return place
