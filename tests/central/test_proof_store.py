"""The gap proof over both databases: incremental, and told by the command."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from central.centre import Centre, now
from central.cli import app
from central.gateway.service import Service
from central.proof.judge import GapState, Range
from central.proof.prover import Findings, Prover, Watch
from central.store import cases, proofs
from central.store.kiosks import Heartbeat
from central.store.schema import CASES, HISTORY, PROVEN
from central.store.store import Store


class Kiosk:
    """Seals one case after the other; what it made may be sent in any order, or not at all."""

    def __init__(self, service: Service, sealing: Any, number: int = 7) -> None:
        self.service, self.sealing, self.number = service, sealing, number
        self.made: list[Any] = []

    def make(self, count: int) -> None:
        for _ in range(count):
            previous = self.made[-1].sha256 if self.made else "0" * 64
            sequence = len(self.made) + 1
            self.made.append(self.sealing.seal(kiosk=self.number, sequence=sequence, previous=previous))

    def send(self, *sequences: int) -> None:
        for sequence in sequences:
            message = self.made[sequence - 1]
            assert self.service.receive_case(self.number, message.case_id, message.body).created

    def tell(self, held: int) -> None:
        self.service.beat(self.number, Heartbeat(held, 60 if held else 0, len(self.made)))


@pytest.fixture
def kiosk(service: Service, sealing: Any) -> Kiosk:
    return Kiosk(service, sealing)


@pytest.fixture
def prover(store: Store) -> Prover:
    return Prover(store, now)


def read_links(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Behind which sequence number links are read from now on."""
    read: list[int] = []
    links = proofs.links

    def noted(db: sa.Connection, kiosk: int, after: int) -> Any:
        read.append(after)
        return links(db, kiosk, after)

    monkeypatch.setattr(proofs, "links", noted)
    return read


def test_a_chain_is_followed_once_and_then_only_its_end(
    kiosk: Kiosk, prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_links(monkeypatch)
    kiosk.make(6)
    kiosk.send(1, 2, 3)
    kiosk.tell(3)
    verdict = prover.prove(7)
    assert verdict.whole
    assert (verdict.present, verdict.absent(GapState.AWAITED)) == ((Range(1, 3),), 3)
    kiosk.send(6, 4)
    assert [gap.range for gap in prover.prove(7).gaps] == [Range(5, 5)]
    kiosk.send(5)
    kiosk.tell(0)
    assert prover.prove(7).present == (Range(1, 6),)
    assert prover.prove(7, from_the_start=True).proven.cases == 6
    assert read == [0, 3, 4, 0]


def test_what_is_taken_away_added_or_changed_after_it_was_proven_is_noticed(
    kiosk: Kiosk, prover: Prover, store: Store
) -> None:
    kiosk.make(6)
    kiosk.send(*range(1, 7))
    kiosk.tell(0)
    assert prover.prove(7).proven.sequence == 6
    with store.writing() as db:
        db.execute(sa.delete(CASES).where(CASES.c.sequence == 3))
    assert [gap.state for gap in prover.prove(7).gaps] == ["missing"]
    kiosk.send(3)
    assert prover.prove(7).whole
    copy = kiosk.sealing.seal(sequence=5, previous=kiosk.made[3].sha256)
    kiosk.service.receive_case(7, copy.case_id, copy.body)
    assert prover.prove(7).forks == (5,)
    with store.writing() as db:
        db.execute(sa.delete(CASES).where(CASES.c.case_id == copy.case_id))
    assert prover.prove(7).whole
    with store.writing() as db:
        db.execute(sa.update(CASES).where(CASES.c.sequence == 2).values(sha256=bytes(range(32))))
    assert prover.prove(7).whole  # an earlier proof is trusted ...
    assert prover.prove(7, from_the_start=True).broken == (3,)  # ... unless one asks for all of it
    with store.reading() as db:
        assert db.execute(sa.select(PROVEN.c.sequence)).scalar_one() == 2


def test_every_kiosk_that_was_ever_heard_of_is_proven(service: Service, sealing: Any, prover: Prover) -> None:
    assert list(prover.prove_all()) == []
    for number in (3, 9999, 0):
        kiosk = Kiosk(service, sealing, number)
        kiosk.make(2)
        kiosk.send(1, 2)
    service.beat(5, Heartbeat(0, 0, 4))
    verdicts = list(prover.prove_all())
    assert [verdict.kiosk for verdict in verdicts] == [0, 3, 5, 9999]
    assert [verdict.whole for verdict in verdicts] == [True, True, False, True]


def test_the_watch_says_once_that_something_is_missing_and_once_that_it_is_not(
    kiosk: Kiosk, prover: Prover, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(prover)
    assert watch.findings is None
    kiosk.make(3)
    kiosk.send(1, 3)
    kiosk.tell(0)
    for _ in range(2):
        watch.look()
    assert watch.findings == Findings(missing=1, not_whole=frozenset({7}))
    kiosk.send(2)
    for _ in range(2):
        watch.look()
    assert watch.findings == Findings()
    assert [record.getMessage() for record in caplog.records] == [
        "the chain of kiosk 0007 is not whole: report-centre proof 7",
        "the chain of kiosk 0007 is whole again",
    ]


def test_the_command_shows_it_and_its_exit_status_says_it(centre: Centre, kiosk: Kiosk, store: Store) -> None:
    at = ["--centre", str(centre.directory), *(["--database", centre.database] if centre.database else [])]

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, *at])
        return result.exit_code, result.output

    kiosk.make(5)
    kiosk.send(1, 2, 5)
    kiosk.tell(2)
    status, words = run("proof")
    assert (status, words.splitlines()[0]) == (0, "0007  whole      1-2, 5")
    assert "3-4 awaited since" in words
    kiosk.tell(1)
    status, words = run("proof", "7", "--json")
    [told] = json.loads(words)
    assert (status, told["whole"], told["gaps"][0]["state"]) == (1, False, "missing")
    assert run("proof")[1].startswith("0007  NOT WHOLE")
    why = ("--by", "supervisor.wong", "--because", "Disk lost in the fire of 20 November")
    assert run("explain", "7", "2", "4", *why)[0] == 1
    assert run("explain", "7", "3", "4", *why)[0] == 0
    assert run("proof", "7") == (0, "0007  whole      1-5\n")
    with store.reading() as db:
        [entry] = db.execute(sa.select(HISTORY)).all()
        assert (entry.actor, entry.action, entry.facts) == (
            "supervisor.wong",
            "gap_explained",
            {"kiosk": 7, "first": 3, "last": 4},
        )
        assert cases.find(db, kiosk.made[0].case_id) is not None
