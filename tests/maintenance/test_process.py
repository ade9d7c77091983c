"""The real process with real keys, real scrypt and a technician from `report-centre`; about 6 s."""

import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from central.cli import app as centre_app
from central.keys.development import PASSPHRASE
from config.loader import load
from config.settings import Paths, Settings
from kiosk.commands.app import app as kiosk_app
from kiosk.development.parts import environment_of
from kiosk.maintenance import courier
from kiosk.maintenance.client import ask

KIOSK = str(Path(sysconfig.get_path("scripts")) / "kiosk")
CODE, PIN = "T0042", "739214"
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.argv[2], sys.argv[2:])
"""


def centre(*words: str, typed: str = "") -> str:
    result = CliRunner().invoke(centre_app, list(words), input=typed)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A kiosk enrolled with a development centre that has one technician."""
    folder = tmp_path_factory.mktemp("kiosk")
    house = str(folder / "centre")
    centre("init", house)
    centre("enrol", "1", "--out", str(folder / "keys"), "--centre", house)
    typed = f"{PASSPHRASE}\n{PIN}\n{PIN}\n"
    centre(
        "technician",
        "add",
        CODE,
        "--own-pin",
        "--centre",
        house,
        "--out",
        str(folder / "list.jws"),
        typed=typed,
    )
    (folder / "runtime").mkdir()
    (folder / "state").mkdir()
    places = {name: folder / name for name in ("state", "runtime", "keys", "rime")}
    loaded = load(profile="demo", environ={})
    return loaded.model_copy(update={"paths": Paths(**places), "kiosk_number": 1})


@pytest.fixture
def process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **environment_of(settings)}
    with subprocess.Popen((KIOSK, "maintenance"), env=environment, stderr=subprocess.PIPE) as started:
        _wait_for(settings.paths.maintenance_socket)
        yield started
        started.terminate()


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 20
    while not _answers(path):
        assert time.monotonic() < end
        time.sleep(0.02)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(str(path)) == 0


def test_a_technician_comes_and_goes(
    settings: Settings, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list arrives, the code opens, the process ends when asked; the log says all of it and no PIN."""
    path = settings.paths.maintenance_socket
    entry = {"code": CODE, "pin": PIN}
    assert ask(path, {"ask": "facts"}, entry)["event"] == "denied"  # without a list nobody is known
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    listed = str(settings.paths.keys.parent / "list.jws")
    installed = CliRunner().invoke(kiosk_app, ["maintenance", "technicians", listed])
    assert (installed.exit_code, "version 1" in installed.output) == (0, True), installed.output
    assert (settings.paths.keys / "technicians.jws").stat().st_mode & 0o777 == 0o640
    again = CliRunner().invoke(kiosk_app, ["maintenance", "technicians", listed])
    assert (again.exit_code, "not newer" in again.output) == (1, True)

    facts = ask(path, {"ask": "facts"}, entry)["facts"]
    assert (facts["kiosk"], facts["technicians"]) == ("0001", 1)
    asked = CliRunner().invoke(kiosk_app, ["maintenance", "ask", "tests", "--code", CODE], input=f"{PIN}\n")
    assert asked.exit_code == 0, asked.output
    assert '"test": "printer"' in asked.stdout
    assert ask(path, {"ask": "devices"}, entry) == {"event": "devices", "devices": []}
    assert ask(path, {"ask": "network"}, entry) == {"event": "failed", "reason": "no_courier"}
    assert ask(path, {"ask": "bundle"}, entry) == {"event": "failed", "reason": "no_stick"}
    assert ask(path, {"ask": "restart", "what": "maintenance"}, entry)["done"] is True
    assert process.wait(10) == 0
    assert process.stderr is not None
    log = process.stderr.read().decode()
    said = [json.loads(line)["event"] for line in log.splitlines()]
    assert said[0] == "process_started"
    assert said[-1] == "process_stopped"
    assert {"maintenance_entered", "maintenance_denied", "maintenance_left", "restart_asked"} <= set(said)
    assert PIN not in log
    assert CODE not in log


def test_the_courier_looks_at_the_network_and_ends_when_asked(settings: Settings, tmp_path: Path) -> None:
    """The real courier, with nobody in the place of the centre."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"https://localhost:{taken.getsockname()[1]}"
    paths = settings.paths.model_copy(update={"runtime": tmp_path})
    centre = settings.centre.model_copy(update={"url": url})
    environment = environment_of(settings.model_copy(update={"paths": paths, "centre": centre}))
    with subprocess.Popen(
        (KIOSK, "courier"), env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    ) as started:
        _wait_for(paths.courier_socket)
        hops = courier.check_network(paths.courier_socket)
        assert hops is not None
        assert [(hop.hop, hop.problem) for hop in hops] == [("name", ""), ("tcp", "refused")]
        assert courier.end_process(paths.courier_socket)
        assert started.wait(10) == 0


def test_a_guess_takes_a_tenth_of_a_second_and_survives_a_kill(
    settings: Settings, process: subprocess.Popen[bytes]
) -> None:
    path = settings.paths.maintenance_socket
    waits = [ask(path, {"ask": "door"}, {"code": "T0007", "pin": "000001"})["wait_s"] for _ in range(6)]
    assert waits == [0, 0, 0, 0, 15, 15]
    process.send_signal(signal.SIGKILL)
    process.wait()
    with subprocess.Popen(
        (KIOSK, "maintenance"), env={**os.environ, **environment_of(settings)}, stderr=subprocess.DEVNULL
    ) as started:
        _wait_for(path)
        refused = ask(path, {"ask": "door"}, {"code": "T0007", "pin": "000001"})
        assert (refused["reason"], refused["wait_s"] >= 10) == ("wait", True)
        started.terminate()


def test_a_socket_of_the_service_manager_is_taken(settings: Settings, tmp_path: Path) -> None:
    """As systemd does it: descriptor 3 listens already, and who called before the start is answered."""
    path = tmp_path / "maintenance.sock"
    paths = settings.paths.model_copy(update={"runtime": tmp_path})
    environment = {**os.environ, **environment_of(settings.model_copy(update={"paths": paths}))}
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as caller:
        listening.bind(str(path))
        listening.listen()
        caller.connect(str(path))
        caller.sendall(b'{"ask": "door"}\n')
        start = (sys.executable, "-c", AS_SYSTEMD, str(listening.fileno()), KIOSK, "maintenance")
        with subprocess.Popen(
            start, env=environment, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL
        ) as started:
            caller.settimeout(20)
            assert json.loads(caller.recv(4096))["kiosk"] == "0001"
            started.terminate()
