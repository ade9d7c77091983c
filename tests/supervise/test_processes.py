"""The supervisor: ready, restart, hang, end. Its programs are small scripts."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from kiosk.development.processes import BackOff, Program, Supervisor, accepts

PATIENCE_S = 20.0


class Heard:
    """What the supervisor told, with a way to wait for a line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._more = asyncio.Event()

    def tell(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._more.set()

    async def until(self, piece: str, times: int = 1) -> None:
        while sum(piece in line for _, line in self.lines) < times:
            self._more.clear()
            await self._more.wait()


@contextlib.asynccontextmanager
async def running(
    folder: Path, *programs: Program, grace_s: float = 4.0
) -> AsyncIterator[tuple[Supervisor, Heard]]:
    heard = Heard()
    supervisor = Supervisor(programs, folder, heard.tell, grace_s=grace_s)
    task = asyncio.create_task(supervisor.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield supervisor, heard
    finally:
        supervisor.stop()
        await asyncio.wait_for(task, PATIENCE_S)


def shell(name: str, script: str, **more: Any) -> Program:
    return Program(name, ("/bin/sh", "-c", script), **more)


def python(name: str, script: str, **more: Any) -> Program:
    return Program(name, (sys.executable, "-c", textwrap.dedent(script)), **more)


def in_loop(body: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    def test(tmp_path: Path) -> None:
        asyncio.run(body(tmp_path))

    test.__doc__ = body.__doc__
    return test


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def gone(pid: int) -> None:
    """Wait until it has ended."""
    async with asyncio.timeout(5):
        while lives(pid):
            await asyncio.sleep(0.01)


@in_loop
async def test_lines_carry_the_name_of_their_process(folder: Path) -> None:
    async with running(
        folder,
        shell(
            "talker", "trap 'printf tail; exit' TERM; echo out; echo err >&2; while :; do sleep 0.05; done"
        ),
    ) as (
        _,
        heard,
    ):
        await heard.until("err")
    assert heard.lines[:2] == [("talker", "out"), ("talker", "err")]
    assert ("talker", "tail") in heard.lines


@in_loop
async def test_what_ends_is_started_again(folder: Path) -> None:
    async with running(folder, shell("frail", "echo hello; exit 3")) as (_, heard):
        await heard.until("hello", times=3)
    assert ("frail", "ended (exit code 3); starting again in 0.2 s") in heard.lines
    assert ("frail", "ended (exit code 3); starting again in 0.4 s") in heard.lines


@in_loop
async def test_what_may_end_is_left_alone_unless_it_failed(folder: Path) -> None:
    content = shell("content", "echo bye", may_end=True)
    failing = shell("failing", "echo hello; exit 3", may_end=True)
    async with running(folder, content, failing) as (_, heard):
        await heard.until("hello", times=3)
    assert [line for line in heard.lines if line[0] == "content"] == [("content", "bye")]


@in_loop
async def test_the_death_of_one_leaves_the_others_alone(folder: Path) -> None:
    steady = shell("steady", "echo up; exec sleep 60")
    victim = shell("victim", "echo up; exec sleep 60")
    async with running(folder, steady, victim) as (supervisor, heard):
        await heard.until("up", times=2)
        untouched, killed = supervisor.process_id("steady"), supervisor.process_id("victim")
        supervisor.send_signal("victim", signal.SIGKILL)
        await heard.until("ended (SIGKILL)")
        await heard.until("up", times=3)
        assert supervisor.process_id("steady") == untouched
        assert supervisor.process_id("victim") != killed


@in_loop
async def test_ready_is_an_answering_socket(folder: Path) -> None:
    place = folder / "answer.sock"
    late = python(
        "late",
        f"""
        import socket, sys
        sys.stdin.readline()
        server = socket.socket(socket.AF_UNIX); server.bind({str(place)!r})
        print("bound", flush=True)
        server.listen(); print("listens", flush=True)
        while True: server.accept()
        """,
        answers_at=(place,),
    )
    async with running(folder, late) as (supervisor, heard):
        assert supervisor.waiting_for() == ["late"]
        await supervisor.until_ready()
        assert accepts(place)
        await heard.until("listens")


@in_loop
async def test_ready_is_said_by_those_that_notify(folder: Path) -> None:
    quiet = python("quiet", "import time; print('up', flush=True); time.sleep(60)", notifies=True)
    ready = python(
        "ready", "from kiosk import notify; notify.ready(); import time; time.sleep(60)", notifies=True
    )
    async with running(folder, quiet, ready) as (supervisor, heard):
        await heard.until("up")
        while "ready" in supervisor.waiting_for():
            await asyncio.sleep(0.01)
        assert supervisor.waiting_for() == ["quiet"]


@in_loop
async def test_a_program_waits_for_what_it_needs(folder: Path) -> None:
    first = python(
        "first",
        "import time; from kiosk import notify; print('one', flush=True); notify.ready(); time.sleep(60)",
        notifies=True,
    )
    second = shell("second", "echo two; exec sleep 60", needs=("first",))
    async with running(folder, second, first) as (_, heard):
        await heard.until("two")
    assert [line for _, line in heard.lines] == ["one", "two"]


@in_loop
async def test_what_is_held_stays_down_until_it_is_released(folder: Path) -> None:
    async with running(folder, shell("held", "echo up; exec sleep 60")) as (supervisor, heard):
        await heard.until("up")
        supervisor.hold("held")
        await heard.until("ended (SIGTERM)")
        await asyncio.sleep(0.5)  # longer than the first pause before a restart
        assert supervisor.process_id("held") is None
        supervisor.release("held")
        await heard.until("up", times=2)


HANGS = """
    import time
    from kiosk import notify
    notify.ready()
    for _ in range(4):
        notify.alive(); time.sleep(notify.watchdog_interval_s() / 2)
    print("hanging", flush=True)
    time.sleep(60)
"""


@in_loop
async def test_what_hangs_is_killed_and_started_again(folder: Path) -> None:
    async with running(folder, python("stuck", HANGS, notifies=True, watchdog_s=1.0)) as (_, heard):
        await heard.until("hanging")
        await heard.until("ended (SIGKILL)")
        await heard.until("hanging", times=2)
    assert any("silent" in line for _, line in heard.lines)


@in_loop
async def test_a_stopped_process_counts_as_hung(folder: Path) -> None:
    beating = """
    import time
    from kiosk import notify
    notify.ready()
    print("beats", flush=True)
    while True:
        notify.alive(); time.sleep(0.1)
    """
    async with running(folder, python("frozen", beating, notifies=True, watchdog_s=1.0)) as (
        supervisor,
        heard,
    ):
        await heard.until("beats")
        supervisor.send_signal("frozen", signal.SIGSTOP)
        await heard.until("beats", times=2)


@in_loop
async def test_an_end_that_meets_an_ending_leaves_no_zombie(folder: Path) -> None:
    for _ in range(20):
        async with running(folder, shell("brief", "echo up")) as (_, heard):
            await heard.until("up")
    gc.collect()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@in_loop
async def test_the_end_is_orderly(folder: Path) -> None:
    polite = shell("polite", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    async with running(folder, polite) as (_, heard):
        await heard.until("up")
    assert ("polite", "bye") in heard.lines
    assert not any("ended" in line for _, line in heard.lines)
    assert not list(folder.glob("*.notify"))


@in_loop
async def test_the_end_is_sure(folder: Path) -> None:
    """A process that ignores TERM, and its child, are gone all the same."""
    deaf = shell("deaf", "trap '' TERM; sleep 60 & echo child $!; echo up; while :; do wait; done")
    async with running(folder, deaf, grace_s=0.3) as (supervisor, heard):
        await heard.until("up")
        leader = supervisor.process_id("deaf")
    child = int(next(line for _, line in heard.lines if line.startswith("child ")).split()[1])
    assert leader is not None
    assert not lives(leader)
    await gone(child)  # killed too, by now; the kernel may still be at it


@in_loop
async def test_a_killed_leader_takes_its_children_along(folder: Path) -> None:
    async with running(folder, shell("host", "sleep 61 & echo child $!; wait")) as (supervisor, heard):
        await heard.until("child")
        supervisor.send_signal("host", signal.SIGKILL)
        await heard.until("child", times=2)
        first = int(heard.lines[0][1].split()[1])
        assert not lives(first)


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    script = f"""
    import asyncio
    from pathlib import Path
    from kiosk.development.processes import Program, Supervisor
    program = Program("sleeper", ("/bin/sh", "-c", "echo $$; exec sleep 62"))
    asyncio.run(Supervisor([program], Path({str(tmp_path)!r}), lambda _, line: print(line, flush=True)).run())
    """
    command = (sys.executable, "-c", textwrap.dedent(script))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        sleeper = int(supervisor.stdout.readline())
        descriptor = os.pidfd_open(sleeper)
        supervisor.kill()
        supervisor.wait()
        signalled = asyncio.run(_readable(descriptor))
        os.close(descriptor)
        assert signalled
        assert not lives(sleeper)


async def _readable(descriptor: int) -> bool:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, ended.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), PATIENCE_S)
    loop.remove_reader(descriptor)
    return ended.is_set()


def test_back_off_doubles_up_to_its_cap_and_forgives_a_good_run() -> None:
    back_off = BackOff(first_s=1, longest_s=5, good_run_s=10)
    assert [back_off.after(0) for _ in range(5)] == [1, 2, 4, 5, 5]
    assert back_off.after(10) == 1
    assert back_off.after(9) == 2


def test_accepts_tells_a_listener_from_a_leftover(tmp_path: Path) -> None:
    place = tmp_path / "x.sock"
    assert not accepts(place)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        assert not accepts(place)
        server.listen()
        assert accepts(place)
    assert not accepts(place)


def test_a_missing_process_cannot_be_signalled(tmp_path: Path) -> None:
    supervisor = Supervisor([shell("none", "true")], tmp_path, lambda _name, _line: None)
    with pytest.raises(ProcessLookupError, match="none is not running"):
        supervisor.send_signal("none", signal.SIGTERM)
