"""`report-centre`: keys are private and never lost, and the server ends when asked."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central.cli import app
from central.gateway.service import Service
from central.server import kiosk_of


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def modes(folder: Path) -> set[str]:
    return {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


def test_a_centre_is_made_once(tmp_path: Path) -> None:
    centre = tmp_path / "var" / "centre"
    assert run("init", centre)[0] == 0
    assert oct(centre.stat().st_mode & 0o777) == "0o700"
    assert modes(centre) == {"0o600"}
    before = {path.name: path.read_bytes() for path in centre.iterdir()}
    status, words = run("init", centre)
    assert status == 1
    assert "nothing was changed" in words
    assert {path.name: path.read_bytes() for path in centre.iterdir()} == before


def test_enrolling_again_renews_all_but_the_reference_key(directory: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    assert run("enrol", 7, "--out", keys, "--centre", directory)[0] == 0
    assert oct(keys.stat().st_mode & 0o777) == "0o700"
    assert modes(keys) == {"0o600"}
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    assert set(before) == {"centre-ca.pem", "client.pem", "client.key", "keyset.json", "reference.key"}
    assert len(before["reference.key"]) == 32
    assert run("enrol", 7, "--out", keys, "--centre", directory)[0] == 0
    changed = {path.name for path in keys.iterdir() if path.read_bytes() != before[path.name]}
    assert changed == {"client.pem", "client.key"}


def test_a_kiosk_gets_no_private_key_of_the_centre(directory: Path, tmp_path: Path) -> None:
    run("enrol", 7, "--out", tmp_path / "keys", "--centre", directory)
    given = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    keyring = json.loads((directory / "keyring.json").read_text())
    private = [key["private"] for key in keyring["keys"] + keyring["receipt_keys"]]
    assert len(private) == 3
    assert not any(key.encode() in given for key in private)
    for name in ("ca.key", "server.key"):
        assert (directory / name).read_bytes() not in given
    assert "private" not in (tmp_path / "keys" / "keyset.json").read_text()


def test_without_a_centre_it_says_what_to_do(tmp_path: Path) -> None:
    for command in (
        ["enrol", 7, "--out", tmp_path / "keys", "--centre", tmp_path],
        ["serve", tmp_path],
        ["list", "--centre", tmp_path],
        ["show", "1", "--centre", tmp_path],
    ):
        status, words = run(*command)
        assert status == 1
        assert f"report-centre init {tmp_path}" in words
    assert run("enrol", 10_000, "--out", tmp_path)[0] == 2


def test_cases_are_listed_and_opened(
    directory: Path, tmp_path: Path, api: Any, sealing: Any, service: Service
) -> None:
    message = sealing.seal(
        '{"reference":"100000000001","text":"錢包"}'.encode(), photos=(b"jpeg one", b"jpeg two")
    )
    api.put_parts(message)
    api.put(message)
    service.close()
    status, words = run("list", "--json", "--centre", directory)
    assert status == 0
    [case] = json.loads(words)
    assert case["case"] == str(message.case_id)
    assert "100000000001" in run("list", "--centre", directory)[1]
    for name in ("100000000001", "1000 0000 0001", str(message.case_id)):
        status, words = run(
            "show", name, "--json", "--centre", directory, "--attachments", tmp_path / "photos"
        )
        assert status == 0
        shown = json.loads(words)
        assert shown["document"] == {"reference": "100000000001", "text": "錢包"}
        assert shown["official_number"] == case["official_number"]
        assert [(tmp_path / "photos" / name).read_bytes() for name in shown["attachments"]] == [
            b"jpeg one",
            b"jpeg two",
        ]
    assert run("show", "999", "--centre", directory)[0] == 1


@pytest.fixture
def served(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The server as a process, with every warning an error, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    code = "from central.cli import main; main()"
    command = [sys.executable, "-W", "error", "-c", code, "serve", str(directory), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as server:
        end = time.monotonic() + 15
        while not _accepts(port):
            assert time.monotonic() < end
            time.sleep(0.05)
        yield server, port
        server.kill()


def _accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_in_order_when_asked(
    served: tuple[subprocess.Popen[bytes], int], number: int
) -> None:
    server, _ = served
    server.send_signal(number)
    _, errors = server.communicate(timeout=10)
    assert (server.returncode, errors) == (0, b"")


@pytest.mark.e2e
def test_nobody_without_a_certificate_is_answered(
    directory: Path, served: tuple[subprocess.Popen[bytes], int]
) -> None:
    context = ssl.create_default_context(cafile=str(directory / "ca.pem"))
    with socket.create_connection(("127.0.0.1", served[1]), timeout=5) as client:
        line = context.wrap_socket(client, server_hostname="localhost")
        with line, suppress(OSError):
            line.sendall(b"GET /v1/heartbeat HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(1) == b""


@pytest.mark.parametrize(
    ("subject", "kiosk"),
    [
        (((("commonName", "kiosk-0007"),),), 7),
        (((("countryName", "HK"),), (("commonName", "kiosk-9999"),)), 9999),
        (((("commonName", "0007"),),), None),
        (((("commonName", "kiosk-7x"),),), None),
        (((("organizationName", "kiosk-0007"),),), None),
        ((), None),
    ],
)
def test_who_a_certificate_names(subject: Any, kiosk: int | None) -> None:
    assert kiosk_of({"subject": subject}) == kiosk
    assert kiosk_of(None) is None
