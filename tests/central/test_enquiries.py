"""Enquiries on both databases: each row of docs/reference/enquiries.md; whoever guesses learns nothing."""

import base64
import datetime as dt
import hashlib
import itertools
import json
import struct
import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from central.centre import Centre
from central.enquiries import answered, desk
from central.enquiries.codes import Codes
from central.enquiries.desk import Pace
from central.gateway.api import create_app
from central.gateway.identity import KIOSK_STATE
from central.keys.keyring import Keyring
from central.store import enquiries
from central.store.inbox import Role
from central.store.schema import ATTEMPTS, CASES, CHECKS
from central.store.store import Store
from tests.central.office import CODE, REFERENCE, Office, call, document

CLASSIC = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
HYBRID = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NO_MATCH = {"answer": "no_match"}


@dataclass
class Visitor:
    """Asks at a kiosk, sealing as the page says, over the gateway's API."""

    office: Office
    kiosk: int = 7

    def __post_init__(self) -> None:
        self.key = next(key for key in self.office.keyring.key_set.sealing if key.role == "primary")
        self.app = create_app(self.office.service, routers=self.office.people.gateway_routers())

    def ask(self, ask: str, check: str | None = None, **changes: str) -> dict[str, Any]:
        answered, reply, enquiry = self.send(
            {"ask": ask, **({} if check is None else {"check": check}), **changes}
        )
        assert answered.status_code == 200, answered.text
        sealed = base64.b64decode(answered.json()["sealed"], validate=True)
        info = b"report-kiosk/answer/2\0" + struct.pack(">I", self.kiosk) + enquiry.bytes
        padded = CLASSIC.decrypt(sealed, reply, info)
        assert len(padded) == 1024
        answer: dict[str, Any] = json.loads(padded.rstrip(b"\0").removesuffix(b"\x80"))
        return answer

    def send(
        self, question: dict[str, Any], enquiry: UUID | None = None, body: dict[str, Any] | None = None
    ) -> tuple[httpx.Response, X25519PrivateKey, UUID]:
        enquiry, reply = enquiry or uuid4(), X25519PrivateKey.generate()
        to = base64.b64encode(reply.public_key().public_bytes_raw()).decode()
        whole = {"reference": REFERENCE, "receipt_code": CODE, "reply_to": to, **question}
        sealed = body or {"id": str(enquiry), "kid": self.key.kid, "sealed": self.seal(whole, enquiry)}
        return self.post(sealed), reply, enquiry

    def seal(self, question: dict[str, Any], enquiry: UUID) -> str:
        content = json.dumps(question).encode()
        padded = content + b"\x80" + bytes(-(len(content) + 1) % 1024)
        info = b"report-kiosk/question/2\0" + struct.pack(">I", self.kiosk) + enquiry.bytes
        raw = base64.b64decode(self.key.public)
        public = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:1184]), X25519PublicKey.from_public_bytes(raw[1184:])
        )
        return base64.b64encode(HYBRID.encrypt(padded, public, info + self.key.kid.encode())).decode()

    def post(self, body: Any) -> httpx.Response:
        async def as_kiosk(scope: Any, receive: Any, send: Any) -> None:
            await self.app({**scope, "state": {KIOSK_STATE: self.kiosk}}, receive, send)

        return call(as_kiosk, "POST", "/v1/enquiries", json=body)

    def digits(self) -> str:
        """The six digits that were last sent to the visitor."""
        checks = [row.check_id for row in self.office.messages() if row.kind == "check"]
        return self.office.people.enquiries.codes.digits(checks[-1])


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are not held back; one test holds them back itself."""
    monkeypatch.setattr(Pace, "fill", lambda _self, _began: None)


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(office)


def test_a_visitor_learns_how_the_report_stands(office: Office, visitor: Visitor) -> None:
    case_id = office.receive()
    assert visitor.ask("check") == {"answer": "check_sent"}
    status = visitor.ask("status", visitor.digits())
    ticket = status.pop("ticket")
    assert status == {
        "answer": "status",
        "state": "received",
        "recipient": "reports",
        "official_number": status["official_number"],
        "received_at": "2026-11-21T08:05:00Z",
        "updated_at": "2026-11-21T08:05:00Z",
        "words": {
            "zh-Hant": "警方已收到你的報案，尚待警員處理。",
            "zh-Hans": "警方已收到您的报案，等待警员处理。",
            "en": "We have your report. An officer will read it.",
        },
    }
    assert status["official_number"].startswith("ADM RN 26")
    assert office.people.enquiries.codes.is_ticket(ticket, case_id, office.clock.now)
    assert {row.channel for row in office.messages() if row.kind == "check"} == {"email", "sms"}


def test_the_officers_words_and_number_reach_the_visitor(office: Office, visitor: Visitor) -> None:
    case_id, chan = office.receive(), office.sign_in("chan", Role.OFFICER)
    chan.do(case_id, "take")
    chan.do(case_id, "accept", {"official_number": "F 1", "words": {"en": "Found at Central."}})
    visitor.ask("check")
    status = visitor.ask("status", visitor.digits())
    assert (status["state"], status["official_number"]) == ("accepted", "F 1")
    assert set(status["words"].values()) == {"Found at Central."}


WRONG = [
    {"receipt_code": "ABCDEFGH24"},
    {"receipt_code": CODE.lower()},
    {"receipt_code": ""},
    *(
        {"reference": text}
        for text in ("", "000752831974", "-" * 12, "0" * 12, "%" * 12, "_" * 12, "%", f" {REFERENCE}", "*")
    ),
]


def test_what_does_not_match_exactly_is_not_there(office: Office, visitor: Visitor) -> None:
    office.receive()
    visitor.ask("check")
    before = len(office.messages())
    for wrong in WRONG:
        assert visitor.ask("status", visitor.digits(), **wrong) == NO_MATCH
        if "reference" in wrong:
            assert visitor.ask("check", **wrong) == {"answer": "check_sent"}
    assert visitor.ask("check", receipt_code="ABCDEFGH24") == {"answer": "check_sent"}
    assert len(office.messages()) == before
    assert visitor.ask("status", visitor.digits())["answer"] == "status"


def test_a_check_works_once_for_ten_minutes_and_five_tries(office: Office, visitor: Visitor) -> None:
    office.receive()
    visitor.ask("check")
    digits = visitor.digits()
    assert visitor.ask("status", digits)["answer"] == "status"
    assert visitor.ask("status", digits) == NO_MATCH  # used

    visitor.ask("check")
    office.clock.move(minutes=10)
    assert visitor.ask("status", visitor.digits()) == NO_MATCH  # old

    visitor.ask("check")
    earlier = visitor.digits()
    office.clock.move(seconds=1)
    visitor.ask("check")
    assert visitor.ask("status", earlier) == NO_MATCH  # a newer one was sent

    wrong = f"{(int(visitor.digits()) + 1) % 10**6:06d}"
    for _ in range(4):
        assert visitor.ask("status", wrong) == NO_MATCH
    assert visitor.ask("status", visitor.digits()) == NO_MATCH  # dead after five wrong tries
    office.clock.move(hours=1)
    for tries in ("000000", "", "x", "1234567", "１２３４５６"):
        assert visitor.ask("status", tries) == NO_MATCH  # no check is out


def test_four_wrong_tries_leave_a_check_alive(office: Office, visitor: Visitor) -> None:
    office.receive()
    visitor.ask("check")
    for _ in range(4):
        assert visitor.ask("status", "x") == NO_MATCH
    assert visitor.ask("status", visitor.digits())["answer"] == "status"


def test_limits_per_reference_and_hour(office: Office, visitor: Visitor) -> None:
    office.receive()
    for reference in (REFERENCE, "0" * 12):  # a report that is there, and one that is not
        for _ in range(5):
            assert visitor.ask("check", reference=reference) == {"answer": "check_sent"}
            office.clock.move(minutes=1)
        assert visitor.ask("check", reference=reference) == {"answer": "too_often", "wait_s": 55 * 60}
        for _ in range(10):
            assert visitor.ask("status", "x", reference=reference) == NO_MATCH
        assert visitor.ask("status", "x", reference=reference) == {"answer": "too_often", "wait_s": 3600}
    office.clock.move(hours=1)
    assert visitor.ask("check") == {"answer": "check_sent"}
    assert visitor.ask("status", visitor.digits())["answer"] == "status"


def test_limits_per_kiosk_and_hour(office: Office, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk._QUESTIONS_PER_KIOSK == 60
    monkeypatch.setattr(desk, "_QUESTIONS_PER_KIOSK", 6)
    for number in range(6):
        assert visitor.ask("status", "x", reference=str(number)) == NO_MATCH
    assert visitor.ask("status", "x", reference="7")["answer"] == "too_often"
    assert Visitor(office, kiosk=8).ask("status", "x", reference="7") == NO_MATCH


def test_two_kiosks_at_once_have_no_more_tries_than_one(office: Office, visitor: Visitor) -> None:
    office.receive()
    visitor.ask("check")
    wrong = f"{(int(visitor.digits()) + 1) % 10**6:06d}"
    start, answers = threading.Barrier(4, timeout=20), []

    def guess(asking: Visitor) -> None:
        start.wait()
        answers.extend(asking.ask("status", wrong)["answer"] for _ in range(4))

    visitors = [Visitor(office, kiosk) for kiosk in range(4)]
    for each in visitors:
        each.post({})  # FastAPI builds its routes when first asked, and must not do so in several threads
    threads = [threading.Thread(target=guess, args=(each,)) for each in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["no_match"] * 10 + ["too_often"] * 6
    with office.store.reading() as db:
        assert db.execute(sa.select(CHECKS.c.wrong_tries)).scalar_one() == 5


@dataclass
class Asking:
    """One status question of a visitor who was sent a check, ready to be posted again and again."""

    visitor: Visitor

    def __post_init__(self) -> None:
        self.enquiry, self.reply = uuid4(), X25519PrivateKey.generate()
        question = {
            "ask": "status",
            "check": self.visitor.digits(),
            "reference": REFERENCE,
            "receipt_code": CODE,
            "reply_to": base64.b64encode(self.reply.public_key().public_bytes_raw()).decode(),
        }
        self.question = question
        self.body = self.sealed()

    def sealed(self) -> dict[str, str]:
        """The body of the call, sealed anew."""
        sealed = self.visitor.seal(self.question, self.enquiry)
        return {"id": str(self.enquiry), "kid": self.visitor.key.kid, "sealed": sealed}

    def opened(self, answered: httpx.Response) -> bytes:
        info = b"report-kiosk/answer/2\0" + struct.pack(">I", 7) + self.enquiry.bytes
        return CLASSIC.decrypt(base64.b64decode(answered.json()["sealed"]), self.reply, info)


@pytest.fixture
def asking(office: Office, visitor: Visitor) -> Asking:
    office.receive()
    visitor.ask("check")
    return Asking(visitor)


def test_a_question_of_another_kiosk_or_under_another_id_does_not_open(
    office: Office, asking: Asking
) -> None:
    stolen = Visitor(office, kiosk=8).post(asking.body)
    assert (stolen.status_code, stolen.json()["type"]) == (422, "/problems/does-not-open")
    assert asking.visitor.post({**asking.body, "id": str(uuid4())}).status_code == 422


def test_a_question_whose_answer_was_lost_gets_the_same_one_again(office: Office, asking: Asking) -> None:
    first = asking.visitor.post(asking.body)
    assert b'"answer":"status"' in asking.opened(first)
    office.clock.move(minutes=9)
    for _ in range(12):  # and it counts once
        assert asking.visitor.post(asking.body).json() == first.json()
    assert b'"answer":"no_match"' in asking.opened(asking.visitor.post(asking.sealed()))
    office.clock.move(minutes=1)
    assert b'"answer":"no_match"' in asking.opened(asking.visitor.post(asking.body))


def test_the_same_question_twice_at_once_is_answered_once(office: Office, asking: Asking) -> None:
    start, answers = threading.Barrier(3, timeout=20), []

    def ask() -> None:
        start.wait()
        answers.append(asking.visitor.post(asking.body).json()["sealed"])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3
    assert len(set(answers)) == 1
    with office.store.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar_one() == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_answer_that_failed_is_not_remembered(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(enquiries, "use", lambda *_: 1 / 0)
        assert asking.visitor.post(asking.body).status_code == 500
    assert b'"answer":"status"' in asking.opened(asking.visitor.post(asking.body))


def test_the_oldest_answers_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "MOST", 3)
    memory, now = answered.Answered(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    questions = [answered.asked(7, uuid4(), "AAAA") for _ in range(5)]

    def ask(number: int) -> str:
        return memory.once(questions[number], now, lambda: str(next(counter)))

    counter = itertools.count()
    assert [ask(number) for number in (0, 1, 2, 3, 4)] == ["0", "1", "2", "3", "4"]
    assert [ask(number) for number in (4, 3, 0)] == ["4", "3", "5"]
    now -= dt.timedelta(minutes=1)
    assert ask(4) == "6"  # the clock was set back: nobody knows how old the others are


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_questions_that_are_none(office: Office, visitor: Visitor) -> None:
    office.receive()
    for question in (
        {"ask": "all"},
        {"ask": "status"},
        {"ask": "check", "reference": 5},
        {"ask": "check", "reply_to": "AAAA"},
        {"ask": "check", "reply_to": base64.b64encode(bytes(32)).decode()},
        {"ask": "check", "reference": "x" * 65},
        {"ask": "check", "receipt_code": None},
    ):
        answered, *_ = visitor.send(question)
        assert (answered.status_code, answered.json()["type"]) == (422, "/problems/does-not-open"), question
    for body in ({}, {"id": "x"}, {"id": str(uuid4()), "kid": "nobody", "sealed": "AAAA"}, []):
        assert visitor.post(body).status_code == 422
    assert visitor.post({"id": str(uuid4()), "kid": "a", "sealed": "A" * 20_000}).status_code in (413, 422)
    with office.store.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(CHECKS)).scalar_one() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_answer_takes_as_long(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    office.receive()
    paused: list[float] = []
    ticks = iter(range(0, 1000, 1))
    pace = Pace(lambda: next(ticks) / 10, paused.append, floor=0.25)
    monkeypatch.setattr(type(office.people.enquiries), "pace", pace)
    visitor = Visitor(office)
    for reference in (REFERENCE, "0" * 12):
        visitor.ask("check", reference=reference)
        visitor.ask("status", "x", reference=reference)
    assert paused == [pytest.approx(0.15)] * 4


def test_neither_digits_nor_references_nor_codes_are_stored(office: Office, visitor: Visitor) -> None:
    office.receive()
    visitor.ask("check")
    digits = visitor.digits()
    visitor.ask("status", "x")
    tables = (CHECKS.c, ATTEMPTS.c, [CASES.c.receipt_code])
    with office.store.reading() as db:
        rows = [row for columns in tables for row in db.execute(sa.select(*columns))]
    values = [value for row in rows for value in row]
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    hashes = [hashlib.sha256(text.encode()).digest() for text in (REFERENCE, CODE, digits)]
    assert not any(text in stored for text in (REFERENCE.encode(), CODE.encode(), digits.encode(), *hashes))


def test_attempts_are_forgotten_when_no_limit_looks_at_them(office: Office, visitor: Visitor) -> None:
    visitor.ask("status", "x")
    office.clock.move(minutes=61)
    visitor.ask("status", "x")
    with office.store.writing() as db:
        enquiries.forget_attempts(db, office.clock.now - enquiries.ATTEMPTS_KEPT)
        assert db.execute(sa.select(sa.func.count()).select_from(ATTEMPTS)).scalar_one() == 2


def test_more_information_is_joined_by_its_ticket(office: Office, visitor: Visitor) -> None:
    first = office.receive()
    visitor.ask("check")
    ticket = visitor.ask("status", visitor.digits())["ticket"]

    def supplement(word: Any, reference: Any = REFERENCE) -> Any:
        added = document(reference=None, supplement={"reference": reference, "ticket": word})
        case_id = office.receive(added)
        with office.store.reading() as db:
            return db.execute(sa.select(CASES.c.supplement_to).where(CASES.c.case_id == case_id)).scalar_one()

    end = ticket.partition(".")[0]
    for wrong in ("", "x", end, f"{end}.", ticket[:-1], ticket + "A", f"{int(end) + 60}{ticket[len(end):]}",
                  f"{'9' * 30}.x", "١٢.x", None, 5, [ticket]):  # fmt: skip
        assert supplement(wrong) is None, wrong
    for wrong in ("0" * 12, "", None):
        assert supplement(ticket, wrong) is None
    assert supplement(ticket) == first
    office.clock.move(hours=23, minutes=59)
    assert supplement(ticket) == first
    office.clock.move(minutes=1)
    assert supplement(ticket) is None
    assert [entry.action for entry in office.history()] == ["supplement_joined"] * 2


def test_a_ticket_is_of_one_report_and_one_centre() -> None:
    now, case_id = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), uuid4()
    ticket = Codes(b"k" * 32).ticket(case_id, now)
    assert Codes(b"k" * 32).is_ticket(ticket, case_id, now)
    assert not Codes(b"k" * 32).is_ticket(ticket, uuid4(), now)
    assert not Codes(b"l" * 32).is_ticket(ticket, case_id, now)


def test_digits_are_evenly_spread() -> None:
    codes = Codes(b"k" * 32)
    digits = [codes.digits(UUID(int=number)) for number in range(5000)]
    assert all(len(each) == 6 and each.isdecimal() for each in digits)
    assert len(set(digits)) > 4950
    assert 400 < sum(each.startswith("0") for each in digits) < 600
