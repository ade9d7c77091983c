"""Kiosks as their heartbeats show them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from central.store.dialects import insert
from central.store.schema import KIOSKS


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a kiosk says of itself: counts, seconds, versions. No personal data."""

    queued: int
    oldest_age_s: int
    last_sequence: int
    quarantined: int | None = None
    release: str | None = None
    key_set_version: int | None = None
    packs_number: int | None = None
    """The pack bundle it asks with; None for the packs of its release."""
    packs_refused: int | None = None
    """The newest bundle that it did not take."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A kiosk the centre has enrolled or heard of; what a heartbeat says is None before the first."""

    kiosk: int
    enrolled_at: dt.datetime | None
    revoked_at: dt.datetime | None
    seen_at: dt.datetime | None
    queued: int | None
    quarantined: int | None
    oldest_age_s: int | None
    last_sequence: int | None
    release: str | None
    key_set_version: int | None
    packs_number: int | None
    packs_refused: int | None


def beat(db: sa.Connection, kiosk: int, at: dt.datetime, heartbeat: Heartbeat) -> None:
    """Remember the latest heartbeat of a kiosk."""
    values: dict[str, Any] = {"seen_at": at, **asdict(heartbeat)}
    statement = insert(db, KIOSKS).values(kiosk=kiosk, **values)
    db.execute(statement.on_conflict_do_update(index_elements=[KIOSKS.c.kiosk], set_=values))


def all_kiosks(db: sa.Connection) -> Sequence[Kiosk]:
    """Every kiosk, by number."""
    rows = db.execute(sa.select(KIOSKS).order_by(KIOSKS.c.kiosk))
    return [Kiosk(**row) for row in rows.mappings()]


def find(db: sa.Connection, kiosk: int) -> Kiosk | None:
    """One kiosk."""
    row = db.execute(sa.select(KIOSKS).where(KIOSKS.c.kiosk == kiosk)).mappings().first()
    return None if row is None else Kiosk(**row)
