"""The way to the centre fails at every hop for real, and the check names the hop; about 4 s."""

import datetime as dt
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.post import network
from kiosk.post.network import Way, check
from kiosk.post.report import Hop
from tests.keys.conftest import NOW, PaperCentre
from tests.post.conftest import RunningCentre, _free_port

DAY = 86_400.0
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 17\r\n\r\n<h1>Welcome!</h1>"
Serve = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def paper() -> PaperCentre:
    return PaperCentre()


@pytest.fixture
def keys(tmp_path: Path, paper: PaperCentre) -> Path:
    paper.enrol(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def listening() -> Iterator[Callable[[Serve], int]]:
    """Somebody on loopback who does something to each who connects; its port."""
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def listen(serve: Serve) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.settimeout(5)
                    try:
                        serve(line)
                    except OSError:
                        continue  # the kiosk did not like it

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return int(server.getsockname()[1])

    yield listen
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    for thread in threads:
        thread.join(10)


def certificate(centre: PaperCentre, name: str, begin: float = NOW - DAY, end: float = NOW + DAY) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    made = centre._certificate(name, key.public_key(), begin, end, host=name)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM) + pem


def secured(pem: bytes, folder: Path, answer: bytes) -> Serve:
    """Speaks TLS 1.3 with this certificate and says the same to everybody."""
    path = folder / "server.pem"
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(path)

    def serve(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as tls:
            if tls.recv(65536):
                tls.sendall(answer)

    return serve


def way(keys: Path, port: int, host: str = "localhost") -> Way:
    return Way(f"https://{host}:{port}", keys, 7)


def last(hops: list[Hop]) -> tuple[str, str]:
    """The hop at which the way ends, and why; every hop before it works, and what is broken has a remedy."""
    assert [hop.hop for hop in hops[:-1] if hop.health == "mend"] == []
    assert all(bool(hop.remedy) is (hop.health != "works") for hop in hops)
    assert all(hop.cause and hop.ms >= 0 for hop in hops)
    return hops[-1].hop, hops[-1].problem


# --- on the way ---------------------------------------------------------------------------------------------


def test_a_closed_port(keys: Path) -> None:
    hops = check(way(keys, _free_port()))
    assert last(hops) == ("tcp", "refused")
    assert [hop.hop for hop in hops] == ["name", "tcp"]  # a centre on this machine needs no cable


def test_a_name_that_nobody_knows(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_LINKS", keys / "none")
    found = network._Check(way(keys, 443, "no-such-host.invalid"), 3.0)
    with pytest.raises(network._EndsError) as end:
        found._name()
    assert end.value.problem in {"not_resolved", "timed_out"}


def test_a_resolver_that_never_answers(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    awake = threading.Event()

    def resolved(_host: str, _port: int) -> list[str]:
        awake.wait(10)
        return []

    monkeypatch.setattr(network, "_resolved", resolved)
    began = time.monotonic()
    assert last(check(way(keys, 443), deadline_s=0.3)) == ("name", "timed_out")
    assert time.monotonic() - began < 2
    awake.set()


def test_somebody_who_takes_the_connection_and_says_nothing(
    keys: Path, listening: Callable[[Serve], int]
) -> None:
    port = listening(_until_closed)
    assert last(check(way(keys, port), deadline_s=0.5)) == ("tls", "timed_out")


def _until_closed(line: socket.socket) -> None:
    while line.recv(4096):
        pass


@pytest.mark.parametrize(
    ("said", "problem"),
    [(PORTAL, "no_tls"), (b"", "broken_off"), (b"\x15\x03\x03\x00\x02\x02\x28", "no_tls")],
)
def test_something_else_than_the_centre(
    keys: Path, listening: Callable[[Serve], int], said: bytes, problem: str
) -> None:
    def serve(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(said)

    assert last(check(way(keys, listening(serve)))) == ("tls", problem)


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda _: certificate(PaperCentre(), "localhost"), "unknown_authority"),
        (lambda centre: certificate(centre, "localhost", NOW - 9 * DAY, NOW - DAY), "expired"),
        (lambda centre: certificate(centre, "localhost", NOW + DAY, NOW + 9 * DAY), "not_yet_valid"),
        (lambda centre: certificate(centre, "portal.example"), "another_name"),
        (lambda _: self_signed(), "unknown_authority"),
    ],
)
def test_a_certificate_that_is_not_the_centres(
    tmp_path: Path,
    keys: Path,
    paper: PaperCentre,
    listening: Callable[[Serve], int],
    made: Callable[[PaperCentre], bytes],
    problem: str,
) -> None:
    port = listening(secured(made(paper), tmp_path, b""))
    assert last(check(way(keys, port))) == ("tls", problem)


def self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM) + pem


def test_a_portal_with_the_centres_own_certificate(
    tmp_path: Path, keys: Path, paper: PaperCentre, listening: Callable[[Serve], int]
) -> None:
    port = listening(secured(certificate(paper, "localhost"), tmp_path, PORTAL))
    assert last(check(way(keys, port))) == ("answer", "not_the_centre")


def test_keys_that_are_missing(keys: Path, listening: Callable[[Serve], int]) -> None:
    (keys / "identity.pem").unlink()
    assert last(check(way(keys, listening(_until_closed)))) == ("tls", "no_keys")


# --- at the centre ------------------------------------------------------------------------------------------


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[RunningCentre]:
    running = RunningCentre(tmp_path / "centre", _free_port())
    running.start()
    yield running
    running.close()


def test_the_whole_way(tmp_path: Path, centre: RunningCentre) -> None:
    """The real centre: all is well; its key set by another root; this kiosk refused."""
    keys = tmp_path / "mine"
    centre.centre.enrol(7, keys, days=90)
    hops = check(way(keys, centre.port))
    assert last(hops) == ("keys", "")
    assert [hop.hop for hop in hops] == ["name", "tcp", "tls", "certificate", "answer", "keys"]

    assert last(check(Way(centre.url, keys, 8)))[0] == "certificate"  # another kiosk's certificate

    good = (keys / "roots.json").read_bytes()
    PaperCentre().enrol(tmp_path / "theirs")
    (keys / "roots.json").write_bytes((tmp_path / "theirs" / "roots.json").read_bytes())
    (keys / "keyset.jws").write_bytes((tmp_path / "theirs" / "keyset.jws").read_bytes())
    assert last(check(way(keys, centre.port))) == ("keys", "not_signed")

    centre.centre.enrol(7, keys, days=90)
    assert (keys / "roots.json").read_bytes() == good
    store = centre.centre.store()
    time.sleep(1.1)  # certificates are refused by the second of their issue
    centre.centre.enrolment(store).revoke(7)
    store.close()
    end = time.monotonic() + 20
    while last(check(way(keys, centre.port))) != ("certificate", "not_accepted"):
        assert time.monotonic() < end, "a server that runs takes some seconds to notice"


def test_a_certificate_that_has_ended(
    tmp_path: Path, keys: Path, paper: PaperCentre, listening: Callable[[Serve], int]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = paper._certificate("kiosk-0007", key.public_key(), NOW - 9 * DAY, NOW - DAY)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (keys / "identity.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem)
    port = listening(secured(certificate(paper, "localhost"), tmp_path, PORTAL))
    assert last(check(way(keys, port))) == ("certificate", "expired")


# --- the kiosk's own end ------------------------------------------------------------------------------------

HEAD = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
ROUTE = HEAD + "eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n"
ARP = "IP address HW type Flags HW address Mask Device\n192.0.2.1 0x1 {flags} 02:fc:00:00:00:05 * eth0\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with one card, a cable, an address and a gateway, as the kernel would tell it."""
    (tmp_path / "links" / "eth0").mkdir(parents=True)
    (tmp_path / "links" / "eth0" / "carrier").write_text("1\n")
    (tmp_path / "links" / "lo").mkdir()
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "route").write_text(ROUTE)
    (tmp_path / "net" / "arp").write_text(ARP.format(flags="0x2"))
    monkeypatch.setattr(network, "_LINKS", tmp_path / "links")
    monkeypatch.setattr(network, "_NET", tmp_path / "net")
    monkeypatch.setattr(network, "_own_address", lambda: "192.0.2.77")
    monkeypatch.setattr(network, "_pings", lambda _address, _wait: False)
    monkeypatch.setattr(network, "_resolved", lambda _host, _port: [])
    return tmp_path


def unplugged(machine: Path, _: pytest.MonkeyPatch) -> None:
    (machine / "links" / "eth0" / "carrier").write_text("0\n")


def without_a_card(machine: Path, _: pytest.MonkeyPatch) -> None:
    (machine / "links" / "eth0" / "carrier").unlink()
    (machine / "links" / "eth0").rmdir()


def without_an_address(machine: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network, "_own_address", lambda: None)
    (machine / "net" / "route").write_text(HEAD)


def without_a_route(machine: Path, _: pytest.MonkeyPatch) -> None:
    (machine / "net" / "route").write_text(HEAD)


def with_a_silent_gateway(machine: Path, _: pytest.MonkeyPatch) -> None:
    (machine / "net" / "arp").write_text(ARP.format(flags="0x0"))


def nothing_wrong(_machine: Path, _: pytest.MonkeyPatch) -> None:
    return


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (without_a_card, ("interface", "no_interface")),
        (unplugged, ("interface", "no_carrier")),
        (without_an_address, ("interface", "no_address")),
        (without_a_route, ("route", "no_route")),
        (with_a_silent_gateway, ("gateway", "no_answer")),
        (nothing_wrong, ("name", "not_resolved")),
    ],
)
def test_the_kiosks_own_end(
    machine: Path,
    keys: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path, pytest.MonkeyPatch], None],
    expected: tuple[str, str],
) -> None:
    make(machine, monkeypatch)
    assert last(check(way(keys, 443, "centre.example"))) == expected


def test_a_gateway_that_may_not_be_asked_ends_nothing(machine: Path, keys: Path) -> None:
    (machine / "net" / "arp").unlink()
    hops = check(way(keys, 443, "centre.example"))
    assert [(hop.hop, hop.health, hop.problem) for hop in hops[2:]] == [
        ("gateway", "watch", "not_told"),
        ("name", "mend", "not_resolved"),
    ]


def test_routes_of_both_families_are_read(machine: Path) -> None:
    gateway = "fe80" + "0" * 27 + "1"
    row = f"{'0' * 32} 00 {'0' * 32} 00 {gateway} 00000064 00000001 00000000 00000003 eth0\n"
    (machine / "net" / "ipv6_route").write_text(row)
    assert network._default_routes() == [("eth0", "192.0.2.1"), ("eth0", "fe80::1")]


def test_every_problem_of_the_page_has_a_remedy() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/maintenance.md").read_text(encoding="utf-8")
    named = {word for word in network._REMEDIES if f"`{word}`" in page}
    assert named == network._REMEDIES.keys()


# --- planted bugs -------------------------------------------------------------------------------------------


def believes_any_certificate(patch: pytest.MonkeyPatch) -> None:
    _changed_tls(patch, lambda context: (setattr(context, "check_hostname", False), _unverified(context)))


def believes_any_name(patch: pytest.MonkeyPatch) -> None:
    _changed_tls(patch, lambda context: setattr(context, "check_hostname", False))


def _unverified(context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_NONE


def _changed_tls(patch: pytest.MonkeyPatch, change: Callable[[ssl.SSLContext], object]) -> None:
    honest = network.client_tls

    def client_tls(keys: Path) -> ssl.SSLContext:
        context = honest(keys)
        change(context)
        return context

    patch.setattr(network, "client_tls", client_tls)


def believes_any_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network._Check, "_answer", lambda _: network._Passed("something answers"))


def believes_any_key_set(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network._Check, "_keys", lambda _: network._Passed("there is one"))


def sees_no_cable(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network, "_word", lambda _: "1")


def takes_silence_for_an_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network, "_neighbour", lambda _: True)


def check_authority(folder: Path, keys: Path, listen: Callable[[Serve], int]) -> None:
    port = listen(secured(certificate(PaperCentre(), "localhost"), folder, b""))
    assert last(check(way(keys, port))) == ("tls", "unknown_authority")


def check_name(folder: Path, keys: Path, listen: Callable[[Serve], int]) -> None:
    port = listen(secured(certificate(_PAPER[0], "portal.example"), folder, b""))
    assert last(check(way(keys, port))) == ("tls", "another_name")


def check_portal(folder: Path, keys: Path, listen: Callable[[Serve], int]) -> None:
    port = listen(secured(certificate(_PAPER[0], "localhost"), folder, PORTAL))
    assert last(check(way(keys, port))) == ("answer", "not_the_centre")


def check_key_set(folder: Path, keys: Path, listen: Callable[[Serve], int]) -> None:
    """The centre's own server gives out a key set that another root signed."""
    body = json.dumps({"key_set": PaperCentre().key_set(9)}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    port = listen(secured(certificate(_PAPER[0], "localhost"), folder, head.encode() + body))
    assert last(check(way(keys, port))) == ("keys", "not_signed")


def check_cable(folder: Path, keys: Path, _: Callable[[Serve], int]) -> None:
    (folder / "links" / "eth0" / "carrier").write_text("0\n")
    assert last(check(way(keys, 443, "centre.example"))) == ("interface", "no_carrier")


def check_gateway(folder: Path, keys: Path, _: Callable[[Serve], int]) -> None:
    (folder / "net" / "arp").write_text(ARP.format(flags="0x0"))
    assert last(check(way(keys, 443, "centre.example"))) == ("gateway", "no_answer")


_PAPER: list[PaperCentre] = []
CHECKS = {
    believes_any_certificate: check_authority,
    believes_any_name: check_name,
    believes_any_answer: check_portal,
    believes_any_key_set: check_key_set,
    sees_no_cable: check_cable,
    takes_silence_for_an_answer: check_gateway,
}


@pytest.mark.parametrize("planted", [False, True])
@pytest.mark.parametrize("plant", CHECKS)
def test_a_planted_bug_is_found(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    keys: Path,
    paper: PaperCentre,
    listening: Callable[[Serve], int],
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    planted: bool,
) -> None:
    _PAPER[:] = [paper]
    if CHECKS[plant] in (check_cable, check_gateway):
        request.getfixturevalue("machine")
    if not planted:
        CHECKS[plant](tmp_path, keys, listening)
        return
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        CHECKS[plant](tmp_path, keys, listening)
