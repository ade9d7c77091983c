"""Full: the quota, or the whole file system. Nothing is accepted then, nothing is lost, and it drains."""

import hashlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.post.envelope import MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, PIECE, Part, Sealed, Slot
from kiosk.post.outbox import NotKeptReason, Outbox
from kiosk.post.room import disk_for, room_for, shares_file_system

MB = 1 << 20
FILE_SYSTEM = 16 * MB
BALLAST = b"\xa5" * 4096


def opened(path: Path, quota: int) -> Outbox:
    outbox = Outbox.open(path, quota, lambda: 1000.0)
    assert isinstance(outbox, Outbox)
    return outbox


def report(size: int) -> Sealed:
    """A report with about `size` bytes in pieces as the envelope cuts them."""
    pieces = [os.urandom(min(PIECE, size - start)) for start in range(0, size, PIECE)]
    return Sealed(os.urandom(6000), tuple(Part(hashlib.sha256(each).hexdigest(), each) for each in pieces))


def fill(outbox: Outbox, size: int) -> tuple[list[UUID], NotKeptReason]:
    """Keep reports of `size` bytes until one is not kept."""
    kept = []
    while isinstance(result := outbox.keep(case_id := uuid.uuid4(), lambda _slot: report(size)), Slot):
        kept.append(case_id)
    return kept, result


def drain(outbox: Outbox) -> list[UUID]:
    sent = []
    while case := outbox.next_waiting():
        sent.append(case.case_id)
        outbox.receipted(case.sequence, "ADM RN 26000001")
    return sent


def mount(place: Path, *arguments: str) -> None:
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    done = subprocess.run(["mount", *arguments, str(place)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this machine mounts no {arguments[1]}: {done.stderr.strip()}")


@pytest.fixture(params=["tmpfs", "ext4"])
def own_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A real file system of 16 MiB."""
    place = tmp_path / "disk"
    if request.param == "tmpfs":
        mount(place, "-t", "tmpfs", "-o", f"size={FILE_SYSTEM}", "tmpfs")
    else:
        image = tmp_path / "image"
        with image.open("wb") as file:
            file.truncate(FILE_SYSTEM)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image)], check=True)
        mount(place, "-t", "ext4", "-o", "loop", str(image))
    yield place
    subprocess.run(["umount", str(place)], check=True)


def stuff(place: Path) -> None:
    """Somebody else fills the file system to the last byte."""
    with (place / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(BALLAST):
                pass
        except OSError:
            return


def test_a_full_quota_on_its_own_file_system_drains_completely(own_disk: Path) -> None:
    outbox = opened(own_disk / "outbox.db", 6 * MB)
    kept, reason = fill(outbox, 200_000)
    assert reason is NotKeptReason.NO_ROOM
    assert len(kept) > 20
    assert drain(outbox) == kept
    assert outbox.scrub()
    assert outbox.has_room(1_000_000)
    outbox.close()


def test_a_file_system_that_somebody_else_fills_loses_nothing(own_disk: Path) -> None:
    outbox = opened(own_disk / "outbox.db", 6 * MB)
    kept = [uuid.uuid4() for _ in range(8)]
    assert all(isinstance(outbox.keep(each, lambda _slot: report(200_000)), Slot) for each in kept)
    stuff(own_disk)
    assert not outbox.has_room(1)
    more, reason = fill(outbox, 200_000)
    assert reason in {NotKeptReason.NO_ROOM, NotKeptReason.STORAGE_FAILED}
    outbox.close()
    (own_disk / "ballast").unlink()
    outbox = opened(own_disk / "outbox.db", 6 * MB)
    assert drain(outbox) == kept + more
    assert outbox.scrub()
    outbox.close()


def test_what_was_admitted_fits_and_can_be_erased(own_disk: Path) -> None:
    """The largest report that is admitted is kept and erased, in the last room there is."""
    outbox, size = opened(own_disk / "outbox.db", FILE_SYSTEM), 2 * MB
    kept = []
    while outbox.has_room(size):
        case_id = uuid.uuid4()
        assert isinstance(outbox.keep(case_id, lambda _slot: report(size)), Slot)
        kept.append(case_id)
    assert kept
    assert drain(outbox) == kept
    assert outbox.scrub()
    outbox.close()


def test_the_largest_report_there_can_be_takes_no_more_than_was_asked_for(tmp_path: Path) -> None:
    quota = room_for(MAX_ATTACHMENT_BYTES) + 2 * MB
    if shutil.disk_usage(tmp_path).free < disk_for(MAX_ATTACHMENT_BYTES) + quota:
        pytest.skip("the disk has no room for the largest report")
    outbox = opened(tmp_path / "outbox.db", quota)
    each = MAX_ATTACHMENT_BYTES // MAX_ATTACHMENTS
    pieces = [
        os.urandom(min(PIECE, each - start) + 16)
        for _ in range(MAX_ATTACHMENTS)
        for start in range(0, each, PIECE)
    ]
    parts = tuple(Part(hashlib.sha256(piece).hexdigest(), piece) for piece in pieces)
    sealed = Sealed(os.urandom(100_000), parts)
    assert outbox.has_room(sealed.size)
    before = outbox.status().used
    assert isinstance(outbox.keep(uuid.uuid4(), lambda _slot: sealed), Slot)
    assert outbox.status().used - before <= room_for(sealed.size)
    assert not outbox.has_room(sealed.size)
    outbox.close()


def test_whether_the_outbox_has_a_file_system_of_its_own(own_disk: Path, tmp_path: Path) -> None:
    assert not shares_file_system(own_disk / "state" / "outbox.db", tmp_path)
    assert shares_file_system(tmp_path / "not" / "made" / "outbox.db", tmp_path)
