"""Planted bugs of uploads, rooms and survey: each makes one of the checks of this folder go red."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from central.centre import Centre
from central.inbox import api as inbox_api
from central.keys.keyring import Keyring
from central.recipients import Recipient
from central.sealed.files import Place
from central.store import inbox, uploads
from central.store.inbox import Role
from central.store.store import Store
from central.survey import tallies
from central.uploads import desk, incoming, kinds
from central.uploads.desk import FileState
from tests.central import test_recipients, test_tallies, test_upload_page, test_uploads
from tests.central.office import Office
from tests.central.phone import Way


@pytest.fixture
def database() -> None:
    """One database is enough."""


@pytest.fixture
def office(centre: Centre, store: Store, keyring: Keyring, sealing: Any) -> Office:
    return Office(centre, store, keyring, sealing)


def way_of(office: Office) -> Way:
    way = Way(office)
    way.open()
    return way


Plant = Callable[[pytest.MonkeyPatch], None]
Check = Callable[[Office], None]


def asks_any_kiosk(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk, "_own", lambda upload, _kiosk: upload)


def never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(uploads.Upload, "is_open", lambda self, _now: self.closed_at is None)


def keeps_what_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(uploads, "erase_files", lambda *_: 0)


def counts_one_too_many(patch: pytest.MonkeyPatch) -> None:
    load = uploads.load
    fewer: Any = lambda db, name: SimpleNamespace(files=load(db, name).files - 1, size=0)  # noqa: E731 - one patch
    patch.setattr(uploads, "load", fewer)


def believes_hashes(patch: pytest.MonkeyPatch) -> None:
    def same(named: Any, file: Any) -> Any:
        return desk.CaseFile(named.file_id, named.size, FileState.HERE if file else FileState.MISSING, file)

    patch.setattr(desk, "_compared", same)


def lets_anything_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incoming, "form_of", lambda head: kinds.form_of(head) or kinds.TEXT)
    patch.setattr(incoming, "_check_text", lambda *_, **__: None)


def lets_markup_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kinds, "_MARKUP", SimpleNamespace(search=lambda _words: None))


def looks_at_the_head_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incoming, "_check_text", lambda *_, **__: None)


def shows_in_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        inbox_api,
        "_download",
        lambda data, media_type, _name: inbox_api.Response(data, media_type=media_type),
    )


def forgets_the_last_piece(patch: pytest.MonkeyPatch) -> None:
    data = Place.piece_data
    patch.setattr(Place, "piece_data", lambda self, number, *, last: data(self, number, last=last and False))


def erases_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(desk, "KEPT_FOR_A_SILENT_KIOSK", dt.timedelta(hours=24))


def sees_the_other_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Role, "room", property(lambda _self: Recipient.COMPLAINTS))


def lists_both_rooms(patch: pytest.MonkeyPatch) -> None:
    conditions = inbox._conditions
    patch.setattr(inbox, "_conditions", lambda filters: conditions(filters)[1:])


def tells_history_of_both_rooms(patch: pytest.MonkeyPatch) -> None:
    listed = inbox.list_entries
    patch.setattr(
        inbox, "list_entries", lambda db, case, after, limit, _room=None: listed(db, case, after, limit)
    )


def shows_small_groups(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tallies, "FEWEST", 1)


def seals_to_reports(patch: pytest.MonkeyPatch) -> None:
    recipients = desk.Uploads.recipients
    patch.setattr(desk.Uploads, "recipients", lambda self, _whose: recipients(self, Recipient.REPORTS))


def with_way(check: Callable[[Way], None]) -> Check:
    return lambda office: check(way_of(office))


def with_both(check: Callable[[Office, Way], None]) -> Check:
    return lambda office: check(office, way_of(office))


def hostile(name: str) -> Check:
    return lambda office: test_upload_page.test_what_is_refused(way_of(office), name)


def unseen(role: Role) -> Check:
    return lambda office: test_recipients.test_nobody_else_sees_that_there_is_one(office, role)


def cut_files() -> None:
    test_uploads.test_a_sealed_file_opens_only_whole_and_in_its_place(600_000)


PLANTED: list[tuple[Plant, Check]] = [
    (asks_any_kiosk, with_way(test_uploads.test_nobody_but_its_kiosk_may_ask)),
    (never_ends, with_way(test_uploads.test_a_link_is_dead_after_its_time_and_after_closing)),
    (keeps_what_is_not_kept, with_both(test_uploads.test_what_is_not_kept_is_erased_at_once)),
    (counts_one_too_many, test_uploads.test_the_thirty_first_file),
    (believes_hashes, with_both(test_uploads.test_only_named_files_stay_and_differences_are_said)),
    (lets_anything_in, hostile("exe")),
    (lets_markup_in, hostile("svg")),
    (looks_at_the_head_alone, with_way(test_upload_page.test_text_is_followed_to_its_end)),
    (shows_in_place, with_both(test_uploads.test_from_the_phone_to_the_officer)),
    (
        forgets_the_last_piece,
        lambda _: test_uploads.test_a_sealed_file_opens_only_whole_and_in_its_place(600_000),
    ),
    (erases_too_early, with_both(test_uploads.test_a_kiosk_without_its_network_gets_two_weeks)),
    (sees_the_other_room, unseen(Role.SUPERVISOR)),
    (lists_both_rooms, unseen(Role.OFFICER)),
    (tells_history_of_both_rooms, unseen(Role.AUDITOR)),
    (shows_small_groups, test_tallies.test_few_answers_are_neither_shown_nor_summed),
    (seals_to_reports, test_uploads.test_complaints_are_sealed_to_their_own_keys),
]


@pytest.mark.parametrize(("plant", "check"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_a_planted_bug_is_noticed(
    office: Office, monkeypatch: pytest.MonkeyPatch, plant: Plant, check: Check
) -> None:
    plant(monkeypatch)
    with pytest.raises((AssertionError, LookupError, AttributeError, pytest.fail.Exception)):
        check(office)
