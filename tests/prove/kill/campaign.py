"""The campaign: kill a real process at a drawn moment, open what it left, compare it with the books."""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from uuid import UUID

from kiosk.post.outbox import Outbox, OutboxFault, OutboxProblem, StorageError
from kiosk.post.outbox_files import damage_mark
from kiosk.post.salvage import Salvaged, salvage
from tests.post.previous_release import outbox as previous
from tests.prove.kill.book import Book, Centre, Content, Violation, contents, demand
from tests.prove.kill.victim import (
    KIOSK,
    NOW,
    PLACES,
    QUOTA,
    Activity,
    Doom,
    NotOpenError,
    become,
    carry,
    opened,
    rescue,
    sealed,
    submit,
    update,
    upload,
)

_FROM_OUTSIDE = 0.25
"""Share of the kills that come from outside, at any instant; the others come at a drawn storage call."""

_LAST_CALLS = (12, 40, 140)
"""To open makes some 10 storage calls; to keep a case 25, to deliver one 50, to salvage 40 in all."""

_CASES = 4
_STUCK_S = 60.0
_PAGE = 4096
_FULL_DRAIN = 20


@dataclass(slots=True)
class Victim:
    """A child that is about to die, or to finish."""

    process: int
    line: Connection
    activity: str
    kill_at: float | None
    finished: bool = False


@dataclass(slots=True)
class Report:
    """What a campaign came to."""

    kills: int = 0
    by_activity: Counter[str] = field(default_factory=Counter)
    received: int = 0
    delivered: int = 0
    slowest_reopen_s: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        each = ", ".join(f"{count} of {activity}" for activity, count in sorted(self.by_activity.items()))
        return (
            f"{self.kills} kills ({each}) in {self.seconds:.0f} s: {self.received} cases received, "
            f"{self.delivered} at the centre, 0 lost, 0 twice; "
            f"slowest reopen {self.slowest_reopen_s * 1000:.1f} ms"
        )


class Campaign:
    """Kills until `count` victims have died. Everything random comes from `seed`, except instants."""

    def __init__(self, folder: Path, seed: int, activities: Sequence[str] | None = None) -> None:
        self._folder = folder
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311 - to replay
        self._path = folder / "kiosk" / "outbox.db"
        self._centre = Centre()
        self._book = Book()
        self._tried: dict[UUID, None] = {}
        self._lasts_s: dict[str, float] = {}
        self._report = Report()
        self._words: dict[str, Callable[..., None]] = {
            "centre": self._hear_question,
            "tries": self._hear_trying,
            "kept": self._hear_kept,
            "receipted": self._hear_receipted,
            "failed": self._hear_failed,
            "finished": self._hear_finished,
        }
        self._scenes: dict[str, Callable[[], None]] = {
            "submit": self._submit,
            "upload": self._upload,
            "both": self._both,
            "migrate": self._migrate,
            "salvage": self._salvage,
        }
        self._activities = activities or ("submit",) * 6 + ("upload",) * 6 + ("both",) * 3 + (
            "migrate",
            "migrate",
            "salvage",
        )
        self._before = _file_of_the_release_before(folder / "before")
        self._wrecks = _wrecks(folder / "wrecks")

    def run(self, count: int) -> Report:
        """Kill `count` times, then deliver everything and look at the centre. Raises `Violation`."""
        began = time.monotonic()
        rounds = 0
        while self._report.kills < count:
            rounds += 1
            scene = self._chance.choice(self._activities)
            try:
                self._scenes[scene]()
            except (Violation, NotOpenError, StorageError) as broken:
                raise Violation(f"seed {self._seed}, round {rounds}, {scene}: {broken!r}") from broken
        self._deliver_all()
        self._report.received = len(self._book.received)
        self._report.delivered = len(self._centre.envelopes)
        self._report.slowest_reopen_s = self._book.slowest_reopen_s
        self._report.seconds = time.monotonic() - began
        return self._report

    # --- scenes ---

    def _submit(self) -> None:
        self._die([self._victim("submit", submit(self._some_cases()))])
        self._audit()

    def _upload(self) -> None:
        if not self._waiting():
            self._fill()
        self._die([self._victim("upload", upload)])
        self._audit()

    def _both(self) -> None:
        """Screen and courier at once, of which one is killed, or both."""
        doomed = self._chance.choice([(True, False), (False, True), (True, True)])
        self._die(
            [
                self._victim("submit", submit(self._some_cases()), doomed=doomed[0]),
                self._victim("upload", upload, doomed=doomed[1]),
            ]
        )
        self._audit()

    def _migrate(self) -> None:
        """The file of the release before, at the first start after an update; then it may be rolled back."""
        template, expected = self._before
        path = self._copied(template)
        self._die([self._victim("migrate", update, path)])
        if self._chance.random() < 0.5:
            before = previous.Outbox.open(path, QUOTA, lambda: NOW)
            demand(isinstance(before, previous.Outbox), "the release before cannot open the file any more")
            demand(contents(before) == expected, "the release before does not find what it kept")
            before.close()
        self._demand_contents(path, expected)

    def _salvage(self) -> None:
        """A damaged outbox; salvage is killed, perhaps twice, and then runs to its end."""
        template, expected = self._chance.choice(self._wrecks)
        path = self._copied(template)
        for _ in range(self._chance.choice([1, 1, 2])):
            self._die([self._victim("salvage", rescue, path)])
            half = Outbox.open(path, QUOTA, lambda: NOW)
            if isinstance(half, OutboxProblem):
                demand(half.fault is OutboxFault.DAMAGED, f"half salvaged it is {half.fault}")
            else:
                demand(contents(half) == expected, "it opens while it is half salvaged")
                half.close()
        demand(isinstance(salvage(path, KIOSK, lambda: NOW), Salvaged), "it cannot be salvaged any more")
        self._demand_contents(path, expected)
        asides = list(path.parent.glob("outbox.db.broken-*"))
        for name in ("outbox.db", "outbox.db-wal"):
            original = (template / name).read_bytes() if (template / name).exists() else b""
            kept = [
                aside.read_bytes() for aside in asides if aside.name.endswith("-wal") == name.endswith("-wal")
            ]
            demand(not original or original in kept, f"the damaged {name} was not kept")

    # --- killing ---

    def _victim(
        self, activity: str, work: Activity, path: Path | None = None, *, doomed: bool = True
    ) -> Victim:
        ours, theirs = Pipe()
        doom, kill_at = self._draw(activity) if doomed else (None, None)
        process = os.fork()
        if process == 0:
            ours.close()
            become(theirs, work, path or self._path, doom)
        theirs.close()
        return Victim(process, ours, activity, kill_at)

    def _draw(self, activity: str) -> tuple[Doom | None, float | None]:
        if self._chance.random() < _FROM_OUTSIDE:
            longest_s = self._lasts_s.get(activity, 0.02)
            return None, time.monotonic() + self._chance.uniform(0.0, longest_s)
        last = self._chance.choice(_LAST_CALLS)
        return Doom(self._chance.randint(1, last), self._chance.choice(PLACES)), None

    def _die(self, victims: list[Victim]) -> None:
        """Attend to the victims, as their centre and their visitors, until all have died or finished."""
        began = time.monotonic()
        lines = {victim.line: victim for victim in victims}
        while lines:
            now = time.monotonic()
            if now > began + _STUCK_S:
                for victim in lines.values():
                    os.kill(victim.process, signal.SIGKILL)
                raise Violation("it hangs")
            for victim in lines.values():
                if victim.kill_at is not None and now >= victim.kill_at:
                    os.kill(victim.process, signal.SIGKILL)
                    victim.kill_at = None
            moments = [victim.kill_at - now for victim in lines.values() if victim.kill_at is not None]
            for line in wait(list(lines), timeout=max(0.0, min([*moments, 1.0]))):
                if not self._hear(lines[line]):  # type: ignore[index]  # wait gives back what it was given
                    self._bury(lines.pop(line), began)  # type: ignore[call-overload]  # as above

    def _hear(self, victim: Victim) -> bool:
        """Hear what a victim says. False once it says nothing more."""
        try:
            word, *rest = victim.line.recv()
        except (EOFError, OSError):
            return False
        self._words[word](victim, *rest)
        return True

    def _hear_question(self, victim: Victim, *question: object) -> None:
        answer = self._centre.ask(*question)
        with suppress(OSError):  # it may die before the answer comes; what it said before still counts
            victim.line.send(answer)

    def _hear_trying(self, _victim: Victim, case_id: UUID) -> None:
        self._tried[case_id] = None

    def _hear_kept(self, _victim: Victim, case_id: UUID, sequence: int) -> None:
        demand(self._book.received.get(case_id, sequence) == sequence, "one case has two references")
        self._book.received[case_id] = sequence

    def _hear_receipted(self, _victim: Victim, case_id: UUID) -> None:
        demand(case_id in self._centre.envelopes, "it says sent, and the centre has it not")

    def _hear_failed(self, victim: Victim, how: str) -> None:
        raise Violation(f"{victim.activity} failed: {how}")

    def _hear_finished(self, victim: Victim) -> None:
        victim.finished = True

    def _bury(self, victim: Victim, began: float) -> None:
        victim.line.close()
        _, status = os.waitpid(victim.process, 0)
        if victim.finished:
            lasted_s = time.monotonic() - began
            self._lasts_s[victim.activity] = max(self._lasts_s.get(victim.activity, 0.0), lasted_s)
        if os.WIFSIGNALED(status):
            self._report.kills += 1
            self._report.by_activity[victim.activity] += 1

    # --- books ---

    def _some_cases(self) -> list[UUID]:
        """New cases, and now and then one again of which nobody knows whether it was kept."""
        last = next(reversed(self._tried), None)
        unsure = last is not None and last not in self._book.received
        again = [last] if last is not None and unsure and self._chance.random() < 0.5 else []
        return again + [UUID(int=self._chance.getrandbits(128), version=4) for _ in range(_CASES)]

    def _waiting(self) -> bool:
        return bool(self._book.received.keys() - self._centre.envelopes.keys())

    def _fill(self) -> None:
        outbox = opened(self._path)
        for case_id in self._some_cases():
            self._tried[case_id] = None
            slot = outbox.keep(case_id, lambda slot, case_id=case_id: sealed(case_id, slot))
            demand(not isinstance(slot, str), f"not kept: {slot}")
            self._book.received[case_id] = slot.sequence  # type: ignore[union-attr]  # demanded
        outbox.close()

    def _audit(self) -> None:
        self._book.audit(self._path, self._centre)

    def _deliver_all(self) -> None:
        for _ in range(_FULL_DRAIN):
            carry(self._path, self._centre, lambda _case_id, _number: None)
        self._audit()
        missing = self._book.received.keys() - self._centre.envelopes.keys()
        demand(not missing, f"{len(missing)} received cases never came to the centre")
        demand(self._centre.envelopes.keys() <= self._tried.keys(), "the centre has a case that nobody made")
        self._centre.audit()

    def _demand_contents(self, path: Path, expected: dict[int, Content]) -> None:
        began = time.perf_counter()
        outbox = opened(path)
        self._book.slowest_reopen_s = max(self._book.slowest_reopen_s, time.perf_counter() - began)
        found = contents(outbox)
        outbox.close()
        demand(found == expected, f"{len(expected)} cases were there, now {len(found)}, or not the same")

    def _copied(self, template: Path) -> Path:
        folder = self._folder / "scene"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        return folder / "outbox.db"


# --- what some scenes begin with ------------------------------------------------------------------------


def _file_of_the_release_before(folder: Path) -> tuple[Path, dict[int, Content]]:
    outbox = previous.Outbox.open(folder / "outbox.db", QUOTA, lambda: NOW)
    if not isinstance(outbox, previous.Outbox):
        raise TypeError(outbox)
    for number in range(5):
        case_id = UUID(int=number, version=4)
        outbox.keep(case_id, lambda slot, case_id=case_id: sealed(case_id, slot))
    outbox.receipted(1, "ADM RN 26000001")
    outbox.quarantine(2)
    expected = contents(outbox)
    outbox.close()
    return folder, expected


def _wrecks(folder: Path) -> list[tuple[Path, dict[int, Content]]]:
    """Damaged outboxes, and what salvage finds in them when nobody kills it."""
    return [_wreck(folder / damage.__name__, damage) for damage in (_no_header, _no_chain, _middle)]


def _wreck(folder: Path, damage: Callable[[Path], None]) -> tuple[Path, dict[int, Content]]:
    making, path = folder / "making" / "outbox.db", folder / "wreck" / "outbox.db"
    outbox = opened(making)
    for number in range(12):
        case_id = UUID(int=number, version=4)
        outbox.keep(case_id, lambda slot, case_id=case_id: sealed(case_id, slot))
        if number == 8:  # the last ones stay in the WAL
            outbox._db.execute("PRAGMA wal_checkpoint").fetchall()
            outbox._db.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    path.parent.mkdir()
    for suffix in ("", "-wal", ".lock"):
        shutil.copy(making.with_name(making.name + suffix), path.with_name(path.name + suffix))
    outbox.close()
    damage(path)
    damage_mark(path).touch()
    trial = folder / "trial"
    shutil.copytree(path.parent, trial)
    result = salvage(trial / "outbox.db", KIOSK, lambda: NOW)
    demand(isinstance(result, Salvaged) and result.aside is not None, "nothing to salvage")
    rescued = opened(trial / "outbox.db")
    expected = contents(rescued)
    rescued.close()
    return path.parent, expected


def _no_header(path: Path) -> None:
    path.write_bytes(bytes(_PAGE) + path.read_bytes()[_PAGE:])
    path.with_name(path.name + "-wal").write_bytes(b"")  # which would have brought page 1 back


def _no_chain(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[_PAGE : 2 * _PAGE] = bytes(_PAGE)
    path.write_bytes(data)
    path.with_name(path.name + "-wal").write_bytes(b"")


def _middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    start = len(data) // 2 // _PAGE * _PAGE
    data[start : start + 3 * _PAGE] = random.Random(1).randbytes(3 * _PAGE)  # noqa: S311
    path.write_bytes(data)
