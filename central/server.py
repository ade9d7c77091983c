"""Listening: several applications in one process, over TLS where it belongs, ended together and in order."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from central.gateway.identity import KIOSK_STATE, SERIAL_STATE
from central.keys.authority import CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY

_NAME_PREFIX = "kiosk-"
_KIOSK_DIGITS = 4
_END_S = 3


class CannotListenError(Exception):
    """An address is taken or not ours; `args[0]` says which."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on a client too slow to say what it wants: uvicorn itself waits for ever."""

    request_s = 20.0
    """From the first byte, or from the connection, to the end of the request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, or stop when the request is whole."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._disarm()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._disarm()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.request_s, self.transport.abort)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class PublicProtocol(PatientProtocol):
    """HTTP/1.1 for everyone. Files of a phone take their time, as long as something keeps coming."""

    idle_s = 30.0
    files_s = 900.0
    """For all of a request with files."""

    _files_end: float | None = None

    def data_received(self, data: bytes) -> None:
        """Go on waiting."""
        super().data_received(data)
        if not self._has_files():
            self._files_end = None
            return
        now = self.loop.time()
        self._files_end = self._files_end or now + self.files_s
        self._disarm()
        left = max(0.0, min(self.idle_s, self._files_end - now))
        self._deadline = self.loop.call_later(left, self.transport.abort)

    def _has_files(self) -> bool:
        if self.conn.their_state is not h11.SEND_BODY or self.scope is None:
            return False
        return str(self.scope["path"]).startswith(("/u/", "/U/"))


class KioskProtocol(PatientProtocol):
    """HTTP/1.1 that knows the kiosk at the other end: uvicorn has no public way to the client certificate."""

    request_s = 300.0  # a part of the first release has 16 MB, and its line may be slow

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Put the kiosk number and the serial of the client certificate into the state of every request."""
        super().connection_made(transport)
        certificate = transport.get_extra_info("peercert") or {}
        named = {KIOSK_STATE: kiosk_of(certificate), SERIAL_STATE: serial_of(certificate)}
        self.app_state = {**self.app_state, **named}


def kiosk_of(certificate: dict[str, Any] | None) -> int | None:
    """The kiosk number in a client certificate, as `ssl.SSLSocket.getpeercert` gives it."""
    for relative_name in (certificate or {}).get("subject", ()):
        for key, value in relative_name:
            number = str(value).removeprefix(_NAME_PREFIX)
            if key == "commonName" and str(value).startswith(_NAME_PREFIX) and _is_number(number):
                return int(number)
    return None


def _is_number(text: str) -> bool:
    return len(text) == _KIOSK_DIGITS and text.isascii() and text.isdecimal()


def serial_of(certificate: dict[str, Any]) -> str | None:
    """The serial number of such a certificate, hexadecimal as in the centre's list: without leading zeros."""
    serial = certificate.get("serialNumber")
    return f"{int(serial, 16):X}" if isinstance(serial, str) else None


def tls(directory: Path, *, for_kiosks: bool, for_old_phones: bool = False) -> ssl.SSLContext:
    """TLS 1.3 with the certificate of `directory`; `for_kiosks` with a certificate of theirs alone.

    `for_old_phones`: TLS 1.2 too, which is all that phones of before 2019 speak.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if for_old_phones else ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(directory / SERVER_CERTIFICATE, directory / SERVER_KEY)
    if for_kiosks:
        context.load_verify_locations(directory / CA_CERTIFICATE)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def url_of(listening: socket.socket, scheme: str = "https") -> str:
    """Where a socket listens."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """An application at an address. `name` is for people; without `tls` it speaks plain HTTP."""

    name: str
    app: ASGIApp
    socket: socket.socket
    protocol: type[H11Protocol] = PatientProtocol
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return url_of(self.socket, "http" if self.tls is None else "https")

    def configuration(self) -> uvicorn.Config:
        """How uvicorn serves it."""
        context = self.tls
        return uvicorn.Config(
            self.app,
            http=self.protocol,
            ws="none",
            lifespan="off",
            ssl_context_factory=None if context is None else lambda _config, _default: context,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=_END_S,
        )


def bind(host: str, port: int, *, or_any: bool = False) -> socket.socket:
    """A socket that listens; with `or_any` at a free port if `port` is taken. Raises `CannotListenError`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=1024)
        # Connections inherit it. asyncio does it only for sockets it has made; answers would wait 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        if or_any:
            return bind(host, 0)
        raise CannotListenError(f"cannot listen at {host}, port {port}: {error.strerror or error}") from None
    return listening


def serve(
    listeners: Sequence[Listener],
    ready: Callable[[], None],
    beside: Sequence[Callable[[], Awaitable[None]]] = (),
) -> None:
    """Serve until SIGTERM or SIGINT, then end what is under way and return.

    `ready` is called once all listen; `beside` runs as long as they do.
    """
    asyncio.run(_serve(listeners, ready, beside))


async def _serve(
    listeners: Sequence[Listener],
    ready: Callable[[], None],
    beside: Sequence[Callable[[], Awaitable[None]]],
) -> None:
    servers = [_Server(listener.configuration()) for listener in listeners]
    loop = asyncio.get_running_loop()

    def end() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(server.serve(sockets=[listener.socket]))
            for server, listener in zip(servers, listeners, strict=True)
        ]
        others = [tasks.create_task(_endless(each)) for each in beside]
        ready()
        await asyncio.wait(running)
        for task in others:
            task.cancel()


async def _endless(work: Callable[[], Awaitable[None]]) -> None:
    await work()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the one place that ends all servers."""
        yield
