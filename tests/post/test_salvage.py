"""Salvage: all that can be read comes over to the bit, nothing is invented, and the damaged file is kept."""

import contextlib
import hashlib
import json
import random
import shutil
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import apsw
import pytest

from config.event_names import Event
from config.settings import Centre as CentreSettings
from config.settings import Paths, Settings
from kiosk.post import salvage as rescue
from kiosk.post import survey, wreck
from kiosk.post.courier import Worker
from kiosk.post.envelope import GENESIS, Part, Sealed, Slot, envelope_hash
from kiosk.post.life import CaseState
from kiosk.post.outbox import DamagedError, NotKeptReason, Outbox, OutboxFault, OutboxProblem
from kiosk.post.outbox_files import damage_mark
from kiosk.post.rounds import Hearers
from kiosk.post.salvage import Salvaged, SalvageFault, SalvageProblem, salvage
from kiosk.post.survey import MARGIN
from tests.prove.scale import seed, size

KIOSK = 7
QUOTA = 64_000_000
PAGE = 4096
SEEDS = size(short=42, full=5_000)


def now() -> float:
    return 1_000_000.0


@dataclass(frozen=True)
class Kept:
    """A case as it was committed."""

    case_id: UUID
    envelope: bytes
    parts: dict[str, bytes]


def opened(path: Path) -> Outbox:
    outbox = Outbox.open(path, QUOTA, now)
    assert isinstance(outbox, Outbox)
    return outbox


def fault(path: Path) -> OutboxFault:
    problem = Outbox.open(path, QUOTA, now)
    assert isinstance(problem, OutboxProblem)
    return problem.fault


def seal(
    chance: random.Random, case_id: UUID, slot: Slot, parts: int, length: int, kiosk: int = KIOSK
) -> Sealed:
    pieces = [chance.randbytes(length) for _ in range(parts)]
    named = tuple(Part(hashlib.sha256(piece).hexdigest(), piece) for piece in pieces)
    body = {
        "v": 2,
        "kiosk": kiosk,
        "case": str(case_id),
        "sequence": slot.sequence,
        "previous": slot.previous.hex(),
        "parts": [{"attachment": 0, "sha256": part.sha256, "size": length} for part in named],
        "sealed": chance.randbytes(length // 2).hex(),
    }
    return Sealed(json.dumps(body).encode(), named)


def fill(
    path: Path,
    count: int,
    *,
    receipted: int = 0,
    parts: int = 1,
    length: int = 3_000,
    kiosk: int = KIOSK,
    chance: random.Random | None = None,
) -> dict[int, Kept]:
    """An outbox with `count` cases of which the first `receipted` were delivered. Returns those that wait."""
    chance = chance or random.Random(seed())  # noqa: S311 - to replay
    outbox = opened(path)
    kept: dict[int, Kept] = {}
    for _ in range(count):
        case_id = UUID(int=chance.getrandbits(128), version=4)
        made: list[Sealed] = []

        def build(slot: Slot, case_id: UUID = case_id, made: list[Sealed] = made) -> Sealed:
            made.append(seal(chance, case_id, slot, parts, length, kiosk))
            return made[0]

        slot = outbox.keep(case_id, build)
        assert isinstance(slot, Slot)
        kept[slot.sequence] = Kept(
            case_id, made[0].envelope, {part.sha256: part.sealed for part in made[0].parts}
        )
    for sequence in range(1, receipted + 1):
        outbox.receipted(sequence, f"ADM RN {sequence:08d}")
        del kept[sequence]
    outbox.close()
    return kept


def contents(path: Path) -> dict[int, Kept]:
    """What waits in a sound outbox."""
    outbox = opened(path)
    found = {}
    after = 0
    while case := outbox.next_waiting(after):
        after = case.sequence
        names = outbox.part_names(after)
        parts = {name: outbox.part(after, name) for name in names}
        found[after] = Kept(case.case_id, outbox.envelope(after), parts)
    outbox.close()
    return found


def rescued(path: Path) -> Salvaged:
    result = salvage(path, KIOSK, now)
    assert isinstance(result, Salvaged), result
    return result


def scribble(path: Path, offset: int, length: int, chance: random.Random) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(chance.randbytes(length))


def assert_goes_on(path: Path, after: int, head: bytes | None) -> None:
    """The outbox takes the next case, beyond `after`, and with this previous hash if there is one."""
    outbox = opened(path)
    chance = random.Random(0)  # noqa: S311
    case_id = uuid.uuid4()
    slot = outbox.keep(case_id, lambda slot: seal(chance, case_id, slot, 1, 100))
    assert isinstance(slot, Slot)
    assert slot.sequence > after
    assert head is None or slot.previous == head
    outbox.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox" / "outbox.db"


def test_two_hundred_cases_with_12_kb_of_random_bytes_in_the_middle(path: Path) -> None:
    kept = fill(path, 200)
    chance = random.Random(seed())  # noqa: S311
    middle = path.stat().st_size // 2 // PAGE * PAGE
    scribble(path, middle, 12_000, chance)
    broken = path.read_bytes()
    result = rescued(path)
    found = contents(path)
    whole = {sequence: case for sequence, case in found.items() if case == kept[sequence]}
    assert len(whole) >= 190
    assert found.keys() - whole.keys() == set(result.incomplete)
    for sequence in result.incomplete:
        assert found[sequence].envelope == kept[sequence].envelope
        assert found[sequence].parts.items() < kept[sequence].parts.items()
    assert result.chain_kept
    assert result.next_sequence == 201
    assert_goes_on(path, 200, envelope_hash(kept[200].envelope))
    assert result.aside is not None
    assert result.aside.read_bytes() == broken


def test_a_sound_outbox_stays_as_it_is_and_a_false_alarm_is_cleared(path: Path) -> None:
    kept = fill(path, 5, receipted=2)
    damage_mark(path).touch()
    assert fault(path) is OutboxFault.DAMAGED
    before = path.read_bytes()
    result = rescued(path)
    assert (result.aside, result.cases, result.next_sequence) == (None, 3, 6)
    assert path.read_bytes() == before
    assert contents(path) == kept


def test_a_header_that_is_gone(path: Path) -> None:
    kept = fill(path, 20, receipted=3)
    path.write_bytes(bytes(PAGE) + path.read_bytes()[PAGE:])
    assert fault(path) is OutboxFault.DAMAGED
    result = rescued(path)
    assert contents(path) == kept
    assert result.chain_kept
    assert_goes_on(path, 20, envelope_hash(kept[20].envelope))


def test_a_header_that_is_gone_beside_a_wal_with_the_newest_cases(path: Path, tmp_path: Path) -> None:
    kept = fill(path, 10)
    reader = opened(path)
    reader._db.execute("BEGIN").fetchall()
    assert reader.status().queued == 10  # so that nothing later is moved out of the WAL
    chance = random.Random(seed())  # noqa: S311
    writer = opened(path)
    case_id = uuid.uuid4()
    sealed: list[Sealed] = []
    writer.keep(case_id, lambda slot: sealed.append(seal(chance, case_id, slot, 0, 100)) or sealed[0])
    copy = tmp_path / "copy" / "outbox.db"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(path.with_name(path.name + suffix), copy.with_name(path.name + suffix))
    copy.write_bytes(bytes(PAGE) + copy.read_bytes()[PAGE:])
    rescued(copy)
    assert contents(copy) == kept | {11: Kept(case_id, sealed[0].envelope, {})}
    writer.close()
    reader.close()


def test_a_chain_that_is_gone_is_begun_anew_well_beyond(path: Path) -> None:
    kept = fill(path, 12, receipted=4)
    outbox = opened(path)
    outbox._db.execute("DELETE FROM chain").fetchall()
    outbox.close()
    assert fault(path) is OutboxFault.DAMAGED
    result = rescued(path)
    assert not result.chain_kept
    assert result.next_sequence == 12 + MARGIN + 1
    assert contents(path) == kept
    assert_goes_on(path, 12 + MARGIN, GENESIS)


def test_an_outbox_that_vanished_is_not_begun_anew_by_itself(path: Path) -> None:
    fill(path, 3)
    for file in path.parent.glob("outbox.db*"):
        if file.name != "outbox.db.lock":
            file.unlink()
    assert fault(path) is OutboxFault.DAMAGED
    problem = salvage(path, KIOSK, now)
    assert isinstance(problem, SalvageProblem)
    assert problem.fault is SalvageFault.NO_CHAIN
    assert "--continue-at" in problem.remedy
    assert not path.exists()
    assert isinstance(salvage(path, KIOSK, now, continue_at=5_000), Salvaged)
    assert_goes_on(path, 4_999, GENESIS)


def test_an_envelope_that_was_changed_stays_behind_and_says_so(path: Path) -> None:
    kept = fill(path, 6, parts=0)
    outbox = opened(path)
    changed = kept[3].envelope.replace(b'"v": 2', b'"v": 3')
    outbox._db.execute("UPDATE cases SET envelope = ? WHERE sequence = 3", (changed,)).fetchall()
    with pytest.raises(DamagedError):
        outbox.envelope(3)
    outbox.close()
    assert fault(path) is OutboxFault.DAMAGED
    result = rescued(path)
    assert result.unproven == (3,)
    assert contents(path) == {sequence: case for sequence, case in kept.items() if sequence != 3}


def test_an_envelope_whose_hash_was_changed_is_known_by_the_one_after_it(path: Path) -> None:
    kept = fill(path, 6, parts=0)
    outbox = opened(path)
    outbox._db.execute("UPDATE cases SET hash = zeroblob(32) WHERE sequence IN (3, 6)").fetchall()
    outbox.close()
    result = rescued(path)
    assert result.unproven == ()
    assert contents(path) == kept
    assert_goes_on(path, 6, envelope_hash(kept[6].envelope))


def test_a_case_without_one_of_its_parts_is_set_apart(path: Path) -> None:
    kept = fill(path, 3, parts=2)
    outbox = opened(path)
    lost = min(kept[2].parts)
    outbox._db.execute("UPDATE parts SET sealed = x'00' WHERE sha256 = ?", (lost,)).fetchall()
    outbox.close()
    result = rescued(path)
    assert result.incomplete == (2,)
    outbox = opened(path)
    assert outbox.state(kept[2].case_id) is CaseState.QUARANTINED
    assert outbox.envelope(2) == kept[2].envelope
    assert outbox.part_names(2) == [max(kept[2].parts)]
    outbox.close()


def test_an_outbox_in_use_is_not_touched(path: Path) -> None:
    fill(path, 1)
    outbox = opened(path)
    problem = salvage(path, KIOSK, now)
    assert isinstance(problem, SalvageProblem)
    assert problem.fault is SalvageFault.IN_USE
    outbox.close()


def test_damage_met_by_the_screen_bars_the_file_until_it_is_salvaged(path: Path) -> None:
    fill(path, 30)
    # The last page of the table: where the next case would go, and what the courier comes to last.
    outbox = opened(path)
    outbox._db.execute("PRAGMA cache_size = 0").fetchall()
    for page in range(1, path.stat().st_size // PAGE):
        scribble(path, page * PAGE, 64, random.Random(page))  # noqa: S311
    case_id = uuid.uuid4()
    chance = random.Random(1)  # noqa: S311
    assert (
        outbox.keep(case_id, lambda slot: seal(chance, case_id, slot, 1, 100)) is NotKeptReason.STORAGE_FAILED
    )
    outbox.close()
    assert fault(path) is OutboxFault.DAMAGED


def test_each_damaged_file_is_kept_under_a_name_of_its_own(path: Path) -> None:
    fill(path, 8)
    asides = []
    for _ in range(3):
        outbox = opened(path)
        outbox._db.execute("DELETE FROM chain").fetchall()
        outbox.close()
        asides.append(rescued(path).aside)
    assert len(set(asides)) == 3
    assert all(aside is not None and aside.exists() for aside in asides)


# --- any damage -----------------------------------------------------------------------------------------


def random_bytes(path: Path, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 5)):
        scribble(path, chance.randrange(path.stat().st_size), chance.choice([1, 40, 700, 12_000]), chance)


def truncated(path: Path, chance: random.Random) -> None:
    with path.open("r+b") as file:
        file.truncate(chance.randrange(path.stat().st_size))


def no_header(path: Path, chance: random.Random) -> None:
    scribble(path, 0, chance.choice([16, 100, PAGE]), chance)


def no_wal(path: Path, chance: random.Random) -> None:
    path.with_name(path.name + "-wal").unlink()
    random_bytes(path, chance)


def foreign_wal(path: Path, chance: random.Random) -> None:
    other = path.parent / "other" / "outbox.db"
    fill(other, 9, kiosk=KIOSK + 1, chance=chance)
    reader = opened(other)
    reader._db.execute("BEGIN").fetchall()
    reader.status()
    fill(other, 5, kiosk=KIOSK + 1, chance=chance)
    shutil.copy(other.with_name("outbox.db-wal"), path.with_name("outbox.db-wal"))
    reader.close()


def damaged_wal(path: Path, chance: random.Random) -> None:
    random_bytes(path.with_name(path.name + "-wal"), chance)


def wrong_pages(path: Path, chance: random.Random) -> None:
    """A disk that writes to the wrong place."""
    data = bytearray(path.read_bytes())
    pages = len(data) // PAGE
    for _ in range(chance.randint(1, 3)):
        there, here = chance.randrange(pages) * PAGE, chance.randrange(pages) * PAGE
        data[here : here + PAGE] = data[there : there + PAGE]
    path.write_bytes(data)


DAMAGES: list[Callable[[Path, random.Random], None]] = [
    random_bytes,
    truncated,
    no_header,
    no_wal,
    foreign_wal,
    damaged_wal,
    wrong_pages,
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, Kept]]:
    """A folder with an outbox as a power cut leaves it: 40 cases, 10 delivered, 6 only in the WAL."""
    path = tmp_path_factory.mktemp("sample") / "outbox.db"
    chance = random.Random(seed())  # noqa: S311
    kept = fill(path, 34, receipted=10, parts=2, length=2_500, chance=chance)
    reader = opened(path)
    reader._db.execute("BEGIN").fetchall()
    reader.status()
    kept |= fill(path, 6, parts=2, length=2_500, chance=chance)
    copy = tmp_path_factory.mktemp("copy")
    for suffix in ("", "-wal"):
        shutil.copy(path.with_name(path.name + suffix), copy / (path.name + suffix))
    reader.close()
    return copy, kept


def readable(path: Path, kept: dict[int, Kept], scratch: Path) -> set[int]:
    """The cases that plain SQL still reads, one by one: written without looking at how salvage does it."""
    found = set()
    for wal in ("-wal", None):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        for suffix in ("", wal):
            there = None if suffix is None else path.with_name(path.name + suffix)
            if there is not None and there.exists():
                shutil.copy(there, scratch)
        with contextlib.closing(apsw.Connection(str(scratch / path.name))) as db:
            for sequence, case in kept.items():
                with contextlib.suppress(apsw.Error):
                    query = "SELECT envelope FROM cases WHERE sequence = ?"
                    if db.execute(query, (sequence,)).fetchall() == [(case.envelope,)]:
                        found.add(sequence)
    return found


def assert_salvaged(path: Path, kept: dict[int, Kept], before: dict[str, bytes]) -> int:
    must = readable(path, kept, path.parent / "scratch")
    result = salvage(path, KIOSK, now)
    if isinstance(result, SalvageProblem):
        assert result.fault is SalvageFault.NO_CHAIN
        assert path.read_bytes() == before["outbox.db"]
        return 0
    found = contents(path)
    assert must - set(result.unproven) <= found.keys(), "lost"
    for sequence, case in found.items():
        assert case.case_id == kept[sequence].case_id, "invented"
        assert case.envelope == kept[sequence].envelope, "invented"
        assert case.parts.items() <= kept[sequence].parts.items(), "invented"
        assert sequence in result.incomplete or case.parts == kept[sequence].parts
    assert result.next_sequence > max(found, default=0)
    if result.aside is not None:
        assert result.aside.read_bytes() == before["outbox.db"]
        if before.get("outbox.db-wal"):
            assert result.aside.with_name(result.aside.name + "-wal").read_bytes() == before["outbox.db-wal"]
    return len(found)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_any_damage(
    tmp_path: Path, sample: tuple[Path, dict[int, Kept]], damage: Callable[[Path, random.Random], None]
) -> None:
    folder, kept = sample
    saved = 0
    runs = max(1, SEEDS // len(DAMAGES))
    for run in range(runs):
        chance = random.Random(f"{seed()} {damage.__name__} {run}")  # noqa: S311
        path = tmp_path / str(run) / "outbox.db"
        shutil.copytree(folder, path.parent)
        damage(path, chance)
        before = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
        try:
            saved += assert_salvaged(path, kept, before)
        except AssertionError as error:
            raise AssertionError(f"seed {seed()}, {damage.__name__}, run {run}") from error
        shutil.rmtree(path.parent)
    assert saved > 0


# --- planted bugs ---------------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def parts_are_believed(patch: pytest.MonkeyPatch) -> None:
    """A part comes over whatever its bytes are."""
    patch.setattr(wreck, "_proven", lambda row, _name: None if row is None else row[0])


def envelopes_are_believed(patch: pytest.MonkeyPatch) -> None:
    """An envelope comes over whatever its bytes are."""

    def note(found: survey.Survey, reading: wreck.Reading, row: wreck.Row, _kiosk: int) -> None:
        said = None if row.envelope is None else wreck.named(row.envelope)
        if row.envelope is not None and said is not None:
            name = envelope_hash(row.envelope)
            found.cases[row.sequence] = survey.Case(reading, row, name, said)

    patch.setattr(survey, "_note", note)


def the_wal_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Only the file itself is read."""
    patch.setattr(wreck, "_WITH_WAL", "immutable=1")


def one_scan_is_made(patch: pytest.MonkeyPatch) -> None:
    """The table is read from its beginning to the first row that fails."""

    def scan(reading: wreck.Reading) -> set[int]:
        found = set()
        with contextlib.suppress(apsw.Error):
            found.update(row[0] for row in reading._db.execute("SELECT sequence, hash FROM cases"))
        return found

    patch.setattr(wreck.Reading, "sequences", scan)


def the_original_is_deleted(patch: pytest.MonkeyPatch) -> None:
    """The damaged file goes once the new one is there."""
    finish = rescue._finish

    def finish_and_delete(path: Path) -> Path | None:
        aside = finish(path)
        if aside is not None:
            aside.unlink()
        return aside

    patch.setattr(rescue, "_finish", finish_and_delete)


def any_kiosk_will_do(patch: pytest.MonkeyPatch) -> None:
    """A case comes over though another kiosk sealed it."""
    patch.setattr(survey, "named", lambda envelope: replace(wreck.named(envelope), kiosk=KIOSK))


PLANTED: list[tuple[Plant, Callable[[Path, random.Random], None]]] = [
    (parts_are_believed, random_bytes),
    (envelopes_are_believed, random_bytes),
    (the_wal_is_forgotten, random_bytes),
    (one_scan_is_made, random_bytes),
    (the_original_is_deleted, random_bytes),
    (any_kiosk_will_do, foreign_wal),
]


@pytest.mark.parametrize(("plant", "damage"), PLANTED, ids=lambda each: each.__name__)
def test_a_planted_bug_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sample: tuple[Path, dict[int, Kept]],
    plant: Plant,
    damage: Callable[[Path, random.Random], None],
) -> None:
    folder, kept = sample
    plant(monkeypatch)
    for run in range(40):
        chance = random.Random(f"{seed()} {run}")  # noqa: S311
        path = tmp_path / str(run) / "outbox.db"
        shutil.copytree(folder, path.parent)
        damage(path, chance)
        before = {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
        try:
            assert_salvaged(path, kept, before)
        except (AssertionError, KeyError, OSError):
            return
    pytest.fail("nobody noticed")


# --- by itself ------------------------------------------------------------------------------------------


def test_the_courier_salvages_as_soon_as_nobody_uses_the_damaged_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.post.courier._REOPEN_S", 0.02)
    settings = Settings(
        kiosk_number=KIOSK,
        centre=CentreSettings(url="https://localhost:1"),
        paths=Paths(state=path.parents[1], runtime=tmp_path / "run", keys=tmp_path / "keys"),
    )
    assert settings.paths.outbox == path
    kept = fill(path, 4)
    screen = opened(path)
    screen._db.execute("DELETE FROM chain").fetchall()
    damage_mark(path).touch()
    assert screen.known_damaged
    said: list[tuple[Event, dict[str, object]]] = []
    told = threading.Event()

    def log(event: Event, **fields: object) -> None:
        said.append((event, fields))
        if event in {Event.OUTBOX_NOT_SALVAGED, Event.OUTBOX_SALVAGED}:
            told.set()

    worker = Worker(settings)
    hearers = Hearers(lambda _case, _number: None, lambda _now: None, log, worker.progress)
    worker.start(hearers)
    try:
        assert told.wait(10)
        assert (Event.OUTBOX_NOT_SALVAGED, {"fault": "in_use"}) in said
        screen.close()
        told.clear()
        assert told.wait(20)
        event, fields = said[-1]
        assert event is Event.OUTBOX_SALVAGED
        assert fields == {"cases": 4, "incomplete": 0, "unproven": 0, "chain_kept": False}
    finally:
        worker.stop(5)
    assert contents(path) == kept
