"""HTTP under one hard deadline: the only user of httpx and httpcore, the only place that connects anywhere.

httpx limits each read and write but not the whole call, and a server may drip for ever. Here the network
layer below httpx obeys the deadline of the call at each step, whatever the server does.
"""

import select
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from kiosk.post.outcomes import Failure, NoReply

MAX_REPLY = 64 * 1024
JSON = "application/json"
PROBLEM = "application/problem+json"

_SLICE = 16 * 1024
_IDLE_S = 2.0  # below any server's keep-alive, so that a connection is never reused while it is being closed
_VERDICT_S = 0.5

_HEADERS = {"Accept": f"{JSON}, {PROBLEM}", "Accept-Encoding": "identity", "User-Agent": "report-kiosk"}


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: a body of bounded size, exactly as it was on the wire."""

    status: int
    media_type: str
    retry_after: str
    described_by: str
    """Target of `Link: <…>; rel="describedby"` (RFC 8288), "" for none. Of unknown hands, as all here."""
    body: bytes
    date: str = ""
    """What the other side says it is now (RFC 9110, 6.6.1), "" for nothing."""


class Wire:
    """HTTP to one server, for one thread. Keeps a connection; after a call that failed it must be closed."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._network = _DeadlineBackend()
        self._client = httpx.Client(
            base_url=url,
            transport=_Transport(self._network, tls),
            timeout=None,  # noqa: S113 - the deadline below it decides
            follow_redirects=False,
            trust_env=False,
            headers=_HEADERS,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def call(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        deadline_s: float,
        most: int = MAX_REPLY,
    ) -> Response | NoReply:
        """One call, which takes at most `deadline_s` and gives at most `most` bytes."""
        self._network.start(deadline_s)
        try:
            with self._client.stream(method, path, content=body, headers=headers) as response:
                answer = _read(response, most)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            return NoReply(_failure(error))
        # httpx ties response, stream and request into a ring: each part would stay until the collector runs.
        response.stream = httpx.ByteStream(b"")
        return answer


def _read(response: httpx.Response, most: int) -> Response | NoReply:
    """Read at most `most` bytes, raw: nothing is ever decompressed."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            return NoReply(Failure.NOT_THE_CENTRE)
    return Response(
        status=response.status_code,
        media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        retry_after=response.headers.get("Retry-After", ""),
        described_by=response.links.get("describedby", {}).get("url", ""),
        body=bytes(body),
        date=response.headers.get("Date", ""),
    )


def _failure(error: BaseException) -> Failure:
    if isinstance(error, httpx.TimeoutException):
        return Failure.TIMED_OUT
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failure.UNTRUSTED
        if isinstance(cause, _HungUpError):
            return Failure.CERTIFICATE_REJECTED
    return Failure.UNREACHABLE if isinstance(error, httpx.ConnectError) else Failure.BROKEN_OFF


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class _Deadline:
    """A point in monotonic time that one call must not pass."""

    def __init__(self) -> None:
        self._at = 0.0

    def set(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left_s(self) -> float:
        """Seconds left. Raises `httpcore.ReadTimeout` when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline of this call has passed")
        return left


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline decides
        return self._stream.read(max_bytes, self._deadline.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline decides
        # In slices, because one write loops inside with a fresh time limit for each step.
        for start in range(0, len(buffer), _SLICE):
            self._stream.write(buffer[start : start + _SLICE], self._deadline.left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
    ) -> httpcore.NetworkStream:
        _check_connected(self._stream)
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s())
        _hear_verdict(stream, min(_VERDICT_S, self._deadline.left_s()))
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _check_connected(stream: httpcore.NetworkStream) -> None:
    """Raise `httpcore.ConnectError` if the connection was reset: Python's `wrap_socket` would leak it."""
    try:
        stream.get_extra_info("socket").getpeername()
    except OSError as error:
        stream.close()
        raise httpcore.ConnectError from error


class _HungUpError(httpcore.NetworkError):
    """The server closed the connection on seeing our certificate."""


def _hear_verdict(stream: httpcore.NetworkStream, wait_s: float) -> None:
    """Wait for what a server says of our certificate. Raises `_HungUpError` if it does not like it.

    With TLS 1.3 the client believes the handshake complete before the server has looked at its certificate.
    Were the request sent at once, a rejection would look like any broken connection. A server that accepts
    sends session tickets, which `recv` takes in without giving data; one that does not sends an alert, or
    only closes. A reset is neither: that is the network.
    """
    connection: ssl.SSLSocket = stream.get_extra_info("socket")
    select.select([connection], [], [], wait_s)
    connection.settimeout(0)
    try:
        connection.recv(1)
    except ssl.SSLWantReadError:
        return
    except OSError as error:
        stream.close()
        raise (_HungUpError if _is_alert(error) else httpcore.ReadError) from error
    stream.close()
    raise _HungUpError


def _is_alert(error: OSError) -> bool:
    return isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or "")


class _DeadlineBackend(httpcore.NetworkBackend):
    """httpcore's blocking network, under one deadline for connecting, TLS, writing and reading together."""

    def __init__(self) -> None:
        self._deadline = _Deadline()
        self._network = httpcore.SyncBackend()

    def start(self, seconds: float) -> None:
        """A call begins; it has `seconds`."""
        self._deadline.set(seconds)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        # Looking up a name has no time limit and cannot be interrupted: a thread that is left behind ends
        # with the resolver's patience.
        left_s = self._deadline.left_s()
        result: list[httpcore.NetworkStream | BaseException] = []

        def connect() -> None:
            try:
                result.append(self._network.connect_tcp(host, port, left_s, local_address, socket_options))
            except BaseException as error:  # noqa: BLE001 - raised again in the calling thread
                result.append(error)

        thread = threading.Thread(target=connect, name="connect", daemon=True)
        thread.start()
        thread.join(left_s)
        if not result:
            raise httpcore.ConnectTimeout("no connection before the deadline")
        if isinstance(result[0], BaseException):
            raise result[0]
        return _DeadlineStream(result[0], self._deadline)


class _Transport(httpx.BaseTransport):
    """httpx over a pool of one connection with our network; httpx's own transport takes none."""

    def __init__(self, network: httpcore.NetworkBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=1, keepalive_expiry=_IDLE_S, network_backend=network
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with _as_httpx():
            response = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpx.TransportError(str(error)) from error
