"""Every behaviour of a server, and what must come of it: the outcome table seen from the outside.

What is expected is written here by hand, from the issue's table, and not taken from `kiosk.post.outcomes`.
"""

import asyncio
import base64
import datetime as dt
import gzip
import hashlib
import hmac
import json
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.keys.authority import Authority, Credential
from kiosk.post.outcomes import Verdict
from tests.prove.proxy.bench import Row
from tests.prove.proxy.proxy import Script, Session, honest

SHORT_S = 0.35
"""The deadline of a call to a server that lets it pass."""
OVER_S = 1.6
"""How long such a server goes on, so that a client without a deadline would be seen to wait."""

SENT = frozenset({Verdict.ACKNOWLEDGED})
UNKNOWN = frozenset({Verdict.UNKNOWN})
PORTAL = frozenset({Verdict.NOT_THE_CENTRE})
SHUT_OUT = frozenset({Verdict.NOT_LET_IN})
REFUSED = frozenset({Verdict.REFUSED})
WAIT_ALL = frozenset({Verdict.WAIT_ALL})
WAIT_CASE = frozenset({Verdict.WAIT_CASE})
HUNG_UP = frozenset({Verdict.UNKNOWN, Verdict.NOT_LET_IN})
"""Whether a server hangs up because of our certificate cannot always be told."""

JSON = "Content-Type: application/json"
PROBLEM = "Content-Type: application/problem+json"
HTML = "Content-Type: text/html; charset=utf-8"
PORTAL_PAGE = b"<!doctype html><title>Free Wi-Fi</title><form action=/accept><button>Accept</button></form>"


def http(status: str, *headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    """A reply."""
    lines = [f"HTTP/{version} {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def head(status: str, *headers: str) -> bytes:
    """A reply without a word about its length."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


CHUNKED = head("200 OK", "Transfer-Encoding: chunked")


# --- scripts -------------------------------------------------------------------------------------------


def says(*pieces: bytes, pause_s: float = 0.0) -> Script:
    """Takes the request and says `pieces`, then closes in order."""

    async def script(session: Session) -> None:
        await session.tls()
        await session.request()
        for piece in pieces:
            await session.send(piece)
            if pause_s:
                await asyncio.sleep(pause_s)

    return script


def says_to_wait_until(seconds: float) -> Script:
    """Takes the request and asks to come back at a date."""

    async def script(session: Session) -> None:
        await session.tls()
        await session.request()
        date = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)
        await session.send(http("503 Service Unavailable", f"Retry-After: {date}"))

    return script


def drips(data: bytes, pause_s: float = 0.05, piece: int = 1) -> Script:
    """Takes the request and lets `data` fall drop by drop, for longer than the deadline."""

    async def script(session: Session) -> None:
        await session.tls()
        await session.request()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(session.drip(data, pause_s, piece), OVER_S)

    return script


def floods(first: bytes, again: bytes) -> Script:
    """Takes the request, says `first`, then `again` and again as fast as it is taken, up to a gigabyte."""

    async def script(session: Session) -> None:
        await session.tls()
        await session.request()
        await session.send(first)
        for _ in range(10**9 // len(again)):
            await session.send(again)

    return script


def spoils(change: Callable[[bytes], bytes], end: Callable[[Session], None] | None = None) -> Script:
    """Carries the request to the centre and gives back a changed answer, then does `end`."""

    async def script(session: Session) -> None:
        await session.tls()
        answer = await session.forward(await session.request())
        await session.send(change(answer))
        if end is not None:
            await asyncio.sleep(0.02)  # what was written leaves before the line is cut
            end(session)

    return script


def after_tls(work: Callable[[Session], Awaitable[None]]) -> Script:
    """Shakes hands, then does `work`."""

    async def script(session: Session) -> None:
        await session.tls()
        await work(session)

    return script


def raw(data: bytes, *, wait: bool = True) -> Script:
    """No TLS: answers the ClientHello with `data`."""

    async def script(session: Session) -> None:
        if wait:
            await session.reader.read(65536)
        await session.send(data)

    return script


async def reset(session: Session) -> None:
    session.reset()


async def close(_session: Session) -> None:
    return


async def hold(session: Session) -> None:
    await session.hold()


async def reset_after_hello(session: Session) -> None:
    await session.reader.read(65536)
    session.reset()


async def close_after_hello(session: Session) -> None:
    await session.reader.read(65536)


async def reset_after_request_line(session: Session) -> None:
    await session.reader.readuntil(b"\r\n")
    session.reset()


async def reset_in_the_body(session: Session) -> None:
    await session.reader.readuntil(b"\r\n\r\n")
    await session.reader.readexactly(500)
    session.reset()


async def reset_after_the_request(session: Session) -> None:
    await session.request()
    session.reset()


async def hold_after_the_request(session: Session) -> None:
    await session.request()
    await session.hold()


async def never_read(session: Session) -> None:
    session.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads
    await asyncio.sleep(OVER_S)


async def slow_handshake(session: Session) -> None:
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(session.pipe(pause_s=0.02, piece=8), OVER_S)


async def cut_in_the_certificate(session: Session) -> None:
    await session.pipe(down_limit=700)


def with_tls(context: Callable[[Path], ssl.SSLContext]) -> Script:
    """Somebody in between, with another certificate or another TLS than the centre, who carries all else."""

    async def script(session: Session) -> None:
        await session.tls(context(session.proxy.centre))
        await session.send(await session.forward(await session.request()))

    return script


# --- what is changed of an answer ----------------------------------------------------------------------


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def cut_at(where: Callable[[bytes], int]) -> Callable[[bytes], bytes]:
    return lambda answer: answer[: where(answer)]


def in_the_status_line(_answer: bytes) -> int:
    return len(b"HTTP/1.1 20")


def in_the_headers(answer: bytes) -> int:
    return answer.index(b"\r\n") + 10


def after_the_headers(answer: bytes) -> int:
    return answer.index(b"\r\n\r\n") + 4


def in_the_body(answer: bytes) -> int:
    return (after_the_headers(answer) + len(answer)) // 2


def before_the_last_byte(answer: bytes) -> int:
    return len(answer) - 1


def again_as(status: str, *headers: str, version: str = "1.1") -> Callable[[bytes], bytes]:
    """The genuine body under another status and other headers."""
    return lambda answer: http(status, *headers, body=body_of(answer), version=version)


def without_length(answer: bytes) -> bytes:
    return head("201 Created", JSON, "Connection: close") + body_of(answer)


def without_length_and_end(answer: bytes) -> bytes:
    return without_length(answer)[:-20]


def chunked_without_end(answer: bytes) -> bytes:
    body = body_of(answer)
    return head("201 Created", JSON, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(body), body)


def chunked(answer: bytes) -> bytes:
    return chunked_without_end(answer) + b"0\r\n\r\n"


def compressed(answer: bytes) -> bytes:
    return http("201 Created", JSON, "Content-Encoding: gzip", body=gzip.compress(body_of(answer)))


def in_utf_16(answer: bytes) -> bytes:
    return http("201 Created", JSON + "; charset=utf-16", body=body_of(answer).decode().encode("utf-16"))


def twice(answer: bytes) -> bytes:
    return answer + answer


Token = Callable[[dict[str, Any], dict[str, Any], bytes], tuple[dict[str, Any], dict[str, Any], bytes]]


def receipt(change: Callable[[dict[str, Any], dict[str, Any], str], str]) -> Script:
    """The genuine receipt, changed: `change(header, claims, token)` returns the new one."""

    def spoil(answer: bytes) -> bytes:
        token = str(json.loads(body_of(answer))["receipt"])
        header, claims, _ = token.split(".")
        return _receipt_reply(change(_unpacked(header), _unpacked(claims), token))

    return spoils(spoil)


def signed_anew(**changes: object) -> Script:
    """Signed by the centre's own key, which the proxy has stolen, over other claims."""

    async def script(session: Session) -> None:
        await session.tls()
        answer = await session.forward(await session.request())
        token = json.loads(body_of(answer))["receipt"]
        claims = _unpacked(token.split(".")[1]) | changes
        await session.send(
            _receipt_reply(session.proxy.sign({k: v for k, v in claims.items() if v is not None}))
        )

    return script


def foreign_key(header: dict[str, Any], claims: dict[str, Any], _token: str) -> str:
    return _signed(header, claims, lambda data: Ed25519PrivateKey.generate().sign(data))


def foreign_kid(header: dict[str, Any], claims: dict[str, Any], _token: str) -> str:
    return _signed(header | {"kid": "0" * 16}, claims, lambda data: Ed25519PrivateKey.generate().sign(data))


def own_key_in_header(header: dict[str, Any], claims: dict[str, Any], _token: str) -> str:
    key = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": _packed(key.public_key().public_bytes_raw())}
    return _signed(header | {"jwk": jwk}, claims, key.sign)


def unsigned(header: dict[str, Any], claims: dict[str, Any], _token: str) -> str:
    return _signed(header | {"alg": "none"}, claims, lambda _data: b"")


def symmetric(header: dict[str, Any], claims: dict[str, Any], _token: str) -> str:
    return _signed(header | {"alg": "HS256"}, claims, lambda data: hmac.digest(b"public key", data, "sha256"))


def changed_after_signing(_header: dict[str, Any], claims: dict[str, Any], token: str) -> str:
    header, _, signature = token.split(".")
    other = json.dumps(claims | {"official_number": "ADM RN 99999999"}).encode()
    return f"{header}.{_packed(other)}.{signature}"


def shortened(_header: dict[str, Any], _claims: dict[str, Any], token: str) -> str:
    return token[:-1]


def _signed(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    signed = f"{_packed(json.dumps(header).encode())}.{_packed(json.dumps(claims).encode())}"
    return f"{signed}.{_packed(sign(signed.encode()))}"


def _receipt_reply(token: str) -> bytes:
    return http("201 Created", JSON, body=json.dumps({"receipt": token}).encode())


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(part: str) -> dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value


# --- TLS -----------------------------------------------------------------------------------------------


def issued(hosts: tuple[str, ...], *, from_days: int, days: int) -> Callable[[Path], ssl.SSLContext]:
    """A certificate of the centre's own authority for `hosts`, valid `days` from some days from now."""

    def context(centre: Path) -> ssl.SSLContext:
        start = dt.datetime.now(dt.UTC) + dt.timedelta(days=from_days)
        return _server_context(Authority.load(centre).issue_server(hosts, start, days), centre)

    return context


def of_another_authority(centre: Path) -> ssl.SSLContext:
    other = centre.parent / "other authority"
    if not other.exists():
        other.mkdir()
        Authority.create(other, ("localhost",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(other / "server.pem", other / "server.key")
    return context


def kiosk_certificate(centre: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(centre.parent / "keys" / "identity.pem")
    return context


def old_tls(centre: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(centre / "server.pem", centre / "server.key")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _server_context(credential: Credential, centre: Path) -> ssl.SSLContext:
    file = centre.parent / "server of a row.pem"
    file.write_bytes(credential.certificate + credential.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


# --- the table -----------------------------------------------------------------------------------------


def rows() -> list[Row]:
    """All rows."""
    return [*_byte_classes(), *_slow(), *_cut_short(), *_portals(), *_receipts(), *_bombs(), *_nonsense(),
            *_statuses(), *_retry_after(), *_problems(), *_tls()]  # fmt: skip


def _byte_classes() -> Iterator[Row]:
    yield Row("nobody listens", None, UNKNOWN)
    yield Row("reset at the connection", reset, UNKNOWN)
    yield Row("closed at the connection", close, UNKNOWN)
    yield Row("reset after ClientHello", reset_after_hello, UNKNOWN)
    yield Row("closed after ClientHello", close_after_hello, UNKNOWN)
    yield Row("reset in the certificate", cut_in_the_certificate, UNKNOWN)
    yield Row("reset after the handshake", after_tls(reset), HUNG_UP)
    yield Row("closed after the handshake", after_tls(close), HUNG_UP)
    yield Row("reset after the request line", after_tls(reset_after_request_line), UNKNOWN)
    yield Row("reset in the body of the request", after_tls(reset_in_the_body), UNKNOWN)
    yield Row("reset after the request, centre not asked", after_tls(reset_after_the_request), UNKNOWN)
    places = {
        "before the status line": lambda _answer: 0,
        "in the status line": in_the_status_line,
        "in the headers": in_the_headers,
        "after the headers": after_the_headers,
        "in the body": in_the_body,
        "before the last byte": before_the_last_byte,
    }
    for name, where in places.items():
        yield Row(
            f"reset {name}, the centre has it", spoils(cut_at(where), Session.reset), UNKNOWN, arrives=True
        )
        yield Row(f"closed {name}, the centre has it", spoils(cut_at(where)), UNKNOWN, arrives=True)


def _slow() -> Iterator[Row]:
    long_head = b"HTTP/1.1 200 OK\r\n" + b"X-More: y\r\n" * 200
    dripping_body = head("201 Created", JSON, "Content-Length: 4000")
    for name, script in {
        "silent before TLS": hold,
        "silent after the handshake": after_tls(hold),
        "silent after the request": after_tls(hold_after_the_request),
        "reads nothing of the request": after_tls(never_read),
        "a handshake that drips": slow_handshake,
        "a status line that drips": drips(b"HTTP/1.1 201 Created\r\n" * 10, pause_s=0.1),
        "headers that drip": drips(long_head),
        "a body that drips": drips(dripping_body + b" " * 4000, piece=150),
        "chunks that drip": drips(CHUNKED + b"1\r\n \r\n" * 500, piece=6),
        "100 Continue without end": drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, piece=25, pause_s=0.01),
        "103 Early Hints without end": drips(
            b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" * 900, piece=39
        ),
    }.items():
        yield Row(name, script, UNKNOWN, deadline_s=SHORT_S)


def _cut_short() -> Iterator[Row]:
    def longer(answer: bytes) -> bytes:
        return head("201 Created", JSON, f"Content-Length: {len(body_of(answer)) + 100}") + body_of(answer)

    yield Row("201 shorter than its Content-Length", spoils(longer), UNKNOWN, arrives=True)
    yield Row("201 in chunks without the last", spoils(chunked_without_end), UNKNOWN, arrives=True)
    yield Row("201 without length, cut", spoils(without_length_and_end), PORTAL, arrives=True)
    # Whole and genuine, only in another way than usual: these are receipts.
    yield Row("201 in chunks", spoils(chunked), SENT, arrives=True)
    yield Row("201 without length", spoils(without_length), SENT, arrives=True)
    yield Row("201 and no close_notify", spoils(lambda answer: answer, Session.cut), SENT, arrives=True)
    yield Row("201 twice", spoils(twice), SENT, arrives=True)
    yield Row("HTTP/1.0", spoils(again_as("200 OK", JSON, version="1.0")), SENT, arrives=True)
    yield Row(
        "100 Continue, then 201",
        spoils(lambda answer: b"HTTP/1.1 100 Continue\r\n\r\n" + answer),
        SENT,
        arrives=True,
    )
    yield Row("JSON in UTF-16", spoils(in_utf_16), SENT, arrives=True)


def _portals() -> Iterator[Row]:
    elsewhere = "Location: https://portal.example/login"
    here = "Location: /v1/heartbeat"
    for name, data in {
        "200 HTML": http("200 OK", HTML, body=PORTAL_PAGE),
        "200 HTML called JSON": http("200 OK", JSON, body=PORTAL_PAGE),
        "200 JSON without receipt": http("200 OK", JSON, body=b'{"status": "ok", "success": true}'),
        "201 JSON with an empty receipt": http("201 Created", JSON, body=b'{"receipt": ""}'),
        "201 JSON with a number": http(
            "201 Created", JSON, body=b'{"receipt": 1, "official_number": "ADM RN 1"}'
        ),
        "201 JSON with a list of receipts": http("201 Created", JSON, body=b'{"receipt": ["a.b.c"]}'),
        "201 JSON list": http("201 Created", JSON, body=b'["receipt"]'),
        "201 without body": http("201 Created", JSON),
        "200 problem": http("200 OK", PROBLEM, body=b'{"type": "about:blank", "status": 200}'),
        "204": http("204 No Content"),
        "205": http("205 Reset Content"),
        "302 to another host": http("302 Found", elsewhere),
        "303 to another host": http("303 See Other", elsewhere),
        "307 to another place": http("307 Temporary Redirect", here),
        "308 to another place": http("308 Permanent Redirect", here),
        "304": head("304 Not Modified"),
        "300": http("300 Multiple Choices", HTML, body=PORTAL_PAGE),
        "511": http("511 Network Authentication Required", HTML, body=PORTAL_PAGE),
        "404 HTML": http("404 Not Found", HTML, body=b"<h1>nginx</h1>"),
        "407 HTML": http("407 Proxy Authentication Required", HTML, body=PORTAL_PAGE),
        "413 HTML": http("413 Content Too Large", HTML, body=b"<h1>nginx</h1>"),
        "422 JSON that is no problem": http(
            "422 Unprocessable", JSON, body=b'{"type": "/problems/does-not-open"}'
        ),
        "451 HTML": http("451 Unavailable For Legal Reasons", HTML, body=PORTAL_PAGE),
    }.items():
        yield Row(name, says(data), PORTAL)
    for status in ("202 Accepted", "203 Non-Authoritative Information", "206 Partial Content", "226 IM Used"):
        yield Row(f"{status} with a genuine receipt", spoils(again_as(status, JSON)), PORTAL, arrives=True)
    yield Row(
        "302 with a genuine receipt", spoils(again_as("302 Found", JSON, elsewhere)), PORTAL, arrives=True
    )
    yield Row("a genuine receipt as HTML", spoils(again_as("201 Created", HTML)), PORTAL, arrives=True)
    yield Row("a genuine receipt without type", spoils(again_as("201 Created")), PORTAL, arrives=True)
    yield Row("a genuine receipt, compressed", spoils(compressed), PORTAL, arrives=True)


def _receipts() -> Iterator[Row]:
    other = "11111111-1111-4111-8111-111111111111"
    for name, script in {
        "of another key": receipt(foreign_key),
        "of an unknown key": receipt(foreign_kid),
        "with its own key in the header": receipt(own_key_in_header),
        "alg none": receipt(unsigned),
        "alg HS256": receipt(symmetric),
        "changed after signing": receipt(changed_after_signing),
        "with a shortened signature": receipt(shortened),
        "for another case": signed_anew(case=other),
        "for another envelope": signed_anew(envelope=hashlib.sha256(b"another").hexdigest()),
        "without case": signed_anew(case=None),
        "without envelope": signed_anew(envelope=None),
        "without number": signed_anew(official_number=None),
        "with control characters in the number": signed_anew(official_number="ADM\x1b[2J"),
        "with an endless number": signed_anew(official_number="9" * 5000),
    }.items():
        yield Row(f"a receipt {name}", script, PORTAL, arrives=True)
    # A kiosk does not judge these: its clock may be wrong, and the centre has it.
    for name, script in {
        "of 1970": signed_anew(received_at="1970-01-01T00:00:00Z", exp=1, nbf=2**40),
        "of the year 9999": signed_anew(received_at="9999-12-31T23:59:59Z"),
        "of another sequence": signed_anew(sequence=10**9, kiosk=0),
    }.items():
        yield Row(f"a receipt {name}", script, SENT, arrives=True)


def _bombs() -> Iterator[Row]:
    bomb = gzip.compress(bytes(50_000_000))
    brotli = http("201 Created", JSON, "Content-Encoding: br", body=b"\xff" * 4000)
    endless = head("201 Created", JSON, "Content-Length: 1000000000")
    yield Row("a gzip bomb", says(http("200 OK", JSON, "Content-Encoding: gzip", body=bomb)), PORTAL)
    yield Row(
        "a small gzip bomb",
        says(http("201 Created", JSON, "Content-Encoding: gzip", body=bomb[:60_000])),
        PORTAL,
    )
    yield Row("brotli that is none", says(brotli), PORTAL)
    yield Row("a body of a gigabyte", floods(endless, b" " * 65536), PORTAL)
    yield Row(
        "chunks without end",
        floods(CHUNKED, (b"1000\r\n" + b" " * 4096 + b"\r\n") * 16),
        PORTAL,
    )
    yield Row("a header of a gigabyte", floods(b"HTTP/1.1 201 Created\r\nX-Long: ", b"x" * 65536), UNKNOWN)
    yield Row("headers without end", floods(b"HTTP/1.1 201 Created\r\n", b"X-Again: y\r\n" * 4096), UNKNOWN)
    yield Row("a status line without end", floods(b"HTTP/1.1 201 ", b"Created " * 8192), UNKNOWN)
    yield Row(
        "trailers without end",
        floods(CHUNKED + b"0\r\n", b"X: y\r\n" * 8192),
        UNKNOWN,
    )
    yield Row(
        "a chunk extension without end",
        floods(CHUNKED + b"5;", b"x" * 65536),
        UNKNOWN,
    )
    yield Row("deep JSON", says(http("201 Created", JSON, body=b"[" * 60_000)), PORTAL)
    yield Row("deep JSON objects", says(http("201 Created", JSON, body=b'{"receipt":' * 5_000)), PORTAL)
    yield Row(
        "an endless integer",
        says(http("201 Created", JSON, body=b'{"receipt": ' + b"9" * 60_000 + b"}")),
        PORTAL,
    )
    yield Row("a deep problem", says(http("422 Unprocessable", PROBLEM, body=b"[" * 60_000)), REFUSED)


def _nonsense() -> Iterator[Row]:
    for name, data in {
        "nothing": b"",
        "another protocol": b"SSH-2.0-OpenSSH_9.2p1\r\n",
        "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/2 frames": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
        "HTTP/0.9": PORTAL_PAGE,
        "HTTP/9.9": b"HTTP/9.9 200 OK\r\n\r\n",
        "zero bytes": bytes(5000),
        "a status that is no number": b"HTTP/1.1 2OO OK\r\nContent-Length: 0\r\n\r\n",
        "a status of four digits": b"HTTP/1.1 2010 Created\r\nContent-Length: 0\r\n\r\n",
        "a header without colon": b"HTTP/1.1 201 Created\r\nno colon\r\n\r\n",
        "a header with a zero byte": b"HTTP/1.1 201 Created\r\nX: a\x00b\r\n\r\n",
        "a negative length": head("201 Created", "Content-Length: -5"),
        "two lengths": head("201 Created", "Content-Length: 5", "Content-Length: 6") + b"123456",
        "a length that is no number": head("201 Created", "Content-Length: ten"),
        "an invalid chunk size": CHUNKED + b"zz\r\n",
        "a negative chunk size": CHUNKED + b"-5\r\nhello\r\n",
        "a chunk size beyond everything": CHUNKED + b"f" * 40 + b"\r\n",
        "a chunk longer than it says": CHUNKED + b"2\r\nhello\r\n0\r\n\r\n",
        "an unknown transfer coding": head("200 OK", "Transfer-Encoding: gzip") + b"x",
        "101 Switching Protocols": head("101 Switching Protocols", "Upgrade: h2c", "Connection: upgrade"),
        "100 Continue and no more": b"HTTP/1.1 100 Continue\r\n\r\n",
    }.items():
        yield Row(name, says(data), frozenset({Verdict.UNKNOWN, Verdict.NOT_THE_CENTRE}))


_EXPECTED = {
    UNKNOWN: ("408", "425", "429", "500", "501", "502", "503", "504", "505", "507", "520", "599"),
    SHUT_OUT: ("401", "403"),
    REFUSED: ("400", "402", "404", "405", "406", "410", "411", "412", "413", "414", "415", "417", "418",
              "421", "422", "423", "424", "426", "428", "431", "451", "499"),
}  # fmt: skip


def _statuses() -> Iterator[Row]:
    body = b'{"type": "about:blank", "title": "x"}'
    for verdicts, statuses in _EXPECTED.items():
        for status in statuses:
            yield Row(f"{status} problem", says(http(f"{status} X", PROBLEM, body=body)), verdicts)
    yield Row("409 problem", says(http("409 Conflict", PROBLEM, body=body)), WAIT_CASE, wait_s=30)
    for status in ("401", "403"):
        yield Row(f"{status} HTML", says(http(f"{status} X", HTML)), SHUT_OUT)
    for status in ("500", "502", "503"):
        yield Row(f"{status} HTML", says(http(f"{status} X", HTML)), UNKNOWN)


_SENSIBLE = {"0": 1, "1": 1, "77": 77, " 77 ": 77, "3600": 3600, "3601": 3600, "86400": 3600,
             "99999999999": 3600, "9" * 400: 3600}  # fmt: skip
_SENSELESS = ("-1", "1.5", "soon", "", "1e400", "\xb2", "Mon, 99 Foo 2026 99:99:99 GMT", "0x10", "\xd9\xa3")


def _retry_after() -> Iterator[Row]:
    for value, wait_s in _SENSIBLE.items():
        for status in ("429", "503"):
            name = f"{status} Retry-After: {value[:30]!r}"
            yield Row(name, says(http(f"{status} X", f"Retry-After: {value}")), WAIT_ALL, wait_s=wait_s)
    for seconds, wait_s in ((120, 120), (-9e7, 1), (9e8, 3600)):
        name = f"503 Retry-After: a date in {seconds:.0f} s"
        yield Row(name, says_to_wait_until(seconds), WAIT_ALL, wait_s=wait_s)
    for value in _SENSELESS:
        yield Row(f"503 Retry-After: {value!r}", says(http("503 X", f"Retry-After: {value}")), UNKNOWN)
    yield Row("503 with two Retry-After", says(http("503 X", "Retry-After: 5", "Retry-After: 500")), UNKNOWN)
    yield Row("409 Retry-After: 7", says(http("409 X", "Retry-After: 7")), WAIT_CASE, wait_s=7)
    yield Row("409 Retry-After: never", says(http("409 X", "Retry-After: never")), WAIT_CASE, wait_s=30)
    yield Row(
        "409 Retry-After: 10000000", says(http("409 X", "Retry-After: 10000000")), WAIT_CASE, wait_s=3600
    )
    yield Row("500 Retry-After: 7", says(http("500 X", "Retry-After: 7")), UNKNOWN)
    yield Row(
        "201 Retry-After: 7", spoils(again_as("201 Created", JSON, "Retry-After: 7")), SENT, arrives=True
    )


def _problems() -> Iterator[Row]:
    for status, kind, verdicts in (
        ("403", "/problems/wrong-kiosk", REFUSED),
        ("403", "/problems/revoked", SHUT_OUT),
        ("422", "/problems/case-differs", REFUSED),
        ("422", "/problems/does-not-open", REFUSED),
        ("422", "/problems/not-an-envelope", REFUSED),
        ("413", "/problems/too-large", REFUSED),
        ("500", "/problems/does-not-open", REFUSED),
        ("404", "/problems/revoked", SHUT_OUT),
        ("422", "https://centre.example/problems/unheard-of", REFUSED),
        ("422", 'x" onload="', REFUSED),
        ("422", "x" * 60_000, REFUSED),
    ):
        body = json.dumps({"type": kind, "detail": "<script>"}).encode()
        yield Row(f"{status} {kind[:40]}", says(http(f"{status} X", PROBLEM, body=body)), verdicts)
    link = 'Link: <https://centre.example/help/too-large>; rel="describedby", <<<>; rel='
    yield Row(
        "413 with a Link",
        says(http("413 X", PROBLEM, link, body=b'{"type": "/problems/too-large"}')),
        REFUSED,
    )
    for body in (
        b"",
        b"{{{",
        b"[]",
        b"null",
        b'{"type": 5}',
        b'{"type": ["/problems/revoked"]}',
        b"\xff\xfe\x00",
        b'"/problems/revoked"',
    ):
        yield Row(f"422 problem {body!r}", says(http("422 X", PROBLEM, body=body)), REFUSED)
    body = '{"type": "/problems/revoked"}'.encode("utf-16")
    yield Row("403 problem in UTF-16", says(http("403 X", PROBLEM, body=body)), SHUT_OUT)


def _tls() -> Iterator[Row]:
    here = ("localhost",)
    for name, context in {
        "expired": issued(here, from_days=-30, days=10),
        "not yet valid": issued(here, from_days=30, days=10),
        "for another name": issued(("portal.example",), from_days=0, days=10),
        "for another address": issued(("127.0.0.2",), from_days=0, days=10),
        "of another authority": of_another_authority,
        "that is a kiosk's": kiosk_certificate,
    }.items():
        yield Row(f"a server certificate {name}", with_tls(context), PORTAL)
    yield Row("TLS 1.2 only", with_tls(old_tls), UNKNOWN)
    yield Row(
        "plain HTTP at the TLS port", raw(http("400 Bad Request", HTML, body=b"plain HTTP request")), UNKNOWN
    )
    yield Row("plain HTTP, a portal", raw(http("302 Found", "Location: http://portal.example/")), UNKNOWN)
    yield Row("another protocol before TLS", raw(b"220 mail.example ESMTP\r\n", wait=False), UNKNOWN)
    yield Row("a TLS alert", raw(b"\x15\x03\x03\x00\x02\x02\x28"), UNKNOWN)
    yield Row("an endless TLS record", raw(b"\x16\x03\x03\xff\xff" + bytes(70_000)), UNKNOWN)
    yield Row("a client certificate that has expired", honest, SHUT_OUT, client="expired keys")
    yield Row("a client certificate of another authority", honest, SHUT_OUT, client="foreign keys")
    yield Row("a client certificate of another kiosk", honest, SHUT_OUT, client="keys of another kiosk")
    yield Row("a client certificate that was revoked", honest, SHUT_OUT, client="revoked keys")
    yield Row("no client certificate", honest, SHUT_OUT, client="no keys")
