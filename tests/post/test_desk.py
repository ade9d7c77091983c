"""The courier's counter and the screen's end of it, without a courier behind."""

import asyncio
import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from config.event_names import Event
from kiosk.post import desk as desk_module
from kiosk.post.courier_client import Answered, CourierClient, CourierStatus, NotAnswered, Receipted, Said
from kiosk.post.desk import LONGEST_LINE, MAX_CALLERS, MAX_WATCHED, Desk, Inside
from kiosk.post.enquirer import LONGEST_SEALED, Reported, Unanswered
from kiosk.post.enquiry import SealedQuestion
from kiosk.post.report import Hop, Report
from kiosk.post.uploads import Uploads
from tests.post.phone_door import FakeDoor

WaitFor = Callable[[Callable[[], object]], None]


def _quiet(event: Event, **fields: object) -> None:
    """A log that nobody reads."""


class DeskRunner:
    """A desk in an event loop of its own thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.poked: list[UUID | None] = []
        self.numbers: dict[UUID, str] = {}
        self.reachable = True
        self.loop = asyncio.new_event_loop()
        self.faults: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _loop, context: self.faults.append(context))
        self.asked: list[tuple[SealedQuestion, Reported]] = []
        self.checks: list[Callable[[list[Hop]], None]] = []
        self.ended = threading.Event()
        self.door = FakeDoor()
        self.uploads = Uploads(lambda: self.door, _quiet, retry_s=0.05)
        inside = Inside(
            self._report,
            self.numbers.get,
            self.poked.append,
            self._enquire,
            self.checks.append,
            self.ended.set,
            self.uploads,
        )
        self.desk = Desk(inside)
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self.within(self.desk.open(path))

    def _report(self) -> Report:
        sending = {"sequence": 9, "parts_sent": 3, "parts_total": 8}
        return Report(self.reachable, 2, 1, 30, sending, breaker="barred", next_try_s=7, problem="timed_out")

    def _enquire(self, question: SealedQuestion, reported: Reported) -> None:
        self.asked.append((question, reported))

    def within(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    def tell_receipted(self, case_id: UUID, number: str) -> None:
        self.loop.call_soon_threadsafe(self.desk.tell_receipted, case_id, number)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            self.desk.close()
            await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait([task], timeout=1)

        self.within(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        assert self.faults == []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskRunner]:
    runner = DeskRunner(tmp_path / "run" / "courier.sock")
    yield runner
    runner.close()


def caller(desk: DeskRunner) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(5)
    line.connect(str(desk.path))
    return line


def ask(line: socket.socket, *questions: dict[str, Any]) -> None:
    line.sendall(b"".join(json.dumps(question).encode() + b"\n" for question in questions))


def heard(line: socket.socket) -> dict[str, Any]:
    with line.makefile("rb", buffering=0) as lines:
        return dict(json.loads(lines.readline()))


def test_status(desk: DeskRunner) -> None:
    with caller(desk) as line:
        ask(line, {"ask": "status"})
        assert heard(line) == {
            "event": "status", "reachable": True, "queued": 2, "quarantined": 1, "oldest_age_s": 30,
            "sending": {"sequence": 9, "parts_sent": 3, "parts_total": 8},
            "breaker": "barred", "next_try_s": 7, "contact_age_s": None,
            "problem": "timed_out", "problem_age_s": None,
            "certificate_days": None, "key_set_version": None, "key_set_expired": None,
            "drain_per_minute": None,
        }  # fmt: skip


QUESTION = SealedQuestion(uuid.UUID("5f1c9f0e-6d0b-4c43-9b52-3f6f2b0c8a11"), "k1", "QUFBQQ==")
ASK = {"ask": "enquire", "id": str(QUESTION.enquiry_id), "kid": "k1", "sealed": "QUFBQQ=="}


def test_an_enquiry_is_answered_to_the_one_who_asked(desk: DeskRunner, wait_for: WaitFor) -> None:
    with caller(desk) as asking, caller(desk) as other:
        ask(asking, ASK)
        wait_for(lambda: desk.asked)
        question, reported = desk.asked[0]
        assert question == QUESTION
        reported("c2VhbGVk")  # from another thread than the desk's
        assert heard(asking) == {"event": "answered", "id": str(QUESTION.enquiry_id), "sealed": "c2VhbGVk"}
        ask(asking, ASK)
        wait_for(lambda: len(desk.asked) == 2)
        desk.asked[1][1](Unanswered.TOO_OFTEN)
        assert heard(asking) == {
            "event": "unanswered", "id": str(QUESTION.enquiry_id), "reason": "too_often",
        }  # fmt: skip
        ask(other, {"ask": "status"})
        assert heard(other)["event"] == "status"


def test_the_answer_to_somebody_who_went_is_dropped(desk: DeskRunner, wait_for: WaitFor) -> None:
    with caller(desk) as asking:
        ask(asking, ASK)
        wait_for(lambda: desk.asked)
    wait_for(lambda: not desk.desk._callers)
    desk.asked[0][1]("c2VhbGVk")
    with caller(desk) as other:
        ask(other, {"ask": "status"})
        assert heard(other)["event"] == "status"


def test_who_is_neither_our_user_nor_in_the_group_is_not_heard(
    desk: DeskRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(desk_module, "log", lambda event, **fields: told.append({"event": event, **fields}))
    monkeypatch.setattr(desk_module, "may_talk", lambda _peer, _uid, _group: False)
    with caller(desk) as stranger:
        assert stranger.recv(100) == b""
    assert told == [{"event": Event.COURIER_PEER_DROPPED, "reason": "not_allowed"}]


def test_nobody_watches_more_cases_than_there_can_be_visitors(desk: DeskRunner) -> None:
    with caller(desk) as greedy:
        ask(greedy, *({"ask": "watch", "case": str(uuid.uuid4())} for _ in range(MAX_WATCHED)))
        ask(greedy, {"ask": "status"})
        assert heard(greedy)["event"] == "status"
        ask(greedy, {"ask": "watch", "case": str(uuid.uuid4())})
        assert greedy.recv(100) == b""


def test_a_watched_case_pokes_and_is_told_once_to_those_who_watch(desk: DeskRunner) -> None:
    case_id = uuid.uuid4()
    with caller(desk) as watching, caller(desk) as other:
        ask(watching, {"ask": "watch", "case": str(case_id)}, {"ask": "status"})
        assert heard(watching)["event"] == "status"
        assert desk.poked == [case_id]
        desk.tell_receipted(case_id, "ADM RN 26000001")
        assert heard(watching) == {
            "event": "receipted", "case": str(case_id), "official_number": "ADM RN 26000001",
        }  # fmt: skip
        desk.tell_receipted(case_id, "ADM RN 26000001")
        for line in (watching, other):
            ask(line, {"ask": "status"})
            assert heard(line)["event"] == "status"


def test_a_case_that_is_already_receipted_is_told_at_once(desk: DeskRunner) -> None:
    case_id = uuid.uuid4()
    desk.numbers[case_id] = "ADM RN 26000001"
    with caller(desk) as line:
        ask(line, {"ask": "watch", "case": str(case_id)})
        assert heard(line)["official_number"] == "ADM RN 26000001"
    assert desk.poked == []


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b"5\n",
        b'{"ask": "open"}\n',
        b'{"ask": ["status"]}\n',
        b'{"ask": "watch"}\n',
        b'{"ask": "watch", "case": "../../etc"}\n',
        b'{"ask": "watch", "case": 5}\n',
        b'{"ask": "enquire"}\n',
        json.dumps(ASK | {"kid": "k 1"}).encode() + b"\n",
        json.dumps(ASK | {"kid": 5}).encode() + b"\n",
        json.dumps(ASK | {"sealed": "not Base64"}).encode() + b"\n",
        json.dumps(ASK | {"sealed": ""}).encode() + b"\n",
        json.dumps(ASK | {"sealed": "A" * (LONGEST_SEALED + 1)}).encode() + b"\n",
        json.dumps(ASK | {"id": "7"}).encode() + b"\n",
        b"\xff\xfe\n",
        b"[" * 3000 + b"\n",
        b"x" * (LONGEST_LINE + 10),
    ],
)
def test_what_is_not_understood_ends_that_connection_only(desk: DeskRunner, line: bytes) -> None:
    with caller(desk) as bad, caller(desk) as good:
        bad.sendall(line)
        assert bad.recv(100) == b""
        ask(good, {"ask": "status"})
        assert heard(good)["event"] == "status"


def test_there_are_not_more_callers_than_expected(desk: DeskRunner) -> None:
    lines = [caller(desk) for _ in range(MAX_CALLERS)]
    for line in lines:
        ask(line, {"ask": "status"})
        heard(line)
    with caller(desk) as late:
        assert late.recv(100) == b""
    for line in lines:
        line.close()


def test_the_socket_is_for_the_group_only(desk: DeskRunner) -> None:
    assert desk.path.stat().st_mode & 0o777 == 0o660


class Ears:
    def __init__(self) -> None:
        self.said: list[Said] = []

    def statuses(self) -> list[CourierStatus]:
        return [said for said in self.said if isinstance(said, CourierStatus)]

    def numbers(self) -> list[str]:
        return [said.official_number for said in self.said if isinstance(said, Receipted)]


def test_the_screen_hears_of_a_courier_that_comes_goes_and_comes_back(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    path, ears, case_id = tmp_path / "run" / "courier.sock", Ears(), uuid.uuid4()
    client = CourierClient(path, ears.said.append)
    wait_for(lambda: ears.said == [CourierStatus(reachable=False)])
    client.watch(case_id)  # nobody there to ask
    first = DeskRunner(path)
    wait_for(lambda: CourierStatus(True, 2, 30, 1, 3, 8) in ears.said)  # noqa: FBT003 - a value
    wait_for(lambda: case_id in first.poked)
    first.close()
    wait_for(lambda: ears.statuses()[-1] == CourierStatus(reachable=False))
    second = DeskRunner(path)
    wait_for(lambda: case_id in second.poked)
    second.tell_receipted(case_id, "ADM RN 26000001")
    wait_for(lambda: ears.numbers() == ["ADM RN 26000001"])
    second.reachable = False
    second.loop.call_soon_threadsafe(second.desk.tell_status)
    wait_for(lambda: ears.statuses()[-1] == CourierStatus(False, 2, 30, 1, 3, 8))  # noqa: FBT003 - a value
    count = len(ears.said)
    client.close()
    second.close()
    assert len(ears.said) == count


def test_the_client_gives_no_word_of_absence_twice(tmp_path: Path, wait_for: WaitFor) -> None:
    ears, tries = Ears(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.post.courier_client.RECONNECT_S", 0.01)
        connect = socket.socket.connect
        patch.setattr(socket.socket, "connect", lambda *args: tries.append(1) or connect(*args))
        client = CourierClient(tmp_path / "courier.sock", ears.said.append)
        wait_for(lambda: len(tries) > 5)
        client.close()
    assert ears.said == [CourierStatus(reachable=False)]


def test_nonsense_from_the_other_side_is_not_delivered(tmp_path: Path, wait_for: WaitFor) -> None:
    path, ears = tmp_path / "courier.sock", Ears()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        client = CourierClient(path, ears.said.append)
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b'{}\n[]\nnot json\n{"event": "receipted", "case": "x"}\n{"event": "dance"}\n')
            connection.sendall(b'{"event": "status", "reachable": true, "queued": 0, "oldest_age_s": 0}\n')
            wait_for(lambda: ears.said)
            assert ears.said == [CourierStatus(True, 0, 0)]  # noqa: FBT003 - a value
            client.close()


def test_a_client_asks_and_hears_one_answer(tmp_path: Path, wait_for: WaitFor) -> None:
    path, ears = tmp_path / "run" / "courier.sock", Ears()
    runner = DeskRunner(path)
    client = CourierClient(path, ears.said.append)
    wait_for(lambda: ears.statuses())
    client.enquire(QUESTION)
    wait_for(lambda: runner.asked)
    runner.asked[0][1]("c2VhbGVk")
    runner.asked[0][1]("c2VhbGVk")  # a courier that says it twice
    wait_for(lambda: Answered(QUESTION.enquiry_id, "c2VhbGVk") in ears.said)
    assert ears.said.count(Answered(QUESTION.enquiry_id, "c2VhbGVk")) == 1
    client.close()
    runner.close()


def test_a_question_to_a_courier_that_is_away_or_goes_away_is_not_answered(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    path, ears = tmp_path / "run" / "courier.sock", Ears()
    client = CourierClient(path, ears.said.append)
    unreachable = NotAnswered(QUESTION.enquiry_id, Unanswered.UNREACHABLE)
    client.enquire(QUESTION)
    assert ears.said.count(unreachable) == 1
    runner = DeskRunner(path)
    wait_for(lambda: any(status.queued for status in ears.statuses()))
    client.enquire(QUESTION)
    wait_for(lambda: runner.asked)
    runner.close()
    wait_for(lambda: ears.said.count(unreachable) == 2)
    client.close()


def test_one_check_of_the_network_serves_all_who_ask(desk: DeskRunner) -> None:
    hop = Hop("tcp", "mend", 12, "refused", "nobody listens", "start it")
    with caller(desk) as one, caller(desk) as other, caller(desk) as gone:
        for line in (gone, one, other):
            ask(line, {"ask": "check_network"}, {"ask": "status"})
            assert heard(line)["event"] == "status"
        gone.close()
        assert len(desk.checks) == 1
        desk.checks[0]([hop])
        said = [heard(line) for line in (one, other)]
    assert said == [{"event": "network", "hops": [asdict(hop)]}] * 2


def test_the_courier_ends_when_it_is_asked(desk: DeskRunner) -> None:
    with caller(desk) as line:
        ask(line, {"ask": "end_process"})
        assert desk.ended.wait(5)
