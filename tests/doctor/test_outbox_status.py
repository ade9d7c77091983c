"""`kiosk outbox status`: what waits, what the courier does, and what to do; nothing of a report."""

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk.commands.app import app
from kiosk.post.desk import Report
from kiosk.post.envelope import Sealed, Slot
from kiosk.post.outbox import Outbox

SAID = Report(
    reachable=False,
    queued=2,
    quarantined=1,
    oldest_age_s=7200,
    breaker="barred",
    next_try_s=55,
    problem="timed_out",
    problem_age_s=40,
    certificate_days=61,
    key_set_version=3,
    key_set_expired=False,
    drain_per_minute=60.0,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kiosk with three reports, one of them refused."""
    for name in ("state", "runtime", "keys"):
        monkeypatch.setenv(f"KIOSK__PATHS__{name.upper()}", str(tmp_path / name))
    (tmp_path / "runtime").mkdir()
    outbox = Outbox.open(tmp_path / "state" / "outbox" / "outbox.db", 64_000_000)
    assert isinstance(outbox, Outbox)
    for number in range(3):
        case_id = uuid.UUID(int=number, version=4)
        assert isinstance(outbox.keep(case_id, lambda _slot: Sealed(b'{"secret": "canary"}')), Slot)
    outbox.refused(2, "/problems/too-large")
    outbox.quarantine(2)
    outbox.close()
    return tmp_path


@pytest.fixture
def courier(folder: Path) -> Iterator[None]:
    """A courier that answers once."""

    def serve() -> None:
        caller, _ = server.accept()
        with caller, caller.makefile("rb") as asked:
            assert json.loads(asked.readline()) == {"ask": "status"}
            caller.sendall(json.dumps({"event": "status", **asdict(SAID)}).encode() + b"\n")

    with socket.create_server(str(folder / "runtime" / "courier.sock"), family=socket.AF_UNIX) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(10)


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["outbox", "status", "--profile", "demo", *words])


@pytest.mark.usefixtures("courier")
def test_it_is_told_for_people_in_columns() -> None:
    result = typed()
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith("mend   outbox   1 refused by the centre; 2 waiting, the oldest for ")
    assert lines[1].startswith(" " * 16 + "→ `kiosk outbox quarantine` says why;")
    assert lines[2] == "works  courier  2 wait for delivery; at most 60 a minute"
    assert "timed out 40 s ago; next try in 55 s" in lines[3]
    assert lines[4].strip().startswith("→ check cable, network")
    assert "canary" not in result.output


@pytest.mark.usefixtures("courier")
def test_it_is_told_whole_for_programs() -> None:
    told = json.loads(typed("--json").stdout)
    assert (told["outbox"]["queued"], told["outbox"]["quarantined"]) == (2, 1)
    assert told["courier"] == asdict(SAID)
    assert {finding["part"] for finding in told["findings"]} == {"outbox", "courier", "centre", "keys"}


@pytest.mark.usefixtures("folder")
def test_without_a_courier_the_outbox_is_still_told() -> None:
    told = json.loads(typed("--json").stdout)
    assert told["outbox"]["queued"] == 2
    assert told["courier"] is None
    assert "nobody answers" in typed().stdout


def test_a_damaged_outbox_names_its_remedy(folder: Path) -> None:
    (folder / "state" / "outbox" / "outbox.db").write_bytes(b"no database" * 1000)
    result = typed()
    assert result.exit_code == 1
    assert "kiosk outbox salvage" in result.stdout
    assert json.loads(typed("--json").stdout)["outbox"] is None
