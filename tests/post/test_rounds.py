"""The courier's rounds against a centre, a clock and a chance that the test owns."""

import queue
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from config.event_names import Event
from kiosk.post.backoff import Pace, Passage
from kiosk.post.envelope import Part, Sealed, Slot
from kiosk.post.life import CaseState
from kiosk.post.outbox import Outbox, Status, StorageError
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply
from kiosk.post.receipts import Receipt
from kiosk.post.rounds import HEARTBEAT_S, LOOK_S, Hearers, Rounds, Sending

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
        self.breaks_after: int | None = None
        """Parts that get through until the line breaks off."""
        self.on_part: Callable[[], None] = lambda: None
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
        if self.breaks_after == 0:
            return NoReply(Failure.BROKEN_OFF)
        if self.breaks_after is not None:
            self.breaks_after -= 1
        if self.down is None:
            self.parts.setdefault(case_id, set()).add(sha256)
        self.on_part()
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
        self.pace: Pace | None = None
        outbox = Outbox.open(path, 64_000_000, lambda: self.wall)
        assert isinstance(outbox, Outbox)
        self.outbox = outbox
        self._rounds: Rounds | None = None

    @property
    def rounds(self) -> Rounds:
        if self._rounds is None:
            hearers = Hearers(self.receipted.__setitem__, self.reachable.append, self._log, lambda: None)
            self._rounds = Rounds(
                self.outbox,
                self.centre,
                self.wanted,
                hearers,
                lambda: self.now,
                lambda _low, high: high,
                self.pace,
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


def test_a_line_that_breaks_after_each_part_still_gets_a_case_through(bench: Bench) -> None:
    """It goes on at the next missing part, and what got through makes the waits short again."""
    bench.rounds.round()
    case_id = bench.keep(parts=12)
    waits = []
    for _ in range(12):
        bench.centre.breaks_after = 1
        waits.append(bench.rounds.round())
        bench.pass_time(waits[-1])
    assert set(waits[:-1]) == {5}
    bench.centre.breaks_after = None
    bench.rounds.round()
    assert case_id in bench.receipted
    assert bench.outbox.status().sent == 0


def test_what_left_without_an_answer_is_remembered_as_sent(bench: Bench) -> None:
    bench.rounds.round()
    case_id = bench.keep()
    bench.centre.down = NoReply(Failure.TIMED_OUT)
    for _ in range(3):
        bench.pass_time(bench.rounds.round())
    assert bench.outbox.state(case_id) is CaseState.SENT


def test_a_part_that_is_gone_postpones_its_case_only(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.rounds.round()
    broken, whole = bench.keep(parts=2), bench.keep(parts=2)
    part = bench.outbox.part

    def read(sequence: int, sha256: str) -> bytes:
        if (sequence, sha256) == (1, f"{1:064x}"):
            raise StorageError("no such row")
        return part(sequence, sha256)

    monkeypatch.setattr(bench.outbox, "part", read)
    bench.rounds.round()
    assert list(bench.receipted) == [whole]
    assert (Event.CASE_UNREADABLE, {"case_id": broken}) in bench.log


def test_a_case_that_somebody_waits_for_goes_between_two_parts_of_a_large_one(bench: Bench) -> None:
    bench.rounds.round()
    large, small = bench.keep(parts=5), bench.keep()
    seen: list[Sending | None] = []

    def on_part() -> None:
        seen.append(bench.rounds.state().sending)
        if len(seen) == 2:
            bench.wanted.put(small)
            bench.wanted.put(large)  # it is under way already

    bench.centre.on_part = on_part
    bench.rounds.round()
    assert bench.centre.put == [small, large]
    assert list(bench.receipted) == [small, large]
    assert seen == [Sending(1, number, 5) for number in range(5)]
    assert bench.rounds.state().sending is None
    assert Event.CASE_UNREADABLE not in bench.events()


def test_between_two_parts_a_centre_that_asks_for_time_gets_no_second_wanted_case(bench: Bench) -> None:
    bench.rounds.round()
    large, first, second = bench.keep(parts=3), bench.keep(), bench.keep()
    bench.centre.answers[first] = Reply(503, retry_after_s=60)

    def both_are_wanted() -> None:
        if len(bench.centre.parts[large]) == 1:
            bench.wanted.put(first)
            bench.wanted.put(second)

    bench.centre.on_part = both_are_wanted
    assert bench.rounds.round() == 60
    assert bench.centre.put == [first]
    assert len(bench.centre.parts[large]) == 1
    assert bench.rounds.round() == 60  # nor when it is hurried
    bench.centre.answers.clear()
    bench.pass_time(60)
    bench.rounds.round()
    assert sorted(bench.receipted) == sorted([large, first, second])


def test_what_the_centre_asks_of_another_call_holds_for_cases(bench: Bench) -> None:
    bench.rounds.round()
    assert bench.rounds.may_call()
    bench.rounds.leave_alone(120)
    case_id = bench.keep()
    bench.wanted.put(case_id)
    assert bench.rounds.round() == 120
    assert not bench.rounds.may_call()
    assert bench.centre.put == []
    bench.pass_time(120)
    bench.rounds.round()
    assert case_id in bench.receipted
    assert bench.reachable == [True, False, True]


def test_asked_to_stop_it_leaves_a_large_case_between_two_parts_and_comes_back(bench: Bench) -> None:
    bench.rounds.round()
    bench.keep(parts=5)
    bench.centre.on_part = bench.rounds.stop
    bench.rounds.round()
    assert bench.centre.put == []
    assert len(next(iter(bench.centre.parts.values()))) == 1
    assert bench.outbox.status().queued == 1


def test_a_backlog_drains_at_its_pace_and_a_visitor_is_not_held_back(bench: Bench) -> None:
    bench.pace = Pace(per_minute=60, burst=3, clock=lambda: bench.now)
    bench.rounds.round()
    kept = [bench.keep() for _ in range(20)]
    assert bench.rounds.round() == pytest.approx(1)
    assert bench.centre.put == kept[:3]
    bench.wanted.put(kept[19])
    bench.rounds.round()
    assert bench.centre.put == [*kept[:3], kept[19]]
    for expected in (5, 6, 7):
        bench.pass_time(bench.rounds.round())
        bench.rounds.round()
        assert len(bench.centre.put) == expected
    began = bench.now
    while bench.outbox.status().queued:
        bench.pass_time(bench.rounds.round())
    assert bench.now - began == pytest.approx(13 + LOOK_S, abs=1)  # and one look at an empty outbox


def test_a_long_drain_is_told_by_heartbeats(bench: Bench) -> None:
    bench.rounds.round()
    for _ in range(5):
        bench.keep()
    bench.centre.on_put = lambda: bench.pass_time(HEARTBEAT_S / 2)
    bench.rounds.round()
    assert [beat.queued for beat in bench.centre.beats] == [0, 3, 1]


def test_a_centre_that_does_not_like_the_heartbeat_gets_the_cases_all_the_same(bench: Bench) -> None:
    heartbeat = bench.centre.heartbeat
    bench.centre.heartbeat = lambda status: heartbeat(status) and Reply(422, explained=True)  # type: ignore[method-assign]  # a spy
    bench.rounds.round()
    case_id = bench.keep()
    bench.centre.answers[case_id] = Reply(500)
    bench.pass_time(bench.rounds.round())
    bench.centre.answers.clear()
    bench.rounds.round()
    assert case_id in bench.receipted


def test_a_case_that_a_technician_released_is_offered_soon(bench: Bench) -> None:
    bench.rounds.round()
    refused = bench.keep()
    bench.centre.answers[refused] = Reply(422, explained=True, problem="/problems/does-not-open")
    for _ in range(3):
        bench.rounds.round()
        bench.pass_time(1800)
    assert bench.outbox.quarantined()[0].problem == "does-not-open"
    bench.centre.answers.clear()
    bench.rounds.round()
    assert refused not in bench.receipted
    assert bench.outbox.release(refused)
    bench.pass_time(60)
    bench.rounds.round()
    assert refused in bench.receipted


def test_the_state_tells_what_went_wrong_last_and_how_long_it_will_wait(bench: Bench) -> None:
    assert bench.rounds.state().contact_age_s is None
    bench.rounds.round()
    bench.keep()
    bench.centre.down = Reply(503, retry_after_s=40)
    bench.rounds.round()
    bench.pass_time(10)
    state = bench.rounds.state()
    assert (state.reachable, state.passage, state.next_try_s) == (False, Passage.BARRED, 30)
    assert (state.problem, state.problem_age_s, state.contact_age_s) == ("http-503", 10, 10)


def test_an_explanation_of_the_centre_is_logged_once(bench: Bench) -> None:
    bench.rounds.round()
    for _ in range(3):
        why = Reply(413, explained=True, problem="/problems/too-large", described_by="sizes")
        bench.centre.answers[bench.keep()] = why
    bench.rounds.round()
    told = [fields for event, fields in bench.log if event is Event.CENTRE_EXPLAINED]
    assert told == [{"problem": "too-large", "described_by": "sizes"}]


def test_thousands_of_cases_that_wait_do_not_slow_each_round(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.rounds.round()
    for _ in range(300):
        bench.centre.answers[bench.keep()] = Reply(422, explained=True)
    bench.rounds.round()
    asked: list[int] = []
    next_waiting = bench.outbox.next_waiting
    monkeypatch.setattr(
        bench.outbox, "next_waiting", lambda after: asked.append(after) or next_waiting(after)
    )
    bench.pass_time(LOOK_S)
    bench.rounds.round()
    assert len(asked) == 1
