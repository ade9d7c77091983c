"""The client against servers that lie, drip, break off and pretend, over real TLS sockets."""

import base64
import datetime as dt
import gzip
import hashlib
import json
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path

import pytest

from central import receipts
from central.centre import Centre
from central.keys.authority import Authority, Credential
from central.keys.keyring import Keyring
from central.server import tls
from kiosk.post.central import MAX_REPLY, Central
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Failure, NoReply, Reply, Verdict, decide

CASE = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
ENVELOPE = b'{"v":1}'
DEADLINE_S = 1.0
STATUS = Status(0, 0, 0, 0, 0, 0)

Script = Callable[[ssl.SSLSocket], None]
Put = Callable[[str], Reply]


class Impostor:
    """A TLS server with the centre's own certificate that answers each connection by a script."""

    def __init__(self, directory: Path, script: Script, context: ssl.SSLContext | None = None) -> None:
        self._context = context or tls(directory)
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError, ValueError), raw:
                connection = self._context.wrap_socket(raw, server_side=True)
                with connection:
                    self._script(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("trust")
    Centre(base / "centre").init("ADM", ("localhost", "127.0.0.1"))
    Centre(base / "centre").enrol(7, base / "keys", days=90)
    return base


@pytest.fixture
def impostor(base: Path) -> Iterator[Callable[..., Impostor]]:
    running: list[Impostor] = []

    def start(script: Script, context: ssl.SSLContext | None = None) -> Impostor:
        running.append(Impostor(base / "centre", script, context))
        return running[-1]

    yield start
    for each in running:
        each.close()


@pytest.fixture
def put(base: Path) -> Iterator[Callable[[str], Reply | NoReply]]:
    """Put the envelope to a server; the whole call must end by its deadline."""
    clients: list[Central] = []

    def call(url: str) -> Reply | NoReply:
        clients.append(Central(url, base / "keys", 7, DEADLINE_S))
        began = time.monotonic()
        reply = clients[-1].put_case(CASE, ENVELOPE)
        assert time.monotonic() - began < DEADLINE_S + 0.5
        return reply

    yield call
    for client in clients:
        client.close()


def http(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answers(*data: bytes, pause_s: float = 0.0) -> Script:
    """Reads the request, then sends `data` piece by piece."""

    def script(connection: ssl.SSLSocket) -> None:
        received = b""
        while not received.endswith(ENVELOPE):
            received += connection.recv(65536)
        for piece in data:
            connection.sendall(piece)
            time.sleep(pause_s)  # a slow server is the point

    return script


def genuine(base: Path, *, centre: str = "centre", **changes: object) -> bytes:
    claims = {
        "case": str(CASE),
        "envelope": hashlib.sha256(ENVELOPE).hexdigest(),
        "official_number": "ADM RN 26000001",
        **changes,
    }
    token = receipts.sign(Keyring.load(base / centre), claims)
    return json.dumps({"receipt": token}).encode()


JSON = "Content-Type: application/json"
PROBLEM = "Content-Type: application/problem+json"


def test_a_genuine_receipt_is_believed(base: Path, impostor: Callable[..., Impostor], put: Put) -> None:
    server = impostor(answers(http("201 Created", JSON, body=genuine(base))))
    reply = put(server.url)
    assert reply.receipt is not None
    assert reply.receipt.official_number == "ADM RN 26000001"
    assert decide(reply).verdict is Verdict.ACKNOWLEDGED


def other_centre(_base: Path) -> bytes:
    claims = {"case": str(CASE), "envelope": hashlib.sha256(ENVELOPE).hexdigest(), "official_number": "X 1"}
    return json.dumps({"receipt": receipts.sign(Keyring.generate(), claims)}).encode()


def tampered(base: Path) -> bytes:
    token = json.loads(genuine(base))["receipt"]
    header, _, signature = token.split(".")
    claims = json.loads(genuine(base, official_number="ADM RN 99"))["receipt"].split(".")[1]
    return json.dumps({"receipt": f"{header}.{claims}.{signature}"}).encode()


def unsigned(base: Path) -> bytes:
    claims = json.loads(genuine(base))["receipt"].split(".")[1]
    return json.dumps({"receipt": f"eyJhbGciOiJub25lIiwia2lkIjoiIn0.{claims}."}).encode()


@pytest.mark.parametrize(
    "body",
    [
        other_centre,
        tampered,
        unsigned,
        lambda base: genuine(base, case=str(uuid.uuid4())),
        lambda base: genuine(base, envelope="0" * 64),
        lambda base: genuine(base, official_number=""),
        lambda base: genuine(base, official_number="\x1b[2J"),
        lambda base: genuine(base, official_number="9" * 33),
        lambda base: genuine(base, official_number=None),
        lambda base: genuine(base) + b" " * MAX_REPLY,
        lambda _: b"",
        lambda _: b"{",
        lambda _: b"[]",
        lambda _: b'{"receipt": 5}',
        lambda _: b'{"receipt": "a.b.c.d"}',
        lambda _: b'{"receipt": "\xff"}',
        lambda _: b"[" * 60_000,
        lambda _: b'{"ok": true}',
        lambda _: json.dumps({"receipt": base64.b64encode(b"[" * 30_000).decode() + ".e30.e30"}).encode(),
    ],
)
def test_no_other_receipt_is(
    base: Path, impostor: Callable[..., Impostor], put: Put, body: Callable[[Path], bytes]
) -> None:
    server = impostor(answers(http("201 Created", JSON, body=body(base))))
    assert decide(put(server.url)).verdict is Verdict.NOT_THE_CENTRE


BOMB = gzip.compress(bytes(50_000_000))
HTML = "Content-Type: text/html"


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        (
            answers(http("200 OK", HTML, body=b"<html>Free Wi-Fi, please sign in</html>")),
            Verdict.NOT_THE_CENTRE,
        ),
        (answers(http("302 Found", "Location: https://portal.example/")), Verdict.NOT_THE_CENTRE),
        (answers(http("307 Temporary Redirect", "Location: /v1/cases/")), Verdict.NOT_THE_CENTRE),
        (answers(http("404 Not Found", HTML, body=b"<html>nginx</html>")), Verdict.NOT_THE_CENTRE),
        (answers(http("413 Too Large", HTML, body=b"<html>nginx</html>")), Verdict.NOT_THE_CENTRE),
        (answers(http("204 No Content")), Verdict.NOT_THE_CENTRE),
        (answers(http("200 OK", JSON, "Content-Encoding: gzip", body=BOMB)), Verdict.NOT_THE_CENTRE),
        (answers(http("200 OK", JSON, body=b" " * (MAX_REPLY + 1))), Verdict.NOT_THE_CENTRE),
        (answers(http("422 Unprocessable", PROBLEM, body=b'{"type":"about:blank"}')), Verdict.REFUSED),
        (answers(http("422 Unprocessable", PROBLEM, body=b"{{{")), Verdict.REFUSED),
        (answers(http("403 Forbidden", PROBLEM, body=b'{"type":"/problems/wrong-kiosk"}')), Verdict.REFUSED),
        (answers(http("403 Forbidden", PROBLEM, body=b"{}")), Verdict.NOT_LET_IN),
        (answers(http("401 Unauthorized", HTML)), Verdict.NOT_LET_IN),
        (answers(http("500 Oops", PROBLEM, body=b"{}")), Verdict.UNKNOWN),
        (answers(http("503 Busy", "Retry-After: 77")), Verdict.WAIT_ALL),
        (answers(http("503 Busy", "Retry-After: soon")), Verdict.UNKNOWN),
        (answers(http("503 Busy", "Retry-After: 1e400")), Verdict.UNKNOWN),
        (answers(http("503 Busy", "Retry-After: ٣")), Verdict.UNKNOWN),
        (answers(http("409 Conflict", PROBLEM, body=b"{}")), Verdict.WAIT_CASE),
        (answers(b""), Verdict.UNKNOWN),
        (answers(b"HTTP/1.1 201 Created\r\n"), Verdict.UNKNOWN),
        (answers(b"SSH-2.0-OpenSSH_9.2\r\n"), Verdict.UNKNOWN),
        (answers(b"HTTP/1.1 201 Created\r\nX: " + b"x" * 300_000), Verdict.UNKNOWN),
        (answers(b"HTTP/1.1 100 Continue\r\n\r\n"), Verdict.UNKNOWN),
    ],
)
def test_what_servers_say(
    impostor: Callable[..., Impostor], put: Put, script: Script, verdict: Verdict
) -> None:
    server = impostor(script)
    assert decide(put(server.url)).verdict is verdict
    assert server.connections == 1, "followed a redirect or tried again by itself"


def test_a_server_that_hangs_up_at_once(impostor: Callable[..., Impostor], put: Put) -> None:
    # Whether it hung up because of our certificate cannot be told here: it may be noticed before or after.
    reply = put(impostor(lambda connection: connection.close()).url)
    assert decide(reply).verdict in {Verdict.UNKNOWN, Verdict.NOT_LET_IN}


def test_a_truncated_receipt_is_no_receipt(base: Path, impostor: Callable[..., Impostor], put: Put) -> None:
    body = genuine(base)
    whole = http("201 Created", JSON, body=body)
    for cut in (1, len(body) // 2, len(body), len(whole) - 20):
        server = impostor(answers(whole[:-cut]))
        assert decide(put(server.url)).verdict is Verdict.UNKNOWN


def silent(connection: ssl.SSLSocket) -> None:
    while connection.recv(65536):
        pass


def drips(text: bytes) -> Script:
    return answers(*[text[n : n + 1] for n in range(len(text))], pause_s=0.05)


@pytest.mark.parametrize(
    "script",
    [
        silent,
        drips(b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n123456789"),
        drips(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100),
        answers(http("200 OK", JSON, length=1000), *[b" "] * 40, pause_s=0.05),
    ],
    ids=["silent", "dripping head", "endless head", "dripping body"],
)
def test_the_deadline_is_hard(impostor: Callable[..., Impostor], put: Put, script: Script) -> None:
    assert put(impostor(script).url) == NoReply(Failure.TIMED_OUT)


def test_the_deadline_holds_while_tls_is_agreed_and_while_a_large_part_is_taken(base: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = Central(f"https://localhost:{mute.getsockname()[1]}", base / "keys", 7, 0.5)
        began = time.monotonic()
        assert client.put_case(CASE, ENVELOPE) == NoReply(Failure.TIMED_OUT)
        assert time.monotonic() - began < 1.0
        client.close()


def test_a_server_that_reads_slowly_does_not_hold_a_part_for_ever(
    base: Path, impostor: Callable[..., Impostor]
) -> None:
    def reads_slowly(connection: ssl.SSLSocket) -> None:
        for _ in range(40):
            connection.recv(1024)
            time.sleep(0.05)  # a slow server is the point

    client = Central(impostor(reads_slowly).url, base / "keys", 7, 0.5)
    began = time.monotonic()
    assert client.put_part(CASE, "0" * 64, bytes(16 << 20)) == NoReply(Failure.TIMED_OUT)
    assert time.monotonic() - began < 1.0
    client.close()


def test_a_name_that_cannot_be_looked_up_in_time(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "create_connection", lambda *_a, **_k: released.wait(10) or _raise(OSError()))
    client = Central("https://centre.invalid", base / "keys", 7, 0.3)
    began = time.monotonic()
    assert client.put_case(CASE, ENVELOPE) == NoReply(Failure.TIMED_OUT)
    assert time.monotonic() - began < 0.8
    released.set()
    client.close()


def _raise(error: Exception) -> None:
    raise error


def test_nobody_listens(base: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = Central(f"https://localhost:{port}", base / "keys", 7, DEADLINE_S)
    assert client.put_case(CASE, ENVELOPE) == NoReply(Failure.UNREACHABLE)
    assert client.heartbeat(STATUS) == NoReply(Failure.UNREACHABLE)


def credential_context(credential: Credential, folder: Path) -> ssl.SSLContext:
    (folder / "c.pem").write_bytes(credential.certificate)
    (folder / "c.key").write_bytes(credential.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c.pem", folder / "c.key")
    return context


@pytest.mark.parametrize("wrong", ["other authority", "other name", "client certificate", "expired"])
def test_a_server_with_another_certificate_gets_nothing(
    base: Path, tmp_path: Path, impostor: Callable[..., Impostor], put: Put, wrong: str
) -> None:
    authority = Authority.load(base / "centre")
    credential = {
        "other authority": lambda: Authority.create(tmp_path, ("localhost",)).issue_server(("localhost",)),
        "other name": lambda: authority.issue_server(("portal.example",)),
        "client certificate": lambda: authority.issue_kiosk(7),
        "expired": lambda: authority.issue_server(("localhost",), days=0),
    }[wrong]()
    seen: list[bytes] = []
    context = credential_context(credential, tmp_path)
    server = impostor(lambda connection: seen.append(connection.recv(1)), context)
    assert put(server.url) == NoReply(Failure.UNTRUSTED)
    assert seen == []


def test_a_centre_that_does_not_know_this_kiosk_says_so(
    tmp_path: Path, base: Path, impostor: Callable[..., Impostor], put: Put
) -> None:
    """The server is genuine, but our certificate comes from another authority."""
    Authority.create(tmp_path, ("localhost",))
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(base / "centre" / "server.pem", base / "centre" / "server.key")
    strict.load_verify_locations(tmp_path / "ca.pem")
    strict.verify_mode = ssl.CERT_REQUIRED
    server = impostor(answers(http("200 OK", JSON, body=genuine(base))), strict)
    assert put(server.url) == NoReply(Failure.CERTIFICATE_REJECTED)


def test_without_keys_or_with_those_of_another_kiosk_no_connection_is_made(
    base: Path, tmp_path: Path, impostor: Callable[..., Impostor]
) -> None:
    server = impostor(lambda connection: connection.close())
    for keys, kiosk in ((tmp_path, 7), (base / "keys", 8)):
        assert Central(server.url, keys, kiosk, DEADLINE_S).put_case(CASE, ENVELOPE) == NoReply(
            Failure.NO_KEYS
        )
    assert server.connections == 0


def test_keys_that_were_renewed_are_used_without_a_restart(
    base: Path, tmp_path: Path, impostor: Callable[..., Impostor]
) -> None:
    """The centre signs with a new key; the kiosk was enrolled again meanwhile."""
    renewed = tmp_path / "renewed"
    Centre(renewed).init("ADM", ("localhost",))
    keys = tmp_path / "keys"
    Centre(base / "centre").enrol(7, keys, days=90)
    server = impostor(answers(http("201 Created", JSON, body=genuine(tmp_path, centre="renewed"))))
    client = Central(server.url, keys, 7, DEADLINE_S)
    assert decide(client.put_case(CASE, ENVELOPE)).verdict is Verdict.NOT_THE_CENTRE
    (keys / "keyset.json").write_bytes(Keyring.load(renewed).key_set())
    assert decide(client.put_case(CASE, ENVELOPE)).verdict is Verdict.ACKNOWLEDGED
    client.close()


def test_retry_after_as_a_date(impostor: Callable[..., Impostor], put: Put) -> None:
    at = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=120), usegmt=True)
    action = decide(put(impostor(answers(http("503 Busy", f"Retry-After: {at}"))).url))
    assert action.verdict is Verdict.WAIT_ALL
    assert action.wait_s == pytest.approx(120, abs=3)
