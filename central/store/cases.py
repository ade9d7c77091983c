"""Cases: ciphertext, its index, the receipt that was given, and where the case stands."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from central.recipients import Recipient
from central.store.inbox import CaseState
from central.store.schema import CASES


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What can be known of a case without opening it."""

    case_id: UUID
    kiosk: int
    sequence: int
    previous: bytes
    sha256: bytes
    reference: str | None
    official_number: str
    received_at: dt.datetime
    updated_at: dt.datetime
    receipt_code: bytes | None = None
    report_type: str | None = None
    language: str | None = None
    state: CaseState = CaseState.RECEIVED
    handled_by: str | None = None
    force_number: str | None = None
    words: dict[str, str] | None = None
    supplement_to: UUID | None = None
    recipient: Recipient = Recipient.REPORTS


@dataclass(frozen=True, slots=True)
class Case(CaseRow):
    """A case with its envelope and the receipt for it."""

    envelope: bytes = b""
    receipt: str = ""


_COLUMNS = tuple(Case.__dataclass_fields__)
_ROW = [CASES.c[name] for name in CaseRow.__dataclass_fields__]
_LISTED_AT_ONCE = 500
# Made once: a statement made anew for each case would cost as much as the insert itself.
_ADD = {
    name: each.on_conflict_do_nothing(index_elements=[CASES.c.case_id]).returning(CASES.c.official_number)
    for name, each in (("sqlite", sqlite.insert(CASES)), ("postgresql", postgresql.insert(CASES)))
}


def add(db: sa.Connection, new: Sequence[Case]) -> frozenset[str]:
    """Store cases, each once: the official numbers of those whose id was not there already."""
    rows = [_row(case) for case in new]
    return frozenset(db.execute(_ADD[db.dialect.name], rows).scalars())


def find(db: sa.Connection, case_id: UUID) -> Case | None:
    """One case by its id."""
    return _case(db.execute(sa.select(CASES).where(CASES.c.case_id == case_id)).first())


def by_reference(db: sa.Connection, reference: str) -> Case | None:
    """The first case that came with the reference its visitor was given."""
    statement = sa.select(CASES).where(CASES.c.reference == reference).order_by(CASES.c.received_at)
    return _case(db.execute(statement.limit(1)).first())


def receipt(db: sa.Connection, case_id: UUID) -> tuple[bytes, str] | None:
    """SHA-256 of the envelope that was received for a case, and the receipt given for it."""
    statement = sa.select(CASES.c.sha256, CASES.c.receipt).where(CASES.c.case_id == case_id)
    row = db.execute(statement).first()
    return None if row is None else (bytes(row.sha256), row.receipt)


def listed(db: sa.Connection, recipient: Recipient = Recipient.REPORTS) -> Iterator[CaseRow]:
    """All cases of a recipient, oldest first, read a few hundred at a time."""
    statement = sa.select(*_ROW).where(CASES.c.recipient == recipient.value)
    statement = statement.order_by(CASES.c.received_at, CASES.c.official_number)
    for row in db.execute(statement.execution_options(yield_per=_LISTED_AT_ONCE)):
        yield CaseRow(**_values(row))


def _row(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _COLUMNS}


def _case(row: sa.Row[Any] | None) -> Case | None:
    return None if row is None else Case(**_values(row))


def _values(row: sa.Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor, underscored against column names
    return {
        **values,
        "state": CaseState(values["state"]),
        "recipient": Recipient(values["recipient"]),
    }
