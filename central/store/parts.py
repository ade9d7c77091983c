"""Sealed parts of attachments, kept before the envelope that lists them comes."""

from uuid import UUID

import sqlalchemy as sa

from central.store.dialects import insert
from central.store.schema import PARTS


def add(db: sa.Connection, kiosk: int, case_id: UUID, sha256: bytes, sealed: bytes) -> None:
    """Store a sealed part; the same one again changes nothing."""
    values = {"kiosk": kiosk, "case_id": case_id, "sha256": sha256, "sealed": sealed}
    db.execute(insert(db, PARTS).on_conflict_do_nothing(), values)


def names(db: sa.Connection, kiosk: int, case_id: UUID) -> set[bytes]:
    """SHA-256 of the parts of a case that are here."""
    where = (PARTS.c.kiosk == kiosk, PARTS.c.case_id == case_id)
    return {bytes(name) for name in db.execute(sa.select(PARTS.c.sha256).where(*where)).scalars()}


def find(db: sa.Connection, kiosk: int, case_id: UUID, sha256: bytes) -> bytes | None:
    """One sealed part."""
    where = (PARTS.c.kiosk == kiosk, PARTS.c.case_id == case_id, PARTS.c.sha256 == sha256)
    sealed = db.execute(sa.select(PARTS.c.sealed).where(*where)).scalar()
    return None if sealed is None else bytes(sealed)
