"""Several processes of a centre: one that dies is replaced, and none outlives the others' end."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from central.centre import Centre
from central.cli import app
from tests import postgres

# Each work says who it is and waits for SIGTERM; the last stubborn one does not care about it.
PROGRAM = """
import os, signal, sys
from functools import partial
from central import workers

def work(name):
    if name == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, f"{name} {os.getpid()}\\n".encode())  # in one piece
    if name == "broken":
        raise SystemExit(3)
    while True:
        signal.pause()

workers._PATIENCE_S, workers._PAUSE_S = 0.3, 0.05
workers.keep_running([partial(work, name) for name in sys.argv[1:]])
print("ended", flush=True)
"""

Started = subprocess.Popen[str]


@pytest.fixture
def started(request: pytest.FixtureRequest) -> Iterator[Started]:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        yield parent
        parent.kill()


def told(parent: Started, count: int) -> dict[str, int]:
    """Who said that they began, with their process ids."""
    assert parent.stdout is not None
    lines = [parent.stdout.readline().split() for _ in range(count)]
    return {name: int(pid) for name, pid in lines}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("started", [("a", "b")], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_dies_is_replaced_and_all_end_when_asked(started: Started, number: signal.Signals) -> None:
    first = told(started, 2)
    os.kill(first["a"], signal.SIGKILL)
    [(name, pid)] = told(started, 1).items()
    assert name == "a"
    assert pid != first["a"]
    assert is_alive(first["b"])
    started.send_signal(number)
    said, errors = started.communicate(timeout=10)
    assert (started.returncode, said, errors) == (0, "ended\n", "worker 0 has died (-9)\n")
    assert not any(map(is_alive, (pid, first["b"])))


@pytest.mark.parametrize("started", [("a", "stubborn")], indirect=True)
def test_one_that_does_not_end_is_ended(started: Started) -> None:
    pids = told(started, 2)
    started.terminate()
    _, errors = started.communicate(timeout=10)
    assert started.returncode == 0
    assert "did not end" in errors
    assert not any(map(is_alive, pids.values()))


@pytest.mark.parametrize("started", [("broken", "a")], indirect=True)
def test_one_that_cannot_begin_is_tried_again_and_the_end_still_comes(started: Started) -> None:
    told(started, 5)
    started.terminate()
    _, errors = started.communicate(timeout=10)
    assert started.returncode == 0
    assert errors.startswith("worker 0 has died (3)\nworker 0 has died (3)\n")


@pytest.mark.parametrize("started", [("a", "b", "c")], indirect=True)
def test_nobody_outlives_a_parent_that_was_killed(started: Started) -> None:
    told(started, 3)
    started.kill()
    # The pipe ends when the last of them has let go of it.
    assert started.communicate(timeout=10) == ("", "")


def test_several_need_postgresql(directory: Path) -> None:
    result = CliRunner().invoke(app, ["serve", str(directory), "--workers", "2", "--port", "0"])
    assert result.exit_code == 1
    assert "PostgreSQL" in result.output


@pytest.fixture
def on_postgresql(directory: Path, postgresql: postgres.Server, postgresql_template: str) -> Iterator[Centre]:
    name = postgresql.create(postgresql_template)
    yield Centre(directory, postgresql.url(name))
    postgresql.drop(name)


@pytest.mark.e2e
def test_two_processes_of_a_centre_take_cases_over_one_address(on_postgresql: Centre, sealing: Any) -> None:
    centre, keys = on_postgresql, on_postgresql.directory.parent / "keys"
    centre.enrol(7, keys, 30)
    code = "from central.cli import main; main()"
    options = [f"--{name}=0" for name in ("port", "inbox-port", "public-port", "ops-port")]
    options += [f"--database={centre.database}", "--workers=2"]
    command = [sys.executable, "-W", "error", "-c", code, "serve", str(centre.directory), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            lines = [server.stdout.readline().split() for _ in range(5)]
            gateway = next(words[-1] for words in lines if words[0] == "gateway")
            operators = [words[-1] for words in lines if words[0] == "ops"]
            sent = send_until_both_have_received(gateway, operators, keys, sealing)
            server.terminate()
            _, errors = server.communicate(timeout=20)
            assert (server.returncode, errors) == (0, "")
        finally:
            server.kill()
    result = CliRunner().invoke(
        app, ["list", "--centre", str(centre.directory), "--database", str(centre.database)]
    )
    assert len({line.split()[2] for line in result.output.splitlines()}) == sent


def send_until_both_have_received(gateway: str, operators: list[str], keys: Path, sealing: Any) -> int:
    """Which of them takes a connection is up to the kernel: a new one for each case. Gives how many."""
    context = ssl.create_default_context(cafile=str(keys / "centre-ca.pem"))
    context.load_cert_chain(keys / "identity.pem")
    for count in range(1, 200):
        message = sealing.seal(sequence=count)
        reply = httpx.put(
            f"{gateway}/v1/cases/{message.case_id}",
            content=message.body,
            verify=context,
            trust_env=False,
            timeout=5,
        )
        assert reply.status_code == 201
        metrics = [httpx.get(f"{url}/metrics", trust_env=False, timeout=5).text for url in operators]
        received = [_received(text) for text in metrics]
        assert sum(received) == count
        assert ["database_up" in text for text in metrics].count(True) == 1
        if all(received):
            return count
    raise AssertionError("one of them took everything")


def _received(metrics: str) -> int:
    [line] = [line for line in metrics.splitlines() if line.startswith("report_centre_cases_received_total ")]
    return int(float(line.split()[1]))
