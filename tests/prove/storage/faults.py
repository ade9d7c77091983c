"""I/O errors at every storage call of every flow: what was told is true, nothing is lost, work goes on after.

python -m tests.prove.storage.faults                    every call of every flow
python -m tests.prove.storage.faults --flow submit      of one flow
python -m tests.prove.storage.faults --mutant NAME      either with a planted bug
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, cast
from unittest import mock
from uuid import UUID

import apsw

from config.event_names import Event
from config.settings import Centre as CentreSettings
from config.settings import Paths, Settings
from kiosk.post.courier import Worker
from kiosk.post.envelope import Sealed, Slot
from kiosk.post.keyset import Installed, Refusal
from kiosk.post.office import Office
from kiosk.post.outbox import NotKeptReason, Outbox, OutboxFault, OutboxProblem, Status, StorageError
from kiosk.post.outcomes import Alive, Reply
from kiosk.post.receipts import Receipt
from kiosk.post.rounds import Hearers
from kiosk.post.salvage import Salvaged, salvage
from tests.prove.storage import check, mutants, rescue, trust, workload
from tests.prove.storage.book import KIOSK, Book, Draft
from tests.prove.storage.disk import Cut, Image, Moment, cut, fingerprint
from tests.prove.storage.recorder import Recorder, lay_out, picture, scratch
from tests.prove.storage.tap import Call, Nobody, Op, tapped
from tests.prove.storage.workload import NOW, OUTBOX, QUOTA, Promise

_TOLD = 20


class Trouble(StrEnum):
    """What a storage answers instead of doing what it is asked."""

    BROKEN = "EIO"
    FULL = "ENOSPC"


_BROKEN: Mapping[Op, int] = MappingProxyType(
    {
        Op.OPEN: apsw.SQLITE_CANTOPEN,
        Op.READ: apsw.SQLITE_IOERR_READ,
        Op.WRITE: apsw.SQLITE_IOERR_WRITE,
        Op.TRUNCATE: apsw.SQLITE_IOERR_TRUNCATE,
        Op.SYNC: apsw.SQLITE_IOERR_FSYNC,
        Op.SIZE: apsw.SQLITE_IOERR_FSTAT,
        Op.DELETE: apsw.SQLITE_IOERR_DELETE,
        Op.SHARED_MEMORY: apsw.SQLITE_IOERR_SHMMAP,
        Op.SYNC_DIRECTORY: apsw.SQLITE_CANTOPEN,
        Op.MAKE_DIRECTORY: apsw.SQLITE_IOERR,
        Op.RENAME: apsw.SQLITE_IOERR,
        Op.LOOK: apsw.SQLITE_IOERR,
        Op.NOTE: apsw.SQLITE_IOERR,
        Op.ATTRIBUTES: apsw.SQLITE_IOERR,
    }
)
_FULL: Mapping[Op, int] = MappingProxyType(
    {
        Op.WRITE: apsw.SQLITE_FULL,
        Op.SHARED_MEMORY: apsw.SQLITE_IOERR_SHMSIZE,
        Op.MAKE_DIRECTORY: apsw.SQLITE_FULL,
        Op.RENAME: apsw.SQLITE_FULL,
        Op.NOTE: apsw.SQLITE_FULL,
    }
)
_CODES = MappingProxyType({Trouble.BROKEN: _BROKEN, Trouble.FULL: _FULL})


@dataclass(frozen=True, slots=True)
class Fault:
    """The storage call at which it begins, counted from 0, and whether it stays."""

    at: int
    trouble: Trouble
    lasting: bool

    def __str__(self) -> str:
        """For a person."""
        return f"{self.trouble} at call {self.at}{' and from there on' if self.lasting else ''}"


class Faulty:
    """The listener that lets calls fail, and records the disk meanwhile."""

    def __init__(self, recorder: Recorder[Any], root: Path) -> None:
        self.calls: list[Call] = []
        self.databases_opened = 0
        self._recorder = recorder
        self._root = str(root)
        self._fault: Fault | None = None
        self._counting = False

    @contextmanager
    def failing(self, fault: Fault | None) -> Iterator[None]:
        """Count calls from here, and let them fail as `fault` says."""
        self.calls.clear()
        self._fault, self._counting = fault, True
        try:
            yield
        finally:
            self._fault, self._counting = None, False

    def before(self, call: Call) -> int:
        """The result code of a call that fails, or 0."""
        if not call.path.startswith(self._root):
            return 0
        code = self._code(call)
        if self._counting:
            self.calls.append(call)
        if code == 0:
            self._recorder.before(call)
        elif call.op is Op.SYNC:
            self._recorder.sync_failed(call)
        return code

    def after(self, call: Call) -> None:
        """It was done."""
        self.databases_opened += call.op is Op.OPEN and call.database and call.path.endswith(".db")
        self._recorder.after(call)

    @property
    def moment(self) -> Moment:
        """The disk now."""
        self._recorder.promise(self._recorder.promised)
        return self._recorder.boundaries[-1].moment

    def _code(self, call: Call) -> int:
        fault, number = self._fault, len(self.calls)
        if fault is None or number < fault.at or (number > fault.at and not fault.lasting):
            return 0
        if fault.trouble is Trouble.FULL and call.op is Op.OPEN:
            return apsw.SQLITE_FULL if call.created and not call.database else 0
        return _CODES[fault.trouble].get(call.op, 0)


def _unlike_books(image: Image, allowed: tuple[Book, ...], root: Path) -> str | None:
    return check.wrong(image, Promise(allowed), root)


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing that is done to the outbox or to the keys.

    `begin` gives whoever does it, `end` closes it; `act` does it, and answers None if it said that it could
    not. `book` is what was there before, `settled` what may be found once it was done, or done again, and
    `wrong` judges what is left by any of these. `unsure` may be found in the end if the first try failed.
    With `recovers`, one failed write does not end `act`.
    """

    name: str
    before: Image
    book: Any
    settled: tuple[Any, ...]
    begin: Callable[[Path], Any]
    act: Callable[[Any], Any]
    end: Callable[[Any], None]
    reopens: bool = False
    recovers: bool = False
    unsure: tuple[Any, ...] = ()
    wrong: Callable[[Image, tuple[Any, ...], Path], str | None] = _unlike_books


def _told(action: Callable[[Outbox], Any], outbox: Outbox) -> Any:
    """What the courier's side is told: what was read, True, or None for a `StorageError`."""
    try:
        answer = action(outbox)
    except StorageError:
        return None
    return True if answer is None else answer


def _scrubbed(outbox: Outbox) -> None:
    if not outbox.scrub():
        raise StorageError("not now")


class _Sealer:
    """Seals a draft as `Sealer` seals a case: the office around it is the real one."""

    def __init__(self, draft: Draft, *_: Any) -> None:
        """A kiosk and its keys do not matter."""
        self._draft = draft

    def seal(self, _case: Any, slot: Slot, *_: Any) -> Sealed:
        """The draft, at its place."""
        return self._draft.seal(slot)


def office(root: Path) -> Office:
    """The screen's side, not yet opened."""
    keys = mock.MagicMock(**{"get.return_value.recipients.return_value.lapsed": False})
    return Office(KIOSK, keys, root / OUTBOX, QUOTA, lambda: NOW)


def keep(desk: Office, draft: Draft) -> Slot | NotKeptReason:
    """Have the office keep a draft."""
    with mock.patch("kiosk.post.office.Sealer", partial(_Sealer, draft)):
        return desk.keep(draft.case_id, lambda _slot: b"")


def _kept(draft: Draft) -> Callable[[Office], Slot | None]:
    def act(desk: Office) -> Slot | None:
        answer = keep(desk, draft)
        return answer if isinstance(answer, Slot) else None

    return act


def _open_office(root: Path) -> Office:
    desk = office(root)
    assert desk.problem() is None
    return desk


def _reopened(root: Path) -> Any:
    opened = Outbox.open(root / OUTBOX, QUOTA, lambda: NOW)
    if isinstance(opened, OutboxProblem):
        assert opened.fault is OutboxFault.UNAVAILABLE, f"an I/O error was taken for {opened.fault}"
        return None
    opened.close()
    return True


def _place(account: Book, draft: Draft) -> int:
    return account.entries[draft.case_id].sequence


def submit_flows() -> tuple[Flow, ...]:
    """Keeping a case: on a new disk, on an open outbox, after a crash, and while the log is copied back."""
    nothing: Image = {"state": None}
    used, account = _used()
    busy, busy_account = _busy()
    close = Office.close
    small, large = workload.LATE, workload.PHOTOS_TOO
    kept, first = (account.kept(small),), (Book().kept(small),)
    copied = (busy_account.kept(large),)
    return (
        Flow("first", nothing, Book(), first, office, _kept(small), close),
        Flow("submit", used, account, kept, _open_office, _kept(small), close, reopens=True),
        Flow("cold submit", used, account, kept, office, _kept(small), close),
        Flow("checkpoint", busy, busy_account, copied, _open_office, _kept(large), close, reopens=True),
    )


def all_flows() -> tuple[Flow, ...]:
    """Keeping, and everything else that is done to an outbox."""
    used, account = _used()
    previous, promise = workload.previous_release()
    photos, refused = workload.PHOTOS, workload.REFUSED
    place, refused_place = _place(account, photos), _place(account, refused)
    once = account.refused(refused)
    part = min(name for name, _ in account.entries[photos.case_id].parts)

    def courier(name: str, action: Callable[[Outbox], Any], *after: Book) -> Flow:
        act = partial(_told, action)
        return Flow(name, used, account, after or (account,), workload.opened, act, Outbox.close)

    return (
        *submit_flows(),
        courier_flow(),
        *salvage_flows(),
        *trust_flows(),
        courier("status", Outbox.status),
        courier("next waiting", Outbox.next_waiting),
        courier("find waiting", lambda box: box.find_waiting(photos.case_id)),
        courier("envelope", lambda box: box.envelope(place)),
        courier("part names", lambda box: box.part_names(place)),
        courier("part", lambda box: box.part(place, part)),
        courier("official number", lambda box: box.official_number(workload.SMALL.case_id)),
        courier("sent", lambda box: box.sent(place)),
        courier("receipted", lambda box: box.receipted(place, "RN 2"), account.receipted(photos, "RN 2")),
        # A refusal is counted twice if its first commit was told as failed: it then only waits less.
        courier("refused", lambda box: box.refused(refused_place) and None, once, once.refused(refused)),
        courier("quarantine", lambda box: box.quarantine(refused_place), account.quarantined(refused)),
        courier("scrub", _scrubbed),
        Flow("open", used, account, (account,), _itself, _reopened, _leave),
        Flow("migrate", previous, promise.allowed[0], promise.allowed, _itself, _reopened, _leave),
    )


def salvage_flows() -> tuple[Flow, ...]:
    """A damaged outbox is salvaged; and one that is not damaged after all, but marked."""
    damaged, book = rescue.before()

    def act(root: Path) -> bool | None:
        return True if isinstance(salvage(root / OUTBOX, KIOSK, lambda: NOW), Salvaged) else None

    def unlike(image: Image, allowed: tuple[rescue.Rescue, ...], root: Path) -> str | None:
        return rescue.wrong(image, allowed[0], root)

    sound, account = _used()
    marked = {**sound, f"{OUTBOX}.damaged": b""}
    return (
        Flow("salvage", damaged, book, (replace(book, done=True),), _itself, act, _leave, wrong=unlike),
        Flow(
            "sound",
            marked,
            account,
            (account,),
            _itself,
            act,
            _leave,
            wrong=_marked_or_books,
        ),
    )


def _marked_or_books(image: Image, allowed: tuple[Book, ...], root: Path) -> str | None:
    """A mark that is still there bars the outbox, and that is all it does."""
    unmarked = {path: data for path, data in image.items() if not path.endswith(".damaged")}
    return check.wrong(unmarked, Promise(allowed), root)


def trust_flows() -> tuple[Flow, ...]:
    """A new key set and a new identity are put in the place of the old ones."""
    image, old = trust.before()
    token, identity = trust.fresh()
    key_set = replace(old, key_sets=(token.encode(),))
    renewed = replace(old, identities=(identity.pem,))

    def install(root: Path) -> bool | None:
        answer = trust.install(root, token)
        # At the second try it may be there; nobody has said then that it will stay.
        return True if isinstance(answer, Installed) or answer is Refusal.NOT_NEWER else None

    def write(root: Path) -> bool | None:
        try:
            trust.write(root, identity)
        except OSError:
            return None
        return True

    def unlike(image: Image, allowed: tuple[trust.Trusted, ...], root: Path) -> str | None:
        key_sets = tuple(each for book in allowed for each in book.key_sets)
        identities = tuple(each for book in allowed for each in book.identities)
        return trust.wrong(image, trust.Trusted(key_sets, identities), root)

    return (
        Flow("key set", image, old, (key_set,), _itself, install, _leave, unsure=(old,), wrong=unlike),
        Flow("identity", image, old, (renewed,), _itself, write, _leave, wrong=unlike),
    )


def courier_flow() -> Flow:
    """The courier's own thread carries a case and erases it; it closes and opens the outbox by itself."""
    account = Book().kept(workload.PHOTOS)
    with scratch() as root, tapped(Nobody()), closing(workload.opened(root)) as outbox:
        outbox.keep(workload.PHOTOS.case_id, workload.PHOTOS.seal)
        image = picture(root)
    done = account.receipted(workload.PHOTOS, _Centre.NUMBER)
    return Flow("courier", image, account, (done,), _Courier, _Courier.carry, _leave, recovers=True)


class _Centre:
    """Acknowledges everything."""

    NUMBER = "RN 2"

    def put_case(self, _case: UUID, _envelope: bytes) -> Reply:
        """It is there."""
        return Reply(201, Receipt(self.NUMBER))

    def put_part(self, _case: UUID, _sha256: str, _sealed: bytes) -> None:
        """It is there."""

    def parts_present(self, _case: UUID) -> frozenset[str]:
        """None yet."""
        return frozenset()

    def heartbeat(self, _status: Status) -> Alive:
        """It is well."""
        return Alive(1)

    def close(self) -> None:
        """Nothing is open."""


class _Courier:
    """The worker of the courier, in this thread: it runs until its case is carried, or twice could not be."""

    def __init__(self, root: Path) -> None:
        """With an outbox beneath `root`."""
        paths = Paths(state=root / OUTBOX.parts[0], runtime=root / "run", keys=root / "keys")
        centre = CentreSettings(url="https://localhost:1")
        self._worker = cast("Any", Worker(Settings(kiosk_number=KIOSK, centre=centre, paths=paths)))
        self._worker._central = _Centre()
        self._worker.duties = mock.MagicMock(**{"attend.return_value": 0.0})
        self._worker._wake = self
        self._done = False
        self._failures = 0

    def carry(self) -> bool | None:
        """Run. None if it could not be carried."""
        self._done, self._failures = False, 0
        self._worker._stopped.clear()
        hearers = Hearers(self._receipted, lambda _now: None, self._log, lambda: None)
        with mock.patch("kiosk.post.courier._REOPEN_S", 0.0), mock.patch("random.uniform", return_value=0.0):
            self._worker._run(hearers)
        return self._done or None

    def wait(self, _pause_s: float) -> None:
        """A pause between two rounds: nothing more will come."""
        self._done = self._done or self._worker._rounds._outbox.next_waiting() is None
        self._worker.stop(0.0)

    def set(self) -> None:
        """It does not sleep."""

    def clear(self) -> None:
        """It does not sleep."""

    def _receipted(self, _case: UUID, _number: str) -> None:
        self._done = True

    def _log(self, event: Event, **_fields: object) -> None:
        self._failures += event is Event.STORAGE_FAILED
        if self._failures > 1:
            self._worker.stop(0.0)


def _itself(root: Path) -> Path:
    return root


def _leave(_actor: Any) -> None:
    pass


def _used() -> tuple[Image, Book]:
    """An outbox with some cases, one of them receipted but not scrubbed, left by a crash."""
    account = Book()
    with scratch() as root, tapped(Nobody()), closing(workload.opened(root)) as outbox:
        for draft in (workload.SMALL, workload.PHOTOS, workload.REFUSED):
            account = account.kept(draft)
            outbox.keep(draft.case_id, draft.seal)
        outbox.receipted(1, "RN 1")
        return picture(root), account.receipted(workload.SMALL, "RN 1")


def _busy() -> tuple[Image, Book]:
    """An outbox whose log is so long that the next case has it copied back."""
    account = Book()
    with scratch() as root, tapped(Nobody()), closing(workload.opened(root)) as outbox:
        for draft in (workload.PHOTOS, workload.REFUSED, workload.LAST):
            account = account.kept(draft)
            outbox.keep(draft.case_id, draft.seal)
        return picture(root), account


@dataclass
class Outcome:
    """What was found."""

    runs: int = 0
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def summary(self) -> str:
        """One line."""
        return (
            f"{self.runs} faults at {self.calls} storage calls, {len(self.failures)} wrong, "
            f"{self.runs / self.seconds if self.seconds else 0:.0f} runs/s"
        )


class _Examiner:
    """Examines what is left of one flow; the same only once, as most faults leave the same."""

    def __init__(self, flow: Flow, root: Path) -> None:
        self._flow = flow
        self._root = root
        self._seen: dict[tuple[bytes, int], str | None] = {}

    def problem(self, image: Image, allowed: tuple[Any, ...]) -> str | None:
        """What is wrong with it, if anything."""
        key = fingerprint(image), len(allowed)
        if key not in self._seen:
            self._seen[key] = self._flow.wrong(image, allowed, self._root)
        return self._seen[key]


def campaign(flows: tuple[Flow, ...], *, until: int | None = None) -> Outcome:
    """Every kind of fault at every call of every flow; stop early after `until` wrong ones."""
    began = time.monotonic()
    outcome = Outcome()
    with scratch() as root:
        for flow in flows:
            for fault, call, problem in _examined(flow, root, outcome):
                if problem is not None:
                    where = f"{call.op} {Path(call.path).name}"
                    outcome.failures.append(f"{flow.name}, {fault}, {where}: {problem}")
                if until is not None and len(outcome.failures) >= until:
                    return outcome
    outcome.seconds = time.monotonic() - began
    return outcome


def _examined(flow: Flow, root: Path, outcome: Outcome) -> Iterator[tuple[Fault, Call, str | None]]:
    examiner = _Examiner(flow, root)
    calls, expected = _calls(flow, root)
    outcome.calls += len(calls)
    for fault in _faults(calls):
        outcome.runs += 1
        yield fault, calls[fault.at], _problem(flow, fault, calls[fault.at], expected, root, examiner)


def _calls(flow: Flow, root: Path) -> tuple[list[Call], Any]:
    """The calls of `flow` when nothing fails, and what it then answers."""
    with _staged(flow, root) as (actor, faulty):
        with faulty.failing(None):
            answer = flow.act(actor)
        assert answer is not None
        return list(faulty.calls), answer


def _faults(calls: list[Call]) -> list[Fault]:
    return [
        Fault(number, trouble, lasting)
        for number, call in enumerate(calls)
        for trouble in Trouble
        if call.op in _CODES[trouble] or (call.created and not call.database)
        for lasting in (False, True)
    ]


@contextmanager
def _staged(flow: Flow, root: Path) -> Iterator[tuple[Any, Faulty]]:
    lay_out(flow.before, root)
    recorder = Recorder(root, flow.book, flow.before)
    faulty = Faulty(recorder, root)
    with tapped(faulty):
        actor = flow.begin(root)
        try:
            yield actor, faulty
        finally:
            flow.end(actor)


def _problem(
    flow: Flow, fault: Fault, call: Call, expected: Any, root: Path, examiner: _Examiner
) -> str | None:
    """Run `flow` with `fault`, then without; say what is wrong, if anything."""
    try:
        with _staged(flow, root) as (actor, faulty):
            with faulty.failing(fault):
                answer = flow.act(actor)
            failed, opened = faulty.moment, faulty.databases_opened
            again = flow.act(actor)
            reopened = faulty.databases_opened > opened
        last = faulty.moment
    except Exception as error:  # noqa: BLE001 - whatever it is, it should not have come this far
        return f"{type(error).__name__} came through: {error}"
    if again != expected or answer not in (None, expected):
        found = examiner.problem(picture(root), flow.settled)
        return f"answers {answer!r}, then {again!r}; {found or 'the outbox is right'}"
    if flow.reopens and answer is None and fault.trouble is Trouble.BROKEN and not reopened:
        return "goes on with the connection that failed"
    once = fault.trouble is Trouble.BROKEN and not fault.lasting and call.op in (Op.WRITE, Op.SYNC)
    if flow.recovers and once and answer is None:
        return "does not recover by itself"
    meanwhile = flow.settled if answer is not None else (flow.book, *flow.settled)
    in_the_end = flow.settled if answer is not None else (*flow.unsure, *flow.settled)
    chance = Random(0)  # noqa: S311 - these cuts leave nothing to it
    left = (
        ("power cut after the fault", cut(failed, Cut.NOTHING, chance), meanwhile),
        ("kill after the fault", cut(failed, Cut.EVERYTHING, chance), meanwhile),
        ("power cut at the end", cut(last, Cut.NOTHING, chance), in_the_end),
        ("at the end", picture(root), in_the_end),
    )
    for when, image, allowed in left:
        if problem := examiner.problem(image, allowed):
            return f"{when}: {problem}"
    return None


def main() -> int:
    """The command line."""
    flows = {flow.name: flow for flow in all_flows()}
    parser = argparse.ArgumentParser(description="I/O errors at every storage call.")
    parser.add_argument("--flow", choices=flows, help="this flow only")
    parser.add_argument("--mutant", choices=mutants.FAULTS, help="with a planted bug")
    asked = parser.parse_args()
    planted = mutants.FAULTS[asked.mutant].plant() if asked.mutant else nullcontext()
    with planted:
        outcome = campaign((flows[asked.flow],) if asked.flow else tuple(flows.values()))
    sys.stdout.write("\n".join([outcome.summary, *outcome.failures[:_TOLD]]) + "\n")
    return int(bool(outcome.failures))


if __name__ == "__main__":
    sys.exit(main())
