"""The queue of messages to visitors, without their addresses. A row is written with what it tells about."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from central.store.schema import MESSAGES


class Channel(StrEnum):
    """How a visitor is reached."""

    EMAIL = "email"
    SMS = "sms"


class Kind(StrEnum):
    """What a message tells."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits. `tries` counts the one it was just taken for."""

    id: int
    case_id: UUID
    channel: Channel
    kind: Kind
    check_id: UUID | None
    created_at: dt.datetime
    due_at: dt.datetime
    tries: int
    sent_at: dt.datetime | None
    given_up_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """Figures for people and metrics. `oldest` is when the oldest waiting message was queued."""

    waiting: int
    oldest: dt.datetime | None
    sent: int
    given_up: int


_WAITING = sa.and_(MESSAGES.c.sent_at.is_(None), MESSAGES.c.given_up_at.is_(None))


def queue(
    db: sa.Connection,
    case_id: UUID,
    channels: Iterable[Channel],
    kind: Kind,
    now: dt.datetime,
    check_id: UUID | None = None,
) -> None:
    """Add one message per channel, due at once."""
    for channel in channels:
        db.execute(
            sa.insert(MESSAGES).values(
                case_id=case_id,
                channel=channel.value,
                kind=kind.value,
                check_id=check_id,
                created_at=now,
                due_at=now,
                tries=0,
            )
        )


def channels_of(db: sa.Connection, case_id: UUID) -> tuple[Channel, ...]:
    """How this visitor can be reached: the channels that the receipt went to."""
    query = sa.select(MESSAGES.c.channel).where(
        MESSAGES.c.case_id == case_id, MESSAGES.c.kind == Kind.RECEIVED.value
    )
    return tuple(sorted({Channel(name) for name in db.execute(query).scalars()}))


def take_due(db: sa.Connection, now: dt.datetime, lease: dt.timedelta) -> Queued | None:
    """The message that waits longest, counted as tried and hidden from other workers for `lease`."""
    query = sa.select(MESSAGES).where(_WAITING, MESSAGES.c.due_at <= now).order_by(MESSAGES.c.due_at)
    row = db.execute(query.limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    values = {"tries": row.tries + 1, "due_at": now + lease}
    db.execute(sa.update(MESSAGES).where(MESSAGES.c.id == row.id).values(**values))
    return _queued(row, **values)


def mark_sent(db: sa.Connection, message: int, at: dt.datetime) -> None:
    """It is with the next post office."""
    db.execute(sa.update(MESSAGES).where(MESSAGES.c.id == message).values(sent_at=at))


def put_off(db: sa.Connection, message: int, until: dt.datetime) -> None:
    """It did not go; try again at `until`."""
    db.execute(sa.update(MESSAGES).where(MESSAGES.c.id == message).values(due_at=until))


def give_up(db: sa.Connection, message: int, at: dt.datetime) -> None:
    """Try no more. The row stays."""
    db.execute(sa.update(MESSAGES).where(MESSAGES.c.id == message).values(given_up_at=at))


def try_again(db: sa.Connection, now: dt.datetime) -> int:
    """Put every given-up message but checks, which have run out, back into the queue; how many."""
    again = sa.and_(MESSAGES.c.given_up_at.is_not(None), MESSAGES.c.kind != Kind.CHECK.value)
    values = {"given_up_at": None, "due_at": now, "created_at": now, "tries": 0}
    return db.execute(sa.update(MESSAGES).where(again).values(**values)).rowcount


def unsent(db: sa.Connection, limit: int) -> list[Queued]:
    """Messages that wait or were given up, oldest first."""
    query = sa.select(MESSAGES).where(MESSAGES.c.sent_at.is_(None)).order_by(MESSAGES.c.id).limit(limit)
    return [_queued(row) for row in db.execute(query)]


def state(db: sa.Connection) -> QueueState:
    """How the queue stands."""
    waiting = db.execute(
        sa.select(
            sa.func.count(), sa.func.min(MESSAGES.c.created_at, type_=MESSAGES.c.created_at.type)
        ).where(_WAITING)
    ).one()
    count = sa.select(sa.func.count()).select_from(MESSAGES)
    sent = db.execute(count.where(MESSAGES.c.sent_at.is_not(None))).scalar_one()
    given_up = db.execute(count.where(MESSAGES.c.given_up_at.is_not(None))).scalar_one()
    return QueueState(waiting[0], waiting[1], sent, given_up)


def _queued(row: sa.Row[Any], **newer: Any) -> Queued:
    values = {**row._mapping, **newer}  # noqa: SLF001 - SQLAlchemy's public accessor
    return Queued(**{**values, "channel": Channel(values["channel"]), "kind": Kind(values["kind"])})
