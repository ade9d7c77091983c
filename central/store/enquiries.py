"""Checks that were sent to visitors, and how often somebody asked; not who asked, nor about what."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from central.recipients import Recipient
from central.store.inbox import CaseState
from central.store.schema import ATTEMPTS, CASES, CHECKS

ATTEMPTS_KEPT = dt.timedelta(hours=1)
"""No limit looks further back."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an enquiry needs of a case. `receipt_code` is an HMAC, `words` are the officer's by language."""

    case_id: UUID
    kiosk: int
    receipt_code: bytes | None
    language: str | None
    official_number: str
    force_number: str | None
    received_at: dt.datetime
    updated_at: dt.datetime
    state: CaseState
    words: dict[str, str]
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Check:
    """Six digits that were sent; they themselves are in no database."""

    check_id: UUID
    created_at: dt.datetime
    wrong_tries: int
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within `window` for what `bucket`, an HMAC, stands for."""

    bucket: bytes
    most: int
    window: dt.timedelta


_ASKED = tuple(CASES.c[name] for name in Asked.__slots__)


def cases_by_reference(db: sa.Connection, reference: str) -> list[Asked]:
    """Cases with exactly this reference; more than one only if a kiosk was copied."""
    rows = db.execute(sa.select(*_ASKED).where(CASES.c.reference == reference).limit(8))
    return [_asked(row) for row in rows]


def add_check(db: sa.Connection, case_id: UUID, check_id: UUID, at: dt.datetime) -> None:
    """A check is on its way."""
    db.execute(
        sa.insert(CHECKS).values(
            check_id=check_id, case_id=case_id, created_at=at, wrong_tries=0, used_at=None
        )
    )


def newest_check(db: sa.Connection, case_id: UUID) -> Check | None:
    """The check that counts: a newer one ends those before it. Nobody else changes it in the meantime."""
    query = sa.select(*(CHECKS.c[name] for name in Check.__slots__)).where(CHECKS.c.case_id == case_id)
    newest = query.order_by(CHECKS.c.created_at.desc(), CHECKS.c.check_id).limit(1)
    row = db.execute(newest.with_for_update()).first()
    return None if row is None else Check(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor


def count_wrong(db: sa.Connection, check_id: UUID) -> None:
    """A try was wrong."""
    more = CHECKS.c.wrong_tries + 1
    db.execute(sa.update(CHECKS).where(CHECKS.c.check_id == check_id).values(wrong_tries=more))


def use(db: sa.Connection, check_id: UUID, at: dt.datetime) -> None:
    """A check works once."""
    db.execute(sa.update(CHECKS).where(CHECKS.c.check_id == check_id).values(used_at=at))


def attempt(db: sa.Connection, limits: Sequence[Limit], now: dt.datetime) -> dt.timedelta | None:
    """Count an attempt against all of `limits`; if one is reached count nothing and say how long to wait."""
    for limit in sorted(limits, key=lambda each: each.bucket):
        _hold(db, limit.bucket)
    waits = [wait for limit in limits if (wait := _wait(db, limit, now)) is not None]
    if waits:
        return max(waits)
    db.execute(sa.insert(ATTEMPTS), [{"bucket": limit.bucket, "at": now} for limit in limits])
    return None


def forget_attempts(db: sa.Connection, before: dt.datetime) -> None:
    """Remove attempts that no limit looks at any more."""
    db.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.at < before))


def join(db: sa.Connection, case_id: UUID, to: UUID, recipient: Recipient) -> None:
    """Say that a case adds to an earlier one of `recipient`. A complaint stays one."""
    changes: dict[str, Any] = {"supplement_to": to}
    if recipient is Recipient.COMPLAINTS:
        changes["recipient"] = recipient.value
    db.execute(sa.update(CASES).where(CASES.c.case_id == case_id).values(**changes))


def _wait(db: sa.Connection, limit: Limit, now: dt.datetime) -> dt.timedelta | None:
    counted = sa.and_(ATTEMPTS.c.bucket == limit.bucket, ATTEMPTS.c.at > now - limit.window)
    query = sa.select(ATTEMPTS.c.at).where(counted).order_by(ATTEMPTS.c.at.desc()).limit(limit.most)
    times = list(db.execute(query).scalars())
    return times[-1] + limit.window - now if len(times) == limit.most else None


def _hold(db: sa.Connection, bucket: bytes) -> None:
    """One at a time per bucket. SQLite lets only one transaction write anyway."""
    if db.dialect.name == "postgresql":
        key = int.from_bytes(bucket[:8], "big", signed=True)
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _asked(row: sa.Row[Any]) -> Asked:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor, underscored against column names
    code = values["receipt_code"]
    return Asked(
        **{
            **values,
            "receipt_code": None if code is None else bytes(code),
            "state": CaseState(values["state"]),
            "words": values["words"] or {},
            "recipient": Recipient(values["recipient"]),
        }
    )
