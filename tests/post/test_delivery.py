"""From "received" to the receipt of the centre: the real courier process, real TLS, the reference centre."""

import signal
import socket
import time
import uuid
from typing import Any
from uuid import UUID

import pytest

from central.centre import Centre
from kiosk.post.central import Central
from kiosk.post.courier_client import Answered, CourierStatus, NotAnswered
from kiosk.post.enquirer import Unanswered
from kiosk.post.enquiry import Enquiry
from kiosk.post.keyset import load_key_set
from kiosk.post.outbox import Status
from kiosk.post.outcomes import Alive, Failure, NoReply

CANARY = "CANARY-陳大文-A1234563"
PHOTOS = 4

pytestmark = pytest.mark.e2e


def test_a_case_travels_and_is_erased(centre: Any, new_kiosk: Any, new_screen: Any, wait_for: Any) -> None:
    centre.start()
    kiosk = new_kiosk()
    kiosk.start_courier()
    screen = new_screen(kiosk)
    case_id = kiosk.keep(photos=2)
    screen.client.watch(case_id)
    wait_for(lambda: screen.number_of(case_id))
    case = centre.archive.find(str(case_id))
    assert screen.number_of(case_id) == case.official_number == kiosk.office.official_number(case_id)
    assert centre.archive.document(case_id)["text"] == CANARY
    assert [photo[-1] for photo in centre.archive.attachments(case_id)] == [0, 1]
    assert kiosk.waiting() == 0
    # What was erased is in no file of the kiosk any more, not even as ciphertext.
    wait_for(lambda: case.envelope[-200:-20] not in kiosk.state_bytes())
    assert kiosk.end_courier() == 0
    assert kiosk.events()[-2:] == ["case_delivered", "process_stopped"]


def test_a_question_passes_sealed_and_its_answer_is_opened_by_who_asked(
    centre: Any, new_kiosk: Any, new_screen: Any, wait_for: Any
) -> None:
    kiosk = new_kiosk()
    kiosk.start_courier()
    screen = new_screen(kiosk)
    wait_for(lambda: any(getattr(said, "queued", None) == 0 for said in screen.said))
    recipient = load_key_set(kiosk.settings.paths.keys).recipients(time.time()).primary
    question = {"ask": "check", "reference": "000700000001", "receipt_code": "ABCDEFGHJK"}

    def ask() -> tuple[Enquiry, Any]:
        enquiry = Enquiry(7, uuid.uuid4())
        screen.client.enquire(enquiry.seal(question, recipient))

        def about() -> list[Any]:
            return [said for said in screen.said if getattr(said, "enquiry_id", None) == enquiry.enquiry_id]

        wait_for(about)
        return enquiry, about()[0]

    enquiry, heard = ask()
    assert heard == NotAnswered(enquiry.enquiry_id, Unanswered.UNREACHABLE)
    centre.start()
    enquiry, heard = ask()
    assert isinstance(heard, Answered)
    assert enquiry.open_answer(heard.sealed) == {"answer": "check_sent"}
    assert CANARY not in kiosk.log.read_text()
    assert "000700000001" not in kiosk.log.read_text()


def test_the_centre_is_down_and_comes_back(
    centre: Any, new_kiosk: Any, new_screen: Any, wait_for: Any
) -> None:
    kiosk = new_kiosk()
    kiosk.start_courier()
    screen = new_screen(kiosk)
    case_id = kiosk.keep(photos=1)
    wait_for(lambda: any(getattr(said, "queued", 0) for said in screen.said))
    assert not any(getattr(said, "reachable", False) for said in screen.said)
    centre.start()
    screen.client.watch(case_id)
    wait_for(lambda: screen.number_of(case_id))
    assert centre.case_ids() == [case_id]
    # A screen that asks later is told at once.
    later = new_screen(kiosk)
    later.client.watch(case_id)
    wait_for(lambda: later.number_of(case_id))


def test_two_kiosks_never_mix(centre: Any, new_kiosk: Any, new_screen: Any, wait_for: Any) -> None:
    centre.start()
    kiosks = [new_kiosk(1), new_kiosk(2)]
    kept = {kiosk.settings.kiosk_number: [kiosk.keep() for _ in range(5)] for kiosk in kiosks}
    for kiosk in kiosks:
        kiosk.start_courier()
        new_screen(kiosk).client.watch(kept[kiosk.settings.kiosk_number][0])
    wait_for(lambda: len(centre.case_ids()) == 10)
    for number, case_ids in kept.items():
        cases = [case for case in centre.archive.cases() if case.kiosk == number]
        assert [case.case_id for case in sorted(cases, key=lambda case: case.sequence)] == case_ids
    assert len({case.official_number for case in centre.archive.cases()}) == 10


def test_killed_at_any_moment_it_delivers_each_case_once(centre: Any, new_kiosk: Any, wait_for: Any) -> None:
    """Eight kills: before the first byte, after each photo, and when the centre has the case."""
    centre.start()
    kiosk = new_kiosk()
    kept: list[UUID] = []
    found = set()
    for number in range(8):
        kept.append(kiosk.keep(photos=PHOTOS))
        kiosk.start_courier()
        with _at_desk(kiosk, wait_for) as desk:
            _watch(desk, kept[-1])
            wait_for(lambda: _arrived(centre, kept[-1]) >= number % (PHOTOS + 2))  # noqa: B023 - called at once
            kiosk.end_courier(signal.SIGKILL)
        kiosk.settings.paths.courier_socket.unlink()
        found.add(_arrived(centre, kept[-1]))
    assert len(found) > 2, "the kills did not hit different moments"
    kiosk.start_courier()
    with _at_desk(kiosk, wait_for) as desk:
        _watch(desk, kept[-1])
        wait_for(lambda: kiosk.waiting() == 0, 30)
    assert sorted(centre.case_ids()) == sorted(kept)
    assert all(len(centre.archive.attachments(case_id)) == PHOTOS for case_id in kept)


def _arrived(centre: Any, case_id: UUID) -> int:
    """How much of a case the centre has: its photos, and one more for the case itself."""
    return len(centre.part_names(7, case_id)) + (centre.archive.find(str(case_id)) is not None)


def _watch(desk: socket.socket, case_id: UUID) -> None:
    desk.sendall(f'{{"ask": "watch", "case": "{case_id}"}}\n'.encode())


def _at_desk(kiosk: Any, wait_for: Any) -> socket.socket:
    desk = socket.socket(socket.AF_UNIX)
    wait_for(lambda: desk.connect_ex(str(kiosk.settings.paths.courier_socket)) == 0)
    return desk


def test_a_stolen_kiosk_holds_nothing_readable(new_kiosk: Any) -> None:
    kiosk = new_kiosk()
    case_id = kiosk.keep(photos=3)
    stolen = kiosk.state_bytes()
    for text in (CANARY, "陳大文", "A1234563", "CANARY"):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "big5hkscs"):
            assert text.encode(encoding) not in stolen
    assert b"\xff\xd8\xff" not in stolen
    assert case_id.bytes in stolen  # the search would have found what is there


def test_a_kiosk_with_the_number_of_another_is_not_let_in(centre: Any, new_kiosk: Any, wait_for: Any) -> None:
    centre.start()
    kiosk = new_kiosk(1)
    kiosk.settings = kiosk.settings.model_copy(update={"kiosk_number": 2})
    kiosk.keep()
    kiosk.start_courier()
    wait_for(lambda: "not_let_in" in kiosk.events())
    assert centre.case_ids() == []
    assert kiosk.waiting() == 1


def test_a_kiosk_of_another_centre_is_not_let_in(centre: Any, new_kiosk: Any, tmp_path: Any) -> None:
    centre.start()
    keys = new_kiosk(7).settings.paths.keys
    Centre(tmp_path / "other").init("ADM", ("localhost",))
    Centre(tmp_path / "other").enrol(7, tmp_path / "foreign", days=90)
    client = Central(centre.url, keys, 7, 5)
    assert isinstance(client.heartbeat(Status(0, 0, 0, 0, 0, 0)), Alive)
    client.close()
    (tmp_path / "foreign" / "identity.pem").replace(keys / "identity.pem")
    assert client.heartbeat(Status(0, 0, 0, 0, 0, 0)) == NoReply(Failure.CERTIFICATE_REJECTED)
    client.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_even_in_the_middle_of_a_call(centre: Any, new_kiosk: Any, number: int) -> None:
    with socket.create_server(("127.0.0.1", centre.port)) as mute:
        mute.settimeout(10)
        kiosk = new_kiosk()
        kiosk.start_courier()
        connection, _ = mute.accept()
        with connection:
            began = time.monotonic()
            assert kiosk.end_courier(number) == 0
            assert time.monotonic() - began < kiosk.settings.centre.deadline_s
    assert kiosk.events() == ["process_started", "process_stopped"]


def test_it_begins_without_keys_and_takes_them_when_they_come(
    centre: Any, new_kiosk: Any, new_screen: Any, wait_for: Any
) -> None:
    centre.start()
    kiosk = new_kiosk()
    case_id = kiosk.keep()
    certificate = kiosk.settings.paths.keys / "identity.pem"
    hidden = certificate.rename(certificate.with_suffix(".away"))
    kiosk.start_courier()
    screen = new_screen(kiosk)
    screen.client.watch(case_id)
    wait_for(lambda: "not_let_in" in kiosk.events())
    hidden.rename(certificate)
    screen.client.watch(case_id)
    wait_for(lambda: screen.number_of(case_id))


def test_a_damaged_outbox_is_told_and_left_alone(new_kiosk: Any, new_screen: Any, wait_for: Any) -> None:
    kiosk = new_kiosk()
    path = kiosk.settings.paths.outbox
    path.parent.mkdir(parents=True)
    path.write_text("no database" * 1000)
    kiosk.start_courier()
    screen = new_screen(kiosk)
    wait_for(lambda: "storage_failed" in kiosk.events())
    wait_for(lambda: CourierStatus(reachable=False) in screen.said)
    assert kiosk.office.problem().fault == "damaged"
    assert not kiosk.office.has_room(1)
    assert kiosk.end_courier() == 0
    assert path.read_text() == "no database" * 1000
