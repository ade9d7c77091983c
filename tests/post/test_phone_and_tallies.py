"""Files from phones, the survey's numbers, recipients: over the courier's socket, and with a real centre."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.event_names import Event
from kiosk.post.courier import central
from kiosk.post.courier_client import CourierClient, Said
from kiosk.post.keyset import KeySet, Recipient, Role, load_key_set
from kiosk.post.office import Office
from kiosk.post.outbox import NotKeptReason, Outbox
from kiosk.post.outcomes import Failure, NoReply, Reply
from kiosk.post.tallies import RETRY_S, Count, Tallies, TallyCarrier
from kiosk.post.uploads import UploadOrder, Way, parse_order
from tests.post.phone_door import ADDRESS, a_file
from tests.post.test_desk import DeskRunner

WaitFor = Callable[[Callable[[], object]], None]
DAY = date(2026, 11, 21)
SPREAD_S = 4 * 3600.0


def an_order(recipient: str = "reports") -> UploadOrder:
    return UploadOrder(uuid.uuid4(), recipient, 30, "en")


class Heard:
    """A screen's client, and what it was told of ways."""

    def __init__(self, path: Path) -> None:
        self.ways: list[Way] = []
        self.client = CourierClient(path, self._hear)

    def _hear(self, said: Said) -> None:
        if isinstance(said, Way):
            self.ways.append(said)

    @property
    def last(self) -> Way | None:
        return self.ways[-1] if self.ways else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskRunner]:
    runner = DeskRunner(tmp_path / "run" / "courier.sock")
    yield runner
    runner.uploads.stop()
    runner.close()


@pytest.fixture
def heard(desk: DeskRunner, wait_for: WaitFor) -> Iterator[Heard]:
    heard = Heard(desk.path)
    wait_for(lambda: heard.client._socket is not None)
    yield heard
    heard.client.close()


def test_what_arrives_is_told_at_once_and_dropped_when_asked(
    desk: DeskRunner, heard: Heard, wait_for: WaitFor
) -> None:
    order = an_order()
    heard.client.open_upload(order)
    wait_for(lambda: heard.last is not None and heard.last.is_open)
    assert heard.last is not None
    assert (heard.last.address, heard.last.files) == (ADDRESS, ())
    assert ADDRESS not in repr(heard.last)
    first, second = a_file(), a_file("video")
    desk.door.arrive(first)
    wait_for(lambda: heard.last is not None and heard.last.files == (first,))
    desk.door.arrive(second)
    heard.client.drop_file(order.upload_id, first.file_id)
    wait_for(lambda: heard.last is not None and heard.last.files == (second,))
    heard.client.close_upload(order.upload_id, keep=True)
    wait_for(lambda: ("close", order.upload_id, True) in desk.door.did)
    wait_for(lambda: desk.door.closed_lines == 1)


def test_thirty_files_fit_into_a_line(desk: DeskRunner, heard: Heard, wait_for: WaitFor) -> None:
    for _ in range(30):
        desk.door.arrive(a_file("document", 25_000_000))
    heard.client.open_upload(an_order())
    wait_for(lambda: heard.last is not None and len(heard.last.files) == 30)


def test_a_line_that_breaks_is_told_and_mended(desk: DeskRunner, heard: Heard, wait_for: WaitFor) -> None:
    desk.door.cut = True
    heard.client.open_upload(an_order())
    wait_for(lambda: heard.last is not None and not heard.last.is_reachable)
    desk.door.cut = False
    wait_for(lambda: heard.last is not None and heard.last.is_open)
    desk.door.cut = True
    wait_for(lambda: heard.last is not None and not heard.last.is_reachable)
    assert heard.last is not None
    assert heard.last.address == ADDRESS
    desk.door.cut = False
    wait_for(lambda: heard.last is not None and heard.last.is_reachable)
    desk.door.end()
    wait_for(lambda: heard.last is not None and not heard.last.is_open)


def test_a_killed_screen_leaves_no_open_way(desk: DeskRunner, heard: Heard, wait_for: WaitFor) -> None:
    order = an_order()
    heard.client.open_upload(order)
    wait_for(lambda: heard.last is not None and heard.last.is_open)
    heard.client.close()  # its case may be committed: the centre forgets what no case names
    wait_for(lambda: ("close", order.upload_id, True) in desk.door.did)


def test_without_a_courier_the_way_is_unreachable(tmp_path: Path, wait_for: WaitFor) -> None:
    heard = Heard(tmp_path / "nobody.sock")
    heard.client.open_upload(an_order())
    wait_for(lambda: heard.last is not None)
    assert heard.last is not None
    assert not heard.last.is_reachable
    heard.client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"},
        {"recipient": "everybody"},
        {"limit": 31},
        {"limit": True},
        {"language": "fr"},
    ],
)
def test_what_is_no_order_is_not_taken(wrong: dict[str, Any]) -> None:
    order = {"id": str(uuid.uuid4()), "recipient": "reports", "limit": 3, "language": "en"} | wrong
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse_order(order)


# --- the survey's numbers -----------------------------------------------------------------------------------


class Counters:
    def __init__(self) -> None:
        self.answer: NoReply | Reply | None = None
        self.had: list[tuple[date, list[Count]]] = []

    def put_tallies(self, day: date, counts: Sequence[Count]) -> NoReply | Reply | None:
        self.had.append((day, list(counts)))
        return self.answer


class Carrier:
    """A carrier with its centre and its clock; every day waits for half of the spread."""

    def __init__(self, path: Path) -> None:
        self.tallies = Tallies(path)
        self.centre = Counters()
        self.now = 0.0
        self.today = DAY
        self.log: list[object] = []
        self.carrier = TallyCarrier(
            self.tallies,
            self.centre,
            lambda event, **fields: self.log.append((event, fields)),
            lambda: self.now,
            lambda: self.today,
            lambda low, high: (low + high) / 2,
            SPREAD_S,
        )

    def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += RETRY_S
            self.carrier.attend(may_call=True)


@pytest.fixture
def carrier(tmp_path: Path) -> Carrier:
    carrier = Carrier(tmp_path / "outbox" / "tallies.db")
    for answers in ([("satisfied", "good"), ("easy", "good")], [("satisfied", "good")]):
        carrier.tallies.count(DAY, "lost_property", answers)
    return carrier


def test_a_day_is_carried_once_when_it_is_over_and_erased(carrier: Carrier) -> None:
    carrier.pass_(SPREAD_S)
    assert carrier.centre.had == []
    carrier.today += timedelta(days=1)
    carrier.pass_(RETRY_S)
    assert carrier.centre.had == []  # not at midnight: at a moment drawn by chance
    carrier.pass_(SPREAD_S)
    expected = [Count("lost_property", "easy", "good", 1), Count("lost_property", "satisfied", "good", 2)]
    assert carrier.centre.had == [(DAY, expected)]
    assert carrier.tallies.days_before(carrier.today) == []
    carrier.pass_(SPREAD_S)
    assert len(carrier.centre.had) == 1
    assert carrier.log == [(Event.TALLIES_CARRIED, {"outcome": "answered"})]


def test_a_day_stays_until_the_centre_has_it(carrier: Carrier) -> None:
    carrier.today += timedelta(days=1)
    carrier.centre.answer = NoReply(Failure.TIMED_OUT)
    carrier.pass_(SPREAD_S)
    assert len(carrier.centre.had) > 1
    assert carrier.tallies.days_before(carrier.today) == [DAY]
    carrier.centre.answer = None
    carrier.pass_(RETRY_S)
    assert carrier.tallies.days_before(carrier.today) == []
    assert carrier.centre.had[0] == carrier.centre.had[-1]


def test_the_table_holds_numbers_and_nothing_else(carrier: Carrier) -> None:
    with sqlite3.connect(carrier.tallies._path) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(tallies)")]
        rows = db.execute("SELECT * FROM tallies").fetchall()
    db.close()
    assert columns == ["day", "service", "question", "option", "count"]
    assert sorted(rows) == [
        ("2026-11-21", "lost_property", "easy", "good", 1),
        ("2026-11-21", "lost_property", "satisfied", "good", 2),
    ]


def test_a_damaged_table_stops_nothing(carrier: Carrier) -> None:
    carrier.tallies._path.write_bytes(b"no database" * 500)
    carrier.today += timedelta(days=1)
    carrier.pass_(SPREAD_S)
    assert carrier.centre.had == []


# --- with a real centre -------------------------------------------------------------------------------------


def test_a_real_centre_opens_watches_and_closes_a_way(centre: Any, new_kiosk: Any) -> None:
    centre.start()
    line = central(new_kiosk().settings)
    order = an_order()
    address = line.open_upload(order)
    assert isinstance(address, str)
    assert line.open_upload(order) == address
    way = line.poll_upload(order, address, 0, 0)
    assert isinstance(way, Way)
    assert (way.is_open, way.files, way.address) == (True, (), address)
    assert line.drop_file(order.upload_id, uuid.uuid4()) is None
    assert line.close_upload(order.upload_id, keep=False) is None
    line.close()


def test_a_real_centre_counts(centre: Any, new_kiosk: Any) -> None:
    centre.start()
    line = central(new_kiosk().settings)
    counts = [Count("lost_property", "satisfied", "good", 2)]
    today = datetime.now(UTC).date()
    assert line.put_tallies(today, counts) is None
    assert line.put_tallies(today, counts) is None
    refused = line.put_tallies(date(2000, 1, 1), counts)
    assert isinstance(refused, Reply)
    assert refused.status == 422
    line.close()


def test_the_courier_process_opens_a_way_and_survives_its_screen(
    centre: Any, new_kiosk: Any, wait_for: WaitFor
) -> None:
    centre.start()
    kiosk = new_kiosk()
    kiosk.start_courier()
    heard = Heard(kiosk.settings.paths.courier_socket)
    heard.client.open_upload(an_order())
    wait_for(lambda: heard.last is not None and heard.last.is_open)
    heard.client.close()
    wait_for(lambda: "upload_closed" in kiosk.events())
    assert "HTTPS://" not in kiosk.log.read_text()


# --- recipients ---------------------------------------------------------------------------------------------


class FixedKeySet:
    def __init__(self, key_set: KeySet) -> None:
        self.key_set = key_set

    def get(self) -> KeySet:
        return self.key_set


@pytest.fixture
def office(new_kiosk: Any) -> Office:
    """With keys of reports alone, a primary and an escrow key."""
    office: Office = new_kiosk().office
    known = load_key_set(office._key_set._keys)
    primary = next(key for key in known.sealing if key.role is Role.PRIMARY)
    reports = replace(primary, recipient=Recipient.REPORTS)
    keys = (reports, replace(reports, kid="e" * 16, role=Role.ESCROW))
    office._key_set = FixedKeySet(replace(known, sealing=keys))  # type: ignore[assignment]
    return office


def sealed_to(office: Office, recipient: Recipient) -> list[str] | NotKeptReason:
    kept = office.keep(uuid.uuid4(), lambda _slot: b"{}", recipient=recipient)
    if isinstance(kept, NotKeptReason):
        return kept
    outbox = office._opened()
    assert isinstance(outbox, Outbox)
    return [key["kid"] for key in json.loads(outbox.envelope(kept.sequence))["keys"]]


def with_complaints(office: Office, **changes: Any) -> None:
    known = office._key_set.get()
    key = replace(known.sealing[0], kid="c" * 16, recipient=Recipient.COMPLAINTS, **changes)
    office._key_set = FixedKeySet(replace(known, sealing=(*known.sealing, key)))  # type: ignore[assignment]


def test_a_complaint_is_sealed_to_its_office_alone(office: Office) -> None:
    first = office._key_set.get().sealing[0]
    with_complaints(office, not_before=first.not_before + 1)
    assert sealed_to(office, Recipient.COMPLAINTS) == ["c" * 16]
    assert sealed_to(office, Recipient.REPORTS) == [first.kid, "e" * 16]
    assert office.offices() == frozenset(Recipient)


def test_without_a_valid_key_a_complaint_is_not_sealed_at_all(office: Office) -> None:
    assert sealed_to(office, Recipient.COMPLAINTS) is NotKeptReason.NO_KEY
    assert office.offices() == {Recipient.REPORTS}
    with_complaints(office, not_after=1.0, not_before=0.0)
    assert sealed_to(office, Recipient.COMPLAINTS) is NotKeptReason.NO_KEY
    assert office._key_set.get().lapsed(2.0)


def _falls_back(patch: pytest.MonkeyPatch) -> None:
    right = KeySet.office

    def office(self: KeySet, recipient: Recipient, now: float) -> Any:
        return right(self, recipient, now) or self.recipients(now)

    patch.setattr(KeySet, "office", office)


def _adds_the_escrow(patch: pytest.MonkeyPatch) -> None:
    right = KeySet._of

    def of(self: KeySet, recipient: Recipient, role: Role) -> Any:
        return right(self, recipient, role) or right(self, Recipient.REPORTS, role)

    patch.setattr(KeySet, "_of", of)


def _ignores_recipients(patch: pytest.MonkeyPatch) -> None:
    def of(self: KeySet, _recipient: Recipient, role: Role) -> Any:
        return [key for key in self.sealing if key.role is role]

    patch.setattr(KeySet, "_of", of)


OFFICE_MUTANTS = {
    "an expired office falls back": (_falls_back, test_without_a_valid_key_a_complaint_is_not_sealed_at_all),
    "the escrow of reports opens it": (_adds_the_escrow, test_a_complaint_is_sealed_to_its_office_alone),
    "any primary key will do": (_ignores_recipients, test_a_complaint_is_sealed_to_its_office_alone),
}


@pytest.mark.parametrize("name", OFFICE_MUTANTS)
def test_a_wrong_office_is_found(office: Office, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plant, check = OFFICE_MUTANTS[name]
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check(office)


# --- planted bugs -------------------------------------------------------------------------------------------


def _erases_too_soon(patch: pytest.MonkeyPatch) -> None:
    right = Tallies.of

    def of(self: Tallies, day: date) -> list[Count]:
        counts = right(self, day)
        self.erase(day)
        return counts

    patch.setattr(Tallies, "of", of)


TALLY_MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Callable[[Carrier], None]]] = {
    "erased before it is acknowledged": (_erases_too_soon, test_a_day_stays_until_the_centre_has_it),
    "never erased": (
        lambda patch: patch.setattr(Tallies, "erase", lambda _self, _day: None),
        test_a_day_is_carried_once_when_it_is_over_and_erased,
    ),
    "carried at midnight": (
        lambda patch: patch.setattr(TallyCarrier, "_within_s", property(lambda _self: 0.0), raising=False),
        test_a_day_is_carried_once_when_it_is_over_and_erased,
    ),
}


@pytest.mark.parametrize("name", TALLY_MUTANTS)
def test_a_planted_bug_is_found(carrier: Carrier, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plant, check = TALLY_MUTANTS[name]
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check(carrier)
