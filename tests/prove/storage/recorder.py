"""Runs a workload on real files; remembers the disk at every boundary, and what had been promised by then."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import apsw

from tests.prove.storage.disk import (
    Disk,
    Event,
    FailedSync,
    Image,
    Link,
    Moment,
    Rename,
    Sync,
    SyncDirectory,
    Truncate,
    Unlink,
    Write,
)
from tests.prove.storage.tap import Call, Op, tapped

_MEMORY = Path("/dev/shm")
_SHARED_MEMORY = "-shm"
"""SQLite maps this file and makes it anew after a restart: no byte of it has to survive."""
_NAMING = (Op.OPEN, Op.SYNC, Op.DELETE, Op.MAKE_DIRECTORY, Op.RENAME, Op.SYNC_DIRECTORY)
"""Calls before which it is looked up what Python's own file objects have written."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for real files, in memory where there is such a place."""
    where = str(_MEMORY) if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="prove-storage-", dir=where) as directory:
        yield Path(directory)


def lay_out(image: Image, root: Path) -> None:
    """Put `image` into the directory `root`, in place of what is there."""
    for old in root.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    for path, data in image.items():
        if data is None:
            (root / path).mkdir(parents=True, exist_ok=True)
        else:
            (root / path).write_bytes(data)


Promise = TypeVar("Promise")


def picture(root: Path) -> Image:
    """What lies in the directory `root` now."""
    files = sorted(root.rglob("*"))
    return {
        str(file.relative_to(root)): None if file.is_dir() else file.read_bytes()
        for file in files
        if not file.name.endswith(_SHARED_MEMORY)
    }


@dataclass(frozen=True)
class Boundary(Generic[Promise]):
    """A moment at which the power can go, and what had been promised by then.

    `promises` counts how often the promise had changed.
    """

    moment: Moment
    promise: Promise
    promises: int


class Recorder(Generic[Promise]):
    """The listener that turns calls into the events of a disk."""

    def __init__(self, root: Path, promise: Promise, image: Image) -> None:
        self.boundaries: list[Boundary[Promise]] = []
        self._root, self._inside = root, f"{root}/"
        self._disk = Disk.of(image)
        self.promised = promise
        self._promises = 0
        self._next_inode = len(image) + 1
        self._contents = {
            inode: data for path, data in image.items() if data is not None and (inode := self._inode(path))
        }
        self._databases: set[int] = set()
        self._syncs_fail = False
        self.promise(promise)

    @contextmanager
    def failing_syncs(self) -> Iterator[None]:
        """Let the disk refuse to sync any file."""
        self._syncs_fail = True
        try:
            yield
        finally:
            self._syncs_fail = False

    def promise(self, promise: Promise) -> None:
        """From now on this is promised: a boundary of its own, although no file changes."""
        self._sweep()
        self.promised = promise
        self._promises += 1
        self._remember()

    def before(self, call: Call) -> int:
        """0, or the result code of a sync that fails."""
        if call.op in _NAMING and self._relative(call.path) is not None:
            self._sweep()
        if self._syncs_fail and call.op is Op.SYNC:
            self.sync_failed(call)
            return apsw.SQLITE_IOERR_FSYNC
        return 0

    def after(self, call: Call) -> None:
        """Remember what the call did to the disk."""
        path = self._relative(call.path)
        if path is None:
            return
        for event in self._events(call, path):
            self._apply(event)

    def sync_failed(self, call: Call) -> None:
        """What was pending is in limbo, although the running system goes on showing it."""
        path = self._relative(call.path)
        inode = None if path is None else self._inode(path)
        if inode is not None:
            self._apply(FailedSync(inode))

    def _events(self, call: Call, path: str) -> Iterator[Event]:
        inode = self._inode(path)
        match call.op:
            case Op.OPEN | Op.MAKE_DIRECTORY:
                yield from self._appearing(call, path, inode)
            case Op.WRITE | Op.NOTE if inode in self._databases:
                yield Write(inode, call.offset, call.data)
            case Op.TRUNCATE if inode is not None:
                yield Truncate(inode, call.size)
            case Op.SYNC if inode is not None:
                yield Sync(inode)
            case Op.SYNC_DIRECTORY:
                yield SyncDirectory(path)
            case Op.DELETE:
                yield Unlink(path)
            case Op.RENAME if inode is not None and (to := self._relative(call.to)) is not None:
                yield Rename(path, to, inode)

    def _appearing(self, call: Call, path: str, inode: int | None) -> Iterator[Event]:
        if call.op is Op.MAKE_DIRECTORY:
            yield Link(path, None)
        elif inode is None and call.created:
            inode = self._new_inode()
            yield Link(path, inode)
        if call.database and inode is not None:
            self._databases.add(inode)

    def _sweep(self) -> None:
        """Find what Python's own file objects have written: their calls go past every tap."""
        for directory, _, names in os.walk(self._root):  # asks by calls that are not tapped
            for name in sorted(names):
                file = Path(directory, name)
                if not name.endswith(_SHARED_MEMORY):
                    self._compare(str(file.relative_to(self._root)), file)

    def _compare(self, path: str, file: Path) -> None:
        inode = self._inode(path)
        if inode in self._databases:
            return
        if inode is None:
            inode = self._new_inode()
            self._apply(Link(path, inode))
        data, known = file.read_bytes(), self._contents.get(inode, b"")
        if data == known:
            return
        self._contents[inode] = data
        if not data.startswith(known):
            self._apply(Truncate(inode, 0))
            known = b""
        self._apply(Write(inode, len(known), data[len(known) :]))

    def _apply(self, event: Event) -> None:
        self._disk.apply(event)
        self._remember()

    def _remember(self) -> None:
        self.boundaries.append(Boundary(self._disk.moment(), self.promised, self._promises))

    def _inode(self, path: str) -> int | None:
        return self._disk.inode(path)

    def _new_inode(self) -> int:
        self._next_inode += 1
        return self._next_inode

    def _relative(self, path: str) -> str | None:
        if path.endswith(_SHARED_MEMORY) or not path.startswith(self._inside):
            return "." if path == str(self._root) else None
        return path.removeprefix(self._inside)


def record(
    workload: Callable[[Path, Recorder[Promise]], None], promise: Promise, image: Image
) -> list[Boundary[Promise]]:
    """Run `workload` on real files that begin as `image`, and return all boundaries."""
    with scratch() as root:
        lay_out(image, root)
        recorder = Recorder(root, promise, image)
        with tapped(recorder):
            workload(root, recorder)
        return recorder.boundaries
