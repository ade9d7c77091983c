"""The door and renewal over HTTP: in memory, then over real TLS with the client that a kiosk has."""

import asyncio
import datetime as dt
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from fastapi import FastAPI
from typer.testing import CliRunner

from central import answers
from central.centre import Centre
from central.cli import app
from central.enrolment.api import router as renewal_router
from central.enrolment.service import EnrolmentOffice
from central.gateway.identity import KIOSK_STATE
from central.keys.authority import Authority, key_pem, new_key
from central.public.door import router as door_router
from kiosk.post import certificates, enrolment
from kiosk.post.central import Central
from kiosk.post.enrolment import EnrolmentError, Trouble
from kiosk.post.enrolment_code import parse_code
from kiosk.post.identity import certified_kiosk, load_first_sequence
from kiosk.post.keyset import Installed, Refusal, install_key_set, load_key_set
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Alive, NoReply, Reply

DAY = dt.timedelta(days=1)
Call = Callable[..., httpx.Response]


def csr() -> str:
    return certificates.prepare(7).csr


@pytest.fixture
def office(directory: Path) -> Iterator[EnrolmentOffice]:
    centre = Centre(directory)
    store = centre.store()
    yield centre.enrolment(store)
    store.close()


@pytest.fixture
def call(office: EnrolmentOffice) -> Call:
    """One call of the door, or of the gateway's renewal as kiosk 7."""
    api = FastAPI()
    answers.install(api)
    api.include_router(door_router(office))
    api.include_router(renewal_router(office))

    def call(method: str, path: str, kiosk: int | None = 7, **more: Any) -> httpx.Response:
        async def as_kiosk(scope: Any, receive: Any, send: Any) -> None:
            await api({**scope, "state": {} if kiosk is None else {KIOSK_STATE: kiosk}}, receive, send)

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(as_kiosk, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="https://centre") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    return call


def problem(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["type"]


def test_the_authority_is_for_everyone(call: Call, directory: Path) -> None:
    assert call("GET", "/v1/authority").json() == {"certificate": (directory / "ca.pem").read_text()}


def test_a_code_is_answered_with_all_that_makes_a_kiosk(call: Call, office: EnrolmentOffice) -> None:
    secret = parse_code(office.invite(7, DAY).code).secret
    body = {"kiosk": 7, "secret": secret, "csr": csr()}
    answer = call("POST", "/v1/enrolments", json=body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"certificate", "roots", "key_set", "first_sequence"}
    assert set(answer.json()["roots"][0]) == {"kid", "public"}
    assert problem(call("POST", "/v1/enrolments", json=body)) == (403, "/problems/not-invited")


@pytest.mark.parametrize(
    "change",
    [
        {"kiosk": -1},
        {"kiosk": 10_000},
        {"kiosk": "7"},
        {"kiosk": True},
        {"secret": 5},
        {"secret": "A" * 65},
        {"csr": "A" * 4097},
        {"csr": None},
        {"CANARY": 1},
    ],
)
def test_what_is_no_request_is_refused_without_an_echo(call: Call, change: dict[str, object]) -> None:
    body = {"kiosk": 7, "secret": "CANARY", "csr": "CANARY", **change}
    answer = call("POST", "/v1/enrolments", json=body)
    assert problem(answer) == (422, "about:blank")
    assert "CANARY" not in answer.text


def test_a_bad_certificate_request_has_its_own_problem(call: Call) -> None:
    for path, body in (
        ("/v1/enrolments", {"kiosk": 7, "secret": "CANARY", "csr": "CANARY"}),
        ("/v1/certificates", {"csr": "CANARY"}),
    ):
        answer = call("POST", path, json=body)
        assert problem(answer) == (422, "/problems/not-a-request")
        assert "CANARY" not in answer.text


def test_bodies_are_capped(call: Call) -> None:
    for path in ("/v1/enrolments", "/v1/certificates"):
        assert problem(call("POST", path, content=b" " * 9000)) == (413, "/problems/too-large")
        for nonsense in (b"", b"{", b"[" * 4000, b"\xff", b"null"):
            assert problem(call("POST", path, content=nonsense)) == (422, "about:blank")


def test_who_guesses_too_often_is_told_when_to_come_again(call: Call) -> None:
    request = csr()
    for _ in range(20):
        body = {"kiosk": 7, "secret": "0" * 12, "csr": request}
        assert problem(call("POST", "/v1/enrolments", json=body)) == (403, "/problems/not-invited")
    answer = call("POST", "/v1/enrolments", json=body)
    assert problem(answer) == (429, "/problems/too-often")
    assert 3500 < int(answer.headers["retry-after"]) <= 3600


def test_only_a_certified_kiosk_renews_and_only_itself(call: Call) -> None:
    assert call("POST", "/v1/certificates", kiosk=None, json={"csr": csr()}).status_code == 401
    answer = call("POST", "/v1/certificates", kiosk=8, json={"csr": csr()})
    named = x509.load_pem_x509_certificate(answer.json()["certificate"].encode())
    assert (answer.status_code, named.subject.rfc4514_string()) == (200, "CN=kiosk-0008")


# --- over TLS ---


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre for all tests with a server."""
    directory = tmp_path_factory.mktemp("house") / "centre"
    Centre(directory).init("ADM", ("localhost", "127.0.0.1"))
    return directory


@pytest.fixture(scope="module")
def served(house: Path) -> Iterator[dict[str, str]]:
    """A real server of its own; its URLs by listener."""
    code = "from central.cli import main; main()"
    ports = [word for name in ("", "inbox-", "public-", "ops-") for word in (f"--{name}port", "0")]
    command = [sys.executable, "-W", "error", "-c", code, "serve", str(house), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = [server.stdout.readline().split() for _ in range(4)]
        yield {words[0]: words[-1].replace("127.0.0.1", "localhost") for words in told}
        server.kill()


def command(directory: Path, *words: object) -> str:
    result = CliRunner().invoke(app, [*map(str, words), "--centre", str(directory)])
    assert result.exit_code == 0, result.output
    return result.output


class Kiosk:
    """A kiosk that has nothing but its code."""

    def __init__(self, keys: Path, served: dict[str, str]) -> None:
        self.keys = keys
        self._served = served
        self._central = Central(served["gateway"], keys, 7, deadline_s=10)

    def enrol(self, code: str) -> enrolment.Enrolled:
        return enrolment.enrol(
            parse_code(code), self._served["public"], self.keys, time.time(), deadline_s=10
        )

    def heartbeat(self) -> NoReply | Reply | Alive:
        status = Status(queued=0, quarantined=0, oldest_age_s=0, last_sequence=0, used=0, quota=1)
        return self._central.heartbeat(status)

    def fetch_key_set(self) -> Installed | Refusal:
        token = self._central.key_set()
        assert isinstance(token, str), token
        return install_key_set(self.keys, token)

    def renew(self) -> x509.Certificate:
        request = certificates.prepare(7)
        answer = self._central.renew_certificate(request.csr)
        assert isinstance(answer, str), answer
        authority = x509.load_pem_x509_certificate((self.keys / "centre-ca.pem").read_bytes())
        judged = certificates.judge(answer, request.key, 7, authority, time.time())
        assert isinstance(judged, x509.Certificate)
        certificates.write_identity(self.keys, judged, request.key)
        return judged

    def close(self) -> None:
        self._central.close()


@pytest.fixture
def new_kiosk(served: dict[str, str], tmp_path: Path) -> Iterator[Callable[[str], Kiosk]]:
    """Kiosks that have nothing yet."""
    kiosks: list[Kiosk] = []

    def make(name: str) -> Kiosk:
        kiosks.append(Kiosk(tmp_path / name, served))
        return kiosks[-1]

    yield make
    for kiosk in kiosks:
        kiosk.close()


@pytest.mark.e2e
def test_the_life_of_a_kiosk(house: Path, new_kiosk: Callable[[str], Kiosk]) -> None:
    """Invited, enrolled, told of new keys, renewed, revoked, enrolled again: each side with its real code."""
    code = command(house, "invite", 7, "--no-qr").split()[0]
    kiosk = new_kiosk("keys")
    given = kiosk.enrol(code)
    assert (given.kiosk, given.first_sequence, given.key_set_version) == (7, 1, 1)
    assert (certified_kiosk(kiosk.keys), load_first_sequence(kiosk.keys)) == (7, 1)
    with pytest.raises(EnrolmentError) as caught:
        new_kiosk("thief").enrol(code)
    assert caught.value.trouble is Trouble.NOT_INVITED

    before = load_key_set(kiosk.keys).recipients(time.time())
    assert before.lapsed is False
    command(house, "keys", "rotate", "--receipt-key")
    alive = kiosk.heartbeat()
    assert isinstance(alive, Alive)
    assert alive.key_set_version == 2
    assert kiosk.fetch_key_set() == Installed(2)
    assert kiosk.fetch_key_set() is Refusal.NOT_NEWER
    after = load_key_set(kiosk.keys).recipients(time.time())
    assert after.primary.kid != before.primary.kid
    assert after.keys[1].kid == before.keys[1].kid, "the escrow key stays"

    first = x509.load_pem_x509_certificate((kiosk.keys / "identity.pem").read_bytes())
    assert kiosk.renew().serial_number != first.serial_number
    assert isinstance(kiosk.heartbeat(), Alive)

    again = command(house, "invite", 7, "--no-qr").split()[0]
    assert "invited until" in command(house, "enrolments")
    kiosk.renew()  # a certificate that the server has not remembered to be good
    command(house, "revoke", 7)
    refused = kiosk.heartbeat()
    assert isinstance(refused, Reply)
    assert (refused.status, refused.problem) == (403, "/problems/revoked")
    with pytest.raises(EnrolmentError):
        kiosk.enrol(again)  # the code is gone as well
    again = command(house, "invite", 7).split()[0]
    assert kiosk.enrol(again).first_sequence == 21_001
    assert isinstance(kiosk.heartbeat(), Alive)


def tls_with(house: Path, folder: Path, days_ago: int, authority: Authority | None = None) -> ssl.SSLContext:
    """A client whose certificate was issued so many days ago, for 90."""
    key, issued = new_key(), dt.datetime.now(dt.UTC) - days_ago * DAY
    issuer = authority or Authority.load(house)
    leaf = issuer.certify_kiosk(8, key.public_key(), issued, 90)
    identity = folder / f"identity-{days_ago}.pem"
    identity.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + key_pem(key))
    context = ssl.create_default_context(cafile=str(house / "ca.pem"))
    context.load_cert_chain(identity)
    return context


@pytest.mark.e2e
def test_an_expired_certificate_and_one_of_another_authority_end_at_tls(
    house: Path, served: dict[str, str], tmp_path: Path
) -> None:
    body = {"queued": 0, "oldest_age_s": 0, "last_sequence": 0}

    def beat(context: ssl.SSLContext) -> httpx.Response:
        with httpx.Client(verify=context, trust_env=False, timeout=10) as client:
            return client.post(f"{served['gateway']}/v1/heartbeat", json=body)

    assert beat(tls_with(house, tmp_path, days_ago=89)).status_code == 200
    (tmp_path / "other").mkdir()
    stranger = Authority.create(tmp_path / "other", ("localhost",))
    for context in (
        tls_with(house, tmp_path, days_ago=91),
        tls_with(house, tmp_path, days_ago=0, authority=stranger),
    ):
        with pytest.raises(httpx.TransportError):
            beat(context)


def test_the_servers_certificate_is_renewed_for_the_same_names(directory: Path) -> None:
    before = x509.load_pem_x509_certificate((directory / "server.pem").read_bytes())
    assert "localhost" in command(directory, "certificate", "server")
    after = x509.load_pem_x509_certificate((directory / "server.pem").read_bytes())
    assert after.serial_number != before.serial_number
    names = [each.extensions.get_extension_for_class(x509.SubjectAlternativeName) for each in (before, after)]
    assert names[0] == names[1]
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    after.verify_directly_issued_by(authority)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
        directory / "server.pem", directory / "server.key"
    )
    assert "kiosk.example" in command(directory, "certificate", "server", "--host", "kiosk.example")
