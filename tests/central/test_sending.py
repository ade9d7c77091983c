"""Messages to visitors: a real SMTP server with TLS, an HTTP gateway, a spool; a queue that loses nothing."""

import asyncio
import datetime as dt
import email
import email.policy
import json
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy.exc import OperationalError

from central.centre import Centre
from central.keys.keyring import Keyring
from central.languages import LANGUAGES
from central.sending import reporter
from central.sending import worker as working
from central.sending.mail import message
from central.sending.reporter import address, contact_language, reachable
from central.sending.sender import DeliveryError, Letter, Reason
from central.sending.settings import SendingError, read_settings, senders
from central.sending.sms import Gateway, SmsSender
from central.sending.smtp import Relay, Security, SmtpSender
from central.sending.wording import About, compose
from central.store import messages
from central.store.inbox import Role
from central.store.messages import Channel, Kind
from central.store.store import Store
from tests.central.office import CANARIES, Clock, Office, document

LETTER = Letter("a" * 32, "tai.man@example.org", "en", "We have received your report", "Two lines\nof text.")
PATIENCE = dt.timedelta(hours=12)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("relay") / "centre"
    Centre(directory).init("ADM", ("localhost", "127.0.0.1"))
    return directory


@pytest.fixture(scope="module")
def server_tls(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    return context


@pytest.fixture(scope="module")
def client_tls(certificates: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates / "ca.pem"))


class Mailbox:
    """Takes mail and answers as it is told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.rcpt = self.data = "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.rcpt

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.data == "drop":
            server.transport.abort()
            await asyncio.sleep(0)
        if self.data == "hang":
            await asyncio.sleep(30)
        if self.data.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.data


@contextmanager
def relay(box: Mailbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])  # aiosmtpd cannot choose one itself
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def smtp(
    port: int, context: ssl.SSLContext, security: Security = Security.STARTTLS, **more: Any
) -> SmtpSender:
    reachable_at = Relay("localhost", port, security, context, **{"timeout_s": 5, **more})
    return SmtpSender(reachable_at, "no-reply@police.example", Clock())


def reason(send: Callable[[], None]) -> tuple[Reason, bool]:
    with pytest.raises(DeliveryError) as caught:
        send()
    assert not any(canary in str(caught.value) for canary in CANARIES)
    return caught.value.reason, caught.value.final


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


def test_mail_goes_over_starttls(
    box: Mailbox, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with relay(box, tls_context=server_tls, require_starttls=True) as port:
        smtp(port, client_tls).send(LETTER)
        smtp(port, client_tls).send(LETTER)
    first, again = box.mails
    assert (first["To"], first["From"]) == ("tai.man@example.org", "no-reply@police.example")
    assert first["Message-ID"] == again["Message-ID"] == f"<{'a' * 32}@police.example>"
    assert (first["Auto-Submitted"], first["Content-Language"]) == ("auto-generated", "en")
    assert first.get_content().splitlines() == LETTER.text.splitlines()


def test_mail_goes_over_tls_from_the_first_byte(
    box: Mailbox, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with relay(box, ssl_context=server_tls) as port:
        smtp(port, client_tls, Security.TLS).send(LETTER)
    assert len(box.mails) == 1


def test_a_relay_may_want_a_password(
    box: Mailbox, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"centre", b"right"), handled=False)

    with relay(box, tls_context=server_tls, authenticator=check, auth_required=True) as port:
        smtp(port, client_tls, user="centre", password="right").send(LETTER)
        wrong = smtp(port, client_tls, user="centre", password="wrong")
        assert reason(lambda: wrong.send(LETTER)) == (Reason.LOGIN, False)
    assert len(box.mails) == 1


def test_without_tls_nothing_is_said(
    box: Mailbox, client_tls: ssl.SSLContext, server_tls: ssl.SSLContext
) -> None:
    with relay(box) as port:
        assert reason(lambda: smtp(port, client_tls).send(LETTER)) == (Reason.NOT_SECURE, False)
    with relay(box, tls_context=server_tls) as port:
        stranger = ssl.create_default_context()
        assert reason(lambda: smtp(port, stranger).send(LETTER)) == (Reason.NOT_SECURE, False)
    assert box.mails == []


@pytest.mark.parametrize(
    ("rcpt", "data", "expected"),
    [
        ("550 no such user", "250 OK", (Reason.REFUSED, True)),
        ("450 greylisted", "250 OK", (Reason.BUSY, False)),
        ("250 OK", "554 spam", (Reason.REFUSED, True)),
        ("250 OK", "451 later", (Reason.BUSY, False)),
        ("250 OK", "drop", (Reason.UNREACHABLE, False)),
        ("250 OK", "hang", (Reason.UNREACHABLE, False)),
    ],
)
def test_what_a_relay_answers(
    box: Mailbox, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, rcpt: str, data: str, expected: Any
) -> None:
    box.rcpt, box.data = rcpt, data
    with relay(box, tls_context=server_tls) as port:
        sender = smtp(port, client_tls, timeout_s=0.5 if data == "hang" else 10.0)
        assert reason(lambda: sender.send(LETTER)) == expected


def test_nobody_listens(client_tls: ssl.SSLContext) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert reason(lambda: smtp(port, client_tls).send(LETTER)) == (Reason.UNREACHABLE, False)


def test_a_relay_that_drips_is_cut_off(client_tls: ssl.SSLContext) -> None:
    stop, begun = threading.Event(), time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            line, _ = server.accept()
            with line:
                line.sendall(b"220 hello\r\n")
                line.recv(1000)
                while not stop.wait(0.05) and time.monotonic() < begun + 5:
                    try:
                        line.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        sender = smtp(server.getsockname()[1], client_tls, Security.NONE, timeout_s=5, deadline_s=0.3)
        assert reason(lambda: sender.send(LETTER)) == (Reason.UNREACHABLE, False)
        assert time.monotonic() < begun + 3
        stop.set()
        thread.join()


class _Operator(BaseHTTPRequestHandler):
    answers: ClassVar[list[int]] = []
    asked: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, dict(self.headers), body))
        status = self.answers.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_a_text_message_is_posted_once_per_try(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    _Operator.answers, _Operator.asked = [202, 302, 400, 401, 429, 503], []
    letter = Letter("b" * 32, "+85291234567", "en", "", 'Say "hi" {to}\nplease')
    with ThreadingHTTPServer(("127.0.0.1", 0), _Operator) as server:
        server.socket = server_tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"https://localhost:{server.server_port}/v2/messages?from=police"
        template = {"recipients": ["{to}"], "content": {"body": "{text}", "type": "text"}, "flash": False}
        sender = SmsSender(Gateway(url, template, client_tls, token="secret-token", timeout_s=5))
        sender.send(letter)
        for expected in (
            (Reason.BUSY, False), (Reason.REFUSED, True), (Reason.LOGIN, False), (Reason.BUSY, False),
            (Reason.BUSY, False),
        ):  # fmt: skip
            assert reason(lambda: sender.send(letter)) == expected
        stranger = SmsSender(Gateway(url, template, ssl.create_default_context(), timeout_s=5))
        assert reason(lambda: stranger.send(letter)) == (Reason.NOT_SECURE, False)
        server.shutdown()
    path, headers, body = _Operator.asked[0]
    assert (path, headers["Authorization"]) == ("/v2/messages?from=police", "Bearer secret-token")
    assert headers["Idempotency-Key"] == f'"{"b" * 32}"'
    assert body == {
        "recipients": ["+85291234567"],
        "content": {"body": 'Say "hi" {to}\nplease', "type": "text"},
        "flash": False,
    }
    assert len(_Operator.asked) == 6
    assert reason(lambda: sender.send(letter)) == (Reason.UNREACHABLE, False)


# --- the queue


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


class Post:
    """A sender that answers as it is told."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.fails: DeliveryError | None = None

    def send(self, letter: Letter) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(letter)


def worker_of(office: Office, post: Post) -> working.Worker:
    people = office.people.worker
    codes = office.people.enquiries.codes
    ways = dict.fromkeys(Channel, post)
    return working.Worker(office.store, people.vault, ways, codes, office.clock, lambda: 0.0, PATIENCE)


def test_a_visitor_is_told_in_the_language_of_choice(office: Office) -> None:
    post = Post()
    worker = worker_of(office, post)
    case_id, chan = office.receive(), office.sign_in("chan", Role.OFFICER)
    chan.do(case_id, "take")
    chan.do(case_id, "accept", {"official_number": "F 1", "words": {"en": "Ask at Central."}})
    while worker.send_next():
        pass
    assert [letter.to for letter in post.sent] == ["tai.man@example.org", "+85291234567"] * 2
    accepted = post.sent[2]
    assert accepted.subject == "We are handling your report (reference 0007 5283 1973)"
    assert "F 1" in accepted.text
    assert "Ask at Central." in accepted.text
    assert len({letter.id for letter in post.sent}) == 4
    words = "".join(letter.subject + letter.text for letter in post.sent)
    assert not any(canary in words for canary in CANARIES)
    assert [e.action for e in office.history(case_id)].count("message_sent") == 4


def test_what_does_not_go_is_tried_for_long_and_then_given_up_visibly(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    post = Post()
    post.fails = DeliveryError(Reason.BUSY)
    worker, begun = worker_of(office, post), office.clock.now
    case_id = office.receive(document(reporter={"phone": CANARIES[3]}))
    waits: list[float] = []
    while True:
        before = office.clock.now
        assert worker.send_next()
        [row] = office.messages()
        if row.given_up_at is not None:
            break
        assert not worker.send_next()
        waits.append((row.due_at - before).total_seconds())
        office.clock.now = row.due_at
    assert waits[:8] == [30, 60, 120, 240, 480, 960, 1920, 3600]
    assert set(waits[8:]) == {3600.0}
    assert PATIENCE - dt.timedelta(hours=1) <= office.clock.now - begun < PATIENCE
    gave_up = office.history(case_id)[-1]
    assert gave_up.action == "message_given_up"
    assert gave_up.facts == {"channel": "sms", "kind": "received", "reason": "busy", "tries": len(waits) + 1}
    assert "did not go at try 1: busy" in caplog.text
    assert CANARIES[3] not in caplog.text
    with office.store.reading() as db:
        assert messages.state(db) == messages.QueueState(0, None, 0, 1)

    post.fails = None
    with office.store.writing() as db:
        assert messages.try_again(db, office.clock.now) == 1
        assert messages.state(db).oldest == office.clock.now
    assert worker.send_next()
    assert len(post.sent) == 1


def test_a_refused_address_is_given_up_at_once_and_the_others_go(office: Office) -> None:
    post = Post()
    worker = worker_of(office, post)
    office.receive(document(reporter={"email": "nobody@example.org"}))
    post.fails = DeliveryError(Reason.REFUSED, final=True)
    worker.send_next()
    post.fails = None
    office.receive()
    while worker.send_next():
        pass
    assert [row.given_up_at is not None for row in office.messages()] == [True, False, False]
    assert len(post.sent) == 2


def test_a_crash_between_sending_and_noting_repeats_the_same_letter(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    worker = worker_of(office, post)
    office.receive(document(reporter={"email": "a@example.org"}))
    with monkeypatch.context() as patched:
        patched.setattr(working.Worker, "_sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            worker.send_next()
    assert not worker.send_next()  # the lease still runs
    office.clock.move(minutes=2)
    assert worker.send_next()
    assert len(post.sent) == 2
    assert post.sent[0] == post.sent[1]
    office.clock.move(days=1)
    assert not worker.send_next()


def test_two_workers_send_each_message_once(office: Office) -> None:
    post = Post()
    for number in range(4):
        office.receive(document(reference=f"{number:012d}"))
    workers = [worker_of(office, post) for _ in range(2)]

    def drain(worker: working.Worker) -> None:
        while worker.send_next():
            pass

    threads = [threading.Thread(target=drain, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain(workers[0])
    assert len(post.sent) == len({letter.id for letter in post.sent}) == 8


def test_a_check_that_is_late_is_not_sent(office: Office) -> None:
    post = Post()
    worker = worker_of(office, post)
    case_id = office.receive(document(reporter={"email": "a@example.org"}))
    worker.send_next()
    check_id = uuid4()
    with office.store.writing() as db:
        office.people.queue.queue_check(db, case_id, check_id)
    post.fails = DeliveryError(Reason.UNREACHABLE)
    worker.send_next()
    assert office.messages()[-1].due_at - office.clock.now == dt.timedelta(seconds=5)
    post.fails = None
    office.clock.move(minutes=10)
    worker.send_next()
    assert office.messages()[-1].given_up_at is not None
    assert office.history()[-1].facts["reason"] == "expired"
    with office.store.writing() as db:
        office.people.queue.queue_check(db, case_id, check_id)
        assert messages.try_again(db, office.clock.now) == 0
    worker.send_next()
    assert office.people.enquiries.codes.digits(check_id) in post.sent[-1].text


def test_the_spool_is_what_a_new_centre_has(office: Office) -> None:
    office.receive()
    while office.people.worker.send_next():
        pass
    spool = office.centre.directory / "spool"
    [mail] = (spool / "email").iterdir()
    [text] = (spool / "sms").iterdir()
    assert (mail.suffix, text.suffix) == (".eml", ".json")
    for file in (mail, text):
        assert file.stat().st_mode & 0o777 == 0o600
        assert not any(canary in str(file) for canary in CANARIES)
    read = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert read["To"] == "tai.man@example.org"
    assert json.loads(text.read_bytes())["to"] == "+85291234567"


def test_a_full_spool_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    office.receive()
    with monkeypatch.context() as patched:
        patched.setattr("central.sending.spool.write_private", full)
        office.people.worker.send_next()
    assert all(row.sent_at is None and row.given_up_at is None for row in office.messages())


def test_the_worker_ends_when_asked_and_outlives_a_database_that_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()

    def away(_self: working.Worker) -> bool:
        stop.set()
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(working.Worker, "send_next", away)
    office.people.worker.run(stop)
    assert "messages wait" in caplog.text


# --- words and settings


def test_every_message_has_words_in_every_language() -> None:
    about = About("000752831973", "ADM RN 26000001", "Found at Central.", "012345")
    for kind in Kind:
        for language in LANGUAGES:
            wording = compose(kind, language, about)
            assert "{" not in wording.subject + wording.text
            assert len(wording.text) < 320
            assert ("012345" in wording.text) == (kind is Kind.CHECK)
            shown = "0007 5283 1973" in wording.text
            assert shown == (kind is not Kind.CHECK)


@pytest.mark.parametrize(
    "value",
    ["a@b", "a@example.org\nBcc: all@example.org", "a@example.org, b@example.org", "<a@example.org>",
     "a b@example.org", "A <a@example.org>", "ä@example.org", "a@exämple.org", "@example.org", "a@", "",
     None, 5, "a@example.org\r\n"],
)  # fmt: skip
def test_only_one_plain_address_is_written_to(value: Any) -> None:
    assert address({"reporter": {"email": value}}, Channel.EMAIL) is None


@pytest.mark.parametrize(
    "value", ["91234567", "+0123456", "+852 9123 4567", "+1234567\n", "tel:+85291234567", None]
)
def test_only_one_plain_number_is_written_to(value: Any) -> None:
    assert address({"reporter": {"phone": value}}, Channel.SMS) is None


def test_no_header_can_be_added() -> None:
    for to in ("a\nBcc: b@example.org", "a@example.org\r\nSubject: x", "a@b@c\n"):
        with pytest.raises(DeliveryError):
            message(Letter("i", to, "en", "s", "t"), "c@example.org", Clock()()).as_bytes()
    with pytest.raises(ValueError, match="linefeed"):
        message(Letter("i", "a@example.org", "en", "s\nBcc: b@example.org", "t"), "c@example.org", Clock()())


def test_odd_documents_reach_nobody_and_break_nothing() -> None:
    odd: Any
    for odd in (
        None,
        [],
        "x",
        {},
        {"reporter": None},
        {"reporter": []},
        {"reporter": {"email": ["a@example.org"]}},
    ):
        assert reachable(odd) == ()
        assert contact_language(odd) == "en"
    assert contact_language({"ui_lang": "zh-Hans", "reporter": {"contact_lang": "xx"}}) == "zh-Hans"
    assert contact_language({"ui_lang": "zh-Hans", "reporter": {"contact_lang": "zh-Hant"}}) == "zh-Hant"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"email": {"by": "smtp"}}, "sending.email.smtp.host"),
        ({"email": {"by": "pigeon"}}, "sending.email"),
        (
            {"email": {"by": "smtp", "host": "relay.example", "security": "none"}},
            "only for a relay on this machine",
        ),
        ({"email": {"by": "smtp", "host": "relay.example", "user": "u"}}, "belong together"),
        ({"sms": {"by": "http", "url": "http://sms.example/"}}, "must be https"),
        ({"sms": {"by": "http", "url": "https://u:p@sms.example/"}}, "without a password"),
        ({"sms": {"by": "http", "url": "https://sms.example/", "body": {"to": "{to}"}}}, "{text}"),
        ({"sender": "x\n@y"}, "sending.sender"),
        ({"give_up_days": 0}, "sending.give_up_days"),
        ({"colour": "red"}, "sending.colour"),
    ],
)
def test_settings_say_what_is_wrong(section: Any, words: str) -> None:
    with pytest.raises(SendingError) as caught:
        read_settings(section)
    assert words in str(caught.value)


def test_senders_are_made_of_settings(certificates: Path) -> None:
    (certificates / "relay.password").write_text("s3cret\n")
    section = {
        "sender": "no-reply@police.example",
        "email": {"by": "smtp", "host": "relay.example", "user": "u", "password_file": "relay.password"},
        "sms": {
            "by": "http",
            "url": "https://sms.example/send",
            "token_file": "relay.password",
            "ca_file": "ca.pem",
        },
    }
    ways = senders(read_settings(section), certificates, Clock())
    mail, text = ways[Channel.EMAIL], ways[Channel.SMS]
    assert isinstance(mail, SmtpSender)
    assert isinstance(text, SmsSender)
    assert (mail.relay.password, mail.relay.security, mail.relay.port) == ("s3cret", Security.STARTTLS, 587)
    assert mail.relay.context.verify_mode is ssl.CERT_REQUIRED
    assert text.gateway.token == "s3cret"
    for broken in ({"password_file": "gone"}, {"ca_file": "relay.password"}):
        wrong = {"email": {**section["email"], **broken}}  # type: ignore[dict-item]
        with pytest.raises(SendingError):
            senders(read_settings(wrong), certificates, Clock())


def test_nothing_personal_is_logged_by_the_libraries(
    box: Mailbox, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    box.rcpt = "550 no such user"
    with relay(box, tls_context=server_tls) as port:
        reason(lambda: smtp(port, client_tls).send(LETTER))
    assert LETTER.to not in caplog.text


# --- what is about no report, and whom nothing is sent to ---

NOUNS = {
    "LOST_PROPERTY": ("報案", "报案", "report"),
    "ROAD_EVENT_PERMIT": ("申請", "申请", "application"),
    "CLOSED_AREA_PERMIT": ("申請", "申请", "application"),
    "COMPLAINT_AGAINST_POLICE": ("表格", "表格", "form"),
    "SUPPLEMENT": ("補充資料", "补充信息", "added information"),
    "of a later release": ("報案", "报案", "report"),
}
PRESENT = re.compile(r"complain|投訴|投诉|police officer|警員|警员", re.IGNORECASE)


@pytest.mark.parametrize("report_type", NOUNS)
@pytest.mark.parametrize("kind", [Kind.RECEIVED, Kind.ACCEPTED, Kind.REJECTED])
def test_a_message_names_what_was_handed_in(kind: Kind, report_type: str) -> None:
    for language, noun in zip(LANGUAGES, NOUNS[report_type], strict=True):
        wording = compose(kind, language, About("000752831973", "ADM 1", report_type=report_type))
        for text in (wording.subject, wording.text):
            assert noun in text
            assert noun in ("報案", "报案", "report") or not re.search("report|報案(?!機)|报案(?!机)", text)
            assert not PRESENT.search(text)


def complaint(*reach_not: str) -> dict[str, Any]:
    return document(report_type="COMPLAINT_AGAINST_POLICE", complaint={"reach_not": list(reach_not)})


def test_nothing_goes_to_a_visitor_who_wants_no_messages() -> None:
    assert reachable(complaint("no_message")) == ()
    assert reachable(complaint("no_post", "no_message", "no_others")) == ()
    assert address(complaint("no_message"), Channel.SMS) is None
    assert reachable(complaint("no_post", "no_others")) == tuple(Channel)
    odd: Any
    for odd in (7, "no_message", ["no_message"], {"reach_not": {"no_message": 1}}):
        assert reachable(document(complaint=odd)) == tuple(Channel)


def check_silence(office: Office) -> None:
    post = Post()
    worker = worker_of(office, post)
    chan = office.sign_in("chan", Role.OFFICER)
    # The key is that of reports: who may open it is another test's matter.
    case_id = office.receive(complaint("no_message"))
    chan.do(case_id, "take")
    chan.do(case_id, "accept", {"official_number": "F 1", "words": {"en": "Ask at Central."}})
    while worker.send_next():
        pass
    assert not post.sent, "a message was left where it is not safe"


def test_no_step_of_a_case_leaves_a_message_where_none_is_wanted(office: Office) -> None:
    check_silence(office)


def test_a_message_that_is_sent_all_the_same_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter, "_unwanted", lambda _document: frozenset())
    with pytest.raises(AssertionError, match="not safe"):
        check_silence(office)
