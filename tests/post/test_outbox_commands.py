"""What a technician types: quarantine, release, salvage."""

import json
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk.commands.app import app
from kiosk.post.envelope import Sealed, Slot
from kiosk.post.outbox import Outbox


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """The outbox of a development kiosk, with three cases."""
    monkeypatch.setenv("KIOSK__PATHS__STATE", str(tmp_path))
    opened = Outbox.open(tmp_path / "outbox" / "outbox.db", 64_000_000)
    assert isinstance(opened, Outbox)
    for number in range(3):
        case_id = uuid.UUID(int=number, version=4)
        slot = opened.keep(case_id, lambda slot: Sealed(b'{"not": "an envelope"}' * slot.sequence))
        assert isinstance(slot, Slot)
    return opened


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["outbox", *words, "--profile", "demo"])


def test_quarantine_is_listed_and_released(outbox: Outbox) -> None:
    assert "no report is in quarantine" in typed("quarantine").output
    for sequence in (1, 3):
        outbox.refused(sequence, "/problems/too-large")
        outbox.quarantine(sequence)
    first, third = outbox.quarantined()
    said = typed("quarantine").output
    assert str(first.case_id) in said
    assert "refused 1 times" in said
    assert "/problems/too-large" in said
    assert [case["sequence"] for case in json.loads(typed("quarantine", "--json").output)] == [1, 3]
    assert typed("release", str(first.case_id)).output == "1 released\n"
    assert outbox.quarantined() == [third]
    assert typed("release", str(first.case_id)).exit_code == 1
    assert typed("release", "--all").output == "1 released\n"
    assert outbox.quarantined() == []
    outbox.close()


@pytest.mark.parametrize("words", [[], [str(uuid.uuid4()), "--all"]])
def test_a_release_names_one_or_all(outbox: Outbox, words: list[str]) -> None:
    assert typed("release", *words).exit_code == 1
    outbox.close()


def test_salvage_waits_until_nobody_uses_the_outbox(outbox: Outbox) -> None:
    result = typed("salvage")
    assert result.exit_code == 1
    assert "systemctl stop" in result.stderr
    outbox.close()


def test_salvage_says_what_came_of_it(outbox: Outbox, tmp_path: Path) -> None:
    for _ in range(3):
        waiting = outbox.next_waiting()
        assert waiting is not None
        outbox.receipted(waiting.sequence, "ADM RN 26000001")
    outbox.close()
    result = typed("salvage", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {
        "aside": None,
        "cases": 0,
        "incomplete": [],
        "unproven": [],
        "next_sequence": 4,
        "chain_kept": True,
    }
    (tmp_path / "outbox" / "outbox.db").write_bytes(b"")
    assert "--continue-at" in typed("salvage").stderr
    assert typed("salvage", "--continue-at", "2000").exit_code == 0
    assert "last number 1999;" in typed("status").output
