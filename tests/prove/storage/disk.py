"""What a power cut can leave of files: a disk that keeps what was synced, and perhaps some more.

A file's bytes are durable once the file was synced, a name once its directory was. All else is pending, and
a power cut may keep any part of it. POSIX promises no more, and no file system is given credit for more here.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes written into a file; pending until it is synced."""

    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file cut, or extended with zeros; pending until it is synced."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """All that is pending in a file becomes durable."""

    inode: int


@dataclass(frozen=True, slots=True)
class FailedSync:
    """A sync said no: the page cache now shows as clean what the disk perhaps never got, or got in part."""

    inode: int


@dataclass(frozen=True, slots=True)
class Link:
    """A name appears; `inode` None is a directory. Pending until the directory above is synced."""

    path: str
    inode: int | None


@dataclass(frozen=True, slots=True)
class Unlink:
    """A name disappears; pending likewise."""

    path: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A name is exchanged for another, both or neither; pending likewise. Within one directory."""

    path: str
    to: str
    inode: int


@dataclass(frozen=True, slots=True)
class SyncDirectory:
    """All pending names directly in a directory become durable."""

    path: str


Data = Write | Truncate
Name = Link | Unlink | Rename
Event = Data | Sync | FailedSync | Name | SyncDirectory

Image = Mapping[str, bytes | None]
"""What lies on a disk: the bytes of each file by its path; None for a directory."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A disk at a boundary between two events. Pending events carry their place in the order of all.

    `limbo` is, by file, all from the first failed sync on: True with what it left behind, of which no later
    sync makes anything durable, and False with what was synced after it.
    """

    durable: Mapping[int, bytes]
    limbo: Mapping[int, tuple[tuple[bool, "Data"], ...]]
    pending: Mapping[int, tuple[tuple[int, Data], ...]]
    names: Mapping[str, int | None]
    pending_names: tuple[tuple[int, Name], ...]


@dataclass
class Disk:
    """The disk while a workload runs on it."""

    _durable: dict[int, bytes] = field(default_factory=dict)
    _pending: dict[int, tuple[tuple[int, Data], ...]] = field(default_factory=dict)
    _limbo: dict[int, tuple[tuple[bool, Data], ...]] = field(default_factory=dict)
    _names: dict[str, int | None] = field(default_factory=dict)
    _pending_names: tuple[tuple[int, Name], ...] = ()
    _live: dict[str, int | None] = field(default_factory=dict)
    _clock: int = 0

    @staticmethod
    def of(image: Image) -> "Disk":
        """A disk on which `image` is durable. Inodes are numbered from 1 in the order of `image`."""
        disk = Disk()
        for inode, (path, data) in enumerate(image.items(), start=1):
            disk._names[path] = None if data is None else inode
            if data is not None:
                disk._durable[inode] = data
        disk._live = dict(disk._names)
        return disk

    def inode(self, path: str) -> int | None:
        """The inode that a running program sees under `path`."""
        return self._live.get(path)

    def apply(self, event: Event) -> None:
        """Let one thing happen."""
        self._clock += 1
        match event:
            case Write() | Truncate():
                before = self._pending.get(event.inode, ())
                self._pending[event.inode] = (*before, (self._clock, event))
            case Sync(inode):
                self._settle(inode)
            case FailedSync(inode):
                self._limbo[inode] = (*self._limbo.get(inode, ()), *self._settling(inode, doubtful=True))
            case SyncDirectory(path):
                self._settle_names(path)
            case _:
                self._pending_names = (*self._pending_names, (self._clock, event))
                self._live = _named(self._live, (event,))

    def moment(self) -> Moment:
        """The boundary after what has happened so far."""
        return Moment(
            dict(self._durable),
            dict(self._limbo),
            dict(self._pending),
            dict(self._names),
            self._pending_names,
        )

    def _settle(self, inode: int) -> None:
        pending = self._settling(inode, doubtful=False)
        if inode in self._limbo:
            self._limbo[inode] = (*self._limbo[inode], *pending)
        else:
            events = (event for _, event in pending)
            self._durable[inode] = _content(self._durable.get(inode, b""), events)

    def _settling(self, inode: int, *, doubtful: bool) -> tuple[tuple[bool, Data], ...]:
        return tuple((doubtful, event) for _, event in self._pending.pop(inode, ()))

    def _settle_names(self, directory: str) -> None:
        settled = [name for _, name in self._pending_names if _parent(name.path) == directory]
        self._names = _named(self._names, settled)
        self._pending_names = tuple(
            (when, name) for when, name in self._pending_names if _parent(name.path) != directory
        )


class Cut(StrEnum):
    """What a power cut keeps of what was pending."""

    NOTHING = "nothing"
    EVERYTHING = "everything"
    NAMES = "names"
    """Names without their bytes: a rename that overtook its data."""
    DATA = "data"
    """Bytes without their names: a directory that was never synced."""
    PREFIX = "prefix"
    """All up to some event, in order."""
    FILES = "files"
    """Of each file another prefix: reordered between files."""
    SUBSET = "subset"
    """Any of the writes, in no order."""
    TORN = "torn"
    """Any of the sectors of the writes."""
    SHORN = "shorn"
    """Any of the sectors of the writes; the others hold rubbish."""


Keep = Callable[[int, Data], Data | None]


def cut(moment: Moment, kind: Cut, chance: random.Random) -> Image:
    """What a power cut at `moment` leaves when it is of this `kind`."""
    names = _names_left(moment, kind, chance)
    image: dict[str, bytes | None] = {}
    kept = _data_left(moment, kind, chance)
    for path, inode in sorted(names.items()):
        if _reachable(path, names):
            image[path] = None if inode is None else kept(inode)
    return image


def fingerprint(image: Image) -> bytes:
    """The same for equal images only."""
    digest = hashlib.sha256()
    for path, data in image.items():
        digest.update(path.encode() + b"\0" + hashlib.sha256(data or b"").digest())
    return digest.digest()


def _names_left(moment: Moment, kind: Cut, chance: random.Random) -> Mapping[str, int | None]:
    pending = moment.pending_names
    if kind in (Cut.NOTHING, Cut.DATA):
        return moment.names
    if kind in (Cut.PREFIX, Cut.FILES):
        pending = pending[: chance.randint(0, len(pending))]
    if kind in (Cut.SUBSET, Cut.TORN, Cut.SHORN):
        share = chance.random()
        pending = tuple(each for each in pending if chance.random() < share)
    return _named(moment.names, (name for _, name in pending))


def _data_left(moment: Moment, kind: Cut, chance: random.Random) -> Callable[[int], bytes]:
    clocks = sorted(when for events in moment.pending.values() for when, _ in events)
    until = chance.choice([0, *clocks])
    share = chance.choice((0.1, 0.5, 0.9))

    def left(inode: int) -> bytes:
        durable, pending = moment.durable.get(inode, b""), moment.pending.get(inode, ())
        for doubtful, event in moment.limbo.get(inode, ()):
            durable = _content(durable, _any_of(event, kind, share, chance) if doubtful else [event])
        events = [event for _, event in pending]
        if kind in (Cut.NOTHING, Cut.NAMES):
            events = []
        if kind is Cut.PREFIX:
            events = [event for when, event in pending if when <= until]
        if kind is Cut.FILES:
            events = events[: chance.choice((0, len(events), chance.randint(0, len(events))))]
        if kind is Cut.SUBSET:
            events = [event for event in events if chance.random() < share]
        if kind in (Cut.TORN, Cut.SHORN):
            torn = (_torn(event, share, chance, rubbish=kind is Cut.SHORN) for event in events)
            events = [piece for pieces in torn for piece in pieces]
        return _content(durable, events)

    return left


def _any_of(event: Data, kind: Cut, share: float, chance: random.Random) -> Iterable[Data]:
    """What the disk got of `event` before it said no: nothing, everything, or any sectors of it."""
    if kind in (Cut.NOTHING, Cut.NAMES):
        return []
    return [event] if kind in (Cut.EVERYTHING, Cut.DATA) else _torn(event, share, chance, rubbish=False)


def _torn(event: Data, share: float, chance: random.Random, *, rubbish: bool) -> Iterable[Data]:
    if isinstance(event, Truncate):
        return [event] if chance.random() < share else []
    pieces: list[Data] = []
    end = event.offset + len(event.data)
    for start in range(event.offset - event.offset % SECTOR, end, SECTOR):
        first, last = max(start, event.offset), min(start + SECTOR, end)
        if chance.random() < share:
            data = event.data[first - event.offset : last - event.offset]
            pieces.append(Write(event.inode, first, data))
        elif rubbish:
            pieces.append(Write(event.inode, first, chance.randbytes(last - first)))
    return pieces


def _content(data: bytes, events: Iterable[Data]) -> bytes:
    content = bytearray(data)
    for event in events:
        if isinstance(event, Truncate):
            del content[event.size :]
            content.extend(bytes(event.size - len(content)))
        else:
            content.extend(bytes(max(0, event.offset - len(content))))
            content[event.offset : event.offset + len(event.data)] = event.data
    return bytes(content)


def _named(names: Mapping[str, int | None], events: Iterable[Name]) -> dict[str, int | None]:
    after = dict(names)
    for event in events:
        match event:
            case Link(path, inode):
                after[path] = inode
            case Unlink(path):
                after.pop(path, None)
            case Rename(path, to, inode):
                after.pop(path, None)
                after[to] = inode
    return after


def _reachable(path: str, names: Mapping[str, int | None]) -> bool:
    parent = _parent(path)
    return parent == "." or (parent in names and _reachable(parent, names))


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)
