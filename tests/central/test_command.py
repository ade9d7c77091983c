"""`report-centre`: keys are private and never lost, and the server ends when asked."""

import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from central.centre import Centre
from central.cli import app
from central.server import kiosk_of

pytestmark = pytest.mark.slow

ON_SQLITE = pytest.mark.parametrize("database", [None], ids=["sqlite"])


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def at(centre: Centre) -> list[str]:
    return ["--centre", str(centre.directory), *(["--database", centre.database] if centre.database else [])]


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
    assert set(before) == {
        "centre-ca.pem", "enrolment.json", "identity.pem", "keyset.jws", "reference.key", "roots.json"
    }  # fmt: skip
    assert len(before["reference.key"]) == 32
    assert run("enrol", 7, "--out", keys, "--centre", directory)[0] == 0
    changed = {path.name for path in keys.iterdir() if path.read_bytes() != before[path.name]}
    assert "identity.pem" in changed
    assert "reference.key" not in changed


def test_a_kiosk_gets_no_private_key_of_the_centre(directory: Path, tmp_path: Path) -> None:
    run("enrol", 7, "--out", tmp_path / "keys", "--centre", directory)
    given = b"".join(path.read_bytes() for path in (tmp_path / "keys").iterdir())
    keyring = json.loads((directory / "keyring.json").read_text())
    private = [key["private"] for key in keyring["sealing"] + keyring["receipt_keys"]]
    assert len(private) == 3
    assert not any(key.encode() in given for key in [*private, keyring["secret"]])
    for name in ("ca.key", "server.key", "development-root.pem"):
        assert (directory / name).read_bytes() not in given
    assert b"private" not in (tmp_path / "keys" / "keyset.jws").read_bytes()


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


def test_cases_are_listed_and_opened(centre: Centre, tmp_path: Path, api: Any, sealing: Any) -> None:
    message = sealing.seal(
        '{"reference":"100000000001","text":"錢包"}'.encode(), photos=(b"jpeg one", b"jpeg two")
    )
    api.put_parts(message)
    api.put(message)
    status, words = run("list", "--json", *at(centre))
    assert status == 0
    [case] = json.loads(words)
    assert case["case"] == str(message.case_id)
    assert "100000000001" in run("list", *at(centre))[1]
    for name in ("100000000001", "1000 0000 0001", str(message.case_id)):
        status, words = run("show", name, "--json", *at(centre), "--attachments", tmp_path / "photos")
        assert status == 0
        shown = json.loads(words)
        assert shown["document"] == {"reference": "100000000001", "text": "錢包"}
        assert shown["official_number"] == case["official_number"]
        assert [(tmp_path / "photos" / name).read_bytes() for name in shown["attachments"]] == [
            b"jpeg one",
            b"jpeg two",
        ]
    assert run("show", "999", *at(centre))[0] == 1
    status, words = run("show", "100000000001", str(message.case_id), "--json", *at(centre))
    assert [json.loads(line)["case"] for line in words.splitlines()] == [str(message.case_id)] * 2
    status, words = run("show", "1", "2", *at(centre), "--attachments", tmp_path / "photos")
    assert (status, "for one case" in words) == (1, True)


Served = tuple[subprocess.Popen[str], dict[str, str]]


@pytest.fixture
def served(centre: Centre) -> Iterator[Served]:
    """The server as a process, with every warning an error, and the URL of each listener."""
    code = "from central.cli import main; main()"
    options = [f"--{name}=0" for name in ("port", "inbox-port", "public-port", "ops-port")]
    options += [f"--database={centre.database}"] if centre.database else []
    command = [sys.executable, "-W", "error", "-c", code, "serve", str(centre.directory), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = [server.stdout.readline().split() for _ in range(4)]
        urls = {words[0]: words[-1] for words in told if words}
        assert set(urls) == {"gateway", "inbox", "public", "ops"}, server.communicate(timeout=5)
        yield server, urls
        server.kill()


def get(url: str, **more: Any) -> httpx.Response:
    return httpx.get(url, timeout=5, trust_env=False, **more)


@pytest.mark.e2e
def test_a_kiosk_puts_a_case_and_the_server_ends_in_order(
    served: Served, centre: Centre, sealing: Any
) -> None:
    server, urls = served
    keys = centre.directory.parent / "keys"
    centre.enrol(7, keys, 30)
    context = ssl.create_default_context(cafile=str(keys / "centre-ca.pem"))
    context.load_cert_chain(keys / "identity.pem")
    message = sealing.seal()
    with httpx.Client(verify=context, base_url=urls["gateway"], trust_env=False, timeout=5) as kiosk:
        assert kiosk.put(f"/v1/cases/{message.case_id}", content=message.body).status_code == 201
        heartbeat = {"queued": 0, "oldest_age_s": 0, "last_sequence": 1}
        assert kiosk.post("/v1/heartbeat", json=heartbeat).json()["key_set_version"] == 1
    centre.enrol(8, keys, 30)
    assert run("revoke", 8, *at(centre))[0] == 0
    stolen = ssl.create_default_context(cafile=str(keys / "centre-ca.pem"))
    stolen.load_cert_chain(keys / "identity.pem")
    with httpx.Client(verify=stolen, base_url=urls["gateway"], trust_env=False, timeout=5) as kiosk:
        reply = kiosk.post("/v1/heartbeat", json=heartbeat)
        assert (reply.status_code, reply.json()["type"]) == (403, "/problems/revoked")
    authority = ssl.create_default_context(cafile=str(keys / "centre-ca.pem"))
    assert get(f"{urls['public']}/v1/authority", verify=authority).status_code == 200
    assert get(f"{urls['inbox']}/v1/cases", verify=authority).status_code == 401
    assert get(f"{urls['ops']}/health/live").json() == {"status": "pass"}
    assert "report_centre_cases_received_total 1.0" in get(f"{urls['ops']}/metrics").text
    server.send_signal(signal.SIGTERM)
    _, errors = server.communicate(timeout=15)
    assert (server.returncode, errors) == (0, "")
    assert "100000000001" in run("list", *at(centre))[1]


@pytest.mark.e2e
@ON_SQLITE
def test_nobody_without_a_certificate_is_answered(directory: Path, served: Served) -> None:
    server, urls = served
    context = ssl.create_default_context(cafile=str(directory / "ca.pem"))
    with socket.create_connection(("127.0.0.1", urlsplit(urls["gateway"]).port), timeout=5) as client:
        line = context.wrap_socket(client, server_hostname="localhost")
        with line, suppress(OSError):
            line.sendall(b"GET /v1/heartbeat HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert line.recv(1) == b""
    server.send_signal(signal.SIGINT)
    _, errors = server.communicate(timeout=15)
    assert (server.returncode, errors) == (0, "")


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
