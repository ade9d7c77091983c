"""Listening: slow clients are cut off, taken ports are told, and what ends, ends together."""

import asyncio
import itertools
import signal
import socket
import threading
import time
from typing import Any

import pytest

from central.server import CannotListenError, Listener, PatientProtocol, bind, serial_of, serve

PATIENCE_S = 0.3


class Impatient(PatientProtocol):
    request_s = PATIENCE_S


async def hello(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def run_in_main_thread(client: Any, *listeners: Listener) -> None:
    """Serve until `client`, in a thread, has returned; what it raises is raised here."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            client()
        except BaseException as error:  # noqa: BLE001 - raised again by the test
            failed.append(error)
        finally:
            signal.raise_signal(signal.SIGTERM)

    thread = threading.Thread(target=work)
    serve(listeners, thread.start)
    thread.join()
    if failed:
        raise failed[0]


def closes_within(line: socket.socket, seconds: float) -> bool:
    line.settimeout(seconds)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_client_that_never_comes_to_an_end_is_cut_off(said: bytes) -> None:
    listener = Listener("test", hello, bind("127.0.0.1", 0), Impatient)

    def client() -> None:
        with socket.create_connection(listener.socket.getsockname(), timeout=5) as line:
            line.sendall(said)
            assert closes_within(line, 5)

    run_in_main_thread(client, listener)


def test_drops_of_a_request_do_not_buy_more_time() -> None:
    listener = Listener("test", hello, bind("127.0.0.1", 0), Impatient)

    def client() -> None:
        began = time.monotonic()
        with socket.create_connection(listener.socket.getsockname(), timeout=5) as line:
            for letter in itertools.cycle(b"GET / HTTP/1.1\r\nX: " + b"x" * 200):
                try:
                    line.sendall(bytes([letter]))
                except OSError:
                    break
                if closes_within(line, 0.05):
                    break
        assert time.monotonic() < began + 4

    run_in_main_thread(client, listener)


def test_a_client_in_time_is_answered_again_and_again_on_one_connection() -> None:
    first = Listener("first", hello, bind("127.0.0.1", 0), Impatient)
    second = Listener("second", hello, bind("127.0.0.1", 0))

    def client() -> None:
        with socket.create_connection(first.socket.getsockname(), timeout=5) as line:
            end = time.monotonic() + 2 * PATIENCE_S
            while time.monotonic() < end:
                line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                reply = b""
                while not reply.endswith(b"hello"):
                    reply += line.recv(1000)
        with socket.create_connection(second.socket.getsockname(), timeout=5) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert line.recv(1000).startswith(b"HTTP/1.1 200")

    run_in_main_thread(client, first, second)


def test_work_beside_the_listeners_ends_with_them() -> None:
    ended = False

    async def beside() -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    listener = Listener("test", hello, bind("127.0.0.1", 0))
    serve([listener], lambda: signal.raise_signal(signal.SIGINT), [beside])
    assert ended


def test_a_taken_port_is_told_or_another_is_found() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"port {port}"):
            bind("127.0.0.1", port)
        with bind("127.0.0.1", port, or_any=True) as other:
            assert other.getsockname()[1] != port
    with pytest.raises(CannotListenError):
        bind("203.0.113.7", 0)


def test_where_a_listener_is() -> None:
    with bind("::1", 0) as line:
        assert Listener("test", hello, line).url == f"http://[::1]:{line.getsockname()[1]}"


def test_the_serial_of_a_certificate_is_written_as_in_the_list_of_the_centre() -> None:
    assert serial_of({"serialNumber": "0A1B"}) == "A1B"
    assert serial_of({}) is None


def test_what_is_sent_on_an_accepted_connection_does_not_wait_for_more() -> None:
    """Without TCP_NODELAY each answer came 40 ms late; asyncio sets it for its own sockets only."""
    with (
        bind("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname(), timeout=5),
    ):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
