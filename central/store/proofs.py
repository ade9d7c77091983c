"""What the proof reads: the links of a chain as a stream, and how far they were followed before."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Reading:
    """A chain, and whether something stands behind where it was followed to."""

    chain: Chain
    is_longer: bool


def chains(db: sa.Connection, numbers: Sequence[int]) -> Iterator[Reading]:
    """What is known of kiosks beside their envelopes: a few statements for all of them.

    Read before the envelopes, or what has just come looks lost.
    """
    told, followed = _told(db, numbers), _followed(db, numbers)
    starts = _by_kiosk(db, CHAIN_STARTS, numbers)
    gaps = _by_kiosk(db, EXPLAINED_GAPS, numbers)
    for kiosk in numbers:
        proven, is_longer = followed.get(kiosk, (Proven(), True))
        chain = Chain(
            kiosk,
            frozenset(row.first_sequence for row in starts[kiosk]),
            tuple(Range(row.first, row.last) for row in gaps[kiosk]),
            told.get(kiosk),
            proven,
        )
        yield Reading(chain, is_longer)


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


def keep(db: sa.Connection, proven: Mapping[int, Proven], at: dt.datetime) -> None:
    """Remember how far the chains of kiosks are whole."""
    statement = insert(db, PROVEN)
    changed = {name: statement.excluded[name] for name in ("sequence", "sha256", "cases", "proven_at")}
    rows = [
        {
            "kiosk": kiosk,
            "sequence": up_to.sequence,
            "sha256": up_to.sha256,
            "cases": up_to.cases,
            "proven_at": at,
        }
        for kiosk, up_to in sorted(proven.items())
    ]
    db.execute(statement.on_conflict_do_update(index_elements=[PROVEN.c.kiosk], set_=changed), rows)


def explain(db: sa.Connection, kiosk: int, gap: Range, at: dt.datetime, by: str, explanation: str) -> None:
    """Note why nothing will ever come for some sequence numbers; a later word replaces an earlier one."""
    values = {"last": gap.last, "explained_at": at, "explained_by": by, "explanation": explanation}
    statement = insert(db, EXPLAINED_GAPS).values(kiosk=kiosk, first=gap.first, **values)
    keys = [EXPLAINED_GAPS.c.kiosk, EXPLAINED_GAPS.c.first]
    db.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def _told(db: sa.Connection, numbers: Sequence[int]) -> dict[int, Told]:
    heard = sa.select(KIOSKS).where(_among(KIOSKS, numbers), KIOSKS.c.seen_at.is_not(None))
    return {
        row.kiosk: Told(row.seen_at, row.last_sequence, row.queued, dt.timedelta(seconds=row.oldest_age_s))
        for row in db.execute(heard)
    }


def _followed(db: sa.Connection, numbers: Sequence[int]) -> dict[int, tuple[Proven, bool]]:
    """How far, and whether anything stands behind it; in one statement, so that both are of one moment."""
    of_kiosk = CASES.c.kiosk == PROVEN.c.kiosk
    cases = sa.select(sa.func.count()).where(of_kiosk, CASES.c.sequence <= PROVEN.c.sequence)
    longer = sa.exists().where(of_kiosk, CASES.c.sequence > PROVEN.c.sequence)
    statement = sa.select(
        PROVEN, cases.scalar_subquery().label("cases_now"), longer.label("is_longer")
    ).where(_among(PROVEN, numbers))
    return {row.kiosk: _trusted(row) for row in db.execute(statement)}


def _trusted(row: sa.Row[Any]) -> tuple[Proven, bool]:
    # One more or one less than there were is a fork or a loss in what was followed: follow it all again.
    if row.cases_now != row.cases:
        return Proven(), True
    return Proven(row.sequence, bytes(row.sha256), row.cases), row.is_longer


def _by_kiosk(db: sa.Connection, table: sa.Table, numbers: Sequence[int]) -> Mapping[int, list[sa.Row[Any]]]:
    found: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in db.execute(sa.select(table).where(_among(table, numbers))):
        found[row.kiosk].append(row)
    return found


def _among(table: sa.Table, numbers: Sequence[int]) -> sa.ColumnElement[bool]:
    # In order, so that one statement fits any of them; what lies between is read in vain, and is little.
    return table.c.kiosk.between(min(numbers), max(numbers))
