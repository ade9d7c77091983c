"""Figures of the whole centre for its operators: counts and ages, nothing of a case."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from central.store.schema import CERTIFICATES, KIOSKS, MESSAGES


@dataclass(frozen=True, slots=True)
class Figures:
    """`oldest_queued_s`: how long the oldest case still with a kiosk has waited, as far as one knows."""

    kiosks_heard: int
    kiosks_silent: int
    kiosks_revoked: int
    queued: int
    quarantined: int
    oldest_queued_s: float
    messages_waiting: int
    oldest_message_s: float
    certificates_ending: int
    database_bytes: int
    packs: Mapping[int, int]
    """Pack bundle → kiosks that ask with it; 0 stands for the packs of their release."""
    packs_refused: int


def figures(db: sa.Connection, now: dt.datetime, silent_after: dt.timedelta, ending: dt.timedelta) -> Figures:
    """As it stands at `now`. Of a kiosk's certificates the last counts, if it ends within `ending`."""
    heard = silent = revoked = queued = quarantined = packs_refused = 0
    packs: Counter[int] = Counter()
    oldest = 0.0
    for row in db.execute(sa.select(KIOSKS)):
        revoked += row.revoked_at is not None
        if row.seen_at is None:
            continue
        quiet = now - row.seen_at
        heard += 1
        silent += quiet > silent_after
        queued += row.queued
        quarantined += row.quarantined or 0
        packs[row.packs_number or 0] += 1
        packs_refused += bool(row.packs_refused)
        if row.queued:
            oldest = max(oldest, row.oldest_age_s + quiet.total_seconds())
    waiting, first = _waiting(db)
    return Figures(
        kiosks_heard=heard,
        kiosks_silent=silent,
        kiosks_revoked=revoked,
        queued=queued,
        quarantined=quarantined,
        oldest_queued_s=oldest,
        messages_waiting=waiting,
        oldest_message_s=0.0 if first is None else (now - first).total_seconds(),
        certificates_ending=_ending(db, now, ending),
        database_bytes=size(db),
        packs=packs,
        packs_refused=packs_refused,
    )


def size(db: sa.Connection) -> int:
    """What the database takes on its disk, in bytes."""
    if db.dialect.name == "sqlite":
        return int(
            sum(
                db.exec_driver_sql(
                    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
                ).one()
            )
        )
    return int(db.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def _waiting(db: sa.Connection) -> tuple[int, dt.datetime | None]:
    # Word for word the condition of the partial index, so that sent messages cost nothing.
    open_ones = sa.text("sent_at IS NULL AND given_up_at IS NULL")
    first = sa.func.min(MESSAGES.c.created_at, type_=MESSAGES.c.created_at.type)
    row = db.execute(sa.select(sa.func.count(), first).select_from(MESSAGES).where(open_ones)).one()
    return row[0], row[1]


def _ending(db: sa.Connection, now: dt.datetime, ending: dt.timedelta) -> int:
    last = (
        sa.select(
            sa.func.max(CERTIFICATES.c.not_after, type_=CERTIFICATES.c.not_after.type).label("not_after")
        )
        .group_by(CERTIFICATES.c.kiosk)
        .subquery()
    )
    soon = sa.select(sa.func.count()).select_from(last).where(last.c.not_after < now + ending)
    return int(db.execute(soon).scalar_one())
