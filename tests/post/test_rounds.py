"""The courier's rounds against a centre, a clock and a chance that the test owns."""

import queue
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from config.event_names import Event
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.outbox import Outbox, Status, StorageError
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply
from kiosk.post.receipts import Receipt
from kiosk.post.rounds import HEARTBEAT_S, LOOK_S, Hearers, Rounds

Answer = Reply | NoReply
UNREACHABLE = NoReply(Failure.UNREACHABLE)


class FakeCentre:
    """Acknowledges everything, unless told otherwise for one case or for all."""

    def __init__(self) -> None:
        self.put: list[UUID] = []
        self.parts: dict[UUID, set[str]] = {}
        self.beats: list[Status] = []
        self.answers: dict[UUID, Answer] = {}
        self.down: Answer | None = None
        self.forgets_parts = False
        self.on_put: Callable[[], None] = lambda: None

    def put_case(self, case_id: UUID, _envelope: bytes) -> Answer:
        self.put.append(case_id)
        self.on_put()
        if self.forgets_parts:
            self.forgets_parts = False
            self.parts.clear()
            return Reply(409, explained=True, problem="/problems/parts-missing")
        return self.down or self.answers.get(case_id) or Reply(201, Receipt(f"ADM RN {len(self.put)}"))

    def put_part(self, case_id: UUID, sha256: str, _sealed: bytes) -> Answer | None:
        if self.down is None:
            self.parts.setdefault(case_id, set()).add(sha256)
        return self.down

    def parts_present(self, case_id: UUID) -> Answer | frozenset[str]:
        return self.down or frozenset(self.parts.get(case_id, ()))

    def heartbeat(self, status: Status) -> Answer | Alive:
        self.beats.append(status)
        return self.down or Alive(1)


class Bench:
    """Rounds on a real outbox."""

    def __init__(self, path: Path) -> None:
        self.now = 1000.0
        self.wall = 5_000_000.0
        self.centre = FakeCentre()
        self.receipted: dict[UUID, str] = {}
        self.reachable: list[bool] = []
        self.log: list[tuple[Event, dict[str, object]]] = []
        self.wanted: queue.SimpleQueue[UUID] = queue.SimpleQueue()
        outbox = Outbox.open(path, 64_000_000, lambda: self.wall)
        assert isinstance(outbox, Outbox)
        self.outbox = outbox
        self._rounds: Rounds | None = None

    @property
    def rounds(self) -> Rounds:
        if self._rounds is None:
            hearers = Hearers(self.receipted.__setitem__, self.reachable.append, self._log, lambda: None)
            self._rounds = Rounds(
                self.outbox, self.centre, self.wanted, hearers, lambda: self.now, lambda _low, high: high
            )
        return self._rounds

    def _log(self, event: Event, **fields: object) -> None:
        self.log.append((event, fields))

    def events(self) -> list[Event]:
        return [event for event, _ in self.log]

    def keep(self, parts: int = 0) -> UUID:
        case_id = uuid.uuid4()
        named = tuple(Part(f"{n:064x}", bytes([n])) for n in range(parts))
        assert isinstance(self.outbox.keep(case_id, lambda _slot: Sealed(b"sealed", named)), Slot)
        return case_id

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "outbox.db")
    yield bench
    bench.outbox.close()


def test_cases_go_in_their_order_and_everybody_is_told(bench: Bench) -> None:
    bench.rounds.round()
    kept = [bench.keep() for _ in range(3)]
    assert bench.rounds.round() == LOOK_S
    assert bench.centre.put == kept
    assert bench.receipted == {case_id: f"ADM RN {n}" for n, case_id in enumerate(kept, 1)}
    assert bench.reachable == [True]
    assert bench.events() == [Event.CENTRE_REACHABLE] + [Event.CASE_DELIVERED] * 3
    assert bench.outbox.next_waiting() is None


def test_a_case_that_somebody_waits_for_goes_first_even_in_the_middle_of_a_round(bench: Bench) -> None:
    bench.rounds.round()
    kept = [bench.keep() for _ in range(6)]
    bench.wanted.put(kept[4])
    bench.centre.on_put = lambda: bench.wanted.put(kept[5]) if len(bench.centre.put) == 2 else None
    bench.rounds.round()
    assert bench.centre.put == [kept[n] for n in (4, 0, 5, 1, 2, 3)]


def test_a_case_that_is_wanted_when_its_turn_comes_is_sent_once(bench: Bench) -> None:
    bench.rounds.round()
    kept = [bench.keep() for _ in range(3)]
    bench.centre.on_put = lambda: bench.wanted.put(kept[1])
    bench.rounds.round()
    assert bench.centre.put == kept


@pytest.mark.parametrize(
    "answer",
    [
        Reply(422, explained=True, problem="/problems/does-not-open"),
        Reply(403, explained=True, problem="/problems/wrong-kiosk"),
        Reply(413, explained=True),
        Reply(409),
    ],
)
def test_one_broken_case_does_not_block_the_others(bench: Bench, answer: Reply) -> None:
    bench.rounds.round()
    broken, *others = [bench.keep() for _ in range(4)]
    bench.centre.answers[broken] = answer
    bench.rounds.round()
    assert list(bench.receipted) == others
    assert bench.outbox.status().queued == 1


@pytest.mark.parametrize("answer", [Reply(500), UNREACHABLE, NoReply(Failure.NOT_THE_CENTRE), Reply(200)])
def test_a_case_at_which_the_centre_breaks_lets_the_others_pass_after_a_probe(
    bench: Bench, answer: Answer
) -> None:
    bench.rounds.round()
    broken, *others = [bench.keep() for _ in range(4)]
    bench.centre.answers[broken] = answer
    for _ in range(4):
        bench.pass_time(bench.rounds.round())
    assert sorted(bench.receipted) == sorted(others)
    assert bench.outbox.status().queued == 1


def test_an_outage_is_probed_by_heartbeats_ever_less_often_and_ends_by_itself(bench: Bench) -> None:
    bench.rounds.round()
    kept = [bench.keep() for _ in range(3)]
    bench.centre.down = UNREACHABLE
    pauses = []
    for _ in range(6):
        pauses.append(bench.rounds.round())
        bench.pass_time(pauses[-1])
    assert pauses == [5, 10, 20, 40, 80, 160]
    assert bench.centre.put == kept[:1]  # one case noticed the outage; the rest were only probes
    assert bench.reachable == [True, False]
    bench.centre.down = None
    bench.rounds.round()
    assert sorted(bench.receipted) == sorted(kept)
    assert bench.reachable == [True, False, True]


def test_retry_after_holds_all_cases_and_no_visitor_breaks_it(bench: Bench) -> None:
    bench.rounds.round()
    kept = [bench.keep() for _ in range(2)]
    bench.centre.down = Reply(503, retry_after_s=300)
    assert bench.rounds.round() == 300
    bench.centre.down = None
    bench.wanted.put(kept[1])
    assert bench.rounds.round() == 300
    assert len(bench.centre.put) == 1
    bench.pass_time(300)
    bench.rounds.round()
    assert sorted(bench.receipted) == sorted(kept)


def test_a_visitor_who_waits_makes_it_look_at_once_whether_the_centre_is_back(bench: Bench) -> None:
    bench.rounds.round()
    first = bench.keep()
    bench.centre.down = UNREACHABLE
    for _ in range(8):
        bench.pass_time(bench.rounds.round())
    assert bench.rounds.round() == 900
    bench.centre.down = None
    second = bench.keep()
    bench.wanted.put(second)
    bench.rounds.round()
    assert list(bench.receipted) == [second, first]


def test_a_restart_with_a_backlog_waits_a_little(bench: Bench) -> None:
    kept = [bench.keep() for _ in range(3)]
    assert bench.rounds.round() == 15
    assert bench.centre.put == bench.centre.beats == []
    bench.pass_time(15)
    bench.rounds.round()
    assert bench.centre.put == kept


def test_a_restart_after_a_long_outage_waits_at_most_a_minute(bench: Bench) -> None:
    for _ in range(30):
        bench.keep()
    assert bench.rounds.round() == 60


def test_heartbeats_tell_of_the_queue_when_nothing_else_is_said(bench: Bench) -> None:
    bench.rounds.round()
    assert len(bench.centre.beats) == 1
    bench.rounds.round()
    assert len(bench.centre.beats) == 1
    bench.pass_time(HEARTBEAT_S)
    bench.rounds.round()
    assert len(bench.centre.beats) == 2
    assert bench.centre.beats[-1].last_sequence == 0


def test_refused_for_an_hour_it_is_set_apart_and_still_offered_once_a_day(bench: Bench) -> None:
    bench.rounds.round()
    refused = bench.keep()
    bench.centre.answers[refused] = Reply(422, explained=True)
    offered = []
    for _ in range(int(4 * 86400 / 600)):
        before = len(bench.centre.put)
        bench.rounds.round()
        offered += [bench.now - 1000.0] * (len(bench.centre.put) - before)
        bench.pass_time(600)
    assert offered[:3] == [0, 1800, 3600]
    assert offered[3:] == [3600 + 86400 * day for day in (1, 2, 3)]
    assert bench.events().count(Event.CASE_QUARANTINED) == 1
    assert bench.outbox.status().quarantined == 1
    bench.centre.answers.clear()
    bench.pass_time(86400)
    bench.rounds.round()
    assert refused in bench.receipted


def test_only_missing_parts_are_sent(bench: Bench) -> None:
    bench.rounds.round()
    case_id = bench.keep(parts=3)
    bench.centre.parts[case_id] = {f"{1:064x}"}
    sent: list[str] = []
    put_part = bench.centre.put_part
    bench.centre.put_part = lambda case, sha, data: sent.append(sha) or put_part(case, sha, data)  # type: ignore[method-assign,func-returns-value]  # a spy
    bench.rounds.round()
    assert sent == [f"{0:064x}", f"{2:064x}"]
    assert case_id in bench.receipted


def test_parts_that_the_centre_lost_meanwhile_are_sent_again_at_once(bench: Bench) -> None:
    bench.rounds.round()
    case_id = bench.keep(parts=2)
    bench.centre.forgets_parts = True
    bench.rounds.round()
    assert bench.centre.put == [case_id, case_id]
    assert len(bench.centre.parts[case_id]) == 2
    assert case_id in bench.receipted


def test_a_row_that_cannot_be_read_is_told_and_passed_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.rounds.round()
    torn, whole = bench.keep(), bench.keep()
    envelope = bench.outbox.envelope

    def read(sequence: int) -> bytes:
        if sequence == 1:
            raise StorageError("CorruptError")
        return envelope(sequence)

    monkeypatch.setattr(bench.outbox, "envelope", read)
    bench.rounds.round()
    assert list(bench.receipted) == [whole]
    assert (Event.CASE_UNREADABLE, {"case_id": torn}) in bench.log


def test_not_let_in_is_an_alarm_and_stops_sending(bench: Bench) -> None:
    bench.rounds.round()
    bench.keep()
    bench.keep()
    bench.centre.down = NoReply(Failure.CERTIFICATE_REJECTED)
    bench.rounds.round()
    assert len(bench.centre.put) == 1
    assert Event.NOT_LET_IN in bench.events()
    assert bench.reachable == [True, False]


def test_asked_to_stop_it_ends_after_the_case_at_hand(bench: Bench) -> None:
    bench.rounds.round()
    for _ in range(5):
        bench.keep()
    bench.centre.on_put = bench.rounds.stop
    bench.rounds.round()
    assert len(bench.centre.put) == 1


def test_erased_bytes_leave_the_disk_even_if_a_reader_delays_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.rounds.round()
    scrubs = iter([False, False, True])
    asked: list[bool] = []
    monkeypatch.setattr(bench.outbox, "scrub", lambda: asked.append(next(scrubs)) or asked[-1])
    bench.keep()
    for _ in range(5):
        bench.pass_time(bench.rounds.round())
    assert asked == [False, False, True]
