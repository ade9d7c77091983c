"""Questions of visitors: carried at once, one answer each, never more than a visitor could ask."""

import queue
import threading
import uuid
from collections.abc import Callable, Iterator

import pytest

from config.event_names import Event
from kiosk.post.enquirer import BURST, DEADLINE_S, Enquirer, Unanswered, why
from kiosk.post.enquiry import SealedQuestion
from kiosk.post.outcomes import Failure, NoReply, Reply

Answer = Reply | NoReply | str
QUESTION = SealedQuestion(uuid.uuid4(), "k1", "QUFBQQ==")


class FakeCentre:
    def __init__(self) -> None:
        self.answer: Answer = "c2VhbGVk"
        self.answers: list[Answer] = []
        """The next ones, before `answer`."""
        self.deadlines: list[float] = []
        self.on_call: Callable[[], None] = lambda: None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked: queue.SimpleQueue[tuple[uuid.UUID, str, str]] = queue.SimpleQueue()
        self.closed = False

    def enquire(self, enquiry_id: uuid.UUID, kid: str, sealed: str, deadline_s: float) -> Answer:
        self.deadlines.append(deadline_s)
        self.asked.put((enquiry_id, kid, sealed))
        assert self.may_answer.wait(10)
        self.on_call()
        return self.answers.pop(0) if self.answers else self.answer

    def close(self) -> None:
        self.closed = True


class Counter:
    """An enquirer, its centre, its clock, and what it reported."""

    def __init__(self) -> None:
        self.now = 0.0
        self.centre = FakeCentre()
        self.log: list[tuple[Event, dict[str, object]]] = []
        self.reported: queue.SimpleQueue[str | Unanswered] = queue.SimpleQueue()
        self.enquirer = Enquirer(
            self.centre, lambda: self.now, lambda event, **f: self.log.append((event, f))
        )
        self.enquirer.start()

    def ask(self) -> None:
        self.enquirer.ask(QUESTION, self.reported.put)

    def heard(self) -> str | Unanswered:
        return self.reported.get(timeout=10)


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    yield counter
    counter.centre.may_answer.set()
    counter.enquirer.stop(10)
    assert counter.centre.closed


def test_a_question_is_carried_as_it_is_and_its_answer_comes_back(counter: Counter) -> None:
    counter.ask()
    assert counter.heard() == "c2VhbGVk"
    assert counter.centre.asked.get() == (QUESTION.enquiry_id, "k1", "QUFBQQ==")
    assert counter.log == [(Event.ENQUIRY_ENDED, {"outcome": "answered"})]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NoReply(Failure.TIMED_OUT), Unanswered.UNREACHABLE),
        (NoReply(Failure.NOT_THE_CENTRE), Unanswered.UNREACHABLE),
        (NoReply(Failure.NO_KEYS), Unanswered.REFUSED),
        (Reply(503, retry_after_s=5), Unanswered.UNREACHABLE),
        (Reply(500), Unanswered.UNREACHABLE),
        (Reply(429, retry_after_s=5), Unanswered.TOO_OFTEN),
        (Reply(429), Unanswered.TOO_OFTEN),
        (Reply(403, explained=True, problem="/problems/revoked"), Unanswered.REFUSED),
        (Reply(422, explained=True), Unanswered.REFUSED),
        (Reply(404), Unanswered.UNREACHABLE),
    ],
)
def test_why_there_is_no_answer(counter: Counter, answer: Reply | NoReply, reason: Unanswered) -> None:
    counter.centre.answer = answer
    counter.ask()
    assert counter.heard() is reason is why(answer)
    assert counter.log == [(Event.ENQUIRY_ENDED, {"outcome": reason.value})]


def test_more_than_visitors_ask_is_too_often_and_reaches_nobody(counter: Counter) -> None:
    for _ in range(BURST):
        counter.ask()
        assert counter.heard() == "c2VhbGVk"
    counter.ask()
    assert counter.heard() is Unanswered.TOO_OFTEN
    assert counter.centre.asked.qsize() == BURST
    counter.now += 10
    counter.ask()
    assert counter.heard() == "c2VhbGVk"


def test_while_one_is_on_its_way_only_a_few_wait(counter: Counter) -> None:
    counter.centre.may_answer.clear()
    counter.ask()
    counter.centre.asked.get(timeout=10)
    for _ in range(4):
        counter.ask()
    assert counter.reported.empty()
    counter.ask()
    assert counter.heard() is Unanswered.TOO_OFTEN
    counter.centre.may_answer.set()
    assert [counter.heard() for _ in range(5)] == ["c2VhbGVk"] * 5


@pytest.mark.parametrize("lost", [Failure.TIMED_OUT, Failure.BROKEN_OFF])
def test_a_lost_answer_is_asked_for_once_more_with_the_same_bytes(counter: Counter, lost: Failure) -> None:
    def take_time() -> None:
        counter.now += 5

    counter.centre.on_call = take_time
    counter.centre.answers = [NoReply(lost)]
    counter.ask()
    assert counter.heard() == "c2VhbGVk"
    asked = [counter.centre.asked.get() for _ in range(2)]
    assert asked == [(QUESTION.enquiry_id, "k1", "QUFBQQ==")] * 2
    assert counter.centre.deadlines == [pytest.approx(0.6 * DEADLINE_S), DEADLINE_S - 5]
    assert len(counter.log) == 1


def test_both_tries_share_one_deadline_and_there_is_no_third(counter: Counter) -> None:
    counter.centre.answer = NoReply(Failure.TIMED_OUT)
    counter.ask()
    assert counter.heard() is Unanswered.UNREACHABLE
    assert counter.centre.asked.qsize() == 2


def test_what_is_not_lost_is_not_asked_again(counter: Counter) -> None:
    for answer in (NoReply(Failure.UNREACHABLE), NoReply(Failure.UNTRUSTED), Reply(500), Reply(429)):
        counter.centre.answer = answer
        counter.ask()
        counter.heard()
    assert counter.centre.asked.qsize() == 4


@pytest.mark.parametrize(("status", "reason"), [(429, Unanswered.TOO_OFTEN), (503, Unanswered.UNREACHABLE)])
def test_a_centre_that_asks_for_time_gets_no_question_meanwhile(
    counter: Counter, status: int, reason: Unanswered
) -> None:
    counter.centre.answers = [Reply(status, retry_after_s=30)]
    for _ in range(3):
        counter.ask()
        assert counter.heard() is reason
    assert counter.centre.asked.qsize() == 1
    counter.now += 30
    counter.ask()
    assert counter.heard() == "c2VhbGVk"
