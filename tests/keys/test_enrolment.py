"""Enrolment over real TLS: whom it trusts and when, what each trouble says, and that nothing is left half."""

import json
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.post import enrolment
from kiosk.post import keys as key_files
from kiosk.post.enrolment import Enrolled, EnrolmentError, Trouble, enrol
from kiosk.post.identity import certified_kiosk, client_tls, load_first_sequence
from kiosk.post.keys import load_reference_key
from kiosk.post.keyset import install_key_set, load_key_set

OpenDoor = Callable[..., Any]
DAY = 86_400
SECRET = "4T0RZQ9XKM2P"
DEADLINE_S = 5.0


@pytest.fixture
def door(open_door: OpenDoor, paper_centre: Any) -> Any:
    return open_door(paper_centre)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def trouble(door: Any, keys: Path, now: float, code: Any = None, url: str = "") -> EnrolmentError:
    """The trouble of an enrolment, which must not have written an identity."""
    with pytest.raises(EnrolmentError) as raised:
        enrol(code or door.code(), url or door.url, keys, now, DEADLINE_S)
    assert not (keys / "identity.pem").exists()
    assert SECRET not in str(raised.value)
    assert raised.value.remedy
    return raised.value


def test_an_enrolled_kiosk_has_everything(door: Any, keys: Path, now: float) -> None:
    assert enrol(door.code(), door.url, keys, now, DEADLINE_S) == Enrolled(7, 1, 1)
    assert load_key_set(keys).version == 1
    assert certified_kiosk(keys) == 7
    assert len(load_reference_key(keys)) == 32
    client_tls(keys)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()}
    assert modes == {
        "roots.json": 0o644,
        "keyset.jws": 0o644,
        "centre-ca.pem": 0o644,
        "enrolment.json": 0o644,
        "reference.key": 0o600,
        "identity.pem": 0o600,
    }


def test_the_private_key_and_the_scatter_key_never_leave(door: Any, keys: Path, now: float) -> None:
    enrol(door.code(), door.url, keys, now, DEADLINE_S)
    assert [asked for asked, _ in door.asked] == ["GET /v1/authority", "POST /v1/enrolments"]
    assert door.asked[0][1] == {}
    sent = door.asked[1][1]
    assert set(sent) == {"kiosk", "secret", "csr"}
    assert (sent["kiosk"], sent["secret"]) == (7, SECRET)
    assert "PRIVATE" not in json.dumps(sent)
    assert sent["csr"].startswith("-----BEGIN CERTIFICATE REQUEST-----")


def test_enrolled_again_it_keeps_what_must_stay(door: Any, keys: Path, now: float) -> None:
    enrol(door.code(), door.url, keys, now, DEADLINE_S)
    scatter, identity = (keys / "reference.key").read_bytes(), (keys / "identity.pem").read_bytes()
    install_key_set(keys, door.centre.key_set(version=5))
    door.says["POST /v1/enrolments"] = lambda sent: _json({**door.given(sent), "first_sequence": 412})
    assert enrol(door.code(), door.url, keys, now, DEADLINE_S) == Enrolled(7, 412, 5)
    assert load_first_sequence(keys) == 412
    assert load_key_set(keys).version == 5
    assert (keys / "reference.key").read_bytes() == scatter
    assert (keys / "identity.pem").read_bytes() != identity


def test_another_centre_takes_over_key_set_and_roots(
    open_door: OpenDoor, new_centre: Any, door: Any, keys: Path, now: float
) -> None:
    enrol(door.code(), door.url, keys, now, DEADLINE_S)
    install_key_set(keys, door.centre.key_set(version=5))
    other = open_door(new_centre())
    assert enrol(other.code(), other.url, keys, now, DEADLINE_S).key_set_version == 1
    assert load_key_set(keys).sealing[0].kid == other.centre.pairs[0].kid


# --- trust ---


def test_a_centre_that_the_code_does_not_name_hears_nothing(
    door: Any, new_centre: Any, keys: Path, now: float
) -> None:
    door.centre = new_centre()
    code = type(door)(new_centre()).code()
    assert trouble(door, keys, now, code).trouble is Trouble.ANOTHER_CENTRE
    assert [asked for asked, _ in door.asked] == ["GET /v1/authority"]
    assert not keys.exists()


def test_who_stands_in_between_with_the_right_authority_hears_no_secret(
    open_door: OpenDoor, paper_centre: Any, new_centre: Any, keys: Path, now: float
) -> None:
    """The authority's certificate is public: anybody can show it. Its private key decides."""
    between = open_door(paper_centre, certified_by=new_centre())
    found = trouble(between, keys, now)
    assert found.trouble is Trouble.UNTRUSTED
    assert "clock" in found.remedy
    assert [asked for asked, _ in between.asked] == ["GET /v1/authority"]


def test_a_server_of_this_centre_with_another_name_hears_no_secret(
    open_door: OpenDoor, paper_centre: Any, keys: Path, now: float
) -> None:
    other = open_door(paper_centre, name="inbox.example")
    assert trouble(other, keys, now).trouble is Trouble.UNTRUSTED
    assert len(other.asked) == 1


# --- what each trouble says ---

PROBLEM = "application/problem+json"


def _json(value: object, status: int = 200) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(value).encode()


def _problem(status: int, name: str = "") -> tuple[int, str, bytes]:
    return status, PROBLEM, json.dumps({"type": f"/problems/{name}", "title": "CANARY"}).encode()


PORTAL = (200, "text/html", b"<h1>Welcome to the airport</h1>")


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        ("GET /v1/authority", PORTAL, Trouble.NOT_A_DOOR),
        ("GET /v1/authority", (302, "text/html", b""), Trouble.NOT_A_DOOR),
        ("GET /v1/authority", _json({}), Trouble.NOT_A_DOOR),
        ("GET /v1/authority", _json([]), Trouble.NOT_A_DOOR),
        ("GET /v1/authority", _json({"certificate": "CANARY"}), Trouble.NOT_A_DOOR),
        ("GET /v1/authority", _json({"certificate": "é" * 9}), Trouble.NOT_A_DOOR),
        ("GET /v1/authority", (200, "application/json", b"x" * 70_000), Trouble.NOT_A_DOOR),
        ("POST /v1/enrolments", _problem(403, "not-invited"), Trouble.NOT_INVITED),
        ("POST /v1/enrolments", _problem(429, "too-often"), Trouble.BUSY),
        ("POST /v1/enrolments", _problem(503), Trouble.BUSY),
        ("POST /v1/enrolments", _problem(422, "not-a-request"), Trouble.WRONG_ANSWER),
        ("POST /v1/enrolments", PORTAL, Trouble.NOT_A_DOOR),
        ("POST /v1/enrolments", (403, "text/html", b"no"), Trouble.NOT_A_DOOR),
        ("POST /v1/enrolments", _json({}), Trouble.WRONG_ANSWER),
        ("POST /v1/enrolments", (200, "application/json", b"[" * 5000), Trouble.WRONG_ANSWER),
    ],
)
def test_what_is_answered_is_told_calmly(
    door: Any, keys: Path, now: float, path: str, answer: tuple[int, str, bytes], expected: Trouble
) -> None:
    door.says[path] = lambda _sent: answer
    found = trouble(door, keys, now)
    assert found.trouble is expected
    assert "CANARY" not in str(found)
    assert not keys.exists()


def _of_another_kiosk(centre: Any, sent: Any, _now: float) -> dict[str, Any]:
    return {"certificate": centre.certify(sent["csr"], 8)}


def _of_the_authority(centre: Any, _sent: Any, _now: float) -> dict[str, Any]:
    return {"certificate": centre.ca_pem}


def _of_another_authority(centre: Any, sent: Any, _now: float) -> dict[str, Any]:
    return {"certificate": type(centre)().certify(sent["csr"])}


def _ended(centre: Any, sent: Any, now: float) -> dict[str, Any]:
    return {"certificate": centre.certify(sent["csr"], 7, now - DAY, now)}


@pytest.mark.parametrize(
    ("wrong", "expected", "word"),
    [
        (_of_another_kiosk, Trouble.WRONG_ANSWER, "another kiosk"),
        (_of_the_authority, Trouble.WRONG_ANSWER, "unreadable"),
        (_of_another_authority, Trouble.WRONG_ANSWER, "not of the centre"),
        (_ended, Trouble.CLOCK, "ended"),
        (lambda centre, *_: {"roots": type(centre)().roots()["roots"]}, Trouble.WRONG_ANSWER, "not signed"),
        (lambda centre, *_: {"key_set": type(centre)().key_set()}, Trouble.WRONG_ANSWER, "not signed"),
        (lambda *_: {"roots": []}, Trouble.WRONG_ANSWER, "contract"),
        (lambda *_: {"first_sequence": 0}, Trouble.WRONG_ANSWER, "contract"),
        (lambda *_: {"first_sequence": "1"}, Trouble.WRONG_ANSWER, "contract"),
        (lambda *_: {"certificate": None}, Trouble.WRONG_ANSWER, "contract"),
    ],
)
def test_what_the_centre_gives_is_checked(
    door: Any, keys: Path, now: float, wrong: Callable[..., dict[str, Any]], expected: Trouble, word: str
) -> None:
    door.says["POST /v1/enrolments"] = lambda sent: _json(
        {**door.given(sent), **wrong(door.centre, sent, now)}
    )
    found = trouble(door, keys, now)
    assert found.trouble is expected
    assert word in found.cause
    assert not keys.exists()


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_far_off_is_named(door: Any, keys: Path, now: float, years: int) -> None:
    found = trouble(door, keys, now + years * 365 * DAY)
    assert found.trouble is Trouble.CLOCK
    assert "chrony" in found.remedy
    assert len(door.asked) == 1


def test_nobody_there(keys: Path, now: float, door: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert trouble(door, keys, now, url=f"https://localhost:{port}").trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    "url", ["https://", "localhost:8445", "ftp://localhost", "https://a:b", "http://localhost"]
)
def test_an_address_that_is_none_or_not_secret(keys: Path, now: float, door: Any, url: str) -> None:
    assert trouble(door, keys, now, url=url).trouble is Trouble.NOT_AN_ADDRESS


def test_a_host_that_is_none(keys: Path, now: float, door: Any) -> None:
    assert trouble(door, keys, now, url="https://a b").trouble is Trouble.UNREACHABLE


# --- nothing is left half ---


def _failing_at(number: int) -> Iterator[None]:
    for _ in range(number):
        yield None
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("number", range(6))
def test_a_disk_that_fails_at_any_write_leaves_the_identity_as_it_was(
    door: Any, keys: Path, now: float, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(door.code(), door.url, keys, now, DEADLINE_S)
    (keys / "reference.key").unlink()
    door.says["POST /v1/enrolments"] = lambda sent: _json(
        {**door.given(sent), "key_set": door.centre.key_set(version=2)}
    )
    before, steps, write = (keys / "identity.pem").read_bytes(), _failing_at(number), key_files.write

    def failing(path: Path, data: bytes, mode: int) -> None:
        next(steps)
        write(path, data, mode)

    monkeypatch.setattr("kiosk.post.enrolment.write", failing)
    monkeypatch.setattr("kiosk.post.certificates.write", failing)
    with pytest.raises(EnrolmentError) as raised:
        enrolment.enrol(door.code(), door.url, keys, now, DEADLINE_S)
    assert raised.value.trouble is Trouble.NOT_WRITTEN
    assert (keys / "identity.pem").read_bytes() == before
    load_key_set(keys)
