"""Forward-only migrations: a file passes between this release and the one before, in both directions."""

import json
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import apsw
import pytest

from kiosk.post import outbox_schema
from kiosk.post.envelope import GENESIS, Part, Sealed, Slot, envelope_hash
from kiosk.post.life import CaseState
from kiosk.post.outbox import Outbox, OutboxFault, OutboxProblem
from kiosk.post.outbox_schema import MIGRATIONS, SCHEMA, Migration, applied, user_version
from tests.post.previous_release import outbox as previous

QUOTA = 16_000_000
Either = Outbox | previous.Outbox


def now() -> float:
    return 1000.0


def build(slot: Slot) -> Sealed:
    data = slot.sequence.to_bytes(4, "big") * 100
    part = Part(envelope_hash(data).hex(), data)
    return Sealed(json.dumps({"sequence": slot.sequence, "previous": slot.previous.hex()}).encode(), (part,))


def opened(path: Path) -> Outbox:
    outbox = Outbox.open(path, QUOTA, now)
    assert isinstance(outbox, Outbox)
    return outbox


def opened_before(path: Path) -> previous.Outbox:
    outbox = previous.Outbox.open(path, QUOTA, now)
    assert isinstance(outbox, previous.Outbox)
    return outbox


def keep(outbox: Either, count: int) -> list[UUID]:
    ids = [uuid.uuid4() for _ in range(count)]
    assert all(isinstance(outbox.keep(each, build), Slot) for each in ids)
    return ids


def drain(outbox: Either, most: int = 1000) -> list[tuple[UUID, bytes]]:
    """Receipt up to `most` cases; returns them as they were sent."""
    sent = []
    while len(sent) < most and (case := outbox.next_waiting()):
        (name,) = outbox.part_names(case.sequence)
        assert envelope_hash(outbox.part(case.sequence, name)).hex() == name
        sent.append((case.case_id, outbox.envelope(case.sequence)))
        outbox.receipted(case.sequence, f"ADM RN {case.sequence:08d}")
    assert outbox.scrub()
    return sent


def assert_chain(envelopes: list[bytes]) -> None:
    head = GENESIS
    for sequence, envelope in enumerate(envelopes, start=1):
        assert json.loads(envelope) == {"sequence": sequence, "previous": head.hex()}
        head = envelope_hash(envelope)


def hand_over(path: Path, releases: list[Callable[[Path], Either]]) -> None:
    """Each release in turn keeps four cases, delivers three and leaves the rest to the next; the last all."""
    kept, sent = [], []
    for release in releases:
        outbox = release(path)
        kept += keep(outbox, 4)
        sent += drain(outbox, most=3)
        outbox.close()
    last = releases[-1](path)
    sent += drain(last)
    assert [case_id for case_id, _ in sent] == kept
    assert_chain([envelope for _, envelope in sent])
    assert all(last.official_number(each) for each in kept)
    last.close()


def test_an_update_a_rollback_and_the_update_again(tmp_path: Path) -> None:
    hand_over(tmp_path / "outbox.db", [opened_before, opened, opened_before, opened])


def test_a_file_of_this_release_rolled_back_and_updated(tmp_path: Path) -> None:
    hand_over(tmp_path / "outbox.db", [opened, opened_before, opened, opened_before])


def test_the_release_before_reads_every_state_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = opened(path)
    kept = keep(outbox, 4)
    outbox.sent(1)
    outbox.refused(2, "/problems/too-large")
    outbox.quarantine(2)
    outbox.receipted(3, "ADM RN 00000003")
    assert outbox.scrub()
    outbox.close()
    before = opened_before(path)
    status = before.status()
    assert (status.queued, status.quarantined, status.last_sequence) == (2, 1, 4)
    assert before.official_number(kept[2]) == "ADM RN 00000003"
    before.receipted(1, "ADM RN 00000001")
    before.close()
    outbox = opened(path)
    assert [outbox.state(each) for each in kept] == [
        CaseState.RECEIPTED,
        CaseState.QUARANTINED,
        CaseState.ERASED,
        CaseState.QUEUED,
    ]
    assert outbox.scrub()
    assert outbox.state(kept[0]) is CaseState.ERASED
    outbox.close()


def test_a_full_outbox_of_the_release_before_is_updated_and_drains(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    before = previous.Outbox.open(path, 400_000, now)
    assert isinstance(before, previous.Outbox)
    kept = []
    while isinstance(before.keep(case_id := uuid.uuid4(), build), Slot):
        kept.append(case_id)
    before.close()
    outbox = Outbox.open(path, 400_000, now)
    assert isinstance(outbox, Outbox)
    assert [case_id for case_id, _ in drain(outbox)] == kept
    assert len(kept) > 100
    outbox.close()


def test_the_file_says_who_can_use_it_and_what_was_applied(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    opened(path).close()
    db = apsw.Connection(str(path))
    assert user_version(db) == previous.SCHEMA_VERSION
    assert applied(db) == SCHEMA
    assert db.execute("SELECT step, applied_at FROM migrations").fetchall() == [(1, 1000), (2, 1000)]
    db.close()


def test_a_file_that_only_a_newer_release_can_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    opened(path).close()
    db = apsw.Connection(str(path))
    db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.execute("INSERT INTO migrations VALUES (?, 0)", (SCHEMA + 1,))
    db.close()
    before = path.read_bytes()
    problem = Outbox.open(path, QUOTA, now)
    assert isinstance(problem, OutboxProblem)
    assert problem.fault is OutboxFault.NEWER
    assert path.read_bytes() == before


def test_a_later_step_that_this_release_does_not_know_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    opened(path).close()
    db = apsw.Connection(str(path))
    db.execute("ALTER TABLE cases ADD COLUMN later TEXT; INSERT INTO migrations VALUES (?, 0)", (SCHEMA + 1,))
    db.close()
    outbox = opened(path)
    keep(outbox, 1)
    assert len(drain(outbox)) == 1
    outbox.close()


def test_the_first_sequence_counts_only_for_a_file_that_is_made_now(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    for first in (5001, 1, 9000):
        outbox = Outbox.open(path, QUOTA, now, first_sequence=first)
        assert isinstance(outbox, Outbox)
        keep(outbox, 1)
        outbox.close()
    last = opened(path)
    assert [json.loads(envelope)["sequence"] for _, envelope in drain(last)] == [5001, 5002, 5003]
    last.close()


@pytest.mark.parametrize("broken", range(len(MIGRATIONS)))
def test_a_step_that_fails_half_way_has_done_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    path = tmp_path / "outbox.db"
    whole = MIGRATIONS[broken]
    half = Migration(whole.step, whole.sql + "SELECT no_such_function();", whole.readable_from)
    steps = [*MIGRATIONS[:broken], half, *MIGRATIONS[broken + 1 :]]
    monkeypatch.setattr(outbox_schema, "MIGRATIONS", tuple(steps))
    assert isinstance(Outbox.open(path, QUOTA, now), OutboxProblem)
    db = apsw.Connection(str(path))
    assert applied(db) == broken
    db.close()
    monkeypatch.undo()
    outbox = opened(path)
    keep(outbox, 1)
    assert len(drain(outbox)) == 1
    outbox.close()


def test_killed_between_two_steps_it_goes_on_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "outbox.db"
    monkeypatch.setattr(outbox_schema, "MIGRATIONS", MIGRATIONS[:1])
    child = os.fork()
    if child == 0:
        Outbox.open(path, QUOTA, now)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    monkeypatch.undo()
    db = apsw.Connection(str(path))
    assert applied(db) == 1
    db.close()
    hand_over(path, [opened, opened_before])
