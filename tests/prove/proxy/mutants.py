"""Bugs as clients of this kind have them, planted one at a time: the rows must see each of them."""

import dataclasses
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from kiosk.post import central, jws, outcomes, receipts, rounds, wire
from kiosk.post.outcomes import Action, NoReply, Reply, Verdict
from kiosk.post.receipts import Receipt
from tests.prove.proxy.rows import OVER_S


@dataclass(frozen=True)
class Mutant:
    """A bug, how it is planted, and the rows that must show it."""

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    caught_by: tuple[str, ...]


def _time_limit_for_each_step_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wire._Deadline, "left_s", lambda _self: OVER_S)


def _receipt_for_any_envelope(patch: pytest.MonkeyPatch) -> None:
    verify = receipts.verify

    def lenient(token: object, keys: receipts.ReceiptKeys, case_id: UUID, _sha256: str) -> Receipt | None:
        return verify(token, keys, case_id, str(jws.verify(token, keys).get("envelope")))

    patch.setattr(central, "verify", lenient)


def _receipt_for_any_case(patch: pytest.MonkeyPatch) -> None:
    verify = receipts.verify

    def lenient(token: object, keys: receipts.ReceiptKeys, _case_id: UUID, sha256: str) -> Receipt | None:
        return verify(token, keys, UUID(str(jws.verify(token, keys).get("case"))), sha256)

    patch.setattr(central, "verify", lenient)


def _signature_unchecked(patch: pytest.MonkeyPatch) -> None:
    def unverified(token: object, _keys: object, _typ: str | None = None) -> dict[str, Any]:
        return jws._json(str(token).split(".")[1])

    patch.setattr(receipts.jws, "verify", unverified)


def _redirects_followed(patch: pytest.MonkeyPatch) -> None:
    client = httpx.Client

    def following(**options: Any) -> httpx.Client:
        return client(**{**options, "follow_redirects": True})

    patch.setattr(wire.httpx, "Client", following)


def _every_2xx_is_sent(patch: pytest.MonkeyPatch) -> None:
    decide = outcomes.decide

    def hopeful(reply: Reply | NoReply) -> Action:
        if isinstance(reply, Reply) and 200 <= reply.status < 300:
            return Action(Verdict.ACKNOWLEDGED, receipt=reply.receipt or Receipt("ADM RN 0"))
        return decide(reply)

    patch.setattr(rounds, "decide", hopeful)


def _bodies_without_limit(patch: pytest.MonkeyPatch) -> None:
    read = wire._read
    patch.setattr(wire, "_read", lambda response, _most: read(response, 64_000_000))


def _bodies_decompressed(patch: pytest.MonkeyPatch) -> None:
    iter_raw = httpx.Response.iter_raw

    def decompressing(response: httpx.Response, chunk_size: int | None = None) -> Iterator[bytes]:
        decoder = response._get_content_decoder()
        for data in iter_raw(response, chunk_size):
            yield decoder.decode(data)

    patch.setattr(httpx.Response, "iter_raw", decompressing)


def _any_name_will_do(patch: pytest.MonkeyPatch) -> None:
    client_tls = central.client_tls

    def careless(keys: Path) -> ssl.SSLContext:
        context = client_tls(keys)
        context.check_hostname = False
        return context

    patch.setattr(central, "client_tls", careless)


def _any_authority_will_do(patch: pytest.MonkeyPatch) -> None:
    client_tls = central.client_tls

    def careless(keys: Path) -> ssl.SSLContext:
        context = client_tls(keys)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    patch.setattr(central, "client_tls", careless)


def _old_tls_will_do(patch: pytest.MonkeyPatch) -> None:
    client_tls = central.client_tls

    def careless(keys: Path) -> ssl.SSLContext:
        context = client_tls(keys)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    patch.setattr(central, "client_tls", careless)


def _waits_as_long_as_it_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outcomes, "RETRY_AFTER_MAX_S", 1e9)


def _content_type_unread(patch: pytest.MonkeyPatch) -> None:
    read = central._json
    patch.setattr(
        central, "_json", lambda answer: read(dataclasses.replace(answer, media_type="application/json"))
    )


def _proxies_explain(patch: pytest.MonkeyPatch) -> None:
    """Any 4xx counts as a refusal of the centre."""
    error = central.Central._error

    def believing(self: central.Central, answer: wire.Response | NoReply) -> Reply | NoReply:
        reply = error(self, answer)
        return dataclasses.replace(reply, explained=True) if isinstance(reply, Reply) else reply

    patch.setattr(central.Central, "_error", believing)


def _tries_again_by_itself(patch: pytest.MonkeyPatch) -> None:
    call = wire.Wire.call

    def stubborn(self: wire.Wire, *arguments: Any) -> wire.Response | NoReply:
        first = call(self, *arguments)
        return call(self, *arguments) if isinstance(first, NoReply) else first

    patch.setattr(wire.Wire, "call", stubborn)


def _all() -> Iterator[Mutant]:
    yield Mutant(
        "no deadline for the whole call",
        _time_limit_for_each_step_only,
        ("headers that drip", "a body that drips", "100 Continue without end"),
    )
    yield Mutant("receipt for any envelope", _receipt_for_any_envelope, ("a receipt for another envelope",))
    yield Mutant("receipt for any case", _receipt_for_any_case, ("a receipt for another case",))
    yield Mutant(
        "signature unchecked",
        _signature_unchecked,
        ("a receipt of another key", "a receipt alg none", "a receipt changed after signing"),
    )
    yield Mutant("redirects followed", _redirects_followed, ("307 to another place", "302 to another host"))
    yield Mutant("every 2xx is sent", _every_2xx_is_sent, ("200 HTML", "204", "200 JSON without receipt"))
    yield Mutant("bodies without limit", _bodies_without_limit, ("a body of a gigabyte",))
    yield Mutant(
        "bodies decompressed", _bodies_decompressed, ("a gzip bomb", "a genuine receipt, compressed")
    )
    yield Mutant("any name will do", _any_name_will_do, ("a server certificate for another name",))
    yield Mutant(
        "any authority will do",
        _any_authority_will_do,
        ("a server certificate of another authority", "a server certificate expired"),
    )
    yield Mutant("old TLS will do", _old_tls_will_do, ("TLS 1.2 only",))
    yield Mutant(
        "waits as long as it is told",
        _waits_as_long_as_it_is_told,
        ("503 Retry-After: '99999999999'", "409 Retry-After: 10000000"),
    )
    yield Mutant("content type unread", _content_type_unread, ("a genuine receipt as HTML",))
    yield Mutant("a proxy's refusal counts", _proxies_explain, ("413 HTML", "404 HTML"))
    yield Mutant(
        "tries again by itself", _tries_again_by_itself, ("reset after the request, centre not asked",)
    )


MUTANTS = tuple(_all())
