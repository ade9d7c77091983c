"""What a phone is shown and what is let in: the page, its words, hostile tokens and files, odd forms."""

import contextlib
import http.client
import itertools
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from central.centre import Centre
from central.keys.keyring import Keyring
from central.languages import LANGUAGES
from central.server import Listener, PublicProtocol, bind, tls
from central.store.store import Store
from central.uploads import page as page_module
from central.uploads.forms import FormFiles, Mark, NotAFormError, boundary_of
from central.uploads.incoming import Refusal
from central.uploads.kinds import FORMS, HEAD, Kind, NotTextError, TextCheck, form_of
from central.uploads.page import BusyError, Gate
from central.uploads.preferred import preferred
from central.uploads.wording import WORDS
from tests.central.office import Office, call
from tests.central.phone import JPEG, MP3, MP3_TAGGED, PDF, TAKEN, TEXT, WIDE, Way


@pytest.fixture
def database() -> None:
    """One database is enough: what each stores, tests/central/test_uploads.py sees."""


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


@pytest.fixture
def way(office: Office) -> Way:
    way = Way(office)
    way.open()
    return way


# --- the page


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_in_each_language(way: Way, language: str) -> None:
    shown = way.page(params={"lang": language})
    assert shown.status_code == 200
    assert WORDS[language].title in shown.text
    page = _Page(shown.text)
    assert next(attrs for tag, attrs in page.tags if tag == "html")["lang"] == language
    [field] = [attrs for tag, attrs in page.tags if tag == "input"]
    assert field["type"] == "file"
    assert "multiple" in field
    assert len([tag for tag, _ in page.tags if tag == "a"]) == len(LANGUAGES) - 1
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)


def test_what_a_page_may_do(way: Way) -> None:
    for shown in (way.page(), way.page("0" * 26)):
        policy = shown.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "form-action 'self'" in policy
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert shown.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in shown.headers
        assert not re.search(r"https?://", shown.text)
        assert len(shown.content) < 6000


def test_the_language_of_a_page(way: Way) -> None:
    def shown(**more: Any) -> str:
        return str(_Page(way.page(**more).text).tags[0][1]["lang"])

    assert shown(headers={"Accept-Language": "en-GB,en;q=0.8"}) == "en"
    assert shown(headers={"Accept-Language": "zh-CN"}) == "zh-Hans"
    assert shown(headers={"Accept-Language": "fr"}) == "zh-Hant"
    spoken = Way(way.office)
    spoken.open(language="zh-Hans")
    assert 'lang="zh-Hans"' in spoken.page(headers={"Accept-Language": "en"}).text[:60]
    assert 'lang="en"' in spoken.page(params={"lang": "en"}).text[:60]
    assert 'lang="zh-Hans"' in spoken.page(params={"lang": "<script>"}).text[:60]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-Hant"),
        ("zh-HK,en;q=0.5", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("en;q=0.3,zh-TW;q=0.9", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("en;q=nan, zh-CN;q=x, zh-hans", "zh-Hans"),
        ("de, fr;q=0.9, en;q=0.1", "en"),
        ("en;q=0", "zh-Hant"),
    ],
)
def test_what_a_phone_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


def test_words_are_whole() -> None:
    for words in WORDS.values():
        assert set(words.refusals) == set(Refusal)
        assert set(words.kinds) == set(Kind)
        assert "{most}" in words.limits


def test_without_a_file_it_says_so(way: Way) -> None:
    for content_type in ("text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 200):
        given = way.public
        shown = page_call(way, b"--x--", content_type)
        assert (shown.status_code, "未有選擇檔案。" in shown.text) == (200, True), given
    empty = b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n--x--\r\n'
    assert "未有選擇檔案。" in page_call(way, empty, "multipart/form-data; boundary=x").text


def page_call(way: Way, body: bytes, content_type: str) -> Any:
    headers = {"Content-Type": content_type}
    return call(way.public, "POST", f"/U/{way.token}", content=body, headers=headers)


# --- who is let in


def test_wrong_tokens_are_one_answer_and_limited(way: Way) -> None:
    words = {way.page("0" * 26).text, way.page("x" * 300).text, way.page("%F0%9F%98%80").text}
    assert len(words) == 1
    wrong = [way.page("1" * 26).status_code for _ in range(page_module._WRONG_PER_ADDRESS)]
    assert wrong[-1] == 429
    assert set(wrong) == {404, 429}
    assert way.page().status_code == 200  # whoever has the right one is let in all the same
    way.office.clock.move(hours=1)


def test_a_token_in_small_letters(way: Way) -> None:
    assert way.page(way.token.lower()).status_code == 200
    assert way.page(way.token[:-1]).status_code == 404
    assert way.send(JPEG, token=way.token[:-1] + "!").status_code == 404


def test_so_many_requests_for_an_upload(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "_FILES_PER_UPLOAD", 4)
    assert [way.send(b"\x00").status_code for _ in range(5)] == [422] * 4 + [429]


def test_so_many_at_once() -> None:
    gate = Gate()
    with gate.enter(b"1"), gate.enter(b"1"), gate.enter(b"1"), gate.enter(b"2"), pytest.raises(BusyError):
        gate.enter(b"1").__enter__()
    with gate.enter(b"1"):
        assert gate._under_way == {b"1": 1}


def test_busy_is_said(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "_AT_ONCE", 0)
    given = way.send(JPEG, params={"lang": "en"})
    assert (given.status_code, given.json()["text"]) == (503, "We are busy. Please try again in a moment.")


# --- what is let in

HOSTILE = {
    "html": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "html after a mark": b"\xef\xbb\xbf\n\n  <HTML>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "wide html": "\n<html><body>".encode("utf-16"),
    "zip": b"PK\x03\x04\x14\x00" + bytes(100),
    "docx": b"PK\x03\x04\x14\x00\x06\x00" + b"[Content_Types].xml" + bytes(100),
    "exe": b"MZ\x90\x00\x03" + bytes(100),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(100),
    "shell": b"\x00#!/bin/sh\nrm -rf /",
    "a jpeg that is not": b"\xff\xd8" + b"<html>",
    "a pdf that is not at its beginning": b"\n\n%PDF-1.7\x00",
    "riff of another kind": b"RIFF\x40\x00\x00\x00AVI LIST" + bytes(50),
    "avif": b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00" + bytes(20),
    "a box of no size": b"\x00\x00\x00\x00ftypisom" + bytes(20),
    "a box too large": b"\x7f\x00\x00\x00ftypisom" + bytes(20),
    "one frame of sound": MP3[:200],
    "control characters": b"hello \x1b[2J world",
    "zeros": bytes(5000),
    "not utf-8": b"caf\xe9 au lait " * 20,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_refused(way: Way, name: str) -> None:
    given = way.send(HOSTILE[name], params={"lang": "en"})
    assert (given.status_code, given.json()["ok"]) == (422, False)
    assert given.json()["text"].startswith("We cannot take this kind of file.")
    assert way.files() == []


def test_text_is_followed_to_its_end(way: Way) -> None:
    for tail in (b"\x00", b"\xff", b"\xe4\xbd"):
        assert way.send(TEXT * 400 + tail).status_code == 422
    assert way.send(TEXT * 400 + "好".encode()).status_code == 201
    assert way.send(WIDE).status_code == 201
    assert way.send(WIDE + b"\x00").status_code == 422
    assert way.send(b"").status_code == 422
    assert [each["kind"] for each in way.files()] == ["document", "document"]


def test_forms_by_their_beginning() -> None:
    for media_type, data in TAKEN.items():
        form = form_of(data[:HEAD])
        assert form is not None
        assert form.media_type == media_type
    tagged = form_of(MP3_TAGGED)
    assert tagged is not None
    assert tagged.media_type == "audio/mpeg"
    assert len({form.ending for form in FORMS}) == len(FORMS)
    assert not any(active in form.media_type for form in FORMS for active in ("html", "svg", "xml", "script"))


# --- drawn at random


@settings(max_examples=150, deadline=None, database=None)
@given(data=st.binary(max_size=400), prefix=st.sampled_from([b"", *(each[:16] for each in TAKEN.values())]))
def test_whatever_comes_has_a_form_or_none(data: bytes, prefix: bytes) -> None:
    form = form_of(prefix + data)
    assert form is None or form in FORMS


@settings(max_examples=100, deadline=None, database=None)
@given(text=st.text(max_size=300), cuts=st.lists(st.integers(0, 900), max_size=6), wide=st.booleans())
def test_text_is_judged_alike_however_it_is_cut(text: str, cuts: list[int], wide: bool) -> None:
    data = text.encode("utf-16" if wide else "utf-8", "replace")
    whole, cut = TextCheck(), TextCheck()
    places = [2, *sorted(each for each in cuts if each > 2), len(data)]  # the mark is never cut: see Incoming

    def fits(check: TextCheck, pieces: list[bytes]) -> bool:
        try:
            for piece in pieces:
                check.feed(piece)
            check.end()
        except NotTextError:
            return False
        return True

    pieces = [data[:2], *(data[a:b] for a, b in itertools.pairwise(places))]
    assert fits(whole, [data]) == fits(cut, pieces)


def formed(files: list[bytes], boundary: bytes) -> bytes:
    head = b'--%b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' % boundary
    return b"".join(head + file + b"\r\n" for file in files) + b"--%b--\r\n" % boundary


def read(body: bytes, cuts: list[int], boundary: bytes = b"XyZ") -> list[bytes]:
    form, found = FormFiles(boundary), list[bytes]()
    places = [0, *sorted(each for each in cuts if each < len(body)), len(body)]
    for start, end in itertools.pairwise(places):
        for event in form.feed(body[start:end]):
            if event is Mark.BEGIN:
                found.append(b"")
            elif isinstance(event, bytes):
                found[-1] += event
    form.end()
    return found


@settings(max_examples=150, deadline=None, database=None)
@given(
    files=st.lists(st.binary(max_size=200), max_size=4),
    cuts=st.lists(st.integers(0, 1200), max_size=8),
)
def test_a_form_however_it_is_cut(files: list[bytes], cuts: list[int]) -> None:
    assert read(formed(files, b"XyZ"), cuts) == files


@settings(max_examples=150, deadline=None, database=None)
@given(
    body=st.binary(max_size=300), start=st.integers(0, 100), cuts=st.lists(st.integers(0, 400), max_size=5)
)
def test_an_odd_form_is_refused_and_nothing_else(body: bytes, start: int, cuts: list[int]) -> None:
    whole = formed([b"abc"], b"XyZ")
    with contextlib.suppress(NotAFormError):
        read(whole[:start] + body, cuts)


@settings(max_examples=100, deadline=None, database=None)
@given(header=st.text(max_size=80) | st.text(max_size=80).map("multipart/form-data; boundary={}".format))
def test_any_content_type(header: str) -> None:
    with contextlib.suppress(NotAFormError):
        assert 0 < len(boundary_of(header)) <= 70


# --- slow phones, over a real line


@pytest.fixture
def listening(way: Way, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], ssl.SSLSocket]]:
    """Connects to the public listener, whose patience is short."""
    monkeypatch.setattr(PublicProtocol, "request_s", 0.6)
    monkeypatch.setattr(PublicProtocol, "idle_s", 0.6)
    monkeypatch.setattr(PublicProtocol, "files_s", 2.0)
    directory = Path(way.office.centre.directory)
    with bind("127.0.0.1", 0) as line:
        context = tls(directory, for_kiosks=False, for_old_phones=True)
        listener = Listener("public", way.public, line, PublicProtocol, context)
        server = uvicorn.Server(listener.configuration())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
        thread.start()
        trust = ssl.create_default_context(cafile=str(directory / "ca.pem"))

        def connect(version: ssl.TLSVersion | None = None) -> ssl.SSLSocket:
            if version is not None:
                trust.maximum_version = version
            return trust.wrap_socket(
                socket.create_connection(line.getsockname()[:2], 5), server_hostname="localhost"
            )

        yield connect
        server.should_exit = True
        thread.join(10)


def ended_after(line: ssl.SSLSocket, keep: Callable[[], None], most: float) -> float:
    """Seconds until the other end hung up, while `keep` is done."""
    began = time.monotonic()
    line.settimeout(0.1)
    while time.monotonic() - began < most:
        try:
            keep()
            if not line.recv(1):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_slow_phones(way: Way, listening: Callable[..., ssl.SSLSocket]) -> None:
    start = f"POST /U/{way.token}/files HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n".encode()
    head = start[:20]
    with listening() as silent:
        silent.sendall(head)
        assert ended_after(silent, lambda: silent.sendall(b"X"), 5) < 3  # letters of a head: no grace
    with listening() as stopped:
        stopped.sendall(start + JPEG[:100])
        assert 0.4 < ended_after(stopped, lambda: None, 5) < 2
    with listening() as slow:
        slow.sendall(start + JPEG[:100])
        # Something keeps coming, and still it ends: nobody holds a place for ever.
        assert 1.5 < ended_after(slow, lambda: slow.sendall(b"x"), 8) < 5
    assert way.files() == []


def test_an_old_phone_over_a_real_line(way: Way, listening: Callable[..., ssl.SSLSocket]) -> None:
    with listening(ssl.TLSVersion.TLSv1_2) as line:
        assert line.version() == "TLSv1.2"
        request = (
            f"POST /U/{way.token}/files?lang=en HTTP/1.1\r\nHost: x\r\nContent-Length: {len(PDF)}\r\n\r\n"
        )
        line.sendall(request.encode() + PDF)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 201
        assert answer.read() == b'{"ok":true,"text":"Document (0.1 MB): We have it."}'
    assert len(way.files()) == 1
