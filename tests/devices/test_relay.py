"""The network of development: what passes is whole, and a cut is a cut."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator

import pytest

from devices import relay as relays
from devices.relay import Network, Relay


class Echo(socketserver.BaseRequestHandler):
    """Says everything again."""

    def handle(self) -> None:
        while data := self.request.recv(1 << 16):
            self.request.sendall(data)


@pytest.fixture
def centre() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def network(centre) -> Iterator[tuple[Relay, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        here = probe.getsockname()[1]
    relay = Relay([(here, centre)])
    relay.start()
    yield relay, here
    relay.stop()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def echoed(line: socket.socket, data: bytes) -> bytes:
    threading.Thread(target=lambda: (line.sendall(data), line.shutdown(socket.SHUT_WR)), daemon=True).start()
    return b"".join(iter(lambda: line.recv(1 << 16), b""))


def is_cut(port: int) -> bool:
    try:
        connect(port).close()
    except OSError:
        return True
    return False


def test_everything_passes_untouched_both_ways(network):
    data = bytes(range(256)) * 8192
    with connect(network[1]) as one, connect(network[1]) as two:
        assert echoed(one, data) == data
        assert echoed(two, b"two") == b"two"


def test_a_cut_breaks_what_is_open_and_lets_nothing_through_until_it_is_mended(network):
    relay, port = network
    with connect(port) as line:
        line.sendall(b"before")
        assert line.recv(100) == b"before"
        relay.set(Network.CUT)
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert is_cut(port)
    relay.set(Network.CUT)
    assert relay.state is Network.CUT
    relay.set(Network.MEND)
    with connect(port) as line:
        assert echoed(line, b"after") == b"after"


def test_slow_is_slow_and_whole(network, monkeypatch):
    monkeypatch.setattr(relays, "SLOW_S", 0.02)
    relay, port = network
    data = bytes(8 * relays.SLOW_BYTES)
    with connect(port) as line:
        line.sendall(b"open")
        assert line.recv(100) == b"open"
        relay.set(Network.SLOW)  # what is open stays open
        began = time.monotonic()
        assert echoed(line, data) == data
        assert time.monotonic() - began > 7 * 0.02


def test_a_portal_answers_instead_of_the_centre(network):
    relay, port = network
    relay.set(Network.PORTAL)
    with connect(port) as line:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 302")
    context = ssl.create_default_context()
    with connect(port) as line, pytest.raises(OSError, match=r"SSL|reset|EOF"):
        context.wrap_socket(line, server_hostname="localhost")
    relay.set(Network.MEND)
    with connect(port) as line:
        assert echoed(line, b"x") == b"x"


def test_without_a_centre_connections_end():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            here = other.getsockname()[1]
        relay = Relay([(here, nobody)])
        relay.start()
        with connect(here) as line:
            assert line.recv(100) == b""
        relay.stop()
