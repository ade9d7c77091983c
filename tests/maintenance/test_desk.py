"""The maintenance socket: nothing before entering, nobody for longer than they are there; about 6 s."""

import asyncio
import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loader import load
from config.settings import Paths, Settings
from kiosk.maintenance import access as access_module
from kiosk.maintenance import desk as desk_module
from kiosk.maintenance import office as office_module
from kiosk.maintenance.credentials import Trust
from kiosk.maintenance.desk import LONGEST_LINE, MAX_CALLERS, Desk
from kiosk.maintenance.ledger import LedgerError
from kiosk.maintenance.office import Office
from kiosk.maintenance.upkeep import SelfTest, checklist
from tests.maintenance.siege import CODE, NOW, PIN, Force, quick
from tests.prove import scale

ENTER = {"ask": "enter", "code": CODE, "pin": PIN}
INSIDE: list[dict[str, Any]] = [
    {"ask": "devices"},
    {"ask": "restart", "what": "printer"},
    {"ask": "restart", "what": "maintenance"},
    {"ask": "network"},
    {"ask": "tests"},
    {"ask": "record", "test": "printer", "passed": True},
    {"ask": "checklist"},
    {"ask": "tick", "item": "paper_path", "passed": True},
    {"ask": "events"},
    {"ask": "facts"},
    {"ask": "bundle"},
    {"ask": "nothing known"},
    {"ask": ["devices"]},
    {},
]
NOT_ENTERED = {"event": "denied", "reason": "not_entered", "wait_s": 0}


class Running:
    """A desk in an event loop of its own thread, with a force that has issued one code."""

    def __init__(self, settings: Settings, idle_s: float = 5.0) -> None:
        self.path = settings.paths.maintenance_socket
        self.force = Force()
        self.force.add()
        self.ended = threading.Event()
        self.office = Office(settings, self.ended.set, lambda: NOW, lambda: 0.0, quick)
        self.desk = Desk(self.office, idle_s)
        self.loop = asyncio.new_event_loop()
        self.faults: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _loop, context: self.faults.append(context))
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self._server = self.within(self.desk.open(self.path))

    def within(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            self.desk.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            if tasks:
                await asyncio.wait(tasks, timeout=5)
            await asyncio.get_running_loop().shutdown_default_executor()

        self.within(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.office.close()
        assert self.faults == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    places = {name: tmp_path / name for name in ("state", "runtime", "keys", "rime")}
    for place in places.values():
        place.mkdir()
    loaded = load(profile="demo", environ={})
    return loaded.model_copy(update={"paths": Paths(**places), "kiosk_number": 1})


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    opened: list[Running] = []

    def make(**given: Any) -> Running:
        running = Running(settings, **given)
        trust = Trust(running.force.keys(), running.force.list(), NOW)
        monkeypatch.setattr(office_module, "load_trust", lambda _folder: trust)
        opened.append(running)
        return running

    yield make
    for each in opened:
        each.close()


class Caller:
    """One connection."""

    def __init__(self, running: Running) -> None:
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(10)
        self.line.connect(str(running.path))
        self.words = self.line.makefile("rwb")

    def ask(self, **request: Any) -> dict[str, Any]:
        return self.say(json.dumps(request).encode() + b"\n")

    def say(self, line: bytes) -> dict[str, Any]:
        """The answer; `{}` when the other side hung up."""
        try:
            self.words.write(line)
            self.words.flush()
            return dict(json.loads(self.words.readline() or b"{}"))
        except (BrokenPipeError, ConnectionResetError):
            return {}

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.words.close()
        self.line.close()


# --- before entering ----------------------------------------------------------------------------------------


def check_denied(running: Running) -> None:
    """Every request but three is denied to whoever has not entered, was refused, or has left."""
    for refused in (
        {},
        {"ask": "enter", "code": CODE, "pin": "000001"},
        {"ask": "enter", "pass": "x", "pin": PIN},
    ):
        with Caller(running) as caller:
            if refused:
                assert caller.ask(**refused)["event"] == "denied"
            assert [caller.ask(**request) for request in INSIDE] == [NOT_ENTERED] * len(INSIDE)


def test_nothing_is_answered_before_entering(run: Callable[..., Running]) -> None:
    running = run()
    check_denied(running)
    with Caller(running) as caller:
        assert caller.ask(ask="door") == {"event": "door", "kiosk": "0001", "wait_s": 0}
        assert {"part", "health", "cause", "remedy"} == caller.ask(ask="findings")["findings"][0].keys()
    assert not running.ended.is_set()


def test_the_table_names_every_request(run: Callable[..., Running]) -> None:
    session = desk_module._Session(run().office, 60)
    assert {str(request.get("ask")) for request in INSIDE} >= session._inside.keys()
    assert session._before.keys() == {"door", "findings", "enter"}


def test_a_session_is_its_connection(run: Callable[..., Running]) -> None:
    check_session(run())


def check_session(running: Running) -> None:
    """Who entered is in, on that connection and no other, until it ends or somebody guesses wrong on it."""
    with Caller(running) as one, Caller(running) as other:
        entered = one.ask(**ENTER)
        assert entered == {"event": "entered", "technician": CODE, "by": "code", "idle_s": 5}
        assert one.ask(ask="tests")["event"] == "tests"
        assert other.ask(ask="tests") == NOT_ENTERED
        assert one.ask(ask="enter", code=CODE, pin="000001")["event"] == "denied"
        assert one.ask(ask="tests") == NOT_ENTERED
        assert one.ask(**ENTER)["event"] == "entered"
        assert one.ask(ask="leave") == {}
    with Caller(running) as again:
        assert again.ask(ask="tests") == NOT_ENTERED


def test_a_session_ends_when_nobody_is_there(run: Callable[..., Running]) -> None:
    check_idle(run(idle_s=0.3))


def check_idle(running: Running) -> None:
    """No request, or half of one, for the idle time: the connection is closed."""
    with Caller(running) as caller:
        assert caller.ask(**ENTER)["event"] == "entered"
        caller.line.settimeout(5)
        caller.line.sendall(b'{"ask": ')
        try:
            assert caller.line.recv(100) == b""
        except ConnectionResetError:
            return
        except TimeoutError:
            pytest.fail("the session is still open")


def test_two_connections_race_with_one_pass(run: Callable[..., Running]) -> None:
    running = run()
    token = running.force.a_pass().token
    ready = threading.Barrier(4)
    answers: list[str] = []

    def enter() -> None:
        with Caller(running) as caller:
            ready.wait()
            answer = caller.say(json.dumps({"ask": "enter", "pass": token, "pin": PIN}).encode() + b"\n")
            answers.append(answer.get("reason", answer["event"]))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["entered", "used", "used", "used"]


# --- inside -------------------------------------------------------------------------------------------------


def test_self_tests_and_inspections_are_kept(run: Callable[..., Running]) -> None:
    running = run()
    with Caller(running) as caller:
        caller.ask(**ENTER)
        assert [each["test"] for each in caller.ask(ask="tests")["tests"]] == list(SelfTest)
        recorded = caller.ask(ask="record", test="camera", passed=False)
        assert recorded == {"event": "recorded", "test": "camera", "at": NOW}
        tests = {each["test"]: each["last"] for each in caller.ask(ask="tests")["tests"]}
        assert tests["camera"] == {"passed": False, "at": NOW, "technician": CODE}
        assert tests["printer"] is None
        ticked = caller.ask(ask="tick", item="paper_path", passed=True)
        assert ticked == {"event": "ticked", "item": "paper_path", "due_at": NOW + 30 * 86_400}
        assert caller.ask(ask="tick", item="cables", passed=False)["due_at"] == NOW
        items = {each["item"]: each for each in caller.ask(ask="checklist")["items"]}
        assert items.keys() == checklist().keys()
        assert (items["paper_path"]["overdue"], items["cables"]["overdue"]) == (False, True)
        assert items["vents"]["words"].keys() == {"zh-Hant", "zh-Hans", "en"}


def test_what_is_unknown_is_said_to_be(run: Callable[..., Running]) -> None:
    unknown: list[dict[str, Any]] = [
        {"ask": "record", "test": "../camera", "passed": True},
        {"ask": "record", "test": "camera", "passed": "yes"},
        {"ask": "record", "test": "camera"},
        {"ask": "tick", "item": "nothing", "passed": True},
        {"ask": "restart", "what": "sshd"},
        {"ask": "restart", "what": None},
        {"ask": "events", "count": 0},
        {"ask": "events", "count": True},
        {"ask": "events", "count": 10**9},
        {"ask": "events", "least": "loud"},
        {"ask": "enter", "code": 42, "pin": PIN},
        {"ask": "format disk"},
    ]
    with Caller(run()) as caller:
        caller.ask(**ENTER)
        assert {json.dumps(caller.ask(**each)) for each in unknown} == {
            '{"event": "failed", "reason": "unknown"}'
        }
        assert caller.ask(ask="facts")["facts"]["kiosk"] == "0001"


def test_processes_are_asked_to_end_themselves(run: Callable[..., Running], settings: Settings) -> None:
    running = run()
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as courier:
        courier.bind(str(settings.paths.courier_socket))
        courier.listen()

        def serve() -> None:
            line, _ = courier.accept()
            heard.append(line.recv(100))
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with Caller(running) as caller:
            caller.ask(**ENTER)
            done = {what: caller.ask(ask="restart", what=what)["done"] for what in (
                "courier", "screen", "devices", "camera", "maintenance")}  # fmt: skip
        thread.join()
    assert heard == [b'{"ask": "end_process"}\n']
    assert done == {
        "courier": True, "screen": False, "devices": False, "camera": False, "maintenance": True
    }  # fmt: skip
    assert running.ended.is_set()


def test_without_records_nobody_enters_and_the_rest_works(
    run: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_folder: Path, _now: float) -> None:
        raise LedgerError("full")

    running = run()
    monkeypatch.setattr(office_module.Ledger, "open", staticmethod(broken))
    with Caller(running) as caller:
        assert caller.ask(**ENTER) == {"event": "denied", "reason": "locked", "wait_s": 0}
        assert caller.ask(ask="door")["event"] == "door"
        assert caller.ask(ask="findings")["event"] == "findings"


# --- noise --------------------------------------------------------------------------------------------------


def test_noise_ends_its_connection_and_nothing_else(run: Callable[..., Running]) -> None:
    running = run()
    noise = (b"\n", b"[]\n", b"null\n", b"{\n", b"\xff\xfe\n", b"[" * 5000 + b"\n", b"x" * (LONGEST_LINE + 1))
    with Caller(running) as honest:
        for line in noise:
            with Caller(running) as caller:
                assert caller.say(line) == {}
        assert honest.ask(**ENTER)["event"] == "entered"


def test_fuzzed_lines_open_nothing(run: Callable[..., Running]) -> None:
    """1,500 lines, 100,000 in the long form: each is denied, failed, harmless, or ends its connection."""
    check_fuzz(run(), scale.size(1_500, 100_000))


def check_fuzz(running: Running, lines: int) -> None:
    """Mutations of every request of the page, before entering."""
    chance = random.Random(scale.seed())  # noqa: S311 - a seed, not a secret
    requests = [*INSIDE, {"ask": "door"}, {"ask": "leave"}, {"ask": "enter", "pass": "KTP1.a.b", "pin": "1"}]
    left = lines
    while left > 0:
        with Caller(running) as caller:
            answer: dict[str, Any] = {"event": "door"}
            while answer and left > 0:
                left -= 1
                answer = caller.say(_mutated(json.dumps(chance.choice(requests)).encode(), chance) + b"\n")
                assert answer.get("event") in {None, "denied", "failed", "door"}, answer
    with Caller(running) as honest:
        assert honest.ask(ask="door")["event"] == "door"


def _mutated(line: bytes, chance: random.Random) -> bytes:
    text = bytearray(line)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(3)] = bytes(chance.choices(range(256), k=chance.randrange(3)))
    # A line break inside would be two requests, and two answers.
    return bytes(text).replace(b"\n", b" ") or b" "


def test_there_are_not_more_callers_than_expected(run: Callable[..., Running]) -> None:
    running = run()
    callers = [Caller(running) for _ in range(MAX_CALLERS)]
    assert all(caller.ask(ask="door")["event"] == "door" for caller in callers)
    with Caller(running) as late:
        assert late.ask(ask="door") == {}
    for caller in callers:
        caller.line.close()


def test_who_is_neither_our_user_nor_in_the_group_is_not_heard(
    run: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = run()
    monkeypatch.setattr(desk_module, "may_talk", lambda *_: False)
    with Caller(running) as caller:
        assert caller.ask(ask="door") == {}


def test_the_socket_is_for_the_group_only(run: Callable[..., Running]) -> None:
    assert run().path.stat().st_mode & 0o777 == 0o660


# --- planted bugs -------------------------------------------------------------------------------------------


def facts_for_everybody(patch: pytest.MonkeyPatch) -> None:
    _moved(patch, "facts")


def bundles_for_everybody(patch: pytest.MonkeyPatch) -> None:
    _moved(patch, "bundle")


def _moved(patch: pytest.MonkeyPatch, name: str) -> None:
    honest = desk_module._Session.__init__

    def init(self: Any, *given: Any) -> None:
        honest(self, *given)
        self._before = {**self._before, name: self._inside[name]}

    patch.setattr(desk_module._Session, "__init__", init)


def a_wrong_guess_keeps_the_session(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk_module._Session, "end", lambda _self: None)


def sessions_are_shared(patch: pytest.MonkeyPatch) -> None:
    shared = property(lambda _: _LAST[-1], lambda _, name: _LAST.append(name))
    patch.setattr(desk_module._Session, "_technician", shared, raising=False)


def nobody_is_ever_idle(patch: pytest.MonkeyPatch) -> None:
    class _Never:
        def __init__(self, _seconds: float) -> None: ...
        async def __aenter__(self) -> None: ...
        async def __aexit__(self, *_: object) -> None: ...

    patch.setattr(desk_module.asyncio, "timeout", _Never)


def every_pin_is_right(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access_module.hmac, "compare_digest", lambda _one, _two: True)


_LAST = [""]


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        (facts_for_everybody, check_denied),
        (bundles_for_everybody, check_denied),
        (every_pin_is_right, check_denied),
        (a_wrong_guess_keeps_the_session, check_session),
        (sessions_are_shared, check_session),
        (nobody_is_ever_idle, check_idle),
        (facts_for_everybody, lambda running: check_fuzz(running, 1500)),
    ],
)
def test_a_planted_bug_is_found(
    run: Callable[..., Running],
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    check: Callable[[Running], None],
) -> None:
    _LAST[:] = [""]
    plant(monkeypatch)
    running = run(idle_s=0.3 if check is check_idle else 5.0)
    if check is check_idle:  # it will not come: do not wait for it as long as the honest one may
        monkeypatch.setattr(socket.socket, "settimeout", lambda line, _: _settimeout(line, 1.0))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(running)


_settimeout = socket.socket.settimeout
