"""The durable queue: what is kept stays, what is receipted is gone from the disk, nothing is half done."""

import hashlib
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import apsw
import pytest

from kiosk.post.envelope import GENESIS, Part, Sealed, Slot, envelope_hash
from kiosk.post.outbox import (
    REMEMBERED,
    NotKeptReason,
    Outbox,
    OutboxFault,
    OutboxProblem,
    StorageError,
)

MB = 1_000_000
CANARY = b"CANARY-CIPHERTEXT-"


def sealed(text: bytes = b"", parts: int = 0, size: int = 100) -> Callable[[Slot], Sealed]:
    def build(slot: Slot) -> Sealed:
        data = [CANARY + bytes([n]) * size for n in range(parts)]
        named = tuple(Part(hashlib.sha256(each).hexdigest(), each) for each in data)
        return Sealed(CANARY + text + str(slot.sequence).encode(), named)

    return build


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox" / "outbox.db"


def opened(path: Path, quota: int = 64 * MB, now: Callable[[], float] = lambda: 1000.0) -> Outbox:
    outbox = Outbox.open(path, quota, now)
    assert isinstance(outbox, Outbox)
    return outbox


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = opened(path)
    yield outbox
    outbox.close()


def keep(outbox: Outbox, **more: int) -> tuple[UUID, Slot]:
    case_id = uuid.uuid4()
    slot = outbox.keep(case_id, sealed(**more))  # type: ignore[arg-type]  # only numbers are given here
    assert isinstance(slot, Slot)
    return case_id, slot


def disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_cases_form_a_chain(outbox: Outbox) -> None:
    (_, first), (_, second) = keep(outbox), keep(outbox)
    assert (first.sequence, first.previous) == (1, GENESIS)
    assert (second.sequence, second.previous) == (2, envelope_hash(outbox.envelope(1)))


def test_the_same_case_is_kept_once(outbox: Outbox) -> None:
    case_id, slot = keep(outbox)
    keep(outbox)
    assert outbox.keep(case_id, lambda _slot: pytest.fail("sealed again")) == slot
    assert outbox.status().queued == 2
    outbox.receipted(slot.sequence, "ADM RN 26000001")
    assert outbox.keep(case_id, lambda _slot: pytest.fail("sealed again")) == slot


def test_what_fails_while_sealing_leaves_no_trace(outbox: Outbox) -> None:
    def fail(_slot: Slot) -> Sealed:
        raise LookupError

    keep(outbox)
    with pytest.raises(LookupError):
        outbox.keep(uuid.uuid4(), fail)
    _, slot = keep(outbox)
    assert slot.sequence == 2
    assert outbox.status().queued == 2


def test_it_survives_being_closed_and_being_dropped(path: Path) -> None:
    first = opened(path)
    case_id, slot = keep(first, parts=2)
    first.close()
    keep(opened(path))  # never closed
    again = opened(path)
    waiting = again.next_waiting()
    assert waiting is not None
    assert (waiting.case_id, waiting.sequence) == (case_id, slot.sequence)
    assert len(again.part_names(1)) == 2
    assert again.status().last_sequence == 2


def test_the_settings_that_the_promise_rests_on(outbox: Outbox) -> None:
    def pragma(name: str) -> object:
        return outbox._db.pragma(name)

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("secure_delete") == 1  # ON, not FAST
    assert pragma("max_page_count") == 64 * MB // 4096
    assert pragma("foreign_keys") == 1
    assert pragma("mmap_size") in (0, None)


def test_receipted_ciphertext_is_gone_from_the_disk(path: Path, outbox: Outbox) -> None:
    kept = [keep(outbox, parts=3, size=20_000) for _ in range(4)]
    assert CANARY in disk(path)
    for case_id, slot in kept:
        outbox.receipted(slot.sequence, f"ADM RN 2600000{slot.sequence}")
        assert outbox.official_number(case_id) == f"ADM RN 2600000{slot.sequence}"
    assert outbox.scrub()
    assert CANARY not in disk(path)
    assert outbox.next_waiting() is None
    assert outbox.status().queued == 0


def test_a_reader_delays_the_scrub_and_nothing_else(path: Path, outbox: Outbox) -> None:
    _, slot = keep(outbox)
    reader = opened(path)
    reader._db.execute("BEGIN").fetchall()
    reader.status()
    outbox._db.execute("PRAGMA busy_timeout = 1").fetchall()
    outbox.receipted(slot.sequence, "ADM RN 26000001")
    assert not outbox.scrub()
    reader._db.execute("COMMIT").fetchall()
    assert outbox.scrub()
    assert CANARY not in disk(path)


def test_official_numbers_are_forgotten_by_count_and_the_queue_never(outbox: Outbox) -> None:
    waiting, _ = keep(outbox)
    first, slot = keep(outbox)
    outbox.receipted(slot.sequence, "ADM RN 26000000")
    for number in range(REMEMBERED):
        assert outbox.official_number(first) == "ADM RN 26000000"
        _, slot = keep(outbox)
        outbox.receipted(slot.sequence, f"ADM RN {number}")
    assert outbox.official_number(first) is None
    assert outbox.find_waiting(waiting) is not None


def test_a_full_outbox_refuses_and_still_drains(path: Path) -> None:
    outbox = opened(path, quota=4 * MB)
    assert outbox.has_room(MB)
    assert not outbox.has_room(4 * MB)
    kept, result = 0, outbox.keep(uuid.uuid4(), sealed(parts=1, size=200_000))
    while isinstance(result, Slot):
        kept, result = kept + 1, outbox.keep(uuid.uuid4(), sealed(parts=1, size=200_000))
    assert result is NotKeptReason.NO_ROOM
    assert kept > 10
    assert outbox.status().last_sequence == outbox.status().queued == kept
    assert not outbox.has_room(200_000)
    assert path.stat().st_size <= 4 * MB
    while waiting := outbox.next_waiting():
        outbox.receipted(waiting.sequence, "ADM RN 26000001")
    assert outbox.scrub()
    assert CANARY not in disk(path)
    assert outbox.has_room(MB)
    assert keep(outbox)[1].sequence == kept + 1


def test_what_has_room_is_kept(path: Path) -> None:
    """Admission is a promise: a report that was let in fits."""
    outbox, size = opened(path, quota=4 * MB), 300_000
    while outbox.has_room(size):
        keep(outbox, parts=3, size=size // 3)
    assert outbox.status().queued > 5


def test_refusals_are_counted_and_quarantine_keeps_the_case(path: Path) -> None:
    clock = [1000.0]
    outbox = opened(path, now=lambda: clock[0])
    _, slot = keep(outbox)
    keep(outbox)
    assert outbox.refused(slot.sequence) == (1, 0)
    clock[0] += 1800
    assert outbox.refused(slot.sequence) == (2, 1800)
    outbox.quarantine(slot.sequence)
    status = outbox.status()
    assert (status.queued, status.quarantined, status.oldest_age_s) == (1, 1, 1800)
    waiting = outbox.next_waiting()
    assert waiting is not None
    assert (waiting.quarantined, waiting.refusals) == (True, 2)
    assert outbox.envelope(slot.sequence).startswith(CANARY)


def test_a_clock_that_goes_back_makes_nobody_younger_than_now(path: Path) -> None:
    clock = [1e9]
    outbox = opened(path, now=lambda: clock[0])
    keep(outbox)
    clock[0] = 0.0
    assert outbox.status().oldest_age_s == 0


@pytest.mark.parametrize("damage", ["header", "chain", "text"])
def test_a_damaged_file_is_named_and_left_alone(path: Path, damage: str) -> None:
    outbox = opened(path)
    keep(outbox)
    if damage == "chain":
        outbox._db.execute("DELETE FROM chain").fetchall()
    outbox.close()
    if damage == "header":
        path.write_bytes(b"\x00" * 4096 + path.read_bytes()[4096:])
    if damage == "text":
        path.write_text("this is no database" * 1000)
    before = path.read_bytes()
    problem = Outbox.open(path, 64 * MB)
    assert isinstance(problem, OutboxProblem)
    assert problem.fault is OutboxFault.DAMAGED
    assert "technician" in problem.remedy
    assert path.read_bytes() == before


def test_a_file_of_a_newer_release_is_not_touched(path: Path) -> None:
    outbox = opened(path)
    outbox._db.execute("PRAGMA user_version = 99").fetchall()
    outbox.close()
    problem = Outbox.open(path, 64 * MB)
    assert isinstance(problem, OutboxProblem)
    assert problem.fault is OutboxFault.NEWER


def test_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    problem = Outbox.open(tmp_path / "file" / "outbox.db", 64 * MB)
    assert isinstance(problem, OutboxProblem)
    assert problem.fault is OutboxFault.UNAVAILABLE


def test_a_storage_that_fails_is_a_value_for_the_screen_and_an_error_for_the_courier(path: Path) -> None:
    outbox = opened(path)
    keep(outbox)
    outbox._db.execute("PRAGMA query_only = ON").fetchall()
    assert outbox.keep(uuid.uuid4(), sealed()) is NotKeptReason.STORAGE_FAILED
    with pytest.raises(StorageError):
        outbox.receipted(1, "ADM RN 26000001")
    assert outbox.status().queued == 1


def test_two_processes_use_it_at_once(path: Path) -> None:
    """A screen keeps 60 cases while a courier receipts them; both begin on a file that does not exist."""
    screen = (
        "import sys, uuid; from pathlib import Path;"
        "from kiosk.post.outbox import Outbox; from kiosk.post.envelope import Sealed, Slot\n"
        "outbox = Outbox.open(Path(sys.argv[1]), 64_000_000)\n"
        "build = lambda slot: Sealed(b'x' * 5000)\n"
        "for _ in range(30): assert isinstance(outbox.keep(uuid.uuid4(), build), Slot)"
    )
    screens = [subprocess.Popen([sys.executable, "-c", screen, str(path)]) for _ in range(2)]
    courier = opened(path)
    receipted = 0
    while receipted < 60:
        waiting = courier.next_waiting()
        if waiting is not None:
            courier.receipted(waiting.sequence, f"ADM RN {waiting.sequence}")
            receipted += 1
        elif all(process.poll() is not None for process in screens):
            assert courier.next_waiting() is not None, "cases were lost"
    assert [process.wait() for process in screens] == [0, 0]
    assert courier.status().last_sequence == 60
    assert courier.next_waiting() is None


def test_apsw_brings_its_own_current_sqlite() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 50, 0)
