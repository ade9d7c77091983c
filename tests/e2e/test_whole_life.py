"""One kiosk and one centre through everything that happens to them: real processes, real TLS, one life.

The life is lived once; the tests look at what it left.
"""

import email
import email.policy
import json
import os
import re
import secrets
import signal
import ssl
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import apsw
import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner, Result

from central.cli import app as report_centre
from central.keys.authority import Authority, key_pem, new_key
from config.loader import load
from config.settings import Centre, Paths, Settings
from flows import reference
from flows.case import Attachment, Case
from flows.ports import Kept
from kiosk.development.parts import environment_of
from kiosk.post.central import Central
from kiosk.post.courier_client import Answered, CourierClient, Receipted, Said
from kiosk.post.enquiry import Enquiry
from kiosk.post.identity import certificate_life
from kiosk.post.keyset import load_key_set
from kiosk.post.outbox import Outbox, Status
from kiosk.post.outcomes import REVOKED, Alive, Reply
from kiosk.screens.keeper import Keeper
from tests.central.office import CANARIES, document

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(180)]

KIOSK = 7
PATIENCE_S = 20.0
PHOTO = b"\xff\xd8\xff" + secrets.token_bytes(40_000)
WORDS = {"en": "Please call in with your identity card.", "zh-Hant": "請攜同身份證到警署。"}
LISTENERS = ("gateway", "inbox", "public", "ops")


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` gives once that is something; other processes cannot be awaited otherwise."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
    return found


def script(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)


def typed(*words: object) -> Result:
    """What a person types at the centre, beside the server that runs."""
    return CliRunner().invoke(report_centre, [str(word) for word in words])


def said(*words: object) -> str:
    result = typed(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


class CentreProcess:
    """`report-centre serve` in `folder`; after a restart it listens where it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.urls: dict[str, str] = {}
        self.advice: list[str] = []
        """What it said after where it listens, once for each time it ran."""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        options = ("--port", "--inbox-port", "--public-port", "--ops-port")
        ports = [self.urls[name].rpartition(":")[2] if self.urls else "0" for name in LISTENERS]
        words = [word for pair in zip(options, ports, strict=True) for word in pair]
        command = [script("report-centre"), "serve", str(self.folder), *words]
        with (self.folder.parent / "centre.log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        for name in LISTENERS:
            told = self.process.stdout.readline().split()
            assert told[:1] == [name], "it says where it listens"
            self.urls[name] = told[-1]

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        self.advice.append(self.process.communicate()[0])
        status, self.process = self.process.returncode, None
        return status

    def at(self, listener: str, token: str = "") -> httpx.Client:
        """A client that trusts this centre alone."""
        trust = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.urls[listener], verify=trust, headers=headers, timeout=PATIENCE_S)

    def messages(self, kind: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.folder / "spool").glob(f"*/*.{kind}"))]


class KioskHere:
    """The screen's side of a kiosk, and its courier as a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log = settings.paths.keys.parent / "courier.log"
        self.heard: list[Said] = []
        self.client = CourierClient(settings.paths.courier_socket, self.heard.append)
        self.process: subprocess.Popen[bytes] | None = None
        self._keeper: Keeper | None = None

    def enrol(self, code: str, door: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script("kiosk"), "enrol", code, "--door", door],
            env={**os.environ, **environment_of(self.settings)},
            check=False,
            capture_output=True,
            text=True,
        )

    def start_courier(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [script("kiosk"), "courier"], env={**os.environ, **environment_of(self.settings)}, stderr=log
            )

    def stop_courier(self) -> int:
        assert self.process is not None
        self.process.terminate()
        status = self.process.wait()
        self.process = None
        return status

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.read_text().splitlines()]

    def keep(self, *photos: bytes, **changes: Any) -> Kept:
        """A visitor's report, as the screen keeps it."""
        if self._keeper is None:
            self._keeper = Keeper.open(self.settings, has_faults=lambda _: False)
        attachments = tuple(Attachment(f"p{number}", photo) for number, photo in enumerate(photos))
        kept = self._keeper.keep(Case(uuid.uuid4(), document(**changes), attachments))
        assert isinstance(kept, Kept)
        return kept

    def official_number(self, kept: Kept) -> str:
        """The number that the courier tells the screen, as soon as the centre has the case."""
        self.client.watch(kept.case_id)
        told: Receipted = until(lambda: self.told(kept.case_id))
        return told.official_number

    def told(self, case_id: UUID) -> Receipted | None:
        found = [each for each in list(self.heard) if isinstance(each, Receipted) and each.case_id == case_id]
        return found[0] if found else None

    def ask(self, question: dict[str, str]) -> dict[str, Any]:
        """A visitor's question through the courier, and the answer that only the visitor's screen opens."""
        enquiry = Enquiry(KIOSK, uuid.uuid4())
        recipient = load_key_set(self.settings.paths.keys).recipients(time.time()).primary
        self.client.enquire(enquiry.seal(question, recipient))

        def answer() -> Said | None:
            about = [each for each in list(self.heard) if _id(each) == enquiry.enquiry_id]
            return about[0] if about else None

        answered = until(answer)
        assert isinstance(answered, Answered), answered
        return enquiry.open_answer(answered.sealed)

    def outbox(self) -> Outbox:
        opened = Outbox.open(self.settings.paths.outbox, self.settings.post.quota_mb * 1_000_000)
        assert isinstance(opened, Outbox)
        return opened

    def status(self) -> Status:
        with closing(self.outbox()) as outbox:
            return outbox.status()

    def files(self) -> bytes:
        """All that is on the kiosk's disk."""
        base = self.settings.paths.keys.parent
        files = [path for path in base.rglob("*") if path.is_file()]
        # Not by this process: closing a file of SQLite would let go of the locks of its own connections.
        return subprocess.run(["cat", *files], check=True, capture_output=True).stdout

    def line(self) -> Central:
        """The kiosk's own connection to the centre."""
        return Central(self.settings.centre.url, self.settings.paths.keys, KIOSK, 5, "0.1.0")

    def close(self) -> None:
        self.client.close()
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def _id(each: Said) -> UUID | None:
    return getattr(each, "enquiry_id", None)


@dataclass
class Life:
    """What was seen, in the order of the life."""

    enrolled: str = ""
    first: Kept | None = None
    first_number: str = ""
    first_envelope: bytes = b""
    files_after_delivery: bytes = b""
    letters: list[Any] = field(default_factory=list)
    pdf: httpx.Response | None = None
    pdf_verified: str = ""
    forged_pdf: int = 0
    key_sets: list[int] = field(default_factory=list)
    kids: list[str] = field(default_factory=list)
    second: Any = None
    certificates: list[tuple[float, float]] = field(default_factory=list)
    queued_while_revoked: int = 0
    events_while_revoked: list[str] = field(default_factory=list)
    code_again: int = 0
    drained: list[str] = field(default_factory=list)
    listed: Any = None
    opened: Any = None
    photo: bytes = b""
    accepted: Any = None
    outsider: int = 0
    history: list[str] = field(default_factory=list)
    check: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    check_again: dict[str, Any] = field(default_factory=dict)
    too_often: dict[str, Any] = field(default_factory=dict)
    supplement: Any = None
    proof: Result | None = None
    proof_of_copy: Result | None = None
    proof_after_claim: Result | None = None
    envelopes: dict[int, bytes] = field(default_factory=dict)
    metrics: list[str] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


class Story:
    """Lives one life. Each chapter leaves what it saw in `life`."""

    def __init__(self, folder: Path) -> None:
        self.life = Life()
        self.centre = CentreProcess(folder / "centre")
        self.folder = folder
        self.house = ("--centre", self.centre.folder)
        self.kiosk: KioskHere | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.kiosk is not None:
            self.kiosk.close()
        if self.centre.process is not None:
            self.centre.stop()

    def begins(self) -> KioskHere:
        """A centre is made, and a technician enrols a kiosk at its door."""
        said("init", self.centre.folder)
        self.centre.start()
        base = self.folder / "kiosk"
        base.mkdir()
        settings = load(profile="demo", environ={}).model_copy(
            update={
                "kiosk_number": KIOSK,
                "centre": Centre(url=self.centre.urls["gateway"], deadline_s=5),
                "paths": Paths(state=base / "state", runtime=base / "run", keys=base / "keys"),
            }
        )
        self.kiosk = kiosk = KioskHere(settings)
        done = kiosk.enrol(self.code(), self.centre.urls["public"])
        assert done.returncode == 0, done.stderr
        self.life.enrolled = done.stdout
        return kiosk

    def code(self) -> str:
        return said("invite", KIOSK, *self.house, "--no-qr").split("\n", 1)[0]

    def a_case_is_delivered(self, kiosk: KioskHere) -> None:
        """Kept before there is a courier; sent, receipted, erased. The visitor gets a message."""
        life = self.life
        life.first = kept = kiosk.keep(PHOTO)
        with closing(kiosk.outbox()) as outbox:
            waiting = outbox.next_waiting()
            assert waiting is not None
            life.first_envelope = outbox.envelope(waiting.sequence)
        kiosk.start_courier()
        life.first_number = kiosk.official_number(kept)
        until(lambda: life.first_envelope[-200:-20] not in kiosk.files())
        life.files_after_delivery = kiosk.files()
        letters = until(lambda: self.centre.messages("eml"))
        life.letters = [email.message_from_bytes(each, policy=email.policy.default) for each in letters]

    def the_receipt_is_fetched(self) -> None:
        """A telephone follows the code on the paper."""
        assert self.life.first is not None
        kept, page = self.life.first, self.centre.urls["public"]
        address = reference.payload(kept.reference, kept.receipt_code, page)
        with self.centre.at("public") as telephone:
            self.life.pdf = telephone.get(address)
        file = self.folder / "receipt.pdf"
        file.write_bytes(self.life.pdf.content)
        self.life.pdf_verified = said("receipt", "verify", file, *self.house)
        file.write_bytes(self.life.pdf.content.replace(b"/Type /Page", b"/Type /page", 1))
        self.life.forged_pdf = typed("receipt", "verify", file, *self.house).exit_code

    def keys_and_certificate_grow_old(self, kiosk: KioskHere) -> None:
        """The centre rotates its keys; the kiosk's certificate is past half of its life.

        The courier hears of the one and sees the other with its next heartbeat: it makes one when it starts.
        """
        assert kiosk.stop_courier() == 0
        keys = kiosk.settings.paths.keys
        self.note_keys(kiosk)
        said("keys", "rotate", *self.house)
        key, issued = new_key(), datetime.now(UTC) - timedelta(days=60)
        old = Authority.load(self.centre.folder).certify_kiosk(KIOSK, key.public_key(), issued, 90)
        (keys / "identity.pem").write_bytes(old.public_bytes(Encoding.PEM) + key_pem(key))
        self.note_certificate(kiosk)
        kiosk.start_courier()
        until(lambda: {"key_set_installed", "certificate_renewed"} <= set(kiosk.events()))
        self.note_keys(kiosk)
        self.note_certificate(kiosk)
        second = kiosk.keep()
        kiosk.official_number(second)
        self.life.second = json.loads(said("show", second.reference, *self.house, "--json"))

    def note_keys(self, kiosk: KioskHere) -> None:
        key_set = load_key_set(kiosk.settings.paths.keys)
        self.life.key_sets.append(key_set.version)
        self.life.kids.append(key_set.recipients(time.time()).primary.kid)

    def note_certificate(self, kiosk: KioskHere) -> None:
        self.life.certificates.append(certificate_life(kiosk.settings.paths.keys))

    def an_officer_works(self) -> None:
        """Lists, opens, takes, accepts; an outsider is not let in."""
        assert self.life.first is not None
        case = f"/v1/cases/{self.life.first.case_id}"
        token = said("officers", "add", "chan", "--role", "officer", *self.house).strip()
        auditor = said("officers", "add", "yip", "--role", "auditor", *self.house).strip()
        with self.centre.at("inbox", token) as inbox:
            self.life.listed = inbox.get("/v1/cases", params={"state": "received"}).json()
            opened = inbox.post(f"{case}/open")
            self.life.opened = opened.json()
            self.life.photo = inbox.post(f"{case}/attachments/0/open").content
            taken = inbox.post(f"{case}/take", headers={"If-Match": opened.headers["ETag"]})
            decision = {"official_number": "ADM RN 26000123", "words": WORDS}
            version = {"If-Match": taken.headers["ETag"]}
            self.life.accepted = inbox.post(f"{case}/accept", headers=version, json=decision).json()
        with self.centre.at("inbox", "somebody") as inbox:
            self.life.outsider = inbox.get("/v1/cases").status_code
        with self.centre.at("inbox", auditor) as inbox:
            lines = inbox.get(f"{case}/history").json()["history"]
            self.life.history = [line["action"] for line in lines if line["actor"] == "chan"]

    def the_visitor_asks(self, kiosk: KioskHere) -> None:
        """At the screen, with the receipt and the digits that were sent; then adds something."""
        assert self.life.first is not None
        first = self.life.first
        receipt = {"reference": first.reference, "receipt_code": first.receipt_code}
        before = set(self.centre.messages("json")) | set(self.centre.messages("eml"))
        self.life.check = kiosk.ask({"ask": "check", **receipt})
        digits = until(lambda: self.digits(before))
        self.life.status = kiosk.ask({"ask": "status", "check": digits, **receipt})
        self.life.check_again = kiosk.ask({"ask": "status", "check": digits, **receipt})
        ticket = {"reference": first.reference, "ticket": self.life.status["ticket"]}
        more = kiosk.keep(supplement=ticket)
        kiosk.official_number(more)
        token = said("officers", "rotate", "chan", *self.house).strip()
        with self.centre.at("inbox", token) as inbox:
            self.life.supplement = inbox.get(f"/v1/cases/{more.case_id}").json()
        answers = (kiosk.ask({"ask": "check", **receipt}) for _ in range(6))
        self.life.too_often = next(each for each in answers if each["answer"] != "check_sent")

    def digits(self, before: set[bytes]) -> str | None:
        """The six digits of the newest text message."""
        for text in set(self.centre.messages("json")) - before:
            found = re.search(r"(?<!\d)\d{6}(?!\d)", json.loads(text)["text"])
            if found:
                return found[0]
        return None

    def the_kiosk_is_revoked(self, kiosk: KioskHere) -> None:
        """Reported stolen: it is refused, and goes on keeping reports. Enrolled again, it drains."""
        said("revoke", KIOSK, *self.house)
        with closing(kiosk.line()) as line:
            until(lambda: _is_revoked(line.heartbeat(Status(0, 0, 0, 0, 0, 0))))
        kept = [kiosk.keep(), kiosk.keep(PHOTO)]
        kiosk.client.watch(kept[0].case_id)
        until(lambda: "not_let_in" in kiosk.events())
        self.life.queued_while_revoked = kiosk.status().queued
        self.life.events_while_revoked = kiosk.events()
        code = self.code()
        assert kiosk.enrol(code, self.centre.urls["public"]).returncode == 0
        self.life.code_again = kiosk.enrol(code, self.centre.urls["public"]).returncode
        self.life.drained = [kiosk.official_number(each) for each in kept]

    def everything_is_counted(self, kiosk: KioskHere) -> None:
        """The proof holds; with a case taken away, or with one that never came, it does not."""
        assert kiosk.stop_courier() == 0
        status = kiosk.status()
        with closing(kiosk.line()) as line:
            assert isinstance(line.heartbeat(status), Alive)
            self.life.proof = typed("proof", *self.house, "--from-the-start", "--json")
            self.life.proof_of_copy = self.proof_without_the_second_case()
            claim = replace(status, last_sequence=status.last_sequence + 2)
            assert isinstance(line.heartbeat(claim), Alive)
        self.life.proof_after_claim = typed("proof", KIOSK, *self.house, "--json")
        self.life.metrics.append(self.metrics())
        self.life.ended.append(self.centre.stop())
        self.centre.start()  # it proves when it starts, and then each minute
        self.life.metrics.append(until(lambda: _alarmed(self.metrics())))
        self.life.ended.append(self.centre.stop())

    def proof_without_the_second_case(self) -> Result:
        copy = self.folder / "copy.db"
        with closing(apsw.Connection(str(self.centre.folder / "centre.db"))) as db:
            db.execute("VACUUM INTO ?", (str(copy),))
        with closing(apsw.Connection(str(copy))) as db:
            self.life.envelopes = dict(db.execute("SELECT sequence, envelope FROM cases"))
            db.execute("DELETE FROM cases WHERE sequence = 2")
        database = ("--database", f"sqlite:///{copy}")
        return typed("proof", *self.house, *database, "--from-the-start", "--json")

    def metrics(self) -> str:
        return httpx.get(f"{self.centre.urls['ops']}/metrics", timeout=PATIENCE_S).text


def _is_revoked(answer: object) -> bool:
    return isinstance(answer, Reply) and answer.problem == REVOKED


def _alarmed(metrics: str) -> str:
    return metrics if figure(metrics, "report_centre_chains_not_whole") else ""


def figure(metrics: str, name: str) -> float | None:
    """The value of a metric without labels, or with the labels in `name`."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", metrics, re.MULTILINE)
    return None if found is None else float(found[1])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    with Story(tmp_path_factory.mktemp("life")) as story:
        kiosk = story.begins()
        story.a_case_is_delivered(kiosk)
        story.the_receipt_is_fetched()
        story.keys_and_certificate_grow_old(kiosk)
        story.an_officer_works()
        story.the_visitor_asks(kiosk)
        story.the_kiosk_is_revoked(kiosk)
        story.everything_is_counted(kiosk)
    story.life.advice = story.centre.advice
    return story.life


def test_a_kiosk_is_enrolled_with_a_code_that_works_once(life: Life) -> None:
    assert "Kiosk 0007 is enrolled" in life.enrolled
    assert life.code_again == 1


def test_a_delivered_case_is_gone_from_the_kiosk(life: Life) -> None:
    assert re.fullmatch(r"ADM RN \d{8}", life.first_number)
    assert life.first_envelope[-200:-20] not in life.files_after_delivery
    assert PHOTO[100:200] not in life.files_after_delivery
    assert not [word for word in CANARIES if word.encode() in life.files_after_delivery]


def test_the_visitor_is_told_without_a_personal_word(life: Life) -> None:
    assert life.first is not None
    (letter,) = life.letters
    text = letter.get_content()
    assert letter["To"] == "tai.man@example.org"
    assert life.first.reference in text.replace(" ", "")
    assert life.first_number in text
    assert not [word for word in CANARIES if word in text or word in letter["Subject"]]


def test_the_code_on_the_paper_opens_a_signed_receipt(life: Life) -> None:
    assert life.pdf is not None
    assert life.pdf.status_code == 200
    assert life.pdf.headers["content-type"] == "application/pdf"
    assert life.pdf.content.startswith(b"%PDF-")
    assert "signed by this centre" in life.pdf_verified
    assert life.forged_pdf == 1


def test_a_rotated_key_reaches_the_kiosk_and_opens_what_it_seals(life: Life) -> None:
    assert life.key_sets == [1, 2]
    old, new = (kid.encode() for kid in life.kids)
    assert (old in life.envelopes[1], new in life.envelopes[1]) == (True, False)
    assert (old in life.envelopes[2], new in life.envelopes[2]) == (False, True)
    assert life.second["document"]["reporter"]["name_zh"] == CANARIES[1]


def test_a_certificate_past_half_of_its_life_is_renewed(life: Life) -> None:
    old, new = life.certificates
    assert new[1] > old[1] + 50 * 86_400


def test_the_officer_sees_the_case_and_the_history_says_so(life: Life) -> None:
    assert life.first is not None
    assert str(life.first.case_id) in {case["case"] for case in life.listed["cases"]}
    assert not [word for word in CANARIES if word in json.dumps(life.listed, ensure_ascii=False)]
    assert life.opened["document"]["reporter"]["name_zh"] == CANARIES[1]
    assert life.photo == PHOTO
    assert (life.accepted["state"], life.accepted["force_number"]) == ("accepted", "ADM RN 26000123")
    assert life.outsider == 401
    assert life.history == ["opened", "opened", "taken", "accepted"]


def test_the_visitor_hears_how_it_stands_once_for_each_check(life: Life) -> None:
    assert life.check == {"answer": "check_sent"}
    assert life.status["state"] == "accepted"
    assert life.status["official_number"] == "ADM RN 26000123"
    assert life.status["words"].items() >= WORDS.items()
    assert life.check_again == {"answer": "no_match"}


def test_more_information_is_joined_to_the_report(life: Life) -> None:
    assert life.first is not None
    assert life.supplement["supplement_to"] == str(life.first.case_id)


def test_who_asks_too_often_is_told_how_long_to_wait(life: Life) -> None:
    assert life.too_often["answer"] == "too_often"
    assert 0 < life.too_often["wait_s"] <= 3600


def test_a_revoked_kiosk_keeps_reports_and_sends_them_when_enrolled_again(life: Life) -> None:
    assert life.queued_while_revoked == 2
    assert "not_let_in" in life.events_while_revoked
    assert len(set(life.drained)) == 2


def test_the_proof_holds_and_misses_what_is_missing(life: Life) -> None:
    assert life.proof is not None
    assert life.proof_of_copy is not None
    assert life.proof_after_claim is not None
    (whole,) = json.loads(life.proof.stdout)
    assert life.proof.exit_code == 0
    assert (whole["whole"], whole["present"], whole["gaps"]) == (True, [[1, 5]], [])
    (robbed,) = json.loads(life.proof_of_copy.stdout)
    assert life.proof_of_copy.exit_code == 1
    assert [(gap["first"], gap["last"], gap["state"]) for gap in robbed["gaps"]] == [(2, 2, "missing")]
    (claimed,) = json.loads(life.proof_after_claim.stdout)
    assert life.proof_after_claim.exit_code == 1
    assert [(gap["first"], gap["last"], gap["state"]) for gap in claimed["gaps"]] == [(6, 7, "missing")]


def test_the_metrics_raise_the_alarm(life: Life) -> None:
    before, after = life.metrics
    assert figure(before, "report_centre_chains_not_whole") == 0
    assert figure(after, "report_centre_chains_not_whole") == 1
    assert figure(after, 'report_centre_chain_cases_absent{state="missing"}') == 2


def test_a_new_centre_says_what_to_type_next_and_an_old_one_does_not(life: Life) -> None:
    first, again = life.advice
    for line in (
        "report-centre invite 1 --centre .*/centre",
        r"kiosk enrol CODE --door https://127\.0\.0\.1:\d+",
        "report-centre officers add chan --role officer --centre .*/centre",
        r"curl --cacert .*/centre/ca\.pem .* https://127\.0\.0\.1:\d+/v1/cases",
    ):
        assert re.search(f"^  .*{line}$", first, re.MULTILINE), first
    assert again == ""


def test_the_centre_ends_when_asked(life: Life) -> None:
    assert life.ended == [0, 0]
