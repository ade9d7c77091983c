"""Whatever storage call fails: what is told is true, nothing is lost, and work goes on when it is mended."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.post.envelope import Slot
from kiosk.post.outbox import NotKeptReason
from tests.prove.scale import size
from tests.prove.storage import check, mutants
from tests.prove.storage.book import Book, Draft
from tests.prove.storage.faults import all_flows, campaign, keep, office, submit_flows
from tests.prove.storage.recorder import picture, scratch
from tests.prove.storage.workload import Promise

pytestmark = pytest.mark.slow


def test_every_storage_call_may_fail() -> None:
    outcome = campaign(all_flows() if size(0, 1) else submit_flows()[:3])
    assert not outcome.failures, "\n".join([outcome.summary, *outcome.failures[:10]])


@pytest.mark.parametrize("name", mutants.FAULTS)
def test_a_planted_bug_is_noticed(name: str) -> None:
    flows = {flow.name: flow for flow in all_flows()}
    mutant = mutants.FAULTS[name]
    with mutant.plant():
        outcome = campaign((flows[mutant.where],), until=3)
    assert any(mutant.noticed_as in failure for failure in outcome.failures), outcome.failures


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    """Cases are kept until the disk is full; that is then said; with room again they are kept again."""
    (small_disk / "ballast").write_bytes(bytes(500_000))
    desk, book = office(small_disk), Book()
    drafts = [Draft(f"case {number}", parts=(90_000,)) for number in range(30)]
    refused = []
    for draft in drafts:
        answer = keep(desk, draft)
        if isinstance(answer, Slot):
            book = book.kept(draft)
        else:
            refused.append((draft, answer))
    assert len(book.entries) > 3
    assert {reason for _, reason in refused} <= {NotKeptReason.NO_ROOM, NotKeptReason.STORAGE_FAILED}
    assert not desk.has_room(90_000)
    (small_disk / "ballast").unlink()
    draft, _ = refused[0]
    assert isinstance(keep(desk, draft), Slot)
    desk.close()
    with scratch() as root:
        assert check.wrong(picture(small_disk), Promise((book.kept(draft),)), root) is None
