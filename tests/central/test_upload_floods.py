"""What a phone that knows its address may cost a centre, and a file that nobody could open."""

import time
from typing import Any

import pytest

from central.keys.keyring import Keyring
from central.store.store import Store
from central.uploads.desk import Uploads
from central.uploads.receiver import MOST_OUTCOMES
from tests.central.office import Office, call
from tests.central.phone import JPEG, Way

_PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'


@pytest.fixture
def database() -> None:
    """One database is enough."""


@pytest.fixture
def way(centre: Any, store: Store, keyring: Keyring, sealing: Any) -> Way:
    way = Way(Office(centre, store, keyring, sealing))
    way.open()
    return way


def flood(way: Way, content: bytes, count: int) -> Any:
    body = (_PART + content + b"\r\n") * count + b"--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return call(way.public, "POST", f"/U/{way.token}", content=body, headers=headers)


@pytest.mark.parametrize("content", [b"", b"a", JPEG], ids=["empty", "text", "picture"])
def test_a_form_of_thousands_of_files_is_cut_short(way: Way, content: bytes) -> None:
    began = time.process_time()
    shown = flood(way, content, 4000)
    assert shown.status_code == 200
    assert shown.text.count("<li ") == MOST_OUTCOMES
    assert len(way.files()) == (30 if content else 0)
    assert time.process_time() - began < 5


def test_a_file_that_nobody_could_open_is_not_taken(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Uploads, "recipients", lambda *_: [])  # their key was taken back since
    assert way.send(JPEG).status_code == 404
    assert way.files() == []
