"""Talking to the centre: the only user of httpx, and the only place that opens a connection to it.

httpx limits each read and write but not the whole call, and a server may drip for ever. Here every call has
one hard deadline: the network layer below httpx obeys it at each step, whatever the server does.
"""

import email.utils
import hashlib
import json
import select
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpcore
import httpx

from kiosk.post.keys import KeyProblem, check_identity, client_tls, load_key_set
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Failure, NoReply, Reply
from kiosk.post.receipts import ReceiptKeys, verify

MAX_REPLY = 64 * 1024
_SLICE = 16 * 1024
_IDLE_S = 2.0  # below any server's keep-alive, so that a connection is never reused while it is being closed
_VERDICT_S = 0.5
_JSON = "application/json"
_PROBLEM = "application/problem+json"
_BYTES = "application/octet-stream"

_HEADERS = {"Accept": f"{_JSON}, {_PROBLEM}", "Accept-Encoding": "identity", "User-Agent": "report-kiosk"}


class Central:
    """A client of the central report API, for one thread. Keeps one connection while all goes well.

    After a call without reply everything is made anew, keys included: a re-enrolled kiosk needs no restart.
    """

    def __init__(self, url: str, keys: Path, kiosk: int, deadline_s: float) -> None:
        """`deadline_s` is the total for one call of kiosk number `kiosk`."""
        self._url = url
        self._keys = keys
        self._kiosk = kiosk
        self._deadline_s = deadline_s
        self._line: _Line | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._line is not None:
            self._line.client.close()
            self._line = None

    def put_case(self, case_id: UUID, envelope: bytes) -> Reply | NoReply:
        """Send an envelope. A receipt in the reply was verified for exactly these bytes."""
        raw = self._call("PUT", f"/v1/cases/{case_id}", envelope, _JSON)
        if isinstance(raw, NoReply) or raw.status >= 400:
            return _error(raw)
        token = raw.json().get("receipt")
        receipt = verify(token, raw.receipt_keys, case_id, hashlib.sha256(envelope).hexdigest())
        if receipt is None:
            self.close()  # signed by a key that a renewed key set may hold
        return Reply(raw.status, receipt)

    def put_part(self, case_id: UUID, sha256: str, sealed: bytes) -> NoReply | Reply | None:
        """Send a sealed part. None means that the centre has it."""
        raw = self._call("PUT", f"/v1/cases/{case_id}/parts/{sha256}", sealed, _BYTES)
        return None if isinstance(raw, _Raw) and raw.status == 204 else _error(raw)

    def parts_present(self, case_id: UUID) -> NoReply | Reply | frozenset[str]:
        """Ask which parts of a case the centre has."""
        raw = self._call("GET", f"/v1/cases/{case_id}/parts")
        if isinstance(raw, NoReply) or raw.status != 200:
            return _error(raw)
        present = raw.json().get("present")
        if not isinstance(present, list):
            return NoReply(Failure.NOT_THE_CENTRE)
        return frozenset(str(name) for name in present)

    def heartbeat(self, status: Status) -> NoReply | Reply | None:
        """The small probe. None means that the centre is there and took it."""
        body = {
            "queued": status.queued + status.quarantined,
            "oldest_age_s": status.oldest_age_s,
            "last_sequence": status.last_sequence,
        }
        raw = self._call("POST", "/v1/heartbeat", json.dumps(body).encode(), _JSON)
        return None if isinstance(raw, _Raw) and raw.json().get("alive") is True else _error(raw)

    def _call(self, method: str, path: str, body: bytes = b"", media_type: str = "") -> "_Raw | NoReply":
        try:
            line = self._opened()
        except KeyProblem:
            return NoReply(Failure.NO_KEYS)
        line.network.start(self._deadline_s)
        headers = {"Content-Type": media_type} if media_type else {}
        try:
            with line.client.stream(method, path, content=body, headers=headers) as response:
                return _read(response, line.receipt_keys)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            self.close()
            return NoReply(_failure(error))

    def _opened(self) -> "_Line":
        """Raises `KeyProblem`."""
        if self._line is None:
            check_identity(self._keys, self._kiosk)
            network = _DeadlineBackend()
            client = httpx.Client(
                base_url=self._url,
                transport=_Transport(network, client_tls(self._keys)),
                timeout=self._deadline_s,
                follow_redirects=False,
                trust_env=False,
                headers=_HEADERS,
            )
            self._line = _Line(client, network, load_key_set(self._keys).receipt)
        return self._line


@dataclass(frozen=True, slots=True)
class _Line:
    client: httpx.Client
    network: "_DeadlineBackend"
    receipt_keys: ReceiptKeys


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    media_type: str
    retry_after: str
    body: bytes
    receipt_keys: ReceiptKeys

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is none, or says that it is none."""
        if self.media_type not in {_JSON, _PROBLEM}:
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def _read(response: httpx.Response, receipt_keys: ReceiptKeys) -> _Raw | NoReply:
    """Read at most `MAX_REPLY` bytes, raw: nothing is ever decompressed."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_REPLY:
            return NoReply(Failure.NOT_THE_CENTRE)
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    retry_after = response.headers.get("Retry-After", "")
    return _Raw(response.status_code, media_type, retry_after, bytes(body), receipt_keys)


def _error(raw: _Raw | NoReply) -> Reply | NoReply:
    """A reply that is an error, or that is not what the contract says."""
    if isinstance(raw, NoReply):
        return raw
    if raw.status < 400:
        return NoReply(Failure.NOT_THE_CENTRE)
    explained = raw.media_type == _PROBLEM
    problem = raw.json().get("type") if explained else None
    return Reply(
        raw.status,
        explained=explained,
        problem=problem if isinstance(problem, str) else "",
        retry_after_s=_seconds(raw.retry_after),
    )


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds, whether it came as seconds or as a date; None if it makes no sense."""
    value = retry_after.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        return (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


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
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s())
        _hear_verdict(stream, min(_VERDICT_S, self._deadline.left_s()))
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _HungUpError(httpcore.NetworkError):
    """The server closed the connection on seeing our certificate."""


def _hear_verdict(stream: httpcore.NetworkStream, wait_s: float) -> None:
    """Wait for what a server says of our certificate. Raises `_HungUpError` if it does not like it.

    With TLS 1.3 the client believes the handshake complete before the server has looked at its certificate.
    Were the request sent at once, a rejection would look like any broken connection. A server that accepts
    sends session tickets, which `recv` takes in without giving data.
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
        raise _HungUpError from error
    stream.close()
    raise _HungUpError


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
