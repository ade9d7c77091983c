"""The reference centre, fuzzed by its three contracts on both databases; bugs planted in it are reported.

`fuzzing` does what any centre can use; here is what only we know: how to seal, who may do what, and what must
hold beside the schemas. `KIOSK_PROVE_SCALE=full` makes it long, `KIOSK_PROVE_SEED` another.
"""

import base64
import copy
import datetime as dt
import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from central import contract
from central.centre import Centre, now
from central.enquiries.desk import Pace
from central.gateway.identity import KIOSK_STATE, Caller
from central.gateway.service import Answer
from central.inbox.officers import Officers
from central.keys import locked, suites
from central.keys.development import PASSPHRASE
from central.keys.keyring import Keyring
from central.keys.keyset import KeySetError
from central.packs import bundle as pack_bundles
from central.packs.offers import Reach, Shelf
from central.sealed.envelope import MAX_ENVELOPE, MAX_PART, MAX_PARTS
from central.serving import Rooms, joined
from central.store import migrate, parts
from central.store.engine import open_engine
from central.store.inbox import Officer, Role
from central.store.store import Store
from tests import postgres
from tests.central.conftest import ZEROS, Api, Message, Sealing
from tests.central.office import CODE, document
from tests.contract.fuzzing import Front as FrontDoor
from tests.contract.fuzzing import Fuzzer, Outcome, load, run
from tests.prove.scale import size

pytestmark = pytest.mark.slow

KIOSK, REVOKED_KIOSK, NEVER_ENROLLED = 7, 13, 9_999
SECRET_TYPE = "DOMESTIC_VIOLENCE"
REVOKED = (403, "/problems/revoked")
UNREACHED = {
    # A centre does not begin to serve before it has published a key set; if it loses it: see below.
    Outcome("get_key_set", 503, "/problems/no-key-set"),
    # The keys that opened a case at its receipt would have to be lost: tests/central/test_audit.py.
    Outcome("open_case", 503, "/problems/does-not-open-here"),
    Outcome("open_attachment", 503, "/problems/does-not-open-here"),
    Outcome("open_file", 503, "/problems/does-not-open-here"),
    # A centre here has keys for everyone; files of 25 MB, and a crowd: tests/central/test_upload*.py.
    Outcome("post_upload", 422, "/problems/no-such-recipient"),
    Outcome("post_upload_file", 413, ""),
    Outcome("post_upload_file", 503, ""),
}
CASE_OF_BODY = {"case_id": "$response.body#/case"}
CASE_AS_READ = {**CASE_OF_BODY, "if-match": "$response.header.ETag"}
FIRST_LISTED = {"case_id": "$response.body#/cases/0/case"}
LINKS: dict[str, dict[str, Any]] = {
    "list_cases": {
        name: {"operationId": name, "parameters": FIRST_LISTED}
        for name in ("get_case", "open_case", "get_case_history")
    },
    "get_case": {
        name: {"operationId": name, "parameters": CASE_AS_READ}
        for name in ("take", "assign", "accept", "reject", "join")
    },
    "take": {
        name: {"operationId": name, "parameters": CASE_AS_READ} for name in ("assign", "accept", "reject")
    },
}


@dataclass
class House:
    """A centre with its applications, its people, and what seals for its kiosks."""

    rooms: Rooms
    centre: Centre
    store: Store
    keyring: Keyring
    sealing: Sealing
    tokens: dict[str, str]
    sequence: int = 0

    @cached_property
    def intake(self) -> Fuzzer:
        """Takes the cases that others then work on."""
        return self.gateway()

    def seal(self, content: bytes, photos: tuple[bytes, ...] = (), **more: Any) -> Message:
        """A case at the next place of the chain."""
        self.sequence += 1
        return self.sealing.seal(content, photos, **{"sequence": self.sequence, **more})

    def gateway(self) -> Fuzzer:
        takes_all = frozenset({"post_heartbeat", "get_parts", "get_key_set"})
        front = FrontDoor(self.rooms.gateway, {KIOSK_STATE: KIOSK})
        return Fuzzer(load(_text("openapi.json")), front, takes_all=takes_all, anywhere=frozenset({REVOKED}))

    def inbox(self, name: str = "wong") -> Fuzzer:
        takes_all = frozenset({"get_me", "get_history", "get_gaps"})
        return Fuzzer(
            load(_text("openapi-inbox.json"), LINKS),
            FrontDoor(self.rooms.inbox),
            {"Authorization": f"Bearer {self.tokens[name]}"},
            takes_all,
        )

    def public(self) -> Fuzzer:
        return Fuzzer(
            load(_text("openapi-public.json")),
            FrontDoor(self.rooms.public),
            takes_all=frozenset({"get_receipt"}),
        )


@cache
def _text(name: str) -> str:
    """A contract; tests/contract/test_openapi.py proves that it is what the code says."""
    return Path(contract.__file__).with_name(name).read_text(encoding="utf-8")


@contextmanager
def opened(directory: Path, database: str | None = None) -> Iterator[House]:
    """A new centre with officers at work; `database` is empty, None a file."""
    Centre(directory).init("ADM", ("localhost",))
    settings = directory / "centre.json"
    known = json.loads(settings.read_text(encoding="utf-8"))
    known["inbox"] = {"confidential": {SECRET_TYPE: "supervisor"}}
    settings.write_text(json.dumps(known), encoding="utf-8")
    centre = Centre(directory, database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("central.people.Pace", partial(Pace, floor=0.0))  # its even answers take time
        with joined(centre) as rooms:
            store, keyring = centre.store(), Keyring.load(directory)
            officers = Officers(store, now)
            staff = {"chan": Role.OFFICER, "lee": Role.OFFICER, "wong": Role.SUPERVISOR, "ho": Role.AUDITOR}
            tokens = {name: officers.add(name, role) for name, role in staff.items()}
            yield House(rooms, centre, store, keyring, Sealing(keyring), tokens)
            store.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("fuzzed") / "centre"
    if request.param == "sqlite":
        with opened(directory) as found:
            yield found
        return
    with postgres.server() as server:
        url = server.url(server.create())
        engine = open_engine(url)
        migrate.migrate(engine)
        engine.dispose()
        with opened(directory, url) as found:
            yield found


@dataclass(frozen=True)
class Amount:
    """How many examples of each kind."""

    drawn: int
    """From the schemas, of each operation, of each mode."""
    covered: int
    """Boundary values of each operation."""
    sealed: int
    """Sealed cases, and cases at the inbox."""
    each: int
    """Of each odd document, and alterations of each member of an envelope."""
    walks: int
    """From answer to request."""

    @staticmethod
    def of(house: House) -> "Amount":
        """What never reaches the database is drawn on one of them; all of it in the long form."""
        first = house.centre.database_url.startswith("sqlite")
        return Amount(
            drawn=size(1, 400),
            covered=size(1 if first else 0, 100_000),
            sealed=size(8, 3_000),
            each=size(1, 100),
            walks=size(2, 300),
        )


def fuzz_by_contract(fuzz: Fuzzer, amount: Amount) -> None:
    """What needs no knowledge but the contract."""
    fuzz.drawn(GenerationMode.POSITIVE, amount.drawn)
    fuzz.drawn(GenerationMode.NEGATIVE, amount.drawn)
    if amount.covered:
        fuzz.cover(amount.covered)


def refuses_strangers(fuzz: Fuzzer) -> None:
    """Whoever calls as nobody gets 401, from every operation."""
    before = fuzz.reached.copy()
    fuzz.drawn(GenerationMode.POSITIVE, 1)
    answered = fuzz.reached - before
    assert {outcome.status for outcome in answered} == {401}, answered
    assert {outcome.operation for outcome in answered} == {outcome.operation for outcome in fuzz.documented}


# The gateway

Place = tuple[str | int, ...]
"""Where a member of a JSON value is."""

ODD_DOCUMENTS = [
    b"{}", b"[]", b"null", b'"text"', b"1e999", b'{"reference":NaN}', b'{"reference":"\\ud800"}',
    b'{"reference":"\\u0000","report_type":"\\u0000"}', b'{"reporter":"none"}', b'{"attachments":{"0":1}}',
    b'{"attachments":[null,{"media_type":"text/html\\r\\nX: y"}]}', b'{"supplement":7}',
    b'{"supplement":{"reference":7}}',
    b'{"supplement":{"reference":"000752831973","ticket":"\\ud800"}}', b"9" * 5_000, b"", b"{", b"\xff\xfe",
    b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900,
]  # fmt: skip
_ODD_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("\ud800"),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)  # fmt: skip
DOCUMENTS = st.one_of(
    st.sampled_from(ODD_DOCUMENTS),
    st.builds(
        lambda name, value: json.dumps({**document(), name: value}).encode(),
        st.sampled_from([*document(), "supplement", "new"]),
        _ODD_VALUES,
    ),
)
TWO_PHOTOS = (b"first", b"second")
PHOTOS = st.lists(st.binary(max_size=64), max_size=3).map(tuple)


def opened_upload(fuzz: Fuzzer, name: UUID) -> str:
    """The token of a new upload."""
    body = {"id": str(name), "limit": 5, "recipient": "reports"}
    given = fuzz.call("post_upload", json.dumps(body).encode())
    return str(given.json()["address"]).rpartition("/")[2]


def uploads_and_tallies(house: House, fuzz: Fuzzer) -> None:
    """Every documented answer about uploads and tallies."""
    name, other = uuid4(), uuid4()
    opened_upload(fuzz, name)
    opened_upload(fuzz, name)
    opening = {"id": str(name), "limit": 6, "recipient": "complaints"}
    fuzz.call("post_upload", json.dumps(opening).encode())
    for body in (b"{}", b" " * 2000):
        fuzz.call("post_upload", body)
        fuzz.call("close_upload", body, upload_id=name)
    for upload in (name, other, "x"):
        fuzz.call("get_upload", upload_id=upload)
        fuzz.call("delete_upload_file", upload_id=upload, file_id=other)
        fuzz.call("close_upload", b'{"keep":true}', upload_id=upload)
    for body in (b"{}", b" " * 200_000, json.dumps({"day": str(now().date()), "counts": []}).encode()):
        fuzz.call("post_tallies", body)
    crowd = Fuzzer(load(_text("openapi.json")), FrontDoor(house.rooms.gateway, {KIOSK_STATE: KIOSK + 1}))
    crowd.reached = fuzz.reached
    for _ in range(62):
        crowd.call("post_upload", json.dumps({**opening, "id": str(uuid4())}).encode())


def is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def fuzz_gateway(house: House, fuzz: Fuzzer, amount: Amount) -> None:
    for content in ODD_DOCUMENTS:
        run(amount.each, st.data(), partial(report, house, fuzz, st.just(content)))
    run(amount.sealed, st.data(), partial(report, house, fuzz, DOCUMENTS))
    for place in sorted(places(json.loads(house.seal(b"{}", TWO_PHOTOS).body)), key=str):
        run(amount.each, st.data(), partial(report_altered, house, fuzz, place))
    run(max(2, amount.sealed // 10), st.data(), partial(report_amiss, house, fuzz))
    with calling_as(fuzz, {}):
        refuses_strangers(fuzz)
    run(max(2, amount.sealed // 10), st.data(), partial(question, house, fuzz))
    uploads_and_tallies(house, fuzz)
    renewal(house, fuzz)
    fuzz_by_contract(fuzz, amount)
    packs(house, fuzz)


def report(house: House, fuzz: Fuzzer, documents: st.SearchStrategy[bytes], data: st.DataObject) -> None:
    """A sealed case with whatever inside gets one receipt for ever; what is not JSON gets none."""
    content, photos = data.draw(documents), data.draw(PHOTOS)
    message = house.seal(content, photos, previous=data.draw(st.sampled_from([ZEROS, "a" * 64])))
    if data.draw(st.booleans()):
        message = house.sealing.seal_version_1(content, photos, sequence=house.sequence)
    if message.parts:
        missing = put_case(fuzz, message)
        assert missing.status_code == (409 if is_json(content) else 422)
        assert missing.json().get("missing", message.names) == message.names
    put_parts(fuzz, message)
    here = fuzz.call("get_parts", case_id=message.case_id).json()["present"]
    assert here == sorted(set(message.names))
    first = put_case(fuzz, message)
    assert first.status_code == (201 if is_json(content) else 422), (content[:80], first.content)
    if first.status_code == 201:
        assert claims_of(first.json()["receipt"])["envelope"] == message.sha256
        again = put_case(fuzz, message)
        assert (again.status_code, again.json()) == (200, first.json())


def report_altered(house: House, fuzz: Fuzzer, place: Place, data: st.DataObject) -> None:
    """An envelope in which anything was altered, at `place`, gets no receipt."""
    message = house.seal(b"{}", TWO_PHOTOS)
    put_parts(fuzz, message)
    whole = json.loads(message.body)
    body = altered(data, whole, place)
    if same(body, whole) or place[:2] == ("keys", 1):  # the escrow key is not here: nobody can try it
        return
    answer = fuzz.call("put_case", json.dumps(body).encode(), case_id=message.case_id)
    assert answer.status_code in (403, 409, 422), (place, answer.content)
    assert answer.status_code != 409 or place[:1] == ("parts",), "what it lists it had"


def report_amiss(house: House, fuzz: Fuzzer, data: st.DataObject) -> None:
    """Everything whole, but not here, not so, or too much."""
    message = house.seal(b"{}", (data.draw(st.binary(max_size=9)),))
    put_parts(fuzz, message)
    assert put_case(fuzz, message).status_code == 201
    other = house.seal(b'{"a":1}', case_id=message.case_id)
    assert problem_of(put_case(fuzz, other)) == "/problems/case-differs"
    strange = house.seal(b"{}", kiosk=data.draw(st.integers(8, 9_999)))
    assert problem_of(put_case(fuzz, strange)) == "/problems/wrong-kiosk"
    damaged = house.seal(b"{}", (b"photo",), damage=data.draw(st.binary(min_size=1, max_size=9)))
    put_parts(fuzz, damaged)
    assert problem_of(put_case(fuzz, damaged)) == "/problems/does-not-open"
    wrong = fuzz.call("put_part", b"other bytes", case_id=message.case_id, sha256=message.names[0])
    assert problem_of(wrong) == "/problems/part-differs"
    fill(house.store, full := uuid4())
    extra = fuzz.call("put_part", b"one more", case_id=full, sha256=hashlib.sha256(b"one more").hexdigest())
    assert problem_of(extra) == "/problems/too-many-parts"
    for operation, longest, path in (
        ("put_case", MAX_ENVELOPE, {"case_id": full}),
        ("put_part", MAX_PART, {"case_id": full, "sha256": ZEROS}),
        ("post_heartbeat", 1_024, {}),
        ("post_certificate", 8_192, {}),
        ("post_enquiry", 20_000, {}),
    ):
        large = fuzz.call(operation, b" " * (longest + 1), **path)
        assert problem_of(large) == "/problems/too-large"


def question(house: House, fuzz: Fuzzer, data: st.DataObject) -> None:
    """A sealed question is answered whatever it asks; with an odd member it does not open."""
    key = next(key for key in house.keyring.key_set.sealing if key.role == "primary")
    to = base64.b64encode(X25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    words = {"reference": "000752831973", "receipt_code": CODE, "check": "123456", "reply_to": to}
    asked: dict[str, Any] = {"ask": data.draw(st.sampled_from(["check", "status"])), **words}
    odd = data.draw(st.sampled_from([None, None, *words]))
    if odd is not None:
        asked[odd] = data.draw(_ODD_VALUES)
    kiosk, enquiry = data.draw(st.integers(1_000, 9_000)), uuid4()  # questions per kiosk have a limit
    padded = json.dumps(asked).encode() + b"\x80"
    info = b"report-kiosk/question/2\0" + struct.pack(">I", kiosk) + enquiry.bytes + key.kid.encode()
    sealed = suites.seal(key.suite, base64.b64decode(key.public), padded, info)
    with calling_as(fuzz, {KIOSK_STATE: kiosk}):
        body = {"id": str(enquiry), "kid": key.kid, "sealed": base64.b64encode(sealed).decode()}
        answer = fuzz.call("post_enquiry", body)
    assert answer.status_code == 200 or (odd and problem_of(answer) == "/problems/does-not-open")


def packs(house: House, fuzz: Fuzzer) -> None:
    """A published bundle is given to a kiosk, once."""
    key = locked.open_packs(house.centre.directory / "development-packs.json", PASSPHRASE)
    data = pack_bundles.sign(a_draft({"packs/a/pack.yaml": b"pack: a"}), key)
    manifest = pack_bundles.verify(
        data, {signer.kid: signer.key() for signer in house.keyring.key_set.pack_keys}
    )
    Shelf.of(house.centre.directory).publish(data, manifest, now(), Reach())
    given = fuzz.call("get_packs")
    assert (given.status_code, given.content) == (200, data)
    assert fuzz.call("get_packs", headers={"If-None-Match": given.headers["etag"][0]}).status_code == 304


def a_draft(files: dict[str, bytes]) -> bytes:
    listed = [
        {"path": path, "sha256": hashlib.sha256(files[path]).hexdigest(), "size": len(files[path])}
        for path in sorted(files)
    ]
    about = {"number": 1, "made_at": "2026-11-22T08:00:00Z", "app_from": "0.1", "app_below": "9"}
    head = json.dumps({**about, "files": listed}, sort_keys=True, separators=(",", ":")).encode()
    return head + b"\n" + b"".join(files[path] for path in sorted(files))


def renewal(house: House, fuzz: Fuzzer) -> None:
    """A kiosk gets its next certificate, a revoked one nothing."""
    office = house.centre.enrolment(house.store)
    office.enrol(REVOKED_KIOSK, invited(house, REVOKED_KIOSK), request(), "192.0.2.1")
    assert office.revoke(REVOKED_KIOSK)
    assert fuzz.call("post_certificate", {"csr": request()}).status_code == 200
    with calling_as(fuzz, {KIOSK_STATE: REVOKED_KIOSK}):
        assert problem_of(fuzz.call("post_certificate", {"csr": request()})) == REVOKED[1]
        assert problem_of(fuzz.call("get_key_set")) == REVOKED[1]


# The inbox


def fuzz_inbox(house: House, fuzz: Fuzzer, amount: Amount) -> None:
    by = {name: house.inbox(name) for name in house.tokens}
    for each in by.values():
        each.reached = fuzz.reached  # one count
    receive(house, document())
    for decision in ("accept", "reject"):
        run(max(1, amount.sealed // 10), st.data(), partial(life_of_a_case, house, by, decision))
    run(amount.sealed, st.data(), partial(odd_case, house, by["wong"]))
    gaps(house, by)
    files(house, by["chan"])
    nobody = house.inbox()
    nobody.headers, nobody.reached = {"Authorization": "Bearer nobody"}, fuzz.reached
    refuses_strangers(nobody)
    fuzz_by_contract(fuzz, amount)
    fuzz.walk(amount.walks, 6)


def files(house: House, fuzz: Fuzzer) -> None:
    """A file from a phone is opened; the survey is read."""
    name = uuid4()
    token = opened_upload(house.intake, name)
    front = house.public()
    front.call("post_upload_file", b"hello", token=token)
    listed = house.intake.call("get_upload", upload_id=name).json()["files"]
    case_id = receive(house, {**document(), "upload": {"upload_id": str(name), "files": listed}})
    assert fuzz.call("open_file", case_id=case_id, file_id=listed[0]["file_id"]).content == b"hello"
    fuzz.call("get_tallies", query={"first": "2026-11-01", "last": "2026-11-30"})


def life_of_a_case(house: House, by: dict[str, Fuzzer], decision: str, data: st.DataObject) -> None:
    """Received, taken, decided; at each step whatever does not belong there is refused."""
    case_id, earlier = receive(house, document()), receive(house, document())
    at_work = data.draw(st.permutations(["chan", "lee", "wong"]))[0]
    other = "lee" if at_work == "chan" else "chan"
    words = {"words": {"en": "Please come to the counter."}}
    bodies: dict[str, Any] = {
        "take": None, "assign": {"to": other}, "join": {"to": str(earlier)},
        "accept": {"official_number": "ADM RN 1", **words}, "reject": words,
    }  # fmt: skip

    def do(name: str, deed: str, body: Any = None, version: str | None = None, case: Any = case_id) -> Any:
        match = version or f'"{by["wong"].call("get_case", case_id=case).json()["version"]}"'
        return by[name].call(deed, body or bodies[deed], {"if-match": match}, case_id=case)

    stale = f'"{by["ho"].call("get_case", case_id=case_id).json()["version"]}"'
    unknown = uuid4()
    for deed, body in bodies.items():
        assert do("ho", deed).status_code == 403
        assert problem_of(by["wong"].call(deed, body, case_id=case_id)) == "/problems/no-precondition"
        assert do("wong", deed, version=stale, case=unknown).status_code == 404
    assert problem_of(do(at_work, decision)) == "/problems/wrong-state"
    assert do(at_work, "take").status_code == 200
    for deed in bodies:
        assert problem_of(do("wong", deed, version=stale)) == "/problems/changed"
    assert problem_of(do("wong", "assign", {"to": "nobody"})) == "/problems/no-such-officer"
    for deed in ("accept", "reject"):
        assert problem_of(do(other, deed)) == "/problems/not-yours"
        foreign = {**bodies[deed], "words": {"zh-Hant": "請到櫃位。"}}
        assert problem_of(do(at_work, deed, foreign)) == "/problems/words-missing"
    assert do("wong", "assign").status_code == 200
    assert do(other, decision).status_code == 200
    for deed in ("take", "assign", "accept", "reject"):
        assert problem_of(do("wong", deed)) == "/problems/wrong-state"
    assert do(other, "join").status_code == 200
    assert problem_of(do(other, "join")) == "/problems/cannot-join"
    assert by["ho"].call("get_case_history", case_id=case_id).json()["history"]


def odd_case(house: House, fuzz: Fuzzer, data: st.DataObject) -> None:
    """Whatever a kiosk has sealed, its case can be listed, opened and read about."""
    content, photos = data.draw(DOCUMENTS), data.draw(PHOTOS)
    if not is_json(content):
        return
    case_id = receive(house, content, photos)
    opened = fuzz.call("open_case", case_id=case_id).json()
    assert [each["size"] for each in opened["attachments"]] == [len(photo) for photo in photos]
    for number, photo in enumerate(photos):
        assert fuzz.call("open_attachment", case_id=case_id, number=number).content == photo
    assert fuzz.call("open_attachment", case_id=case_id, number=29).status_code == 404
    assert fuzz.call("open_file", case_id=case_id, file_id=case_id).status_code == 404
    fuzz.call("list_cases", query={"limit": data.draw(st.integers(1, 200))})
    assert fuzz.call("get_case_history", case_id=case_id).json()["history"]


def gaps(house: House, by: dict[str, Fuzzer]) -> None:
    """A gap is shown and explained; and what is for some roles alone is refused to the others."""
    house.sequence += 3
    receive(house, document())
    found = by["ho"].call("get_gaps", query={"kiosk": KIOSK}).json()["gaps"][-1]
    said = {name: found[name] for name in ("kiosk", "first", "last")}
    said["explanation"] = "Destroyed by fire."
    assert by["chan"].call("explain_gap", said).status_code == 403
    assert by["wong"].call("explain_gap", said).status_code == 204
    assert by["chan"].call("get_gaps").status_code == 403
    assert by["wong"].call("explain_gap", {**said, "first": 0}).status_code == 422
    wrong: dict[str, dict[str, Any]] = {
        "get_gaps": {"kiosk": "all"},
        "get_history": {"after": -1},
        "list_cases": {"limit": 0},
    }
    for operation in ("get_case", "open_case", "get_case_history", "take"):
        assert by["wong"].call(operation, case_id="none").status_code == 422
    for operation, query in wrong.items():
        assert by["ho"].call(operation, query=query).status_code == 422
    assert problem_of(by["ho"].call("list_cases", query={"after": "x"})) == "/problems/not-a-place"
    assert by["chan"].call("get_history").status_code == 403
    secret = receive(house, document(report_type=SECRET_TYPE))
    for operation in ("get_case", "open_case", "get_case_history"):
        assert by["chan"].call(operation, case_id=secret).status_code == 403
    assert by["chan"].call("open_attachment", case_id=secret, number=0).status_code == 403
    assert by["ho"].call("open_file", case_id=secret, file_id=secret).status_code == 403


# The public pages


def fuzz_public(house: House, fuzz: Fuzzer, amount: Amount) -> None:
    run(max(1, amount.walks // 10), st.data(), partial(receipt, house, fuzz))
    phone(house, fuzz)
    enrolment(house, fuzz)
    fuzz_by_contract(fuzz, amount)
    fuzz.front.address = "192.0.2.7"
    unknown = CODE[::-1]  # of no case that was drawn
    names = [f"{number:012d}-{unknown}" for number in range(61)]  # each reference has a limit too
    answers = [fuzz.call("get_receipt", name=name).status_code for name in names]
    assert set(answers[:60]) == {404}
    assert answers[60] == 429
    fuzz.front.address = "192.0.2.8"
    assert [fuzz.call("get_upload_page", token=f"T{n}").status_code for n in range(61)][60] == 429
    assert fuzz.call("post_upload_file", b"x", token="T0").status_code == 429
    fuzz.front.address = None


def phone(house: House, fuzz: Fuzzer) -> None:
    """A phone that is let in, with a file that is taken and one that is not."""
    token = opened_upload(house.intake, uuid4())
    fuzz.call("get_upload_page", token=token)
    for data, status in ((b"hello", 201), (b"\0", 422)):
        assert fuzz.call("post_upload_file", data, token=token).status_code == status
    fuzz.call("post_upload_file", b"hello", token=token[1:])


def receipt(house: House, fuzz: Fuzzer, data: st.DataObject) -> None:
    """The receipt of a case with any one member odd is a PDF, or is not here."""
    reference = f"{house.sequence:012d}"
    name = data.draw(st.sampled_from([*document(), "new"]).filter(lambda name: name != "receipt_code"))
    value = data.draw(_ODD_VALUES)
    receive(house, {**document(), name: value, "reference": reference})
    found = fuzz.call("get_receipt", name=f"{reference}-{CODE}")
    assert found.status_code == 200, (name, value)
    assert found.content.startswith(b"%PDF-")
    assert fuzz.call("get_receipt", name=f"{reference}-{CODE[::-1]}").status_code == 404


def enrolment(house: House, fuzz: Fuzzer) -> None:
    """A code works once, a guess never, and not for long."""
    asked = {"kiosk": 21, "secret": invited(house, 21), "csr": request()}
    assert fuzz.call("post_enrolment", asked).status_code == 200
    assert fuzz.call("post_enrolment", asked).status_code == 403
    assert fuzz.call("post_enrolment", b" " * 8_193).status_code == 413
    guesses = [fuzz.call("post_enrolment", {**asked, "kiosk": NEVER_ENROLLED}) for _ in range(21)]
    assert [guess.status_code for guess in guesses] == [403] * 20 + [429]


# What the three have in common


@contextmanager
def calling_as(fuzz: Fuzzer, state: dict[str, Any]) -> Iterator[None]:
    before, fuzz.front.state = fuzz.front.state, state
    yield
    fuzz.front.state = before


def put_case(fuzz: Fuzzer, message: Message) -> Any:
    return fuzz.call("put_case", message.body, case_id=message.case_id)


def put_parts(fuzz: Fuzzer, message: Message) -> None:
    for name, part in zip(message.names, message.parts, strict=True):
        assert fuzz.call("put_part", part, case_id=message.case_id, sha256=name).status_code == 204


def receive(house: House, content: Any, photos: tuple[bytes, ...] = ()) -> UUID:
    """A case comes in at the gateway; its id."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    message = house.seal(raw, photos)
    put_parts(house.intake, message)
    assert put_case(house.intake, message).status_code == 201
    return message.case_id


def fill(store: Store, case_id: UUID) -> None:
    """As many parts of a case as one can have."""
    with store.writing() as db:
        for number in range(MAX_PARTS):
            parts.add(db, KIOSK, case_id, hashlib.sha256(str(number).encode()).digest(), b"part")


def invited(house: House, kiosk: int) -> str:
    """The secret of a code, as docs/reference/enrolment.md places it."""
    code = house.centre.enrolment(house.store).invite(kiosk, dt.timedelta(hours=1)).code
    return code.replace("-", "")[4:16]


def request() -> str:
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    signed = made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def problem_of(answer: Any) -> str:
    found: str = answer.json()["type"]
    return found


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every member of a JSON value, the members of members too."""
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in named:
        yield (*here, step)
        yield from places(member, (*here, step))


def altered(data: st.DataObject, whole: Any, place: Place) -> Any:
    """The same with one member altered: nearly the same value, another, none, or twice."""
    body = copy.deepcopy(whole)
    holder = body
    for step in place[:-1]:
        holder = holder[step]
    last, value = place[-1], holder[place[-1]]
    how = data.draw(st.sampled_from(["nearly", "nearly", "otherwise", "gone", "twice"]))
    if how == "gone":
        del holder[last]
    elif how == "twice" and isinstance(holder, list):
        holder.insert(int(last), value)
    elif how == "nearly" and isinstance(value, int):
        holder[last] = value + data.draw(st.sampled_from([1, -1]))
    elif how == "nearly" and isinstance(value, str) and len(value) > 4:
        at = data.draw(st.integers(0, len(value) - 5))
        holder[last] = value[:at] + data.draw(st.sampled_from("a0F-")) + value[at + 1 :]
    else:
        holder[last] = data.draw(_ODD_VALUES)
    return body


def same(body: Any, whole: Any) -> bool:
    """Whether both say the same; letters of a UUID may be small or capital."""
    return bool(body == whole) or _small(body) == _small(whole)


def _small(body: Any) -> Any:
    return {**body, "case": str(body.get("case")).lower()}


# The proofs

FUZZED: dict[str, tuple[Callable[[House], Fuzzer], Callable[[House, Fuzzer, Amount], None]]] = {
    "gateway": (House.gateway, fuzz_gateway),
    "inbox": (House.inbox, fuzz_inbox),
    "public": (House.public, fuzz_public),
}


@pytest.mark.parametrize("name", FUZZED)
def test_the_centre_keeps_its_contract_and_every_documented_answer_is_reached(
    house: House, name: str
) -> None:
    make, fuzz_all = FUZZED[name]
    fuzz = make(house)
    fuzz_all(house, fuzz, Amount.of(house))
    assert fuzz.unreached() - UNREACHED == set()
    assert not UNREACHED & set(fuzz.reached), "reached, and said not to be"


def test_a_centre_that_has_lost_its_key_set_says_so(
    buggy_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_keyring: Keyring) -> str:
        raise KeySetError("lost")

    monkeypatch.setattr(Keyring, "key_set_token", lost)
    answer = Api(buggy_house.rooms.gateway).call("GET", "/v1/keyset")
    assert Outcome("get_key_set", answer.status_code, answer.json()["type"]) in UNREACHED


# Bugs planted in the centre: the same fuzzing reports each

Patch = Callable[[pytest.MonkeyPatch, House], None]


def answering(path: str, change: Callable[[dict[str, Any]], None]) -> Patch:
    """Answers to requests with `path` in theirs, changed on the way out: `status`, `headers`, `body`."""

    def patch(patched: pytest.MonkeyPatch, house: House) -> None:
        for name in ("gateway", "inbox", "public"):
            app = getattr(house.rooms, name)
            patched.setattr(app, "middleware_stack", partial(_changed, app.build_middleware_stack()))

    async def _changed(app: Any, scope: Any, receive: Any, send: Any) -> None:
        if path not in scope.get("path", ""):
            await app(scope, receive, send)
            return
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, keep)
        answer = {
            "status": sent[0]["status"],
            "headers": {name: value for name, value in sent[0]["headers"] if name != b"content-length"},
            "body": b"".join(message.get("body", b"") for message in sent[1:]),
        }
        change(answer)
        headers = list(answer["headers"].items())
        await send({"type": "http.response.start", "status": answer["status"], "headers": headers})
        await send({"type": "http.response.body", "body": answer["body"]})

    return patch


def replacing(target: str, make: Callable[[Any], Any]) -> Patch:
    """Something of the centre, replaced by what `make` makes of it."""

    def patch(patched: pytest.MonkeyPatch, _house: House) -> None:
        patched.setattr(target, make(resolve_name(target)))

    return patch


def _crash(old: Any) -> Any:
    return lambda content, keyring: old(dict(content.items()), keyring)


def _anyone(_old: Any) -> Any:
    return lambda _self, _token: Officer("wong", Role.SUPERVISOR, now(), None)


def _without_version(old: Any) -> Any:
    def case(desk: Any, db: Any, officer: Any, action: Any, case_id: Any, _version: Any = None) -> Any:
        return old(desk, db, officer, action, case_id)

    return case


def _lenient(old: Any) -> Any:
    class HeartbeatBody(old):  # type: ignore[misc] # a class that the test is given
        queued: Any
        oldest_age_s: Any
        last_sequence: Any
        packs_number: Any = None
        packs_refused: Any = None

    return HeartbeatBody


def _add_member(answer: dict[str, Any]) -> None:
    if answer["status"] == 200:
        answer["body"] = json.dumps({**json.loads(answer["body"]), "debug": True}).encode()


def _accept(answer: dict[str, Any]) -> None:
    answer["status"] = 202 if answer["status"] == 204 else answer["status"]


def _plain_json(answer: dict[str, Any]) -> None:
    if answer["status"] == 422:
        answer["headers"][b"content-type"] = b"application/json"


def _no_allow(answer: dict[str, Any]) -> None:
    answer["headers"].pop(b"allow", None)


def _other_problem(answer: dict[str, Any]) -> None:
    answer["body"] = answer["body"].replace(b"/problems/part-differs", b"/problems/no-luck")


def _as_html(answer: dict[str, Any]) -> None:
    if answer["status"] == 200:
        answer["headers"][b"content-type"] = b"text/html"


def _without_certificate(patched: pytest.MonkeyPatch, _house: House) -> None:
    for room in ("gateway.identity", "gateway.api", "enrolment.api", "enquiries.api"):
        patched.setattr(f"central.{room}.caller", lambda _request: Caller(KIOSK, None))


SCHEMAS = "schemas"
"""Of the gateway: what is found without a seal."""

STAGES = {
    **FUZZED,
    SCHEMAS: (House.gateway, lambda _house, fuzz, amount: fuzz_by_contract(fuzz, amount)),
}

BUGS: dict[str, tuple[str, str, Patch]] = {
    "a crash on certain documents": (
        "gateway",
        "has no attribute 'items'",
        replacing("central.gateway.service.facts", _crash),
    ),
    "altered envelopes get receipts": (
        "gateway",
        "201",
        replacing("central.gateway.service.open_document", lambda _: lambda *_: b"{}"),
    ),
    "another receipt when asked again": (
        "gateway",
        "a.b.c",
        replacing("central.gateway.service._again", lambda _: lambda *_: Answer("a.b.c", created=False)),
    ),
    "no certificate needed": ("gateway", r"== \{401\}", _without_certificate),
    "bounds of a number not kept": (
        SCHEMAS,
        "Schema-violating request accepted|validation error",
        replacing("central.gateway.api.HeartbeatBody", _lenient),
    ),
    "a member outside the schema": (
        SCHEMAS,
        "Response violates schema",
        answering("/v1/heartbeat", _add_member),
    ),
    "an undocumented status": ("gateway", "Undocumented answer", answering("/parts/", _accept)),
    "an undocumented problem": ("gateway", "/problems/no-luck", answering("/parts/", _other_problem)),
    "a problem as plain JSON": (
        SCHEMAS,
        "Undocumented Content-Type",
        answering("/v1/heartbeat", _plain_json),
    ),
    "405 without Allow": (SCHEMAS, "without required `Allow`", answering("/v1/keyset", _no_allow)),
    "no token needed": (
        "inbox",
        "accepts invalid auth|without auth",
        replacing("central.inbox.officers.Officers.by_token", _anyone),
    ),
    "If-Match not looked at": (
        "inbox",
        "/problems/changed",
        replacing("central.inbox.desk.Desk._case", _without_version),
    ),
    "a PDF said to be a page": ("public", "Undocumented Content-Type", answering("/r/", _as_html)),
}
"""What is planted: in which application, words of the report, and how."""


@pytest.fixture(scope="module")
def buggy_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("buggy") / "centre") as found:
        yield found


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_reported(buggy_house: House, bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, words, plant = BUGS[bug]
    make, fuzz_all = STAGES[name]
    plant(monkeypatch, buggy_house)
    with pytest.raises((FailureGroup, Exception), match=words):
        fuzz_all(buggy_house, make(buggy_house), Amount.of(buggy_house))
