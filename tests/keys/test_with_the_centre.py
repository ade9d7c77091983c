"""Kiosk and centre were written apart, from the same pages: here each reads what the other wrote."""

import datetime as dt
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from click.testing import Result
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from central import answers
from central.centre import Centre
from central.enquiries.messages import open_question, seal_answer
from central.enrolment import codes
from central.keys.keyring import Keyring
from central.public.door import router
from central.sealed.base import UnreadableError
from central.sealed.envelope import open_attachments, open_document, parse
from central.server import Listener, bind, tls
from kiosk.commands.app import app
from kiosk.post import enrolment as kiosk_enrolment
from kiosk.post.enquiry import Enquiry
from kiosk.post.enrolment_code import parse_code
from kiosk.post.envelope import PIECE, Sealed, Sealer, Slot
from kiosk.post.identity import check_identity, client_tls, load_first_sequence
from kiosk.post.keys import load_reference_key
from kiosk.post.keyset import KeySet, load_key_set

CASE = uuid.UUID("6f1d2a52-7a3e-4a86-9c62-4c8dbb3d5a10")
SLOT = Slot(3, b"\x11" * 32)
DOCUMENT = '{"text":"報失 \x80 銀包"}'.encode()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    centre = Centre(tmp_path_factory.mktemp("centre") / "centre")
    centre.init("ADM", ("localhost", "127.0.0.1"))
    return centre


@pytest.fixture(scope="module")
def keys(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    keys = tmp_path_factory.mktemp("kiosk") / "keys"
    centre.enrol(7, keys, 90)
    return keys


@pytest.fixture(scope="module")
def keyring(centre: Centre) -> Keyring:
    return centre.keyring()


@pytest.fixture(scope="module")
def key_set(keys: Path) -> KeySet:
    return load_key_set(keys)


@pytest.fixture(scope="module")
def sealer(key_set: KeySet) -> Sealer:
    recipients = key_set.recipients(dt.datetime.now(dt.UTC).timestamp())
    assert not recipients.lapsed
    return Sealer(7, recipients.keys)


def opened(sealed: Sealed, keyring: Keyring) -> tuple[bytes, list[bytes]]:
    received = parse(sealed.envelope)
    parts = {bytes.fromhex(part.sha256): part.sealed for part in sealed.parts}
    return open_document(received, keyring), list(open_attachments(received, parts.get, keyring))


def test_a_kiosk_reads_everything_an_enrolment_left(keys: Path) -> None:
    check_identity(keys, 7)
    client_tls(keys)
    assert len(load_reference_key(keys)) == 32
    assert load_first_sequence(keys) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    document=st.binary(max_size=9_000),
    sizes=st.lists(st.sampled_from([0, 1, 1_000, PIECE - 1, PIECE, PIECE + 1]), max_size=4),
    sequence=st.integers(1, 2**53),
)
def test_the_centre_opens_what_a_kiosk_seals(
    sealer: Sealer, keyring: Keyring, document: bytes, sizes: list[int], sequence: int
) -> None:
    photos = [bytes([n]) * size for n, size in enumerate(sizes)]
    sealed = sealer.seal(CASE, Slot(sequence, b"\x11" * 32), document, photos)
    assert opened(sealed, keyring) == (document, photos)


def test_the_largest_report_is_within_the_centres_limits(sealer: Sealer, keyring: Keyring) -> None:
    photos = [bytes(2_000_000)] * 30
    sealed = sealer.seal(CASE, SLOT, bytes(1 << 20), photos)
    received = parse(sealed.envelope)
    assert len(received.parts) == 240
    assert open_document(received, keyring) == bytes(1 << 20)


def test_no_part_of_another_case_is_taken(sealer: Sealer, keyring: Keyring) -> None:
    one = sealer.seal(CASE, SLOT, DOCUMENT, [b"photo"])
    other = sealer.seal(uuid.uuid4(), SLOT, DOCUMENT, [b"photo"])
    body = json.loads(one.envelope)
    body["parts"] = json.loads(other.envelope)["parts"]
    with pytest.raises(UnreadableError):
        open_document(parse(json.dumps(body).encode()), keyring)


def test_a_code_of_the_centre_is_read() -> None:
    der = b"any certificate"
    for kiosk in (0, 7, 9999):
        secret = codes.new_secret()
        read = parse_code(str(codes.Code(kiosk, secret, codes.fingerprint(der))))
        assert (read.kiosk, read.secret) == (kiosk, secret)
        assert read.fingerprint == hashlib.sha256(der).digest()[:10]


def test_a_question_goes_there_and_an_answer_back(key_set: KeySet, keyring: Keyring) -> None:
    enquiry = Enquiry(7, uuid.uuid4())
    asked = {"ask": "check", "reference": "000712345678", "receipt_code": "K7MR29QXTB"}
    sealed = enquiry.seal(asked, key_set.recipients(dt.datetime.now(dt.UTC).timestamp()).primary)
    question = open_question(keyring.opening, 7, sealed.enquiry_id, sealed.kid, sealed.sealed)
    assert question.reference == asked["reference"]
    answer = {"answer": "check_sent"}
    assert enquiry.open_answer(seal_answer(answer, question.reply_to, 7, enquiry.enquiry_id)) == answer


# --- enrolment from end to end, as typed ---


@pytest.fixture
def door(centre: Centre) -> Iterator[str]:
    """The door of the centre, on loopback; its address."""
    store = centre.store()
    api = FastAPI()
    answers.install(api)
    api.include_router(router(centre.enrolment(store)))
    listener = Listener("door", api, bind("127.0.0.1", 0), tls=tls(centre.directory, for_kiosks=False))
    server = uvicorn.Server(listener.configuration())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.socket]})
    thread.start()
    yield listener.url
    server.should_exit = True
    thread.join()
    store.close()


Enrol = Callable[..., Result]


@pytest.fixture
def enrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Enrol:
    """`kiosk enrol` at kiosk 7."""
    for name, value in (("PROFILE", "demo"), ("KIOSK_NUMBER", "7"), ("PATHS__KEYS", str(tmp_path / "keys"))):
        monkeypatch.setenv(f"KIOSK__{name}", value)

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["enrol", *arguments], input=typed)

    return run


def invitation(centre: Centre, kiosk: int) -> str:
    store = centre.store()
    try:
        return centre.enrolment(store).invite(kiosk, dt.timedelta(hours=24)).code
    finally:
        store.close()


def test_a_technician_enrols_a_kiosk(centre: Centre, door: str, enrol: Enrol, tmp_path: Path) -> None:
    code = invitation(centre, 7)
    done = enrol(*code.lower().split("-"), "--door", door)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Kiosk 0007 is enrolled; its keys are in ")
    keys = tmp_path / "keys"
    check_identity(keys, 7)
    assert load_key_set(keys).version >= 1
    again = enrol(code, "--door", door)
    assert again.exit_code == 1
    assert "not enrolled: the centre does not know this code" in again.output
    assert "ask the centre for a new code" in again.output


def test_a_code_can_be_typed_when_asked_for(centre: Centre, door: str, enrol: Enrol) -> None:
    done = enrol("--door", door, typed=invitation(centre, 7) + "\n")
    assert done.exit_code == 0, done.output


def test_a_code_for_another_kiosk_is_not_used_up(
    centre: Centre, door: str, enrol: Enrol, tmp_path: Path
) -> None:
    code = invitation(centre, 8)
    refused = enrol(code, "--door", door)
    assert refused.exit_code == 1
    assert "for kiosk 0008, but this is kiosk 0007" in refused.output
    assert kiosk_enrolment.enrol(parse_code(code), door, tmp_path / "8", time.time(), 5.0).kiosk == 8


@pytest.mark.parametrize(("typed", "said"), [("0007-4T0R", "too short"), ("0007", "too short")])
def test_what_was_mistyped_is_said(enrol: Enrol, typed: str, said: str) -> None:
    refused = enrol(typed)
    assert refused.exit_code == 1
    assert said in refused.output
