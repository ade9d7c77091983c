"""The page behind the code on paper: a receipt for who has the code, one calm answer to everybody else."""

import base64
import hashlib
import logging
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from central.centre import Centre
from central.keys.keyring import Keyring
from central.public import receipts
from central.public.press import Press
from central.public.receipts import network
from central.public.signing import verify
from central.store.enquiries import ATTEMPTS_KEPT
from central.store.store import Store
from tests.central.office import CANARIES, CODE, REFERENCE, Office, call, document

PATH = f"/r/{REFERENCE}-{CODE}"
PDF = b"%PDF-1.7 a receipt"


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


@pytest.fixture
def page(office: Office) -> FastAPI:
    return office.people.public_app()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting a page takes half a second; what is not about the page does without."""
    monkeypatch.setattr(Press, "printed", lambda *_: PDF)


def get(page: FastAPI, path: str, **more: Any) -> httpx.Response:
    return call(page, "GET", path, **more)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_code_on_paper_opens_a_signed_receipt(office: Office, page: FastAPI) -> None:
    office.receive()
    for path in (PATH, PATH.upper()):
        given = get(page, path)
        assert (given.status_code, given.headers["content-type"]) == (200, "application/pdf")
        assert given.headers["cache-control"] == "no-store"
        assert given.headers["content-disposition"] == 'inline; filename="receipt.pdf"'
        assert verify(given.content, (office.centre.directory / "ca.pem").read_bytes())


@pytest.mark.usefixtures("quick")
def test_whoever_has_no_code_cannot_tell_what_is_there(office: Office, page: FastAPI) -> None:
    absent = get(page, PATH)
    office.receive()
    office.receive(document(reference="100000000001", receipt_code=None))
    assert get(page, PATH).content == PDF
    for name in (
        f"{REFERENCE}-ABCDEFGH24",
        f"000752831974-{CODE}",
        f"{REFERENCE}-{CODE.lower()}",
        f"{REFERENCE}-",
        f"{REFERENCE}",
        f"100000000001-{CODE}",
        f"{'-' * 12}-{CODE}",
        f"{'%25' * 12}-{CODE}",
        f"{'_' * 12}-{CODE}",
        f"{REFERENCE}-{CODE}%0a",
        f"{REFERENCE} {CODE}",
        "%00",
        "x" * 3000,
    ):
        given = get(page, f"/r/{name}")
        assert (given.status_code, given.content, given.headers) == (404, absent.content, absent.headers), (
            name
        )


@pytest.mark.usefixtures("quick")
def test_a_case_that_comes_later_is_there_later(office: Office, page: FastAPI) -> None:
    assert get(page, PATH).status_code == 404
    office.receive()
    assert get(page, PATH).content == PDF


@pytest.mark.usefixtures("quick")
def test_of_two_cases_with_one_reference_the_code_decides(office: Office, page: FastAPI) -> None:
    office.receive()
    office.receive(document(receipt_code="ZYXWVUTS23"))
    assert get(page, PATH).content == get(page, f"/r/{REFERENCE}-ZYXWVUTS23").content == PDF


@pytest.mark.usefixtures("quick")
def test_limits_per_reference_and_per_address(
    office: Office, page: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (receipts._PER_REFERENCE, receipts._PER_ADDRESS) == (20, 60)
    monkeypatch.setattr(receipts, "_PER_REFERENCE", 3)
    monkeypatch.setattr(receipts, "_PER_ADDRESS", 8)
    office.receive()
    for name, status in ((PATH, 200), ("/r/000000000000-ABCDEFGH23", 404)):
        assert [get(page, name).status_code for _ in range(4)] == [status] * 3 + [429]
    answered = [get(page, f"/r/{n:012d}-{CODE}").status_code for n in range(1, 4)]
    assert answered == [404, 404, 429]
    too_often = get(page, PATH)
    assert (too_often.status_code, too_often.headers["retry-after"]) == (429, "3600")
    office.clock.now += ATTEMPTS_KEPT
    assert get(page, PATH).content == PDF


def test_what_counts_as_one_address() -> None:
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("::ffff:192.0.2.7") == "192.0.2.7"
    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("not an address") == "not an address"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_case_that_no_key_opens_is_not_here_yet(
    office: Office, page: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office.receive()
    monkeypatch.setattr(Keyring, "opening", {})
    assert get(page, PATH).status_code == 404
    assert "no key opens it" in caplog.text


class Reader(HTMLParser):
    """What a screen reader and a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pages_are_plain_accessible_and_in_three_languages(office: Office, page: FastAPI) -> None:
    for path, status in ((PATH, 404), ("/verify", 200)):
        given = get(page, path)
        assert given.status_code == status
        policy = given.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert given.headers["referrer-policy"] == "no-referrer"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in given.headers
        reader = Reader()
        reader.feed(given.text)
        names = [name for name, _ in reader.tags]
        assert "script" not in names
        assert names.count("h1") == names.count("main") == names.count("title") == 1
        assert dict(reader.tags)["html"] == {"lang": "zh-Hant"}
        sections = [attributes["lang"] for name, attributes in reader.tags if name == "section"]
        assert sections == ["zh-Hant", "zh-Hans", "en"]
        assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    certificate = get(page, "/ca.pem")
    assert certificate.content == (office.centre.directory / "ca.pem").read_bytes()


def test_the_style_of_a_page_is_the_one_its_policy_allows(office: Office) -> None:
    given = get(office.people.public_app(), "/verify")
    style = re.search("<style>(.*?)</style>", given.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in given.headers["content-security-policy"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_of_a_visitor_is_logged(
    office: Office, page: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="central")
    office.receive()
    for path in (PATH, f"/r/{REFERENCE}-ABCDEFGH24"):
        get(page, path)
    assert not any(canary in caplog.text for canary in (*CANARIES, CODE, REFERENCE))
