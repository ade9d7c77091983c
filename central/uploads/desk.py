"""Uploads as kiosks, cases and officers see them: opened, looked at, closed, named by a case, erased."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central.enquiries.codes import Codes
from central.keys.keyring import Keyring
from central.keys.keyset import Role, SealingKey
from central.problems import ProblemError
from central.recipients import Recipient
from central.sealed.base import Sha256
from central.sealed.files import Place, open_file
from central.store import uploads
from central.store.cases import Case
from central.store.enquiries import ATTEMPTS_KEPT, Limit, attempt
from central.store.store import Store
from central.store.uploads import File, Upload
from central.uploads.problems import NO_SUCH_RECIPIENT, NO_SUCH_UPLOAD, TOO_OFTEN, UPLOAD_DIFFERS
from central.uploads.tokens import Tokens, digest

MOST_FILES = 30
LARGEST_FILE = 25_000_000
LARGEST_UPLOAD = 60_000_000
"""Bytes of all files together."""

LIFE = dt.timedelta(minutes=30)
KEPT = dt.timedelta(hours=24)
KEPT_FOR_A_SILENT_KIOSK = dt.timedelta(days=14)
BROKEN_AFTER = dt.timedelta(minutes=15)
_OPENED_PER_KIOSK = 60


@dataclass(frozen=True, slots=True)
class Way:
    """An upload was opened: what its QR code says, and until when it works."""

    address: str
    ends_at: dt.datetime
    created: bool


@dataclass(frozen=True, slots=True)
class Status:
    """An upload as its kiosk sees it."""

    is_open: bool
    version: int
    ends_at: dt.datetime
    files: Sequence[File]


class FileState(StrEnum):
    """Whether what a case names is here."""

    HERE = "here"
    MISSING = "missing"
    DIFFERS = "differs"


class _NamedFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    file_id: UUID
    size: Annotated[int, Field(ge=0, le=LARGEST_FILE)]
    sha256: Sha256


class _Named(BaseModel):
    """What a case document says of its upload."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    upload_id: UUID
    files: Annotated[tuple[_NamedFile, ...], Field(max_length=MOST_FILES)]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file that a case names; `file` is what the centre holds of it."""

    file_id: UUID
    size: int
    state: FileState
    file: File | None


@dataclass(frozen=True, slots=True)
class Uploads:
    """The rules of docs/reference/uploads.md. `page` is where phones find the centre, without a path."""

    store: Store
    keyring: Keyring
    tokens: Tokens
    codes: Codes
    page: str
    clock: Callable[[], dt.datetime]

    def open(self, kiosk: int, upload_id: UUID, most: int, recipient: Recipient, language: str | None) -> Way:
        """Open a way for a phone; the same again is the same way. Raises `ProblemError`."""
        if not self.recipients(recipient):
            raise ProblemError(NO_SUCH_RECIPIENT)
        now, token = self.clock(), self.tokens.of(kiosk, upload_id)
        asked = Upload(upload_id, kiosk, recipient, digest(token), most, language, now, now + LIFE)
        with self.store.writing() as db:
            known = uploads.find(db, upload_id)
            if known is None:
                self._count(db, kiosk, now)
                uploads.add(db, asked)
            elif (known.kiosk, known.most, known.recipient) != (kiosk, most, recipient):
                raise ProblemError(UPLOAD_DIFFERS)
        ends_at = (known or asked).ends_at
        return Way(f"{self.page}/U/{token}".upper(), ends_at, created=known is None)

    def status(self, kiosk: int, upload_id: UUID) -> Status:
        """How it stands. Raises `ProblemError` for every kiosk but the one that opened it."""
        with self.store.reading() as db:
            return self._status(db, _own(uploads.find(db, upload_id), kiosk))

    def drop(self, kiosk: int, upload_id: UUID, file_id: UUID) -> None:
        """The visitor removes a file."""
        with self.store.writing() as db:
            upload = _own(uploads.find(db, upload_id, to_change=True), kiosk)
            if upload.case_id is None:
                uploads.erase_files(db, upload_id, [file_id])

    def close(self, kiosk: int, upload_id: UUID, *, keep: bool) -> Status:
        """Nothing more arrives; without `keep` what came is erased, unless a case has named it."""
        with self.store.writing() as db:
            upload = _own(uploads.find(db, upload_id, to_change=True), kiosk)
            uploads.close(db, upload_id, self.clock())
            if not keep and upload.case_id is None:
                uploads.erase_files(db, upload_id)
            return self._status(db, _own(uploads.find(db, upload_id), kiosk))

    def by_token(self, token: str) -> Upload | None:
        """The upload of an address, as long as files may come."""
        with self.store.reading() as db:
            upload = uploads.by_token(db, digest(token))
        return upload if upload is not None and upload.is_open(self.clock()) else None

    def recipients(self, recipient: Recipient) -> list[SealingKey]:
        """The keys that files for `recipient` are sealed to: the primary one, and escrow if there is one."""
        now, key_set = self.clock(), self.keyring.key_set
        if not key_set.of_role(Role.PRIMARY, recipient):
            return []
        newest = (key_set.newest(role, now, recipient) for role in (Role.PRIMARY, Role.ESCROW))
        return [key for key in newest if key is not None]

    def join(self, db: sa.Connection, case: Case, document: Any) -> None:
        """A case came in: keep the files it names and no others. The first case that names them has them."""
        named = _named(document)
        if named is None:
            return
        upload = uploads.find(db, named.upload_id, to_change=True)
        if upload is None or upload.case_id is not None:
            return
        if (upload.kiosk, upload.recipient) != (case.kiosk, case.recipient):
            return
        uploads.close(db, upload.upload_id, self.clock())
        wanted = {each.file_id for each in named.files}
        others = [file.file_id for file in uploads.files(db, upload.upload_id) if file.file_id not in wanted]
        if others:
            uploads.erase_files(db, upload.upload_id, others)
        uploads.join(db, upload.upload_id, case.case_id)

    def of_case(self, case_id: UUID, document: Any) -> list[CaseFile]:
        """The files that a case names, in its order, compared with what is here."""
        named = _named(document)
        if named is None:
            return []
        with self.store.reading() as db:
            upload = uploads.find(db, named.upload_id)
            is_its = upload is not None and upload.case_id == case_id
            here = {file.file_id: file for file in uploads.files(db, named.upload_id)} if is_its else {}
        return [_compared(each, here.get(each.file_id)) for each in named.files]

    def opened(self, file: File) -> bytes:
        """A file in clear. Raises `UnreadableError`."""
        with self.store.reading() as db:
            pieces = uploads.pieces(db, file.file_id)
        return open_file(Place(file.upload_id, file.file_id), file.keys, pieces, self.keyring)

    def sweep(self) -> None:
        """Erase what no case has named in its time, and what broke off when the centre died."""
        now = self.clock()
        with self.store.writing() as db:
            for upload_id in uploads.unclaimed(db, now - KEPT, now - KEPT_FOR_A_SILENT_KIOSK):
                uploads.erase(db, upload_id)
            for upload_id, file_id in uploads.broken(db, now - BROKEN_AFTER):
                uploads.erase_files(db, upload_id, [file_id])

    def _status(self, db: sa.Connection, upload: Upload) -> Status:
        is_open = upload.is_open(self.clock())
        # That its time is over is a change too, though nothing was written.
        version = upload.version + (not is_open and upload.closed_at is None)
        return Status(is_open, version, upload.ends_at, uploads.files(db, upload.upload_id))

    def _count(self, db: sa.Connection, kiosk: int, now: dt.datetime) -> None:
        limit = Limit(self.codes.bucket("uploads", str(kiosk)), _OPENED_PER_KIOSK, ATTEMPTS_KEPT)
        wait = attempt(db, [limit], now)
        if wait is not None:
            seconds = str(max(1, round(wait.total_seconds())))
            raise ProblemError(TOO_OFTEN, headers={"Retry-After": seconds})


def _own(upload: Upload | None, kiosk: int) -> Upload:
    if upload is None or upload.kiosk != kiosk:
        raise ProblemError(NO_SUCH_UPLOAD)
    return upload


def _named(document: Any) -> _Named | None:
    said = document.get("upload") if isinstance(document, dict) else None
    if said is None:
        return None
    try:
        return _Named.model_validate(said)
    except ValidationError:
        return None


def _compared(named: _NamedFile, file: File | None) -> CaseFile:
    if file is None or file.sha256 is None:
        return CaseFile(named.file_id, named.size, FileState.MISSING, None)
    same = (file.size, file.sha256.hex()) == (named.size, named.sha256)
    return CaseFile(named.file_id, named.size, FileState.HERE if same else FileState.DIFFERS, file)
