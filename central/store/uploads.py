"""Files from visitors' phones: sealed pieces, and which upload and case they are of."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from central.recipients import Recipient
from central.store.dialects import insert
from central.store.schema import KIOSKS, UPLOADED_FILES, UPLOADED_PIECES, UPLOADS


@dataclass(frozen=True, slots=True)
class Upload:
    """A way from a phone. `token` is the SHA-256 of that in its address, `most` how many files it takes."""

    upload_id: UUID
    kiosk: int
    recipient: Recipient
    token: bytes
    most: int
    language: str | None
    opened_at: dt.datetime
    ends_at: dt.datetime
    closed_at: dt.datetime | None = None
    version: int = 1
    case_id: UUID | None = None

    def is_open(self, now: dt.datetime) -> bool:
        """Whether files may still come."""
        return self.closed_at is None and now < self.ends_at


@dataclass(frozen=True, slots=True)
class File:
    """A file. `size` in bytes grows until it is whole; `keys` are the wrapped content keys by kid."""

    file_id: UUID
    upload_id: UUID
    kind: str
    media_type: str
    size: int
    keys: Mapping[str, str]
    began_at: dt.datetime
    whole_at: dt.datetime | None = None
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What an upload holds, files on their way included. `size` in bytes."""

    files: int
    size: int


_UPLOAD = tuple(UPLOADS.c[name] for name in Upload.__slots__)
_FILE = tuple(UPLOADED_FILES.c[name] for name in File.__slots__)


def add(db: sa.Connection, upload: Upload) -> bool:
    """Open an upload; false if there is one of this id."""
    values = {name: getattr(upload, name) for name in Upload.__slots__}
    statement = insert(db, UPLOADS).on_conflict_do_nothing(index_elements=[UPLOADS.c.upload_id])
    added = db.execute(
        statement.returning(UPLOADS.c.upload_id), {**values, "recipient": upload.recipient.value}
    )
    return added.first() is not None


def find(db: sa.Connection, upload_id: UUID, *, to_change: bool = False) -> Upload | None:
    """One upload. `to_change`: until the transaction ends nobody else changes it."""
    return _found(db, UPLOADS.c.upload_id == upload_id, to_change=to_change)


def by_token(db: sa.Connection, token: bytes) -> Upload | None:
    """The upload whose token has this SHA-256."""
    return _found(db, UPLOADS.c.token == token)


def files(db: sa.Connection, upload_id: UUID) -> list[File]:
    """Whole files, in the order of their arrival."""
    of_upload = sa.and_(UPLOADED_FILES.c.upload_id == upload_id, UPLOADED_FILES.c.whole_at.is_not(None))
    rows = db.execute(sa.select(*_FILE).where(of_upload).order_by(UPLOADED_FILES.c.place))
    return [File(**_file(row)) for row in rows]


def load(db: sa.Connection, upload_id: UUID) -> Load:
    """How much an upload holds."""
    size = sa.func.coalesce(sa.func.sum(UPLOADED_FILES.c.size), 0)
    query = sa.select(sa.func.count(), size).select_from(UPLOADED_FILES)
    row = db.execute(query.where(UPLOADED_FILES.c.upload_id == upload_id)).one()
    return Load(row[0], int(row[1]))


def add_file(db: sa.Connection, file: File) -> None:
    """A file begins to arrive."""
    values = {name: getattr(file, name) for name in File.__slots__}
    db.execute(sa.insert(UPLOADED_FILES).values(**{**values, "keys": dict(file.keys)}))


def add_pieces(db: sa.Connection, file_id: UUID, first: int, sealed: Sequence[bytes], size: int) -> None:
    """More of a file; `size` is that of all of it so far."""
    rows = [{"file_id": file_id, "number": first + n, "sealed": piece} for n, piece in enumerate(sealed)]
    db.execute(sa.insert(UPLOADED_PIECES), rows)
    db.execute(sa.update(UPLOADED_FILES).where(UPLOADED_FILES.c.file_id == file_id).values(size=size))


def finish_file(db: sa.Connection, file: File, sha256: bytes, at: dt.datetime) -> None:
    """All of a file is here."""
    _changed(db, file.upload_id)
    place = sa.select(UPLOADS.c.version).where(UPLOADS.c.upload_id == file.upload_id).scalar_subquery()
    whole = sa.update(UPLOADED_FILES).where(UPLOADED_FILES.c.file_id == file.file_id)
    db.execute(whole.values(whole_at=at, sha256=sha256, place=place))


def pieces(db: sa.Connection, file_id: UUID) -> list[bytes]:
    """The sealed pieces of a file, in order."""
    query = sa.select(UPLOADED_PIECES.c.sealed).where(UPLOADED_PIECES.c.file_id == file_id)
    return [bytes(piece) for piece in db.execute(query.order_by(UPLOADED_PIECES.c.number)).scalars()]


def erase_files(db: sa.Connection, upload_id: UUID, file_ids: Iterable[UUID] | None = None) -> int:
    """Erase some files of an upload, or all; how many there were."""
    of = UPLOADED_FILES.c.upload_id == upload_id
    where = of if file_ids is None else sa.and_(of, UPLOADED_FILES.c.file_id.in_(list(file_ids)))
    named = sa.select(UPLOADED_FILES.c.file_id).where(where)
    db.execute(sa.delete(UPLOADED_PIECES).where(UPLOADED_PIECES.c.file_id.in_(named)))
    erased = db.execute(sa.delete(UPLOADED_FILES).where(where)).rowcount
    if erased:
        _changed(db, upload_id)
    return erased


def close(db: sa.Connection, upload_id: UUID, at: dt.datetime) -> None:
    """Nothing more arrives."""
    is_open = sa.and_(UPLOADS.c.upload_id == upload_id, UPLOADS.c.closed_at.is_(None))
    if db.execute(sa.update(UPLOADS).where(is_open).values(closed_at=at)).rowcount:
        _changed(db, upload_id)


def join(db: sa.Connection, upload_id: UUID, case_id: UUID) -> None:
    """A case has named it."""
    db.execute(sa.update(UPLOADS).where(UPLOADS.c.upload_id == upload_id).values(case_id=case_id))


def erase(db: sa.Connection, upload_id: UUID) -> None:
    """Forget an upload with all its files."""
    erase_files(db, upload_id)
    db.execute(sa.delete(UPLOADS).where(UPLOADS.c.upload_id == upload_id))


def unclaimed(db: sa.Connection, closed_before: dt.datetime, at_last: dt.datetime) -> list[UUID]:
    """Uploads that no case has named: closed before `at_last`, or before `closed_before` by a kiosk that has
    said since then that it holds no case."""
    closed = sa.func.coalesce(UPLOADS.c.closed_at, UPLOADS.c.ends_at)
    empty = sa.exists().where(
        KIOSKS.c.kiosk == UPLOADS.c.kiosk, KIOSKS.c.seen_at > closed, KIOSKS.c.queued == 0
    )
    late = sa.or_(_before(closed, at_last), sa.and_(_before(closed, closed_before), empty))
    query = sa.select(UPLOADS.c.upload_id).where(UPLOADS.c.case_id.is_(None), late)
    return list(db.execute(query).scalars())


def broken(db: sa.Connection, before: dt.datetime) -> list[tuple[UUID, UUID]]:
    """Upload and file of what began to arrive before `before` and is not whole."""
    query = sa.select(UPLOADED_FILES.c.upload_id, UPLOADED_FILES.c.file_id).where(
        UPLOADED_FILES.c.whole_at.is_(None), UPLOADED_FILES.c.began_at < before
    )
    return [(row.upload_id, row.file_id) for row in db.execute(query)]


def _before(moment: sa.ColumnElement[Any], limit: dt.datetime) -> sa.ColumnElement[bool]:
    return moment < sa.literal(limit, UPLOADS.c.ends_at.type)


def _changed(db: sa.Connection, upload_id: UUID) -> None:
    more = UPLOADS.c.version + 1
    db.execute(sa.update(UPLOADS).where(UPLOADS.c.upload_id == upload_id).values(version=more))


def _found(db: sa.Connection, where: sa.ColumnElement[bool], *, to_change: bool = False) -> Upload | None:
    query = sa.select(*_UPLOAD).where(where)
    row = db.execute(query.with_for_update() if to_change else query).first()
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor
    return Upload(**{**values, "recipient": Recipient(values["recipient"]), "token": bytes(values["token"])})


def _file(row: sa.Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor
    return {**values, "sha256": None if values["sha256"] is None else bytes(values["sha256"])}
