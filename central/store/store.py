"""What the centre keeps: ciphertext, an index of it, and the receipt it gave. SQLAlchemy Core over SQLite."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from central.sealed.version1 import Received

_METADATA = sa.MetaData()

_CASES = sa.Table(
    "cases",
    _METADATA,
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("kiosk", sa.Integer, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(32), index=True),
    sa.Column("official_number", sa.String(32), nullable=False, unique=True),
    sa.Column("received_at", sa.String(32), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Index("chain", "kiosk", "sequence"),
)
_PARTS = sa.Table(
    "parts",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
_NUMBERS = sa.Table(
    "official_numbers",
    _METADATA,
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
_HEARTBEATS = sa.Table(
    "heartbeats",
    _METADATA,
    sa.Column("kiosk", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("queued", sa.Integer, nullable=False),
    sa.Column("oldest_age_s", sa.Integer, nullable=False),
    sa.Column("last_sequence", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it lies in the store."""

    case_id: UUID
    kiosk: int
    sequence: int
    previous: str
    sha256: str
    reference: str | None
    official_number: str
    received_at: str
    envelope: bytes
    receipt: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a kiosk says of itself. No personal data."""

    queued: int
    oldest_age_s: int
    last_sequence: int


class Store:
    """The database of a centre. Usable from several threads."""

    def __init__(self, path: Path, division: str) -> None:
        self._division = division
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _prepare_sqlite)
        sa.event.listen(self._engine, "begin", _begin_immediate)
        _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def case(self, case_id: UUID) -> StoredCase | None:
        """One case by its id."""
        return self._first(_CASES.c.case_id == str(case_id))

    def by_reference(self, reference: str) -> StoredCase | None:
        """One case by the reference its visitor was given."""
        return self._first(_CASES.c.reference == reference)

    def cases(self) -> list[StoredCase]:
        """All cases, oldest first."""
        with self._engine.begin() as db:
            rows = db.execute(sa.select(_CASES).order_by(_CASES.c.official_number)).all()
        return [_stored(row) for row in rows]

    def add_case(
        self, received: Received, reference: str | None, receipt_for: Callable[[str, str], str]
    ) -> StoredCase:
        """Store a case once, with its official number and the receipt `receipt_for(number, time)` signs.

        If the case is already there, that one is returned and nothing changes.
        """
        envelope = received.envelope
        now = dt.datetime.now(dt.UTC)
        try:
            with self._engine.begin() as db:
                number = self._next_number(db, now.year)
                received_at = now.isoformat(timespec="seconds")
                values: dict[str, Any] = {
                    "case_id": str(envelope.case),
                    "kiosk": envelope.kiosk,
                    "sequence": envelope.sequence,
                    "previous": envelope.previous,
                    "sha256": received.sha256,
                    "reference": reference,
                    "official_number": number,
                    "received_at": received_at,
                    "envelope": received.body,
                    "receipt": receipt_for(number, received_at),
                }
                db.execute(sa.insert(_CASES).values(values))
        except IntegrityError:
            existing = self.case(envelope.case)
            if existing is None:
                raise
            return existing
        return StoredCase(**{**values, "case_id": envelope.case})

    def add_part(self, kiosk: int, case_id: UUID, sha256: str, sealed: bytes) -> None:
        """Store a sealed part; the same one again changes nothing."""
        values = {"kiosk": kiosk, "case_id": str(case_id), "sha256": sha256, "sealed": sealed}
        with self._engine.begin() as db:
            if sha256 not in _part_names(db, kiosk, case_id):
                db.execute(sa.insert(_PARTS).values(values))

    def part_names(self, kiosk: int, case_id: UUID) -> set[str]:
        """Which parts of a case are here."""
        with self._engine.begin() as db:
            return _part_names(db, kiosk, case_id)

    def part(self, kiosk: int, case_id: UUID, sha256: str) -> bytes | None:
        """One sealed part."""
        where = (_PARTS.c.kiosk == kiosk, _PARTS.c.case_id == str(case_id), _PARTS.c.sha256 == sha256)
        with self._engine.begin() as db:
            return db.execute(sa.select(_PARTS.c.sealed).where(*where)).scalar()

    def beat(self, kiosk: int, heartbeat: Heartbeat) -> None:
        """Remember the latest heartbeat of a kiosk."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with self._engine.begin() as db:
            db.execute(sa.delete(_HEARTBEATS).where(_HEARTBEATS.c.kiosk == kiosk))
            db.execute(
                sa.insert(_HEARTBEATS).values(
                    kiosk=kiosk,
                    at=now,
                    queued=heartbeat.queued,
                    oldest_age_s=heartbeat.oldest_age_s,
                    last_sequence=heartbeat.last_sequence,
                )
            )

    def _first(self, where: sa.ColumnElement[bool]) -> StoredCase | None:
        with self._engine.begin() as db:
            row = db.execute(sa.select(_CASES).where(where)).first()
        return None if row is None else _stored(row)

    def _next_number(self, db: sa.Connection, year: int) -> str:
        last = db.execute(sa.select(_NUMBERS.c.last).where(_NUMBERS.c.year == year)).scalar()
        if last is None:
            db.execute(sa.insert(_NUMBERS).values(year=year, last=1))
        else:
            db.execute(sa.update(_NUMBERS).where(_NUMBERS.c.year == year).values(last=last + 1))
        return f"{self._division} RN {year % 100:02d}{(last or 0) + 1:06d}"


def _part_names(db: sa.Connection, kiosk: int, case_id: UUID) -> set[str]:
    where = (_PARTS.c.kiosk == kiosk, _PARTS.c.case_id == str(case_id))
    return set(db.execute(sa.select(_PARTS.c.sha256).where(*where)).scalars())


def _stored(row: sa.Row[Any]) -> StoredCase:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor, underscored against column names
    return StoredCase(**{**values, "case_id": UUID(values["case_id"])})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    # Number, ciphertext and receipt are written under one lock: a receipt lets a kiosk erase its copy.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
