"""One file on its way from a phone: looked at, counted and sealed while it comes. In clear only in memory."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from central.sealed.files import FileSealer, Place
from central.store import uploads
from central.store.uploads import File, Upload
from central.uploads.desk import LARGEST_FILE, LARGEST_UPLOAD, Uploads
from central.uploads.kinds import HEAD, TEXT, Form, NotTextError, TextCheck, form_of

_PIECES_AT_ONCE = 4
"""Sealed pieces per transaction: a megabyte."""


class Refusal(StrEnum):
    """Why a file was not taken."""

    EMPTY = "empty"
    KIND = "kind"
    TOO_LARGE = "too_large"
    ALL_TOO_LARGE = "all_too_large"
    TOO_MANY = "too_many"
    CLOSED = "closed"
    BUSY = "busy"


class RefusedError(Exception):
    """A file is not taken; nothing of it stays."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Begun:
    """It is known what the file is, and it stands in the database."""

    file: File
    sealer: FileSealer
    text: TextCheck | None


class Incoming:
    """A file that arrives. For one thread at a time; every method may wait for the database."""

    def __init__(self, desk: Uploads, upload: Upload) -> None:
        self._desk = desk
        self._upload = upload
        self._place = Place(upload.upload_id, uuid4())
        self._head = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0
        self._stored_size = 0
        self._number = 0
        self._pieces: list[bytes] = []
        self._begun: _Begun | None = None

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._size

    def feed(self, data: bytes) -> None:
        """More of the file. Raises `RefusedError`."""
        self._size += len(data)
        if self._size > LARGEST_FILE:
            raise RefusedError(Refusal.TOO_LARGE)
        self._hash.update(data)
        if self._begun is not None:
            self._take(self._begun, data)
            return
        self._head += data
        if len(self._head) >= HEAD:
            self._begin()

    def end(self) -> File:
        """All of it is here. Raises `RefusedError`."""
        if not self._size:
            raise RefusedError(Refusal.EMPTY)
        begun = self._begun or self._begin()
        _check_text(begun.text, b"", is_end=True)
        self._pieces.append(begun.sealer.end())
        self._store(begun.file, is_whole=True)
        return begun.file

    def forget(self) -> None:
        """It is not taken, or broke off: nothing of it stays."""
        if self._begun is not None:
            with self._desk.store.writing() as db:
                uploads.erase_files(db, self._upload.upload_id, [self._begun.file.file_id])

    def _begin(self) -> _Begun:
        head = bytes(self._head)
        self._head.clear()
        form = form_of(head[:HEAD])
        if form is None:
            raise RefusedError(Refusal.KIND)
        recipients = self._desk.recipients(self._upload.recipient)
        if not recipients:  # their key was taken back since the way was opened: nobody could open it
            raise RefusedError(Refusal.CLOSED)
        sealer = FileSealer(self._place, recipients)
        begun = _Begun(self._added(form, sealer), sealer, TextCheck() if form is TEXT else None)
        self._begun = begun
        self._take(begun, head)
        return begun

    def _added(self, form: Form, sealer: FileSealer) -> File:
        now, upload_id = self._desk.clock(), self._upload.upload_id
        file = File(self._place.file, upload_id, form.kind, form.media_type, 0, sealer.keys, now)
        with self._desk.store.writing() as db:
            upload = uploads.find(db, upload_id, to_change=True)
            if upload is None or not upload.is_open(now):
                raise RefusedError(Refusal.CLOSED)
            if uploads.load(db, upload_id).files >= upload.most:
                raise RefusedError(Refusal.TOO_MANY)
            uploads.add_file(db, file)
        return file

    def _take(self, begun: _Begun, data: bytes) -> None:
        _check_text(begun.text, data)
        self._pieces += begun.sealer.feed(data)
        if len(self._pieces) >= _PIECES_AT_ONCE:
            self._store(begun.file)

    def _store(self, file: File, *, is_whole: bool = False) -> None:
        now = self._desk.clock()
        with self._desk.store.writing() as db:
            upload = uploads.find(db, file.upload_id, to_change=True)
            if upload is None or not upload.is_open(now):
                raise RefusedError(Refusal.CLOSED)
            if uploads.load(db, file.upload_id).size + self._size - self._stored_size > LARGEST_UPLOAD:
                raise RefusedError(Refusal.ALL_TOO_LARGE)
            uploads.add_pieces(db, file.file_id, self._number, self._pieces, self._size)
            if is_whole:
                uploads.finish_file(db, file, self._hash.digest(), now)
        self._number += len(self._pieces)
        self._stored_size = self._size
        self._pieces = []


def _check_text(text: TextCheck | None, data: bytes, *, is_end: bool = False) -> None:
    if text is None:
        return
    try:
        if is_end:
            text.end()
        else:
            text.feed(data)
    except NotTextError:
        raise RefusedError(Refusal.KIND) from None
