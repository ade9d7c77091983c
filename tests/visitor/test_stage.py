"""The line between a player and its stage manager."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.played.stage import Request, Stage, StageDoor, StageError


def serve(request: Request) -> Request:
    if request == {"fail": True}:
        raise ValueError("no such plug")
    return {"heard": request}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[StageDoor]:
    with Stage(tmp_path / "stage", serve, lambda: None), closing(StageDoor(tmp_path / "stage")) as door:
        yield door


def test_what_is_asked_is_done_and_answered(door: StageDoor) -> None:
    assert door.ask(scan="P<") == {"heard": {"scan": "P<"}}


def test_what_cannot_be_done_is_said(door: StageDoor) -> None:
    with pytest.raises(StageError, match="no such plug"):
        door.ask(fail=True)


def test_a_player_that_goes_is_noticed(tmp_path: Path) -> None:
    gone = threading.Event()
    with Stage(tmp_path / "stage", serve, gone.set):
        door = StageDoor(tmp_path / "stage")
        door.ask(enter=True)
        door.close()
        assert gone.wait(5)


def test_nobody_listens_afterwards(tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", serve, lambda: None):
        pass
    with pytest.raises(OSError, match="No such file"):
        StageDoor(tmp_path / "stage")
