"""The client's calls over real TLS: what it sends, what it believes, how long it waits, whose keys it uses.

What servers do to it otherwise is in tests/prove/proxy.
"""

import hashlib
import json
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from central.centre import Centre
from central.gateway import receipts
from central.keys.keyring import Keyring
from central.server import tls
from kiosk.post import central
from kiosk.post.central import Central, deadline_for
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Alive, Failure, NoReply, Reply, Verdict, decide

CASE = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
ENVELOPE = b'{"v":2}'
STATUS = Status(queued=3, quarantined=1, oldest_age_s=60, last_sequence=9, used=0, quota=0)
JSON = "Content-Type: application/json"
PROBLEM = "Content-Type: application/problem+json"
NOT_THE_CENTRE = NoReply(Failure.NOT_THE_CENTRE)

Script = Callable[[ssl.SSLSocket], None]


class Impostor:
    """A TLS server with the centre's own certificate that treats each connection by a script."""

    def __init__(self, directory: Path, script: Script) -> None:
        self._context = tls(directory, for_kiosks=True)
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
def impostor(base: Path) -> Iterator[Callable[[Script], Impostor]]:
    running: list[Impostor] = []

    def start(script: Script) -> Impostor:
        running.append(Impostor(base / "centre", script))
        return running[-1]

    yield start
    for each in running:
        each.close()


@pytest.fixture
def client(base: Path) -> Iterator[Callable[..., Central]]:
    clients: list[Central] = []

    def make(
        url: str,
        keys: Path | None = None,
        kiosk: int = 7,
        deadline_s: float = 5.0,
        wall: Callable[[], float] = time.time,
    ) -> Central:
        clients.append(Central(url, keys or base / "keys", kiosk, deadline_s, "1.4.0", wall))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


def http(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def request(connection: ssl.SSLSocket) -> tuple[bytes, bytes]:
    """Head and body of the next request; empty when there is none."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        if not data:
            return b"", b""
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b":0"
    )
    while len(body) < int(length.partition(b":")[2]):
        body += connection.recv(65536)
    return head, body


def answers(*replies: bytes, seen: list[tuple[bytes, bytes]] | None = None) -> Script:
    """Answers one request after the other."""

    def script(connection: ssl.SSLSocket) -> None:
        for reply in replies:
            asked = request(connection)
            if seen is not None:
                seen.append(asked)
            connection.sendall(reply)
        request(connection)  # until it hangs up

    return script


def as_json(value: object, status: str = "200 OK") -> bytes:
    return http(status, JSON, body=json.dumps(value).encode())


def genuine(centre: Path) -> bytes:
    sha256 = hashlib.sha256(ENVELOPE).hexdigest()
    claims = {"case": str(CASE), "envelope": sha256, "official_number": "ADM RN 26000001"}
    return as_json({"receipt": receipts.sign(Keyring.load(centre), claims)}, "201 Created")


def test_a_genuine_receipt_is_believed_and_the_connection_kept(
    base: Path, impostor: Any, client: Any
) -> None:
    seen: list[tuple[bytes, bytes]] = []
    server = impostor(answers(*[genuine(base / "centre")] * 3, seen=seen))
    central = client(server.url)
    for _ in range(3):
        reply = central.put_case(CASE, ENVELOPE)
        assert reply.receipt.official_number == "ADM RN 26000001"
        assert decide(reply).verdict is Verdict.ACKNOWLEDGED
    assert server.connections == 1
    head, body = seen[0]
    assert head.startswith(f"PUT /v1/cases/{CASE} HTTP/1.1".encode())
    assert body == ENVELOPE
    assert b"accept-encoding: identity" in head.lower()


def test_a_heartbeat_tells_how_the_kiosk_is(impostor: Any, client: Any) -> None:
    seen: list[tuple[bytes, bytes]] = []
    alive = {"alive": True, "key_set_version": 4, "time": "2026-11-21T08:00:00Z", "later": 1}
    server = impostor(answers(as_json(alive), seen=seen))
    assert client(server.url).heartbeat(STATUS) == Alive(4, 1_795_248_000.0)
    assert json.loads(seen[0][1]) == {
        "queued": 4, "quarantined": 1, "oldest_age_s": 60, "last_sequence": 9, "release": "1.4.0",
        "key_set_version": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (as_json({"alive": True, "key_set_version": 4}), Alive(4)),
        (as_json({"alive": True, "key_set_version": 4, "time": "soon"}), Alive(4)),
        (as_json({"alive": True, "key_set_version": 4, "time": "9999-12-31T23:59:59-23:59"}), Alive(4)),
        (as_json({"alive": True, "key_set_version": "4"}), NOT_THE_CENTRE),
        (as_json({"alive": 1, "key_set_version": 4}), NOT_THE_CENTRE),
        (as_json({"alive": True}), NOT_THE_CENTRE),
        (as_json([]), NOT_THE_CENTRE),
        (http("200 OK", "Content-Type: text/html", body=b'{"alive": true}'), NOT_THE_CENTRE),
        (http("204 No Content"), NOT_THE_CENTRE),
        (http("503 Busy", "Retry-After: 5"), Reply(503, retry_after_s=5.0)),
    ],
)
def test_what_is_heard_of_a_heartbeat(impostor: Any, client: Any, answer: bytes, heard: object) -> None:
    assert client(impostor(answers(answer)).url).heartbeat(STATUS) == heard


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: Sat, 21 Nov 2026 08:05:00 GMT", "Date: Sat, 21 Nov 2026 08:00:00 GMT"], 300),
        (["Retry-After: Sat, 21 Nov 2026 08:05:00 GMT", "Date: now"], 4500),
        (["Retry-After: Sat, 21 Nov 2026 08:05:00 GMT"], 4500),
        (["Retry-After: Sat, 21 Nov 2026 08:05:00 -0000"], None),
        (["Retry-After: Sat, 99 Nov 2026 08:05:00 GMT"], None),
        (["Retry-After: 5", "Date: Sat, 21 Nov 2026 08:00:00 GMT"], 5),
    ],
)
def test_a_dated_wait_is_measured_by_the_clock_it_came_from(
    impostor: Any, client: Any, headers: list[str], seconds: float | None
) -> None:
    central = client(impostor(answers(http("503 Busy", *headers))).url, wall=lambda: 1_795_243_800.0)
    assert central.key_set() == Reply(503, retry_after_s=seconds)


@pytest.mark.parametrize(
    ("call", "path", "sent", "member"),
    [
        (lambda c: c.key_set(), b"GET /v1/keyset", None, "key_set"),
        (lambda c: c.renew_certificate("CSR"), b"POST /v1/certificates", {"csr": "CSR"}, "certificate"),
        (
            lambda c: c.enquire(CASE, "k1", "QUFB", 5.0),
            b"POST /v1/enquiries",
            {"id": str(CASE), "kid": "k1", "sealed": "QUFB"},
            "sealed",
        ),
    ],
    ids=["key set", "certificate", "enquiry"],
)
def test_calls_whose_answer_is_one_text(
    impostor: Any, client: Any, call: Any, path: bytes, sent: object, member: str
) -> None:
    seen: list[tuple[bytes, bytes]] = []
    problem = http("429 Too Many", PROBLEM, body=b'{"type": "/problems/too-often"}')
    replies = [
        as_json({member: "text"}),
        as_json({member: 5}),
        as_json({}),
        as_json({member: "x"}, "201 Created"),
    ]
    central = client(impostor(answers(*replies, problem, seen=seen)).url)
    assert call(central) == "text"
    assert [call(central) for _ in range(3)] == [NOT_THE_CENTRE] * 3
    assert call(central) == Reply(429, explained=True, problem="/problems/too-often")
    assert seen[0][0].startswith(path)
    assert seen[0][1] == (b"" if sent is None else json.dumps(sent).encode())


def test_parts(impostor: Any, client: Any) -> None:
    replies = [
        as_json({"present": ["aa", 5, "bb"]}), as_json({"present": "aa"}), http("404 X"),
        http("204 No Content"), http("200 OK"),
        http("413 X", PROBLEM, body=b'{"type": "/problems/too-large"}'),
    ]  # fmt: skip
    central = client(impostor(answers(*replies)).url)
    assert central.parts_present(CASE) == frozenset({"aa", "bb"})
    assert central.parts_present(CASE) == NOT_THE_CENTRE
    assert central.parts_present(CASE) == Reply(404)
    assert central.put_part(CASE, "aa", b"sealed") is None
    assert central.put_part(CASE, "aa", b"sealed") == NOT_THE_CENTRE
    assert central.put_part(CASE, "aa", b"sealed").problem == "/problems/too-large"


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ('</help/too-large>; rel="describedby"', "too-large"),
        ("<https://c.example/a/b/>; rel=describedby", "b"),
        ('</x>; rel="next", </y>; rel="describedby"', "y"),
        ('</help/Chan%20Tai%20Man>; rel="describedby"', ""),
        ('</help/A123456>; rel="describedby"', ""),
        ("nonsense <<<>>> rel=;,", ""),
    ],
)
def test_the_page_that_describes_a_problem_is_only_a_word_for_the_log(
    impostor: Any, client: Any, link: str, code: str
) -> None:
    answer = http("422 X", PROBLEM, f"Link: {link}", body=b"{}")
    assert client(impostor(answers(answer)).url).put_case(CASE, ENVELOPE).described_by == code


def test_a_large_body_has_more_time_and_never_without_end() -> None:
    assert deadline_for(0, 30) == deadline_for(64 * 1024, 30) == 30
    assert deadline_for(262_160, 30) == pytest.approx(42, abs=0.1)
    assert deadline_for(10**9, 30) == deadline_for(central.MAX_BODY, 30) < 130


def test_a_server_that_reads_slowly_does_not_hold_a_part_for_ever(
    impostor: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reads_slowly(connection: ssl.SSLSocket) -> None:
        for _ in range(40):
            connection.recv(1024)
            time.sleep(0.05)  # a slow server is the point

    monkeypatch.setattr(central, "_SLOWEST_BYTES_S", 1e9)
    began = time.monotonic()
    reply = client(impostor(reads_slowly).url, deadline_s=0.5).put_part(CASE, "0" * 64, bytes(16 << 20))
    assert reply == NoReply(Failure.TIMED_OUT)
    assert time.monotonic() - began < 1.0


def test_a_name_that_cannot_be_looked_up_in_time(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def look_up(*_arguments: object, **_options: object) -> None:
        released.wait(10)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", look_up)
    began = time.monotonic()
    reply = client("https://centre.invalid", deadline_s=0.3).put_case(CASE, ENVELOPE)
    assert reply == NoReply(Failure.TIMED_OUT)
    assert time.monotonic() - began < 0.8
    released.set()


def test_without_keys_or_with_those_of_another_kiosk_no_connection_is_made(
    base: Path, tmp_path: Path, impostor: Any, client: Any
) -> None:
    server = impostor(lambda connection: connection.close())
    for keys, kiosk in ((tmp_path, 7), (tmp_path / "nowhere", 7), (base / "keys", 8)):
        central = client(server.url, keys, kiosk)
        assert central.put_case(CASE, ENVELOPE) == NoReply(Failure.NO_KEYS)
        assert central.heartbeat(STATUS) == NoReply(Failure.NO_KEYS)
    assert server.connections == 0


def test_keys_that_were_replaced_are_used_at_once(
    base: Path, tmp_path: Path, impostor: Any, client: Any
) -> None:
    """The centre signs with a new key; the kiosk's key set is replaced while a connection is open."""
    renewed, keys, fresh = tmp_path / "renewed", tmp_path / "keys", tmp_path / "fresh"
    Centre(renewed).init("ADM", ("localhost",))
    Centre(base / "centre").enrol(7, keys, days=90)
    Centre(renewed).enrol(7, fresh, days=90)

    def serve(connection: ssl.SSLSocket) -> None:
        while (asked := request(connection)) != (b"", b""):
            alive = as_json({"alive": True, "key_set_version": 2})
            connection.sendall(genuine(renewed) if asked[0].startswith(b"PUT") else alive)

    server = impostor(serve)
    central = client(server.url, keys)
    assert central.heartbeat(STATUS) == Alive(2)
    for name in ("roots.json", "keyset.jws"):
        (fresh / name).replace(keys / name)
    assert decide(central.put_case(CASE, ENVELOPE)).verdict is Verdict.ACKNOWLEDGED
    assert server.connections == 2
