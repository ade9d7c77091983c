"""Uploads from phones: opened by a kiosk, sealed on arrival, named by a case, opened by officers, erased."""

import datetime as dt
import hashlib
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from central.centre import Centre
from central.keys.keyring import Keyring
from central.sealed.base import UnreadableError
from central.sealed.envelope import PIECE
from central.sealed.files import FileSealer, Place, open_file
from central.store import kiosks
from central.store.inbox import Role
from central.store.kiosks import Heartbeat
from central.store.schema import UPLOADED_FILES, UPLOADED_PIECES, UPLOADS
from central.store.store import Store
from central.uploads import desk as desk_module
from central.uploads import incoming as incoming_module
from tests.central.office import Office, document
from tests.central.phone import JPEG, PDF, TAKEN, TEXT, Way

CANARY = b"CANARY-OF-A-VISITOR-0123456789-"


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


@pytest.fixture
def way(office: Office) -> Way:
    way = Way(office)
    assert way.open().status_code == 201
    return way


sqlite_alone = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def rows(office: Office, table: sa.Table) -> int:
    with office.store.reading() as db:
        return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


# --- from the phone to the officer


def test_from_the_phone_to_the_officer(office: Office, way: Way) -> None:
    long = JPEG[:4] + CANARY * 30_000  # several pieces
    for data in (long, PDF, TEXT):
        assert way.send(data).status_code == 201
    files = way.files()
    assert [(each["kind"], each["size"], each["sha256"]) for each in files] == [
        ("picture", len(long), sha256(long)),
        ("document", len(PDF), sha256(PDF)),
        ("document", len(TEXT), sha256(TEXT)),
    ]
    closed = way.close(keep=True).json()
    assert (closed["state"], closed["files"]) == ("closed", files)
    case_id = office.receive(document(upload=way.named()))
    chan = office.sign_in("chan", Role.OFFICER)
    opened = chan.post(f"/v1/cases/{case_id}/open").json()
    assert [(each["file_id"], each["state"]) for each in opened["files"]] == [
        (each["file_id"], "here") for each in files
    ]
    kinds = ("image/jpeg", "application/pdf", "text/plain")
    for each, data, media_type in zip(files, (long, PDF, TEXT), kinds, strict=True):
        given = chan.post(f"/v1/cases/{case_id}/files/{each['file_id']}/open")
        assert (given.content, given.headers["content-type"]) == (data, media_type)
        assert re.fullmatch(
            r'attachment; filename="file-[0-9a-f]{8}\.(jpg|pdf|txt)"', given.headers["content-disposition"]
        )
        assert given.headers["x-content-type-options"] == "nosniff"
        assert given.headers["cache-control"] == "no-store"
        assert "sandbox" in given.headers["content-security-policy"]
    assert [entry.facts["what"] for entry in office.history(case_id)] == ["document", "file", "file", "file"]
    assert chan.post(f"/v1/cases/{case_id}/files/{uuid.uuid4()}/open").status_code == 404


@pytest.mark.parametrize("media_type", TAKEN)
@sqlite_alone
def test_every_form_that_is_let_in(way: Way, media_type: str) -> None:
    assert way.send(TAKEN[media_type]).status_code == 201
    [file] = way.files()
    assert file["sha256"] == sha256(TAKEN[media_type])


@sqlite_alone
def test_nothing_is_stored_in_clear(office: Office, way: Way) -> None:
    data = JPEG[:4] + CANARY * 20_000
    assert way.send(data).status_code == 201
    assert way.send_form(data, name="secret-name.jpg").status_code == 200
    with office.store.reading() as db:
        pieces = list(db.execute(sa.select(UPLOADED_PIECES.c.sealed)).scalars())
    assert len(pieces) == 2 * (len(data) // PIECE + 1)
    for file in Path(office.centre.directory).iterdir():
        content = file.read_bytes()
        assert CANARY not in content
        assert b"secret-name" not in content
        assert way.token.encode() not in content
        assert way.token.lower().encode() not in content


def test_several_files_of_a_form(way: Way) -> None:
    given = way.send_form(JPEG, b"MZ\x90\x00 an exe", PDF, params={"lang": "en"})
    assert given.text.count('<li class="good">') == 2
    assert "We cannot take this kind of file." in given.text
    assert [each["kind"] for each in way.files()] == ["picture", "document"]


def test_a_kiosk_deletes_a_file(office: Office, way: Way) -> None:
    way.send(JPEG)
    way.send(PDF)
    first, second = way.files()
    before = way.status().json()["version"]
    assert way.drop(first["file_id"]).status_code == 204
    assert way.drop(first["file_id"]).status_code == 204
    assert way.files() == [second]
    assert way.status().json()["version"] > before
    assert rows(office, UPLOADED_FILES) == 1


def test_what_is_not_kept_is_erased_at_once(office: Office, way: Way) -> None:
    way.send(JPEG)
    assert way.close(keep=False).json()["files"] == []
    assert (rows(office, UPLOADED_FILES), rows(office, UPLOADED_PIECES)) == (0, 0)


# --- opening


def test_the_same_opening_again_is_the_same_way(way: Way) -> None:
    first = way.open()
    again = way.open()
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert way.open(limit=3).json()["type"] == "/problems/upload-differs"
    assert way.open(recipient="complaints").json()["type"] == "/problems/upload-differs"
    way.kiosk = 8
    assert way.open().status_code == 409


def test_an_address_fits_a_small_code(way: Way) -> None:
    address = way.open().json()["address"]
    assert re.fullmatch(r"HTTPS://[0-9A-Z.-]+(:[0-9]+)?/U/[0-9A-HJKMNP-TV-Z]{26}", address)
    other = Way(way.office)
    other.open()
    assert other.token != way.token


@sqlite_alone
def test_nobody_but_its_kiosk_may_ask(way: Way) -> None:
    way.send(JPEG)
    file_id = way.files()[0]["file_id"]
    way.kiosk = 8
    for given in (way.status(), way.drop(file_id), way.close(keep=False)):
        assert (given.status_code, given.json()["type"]) == (404, "/problems/no-such-upload")
    way.kiosk = 7
    assert len(way.files()) == 1
    way.upload_id = uuid.uuid4()
    assert way.status().status_code == 404


@sqlite_alone
def test_a_recipient_without_a_key(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module.Uploads, "recipients", lambda *_: [])
    given = Way(office).open(recipient="complaints")
    assert (given.status_code, given.json()["type"]) == (422, "/problems/no-such-recipient")


def test_a_kiosk_opens_so_many_an_hour(office: Office) -> None:
    answers = [Way(office).open() for _ in range(desk_module._OPENED_PER_KIOSK + 1)]
    assert {each.status_code for each in answers[:-1]} == {201}
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    office.clock.move(hours=1)
    assert Way(office).open().status_code == 201


@sqlite_alone
@pytest.mark.parametrize(
    "change",
    [
        {"limit": 0},
        {"limit": 31},
        {"limit": "3"},
        {"recipient": "press"},
        {"id": "x"},
        {"more": 1},
        {"language": "fr"},
    ],
)
def test_an_opening_that_is_not_of_the_contract(office: Office, change: dict[str, Any]) -> None:
    assert Way(office).open(**change).status_code == 422


@sqlite_alone
def test_a_kiosk_waits_for_the_next_file(way: Way) -> None:
    version = way.status().json()["version"]
    way.send(JPEG)
    assert len(way.status(since=version, wait=25).json()["files"]) == 1  # comes at once
    assert way.status(wait=26).status_code == 422


# --- limits


@sqlite_alone
def test_the_thirty_first_file(office: Office) -> None:
    way = Way(office)
    way.open(limit=30)
    for _ in range(30):
        assert way.send(JPEG).status_code == 201
    assert way.send(JPEG, params={"lang": "en"}).json()["text"].startswith("There are as many files")
    assert len(way.files()) == 30
    way.drop(way.files()[0]["file_id"])
    assert way.send(JPEG).status_code == 201


def test_too_large_alone_and_together(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming_module, "LARGEST_FILE", 600_000)
    monkeypatch.setattr(incoming_module, "LARGEST_UPLOAD", 1_000_000)
    exactly = JPEG[:4] + bytes(600_000 - 4)
    assert way.send(exactly).status_code == 201
    assert way.send(exactly + b"x").status_code == 413
    assert way.send(exactly, params={"lang": "en"}).json()["text"].startswith("All files together")
    assert way.send(JPEG[:4] + bytes(400_000 - 4)).status_code == 201
    assert len(way.files()) == 2
    assert rows(way.office, UPLOADED_FILES) == 2


@sqlite_alone
def test_a_link_is_dead_after_its_time_and_after_closing(way: Way) -> None:
    way.office.clock.move(minutes=29)
    assert way.page().status_code == 200
    way.office.clock.move(minutes=1)
    assert (way.page().status_code, way.send(JPEG).status_code, way.send_form(JPEG).status_code) == (404,) * 3
    assert way.status().json()["state"] == "closed"
    other = Way(way.office)
    other.open()
    other.close(keep=True)
    assert (other.page().status_code, other.send(JPEG).status_code) == (404, 404)
    assert other.files() == []


@sqlite_alone
def test_a_file_that_is_on_its_way_when_it_closes(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    end = incoming_module.Incoming.end

    def closed_before(self: incoming_module.Incoming) -> Any:
        way.uploads.close(7, way.upload_id, keep=True)
        return end(self)

    monkeypatch.setattr(incoming_module.Incoming, "end", closed_before)
    assert way.send(JPEG[:4] + bytes(2 * PIECE)).status_code == 404
    assert (way.files(), rows(way.office, UPLOADED_FILES)) == ([], 0)


@sqlite_alone
def test_a_phone_that_goes_away_leaves_nothing(way: Way) -> None:
    async def cut() -> Any:
        yield JPEG[:4] + bytes(6 * PIECE)
        raise ConnectionResetError

    assert way.send(cut()).status_code == 500
    assert (way.files(), rows(way.office, UPLOADED_FILES), rows(way.office, UPLOADED_PIECES)) == ([], 0, 0)


# --- cases


def test_only_named_files_stay_and_differences_are_said(office: Office, way: Way) -> None:
    for data in (JPEG, PDF, TEXT):
        way.send(data)
    first, second, _ = way.files()
    lost = str(uuid.uuid4())
    named = [first, {**second, "sha256": "0" * 64}, {**first, "file_id": lost}]
    case_id = office.receive(document(upload=way.named(files=named)))
    assert rows(office, UPLOADED_FILES) == 2
    opened = office.sign_in("chan", Role.OFFICER).post(f"/v1/cases/{case_id}/open").json()
    assert [each["state"] for each in opened["files"]] == ["here", "differs", "missing"]
    assert opened["files"][2] == {
        "file_id": lost, "state": "missing", "kind": None, "media_type": None, "size": len(JPEG)
    }  # fmt: skip
    assert way.close(keep=False).json()["state"] == "closed"  # too late to take them away
    assert rows(office, UPLOADED_FILES) == 2
    way.drop(first["file_id"])
    assert rows(office, UPLOADED_FILES) == 2


def test_the_first_case_has_them(office: Office, way: Way) -> None:
    way.send(JPEG)
    named = way.named()
    first, second = office.receive(document(upload=named)), office.receive(document(upload=named))
    chan = office.sign_in("chan", Role.OFFICER)
    states = [chan.post(f"/v1/cases/{each}/open").json()["files"][0]["state"] for each in (first, second)]
    assert states == ["here", "missing"]
    file_id = named["files"][0]["file_id"]
    assert chan.post(f"/v1/cases/{second}/files/{file_id}/open").status_code == 404


@sqlite_alone
def test_a_case_of_another_kiosk_or_recipient_gets_none(office: Office) -> None:
    other = Way(office, kiosk=8)
    other.open()
    other.send(JPEG)
    confidential = Way(office)
    confidential.open(recipient="complaints")
    confidential.send(JPEG)
    for way in (other, confidential):
        case_id = office.receive(document(upload=way.named()))
        opened = office.sign_in(f"chan{way.kiosk}", Role.OFFICER).post(f"/v1/cases/{case_id}/open").json()
        assert [each["state"] for each in opened["files"]] == ["missing"]


@sqlite_alone
@pytest.mark.parametrize(
    "said", [None, 5, [], {}, {"upload_id": "x", "files": []}, {"upload_id": str(uuid.uuid4()), "files": [5]}]
)
def test_an_odd_word_about_an_upload_harms_no_case(office: Office, said: Any) -> None:
    case_id = office.receive(document(upload=said))
    opened = office.sign_in("chan", Role.OFFICER).post(f"/v1/cases/{case_id}/open")
    assert (opened.status_code, opened.json()["files"]) == (200, [])


# --- how long


def beat(office: Office, queued: int) -> None:
    with office.store.writing() as db:
        kiosks.beat(db, 7, office.clock(), Heartbeat(queued=queued, oldest_age_s=0, last_sequence=1))


def test_unclaimed_files_are_erased(office: Office, way: Way) -> None:
    way.send(JPEG)
    way.close(keep=True)
    office.clock.move(minutes=1)
    beat(office, 0)
    office.clock.move(hours=23, minutes=58)
    way.uploads.sweep()
    assert len(way.files()) == 1
    office.clock.move(minutes=2)
    way.uploads.sweep()
    assert [rows(office, table) for table in (UPLOADS, UPLOADED_FILES, UPLOADED_PIECES)] == [0, 0, 0]
    assert way.status().status_code == 404


def test_a_kiosk_without_its_network_gets_two_weeks(office: Office, way: Way) -> None:
    way.send(JPEG)
    beat(office, 0)
    office.clock.move(hours=72)  # never closed: it ended by itself
    way.uploads.sweep()
    assert len(way.files()) == 1
    beat(office, 2)  # back, and its cases are still with it
    way.uploads.sweep()
    assert len(way.files()) == 1
    office.clock.move(days=11, hours=1)
    way.uploads.sweep()
    assert rows(office, UPLOADS) == 0


def test_joined_files_stay(office: Office, way: Way) -> None:
    way.send(JPEG)
    office.receive(document(upload=way.named()))
    beat(office, 0)
    office.clock.move(days=400)
    beat(office, 0)
    way.uploads.sweep()
    assert rows(office, UPLOADED_FILES) == 1


def test_what_a_dead_centre_left_behind(office: Office, way: Way) -> None:
    upload = way.uploads.by_token(way.token)
    assert upload is not None
    incoming = incoming_module.Incoming(way.uploads, upload)
    incoming.feed(JPEG[:4] + bytes(6 * PIECE))  # and then the machine stops
    assert rows(office, UPLOADED_PIECES) > 0
    way.uploads.sweep()
    assert rows(office, UPLOADED_FILES) == 1
    office.clock.move(minutes=16)
    way.uploads.sweep()
    assert (rows(office, UPLOADED_FILES), rows(office, UPLOADED_PIECES)) == (0, 0)


# --- sealing


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_sealed_file_opens_only_whole_and_in_its_place(size: int) -> None:
    keyring = Keyring.generate()
    place, data = Place(uuid.uuid4(), uuid.uuid4()), bytes(size)
    sealer = FileSealer(place, keyring.key_set.sealing)
    pieces = [*sealer.feed(data[: size // 2]), *sealer.feed(data[size // 2 :]), sealer.end()]
    assert open_file(place, sealer.keys, pieces, keyring) == data
    elsewhere = Place(place.upload, uuid.uuid4())
    damaged = [bytes([pieces[0][0] ^ 1]) + pieces[0][1:], *pieces[1:]]
    for where, found in (
        (place, pieces[:-1] or [b""]),
        (place, damaged),
        (elsewhere, pieces),
        (place, [*pieces, pieces[-1]]),
        (place, pieces[::-1] if len(pieces) > 1 else [b"x"]),
    ):
        with pytest.raises(UnreadableError):
            open_file(where, sealer.keys, found, keyring)
    with pytest.raises(UnreadableError):
        open_file(place, sealer.keys, pieces, Keyring.generate())


@sqlite_alone
def test_complaints_are_sealed_to_their_own_keys(office: Office) -> None:
    way = Way(office)
    way.open(recipient="complaints")
    way.send(JPEG)
    with office.store.reading() as db:
        keys = db.execute(sa.select(UPLOADED_FILES.c["keys"])).scalar_one()
    theirs = {key.kid for key in office.keyring.key_set.sealing_apart}
    assert set(keys) == theirs
    assert json.dumps(keys)
    assert dt.timedelta(0) < desk_module.LIFE
