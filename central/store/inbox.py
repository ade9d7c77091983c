"""What officers do, as rows: who they are, the cases they work on, and the history nobody rewrites.

Every function works inside the transaction of `db`, so that a deed and its record are written together or not
at all.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from central.recipients import Recipient
from central.store.schema import CASES, HISTORY, OFFICERS


class CaseState(StrEnum):
    """How far a case is."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Role(StrEnum):
    """What an officer is at the inbox."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    COMPLAINTS = "complaints"
    """Works on complaints against police and sees nothing else; nobody else sees those."""

    @property
    def room(self) -> Recipient:
        """Whose cases this role sees."""
        return Recipient.COMPLAINTS if self is Role.COMPLAINTS else Recipient.REPORTS


@dataclass(frozen=True, slots=True)
class Officer:
    """Who may work at the inbox. The token itself is kept nowhere."""

    name: str
    role: Role
    created_at: dt.datetime
    disabled_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case without a word of its visitor. `words` are the officer's, by language."""

    case_id: UUID
    kiosk: int
    sequence: int
    reference: str | None
    report_type: str | None
    language: str | None
    official_number: str
    received_at: dt.datetime
    updated_at: dt.datetime
    state: CaseState
    handled_by: str | None
    force_number: str | None
    words: Mapping[str, str]
    supplement_to: UUID | None
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ended: the next one begins after it."""

    received_at: dt.datetime
    case_id: UUID


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; `None` is no limit. `hidden_types` are never listed."""

    state: CaseState | None = None
    report_type: str | None = None
    kiosk: int | None = None
    received_from: dt.datetime | None = None
    received_before: dt.datetime | None = None
    hidden_types: Sequence[str] = ()
    recipient: Recipient = Recipient.REPORTS


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history."""

    id: int
    at: dt.datetime
    actor: str
    role: str
    action: str
    case_id: UUID | None
    facts: Mapping[str, Any]


_SUMMARY = tuple(CASES.c[name] for name in CaseSummary.__slots__)


def list_cases(db: sa.Connection, filters: Filters, after: Place | None, limit: int) -> list[CaseSummary]:
    """Up to `limit` cases, oldest first, beginning after `after`."""
    query = sa.select(*_SUMMARY).where(*_conditions(filters))
    if after is not None:
        at, case_id = CASES.c.received_at, CASES.c.case_id
        later = sa.or_(at > after.received_at, case_id > after.case_id)
        query = query.where(at >= after.received_at, later)
    rows = db.execute(query.order_by(CASES.c.received_at, CASES.c.case_id).limit(limit))
    return [_summary(row) for row in rows]


def find_case(db: sa.Connection, case_id: UUID, *, to_change: bool = False) -> CaseSummary | None:
    """One case. `to_change`: until the transaction ends nobody else changes it."""
    query = sa.select(*_SUMMARY).where(CASES.c.case_id == case_id)
    row = db.execute(query.with_for_update() if to_change else query).first()
    return None if row is None else _summary(row)


def change_case(db: sa.Connection, case_id: UUID, at: dt.datetime, values: Mapping[str, Any]) -> None:
    """Write `values` into the columns of a case."""
    db.execute(sa.update(CASES).where(CASES.c.case_id == case_id).values(updated_at=at, **values))


def add_entry(
    db: sa.Connection,
    at: dt.datetime,
    actor: str,
    role: str,
    action: str,
    case_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the history. `facts` are codes and numbers, never a word of a visitor."""
    values = {"at": at, "actor": actor, "role": role, "action": action, "case_id": case_id}
    db.execute(sa.insert(HISTORY).values(**values, facts=dict(facts or {})))


def list_entries(
    db: sa.Connection, case_id: UUID | None, after: int, limit: int, room: Recipient | None = None
) -> list[Entry]:
    """Up to `limit` lines of history after line `after`, of one case or of the whole centre, oldest first.

    `room`: only what was done by those who see its cases, or with these cases.
    """
    query = sa.select(HISTORY).where(HISTORY.c.id > after).order_by(HISTORY.c.id).limit(limit)
    if room is not None:
        query = query.where(_in_room(room))
    if case_id is not None:
        query = query.where(HISTORY.c.case_id == case_id)
    return [Entry(**row._mapping) for row in db.execute(query)]  # noqa: SLF001 - SQLAlchemy's public accessor


def _in_room(room: Recipient) -> sa.ColumnElement[bool]:
    complaint = sa.exists().where(
        CASES.c.case_id == HISTORY.c.case_id, CASES.c.recipient == Recipient.COMPLAINTS.value
    )
    theirs = sa.or_(HISTORY.c.role == Role.COMPLAINTS.value, complaint)
    return theirs if room is Recipient.COMPLAINTS else sa.not_(theirs)


def add_officer(db: sa.Connection, officer: Officer, token: bytes) -> None:
    """Add an officer with the SHA-256 of the token. Raises `IntegrityError` for a name that is taken."""
    db.execute(
        sa.insert(OFFICERS).values(
            name=officer.name,
            role=officer.role.value,
            token=token,
            created_at=officer.created_at,
            disabled_at=officer.disabled_at,
        )
    )


def officer_by_token(db: sa.Connection, token: bytes) -> Officer | None:
    """The officer whose token has this SHA-256, disabled or not."""
    return _officer(db.execute(_OFFICER.where(OFFICERS.c.token == token)).first())


def find_officer(db: sa.Connection, name: str) -> Officer | None:
    """One officer, whom nobody else changes until the transaction ends."""
    return _officer(db.execute(_OFFICER.where(OFFICERS.c.name == name).with_for_update()).first())


def list_officers(db: sa.Connection) -> list[Officer]:
    """All officers by name, disabled ones too."""
    rows = db.execute(_OFFICER.order_by(OFFICERS.c.name))
    return [officer for row in rows if (officer := _officer(row)) is not None]


def change_officer(db: sa.Connection, name: str, values: Mapping[str, Any]) -> None:
    """Write `values` into the columns of an officer."""
    db.execute(sa.update(OFFICERS).where(OFFICERS.c.name == name).values(**values))


_OFFICER = sa.select(OFFICERS.c.name, OFFICERS.c.role, OFFICERS.c.created_at, OFFICERS.c.disabled_at)


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [CASES.c.recipient == filters.recipient.value]
    for column, value in (
        (CASES.c.state, filters.state and filters.state.value),
        (CASES.c.report_type, filters.report_type),
        (CASES.c.kiosk, filters.kiosk),
    ):
        if value is not None:
            conditions.append(column == value)
    if filters.received_from is not None:
        conditions.append(CASES.c.received_at >= filters.received_from)
    if filters.received_before is not None:
        conditions.append(CASES.c.received_at < filters.received_before)
    if filters.hidden_types:
        kind = CASES.c.report_type
        conditions.append(sa.or_(kind.is_(None), kind.not_in(filters.hidden_types)))
    return conditions


def _summary(row: sa.Row[Any]) -> CaseSummary:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor, underscored against column names
    return CaseSummary(
        **{
            **values,
            "state": CaseState(values["state"]),
            "words": values["words"] or {},
            "recipient": Recipient(values["recipient"]),
        }
    )


def _officer(row: Any) -> Officer | None:
    return None if row is None else Officer(row.name, Role(row.role), row.created_at, row.disabled_at)
