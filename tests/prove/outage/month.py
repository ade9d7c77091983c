"""Thirty days without the centre, on real files: updates, a rollback, rotations and reboots, then one drain.

The kiosk is the real outbox, sealer, key set, rounds and client; the centre is the real service over its own
directory. Between them is a line that is away for the month. Time is virtual, so a month takes seconds.
"""

import datetime as dt
import json
import queue
import random
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from central.centre import Centre
from central.gateway.service import Service
from central.keys import keyring_file
from central.keys.ceremony import Plan, make_draft, sign_and_publish
from central.keys.keyring import Keyring
from central.keys.roots import development_root
from central.store import cases
from kiosk.post import outbox_schema
from kiosk.post.backoff import Clock, Pace
from kiosk.post.central import Central, _Line
from kiosk.post.courier import attend
from kiosk.post.duties import RETRY_S, Duties, KeyDirectory
from kiosk.post.envelope import Sealed, Sealer, Slot
from kiosk.post.keyset import Installed, install_key_set, load_key_set
from kiosk.post.outbox import Outbox
from kiosk.post.outbox_schema import Migration
from kiosk.post.outcomes import NoReply
from kiosk.post.rounds import Hearers, Rounds
from tests.post.previous_release import outbox as previous
from tests.prove.simulation.ledger import Ledger, Promise, Stored, Violation, Visit, photos_digest
from tests.prove.simulation.line import Call, QuietCaller, SimulatedLine
from tests.prove.simulation.real_centre import RealCentre
from tests.prove.simulation.season import EPOCH
from tests.prove.simulation.weather import DAY_S, Luck

KIOSK = 7
DAYS = 30
PER_MINUTE = 120.0
AT_ONCE = 10
_QUOTA = 2_000_000_000

NEXT_RELEASE = Migration(
    max(migration.step for migration in outbox_schema.MIGRATIONS) + 1,
    "ALTER TABLE cases ADD COLUMN later TEXT;",
    readable_from=1,
)
"""What a release after this one might add to the file."""


class Release:
    """Which release of the kiosk runs."""

    PREVIOUS = "previous"
    PRESENT = "present"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on a day of the month."""

    day: float
    what: str
    release: str = ""


def story(chance: random.Random, reboots: int) -> list[Happening]:
    """Three updates, a rollback, two rotations, and reboots at any time."""
    told = [
        Happening(4.3, "release", Release.PRESENT),
        Happening(8.1, "rotation"),
        Happening(10.6, "release", Release.PREVIOUS),
        Happening(14.2, "release", Release.PRESENT),
        Happening(18.7, "rotation brought by hand"),
        Happening(22.9, "release", Release.NEXT),
    ]
    told += [Happening(chance.uniform(0.1, DAYS - 0.1), "reboot") for _ in range(reboots)]
    return sorted(told, key=lambda happening: happening.day)


@dataclass
class Bugs:
    """Where planted bugs take hold."""

    at_midnight: Callable[[Outbox | previous.Outbox], None] = lambda _outbox: None
    on_release: Callable[[Path], None] = lambda _file: None
    after_power_off: Callable[[Path], None] = lambda _state: None
    on_rotation: Callable[[Path], None] = lambda _centre: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the month was."""

    promised: int
    reboots: int
    keys_used: int
    drain_s: float
    most_in_a_minute: int
    calls_while_away: int


@dataclass
class Month(QuietCaller):
    """One kiosk, one centre, thirty days and the drain after them."""

    directory: Path
    cases: int
    reboots: int
    seed: int
    bugs: Bugs = field(default_factory=Bugs)
    look_s: float = 60.0
    """While the centre is away the courier makes a round at most this often, to shorten the proof."""

    def __post_init__(self) -> None:
        super().__init__(KIOSK)
        self.ledger = Ledger()
        self._chance = random.Random(f"{self.seed}/month")  # noqa: S311 - a seed to replay
        self._calls = 0
        self._release = Release.PREVIOUS
        self._boots = 0
        self._arrivals: list[float] = []
        self._sequence = 0
        self._centre_directory = self.directory / "centre"
        self._keys = self.directory / "keys"
        office = Centre(self._centre_directory)
        office.init("ADM", ("localhost",))
        office.enrol(KIOSK, self._keys, 90)
        self.centre = ServedCentre(office.service(), office.keyring())
        self._state = self._fresh_state()
        self._outbox: Outbox | previous.Outbox = self._opened()
        self._rounds: Rounds | None = None

    def run(self) -> Outcome:
        """Live through it. Raises `Violation`."""
        try:
            return self._lived()
        except Violation as violation:
            raise Violation(f"seed {self.seed}, day {self.at_s / DAY_S:.2f}: {violation}") from None
        finally:
            self._outbox.close()
            self.centre.close()

    def _lived(self) -> Outcome:
        happenings = deque(story(self._chance, self.reboots))
        visits = sorted(self._chance.uniform(0, DAYS * DAY_S) for _ in range(self.cases))
        midnight = DAY_S
        for moment in visits:
            while happenings and happenings[0].day * DAY_S <= moment:
                happening = happenings.popleft()
                self._live_until(happening.day * DAY_S)
                self._happen(happening)
            self._live_until(moment)
            if self.at_s >= midnight:
                midnight += DAY_S
                self.bugs.at_midnight(self._outbox)
            self._visit()
        for happening in happenings:
            self._happen(happening)
        calls_while_away = self._calls
        drain_s = self._drain()
        keys_used = self._audit()
        return Outcome(
            promised=len(self.ledger.promises),
            reboots=self.reboots,
            keys_used=keys_used,
            drain_s=drain_s,
            most_in_a_minute=self._most_in_a_minute(),
            calls_while_away=calls_while_away,
        )

    def heard(self, call: Call, outcome: str, wait_s: float | None) -> None:  # noqa: ARG002 - of a protocol
        """Note when cases arrive."""
        self._calls += 1
        if call.what == "PUT cases" and outcome == "201":
            self._arrivals.append(self.at_s)

    # --- the month -------------------------------------------------------------------------------------

    def _live_until(self, moment: float) -> None:
        """The courier makes its rounds meanwhile, if this release's is simulated here."""
        while self.at_s < moment:
            pause_s = self._round()
            self.at_s = max(self.at_s, min(self.at_s + max(pause_s, self.look_s), moment))

    def _round(self) -> float:
        if not isinstance(self._outbox, Outbox):
            return DAY_S  # the previous release's courier would do the same: call, and hear nothing
        if self._rounds is None:
            self._rounds = self._new_rounds(self._outbox)
        pause_s = self._rounds.round()
        attend(self._duties, self._rounds)
        return pause_s

    def _new_rounds(self, outbox: Outbox) -> Rounds:
        client = DirectoryClient(
            SimulatedLine(self, self.centre.published, Luck(self._chance), self._chance),
            self._keys,
            self._wall,
        )
        self._duties = Duties(KeyDirectory(self._keys), KIOSK, client, _unlogged, self.now, self._wall)
        hearers = Hearers(
            lambda _case, _number: None, lambda _now: None, _unlogged, lambda: None, self._duties.heard
        )
        pace = Pace(PER_MINUTE, AT_ONCE, self.now)
        wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        return Rounds(outbox, client, wanted, hearers, self.now, self._chance.uniform, pace)

    def _visit(self) -> None:
        if not self._outbox.has_room(200_000):
            raise Violation("no room within the quota")
        photos = [self._chance.randbytes(900)] if self._chance.random() < 0.1 else []
        visit = Visit(KIOSK, f"{self._chance.getrandbits(64):x}", photos_digest(photos))
        case_id = UUID(int=self._chance.getrandbits(128), version=4)
        sealer = Sealer(KIOSK, load_key_set(self._keys).recipients(self._wall()).keys)
        document = json.dumps({"token": visit.token}).encode()

        def build(slot: Slot) -> Sealed:
            return sealer.seal(case_id, slot, document, photos)

        slot = self._outbox.keep(case_id, build)
        if not isinstance(slot, Slot):
            raise Violation(f"captured, then {slot.value}")
        self._sequence += 1
        if slot.sequence != self._sequence:
            raise Violation(f"case {self._sequence} became number {slot.sequence}")
        self.ledger.promised(Promise(visit, case_id, slot.sequence, self.at_s))

    def _happen(self, happening: Happening) -> None:
        match happening.what:
            case "reboot":
                self._power_off()
            case "release":
                self._outbox.close()
                self._release = happening.release
                self.bugs.on_release(self._state / "outbox.db")
                self._outbox, self._rounds = self._opened(), None
            case "rotation":
                self._rotate()
            case "rotation brought by hand":
                installed = install_key_set(self._keys, self._rotate())
                if not isinstance(installed, Installed):
                    raise Violation(f"a technician's key set was refused: {installed}")

    def _power_off(self) -> None:
        """What the next boot finds is the disk as it is now: nobody told the process that writes it."""
        boots = self._fresh_state()
        for file in self._state.iterdir():
            if not file.name.endswith("-shm"):
                shutil.copy2(file, boots / file.name)
        self.bugs.after_power_off(boots)
        self._outbox.close()
        shutil.rmtree(self._state)
        self._state = boots
        self._outbox, self._rounds = self._opened(), None

    def _rotate(self) -> str:
        root = development_root(self._centre_directory)
        now = dt.datetime.fromtimestamp(self._wall(), dt.UTC)
        keyring_file.change(
            self._centre_directory,
            lambda material: sign_and_publish(make_draft(material, Plan(), now), root),
        )
        self.bugs.on_rotation(self._centre_directory)
        return self.centre.keyring.key_set_token()

    def _wall(self) -> float:
        return EPOCH + self.at_s

    def _fresh_state(self) -> Path:
        self._boots += 1
        state = self.directory / f"state-{self._boots}"
        state.mkdir()
        return state

    def _opened(self) -> Outbox | previous.Outbox:
        """The outbox as the release that runs opens it."""
        file = self._state / "outbox.db"
        if self._release == Release.PREVIOUS:
            older = previous.Outbox.open(file, _QUOTA, self._wall)
            if not isinstance(older, previous.Outbox):
                raise Violation(f"the previous release does not open the outbox: {older.fault.value}")
            return older
        with _schema_of(self._release):
            opened = Outbox.open(file, _QUOTA, self._wall)
        if not isinstance(opened, Outbox):
            raise Violation(f"the outbox does not open: {opened.fault.value}")
        return opened

    # --- the end -----------------------------------------------------------------------------------------

    def _drain(self) -> float:
        """The centre is back. Returns the seconds until nothing waits."""
        self.away = False
        began = self.at_s
        longest_s = 3600.0 + self.cases / PER_MINUTE * 60 * 1.5
        while self._outbox.next_waiting() is not None:
            pause_s = self._round()  # it takes time itself
            self.at_s += max(pause_s, 0.001)
            if self.at_s - began > longest_s:
                raise Violation("stuck: cases wait still")
        self._round()
        drained_s = self.at_s - began
        self.at_s += RETRY_S  # what the courier asks for beside cases, it asks for again after this time
        self._round()
        if load_key_set(self._keys).version != self.centre.keyring.key_set_version:
            raise Violation("the newest key set was not installed")
        return drained_s

    def _audit(self) -> int:
        rows = list(self.centre.rows())
        self.ledger.audit(map(Stored.of, rows))
        assert isinstance(self._outbox, Outbox)
        status = self._outbox.status()
        if status.queued or status.quarantined or status.unerased:
            raise Violation("the outbox is not empty at the end")
        if self._most_in_a_minute() > PER_MINUTE + AT_ONCE:
            raise Violation(f"flood: {self._most_in_a_minute()} cases within a minute")
        return len({kid for row in self.centre.recipients() for kid in row})

    def _most_in_a_minute(self) -> int:
        most, window = 0, deque[float]()
        for moment in self._arrivals:
            window.append(moment)
            while window[0] <= moment - 60.0:
                window.popleft()
            most = max(most, len(window))
        return most


class DirectoryClient(Central):
    """The real client on the simulated line, with the keys of the directory."""

    def __init__(self, line: SimulatedLine, keys: Path, wall: Clock) -> None:
        super().__init__("https://centre.example", keys, KIOSK, 30.0, wall=wall)
        self._simulated = line

    def _opened(self) -> _Line | NoReply:
        stamp = self._keys.stat().st_mtime_ns
        if self._line is None or self._line.stamp != stamp:
            self._line = _Line(self._simulated, load_key_set(self._keys), stamp)
        return self._line


class _Published:
    """The key set of a centre's directory, as a line asks for it."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    @property
    def version(self) -> int:
        """Of the newest key set."""
        return self._keyring.key_set_version

    @property
    def token(self) -> str:
        """The newest key set, signed."""
        return self._keyring.key_set_token()


class ServedCentre(RealCentre):
    """The service over a centre's directory: it follows the keys of that directory."""

    def __init__(self, service: Service, keyring: Keyring) -> None:
        self._real = service
        self._store = service._store
        self.keyring = keyring
        self.published = _Published(keyring)

    def recipients(self) -> list[tuple[str, ...]]:
        """The key ids each case was sealed to."""
        return [tuple(key["kid"] for key in json.loads(envelope)["keys"]) for envelope in self.envelopes()]

    def official_numbers(self) -> list[str]:
        """The numbers it gave."""
        with self._store.reading() as db:
            return [listed.official_number for listed in cases.listed(db)]

    def _keyring(self) -> Keyring:
        return self.keyring

    def _service(self) -> Service:
        return self._real


@contextmanager
def _schema_of(release: str) -> Iterator[None]:
    """The next release knows one migration more."""
    known = outbox_schema.MIGRATIONS, outbox_schema.SCHEMA
    if release == Release.NEXT:
        outbox_schema.MIGRATIONS = (*known[0], NEXT_RELEASE)
        outbox_schema.SCHEMA = NEXT_RELEASE.step
    try:
        yield
    finally:
        outbox_schema.MIGRATIONS, outbox_schema.SCHEMA = known


def _unlogged(_event: object, **_fields: object) -> None:
    """A month of logs is not needed."""
