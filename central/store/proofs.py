"""What the proof reads: the links of a chain as a stream, and how far they were followed before."""

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from central.proof.judge import Chain, Link, Proven, Range, Told
from central.store.dialects import insert
from central.store.schema import CASES, CHAIN_STARTS, EXPLAINED_GAPS, KIOSKS, PROVEN

_AT_ONCE = 2000


def kiosks(db: sa.Connection) -> Sequence[int]:
    """Every kiosk that has a chain: heard of, enrolled or seen in a case."""
    # A loose index scan: the number of kiosks decides, not that of their ten million cases.
    first = sa.select(sa.func.min(CASES.c.kiosk).label("kiosk")).cte("seen", recursive=True)
    following = sa.select(sa.func.min(CASES.c.kiosk)).where(CASES.c.kiosk > first.c.kiosk).scalar_subquery()
    seen = first.union_all(sa.select(following).where(first.c.kiosk.is_not(None)))
    with_cases = db.execute(sa.select(seen.c.kiosk).where(seen.c.kiosk.is_not(None))).scalars()
    known = db.execute(sa.select(KIOSKS.c.kiosk)).scalars()
    return sorted({*with_cases, *known})


def chain(db: sa.Connection, kiosk: int) -> Chain:
    """What is known of a kiosk beside its envelopes. Read before them, or what has just come looks lost."""
    starts = sa.select(CHAIN_STARTS.c.first_sequence).where(CHAIN_STARTS.c.kiosk == kiosk)
    gaps = sa.select(EXPLAINED_GAPS.c.first, EXPLAINED_GAPS.c.last).where(EXPLAINED_GAPS.c.kiosk == kiosk)
    return Chain(
        kiosk,
        frozenset(db.execute(starts).scalars()),
        tuple(Range(row.first, row.last) for row in db.execute(gaps)),
        _told(db, kiosk),
        _proven(db, kiosk),
    )


def links(db: sa.Connection, kiosk: int, after: int) -> Iterator[Link]:
    """The links of a kiosk behind a sequence number, in order, never all in memory."""
    statement = (
        sa.select(CASES.c.sequence, CASES.c.previous, CASES.c.sha256, CASES.c.received_at)
        .where(CASES.c.kiosk == kiosk, CASES.c.sequence > after)
        .order_by(CASES.c.kiosk, CASES.c.sequence)
        .execution_options(yield_per=_AT_ONCE)
    )
    for row in db.execute(statement):
        yield Link(row.sequence, bytes(row.previous), bytes(row.sha256), row.received_at)


def keep(db: sa.Connection, kiosk: int, proven: Proven, at: dt.datetime) -> None:
    """Remember how far a chain is whole."""
    values = {
        "sequence": proven.sequence,
        "sha256": proven.sha256,
        "cases": proven.cases,
        "proven_at": at,
    }
    statement = insert(db, PROVEN).values(kiosk=kiosk, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[PROVEN.c.kiosk], set_=values))


def explain(db: sa.Connection, kiosk: int, gap: Range, at: dt.datetime, by: str, explanation: str) -> None:
    """Note why nothing will ever come for some sequence numbers; a later word replaces an earlier one."""
    values = {"last": gap.last, "explained_at": at, "explained_by": by, "explanation": explanation}
    statement = insert(db, EXPLAINED_GAPS).values(kiosk=kiosk, first=gap.first, **values)
    keys = [EXPLAINED_GAPS.c.kiosk, EXPLAINED_GAPS.c.first]
    db.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def _told(db: sa.Connection, kiosk: int) -> Told | None:
    row = db.execute(sa.select(KIOSKS).where(KIOSKS.c.kiosk == kiosk)).first()
    if row is None or row.seen_at is None:
        return None
    return Told(row.seen_at, row.last_sequence, row.queued, dt.timedelta(seconds=row.oldest_age_s))


def _proven(db: sa.Connection, kiosk: int) -> Proven:
    row = db.execute(sa.select(PROVEN).where(PROVEN.c.kiosk == kiosk)).first()
    if row is None:
        return Proven()
    # One more or one less than there were is a fork or a loss in what was followed: follow it all again.
    where = (CASES.c.kiosk == kiosk, CASES.c.sequence <= row.sequence)
    cases = db.execute(sa.select(sa.func.count()).select_from(CASES).where(*where)).scalar_one()
    return Proven(row.sequence, bytes(row.sha256), row.cases) if cases == row.cases else Proven()
