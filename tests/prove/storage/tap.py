"""A tap on the storage calls of this process: what SQLite asks of its file system, and what Python does.

SQLite's calls are tapped below APSW, in the tables of function pointers that SQLite itself keeps, and not
with APSW's own VFS classes: these raise an exception in whoever asked even where SQLite, told by a result
code, would have gone on. The product would be tested against errors that it never meets.
"""

import ctypes
import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, chdir, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import apsw


class Op(StrEnum):
    """A storage call."""

    OPEN = "open"
    READ = "read"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    SIZE = "size"
    DELETE = "delete"
    SHARED_MEMORY = "shm"
    SYNC_DIRECTORY = "sync directory"
    MAKE_DIRECTORY = "mkdir"
    LOOK = "stat"
    NOTE = "pwrite"
    """Written by Python itself, past SQLite."""
    RENAME = "rename"
    ATTRIBUTES = "chmod, chown, utime"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: on which file, and of what. `to` is the new name of a rename; `database`: SQLite asked."""

    op: Op
    path: str
    offset: int = 0
    data: bytes = b""
    size: int = 0
    created: bool = False
    to: str = ""
    database: bool = False


class Listener(Protocol):
    """Whoever taps."""

    def before(self, call: Call) -> int:
        """0, or SQLite's result code with which the call has to fail."""

    def after(self, call: Call) -> None:
        """The call was made and went well."""


class Nobody:
    """Listens to nothing; chance is taken out of SQLite all the same."""

    def before(self, _call: Call) -> int:
        """Nothing fails."""
        return 0

    def after(self, _call: Call) -> None:
        """Nothing is remembered."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("access", ctypes.c_void_p),
        ("full_path", ctypes.c_void_p),
        ("dl_open", ctypes.c_void_p),
        ("dl_error", ctypes.c_void_p),
        ("dl_symbol", ctypes.c_void_p),
        ("dl_close", ctypes.c_void_p),
        ("randomness", ctypes.c_void_p),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        *((name, ctypes.c_void_p) for name in (
            "close", "read", "write", "truncate", "sync", "size", "lock", "unlock", "reserved", "control",
            "sector", "device", "shm_map", "shm_lock", "shm_barrier", "shm_unmap", "fetch", "unfetch",
        )),
    )  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.c_void_p),)


# SQLite keeps the names it is opened with, so they pass as the pointers they are.
_INT, _I64, _PTR = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
_Open = ctypes.CFUNCTYPE(_INT, _PTR, _PTR, _PTR, _INT, _PTR)
_Delete = ctypes.CFUNCTYPE(_INT, _PTR, _PTR, _INT)
_Close = ctypes.CFUNCTYPE(_INT, _PTR)
_Transfer = ctypes.CFUNCTYPE(_INT, _PTR, _PTR, _INT, _I64)
_Truncate = ctypes.CFUNCTYPE(_INT, _PTR, _I64)
_Sync = ctypes.CFUNCTYPE(_INT, _PTR, _INT)
_Size = ctypes.CFUNCTYPE(_INT, _PTR, _PTR)
_ShmMap = ctypes.CFUNCTYPE(_INT, _PTR, _INT, _INT, _INT, _PTR)
_Randomness = ctypes.CFUNCTYPE(_INT, _PTR, _INT, _PTR)
_OpenDirectory = ctypes.CFUNCTYPE(_INT, _PTR, _PTR)


class _SqliteTap:
    """Stands between SQLite and its "unix" VFS. One in a process: files keep pointing to its tables."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self._files: dict[int, tuple[str, _Methods]] = {}
        self._tables: dict[int, _Methods] = {}
        self._kept: list[Any] = []  # callbacks that SQLite calls must never be collected
        self._vfs = _unix_vfs()
        self._open = _Open(self._vfs.open)
        self._delete = _Delete(self._vfs.delete)
        self._calls = apsw.VFS("tap", "unix")
        self._original_directory = int(self._calls.xGetSystemCall("openDirectory") or 0)
        self._open_directory = _OpenDirectory(self._original_directory)
        self._ours = (
            self._callback(_Open, self._on_open),
            self._callback(_Delete, self._on_delete),
            self._callback(_Randomness, _no_chance),
            self._callback(_OpenDirectory, self._on_open_directory),
        )

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Tell `listener`. What is opened meanwhile stays tapped, but nobody listens afterwards."""
        theirs = self._vfs.open, self._vfs.delete, self._vfs.randomness
        self.listener = listener
        self._vfs.open, self._vfs.delete, self._vfs.randomness, directory = self._ours
        apsw.randomness(0)  # begin anew: the salts of a write-ahead log are then the same in each run
        self._calls.xSetSystemCall("openDirectory", directory)
        try:
            yield
        finally:
            self._vfs.open, self._vfs.delete, self._vfs.randomness = theirs
            apsw.randomness(0)
            self._calls.xSetSystemCall("openDirectory", self._original_directory)
            self.listener = None

    def _callback(self, kind: Any, function: Callable[..., int]) -> int:
        self._kept.append(kind(function))
        return int(ctypes.cast(self._kept[-1], ctypes.c_void_p).value or 0)

    def _ask(self, call: Call, go_on: Callable[[], int]) -> int:
        listener = self.listener
        code = 0 if listener is None else listener.before(call)
        if code == 0:
            code = go_on()
            if code == 0 and listener is not None:
                listener.after(call)
        return code

    def _on_open(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = "" if name is None else _text(name)
        created = name is not None and bool(flags & apsw.SQLITE_OPEN_CREATE) and not os.access(path, os.F_OK)
        code = self._ask(
            Call(Op.OPEN, path, created=created, database=True),
            lambda: int(self._open(vfs, name, file, flags, out)),
        )
        if code == 0:
            opened = _File.from_address(file)
            table = self._tables.get(opened.methods)
            if table is None:
                table = self._tables[opened.methods] = self._table(opened.methods)
            self._files[file] = path, _Methods.from_address(opened.methods)
            opened.methods = ctypes.addressof(table)
        return code

    def _on_delete(self, vfs: int, name: int, sync_directory: int) -> int:
        call = Call(Op.DELETE, _text(name))
        return self._ask(call, lambda: int(self._delete(vfs, name, sync_directory)))

    def _on_open_directory(self, name: int, out: int) -> int:
        call = Call(Op.SYNC_DIRECTORY, str(Path(_text(name)).parent))
        return self._ask(call, lambda: int(self._open_directory(name, out)))

    def _table(self, original: int) -> _Methods:
        table = _Methods.from_buffer_copy(_Methods.from_address(original))
        table.close = self._callback(_Close, self._on_close)
        table.read = self._callback(_Transfer, self._on_read)
        table.write = self._callback(_Transfer, self._on_write)
        table.truncate = self._callback(_Truncate, self._on_truncate)
        table.sync = self._callback(_Sync, self._on_sync)
        table.size = self._callback(_Size, self._on_size)
        if table.shm_map:
            table.shm_map = self._callback(_ShmMap, self._on_shm_map)
        return table

    def _on_close(self, file: int) -> int:
        _, methods = self._files.pop(file)
        return int(_Close(methods.close)(file))

    def _on_read(self, file: int, buffer: int, size: int, offset: int) -> int:
        path, methods = self._files[file]
        call = Call(Op.READ, path, offset, size=size)
        return self._ask(call, lambda: int(_Transfer(methods.read)(file, buffer, size, offset)))

    def _on_write(self, file: int, buffer: int, size: int, offset: int) -> int:
        path, methods = self._files[file]
        listener = self.listener
        call = Call(Op.WRITE, path, offset, ctypes.string_at(buffer, size) if listener else b"", size)
        code = 0 if listener is None else listener.before(call)
        taken = size if code == 0 else size // 2  # a disk that fails, or fills, has taken a part
        done = int(_Transfer(methods.write)(file, buffer, taken, offset))
        if done == 0 and listener is not None:
            listener.after(call if taken == size else replace(call, data=call.data[:taken], size=taken))
        return code or done

    def _on_truncate(self, file: int, size: int) -> int:
        path, methods = self._files[file]
        return self._ask(
            Call(Op.TRUNCATE, path, size=size), lambda: int(_Truncate(methods.truncate)(file, size))
        )

    def _on_sync(self, file: int, flags: int) -> int:
        path, methods = self._files[file]
        return self._ask(Call(Op.SYNC, path), lambda: int(_Sync(methods.sync)(file, flags)))

    def _on_size(self, file: int, out: int) -> int:
        path, methods = self._files[file]
        return self._ask(Call(Op.SIZE, path), lambda: int(_Size(methods.size)(file, out)))

    def _on_shm_map(self, file: int, region: int, size: int, extend: int, out: int) -> int:
        path, methods = self._files[file]
        call = Call(Op.SHARED_MEMORY, path, size=size)
        return self._ask(call, lambda: int(_ShmMap(methods.shm_map)(file, region, size, extend, out)))


def _no_chance(_vfs: int, size: int, out: int) -> int:
    ctypes.memset(out, 0, size)
    return size


def _text(name: int) -> str:
    return os.fsdecode(ctypes.string_at(name))


def _unix_vfs() -> _Vfs:
    found = ctypes.c_void_p()
    connection = apsw.Connection(":memory:", vfs="unix")
    try:
        connection.file_control("main", apsw.SQLITE_FCNTL_VFS_POINTER, ctypes.addressof(found))
    finally:
        connection.close()
    return _Vfs.from_address(found.value or 0)


@cache
def _sqlite_tap() -> _SqliteTap:
    return _SqliteTap()


_ERRNO: Mapping[int, int] = {apsw.SQLITE_FULL: errno.ENOSPC}


class _SystemTap:
    """Stands between Python code and the calls of `os` that create, sync, name and remove files."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._open, self._fsync, self._mkdir, self._unlink = os.open, os.fsync, os.mkdir, os.unlink
        self._replace, self._stat, self._statvfs, self._pwrite = os.replace, os.stat, os.statvfs, os.pwrite
        self._listdir, self._chmod, self._chown, self._utime = os.listdir, os.chmod, os.chown, os.utime

    def patches(self) -> Iterator[AbstractContextManager[Any]]:
        """What to enter."""
        yield mock.patch("os.open", self._on_open)
        yield mock.patch("os.fsync", self._on_fsync)
        yield mock.patch("os.mkdir", self._on_mkdir)
        yield mock.patch("os.unlink", self._on_unlink)
        yield mock.patch("os.replace", self._on_rename)
        yield mock.patch("os.rename", self._on_rename)
        yield mock.patch("os.stat", self._on_stat)
        yield mock.patch("os.statvfs", self._on_statvfs)
        yield mock.patch("os.pwrite", self._on_pwrite)
        yield mock.patch("os.fdopen", self._on_fdopen)
        yield mock.patch("os.listdir", self._looking(self._listdir))
        yield mock.patch("os.chmod", self._noting(self._chmod))
        yield mock.patch("os.chown", self._noting(self._chown))
        yield mock.patch("os.utime", self._noting(self._utime))

    def _ask(self, call: Call, go_on: Callable[[], Any]) -> Any:
        code = self._listener.before(call)
        if code != 0:
            number = _ERRNO.get(code, errno.EIO)
            raise OSError(number, os.strerror(number), call.path)
        result = go_on()
        self._listener.after(call)
        return result

    def _on_open(self, path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        name = os.fsdecode(path)
        call = Call(Op.OPEN, name, created=bool(flags & os.O_CREAT) and not os.access(name, os.F_OK))
        return int(self._ask(call, lambda: self._open(path, flags, mode, **more)))

    def _on_stat(self, path: Any, **more: Any) -> os.stat_result:
        if isinstance(path, int):
            return self._stat(path, **more)
        call = Call(Op.LOOK, os.fsdecode(path))
        result: os.stat_result = self._ask(call, lambda: self._stat(path, **more))
        return result

    def _on_statvfs(self, path: Any) -> os.statvfs_result:
        call = Call(Op.LOOK, os.fsdecode(path))
        result: os.statvfs_result = self._ask(call, lambda: self._statvfs(path))
        return result

    def _on_pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        call = Call(Op.NOTE, str(_path(descriptor)), offset, data)
        return int(self._ask(call, lambda: self._pwrite(descriptor, data, offset)))

    def _on_fdopen(self, descriptor: int, mode: str) -> io.BufferedWriter:
        assert mode == "wb"
        return io.BufferedWriter(_TappedFile(descriptor, self._ask))

    def _looking(self, look: Callable[..., Any]) -> Callable[..., Any]:
        def looked(path: Any, *values: Any, **more: Any) -> Any:
            return self._ask(Call(Op.LOOK, os.fsdecode(path)), lambda: look(path, *values, **more))

        return looked

    def _noting(self, note: Callable[..., Any]) -> Callable[..., Any]:
        def noted(path: Any, *values: Any, **more: Any) -> Any:
            return self._ask(Call(Op.ATTRIBUTES, os.fsdecode(path)), lambda: note(path, *values, **more))

        return noted

    def _on_fsync(self, descriptor: int) -> None:
        path = _path(descriptor)
        op = Op.SYNC_DIRECTORY if stat.S_ISDIR(os.fstat(descriptor).st_mode) else Op.SYNC
        self._ask(Call(op, str(path)), lambda: self._fsync(descriptor))

    def _on_mkdir(self, path: Any, mode: int = 0o777, **more: Any) -> None:
        self._ask(Call(Op.MAKE_DIRECTORY, os.fsdecode(path)), lambda: self._mkdir(path, mode, **more))

    def _on_unlink(self, path: Any, **more: Any) -> None:
        self._ask(Call(Op.DELETE, os.fsdecode(path)), lambda: self._unlink(path, **more))

    def _on_rename(self, path: Any, to: Any, **more: Any) -> None:
        call = Call(Op.RENAME, os.fsdecode(path), to=os.fsdecode(to))
        self._ask(call, lambda: self._replace(path, to, **more))


class _TappedFile(io.FileIO):
    """A file that Python writes by itself."""

    def __init__(self, descriptor: int, ask: Callable[[Call, Callable[[], Any]], Any]) -> None:
        super().__init__(descriptor, "wb")
        self._ask = ask

    def write(self, data: Any) -> int:
        """Ask, then write."""
        call = Call(Op.NOTE, str(_path(self.fileno())), data=bytes(data))
        return int(self._ask(call, lambda: super(_TappedFile, self).write(data)))


def _path(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


@contextmanager
def tapped(listener: Listener) -> Iterator[None]:
    """Every storage call of this process goes by `listener`; connections opened inside should end inside.

    What was created without a whole path lies in the working directory: here it must stay empty.
    """
    with tempfile.TemporaryDirectory(prefix="prove-nowhere-") as nowhere, chdir(nowhere):
        with _tapped(listener):
            yield
        strays = [each.name for each in Path(nowhere).iterdir()]
        assert not strays, f"files outside of all directories: {strays}"


@contextmanager
def _tapped(listener: Listener) -> Iterator[None]:
    with ExitStack() as stack:
        for patch in _SystemTap(listener).patches():
            stack.enter_context(patch)
        stack.enter_context(_sqlite_tap().listening(listener))
        yield
